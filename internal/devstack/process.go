package devstack

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Spec says how one process is started, when it is ready and how it ends.
type Spec struct {
	// Name is part of file names: log/NAME.log.
	Name string
	// Command makes a fresh command for each start. Its output and process group are set by the caller.
	Command func() *exec.Cmd
	// Ready is asked again and again until it returns nil; nil means ready as soon as the process runs.
	Ready func(context.Context) error
	// ReadyIn is the longest time to readiness; zero means 30 s.
	ReadyIn time.Duration
	// Stop asks for a clean end; zero means SIGTERM. Grace later comes SIGKILL; zero means 10 s.
	Stop  syscall.Signal
	Grace time.Duration
}

func (s Spec) readyIn() time.Duration     { return cmp.Or(s.ReadyIn, 30*time.Second) }
func (s Spec) stopSignal() syscall.Signal { return cmp.Or(s.Stop, syscall.SIGTERM) }
func (s Spec) grace() time.Duration       { return cmp.Or(s.Grace, 10*time.Second) }

// Process is a running Spec. Its methods may be called from any goroutine.
type Process struct {
	spec     Spec
	identity Identity
	log      string
	done     chan struct{}
	err      error // written before done is closed
	stop     sync.Once
	stopErr  error
}

// Launch starts the process and does not wait for readiness. Its output is appended to logPath. With dieWithParent
// the kernel kills it when this program dies, so that a killed test leaves nothing behind.
func Launch(spec Spec, logPath string, dieWithParent bool) (*Process, error) {
	if err := os.MkdirAll(filepath.Dir(logPath), 0o755); err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	defer func() { _ = log.Close() }() // the child has its own descriptor
	cmd := spec.Command()
	cmd.Stdout, cmd.Stderr = log, log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	if dieWithParent {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	p := &Process{spec: spec, log: logPath, done: make(chan struct{})}
	// Nobody has waited for it yet, so even a process that has ended already can still be identified.
	identity, idErr := Identify(cmd.Process.Pid)
	p.identity = identity
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	if idErr != nil {
		return nil, errors.Join(idErr, cmd.Process.Kill())
	}
	return p, nil
}

// Start launches spec and waits until it is ready. When that fails the process is stopped and the error ends with the
// last lines of its log.
func Start(ctx context.Context, spec Spec, logPath string) (*Process, error) {
	p, err := Launch(spec, logPath, true)
	if err != nil {
		return nil, err
	}
	if err := p.AwaitReady(ctx); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

// AwaitReady asks the Spec's probe until it says yes, the process dies, its time is over or ctx ends.
func (p *Process) AwaitReady(ctx context.Context) error {
	if p.spec.Ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.spec.readyIn())
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := p.spec.Ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("start %s: it ended (%s)%s", p.spec.Name, p.outcome(), p.tail())
		case <-ctx.Done():
			return fmt.Errorf("start %s: not ready: %w%s", p.spec.Name, err, p.tail())
		case <-tick.C:
		}
	}
}

// PID of the process.
func (p *Process) PID() int { return p.identity.PID }

// Identity of the process.
func (p *Process) Identity() Identity { return p.identity }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err is how the process ended, after Done.
func (p *Process) Err() error { return p.err }

// LogPath is the file that the process writes to.
func (p *Process) LogPath() string { return p.log }

// Kill ends the process group as a crash would, and waits for it.
func (p *Process) Kill() error {
	err := p.identity.signal(syscall.SIGKILL)
	<-p.done
	return err
}

// Stop asks the process to end, kills its group after the grace, waits, and may be called again.
func (p *Process) Stop() error {
	p.stop.Do(func() {
		select {
		case <-p.done:
		default:
			p.stopErr = p.identity.signal(p.spec.stopSignal())
			timer := time.NewTimer(p.spec.grace())
			defer timer.Stop()
			select {
			case <-p.done:
			case <-timer.C:
			}
		}
		// Whatever of its group outlived it goes now. The group's id cannot be anybody else's while a member lives.
		if err := syscall.Kill(-p.identity.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			p.stopErr = errors.Join(p.stopErr, fmt.Errorf("kill group of %s: %w", p.spec.Name, err))
		}
		<-p.done
	})
	return p.stopErr
}

func (p *Process) outcome() string {
	if p.err == nil {
		return "exit status 0"
	}
	return p.err.Error()
}

func (p *Process) tail() string {
	lines, err := LastLines(p.log, 12)
	if err != nil || len(lines) == 0 {
		return ""
	}
	return "\n  the end of " + p.log + ":\n    " + strings.Join(lines, "\n    ")
}

// LastLines returns at most n last lines of a file, looking at its last 64 KiB only.
func LastLines(path string, n int) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	defer func() { _ = f.Close() }()
	const window = 64 << 10
	if end, err := f.Seek(0, io.SeekEnd); err == nil {
		if _, err := f.Seek(max(0, end-window), io.SeekStart); err != nil {
			return nil, fmt.Errorf("read log: %w", err)
		}
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	data = bytes.TrimRight(data, "\n")
	if len(data) == 0 {
		return nil, nil
	}
	lines := strings.Split(string(data), "\n")
	return lines[max(0, len(lines)-n):], nil
}

func sortRecords(r []Record) {
	slices.SortFunc(r, func(a, b Record) int { return cmp.Compare(a.Order, b.Order) })
}
