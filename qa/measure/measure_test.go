package measure

import (
	"strings"
	"testing"

	"hotline/qa/rule"
)

func at(class, phrase string, role rule.Role, start, end int) rule.Finding {
	return rule.Finding{Class: class, Phrase: phrase, Role: role, Start: &start, End: &end}
}

const truth = `{"opening": true, "closing": false, "empathy": true, "utterances": [
	{"role": "agent", "text": "這是公司政策，您應該看一下", "start": 1, "end": 5, "phrases": ["這是公司政策", "您應該"]},
	{"role": "caller", "text": "這是公司政策？", "start": 6, "end": 8, "interrupts": true},
	{"role": "agent", "text": "卡號", "kind": "pii", "type": "card", "start": 20, "end": 24, "silence_before": 9}]}`

func TestWhatIsFoundAndWhatIsNot(t *testing.T) {
	known, err := ParseTruth([]byte(truth))
	if err != nil {
		t.Fatal(err)
	}
	r := NewReport()
	r.Add("a", known, []rule.Finding{
		at("phrase", "這是公司政策", rule.Agent, 600, 2000), // 0.4 s early
		at("phrase", "您應該", rule.Agent, 6500, 7000),   // 1.5 s late: wrong, and the true one is missed
		at("phrase", "絕對", rule.Agent, 3000, 3500),
		at("interruption", "", rule.Caller, 6100, 8000),
		at("silence", "", "", 11_200, 19_900),
		at("card", "", rule.Agent, 20_500, 23_000),
		at("opening", "您好", rule.Agent, 0, 900),
		{Class: "closing", Role: rule.Agent},
		{Class: "empathy", Role: rule.Agent},
	})
	phrase := *r.Things["phrase"]
	if phrase.There != 2 || phrase.Found != 1 || phrase.Wrong != 2 || phrase.Recall() != .5 || phrase.Worst < .39 || phrase.Worst > .41 {
		t.Errorf("phrases: %+v", phrase)
	}
	for _, class := range []string{"interruption", "silence", "card"} {
		if g := r.Things[class]; g.There != 1 || g.Found != 1 || g.Wrong != 0 {
			t.Errorf("%s: %+v", class, g)
		}
	}
	if r.Must.There != 3 || r.Must.Found != 2 || strings.Join(r.Must.Misses, "; ") != "a: missed the empathy" {
		t.Errorf("must: %+v", r.Must)
	}
	all := strings.Join(phrase.Misses, "\n")
	for _, want := range []string{"missed 「您應該」", "wrongly found agent 絕對", "wrongly found agent 您應該"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not among the misses:\n%s", want, all)
		}
	}
}

// One finding answers for one thing that was said, not for two.
func TestAFindingCountsOnce(t *testing.T) {
	r := NewReport()
	said := Utterance{Role: rule.Agent, Text: "絕對絕對", Start: 1, End: 3, Phrases: []string{"絕對", "絕對"}}
	r.Add("a", Truth{Utterances: []Utterance{said}}, []rule.Finding{at("phrase", "絕對", rule.Agent, 1200, 1500)})
	if g := r.Things["phrase"]; g.There != 2 || g.Found != 1 || g.Wrong != 0 {
		t.Errorf("%+v", g)
	}
}

func TestWhatIsKnownIsChecked(t *testing.T) {
	for _, bad := range []string{`{`, `{"utterances": [{"role": "boss"}]}`, `{"utterances": [{"role": "agent", "start": 2, "end": 1}]}`} {
		if _, err := ParseTruth([]byte(bad)); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}
