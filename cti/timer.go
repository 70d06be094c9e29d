package cti

import "hotline/cti/id"

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

	TimerWrapUp TimerKind = "wrap_up" // the wrap-up is over
	TimerDesk   TimerKind = "desk"    // the desk did not come back
)
