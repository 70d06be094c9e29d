package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"hotline/qa"
)

// tryRules runs a draft of the rules over past calls.
type tryRules struct {
	Trial int64 `json:"trial" river:"unique"`
}

const (
	tryAttempts = 5
	// 5,000 calls take minutes.
	tryTimeout = 2 * time.Hour
)

// Kind is River's name for the job.
func (tryRules) Kind() string { return "try_rules" }

// InsertOpts lets one job wait for each trial, in a queue of their own, since they may take long.
func (tryRules) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueTrial, MaxAttempts: tryAttempts, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()}}
}

// Trials tries rules. trial.Store is the real one.
type Trials interface {
	// Run goes on with a trial. It returns qa.ErrLate when the trial was stopped or another attempt has begun.
	Run(ctx context.Context, trial int64) error
	// Note says, for people, why a trial failed or is tried again.
	Note(ctx context.Context, trial int64, failed bool, reason string) error
}

type tryWorker struct {
	river.WorkerDefaults[tryRules]
	trials Trials
	log    *slog.Logger
}

// Timeout is the job's limit.
func (*tryWorker) Timeout(*river.Job[tryRules]) time.Duration { return tryTimeout }

// NextRetry doubles the wait from one second: somebody is looking at the bar.
func (*tryWorker) NextRetry(job *river.Job[tryRules]) time.Time { return retryAfter(job.Attempt) }

// Work runs the trial. One that could not be run says why.
func (w *tryWorker) Work(ctx context.Context, job *river.Job[tryRules]) error {
	err := w.trials.Run(ctx, job.Args.Trial)
	switch {
	case err == nil, errors.Is(err, qa.ErrLate):
		return nil
	case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded): // told to stop: the attempt counts for nothing
		return river.JobSnooze(0)
	}
	failed := job.Attempt >= job.MaxAttempts
	w.log.Warn("a trial of the rules broke off", "trial", job.Args.Trial, "attempt", job.Attempt, "given_up", failed, "err", err)
	return errors.Join(err, w.trials.Note(context.WithoutCancel(ctx), job.Args.Trial, failed, err.Error()))
}

// TryRules has a trial run once the transaction is committed.
func (i *Inserter) TryRules(ctx context.Context, tx pgx.Tx, trial int64) error {
	if _, err := i.client.InsertTx(ctx, tx, tryRules{Trial: trial}, nil); err != nil {
		return fmt.Errorf("put in the job for trial %d of the rules: %w", trial, err)
	}
	return nil
}
