package trial

import (
	"fmt"
	"strings"
	"testing"

	"hotline/qa/rule"
)

func bookFrom(t *testing.T, rules string) *rule.Book {
	t.Helper()
	b, faults := bookOf("version: 1\nid: test\nrules:\n" + rules)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return b
}

func at(ruleID string, start, end int) rule.Finding {
	return rule.Finding{Rule: ruleID, Role: rule.Agent, Start: &start, End: &end}
}

func TestCompare(t *testing.T) {
	missing := rule.Finding{Rule: "closing", Role: rule.Agent}
	caller := at("wait", 100, 200)
	caller.Role = rule.Caller
	for _, c := range []struct {
		name        string
		draft, live []rule.Finding
		want        string
	}{
		{"nothing", nil, nil, ""},
		{"the same place", []rule.Finding{at("wait", 100, 200)}, []rule.Finding{at("wait", 100, 200)}, "same wait"},
		{"a longer phrase around it", []rule.Finding{at("wait", 50, 200)}, []rule.Finding{at("wait", 100, 200)}, "same wait"},
		{"beside one another", []rule.Finding{at("wait", 100, 200)}, []rule.Finding{at("wait", 200, 300)}, "new wait, gone wait"},
		{"another rule there", []rule.Finding{at("wait", 100, 200)}, []rule.Finding{at("no-way", 100, 200)}, "new wait, gone no-way"},
		{"another person", []rule.Finding{at("wait", 100, 200)}, []rule.Finding{caller}, "new wait, gone wait"},
		{"one of two", []rule.Finding{at("wait", 100, 200), at("wait", 150, 250)}, []rule.Finding{at("wait", 100, 200)}, "same wait, new wait"},
		{"missing in both", []rule.Finding{missing}, []rule.Finding{missing}, "same closing"},
		{"said now, missing before", []rule.Finding{at("closing", 100, 200)}, []rule.Finding{missing}, "new closing, gone closing"},
	} {
		var got []string
		for _, f := range compare(c.draft, c.live) {
			got = append(got, fmt.Sprintf("%s %s", f.Side, f.Rule))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
	}
}

func TestPrints(t *testing.T) {
	const wait = "  - {id: wait, kind: said, class: phrase, role: agent, phrases: [等一等], bound: 0.15"
	before := bookFrom(t, wait+"}\n")
	for _, c := range []struct {
		name, rules string
		same        bool
	}{
		{"the words to say instead", wait + ", say: 請稍候}\n", true},
		{"its name", wait + ", name: {en: Wait}}\n", true},
		{"another rule beside it", wait + "}\n  - {id: other, kind: said, class: phrase, phrases: [不行]}\n", true},
		{"another phrase", wait + ", forms: [您等一下]}\n", false},
		{"a rule that it comes after", wait + ", after: other, within: 5s}\n  - {id: other, kind: said, class: phrase, phrases: [不行]}\n", false},
	} {
		if got := bookFrom(t, c.rules).Print("wait") == before.Print("wait"); got != c.same {
			t.Errorf("%s: the same print: %t, want %t", c.name, got, c.same)
		}
	}
	one := bookFrom(t, wait+", after: other, within: 5s}\n  - {id: other, kind: said, class: phrase, phrases: [不行]}\n")
	two := bookFrom(t, wait+", after: other, within: 5s}\n  - {id: other, kind: said, class: phrase, phrases: [可以]}\n")
	if one.Print("wait") == two.Print("wait") {
		t.Error("the rule that it comes after has changed, and its print has not")
	}
	if before.Print("none") != "" {
		t.Error("a rule that is not there has a print")
	}
}

// What is masked in transcripts is neither new nor gone.
func TestDigitsAreNotTried(t *testing.T) {
	j := judging{draft: bookFrom(t, "  - {id: wait, kind: said, class: phrase, phrases: [等一等]}\n"), live: bookFrom(t, "  - {id: card, kind: card, class: card}\n")}
	u := rule.Utterance{Role: rule.Caller, Span: rule.Span{Start: 0, End: 1600}}
	for i, r := range "4111111111111111" {
		u.Units = append(u.Units, rule.Unit{Text: string(r), Span: rule.Span{Start: 100 * i, End: 100*i + 90}})
	}
	transcript := rule.Transcript{Length: 2000, Utterances: []rule.Utterance{u}}
	if len(j.live.Judge(&transcript)) != 1 {
		t.Fatal("the rule finds no card in this transcript")
	}
	if got := j.findings(&transcript); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	for _, r := range j.rules() {
		if r.Untried != (r.Rule.ID == "card") {
			t.Errorf("%s: untried %t", r.Rule.ID, r.Untried)
		}
	}
}
