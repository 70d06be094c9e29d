package cti

import (
	"time"

	"hotline/cti/id"
	"hotline/ivr"
)

// legState is how far the newest part of an agent's leg is.
type legState int

const (
	legNone   legState = iota // no part, or the last one is gone
	legMaking                 // ConnectLeg was given
	legUp                     // its channel is in the application
)

// maxParts is how often a leg is connected at most: enough for a long talk on a bad line, and an end to one that comes
// up and goes at once, over and over.
const maxParts = 20

// offer rings the agent for the call.
func (f *Floor) offer(c *call, a *agent) {
	f.touchCall(c)
	c.st.Phase, c.st.Agent, c.st.Offered = PhaseRinging, a.id, f.now
	c.st.Leg++
	c.st.Part = 0
	f.link(c, a)
	f.setAgent(a, AgentStateRinging, "")
	f.startCall(c, TimerRing, f.now.Add(f.config(c.st.Queue).Ring))
}

// link makes the agent the call's, and the call the agent's.
func (f *Floor) link(c *call, a *agent) {
	c.agent, a.call = a, c
	c.legID = c.id.Leg(c.st.Leg)
	f.touchAgent(a)
}

// unlink undoes link, and ends the timers of what was between them.
func (f *Floor) unlink(c *call) {
	f.touchAgent(c.agent)
	c.agent.call = nil
	c.agent, c.st.Agent = nil, ""
	f.stopCall(c, TimerRing, TimerConnect, TimerMedia)
}

// withdraw ends an offer that was not answered. The caller, who has heard nothing of it, keeps the place in line; the
// agent becomes what is given.
func (f *Floor) withdraw(c *call, state AgentState, reason string) {
	a := c.agent
	f.unlink(c)
	f.setAgent(a, state, reason)
	f.wait(c)
}

// wantAnswer connects the agent to the offered call.
func (f *Floor) wantAnswer(a *agent, leg id.LegID) RefusalCode {
	c, code := a.callOn(leg, PhaseRinging, PhaseConnecting, PhaseTalking, PhaseHeld, PhaseAway)
	switch {
	case code != granted:
		return code
	case c.st.Phase != PhaseRinging:
		return granted // asked twice, as by a desk that had no reply
	case !a.media:
		return RefusedNoMedia
	}
	f.touchCall(c)
	f.stopCall(c, TimerRing, TimerWait, TimerAnnounce)
	c.st.Phase, c.st.LegAt, c.voiceAt = PhaseConnecting, f.now, f.now
	f.setAgent(a, AgentStateTalking, "")
	f.owe(c)
	f.connect(c)
	f.startCall(c, TimerConnect, f.now.Add(connectTime))
	return granted
}

// owe enters the answered leg in the ledger.
func (f *Floor) owe(c *call) {
	f.do(OweRecording{Call: c.id, Leg: c.legID, Agent: c.legAgent(), Answered: c.st.LegAt, Refused: c.legRefused()})
}

// connect makes the next part of the leg. The caller hears on what there is to hear until it is up.
func (f *Floor) connect(c *call) {
	c.st.Part++
	f.connectPart(c)
}

func (f *Floor) connectPart(c *call) {
	c.leg = legMaking
	f.do(ConnectLeg{Call: c.id, Leg: c.legID, Part: c.st.Part, Agent: c.legAgent(), Answered: c.st.LegAt, Refused: c.legRefused()})
}

func (f *Floor) legUp(ev LegUp) {
	c := f.calls[ev.Leg.Call()]
	if c == nil || !c.holds(ev.Leg, ev.Part) || c.leg != legMaking {
		f.do(Anomaly{What: "leg is not expected", Event: ev.event(), Call: ev.Leg.Call()})
		return
	}
	f.touchCall(c)
	f.partUp(c)
}

// partUp goes on now that the leg's newest part is there.
func (f *Floor) partUp(c *call) {
	c.leg = legUp
	f.stopCall(c, TimerConnect, TimerMedia)
	if c.agent == nil {
		f.otherUp(c)
		return
	}
	f.checkMedia(c)
	if c.st.Phase == PhaseHeld {
		f.do(Hold{Call: c.id, Leg: c.legID, Part: c.st.Part})
		f.touchAgent(c.agent)
		return
	}
	f.join(c)
}

// join lets caller and agent hear one another. The leg is up.
func (f *Floor) join(c *call) {
	f.hush(c)
	f.stopMusic(c)
	c.bridged = true
	f.do(Bridge{Call: c.id, Leg: c.legID, Part: c.st.Part})
	c.st.Phase, c.voiceAt = PhaseTalking, f.now
	f.touchAgent(c.agent)
	if c.st.Heard == c.st.Leg {
		return
	}
	c.st.Heard, c.st.HeardBy = c.st.Leg, c.agent.id
	if c.st.Answered.IsZero() {
		c.st.Answered = c.st.LegAt
	}
	f.saveCall(c)
	f.checkSurvey(c)
}

// apart takes the caller out of the bridge.
func (f *Floor) apart(c *call) {
	if c.bridged {
		c.bridged = false
		f.do(Unbridge{Call: c.id})
	}
}

// drop ends the leg's newest part.
func (f *Floor) drop(c *call) {
	if c.leg != legNone {
		c.leg = legNone
		f.do(DropLeg{Call: c.id, Leg: c.legID, Part: c.st.Part})
	}
}

// legGone: a part that we dropped goes as it should; the newest one going by itself is made again.
func (f *Floor) legGone(ev LegGone) {
	c := f.calls[ev.Leg.Call()]
	if c == nil || !c.holds(ev.Leg, ev.Part) || c.leg == legNone {
		return
	}
	f.touchCall(c)
	if c.st.Phase == PhaseConnecting {
		f.voiceLost(c)
		return
	}
	f.partGone(c)
}

// partGone makes the leg's part again that went by itself during a talk.
func (f *Floor) partGone(c *call) {
	if c.agent == nil {
		f.otherPartGone(c)
		return
	}
	f.voiceAway(c)
	if c.agent.media {
		f.rejoin(c)
	}
}

// voiceAway lets the caller hear music until the agent's sound is back.
func (f *Floor) voiceAway(c *call) {
	f.apart(c)
	f.drop(c)
	if c.st.Phase == PhaseTalking {
		c.st.Phase, c.voiceAt = PhaseAway, f.now
	}
	f.startMusic(c)
	f.touchAgent(c.agent)
	f.awaitMedia(c)
}

// checkMedia watches a leg that is up while the agent's sound is not known to be: after a restart the gateway has yet to
// tell who is there.
func (f *Floor) checkMedia(c *call) {
	if !c.agent.media {
		f.awaitMedia(c)
	}
}

// awaitMedia gives the agent's sound its time to come back, counted from when it went.
func (f *Floor) awaitMedia(c *call) {
	if c.timers.find(TimerMedia) < 0 {
		f.startCall(c, TimerMedia, f.now.Add(f.settings.MediaGrace))
	}
}

// rejoin connects the agent again to a talk whose part is gone.
func (f *Floor) rejoin(c *call) {
	if c.st.Part >= maxParts {
		f.voiceLost(c)
		return
	}
	f.connect(c)
}

// voiceLost gives up an agent whose sound can't be had; a leg without one ends with what there is of it. The caller goes back in line: at the old place when the two never
// talked, at the front when they did. The agent is set aside, with a reason to look at the sound.
func (f *Floor) voiceLost(c *call) {
	if c.agent == nil {
		f.otherLost(c)
		return
	}
	a := c.agent
	talked := c.st.Phase != PhaseConnecting
	f.endLeg(c)
	f.setAgent(a, AgentStateNotReady, ReasonMedia)
	if !talked {
		f.wait(c)
		return
	}
	c.st.Queued, c.st.Priority = f.now, PriorityBack
	c.st.Until = f.now.Add(f.config(c.st.Queue).LongestWait)
	f.say(c, ivr.Reconnecting(c.st.Flow.Lang), 0, (*Floor).startMusic)
	f.wait(c)
}

// endLeg takes the agent's leg off the call.
func (f *Floor) endLeg(c *call) {
	f.apart(c)
	f.drop(c)
	if c.st.Part > 0 {
		f.do(FinishRecording{Call: c.id, Leg: c.legID, Agent: c.agent.id})
	}
	f.unlink(c)
}

// endTalk ends the agent's part in the call; the agent goes on to the wrap-up.
func (f *Floor) endTalk(c *call) {
	a := c.agent
	view := f.callView(c)
	wrapUp := f.config(c.st.Queue).WrapUp
	f.endLeg(c)
	f.beginWrapUp(a, view, f.now.Add(wrapUp))
}

// wantHangUp ends the talk; the caller goes on to the survey, or with the flow. key says that the agent wants the former.
func (f *Floor) wantHangUp(a *agent, leg id.LegID, key bool) RefusalCode {
	c, code := a.callOn(leg, PhaseConnecting, PhaseTalking, PhaseHeld, PhaseAway)
	if code != granted {
		return code
	}
	f.touchCall(c)
	if c.st.Phase == PhaseConnecting {
		// The caller has not heard the agent yet, and waits on.
		f.endLeg(c)
		f.setAgent(a, AgentStateNotReady, ReasonDeclined)
		f.wait(c)
		return granted
	}
	f.endTalk(c)
	f.stopMusic(c)
	f.afterTalk(c, key)
	return granted
}

// wantSurvey sends the caller to the survey.
func (f *Floor) wantSurvey(a *agent, leg id.LegID) RefusalCode {
	c, code := a.callOn(leg, PhaseTalking, PhaseHeld, PhaseAway)
	switch {
	case code != granted:
		return code
	case !f.hasSurvey(c):
		return RefusedNoSurvey
	}
	return f.wantHangUp(a, leg, true)
}

// hasSurvey says whether the agent may send the caller to the survey, whoever is then asked.
func (f *Floor) hasSurvey(c *call) bool {
	return f.surveys[c.st.Survey] != nil && f.config(c.st.Queue).asking().Key
}

// wantDecline sends an offer away.
func (f *Floor) wantDecline(a *agent, leg id.LegID) RefusalCode {
	c, code := a.callOn(leg, PhaseRinging)
	if code != granted {
		return code
	}
	f.touchCall(c)
	f.withdraw(c, AgentStateNotReady, ReasonDeclined)
	return granted
}

// wantHold lets the caller hear music.
func (f *Floor) wantHold(a *agent, leg id.LegID) RefusalCode {
	c, code := a.callOn(leg, PhaseTalking, PhaseHeld)
	if code != granted || c.st.Phase == PhaseHeld {
		return code
	}
	f.touchCall(c)
	c.st.Phase, c.voiceAt, c.bridged = PhaseHeld, f.now, false
	f.do(Hold{Call: c.id, Leg: c.legID, Part: c.st.Part})
	f.startMusic(c)
	f.touchAgent(a)
	return granted
}

// wantResume takes the caller back from hold, or has that done as soon as the agent's sound is back.
func (f *Floor) wantResume(a *agent, leg id.LegID) RefusalCode {
	c, code := a.callOn(leg, PhaseHeld, PhaseTalking, PhaseAway)
	if code != granted || c.st.Phase != PhaseHeld {
		return code
	}
	f.touchCall(c)
	if c.leg == legUp {
		f.join(c)
	} else {
		c.st.Phase, c.voiceAt = PhaseAway, f.now
		f.touchAgent(a)
	}
	return granted
}

// voice is how the talk goes, in the agent's terms.
func (c *call) voice() Voice {
	switch c.st.Phase {
	case PhaseConnecting:
		return VoiceConnecting
	case PhaseTalking:
		return VoiceUp
	case PhaseHeld:
		return VoiceHeld
	case PhaseAway:
		return VoiceAway
	case PhaseFlow, PhaseMessage, PhaseTransfer, PhaseQueue, PhaseRinging, PhaseSurvey, PhaseEnding:
	}
	return ""
}

// ringUntil is when the offer ends that the call is in.
func (f *Floor) ringUntil(c *call) time.Time { return c.st.Offered.Add(f.config(c.st.Queue).Ring) }
