package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"hotline/internal/notify"
)

// sendMessage sends a message of the outbox.
type sendMessage struct {
	Message int64 `json:"message" river:"unique"`
	// Again is after how many attempts somebody had it sent once more. So that job is not taken for the one before it, which may
	// still be about to end.
	Again int `json:"again,omitempty" river:"unique"`
}

const (
	// Three and a half hours, most of it an hour apart: providers and mail servers are mended in that time, or somebody looks.
	messageAttempts = 12
	messageTimeout  = 3 * time.Minute
	firstMessage    = 10 * time.Second // until the second attempt
	lastMessage     = time.Hour        // between later ones
	messagesAtOnce  = 4
)

// Kind is River's name for the job.
func (sendMessage) Kind() string { return "send_message" }

// InsertOpts lets one job wait for each message.
func (sendMessage) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: queueMessages, MaxAttempts: messageAttempts,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()},
	}
}

// sweepMessages looks for messages whose job is lost, and forgets old ones.
type sweepMessages struct{}

const (
	sweepMessagesEvery = 10 * time.Minute
	// lostMessage is for how long nothing has happened to a message that should go. It is longer than the longest wait.
	lostMessage = 2 * time.Hour
	// keepMessages is for how long people can see what was sent to whom.
	keepMessages = 90 * 24 * time.Hour
	mostLost     = 500
)

// Kind is River's name for the job.
func (sweepMessages) Kind() string { return "sweep_messages" }

// InsertOpts lets one sweep wait.
func (sweepMessages) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueUpkeep, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished()}}
}

// Postman sends messages. Post is the real one.
type Postman interface {
	// Deliver makes one attempt; see notify.Post.
	Deliver(ctx context.Context, message int64, last bool) error
	// Stuck are messages to which nothing has happened for so long.
	Stuck(ctx context.Context, quiet time.Duration, most int) ([]int64, error)
	// Forget removes messages that were settled before.
	Forget(ctx context.Context, before time.Time) error
}

// Post is notify's with its outbox.
type Post struct {
	*notify.Post
	*notify.Store
}

type messageWorker struct {
	river.WorkerDefaults[sendMessage]
	post Postman
	log  *slog.Logger
}

// Timeout is the job's limit.
func (*messageWorker) Timeout(*river.Job[sendMessage]) time.Duration { return messageTimeout }

// NextRetry doubles the wait from ten seconds to an hour.
func (*messageWorker) NextRetry(job *river.Job[sendMessage]) time.Time {
	return time.Now().Add(min(firstMessage<<min(max(job.Attempt-1, 0), 9), lastMessage))
}

// Work makes an attempt. Outside the hours the job waits in its place, and that counts for nothing.
func (w *messageWorker) Work(ctx context.Context, job *river.Job[sendMessage]) error {
	if w.post == nil {
		return river.JobSnooze(lastMessage)
	}
	err := w.post.Deliver(ctx, job.Args.Message, job.Attempt >= job.MaxAttempts)
	if later, ok := errors.AsType[*notify.LaterError](err); ok {
		return river.JobSnooze(max(time.Until(later.At), time.Second))
	}
	return err
}

type sweepMessagesWorker struct {
	river.WorkerDefaults[sweepMessages]
	post Postman
}

// Work puts in the jobs that are lost; a twin of one that is not does no harm.
func (w *sweepMessagesWorker) Work(ctx context.Context, _ *river.Job[sweepMessages]) error {
	if w.post == nil {
		return nil
	}
	lost, err := w.post.Stuck(ctx, lostMessage, mostLost)
	if err != nil {
		return err
	}
	client := river.ClientFromContext[pgx.Tx](ctx)
	for _, m := range lost {
		if _, err := client.Insert(ctx, sendMessage{Message: m}, nil); err != nil {
			return fmt.Errorf("put in the job of a message that was left lying: %w", err)
		}
	}
	return w.post.Forget(ctx, time.Now().Add(-keepMessages))
}

// Message has a message sent once the transaction is committed; one with the key is there already: nothing is changed.
func (i *Inserter) Message(ctx context.Context, tx pgx.Tx, n notify.New) error {
	number, err := notify.Add(ctx, tx, n)
	if err != nil || number == 0 {
		return err
	}
	return i.send(ctx, tx, sendMessage{Message: number})
}

// MessageAgain has a message sent once more; see notify.Again.
func (i *Inserter) MessageAgain(ctx context.Context, tx pgx.Tx, number int64, now time.Time) error {
	attempts, err := notify.Again(ctx, tx, number, now)
	if err != nil {
		return err
	}
	return i.send(ctx, tx, sendMessage{Message: number, Again: attempts})
}

func (i *Inserter) send(ctx context.Context, tx pgx.Tx, job sendMessage) error {
	if _, err := i.client.InsertTx(ctx, tx, job, nil); err != nil {
		return fmt.Errorf("put in the job of message %d: %w", job.Message, err)
	}
	return nil
}

// NextAttempts says when the messages are tried next that wait for it.
func (i *Inserter) NextAttempts(ctx context.Context, messages []int64) (map[int64]time.Time, error) {
	// By the index over what jobs are about: there may be many more messages that wait, and jobs that are done.
	rows, err := i.db.Query(ctx, `select m, min(j.scheduled_at) from unnest($1::bigint[]) m
		join river_job j on j.args @> jsonb_build_object('message', m)
		where j.kind = 'send_message' and j.state in ('available', 'pending', 'scheduled', 'retryable') group by m`, messages)
	if err != nil {
		return nil, fmt.Errorf("look when messages are tried next: %w", err)
	}
	next := map[int64]time.Time{}
	var number int64
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&number, &at}, func() error {
		next[number] = at
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look when messages are tried next: %w", err)
	}
	return next, nil
}
