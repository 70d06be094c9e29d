// Package card reads scorecards as YAML files, and holds the card that Hotline ships with.
package card

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/qa/rule"
	"hotline/qa/score"
	"hotline/qa/yamlfile"
)

//go:embed default.yaml
var defaultFile []byte

// DefaultYAML is the file of the card that Hotline ships with.
func DefaultYAML() []byte { return slices.Clone(defaultFile) }

// MaxSize of a file in bytes.
const MaxSize = 128 << 10

// Fault is what is wrong with a file, and on which line.
type Fault struct {
	Line int `json:"line"`
	score.Fault
}

func (f Fault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.Fault.Error()) }

type file struct {
	Version  int           `yaml:"version"`
	ID       string        `yaml:"id"`
	Name     score.Text    `yaml:"name"`
	Shortest time.Duration `yaml:"shortest"`
	Steps    steps         `yaml:"steps"`
	Sections []section     `yaml:"sections"`
}

type steps struct {
	Days   int `yaml:"days"`
	Remind int `yaml:"remind"`
	Coach  int `yaml:"coach"`
	Warn   int `yaml:"warn"`
	Report int `yaml:"report"`
}

type section struct {
	ID        string     `yaml:"id"`
	Name      score.Text `yaml:"name"`
	Weight    float64    `yaml:"weight"`
	Questions []question `yaml:"questions"`
}

type question struct {
	ID       string         `yaml:"id"`
	Text     score.Text     `yaml:"text"`
	Help     score.Text     `yaml:"help"`
	Kind     score.Kind     `yaml:"kind"`
	Weight   float64        `yaml:"weight"`
	Most     int            `yaml:"most"`
	Choices  []option       `yaml:"choices"`
	NA       bool           `yaml:"na"`
	Critical score.Critical `yaml:"critical"`
	By       score.By       `yaml:"by"`
	Cases    []oneCase      `yaml:"cases"`
	Floor    float64        `yaml:"floor"`
}

type option struct {
	ID    string     `yaml:"id"`
	Text  score.Text `yaml:"text"`
	Share float64    `yaml:"share"`
}

type oneCase struct {
	Found   []string  `yaml:"found"`
	Class   []string  `yaml:"class"`
	Missing []string  `yaml:"missing"`
	Role    rule.Role `yaml:"role"`
	AtLeast int       `yaml:"at-least"`
	Over    float64   `yaml:"over"`
	Give    given     `yaml:"give"`
}

// given is an answer as people write it: some write yes and no as true and false.
type given score.Value

// UnmarshalYAML takes words, numbers and truth values.
func (g *given) UnmarshalYAML(raw []byte) error {
	text := strings.Trim(strings.TrimSpace(string(raw)), `"'`)
	switch text {
	case "true":
		text = string(score.Yes)
	case "false":
		text = string(score.No)
	}
	*g = given(text)
	return nil
}

// Parse reads a card, or says everything that is wrong with it. rules are those that it may name; nil leaves the names
// unchecked.
func Parse(data []byte, rules []rule.Rule) (score.Card, []Fault) {
	broken := func(line int, what, remedy string) (score.Card, []Fault) {
		return score.Card{}, []Fault{{line, score.Fault{What: what, Remedy: remedy}}}
	}
	if len(data) > MaxSize {
		return broken(1, fmt.Sprintf("it has %d bytes", len(data)), fmt.Sprintf("at most %d can be read", MaxSize))
	}
	var f file
	tree, err := yamlfile.Read(data, &f)
	if err != nil {
		line, what := yamlfile.Place(err)
		return broken(line, what, "see docs/review.md for the language of scorecards")
	}
	if f.Version != 1 {
		return broken(1, fmt.Sprintf("version %d", f.Version), "write version: 1")
	}
	c := f.card()
	found := score.Check(&c, rules)
	faults := make([]Fault, 0, len(found))
	for _, fault := range found {
		faults = append(faults, Fault{yamlfile.LineOf(tree, fault.Path), fault})
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return c, faults
}

func (f file) card() score.Card {
	c := score.Card{ID: f.ID, Name: f.Name, ShortestMS: int(f.Shortest.Milliseconds()), Steps: score.Steps(f.Steps), Sections: []score.Section{}}
	for _, s := range f.Sections {
		out := score.Section{ID: s.ID, Name: s.Name, Weight: s.Weight, Questions: []score.Question{}}
		for _, q := range s.Questions {
			out.Questions = append(out.Questions, q.question())
		}
		c.Sections = append(c.Sections, out)
	}
	return c
}

func (q question) question() score.Question {
	out := score.Question{
		ID: q.ID, Text: q.Text, Help: q.Help, Kind: q.Kind, Weight: q.Weight, Most: q.Most, NA: q.NA, Critical: q.Critical, By: q.By, Floor: q.Floor,
	}
	for _, o := range q.Choices {
		out.Choices = append(out.Choices, score.Option(o))
	}
	for _, k := range q.Cases {
		out.Cases = append(out.Cases, score.AnswerCase{
			Found: k.Found, Class: k.Class, Missing: k.Missing, Role: k.Role, AtLeast: k.AtLeast, Over: k.Over, Give: score.Value(k.Give),
		})
	}
	return out
}
