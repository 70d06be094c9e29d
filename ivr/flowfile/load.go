package flowfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hotline/ivr"
	"hotline/ivr/survey"
)

// Set is the flows and surveys of a site, by id.
type Set struct {
	Flows    map[string]*ivr.Flow
	Surveys  map[string]*survey.Survey
	Warnings Faults   // what is odd, but no reason to refuse
	Texts    [][]byte // of the files, in their order
}

// Phrases returns everything that the set can say, each phrase once: flows and surveys by id, then the unit phrases of
// each language that is spoken.
func (s *Set) Phrases() []ivr.Phrase {
	var all []ivr.Phrase
	var langs []ivr.Lang
	seen := map[ivr.Phrase]bool{}
	add := func(phrases []ivr.Phrase) {
		for _, p := range phrases {
			if !seen[p] {
				seen[p] = true
				all = append(all, p)
			}
			if !slices.Contains(langs, p.Lang) {
				langs = append(langs, p.Lang)
			}
		}
	}
	for _, id := range sortedKeys(s.Flows) {
		add(s.Flows[id].Phrases())
	}
	for _, id := range sortedKeys(s.Surveys) {
		add(s.Surveys[id].Phrases())
	}
	for _, lang := range slices.Clone(langs) {
		add(ivr.UnitPhrases(lang))
	}
	return all
}

// FileFault is a fault and the file that it is in.
type FileFault struct {
	File string
	ivr.Fault
}

// String is FILE:LINE:COLUMN: MESSAGE (REMEDY), which editors and terminals turn into links.
func (f FileFault) String() string { return f.File + ":" + f.Fault.String() }

// Faults are all the faults of a set of files, by file and place.
type Faults []FileFault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// Load reads the files, and every *.yaml and *.yml file directly in those paths that are folders. known adds to the
// surveys read; queues that are not known (nil) are not checked. The error is a [Faults] when a file is at fault.
func Load(known ivr.Known, paths ...string) (*Set, error) {
	var sources []source
	for _, path := range paths {
		found, err := expand(path)
		if err != nil {
			return nil, err
		}
		for _, name := range found {
			data, err := readFile(os.DirFS(filepath.Dir(name)), filepath.Base(name))
			if err != nil {
				return nil, fmt.Errorf("read flow file %s: %w", name, err)
			}
			sources = append(sources, source{name, data})
		}
	}
	return assemble(known, sources)
}

// LoadFS reads every *.yaml and *.yml file in the root of the file system, as Load does.
func LoadFS(known ivr.Known, fsys fs.FS) (*Set, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("list flow files: %w", err)
	}
	var sources []source
	for _, e := range entries {
		if e.IsDir() || !isYAML(e.Name()) {
			continue
		}
		data, err := readFile(fsys, e.Name())
		if err != nil {
			return nil, fmt.Errorf("read flow file %s: %w", e.Name(), err)
		}
		sources = append(sources, source{e.Name(), data})
	}
	return assemble(known, sources)
}

// source is the content of one file.
type source struct {
	name string
	data []byte
}

func expand(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("find flow file: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("list flow files: %w", err)
	}
	var found []string
	for _, e := range entries {
		if !e.IsDir() && isYAML(e.Name()) {
			found = append(found, filepath.Join(path, e.Name()))
		}
	}
	return found, nil
}

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// readFile reads no more than Parse needs to see that a file is too large.
func readFile(fsys fs.FS, name string) (data []byte, err error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(io.LimitReader(file, MaxSize+1))
}

// assemble reads every source, twice: first for what flows may refer to. A flow by itself may enter others that are not there.
func assemble(known ivr.Known, sources []source) (*Set, error) {
	set := &Set{Flows: map[string]*ivr.Flow{}, Surveys: map[string]*survey.Survey{}}
	surveys := slices.Clone(known.Surveys)
	flows := map[string]ivr.Signature{}
	for _, s := range sources {
		file, _ := Parse(s.data)
		if file.Survey != nil {
			surveys = append(surveys, file.Survey.ID)
		}
		if file.Flow != nil {
			flows[file.Flow.ID] = file.Flow.Signature()
		}
	}
	known.Surveys = surveys
	if known.Flows != nil || len(flows) > 1 {
		maps.Copy(flows, known.Flows)
		known.Flows = flows
	}
	var faults Faults
	refuse := func(s source, f ivr.Fault) { faults = append(faults, FileFault{s.name, f}) }
	for _, s := range sources {
		set.Texts = append(set.Texts, s.data)
		file, found := ParseKnown(s.data, known)
		switch {
		case file.Flow != nil && set.Flows[file.Flow.ID] != nil:
			refuse(s, twice(file.Flow.Mark, "flow", file.Flow.ID))
		case file.Flow != nil:
			set.Flows[file.Flow.ID] = file.Flow
		case file.Survey != nil && set.Surveys[file.Survey.ID] != nil:
			refuse(s, twice(file.Survey.Mark, "survey", file.Survey.ID))
		case file.Survey != nil:
			set.Surveys[file.Survey.ID] = file.Survey
		}
		for _, f := range found {
			if f.Warning {
				set.Warnings = append(set.Warnings, FileFault{s.name, f})
				continue
			}
			refuse(s, f)
		}
	}
	if len(faults) > 0 {
		return nil, append(faults, set.Warnings...)
	}
	return set, nil
}

func twice(at ivr.Mark, kind, id string) ivr.Fault {
	return ivr.Fault{
		Mark: at, Message: ivr.Worded("another file already holds the %s %q", kind, id),
		Remedy: ivr.Worded("give one of them another id, or remove it"),
	}
}

func sortedKeys[V any](m map[string]V) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
