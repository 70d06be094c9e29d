package cti

import (
	"cmp"
	"slices"

	"hotline/cti/id"
	"hotline/ivr"
	"hotline/ivr/survey"
)

// agentRestored puts an agent back to what the last Floor told. What the agent has to do with a call is decided by the
// calls, with AsteriskReconnected.
func (f *Floor) agentRestored(ev AgentRestored) {
	v := ev.View
	a := f.agents[v.Agent]
	if a == nil || a.state != AgentStateSignedOut {
		f.do(Anomaly{What: "agent is unknown, or here already", Event: ev.event(), Agent: v.Agent})
		return
	}
	hasCall := v.State == AgentStateRinging || v.State == AgentStateTalking || v.State == AgentStateWrapUp
	if hasCall && v.Call == nil {
		v.State = AgentStateReady
	}
	f.setAgent(a, v.State, v.Reason)
	a.since, a.idleSince = v.Since, v.Since
	a.next, a.nextReason = v.Next, v.NextReason
	switch v.State {
	case AgentStateWrapUp:
		a.wrap, a.wrapUntil = v.Call, v.WrapUpUntil
		f.startAgent(a, TimerWrapUp, v.WrapUpUntil)
	case AgentStateRinging, AgentStateTalking:
		a.restored = v.Call
	case AgentStateSignedOut, AgentStateNotReady, AgentStateReady:
	}
}

// asteriskReconnected makes Floor and Asterisk agree: calls that are gone end, calls that are new to this Floor go on
// where their state says, and everything that may have been lost on the way is given again.
func (f *Floor) asteriskReconnected(ev AsteriskReconnected) {
	found := slices.Clone(ev.Calls)
	slices.SortFunc(found, func(a, b Restored) int { return cmp.Compare(a.Call, b.Call) })
	up := make(map[id.CallID]bool, len(found))
	for _, r := range found {
		up[r.Call] = r.Up
	}
	for _, c := range f.sortedCalls() {
		if !up[c.id] {
			f.touchCall(c)
			f.callerGone(c)
		}
	}
	for _, r := range found {
		c := f.calls[r.Call]
		f.dropStale(c, r)
		switch {
		case c != nil:
			f.refresh(c, r)
		case r.Up && r.State != nil:
			f.restore(r, ev)
		case !r.Up:
			f.do(Unbridge{Call: r.Call})
		}
	}
	for _, a := range f.sortedAgents() {
		f.settleRestored(a)
	}
	f.synced = true
}

// legsFound makes Floor and gateway agree.
func (f *Floor) legsFound(ev LegsFound) {
	if !f.synced {
		f.do(Anomaly{What: "calls are not known yet", Event: ev.event()})
		return
	}
	open := make(map[id.LegID][]int, len(ev.Legs))
	for _, l := range ev.Legs {
		open[l.Leg] = l.Open
		c := f.calls[l.Leg.Call()]
		current := c != nil && c.hasLeg() && c.legID == l.Leg
		for _, n := range l.Open {
			if !current || c.leg == legNone || c.st.Part != n {
				f.do(DropLeg{Call: l.Leg.Call(), Leg: l.Leg, Part: n})
			}
		}
		if !current {
			f.do(FinishRecording{Call: l.Leg.Call(), Leg: l.Leg, Agent: l.Agent})
			if c == nil && l.Agent == "" { // the caller hung up on a message while no controller lived
				f.do(KeepMessage{Call: l.Leg.Call(), Leg: l.Leg})
			}
		}
	}
	for _, c := range f.sortedCalls() {
		if c.leg == legUp && c.st.Phase != PhaseTransfer && !slices.Contains(open[c.legID], c.st.Part) {
			f.touchCall(c)
			f.partGone(c)
		}
	}
}

// dropStale ends the legs of a call that are not, or no longer, the call's newest.
func (f *Floor) dropStale(c *call, r Restored) {
	for _, p := range r.Parts {
		switch {
		case c != nil && c.holds(p.Leg, p.Part) && c.leg != legNone:
		case c == nil && r.Up && r.State != nil && (r.State.Agent != "" || r.State.Phase == PhaseMessage || r.State.Phase == PhaseTransfer) && r.Call.Leg(r.State.Leg) == p.Leg &&
			r.State.Part == p.Part:
		default:
			f.do(DropLeg{Call: r.Call, Leg: p.Leg, Part: p.Part})
		}
	}
}

// restore takes on a call that another Floor began, in the versions of flow and survey that it was in.
func (f *Floor) restore(r Restored, ev AsteriskReconnected) {
	c := &call{id: r.Call, st: *r.State, flow: f.flowOf(r.State.Flow, ev), voiceAt: f.now}
	for _, above := range c.st.Flow.Above {
		c.above = append(c.above, f.flowOf(above, ev))
	}
	for _, s := range ev.Surveys {
		if at := c.st.SurveyAt; at != nil && s.ID == at.Survey && s.Version == at.Version {
			c.survey = s
		}
	}
	f.calls[c.id] = c
	f.touchCall(c)
	switch c.st.Phase {
	case PhaseRinging, PhaseConnecting, PhaseTalking, PhaseHeld, PhaseAway:
		f.relink(c, r)
	case PhaseMessage:
		if c.survey == nil && c.st.SurveyAt != nil {
			c.survey = f.surveys[c.st.SurveyAt.Survey]
		}
		c.legID = c.id.Leg(c.st.Leg)
		f.owe(c)
		f.assumePart(c, c.st.Rolled.IsZero())
	case PhaseTransfer:
		c.legID = c.id.Leg(c.st.Leg)
	case PhaseFlow, PhaseQueue, PhaseSurvey, PhaseEnding:
		c.st.Agent = ""
	}
	f.refresh(c, r)
}

// flowOf is the flow of a position, in its version or else in the one of now; nil when there is none.
func (f *Floor) flowOf(p ivr.Position, ev AsteriskReconnected) *ivr.Flow {
	for _, flow := range ev.Flows {
		if flow.ID == p.Flow && flow.Version == p.Version {
			return flow
		}
	}
	return f.flows[p.Flow]
}

// relink gives the call its agent back. If another call has the agent already (the last Floor died between two
// writes), this one goes back to the front of its queue.
func (f *Floor) relink(c *call, r Restored) {
	a := f.agents[c.st.Agent]
	if a == nil && c.st.Agent != "" {
		a = f.agent(c.st.Agent) // no longer configured: the talk goes on, no call comes after it
	}
	if a == nil || a.call != nil {
		for _, p := range r.Parts {
			f.do(DropLeg{Call: c.id, Leg: p.Leg, Part: p.Part})
		}
		c.st.Phase, c.st.Agent, c.st.Priority = PhaseQueue, "", PriorityBack
		return
	}
	f.leaveWrapUp(a)
	f.link(c, a)
	if c.st.Phase == PhaseRinging {
		f.setAgent(a, AgentStateRinging, "")
		a.since = c.st.Offered
		until := f.ringUntil(c)
		if least := f.now.Add(leastRing); until.Before(least) {
			until = least
		}
		f.startCall(c, TimerRing, until)
		return
	}
	f.setAgent(a, AgentStateTalking, "")
	f.owe(c) // the last controller may have died before it could say so
	a.since = c.st.LegAt
	f.assumePart(c, c.st.Phase == PhaseConnecting)
}

// assumePart has the part be there until proved otherwise, so that it is taken down if it isn't.
func (f *Floor) assumePart(c *call, making bool) {
	c.leg = legUp
	if making {
		c.leg = legMaking
		f.startCall(c, TimerConnect, f.now.Add(connectTime))
	}
}

// refresh gives again all that the call's phase needs, after the connection to Asterisk was lost.
func (f *Floor) refresh(c *call, r Restored) {
	f.touchCall(c)
	c.remembered = CallState{}
	c.bridged = r.Bridged
	for _, p := range r.Parts {
		c.bridged = c.bridged || p.Bridged
	}
	c.music = false
	f.hushAll(c)
	if c.st.Customers == nil {
		f.do(LookUpCustomer{Call: c.id})
	}
	switch c.st.Phase {
	case PhaseFlow:
		f.apart(c)
		f.do(Answer{Call: c.id})
		f.walk(c, ivr.Begin{})
	case PhaseQueue:
		f.apart(c)
		f.startMusic(c)
		f.wait(c)
	case PhaseRinging:
		f.apart(c)
		f.startMusic(c)
	case PhaseConnecting, PhaseTalking, PhaseHeld, PhaseAway:
		f.refreshTalk(c, r)
	case PhaseMessage:
		f.refreshMessage(c, r)
	case PhaseTransfer:
		f.refreshTransfer(c, r)
	case PhaseSurvey:
		f.apart(c)
		f.refreshSurvey(c)
	case PhaseEnding:
		f.do(HangUp{Call: c.id})
	default:
		f.fail(c)
	}
}

// partIn says whether the newest part of the call's leg was found, and whether it and the caller are in the bridge.
func (c *call) partIn(r Restored) (there, joined bool) {
	i := slices.IndexFunc(r.Parts, func(p RestoredPart) bool { return p.Leg == c.legID && p.Part == c.st.Part })
	return i >= 0, i >= 0 && r.Bridged && r.Parts[i].Bridged
}

// refreshTalk goes on with a talk whose leg may be gone, or not in the bridge.
func (f *Floor) refreshTalk(c *call, r Restored) {
	there, joined := c.partIn(r)
	there = there && c.leg != legNone
	joined = joined && there
	switch {
	case c.st.Phase == PhaseTalking && joined:
		c.leg = legUp
		f.do(StopMusic{Call: c.id}) // of a hold that failed: the first one may be among what was lost
		f.checkMedia(c)
	case c.st.Phase == PhaseConnecting && !there:
		f.startMusic(c)
		f.connectPart(c)
	case there && c.leg == legMaking, there && c.st.Phase != PhaseAway:
		if c.st.Phase == PhaseHeld {
			f.startMusic(c)
		} else {
			c.music = true // perhaps: the StopMusic may be among what was lost
		}
		f.partUp(c)
	default:
		f.partGone(c)
	}
}

// refreshSurvey asks the current question again, once an answer that may not have been saved is.
func (f *Floor) refreshSurvey(c *call) {
	if c.survey == nil {
		c.survey = f.surveys[c.st.Survey]
	}
	switch {
	case c.survey == nil || c.st.SurveyAt == nil:
		f.endSurvey(c)
	case c.st.Unsaved != nil:
		f.saveAnswer(c)
	default:
		f.inquire(c, survey.Begin{})
	}
}

// settleRestored ends what an agent had to do with a call that is no longer there.
func (f *Floor) settleRestored(a *agent) {
	ended := a.restored
	a.restored = nil
	switch {
	case a.call != nil:
	case a.state == AgentStateRinging:
		f.setAgent(a, AgentStateReady, "")
	case a.state == AgentStateTalking && ended != nil:
		f.do(FinishRecording{Call: ended.Call, Leg: ended.Leg, Agent: a.id})
		f.beginWrapUp(a, *ended, f.now.Add(f.config(ended.Queue).WrapUp))
	}
}
