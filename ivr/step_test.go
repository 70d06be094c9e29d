package ivr_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"hotline/ivr"
)

func both(words string) ivr.Text {
	return ivr.Text{ivr.Mandarin: words, ivr.English: words + "-en"}
}

func to(step string) ivr.Target { return ivr.Target{Step: step} }

func say(keys ...string) ivr.Say {
	var s ivr.Say
	for _, k := range keys {
		key, lang, _ := strings.Cut(k, "@")
		s = append(s, ivr.PromptRef{Key: key, Lang: ivr.Lang(lang)})
	}
	return s
}

// testFlow has every kind of step.
func testFlow() *ivr.Flow {
	steps := map[string]ivr.Action{
		"hours":   ivr.Hours{Week: ivr.Week{1: {{From: 9 * 60, To: 18 * 60}}}, Open: to("welcome"), Closed: to("closed")},
		"welcome": ivr.Play{Say: say("welcome"), BargeIn: true, Next: to("advert")},
		"advert":  ivr.Play{Say: say("advert"), BargeIn: true, Next: to("menu")},
		"menu": ivr.Menu{
			Say: say("menu", "nine@en"), BargeIn: true, After: 5 * time.Second,
			Silent:  ivr.Retry{Say: say("silent"), Repeat: 1, Next: to("order")},
			Invalid: ivr.Retry{Say: say("wrong"), Repeat: 1, Next: to("sorry")},
			Choices: []ivr.Choice{
				{Digits: "1", Label: ivr.Text{ivr.Mandarin: "訂購", ivr.English: "Ordering"}, Next: to("notice")},
				{Digits: "2", Next: to("again")},
				{Digits: "4", Next: to("consent")},
				{Digits: "9", Next: to("english")},
				{Digits: "51", Label: ivr.Text{ivr.Mandarin: "五一", ivr.English: "Fifty-one"}, Next: to("ask")},
			},
		},
		"english": ivr.Language{Set: ivr.English, Next: to("menu")},
		"again":   ivr.Goto{Step: to("menu"), Times: 1, Then: to("sorry")},
		"notice":  ivr.Play{Say: say("notice"), Next: to("order")},
		"order": ivr.Queue{
			ID: "order", Survey: "after-call", Busy: say("busy"), Waiting: say("waiting"), Every: 30 * time.Second, Place: true,
			Timeout: to("slow"), Unstaffed: to("slow"), Closed: to("closed"),
		},
		"slow": ivr.Play{Say: say("slow"), Next: to("sorry")},
		"ask":  ivr.Survey{ID: "after-call", Next: to("sorry")},
		"consent": ivr.Consent{
			Say: say("consent"), Refuse: "0", After: 3 * time.Second, Refused: to("unheard"), Next: to("told"),
		},
		"told":    ivr.Consent{Say: say("notice"), Next: to("order")},
		"unheard": ivr.Consent{Say: say("consent"), Refuse: "#", After: time.Second, Next: to("order")},
		"closed":  ivr.HangUp{Say: say("closed")},
		"sorry":   ivr.HangUp{Say: say("sorry")},
		"strict": ivr.Menu{
			Say: say("menu"), After: 5 * time.Second,
			Silent:  ivr.Retry{Next: to("sorry")},
			Invalid: ivr.Retry{Next: to("sorry")},
			Choices: []ivr.Choice{{Digits: "1", Next: to("closed")}},
		},
	}
	f := &ivr.Flow{
		ID: "test", Version: "v1", Langs: []ivr.Lang{ivr.Mandarin, ivr.English}, Zone: time.FixedZone("Taipei", 8*3600),
		Start: "hours", Lost: "sorry", Steps: map[string]ivr.Step{}, Prompts: map[string]ivr.Prompt{},
	}
	for name, do := range steps {
		f.Steps[name] = ivr.Step{Do: do}
	}
	for _, key := range strings.Fields("welcome advert menu silent wrong notice consent busy waiting slow closed sorry") {
		f.Prompts[key] = ivr.Prompt{Text: both(key)}
	}
	f.Prompts["nine"] = ivr.Prompt{Text: ivr.Text{ivr.English: "nine-en"}}
	return f
}

// show writes an output as one line.
func show(o ivr.Output) string {
	var parts []string
	if len(o.Say) > 0 {
		var words []string
		for _, p := range o.Say {
			words = append(words, p.Text)
		}
		parts = append(parts, "say "+strings.Join(words, "+"))
	}
	if o.BargeIn {
		parts = append(parts, "barge-in")
	}
	if o.Wait > 0 {
		parts = append(parts, "wait "+o.Wait.String())
	}
	if o.Queue != nil {
		parts = append(parts, fmt.Sprintf("queue %s", o.Queue.ID))
	}
	if o.Survey != "" {
		parts = append(parts, "survey "+o.Survey)
	}
	if o.HangUp {
		parts = append(parts, "hang up")
	}
	if o.Noticed {
		parts = append(parts, "noticed")
	}
	if o.Refused {
		parts = append(parts, "refused")
	}
	return strings.Join(parts, ", ")
}

// input reads one word of a script: a digit, begin, played, silence or the result of a queue.
func input(word string) ivr.Input {
	switch word {
	case "begin":
		return ivr.Begin{}
	case "played":
		return ivr.Played{}
	case "unplayable":
		return ivr.Played{Failed: true}
	case "silence":
		return ivr.Silence{}
	case ivr.Done, ivr.Timeout, ivr.Unstaffed, ivr.Closed:
		return ivr.Left{Result: word}
	default:
		return ivr.Digit{Digit: word[0]}
	}
}

func TestWalk(t *testing.T) {
	const (
		welcome = "say welcome, barge-in"
		menu    = "say menu+nine-en, barge-in, wait 5s"
		silent  = "say silent+menu+nine-en, barge-in, wait 5s"
		wrong   = "say wrong+menu+nine-en, barge-in, wait 5s"
		sorry   = "say sorry, hang up"
		notice  = "say notice"
		order   = "queue order"
	)
	tests := []struct {
		name, script string
		want         []string
	}{
		{
			"to the queue and through", "begin played played played 1 played done",
			[]string{welcome, "say advert, barge-in", menu, "", notice, order, "hang up"},
		},
		{"a digit ahead skips to its choice", "begin 1", []string{welcome, notice}},
		{"a digit ahead that is no choice only skips", "begin 7 1", []string{welcome, menu, notice}},
		{"a digit ahead begins a choice", "begin 5 1", []string{welcome, "wait 5s", "survey after-call"}},
		{"a notice cannot be skipped", "begin 1 1 2 # played", []string{welcome, notice, "", "", "", order}},
		{"silence", "begin 7 silence silence", []string{welcome, menu, silent, order}},
		{"wrong digits", "begin 7 8 8", []string{welcome, menu, wrong, sorry}},
		{"silence and wrong digits are counted apart", "begin 7 8 silence 8", []string{welcome, menu, wrong, silent, sorry}},
		{"two digits", "begin 7 5 1 2 done", []string{welcome, menu, "wait 5s", "survey after-call", "", sorry}},
		{"two digits, wrong", "begin 7 5 2 1", []string{welcome, menu, "wait 5s", wrong, notice}},
		{"two digits, unfinished", "begin 7 5 silence 1", []string{welcome, menu, "wait 5s", wrong, notice}},
		{"a counted round", "begin 7 2 2", []string{welcome, menu, menu, sorry}},
		{
			"another language", "begin 9 1 played closed",
			[]string{welcome, "say menu-en+nine-en, barge-in, wait 5s", "say notice-en", order, "say closed-en, hang up"},
		},
		{"nobody is signed in", "begin 1 played unstaffed played", []string{welcome, notice, order, "say slow", sorry}},
		{"the longest wait", "begin 1 played 5 silence played timeout", []string{welcome, notice, order, "", "", "", "say slow"}},
		{
			"the recording is announced, and not refused", "begin 4 8 played 1 silence 0 played",
			[]string{welcome, "say consent, wait 3s", "", "noticed", "", notice, "", "queue order, noticed"},
		},
		{
			"the announcement cannot be played", "begin 4 unplayable silence unplayable",
			[]string{welcome, "say consent, wait 3s", "", notice, order},
		},
		{
			"the recording is refused", "begin 4 0 begin 0 played #",
			[]string{welcome, "say consent, wait 3s", "say consent, wait 1s, refused", "say consent, wait 1s", "", "noticed", "queue order, refused"},
		},
		{"restart in the menu", "begin 7 8 begin 8", []string{welcome, menu, wrong, menu, wrong}},
		{"restart in the queue", "begin 1 played begin", []string{welcome, notice, order, order}},
		{"results that do not belong here", "begin timeout 7 done", []string{welcome, "", menu, ""}},
		{"after the end", "begin 7 8 8 1 begin silence", []string{welcome, menu, wrong, sorry, "hang up", "hang up", "hang up"}},
	}
	monday := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC) // noon in Taipei
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var p ivr.Position
			for i, word := range strings.Fields(tt.script) {
				var out ivr.Output
				p, out = testFlow().Step(p, input(word), monday)
				if got := show(out); got != tt.want[i] {
					t.Fatalf("input %d (%s): got %q, want %q", i, word, got, tt.want[i])
				}
				if idle := show(out) == "" || show(out) == "noticed"; idle != out.Idle() {
					t.Errorf("input %d: Idle() = %t for %q", i, out.Idle(), show(out))
				}
				p = travel(t, p)
			}
		})
	}
}

// travel sends the position through the channel variable that it is kept in.
func travel(t *testing.T, p ivr.Position) ivr.Position {
	t.Helper()
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back ivr.Position
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(p, back) {
		t.Fatalf("%+v came back as %+v", p, back)
	}
	return back
}

func TestMenuWithoutBargeInTakesDigitsOnlyWhenHeard(t *testing.T) {
	p := ivr.Position{Flow: "test", Step: "strict", Lang: ivr.Mandarin}
	p, out := testFlow().Step(p, ivr.Digit{Digit: '1'}, noon)
	if !out.Idle() {
		t.Fatalf("a digit before the end: %q", show(out))
	}
	p, _ = testFlow().Step(p, ivr.Played{}, noon)
	if _, out = testFlow().Step(p, ivr.Digit{Digit: '1'}, noon); show(out) != "say closed, hang up" {
		t.Errorf("a digit after it: %q", show(out))
	}
}

func TestWhyTheyCallIsInTheFirstLanguage(t *testing.T) {
	p := ivr.Position{Flow: "test", Step: "menu", Lang: ivr.English}
	p, _ = testFlow().Step(p, ivr.Digit{Digit: '1'}, noon)
	if want := []string{"訂購"}; !reflect.DeepEqual(p.Path, want) {
		t.Errorf("path = %v, want %v", p.Path, want)
	}
	if p.Flow != "test" || p.Version != "v1" {
		t.Errorf("position is of %s %s", p.Flow, p.Version)
	}
}

func TestPositionOfAChangedFlowEndsWell(t *testing.T) {
	gone := ivr.Position{Flow: "test", Version: "v0", Step: "gone", Lang: ivr.English}
	for _, in := range []ivr.Input{ivr.Begin{}, ivr.Played{}, ivr.Digit{Digit: '1'}, ivr.Silence{}, ivr.Left{Result: ivr.Timeout}} {
		if _, out := testFlow().Step(gone, in, noon); show(out) != "say sorry-en, hang up" {
			t.Errorf("%T: %q", in, show(out))
		}
		f := testFlow()
		f.Lost = ""
		if _, out := f.Step(gone, in, noon); !out.HangUp || !reflect.DeepEqual(out.Say, ivr.Sorry(ivr.English)) {
			t.Errorf("%T without a lost step: %q", in, show(out))
		}
		if _, out := (&ivr.Flow{}).Step(gone, in, noon); !out.HangUp {
			t.Errorf("%T in an empty flow: %q", in, show(out))
		}
	}
	other := ivr.Position{Flow: "other", Step: "menu"}
	if _, out := testFlow().Step(other, ivr.Begin{}, noon); show(out) != "say sorry, hang up" {
		t.Errorf("a position of another flow: %q", show(out))
	}
}

func TestKeysForEverEndTheCall(t *testing.T) {
	p, out := testFlow().Step(ivr.Position{Step: "menu"}, ivr.Digit{Digit: '9'}, noon)
	for i := 0; !out.HangUp; i++ {
		if i > ivr.MaxMoves {
			t.Fatal("no end")
		}
		p, out = testFlow().Step(p, ivr.Digit{Digit: '9'}, noon)
	}
}

func TestQueueSaysWhatWaitingCallersHear(t *testing.T) {
	f := testFlow()
	q, ok := f.Queue(ivr.Position{Step: "order", Lang: ivr.English})
	want := ivr.QueueStep{
		ID: "order", Survey: "after-call", Every: 30 * time.Second, Place: true,
		Busy:    []ivr.Phrase{{Text: "busy-en", Lang: ivr.English}},
		Waiting: []ivr.Phrase{{Text: "waiting-en", Lang: ivr.English}},
	}
	if !ok || !reflect.DeepEqual(q, want) {
		t.Errorf("got %+v, %t", q, ok)
	}
	for _, step := range []string{"menu", "gone", ""} {
		if _, ok := f.Queue(ivr.Position{Step: step}); ok {
			t.Errorf("step %q is a queue", step)
		}
	}
}

func TestHours(t *testing.T) {
	taipei := time.FixedZone("Taipei", 8*3600)
	h := ivr.Hours{
		Week:  ivr.Week{1: {{From: 9 * 60, To: 12 * 60}, {From: 13 * 60, To: 24 * 60}}, 2: {{From: 0, To: 60}}},
		Dates: []ivr.Date{{Year: 2026, Month: 11, Day: 30}, {Year: 2026, Month: 12, Day: 6, Spans: []ivr.Span{{From: 600, To: 660}}}},
	}
	tests := []struct {
		local string
		want  bool
	}{
		{"2026-11-23 08:59", false},
		{"2026-11-23 09:00", true},
		{"2026-11-23 11:59", true},
		{"2026-11-23 12:00", false},
		{"2026-11-23 23:59", true},
		{"2026-11-24 00:00", true},
		{"2026-11-24 01:00", false},
		{"2026-11-30 10:00", false}, // a Monday that is a holiday
		{"2026-12-06 10:30", true},  // a Sunday that is not
	}
	for _, tt := range tests {
		local, err := time.ParseInLocation("2006-01-02 15:04", tt.local, taipei)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.IsOpen(local.UTC(), taipei); got != tt.want {
			t.Errorf("%s: open = %t", tt.local, got)
		}
	}
}

// TestTheLargestPositionFitsTheChannelVariable: Asterisk takes 6 KB, which the rest of the call's state shares.
func TestTheLargestPositionFitsTheChannelVariable(t *testing.T) {
	f := testFlow()
	step := strings.Repeat("x", 64)
	p := ivr.Position{Flow: step, Version: step, Step: step, Lang: ivr.Mandarin, Rounds: map[string]int{}}
	for i := range ivr.MaxCounted {
		p.Rounds[fmt.Sprintf("%s%02d", step[:62], i)] = ivr.MaxRepeat
	}
	label := ivr.Text{ivr.Mandarin: strings.Repeat("長", ivr.MaxLabel)}
	f.Steps[step] = ivr.Step{Do: ivr.Menu{BargeIn: true, Choices: []ivr.Choice{{Digits: "1", Label: label, Next: to(step)}}}}
	p.Flow = f.ID
	for range 50 {
		p, _ = f.Step(p, ivr.Digit{Digit: '1'}, noon)
	}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Path) == 0 || len(data) > 4000 {
		t.Errorf("%d choices, %d bytes", len(p.Path), len(data))
	}
}
