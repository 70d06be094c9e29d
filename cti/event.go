package cti

import (
	"encoding/json"
	"fmt"
	"time"

	"hotline/cti/id"
	"hotline/internal/calendar"
	"hotline/ivr"
	"hotline/ivr/survey"
)

// Event is a fact: something that has happened outside. Facts hold no number and no name of a person, so that they can
// be kept, and replayed into a Floor to yield the same commands.
//
//sumtype:decl
type Event interface{ event() string }

// EventKind is the name under which the event is stored; DecodeEvent undoes it.
func EventKind(ev Event) string { return ev.event() }

// Configured replaces everything the Floor knows of flows, queues and people. It is the first event of every Floor, and
// takes effect at any time: a call goes on in the flow it began with.
type Configured struct {
	// Flows and Surveys are not stored with the event. A replay finds them by Versions; the positions in CallState name id
	// and version too.
	Flows   []*ivr.Flow      `json:"-"`
	Surveys []*survey.Survey `json:"-"`
	// Versions are those of Flows, by id, as Named fills them in. SurveyVersions are those of Surveys.
	Versions       map[string]string `json:"flows,omitempty"`
	SurveyVersions map[string]string `json:"surveys,omitempty"`

	Queues       []QueueConfig `json:"queues"`
	Agents       []id.AgentID  `json:"agents"`       // everybody who may take calls
	Reasons      []string      `json:"reasons"`      // codes an agent may give for being not ready
	Dispositions []string      `json:"dispositions"` // codes a wrap-up may end with
	// Calendars hold from now on also for calls that are in a flow already.
	Calendars []*calendar.Calendar `json:"calendars,omitempty"`
	Settings  Settings             `json:"settings"`
}

// Named says which versions of flows and surveys it is about.
func (c Configured) Named() Configured {
	c.Versions, c.SurveyVersions = map[string]string{}, map[string]string{}
	for _, f := range c.Flows {
		c.Versions[f.ID] = f.Version
	}
	for _, s := range c.Surveys {
		c.SurveyVersions[s.ID] = s.Version
	}
	return c
}

// QueueConfig is one queue as administrators set it. Zero durations take the default in brackets.
type QueueConfig struct {
	ID           id.QueueID    `json:"id"`
	Members      []id.AgentID  `json:"members"`
	Ring         time.Duration `json:"ring"`             // how long an offer rings [20 s]
	LongestWait  time.Duration `json:"longest_wait"`     // after which the flow goes on with ivr.Timeout [10 min]
	WrapUp       time.Duration `json:"wrap_up"`          // after which wrap-up ends by itself [2 min]
	ServiceLevel time.Duration `json:"service_level"`    // within which an answer counts as in time [20 s]
	Asking       *Asking       `json:"asking,omitempty"` // nil: everybody, when the agent has ended the talk
}

// Settings hold for the whole floor. Zero takes the default in brackets.
type Settings struct {
	MediaGrace time.Duration `json:"media_grace"` // how long a talk waits for the agent's lost media [60 s]
	DeskGrace  time.Duration `json:"desk_grace"`  // without a desk for so long, an idle agent is signed out [5 min]
	Handling   time.Duration `json:"handling"`    // talk + wrap-up assumed until a queue has seen its own [4 min]
}

// CallArrived: a caller's channel entered the application. Call is made from the channel id (see package id).
type CallArrived struct {
	Call      id.CallID `json:"call"`
	Line      string    `json:"line"`      // number dialled, E.164 (DNIS)
	Flow      string    `json:"flow"`      // id of the flow that the line leads to
	Anonymous bool      `json:"anonymous"` // the caller withheld the number
	// Made is set for a call that was made rather than received: a person has answered it, and is asked at once.
	Made *Made `json:"made,omitempty"`
}

// Made is what a call was made for. Line is then the number that was shown, and there is no flow.
type Made struct {
	Campaign string   `json:"campaign"`
	Survey   string   `json:"survey"`
	Lang     ivr.Lang `json:"lang"`
}

// CallerGone: the caller's channel left or ended, whoever ended it. It is the last event of every call.
type CallerGone struct {
	Call  id.CallID `json:"call"`
	Cause int       `json:"cause"` // Q.850
}

// MaskedDigit stands for a key that is not to be kept.
const MaskedDigit = "*"

// DigitPressed: the caller pressed a key. Digit is one of 0-9, *, #, A-D, and MaskedDigit for one that the Floor does not
// heed: what was keyed while an agent talks is in no fact.
type DigitPressed struct {
	Call  id.CallID `json:"call"`
	Digit string    `json:"digit"`
}

// PlayFinished: all phrases of a Play were heard, were stopped, or could not be played (Failed).
type PlayFinished struct {
	Call   id.CallID `json:"call"`
	Play   int       `json:"play"`
	Failed bool      `json:"failed,omitempty"`
}

// LegUp: the channel of an agent leg's part entered the application.
type LegUp struct {
	Leg  id.LegID `json:"leg"`
	Part int      `json:"part"`
}

// LegGone: the channel of an agent leg's part ended.
type LegGone struct {
	Leg   id.LegID `json:"leg"`
	Part  int      `json:"part"`
	Cause int      `json:"cause"` // Q.850
}

// SurveyChecked answers CheckSurvey. Where nobody can say, as while the database is away, nobody is spared.
type SurveyChecked struct {
	Call   id.CallID `json:"call"`
	Leg    id.LegID  `json:"leg"`
	Spared bool      `json:"spared"`
}

// CustomerFound answers LookUpCustomer. Several customers may share one number; none is an answer too.
type CustomerFound struct {
	Call      id.CallID `json:"call"`
	Customers []int64   `json:"customers"` // best match first; the Floor keeps MaxCustomers
}

// DeskConnected: the agent has an open desk. For one who was signed out it is the sign-in. A second sign-in that took
// over comes as another DeskConnected and changes nothing.
type DeskConnected struct {
	Agent id.AgentID `json:"agent"`
}

// DeskLost: the agent has no open desk any more.
type DeskLost struct {
	Agent id.AgentID `json:"agent"`
}

// MediaConnected: the gateway and the agent's browser hear one another.
type MediaConnected struct {
	Agent id.AgentID `json:"agent"`
}

// MediaLost: the agent's connection for sound is gone, or the gateway is.
type MediaLost struct {
	Agent id.AgentID `json:"agent"`
}

// AgentReady: the agent wants calls. During wrap-up it ends the wrap-up without a disposition.
type AgentReady struct {
	Agent id.AgentID `json:"agent"`
	Req   uint64     `json:"req"` // names the request in a Refused
}

// AgentNotReady: the agent wants none, for one of the configured reasons.
type AgentNotReady struct {
	Agent  id.AgentID `json:"agent"`
	Reason string     `json:"reason"`
	Req    uint64     `json:"req"`
}

// AgentAnswered: the agent takes the offered leg.
type AgentAnswered struct {
	Agent id.AgentID `json:"agent"`
	Leg   id.LegID   `json:"leg"`
	Req   uint64     `json:"req"`
}

// AgentDeclined: the agent sends the offered leg away, and is set aside with ReasonDeclined.
type AgentDeclined struct {
	Agent id.AgentID `json:"agent"`
	Leg   id.LegID   `json:"leg"`
	Req   uint64     `json:"req"`
}

// AgentHungUp: the agent ends the talk. The caller goes on to the queue's survey, or is said goodbye by the flow.
type AgentHungUp struct {
	Agent id.AgentID `json:"agent"`
	Leg   id.LegID   `json:"leg"`
	Req   uint64     `json:"req"`
}

// AgentHeld: the agent puts the caller on hold.
type AgentHeld struct {
	Agent id.AgentID `json:"agent"`
	Leg   id.LegID   `json:"leg"`
	Req   uint64     `json:"req"`
}

// AgentResumed: the agent takes the caller back from hold.
type AgentResumed struct {
	Agent id.AgentID `json:"agent"`
	Leg   id.LegID   `json:"leg"`
	Req   uint64     `json:"req"`
}

// AgentToSurvey: the agent ends the talk by sending the caller to the survey. Refused where the queue names none.
type AgentToSurvey struct {
	Agent id.AgentID `json:"agent"`
	Leg   id.LegID   `json:"leg"`
	Req   uint64     `json:"req"`
}

// AgentDisposed: the agent says what the call was about, which ends the wrap-up once it is saved.
type AgentDisposed struct {
	Agent id.AgentID `json:"agent"`
	Call  id.CallID  `json:"call"`
	Code  string     `json:"code"` // one of the configured dispositions
	Note  string     `json:"-"`    // free text, so it may name persons: it is saved with the call and stays out of events
	Req   uint64     `json:"req"`
}

// AgentNextState: what the agent will be after this call's wrap-up: AgentStateReady, AgentStateNotReady with a reason,
// or "" to take it back.
type AgentNextState struct {
	Agent  id.AgentID `json:"agent"`
	State  AgentState `json:"state"`
	Reason string     `json:"reason,omitempty"`
	Req    uint64     `json:"req"`
}

// AgentSignedOut: the agent leaves. Refused during a call.
type AgentSignedOut struct {
	Agent id.AgentID `json:"agent"`
	Req   uint64     `json:"req"`
}

// AgentRestored gives a new Floor what the last one told of an agent: the View of the newest Tell. It comes after
// Configured and before AsteriskReconnected. An agent of whom nothing is known is signed out.
type AgentRestored struct {
	View AgentView `json:"view"`
}

// AnswerSaved: a SaveAnswer is safe (in the database, or spooled).
type AnswerSaved struct {
	Call     id.CallID `json:"call"`
	Question string    `json:"question"`
}

// DispositionSaved: a SaveDisposition is safe (in the database, or spooled).
type DispositionSaved struct {
	Agent id.AgentID `json:"agent"`
	Call  id.CallID  `json:"call"`
}

// CommandFailed: the host could not carry out a command, and has tried what is worth trying. A command on a channel that
// is gone is no failure: the channel's own event tells. Remember, StartMusic and what cleans up (StopPlay, StopMusic,
// Unbridge, DropLeg, HangUp, FinishRecording) are tried until they succeed or Asterisk is lost.
type CommandFailed struct {
	Call    id.CallID  `json:"call,omitempty"`
	Leg     id.LegID   `json:"leg,omitempty"`
	Part    int        `json:"part,omitempty"`
	Play    int        `json:"play,omitempty"`
	Agent   id.AgentID `json:"agent,omitempty"` // of a SaveDisposition
	Command string     `json:"command"`         // CommandKind of the command
	Reason  string     `json:"reason"`
}

// TimerFired: the time of a SetTimer has come.
type TimerFired struct {
	Timer Timer  `json:"timer"`
	Gen   uint64 `json:"gen"`
}

// AsteriskLost: the connection to Asterisk is gone. Until AsteriskReconnected the host discards commands to Asterisk
// (those that say so) and goes on with all others.
type AsteriskLost struct{}

// AsteriskReconnected tells what is there after a connection was made, in a new Floor as in one that lost Asterisk for a
// moment. Calls the Floor knows and that are not Up are gone; those it doesn't know go on where their State says. A
// call that is Up without any State was never seen by a Floor: step CallArrived for it next.
type AsteriskReconnected struct {
	Calls []Restored `json:"calls"`
	// Flows and Surveys are versions that Calls name and that are no longer what Configured said. Like those of Configured
	// they are not stored with the event. A call whose version is in neither goes on in the one that is configured.
	Flows   []*ivr.Flow      `json:"-"`
	Surveys []*survey.Survey `json:"-"`
}

// Restored is one call of which something is found in Asterisk: its caller's channel, a leg, or only its bridge.
type Restored struct {
	Call    id.CallID      `json:"call"`
	Up      bool           `json:"up"`              // the caller's channel exists
	State   *CallState     `json:"state,omitempty"` // from the channel variable, nil when there is none
	Bridged bool           `json:"bridged"`         // the caller is a member of the call's bridge
	Parts   []RestoredPart `json:"parts,omitempty"` // channels of agent legs
}

// RestoredPart is the channel of an agent leg as found in Asterisk.
type RestoredPart struct {
	Leg     id.LegID `json:"leg"`
	Part    int      `json:"part"`
	Bridged bool     `json:"bridged"` // it is a member of the call's bridge
}

// LegsFound tells what the gateway holds: every leg with an open part or a recording that is not finished. It comes when
// the controller connects to the gateway, and never before the first AsteriskReconnected. Legs that no call needs any
// more, because a controller died before it could say so, are then ended; a part that a talk needs and that is not there
// is made again.
type LegsFound struct {
	Legs []FoundLeg `json:"legs"`
}

// FoundLeg is an agent's leg as the gateway knows it.
type FoundLeg struct {
	Leg   id.LegID   `json:"leg"`
	Agent id.AgentID `json:"agent"`
	Open  []int      `json:"open,omitempty"` // its open parts
}

// ErrandDone: the host is back from RunErrand, the one of this number. Values are by the service's fields.
type ErrandDone struct {
	Call   id.CallID         `json:"call"`
	Errand int               `json:"errand"`
	Result string            `json:"result"` // as of ivr.Returned
	Values map[string]string `json:"values,omitempty"`
}

func (Configured) event() string          { return "configured" }
func (CallArrived) event() string         { return "call_arrived" }
func (CallerGone) event() string          { return "caller_gone" }
func (DigitPressed) event() string        { return "digit_pressed" }
func (PlayFinished) event() string        { return "play_finished" }
func (ErrandDone) event() string          { return "errand_done" }
func (LegUp) event() string               { return "leg_up" }
func (LegGone) event() string             { return "leg_gone" }
func (CustomerFound) event() string       { return "customer_found" }
func (SurveyChecked) event() string       { return "survey_checked" }
func (DeskConnected) event() string       { return "desk_connected" }
func (DeskLost) event() string            { return "desk_lost" }
func (MediaConnected) event() string      { return "media_connected" }
func (MediaLost) event() string           { return "media_lost" }
func (AgentReady) event() string          { return "agent_ready" }
func (AgentNotReady) event() string       { return "agent_not_ready" }
func (AgentAnswered) event() string       { return "agent_answered" }
func (AgentDeclined) event() string       { return "agent_declined" }
func (AgentHungUp) event() string         { return "agent_hung_up" }
func (AgentHeld) event() string           { return "agent_held" }
func (AgentResumed) event() string        { return "agent_resumed" }
func (AgentToSurvey) event() string       { return "agent_to_survey" }
func (AgentDisposed) event() string       { return "agent_disposed" }
func (AgentNextState) event() string      { return "agent_next_state" }
func (AgentSignedOut) event() string      { return "agent_signed_out" }
func (AgentRestored) event() string       { return "agent_restored" }
func (AnswerSaved) event() string         { return "answer_saved" }
func (DispositionSaved) event() string    { return "disposition_saved" }
func (CommandFailed) event() string       { return "command_failed" }
func (TimerFired) event() string          { return "timer_fired" }
func (AsteriskLost) event() string        { return "asterisk_lost" }
func (AsteriskReconnected) event() string { return "asterisk_reconnected" }
func (LegsFound) event() string           { return "legs_found" }

// eventTypes has a decoder for every kind of event.
var eventTypes = func() map[string]func([]byte) (Event, error) {
	m := make(map[string]func([]byte) (Event, error))
	register[Configured](m)
	register[CallArrived](m)
	register[CallerGone](m)
	register[DigitPressed](m)
	register[PlayFinished](m)
	register[ErrandDone](m)
	register[LegUp](m)
	register[LegGone](m)
	register[CustomerFound](m)
	register[SurveyChecked](m)
	register[DeskConnected](m)
	register[DeskLost](m)
	register[MediaConnected](m)
	register[MediaLost](m)
	register[AgentReady](m)
	register[AgentNotReady](m)
	register[AgentAnswered](m)
	register[AgentDeclined](m)
	register[AgentHungUp](m)
	register[AgentHeld](m)
	register[AgentResumed](m)
	register[AgentToSurvey](m)
	register[AgentDisposed](m)
	register[AgentNextState](m)
	register[AgentSignedOut](m)
	register[AgentRestored](m)
	register[AnswerSaved](m)
	register[DispositionSaved](m)
	register[CommandFailed](m)
	register[TimerFired](m)
	register[AsteriskLost](m)
	register[AsteriskReconnected](m)
	register[LegsFound](m)
	return m
}()

func register[T Event](m map[string]func([]byte) (Event, error)) {
	var zero T
	m[zero.event()] = func(data []byte) (Event, error) {
		var ev T
		err := json.Unmarshal(data, &ev)
		return ev, err
	}
}

// DecodeEvent makes the event again that was stored as its kind and its JSON.
func DecodeEvent(kind string, data []byte) (Event, error) {
	decode, ok := eventTypes[kind]
	if !ok {
		return nil, fmt.Errorf("decode event: no kind %q", kind)
	}
	ev, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("decode event %s: %w", kind, err)
	}
	return ev, nil
}
