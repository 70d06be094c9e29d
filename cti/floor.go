package cti

import (
	"time"

	"hotline/cti/acd"
	"hotline/cti/id"
	"hotline/internal/calendar"
	"hotline/ivr"
	"hotline/ivr/survey"
)

// Floor is every call, agent and queue at one moment. It is owned by one goroutine. Make it with New.
type Floor struct {
	// Configuration, replaced by Configured. What calls are using stays with them.
	flows        map[string]*ivr.Flow
	calendars    map[string]*calendar.Calendar // by name
	surveys      map[string]*survey.Survey
	reasons      map[string]bool
	dispositions map[string]bool
	settings     Settings

	calls  map[id.CallID]*call
	agents map[id.AgentID]*agent
	queues map[id.QueueID]*queue
	order  []id.QueueID // of queues, as configured
	acd    acd.Distributor
	gen    uint64 // generation of the newest timer
	synced bool   // AsteriskReconnected has come once, so that every live call is known

	// The running Step.
	now     time.Time
	out     []Command
	touched struct {
		calls  []*call  // whose state may have changed
		agents []*agent // whose view changed
		queued []*call  // that entered a queue
	}
}

// New returns a Floor without flows, queues and agents. Its first event is Configured.
func New() *Floor {
	return &Floor{
		calls:  make(map[id.CallID]*call),
		agents: make(map[id.AgentID]*agent),
		queues: make(map[id.QueueID]*queue),
	}
}

// Step applies one fact and returns what must now be done, in order. It never blocks, fails, reads a clock or makes up
// an identity. now is the host's wall clock; one that steps back makes waits longer and breaks nothing.
func (f *Floor) Step(now time.Time, ev Event) []Command {
	f.now, f.out = now, f.out[:0]
	switch ev := ev.(type) {
	case Configured:
		f.configured(ev)
	case AgentRestored:
		f.agentRestored(ev)
	case AsteriskLost:
		// The host discards what it can't do; AsteriskReconnected tells what has become of it.
	case AsteriskReconnected:
		f.asteriskReconnected(ev)
	case LegsFound:
		f.legsFound(ev)
	case TimerFired:
		f.timerFired(ev)
	case CommandFailed:
		f.commandFailed(ev)
	default:
		if !f.stepCall(ev) {
			f.stepAgent(ev)
		}
	}
	f.settle()
	return f.flush()
}

// Heeds says whether a key that the call's caller presses now means anything: a menu, an announcement or a survey question
// is there for it. Any other is nobody's business, since it may be one of a card number that the agent asked for, and the
// host gives it to Step as MaskedDigit. That needs no knowledge of pauses, which the gateway holds and may not have told
// yet. secret names the secret that a digit belongs to: the host keeps it for the errand that needs it, and gives Step
// MaskedDigit for it too.
func (f *Floor) Heeds(call id.CallID) (heeded bool, secret string) {
	c := f.calls[call]
	switch {
	case c == nil:
		return false, ""
	case c.st.Phase == PhaseFlow && c.flow != nil:
		secret, heeded = c.flow.Key(c.st.Flow)
		return heeded, secret
	default:
		return c.st.Phase == PhaseFlow || c.st.Phase == PhaseSurvey, ""
	}
}

// stepCall applies a fact about a call. It returns false for any other.
func (f *Floor) stepCall(ev Event) bool {
	switch ev := ev.(type) {
	case CallArrived:
		f.callArrived(ev)
	case CallerGone:
		f.withCall(ev, ev.Call, f.callerGone)
	case DigitPressed:
		f.withCall(ev, ev.Call, func(c *call) { f.digitPressed(c, ev) })
	case PlayFinished:
		f.playFinished(ev)
	case LegUp:
		f.legUp(ev)
	case LegGone:
		f.legGone(ev)
	case ErrandDone:
		f.withCall(ev, ev.Call, func(c *call) { f.errandDone(c, ev) })
	case CustomerFound:
		f.withCall(ev, ev.Call, func(c *call) { f.customerFound(c, ev.Customers) })
	case SurveyChecked:
		f.withCall(ev, ev.Call, func(c *call) { f.surveyChecked(c, ev) })
	case AnswerSaved:
		f.withCall(ev, ev.Call, func(c *call) { f.answerSaved(c, ev) })
	default:
		return false
	}
	return true
}

// stepAgent applies a fact about an agent, or an agent's request.
func (f *Floor) stepAgent(ev Event) {
	switch ev := ev.(type) {
	case DeskConnected:
		f.withAgent(ev, ev.Agent, f.deskConnected)
	case DeskLost:
		f.withAgent(ev, ev.Agent, f.deskLost)
	case MediaConnected:
		f.withAgent(ev, ev.Agent, f.mediaConnected)
	case MediaLost:
		f.withAgent(ev, ev.Agent, f.mediaLost)
	case DispositionSaved:
		f.withAgent(ev, ev.Agent, func(a *agent) { f.dispositionSaved(a, ev) })
	case AgentReady:
		f.ask(ev.Agent, ev.Req, f.wantReady)
	case AgentNotReady:
		f.ask(ev.Agent, ev.Req, func(a *agent) RefusalCode { return f.wantNotReady(a, ev.Reason) })
	case AgentSignedOut:
		f.ask(ev.Agent, ev.Req, f.wantSignOut)
	case AgentNextState:
		f.ask(ev.Agent, ev.Req, func(a *agent) RefusalCode { return f.wantNext(a, ev.State, ev.Reason) })
	case AgentAnswered:
		f.ask(ev.Agent, ev.Req, func(a *agent) RefusalCode { return f.wantAnswer(a, ev.Leg) })
	case AgentDeclined:
		f.ask(ev.Agent, ev.Req, func(a *agent) RefusalCode { return f.wantDecline(a, ev.Leg) })
	case AgentHungUp:
		f.ask(ev.Agent, ev.Req, func(a *agent) RefusalCode { return f.wantHangUp(a, ev.Leg, false) })
	case AgentHeld:
		f.ask(ev.Agent, ev.Req, func(a *agent) RefusalCode { return f.wantHold(a, ev.Leg) })
	case AgentResumed:
		f.ask(ev.Agent, ev.Req, func(a *agent) RefusalCode { return f.wantResume(a, ev.Leg) })
	case AgentToSurvey:
		f.ask(ev.Agent, ev.Req, func(a *agent) RefusalCode { return f.wantSurvey(a, ev.Leg) })
	case AgentDisposed:
		f.ask(ev.Agent, ev.Req, func(a *agent) RefusalCode { return f.wantDisposition(a, ev) })
	default:
		f.do(Anomaly{What: "event unknown to this version", Event: EventKind(ev)})
	}
}

// withCall applies a fact to its call.
func (f *Floor) withCall(ev Event, call id.CallID, apply func(*call)) {
	c := f.calls[call]
	if c == nil {
		f.do(Anomaly{What: "no such call", Event: EventKind(ev), Call: call})
		return
	}
	f.touchCall(c)
	apply(c)
}

// withAgent applies a fact to its agent.
func (f *Floor) withAgent(ev Event, agent id.AgentID, apply func(*agent)) {
	a := f.agents[agent]
	if a == nil {
		f.do(Anomaly{What: "no such agent", Event: EventKind(ev), Agent: agent})
		return
	}
	apply(a)
}

// granted is the RefusalCode of a request that was not refused.
const granted RefusalCode = ""

// ask puts a request to an agent's state. A request that is refused has changed nothing.
func (f *Floor) ask(agent id.AgentID, req uint64, grant func(*agent) RefusalCode) {
	a := f.agents[agent]
	code := RefusedUnknownAgent
	if a != nil && a.state == AgentStateSignedOut {
		code = RefusedSignedOut
	} else if a != nil {
		code = grant(a)
	}
	if code != granted {
		f.do(Refused{Agent: agent, Req: req, Code: code})
	}
}

// settle offers waiting calls to able agents, now that all else is as the event made it, and tells those who entered a
// queue how long it will take.
func (f *Floor) settle() {
	for {
		f.lineUp()
		call, agent, ok := f.acd.Next()
		if !ok {
			break
		}
		f.offer(f.calls[call], f.agents[agent])
	}
	for _, c := range f.touched.queued {
		f.welcome(c)
	}
	clear(f.touched.queued)
	f.touched.queued = f.touched.queued[:0]
}

// lineUp makes the distributor know which of the agents that were touched can take a call.
func (f *Floor) lineUp() {
	for _, a := range f.touched.agents {
		if able := a.able(); able != a.inLine {
			a.inLine = able
			if able {
				f.acd.Idle(a.id, a.idleSince)
			} else {
				f.acd.Busy(a.id)
			}
		}
	}
}

// flush returns the commands of this Step: what to remember, then all others as they came, then the agents' views.
func (f *Floor) flush() []Command {
	out := make([]Command, 0, len(f.touched.calls)+len(f.out)+len(f.touched.agents))
	for _, c := range f.touched.calls {
		c.touched = false
		if f.calls[c.id] == c && !c.st.same(&c.remembered) {
			c.remembered = c.st
			out = append(out, Remember{Call: c.id, State: c.st})
		}
	}
	out = append(out, f.out...)
	for _, a := range f.touched.agents {
		a.touched = false
		out = append(out, Tell{Agent: a.id, View: f.view(a)})
	}
	clear(f.out)
	clear(f.touched.calls)
	clear(f.touched.agents)
	f.touched.calls, f.touched.agents = f.touched.calls[:0], f.touched.agents[:0]
	return out
}

// do adds a command.
func (f *Floor) do(c Command) { f.out = append(f.out, c) }

// touchCall has the call's state remembered at the end of the Step, if it changed.
func (f *Floor) touchCall(c *call) {
	if !c.touched {
		c.touched = true
		f.touched.calls = append(f.touched.calls, c)
	}
}

// touchAgent has the agent told at the end of the Step.
func (f *Floor) touchAgent(a *agent) {
	if !a.touched {
		a.touched = true
		f.touched.agents = append(f.touched.agents, a)
	}
}

// commandFailed goes on without what the command was for.
func (f *Floor) commandFailed(ev CommandFailed) {
	if ev.Command == (SaveDisposition{}).command() {
		f.withAgent(ev, ev.Agent, func(a *agent) { f.dispositionFailed(a, ev.Call) })
		return
	}
	c := f.calls[ev.Call]
	if c == nil {
		return // the call ended meanwhile, and with it the need
	}
	f.touchCall(c)
	current := c.holds(ev.Leg, ev.Part)
	switch ev.Command {
	case (Answer{}).command():
		f.fail(c)
	case (Play{}).command():
		f.playFinished(PlayFinished{Call: ev.Call, Play: ev.Play, Failed: true})
		if c.st.Phase == PhaseTalking {
			f.do(StopMusic{Call: c.id}) // the Play was to end it, and the talk began on that
		}
	case (ConnectLeg{}).command(), (DialOut{}).command(), (Bridge{}).command():
		if current {
			f.voiceLost(c)
		}
	case (Hold{}).command():
		if current && c.st.Phase == PhaseHeld {
			f.join(c) // better that all see they hear one another than that they do and nobody knows
		}
	case (SaveAnswer{}).command():
		f.goOnAfterAnswer(c)
	}
}
