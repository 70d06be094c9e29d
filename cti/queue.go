package cti

import (
	"time"

	"hotline/cti/acd"
	"hotline/cti/id"
	"hotline/ivr"
)

// queue is what the Floor knows of a queue beside who is in line, which package acd holds.
type queue struct {
	QueueConfig
	signedIn int           // members signed in
	handling time.Duration // talk and wrap-up of a call, as of late; from it the expected wait
}

// What a queue does where its configuration says nothing.
const (
	defaultRing         = 20 * time.Second
	defaultLongestWait  = 10 * time.Minute
	defaultWrapUp       = 2 * time.Minute
	defaultServiceLevel = 20 * time.Second
	defaultHandling     = 4 * time.Minute
	defaultMediaGrace   = time.Minute
	defaultDeskGrace    = 5 * time.Minute

	// connectTime is how long an agent's leg may take to come up; on one machine it takes 20 ms.
	connectTime = 10 * time.Second
	// leastRing is how long an offer rings on after a restart, however late it is: the desk has to come back first.
	leastRing = 5 * time.Second
)

func orDefault(d *time.Duration, def time.Duration) {
	if *d <= 0 {
		*d = def
	}
}

func (q QueueConfig) withDefaults() QueueConfig {
	orDefault(&q.Ring, defaultRing)
	orDefault(&q.LongestWait, defaultLongestWait)
	orDefault(&q.WrapUp, defaultWrapUp)
	orDefault(&q.ServiceLevel, defaultServiceLevel)
	return q
}

// config is the configuration of a queue, or the defaults when it is no longer configured.
func (f *Floor) config(name id.QueueID) QueueConfig {
	if q := f.queues[name]; q != nil {
		return q.QueueConfig
	}
	return QueueConfig{ID: name}.withDefaults()
}

// enterQueue lets the call wait for an agent in the queue that its flow is at.
func (f *Floor) enterQueue(c *call) {
	step, _ := c.flow.Queue(c.st.Flow)
	c.st.Queue, c.st.Survey, c.st.Agreed = step.ID, step.Survey, step.Agreed
	c.st.Queued, c.st.Priority = f.now, 0
	c.st.Until = f.now.Add(f.config(c.st.Queue).LongestWait)
	c.st.Outcome = OutcomeLive
	f.saveCall(c)
	switch q := f.queues[c.st.Queue]; {
	case q == nil:
		f.leaveQueue(c, OutcomeFailed)
	case q.signedIn == 0:
		f.leaveQueue(c, OutcomeUnstaffed)
	default:
		f.wait(c)
		f.touched.queued = append(f.touched.queued, c)
	}
}

// wait puts the call in line at the place that its state gives it, or out of the queue when it has waited too long.
func (f *Floor) wait(c *call) {
	c.st.Phase = PhaseQueue
	if f.queues[c.st.Queue] == nil {
		f.leaveQueue(c, OutcomeFailed)
		return
	}
	if !f.now.Before(c.st.Until) {
		f.leaveQueue(c, OutcomeTimeout)
		return
	}
	f.acd.Wait(acd.Call{ID: c.id, Queue: c.st.Queue, Since: c.st.Queued, Priority: c.st.Priority})
	if c.timers.find(TimerWait) < 0 {
		f.startCall(c, TimerWait, c.st.Until)
	}
	if step := f.queueStep(c); step.Every > 0 && c.timers.find(TimerAnnounce) < 0 {
		f.startCall(c, TimerAnnounce, f.now.Add(step.Every))
	}
}

// leaveQueue gives the call back to its flow, which says why.
func (f *Floor) leaveQueue(c *call, why Outcome) {
	f.stopWaiting(c)
	f.stopMusic(c)
	if c.st.Answered.IsZero() {
		c.st.Outcome = why
	}
	if c.flow == nil {
		f.say(c, ivr.NoAgent(c.st.Flow.Lang), 0, (*Floor).end)
		c.st.Phase = PhaseEnding
		return
	}
	result := ivr.Closed
	if why == OutcomeTimeout {
		result = ivr.Timeout
	} else if why == OutcomeUnstaffed {
		result = ivr.Unstaffed
	}
	f.walk(c, ivr.Left{Result: result})
}

// stopWaiting takes the call out of line for good.
func (f *Floor) stopWaiting(c *call) {
	f.acd.Leave(c.id)
	f.stopCall(c, TimerWait, TimerAnnounce)
}

// queueStep is what the call's flow says of the queue, and nothing when the flow was changed meanwhile.
func (f *Floor) queueStep(c *call) ivr.QueueStep {
	if c.flow == nil {
		return ivr.QueueStep{}
	}
	step, _ := c.flow.Queue(c.st.Flow)
	return step
}

// welcome tells a caller who has just entered a queue how it is, unless somebody is being rung already.
func (f *Floor) welcome(c *call) {
	switch {
	case f.calls[c.id] != c:
	case c.st.Phase == PhaseRinging:
		f.startMusic(c)
	case c.st.Phase == PhaseQueue:
		step := f.queueStep(c)
		busy := step.Busy
		if len(busy) == 0 {
			busy = ivr.AllBusy(c.st.Flow.Lang)
		}
		f.announce(c, step, busy)
	}
}

// announceAgain tells a waiting caller how it is now.
func (f *Floor) announceAgain(c *call) {
	step := f.queueStep(c)
	if step.Every <= 0 {
		return
	}
	f.startCall(c, TimerAnnounce, f.now.Add(step.Every))
	if c.st.Phase != PhaseQueue || c.speech.playing {
		return
	}
	if q := f.queues[c.st.Queue]; q.signedIn == 0 {
		f.leaveQueue(c, OutcomeUnstaffed) // seen late: after a restart nobody is signed in for a moment
		return
	}
	waiting := step.Waiting
	if len(waiting) == 0 {
		waiting = ivr.StillBusy(c.st.Flow.Lang)
	}
	f.announce(c, step, waiting)
}

// announce says the words, the place and the expected wait, and goes back to the music.
func (f *Floor) announce(c *call, step ivr.QueueStep, words []ivr.Phrase) {
	say := append([]ivr.Phrase(nil), words...)
	place := f.acd.Place(c.id)
	if step.Place && step.Every > 0 {
		say = append(say, ivr.QueuePosition(c.st.Flow.Lang, place)...)
	}
	if step.Wait && step.Every > 0 {
		say = append(say, ivr.ExpectedWait(c.st.Flow.Lang, f.expectedWait(c.st.Queue, place))...)
	}
	f.say(c, say, 0, (*Floor).startMusic)
}

// expectedWait is in how many minutes, rounded up, a caller at the place will probably be answered: every member signed
// in takes a call each time the queue's handling time has passed.
func (f *Floor) expectedWait(queue id.QueueID, place int) int {
	q := f.queues[queue]
	wait := q.handling * time.Duration(place) / time.Duration(max(q.signedIn, 1))
	return int((wait + time.Minute - 1) / time.Minute)
}

// handled learns from one call's talk and wrap-up. The newest sixteen calls make up most of what is expected.
func (q *queue) handled(took time.Duration) {
	q.handling += (took - q.handling) / 16
}

// emptied lets the callers of a queue go for which nobody is signed in any more.
func (f *Floor) emptied(q *queue) {
	for _, call := range f.acd.Waiting(q.ID) {
		c := f.calls[call]
		f.touchCall(c)
		f.leaveQueue(c, OutcomeUnstaffed)
	}
}
