package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
)

type storeWorker struct {
	river.WorkerDefaults[storeRecording]
	recordings Finisher
	log        *slog.Logger
}

// Timeout is the job's limit.
func (*storeWorker) Timeout(*river.Job[storeRecording]) time.Duration { return storeTimeout }

// NextRetry doubles the wait from one second to five minutes: a store that is away takes its time.
func (*storeWorker) NextRetry(job *river.Job[storeRecording]) time.Time {
	return retryAfter(job.Attempt)
}

// Work stores the recording. Until it is stored it stays where it is.
func (w *storeWorker) Work(ctx context.Context, job *river.Job[storeRecording]) error {
	leg := job.Args.Leg
	if err := w.recordings.Store(ctx, leg); err != nil {
		w.log.Warn("a recording cannot be stored yet", "call", leg.Call(), "leg", leg, "attempt", job.Attempt, "err", err)
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
