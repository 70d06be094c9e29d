package ctitest

import (
	"maps"
	"slices"
	"strings"
	"time"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/ivr"
	"hotline/ivr/survey"
)

// The line, the queues and the survey that scripts and simulations use.
const (
	DemoLine     = "+886800000123"
	QueueOrder   = id.QueueID("order")
	QueueService = id.QueueID("service")
	QueueNobody  = id.QueueID("nobody") // has no members
	mostKeyed    = 19                   // digits of a card
	RefuseKey    = "0"                  // refuses the recording, at the step "consent"
	SurveyID     = "after-call"
	opinionID    = "opinion"
	deskID       = "desk"
	// OutsideNumber answers every second call.
	OutsideNumber = "+886277001234"
)

// Flow is a small flow with all that a call can meet: a welcome that a key interrupts, a menu, two languages, a recording
// that can be refused and one that is not allowed, queues that speak place and wait, a survey after the talk, and an end for each way out.
func Flow() *ivr.Flow {
	prompts := map[string]ivr.Prompt{}
	prompt := func(key, zh, en string) ivr.Say {
		prompts[key] = ivr.Prompt{Text: ivr.Text{ivr.Mandarin: zh, ivr.English: en}}
		return ivr.Say{{Key: key}}
	}
	to := func(step string) ivr.Target { return ivr.Target{Step: step} }
	choice := func(digit, zh, en, step string) ivr.Choice {
		return ivr.Choice{Digits: digit, Label: ivr.Text{ivr.Mandarin: zh, ivr.English: en}, Next: to(step)}
	}
	busy := prompt("busy", "客服人員忙線中，請稍候。", "All agents are busy. Please hold.")
	waiting := prompt("waiting", "感謝您的等候。", "Thank you for waiting.")
	queue := func(name id.QueueID) ivr.Step {
		return ivr.Step{Do: ivr.Queue{
			ID: name, Survey: SurveyID, Busy: busy, Waiting: waiting, Every: 45 * time.Second, Place: true, Wait: true,
			Timeout: to("too-long"), Unstaffed: to("nobody"), Closed: to("nobody"), Done: to("goodbye"),
		}}
	}
	off := queue(QueueService).Do.(ivr.Queue)
	off.Recording = ivr.Off
	unrecorded := ivr.Step{Do: off}
	again := prompt("again", "請再按一次。", "Please press again.")
	return &ivr.Flow{
		ID: "main", Version: "test", Langs: []ivr.Lang{ivr.Mandarin, ivr.English}, Zone: time.UTC, Outside: []string{"+8862"},
		Start: "welcome", Lost: "nobody",
		Prompts: prompts,
		Values: map[string]ivr.Value{
			"order": {Kind: ivr.KindDigits}, "status": {Kind: ivr.KindText}, "card": {Kind: ivr.KindDigits, Secret: true},
			"country": {Kind: ivr.KindText}, "desk": {Kind: ivr.KindText},
		},
		Steps: map[string]ivr.Step{
			"welcome": {Do: ivr.Play{
				Say:     prompt("welcome", "您好，通話將會錄音。", "Welcome. This call is recorded."),
				BargeIn: true, Next: to("menu"),
			}},
			"menu": {Do: ivr.Menu{
				Say:     prompt("menu", "訂購請按1，售後服務請按2，英語請按9。", "For orders press 1, for service press 2."),
				BargeIn: true, After: 5 * time.Second,
				Silent:  ivr.Retry{Say: again, Repeat: 1, Next: to("order")},
				Invalid: ivr.Retry{Say: again, Repeat: 2, Next: to("order")},
				Choices: []ivr.Choice{
					choice("1", "訂購", "orders", "order"), choice("2", "售後服務", "service", "service"),
					choice("3", "客訴", "complaints", "none"), choice("4", "諮詢", "advice", "consent"),
					choice("5", "申訴", "appeals", "unrecorded"), choice("9", "英語", "English", "english"),
					choice("6", "進度", "progress", "which"), choice("8", "付款", "payment", "card"), choice("0", "回電", "call back", "leave"), choice("71", "留言", "message", "speak"), choice("72", "意見", "opinion", "opinion"), choice("73", "銀行", "bank", "bank"), choice("74", "商品", "goods", "goods"),
				},
			}},
			"consent": {Do: ivr.Consent{
				Say:    prompt("consent", "通話將會錄音，不同意請按0。", "This call is recorded. To refuse, press 0."),
				Refuse: RefuseKey, After: 3 * time.Second, Refused: to("refused"), Next: to("service"),
			}},
			"refused": {Do: ivr.Play{Say: prompt("refused", "本次通話不會錄音。", "This call is not recorded."), Next: to("service")}},
			"which": {Do: ivr.Ask{
				Value: "order", Say: prompt("which", "請輸入訂單後四碼。", "Enter the last four digits."), BargeIn: true, Min: 4, Max: 4, After: 5 * time.Second,
				Silent: ivr.Retry{Say: again, Repeat: 1, Next: to("order")}, Invalid: ivr.Retry{Say: again, Repeat: 2, Next: to("order")}, Next: to("look"),
			}},
			"look": {Do: ivr.Lookup{
				Service: "orders", Send: []ivr.Pair{{Field: "order_no", Value: "order"}, {Field: "phone", Value: "caller"}},
				Get: []ivr.Pair{{Field: "status", Value: "status"}}, Say: prompt("look", "查詢中。", "One moment."),
				Found: to("is-status"), Missing: to("other"), Failed: to("leave"),
			}},
			"other":     {Do: ivr.Goto{Step: to("which"), Times: 1, Then: to("order")}},
			"is-status": {Do: ivr.Branch{Value: "status", Cases: []ivr.Case{{Is: []string{"returned"}, Next: to("leave")}}, Else: to("say-status")}},
			"say-status": {Do: ivr.HangUp{
				Say: prompt("say-status", "訂單{order}：{status}。", "Order {order}: {status}."),
			}},
			"card": {Do: ivr.Ask{
				Value: "card", Say: prompt("card", "請輸入卡號。", "Enter the number of your card."), BargeIn: true, Min: 12, Max: mostKeyed, Check: ivr.Luhn, After: time.Minute,
				Silent: ivr.Retry{Say: again, Repeat: 1, Next: to("order")}, Invalid: ivr.Retry{Say: again, Repeat: 1, Next: to("order")}, Next: to("pay"),
			}},
			"pay": {Do: ivr.Pay{
				Service: "bank", Send: []ivr.Pair{{Field: "card", Value: "card"}}, Say: prompt("pay", "付款中。", "One moment."),
				Paid: to("goodbye"), Declined: to("order"), Failed: to("leave"),
			}},
			"leave": {Do: ivr.Task{Kind: ivr.TaskCallback, Note: ivr.Text{ivr.Mandarin: "請回電"}, Done: to("left"), Failed: to("order")}},
			"speak": {Do: ivr.Message{
				Say: prompt("speak", "請留言。", "Please leave a message."), Longest: time.Minute, Shortest: 2 * time.Second,
				Review: prompt("review", "確定請按1，重錄請按2。", "To send it, press 1. To speak again, press 2."), After: 5 * time.Second,
				Empty: ivr.Retry{Say: again, Repeat: 1, Next: to("order")}, Queue: string(QueueService),
				Note: ivr.Text{ivr.Mandarin: "留言"}, Done: to("left"), Failed: to("leave"),
			}},
			"bank": {Do: ivr.Transfer{
				To: OutsideNumber, Say: prompt("bank", "為您轉接銀行。", "Connecting you with the bank."), Ring: 20 * time.Second, Done: to("goodbye"), Failed: to("order"),
			}},
			"goods": {Do: ivr.Set{Value: "country", To: "TW", Next: to("desk")}},
			"desk": {Do: ivr.Sub{
				ID: deskID, Send: []ivr.Pair{{Field: "from", Value: "country"}}, Get: []ivr.Pair{{Field: "desk", Value: "desk"}}, Done: to("which-desk"), Failed: to("order"),
			}},
			"which-desk": {Do: ivr.Branch{Value: "desk", Cases: []ivr.Case{{Is: []string{"service"}, Next: to("service")}}, Else: to("order")}},
			"opinion":    {Do: ivr.Survey{ID: opinionID, Next: to("goodbye")}},
			"left":       {Do: ivr.HangUp{Say: prompt("left", "我們將回電給您。", "We will call you back.")}},
			"english":    {Do: ivr.Language{Set: ivr.English, Next: to("menu")}},
			"order":      queue(QueueOrder),
			"service":    queue(QueueService),
			"none":       queue(QueueNobody),
			"unrecorded": unrecorded,
			"too-long":   {Do: ivr.HangUp{Say: prompt("too-long", "抱歉讓您久候，請稍後再撥。", "We are sorry. Please call later.")}},
			"nobody":     {Do: ivr.HangUp{Say: prompt("nobody", "目前無人服務，請稍後再撥。", "Nobody is here now. Please call later.")}},
			"goodbye":    {Do: ivr.HangUp{Say: prompt("goodbye", "感謝您的來電。", "Thank you for calling.")}},
		},
	}
}

// Desk is a flow that the other one enters: it asks for a kind of goods and gives back the desk for it. Whoever presses
// nothing is put through to service by itself, and comes back after that.
func Desk() *ivr.Flow {
	both := func(zh, en string) ivr.Prompt {
		return ivr.Prompt{Text: ivr.Text{ivr.Mandarin: zh, ivr.English: en}}
	}
	to := func(step string) ivr.Target { return ivr.Target{Step: step} }
	give := func(desk string) ivr.Step { return ivr.Step{Do: ivr.Set{Value: "desk", To: desk, Next: to("back")}} }
	return &ivr.Flow{
		ID: deskID, Version: "test", Langs: []ivr.Lang{ivr.Mandarin, ivr.English}, Zone: time.UTC, Start: "kind",
		Takes: []string{"from"}, Gives: []string{"desk"},
		Values:  map[string]ivr.Value{"from": {Kind: ivr.KindText}, "desk": {Kind: ivr.KindText}},
		Prompts: map[string]ivr.Prompt{"kind": both("{from}電器請按1，服飾請按2。", "{from} appliances, press 1. Clothes, press 2.")},
		Steps: map[string]ivr.Step{
			"kind": {Do: ivr.Menu{
				Say: ivr.Say{{Key: "kind"}}, BargeIn: true, After: 30 * time.Second,
				Silent: ivr.Retry{Next: to("person")}, Invalid: ivr.Retry{Repeat: 1, Next: to("person")},
				Choices: []ivr.Choice{
					{Digits: "1", Label: ivr.Text{ivr.Mandarin: "電器", ivr.English: "appliances"}, Next: to("service")},
					{Digits: "2", Next: to("order")},
				},
			}},
			"service": give(string(QueueService)),
			"order":   give(string(QueueOrder)),
			"person":  {Do: ivr.Queue{ID: QueueService, Survey: SurveyID, Timeout: to("order"), Unstaffed: to("order"), Closed: to("order"), Done: to("order")}},
			"back":    {Do: ivr.Return{}},
		},
	}
}

// Swapped is the flow as somebody published it anew: order and service have changed places in the menu.
func Swapped(f *ivr.Flow) *ivr.Flow {
	s := *f
	s.Version = f.Version + "-swapped"
	s.Steps = maps.Clone(f.Steps)
	menu := s.Steps["menu"].Do.(ivr.Menu)
	menu.Choices = slices.Clone(menu.Choices)
	for i, c := range menu.Choices {
		switch c.Next.Step {
		case "order":
			menu.Choices[i].Digits = "2"
		case "service":
			menu.Choices[i].Digits = "1"
		}
	}
	s.Steps["menu"] = ivr.Step{Do: menu}
	return &s
}

// Serve is what the services of the flow answer: order 1234 is shipped and 4321 returned, for 9999 the service is away, and
// there is no other; the bank takes every card but those that end in 0002.
func Serve(e ivr.Errand, secrets map[string]string) ivr.Returned {
	r := ivr.Returned{Result: ivr.Missing}
	for _, secret := range e.Secret {
		if secrets[secret] == "" {
			return ivr.Returned{Result: ivr.Failed}
		}
	}
	switch e.Service {
	case "orders":
		switch e.Send["order_no"] {
		case "1234":
			r = ivr.Returned{Result: ivr.Found, Values: map[string]string{"status": "shipped"}}
		case "4321":
			r = ivr.Returned{Result: ivr.Found, Values: map[string]string{"status": "returned"}}
		case "9999":
			r.Result = ivr.Failed
		}
	case "bank":
		if !strings.HasSuffix(secrets[e.Secret["card"]], "0002") {
			r.Result = ivr.Found
		}
	case ivr.ServiceCheck:
		if ivr.PassesCheck(e.Send["check"], secrets[e.Secret["digits"]]) {
			r.Result = ivr.Found
		}
	case ivr.ServiceTask:
		r.Result = ivr.Found
	}
	return r
}

// Opinion asks for a spoken comment.
func Opinion() *survey.Survey {
	return &survey.Survey{
		ID: opinionID, Version: "test", Langs: []survey.Lang{survey.Mandarin},
		Silent: survey.Text{survey.Mandarin: "沒有聽到您的意見。"}, Thanks: survey.Text{survey.Mandarin: "謝謝您的意見。"},
		Questions: []survey.Question{{
			ID: "words", Kind: survey.Comment, Text: survey.Text{survey.Mandarin: "請說出您的意見。"},
			Wait: 5 * time.Second, Tries: 2, Fail: survey.Skip, Longest: 30 * time.Second,
		}},
	}
}

// Survey is satisfaction and recommendation.
func Survey() *survey.Survey {
	both := func(zh, en string) survey.Text { return survey.Text{survey.Mandarin: zh, survey.English: en} }
	return &survey.Survey{
		ID: SurveyID, Version: "test", Langs: []survey.Lang{survey.Mandarin, survey.English},
		Intro:   both("請為本次服務評分。", "Please rate this call."),
		Invalid: both("輸入錯誤。", "That is not valid."),
		Silent:  both("沒有收到您的輸入。", "We did not hear a key."),
		Thanks:  both("謝謝您的回答。", "Thank you for your answers."),
		Questions: []survey.Question{
			{
				ID: "satisfaction", Kind: survey.CSAT5, Text: both("滿意請按5，不滿意請按1。", "Press 1 to 5."),
				Wait: 5 * time.Second, Tries: 2, Fail: survey.Skip,
			},
			{
				ID: "recommend", Kind: survey.NPS11, Text: both("推薦意願請按0到10，按井字結束。", "Press 0 to 10, then hash."),
				Wait: 5 * time.Second, Tries: 2, Fail: survey.Skip,
			},
		},
	}
}

// Config is a floor with that flow and these agents: the first four fifths of them, and at least one, take orders; the
// last four fifths give service.
func Config(agents []id.AgentID) cti.Configured {
	n := len(agents)
	return cti.Configured{
		Flows: []*ivr.Flow{Flow(), Desk()}, Surveys: []*survey.Survey{Survey(), Opinion()},
		Agents: agents, Reasons: []string{"break", "lunch"}, Dispositions: []string{"done", "callback"},
		Queues: []cti.QueueConfig{
			{ID: QueueOrder, Members: agents[:(4*n+4)/5], WrapUp: 30 * time.Second, LongestWait: 5 * time.Minute},
			{ID: QueueService, Members: agents[n/5:], WrapUp: time.Minute, LongestWait: 10 * time.Minute},
			{ID: QueueNobody},
		},
	}
}
