package ctitest

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/ivr"
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
			replay(t, ScriptAgents(lines), entries)
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

// replay steps the facts as they are stored, and wants the same commands.
func replay(t *testing.T, agents []id.AgentID, entries []Entry) {
	t.Helper()
	var floor *cti.Floor
	last := 0
	for _, e := range entries {
		if e.Floor != last {
			floor, last = cti.New(), e.Floor
		}
		data, err := json.Marshal(e.Event)
		if err != nil {
			t.Fatal(err)
		}
		ev, err := cti.DecodeEvent(cti.EventKind(e.Event), data)
		if err != nil {
			t.Fatal(err)
		}
		switch stored := ev.(type) { // flows and surveys are read from where their versions are kept
		case cti.Configured:
			kept := Config(agents)
			stored.Flows, stored.Surveys = kept.Flows, kept.Surveys
			if stored.Versions["main"] != kept.Flows[0].Version {
				stored.Flows = []*ivr.Flow{Swapped(kept.Flows[0]), kept.Flows[1]}
			}
			ev = stored
		case cti.AsteriskReconnected:
			stored.Flows = []*ivr.Flow{Flow(), Swapped(Flow()), Desk()}
			ev = stored
		}
		want, errWant := json.Marshal(e.Commands)
		got, errGot := json.Marshal(floor.Step(scriptStart.Add(e.At), ev))
		if errWant != nil || errGot != nil || string(got) != string(want) {
			t.Fatalf("replayed, %s yields\n%s, first it was\n%s", DescribeEvent(ev), got, want)
		}
	}
}
