package score

import (
	"slices"

	"hotline/qa/rule"
)

// Facts are what the rules found in a recording.
type Facts struct {
	LengthMS int
	// SpokenMS is how long both spoke, and UnclearMS how much of that was not understood.
	SpokenMS, UnclearMS int
	Findings            []rule.Finding
}

// unclearMost is the share of speech that may be not understood before nothing is answered by rules: what was said in the
// rest may be what a rule misses.
const unclearMost = 0.3

// Judgeable says whether the rules may answer for the recording, or why not.
func (c *Card) Judgeable(f Facts) (why Refusal, ok bool) {
	switch {
	case f.LengthMS < c.ShortestMS:
		return TooShort, false
	case f.SpokenMS == 0:
		return NoSpeech, false
	case float64(f.UnclearMS) > unclearMost*float64(f.SpokenMS):
		return TooUnclear, false
	}
	return "", true
}

// Refusal is why rules answer nothing for a recording.
type Refusal string

// The reasons.
const (
	TooShort   Refusal = "short"
	NoSpeech   Refusal = "silent"
	TooUnclear Refusal = "unclear"
)

// Answer is an answer that the rules give, and why.
type Answer struct {
	Question string
	Value    Value
	Case     int   // which of the question's cases
	Evidence []int // the findings that it rests on, by their place among the facts
}

// ByRules answers whatever the rules can, except for those questions that off names.
func (c *Card) ByRules(f Facts, off map[string]bool) []Answer {
	var all []Answer
	for _, q := range c.Questions() {
		if off[q.ID] {
			continue
		}
		for i, k := range q.Cases {
			if evidence, ok := k.applies(f.Findings); ok {
				all = append(all, Answer{q.ID, k.Give, i, evidence})
				break
			}
		}
	}
	return all
}

// applies returns the findings by which the case applies.
func (c AnswerCase) applies(findings []rule.Finding) (evidence []int, ok bool) {
	if c.always() {
		return nil, true
	}
	for i, f := range findings {
		if c.about(f) {
			evidence = append(evidence, i)
		}
	}
	return evidence, len(evidence) >= max(1, c.AtLeast)
}

// about says whether a finding counts for the case.
func (c AnswerCase) about(f rule.Finding) bool {
	if c.Role != "" && f.Role != c.Role || f.Value < c.Over {
		return false
	}
	if !f.Said() {
		return slices.Contains(c.Missing, f.Rule)
	}
	return slices.Contains(c.Found, f.Rule) || slices.Contains(c.Class, f.Class)
}
