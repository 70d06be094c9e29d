package score

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"hotline/qa/rule"
)

func zh(s string) Text { return Text{"zh-TW": s} }

// demo is a card with a question of each kind.
func demo() *Card {
	return &Card{
		ID: "demo", Name: zh("範例"), ShortestMS: 5000, Steps: Steps{Days: 30, Remind: 1, Coach: 3, Report: 5},
		Sections: []Section{
			{ID: "talk", Name: zh("話"), Weight: 60, Questions: []Question{
				{ID: "opening", Text: zh("開場"), Kind: YesNo, Weight: 50, Cases: []AnswerCase{{Missing: []string{"opening"}, Give: No}, {Give: Yes}}},
				{ID: "forbidden", Text: zh("禁語"), Kind: YesNo, Weight: 50, Critical: CriticalSection, Cases: []AnswerCase{
					{Class: []string{"phrase"}, Role: rule.Agent, Give: No}, {Give: Yes},
				}},
			}},
			{ID: "care", Name: zh("心"), Weight: 40, Questions: []Question{
				{ID: "calm", Text: zh("靜"), Kind: Points, Most: 4, Weight: 25, Cases: []AnswerCase{
					{Found: []string{"silence"}, Over: 10000, Give: "0"}, {Found: []string{"silence"}, AtLeast: 2, Give: "1"}, {Give: "4"},
				}},
				{ID: "understood", Text: zh("懂"), Kind: Scale, Most: 5, Weight: 25, NA: true},
				{ID: "empathy", Text: zh("同理"), Kind: Choice, Weight: 50, NA: true, Critical: CriticalCard, Choices: []Option{
					{"full", zh("有"), 100}, {"some", zh("半"), 60}, {"none", zh("無"), 0},
				}},
			}},
		},
	}
}

func TestTheDemoCardHasNoFaults(t *testing.T) {
	if faults := Check(demo(), nil); len(faults) > 0 {
		t.Error(faults)
	}
}

func TestSum(t *testing.T) {
	const all = "opening=yes forbidden=yes calm=4 understood=5 empathy=full"
	for _, tt := range []struct {
		name, answers string
		percent       float64
		sections      string // percent of each, - for none, ! where a critical question made it zero
		open          string
	}{
		{"everything", all, 100, "100 100", ""},
		{"nothing is answered", "", 0, "- -", "opening forbidden calm understood empathy"},
		{"half of a section", all + " opening=no", 70, "50 100", ""},
		{"a choice earns its share", all + " empathy=some", 92, "100 80", ""},
		{"points", all + " calm=1", 92.5, "100 81.25", ""},
		{"the worst of a scale is nothing", all + " understood=1", 90, "100 75", ""},
		{"the middle of a scale", all + " understood=3", 95, "100 87.5", ""},
		{"what does not apply leaves its weight to the others", "opening=yes forbidden=yes calm=1 understood=na empathy=full", 90, "100 75", ""},
		{"a section that does not apply leaves its weight to the others", "opening=no forbidden=yes understood=na empathy=na", 50, "50 -", "calm"},
		{"open questions are left out and named", "opening=yes calm=4", 100, "100 100", "forbidden understood empathy"},
		{"critical for the section", all + " forbidden=no", 40, "0! 100", ""},
		{"critical for the card", all + " empathy=none", 0, "100 0!", ""},
		{"not applicable is not nothing", all + " empathy=na", 100, "100 100", ""},
		{"an answer that is none is open", all + " calm=9 opening=na", 100, "100 100", "opening calm"},
		{"a question that the card does not have", all + " other=no", 100, "100 100", ""},
		{"two decimals", "opening=yes forbidden=yes calm=1 understood=na empathy=some", 79.33, "100 48.33", ""},
	} {
		answers := map[string]Value{}
		for a := range strings.FieldsSeq(tt.answers) {
			q, v, _ := strings.Cut(a, "=")
			answers[q] = Value(v)
		}
		total := demo().Sum(answers)
		var sections []string
		for _, s := range total.Sections {
			text := "-"
			if s.Percent != nil {
				text = fmt.Sprint(*s.Percent)
			}
			if s.Zeroed {
				text += "!"
			}
			sections = append(sections, text)
		}
		if got := strings.Join(sections, " "); total.Percent != tt.percent || got != tt.sections {
			t.Errorf("%s: %v (%s), want %v (%s)", tt.name, total.Percent, got, tt.percent, tt.sections)
		}
		if got := strings.Join(total.Open, " "); got != tt.open {
			t.Errorf("%s: open %q, want %q", tt.name, got, tt.open)
		}
	}
}

// finding writes "rule/class/role" or "rule/class/role/value"; a rule after "!" was not said.
func finding(text string) rule.Finding {
	part := strings.Split(text+"/0", "/")
	name, missing := strings.CutPrefix(part[0], "!")
	f := rule.Finding{Rule: name, Class: part[1], Role: rule.Role(part[2])}
	if _, err := fmt.Sscan(part[3], &f.Value); err != nil {
		panic(err)
	}
	if !missing {
		start := 0
		f.Start, f.End = &start, &start
	}
	return f
}

func TestByRules(t *testing.T) {
	for _, tt := range []struct{ name, findings, want string }{
		{"nothing was found", "", "opening=yes forbidden=yes calm=4"},
		{"the opening is missing", "!opening/opening/agent", "opening=no[0] forbidden=yes calm=4"},
		{"the opening was said", "opening/opening/agent", "opening=yes forbidden=yes calm=4"},
		{"a forbidden phrase", "wait/phrase/agent impossible/phrase/agent", "opening=yes forbidden=no[0 1] calm=4"},
		{"the caller's words are none of the agent's", "wait/phrase/caller", "opening=yes forbidden=yes calm=4"},
		{"what a rule of a class misses was not said", "!wait/phrase/agent", "opening=yes forbidden=yes calm=4"},
		{"one short silence", "silence/silence//7000", "opening=yes forbidden=yes calm=4"},
		{"two short silences", "silence/silence//7000 wait/other/agent silence/silence//6500", "opening=yes forbidden=yes calm=1[0 2]"},
		{"a long silence comes first", "silence/silence//7000 silence/silence//12000", "opening=yes forbidden=yes calm=0[1]"},
	} {
		var f Facts
		for one := range strings.FieldsSeq(tt.findings) {
			f.Findings = append(f.Findings, finding(one))
		}
		var got []string
		for _, a := range demo().ByRules(f, nil) {
			text := a.Question + "=" + string(a.Value)
			if len(a.Evidence) > 0 {
				text += fmt.Sprint(a.Evidence)
			}
			got = append(got, text)
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, text, tt.want)
		}
	}
	for _, a := range demo().ByRules(Facts{}, map[string]bool{"calm": true}) {
		if a.Question == "calm" {
			t.Error("a question that is switched off was answered")
		}
	}
}

func TestJudgeable(t *testing.T) {
	for _, tt := range []struct {
		facts Facts
		want  Refusal
	}{
		{Facts{LengthMS: 60000, SpokenMS: 30000, UnclearMS: 9000}, ""},
		{Facts{LengthMS: 60000, SpokenMS: 30000, UnclearMS: 9001}, TooUnclear},
		{Facts{LengthMS: 60000}, NoSpeech},
		{Facts{LengthMS: 4999, SpokenMS: 4000}, TooShort},
	} {
		if why, ok := demo().Judgeable(tt.facts); why != tt.want || ok != (tt.want == "") {
			t.Errorf("%+v: %q, want %q", tt.facts, why, tt.want)
		}
	}
}

func TestSteps(t *testing.T) {
	s := demo().Steps // no warning
	for count, want := range []Step{NoStep, Remind, Remind, Coach, Coach, Report, Report} {
		if got := s.For(count); got != want {
			t.Errorf("%d: %q, want %q", count, got, want)
		}
	}
}

// table makes pairs of a table of counts: rows are one judge's answers, columns the other's.
func table(rows ...[]int) []Pair {
	var pairs []Pair
	for i, row := range rows {
		for j, n := range row {
			for range n {
				pairs = append(pairs, Pair{Value(fmt.Sprint(i)), Value(fmt.Sprint(j))})
			}
		}
	}
	return pairs
}

func TestAgreementOfPublishedExamples(t *testing.T) {
	for _, tt := range []struct {
		source         string
		pairs          []Pair
		percent, kappa float64
		stderr         float64 // 0: the source gives none
	}{
		{
			"Agresti, Categorical Data Analysis, table 10.8: two pathologists, 118 slides; kappa 0.493, standard error 0.057",
			table([]int{22, 2, 2, 0}, []int{5, 7, 14, 0}, []int{0, 2, 36, 0}, []int{0, 1, 17, 10}), 63.6, 0.493, 0.057,
		},
		{"Wikipedia, Cohen's kappa, 50 proposals: 0.4", table([]int{20, 5}, []int{10, 15}), 70, 0.4, 0},
		{"Wikipedia, same percentages, different numbers: 0.1304", table([]int{45, 15}, []int{25, 15}), 60, 0.1304, 0},
		{"Wikipedia, same percentages, different numbers: 0.2593", table([]int{25, 35}, []int{5, 35}), 60, 0.2593, 0},
	} {
		a := Agree(tt.pairs)
		if math.Abs(a.Percent-tt.percent) > 0.05 || a.Kappa == nil || math.Abs(*a.Kappa-tt.kappa) > 0.0005 {
			t.Fatalf("%s: %.2f %% and %v", tt.source, a.Percent, a.Kappa)
		}
		if stderr := (*a.High - *a.Low) / (2 * 1.959964); tt.stderr != 0 && math.Abs(stderr-tt.stderr) > 0.0005 {
			t.Errorf("%s: standard error %.4f, from %.3f to %.3f", tt.source, stderr, *a.Low, *a.High)
		}
	}
}

func TestAgreementWhereThereIsLittleToSay(t *testing.T) {
	if a := Agree(nil); a.Pairs != 0 || a.Kappa != nil {
		t.Errorf("nothing: %+v", a)
	}
	if a := Agree(table([]int{9})); a.Percent != 100 || a.Kappa != nil {
		t.Errorf("one answer alone: %+v", a)
	}
	few, many := Agree(table([]int{2, 0}, []int{0, 2})), Agree(table([]int{200, 0}, []int{0, 200}))
	if *few.Kappa != 1 || *few.High != 1 || *few.Low > 0.1 || *many.Low < 0.97 {
		t.Errorf("all agree: four from %v, four hundred from %v", *few.Low, *many.Low)
	}
	if a := Agree(table([]int{0, 5}, []int{5, 0})); *a.Kappa != -1 || *a.Low < -1 {
		t.Errorf("none agree: %v from %v", *a.Kappa, *a.Low)
	}
}

func TestAFloorIsHeldAgainstTheMachineOnlyWithEnoughPairs(t *testing.T) {
	q := Question{Floor: 0.6}
	bad := Agree(table([]int{5, 5}, []int{5, 5}))
	if !q.Under(bad) || (Question{}).Under(bad) {
		t.Error("20 pairs by chance")
	}
	if q.Under(Agree(table([]int{5, 5}, []int{5, 4}))) {
		t.Error("19 pairs are too few")
	}
	if q.Under(Agree(table([]int{10, 0}, []int{0, 10}))) {
		t.Error("all agree")
	}
}
