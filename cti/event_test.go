package cti

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"
	"time"

	"hotline/ivr"
)

// kinds returns the names of the types in the file that have the method.
func kinds(t *testing.T, file, method string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, decl := range parsed.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if ok && fn.Recv != nil && fn.Name.Name == method {
			names = append(names, fn.Recv.List[0].Type.(*ast.Ident).Name)
		}
	}
	return names
}

func TestEveryEventCanBeStoredAndReplayed(t *testing.T) {
	types := kinds(t, "event.go", "event")
	if len(types) != len(eventTypes) {
		t.Errorf("%d event types, %d decoders", len(types), len(eventTypes))
	}
	for kind := range eventTypes {
		ev, err := DecodeEvent(kind, []byte("{}"))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if EventKind(ev) != kind {
			t.Errorf("%s decodes to %s", kind, EventKind(ev))
		}
		if name := strings.ReplaceAll(kind, "_", ""); !strings.EqualFold(name, reflect.TypeOf(ev).Name()) {
			t.Errorf("kind %q of %T", kind, ev)
		}
	}
}

func TestEventComesBackAsItWas(t *testing.T) {
	st := fullState()
	for _, ev := range []Event{
		CallArrived{Call: "c1", Line: "+886800000123", Flow: "main", Anonymous: true},
		CallArrived{Call: "out-7-1", Line: "+886800000123", Made: &Made{Campaign: "spring", Survey: "csat", Lang: ivr.Mandarin}},
		TimerFired{Timer: Timer{Call: "c1", Kind: TimerRing}, Gen: 7},
		AgentNextState{Agent: "u1", State: AgentStateNotReady, Reason: "lunch", Req: 9},
		AgentRestored{View: AgentView{
			Agent: "u1", State: AgentStateTalking, Since: time.Unix(1e9, 5).UTC(),
			Call: &CallView{Call: "c1", Leg: "c1.2", Customers: []int64{1}, Voice: VoiceHeld},
		}},
		AsteriskReconnected{Calls: []Restored{{Call: "c1", Up: true, State: &st, Parts: []RestoredPart{{Leg: "c1.2", Part: 1}}}}},
	} {
		data, err := json.Marshal(ev)
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodeEvent(EventKind(ev), data)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(ev, back) {
			t.Errorf("%s:\n%+v\n%+v", data, ev, back)
		}
	}
}

func TestNotesStayOutOfStoredEvents(t *testing.T) {
	data, err := json.Marshal(AgentDisposed{Agent: "u1", Note: "王小明"})
	if err != nil || strings.Contains(string(data), "王小明") {
		t.Errorf("%s, %v", data, err)
	}
}

func TestUnreadableEventsAreErrors(t *testing.T) {
	if _, err := DecodeEvent("no_such", nil); err == nil {
		t.Error("unknown kind decoded")
	}
	if _, err := DecodeEvent("call_arrived", []byte("[")); err == nil {
		t.Error("broken JSON decoded")
	}
}

func TestCommandKindsAreNamedAfterTheirTypes(t *testing.T) {
	seen := map[string]bool{}
	for _, cmd := range []Command{
		Remember{},
		Answer{},
		Play{},
		StopPlay{},
		StartMusic{},
		StopMusic{},
		LookUpCustomer{},
		CheckSurvey{},
		RunErrand{},
		ForgetSecret{},
		Walked{},
		OweRecording{},
		KeepMessage{},
		ConnectLeg{},
		DialOut{},
		Bridge{},
		Unbridge{},
		Hold{},
		DropLeg{},
		FinishRecording{},
		HangUp{},
		SetTimer{},
		StopTimer{},
		SaveAnswer{},
		SaveDisposition{},
		SaveCall{},
		Tell{},
		Refused{},
		Anomaly{},
	} {
		kind := CommandKind(cmd)
		if seen[kind] || !strings.EqualFold(strings.ReplaceAll(kind, "_", ""), reflect.TypeOf(cmd).Name()) {
			t.Errorf("kind %q of %T", kind, cmd)
		}
		seen[kind] = true
	}
	if types := kinds(t, "command.go", "command"); len(types) != len(seen) {
		t.Errorf("%d command types, %d tested", len(types), len(seen))
	}
}
