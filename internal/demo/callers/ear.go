package callers

import (
	"context"
	"time"

	"hotline/internal/sipphone"
)

// ear tells a caller what there is to hear, from the packets that have arrived. One goroutine uses it.
type ear struct {
	call  *sipphone.Call
	taken int // packets looked at

	last  time.Time     // when there was sound
	sound time.Duration // in all
}

const (
	look  = 100 * time.Millisecond
	loud  = 120.0 // RMS above which there is sound; mu-law silence is 0
	frame = 20 * time.Millisecond
)

// quiet is for how long there has been silence now, and heard for how long there was sound in all. No packets are
// silence too: between two prompts Asterisk sends none.
func (e *ear) quiet() (quiet, heard time.Duration) {
	fresh := e.call.HeardSince(e.taken)
	e.taken += len(fresh)
	for _, p := range fresh {
		if sipphone.RMS(p.Samples) > loud {
			e.last = p.Arrived
			e.sound += frame
		}
	}
	return time.Since(e.last), e.sound
}

// await waits until ok likes what there is to hear. It returns false when the call is over or the patience is at an end.
func (e *ear) await(ctx context.Context, patience time.Duration, ok func(quiet, heard time.Duration) bool) bool {
	tick := time.NewTicker(look)
	defer tick.Stop()
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-e.call.Done():
			return false
		case <-end.C:
			return false
		case <-tick.C:
			if ok(e.quiet()) {
				return true
			}
		}
	}
}

// turn waits until the other side has spoken and stopped, or has been silent for so long that it is the caller's turn.
func (e *ear) turn(ctx context.Context, pause, silence, patience time.Duration) bool {
	_, before := e.quiet()
	return e.await(ctx, patience, func(quiet, heard time.Duration) bool {
		return quiet >= silence || (heard > before+300*time.Millisecond && quiet >= pause)
	})
}
