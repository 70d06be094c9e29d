// Package lexicon reads dictionaries of topics, products and opinion words as YAML files, and holds the one that Hotline ships
// with.
package lexicon

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"

	"hotline/qa/topic"
	"hotline/qa/yamlfile"
)

//go:embed default.yaml
var defaultFile []byte

// DefaultYAML is the file of the dictionary that Hotline ships with.
func DefaultYAML() []byte { return slices.Clone(defaultFile) }

// MaxSize of a file in bytes.
const MaxSize = 256 << 10

// Fault is what is wrong with a file, and on which line.
type Fault struct {
	Line int `json:"line"`
	topic.Fault
}

func (f Fault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.Fault.Error()) }

type file struct {
	Version  int                 `yaml:"version"`
	Bound    float64             `yaml:"bound"`
	Topics   []entry             `yaml:"topics"`
	Products []entry             `yaml:"products"`
	Wordings []entry             `yaml:"wordings"`
	Opinions opinions            `yaml:"opinions"`
	Outcomes map[string][]string `yaml:"outcomes"`
}

type entry struct {
	ID      string            `yaml:"id"`
	Name    map[string]string `yaml:"name"`
	Phrases []string          `yaml:"phrases"`
	Except  []string          `yaml:"except"`
}

type opinions struct {
	Positive []string `yaml:"positive"`
	Negative []string `yaml:"negative"`
	Except   []string `yaml:"except"`
}

// Parse reads a dictionary, or says everything that is wrong with it.
func Parse(data []byte) (topic.Dictionary, []Fault) {
	broken := func(line int, what, remedy string) (topic.Dictionary, []Fault) {
		return topic.Dictionary{}, []Fault{{line, topic.Fault{Path: "file", What: what, Remedy: remedy}}}
	}
	if len(data) > MaxSize {
		return broken(1, fmt.Sprintf("it has %d bytes", len(data)), fmt.Sprintf("at most %d can be read", MaxSize))
	}
	var f file
	tree, err := yamlfile.Read(data, &f)
	if err != nil {
		line, what := yamlfile.Place(err)
		return broken(line, what, "see docs/quality.md for the language of dictionaries")
	}
	if f.Version != 1 {
		return broken(1, fmt.Sprintf("version %d", f.Version), "write version: 1")
	}
	d := f.dictionary()
	found := topic.Check(d)
	faults := make([]Fault, 0, len(found))
	for _, fault := range found {
		faults = append(faults, Fault{yamlfile.LineOf(tree, fault.Path), fault})
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return d, faults
}

func (f file) dictionary() topic.Dictionary {
	d := topic.Dictionary{Bound: f.Bound, Opinions: topic.Words(f.Opinions), Outcomes: f.Outcomes, Entries: []topic.Entry{}}
	for _, e := range f.Topics {
		d.Entries = append(d.Entries, topic.Entry{Kind: topic.Topic, ID: e.ID, Name: e.Name, Phrases: e.Phrases, Except: e.Except})
	}
	for _, e := range f.Products {
		d.Entries = append(d.Entries, topic.Entry{Kind: topic.Product, ID: e.ID, Name: e.Name, Phrases: e.Phrases, Except: e.Except})
	}
	for _, e := range f.Wordings {
		d.Entries = append(d.Entries, topic.Entry{Kind: topic.Wording, ID: e.ID, Name: e.Name, Phrases: e.Phrases, Except: e.Except})
	}
	return d
}
