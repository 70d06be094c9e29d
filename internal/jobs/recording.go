package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"hotline/cti/id"
	"hotline/recording"
)

// Finisher is the part of package recording that jobs need. Folder is the real one.
type Finisher interface {
	// Finish makes the leg's file and its row in the catalogue; recording.ErrStillRecording asks to come again, and
	// recording.ErrNothing means that there is nothing to make it of.
	Finish(ctx context.Context, leg id.LegID) error
	// Failed notes why no file will come, unless one came.
	Failed(ctx context.Context, leg id.LegID, reason string) error
	// Resting returns the legs of which something was recorded that nobody writes any more.
	Resting(ctx context.Context) ([]id.LegID, error)
}

// Folder is a folder of recordings with its catalogue.
type Folder struct {
	Dir   string
	Store *recording.Store
	// Quiet is how long nobody must have written before a leg rests: longer than an agent may take to come back to a
	// call.
	Quiet time.Duration
}

// Finish makes the file and stores what it is.
func (f Folder) Finish(ctx context.Context, leg id.LegID) error {
	made, err := recording.Finish(ctx, f.Dir, leg)
	if err != nil {
		return err
	}
	if err := f.Store.Finished(ctx, made); err != nil {
		return err
	}
	return f.Store.SettlePauses(ctx, leg)
}

// Failed notes why no file will come.
func (f Folder) Failed(ctx context.Context, leg id.LegID, reason string) error {
	return errors.Join(f.Store.Failed(ctx, leg, reason), f.Store.SettlePauses(ctx, leg))
}

// Resting looks through the folder.
func (f Folder) Resting(ctx context.Context) ([]id.LegID, error) {
	return recording.Sweep(ctx, f.Dir, f.Quiet)
}

// snooze is how long a leg that is still written is left alone.
const snooze = 2 * time.Second

type finishWorker struct {
	river.WorkerDefaults[finishRecording]
	recordings Finisher
	hearer     Hearer
	db         *pgxpool.Pool
	log        *slog.Logger
}

// Timeout is the job's limit.
func (*finishWorker) Timeout(*river.Job[finishRecording]) time.Duration { return finishTimeout }

// NextRetry doubles the wait from one second to five minutes: a full disk or a database that is away takes its time.
func (*finishWorker) NextRetry(job *river.Job[finishRecording]) time.Time {
	return time.Now().Add(min(time.Second<<min(max(job.Attempt-1, 0), 9), 5*time.Minute))
}

// Work finishes the leg's recording.
func (w *finishWorker) Work(ctx context.Context, job *river.Job[finishRecording]) error {
	leg := job.Args.Leg
	err := w.recordings.Finish(ctx, leg)
	switch {
	case err == nil:
		// A kill in between costs nothing: this job is then done again.
		return pgx.BeginFunc(ctx, w.db, func(tx pgx.Tx) error { return owe(ctx, tx, w.hearer, leg) })
	case errors.Is(err, recording.ErrStillRecording):
		return river.JobSnooze(snooze)
	case errors.Is(err, recording.ErrNothing):
		w.log.Warn("nothing was recorded", "call", leg.Call(), "leg", leg)
		return w.recordings.Failed(ctx, leg, recording.ErrNothing.Error())
	case job.Attempt >= job.MaxAttempts:
		w.log.Error("the recording is given up", "call", leg.Call(), "leg", leg, "err", err)
		return errors.Join(err, w.recordings.Failed(context.WithoutCancel(ctx), leg, err.Error()))
	default:
		return err
	}
}

type sweepWorker struct {
	river.WorkerDefaults[sweepRecordings]
	recordings Finisher
	log        *slog.Logger
}

// Timeout is the job's limit.
func (*sweepWorker) Timeout(*river.Job[sweepRecordings]) time.Duration { return sweepTimeout }

// Work asks for every recording that rests unfinished. One damaged spool does not hold up the others.
func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[sweepRecordings]) error {
	legs, sweepErr := w.recordings.Resting(ctx)
	if len(legs) > 0 {
		w.log.Info("recordings were left unfinished", "legs", len(legs))
		jobs := make([]river.InsertManyParams, len(legs))
		for i, leg := range legs {
			jobs[i].Args = finishRecording{Leg: leg}
		}
		if _, err := river.ClientFromContext[pgx.Tx](ctx).InsertMany(ctx, jobs); err != nil {
			return errors.Join(fmt.Errorf("put in the jobs of %d recordings: %w", len(legs), err), sweepErr)
		}
	}
	return sweepErr
}
