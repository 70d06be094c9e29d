package cti

import (
	"time"

	"hotline/cti/id"
	"hotline/ivr"
	"hotline/ivr/survey"
)

// A voice message is a leg without an agent: nobody is at its other end, and the gateway records what the caller says to it.
// So is a comment that a survey asks for.

// hasLeg says whether the call has a leg now: an agent's, that of a message, or a telephone outside.
func (c *call) hasLeg() bool {
	return c.agent != nil || c.st.Phase == PhaseMessage || c.st.Phase == PhaseTransfer
}

// holds says whether that part is the newest of the call's leg.
func (c *call) holds(leg id.LegID, part int) bool {
	return c.hasLeg() && c.legID == leg && c.st.Part == part
}

// legAgent is whose leg it is; "" for that of a message.
func (c *call) legAgent() id.AgentID {
	if c.agent == nil {
		return ""
	}
	return c.agent.id
}

// legRefused is who allows no recording of the leg. Nobody refuses that of a message, who speaks one.
func (c *call) legRefused() Refuser {
	if c.agent == nil {
		return ""
	}
	return c.st.Refused
}

// beginMessage opens the leg. The tone comes when it is there, so that no word after it is lost.
func (f *Floor) beginMessage(c *call) {
	c.st.Leg++
	c.st.Part = 0
	c.legID = c.id.Leg(c.st.Leg)
	c.st.Phase, c.st.LegAt, c.st.Rolled = PhaseMessage, f.now, time.Time{}
	f.owe(c)
	f.connect(c)
	f.startCall(c, TimerConnect, f.now.Add(connectTime))
}

// otherUp goes on now that the newest part of a leg without an agent is there.
func (f *Floor) otherUp(c *call) {
	if c.st.Phase == PhaseTransfer {
		f.transferUp(c)
		return
	}
	if c.st.Rolled.IsZero() {
		f.say(c, []ivr.Phrase{ivr.Tone}, 0, (*Floor).roll)
		return
	}
	f.roll(c)
}

// roll begins the message, or goes on with it in a new part.
func (f *Floor) roll(c *call) {
	c.bridged = true
	f.do(Bridge{Call: c.id, Leg: c.legID, Part: c.st.Part})
	if c.st.Rolled.IsZero() {
		c.st.Rolled = f.now
	}
	f.watchMessage(c)
}

// watchMessage ends the message when it is as long as it may be.
func (f *Floor) watchMessage(c *call) {
	f.startCall(c, TimerMessage, c.st.Rolled.Add(c.longest()))
}

func (c *call) longest() time.Duration {
	switch {
	case c.commenting() && c.st.SurveyAt.Question < len(c.survey.Questions):
		return c.survey.Questions[c.st.SurveyAt.Question].Longest
	case c.flow != nil:
		if l, ok := c.flow.Longest(c.st.Flow); ok {
			return l
		}
	}
	return ivr.MaxMessage
}

// commenting says whether it is a survey that asked for it.
func (c *call) commenting() bool { return c.survey != nil && c.st.SurveyAt != nil }

// spoken is how long the message is.
func (f *Floor) spoken(c *call) time.Duration {
	if c.st.Rolled.IsZero() {
		return 0
	}
	return max(f.now.Sub(c.st.Rolled), time.Millisecond)
}

// endMessage ends the recording and goes on with the flow or the survey.
func (f *Floor) endMessage(c *call) {
	long := f.spoken(c)
	f.endMessageLeg(c)
	if c.commenting() {
		c.st.Phase = PhaseSurvey
		f.inquire(c, survey.Taped{For: long})
		return
	}
	c.st.Phase = PhaseFlow
	f.walk(c, ivr.Taped{For: long})
}

// endMessageLeg takes the leg off the call.
func (f *Floor) endMessageLeg(c *call) {
	f.hush(c)
	f.apart(c)
	f.drop(c)
	f.do(FinishRecording{Call: c.id, Leg: c.legID})
	f.stopCall(c, TimerConnect, TimerMessage)
	c.st.Rolled = time.Time{}
}

// messageGone keeps what a caller has said who hung up instead of pressing a key.
func (f *Floor) messageGone(c *call) {
	if c.st.Phase != PhaseMessage {
		return
	}
	long := f.spoken(c)
	f.endMessageLeg(c)
	if c.commenting() {
		if _, out := c.survey.Step(*c.st.SurveyAt, survey.Taped{For: long}); out.Answer != nil {
			c.st.Unsaved = out.Answer
			f.saveAnswer(c)
		}
		c.st.Phase = PhaseSurvey
		return
	}
	c.st.Phase = PhaseFlow
	if c.flow != nil {
		_, out := c.flow.Step(c.st.Flow, ivr.Gone{For: long}, f.now)
		f.keep(c, out.Keep)
	}
}

// keep makes what was recorded last a message.
func (f *Floor) keep(c *call, k *ivr.Kept) {
	if k != nil {
		f.do(KeepMessage{Call: c.id, Key: k.Key, Leg: c.id.Leg(c.st.Leg), Queue: id.QueueID(k.Queue), Note: k.Note})
	}
}

// otherLost goes on without a leg that nothing is to be had of any more.
func (f *Floor) otherLost(c *call) {
	if c.st.Phase == PhaseTransfer {
		f.endTransfer(c)
		return
	}
	f.endMessage(c)
}

// otherPartGone goes on without the part of a leg without an agent.
func (f *Floor) otherPartGone(c *call) {
	if c.st.Phase == PhaseTransfer {
		f.endTransfer(c)
		return
	}
	f.messagePartGone(c)
}

// messagePartGone makes the part again that went by itself, while the caller speaks on.
func (f *Floor) messagePartGone(c *call) {
	f.apart(c)
	f.drop(c)
	if c.st.Part >= maxParts {
		f.endMessage(c)
		return
	}
	f.connect(c)
	f.startCall(c, TimerConnect, f.now.Add(connectTime))
}

// refreshMessage goes on with a message after the connection to Asterisk was lost.
func (f *Floor) refreshMessage(c *call, r Restored) {
	there, joined := c.partIn(r)
	there = there && c.leg != legNone
	switch {
	case !there && c.st.Rolled.IsZero():
		f.connectPart(c)
	case !there:
		f.messagePartGone(c)
	case c.leg == legUp && joined && !c.st.Rolled.IsZero():
		f.watchMessage(c)
	default:
		f.partUp(c)
	}
}
