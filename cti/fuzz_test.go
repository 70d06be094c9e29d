package cti_test

import (
	"encoding/json"
	"math/rand/v2"
	"runtime/debug"
	"testing"
	"time"

	"hotline/cti"
	"hotline/cti/ctitest"
	"hotline/cti/id"
	"hotline/ivr"
)

// script makes events of bytes: every kind, about a handful of calls and agents, in any order.
type script struct{ data []byte }

func (s *script) next(n int) int {
	if len(s.data) == 0 {
		return 0
	}
	b := int(s.data[0])
	s.data = s.data[1:]
	return b % n
}

func pick[T any](s *script, from ...T) T { return from[s.next(len(from))] }

func (s *script) call() id.CallID   { return pick[id.CallID](s, "c1", "c2", "c3") }
func (s *script) agent() id.AgentID { return pick[id.AgentID](s, "a1", "a2", "nobody") }
func (s *script) leg() id.LegID     { return s.call().Leg(1 + s.next(4)) }

func (s *script) state() *cti.CallState {
	return &cti.CallState{
		Phase: pick(s, cti.PhaseFlow, cti.PhaseQueue, cti.PhaseRinging, cti.PhaseConnecting, cti.PhaseTalking,
			cti.PhaseHeld, cti.PhaseAway, cti.PhaseSurvey, cti.PhaseEnding, "nonsense"),
		Queue: pick[id.QueueID](s, ctitest.QueueOrder, "gone"), Agent: pick[id.AgentID](s, "", "a1", "gone"),
		Leg: s.next(4), Part: s.next(3), Survey: pick(s, "", ctitest.SurveyID), Plays: s.next(3),
		Campaign: pick(s, "", "", "spring"),
	}
}

func (s *script) event() cti.Event {
	call, agent, leg := s.call(), s.agent(), s.leg()
	events := []cti.Event{
		cti.CallArrived{Call: call, Flow: pick(s, "main", "none")},
		cti.CallArrived{Call: call, Made: &cti.Made{Campaign: "spring", Survey: pick(s, ctitest.SurveyID, "none"), Lang: ivr.Mandarin}},
		cti.CallerGone{Call: call},
		cti.DigitPressed{Call: call, Digit: pick(s, "1", "2", "3", "5", "9", "#", "x")},
		cti.PlayFinished{Call: call, Play: s.next(9)},
		cti.LegUp{Leg: leg, Part: s.next(3)},
		cti.LegGone{Leg: leg, Part: s.next(3)},
		cti.SurveyChecked{Call: call, Leg: leg, Spared: s.next(2) == 0},
		cti.CustomerFound{Call: call, Customers: make([]int64, s.next(20))},
		cti.DeskConnected{Agent: agent},
		cti.DeskLost{Agent: agent},
		cti.MediaConnected{Agent: agent},
		cti.MediaLost{Agent: agent},
		cti.AgentReady{Agent: agent},
		cti.AgentNotReady{Agent: agent, Reason: pick(s, "break", "none")},
		cti.AgentAnswered{Agent: agent, Leg: leg},
		cti.AgentDeclined{Agent: agent, Leg: leg},
		cti.AgentHungUp{Agent: agent, Leg: leg},
		cti.AgentHeld{Agent: agent, Leg: leg},
		cti.AgentResumed{Agent: agent, Leg: leg},
		cti.AgentToSurvey{Agent: agent, Leg: leg},
		cti.AgentDisposed{Agent: agent, Call: call, Code: "done"},
		cti.AgentNextState{Agent: agent, State: pick(s, cti.AgentStateReady, cti.AgentStateNotReady, ""), Reason: "break"},
		cti.AgentSignedOut{Agent: agent},
		cti.AnswerSaved{Call: call, Question: "satisfaction"},
		cti.DispositionSaved{Agent: agent, Call: call},
		cti.CommandFailed{
			Call: call, Leg: leg, Part: s.next(3), Play: s.next(9), Agent: agent,
			Command: pick(s, "answer", "play", "connect_leg", "bridge", "hold", "save_answer", "save_disposition"),
		},
		cti.AgentRestored{View: cti.AgentView{Agent: agent, State: pick(s, cti.AgentStateTalking, cti.AgentStateWrapUp)}},
		cti.AsteriskLost{},
		cti.AsteriskReconnected{Calls: []cti.Restored{{
			Call: call, Up: s.next(2) == 0, State: s.state(), Bridged: s.next(2) == 0,
			Parts: []cti.RestoredPart{{Leg: leg, Part: s.next(3), Bridged: s.next(2) == 0}},
		}}},
		cti.LegsFound{Legs: []cti.FoundLeg{{Leg: leg, Open: []int{s.next(3)}}}},
		ctitest.Config([]id.AgentID{"a1", "a2"}[:s.next(3)]),
	}
	return events[s.next(len(events))]
}

// survive gives a Floor whatever there is, in any order: it never panics, and what it remembers can be written.
func survive(t *testing.T, data []byte) {
	t.Helper()
	s := &script{data: data}
	floor := cti.New()
	now := start
	floor.Step(now, ctitest.Config([]id.AgentID{"a1", "a2"}))
	timers := map[cti.Timer]uint64{}
	step := func(ev cti.Event) {
		for _, cmd := range floor.Step(now, ev) {
			switch cmd := cmd.(type) {
			case cti.SetTimer:
				timers[cmd.Timer] = cmd.Gen
			case cti.StopTimer:
				delete(timers, cmd.Timer)
			case cti.Remember:
				if _, err := json.Marshal(cmd.State); err != nil {
					t.Fatal(err)
				}
			default:
			}
		}
	}
	for len(s.data) > 0 {
		now = now.Add(time.Duration(s.next(40)) * time.Second)
		step(s.event())
		kind := pick(s, "", "", cti.TimerDigit, cti.TimerRing, cti.TimerMedia, cti.TimerWait, cti.TimerAnnounce, cti.TimerWrapUp)
		if kind != "" {
			timer := cti.Timer{Call: s.call(), Kind: kind}
			if kind == cti.TimerWrapUp {
				timer = cti.Timer{Agent: s.agent(), Kind: kind}
			}
			step(cti.TimerFired{Timer: timer, Gen: timers[timer]})
		}
	}
	floor.Overview()
}

func FuzzFloor(f *testing.F) {
	f.Add([]byte{0, 0, 0})
	f.Add([]byte("the quick brown fox jumps over the lazy dog and calls to say that nobody ever answers the phone"))
	f.Fuzz(survive)
}

func TestFloorSurvivesAnything(t *testing.T) {
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 2))
		data := make([]byte, 3000)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Fatalf("seed %d: %v\n%s", seed, r, debug.Stack())
				}
			}()
			survive(t, data)
		}()
	}
}
