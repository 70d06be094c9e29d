package ctitest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the output in testdata; read the difference before you commit it")

// Each file of testdata is a script with the output that it must yield.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines, err := ParseScript(string(text))
			if err != nil {
				t.Fatal(err)
			}
			entries, err := RunScript(lines)
			if err != nil {
				t.Fatal(err)
			}
			got := FormatScript(string(text), entries)
			if got == string(text) {
				return
			}
			if !*update {
				t.Fatalf("output differs; see it with -update and git diff. Got:\n%s", got)
			}
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}
