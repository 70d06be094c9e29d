package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"hotline/recording/evidence"
	"hotline/recording/keep"
	"hotline/recording/ledger"
)

// signChain signs what the chain of recordings has come to, when that is due.
type signChain struct{}

const (
	// signEvery is how often it is looked whether a signature is due: how often one is, evidence.Config says.
	signEvery   = 10 * time.Minute
	signTimeout = time.Minute
)

// Kind is River's name for the job.
func (signChain) Kind() string { return "sign_chain" }

// InsertOpts lets one wait; the next comes soon enough to be the other's retry.
func (signChain) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished()}}
}

// sweepLedger compares what recordings are owed with what there is.
type sweepLedger struct{}

const (
	ledgerEvery   = 5 * time.Minute
	ledgerTimeout = 15 * time.Minute // it reads files, perhaps of another machine
)

// Kind is River's name for the job.
func (sweepLedger) Kind() string { return "sweep_ledger" }

// InsertOpts gives it a queue of its own, since it may take long.
func (sweepLedger) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueLedger, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished()}}
}

type ledgerWorker struct {
	river.WorkerDefaults[sweepLedger]
	ledger *ledger.Store
	log    *slog.Logger
}

// Timeout is the job's limit.
func (*ledgerWorker) Timeout(*river.Job[sweepLedger]) time.Duration { return ledgerTimeout }

// Work sweeps once.
func (w *ledgerWorker) Work(ctx context.Context, _ *river.Job[sweepLedger]) error {
	if w.ledger == nil {
		return nil
	}
	r, err := w.ledger.Sweep(ctx)
	if r.Raised > 0 {
		w.log.Error("recordings are owed, or not what they should be", "raised", r.Raised, "open", r.Open)
	}
	return err
}

// expireRecordings throws away what was kept long enough.
type expireRecordings struct{}

const (
	expireEvery   = 6 * time.Hour
	expireTimeout = 5 * time.Hour // after a change of the rules there may be millions
)

// Kind is River's name for the job.
func (expireRecordings) Kind() string { return "expire_recordings" }

// InsertOpts gives it a queue of its own, since it may take long.
func (expireRecordings) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueExpiry, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished()}}
}

type expireWorker struct {
	river.WorkerDefaults[expireRecordings]
	keep *keep.Store
	log  *slog.Logger
}

// Timeout is the job's limit.
func (*expireWorker) Timeout(*river.Job[expireRecordings]) time.Duration { return expireTimeout }

// Work throws away what is due.
func (w *expireWorker) Work(ctx context.Context, _ *river.Job[expireRecordings]) error {
	if w.keep == nil {
		return nil
	}
	done, err := w.keep.Expire(ctx)
	if done.Thrown > 0 {
		w.log.Info("recordings were kept long enough and are thrown away", "recordings", done.Thrown, "held", done.Held)
	}
	return err
}

type signWorker struct {
	river.WorkerDefaults[signChain]
	signer *evidence.Signer
}

// Timeout is the job's limit.
func (*signWorker) Timeout(*river.Job[signChain]) time.Duration { return signTimeout }

// Work signs when it is due.
func (w *signWorker) Work(ctx context.Context, _ *river.Job[signChain]) error {
	if w.signer == nil {
		return nil
	}
	return w.signer.SignDue(ctx)
}
