package flows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flows"
)

func load(t *testing.T) *flowfile.Set {
	t.Helper()
	set, err := flowfile.LoadFS(ivr.Known{Queues: []string{"order", "service", "member"}}, flows.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range set.Warnings {
		t.Errorf("%v", w)
	}
	return set
}

// TestEveryChoiceLeadsToItsQueue walks the main flow with each choice, in both languages.
func TestEveryChoiceLeadsToItsQueue(t *testing.T) {
	flow := load(t).Flows["main"]
	at := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		digits string
		lang   ivr.Lang
		queue  string
		path   string
	}{
		{"1", ivr.Mandarin, "order", "[訂購]"},
		{"2", ivr.Mandarin, "service", "[售後服務]"},
		{"3", ivr.Mandarin, "member", "[會員]"},
		{"91", ivr.English, "order", "[訂購]"},
		{"93", ivr.English, "member", "[會員]"},
		{"992", ivr.Mandarin, "service", "[售後服務]"},
		{"", ivr.Mandarin, "service", "[]"},
		{"888", ivr.Mandarin, "service", "[]"},
	} {
		p, out := flow.Step(ivr.Position{}, ivr.Begin{}, at)
		if len(out.Say) != 1 || !out.BargeIn || !strings.HasPrefix(out.Say[0].Text, "好日生活") {
			t.Fatalf("welcome: %+v", out)
		}
		p, out = flow.Step(p, ivr.Played{}, at)
		if len(out.Say) != 1 || out.BargeIn || !strings.Contains(out.Say[0].Text, "全程錄音") {
			t.Fatalf("announcement of the recording: %+v", out)
		}
		if _, ignored := flow.Step(p, ivr.Digit{Digit: '1'}, at); !ignored.Idle() {
			t.Fatalf("the announcement of the recording can be skipped: %+v", ignored)
		}
		p, out = flow.Step(p, ivr.Played{}, at)
		for _, d := range []byte(tt.digits) {
			p, out = flow.Step(p, ivr.Digit{Digit: d}, at)
		}
		for n := 0; out.Queue == nil && n < 5; n++ {
			if out.Wait > 0 {
				p, out = flow.Step(p, ivr.Silence{}, at)
			} else {
				p, out = flow.Step(p, ivr.Played{}, at)
			}
		}
		if out.Queue == nil || string(out.Queue.ID) != tt.queue || out.Queue.Survey != "after-call" {
			t.Errorf("%q: %+v at step %s", tt.digits, out, p.Step)
			continue
		}
		if p.Lang != tt.lang || fmt.Sprint(p.Path) != tt.path {
			t.Errorf("%q: language %s, path %v", tt.digits, p.Lang, p.Path)
		}
		for _, why := range []string{ivr.Timeout, ivr.Unstaffed, ivr.Closed} {
			at2, end := flow.Step(p, ivr.Left{Result: why}, at)
			if why == ivr.Unstaffed {
				if end.Errand == nil || end.Errand.Service != ivr.ServiceTask || end.Errand.Send["kind"] != ivr.TaskCallback {
					t.Errorf("%q: nobody will call back: %+v", tt.digits, end)
				}
				_, end = flow.Step(at2, ivr.Returned{Result: ivr.Found}, at)
			}
			if why == ivr.Timeout {
				if _, kept := flow.Step(at2, ivr.Digit{Digit: '1'}, at); !kept.Record {
					t.Errorf("%q: nobody may leave a message: %+v", tt.digits, kept)
				}
				_, end = flow.Step(at2, ivr.Silence{}, at)
			}
			if !end.HangUp || len(end.Say) == 0 {
				t.Errorf("%q: nobody is told that the queue gave up: %s, %+v", tt.digits, why, end)
			}
		}
	}
}

// TestOrderProgressNeedsNoAgent walks the self-service of the main flow.
func TestOrderProgressNeedsNoAgent(t *testing.T) {
	flow := load(t).Flows["main"]
	at := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		answers []ivr.Returned
		says    string // last of all
		queue   string
	}{
		{[]ivr.Returned{{Result: ivr.Found, Values: map[string]string{"status": "shipped"}}}, "好日生活感謝您的來電，再見。", ""},
		{[]ivr.Returned{{Result: ivr.Found, Values: map[string]string{"status": "returned"}}}, "", "service"},
		{[]ivr.Returned{{Result: ivr.Found, Values: map[string]string{"status": "cancelled"}}}, "", "service"},
		{[]ivr.Returned{{Result: ivr.Missing}, {Result: ivr.Found, Values: map[string]string{"status": "placed"}}}, "好日生活感謝您的來電，再見。", ""},
		{[]ivr.Returned{{Result: ivr.Missing}, {Result: ivr.Missing}, {Result: ivr.Missing}}, "", "service"},
		{[]ivr.Returned{{Result: ivr.Failed}}, "", "service"},
		{[]ivr.Returned{{Result: ivr.Found}}, "", "service"}, // without its status
	} {
		p, out := flow.Step(ivr.Position{}, ivr.Begin{}, at)
		asked := 0
		for n := 0; out.Queue == nil && !out.HangUp && n < 30; n++ {
			switch {
			case out.Errand != nil && asked < len(tt.answers):
				if out.Errand.Caller != "phone" || out.Errand.Send["order_no"] != "1234" {
					t.Errorf("asks %+v", out.Errand)
				}
				p, out = flow.Step(p, tt.answers[asked], at)
				asked++
			case p.Step == "menu":
				p, out = flow.Step(p, ivr.Digit{Digit: '4'}, at)
			case p.Step == "which-order":
				for _, d := range []byte("1234#") {
					p, out = flow.Step(p, ivr.Digit{Digit: d}, at)
				}
			default:
				p, out = flow.Step(p, ivr.Played{}, at)
			}
		}
		if asked != len(tt.answers) {
			t.Errorf("%+v: asked %d times", tt.answers, asked)
		}
		if tt.queue == "" && (!out.HangUp || len(out.Say) != 1 || out.Say[0].Text != tt.says) {
			t.Errorf("%+v: %+v", tt.answers, out)
		}
		if tt.queue != "" && (out.Queue == nil || string(out.Queue.ID) != tt.queue) {
			t.Errorf("%+v: %+v", tt.answers, out)
		}
	}
}

// TestFallbackWordsAreThoseOfTheFlow keeps one recording for what both say.
func TestFallbackWordsAreThoseOfTheFlow(t *testing.T) {
	phrases := load(t).Flows["main"].Phrases()
	for _, lang := range []ivr.Lang{ivr.Mandarin, ivr.English} {
		for _, words := range [][]ivr.Phrase{ivr.AllBusy(lang), ivr.StillBusy(lang), ivr.Sorry(lang)} {
			if !slices.Contains(phrases, words[0]) {
				t.Errorf("the flow says %q in other words", words[0].Text)
			}
		}
	}
}
