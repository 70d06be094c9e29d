package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
)

// rereadTranscripts looks through transcripts that the live dictionary has not seen: those from before it was published, and
// those from before there was one.
type rereadTranscripts struct{}

const (
	rereadEvery   = 2 * time.Minute
	rereadTimeout = time.Hour // what is left then goes on with the next
	rereadBatch   = 500
)

// Kind is River's name for the job.
func (rereadTranscripts) Kind() string { return "reread_transcripts" }

// InsertOpts gives it a queue of its own, since after a change of the dictionary it takes long.
func (rereadTranscripts) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueTopics, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished()}}
}

// Reader looks through transcripts again; it says how many there were, at most so many.
type Reader interface {
	Reread(ctx context.Context, most int) (int, error)
}

type rereadWorker struct {
	river.WorkerDefaults[rereadTranscripts]
	reader Reader
	log    *slog.Logger
}

// Timeout is the job's limit.
func (*rereadWorker) Timeout(*river.Job[rereadTranscripts]) time.Duration { return rereadTimeout }

// Work looks through what there is. Each transcript is marked when it is done, so a job that is cut off loses nothing.
func (w *rereadWorker) Work(ctx context.Context, _ *river.Job[rereadTranscripts]) error {
	if w.reader == nil {
		return nil
	}
	for {
		n, err := w.reader.Reread(ctx, rereadBatch)
		if ctx.Err() != nil {
			return nil // the next job goes on
		}
		if n > 0 {
			w.log.Info("transcripts were looked through by the live dictionary", "transcripts", n)
		}
		if err != nil {
			w.log.Error("transcripts cannot be looked through", "err", err)
		}
		if n < rereadBatch {
			return err
		}
	}
}
