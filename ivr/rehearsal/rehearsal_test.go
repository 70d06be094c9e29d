package rehearsal_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flows"
	"hotline/ivr/rehearsal"
)

const office = `kind: flow
version: 1
id: office
languages: [zh-TW, en]
zone: Asia/Taipei
start: hours
prompts:
  menu: {zh-TW: 訂購請按一。, en: For orders press one.}
  nine: {en: For English press nine.}
  wrong: {zh-TW: 不正確。, en: Wrong.}
  closed: {zh-TW: 目前休息。, en: We are closed.}
steps:
  hours:
    hours: {week: {mon-fri: "09:00-18:00"}, open: menu, closed: closed}
  menu:
    menu:
      say: [menu, nine@en]
      timeout: {after: 5s, say: wrong, repeat: 1, next: closed}
      invalid: {say: wrong, repeat: 1, next: closed}
      choices:
        1: {label: {zh-TW: 訂購, en: Orders}, next: order}
        9: {next: english}
  english:
    language: {set: en, next: menu}
  order:
    queue: {id: order, survey: after-call, timeout: closed, unstaffed: closed, closed: closed}
  closed:
    hangup: {say: closed}
`

func walk(t *testing.T, lang ivr.Lang, at string, inputs ...rehearsal.Input) rehearsal.Scene {
	t.Helper()
	file, faults := flowfile.Parse([]byte(office))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	set, err := flowfile.LoadFS(ivr.Known{}, flows.FS)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	return rehearsal.Flow(file.Flow, rehearsal.Options{At: when, Lang: lang, Surveys: set.Surveys}, inputs)
}

func heard(s rehearsal.Scene) string {
	var out []string
	for _, l := range s.Lines {
		if l.Kind == rehearsal.LineSay {
			out = append(out, l.Text)
		}
	}
	return strings.Join(out, " ")
}

const monday, sunday = "2026-11-30T10:00:00+08:00", "2026-11-29T10:00:00+08:00"

func TestTheClockDecides(t *testing.T) {
	open, closed := walk(t, "", monday), walk(t, "", sunday)
	if fmt.Sprint(open.Path) != "[hours menu]" || open.Waits != rehearsal.ForDigits || open.Wait != 5*time.Second || open.Over {
		t.Errorf("%+v", open)
	}
	if fmt.Sprint(closed.Path) != "[hours closed]" || !closed.Over || closed.Waits != "" || heard(closed) != "目前休息。" {
		t.Errorf("%+v", closed)
	}
}

func TestKeysLeadThroughTheMenu(t *testing.T) {
	s := walk(t, "", monday, rehearsal.Input{Digits: "91"})
	if fmt.Sprint(s.Path) != "[hours menu english menu order]" || s.Waits != rehearsal.ForQueue || s.Lang != ivr.English || fmt.Sprint(s.Reasons) != "[訂購]" {
		t.Errorf("%+v", s)
	}
	if got := heard(s); got != "訂購請按一。 For English press nine. For orders press one. For English press nine." {
		t.Error(got)
	}
	if fmt.Sprint(s.Results) != "[answered timeout unstaffed closed]" {
		t.Error(s.Results)
	}
}

func TestSilenceWrongKeysAndHangingUp(t *testing.T) {
	silent := walk(t, ivr.English, monday, rehearsal.Input{Silence: true}, rehearsal.Input{Silence: true})
	if !silent.Over || silent.Step != "closed" || !strings.HasSuffix(heard(silent), "We are closed.") {
		t.Errorf("%+v", silent)
	}
	wrong := walk(t, "", monday, rehearsal.Input{Digits: "5"})
	if wrong.Over || !strings.Contains(heard(wrong), "不正確。") {
		t.Errorf("%+v", wrong)
	}
	gone := walk(t, "", monday, rehearsal.Input{HangUp: true}, rehearsal.Input{Digits: "1"})
	if last := gone.Lines[len(gone.Lines)-1]; !gone.Over || last.Kind != rehearsal.LineGone || last.Step != "menu" {
		t.Errorf("%+v", gone)
	}
	if s := walk(t, "", monday, rehearsal.Input{Result: ivr.Timeout}); s.Over || s.Lines[len(s.Lines)-1].Kind != rehearsal.LineIgnored {
		t.Errorf("%+v", s)
	}
}

func TestTheSurveyAfterTheTalk(t *testing.T) {
	s := walk(t, "", monday, rehearsal.Input{Digits: "1"}, rehearsal.Input{Result: rehearsal.Answered}, rehearsal.Input{Digits: "5"}, rehearsal.Input{Digits: "10"})
	var answers []string
	for _, l := range s.Lines {
		if l.Kind == rehearsal.LineAnswer {
			answers = append(answers, l.Text)
		}
	}
	if fmt.Sprint(answers) != "[satisfaction=5 recommendation=10]" || !s.Over {
		t.Errorf("%v %+v", answers, s)
	}
	set, err := flowfile.LoadFS(ivr.Known{}, flows.FS)
	if err != nil {
		t.Fatal(err)
	}
	alone := rehearsal.Survey(set.Surveys["after-call"], rehearsal.Options{Lang: ivr.English}, []rehearsal.Input{{Digits: "4"}, {Digits: "9#"}})
	if !alone.Over || alone.Lines[0].Kind != rehearsal.LineSurvey || fmt.Sprint(alone.Path) != "[satisfaction recommendation]" {
		t.Errorf("%+v", alone)
	}
	if left := walk(t, "", monday, rehearsal.Input{Digits: "1"}, rehearsal.Input{Result: ivr.Unstaffed}); !left.Over || left.Step != "closed" {
		t.Errorf("%+v", left)
	}
}

const goods = `kind: flow
version: 1
id: goods
languages: [zh-TW]
start: desk
values: {desk: text}
prompts:
  told: {zh-TW: "為您轉到{desk}。"}
  none: {zh-TW: 沒有這個流程。}
steps:
  desk:
    flow: {id: desk, get: {desk: desk}, done: told, failed: none}
  told:
    hangup: {say: told}
  none:
    hangup: {say: none}
`

const desk = `kind: flow
version: 1
id: desk
languages: [zh-TW]
start: which
gives: desk
values: {desk: text}
prompts:
  which: {zh-TW: 電器請按一。}
steps:
  which:
    menu: {say: which, timeout: {next: back}, invalid: {next: back}, choices: {1: {next: back}}}
  back:
    set: {value: desk, to: 電器組, next: return}
  return:
    return: {}
`

func TestAFlowThatIsEnteredIsWalked(t *testing.T) {
	outer, faults := flowfile.Parse([]byte(goods))
	inner, more := flowfile.Parse([]byte(desk))
	if len(faults)+len(more) > 0 {
		t.Fatal(faults, more)
	}
	o := rehearsal.Options{Flows: map[string]*ivr.Flow{"desk": inner.Flow}}
	asked := rehearsal.Flow(outer.Flow, o, nil)
	if asked.Step != "desk" || asked.Waits != rehearsal.ForDigits || fmt.Sprint(asked.Path) != "[desk]" || asked.Lines[len(asked.Lines)-1].Step != "desk/which" {
		t.Errorf("%+v", asked)
	}
	s := rehearsal.Flow(outer.Flow, o, []rehearsal.Input{{Digits: "1"}})
	var kinds []string
	for _, l := range s.Lines {
		kinds = append(kinds, l.Kind)
	}
	if !s.Over || s.Step != "told" || fmt.Sprint(s.Path) != "[desk told]" || heard(s) != "電器請按一。 為您轉到電器組。" ||
		fmt.Sprint(kinds) != "[step flow step say keys step step return step say end]" {
		t.Errorf("%v %+v", kinds, s)
	}
	if s := rehearsal.Flow(outer.Flow, rehearsal.Options{}, nil); !s.Over || s.Step != "none" || heard(s) != "沒有這個流程。" {
		t.Errorf("%+v", s)
	}
}
