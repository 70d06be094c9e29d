package flowfile

import (
	"os"
	"strings"
	"testing"
)

// TestExamplesOfTheReferenceAreRight reads every example of docs/flow-language.md.
func TestExamplesOfTheReferenceAreRight(t *testing.T) {
	data, err := os.ReadFile("../../docs/flow-language.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(data), "```yaml\n")[1:]
	if len(blocks) < 3 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, block := range blocks {
		source, _, _ := strings.Cut(block, "```")
		file, faults := Parse([]byte(source))
		for _, f := range faults {
			t.Errorf("%v in\n%s", f, source)
		}
		if file.Flow == nil && file.Survey == nil {
			t.Errorf("neither a flow nor a survey:\n%s", source)
		}
	}
}
