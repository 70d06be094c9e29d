package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/qa"
	"hotline/qa/asr"
	"hotline/qa/rule"
	"hotline/recording"
)

// ears is a Hearer that answers each leg with the errors it is given, in turn, and then with nil.
type ears struct {
	mu      sync.Mutex
	answers map[id.LegID][]error
	missing []id.LegID
	notes   map[id.LegID][]string
	heard   chan id.LegID
	noted   chan id.LegID
}

func newEars() *ears {
	return &ears{answers: map[id.LegID][]error{}, notes: map[id.LegID][]string{}, heard: make(chan id.LegID, 100), noted: make(chan id.LegID, 100)}
}

func (e *ears) Owe(context.Context, pgx.Tx, id.LegID) (bool, error) { return true, nil }

func (e *ears) Hear(_ context.Context, leg id.LegID) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if left := e.answers[leg]; len(left) > 0 {
		e.answers[leg] = left[1:]
		return left[0]
	}
	e.heard <- leg
	return nil
}

func (e *ears) Note(_ context.Context, leg id.LegID, state qa.State, reason string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.notes[leg] = append(e.notes[leg], string(state)+": "+reason)
	e.noted <- leg
	return nil
}

// Missing returns, once, a recording that nobody asked for.
func (e *ears) Missing(context.Context, int) ([]id.LegID, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	legs := e.missing
	e.missing = nil
	return legs, nil
}

func (e *ears) Rank(context.Context, qa.Ranks) error { return nil }

func take(t *testing.T, from <-chan id.LegID, n int) []id.LegID {
	t.Helper()
	var got []id.LegID
	for range n {
		select {
		case leg := <-from:
			got = append(got, leg)
		case <-time.After(60 * time.Second):
			t.Fatalf("%v, want %d legs", got, n)
		}
	}
	slices.Sort(got)
	return got
}

func TestWhatIsFinishedIsHeard(t *testing.T) {
	t.Parallel()
	pool, f, e := pgtest.Pool(t), newFolder(), newEars()
	e.answers["mute.2"] = []error{fmt.Errorf("left channel: %w", asr.ErrSound)}
	e.answers["overtaken.2"] = []error{qa.ErrLate}
	f.answers["empty.2"] = []error{recording.ErrNothing}
	e.missing = []id.LegID{"unasked.2"}
	insert(t, pool, "good.2", "mute.2", "overtaken.2", "empty.2")
	stop := runBoth(t, pool, f, e)
	if got := take(t, e.heard, 2); got[0] != "good.2" || got[1] != "unasked.2" {
		t.Errorf("heard %v", got)
	}
	if got := take(t, e.noted, 1); got[0] != "mute.2" {
		t.Errorf("noted %v", got)
	}
	stop()
	if want := "failed: left channel: not a two-channel recording"; len(e.notes) != 1 || e.notes["mute.2"][0] != want {
		t.Errorf("notes %q, want %q", e.notes, want)
	}
}

// A recording waits for a model, and its failures count for nothing; then it is heard.
func TestARecordingWaitsForAModel(t *testing.T) {
	t.Parallel()
	pool, e := pgtest.Pool(t), newEars()
	none := fmt.Errorf("%w: there is no model", asr.ErrUnavailable)
	e.answers["a.2"] = []error{none, none, none}
	paused := 0
	w := &transcribeWorker{hearer: e, log: quiet(), pause: func(context.Context, time.Duration) { paused++ }}
	workOnce := func() error { return w.Work(t.Context(), jobOf(transcribe{Leg: "a.2"}, 1)) }
	for range 3 {
		if err := workOnce(); !isSnooze(err) {
			t.Fatalf("without a model: %v, want a snooze", err)
		}
	}
	if err := workOnce(); err != nil {
		t.Fatal(err)
	}
	if want := "waiting: speech recognition is not available: there is no model"; paused != 3 || len(e.notes["a.2"]) != 3 || e.notes["a.2"][2] != want {
		t.Errorf("paused %d times, notes %q", paused, e.notes["a.2"])
	}
	if n := count(t, pool, "true"); n != 0 {
		t.Errorf("%d jobs", n)
	}
}

func TestATranscriptThatFailsForGoodSaysWhy(t *testing.T) {
	t.Parallel()
	e := newEars()
	e.answers["a.2"] = []error{errors.New("the child died"), errors.New("the child died")}
	w := &transcribeWorker{hearer: e, log: quiet(), pause: pause}
	for attempt, want := range map[int]string{1: "waiting: the child died", transcribeAttempts: "failed: the child died"} {
		e.notes["a.2"] = nil
		if err := w.Work(t.Context(), jobOf(transcribe{Leg: "a.2"}, attempt)); err == nil || isSnooze(err) {
			t.Errorf("attempt %d: %v, want the failure", attempt, err)
		}
		if got := e.notes["a.2"]; len(got) != 1 || got[0] != want {
			t.Errorf("attempt %d: noted %q, want %q", attempt, got, want)
		}
	}
}

func TestApart(t *testing.T) {
	ms := func(n int64) int64 { return n * samplesInMS }
	got := Apart([]recording.Part{
		{StartMS: 0, DurationMS: 10_000, Held: []recording.Span{{From: ms(2000), To: ms(5000)}}},
		{StartMS: 12_000, DurationMS: 8000, Gaps: []recording.Span{{From: ms(1000), To: ms(1500), Why: "disk full"}}, Held: []recording.Span{{From: ms(6000)}}},
	})
	want := []rule.Apart{
		{Span: rule.Span{Start: 2000, End: 5000}, Why: "hold"},
		{Span: rule.Span{Start: 10_000, End: 12_000}, Why: "gap"},
		{Span: rule.Span{Start: 13_000, End: 13_500}, Why: "gap"},
		{Span: rule.Span{Start: 18_000, End: 20_000}, Why: "hold"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}
