package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"hotline/cti/id"
	"hotline/qa"
	"hotline/qa/chat"
	"hotline/qa/score"
)

// askModel has a model answer the questions of the leg's scorecard that are its own.
type askModel struct {
	Leg id.LegID `json:"leg" river:"unique"`
}

const (
	askAttempts = 6
	// A card has at most a hundred questions, and a service may take its minutes for each.
	askTimeout = 2 * time.Hour
)

// Kind is River's name for the job.
func (askModel) Kind() string { return "ask_model" }

// InsertOpts lets one job wait for each leg.
func (askModel) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueModel, MaxAttempts: askAttempts, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()}}
}

// Questioner has a model answer questions. Asker is the real one.
type Questioner interface {
	// Ask has all questions of a recording answered that wait. It returns an error of chat.ErrUnavailable when the model cannot
	// be asked now, and errUnanswered when it answered so that another attempt may be better; last says that there is none.
	Ask(ctx context.Context, leg id.LegID, last bool) error
	// Open are recordings with questions that wait. Without a model it says so at each of them, and returns none.
	Open(ctx context.Context, most int) ([]id.LegID, error)
}

// errUnanswered carries no words of a call, since River keeps the errors of jobs.
var errUnanswered = errors.New("the model's answer could not be taken; the call's page says why")

type askWorker struct {
	river.WorkerDefaults[askModel]
	asker Questioner
	log   *slog.Logger
	pause func(ctx context.Context, d time.Duration) // until the next look for the service
}

// Timeout is the job's limit.
func (*askWorker) Timeout(*river.Job[askModel]) time.Duration { return askTimeout }

// NextRetry doubles the wait from five seconds on.
func (*askWorker) NextRetry(job *river.Job[askModel]) time.Time {
	return time.Now().Add(5 * time.Second << max(job.Attempt-1, 0))
}

// Work asks. While the service is away the job waits in its place, and its attempts count for nothing.
func (w *askWorker) Work(ctx context.Context, job *river.Job[askModel]) error {
	leg := job.Args.Leg
	err := w.asker.Ask(ctx, leg, job.Attempt >= job.MaxAttempts)
	switch {
	case err == nil, errors.Is(err, qa.ErrLate):
		return nil
	case ctx.Err() != nil: // told to stop: the attempt counts for nothing
		return river.JobSnooze(0)
	case errors.Is(err, chat.ErrUnavailable):
		w.log.Warn("the model that answers questions cannot be asked; pages of the calls that wait say why", "call", leg.Call(), "leg", leg)
		w.pause(ctx, withoutModel)
		return river.JobSnooze(0)
	}
	return err
}

// oweAnswers puts in a job for each recording with questions that wait: those that were scored since, and those of before a
// model was configured.
type oweAnswers struct{}

const (
	oweAnswersEvery = 20 * time.Second
	oweAnswersMost  = 1000
)

// Kind is River's name for the job.
func (oweAnswers) Kind() string { return "owe_answers" }

// InsertOpts lets one wait; the next is soon enough to be the other's retry.
func (oweAnswers) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished()}}
}

type oweAnswersWorker struct {
	river.WorkerDefaults[oweAnswers]
	asker Questioner
}

// Work puts in a job for each. One that is there already stays the only one.
func (w *oweAnswersWorker) Work(ctx context.Context, _ *river.Job[oweAnswers]) error {
	if w.asker == nil {
		return nil
	}
	legs, err := w.asker.Open(ctx, oweAnswersMost)
	if err != nil || len(legs) == 0 {
		return err
	}
	jobs := make([]river.InsertManyParams, 0, len(legs))
	for _, leg := range legs {
		jobs = append(jobs, river.InsertManyParams{Args: askModel{Leg: leg}})
	}
	if _, err := river.ClientFromContext[pgx.Tx](ctx).InsertMany(ctx, jobs); err != nil {
		return fmt.Errorf("put in jobs to ask a model: %w", err)
	}
	return nil
}

// Model answers one question of a call.
type Model interface {
	Name() string
	Ask(ctx context.Context, q score.Question, t chat.Talk) (chat.Answer, chat.Usage, error)
	Ready(ctx context.Context) error
}

// Asker has the site's model answer the questions of calls, one by one.
type Asker struct {
	Quality *qa.Store
	Model   Model  // nil: there is none
	Without string // what to do then, for people
}

// Open are recordings with questions that wait.
func (a *Asker) Open(ctx context.Context, most int) ([]id.LegID, error) {
	if a.Model == nil {
		return nil, a.Quality.HoldAsks(ctx, a.Without)
	}
	return a.Quality.OpenAsks(ctx, most)
}

// Ask asks question by question, and keeps each answer by itself: a job that is cut off goes on with the rest.
func (a *Asker) Ask(ctx context.Context, leg id.LegID, last bool) error {
	if a.Model == nil {
		return a.Quality.HoldAsks(ctx, a.Without)
	}
	open, err := a.Quality.Asks(ctx, leg)
	if err != nil || len(open) == 0 {
		return err
	}
	transcript, err := a.Quality.Transcript(ctx, leg)
	if errors.Is(err, qa.ErrNotFound) {
		return nil // it was erased
	}
	if err != nil {
		return err
	}
	talk := chat.NewTalk(transcript)
	var again error
	for _, q := range open {
		switch err := a.one(ctx, q, talk, last); {
		case errors.Is(err, errUnanswered):
			again = err
		case err != nil:
			return err
		}
	}
	return again
}

func (a *Asker) one(ctx context.Context, q qa.Ask, talk chat.Talk, last bool) error {
	answer, usage, err := a.Model.Ask(ctx, q.Question, talk)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	cost, name := qa.Tokens(usage), a.Model.Name()
	if err == nil {
		evidence := make([]qa.Evidence, 0, len(answer.Quotes))
		for _, said := range answer.Quotes {
			evidence = append(evidence, qa.Evidence{Role: said.Role, Start: &said.Start, Heard: said.Text})
		}
		return a.Quality.Answered(ctx, q, name, cost, answer.Value, answer.Reason, evidence)
	}
	var refusal *chat.Refusal
	if errors.As(err, &refusal) {
		over := last || !refusal.Again
		if err := a.Quality.Unanswered(ctx, q, name, cost, refusal.Why, over); err != nil || over {
			return err
		}
		return errUnanswered
	}
	// A call that the service cannot bear must not hold up the others.
	own := a.Model.Ready(ctx) == nil
	over := own && last
	if err := a.Quality.Unanswered(ctx, q, name, cost, err.Error(), over); err != nil || over {
		return err
	}
	if own {
		return errUnanswered
	}
	return fmt.Errorf("%w", chat.ErrUnavailable)
}
