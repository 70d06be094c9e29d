package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/internal/pg/pgtest"
	"hotline/qa"
)

// trials is a Trials that answers with errors in turn, and then with nil.
type trials struct {
	answers []error
	ran     chan int64
	notes   []string
}

func (f *trials) Run(_ context.Context, trial int64) error {
	if len(f.answers) > 0 {
		err := f.answers[0]
		f.answers = f.answers[1:]
		return err
	}
	f.ran <- trial
	return nil
}

func (f *trials) Note(_ context.Context, _ int64, failed bool, reason string) error {
	note := "again: " + reason
	if failed {
		note = "failed: " + reason
	}
	f.notes = append(f.notes, note)
	return nil
}

// A trial that was asked for is run; one that breaks off is run again.
func TestATrialIsRunUntilItIsDone(t *testing.T) {
	t.Parallel()
	pool, f := pgtest.Pool(t), &trials{answers: []error{errors.New("the database is away")}, ran: make(chan int64, 1)}
	in, err := NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	if err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error { return in.TryRules(t.Context(), tx, 7) }); err != nil {
		t.Fatal(err)
	}
	w, err := NewWorker(pool, Config{}, Deps{Recordings: newFolder(), Hearer: newEars(), Trials: f, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	select {
	case got := <-f.ran:
		if got != 7 {
			t.Errorf("ran %d", got)
		}
	case <-time.After(60 * time.Second):
		t.Error("the trial was not run again")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(f.notes) != 1 || f.notes[0] != "again: the database is away" {
		t.Errorf("%q", f.notes)
	}
}

func TestATrialThatFailsForGoodSaysWhy(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	f := &trials{answers: []error{qa.ErrLate, broken}}
	w := &tryWorker{trials: f, log: quiet()}
	if err := w.Work(t.Context(), jobOf(tryRules{Trial: 1}, 1)); err != nil || len(f.notes) != 0 {
		t.Errorf("a trial that was stopped: %v, %q", err, f.notes)
	}
	job := jobOf(tryRules{Trial: 1}, tryAttempts)
	job.MaxAttempts = tryAttempts
	if err := w.Work(t.Context(), job); !errors.Is(err, broken) || len(f.notes) != 1 || f.notes[0] != "failed: broken" {
		t.Errorf("%v, %q", err, f.notes)
	}
}
