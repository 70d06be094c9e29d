package flowfile

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hotline/ivr/survey"
)

// formats are what the checks say, as it stands in their code.
func formats(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, dir := range []string{"..", "../survey", ".", "../flowstore"} {
		paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				at := slices.Index([]string{"Worded", "where"}, calls(call))
				if at < 0 || len(call.Args) <= at {
					return true
				}
				if text, ok := call.Args[at].(*ast.BasicLit); ok {
					format, err := strconv.Unquote(text.Value)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, format)
				}
				return true
			})
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// calls is the name of what is called, without its package.
func calls(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

var verbs = regexp.MustCompile(`%(\[(\d)\])?[a-z%]`)

// used are the verbs of a format by the argument that each takes.
func used(format string) []string {
	var all []string
	n := 0
	for _, m := range verbs.FindAllStringSubmatch(format, -1) {
		verb := m[0][len(m[0])-1:]
		if verb == "%" {
			continue
		}
		n++
		if m[2] != "" {
			n, _ = strconv.Atoi(m[2])
		}
		all = append(all, strconv.Itoa(n)+verb)
	}
	slices.Sort(all)
	return all
}

// Whatever a check says, it says in Mandarin too, with the same things filled in.
func TestFaultsAreSaidInMandarin(t *testing.T) {
	all := formats(t)
	if len(all) < 150 {
		t.Fatalf("%d sentences were found", len(all))
	}
	for _, format := range all {
		zh := survey.MandarinOf(format)
		if zh == "" {
			t.Errorf("%q is not there in Mandarin", format)
		} else if !slices.Equal(used(format), used(zh)) {
			t.Errorf("%q and %q fill in something else", format, zh)
		}
	}
	for _, format := range survey.Formats() {
		if !slices.Contains(all, format) {
			t.Errorf("nobody says any more: %q", format)
		}
	}
}
