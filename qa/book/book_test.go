package book

import (
	"os"
	"slices"
	"strings"
	"testing"

	"hotline/qa/rule"
)

func TestDefaultBookIsFlawless(t *testing.T) {
	f, faults := Parse(DefaultYAML())
	for _, fault := range faults {
		t.Error(fault)
	}
	if len(f.Rules) < 30 || f.ID != "default" {
		t.Errorf("%d rules in %q", len(f.Rules), f.ID)
	}
}

// units are what a recogniser would write of a sentence, a fifth of a second a character.
func units(sentence string) []rule.Unit {
	var all []rule.Unit
	sure, at := 0.95, 1000
	for _, r := range sentence {
		switch r {
		case '（':
			sure = 0.3
		case '）':
			sure = 0.95
		default:
			all = append(all, rule.Unit{Text: string(r), Span: rule.Span{Start: at, End: at + 200}, Sure: sure})
			at += 200
		}
	}
	return all
}

func TestSentences(t *testing.T) {
	raw, err := os.ReadFile("testdata/sentences.tsv")
	if err != nil {
		t.Fatal(err)
	}
	b, faults := rule.NewBook(Default().Rules)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	n := 0
	for line := range strings.Lines(string(raw)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if len(fields) != 4 || fields[3] == "" {
			t.Fatalf("%q is not: role, sentence, phrases, reason", line)
		}
		n++
		said := units(fields[1])
		u := rule.Utterance{Role: rule.Role(fields[0]), Span: rule.Span{Start: 1000, End: said[len(said)-1].End}, Units: said}
		var got []string
		for _, f := range b.Judge(&rule.Transcript{Length: u.End + 1000, Utterances: []rule.Utterance{u}}) {
			if f.Class == "phrase" {
				got = append(got, f.Phrase)
			}
		}
		want := strings.Split(fields[2], ",")
		if fields[2] == "-" {
			want = nil
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %s: found %q, want %q (%s)", fields[0], fields[1], got, want, fields[3])
		}
	}
	if n < 200 {
		t.Errorf("only %d sentences", n)
	}
}
