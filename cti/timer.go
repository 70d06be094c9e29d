package cti

import (
	"slices"
	"time"

	"hotline/cti/id"
)

// Timer names a timer by its owner, a call or an agent, and its purpose. An owner has at most one of each kind.
type Timer struct {
	Call  id.CallID  `json:"call,omitempty"`
	Agent id.AgentID `json:"agent,omitempty"`
	Kind  TimerKind  `json:"kind"`
}

// TimerKind is a timer's purpose.
type TimerKind string

// The timers of a call, and after them those of an agent.
const (
	TimerDigit    TimerKind = "digit"    // the caller has not pressed in time
	TimerWait     TimerKind = "wait"     // the queue's longest wait is over
	TimerAnnounce TimerKind = "announce" // the place in the queue is to be spoken again
	TimerRing     TimerKind = "ring"     // the offer was not answered
	TimerConnect  TimerKind = "connect"  // the agent's leg did not come up
	TimerMedia    TimerKind = "media"    // the agent's sound did not come back
	TimerMessage  TimerKind = "message"  // the message is as long as it may be

	TimerWrapUp TimerKind = "wrap_up" // the wrap-up is over
	TimerDesk   TimerKind = "desk"    // the desk did not come back
)

// timers are the running timers of one owner, and end with it. There are few, so a search is fast.
type timers []running

type running struct {
	kind TimerKind
	gen  uint64
}

func (t timers) find(kind TimerKind) int {
	return slices.IndexFunc(t, func(r running) bool { return r.kind == kind })
}

// fired takes the timer off when it is this generation that runs.
func (t *timers) fired(kind TimerKind, gen uint64) bool {
	i := t.find(kind)
	if i < 0 || (*t)[i].gen != gen {
		return false
	}
	*t = slices.Delete(*t, i, i+1)
	return true
}

// start has the timer fire at the time at, and takes back its earlier setting.
func (f *Floor) start(t *timers, name Timer, at time.Time) {
	f.gen++
	if i := t.find(name.Kind); i >= 0 {
		(*t)[i].gen = f.gen
	} else {
		*t = append(*t, running{kind: name.Kind, gen: f.gen})
	}
	f.do(SetTimer{Timer: name, Gen: f.gen, At: at})
}

// stop takes the timer back, if it runs.
func (f *Floor) stop(t *timers, name Timer) {
	if i := t.find(name.Kind); i >= 0 {
		*t = slices.Delete(*t, i, i+1)
		f.do(StopTimer{Timer: name})
	}
}

func (f *Floor) startCall(c *call, kind TimerKind, at time.Time) {
	f.start(&c.timers, Timer{Call: c.id, Kind: kind}, at)
}

func (f *Floor) stopCall(c *call, kinds ...TimerKind) {
	for _, kind := range kinds {
		f.stop(&c.timers, Timer{Call: c.id, Kind: kind})
	}
}

func (f *Floor) startAgent(a *agent, kind TimerKind, at time.Time) {
	f.start(&a.timers, Timer{Agent: a.id, Kind: kind}, at)
}

func (f *Floor) stopAgent(a *agent, kind TimerKind) {
	f.stop(&a.timers, Timer{Agent: a.id, Kind: kind})
}

// timerFired does what the time has come for. A timer that was stopped or set again while its firing was on the way is
// no anomaly.
func (f *Floor) timerFired(ev TimerFired) {
	if c := f.calls[ev.Timer.Call]; c != nil && c.timers.fired(ev.Timer.Kind, ev.Gen) {
		f.touchCall(c)
		f.callTimer(c, ev.Timer.Kind)
	}
	if a := f.agents[ev.Timer.Agent]; a != nil && a.timers.fired(ev.Timer.Kind, ev.Gen) {
		f.agentTimer(a, ev.Timer.Kind)
	}
}

func (f *Floor) callTimer(c *call, kind TimerKind) {
	switch kind {
	case TimerDigit:
		f.silence(c)
	case TimerWait:
		// A ring that is on may still be answered; when it ends unanswered, the call leaves (see wait).
		if c.st.Phase == PhaseQueue {
			f.leaveQueue(c, OutcomeTimeout)
		}
	case TimerAnnounce:
		f.announceAgain(c)
	case TimerRing:
		f.withdraw(c, AgentStateNotReady, ReasonRONA)
	case TimerConnect, TimerMedia:
		f.voiceLost(c)
	case TimerMessage:
		f.endMessage(c)
	case TimerWrapUp, TimerDesk: // an agent's
	}
}

func (f *Floor) agentTimer(a *agent, kind TimerKind) {
	switch kind {
	case TimerWrapUp:
		f.endWrapUp(a)
	case TimerDesk:
		f.signOut(a)
	case TimerDigit, TimerWait, TimerAnnounce, TimerRing, TimerConnect, TimerMedia, TimerMessage: // a call's
	}
}
