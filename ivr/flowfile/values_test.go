package flowfile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/ivr"
	"hotline/ivr/survey"
)

// valued uses each key of the steps that work with values.
const valued = `
kind: flow
version: 1
id: valued
languages: [zh-TW, en]
start: number
takes: order
gives: [state, amount]
values:
  order: digits
  state: text
  amount: {kind: money}
  card: {kind: digits, secret: true}
prompts:
  hello: {zh-TW: 您好, en: Hello}
  state: {zh-TW: "您的訂單{order}{state}", en: "Your order {order} is {state}"}
steps:
  number:
    ask:
      value: order
      say: hello
      digits: 6-10
      barge-in: false
      timeout: {after: 8s, repeat: 1, next: bye}
      invalid: {say: hello, repeat: 3, next: bye}
      next: progress
  progress:
    lookup:
      service: orders
      send: {order_no: order, phone: caller}
      get: {state: state, amount: amount}
      say: hello
      found: which
      missing: again
      failed: call-back
  again:
    goto: {step: number, times: 2, then: bye}
  which:
    branch:
      value: amount
      cases:
        - {is: ["0"], next: say-state}
        - {from: "1", to: "999999", next: card}
      else: assume
  assume:
    set: {value: amount, to: "1", next: rename}
  rename:
    set: {value: state, from: language, next: card}
  card:
    ask: {value: card, say: hello, digits: 16, check: luhn, timeout: {next: bye}, invalid: {next: bye}, next: pay}
  pay:
    pay: {service: bank, send: {number: card, amount: amount}, say: hello, paid: say-state, declined: other, failed: call-back}
  other:
    flow: {id: identify, send: {order: order}, get: {name: state, sum: amount}, done: back, failed: bye}
  back:
    return: {}
  call-back:
    task: {kind: callback, queue: order, note: {zh-TW: "請回電{order}"}, done: bye, failed: bye}
  say-state:
    play: {say: state, next: bye}
  bye:
    hangup: {say: hello}
`

func TestStepsWithValuesAreRead(t *testing.T) {
	file, faults := Parse([]byte(valued))
	refuse(t, faults)
	to := func(step string) ivr.Target { return ivr.Target{Step: step} }
	hello := ivr.Say{{Key: "hello"}}
	if diff := cmp.Diff(map[string]ivr.Value{
		"order": {Kind: ivr.KindDigits}, "state": {Kind: ivr.KindText}, "amount": {Kind: ivr.KindMoney}, "card": {Kind: ivr.KindDigits, Secret: true},
	}, file.Flow.Values, noMarks); diff != "" {
		t.Errorf("values: %s", diff)
	}
	want := map[string]ivr.Action{
		"number": ivr.Ask{
			Value: "order", Say: hello, Min: 6, Max: 10, After: 8 * time.Second,
			Silent: ivr.Retry{Repeat: 1, Next: to("bye")}, Invalid: ivr.Retry{Say: hello, Repeat: 3, Next: to("bye")}, Next: to("progress"),
		},
		"progress": ivr.Lookup{
			Service: "orders", Send: []ivr.Pair{{Field: "order_no", Value: "order"}, {Field: "phone", Value: "caller"}},
			Get: []ivr.Pair{{Field: "state", Value: "state"}, {Field: "amount", Value: "amount"}}, Say: hello,
			Found: to("which"), Missing: to("again"), Failed: to("call-back"),
		},
		"again": ivr.Goto{Step: to("number"), Times: 2, Then: to("bye")},
		"which": ivr.Branch{
			Value: "amount", Else: to("assume"),
			Cases: []ivr.Case{{Is: []string{"0"}, Next: to("say-state")}, {From: "1", To: "999999", Next: to("card")}},
		},
		"assume": ivr.Set{Value: "amount", To: "1", Next: to("rename")},
		"rename": ivr.Set{Value: "state", From: "language", Next: to("card")},
		"card": ivr.Ask{
			Value: "card", Say: hello, BargeIn: true, Min: 16, Max: 16, Check: ivr.Luhn, After: defaultAsk,
			Silent: ivr.Retry{Repeat: defaultRepeat, Next: to("bye")}, Invalid: ivr.Retry{Repeat: defaultRepeat, Next: to("bye")}, Next: to("pay"),
		},
		"pay": ivr.Pay{
			Service: "bank", Send: []ivr.Pair{{Field: "number", Value: "card"}, {Field: "amount", Value: "amount"}}, Say: hello,
			Paid: to("say-state"), Declined: to("other"), Failed: to("call-back"),
		},
		"other": ivr.Sub{
			ID: "identify", Send: []ivr.Pair{{Field: "order", Value: "order"}}, Get: []ivr.Pair{{Field: "name", Value: "state"}, {Field: "sum", Value: "amount"}},
			Done: to("back"), Failed: to("bye"),
		},
		"back":      ivr.Return{},
		"call-back": ivr.Task{Kind: ivr.TaskCallback, Queue: "order", Note: ivr.Text{ivr.Mandarin: "請回電{order}"}, Done: to("bye"), Failed: to("bye")},
		"say-state": ivr.Play{Say: ivr.Say{{Key: "state"}}, BargeIn: true, Next: to("bye")},
		"bye":       ivr.HangUp{Say: hello},
	}
	got := map[string]ivr.Action{}
	for name, step := range file.Flow.Steps {
		got[name] = step.Do
	}
	if diff := cmp.Diff(want, got, noMarks); diff != "" {
		t.Errorf("steps: %s", diff)
	}
	written, err := MarshalFlow(file.Flow)
	if err != nil {
		t.Fatal(err)
	}
	again, faults := Parse(written)
	refuse(t, faults)
	again.Flow.Version = file.Flow.Version
	if diff := cmp.Diff(file.Flow, again.Flow, noMarks); diff != "" {
		t.Errorf("written and read: %s", diff)
	}
}

// TestSurveyWithBranchesIsRead, and read again as it is written.
func TestSurveyWithBranchesIsRead(t *testing.T) {
	file, faults := Parse([]byte(`
kind: survey
version: 1
id: branching
languages: [zh-TW]
thanks: {zh-TW: 謝謝}
questions:
  - {id: solved, kind: yesno, text: {zh-TW: 解決了嗎}, fail: end, then: {1: recommend, 2: why}}
  - {id: why, kind: choice, text: {zh-TW: 為什麼}, options: {1: {zh-TW: 商品}, 0: {zh-TW: 其他}}, then: {0: end}}
  - {id: recommend, kind: nps11, text: {zh-TW: 推薦嗎}}
`))
	refuse(t, faults)
	q := file.Survey.Questions
	if diff := cmp.Diff([]survey.Option{{Value: 1, Label: ivr.Text{"zh-TW": "商品"}}, {Value: 0, Label: ivr.Text{"zh-TW": "其他"}}}, q[1].Options, noMarks); diff != "" {
		t.Errorf("options: %s", diff)
	}
	if diff := cmp.Diff(map[int]survey.Jump{1: {Question: "recommend"}, 2: {Question: "why"}}, q[0].Then, noMarks); diff != "" {
		t.Errorf("jumps: %s", diff)
	}
	written, err := MarshalSurvey(file.Survey)
	if err != nil {
		t.Fatal(err)
	}
	again, faults := Parse(written)
	refuse(t, faults)
	again.Survey.Version = file.Survey.Version
	if diff := cmp.Diff(file.Survey, again.Survey, noMarks); diff != "" {
		t.Errorf("written and read: %s", diff)
	}
}
