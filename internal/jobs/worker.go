package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"golang.org/x/sync/errgroup"

	"hotline/qa/chat"
	"hotline/recording/evidence"
	"hotline/recording/keep"
	"hotline/recording/ledger"
)

// Config sizes the worker.
type Config struct {
	// Recordings is how many recordings are finished at once, and how many are stored; 0 means 2.
	Recordings int `yaml:"finish_recordings_at_once"`
	// Transcripts is how many recordings are heard at once; 0 means 1. A model of this machine uses all its cores anyway.
	Transcripts int `yaml:"transcribe_at_once"`
	// Drain is how long jobs may go on after the process was told to stop; 0 means 20 s.
	Drain time.Duration `yaml:"drain"`
}

const (
	defaultRecordings  = 2
	defaultTranscripts = 1
	defaultDrain       = 20 * time.Second
)

// Check returns every fault of the configuration, in words for the operator.
func (c Config) Check() []string {
	var faults []string
	if c.Recordings < 0 || c.Recordings > 64 {
		faults = append(faults, fmt.Sprintf("finish_recordings_at_once: %d; give 1 to 64, or leave it out for %d", c.Recordings, defaultRecordings))
	}
	if c.Transcripts < 0 || c.Transcripts > 64 {
		faults = append(faults, fmt.Sprintf("transcribe_at_once: %d; give 1 to 64, or leave it out for %d", c.Transcripts, defaultTranscripts))
	}
	if c.Drain < 0 || c.Drain > time.Hour {
		faults = append(faults, fmt.Sprintf("drain: %s; give up to 1h, or leave it out for %s", c.Drain, defaultDrain))
	}
	return faults
}

// Deps is what jobs work on.
type Deps struct {
	Recordings Finisher
	Signer     *evidence.Signer // nil: nothing signs the chain of recordings
	Hearer     Hearer
	Ledger     *ledger.Store // nil: nobody looks for recordings that are owed
	Keep       *keep.Store   // nil: everything is kept for ever
	Trials     Trials
	Asker      Questioner // nil: no model answers questions
	Reader     Reader     // nil: transcripts of before a dictionary are left as they are
	Post       Postman    // nil: nobody sends messages
	Letters    *Letters   // nil: nobody writes for campaigns
	Lists      *Lists     // nil: who was on the list of a campaign is never forgotten
	Log        *slog.Logger
}

// Worker runs jobs.
type Worker struct {
	db     *pgxpool.Pool
	client *river.Client[pgx.Tx]
	log    *slog.Logger
}

// NewWorker returns a worker that does nothing until Run.
func NewWorker(db *pgxpool.Pool, c Config, d Deps) (*Worker, error) {
	if c.Recordings == 0 {
		c.Recordings = defaultRecordings
	}
	if c.Transcripts == 0 {
		c.Transcripts = defaultTranscripts
	}
	if c.Drain == 0 {
		c.Drain = defaultDrain
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &finishWorker{recordings: d.Recordings, hearer: d.Hearer, db: db, log: d.Log})
	river.AddWorker(workers, &storeWorker{recordings: d.Recordings, log: d.Log})
	river.AddWorker(workers, &sweepWorker{recordings: d.Recordings, log: d.Log})
	river.AddWorker(workers, &signWorker{signer: d.Signer})
	river.AddWorker(workers, &transcribeWorker{hearer: d.Hearer, log: d.Log, pause: pause})
	river.AddWorker(workers, &rankWorker{hearer: d.Hearer})
	river.AddWorker(workers, &oweWorker{hearer: d.Hearer, db: db})
	river.AddWorker(workers, &ledgerWorker{ledger: d.Ledger, log: d.Log})
	river.AddWorker(workers, &rereadWorker{reader: d.Reader, log: d.Log})
	river.AddWorker(workers, &expireWorker{keep: d.Keep, log: d.Log})
	river.AddWorker(workers, &tryWorker{trials: d.Trials, log: d.Log})
	if d.Asker != nil {
		river.AddWorker(workers, &askWorker{asker: d.Asker, log: d.Log, pause: pause})
	}
	river.AddWorker(workers, &oweAnswersWorker{asker: d.Asker})
	river.AddWorker(workers, &messageWorker{post: d.Post, log: d.Log})
	river.AddWorker(workers, &sweepMessagesWorker{post: d.Post})
	river.AddWorker(workers, &writeWorker{letters: d.Letters})
	river.AddWorker(workers, &forgetWorker{lists: d.Lists, log: d.Log})
	client, err := river.NewClient(riverpgxv5.New(db), &river.Config{
		Logger:          d.Log,
		Workers:         workers,
		SoftStopTimeout: c.Drain,
		Queues: map[string]river.QueueConfig{
			queueRecording: {MaxWorkers: c.Recordings},
			queueStore:     {MaxWorkers: c.Recordings},
			queueUpkeep:    {MaxWorkers: 1},
			queueSpeech:    {MaxWorkers: c.Transcripts},
			queueLedger:    {MaxWorkers: 1},
			queueExpiry:    {MaxWorkers: 1},
			queueTopics:    {MaxWorkers: 1},
			queueTrial:     {MaxWorkers: 1},
			queueModel:     {MaxWorkers: chat.MostAtOnce},
			queueMessages:  {MaxWorkers: messagesAtOnce},
		},
		PeriodicJobs: []*river.PeriodicJob{
			every(sweepEvery, func() river.JobArgs { return sweepRecordings{} }),
			every(signEvery, func() river.JobArgs { return signChain{} }),
			every(oweEvery, func() river.JobArgs { return oweTranscripts{} }),
			every(rankEvery, func() river.JobArgs { return rankTranscripts{} }),
			every(oweAnswersEvery, func() river.JobArgs { return oweAnswers{} }),
			every(ledgerEvery, func() river.JobArgs { return sweepLedger{} }),
			every(rereadEvery, func() river.JobArgs { return rereadTranscripts{} }),
			every(expireEvery, func() river.JobArgs { return expireRecordings{} }),
			every(expireEvery, func() river.JobArgs { return forgetContacts{} }),
			every(writeEvery, func() river.JobArgs { return writeCampaigns{} }),
			every(sweepMessagesEvery, func() river.JobArgs { return sweepMessages{} }),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("prepare to run jobs: %w", err)
	}
	return &Worker{db: db, client: client, log: d.Log}, nil
}

// every has a job put in at once and then again and again.
func every(d time.Duration, args func() river.JobArgs) *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(d), func() (river.JobArgs, *river.InsertOpts) { return args(), nil },
		&river.PeriodicJobOpts{RunOnStart: true})
}

// Run runs jobs until ctx ends, then takes no new ones, lets those that run go on for the drain time, and returns nil.
// It waits for the database for as long as it takes.
func (w *Worker) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	alive, drained := make(chan struct{}), make(chan struct{})
	g.Go(func() error { return w.keepAlive(ctx, alive, drained) })
	g.Go(func() error {
		defer close(drained)
		select {
		case <-ctx.Done():
		case <-alive:
			w.work(ctx)
		}
		return nil
	})
	return g.Wait()
}

// work returns when ctx has ended and the jobs that ran are over.
func (w *Worker) work(ctx context.Context) {
	for {
		err := w.client.Start(ctx)
		if err == nil {
			<-w.client.Stopped()
			return
		}
		w.log.Warn("jobs cannot be run yet", "err", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(rescueEvery):
		}
	}
}
