package cti

import (
	"maps"
	"slices"
	"time"

	"hotline/cti/id"
	"hotline/ivr"
	"hotline/ivr/survey"
)

// Phase is where a call is in its life.
type Phase string

// The phases of a call; doc.go has the diagram.
const (
	PhaseFlow       Phase = "flow"       // in the IVR
	PhaseMessage    Phase = "message"    // speaking a message, or about to
	PhaseTransfer   Phase = "transfer"   // calling a telephone outside, or talking to it
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

	Flow    ivr.Position `json:"flow"`           // where in the flow; it goes on there after the queue
	Plays   int          `json:"plays,omitzero"` // number of the last Play
	Errands int          `json:"errs,omitzero"`  // number of the last RunErrand
	Quiet   int          `json:"quiet,omitzero"` // all Plays up to this one are over; a change alone isn't worth writing

	Queue    id.QueueID `json:"q,omitempty"`
	Queued   time.Time  `json:"qat,omitzero"`    // entry: the place in the queue, which a failed offer doesn't change
	Until    time.Time  `json:"unt,omitzero"`    // the wait ends, if nobody has answered by then
	Priority int        `json:"prio,omitempty"`  // higher goes first; PriorityBack for one whose talk broke off
	Survey   string     `json:"sv,omitempty"`    // survey after the talk, as the queue step names it
	Agreed   bool       `json:"agr,omitempty"`   // to that survey, beforehand in the flow
	Spared   bool       `json:"spa,omitempty"`   // the host says not to ask after this talk
	Occasion Occasion   `json:"occ,omitempty"`   // of the survey that begins
	Leg      int        `json:"leg,omitempty"`   // number of the newest leg; the caller's own is id.CallerLeg
	Part     int        `json:"part,omitempty"`  // newest part of that leg, 0 until answered
	Agent    id.AgentID `json:"agent,omitempty"` // while ringing until the leg ends
	Offered  time.Time  `json:"oat,omitzero"`    // to Agent
	Answered time.Time  `json:"aat,omitzero"`    // first answer of the call
	LegAt    time.Time  `json:"lat,omitzero"`    // answer of this leg
	Rolled   time.Time  `json:"rol,omitzero"`    // the tone of a message was heard, or a telephone outside has answered
	Heard    int        `json:"hl,omitempty"`    // newest leg that was bridged
	HeardBy  id.AgentID `json:"hw,omitempty"`    // its agent

	Noticed time.Time `json:"nat,omitzero"`  // the announcement of the recording was heard to its end
	Refused Refuser   `json:"nor,omitempty"` // who allows no recording of the talk

	SurveyAt *survey.Position `json:"svat,omitempty"` // where in the survey
	Unsaved  *survey.Answer   `json:"ans,omitempty"`  // given, and not yet confirmed as saved
	Asked    *Asked           `json:"ask,omitempty"`  // the last survey that began; never changed in place
	Campaign string           `json:"camp,omitempty"` // for which the call was made; empty for one that came in

	Outcome Outcome `json:"out,omitempty"` // known before the end, e.g. timeout while the flow says so
}

// Asked is a survey that the caller was asked, or is to be by a link, and whether they heard it to its end.
type Asked struct {
	Survey   string   `json:"survey"`
	Version  string   `json:"version"`
	Occasion Occasion `json:"occasion,omitempty"`
	Over     bool     `json:"over,omitempty"`
}

// Refuser is who allows no recording of a call's talks; "" is nobody.
type Refuser string

// Those who may refuse. A caller who did so once is believed for the rest of the call; a flow and a queue are asked again
// whenever the caller enters a queue.
const (
	RefusedByCaller Refuser = "caller"
	RefusedByFlow   Refuser = "flow"
	RefusedByQueue  Refuser = "queue"
)

// PriorityBack is the priority of a call that returns to the queue because the agent's sound was lost.
const PriorityBack = 1

// same says whether both states are written alike. It covers every field but Quiet, which a test holds it to.
func (s *CallState) same(o *CallState) bool {
	return s.V == o.V && s.Phase == o.Phase && s.Line == o.Line && s.Anonymous == o.Anonymous &&
		s.Arrived.Equal(o.Arrived) && (s.Customers == nil) == (o.Customers == nil) &&
		slices.Equal(s.Customers, o.Customers) && samePosition(&s.Flow, &o.Flow) && s.Plays == o.Plays && s.Errands == o.Errands &&
		s.Queue == o.Queue && s.Queued.Equal(o.Queued) && s.Until.Equal(o.Until) && s.Priority == o.Priority &&
		s.Survey == o.Survey && s.Agreed == o.Agreed && s.Spared == o.Spared && s.Occasion == o.Occasion && s.Leg == o.Leg && s.Part == o.Part && s.Agent == o.Agent &&
		s.Offered.Equal(o.Offered) && s.Answered.Equal(o.Answered) && s.LegAt.Equal(o.LegAt) &&
		s.Heard == o.Heard && s.HeardBy == o.HeardBy && s.Outcome == o.Outcome &&
		s.Rolled.Equal(o.Rolled) && s.Noticed.Equal(o.Noticed) && s.Refused == o.Refused &&
		samePointee(s.SurveyAt, o.SurveyAt) && samePointee(s.Unsaved, o.Unsaved) &&
		samePointee(s.Asked, o.Asked) && s.Campaign == o.Campaign
}

func samePosition(p, o *ivr.Position) bool {
	return p.Flow == o.Flow && p.Version == o.Version && p.Step == o.Step && p.Lang == o.Lang &&
		p.Tries == o.Tries && p.Wrong == o.Wrong && p.Digits == o.Digits && p.Heard == o.Heard &&
		p.Moves == o.Moves && p.Over == o.Over && slices.Equal(p.Path, o.Path) && maps.Equal(p.Rounds, o.Rounds) &&
		p.Errand == o.Errand && p.Taped == o.Taped && maps.Equal(p.Values, o.Values) &&
		slices.EqualFunc(p.Above, o.Above, func(a, b ivr.Position) bool { return samePosition(&a, &b) })
}

func samePointee[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
