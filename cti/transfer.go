package cti

import (
	"time"

	"hotline/ivr"
)

// A transfer is a leg without an agent too: a telephone outside, which the gateway knows nothing of and nobody records.

// dialSlack is how much later than the ring's end the Floor gives up a telephone of which nothing is heard.
const dialSlack = 5 * time.Second

// beginTransfer calls the telephone. The caller hears music until it answers.
func (f *Floor) beginTransfer(c *call) {
	dial, ok := c.flow.Transfer(c.st.Flow)
	if !ok {
		f.walk(c, ivr.Left{Result: ivr.Failed})
		return
	}
	c.st.Leg++
	c.st.Part = 1
	c.legID = c.id.Leg(c.st.Leg)
	c.st.Phase, c.st.Rolled, c.leg = PhaseTransfer, time.Time{}, legMaking
	f.startMusic(c)
	f.do(DialOut{Call: c.id, Leg: c.legID, Part: c.st.Part, To: dial.To, Ring: dial.Ring})
	f.startCall(c, TimerConnect, f.now.Add(dial.Ring+dialSlack))
}

// transferUp lets the two hear one another.
func (f *Floor) transferUp(c *call) {
	f.stopMusic(c)
	c.bridged = true
	if c.st.Rolled.IsZero() {
		c.st.Rolled, c.st.Outcome = f.now, OutcomeOutside
	}
	f.do(Bridge{Call: c.id, Leg: c.legID, Part: c.st.Part, Outside: true})
}

// endTransfer goes on with the flow, after the talk or instead of one.
func (f *Floor) endTransfer(c *call) {
	result := ivr.Failed
	if !c.st.Rolled.IsZero() {
		result = ivr.Done
	}
	f.endTransferLeg(c)
	c.st.Phase = PhaseFlow
	f.walk(c, ivr.Left{Result: result})
}

func (f *Floor) endTransferLeg(c *call) {
	f.apart(c)
	f.drop(c)
	f.stopMusic(c)
	f.stopCall(c, TimerConnect)
	c.st.Rolled = time.Time{}
}

// refreshTransfer goes on with the talk, or calls again: whether what rang was answered meanwhile is not known.
func (f *Floor) refreshTransfer(c *call, r Restored) {
	there, joined := c.partIn(r)
	switch {
	case c.st.Rolled.IsZero():
		f.apart(c)
		c.leg = legUp
		f.drop(c)
		if c.flow == nil {
			f.endTransfer(c)
			return
		}
		f.beginTransfer(c)
	case !there:
		c.leg = legNone
		f.endTransfer(c)
	case !joined:
		c.leg = legUp
		f.transferUp(c)
	default:
		c.leg = legUp
	}
}
