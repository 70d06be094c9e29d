package card

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/qa/book"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference before it is committed")

func TestTheShippedCardIsRightForTheShippedRules(t *testing.T) {
	c, faults := Parse(defaultFile, book.Default().Rules)
	for _, f := range faults {
		t.Error(f)
	}
	if len(c.Questions()) < 10 {
		t.Errorf("%d questions", len(c.Questions()))
	}
	for _, q := range c.Questions() {
		if q.Text["zh-TW"] == "" || q.Text["en"] == "" {
			t.Errorf("question %s is not written in both languages", q.ID)
		}
	}
}

// TestPlantedFaults reads cards with planted faults and compares every fault, with its line and its remedy.
func TestPlantedFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, faults := Parse(data, book.Default().Rules)
		var got strings.Builder
		for _, f := range faults {
			got.WriteString(f.Error() + "\n")
		}
		golden := strings.TrimSuffix(name, ".yaml") + ".golden"
		if *update {
			if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s\n got:\n%s\nwant:\n%s", name, got.String(), want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(defaultFile)
	f.Add([]byte("version: 1\nid: x\nsections: [{weight: 1e99}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, faults := Parse(data, nil)
		if len(faults) == 0 {
			c.Sum(nil) // a card without faults can be summed
		}
		for _, fault := range faults {
			if fault.Line < 1 || fault.What == "" || fault.Remedy == "" {
				t.Errorf("a fault without place or remedy: %+v", fault)
			}
		}
	})
}
