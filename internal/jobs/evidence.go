package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"hotline/recording/evidence"
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
