package flowfile

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/ivr"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference before it is committed")

// TestPlantedFaults reads files with planted faults and compares every fault, with its place and its remedy.
func TestPlantedFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/faults/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	known := ivr.Known{
		Queues: []string{"order", "service"}, Surveys: []string{"after-call"}, Calendars: []string{"office"}, Services: []string{"orders", "bank"},
		Flows: map[string]ivr.Signature{"identify": {Takes: map[string]ivr.Kind{"order": ivr.KindDigits}, Gives: map[string]ivr.Kind{"name": ivr.KindText}, Values: 3}, "large": {Values: 13}},
	}
	total := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, faults := ParseKnown(data, known)
		total += len(faults)
		var got strings.Builder
		for i, f := range faults {
			got.WriteString(f.String() + "\n")
			if f.Line < 1 || f.Column < 1 || f.Message.String() == "" || f.Remedy.String() == "" {
				t.Errorf("%s: a fault without place, message or remedy: %+v", name, f)
			}
			if i > 0 && f.Line < faults[i-1].Line {
				t.Errorf("%s: line %d comes after line %d", name, f.Line, faults[i-1].Line)
			}
		}
		golden := strings.TrimSuffix(name, ".yaml") + ".golden"
		if *update {
			if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s\n got:\n%s\nwant:\n%s", name, got.String(), want)
		}
	}
	if total < 60 {
		t.Errorf("%d faults were found in all", total)
	}
}
