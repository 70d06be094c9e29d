package speak

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// engine speaks tones and counts.
type engine struct {
	name string
	last bool
	fail error
	hold chan struct{} // when set, Speak waits for it

	mu    sync.Mutex
	calls int
}

func (e *engine) Name(string) string { return e.name }
func (e *engine) LastResort() bool   { return e.last }

func (e *engine) Speak(_ context.Context, _, sentence string) (Sound, error) {
	e.mu.Lock()
	e.calls++
	e.mu.Unlock()
	if e.hold != nil {
		<-e.hold
	}
	if e.fail != nil {
		return Sound{}, e.fail
	}
	return Sound{Rate: 24000, Samples: tone(24000, 440, 0.1, 0.5)}, nil
}

type packOf map[string][]int16

func (p packOf) Recording(lang, text string) ([]int16, bool) {
	s, ok := p[lang+" "+text]
	return s, ok
}

func newStore(t *testing.T, dir string, pack Pack, log *slog.Logger, engines ...Engine) *Store {
	t.Helper()
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	var packs []Pack
	if pack != nil {
		packs = []Pack{pack}
	}
	s, err := NewStore(dir, packs, engines, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

var hello = Phrase{Mandarin, "您好。"}

func TestStoreSpeaksOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sounds")
	e := &engine{name: "good"}
	s := newStore(t, dir, nil, nil, e)
	path, err := s.Path(t.Context(), hello)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path + Extension)
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(path) || info.Mode().Perm() != 0o644 || info.Size() < Rate/2 {
		t.Errorf("%s: mode %v, %d bytes", path, info.Mode(), info.Size())
	}
	if again, err := s.Path(t.Context(), hello); err != nil || again != path || e.calls != 1 {
		t.Errorf("again: %s, %v, %d calls", again, err, e.calls)
	}
	// Another process, another day.
	if later, err := newStore(t, dir, nil, nil, e).Path(t.Context(), hello); err != nil || later != path || e.calls != 1 {
		t.Errorf("later: %s, %v, %d calls", later, err, e.calls)
	}
	if err := os.Remove(path + Extension); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Path(t.Context(), hello); err != nil || e.calls != 2 {
		t.Errorf("after the file was deleted: %v, %d calls", err, e.calls)
	}
}

func TestStorePrefersRecordings(t *testing.T) {
	dir := t.TempDir()
	e := &engine{name: "good"}
	first := packOf{"zh-TW 您好。": {1000, -1000, 500}}
	s := newStore(t, dir, first, nil, e)
	path, err := s.Path(t.Context(), hello)
	if err != nil || e.calls != 0 {
		t.Fatalf("%v, %d calls of the engine", err, e.calls)
	}
	if data, err := os.ReadFile(path + Extension); err != nil || len(data) != 3 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	second := newStore(t, dir, packOf{"zh-TW 您好。": {1, 2, 3, 4}}, nil, e)
	if other, err := second.Path(t.Context(), hello); err != nil || other == path {
		t.Errorf("a new recording is hidden by the old one: %s, %v", other, err)
	}
}

func TestStoreKeepsVoicesApart(t *testing.T) {
	dir := t.TempDir()
	robot := &engine{name: "robot", last: true}
	poor, err := newStore(t, dir, nil, nil, robot).Path(t.Context(), hello)
	if err != nil {
		t.Fatal(err)
	}
	good := &engine{name: "good"}
	better, err := newStore(t, dir, nil, nil, good, robot).Path(t.Context(), hello)
	if err != nil || better == poor || good.calls != 1 {
		t.Errorf("the robot's sound hides the better voice: %s, %v", better, err)
	}
}

func TestStoreFallsBackAndWarnsOnce(t *testing.T) {
	var log bytes.Buffer
	bad := &engine{name: "bad", fail: errors.New("it died")}
	robot := &engine{name: "robot", last: true}
	s := newStore(t, t.TempDir(), nil, slog.New(slog.NewTextHandler(&log, nil)), bad, robot)
	for _, text := range []string{"一", "二", "三", "一"} {
		if _, err := s.Path(t.Context(), Phrase{Mandarin, text}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "engine of last resort"); n != 1 {
		t.Errorf("%d warnings about the robot, want 1:\n%s", n, &log)
	}
	if bad.calls != 3 {
		t.Errorf("the failing engine was asked %d times, want once a phrase", bad.calls)
	}
}

func TestStoreSaysWhyNobodyCanSpeak(t *testing.T) {
	s := newStore(t, t.TempDir(), nil, nil, &engine{name: "bad", fail: errors.New("it died")})
	if _, err := s.Path(t.Context(), hello); !errors.Is(err, ErrNoVoice) || !strings.Contains(err.Error(), "it died") {
		t.Errorf("%v", err)
	}
	if _, err := s.Path(t.Context(), Phrase{Mandarin, "您好\x01"}); !errors.Is(err, ErrText) {
		t.Errorf("%v", err)
	}
	if _, err := s.Paths(t.Context(), []Phrase{hello}); err == nil {
		t.Error("Paths hides the failure")
	}
}

func TestStoreMakesOnceForAllWhoWait(t *testing.T) {
	e := &engine{name: "slow", hold: make(chan struct{})}
	s := newStore(t, t.TempDir(), nil, nil, e)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	errs := make([]error, 5)
	for i := range errs {
		wg.Go(func() {
			c := t.Context()
			if i == 0 {
				c = ctx
			}
			_, errs[i] = s.Path(c, hello)
		})
	}
	cancel() // one of them hangs up; the others still get their sound
	close(e.hold)
	wg.Wait()
	for i, err := range errs[1:] {
		if err != nil {
			t.Errorf("caller %d: %v", i+1, err)
		}
	}
	if e.calls > 2 {
		t.Errorf("spoken %d times", e.calls)
	}
}

func TestStoreHangUpMeanwhile(t *testing.T) {
	dir := t.TempDir()
	robot := &engine{name: "robot"}
	poor, err := newStore(t, dir, nil, nil, robot).Path(t.Context(), hello)
	if err != nil {
		t.Fatal(err)
	}
	slow := &engine{name: "slow", hold: make(chan struct{})}
	s := newStore(t, dir, nil, nil, slow, robot)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if path, err := s.Path(ctx, hello); err != nil || path != poor {
		t.Errorf("with a poorer sound at hand: %s, %v", path, err)
	}
	if _, err := s.Path(ctx, Phrase{Mandarin, "再見。"}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(slow.hold)
	for _, p := range []Phrase{hello, {Mandarin, "再見。"}} { // what was begun is finished, for the next caller
		if path, err := s.Path(t.Context(), p); err != nil || path == poor {
			t.Errorf("after the hang-up: %s, %v", path, err)
		}
	}
}

func TestWriteFileLeavesNothingHalf(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.ulaw")
	if err := os.MkdirAll(filepath.Join(name, "in-the-way"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(name, []byte("sound")); err == nil {
		t.Fatal("a folder was overwritten")
	}
	left, err := filepath.Glob(filepath.Join(dir, ".new-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := writeFile(filepath.Join(dir, "missing", "b"), nil); err == nil {
		t.Error("a missing folder is no error")
	}
}

func TestPrepareReports(t *testing.T) {
	e := &engine{name: "good"}
	s := newStore(t, t.TempDir(), packOf{"zh-TW 您好。": {1, 2, 3}}, nil, e)
	bye, broken := Phrase{Mandarin, "再見。"}, Phrase{"fr", "au revoir"}
	var seen []Source
	r, err := s.Prepare(t.Context(), []Phrase{hello, bye, hello, broken}, func(done, total int, _ Phrase, from Source, _ error) {
		seen = append(seen, from)
		if total != 3 || done != len(seen) {
			t.Errorf("progress %d of %d", done, total)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Recorded != 1 || r.Made != 1 || r.Cached != 0 || len(r.Failed) != 1 || len(r.NoRecording) != 2 || r.NoRecording[0] != bye {
		t.Errorf("%+v", r)
	}
	if r, err = s.Prepare(t.Context(), []Phrase{bye}, nil); err != nil || r.Cached != 1 {
		t.Errorf("again: %+v, %v", r, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Prepare(ctx, []Phrase{{Mandarin, "新"}}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestPublish(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t, dir, packOf{"zh-TW 您好。": {1, 2, 3}}, nil)
	if err := s.Publish(t.Context(), "sorry", hello); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "sorry"+Extension)); err != nil || len(data) != 3 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	for _, name := range []string{"../sorry", "a/b", "", ".new-1"} {
		if err := s.Publish(t.Context(), name, hello); err == nil {
			t.Errorf("name %q was accepted", name)
		}
	}
	if err := s.Publish(t.Context(), "sorry", Phrase{Mandarin, "無"}); !errors.Is(err, ErrNoVoice) {
		t.Errorf("%v", err)
	}
}
