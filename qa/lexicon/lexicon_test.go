package lexicon_test

import (
	"strings"
	"testing"

	"hotline/qa/lexicon"
)

func TestTheShippedDictionaryHasNoFaults(t *testing.T) {
	d, faults := lexicon.Parse(lexicon.DefaultYAML())
	for _, f := range faults {
		t.Error(f)
	}
	if len(d.Entries) < 40 || len(d.Opinions.Positive) < 20 || len(d.Outcomes["sold"]) == 0 {
		t.Errorf("%d entries, %d words of praise", len(d.Entries), len(d.Opinions.Positive))
	}
}

func TestFaultsNameTheLineAndTheRemedy(t *testing.T) {
	const head = "version: 1\ntopics:\n  - id: a\n    name: {zh-TW: 甲, en: A}\n    phrases: [退款]\n"
	for _, c := range []struct {
		yaml, what, remedy string
		line               int
	}{
		{"topics: [", "sequence end token", "docs/quality.md", 1},
		{"version: 2\n", "version 2", "version: 1", 1},
		{"version: 1\nwords: [x]\n", `unknown field "words"`, "docs/quality.md", 2},
		{"version: 1\n", "nothing to look for", "at least one topic", 1},
		{head + "bound: 2\n", "2 cannot be", "0.4", 6},
		{head + "  - id: Ä\n    name: {zh-TW: 乙, en: B}\n    phrases: [換貨]\n", "is no name", "small letters", 6},
		{head + "  - id: a\n    name: {zh-TW: 乙, en: B}\n    phrases: [換貨]\n", "topics[0] has the same", "another name", 6},
		{head + "  - id: b\n    name: {zh-TW: 乙}\n    phrases: [換貨]\n", "name in en is missing", "{zh-TW", 7},
		{head + "  - id: b\n    name: {zh-TW: 乙, en: B}\n    phrases: []\n", "can never be found", "at least one", 8},
		{head + "  - id: b\n    name: {zh-TW: 乙, en: B}\n    phrases: [換]\n", "too many words", "two characters", 8},
		{head + "  - id: b\n    name: {zh-TW: 乙, en: B}\n    phrases:\n      - 換貨\n      - 退款\n", "is in topics[0].phrases[0] too", "one place", 10},
		{head + "  - id: b\n    name: {zh-TW: 乙, en: B}\n    phrases: [換貨]\n    except: [退款單]\n", "excepts nothing", "longer word", 9},
		{head + "opinions:\n  positive: [好]\n  negative: [好]\n", "positive[0] too", "one place", 8},
		{head + "opinions:\n  positive: [好]\n  except: [慢走]\n", "excepts nothing", "longer word", 8},
		{head + "outcomes: {bought: [x]}\n", "no outcome", "sold and resolved", 6},
		{strings.Repeat("x", lexicon.MaxSize+1), "bytes", "at most", 1},
	} {
		_, faults := lexicon.Parse([]byte(c.yaml))
		if len(faults) != 1 {
			t.Errorf("%.60q: %d faults: %v", c.yaml, len(faults), faults)
			continue
		}
		if f := faults[0]; f.Line != c.line || !strings.Contains(f.What, c.what) || !strings.Contains(f.Remedy, c.remedy) {
			t.Errorf("%.60q: %v; want line %d, %q, %q", c.yaml, f, c.line, c.what, c.remedy)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(lexicon.DefaultYAML()))
	f.Add("version: 1\ntopics:\n  - {id: a, phrases: [退款]}\n")
	f.Fuzz(func(t *testing.T, yaml string) {
		if _, faults := lexicon.Parse([]byte(yaml)); faults == nil && !strings.Contains(yaml, "version") {
			t.Errorf("%q is taken for a dictionary", yaml)
		}
	})
}
