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
	"hotline/qa"
	"hotline/qa/asr"
)

// transcribe writes down what the leg's recording says and judges it.
type transcribe struct {
	Leg id.LegID `json:"leg" river:"unique"`
}

const (
	transcribeAttempts = 12
	// The longest recording takes hours on a slow machine.
	transcribeTimeout = 12 * time.Hour
	// Priorities of River, 1 first. A call that the customer was unhappy with is read first; one that came too late for
	// the quarter of an hour that is promised waits for those that have not.
	rankFlagged, rankNew, rankOld = 1, 2, 3
	promised                      = 15 * time.Minute
	rankEvery                     = time.Minute
)

// Kind is River's name for the job.
func (transcribe) Kind() string { return "transcribe" }

// InsertOpts lets one job wait for each leg.
func (transcribe) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: queueSpeech, MaxAttempts: transcribeAttempts,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()},
	}
}

// Hearer transcribes and judges recordings. Listener is the real one.
type Hearer interface {
	// Owe notes that a recording is to be transcribed, and says whether that is still to be done.
	Owe(ctx context.Context, tx pgx.Tx, leg id.LegID) (bool, error)
	// Hear transcribes, judges and stores. It returns an error of asr.ErrUnavailable when there is no model now, and of
	// asr.ErrSound when no model could read the recording.
	Hear(ctx context.Context, leg id.LegID) error
	// Note says, for people, why a transcript waits or will not come.
	Note(ctx context.Context, leg id.LegID, state qa.State, reason string) error
	// Missing returns finished recordings of which no transcript is owed.
	Missing(ctx context.Context, most int) ([]id.LegID, error)
	// Rank puts the jobs that wait in order.
	Rank(ctx context.Context, r qa.Ranks) error
}

type transcribeWorker struct {
	river.WorkerDefaults[transcribe]
	hearer Hearer
	log    *slog.Logger
	pause  func(ctx context.Context, d time.Duration) // until the next look for a model
}

// Timeout is the job's limit.
func (*transcribeWorker) Timeout(*river.Job[transcribe]) time.Duration { return transcribeTimeout }

// NextRetry doubles the wait from five seconds to half an hour.
func (*transcribeWorker) NextRetry(job *river.Job[transcribe]) time.Time {
	return time.Now().Add(min(5*time.Second<<min(max(job.Attempt-1, 0), 9), 30*time.Minute))
}

// withoutModel is how often a model is looked for when there is none.
const withoutModel = 20 * time.Second

// Work hears one recording. Without a model the job waits in its place, and with it those behind it: looking for a model
// once is enough for all of them.
func (w *transcribeWorker) Work(ctx context.Context, job *river.Job[transcribe]) error {
	leg := job.Args.Leg
	err := w.hearer.Hear(ctx, leg)
	switch kept := context.WithoutCancel(ctx); {
	case err == nil, errors.Is(err, qa.ErrLate):
		return nil
	case ctx.Err() != nil: // told to stop: the attempt counts for nothing
		return river.JobSnooze(0)
	case errors.Is(err, asr.ErrUnavailable):
		if err := w.hearer.Note(ctx, leg, qa.StateWaiting, err.Error()); err != nil {
			return err
		}
		w.pause(ctx, withoutModel)
		return river.JobSnooze(0)
	case errors.Is(err, asr.ErrSound), errors.Is(err, errNoSound):
		w.log.Warn("a recording cannot be transcribed", "call", leg.Call(), "leg", leg, "err", err)
		return w.hearer.Note(kept, leg, qa.StateFailed, err.Error())
	case job.Attempt >= job.MaxAttempts:
		w.log.Error("a transcript is given up", "call", leg.Call(), "leg", leg, "err", err)
		return errors.Join(err, w.hearer.Note(kept, leg, qa.StateFailed, err.Error()))
	default:
		w.log.Warn("a recording was not transcribed and will be tried again", "call", leg.Call(), "leg", leg, "err", err)
		return errors.Join(err, w.hearer.Note(kept, leg, qa.StateWaiting, err.Error()))
	}
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// owe puts in the job to transcribe a recording that is finished, unless that was done.
func owe(ctx context.Context, tx pgx.Tx, hearer Hearer, leg id.LegID, rank int) error {
	open, err := hearer.Owe(ctx, tx, leg)
	if err != nil || !open {
		return err
	}
	if _, err := river.ClientFromContext[pgx.Tx](ctx).InsertTx(ctx, tx, transcribe{Leg: leg}, &river.InsertOpts{Priority: rank}); err != nil {
		return fmt.Errorf("put in the job to transcribe %s: %w", leg, err)
	}
	return nil
}

// rankTranscripts puts the recordings that wait in order.
type rankTranscripts struct{}

// Kind is River's name for the job.
func (rankTranscripts) Kind() string { return "rank_transcripts" }

// InsertOpts lets one wait; the next comes soon enough to be the other's retry.
func (rankTranscripts) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished()}}
}

type rankWorker struct {
	river.WorkerDefaults[rankTranscripts]
	hearer Hearer
}

// Timeout is the job's limit.
func (*rankWorker) Timeout(*river.Job[rankTranscripts]) time.Duration { return rankEvery }

// Work ranks.
func (w *rankWorker) Work(ctx context.Context, _ *river.Job[rankTranscripts]) error {
	return w.hearer.Rank(ctx, qa.Ranks{Flagged: rankFlagged, New: rankNew, Old: rankOld, OldAfter: promised})
}

// oweTranscripts has those recordings transcribed that nobody asked for.
type oweTranscripts struct{}

const (
	oweEvery = time.Hour
	oweMost  = 10_000
)

// Kind is River's name for the job.
func (oweTranscripts) Kind() string { return "owe_transcripts" }

// InsertOpts lets one wait; the next is soon enough to be the other's retry.
func (oweTranscripts) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished()}}
}

type oweWorker struct {
	river.WorkerDefaults[oweTranscripts]
	hearer Hearer
	db     *pgxpool.Pool
}

// Timeout is the job's limit.
func (*oweWorker) Timeout(*river.Job[oweTranscripts]) time.Duration { return oweEvery }

// Work puts in a job for each.
func (w *oweWorker) Work(ctx context.Context, _ *river.Job[oweTranscripts]) error {
	legs, err := w.hearer.Missing(ctx, oweMost)
	if err != nil {
		return err
	}
	for _, leg := range legs {
		if err := pgx.BeginFunc(ctx, w.db, func(tx pgx.Tx) error { return owe(ctx, tx, w.hearer, leg, rankOld) }); err != nil {
			return err
		}
	}
	return nil
}
