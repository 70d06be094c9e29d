package recording

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/cti/id"
)

// shelf is a catalogue in memory.
type shelf struct {
	mu    sync.Mutex
	made  []Result
	fails error // what entering returns instead
}

func newShelf() *shelf { return &shelf{} }

func (s *shelf) Made(_ context.Context, leg id.LegID) (parts []Part, done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.made {
		if r.Leg == leg {
			return r.Parts, true, nil
		}
	}
	return nil, false, nil
}

func (s *shelf) Finished(_ context.Context, r Result) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails == nil {
		s.made = append(s.made, r)
	}
	return s.fails
}

// part records a second of so loud sound.
func part(t *testing.T, dir string, n int, epoch time.Time, level int16) {
	w := Start(dir, head(n, epoch), quietLog, noFault(t))
	talk(w, 1, level, -level)
	w.Close()
	<-w.Done()
}

// Whatever dies after the file is made, the sound is in the spool until the catalogue has it, and what the catalogue has
// is never made anew from what happens to be left.
func TestTheSpoolStaysUntilTheCatalogueHasTheFile(t *testing.T) {
	dir, catalogue := t.TempDir(), newShelf()
	var second string
	synctest.Test(t, func(t *testing.T) {
		epoch := time.Now()
		part(t, dir, 1, epoch, 4000)
		part(t, dir, 2, epoch, 8000)
	})
	catalogue.fails = errors.New("away")
	if _, err := Finish(t.Context(), dir, leg, catalogue); !errors.Is(err, catalogue.fails) {
		t.Errorf("finish without a catalogue: %v", err)
	}
	if names := left0(dir); len(names) != 4 {
		t.Fatalf("the spool has %v", names)
	}
	second = filepath.Join(dir, "spool", leg.Channel(2))
	kept := map[string][]byte{}
	for _, ext := range []string{".pcm", ".json"} {
		raw, err := os.ReadFile(second + ext)
		if err != nil {
			t.Fatal(err)
		}
		kept[ext] = raw
	}
	catalogue.fails = nil
	res, err := Finish(t.Context(), dir, leg, catalogue)
	if err != nil || len(res.Parts) != 2 {
		t.Fatalf("finished with %+v: %v", res.Parts, err)
	}
	for ext, raw := range kept { // as when Finish died after it removed the first part
		if err := os.WriteFile(second+ext, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Finish(t.Context(), dir, leg, catalogue); err != nil {
		t.Errorf("finish the rest: %v", err)
	}
	if names := left0(dir); len(names) != 0 {
		t.Errorf("the spool still has %v", names)
	}
	if sum, _, err := hashFile(filepath.Join(dir, filepath.FromSlash(res.Path))); err != nil || sum != res.SHA256 {
		t.Errorf("the file changed: %v", err)
	}
}

func TestALatePartChangesNothingAndIsKept(t *testing.T) {
	dir, catalogue := t.TempDir(), newShelf()
	var epoch time.Time
	synctest.Test(t, func(t *testing.T) {
		epoch = time.Now()
		part(t, dir, 1, epoch, 4000)
	})
	res, err := Finish(t.Context(), dir, leg, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		<-time.After(5 * time.Second)
		part(t, dir, 2, epoch, 8000)
	})
	if _, err := Finish(t.Context(), dir, leg, catalogue); !errors.Is(err, ErrLate) {
		t.Errorf("a late part: %v", err)
	}
	if names := left0(dir); len(names) != 2 {
		t.Errorf("the spool has %v, want the late part", names)
	}
	if sum, _, err := hashFile(filepath.Join(dir, filepath.FromSlash(res.Path))); err != nil || sum != res.SHA256 || len(catalogue.made) != 1 {
		t.Errorf("the file changed (%v), or was entered again: %d", err, len(catalogue.made))
	}
}
