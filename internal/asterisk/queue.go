package asterisk

import (
	"context"
	"sync"
)

// queue hands events from the socket's reader to the consumer. It is unbounded on purpose: a reader that waits is
// disconnected by Asterisk, and a dropped event would leave a call in a wrong state for good. Its depth is measured.
type queue struct {
	mu     sync.Mutex
	events []Event
	filled chan struct{} // holds a token while events may be waiting
}

func newQueue() *queue { return &queue{filled: make(chan struct{}, 1)} }

func (q *queue) push(evs ...Event) {
	q.mu.Lock()
	q.events = append(q.events, evs...)
	q.mu.Unlock()
	select {
	case q.filled <- struct{}{}:
	default:
	}
}

func (q *queue) depth() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.events)
}

func (q *queue) pop() (Event, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.events) == 0 {
		return nil, false
	}
	ev := q.events[0]
	q.events[0] = nil
	q.events = q.events[1:]
	if len(q.events) == 0 {
		q.events = nil // gives the memory of a flood back
	}
	return ev, true
}

// pump moves events to out until ctx ends.
func (q *queue) pump(ctx context.Context, out chan<- Event) {
	for {
		ev, ok := q.pop()
		if !ok {
			select {
			case <-q.filled:
				continue
			case <-ctx.Done():
				return
			}
		}
		select {
		case out <- ev:
		case <-ctx.Done():
			return
		}
	}
}
