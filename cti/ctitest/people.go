package ctitest

import (
	"math"
	"time"

	"hotline/cti"
	"hotline/cti/id"
)

// habits are how people behave, in the mean.
type habits struct {
	talk     time.Duration // until the agent ends it
	wrapUp   time.Duration
	patience time.Duration // of a caller who waits
	answer   time.Duration // how long an agent lets it ring
	odd      float64       // share of moments at which somebody does something unusual
}

// people are the agents and callers of a simulation.
type people struct {
	w      *world
	habits habits
	agents map[id.AgentID]*person
	home   bool // the day is over: agents stay only for the calls that are left
}

// person is an agent at a desk.
type person struct {
	id     id.AgentID
	view   cti.AgentView // last seen on the desk
	seen   bool
	doing  int // number of the plan that is on; an older one is off
	req    uint64
	talkTo id.LegID // of whom the end of the talk is planned
	hangs  time.Duration
}

func newPeople(w *world, h habits) *people {
	p := &people{w: w, habits: h, agents: make(map[id.AgentID]*person)}
	for _, name := range w.config.Agents {
		p.agents[name] = &person{id: name}
	}
	w.onTell = p.look
	return p
}

// exp draws from an exponential distribution, cut off at eight times its mean.
func (p *people) exp(mean time.Duration) time.Duration {
	return time.Duration(min(p.w.rng.ExpFloat64(), 8) * float64(mean))
}

func (p *people) between(low, high time.Duration) time.Duration {
	return low + time.Duration(p.w.rng.Int64N(int64(high-low)))
}

func (p *people) chance(share float64) bool { return p.w.rng.Float64() < share }

// arrive has the agent open a desk and connect the sound.
func (p *people) arrive(name id.AgentID) {
	if p.w.desks[name] {
		return
	}
	p.w.desks[name], p.w.media[name] = true, true
	p.w.step(cti.DeskConnected{Agent: name})
	p.w.step(cti.MediaConnected{Agent: name})
}

// look is what an agent does on seeing the desk change.
func (p *people) look(v cti.AgentView) {
	who := p.agents[v.Agent]
	same := who.seen && who.view.State == v.State && who.view.Reason == v.Reason && legOf(who.view) == legOf(v) &&
		voiceOf(who.view) == voiceOf(v) && (who.view.Disposition == "") == (v.Disposition == "")
	who.view, who.seen = v, true
	if same {
		return
	}
	who.doing++
	switch v.State {
	case cti.AgentStateNotReady:
		if p.home {
			p.will(who, time.Minute, func(req uint64) cti.Event { return cti.AgentSignedOut{Agent: who.id, Req: req} })
			return
		}
		p.will(who, p.between(time.Second, 20*time.Second), func(req uint64) cti.Event {
			return cti.AgentReady{Agent: who.id, Req: req}
		})
	case cti.AgentStateReady:
		p.whileReady(who)
	case cti.AgentStateRinging:
		p.whileRinging(who)
	case cti.AgentStateTalking:
		p.whileTalking(who)
	case cti.AgentStateWrapUp:
		p.inWrapUp(who)
	case cti.AgentStateSignedOut:
	}
}

func legOf(v cti.AgentView) id.LegID {
	if v.Call == nil {
		return ""
	}
	return v.Call.Leg
}

func voiceOf(v cti.AgentView) cti.Voice {
	if v.Call == nil {
		return ""
	}
	return v.Call.Voice
}

// will has the agent ask for something after a while, if the desk still shows the same then.
func (p *people) will(who *person, after time.Duration, ask func(req uint64) cti.Event) {
	plan := who.doing
	p.w.after(after, func() {
		if who.doing == plan && p.w.desks[who.id] {
			p.ask(who, ask)
		}
	})
}

func (p *people) ask(who *person, ask func(req uint64) cti.Event) {
	who.req++
	p.w.step(ask(who.req))
}

func (p *people) whileReady(who *person) {
	if !p.chance(p.habits.odd) {
		return
	}
	p.will(who, p.exp(10*time.Minute), func(req uint64) cti.Event {
		return cti.AgentNotReady{Agent: who.id, Reason: "break", Req: req}
	})
}

func (p *people) whileRinging(who *person) {
	leg := legOf(who.view)
	switch {
	case p.chance(p.habits.odd / 2):
		p.will(who, p.exp(p.habits.answer), func(req uint64) cti.Event {
			return cti.AgentDeclined{Agent: who.id, Leg: leg, Req: req}
		})
	case !p.chance(p.habits.odd):
		p.will(who, p.exp(p.habits.answer), func(req uint64) cti.Event {
			return cti.AgentAnswered{Agent: who.id, Leg: leg, Req: req}
		})
	}
}

func (p *people) whileTalking(who *person) {
	leg := legOf(who.view)
	if who.talkTo != leg {
		who.talkTo, who.hangs = leg, p.w.at+p.exp(p.habits.talk)
	}
	rest := max(who.hangs-p.w.at, time.Second)
	switch voice := voiceOf(who.view); {
	case voice == cti.VoiceHeld:
		p.will(who, p.exp(15*time.Second), func(req uint64) cti.Event {
			return cti.AgentResumed{Agent: who.id, Leg: leg, Req: req}
		})
	case voice == cti.VoiceUp && p.chance(2*p.habits.odd):
		p.will(who, rest/2, func(req uint64) cti.Event { return cti.AgentHeld{Agent: who.id, Leg: leg, Req: req} })
	case voice == cti.VoiceUp && p.chance(p.habits.odd):
		p.will(who, rest/3, func(req uint64) cti.Event {
			return cti.AgentNextState{Agent: who.id, State: cti.AgentStateNotReady, Reason: "lunch", Req: req}
		})
		p.will(who, rest, func(req uint64) cti.Event { return cti.AgentToSurvey{Agent: who.id, Leg: leg, Req: req} })
	default:
		p.will(who, rest, func(req uint64) cti.Event { return cti.AgentHungUp{Agent: who.id, Leg: leg, Req: req} })
	}
}

func (p *people) inWrapUp(who *person) {
	if who.view.Disposition != "" || p.chance(p.habits.odd) {
		return
	}
	call := who.view.Call.Call
	p.will(who, p.exp(p.habits.wrapUp), func(req uint64) cti.Event {
		return cti.AgentDisposed{Agent: who.id, Call: call, Code: "done", Req: req}
	})
}

// meddle has an agent ask for something senseless, as a double click or a desk that is behind does.
func (p *people) meddle(who *person) {
	leg := id.CallID("c1").Leg(2)
	if l := legOf(who.view); l != "" {
		leg = l
	}
	asks := []func(uint64) cti.Event{
		func(req uint64) cti.Event { return cti.AgentAnswered{Agent: who.id, Leg: leg, Req: req} },
		func(req uint64) cti.Event { return cti.AgentDeclined{Agent: who.id, Leg: leg, Req: req} },
		func(req uint64) cti.Event { return cti.AgentHungUp{Agent: who.id, Leg: leg, Req: req} },
		func(req uint64) cti.Event { return cti.AgentHeld{Agent: who.id, Leg: leg, Req: req} },
		func(req uint64) cti.Event { return cti.AgentResumed{Agent: who.id, Leg: leg, Req: req} },
		func(req uint64) cti.Event { return cti.AgentToSurvey{Agent: who.id, Leg: leg, Req: req} },
		func(req uint64) cti.Event { return cti.AgentReady{Agent: who.id, Req: req} },
		func(req uint64) cti.Event { return cti.AgentNotReady{Agent: who.id, Reason: "no such", Req: req} },
		func(req uint64) cti.Event {
			return cti.AgentDisposed{Agent: who.id, Call: leg.Call(), Code: "done", Req: req}
		},
		func(req uint64) cti.Event {
			return cti.AgentNextState{Agent: who.id, State: cti.AgentStateReady, Req: req}
		},
	}
	p.ask(who, asks[p.w.rng.IntN(len(asks))])
}

// call is a caller from the dialling on.
func (p *people) call(name id.CallID) {
	w := p.w
	w.pbx.dial(name, DemoLine, p.chance(0.1))
	patience := p.exp(p.habits.patience)
	if p.chance(0.1) {
		patience = math.MaxInt64 / 4 // stays to the end
	}
	if patience < 6*time.Hour {
		w.after(patience, func() {
			if ch := w.pbx.calls[name]; ch != nil && ch.bridge == "" {
				w.pbx.hangUp(name)
			}
		})
	}
}

// listen is what a caller does on hearing an announcement begin.
func (p *people) listen(call id.CallID) {
	ch := p.w.pbx.calls[call]
	if ch == nil || !p.chance(0.85) {
		return
	}
	keys := "11111222222445689777"
	if ch.state != nil && ch.state.Phase == cti.PhaseSurvey {
		keys = "5541#9"
	}
	if ch.state != nil && ch.state.Phase == cti.PhaseFlow && ch.state.Flow.Step == "consent" {
		keys = RefuseKey + RefuseKey + "12"
	}
	if p.chance(p.habits.odd) {
		keys = "0*#733"
	}
	typed := string(keys[p.w.rng.IntN(len(keys))])
	if typed == "7" {
		typed += string("12344*"[p.w.rng.IntN(6)])
	}
	if ch.state != nil && ch.state.Phase == cti.PhaseFlow {
		typed = p.keyed(ch.state.Flow.Step, typed)
	}
	p.w.after(p.between(300*time.Millisecond, 6*time.Second), func() {
		for _, digit := range typed {
			p.w.pbx.press(call, string(digit))
		}
	})
}

// keyed is what a caller keys who is asked for a number; otherwise the one key.
func (p *people) keyed(step, key string) string {
	var numbers []string
	switch step {
	case "which":
		numbers = []string{"1234", "4321", "9999", "1111", "12#"}
	case "card":
		numbers = []string{"4242424242424242#", "4242424242424241#", "4000000000000002#", "42424242"}
	default:
		return key
	}
	return numbers[p.w.rng.IntN(len(numbers))]
}

// talk is what a caller does on being connected: most let the agent end it.
func (p *people) talk(call id.CallID) {
	if p.chance(0.3) {
		p.w.after(p.exp(2*p.habits.talk), func() { p.w.pbx.hangUp(call) })
	}
}
