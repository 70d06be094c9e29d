package cti

import (
	"slices"
	"time"

	"hotline/cti/id"
	"hotline/ivr"
	"hotline/ivr/survey"
)

// call is one caller from arrival to end.
type call struct {
	id id.CallID
	st CallState // what travels with the call

	flow   *ivr.Flow      // nil when its flow is no longer configured
	above  []*ivr.Flow    // of st.Flow.Above
	survey *survey.Survey // in PhaseSurvey
	agent  *agent         // of st.Agent; agent.call points back
	legID  id.LegID       // of st.Leg, while agent is set

	speech     speech
	music      bool       // the caller hears music
	leg        legState   // of the newest part
	bridged    bool       // the bridge exists
	voiceAt    time.Time  // since when the talk goes as st.Phase says
	errand     ivr.Errand // to run once the words before it are said
	errandWait time.Duration
	held       heldAnswer // what the survey says once its answer is saved
	timers     timers

	remembered CallState // as in the channel variable
	touched    bool
}

// heldAnswer is the survey's output that waits for the AnswerSaved of st.Unsaved. It is empty after a restart, which
// asks the current question from its beginning instead.
type heldAnswer struct {
	out survey.Output
	has bool
}

func (f *Floor) callArrived(ev CallArrived) {
	if f.calls[ev.Call] != nil {
		f.do(Anomaly{What: "call is here already", Event: ev.event(), Call: ev.Call})
		return
	}
	c := &call{id: ev.Call, flow: f.flows[ev.Flow]}
	c.st = CallState{
		V: StateVersion, Phase: PhaseFlow, Line: ev.Line, Anonymous: ev.Anonymous, Arrived: f.now,
		Flow: ivr.Position{Flow: ev.Flow}, Leg: id.CallerLeg,
	}
	f.calls[c.id] = c
	f.touchCall(c)
	if made := ev.Made; made != nil {
		c.st.Campaign, c.st.Survey, c.st.Flow.Lang = made.Campaign, made.Survey, made.Lang
		f.do(LookUpCustomer{Call: c.id})
		f.saveCall(c)
		f.beginSurvey(c)
		return
	}
	f.do(Answer{Call: c.id})
	f.do(LookUpCustomer{Call: c.id})
	f.saveCall(c)
	f.walk(c, ivr.Begin{})
}

// walk gives an input to the call's flow and does what it says. It reports whether the flow said anything.
func (f *Floor) walk(c *call, in ivr.Input) bool {
	if c.flow == nil {
		f.fail(c)
		return true
	}
	pos, out := c.flow.With(f.calendars).Step(c.st.Flow, in, f.now)
	c.st.Flow = pos
	if n := len(out.Entered); n > 0 {
		f.do(Walked{Call: c.id, Flow: pos.Flow, Version: pos.Version, First: pos.Moves - n + 1, Steps: out.Entered})
	}
	f.consent(c, out)
	f.keep(c, out.Keep)
	if out.Forget != "" {
		f.do(ForgetSecret{Call: c.id, Secret: out.Forget})
	}
	if out.Idle() {
		return false
	}
	c.st.Phase = PhaseFlow
	switch {
	case out.Queue != nil:
		f.say(c, out.Say, 0, (*Floor).enterQueue)
	case out.Survey != "":
		c.st.Survey, c.st.Occasion = out.Survey, OccasionFlow
		f.say(c, out.Say, 0, (*Floor).beginSurvey)
	case out.Errand != nil:
		c.errand, c.errandWait = *out.Errand, out.Wait
		f.say(c, out.Say, 0, (*Floor).runErrand)
	case out.Sub != nil:
		return f.descend(c, *out.Sub)
	case out.Return != nil:
		return f.ascend(c, *out.Return)
	case out.Record:
		f.say(c, out.Say, 0, (*Floor).beginMessage)
	case out.Transfer:
		f.say(c, out.Say, 0, (*Floor).beginTransfer)
	case out.HangUp:
		f.say(c, out.Say, 0, (*Floor).end)
	default:
		f.say(c, out.Say, out.Wait, nil)
	}
	return true
}

// descend goes on in the flow that a step of the call's flow enters, in its version of now.
func (f *Floor) descend(c *call, sub ivr.SubStep) bool {
	below := f.flows[sub.Flow]
	if below != nil {
		if pos, ok := below.Descend(c.st.Flow, sub); ok {
			c.above = append(c.above, c.flow)
			c.flow, c.st.Flow = below, pos
			return f.walk(c, ivr.Begin{})
		}
	}
	return f.walk(c, ivr.Returned{Result: ivr.Failed})
}

// ascend goes on in the flow that entered the call's, in the version in which it did.
func (f *Floor) ascend(c *call, back ivr.Returned) bool {
	last := len(c.above) - 1
	c.flow, c.above = c.above[last], c.above[:last]
	if c.flow == nil {
		f.fail(c)
		return true
	}
	c.st.Flow = c.flow.Ascend(c.st.Flow)
	return f.walk(c, back)
}

// consent notes what the flow has learnt about the recording of the talk to come.
func (f *Floor) consent(c *call, out ivr.Output) {
	if out.Noticed && c.st.Noticed.IsZero() {
		c.st.Noticed = f.now
	}
	if out.Refused {
		c.st.Refused = RefusedByCaller
	}
	if out.Queue == nil || c.st.Refused == RefusedByCaller {
		return
	}
	switch {
	case out.Queue.Recording != ivr.Off:
		c.st.Refused = ""
	case out.Queue.ByFlow:
		c.st.Refused = RefusedByFlow
	default:
		c.st.Refused = RefusedByQueue
	}
}

func (f *Floor) digitPressed(c *call, ev DigitPressed) {
	if len(ev.Digit) != 1 {
		f.do(Anomaly{What: "digit is not one key", Event: ev.event(), Call: c.id})
		return
	}
	switch c.st.Phase {
	case PhaseFlow:
		f.walk(c, ivr.Digit{Digit: ev.Digit[0]})
	case PhaseSurvey:
		f.inquire(c, survey.Digit{Digit: ev.Digit[0]})
	case PhaseMessage:
		if !c.st.Rolled.IsZero() {
			f.endMessage(c)
		}
	case PhaseTransfer, PhaseQueue, PhaseRinging, PhaseConnecting, PhaseTalking, PhaseHeld, PhaseAway, PhaseEnding:
		// People press keys at any time; here they mean nothing.
	}
}

func (f *Floor) silence(c *call) {
	if c.st.Phase == PhaseSurvey {
		f.inquire(c, survey.Silence{})
	} else {
		f.walk(c, ivr.Silence{})
	}
}

func (f *Floor) customerFound(c *call, customers []int64) {
	c.st.Customers = slices.Clone(customers[:min(len(customers), MaxCustomers)])
	if c.st.Customers == nil {
		c.st.Customers = []int64{}
	}
	if c.agent != nil {
		f.touchAgent(c.agent)
	}
	f.saveCall(c)
}

// runErrand sends the host off. Should it never come back, the flow goes on after the wait.
func (f *Floor) runErrand(c *call) {
	c.st.Errands++
	f.do(RunErrand{Call: c.id, Errand: c.st.Errands, What: c.errand, At: c.st.Flow.Flow + "/" + c.st.Flow.Step})
	f.startCall(c, TimerDigit, f.now.Add(c.errandWait))
}

func (f *Floor) errandDone(c *call, ev ErrandDone) {
	if c.st.Phase != PhaseFlow || !c.st.Flow.Errand || ev.Errand != c.st.Errands {
		return // given up, or asked for again after a reconnection
	}
	f.stopCall(c, TimerDigit)
	f.walk(c, ivr.Returned{Result: ev.Result, Values: ev.Values})
}

// beginSurvey asks the caller the questions of st.Survey, from where st.SurveyAt says.
func (f *Floor) beginSurvey(c *call) {
	c.survey = f.surveys[c.st.Survey]
	if c.survey == nil {
		f.endSurvey(c)
		return
	}
	c.st.Phase = PhaseSurvey
	if c.st.SurveyAt == nil {
		c.st.SurveyAt = &survey.Position{Lang: c.st.Flow.Lang}
		c.st.Asked = &Asked{Survey: c.survey.ID, Version: c.survey.Version, Occasion: c.st.Occasion}
		f.saveCall(c)
	}
	f.inquire(c, survey.Begin{})
}

// inquire gives an input to the call's survey and does what it says. It reports whether the survey said anything.
func (f *Floor) inquire(c *call, in survey.Input) bool {
	if c.survey == nil || c.st.Unsaved != nil {
		return true // a key pressed in the moment it takes to save the answer before it
	}
	pos, out := c.survey.Step(*c.st.SurveyAt, in)
	c.st.SurveyAt = &pos
	if out.Idle() {
		return false
	}
	if out.Answer == nil {
		f.saySurvey(c, out)
		return true
	}
	f.hush(c)
	c.st.Unsaved = out.Answer
	c.held = heldAnswer{out: out, has: true}
	f.saveAnswer(c)
	return true
}

func (f *Floor) saveAnswer(c *call) {
	save := SaveAnswer{
		Call: c.id, Survey: c.st.SurveyAt.Survey, Version: c.st.SurveyAt.Version,
		Question: c.st.Unsaved.Question, Value: c.st.Unsaved.Value, At: f.now, Campaign: c.st.Campaign,
	}
	if c.st.Unsaved.Spoken {
		save.Leg = c.id.Leg(c.st.Leg)
	}
	f.do(save)
}

func (f *Floor) answerSaved(c *call, ev AnswerSaved) {
	if c.st.Unsaved == nil || c.st.Unsaved.Question != ev.Question {
		return // saved twice, after a reconnection
	}
	f.goOnAfterAnswer(c)
}

// goOnAfterAnswer goes on with the survey once the answer is safe, or will never be.
func (f *Floor) goOnAfterAnswer(c *call) {
	if c.st.Unsaved == nil {
		return
	}
	c.st.Unsaved = nil
	held := c.held
	c.held = heldAnswer{}
	if held.has {
		f.saySurvey(c, held.out)
	} else {
		f.inquire(c, survey.Begin{})
	}
}

func (f *Floor) saySurvey(c *call, out survey.Output) {
	switch {
	case out.Record:
		f.say(c, out.Say, 0, (*Floor).beginMessage)
	case out.Done:
		if at := c.st.SurveyAt; c.st.Asked != nil && at.Question >= len(c.survey.Questions) {
			c.st.Asked = &Asked{Survey: at.Survey, Version: at.Version, Occasion: c.st.Asked.Occasion, Over: true}
		}
		f.say(c, out.Say, 0, (*Floor).endSurvey)
	default:
		f.say(c, out.Say, out.Wait, nil)
	}
}

func (f *Floor) endSurvey(c *call) {
	c.survey, c.st.SurveyAt = nil, nil
	if c.st.Campaign != "" { // it was made to ask, and has no flow to go on with
		f.end(c)
		return
	}
	f.walk(c, ivr.Left{Result: ivr.Done})
}

// fail ends a call that can't go on.
func (f *Floor) fail(c *call) {
	f.letGo(c)
	c.st.Outcome = OutcomeFailed
	f.say(c, ivr.Sorry(c.st.Flow.Lang), 0, (*Floor).end)
	c.st.Phase = PhaseEnding
}

// end hangs up.
func (f *Floor) end(c *call) {
	f.hush(c)
	c.st.Phase = PhaseEnding
	if c.st.Outcome == OutcomeLive {
		c.st.Outcome = OutcomeFlowEnded
	}
	f.do(HangUp{Call: c.id})
}

// callerGone ends the call, at whatever moment it comes.
func (f *Floor) callerGone(c *call) {
	c.speech = speech{}
	c.st.Outcome = c.outcome()
	f.messageGone(c)
	f.invite(c)
	f.letGo(c)
	for len(c.timers) > 0 {
		f.stopCall(c, c.timers[0].kind)
	}
	delete(f.calls, c.id)
	f.save(c, f.now)
}

// letGo frees the agent and the place in line that the call has.
func (f *Floor) letGo(c *call) {
	switch c.st.Phase {
	case PhaseMessage:
		f.endMessageLeg(c)
	case PhaseTransfer:
		f.endTransferLeg(c)
	default: // agents' legs are below
	}
	f.stopWaiting(c)
	a := c.agent
	switch {
	case a == nil:
	case c.st.Phase == PhaseRinging:
		f.unlink(c)
		f.setAgent(a, AgentStateReady, "")
	case c.st.Phase == PhaseConnecting:
		f.endLeg(c)
		f.setAgent(a, AgentStateReady, "")
	default:
		f.endTalk(c)
	}
}

// outcome is how the call went, if it ends now.
func (c *call) outcome() Outcome {
	switch {
	case !c.st.Answered.IsZero():
		return OutcomeAnswered
	case c.st.Phase == PhaseQueue, c.st.Phase == PhaseRinging, c.st.Phase == PhaseConnecting:
		return OutcomeAbandoned
	case c.st.Outcome != OutcomeLive:
		return c.st.Outcome
	default:
		return OutcomeHungUpFlow
	}
}

func (f *Floor) saveCall(c *call) { f.save(c, time.Time{}) }

func (f *Floor) save(c *call, ended time.Time) {
	s := Summary{
		Call: c.id, Line: c.st.Line, Flow: c.st.Flow.Root(), Anonymous: c.st.Anonymous, Lang: c.st.Flow.Lang,
		Path: c.st.Flow.Path, Queue: c.st.Queue, Agent: c.st.HeardBy,
		Arrived: c.st.Arrived, Queued: c.st.Queued, Answered: c.st.Answered, Ended: ended,
		Noticed: c.st.Noticed, Refused: c.st.Refused, Asked: c.st.Asked, Campaign: c.st.Campaign,
	}
	if len(c.st.Customers) == 1 {
		s.Customer = c.st.Customers[0]
	}
	if c.st.Heard != 0 {
		s.Leg = c.id.Leg(c.st.Heard)
	}
	if !ended.IsZero() {
		s.Outcome = c.st.Outcome
	}
	f.do(SaveCall{Summary: s})
}
