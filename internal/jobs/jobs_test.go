package jobs

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/recording"
)

// folder is a Finisher that answers each leg with the errors it is given, in turn, and then with nil.
type folder struct {
	mu      sync.Mutex
	answers map[id.LegID][]error
	resting []id.LegID
	failed  map[id.LegID]string
	done    chan id.LegID
	away    int        // how often the blob store is still away
	old     []id.LegID // finished, and nobody asked for storing them
	stored  chan id.LegID
}

func newFolder() *folder {
	return &folder{answers: map[id.LegID][]error{}, failed: map[id.LegID]string{}, done: make(chan id.LegID, 100), stored: make(chan id.LegID, 100)}
}

func (f *folder) Finish(_ context.Context, leg id.LegID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if left := f.answers[leg]; len(left) > 0 {
		f.answers[leg] = left[1:]
		return left[0]
	}
	f.done <- leg
	return nil
}

func (f *folder) Failed(_ context.Context, leg id.LegID, reason string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed[leg] = reason
	f.done <- leg
	return nil
}

func (f *folder) Store(_ context.Context, leg id.LegID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away > 0 {
		f.away--
		return errors.New("the store is away")
	}
	f.stored <- leg
	return nil
}

func (f *folder) Unstored(context.Context) ([]id.LegID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	legs := f.old
	f.old = nil
	return legs, nil
}

func (f *folder) Resting(context.Context) ([]id.LegID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	legs := f.resting
	f.resting = nil
	return legs, errors.New("another spool is damaged")
}

func (f *folder) wait(t *testing.T, want ...id.LegID) {
	t.Helper()
	waitFor(t, f.done, want...)
}

func waitFor(t *testing.T, done <-chan id.LegID, want ...id.LegID) {
	t.Helper()
	var got []id.LegID
	for range want {
		select {
		case leg := <-done:
			got = append(got, leg)
		case <-time.After(60 * time.Second):
			t.Fatalf("done so far: %v, want %v", got, want)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("done: %v, want %v", got, want)
	}
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// run starts a worker and returns what stops it and waits.
func run(t *testing.T, pool *pgxpool.Pool, f Finisher) (stop func()) {
	t.Helper()
	return runBoth(t, pool, f, newEars())
}

func runBoth(t *testing.T, pool *pgxpool.Pool, f Finisher, h Hearer) (stop func()) {
	t.Helper()
	w, err := NewWorker(pool, Config{}, Deps{Recordings: f, Hearer: h, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

func insert(t *testing.T, pool *pgxpool.Pool, legs ...id.LegID) {
	t.Helper()
	in, err := NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	err = pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		for _, leg := range legs {
			if err := in.FinishRecording(t.Context(), tx, leg); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, pool *pgxpool.Pool, where string) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), `select count(*) from river_job where kind = 'finish_recording' and `+where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRecordingsAreFinished(t *testing.T) {
	t.Parallel()
	pool, f := pgtest.Pool(t), newFolder()
	f.answers["busy.2"] = []error{recording.ErrStillRecording, recording.ErrStillRecording}
	f.answers["empty.2"] = []error{recording.ErrNothing}
	f.answers["flaky.2"] = []error{errors.New("disk full")}
	f.resting = []id.LegID{"left.2"}
	insert(t, pool, "good.2", "good.2", "busy.2", "empty.2", "flaky.2")
	insert(t, pool, "good.2")
	if n := count(t, pool, "true"); n != 4 {
		t.Errorf("%d jobs wait, want one for each of 4 legs", n)
	}
	stop := run(t, pool, f)
	f.wait(t, "busy.2", "empty.2", "flaky.2", "good.2", "left.2")

	// What was done may be asked for again: after a restart the floor does.
	insert(t, pool, "good.2")
	f.wait(t, "good.2")
	stop()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.failed) != 1 || f.failed["empty.2"] == "" {
		t.Errorf("failed: %v", f.failed)
	}
}

func TestFinishedRecordingsAreStored(t *testing.T) {
	t.Parallel()
	pool, f := pgtest.Pool(t), newFolder()
	f.away, f.old = 2, []id.LegID{"old.2"}
	f.answers["empty.2"] = []error{recording.ErrNothing}
	insert(t, pool, "good.2", "empty.2")
	stop := run(t, pool, f)
	waitFor(t, f.stored, "good.2", "old.2")
	f.wait(t, "empty.2", "good.2")
	stop()
	if n := len(f.stored); n != 0 {
		t.Errorf("%d more were stored", n)
	}
}

func TestARecordingThatFailsForGoodSaysWhy(t *testing.T) {
	t.Parallel()
	pool, f := pgtest.Pool(t), newFolder()
	f.answers["bad.2"] = []error{errors.New("disk on fire")}
	insert(t, pool, "bad.2")
	if _, err := pool.Exec(t.Context(), `update river_job set max_attempts = 1`); err != nil {
		t.Fatal(err)
	}
	stop := run(t, pool, f)
	f.wait(t, "bad.2")
	stop()
	if f.failed["bad.2"] != "disk on fire" {
		t.Errorf("failed: %v", f.failed)
	}
}

func TestNothingIsPutInWithoutTheFact(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	in, err := NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	rolledBack := errors.New("no")
	err = pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		if err := in.FinishRecording(t.Context(), tx, "a.2"); err != nil {
			return err
		}
		return rolledBack
	})
	if n := count(t, pool, "true"); !errors.Is(err, rolledBack) || n != 0 {
		t.Errorf("%d jobs, %v", n, err)
	}
}

func TestJobsOfADeadWorkerBeginAgain(t *testing.T) {
	t.Parallel()
	pool, f := pgtest.Pool(t), newFolder()
	ctx := t.Context()
	insert(t, pool, "dead.2", "alive.2", "worn.2")
	for leg, by := range map[string]string{"dead.2": "gone", "alive.2": "other", "worn.2": "gone"} {
		if _, err := pool.Exec(ctx, `update river_job set state = 'running', attempt = 1, attempted_at = now(), attempted_by = array['first', $2]
			where args->>'leg' = $1`, leg, by); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pool.Exec(ctx, `update river_job set max_attempts = 1 where args->>'leg' = 'worn.2'`); err != nil {
		t.Fatal(err)
	}
	other, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := other.Close(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	}()
	if _, err := other.Exec(ctx, `select pg_advisory_lock($1, hashtext('other'))`, lockClass); err != nil {
		t.Fatal(err)
	}
	stop := run(t, pool, f)
	f.wait(t, "dead.2")
	stop()
	if n := count(t, pool, `state = 'running' and args->>'leg' = 'alive.2'`); n != 1 {
		t.Error("the job of a living worker was taken from it")
	}
	if n := count(t, pool, `state = 'discarded' and args->>'leg' = 'worn.2'`); n != 1 {
		t.Error("a job that was tried often enough began again")
	}
}

func TestAStoppingWorkerLetsItsJobEnd(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	slow := &slowFolder{folder: newFolder(), began: make(chan struct{}), goOn: make(chan struct{})}
	insert(t, pool, "slow.2")
	stop := run(t, pool, slow)
	select {
	case <-slow.began:
	case <-time.After(60 * time.Second):
		t.Fatal("the job did not begin")
	}
	go close(slow.goOn)
	stop()
	slow.wait(t, "slow.2")
	if n := count(t, pool, `state = 'completed'`); n != 1 {
		t.Error("the job that ran was not completed")
	}
}

// slowFolder finishes a recording once it is let.
type slowFolder struct {
	*folder
	began, goOn chan struct{}
}

func (f *slowFolder) Finish(ctx context.Context, leg id.LegID) error {
	close(f.began)
	<-f.goOn
	return f.folder.Finish(ctx, leg)
}

func TestConfigNamesEveryFault(t *testing.T) {
	if faults := (Config{Recordings: -1, Transcripts: -1, Drain: -1}).Check(); len(faults) != 3 {
		t.Errorf("faults = %q", faults)
	}
	if faults := (Config{}).Check(); len(faults) != 0 {
		t.Errorf("faults = %q", faults)
	}
}
