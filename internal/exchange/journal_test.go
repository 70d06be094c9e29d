package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memory is a database that can be away, and that refuses what is poison.
type memory struct {
	mu     sync.Mutex
	away   bool
	poison string
	kept   []string
}

func (m *memory) write(_ context.Context, batch []entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return errors.New("connection refused")
	}
	for _, e := range batch {
		if m.poison != "" && strings.Contains(string(e.Data), m.poison) {
			return fmt.Errorf("bad value: %w", errPermanent)
		}
	}
	for _, e := range batch {
		var n string
		if err := json.Unmarshal(e.Data, &n); err != nil {
			return fmt.Errorf("decode: %w", err)
		}
		m.kept = append(m.kept, n)
	}
	return nil
}

func (m *memory) set(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
}

func (m *memory) has(t *testing.T, want ...string) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.Equal(m.kept, want) {
		t.Errorf("the database has %q, want %q", m.kept, want)
	}
}

// startJournal runs a journal until the test ends. settled counts what can no longer be lost, and what is.
func startJournal(t *testing.T, m *memory, dir string) (j *journal, add func(string), settled func() (safe, lost int)) {
	t.Helper()
	j, err := newJournal(m, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- j.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("run ended with %v", err)
		}
	})
	var mu sync.Mutex
	n, gone := 0, 0
	add = func(what string) {
		j.add("test", time.Now(), what, func(err error) {
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				gone++
			} else {
				n++
			}
		})
	}
	return j, add, func() (int, int) {
		mu.Lock()
		defer mu.Unlock()
		return n, gone
	}
}

func spoolLines(t *testing.T, dir string) int {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "journal.jsonl"))
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(raw), "\n")
}

func TestFactsWaitOnDiskWhileTheDatabaseIsAwayAndKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, dir := &memory{away: true}, t.TempDir()
		_, add, settled := startJournal(t, m, dir)
		add("1")
		add("2")
		time.Sleep(time.Second)
		add("3")
		time.Sleep(time.Second)
		if safe, _ := settled(); safe != 3 || spoolLines(t, dir) != 3 {
			t.Errorf("%d are safe, %d on disk, want 3", safe, spoolLines(t, dir))
		}
		if info, err := os.Stat(filepath.Join(dir, "journal.jsonl")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("spool %v %v, want mode 0600", info, err)
		}
		m.has(t)
		m.set(func() { m.away = false })
		add("4")
		time.Sleep(2 * journalRetry)
		m.has(t, "1", "2", "3", "4")
		if safe, lost := settled(); spoolLines(t, dir) != 0 || safe != 4 || lost != 0 {
			t.Errorf("%d lines left on disk, %d safe, %d lost", spoolLines(t, dir), safe, lost)
		}
	})
}

func TestDatabaseIsTriedAgainWithoutANewFact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{away: true}
		_, add, _ := startJournal(t, m, t.TempDir())
		add("1")
		time.Sleep(time.Second)
		m.set(func() { m.away = false })
		time.Sleep(2 * journalRetry)
		m.has(t, "1")
	})
}

func TestPoisonedEntryCostsOnlyItself(t *testing.T) {
	for _, away := range []bool{false, true} {
		t.Run(fmt.Sprintf("away first: %t", away), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memory{away: away, poison: "bad"}
				j, add, settled := startJournal(t, m, t.TempDir())
				for _, what := range []string{"1", "2", "bad", "3", "4"} {
					add(what)
				}
				time.Sleep(time.Second)
				m.set(func() { m.away = false })
				time.Sleep(2 * journalRetry)
				m.has(t, "1", "2", "3", "4")
				if j.lost.Load() != 1 {
					t.Errorf("%d are counted as lost, want 1", j.lost.Load())
				}
				want := 1 // who waited for the bad one is told so, unless it seemed safe on the disk
				if away {
					want = 0
				}
				if safe, lost := settled(); safe != 5-want || lost != want {
					t.Errorf("%d were told to be safe and %d lost, want %d and %d", safe, lost, 5-want, want)
				}
			})
		})
	}
}

func TestSpoolOfAKilledControllerIsDrained(t *testing.T) {
	line := func(what string) string {
		raw, err := json.Marshal(entry{Kind: "test", Data: json.RawMessage(`"` + what + `"`)})
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for _, away := range []bool{false, true} {
		t.Run(fmt.Sprintf("away first: %t", away), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				cut := line("1") + "\n" + line("2") + "\n" + line("never complete")[:20]
				if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), []byte(cut), 0o600); err != nil {
					t.Fatal(err)
				}
				m := &memory{away: away}
				j, add, _ := startJournal(t, m, dir)
				add("3")
				time.Sleep(time.Second)
				m.set(func() { m.away = false })
				time.Sleep(2 * journalRetry)
				m.has(t, "1", "2", "3")
				if j.lost.Load() != 1 {
					t.Errorf("%d are counted as lost, want the line that was cut", j.lost.Load())
				}
			})
		})
	}
}

func TestStoppedControllerWritesWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		j, err := newJournal(m, t.TempDir(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		j.add("test", time.Now(), "1", nil)
		if err := j.run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("run ended with %v", err)
		}
		m.has(t, "1")
	})
}
