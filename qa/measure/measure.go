// Package measure compares what the rules find in calls with what is known of those calls: how much is found, how much of
// it is right, and what was missed.
package measure

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"hotline/qa/rule"
)

// Truth is what is known of a call, as written in the file beside it. Times are seconds.
type Truth struct {
	Opening    *bool       `json:"opening"` // null where nobody noted it
	Closing    *bool       `json:"closing"`
	Empathy    *bool       `json:"empathy"`
	Utterances []Utterance `json:"utterances"`
}

// Utterance is what one of them said.
type Utterance struct {
	Role       rule.Role `json:"role"`
	Text       string    `json:"text"`
	Kind       string    `json:"kind"` // pii among others
	Type       string    `json:"type"` // of pii: card, id, phone
	Start      float64   `json:"start"`
	End        float64   `json:"end"`
	Phrases    []string  `json:"phrases"`        // forbidden ones in it
	Interrupts bool      `json:"interrupts"`     // it begins while the other speaks
	Silence    float64   `json:"silence_before"` // seconds of dead air before it
}

// ParseTruth reads such a file.
func ParseTruth(raw []byte) (Truth, error) {
	var t Truth
	if err := json.Unmarshal(raw, &t); err != nil {
		return Truth{}, fmt.Errorf("read what is known of a call: %w", err)
	}
	for i, u := range t.Utterances {
		if u.Role != rule.Agent && u.Role != rule.Caller {
			return Truth{}, fmt.Errorf("read what is known of a call: utterance %d: role %q is neither agent nor caller", i+1, u.Role)
		}
		if u.End < u.Start || u.Start < 0 {
			return Truth{}, fmt.Errorf("read what is known of a call: utterance %d: it lasts from %g to %g", i+1, u.Start, u.End)
		}
	}
	return t, nil
}

// Tally counts for one thing that is looked for.
type Tally struct {
	There  int      // in truth
	Found  int      // of these
	Wrong  int      // found and not there
	Worst  float64  // seconds that a right finding lay beside its utterance, at most
	Misses []string // what was missed or is wrong, in words
}

// Recall is how much of what is there was found.
func (t Tally) Recall() float64 { return share(t.Found, t.There) }

// Precision is how much of what was found is there.
func (t Tally) Precision() float64 { return share(t.Found, t.Found+t.Wrong) }

// share of nothing is all of it.
func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// Report is the comparison of some calls.
type Report struct {
	Calls  int
	Things map[string]*Tally // by class of finding: phrase, interruption, silence, card, id
	// Must is right or wrong for each of the sentences that have to be said: There is their number, Found those judged right.
	Must Tally
}

// NewReport is of no calls yet.
func NewReport() *Report {
	r := &Report{Things: map[string]*Tally{}}
	for _, c := range Classes {
		r.Things[c] = &Tally{}
	}
	return r
}

// Classes of findings that are compared, besides those of what has to be said.
var Classes = []string{"phrase", "interruption", "silence", "card", "id"}

// tolerance is how far from its utterance a finding may lie, in seconds.
const tolerance = 1

// expected is one thing that should be found.
type expected struct {
	class, phrase string
	role          rule.Role // of the finding; any when empty
	start, end    float64
	what          string
}

// Add compares one more call.
func (r *Report) Add(name string, truth Truth, findings []rule.Finding) {
	r.Calls++
	used := make([]bool, len(findings))
	for _, want := range truth.expected() {
		tally := r.Things[want.class]
		tally.There++
		i := slices.IndexFunc(findings, func(f rule.Finding) bool { return want.matches(f) })
		for i >= 0 && used[i] {
			next := slices.IndexFunc(findings[i+1:], func(f rule.Finding) bool { return want.matches(f) })
			if next < 0 {
				i = -1
				break
			}
			i += 1 + next
		}
		if i < 0 {
			tally.Misses = append(tally.Misses, fmt.Sprintf("%s %.1f s: missed %s", name, want.start, want.what))
			continue
		}
		used[i] = true
		tally.Found++
		tally.Worst = max(tally.Worst, want.beside(findings[i]))
	}
	for i, f := range findings {
		tally, counted := r.Things[f.Class]
		if !counted || used[i] || !f.Said() {
			continue
		}
		tally.Wrong++
		tally.Misses = append(tally.Misses, fmt.Sprintf("%s %.1f s: wrongly found %s %s, heard %q", name, float64(*f.Start)/1000, f.Role, f.Phrase, f.Heard))
	}
	for class, there := range map[string]*bool{"opening": truth.Opening, "closing": truth.Closing, "empathy": truth.Empathy} {
		r.must(name, class, there, findings)
	}
}

func (r *Report) must(name, class string, there *bool, findings []rule.Finding) {
	if there == nil {
		return
	}
	said := slices.ContainsFunc(findings, func(f rule.Finding) bool { return f.Class == class && f.Said() })
	r.Must.There++
	switch {
	case said == *there:
		r.Must.Found++
	case said:
		r.Must.Misses = append(r.Must.Misses, fmt.Sprintf("%s: wrongly found the %s", name, class))
	default:
		r.Must.Misses = append(r.Must.Misses, fmt.Sprintf("%s: missed the %s", name, class))
	}
}

func (t Truth) expected() []expected {
	var all []expected
	for _, u := range t.Utterances {
		for _, p := range u.Phrases {
			all = append(all, expected{class: "phrase", phrase: p, role: u.Role, start: u.Start, end: u.End, what: fmt.Sprintf("「%s」 in 「%s」", p, u.Text)})
		}
		if u.Interrupts {
			all = append(all, expected{class: "interruption", role: u.Role, start: u.Start, end: u.Start, what: "an interruption by 「" + u.Text + "」"})
		}
		if u.Silence > 0 {
			all = append(all, expected{class: "silence", start: u.Start - u.Silence, end: u.Start, what: fmt.Sprintf("a silence of %.1f s", u.Silence)})
		}
		if u.Kind == "pii" && (u.Type == "card" || u.Type == "id") {
			all = append(all, expected{class: u.Type, role: u.Role, start: u.Start, end: u.End, what: "the digits in 「" + u.Text + "」"})
		}
	}
	return all
}

func (e expected) matches(f rule.Finding) bool {
	return f.Class == e.class && f.Said() && (e.phrase == "" || f.Phrase == e.phrase) && (e.role == "" || f.Role == e.role) && e.beside(f) <= tolerance
}

// beside is how far the finding lies from where it should, in seconds. One that has a place of its own must begin there; what
// lies in an utterance may begin anywhere in it.
func (e expected) beside(f rule.Finding) float64 {
	start := float64(*f.Start) / 1000
	if e.class == "silence" {
		return math.Max(math.Abs(start-e.start), math.Abs(float64(*f.End)/1000-e.end))
	}
	return max(e.start-start, start-e.end, 0)
}
