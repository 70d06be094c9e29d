package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Back-off between a death and the next start: doubled each time, back to the first after a minute without trouble.
const (
	backoffFirst = 250 * time.Millisecond
	backoffMost  = 15 * time.Second
	calmAfter    = time.Minute
)

// running is what the Supervisor needs of a Process.
type running interface {
	AwaitReady(ctx context.Context) error
	Done() <-chan struct{}
	Err() error
	Stop() error
	Identity() Identity
}

// Supervisor starts processes one after the other, starts again what dies, and stops all in reverse order. It keeps
// DIR/log/NAME.log and DIR/pids/NAME.json. Add and Stop are called by one goroutine; each kept process has its own.
type Supervisor struct {
	dir    string
	report func(name, text string)
	launch func(spec Spec, logPath string) (running, error)
	kept   []*keeper
}

// keeper owns one process; only its goroutine touches current after Add.
type keeper struct {
	s        *Supervisor
	spec     Spec
	order    int
	restarts int
	current  running
	cancel   context.CancelFunc
	done     chan struct{}
	stopErr  error // written before done is closed
}

// NewSupervisor works below dir. report is called with what happens, from several goroutines.
func NewSupervisor(dir string, report func(name, text string)) (*Supervisor, error) {
	for _, d := range []string{"log", "pids"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, fmt.Errorf("prepare run folder: %w", err)
		}
	}
	var mu sync.Mutex
	return &Supervisor{
		dir: dir,
		report: func(name, text string) {
			mu.Lock()
			defer mu.Unlock()
			report(name, text)
		},
		launch: func(spec Spec, logPath string) (running, error) { return Launch(spec, logPath, false) },
	}, nil
}

// LogPath is the file that a process of this name writes to.
func (s *Supervisor) LogPath(name string) string { return filepath.Join(s.dir, "log", name+".log") }

// PIDDir holds a Record for each running process.
func (s *Supervisor) PIDDir() string { return filepath.Join(s.dir, "pids") }

// Add starts spec, waits until it is ready and keeps it running from then on. When it does not become ready it is
// stopped and the error ends with the last lines of its log.
func (s *Supervisor) Add(ctx context.Context, spec Spec) error {
	k := &keeper{s: s, spec: spec, order: len(s.kept) + 1, done: make(chan struct{})}
	if err := rotate(s.LogPath(spec.Name)); err != nil {
		return err
	}
	if err := k.start(ctx); err != nil {
		return err
	}
	keepCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	k.cancel = cancel
	s.kept = append(s.kept, k)
	go k.keep(keepCtx)
	return nil
}

// Stop stops everything, last added first. It may be called again.
func (s *Supervisor) Stop() error {
	var errs []error
	for n := len(s.kept) - 1; n >= 0; n-- {
		k := s.kept[n]
		k.cancel()
		<-k.done
		if k.stopErr != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", k.spec.Name, k.stopErr))
		}
	}
	s.kept = nil
	return errors.Join(errs...)
}

// start leaves current nil when it fails.
func (k *keeper) start(ctx context.Context) error {
	p, err := k.s.launch(k.spec, k.s.LogPath(k.spec.Name))
	if err != nil {
		return err
	}
	record := Record{
		Identity: p.Identity(), Name: k.spec.Name, Stop: k.spec.stopSignal(), Grace: k.spec.grace(),
		Restarts: k.restarts, Since: time.Now(), Order: k.order,
	}
	err = WriteRecord(k.s.PIDDir(), record)
	if err == nil {
		err = p.AwaitReady(ctx)
	}
	if err == nil {
		record.Ready = true
		err = WriteRecord(k.s.PIDDir(), record)
	}
	if err != nil {
		return errors.Join(err, p.Stop(), RemoveRecord(k.s.PIDDir(), k.spec.Name))
	}
	k.current = p
	return nil
}

func (k *keeper) keep(ctx context.Context) {
	defer close(k.done)
	pause := backoffFirst
	since := time.Now()
	for {
		if k.current != nil {
			select {
			case <-ctx.Done():
				k.stopErr = errors.Join(k.current.Stop(), RemoveRecord(k.s.PIDDir(), k.spec.Name))
				return
			case <-k.current.Done():
			}
			if time.Since(since) >= calmAfter {
				pause = backoffFirst
			}
			k.s.report(k.spec.Name, fmt.Sprintf("died (%s); starting it again in %s", outcome(k.current.Err()), pause))
			// Its group goes before a new one starts: nothing of the old may hold a port or a file.
			if err := k.current.Stop(); err != nil {
				k.s.report(k.spec.Name, err.Error())
			}
			k.current = nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			k.stopErr = RemoveRecord(k.s.PIDDir(), k.spec.Name)
			return
		case <-timer.C:
		}
		pause = min(2*pause, backoffMost)
		k.restarts++
		if err := k.start(ctx); err != nil {
			if ctx.Err() == nil {
				k.s.report(k.spec.Name, fmt.Sprintf("%s; next try in %s", err, pause))
			}
			continue
		}
		since = time.Now()
		k.s.report(k.spec.Name, fmt.Sprintf("runs again, pid %d", k.current.Identity().PID))
	}
}

func outcome(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// rotate keeps one older log of a long-lived set-up.
func rotate(path string) error {
	const most = 16 << 20
	info, err := os.Stat(path)
	if err != nil || info.Size() < most {
		return nil //nolint:nilerr // a log that is not there needs no rotation; one that cannot be read fails when opened
	}
	if err := os.Rename(path, path+".1"); err != nil {
		return fmt.Errorf("rotate log: %w", err)
	}
	return nil
}
