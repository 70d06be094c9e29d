package ctitest

import (
	"fmt"
	"strings"
	"time"

	"hotline/cti"
	"hotline/cti/id"
)

// The invariants, by the name that a Broken carries.
const (
	inOneBridge     = "a leg is in at most one bridge"
	oneOffer        = "an agent has at most one call offered"
	nobodyIdles     = "no able agent idles while a matching call waits"
	timerOwners     = "every timer's owner lives"
	recordingsEnd   = "every recording that started ends"
	callsEnd        = "every call ends"
	nobodyInVain    = "no caller is left in silence"
	nothingRemains  = "no channel, bridge or media is left"
	oneVoice        = "a caller hears one announcement at a time"
	refusedIsHeeded = "a refused call is never recorded"
	secretIsKept    = "a secret is seen by its service alone, and as it was keyed last"
	everyTalkOwes   = "an answered leg owes one recording, unless it was refused"
	messageIsKept   = "what a caller has said as a message is kept"
)

// Broken is an invariant that did not hold.
type Broken struct {
	Invariant string
	Detail    string
	Step      int // number of the step after which it showed
}

func (b *Broken) Error() string {
	return fmt.Sprintf("after step %d: not so: %s: %s", b.Step, b.Invariant, b.Detail)
}

func (w *world) fail(invariant, format string, args ...any) {
	if w.err == nil {
		w.err = &Broken{Invariant: invariant, Detail: fmt.Sprintf(format, args...), Step: w.steps}
	}
}

// checks follows the commands of the Floor and knows from them alone who waits, who could serve and which timers run.
// What it does after a step grows with what the step did, and not with the floor.
type checks struct {
	w      *world
	member map[id.AgentID][]id.QueueID

	calls   map[id.CallID]seenCall
	serving map[id.AgentID]int // calls that name the agent
	agents  map[id.AgentID]cti.AgentView
	timers  map[cti.Timer]uint64
	perCall map[id.CallID]int // timers
	waiting map[id.QueueID]int
	able    map[id.QueueID]int

	// refused has the calls whose caller pressed the key. It outlives the Floor that was told.
	refused map[id.CallID]bool
}

type seenCall struct {
	phase cti.Phase
	agent id.AgentID
	queue id.QueueID
	step  string        // of the flow
	at    time.Duration // when it changed
}

func newChecks(w *world) *checks {
	c := &checks{w: w, refused: make(map[id.CallID]bool)}
	c.newFloor()
	c.configured()
	return c
}

// configured takes in who serves which queue.
func (c *checks) configured() {
	c.member = make(map[id.AgentID][]id.QueueID)
	clear(c.able)
	for _, q := range c.w.config.Queues {
		for _, a := range q.Members {
			c.member[a] = append(c.member[a], q.ID)
			if able(c.agents[a]) {
				c.able[q.ID]++
			}
		}
	}
}

func able(v cti.AgentView) bool { return v.State == cti.AgentStateReady && v.Desk && v.Media }

// newFloor forgets what an earlier Floor did.
func (c *checks) newFloor() {
	c.calls = make(map[id.CallID]seenCall)
	c.serving = make(map[id.AgentID]int)
	c.agents = make(map[id.AgentID]cti.AgentView)
	c.timers = make(map[cti.Timer]uint64)
	c.perCall = make(map[id.CallID]int)
	c.waiting = make(map[id.QueueID]int)
	c.able = make(map[id.QueueID]int)
}

// step takes in what the Floor did and returns the invariant that it broke, or nil.
func (c *checks) step(ev cti.Event, cmds []cti.Command) error {
	switch ev := ev.(type) {
	case cti.CallArrived:
		if _, live := c.calls[ev.Call]; !live {
			c.see(ev.Call, seenCall{phase: cti.PhaseFlow})
		}
	case cti.DigitPressed:
		seen := c.calls[ev.Call]
		if seen.phase == cti.PhaseFlow && seen.step == "consent" && ev.Digit == RefuseKey {
			c.refused[ev.Call] = true
		}
		if seen.phase == cti.PhaseFlow && seen.step == "card" && strings.Contains("0123456789", ev.Digit) {
			c.w.fail(secretIsKept, "call %s: a digit is part of a fact", ev.Call)
		}
	case cti.AsteriskReconnected:
		for _, k := range ev.Calls {
			// The key died with the last controller before anything followed from it: the caller is asked again.
			if _, known := c.calls[k.Call]; !known && k.State != nil && k.State.Phase == cti.PhaseFlow && k.State.Flow.Step == "consent" {
				delete(c.refused, k.Call)
			}
		}
	case cti.TimerFired:
		if c.timers[ev.Timer] == ev.Gen {
			c.stopTimer(ev.Timer)
		}
	default:
	}
	for _, cmd := range cmds {
		switch cmd := cmd.(type) {
		case cti.Remember:
			c.see(cmd.Call, seenCall{phase: cmd.State.Phase, agent: cmd.State.Agent, queue: cmd.State.Queue, step: cmd.State.Flow.Step})
		case cti.SaveCall:
			if !cmd.Summary.Ended.IsZero() {
				c.see(cmd.Summary.Call, seenCall{})
				delete(c.calls, cmd.Summary.Call)
			}
		case cti.Tell:
			c.seeAgent(cmd.View)
		case cti.SetTimer:
			c.stopTimer(cmd.Timer)
			c.timers[cmd.Timer] = cmd.Gen
			c.perCall[cmd.Timer.Call]++
		case cti.StopTimer:
			c.stopTimer(cmd.Timer)
		default:
		}
	}
	c.judge(cmds)
	return c.w.err
}

// mayNot says whether nothing of the call may be recorded, by what its caller pressed and where its flow is.
func (c *checks) mayNot(call id.CallID) bool {
	return c.refused[call] || c.calls[call].step == "unrecorded"
}

// owed is called when a leg begins to talk: its row must be in the ledger, and say what the caller wanted.
func (c *checks) owed(leg id.LegID) {
	refused, there := c.w.ledger[leg]
	if !there {
		c.w.fail(everyTalkOwes, "leg %s talks and is not in the ledger", leg)
		return
	}
	if _, message := c.w.messages[leg]; message {
		return // whoever speaks one wants it heard
	}
	if may := !c.mayNot(leg.Call()); may != (refused == "") {
		c.w.fail(everyTalkOwes, "leg %s may be recorded: %t, the ledger says refused by %q", leg, may, refused)
	}
	if _, begun := c.w.gateway.recordings[leg]; !begun && refused == "" {
		c.w.fail(everyTalkOwes, "leg %s talks and nothing records it", leg)
	}
}

// judge looks at all that the step can have broken.
func (c *checks) judge(cmds []cti.Command) {
	for _, cmd := range cmds {
		switch cmd := cmd.(type) {
		case cti.Remember:
			if a := cmd.State.Agent; c.serving[a] > 1 {
				c.w.fail(oneOffer, "agent %s has %d", a, c.serving[a])
			}
		case cti.SaveCall:
			if n := c.perCall[cmd.Summary.Call]; n > 0 && !cmd.Summary.Ended.IsZero() {
				c.w.fail(timerOwners, "call %s ended and left %d", cmd.Summary.Call, n)
			}
		case cti.SetTimer:
			if call := cmd.Timer.Call; call != "" {
				if _, live := c.calls[call]; !live {
					c.w.fail(timerOwners, "%s was set for the ended call %s", cmd.Timer.Kind, call)
				}
			}
		case cti.Tell:
			_, runs := c.timers[cti.Timer{Agent: cmd.Agent, Kind: cti.TimerWrapUp}]
			if runs != (cmd.View.State == cti.AgentStateWrapUp) {
				c.w.fail(timerOwners, "agent %s is %s, wrap-up timer runs: %t", cmd.Agent, cmd.View.State, runs)
			}
		default:
		}
	}
	for _, q := range c.w.config.Queues {
		if c.waiting[q.ID] > 0 && c.able[q.ID] > 0 {
			c.w.fail(nobodyIdles, "queue %s: %d wait, %d could serve", q.ID, c.waiting[q.ID], c.able[q.ID])
		}
	}
}

// see changes what is known of a call.
func (c *checks) see(call id.CallID, now seenCall) {
	was := c.calls[call]
	if was.phase == cti.PhaseQueue {
		c.waiting[was.queue]--
	}
	if now.phase == cti.PhaseQueue {
		c.waiting[now.queue]++
	}
	if was.agent != "" {
		c.serving[was.agent]--
	}
	if now.agent != "" {
		c.serving[now.agent]++
	}
	now.at = c.w.at
	c.calls[call] = now
}

func (c *checks) seeAgent(v cti.AgentView) {
	was, now := able(c.agents[v.Agent]), able(v)
	c.agents[v.Agent] = v
	if was == now {
		return
	}
	for _, q := range c.member[v.Agent] {
		if now {
			c.able[q]++
		} else {
			c.able[q]--
		}
	}
}

func (c *checks) stopTimer(t cti.Timer) {
	if _, runs := c.timers[t]; !runs {
		return
	}
	delete(c.timers, t)
	if c.perCall[t.Call]--; c.perCall[t.Call] == 0 {
		delete(c.perCall, t.Call)
	}
}

// The audit looks at every caller from time to time. It finds those who were forgotten, for which no step need go wrong.
const (
	auditEvery = 15 * time.Second
	// onTheWay is how long what a caller is to hear may take to come.
	onTheWay = 10 * time.Second
)

func (c *checks) audit() {
	w := c.w
	for call, seen := range c.calls {
		ch := w.pbx.calls[call]
		if ch != nil && w.linked && w.at-max(seen.at, ch.changed) > onTheWay && !c.hears(ch, seen.phase) {
			w.fail(nobodyInVain, "call %s in %s", call, seen.phase)
		}
	}
	w.after(auditEvery, c.audit)
}

// hears says whether the caller hears what belongs to the phase.
func (c *checks) hears(ch *channel, phase cti.Phase) bool {
	switch phase {
	case cti.PhaseFlow, cti.PhaseSurvey:
		_, waits := c.timers[cti.Timer{Call: ch.call, Kind: cti.TimerDigit}]
		return waits || ch.playing != 0
	case cti.PhaseMessage:
		_, connects := c.timers[cti.Timer{Call: ch.call, Kind: cti.TimerConnect}]
		return connects || ch.playing != 0 || len(c.w.pbx.bridges[ch.bridge]) == 2
	case cti.PhaseTransfer:
		return ch.music || ch.playing != 0 || len(c.w.pbx.bridges[ch.bridge]) == 2
	case cti.PhaseQueue, cti.PhaseRinging, cti.PhaseConnecting, cti.PhaseHeld, cti.PhaseAway:
		return ch.bridge == "" && (ch.music || ch.playing != 0)
	case cti.PhaseTalking:
		return ch.bridge != "" && len(c.w.pbx.bridges[ch.bridge]) == 2 && ch.playing == 0 && !ch.music
	case cti.PhaseEnding:
		return true // CallerGone is to come, or every call ends will tell
	default:
		return false
	}
}

// atEnd judges what is left when everybody has gone home.
func (c *checks) atEnd() error {
	w := c.w
	if w.err != nil {
		return w.err
	}
	for call, seen := range c.calls {
		w.fail(callsEnd, "call %s is in %s, %d calls in all", call, seen.phase, len(c.calls))
	}
	for call := range w.pbx.calls {
		w.fail(callsEnd, "channel of call %s is there, %d in all", call, len(w.pbx.calls))
	}
	for leg := range w.spoken {
		if !w.messages[leg] {
			w.fail(messageIsKept, "leg %s", leg)
		}
	}
	for leg := range w.gateway.recordings {
		w.fail(recordingsEnd, "that of leg %s, %d in all", leg, len(w.gateway.recordings))
	}
	for key := range w.pbx.parts {
		w.fail(nothingRemains, "channel of leg %s part %d", key.leg, key.n)
	}
	for call := range w.pbx.bridges {
		w.fail(nothingRemains, "bridge of call %s", call)
	}
	for key := range w.gateway.parts {
		w.fail(nothingRemains, "gateway's leg %s part %d", key.leg, key.n)
	}
	return w.err
}
