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
	// recording.ErrNothing means that there is nothing to make it of, and recording.ErrErased that it was thrown away
	// meanwhile.
	Finish(ctx context.Context, leg id.LegID) error
	// Failed notes why no file will come, unless one came.
	Failed(ctx context.Context, leg id.LegID, reason string) error
	// Store seals the finished recording of the leg and moves it to the blob store.
	Store(ctx context.Context, leg id.LegID) error
	// Unstored returns legs of which Store is to be called.
	Unstored(ctx context.Context) ([]id.LegID, error)
	// Resting returns the legs of which something was recorded that nobody writes any more.
	Resting(ctx context.Context) ([]id.LegID, error)
}

// Folder is a folder of recordings with its catalogue.
type Folder struct {
	Dir       string
	Catalogue *recording.Store
	Vault     *recording.Vault
	// Quiet is how long nobody must have written before a leg rests: longer than an agent may take to come back to a
	// call.
	Quiet time.Duration
}

// Finish makes the file and enters what it is.
func (f Folder) Finish(ctx context.Context, leg id.LegID) error {
	if _, err := recording.Finish(ctx, f.Dir, leg, f.Catalogue); err != nil {
		return err
	}
	return f.Catalogue.SettlePauses(ctx, leg)
}

// Store seals the recording.
func (f Folder) Store(ctx context.Context, leg id.LegID) error { return f.Vault.Keep(ctx, leg) }

// unstoredAtOnce is how many the sweep asks for; the next one asks for more.
const unstoredAtOnce = 1000

// Unstored looks through the catalogue.
func (f Folder) Unstored(ctx context.Context) ([]id.LegID, error) {
	return f.Vault.Unsettled(ctx, unstoredAtOnce)
}

// Failed notes why no file will come.
func (f Folder) Failed(ctx context.Context, leg id.LegID, reason string) error {
	return errors.Join(f.Catalogue.Failed(ctx, leg, reason), f.Catalogue.SettlePauses(ctx, leg))
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
	return retryAfter(job.Attempt)
}

func retryAfter(attempt int) time.Time {
	return time.Now().Add(min(time.Second<<min(max(attempt-1, 0), 9), 5*time.Minute))
}

// Work finishes the leg's recording, and then has it stored.
func (w *finishWorker) Work(ctx context.Context, job *river.Job[finishRecording]) error {
	leg := job.Args.Leg
	err := w.recordings.Finish(ctx, leg)
	switch {
	case err == nil:
		// A kill in between costs nothing: this job is then done again.
		return pgx.BeginFunc(ctx, w.db, func(tx pgx.Tx) error {
			if _, err := river.ClientFromContext[pgx.Tx](ctx).InsertTx(ctx, tx, storeRecording{Leg: leg}, nil); err != nil {
				return fmt.Errorf("put in the job to store the recording of %s: %w", leg, err)
			}
			return owe(ctx, tx, w.hearer, leg, rankNew)
		})
	case errors.Is(err, recording.ErrErased):
		return nil // nothing follows
	case errors.Is(err, recording.ErrLate):
		w.log.Error("finish recording", "call", leg.Call(), "leg", leg, "err", err)
		return river.JobCancel(err)
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

// Work asks for every recording that rests unfinished or unstored. One damaged spool does not hold up the others.
func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[sweepRecordings]) error {
	resting, restErr := w.recordings.Resting(ctx)
	if len(resting) > 0 {
		w.log.Info("recordings were left unfinished", "legs", len(resting))
	}
	unstored, storeErr := w.recordings.Unstored(ctx)
	jobs := make([]river.InsertManyParams, 0, len(resting)+len(unstored))
	for _, leg := range resting {
		jobs = append(jobs, river.InsertManyParams{Args: finishRecording{Leg: leg}})
	}
	for _, leg := range unstored {
		jobs = append(jobs, river.InsertManyParams{Args: storeRecording{Leg: leg}})
	}
	if len(jobs) > 0 {
		if _, err := river.ClientFromContext[pgx.Tx](ctx).InsertMany(ctx, jobs); err != nil {
			return errors.Join(fmt.Errorf("put in the jobs of %d recordings: %w", len(jobs), err), restErr, storeErr)
		}
	}
	return errors.Join(restErr, storeErr)
}
