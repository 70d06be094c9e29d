package score

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"hotline/qa/rule"
)

// Fault is what is wrong with a card.
type Fault struct {
	Path   string `json:"path"` // sections[0].questions[2].weight; empty for the card itself
	What   string `json:"what"`
	Remedy string `json:"remedy"`
}

func (f Fault) Error() string {
	if f.Path == "" {
		return f.What + "; " + f.Remedy
	}
	return f.Path + ": " + f.What + "; " + f.Remedy
}

// The most that a card may have, so that a page can show it and a reviewer can fill it in.
const (
	maxSections  = 20
	maxQuestions = 100
	maxValues    = 20
)

var ids = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)

// Check says everything that is wrong with a card. rules are those that its cases may name; nil leaves the names unchecked.
func Check(c *Card, rules []rule.Rule) []Fault {
	k := &checker{names: rules != nil, rules: map[string]bool{}, classes: map[string]bool{}, seen: map[string]string{}}
	for _, r := range rules {
		k.rules[r.ID], k.classes[r.Class] = true, true
	}
	k.id("id", c.ID)
	k.text("name", c.Name)
	if c.ShortestMS < 0 {
		k.fault("shortest", "it is negative", "write a duration such as 10s, or leave it out")
	}
	if len(c.Sections) == 0 || len(c.Sections) > maxSections {
		k.fault("sections", fmt.Sprintf("there are %d", len(c.Sections)), fmt.Sprintf("write 1 to %d", maxSections))
	}
	whole := make([]float64, 0, len(c.Sections))
	seen := map[string]bool{}
	for i, s := range c.Sections {
		path := fmt.Sprintf("sections[%d]", i)
		k.section(path, s)
		if seen[s.ID] && s.ID != "" {
			k.fault(path+".id", fmt.Sprintf("%q is the id of another section too", s.ID), "give each its own")
		}
		seen[s.ID] = true
		whole = append(whole, s.Weight)
	}
	k.weights("sections", "the card", whole)
	if n := len(c.Questions()); n > maxQuestions {
		k.fault("sections", fmt.Sprintf("there are %d questions", n), fmt.Sprintf("at most %d can be filled in", maxQuestions))
	}
	k.steps(c.Steps)
	return k.faults
}

type checker struct {
	faults         []Fault
	names          bool
	rules, classes map[string]bool
	seen           map[string]string // ids of questions, with where they are
}

func (k *checker) fault(path, what, remedy string) {
	k.faults = append(k.faults, Fault{path, what, remedy})
}

func (k *checker) id(path, id string) {
	if !ids.MatchString(id) {
		k.fault(path, fmt.Sprintf("%q is no id", id), "write a small letter, then up to 39 small letters, digits, hyphens or underscores")
	}
}

func (k *checker) text(path string, t Text) {
	for lang, text := range t {
		if lang != "zh-TW" && lang != "en" {
			k.fault(path+"."+lang, fmt.Sprintf("%q is a language that no page is shown in", lang), "write zh-TW or en")
		}
		if strings.TrimSpace(text) == "" {
			k.fault(path+"."+lang, "the text is empty", "write it, or leave the language out")
		}
	}
	if len(t) == 0 {
		k.fault(path, "there is no text", "write it as {zh-TW: ..., en: ...}; one language suffices")
	}
}

// weights checks that the parts of something make the whole.
func (k *checker) weights(path, of string, weights []float64) {
	sum, whole := 0.0, true
	for i, w := range weights {
		if w != math.Trunc(w) || w < 0 || w > 100 {
			k.fault(fmt.Sprintf("%s[%d].weight", path, i), fmt.Sprintf("%v is no whole percentage", w), "write a whole number from 0 to 100")
			whole = false
		}
		sum += w
	}
	if whole && len(weights) > 0 && sum != 100 {
		k.fault(path, fmt.Sprintf("the weights make %v and not the whole of %s", sum, of), fmt.Sprintf("change them by %+v so that they make 100", 100-sum))
	}
}

func (k *checker) section(path string, s Section) {
	k.id(path+".id", s.ID)
	k.text(path+".name", s.Name)
	if len(s.Questions) == 0 {
		k.fault(path+".questions", "there is none", "write at least one, or leave the section out")
	}
	weights := make([]float64, 0, len(s.Questions))
	for i, q := range s.Questions {
		k.question(fmt.Sprintf("%s.questions[%d]", path, i), q)
		weights = append(weights, q.Weight)
	}
	k.weights(path+".questions", "the section "+s.ID, weights)
}

func (k *checker) question(path string, q Question) {
	k.id(path+".id", q.ID)
	if other, ok := k.seen[q.ID]; ok && q.ID != "" {
		k.fault(path+".id", fmt.Sprintf("%q is the id of %s too", q.ID, other), "give each question its own: what was agreed is counted by it")
	}
	k.seen[q.ID] = path
	k.text(path+".text", q.Text)
	if q.Help != nil {
		k.text(path+".help", q.Help)
	}
	k.kind(path, q)
	k.by(path, q)
	switch q.Critical {
	case NotCritical, CriticalSection, CriticalCard:
	default:
		k.fault(path+".critical", fmt.Sprintf("%q cannot become zero", q.Critical), "write section or card")
	}
	if q.Floor < 0 || q.Floor > 1 {
		k.fault(path+".floor", fmt.Sprintf("%v is no kappa", q.Floor), "write a number from 0 to 1")
	}
	for i, c := range q.Cases {
		k.oneCase(fmt.Sprintf("%s.cases[%d]", path, i), q, c, i == len(q.Cases)-1)
	}
}

// by checks that whoever answers a question can.
func (k *checker) by(path string, q Question) {
	switch q.By {
	case "":
	case ByRules:
		if len(q.Cases) == 0 {
			k.fault(path+".by", "the rules have no case by which to answer", "write cases, or by: model or person")
		}
	case ByModel, ByPerson:
		if len(q.Cases) > 0 {
			k.fault(path+".cases", fmt.Sprintf("a %s answers and not the rules, and yet there are cases", q.By), "write by: rules, or leave the cases out")
		}
	default:
		k.fault(path+".by", fmt.Sprintf("%q answers nothing", q.By), "write rules, model or person")
	}
}

func (k *checker) kind(path string, q Question) {
	if q.Kind != Choice && len(q.Choices) > 0 {
		k.fault(path+".choices", fmt.Sprintf("a question of kind %s has none", q.Kind), "write kind: choice, or leave them out")
	}
	least := 1
	switch q.Kind {
	case YesNo:
		if q.Most != 0 {
			k.fault(path+".most", "yes and no have no number", "leave it out")
		}
	case Scale:
		least = 2
		fallthrough
	case Points:
		if q.Most < least || q.Most > maxValues {
			k.fault(path+".most", fmt.Sprintf("%d is the best answer", q.Most), fmt.Sprintf("write a number from %d to %d", least, maxValues))
		}
	case Choice:
		k.choices(path, q.Choices)
	default:
		k.fault(path+".kind", fmt.Sprintf("%q is no kind of question", q.Kind), "write yes_no, points, scale or choice")
	}
}

func (k *checker) choices(path string, choices []Option) {
	if len(choices) < 2 || len(choices) > maxValues {
		k.fault(path+".choices", fmt.Sprintf("there are %d", len(choices)), fmt.Sprintf("write 2 to %d", maxValues))
	}
	seen := map[string]bool{}
	best := 0.0
	for i, o := range choices {
		at := fmt.Sprintf("%s.choices[%d]", path, i)
		k.id(at+".id", o.ID)
		k.text(at+".text", o.Text)
		if seen[o.ID] || Value(o.ID) == NA {
			k.fault(at+".id", fmt.Sprintf("%q is taken", o.ID), "give each choice its own id, other than na")
		}
		seen[o.ID] = true
		if o.Share < 0 || o.Share > 100 {
			k.fault(at+".share", fmt.Sprintf("%v is no percentage of the question", o.Share), "write a number from 0 to 100")
		}
		best = max(best, o.Share)
	}
	if len(choices) >= 2 && best < 100 {
		k.fault(path+".choices", fmt.Sprintf("the best choice earns %v %%", best), "let one of them earn the whole: share: 100")
	}
}

func (k *checker) oneCase(path string, q Question, c AnswerCase, last bool) {
	if !q.Allows(c.Give) {
		remedy := fmt.Sprintf("write one of %v", q.Values())
		if c.Give == NA {
			remedy = "write na: true at the question, or give another answer"
		}
		k.fault(path+".give", fmt.Sprintf("%q is no answer to the question", c.Give), remedy)
	}
	switch {
	case last && !c.always():
		k.fault(path, "when no case applies, nothing answers the question", "let the last case have no condition")
	case !last && c.always():
		k.fault(path, "it always applies, so that those after it never do", "put it last, or write a condition")
	}
	if c.always() && (c.Role != "" || c.AtLeast != 0 || c.Over != 0) {
		k.fault(path, "role, at-least and over narrow a condition that is not there", "write found, class or missing")
	}
	if c.Role != "" && c.Role != rule.Agent && c.Role != rule.Caller {
		k.fault(path+".role", fmt.Sprintf("%q speaks in no recording", c.Role), "write agent or caller")
	}
	if c.AtLeast < 0 || c.Over < 0 {
		k.fault(path, "at-least or over is negative", "write a number over 0, or leave it out")
	}
	if !k.names {
		return
	}
	for _, id := range slices.Concat(c.Found, c.Missing) {
		if !k.rules[id] {
			k.fault(path, fmt.Sprintf("there is no rule %q in the book", id), "name a rule of the live book of rules")
		}
	}
	for _, class := range c.Class {
		if !k.classes[class] {
			k.fault(path+".class", fmt.Sprintf("no rule in the book is of the class %q", class), "name a class of the live book of rules")
		}
	}
}

func (k *checker) steps(s Steps) {
	if s == (Steps{}) {
		return
	}
	if s.Days < 1 || s.Days > 366 {
		k.fault("steps.days", fmt.Sprintf("violations of %d days are counted", s.Days), "write 1 to 366")
	}
	before := 0
	for _, step := range []struct {
		name string
		from int
	}{{"remind", s.Remind}, {"coach", s.Coach}, {"warn", s.Warn}, {"report", s.Report}} {
		if step.from < 0 || step.from > 0 && step.from <= before {
			k.fault("steps."+step.name, fmt.Sprintf("it comes at %d, and the step before it at %d", step.from, before), "let each step come later than the one before, or leave it out")
		}
		before = max(before, step.from)
	}
}
