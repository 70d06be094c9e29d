// Package lexicon reads dictionaries of topics, products and opinion words as YAML files, and holds the one that Hotline ships
// with.
package lexicon

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"hotline/qa/topic"
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
	tree, err := read(data, &f)
	if err != nil {
		line, what := place(err)
		return broken(line, what, "see docs/quality.md for the language of dictionaries")
	}
	if f.Version != 1 {
		return broken(1, fmt.Sprintf("version %d", f.Version), "write version: 1")
	}
	d := f.dictionary()
	found := topic.Check(d)
	faults := make([]Fault, 0, len(found))
	for _, fault := range found {
		faults = append(faults, Fault{lineOf(tree, fault.Path), fault})
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

// read decodes the file. The YAML parser panics on some input that is no YAML.
func read(data []byte, f *file) (tree *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it is no YAML: %v", p)
		}
	}()
	tree, err = parser.ParseBytes(data, 0)
	if err != nil {
		return nil, err
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, errors.New("it is not one document")
	}
	return tree, yaml.UnmarshalWithOptions(data, f, yaml.Strict())
}

// lineOf is where the path is in the file, or the nearest that is there of what it lies in.
func lineOf(tree *ast.File, path string) int {
	for path != "" {
		if p, err := yaml.PathString("$." + path); err == nil {
			if node, err := p.FilterFile(tree); err == nil && node != nil {
				return node.GetToken().Position.Line
			}
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 1
}

// place takes the line out of an error of the YAML parser, which begins "[4:7] ".
func place(err error) (line int, what string) {
	what, _, _ = strings.Cut(err.Error(), "\n")
	if at, rest, ok := strings.Cut(strings.TrimPrefix(what, "["), "] "); ok {
		number, _, _ := strings.Cut(at, ":")
		if n, err := strconv.Atoi(number); err == nil {
			return n, rest
		}
	}
	return 1, what
}
