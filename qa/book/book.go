// Package book reads and writes books of rules as YAML files, and holds the book that Hotline ships with.
package book

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"hotline/qa/rule"
	"hotline/qa/yamlfile"
)

//go:embed default.yaml
var defaultFile []byte

// Default is the book that Hotline ships with.
func Default() File {
	f, faults := Parse(defaultFile)
	if len(faults) > 0 { // a test reads it
		panic(fmt.Sprint(faults))
	}
	return f
}

// DefaultYAML is the file of the book that Hotline ships with.
func DefaultYAML() []byte { return slices.Clone(defaultFile) }

// MaxSize of a file in bytes.
const MaxSize = 256 << 10

// File is one book.
type File struct {
	ID    string
	Name  map[string]string // by language
	Rules []rule.Rule
}

// Phrases are all words that the rules name.
func (f File) Phrases() []string {
	var all []string
	for _, r := range f.Rules {
		all = slices.Concat(all, r.Phrases, r.Forms, r.Except, r.NotNear)
	}
	return all
}

// Fault is what is wrong with a file, and where.
type Fault struct {
	Line int `json:"line"`
	rule.Fault
}

func (f Fault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.Fault.Error()) }

type file struct {
	Version int               `yaml:"version"`
	ID      string            `yaml:"id"`
	Name    map[string]string `yaml:"name"`
	Rules   []entry           `yaml:"rules"`
}

// entry is a rule as it is written: durations with their units.
type entry struct {
	ID      string            `yaml:"id"`
	Name    map[string]string `yaml:"name,omitempty,flow"`
	Class   string            `yaml:"class"`
	Kind    rule.Kind         `yaml:"kind"`
	Role    rule.Role         `yaml:"role,omitempty"`
	Phrases []string          `yaml:"phrases,omitempty,flow"`
	Forms   []string          `yaml:"forms,omitempty,flow"`
	All     bool              `yaml:"all,omitempty"`
	Except  []string          `yaml:"except,omitempty,flow"`
	NotNear []string          `yaml:"not-near,omitempty,flow"`
	Near    time.Duration     `yaml:"near,omitempty"`
	Bound   float64           `yaml:"bound,omitempty"`
	First   time.Duration     `yaml:"first,omitempty"`
	Last    time.Duration     `yaml:"last,omitempty"`
	After   string            `yaml:"after,omitempty"`
	Within  time.Duration     `yaml:"within,omitempty"`
	AtLeast int               `yaml:"at-least,omitempty"`
	Limit   limit             `yaml:"limit,omitempty"`
	Say     string            `yaml:"say,omitempty"`
}

// limit is a number, or a duration where the kind measures milliseconds.
type limit float64

// UnmarshalYAML takes 75 as well as 6s.
func (l *limit) UnmarshalYAML(raw []byte) error {
	text := strings.Trim(strings.TrimSpace(string(raw)), `"'`)
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		*l = limit(n)
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is neither a number nor a duration such as 6s", text)
	}
	*l = limit(d.Milliseconds())
	return nil
}

// fields are the names in YAML of those that faults name as in JSON.
var fields = map[string]string{
	"first_ms": "first", "last_ms": "last", "after_ms": "within", "near_ms": "near", "at_least": "at-least", "not_near": "not-near",
}

// Parse reads a book, or says everything that is wrong with it.
func Parse(data []byte) (File, []Fault) {
	broken := func(line int, what, remedy string) (File, []Fault) {
		return File{}, []Fault{{line, rule.Fault{Rule: "-", Field: "file", What: what, Remedy: remedy}}}
	}
	if len(data) > MaxSize {
		return broken(1, fmt.Sprintf("it has %d bytes", len(data)), fmt.Sprintf("at most %d can be read", MaxSize))
	}
	var f file
	lines, err := read(data, &f)
	if err != nil {
		line, what := yamlfile.Place(err)
		return broken(line, what, "see docs/quality.md for the language of rules")
	}
	if f.Version != 1 {
		return broken(1, fmt.Sprintf("version %d", f.Version), "write version: 1")
	}
	if f.ID == "" {
		return broken(1, "id is missing", "give the book a name")
	}
	out := File{ID: f.ID, Name: f.Name}
	for _, e := range f.Rules {
		out.Rules = append(out.Rules, e.rule())
	}
	_, found := rule.NewBook(out.Rules)
	faults := make([]Fault, 0, len(found))
	for _, fault := range found {
		if name := fields[fault.Field]; name != "" {
			fault.Field = name
		}
		faults = append(faults, Fault{lines.of(fault, f.Rules), fault})
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return a.Line - b.Line })
	return out, faults
}

// read decodes the file and notes on which line each rule begins. The YAML parser panics on some input that is no YAML.
func read(data []byte, f *file) (lines lines, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it is no YAML: %v", p)
		}
	}()
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, err
	}
	if len(tree.Docs) != 1 {
		return nil, errors.New("it is not one document")
	}
	if err := yaml.UnmarshalWithOptions(data, f, yaml.Strict()); err != nil {
		return nil, err
	}
	ast.Walk(&lines, tree.Docs[0].Body)
	return lines, nil
}

// lines are those of the rules.
type lines []entryLines

// entryLines are where a rule begins and where its fields are.
type entryLines struct {
	first  int
	fields map[string]int
}

// Visit finds the sequence of rules.
func (l *lines) Visit(node ast.Node) ast.Visitor {
	m, ok := node.(*ast.MappingValueNode)
	if !ok || m.Key.String() != "rules" {
		return l
	}
	if seq, ok := m.Value.(*ast.SequenceNode); ok && *l == nil {
		for _, v := range seq.Values {
			*l = append(*l, linesOf(v))
		}
	}
	return nil
}

func linesOf(rule ast.Node) entryLines {
	e := entryLines{rule.GetToken().Position.Line, map[string]int{}}
	if m, ok := rule.(ast.MapNode); ok {
		for each := m.MapRange(); each.Next(); {
			key := each.Key()
			e.fields[key.String()] = key.GetToken().Position.Line
		}
		if id := e.fields["id"]; id > 0 {
			e.first = id
		}
	}
	return e
}

// of is the line of the field that the fault names, or that of the rule, when the field is missing: of the last one, for a
// name that is there twice.
func (l lines) of(f rule.Fault, rules []entry) int {
	line := 1
	for i, r := range rules {
		if i >= len(l) || r.ID != f.Rule && fmt.Sprintf("#%d", i+1) != f.Rule {
			continue
		}
		line = l[i].first
		if at := l[i].fields[f.Field]; at > 0 {
			line = at
		}
	}
	return line
}

func ms(d time.Duration) int { return int(d.Milliseconds()) }

func (e entry) rule() rule.Rule {
	return rule.Rule{
		ID: e.ID, Name: e.Name, Class: e.Class, Kind: e.Kind, Role: e.Role, Phrases: e.Phrases, Forms: e.Forms, All: e.All, Except: e.Except, NotNear: e.NotNear,
		NearMS: ms(e.Near), Bound: e.Bound, FirstMS: ms(e.First), LastMS: ms(e.Last), After: e.After, AfterMS: ms(e.Within),
		AtLeast: e.AtLeast, Limit: float64(e.Limit), Say: e.Say,
	}
}
