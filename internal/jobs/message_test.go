package jobs

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"hotline/internal/notify"
	"hotline/internal/pg/pgtest"
)

// A message is sent once its transaction is committed, and not at all when it is not.
func TestAMessageGoesOutWithItsCause(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.Pool(t)
	in, err := NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	store := notify.NewStore(pool)
	if err := store.SetHours(ctx, notify.Hours{From: 0, To: 1440}); err != nil {
		t.Fatal(err)
	}
	taken := make(provider, 9)
	send := func(key string, then error) error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			n := notify.New{Key: key, Channel: notify.SMS, To: "+886912345678", Body: key, About: notify.AboutSurvey, Expires: time.Now().Add(time.Hour)}
			return errors.Join(in.Message(ctx, tx, n), in.Message(ctx, tx, n), then)
		})
	}
	broken := errors.New("broken")
	if err := send("never", broken); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if err := send("once", nil); err != nil {
		t.Fatal(err)
	}
	// One whose job is lost.
	var lost int64
	err = pool.QueryRow(ctx, `insert into messages (key, channel, recipient, body, about, expires_at, changed_at, not_before)
		values ('lost', 'sms', '+886912345678', 'lost', 'survey', now() + '1 hour'::interval, now() - '3 hours'::interval, now() - '3 hours'::interval) returning id`).Scan(&lost)
	if err != nil {
		t.Fatal(err)
	}
	post := Post{Post: &notify.Post{Store: store, Senders: map[notify.Channel]notify.Sender{notify.SMS: taken}, Zone: time.UTC, Log: slog.New(slog.DiscardHandler)}, Store: store}
	w, err := NewWorker(pool, Config{}, Deps{Recordings: newFolder(), Hearer: newEars(), Post: post, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	running, cancel := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- w.Run(running) }()
	for range 2 {
		select {
		case body := <-taken:
			if body != "once" && body != "lost" {
				t.Errorf("sent %q", body)
			}
		case <-time.After(60 * time.Second):
			t.Fatal("a message was not sent")
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(taken) > 0 {
		t.Errorf("sent twice: %q", <-taken)
	}
}

// A message is put in again while the job that gave it up is still about to end, once for each time that somebody says so.
func TestAMessageIsPutInAgain(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.Pool(t)
	in, err := NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	tx := func(do func(tx pgx.Tx) error) error { return pgx.BeginFunc(ctx, pool, do) }
	n := notify.New{Key: "a", Channel: notify.SMS, To: "+886912345678", Body: "a", About: notify.AboutSurvey, Expires: time.Now().Add(time.Hour)}
	if err := tx(func(tx pgx.Tx) error { return in.Message(ctx, tx, n) }); err != nil {
		t.Fatal(err)
	}
	var number int64
	err = pool.QueryRow(ctx, `update messages set state = 'failed', attempts = 1 returning id`).Scan(&number)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, `update river_job set state = 'running', attempt = 1, attempted_at = now(), attempted_by = array['x']`); err != nil {
		t.Fatal(err)
	}
	if next, err := in.NextAttempts(ctx, []int64{number}); err != nil || len(next) != 0 {
		t.Errorf("nobody is about to try it: %v %v", next, err)
	}
	again := func() error {
		return tx(func(tx pgx.Tx) error { return in.MessageAgain(ctx, tx, number, time.Now()) })
	}
	if err := again(); err != nil {
		t.Fatal(err)
	}
	var refused *notify.Refusal
	if err := again(); !errors.As(err, &refused) || refused.Code != notify.RefusedState {
		t.Errorf("twice: %v", err)
	}
	next, err := in.NextAttempts(ctx, []int64{number, number + 1})
	if err != nil || len(next) != 1 || next[number].IsZero() {
		t.Errorf("it is tried next %v %v", next, err)
	}
	var jobs int
	if err := pool.QueryRow(ctx, `select count(*) from river_job where kind = 'send_message'`).Scan(&jobs); err != nil || jobs != 2 {
		t.Errorf("%d jobs, %v", jobs, err)
	}
}

// provider takes every message.
type provider chan string

func (provider) Repeats() bool { return false }

func (p provider) Send(_ context.Context, m notify.Message) (string, error) {
	p <- m.Body
	return "", nil
}

type postman struct{ answer error }

func (p postman) Deliver(context.Context, int64, bool) error                 { return p.answer }
func (p postman) Stuck(context.Context, time.Duration, int) ([]int64, error) { return nil, nil }
func (p postman) Forget(context.Context, time.Time) error                    { return nil }

func TestMessagesWaitForTheirHour(t *testing.T) {
	w := &messageWorker{post: postman{&notify.LaterError{At: time.Now().Add(time.Hour)}}, log: quiet()}
	job := &river.Job[sendMessage]{JobRow: &rivertype.JobRow{Attempt: 1, MaxAttempts: messageAttempts}}
	var snooze *river.JobSnoozeError
	if err := w.Work(t.Context(), job); !errors.As(err, &snooze) || snooze.Duration < 59*time.Minute {
		t.Error(err)
	}
	for attempt, want := range map[int]time.Duration{1: 10 * time.Second, 4: 80 * time.Second, 11: time.Hour} {
		job.Attempt = attempt
		if wait := time.Until(w.NextRetry(job)); wait > want || wait < want-time.Second {
			t.Errorf("after attempt %d: %s, want %s", attempt, wait, want)
		}
	}
}
