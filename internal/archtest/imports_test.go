package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// pkg is what `go list` tells of a package.
type pkg struct {
	ImportPath string
	Doc        string
	Imports    []string
	GoFiles    []string
}

// pure packages decide; they are replayed, simulated and fuzzed, so they may know no clock, no network and no chance.
// Each may import the standard library and the packages named beside it; go-pinyin and Big5 are tables.
var pure = map[string][]string{
	"hotline/cti/id":            {},
	"hotline/cti/acd":           {"hotline/cti/id"},
	"hotline/cti":               {"hotline/cti/id", "hotline/cti/acd", "hotline/ivr", "hotline/ivr/survey", "hotline/internal/calendar"},
	"hotline/ivr/survey":        {},
	"hotline/ivr/spoken":        {"hotline/ivr/survey"},
	"hotline/ivr":               {"hotline/ivr/survey", "hotline/ivr/spoken", "hotline/cti/id", "hotline/internal/calendar"},
	"hotline/ivr/rehearsal":     {"hotline/ivr", "hotline/ivr/survey"},
	"hotline/internal/calendar": {"golang.org/x/text/encoding/traditionalchinese"},
	"hotline/qa/rule":           {"github.com/mozillazg/go-pinyin"},
	"hotline/qa/score":          {"hotline/qa/rule"},
	"hotline/qa/topic":          {"hotline/qa/rule"},
	"hotline/qa/lift":           {},
}

// impure are the parts of the standard library that let the world in.
var impure = []string{"context", "net", "os", "sync", "log", "math/rand", "math/rand/v2", "crypto/rand", "runtime", "unsafe"}

// domains keep their own rules and tables; what crosses them is put together in web, report, jobs or exchange.
var domains = []string{"hotline/ivr/flowstore", "hotline/recording", "hotline/customer", "hotline/campaign", "hotline/qa", "hotline/qa/asr", "hotline/qa/asr/script", "hotline/qa/book", "hotline/qa/card", "hotline/qa/chat", "hotline/qa/lexicon", "hotline/qa/review", "hotline/qa/trial", "hotline/report", "hotline/surveylink", "hotline/task"}

var domainMay = []string{
	"hotline/cti/id", "hotline/cti", "hotline/cti/acd", "hotline/ivr", "hotline/ivr/survey",
	"hotline/internal/pg", "hotline/internal/blob", "hotline/internal/notify", "hotline/internal/g711", "hotline/internal/calendar",
	"hotline/internal/speech",
}

func list(t *testing.T) map[string]pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Doc,Imports,GoFiles", "hotline/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]pkg{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		all[p.ImportPath] = p
	}
	return all
}

func TestPurePackagesKnowNoWorld(t *testing.T) {
	all := list(t)
	for path, may := range pure {
		p, ok := all[path]
		if !ok {
			continue
		}
		for _, imp := range p.Imports {
			switch {
			case strings.HasPrefix(imp, "hotline/"):
				if !slices.Contains(may, imp) {
					t.Errorf("%s imports %s: a pure package may import only %v of ours", path, imp, may)
				}
			case slices.Contains(may, imp):
			case strings.Contains(strings.SplitN(imp, "/", 2)[0], "."):
				t.Errorf("%s imports %s: a pure package uses the standard library alone", path, imp)
			case slices.ContainsFunc(impure, func(s string) bool { return imp == s || strings.HasPrefix(imp, s+"/") }):
				t.Errorf("%s imports %s: a pure package has no clock, chance, network or concurrency", path, imp)
			}
		}
	}
}

func TestDomainsDoNotKnowOneAnother(t *testing.T) {
	all := list(t)
	for _, path := range domains {
		for _, imp := range all[path].Imports {
			if strings.HasPrefix(imp, "hotline/") && !slices.Contains(domainMay, imp) && !ownPart(path, imp) {
				t.Errorf("%s imports %s: put what crosses domains together in web, report, internal/jobs or internal/exchange", path, imp)
			}
		}
	}
}

// ownPart says whether two packages are of the same domain: hotline/qa/asr and hotline/qa/rule.
func ownPart(a, b string) bool {
	domain := func(path string) string { return strings.SplitN(path, "/", 3)[1] }
	return domain(a) == domain(b)
}

func TestOnlyCommandsImportEverything(t *testing.T) {
	for path, p := range list(t) {
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, "hotline/cmd/") {
				t.Errorf("%s imports %s: nothing imports a command", path, imp)
			}
			if imp == "hotline/internal/exchange" && !strings.HasPrefix(path, "hotline/cmd/") && path != "hotline/internal/exchange" {
				t.Errorf("%s imports the exchange: declare the interface where it is used", path)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for path, p := range list(t) {
		if p.Doc == "" && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package documentation", path)
		}
	}
}
