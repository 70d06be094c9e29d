package survey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hotline/ivr/survey"
)

func text(words string) survey.Text {
	return survey.Text{survey.Mandarin: words, survey.English: words + "-en"}
}

func afterCall() *survey.Survey {
	return &survey.Survey{
		ID: "after-call", Version: "v1", Langs: []survey.Lang{survey.Mandarin, survey.English},
		Intro: text("intro"), Invalid: text("invalid"), Silent: text("silent"), Thanks: text("thanks"), Goodbye: text("bye"),
		Questions: []survey.Question{
			{ID: "sat", Kind: survey.CSAT5, Text: text("q1"), Wait: 6 * time.Second, Tries: 2, Fail: survey.Skip},
			{ID: "rec", Kind: survey.NPS11, Text: text("q2"), Wait: 8 * time.Second, Tries: 2, Fail: survey.End},
		},
	}
}

// show writes an output as one line.
func show(o survey.Output) string {
	var parts []string
	if o.Answer != nil {
		parts = append(parts, fmt.Sprintf("answer %s=%d", o.Answer.Question, o.Answer.Value))
	}
	if len(o.Say) > 0 {
		var words []string
		for _, p := range o.Say {
			words = append(words, p.Text)
		}
		parts = append(parts, "say "+strings.Join(words, "+"))
	}
	if o.Wait > 0 {
		parts = append(parts, "wait "+o.Wait.String())
	}
	if o.Done {
		parts = append(parts, "done")
	}
	return strings.Join(parts, ", ")
}

// input reads one letter of a script: a digit, B(egin), P(layed) or S(ilence).
func input(c byte) survey.Input {
	switch c {
	case 'B':
		return survey.Begin{}
	case 'P':
		return survey.Played{}
	case 'S':
		return survey.Silence{}
	default:
		return survey.Digit{Digit: c}
	}
}

func TestSurveyWalk(t *testing.T) {
	const (
		first  = "say intro+q1, wait 6s"
		second = "answer sat=5, say q2, wait 8s"
	)
	tests := []struct {
		name, script string
		want         []string
	}{
		{"five and nine", "BP5P9#", []string{first, "", second, "", "wait 3s", "answer rec=9, say thanks, done"}},
		{"ten at once", "B510", []string{first, second, "wait 3s", "answer rec=10, say thanks, done"}},
		{"one by a pause", "B51S", []string{first, second, "wait 3s", "answer rec=1, say thanks, done"}},
		{"zero ends at the hash", "B50#", []string{first, second, "wait 3s", "answer rec=0, say thanks, done"}},
		{"hash after a complete answer", "B5#10", []string{first, second, "", "wait 3s", "answer rec=10, say thanks, done"}},
		{"wrong, then right", "B65", []string{first, "say invalid+q1, wait 6s", second}},
		{"star is wrong", "B*", []string{first, "say invalid+q1, wait 6s"}},
		{"no key of a telephone", "B\xff", []string{first, "say invalid+q1, wait 6s"}},
		{"silence skips, silence ends", "BSSSS", []string{
			first, "say silent+q1, wait 6s", "say q2, wait 8s", "say silent+q2, wait 8s", "say bye, done",
		}},
		{"eleven is wrong", "B511", []string{first, second, "wait 3s", "say invalid+q2, wait 8s"}},
		{"a leading zero is wrong", "B507", []string{first, second, "wait 3s", "say invalid+q2, wait 8s"}},
		{"restart in a number", "B51B10", []string{first, second, "wait 3s", "say q2, wait 8s", "wait 3s", "answer rec=10, say thanks, done"}},
		{"after the end", "B510P#SB", []string{first, second, "wait 3s", "answer rec=10, say thanks, done", "done", "done", "done", "done"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var p survey.Position
			for i := range len(tt.script) {
				var out survey.Output
				p, out = afterCall().Step(p, input(tt.script[i]))
				if got := show(out); got != tt.want[i] {
					t.Fatalf("input %d (%q): got %q, want %q", i, tt.script[i], got, tt.want[i])
				}
				if (show(out) == "") != out.Idle() {
					t.Errorf("input %d: Idle() = %t for %q", i, out.Idle(), show(out))
				}
			}
		})
	}
}

// branching asks those whose matter is not settled for a reason, and those of one reason for nothing more.
func branching() *survey.Survey {
	return &survey.Survey{
		ID: "branching", Version: "v1", Langs: []survey.Lang{survey.Mandarin, survey.English},
		Invalid: text("invalid"), Silent: text("silent"), Thanks: text("thanks"),
		Questions: []survey.Question{
			{ID: "solved", Kind: survey.YesNo, Text: text("q1"), Wait: 6 * time.Second, Tries: 2, Fail: survey.Skip, Then: map[int]survey.Jump{1: {Question: "rec"}}},
			{
				ID: "why", Kind: survey.Choice, Text: text("q2"), Wait: 6 * time.Second, Tries: 2, Fail: survey.Skip,
				Options: []survey.Option{{Value: 1, Label: text("goods")}, {Value: 4, Label: text("tone")}}, Then: map[int]survey.Jump{4: {}},
			},
			{ID: "rec", Kind: survey.NPS11, Text: text("q3"), Wait: 6 * time.Second, Tries: 1, Fail: survey.End},
		},
	}
}

func TestBranchesOfASurvey(t *testing.T) {
	for script, want := range map[string]string{
		"B19#":  "say q1, wait 6s|answer solved=1, say q3, wait 6s|wait 3s|answer rec=9, say thanks, done",
		"B214#": "say q1, wait 6s|answer solved=2, say q2, wait 6s|answer why=1, say q3, wait 6s|wait 3s|answer rec=4, say thanks, done",
		"B24":   "say q1, wait 6s|answer solved=2, say q2, wait 6s|answer why=4, say thanks, done",
		"B23":   "say q1, wait 6s|answer solved=2, say q2, wait 6s|say invalid+q2, wait 6s", // no option
		"B3":    "say q1, wait 6s|say invalid+q1, wait 6s",
		"BSSSS": "say q1, wait 6s|say silent+q1, wait 6s|say q2, wait 6s|say silent+q2, wait 6s|say q3, wait 6s",
		"B2BS4": "say q1, wait 6s|answer solved=2, say q2, wait 6s|say q2, wait 6s|say silent+q2, wait 6s|answer why=4, say thanks, done",
	} {
		var p survey.Position
		var got []string
		for i := range len(script) {
			var out survey.Output
			p, out = branching().Step(p, input(script[i]))
			got = append(got, show(out))
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s:\n got %s\nwant %s", script, strings.Join(got, "|"), want)
		}
	}
}

func TestSurveySpeaksTheCallersLanguage(t *testing.T) {
	_, out := afterCall().Step(survey.Position{Lang: survey.English}, survey.Begin{})
	if got := show(out); got != "say intro-en+q1-en, wait 6s" {
		t.Errorf("got %q", got)
	}
	_, out = afterCall().Step(survey.Position{Lang: "ja"}, survey.Begin{})
	if got := show(out); got != "say intro+q1, wait 6s" {
		t.Errorf("an unknown language: got %q", got)
	}
}

func TestSurveyThatWasChangedThanks(t *testing.T) {
	for _, p := range []survey.Position{{Question: 7}, {Question: -1}, {Survey: "another", Question: 1}} {
		for _, in := range []survey.Input{survey.Begin{}, survey.Played{}, survey.Digit{Digit: '5'}, survey.Silence{}} {
			if _, out := afterCall().Step(p, in); show(out) != "say thanks, done" {
				t.Errorf("%+v, %T: got %q", p, in, show(out))
			}
		}
	}
}

// TestSurveyAlwaysEnds drives the survey with whatever a telephone can send.
func TestSurveyAlwaysEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom([]*survey.Survey{afterCall(), branching()}).Draw(t, "survey")
		p, out := s.Step(survey.Position{}, survey.Begin{})
		answers := map[string]int{}
		for steps := 0; !out.Done; steps++ {
			if steps > 500 {
				t.Fatalf("no end at %+v", p)
			}
			key := rapid.SampledFrom([]byte("0123456789*#PSSB")).Draw(t, "key")
			if steps > 100 {
				key = 'S' // nobody presses for ever
			}
			p, out = s.Step(p, input(key))
			if a := out.Answer; a != nil {
				answers[a.Question]++
				i := slices.IndexFunc(s.Questions, func(q survey.Question) bool { return q.ID == a.Question })
				if i < 0 || !s.Questions[i].Valid(a.Value) {
					t.Fatalf("no answer: %+v", a)
				}
			}
		}
		for q, n := range answers {
			if n > 1 {
				t.Fatalf("%s was answered %d times", q, n)
			}
		}
	})
}

func TestSurveyPhrasesAreEverythingItSays(t *testing.T) {
	got := afterCall().Phrases()
	if len(got) != 14 {
		t.Fatalf("%d phrases", len(got))
	}
	if got[0] != (survey.Phrase{Text: "intro", Lang: survey.Mandarin}) || got[13].Text != "bye-en" {
		t.Errorf("first %v, last %v", got[0], got[13])
	}
}

// TestASpokenCommentIsAnAnswer walks callers through a comment, with and without one.
func TestASpokenCommentIsAnAnswer(t *testing.T) {
	words := func(zh string) survey.Text { return survey.Text{survey.Mandarin: zh} }
	s := &survey.Survey{ID: "c", Langs: []survey.Lang{survey.Mandarin}, Silent: words("沒有聽到"), Thanks: words("謝謝"), Questions: []survey.Question{
		{ID: "words", Kind: survey.Comment, Text: words("請說"), Wait: time.Second, Tries: 2, Fail: survey.Skip, Longest: time.Minute},
	}}
	if faults := s.Check(); len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, c := range []struct {
		name     string
		in       []survey.Input
		answered bool
		said     string
	}{
		{"spoken", []survey.Input{survey.Taped{For: 9 * time.Second}}, true, "謝謝"},
		{"left out by a key", []survey.Input{survey.Digit{Digit: '1'}}, false, "謝謝"},
		{"not recorded", []survey.Input{survey.Taped{}}, false, "謝謝"},
		{"too short", []survey.Input{survey.Taped{For: time.Second}}, false, "沒有聽到"},
		{"too short twice", []survey.Input{survey.Taped{For: time.Second}, survey.Taped{For: time.Second}}, false, "謝謝"},
		{"asked again after a restart", []survey.Input{survey.Begin{}}, false, "請說"},
	} {
		p, out := s.Step(survey.Position{}, survey.Begin{})
		if !out.Record || out.Wait != 0 {
			t.Fatalf("%s: begins with %+v", c.name, out)
		}
		for _, in := range c.in {
			p, out = s.Step(p, in)
		}
		if got := out.Answer != nil && out.Answer.Spoken && out.Answer.Value == 1; got != c.answered || out.Say[0].Text != c.said {
			t.Errorf("%s: %+v at %+v", c.name, out, p)
		}
	}
}
