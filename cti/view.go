package cti

import (
	"cmp"
	"slices"
	"time"

	"hotline/cti/id"
	"hotline/ivr"
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

	Voice     Voice   `json:"voice,omitempty"`             // while talking
	HasSurvey bool    `json:"has_survey"`                  // AgentToSurvey is possible
	Refused   Refuser `json:"recording_refused,omitempty"` // who allows no recording
	Waited    int64   `json:"waited,omitempty"`            // seconds from the entry into the queue to the offer

	Arrived   time.Time `json:"arrived"`
	Queued    time.Time `json:"queued"`
	Offered   time.Time `json:"offered"`
	RingUntil time.Time `json:"ring_until,omitzero"`  // while ringing
	Answered  time.Time `json:"answered,omitzero"`    // zero until answered
	VoiceFrom time.Time `json:"voice_since,omitzero"` // since when Voice is what it is
}

// Overview is the whole floor at one moment, for supervisors. Slices that may be empty are never nil.
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
	OutcomeOutside    Outcome = "transferred"    // the caller talked to a telephone outside
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
	Noticed   time.Time  `json:"noticed,omitzero"`  // the announcement of the recording was heard to its end
	Refused   Refuser    `json:"refused,omitempty"` // who allows no recording
	Outcome   Outcome    `json:"outcome,omitempty"`
	Asked     *Asked     `json:"asked,omitempty"`    // null while no survey has begun
	Campaign  string     `json:"campaign,omitempty"` // for which the call was made; empty for one that came in
}

// View returns the agent's view, ok false for an agent who is not configured.
func (f *Floor) View(agent id.AgentID) (v AgentView, ok bool) {
	a := f.agents[agent]
	if a == nil {
		return AgentView{}, false
	}
	return f.view(a), true
}

func (f *Floor) view(a *agent) AgentView {
	v := AgentView{
		Agent: a.id, State: a.state, Reason: a.reason, Since: a.since, Desk: a.desk, Media: a.media,
		Next: a.next, NextReason: a.nextReason, WrapUpUntil: a.wrapUntil, Disposition: a.disposed, Call: a.wrap,
	}
	switch {
	case a.call != nil:
		call := f.callView(a.call)
		v.Call = &call
	case a.restored != nil:
		v.Call = a.restored
	}
	return v
}

func (f *Floor) callView(c *call) CallView {
	v := CallView{
		Call: c.id, Leg: c.legID, Queue: c.st.Queue, Line: c.st.Line, Lang: c.st.Flow.Lang, Path: c.st.Flow.Path,
		Anonymous: c.st.Anonymous, Customers: c.st.Customers, Voice: c.voice(), VoiceFrom: c.voiceAt,
		HasSurvey: f.hasSurvey(c), Refused: c.st.Refused, Waited: int64(c.st.Offered.Sub(c.st.Queued) / time.Second),
		Arrived: c.st.Arrived, Queued: c.st.Queued, Offered: c.st.Offered,
	}
	if c.st.Phase == PhaseRinging {
		v.RingUntil, v.VoiceFrom = f.ringUntil(c), time.Time{}
	} else {
		v.Answered = c.st.LegAt
	}
	return v
}

// Overview returns the whole floor. It is for people to look at: it takes a time that grows with all there is.
func (f *Floor) Overview() Overview {
	o := Overview{Calls: len(f.calls), Queues: make([]QueueView, 0, len(f.order)), Agents: []AgentView{}}
	ringing := make(map[id.QueueID][]*call)
	for _, c := range f.calls {
		if c.st.Phase == PhaseRinging {
			ringing[c.st.Queue] = append(ringing[c.st.Queue], c)
		}
	}
	for _, name := range f.order {
		q := f.queues[name]
		v := QueueView{Queue: name, Waiting: []WaitingView{}, SignedIn: q.signedIn, Able: f.acd.Able(name)}
		calls := ringing[name]
		for _, call := range f.acd.Waiting(name) {
			calls = append(calls, f.calls[call])
		}
		slices.SortFunc(calls, func(a, b *call) int {
			return cmp.Or(cmp.Compare(b.st.Priority, a.st.Priority), a.st.Queued.Compare(b.st.Queued),
				cmp.Compare(a.id, b.id))
		})
		for _, c := range calls {
			v.Waiting = append(v.Waiting, WaitingView{
				Call: c.id, Since: c.st.Queued, Path: c.st.Flow.Path, Customers: c.st.Customers, Ringing: c.st.Agent,
			})
		}
		o.Queues = append(o.Queues, v)
	}
	for _, a := range f.agents {
		if a.state != AgentStateSignedOut {
			o.Agents = append(o.Agents, f.view(a))
		}
	}
	slices.SortFunc(o.Agents, func(a, b AgentView) int { return cmp.Compare(a.Agent, b.Agent) })
	return o
}
