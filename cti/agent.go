package cti

import (
	"slices"
	"time"

	"hotline/cti/id"
)

// agent is one person who takes calls.
type agent struct {
	id     id.AgentID
	active bool // is configured; one who no longer is finishes the call and is signed out
	state  AgentState
	reason string
	since  time.Time
	desk   bool
	media  bool
	queues []*queue // as a member

	next       AgentState // after the wrap-up, "" is ready
	nextReason string

	call      *call     // ringing and talking; call.agent points back
	wrap      *CallView // the call that ended, in wrap-up
	wrapUntil time.Time
	disposed  string    // disposition that is being saved
	restored  *CallView // the call of an AgentRestored, until AsteriskReconnected says what has become of it

	idleSince time.Time // longest first; an offer that was taken back doesn't change it
	inLine    bool      // the distributor has the agent among its idle ones
	timers    timers
	touched   bool
}

// able says whether a call can be offered.
func (a *agent) able() bool {
	return a.state == AgentStateReady && a.desk && a.media
}

// idle says whether the agent has nothing to do with a call.
func (a *agent) idle() bool { return a.state == AgentStateReady || a.state == AgentStateNotReady }

// callOn returns the agent's call for a request that names the leg, if the call is in one of the phases.
func (a *agent) callOn(leg id.LegID, phases ...Phase) (*call, RefusalCode) {
	switch {
	case a.call == nil || a.call.legID != leg:
		return nil, RefusedTooLate
	case !slices.Contains(phases, a.call.st.Phase):
		return nil, RefusedWrongState
	}
	return a.call, granted
}

// setAgent changes the agent's state, with all that hangs on it.
func (f *Floor) setAgent(a *agent, state AgentState, reason string) {
	if !a.active && (state == AgentStateReady || state == AgentStateNotReady) {
		state, reason = AgentStateSignedOut, ""
	}
	was := a.state
	if was == state && a.reason == reason {
		return
	}
	if state == AgentStateReady && was != AgentStateRinging {
		a.idleSince = f.now
	}
	a.state, a.reason, a.since = state, reason, f.now
	if a.call == nil && state != AgentStateWrapUp {
		a.next, a.nextReason = "", ""
	}
	f.touchAgent(a)
	f.watchDesk(a)
	if (was == AgentStateSignedOut) != (state == AgentStateSignedOut) {
		f.signedIn(a, state != AgentStateSignedOut)
	}
}

// signedIn counts the agent in or out of the agent's queues. Callers of a queue that is left by its last agent are told.
func (f *Floor) signedIn(a *agent, in bool) {
	for _, q := range a.queues {
		if in {
			q.signedIn++
			continue
		}
		q.signedIn--
		if q.signedIn == 0 {
			f.emptied(q)
		}
	}
}

// watchDesk has an idle agent without a desk signed out after a while.
func (f *Floor) watchDesk(a *agent) {
	switch {
	case a.desk || !a.idle():
		f.stopAgent(a, TimerDesk)
	case a.timers.find(TimerDesk) < 0:
		f.startAgent(a, TimerDesk, f.now.Add(f.settings.DeskGrace))
	}
}

func (f *Floor) deskConnected(a *agent) {
	if !a.active {
		f.do(Anomaly{What: "agent may take no calls", Event: (DeskConnected{}).event(), Agent: a.id})
		return
	}
	a.desk = true
	f.touchAgent(a)
	f.watchDesk(a)
	if a.state == AgentStateSignedOut {
		f.setAgent(a, AgentStateNotReady, "")
	}
}

// deskLost: a talk goes on without the desk; an offer that nobody can see does not.
func (f *Floor) deskLost(a *agent) {
	a.desk = false
	f.touchAgent(a)
	f.watchDesk(a)
	f.withdrawFrom(a)
}

// withdrawFrom takes back the offer that the agent can't answer any more. The agent still wants calls.
func (f *Floor) withdrawFrom(a *agent) {
	if a.state == AgentStateRinging {
		f.touchCall(a.call)
		f.withdraw(a.call, AgentStateReady, "")
	}
}

func (f *Floor) mediaConnected(a *agent) {
	a.media = true
	f.touchAgent(a)
	c := a.call
	if c == nil || a.state != AgentStateTalking {
		return
	}
	f.touchCall(c)
	switch c.leg {
	case legNone:
		f.rejoin(c)
	case legMaking:
	case legUp:
		f.stopCall(c, TimerMedia) // after a restart: the leg was there all the time
	}
}

func (f *Floor) mediaLost(a *agent) {
	a.media = false
	f.touchAgent(a)
	f.withdrawFrom(a)
	if c := a.call; c != nil {
		f.touchCall(c)
		if c.st.Phase == PhaseConnecting {
			f.voiceLost(c)
		} else {
			f.voiceAway(c)
		}
	}
}

func (f *Floor) wantReady(a *agent) RefusalCode {
	if a.call != nil {
		return RefusedOnCall
	}
	f.leaveWrapUp(a)
	f.setAgent(a, AgentStateReady, "")
	return granted
}

func (f *Floor) wantNotReady(a *agent, reason string) RefusalCode {
	if a.call != nil {
		return RefusedOnCall
	}
	if !f.reasons[reason] {
		return RefusedUnknownReason
	}
	f.leaveWrapUp(a)
	f.setAgent(a, AgentStateNotReady, reason)
	return granted
}

func (f *Floor) wantSignOut(a *agent) RefusalCode {
	if a.call != nil {
		return RefusedOnCall
	}
	f.signOut(a)
	return granted
}

func (f *Floor) signOut(a *agent) {
	f.leaveWrapUp(a)
	f.setAgent(a, AgentStateSignedOut, "")
}

func (f *Floor) wantNext(a *agent, state AgentState, reason string) RefusalCode {
	switch {
	case a.idle():
		return RefusedNoCall
	case state != AgentStateReady && state != AgentStateNotReady && state != "":
		return RefusedWrongState
	case state == AgentStateNotReady && !f.reasons[reason]:
		return RefusedUnknownReason
	case state != AgentStateNotReady:
		reason = ""
	}
	a.next, a.nextReason = state, reason
	f.touchAgent(a)
	return granted
}

// beginWrapUp has the agent write up the call that ended.
func (f *Floor) beginWrapUp(a *agent, ended CallView, until time.Time) {
	ended.Voice, ended.VoiceFrom = "", time.Time{}
	a.wrap, a.wrapUntil, a.disposed = &ended, until, ""
	f.setAgent(a, AgentStateWrapUp, "")
	f.startAgent(a, TimerWrapUp, until)
}

// leaveWrapUp ends the wrap-up, if the agent is in one, and learns how long the call kept the agent.
func (f *Floor) leaveWrapUp(a *agent) {
	if a.state != AgentStateWrapUp {
		return
	}
	if q := f.queues[a.wrap.Queue]; q != nil && !a.wrap.Answered.IsZero() {
		q.handled(f.now.Sub(a.wrap.Answered))
	}
	a.wrap, a.wrapUntil, a.disposed = nil, time.Time{}, ""
	f.stopAgent(a, TimerWrapUp)
}

// endWrapUp goes on to what the agent chose to do next.
func (f *Floor) endWrapUp(a *agent) {
	next, reason := a.next, a.nextReason
	if next == "" {
		next = AgentStateReady
	}
	f.leaveWrapUp(a)
	f.setAgent(a, next, reason)
}

// wantDisposition saves what the call was about. The wrap-up ends when that is safe.
func (f *Floor) wantDisposition(a *agent, ev AgentDisposed) RefusalCode {
	switch {
	case a.state != AgentStateWrapUp && a.call == nil:
		return RefusedTooLate
	case a.state != AgentStateWrapUp:
		return RefusedWrongState
	case a.wrap.Call != ev.Call:
		return RefusedTooLate
	case !f.dispositions[ev.Code]:
		return RefusedUnknownDisposition
	}
	a.disposed = ev.Code
	f.do(SaveDisposition{Call: ev.Call, Leg: a.wrap.Leg, Agent: a.id, Code: ev.Code, Note: ev.Note})
	f.touchAgent(a)
	return granted
}

func (f *Floor) dispositionSaved(a *agent, ev DispositionSaved) {
	if a.state == AgentStateWrapUp && a.wrap.Call == ev.Call && a.disposed != "" {
		f.endWrapUp(a)
	}
}

// dispositionFailed lets the agent try again.
func (f *Floor) dispositionFailed(a *agent, call id.CallID) {
	if a.state == AgentStateWrapUp && a.wrap.Call == call {
		a.disposed = ""
		f.touchAgent(a)
	}
}
