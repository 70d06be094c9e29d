package cti_test

import (
	"testing"
	"time"

	"hotline/cti"
	"hotline/cti/ctitest"
	"hotline/cti/id"
	"hotline/internal/calendar"
	"hotline/ivr"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func newFloor(t *testing.T, agents ...id.AgentID) *cti.Floor {
	t.Helper()
	f := cti.New()
	f.Step(start, ctitest.Config(agents))
	return f
}

// A fact that does not apply yields an Anomaly and nothing else; a late echo of a command yields nothing.
func TestFactsThatNoLongerApply(t *testing.T) {
	f := newFloor(t, "a1")
	f.Step(start, cti.CallArrived{Call: "c1", Flow: "main"})
	for _, ev := range []cti.Event{
		cti.CallArrived{Call: "c1", Flow: "main"},
		cti.CallerGone{Call: "c9"},
		cti.DigitPressed{Call: "c9", Digit: "1"},
		cti.DigitPressed{Call: "c1", Digit: ""},
		cti.DigitPressed{Call: "c1", Digit: "12"},
		cti.LegUp{Leg: "c1.2", Part: 1},
		cti.LegUp{Leg: "nonsense", Part: 1},
		cti.CustomerFound{Call: "c9"},
		cti.SurveyChecked{Call: "c9"},
		cti.AnswerSaved{Call: "c9"},
		cti.DeskConnected{Agent: "nobody"},
		cti.MediaLost{Agent: "nobody"},
		cti.DispositionSaved{Agent: "nobody"},
		cti.AgentRestored{View: cti.AgentView{Agent: "nobody"}},
		cti.LegsFound{},
	} {
		out := f.Step(start, ev)
		if len(out) != 1 || cti.CommandKind(out[0]) != "anomaly" {
			t.Errorf("%s: %v", cti.EventKind(ev), out)
		}
	}
	for _, ev := range []cti.Event{
		cti.PlayFinished{Call: "c1", Play: 9},
		cti.PlayFinished{Call: "c9", Play: 1},
		cti.LegGone{Leg: "c1.2", Part: 1},
		cti.TimerFired{Timer: cti.Timer{Call: "c1", Kind: cti.TimerRing}, Gen: 1},
		cti.TimerFired{Timer: cti.Timer{Agent: "nobody", Kind: cti.TimerWrapUp}, Gen: 1},
		cti.CommandFailed{Call: "c9", Command: "play"},
		cti.AnswerSaved{Call: "c1", Question: "none"},
		cti.DispositionSaved{Agent: "a1", Call: "c1"},
		cti.AsteriskLost{},
	} {
		if out := f.Step(start, ev); len(out) != 0 {
			t.Errorf("%s: %v", cti.EventKind(ev), out)
		}
	}
}

// Whatever the flow of a line is called, the caller hears something and the call ends.
func TestCallWithoutFlowEnds(t *testing.T) {
	f := newFloor(t)
	out := f.Step(start, cti.CallArrived{Call: "c1", Flow: "no such"})
	if !has[cti.Play](out) {
		t.Errorf("nothing said: %v", out)
	}
	if out := f.Step(start, cti.PlayFinished{Call: "c1", Play: 1}); !has[cti.HangUp](out) {
		t.Errorf("not hung up: %v", out)
	}
}

// The emergency switch concerns callers who are in the flow already.
func TestCalendarsHoldForCallsInTheFlow(t *testing.T) {
	flow := &ivr.Flow{
		ID: "main", Langs: []ivr.Lang{ivr.English}, Start: "welcome",
		Prompts: map[string]ivr.Prompt{"hello": {Text: ivr.Text{ivr.English: "hello"}}},
		Steps: map[string]ivr.Step{
			"welcome": {Do: ivr.Play{Say: ivr.Say{{Key: "hello"}}, Next: ivr.Target{Step: "hours"}}},
			"hours":   {Do: ivr.Hours{Calendar: "office", Open: ivr.Target{Step: "welcome"}, Closed: ivr.Target{Step: "end"}}},
			"end":     {Do: ivr.HangUp{}},
		},
	}
	office := &calendar.Calendar{Name: "office"}
	for day := range office.Week {
		office.Week[day] = calendar.Hours{{From: 0, To: 24 * 60}}
	}
	f := cti.New()
	f.Step(start, cti.Configured{Flows: []*ivr.Flow{flow}, Calendars: []*calendar.Calendar{office}})
	f.Step(start, cti.CallArrived{Call: "c1", Flow: "main"})
	if out := f.Step(start, cti.PlayFinished{Call: "c1", Play: 1}); said(out) != "hello" {
		t.Fatalf("open: %v", out)
	}
	closed := *office
	closed.Emergency = &calendar.Emergency{Say: map[string]string{"en": "typhoon"}}
	f.Step(start, cti.Configured{Flows: []*ivr.Flow{flow}, Calendars: []*calendar.Calendar{&closed}})
	if out := f.Step(start, cti.PlayFinished{Call: "c1", Play: 2}); said(out) != "typhoon" {
		t.Fatalf("after the switch: %v", out)
	}
	if out := f.Step(start, cti.PlayFinished{Call: "c1", Play: 3}); !has[cti.HangUp](out) {
		t.Errorf("after its words: %v", out)
	}
}

// said is the first phrase that is played.
func said(cmds []cti.Command) string {
	for _, cmd := range cmds {
		if p, ok := cmd.(cti.Play); ok {
			return p.Phrases[0].Text
		}
	}
	return ""
}

func has[T cti.Command](cmds []cti.Command) bool {
	for _, cmd := range cmds {
		if _, ok := cmd.(T); ok {
			return true
		}
	}
	return false
}

// The commands of a Step belong to the caller: the next Step leaves them alone.
func TestCommandsAreNotOverwritten(t *testing.T) {
	f := newFloor(t)
	first := f.Step(start, cti.CallArrived{Call: "c1", Flow: "main"})
	was := append([]cti.Command(nil), first...)
	f.Step(start, cti.CallArrived{Call: "c2", Flow: "main"})
	for i, cmd := range first {
		if cti.CommandKind(cmd) != cti.CommandKind(was[i]) {
			t.Fatalf("command %d became %s", i, cti.CommandKind(cmd))
		}
	}
	if r := first[0].(cti.Remember); r.Call != "c1" || r.State.Phase != cti.PhaseFlow {
		t.Errorf("remembers %+v", r)
	}
}

func TestOverviewShowsWaitingCallsAndAgents(t *testing.T) {
	f := newFloor(t, "a1", "a2")
	for i, ev := range []cti.Event{
		cti.DeskConnected{Agent: "a1"},
		cti.MediaConnected{Agent: "a1"},
		cti.AgentReady{Agent: "a1", Req: 1},
		cti.CallArrived{Call: "c1", Flow: "main"},
		cti.DigitPressed{Call: "c1", Digit: "1"},
		cti.CallArrived{Call: "c2", Flow: "main"},
		cti.DigitPressed{Call: "c2", Digit: "1"},
	} {
		f.Step(start.Add(time.Duration(i)*time.Second), ev)
	}
	o := f.Overview()
	if o.Calls != 2 || len(o.Agents) != 1 || o.Agents[0].State != cti.AgentStateRinging || len(o.Queues) != 3 {
		t.Fatalf("%+v", o)
	}
	order := o.Queues[0]
	if order.Queue != ctitest.QueueOrder || order.SignedIn != 1 || order.Able != 0 || len(order.Waiting) != 2 ||
		order.Waiting[0].Ringing != "a1" || order.Waiting[1].Call != "c2" {
		t.Errorf("%+v", order)
	}
	if _, ok := f.View("nobody"); ok {
		t.Error("a view of nobody")
	}
	if v, ok := f.View("a1"); !ok || v.Call.Call != "c1" || v.Call.Waited != 0 || v.Call.RingUntil.IsZero() {
		t.Errorf("%+v %+v", v, v.Call)
	}
}

// An agent who is taken off the floor finishes the call and is then signed out.
func TestAgentWhoIsNoLongerConfigured(t *testing.T) {
	f := newFloor(t, "a1", "a2")
	for _, ev := range []cti.Event{
		cti.DeskConnected{Agent: "a1"},
		cti.MediaConnected{Agent: "a1"},
		cti.AgentReady{Agent: "a1"},
		cti.CallArrived{Call: "c1", Flow: "main"},
		cti.DigitPressed{Call: "c1", Digit: "1"},
		cti.AgentAnswered{Agent: "a1", Leg: "c1.2"},
		cti.LegUp{Leg: "c1.2", Part: 1},
		ctitest.Config([]id.AgentID{"a2"}),
	} {
		f.Step(start, ev)
	}
	if v, _ := f.View("a1"); v.State != cti.AgentStateTalking {
		t.Fatalf("cut off: %+v", v)
	}
	f.Step(start, cti.CallerGone{Call: "c1"})
	f.Step(start, cti.AgentReady{Agent: "a1"})
	if v, _ := f.View("a1"); v.State != cti.AgentStateSignedOut {
		t.Errorf("still here: %+v", v)
	}
}

// The Play that was to end the music failed, and the news is slower than the agent: the talk goes on without music.
func TestMusicEndsThoughThePlayFailed(t *testing.T) {
	f := newFloor(t, "a1")
	var play int
	for _, ev := range []cti.Event{
		cti.DeskConnected{Agent: "a1"},
		cti.MediaConnected{Agent: "a1"},
		cti.CallArrived{Call: "c1", Flow: "main"},
		cti.DigitPressed{Call: "c1", Digit: "1"},
		cti.AgentReady{Agent: "a1"},
		cti.AgentAnswered{Agent: "a1", Leg: "c1.2"},
		cti.LegUp{Leg: "c1.2", Part: 1},
	} {
		for _, cmd := range f.Step(start, ev) {
			if p, ok := cmd.(cti.Play); ok {
				play = p.Play
			}
		}
	}
	if v, _ := f.View("a1"); v.Call == nil || v.Call.Voice != cti.VoiceUp || play != 2 {
		t.Fatalf("no talk after play %d: %+v", play, v)
	}
	failed := cti.CommandFailed{Call: "c1", Command: cti.CommandKind(cti.Play{}), Play: play}
	if out := f.Step(start, failed); !has[cti.StopMusic](out) {
		t.Errorf("music over the talk: %v", out)
	}
}

// An announcement of the recording that could not be played has told nobody, and the call goes on.
func TestAnnouncementThatCannotBePlayedTellsNobody(t *testing.T) {
	noticed := func(failed bool) (at time.Time) {
		f := newFloor(t)
		f.Step(start, cti.CallArrived{Call: "c1", Flow: "main"})
		f.Step(start, cti.DigitPressed{Call: "c1", Digit: "4"}) // to the step that announces it
		now := start.Add(5 * time.Second)
		f.Step(now, cti.PlayFinished{Call: "c1", Play: 2, Failed: failed})
		for _, cmd := range f.Step(now.Add(time.Second), cti.CallerGone{Call: "c1"}) {
			if save, ok := cmd.(cti.SaveCall); ok {
				at = save.Summary.Noticed
			}
		}
		return at
	}
	if at := noticed(true); !at.IsZero() {
		t.Errorf("could not be played, and was heard at %s", at)
	}
	if at := noticed(false); !at.Equal(start.Add(5 * time.Second)) {
		t.Errorf("heard at %s", at)
	}
}
