package cti

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"hotline/cti/id"
	"hotline/ivr"
	"hotline/ivr/survey"
)

// fullState is a state with every field as large as it gets.
func fullState() CallState {
	at := time.Date(2026, 12, 31, 23, 59, 59, 999999999, time.UTC)
	words := strings.Repeat("售後服務", 5)
	st := CallState{
		V: StateVersion, Phase: PhaseConnecting, Line: "+886800000123", Anonymous: true, Arrived: at,
		Plays: 999, Errands: 999, Quiet: 998, Queue: id.QueueID(strings.Repeat("q", 40)), Queued: at, Until: at, Priority: PriorityBack,
		Survey: strings.Repeat("s", 40), Agreed: true, Spared: true, Occasion: OccasionAfter, Leg: 99, Part: maxParts, Agent: id.AgentID(strings.Repeat("a", 40)),
		Offered: at, Answered: at, LegAt: at, Rolled: at, Heard: 99, HeardBy: id.AgentID(strings.Repeat("a", 40)),
		SurveyAt: &survey.Position{
			Survey: strings.Repeat("s", 40), Version: "0123456789abcdef", Question: 9, Digits: "10", Tries: 3,
			Lang: ivr.Mandarin, Begun: true, Over: true,
		},
		Unsaved:  &survey.Answer{Question: strings.Repeat("q", 40), Value: 10},
		Asked:    &Asked{Survey: "after-call", Version: "1", Occasion: OccasionAfter, Over: true},
		Campaign: strings.Repeat("c", 40),
		Outcome:  OutcomeHungUpFlow, Noticed: at, Refused: RefusedByCaller,
		Flow: ivr.Position{
			Flow: strings.Repeat("f", 40), Version: "0123456789abcdef", Step: strings.Repeat("s", 40), Lang: ivr.Mandarin,
			Tries: 9, Wrong: 9, Digits: "12345678", Heard: true, Moves: ivr.MaxMoves, Over: true, Rounds: map[string]int{},
			Errand: true, Taped: 299999, Values: map[string]string{},
		},
	}
	for range ivr.MaxDepth { // values and rounds are as many as in one flow, all together
		above := st.Flow
		above.Digits, above.Rounds, above.Values, above.Above = "", nil, nil, nil
		st.Flow.Above = append(st.Flow.Above, above)
	}
	for i := range MaxCustomers {
		st.Customers = append(st.Customers, 9_000_000_000_000+int64(i))
	}
	for i := range 12 {
		st.Flow.Path = append(st.Flow.Path, words)
		st.Flow.Rounds[fmt.Sprintf("%s-%d", strings.Repeat("r", 30), i)] = 99
	}
	for i := range ivr.MaxValues {
		st.Flow.Values[fmt.Sprintf("%s-%d", strings.Repeat("v", 20), i)] = strings.Repeat("9", ivr.MaxValue)
	}
	return st
}

func TestStateFitsIntoTheChannelVariable(t *testing.T) {
	st := fullState()
	data, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) >= 6000 {
		t.Errorf("%d bytes", len(data))
	}
	var back CallState
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if !st.same(&back) {
		t.Errorf("came back different:\n%+v\n%+v", st, back)
	}
}

// A change of any field must be seen, or it would not be written.
func TestSameSeesEveryField(t *testing.T) {
	differs := func(name string, change func(*CallState)) {
		t.Helper()
		a, b := fullState(), fullState()
		if !a.same(&b) {
			t.Fatal("equal states differ")
		}
		change(&b)
		if a.same(&b) == (name != "Quiet") {
			t.Errorf("field %s: a change is seen: %t", name, !a.same(&b))
		}
	}
	zero := func(v reflect.Value) { v.Set(reflect.Zero(v.Type())) }
	for i := range reflect.TypeFor[CallState]().NumField() {
		differs(reflect.TypeFor[CallState]().Field(i).Name, func(st *CallState) { zero(reflect.ValueOf(st).Elem().Field(i)) })
	}
	for i := range reflect.TypeFor[ivr.Position]().NumField() {
		differs("Flow."+reflect.TypeFor[ivr.Position]().Field(i).Name, func(st *CallState) {
			zero(reflect.ValueOf(&st.Flow).Elem().Field(i))
		})
	}
}

// TestKeysAreHeededOnlyWhereTheyMeanSomething walks a call through its phases: a key that nobody asked for may be one of a
// card number.
func TestKeysAreHeededOnlyWhereTheyMeanSomething(t *testing.T) {
	f := New()
	for phase, heeded := range map[Phase]bool{
		PhaseFlow: true, PhaseSurvey: true, PhaseQueue: false, PhaseRinging: false, PhaseConnecting: false,
		PhaseTalking: false, PhaseHeld: false, PhaseAway: false, PhaseEnding: false,
	} {
		f.calls["c1"] = &call{id: "c1", st: CallState{Phase: phase}}
		if got, _ := f.Heeds("c1"); got != heeded {
			t.Errorf("%s: heeded %t", phase, !heeded)
		}
	}
	if heeded, _ := f.Heeds("c2"); heeded {
		t.Error("the keys of a call that is not known are heeded")
	}
}
