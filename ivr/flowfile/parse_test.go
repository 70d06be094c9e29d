package flowfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hotline/ivr"
	"hotline/ivr/flows"
	"hotline/ivr/survey"
)

// everything uses each key of the language.
const everything = `
kind: flow
version: 1
id: everything
languages: [zh-TW, en]
zone: Europe/Berlin
recording: off
start: open
lost: bye
prompts:
  hello:
    zh-TW: |
      您好，
      歡迎
      來電。
    en: >
      Hello and
      welcome.
  press: {en: "Press nine: now"}
steps:
  open:
    hours:
      week:
        mon-wed: 09:00-18:00
        fri-sun: [09:00-12:00, 13:00-24:00]
        thu: closed
      dates: {2027-01-01: closed, 2027-01-02: 10:00-11:00}
      open: office
      closed: bye
  office:
    hours: {calendar: office, open: talk, closed: bye, holiday: bye, emergency: hello}
  talk:
    language: {set: en, next: hello}
  hello:
    play: {say: [hello, press@en], barge-in: false, next: choose}
  choose:
    menu:
      say: hello
      barge-in: false
      timeout: {after: 1500ms, say: hello, repeat: 0, next: wait}
      invalid: {say: press@en, repeat: 10, next: again}
      choices:
        1: {label: {zh-TW: 一, en: One}, next: wait}
        "*#": {next: again}
        2: {next: told}
        007: {next: ask}
  wait:
    queue:
      id: order
      survey: after-call
      recording: on
      busy: hello
      waiting: [hello]
      every: 1m
      tell: [place, wait]
      timeout: ask
      unstaffed: bye
      closed: bye
      done: bye
  told:
    consent: {say: hello, refuse: "#", after: 2s, refused: ask, next: wait}
  ask:
    survey: {id: after-call, next: bye}
  again:
    goto: {step: choose, times: 3, then: on}
  on:
    goto: {step: bye}
  bye:
    hangup: {say: [hello]}
`

var noMarks = cmp.Options{
	cmpopts.IgnoreTypes(ivr.Mark{}),
	cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
}

func refuse(t *testing.T, faults []ivr.Fault) {
	t.Helper()
	for _, f := range faults {
		t.Errorf("%v", f)
	}
}

func TestEverythingIsRead(t *testing.T) {
	file, faults := Parse([]byte(everything))
	refuse(t, faults)
	f := file.Flow
	if f.ID != "everything" || f.Zone.String() != "Europe/Berlin" || f.Start != "open" || f.Recording != ivr.Off || f.Lost != "bye" || len(f.Version) != 12 {
		t.Errorf("head: %+v", f)
	}
	wantPrompts := map[string]ivr.Prompt{
		"hello": {Text: ivr.Text{ivr.Mandarin: "您好，歡迎來電。", ivr.English: "Hello and welcome."}},
		"press": {Text: ivr.Text{ivr.English: "Press nine: now"}},
	}
	if diff := cmp.Diff(wantPrompts, f.Prompts, noMarks); diff != "" {
		t.Errorf("prompts: %s", diff)
	}
	day, parted := []ivr.Span{{From: 540, To: 1080}}, []ivr.Span{{From: 540, To: 720}, {From: 780, To: 1440}}
	wantSteps := map[string]ivr.Action{
		"open": ivr.Hours{
			Week:  ivr.Week{parted, day, day, day, nil, parted, parted},
			Dates: []ivr.Date{{Year: 2027, Month: 1, Day: 1}, {Year: 2027, Month: 1, Day: 2, Spans: []ivr.Span{{From: 600, To: 660}}}},
			Open:  ivr.Target{Step: "office"}, Closed: ivr.Target{Step: "bye"},
		},
		"office": ivr.Hours{
			Calendar: "office", Open: ivr.Target{Step: "talk"}, Closed: ivr.Target{Step: "bye"},
			Holiday: ivr.Target{Step: "bye"}, Emergency: ivr.Target{Step: "hello"},
		},
		"talk":  ivr.Language{Set: ivr.English, Next: ivr.Target{Step: "hello"}},
		"hello": ivr.Play{Say: ivr.Say{{Key: "hello"}, {Key: "press", Lang: ivr.English}}, Next: ivr.Target{Step: "choose"}},
		"choose": ivr.Menu{
			Say: ivr.Say{{Key: "hello"}}, After: 1500 * time.Millisecond,
			Silent:  ivr.Retry{Say: ivr.Say{{Key: "hello"}}, Next: ivr.Target{Step: "wait"}},
			Invalid: ivr.Retry{Say: ivr.Say{{Key: "press", Lang: ivr.English}}, Repeat: 10, Next: ivr.Target{Step: "again"}},
			Choices: []ivr.Choice{
				{Digits: "1", Label: ivr.Text{ivr.Mandarin: "一", ivr.English: "One"}, Next: ivr.Target{Step: "wait"}},
				{Digits: "*#", Next: ivr.Target{Step: "again"}},
				{Digits: "2", Next: ivr.Target{Step: "told"}},
				{Digits: "007", Next: ivr.Target{Step: "ask"}},
			},
		},
		"wait": ivr.Queue{
			ID: "order", Survey: "after-call", Recording: ivr.On, Busy: ivr.Say{{Key: "hello"}}, Waiting: ivr.Say{{Key: "hello"}},
			Every: time.Minute, Place: true, Wait: true, Timeout: ivr.Target{Step: "ask"}, Unstaffed: ivr.Target{Step: "bye"},
			Closed: ivr.Target{Step: "bye"}, Done: ivr.Target{Step: "bye"},
		},
		"told": ivr.Consent{
			Say: ivr.Say{{Key: "hello"}}, Refuse: "#", After: 2 * time.Second,
			Refused: ivr.Target{Step: "ask"}, Next: ivr.Target{Step: "wait"},
		},
		"ask":   ivr.Survey{ID: "after-call", Next: ivr.Target{Step: "bye"}},
		"again": ivr.Goto{Step: ivr.Target{Step: "choose"}, Times: 3, Then: ivr.Target{Step: "on"}},
		"on":    ivr.Goto{Step: ivr.Target{Step: "bye"}},
		"bye":   ivr.HangUp{Say: ivr.Say{{Key: "hello"}}},
	}
	got := map[string]ivr.Action{}
	for name, step := range f.Steps {
		got[name] = step.Do
	}
	if diff := cmp.Diff(wantSteps, got, noMarks); diff != "" {
		t.Errorf("steps: %s", diff)
	}
}

func TestDefaults(t *testing.T) {
	file, faults := Parse([]byte(`{kind: flow, version: 1, id: short, languages: zh-TW, start: a, prompts: {p: {zh-TW: 您好}}, steps: {
		a: {play: {say: p, next: b}},
		b: {menu: {say: p, timeout: {next: c}, invalid: {next: c}, choices: {1: {next: c}}}},
		c: {hangup: {}}}}`))
	refuse(t, faults)
	if zone := file.Flow.Zone.String(); zone != ivr.DefaultZone {
		t.Errorf("zone = %s", zone)
	}
	if play := file.Flow.Steps["a"].Do.(ivr.Play); !play.BargeIn {
		t.Error("play has no barge-in")
	}
	menu := file.Flow.Steps["b"].Do.(ivr.Menu)
	if !menu.BargeIn || menu.After != 6*time.Second || menu.Silent.Repeat != 2 || menu.Invalid.Repeat != 2 {
		t.Errorf("menu: %+v", menu)
	}
}

func TestMarshalledFlowReadsBack(t *testing.T) {
	sources := map[string]string{"everything": everything}
	names, err := fs.Glob(flows.FS, "*.yaml")
	if err != nil || len(names) < 2 {
		t.Fatalf("shipped flows: %v, %v", names, err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(flows.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		sources[name] = string(data)
	}
	for name, source := range sources {
		file, faults := Parse([]byte(source))
		refuse(t, faults)
		written := marshal(t, file)
		back, faults := Parse(written)
		refuse(t, faults)
		if diff := cmp.Diff(file, back, noMarks, cmpopts.IgnoreFields(ivr.Flow{}, "Version"), cmpopts.IgnoreFields(survey.Survey{}, "Version")); diff != "" {
			t.Errorf("%s: %s\n%s", name, diff, written)
		}
		if again := marshal(t, back); string(again) != string(written) {
			t.Errorf("%s is written in another way the second time", name)
		}
	}
}

func marshal(t testing.TB, file File) []byte {
	t.Helper()
	var out []byte
	var err error
	if file.Flow != nil {
		out, err = MarshalFlow(file.Flow)
	} else {
		out, err = MarshalSurvey(file.Survey)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestVersionFollowsTheContent(t *testing.T) {
	one, _ := Parse([]byte(everything))
	two, _ := Parse([]byte(everything))
	other, _ := Parse([]byte(strings.Replace(everything, "barge-in: false", "barge-in: true", 1)))
	if one.Flow.Version != two.Flow.Version || one.Flow.Version == other.Flow.Version {
		t.Errorf("versions: %s, %s, %s", one.Flow.Version, two.Flow.Version, other.Flow.Version)
	}
}

func TestWhatIsTooLargeIsRefused(t *testing.T) {
	tests := map[string]string{
		strings.Repeat("#", MaxSize+1):           "the file has 262145 bytes",
		"kind: \xff":                             "the file is not UTF-8",
		"kind: " + strings.Repeat("[", 100000):   "brackets are nested too deep",
		strings.Repeat("a:\n ", 3) + "\t- : : ]": "this is not YAML",
		"kind: flow\nversion: 1\nprompts: {p: {zh-TW: " + strings.Repeat("長", maxText+1) + "}}": "prompt \"p\" is too long in zh-TW",
	}
	for source, want := range tests {
		_, faults := Parse([]byte(source))
		var all []string
		for _, f := range faults {
			all = append(all, f.Message.String())
		}
		if !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("%q: got %q, want %q", clip(source), all, want)
		}
	}
}

func TestTidy(t *testing.T) {
	for in, want := range map[string]string{
		"您好，\n  歡迎":         "您好，歡迎",
		"Hello\n world":     "Hello world",
		"按 9 鍵":             "按 9 鍵",
		" For English 請按九 ": "For English 請按九",
		"":                  "",
	} {
		if got := tidy(in); got != want {
			t.Errorf("tidy(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzParse: no input may crash or hang the reader, and what it accepts can be written, read back and spoken.
func FuzzParse(f *testing.F) {
	f.Add([]byte(everything))
	f.Add([]byte(valued))
	f.Add([]byte("kind: survey\nversion: 1\nid: a\nlanguages: [en]\nthanks: {en: Thanks}\nquestions: [{id: q, kind: nps11, text: {en: How}}]"))
	f.Add([]byte("a: &a [*a, <<: {b: !!str 1}]\n---\n? x\n: |\n  y"))
	planted, err := filepath.Glob("testdata/faults/*.yaml")
	if err != nil || len(planted) == 0 {
		f.Fatalf("planted faults: %v, %v", planted, err)
	}
	for _, name := range planted {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, faults := Parse(data)
		for i, fault := range faults {
			if fault.Line < 1 || fault.Column < 1 || fault.Message.String() == "" || fault.Remedy.String() == "" {
				t.Fatalf("fault without place, message or remedy: %+v", fault)
			}
			if i > 0 && fault.Line < faults[i-1].Line {
				t.Fatalf("faults out of order: %v", faults)
			}
		}
		if len(faults) > 0 {
			return
		}
		if file.Flow == nil && file.Survey == nil {
			t.Fatal("neither a fault nor a flow nor a survey")
		}
		back, faults := Parse(marshal(t, file))
		if len(faults) > 0 {
			t.Fatalf("what was written is refused: %v\n%s", faults, marshal(t, file))
		}
		if file.Flow != nil && !reflect.DeepEqual(file.Flow.Phrases(), back.Flow.Phrases()) {
			t.Fatalf("phrases changed: %v, %v", file.Flow.Phrases(), back.Flow.Phrases())
		}
		if file.Flow != nil {
			walkToTheEnd(t, file.Flow, data)
		}
	})
}

// walkToTheEnd has a caller do what the bytes say, and then nothing: a flow that passed the check leads to an end.
func walkToTheEnd(t *testing.T, flow *ivr.Flow, data []byte) {
	t.Helper()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	p, out := flow.Step(ivr.Position{}, ivr.Begin{}, at)
	for n := 0; !out.HangUp; n++ {
		if n > 100_000 {
			t.Fatalf("no end at %+v", p)
		}
		var in ivr.Input = ivr.Played{}
		switch do := flow.Steps[p.Step].Do.(type) {
		case ivr.Queue:
			in = ivr.Left{Result: []string{ivr.Timeout, ivr.Unstaffed, ivr.Closed, ivr.Done}[n%4]}
		case ivr.Survey:
			in = ivr.Left{Result: ivr.Done}
		case ivr.Lookup, ivr.Pay, ivr.Task:
			in = ivr.Returned{Result: []string{ivr.Found, ivr.Missing, ivr.Failed}[n%3]}
		case ivr.Menu, ivr.Consent, ivr.Ask:
			in = ivr.Silence{}
			if n < min(len(data), 200) {
				in = ivr.Digit{Digit: "0123456789*#"[int(data[n])%12]}
			}
			if _, asks := do.(ivr.Ask); asks && p.Errand {
				in = ivr.Returned{Result: []string{ivr.Found, ivr.Missing}[n%2]}
			}
		}
		p, out = flow.Step(p, in, at)
		for _, said := range out.Say {
			if strings.Contains(said.Text, "{") {
				t.Fatalf("says %q", said.Text)
			}
		}
	}
}
