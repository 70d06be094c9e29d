package cti

import (
	"time"

	"hotline/cti/id"
	"hotline/ivr"
	"hotline/ivr/survey"
)

// AgentState is what an agent is doing.
type AgentState string

// The agent states; doc.go has the diagram.
const (
	AgentStateSignedOut AgentState = "signed_out"
	AgentStateNotReady  AgentState = "not_ready" // signed in, wants no calls, or was set aside: see the reason
	AgentStateReady     AgentState = "ready"     // wants calls; is offered them while desk and media are connected
	AgentStateRinging   AgentState = "ringing"   // one call is offered
	AgentStateTalking   AgentState = "talking"   // from the answer until the leg ends; Voice says how it goes
	AgentStateWrapUp    AgentState = "wrap_up"   // after the talk, until its disposition or the deadline
)

// Reasons that the Floor itself gives an agent for being not ready. Configured ones come beside them.
const (
	ReasonRONA     = "rona"     // did not answer the ring
	ReasonDeclined = "declined" // sent the ring away
	ReasonMedia    = "media"    // the agent's sound could not be connected, or was away for too long
)

// Voice is how an agent's talk goes.
type Voice string

// The states of a talk.
const (
	VoiceConnecting Voice = "connecting" // answered; the leg is not up yet
	VoiceUp         Voice = "up"         // agent and caller hear one another
	VoiceHeld       Voice = "held"       // the caller hears music, by the agent's wish
	VoiceAway       Voice = "away"       // the caller hears music until the agent's sound is back
)

// AgentView is everything the agent's call bar shows. In wrap-up it still holds the call that ended.
type AgentView struct {
	Agent  id.AgentID `json:"agent"`
	State  AgentState `json:"state"`
	Reason string     `json:"reason,omitempty"` // of not_ready: a configured code or one of the Floor's
	Since  time.Time  `json:"since"`            // of State
	Desk   bool       `json:"desk"`
	Media  bool       `json:"media"`

	Next       AgentState `json:"next,omitempty"` // after wrap-up: ready or not_ready; "" leaves it to the Floor
	NextReason string     `json:"next_reason,omitempty"`

	WrapUpUntil time.Time `json:"wrap_up_until,omitzero"` // deadline, in wrap-up
	Disposition string    `json:"disposition,omitempty"`  // chosen, and not yet confirmed as saved

	Call *CallView `json:"call,omitempty"` // while ringing, talking, and in wrap-up
}

// CallView is the agent's call.
type CallView struct {
	Call      id.CallID  `json:"call"`
	Leg       id.LegID   `json:"leg"`
	Queue     id.QueueID `json:"queue"`
	Line      string     `json:"line"` // number dialled, E.164
	Lang      ivr.Lang   `json:"lang"`
	Path      []string   `json:"path,omitempty"` // the caller's choices in the menu, as words
	Anonymous bool       `json:"anonymous,omitempty"`
	Customers []int64    `json:"customers"` // null until the look-up has answered; empty: nobody has this number

	Voice     Voice `json:"voice,omitempty"`  // while talking
	HasSurvey bool  `json:"has_survey"`       // AgentToSurvey is possible
	Waited    int64 `json:"waited,omitempty"` // seconds from the entry into the queue to the offer

	Arrived   time.Time `json:"arrived"`
	Queued    time.Time `json:"queued"`
	Offered   time.Time `json:"offered"`
	RingUntil time.Time `json:"ring_until,omitzero"`  // while ringing
	Answered  time.Time `json:"answered,omitzero"`    // zero until answered
	VoiceFrom time.Time `json:"voice_since,omitzero"` // since when Voice is what it is
}

// Overview is the whole floor at one moment, for supervisors.
type Overview struct {
	Queues []QueueView `json:"queues"` // by id
	Agents []AgentView `json:"agents"` // by id, without those signed out
	Calls  int         `json:"calls"`  // live calls, in whatever phase
}

// QueueView is one queue.
type QueueView struct {
	Queue    id.QueueID    `json:"queue"`
	Waiting  []WaitingView `json:"waiting"`   // next to be offered first
	SignedIn int           `json:"signed_in"` // members signed in
	Able     int           `json:"able"`      // members to whom a call can be offered now
}

// WaitingView is one waiting call.
type WaitingView struct {
	Call      id.CallID  `json:"call"`
	Since     time.Time  `json:"since"`
	Path      []string   `json:"path,omitempty"`
	Customers []int64    `json:"customers"`
	Ringing   id.AgentID `json:"ringing,omitempty"` // the agent it is offered to
}

// Outcome is how a call went, in one word. It is final once the call has ended.
type Outcome string

// The outcomes.
const (
	OutcomeLive       Outcome = ""               // not ended
	OutcomeAnswered   Outcome = "answered"       // an agent talked to the caller
	OutcomeAbandoned  Outcome = "abandoned"      // the caller hung up while waiting for an agent
	OutcomeTimeout    Outcome = "timeout"        // waited longer than the queue allows, and was told so
	OutcomeUnstaffed  Outcome = "unstaffed"      // nobody was signed in for the queue, and the caller was told so
	OutcomeFlowEnded  Outcome = "ivr_ended"      // the flow came to its end by itself
	OutcomeHungUpFlow Outcome = "hung_up_in_ivr" // the caller hung up in the flow
	OutcomeFailed     Outcome = "failed"         // we could not go on with the call
)

// Summary is the row by which people find a call. Zero times and empty strings are what has not happened.
type Summary struct {
	Call      id.CallID  `json:"call"`
	Line      string     `json:"line"`
	Flow      string     `json:"flow"`
	Anonymous bool       `json:"anonymous,omitempty"`
	Customer  int64      `json:"customer,omitempty"` // 0 unless exactly one was found
	Lang      ivr.Lang   `json:"lang,omitempty"`
	Path      []string   `json:"path,omitempty"`
	Queue     id.QueueID `json:"queue,omitempty"`
	Agent     id.AgentID `json:"agent,omitempty"` // who answered last
	Leg       id.LegID   `json:"leg,omitempty"`   // of that answer
	Arrived   time.Time  `json:"arrived"`
	Queued    time.Time  `json:"queued,omitzero"`
	Answered  time.Time  `json:"answered,omitzero"` // first answer
	Ended     time.Time  `json:"ended,omitzero"`
	Outcome   Outcome    `json:"outcome,omitempty"`
}

// Phase is where a call is in its life.
type Phase string

// The phases of a call; doc.go has the diagram.
const (
	PhaseFlow       Phase = "flow"       // in the IVR
	PhaseQueue      Phase = "queue"      // waiting, nobody is offered it
	PhaseRinging    Phase = "ringing"    // waiting, and offered to Agent
	PhaseConnecting Phase = "connecting" // Agent answered; the leg is not up yet
	PhaseTalking    Phase = "talking"    // bridged
	PhaseHeld       Phase = "held"       // on hold by the agent
	PhaseAway       Phase = "away"       // hears music until the agent's sound is back
	PhaseSurvey     Phase = "survey"     // in the survey after the talk
	PhaseEnding     Phase = "ending"     // hung up by us; CallerGone is to come
)

// StateVersion is the version of CallState that this code writes. It reads this one and the one before.
const StateVersion = 1

// MaxCustomers is how many of the customers found for a number a call keeps.
const MaxCustomers = 8

// CallState is what Asterisk cannot tell of a call. It travels with the call as JSON in one channel variable, and is all
// that a new Floor needs to go on where the last one stopped. It stays under 6 kB.
type CallState struct {
	V         int       `json:"v"`
	Phase     Phase     `json:"ph"`
	Line      string    `json:"line"`
	Anonymous bool      `json:"anon,omitempty"`
	Arrived   time.Time `json:"arr"`
	Customers []int64   `json:"cust"` // null until the look-up has answered

	Flow  ivr.Position `json:"flow"`           // where in the flow; it goes on there after the queue
	Plays int          `json:"plays,omitzero"` // number of the last Play

	Queue    id.QueueID `json:"q,omitempty"`
	Queued   time.Time  `json:"qat,omitzero"`    // first entry: the place in the queue, which a failed offer doesn't change
	Priority int        `json:"prio,omitempty"`  // higher goes first; PriorityBack for one whose talk broke off
	Survey   string     `json:"sv,omitempty"`    // survey after the talk, as the queue step names it
	Leg      int        `json:"leg,omitempty"`   // number of the newest leg; the caller's is 1
	Part     int        `json:"part,omitempty"`  // newest part of that leg, 0 until answered
	Agent    id.AgentID `json:"agent,omitempty"` // while ringing until the leg ends
	Offered  time.Time  `json:"oat,omitzero"`    // to Agent
	Answered time.Time  `json:"aat,omitzero"`    // first answer of the call
	LegAt    time.Time  `json:"lat,omitzero"`    // answer of this leg
	LastLeg  int        `json:"ll,omitempty"`    // leg and agent of the last answer, for the summary
	LastWho  id.AgentID `json:"lw,omitempty"`

	SurveyAt *survey.Position `json:"svat,omitempty"` // where in the survey
	Unsaved  *survey.Answer   `json:"ans,omitempty"`  // given, and not yet confirmed as saved

	Outcome Outcome `json:"out,omitempty"` // known before the end, e.g. timeout while the flow says so
}

// PriorityBack is the priority of a call that returns to the queue because the agent's sound was lost.
const PriorityBack = 1
