package score

import (
	"slices"
	"strconv"

	"hotline/qa/rule"
)

// Text is what people read, by language.
type Text map[string]string

// Card is a scorecard.
type Card struct {
	ID       string    `json:"id"`
	Name     Text      `json:"name"`
	Sections []Section `json:"sections"`
	// ShortestMS is how long a recording must be to be scored: a wrong number that is put down at once is no talk.
	ShortestMS int   `json:"shortest_ms"`
	Steps      Steps `json:"steps"`
}

// Section is a part of a card. Weights of sections are percent of the whole and make 100.
type Section struct {
	ID        string     `json:"id"`
	Name      Text       `json:"name"`
	Weight    float64    `json:"weight"`
	Questions []Question `json:"questions"`
}

// Kind is what the answers to a question look like.
type Kind string

// The kinds.
const (
	YesNo  Kind = "yes_no" // yes is everything, no is nothing
	Points Kind = "points" // 0 to Most
	Scale  Kind = "scale"  // 1 to Most: 1 is nothing, Most is everything
	Choice Kind = "choice" // one of Choices, each with its share
)

// Critical is what becomes zero when a question gets nothing.
type Critical string

// What can become zero.
const (
	NotCritical     Critical = ""
	CriticalSection Critical = "section"
	CriticalCard    Critical = "card"
)

// By is who answers a question.
type By string

// Who can answer.
const (
	ByRules  By = "rules"
	ByModel  By = "model" // a language model, with quotations that are checked
	ByPerson By = "person"
)

// Question is one thing that is asked of a call. Weights of questions are percent of their section and make 100.
type Question struct {
	ID       string   `json:"id"`
	Text     Text     `json:"text"`
	Help     Text     `json:"help,omitempty"`
	Kind     Kind     `json:"kind"`
	Weight   float64  `json:"weight"`
	Most     int      `json:"most,omitempty"`
	Choices  []Option `json:"choices,omitempty"`
	NA       bool     `json:"na"` // "not applicable" is an answer
	Critical Critical `json:"critical,omitempty"`
	// By is who answers it before people look; empty is the rules where there are cases, else a person.
	By By `json:"by,omitempty"`
	// Cases are how the rules answer it: the first that applies.
	Cases []AnswerCase `json:"cases,omitempty"`
	// Floor is the kappa of machine and people under which the machine no longer answers it; 0 is none.
	Floor float64 `json:"floor,omitempty"`
}

// Answerer is who answers the question before people look.
func (q Question) Answerer() By {
	switch {
	case q.By != "":
		return q.By
	case len(q.Cases) > 0:
		return ByRules
	}
	return ByPerson
}

// Option is one answer to a question of kind choice.
type Option struct {
	ID    string  `json:"id"`
	Text  Text    `json:"text"`
	Share float64 `json:"share"` // percent of the question
}

// AnswerCase gives an answer when its condition holds; one without a condition always applies.
type AnswerCase struct {
	Found   []string  `json:"found,omitempty"`   // rules: something that one of them looks for was said or happened
	Class   []string  `json:"class,omitempty"`   // the same for all rules of a class
	Missing []string  `json:"missing,omitempty"` // rules: something that one of them demands was not said
	Role    rule.Role `json:"role,omitempty"`    // only findings in this one's speech
	AtLeast int       `json:"at_least,omitempty"`
	Over    float64   `json:"over,omitempty"` // only findings that measured at least this, in the rule's unit
	Give    Value     `json:"give"`
}

// always says whether the case has no condition.
func (c AnswerCase) always() bool { return len(c.Found)+len(c.Class)+len(c.Missing) == 0 }

// Steps are how often an agent may say a forbidden phrase within Days before a step is proposed; 0 never proposes it.
type Steps struct {
	Days   int `json:"days"`
	Remind int `json:"remind"`
	Coach  int `json:"coach"`
	Warn   int `json:"warn"`
	Report int `json:"report"`
}

// Step is what follows from repeated violations.
type Step string

// The steps, each harder than the one before.
const (
	NoStep Step = ""
	Remind Step = "remind"
	Coach  Step = "coach"
	Warn   Step = "warn"
	Report Step = "report"
)

// For is the hardest step that so many violations call for.
func (s Steps) For(count int) Step {
	for _, step := range []struct {
		step Step
		from int
	}{{Report, s.Report}, {Warn, s.Warn}, {Coach, s.Coach}, {Remind, s.Remind}} {
		if step.from > 0 && count >= step.from {
			return step.step
		}
	}
	return NoStep
}

// Value is an answer as it is kept: yes, no, a number, the id of a choice, or NA.
type Value string

// The values that are words.
const (
	Yes Value = "yes"
	No  Value = "no"
	NA  Value = "na"
)

// Values are all answers that the question allows, the best last, NA at the end.
func (q Question) Values() []Value {
	var all []Value
	switch q.Kind {
	case YesNo:
		all = []Value{No, Yes}
	case Points, Scale:
		from := 0
		if q.Kind == Scale {
			from = 1
		}
		for n := from; n <= q.Most; n++ {
			all = append(all, Value(strconv.Itoa(n)))
		}
	case Choice:
		for _, o := range q.Choices {
			all = append(all, Value(o.ID))
		}
	}
	if q.NA {
		all = append(all, NA)
	}
	return all
}

// Allows says whether the value is an answer to the question.
func (q Question) Allows(v Value) bool { return slices.Contains(q.Values(), v) }

// share is how much of the question an answer that it allows earns, 0 to 1.
func (q Question) share(v Value) float64 {
	n, _ := strconv.Atoi(string(v))
	switch q.Kind {
	case YesNo:
		if v == Yes {
			return 1
		}
	case Points:
		return float64(n) / float64(q.Most)
	case Scale:
		return float64(n-1) / float64(q.Most-1)
	case Choice:
		for _, o := range q.Choices {
			if Value(o.ID) == v {
				return o.Share / 100
			}
		}
	}
	return 0
}

// Question returns the question of the id.
func (c *Card) Question(id string) (Question, bool) {
	for _, s := range c.Sections {
		for _, q := range s.Questions {
			if q.ID == id {
				return q, true
			}
		}
	}
	return Question{}, false
}

// Questions are those of all sections, in order.
func (c *Card) Questions() []Question {
	var all []Question
	for _, s := range c.Sections {
		all = append(all, s.Questions...)
	}
	return all
}
