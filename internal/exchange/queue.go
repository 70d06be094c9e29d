package exchange

import (
	"context"
	"sync"
)

// queue is an unbounded first-in-first-out: a producer (the ARI reader, the Floor) must never wait for a consumer, and
// nothing may be dropped. Its depth is a metric instead of a limit.
type queue[T any] struct {
	mu    sync.Mutex
	items []T
	wake  chan struct{} // holds one token while there may be something to take
}

func newQueue[T any]() *queue[T] { return &queue[T]{wake: make(chan struct{}, 1)} }

func (q *queue[T]) put(items ...T) {
	q.mu.Lock()
	q.items = append(q.items, items...)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue[T]) depth() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

// take removes everything that waits; it blocks while there is nothing. The error is ctx's.
func (q *queue[T]) take(ctx context.Context) ([]T, error) {
	for {
		q.mu.Lock()
		items := q.items
		q.items = nil
		q.mu.Unlock()
		if len(items) > 0 {
			return items, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-q.wake:
		}
	}
}
