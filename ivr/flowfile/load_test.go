package flowfile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"hotline/ivr"
	"hotline/ivr/flows"
)

const small = "kind: flow\nversion: 1\nid: small\nlanguages: [en]\nstart: a\nsteps:\n  a: {hangup: {}}\n"

func TestLoadFSReadsTheShippedFlows(t *testing.T) {
	set, err := LoadFS(ivr.Known{Queues: []string{"order", "service", "member"}}, flows.FS)
	if err != nil {
		t.Fatal(err)
	}
	if set.Flows["main"] == nil || set.Surveys["after-call"] == nil || len(set.Warnings) > 0 {
		t.Errorf("got %+v", set)
	}
	seen := map[ivr.Phrase]bool{}
	for _, p := range set.Phrases() {
		if seen[p] {
			t.Errorf("%v is there twice", p)
		}
		seen[p] = true
	}
	if !seen[ivr.QueuePosition(ivr.Mandarin, 3)[0]] || !seen[ivr.Phrase{Text: "For English, press nine.", Lang: ivr.English}] {
		t.Error("phrases are missing")
	}
}

func TestUnknownQueueAndSurveyAreRefused(t *testing.T) {
	_, err := LoadFS(ivr.Known{Queues: []string{"order", "service"}}, flows.FS)
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 1 || !strings.Contains(faults[0].Message.String(), `no queue "member"`) {
		t.Errorf("queue: %v", err)
	}
	data, readErr := flows.FS.ReadFile("main.yaml")
	if readErr != nil {
		t.Fatal(readErr)
	}
	_, err = LoadFS(ivr.Known{Surveys: []string{}}, fstest.MapFS{"main.yaml": {Data: data}})
	if !errors.As(err, &faults) || len(faults) != 3 || !strings.Contains(faults[0].Message.String(), `no survey "after-call"`) {
		t.Errorf("survey: %v", err)
	}
}

func TestAnIDThatIsThereTwice(t *testing.T) {
	_, err := LoadFS(ivr.Known{}, fstest.MapFS{
		"a.yaml": {Data: []byte(small)}, "b.yml": {Data: []byte(small)}, "notes.txt": {Data: []byte("no flow")},
	})
	want := `b.yml:1:1: another file already holds the flow "small" (give one of them another id, or remove it)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestCheckMain(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good.yaml", small)
	odd := write("odd.yaml", strings.Replace(small, "steps:", "prompts:\n  p: {en: Hello}\nsteps:", 1))
	bad := write("bad.yaml", strings.Replace(small, "start: a", "start: b", 1))
	tests := []struct {
		name  string
		paths []string
		code  int
		want  string
	}{
		{"good", []string{good}, 0, "no fault in 1 flow(s) and 0 survey(s)\n"},
		{"a warning", []string{odd}, 0, odd + ":7:3: warning: prompt \"p\" is never said (remove it, or say it in a step)\nno fault in 1 flow(s) and 0 survey(s)\n"},
		{"a fault", []string{bad, good}, 1, bad + ":5:8: `start` goes to unknown step \"b\" (add that step, or name one that exists)\n"},
		{"none", nil, 1, "name at least one file or folder to check\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			paths := tt.paths
			if code := CheckMain(&out, paths); code != tt.code {
				t.Errorf("exit code %d", code)
			}
			got := out.String()
			if tt.name == "a fault" {
				got = strings.SplitAfter(got, "\n")[0]
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	var out bytes.Buffer
	if code := CheckMain(&out, []string{filepath.Join(dir, "gone.yaml")}); code != 1 || !strings.Contains(out.String(), "gone.yaml") {
		t.Errorf("a file that is not there: %d, %q", code, out.String())
	}
	if code := CheckMain(failing{}, []string{good}); code != 1 {
		t.Errorf("output that cannot be written: %d", code)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("closed") }

// The page of flows begins new ones with these texts; web/ui compares them with its own.
func TestTemplatesAreWhole(t *testing.T) {
	names, err := filepath.Glob("testdata/templates/*.yaml")
	if err != nil || len(names) != 5 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, faults := Parse(data)
		if blank := strings.HasSuffix(name, "blank.yaml"); (len(faults) == 0) == blank {
			t.Errorf("%s: %v", name, faults)
		}
	}
}
