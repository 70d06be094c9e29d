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
		{"03", ivr.Mandarin, "member", "[會員]"},
		{"91", ivr.English, "order", "[訂購]"},
		{"903", ivr.English, "member", "[會員]"},
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
			if _, end := flow.Step(p, ivr.Left{Result: why}, at); !end.HangUp || len(end.Say) == 0 {
				t.Errorf("%q: nobody is told that the queue gave up: %s, %+v", tt.digits, why, end)
			}
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
