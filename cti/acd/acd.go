// Package acd distributes waiting calls to idle agents (automatic call distribution).
//
// A [Distributor] holds who waits and who idles, and [Distributor.Next] pairs them: of the calls that an agent may take,
// the one with the highest priority that has waited longest; of the agents who may take it, the one idle longest. It is
// pure, holds no state of its own about calls or agents beyond that, and does no work that grows with the number of
// agents or queues, but for moving a few kilobytes of pointers: both lines of a queue are kept in order.
package acd

import (
	"cmp"
	"slices"
	"time"

	"hotline/cti/id"
)

// Call is a waiting call.
type Call struct {
	ID       id.CallID
	Queue    id.QueueID
	Since    time.Time // its place: who has waited longer goes first
	Priority int       // a higher one goes first whatever the wait
}

// Distributor pairs waiting calls with idle agents. Its zero value has no queues; not safe for concurrent use.
type Distributor struct {
	queues  map[id.QueueID]*queue
	member  map[id.AgentID][]*queue // queues of each agent, in the order of configuration
	waiting map[id.CallID]*waiting
	idle    map[id.AgentID]*idle
	hot     []*queue // queues that got a call or an agent since Next last found nothing
}

// queue is two lines. Between two calls of Next at most one of them is non-empty in every queue.
type queue struct {
	calls  line[*waiting]
	agents line[*idle]
	hot    bool
}

type waiting struct {
	Call
	queue *queue // nil while its queue is not configured
}

type idle struct {
	id    id.AgentID
	since time.Time
}

func newQueue() *queue {
	return &queue{calls: line[*waiting]{order: byRight}, agents: line[*idle]{order: byIdleness}}
}

// byRight orders calls: who is to be served first.
func byRight(a, b *waiting) int {
	return cmp.Or(cmp.Compare(b.Priority, a.Priority), a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID))
}

// byIdleness orders agents: who is to serve first.
func byIdleness(a, b *idle) int {
	return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.id, b.id))
}

// Configure replaces queues and members. Calls and agents that are in line stay so, at their places; a call whose queue
// is no longer there waits until it is again, or Leave.
func (d *Distributor) Configure(order []id.QueueID, members map[id.QueueID][]id.AgentID) {
	d.queues = make(map[id.QueueID]*queue, len(order))
	d.member = make(map[id.AgentID][]*queue)
	d.hot = d.hot[:0]
	for _, q := range order {
		d.queues[q] = newQueue()
		for _, a := range members[q] {
			d.member[a] = append(d.member[a], d.queues[q])
		}
	}
	for _, w := range d.waiting {
		d.line(w)
	}
	for _, a := range d.idle {
		for _, q := range d.member[a.id] {
			q.agents.add(a)
			d.heat(q)
		}
	}
	// Maps have no order, the outcome must: the lines are sorted, and so is the order in which they are looked at.
	d.hot = d.hot[:0]
	for _, q := range order {
		if d.queues[q].hot {
			d.hot = append(d.hot, d.queues[q])
		}
	}
}

// Wait puts the call in line. A call that is in line already moves to its new place.
func (d *Distributor) Wait(c Call) {
	d.Leave(c.ID)
	w := &waiting{Call: c}
	if d.waiting == nil {
		d.waiting = make(map[id.CallID]*waiting)
	}
	d.waiting[c.ID] = w
	d.line(w)
}

func (d *Distributor) line(w *waiting) {
	w.queue = d.queues[w.Queue]
	if w.queue != nil {
		w.queue.calls.add(w)
		d.heat(w.queue)
	}
}

// Leave takes the call out of line, if it is in one.
func (d *Distributor) Leave(call id.CallID) {
	w := d.waiting[call]
	if w == nil {
		return
	}
	delete(d.waiting, call)
	if w.queue != nil {
		w.queue.calls.remove(w)
	}
}

// Idle says that the agent can take a call, and has been idle since then.
func (d *Distributor) Idle(agent id.AgentID, since time.Time) {
	d.Busy(agent)
	if d.idle == nil {
		d.idle = make(map[id.AgentID]*idle)
	}
	a := &idle{id: agent, since: since}
	d.idle[agent] = a
	for _, q := range d.member[agent] {
		q.agents.add(a)
		d.heat(q)
	}
}

// Busy says that the agent can take no call.
func (d *Distributor) Busy(agent id.AgentID) {
	a := d.idle[agent]
	if a == nil {
		return
	}
	delete(d.idle, agent)
	for _, q := range d.member[agent] {
		q.agents.remove(a)
	}
}

func (d *Distributor) heat(q *queue) {
	if !q.hot {
		q.hot = true
		d.hot = append(d.hot, q)
	}
}

// Next takes one call and the agent it goes to out of their lines. ok is false when no idle agent may take a waiting
// call.
func (d *Distributor) Next() (call id.CallID, agent id.AgentID, ok bool) {
	for len(d.hot) > 0 {
		q := d.hot[0]
		if len(q.calls.list) == 0 || len(q.agents.list) == 0 {
			q.hot = false
			d.hot = slices.Delete(d.hot, 0, 1)
			continue
		}
		a := q.agents.list[0]
		w := q.calls.list[0]
		for _, other := range d.member[a.id] {
			if len(other.calls.list) > 0 && byRight(other.calls.list[0], w) < 0 {
				w = other.calls.list[0]
			}
		}
		d.Leave(w.ID)
		d.Busy(a.id)
		return w.ID, a.id, true
	}
	return "", "", false
}

// Place returns the call's place in its line, from 1, or 0 for a call that is in none.
func (d *Distributor) Place(call id.CallID) int {
	w := d.waiting[call]
	if w == nil || w.queue == nil {
		return 0
	}
	i, _ := w.queue.calls.find(w)
	return i + 1
}

// Waiting returns the calls in line for the queue, next first.
func (d *Distributor) Waiting(queue id.QueueID) []id.CallID {
	q := d.queues[queue]
	if q == nil {
		return nil
	}
	calls := make([]id.CallID, len(q.calls.list))
	for i, w := range q.calls.list {
		calls[i] = w.ID
	}
	return calls
}

// Able returns how many agents can take a call from the queue now.
func (d *Distributor) Able(queue id.QueueID) int {
	q := d.queues[queue]
	if q == nil {
		return 0
	}
	return len(q.agents.list)
}

// line is kept in order. Most come at its end and leave from its front.
type line[T any] struct {
	list  []T
	order func(a, b T) int
}

func (l *line[T]) find(x T) (int, bool) { return slices.BinarySearchFunc(l.list, x, l.order) }

func (l *line[T]) add(x T) {
	if i, found := l.find(x); !found {
		l.list = slices.Insert(l.list, i, x)
	}
}

func (l *line[T]) remove(x T) {
	if i, found := l.find(x); found {
		l.list = slices.Delete(l.list, i, i+1)
	}
}
