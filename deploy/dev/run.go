package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"hotline/internal/devstack"
)

// folder is common to the commands that work on a run folder.
type folder struct {
	Run     string `name:"run" default:".run" env:"HOTLINE_RUN" type:"path" help:"Run folder."`
	Hotline string `name:"hotline" default:"bin/hotline" env:"HOTLINE_BIN" type:"path" help:"The hotline program."`
}

// supervisorName is the record, in the run folder itself, of the process that watches over the others.
const supervisorName = "dev"

type runCmd struct {
	folder
	Detached bool `hidden:"" help:"Started by up."`
}

// Run starts everything, watches over it until a signal comes, and stops it.
func (c runCmd) Run(ctx context.Context) (err error) {
	unlock, err := lock(c.folder.Run)
	if err != nil {
		return err
	}
	defer unlock()
	say := func(format string, args ...any) { fmt.Printf(format+"\n", args...) }
	if left, err := devstack.StopLeft(filepath.Join(c.folder.Run, "pids")); err != nil {
		return err
	} else if len(left) > 0 {
		say("stopped what an earlier run had left: %s", strings.Join(left, ", "))
	}
	s, err := newStack(c.folder, say)
	if err != nil {
		return err
	}
	record, err := ownRecord()
	if err != nil {
		return err
	}
	if err := devstack.WriteRecord(s.run, record); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, devstack.RemoveRecord(s.run, supervisorName)) }()
	if err := s.start(ctx); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted")
		}
		return errors.Join(err, s.stop())
	}
	record.Ready = true
	if err := devstack.WriteRecord(s.run, record); err != nil {
		return errors.Join(err, s.stop())
	}
	if !c.Detached {
		summary(os.Stdout, s)
		say("\nCtrl-C stops everything.")
	}
	<-ctx.Done()
	say("stopping ...")
	if err := s.stop(); err != nil {
		return err
	}
	say("stopped")
	return nil
}

func newStack(f folder, say func(string, ...any)) (*stack, error) {
	set, err := loadSettings(f.Run, os.Environ())
	if err != nil {
		return nil, err
	}
	sup, err := devstack.NewSupervisor(f.Run, func(name, text string) {
		say("%s %s: %s", time.Now().Format(time.TimeOnly), name, text)
	})
	if err != nil {
		return nil, err
	}
	return &stack{run: f.Run, hotline: f.Hotline, settings: set, sup: sup, say: say}, nil
}

func ownRecord() (devstack.Record, error) {
	id, err := devstack.Identify(os.Getpid())
	if err != nil {
		return devstack.Record{}, err
	}
	return devstack.Record{Identity: id, Name: supervisorName, Stop: syscall.SIGTERM, Grace: 2 * time.Minute, Since: time.Now()}, nil
}

var errBusy = errors.New("it is running already: make down stops it")

// lock makes sure that one process at a time works in a run folder. The kernel releases it when the process ends.
func lock(run string) (func(), error) {
	if err := os.MkdirAll(run, 0o755); err != nil {
		return nil, fmt.Errorf("make run folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(run, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock run folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		closeErr := f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errBusy
		}
		return nil, errors.Join(fmt.Errorf("lock run folder: %w", err), closeErr)
	}
	return func() { _ = f.Close() }, nil
}

type upCmd struct{ folder }

// Run starts everything in the background and returns when it is ready. When it runs already it only says so.
func (c upCmd) Run(ctx context.Context) error {
	unlock, err := lock(c.folder.Run)
	if errors.Is(err, errBusy) {
		return c.already(ctx)
	}
	if err != nil {
		return err
	}
	unlock() // the child takes it; another up that is quicker makes the child say so
	logPath := filepath.Join(c.folder.Run, "log", "dev.log")
	if err := os.MkdirAll(filepath.Dir(logPath), 0o755); err != nil {
		return fmt.Errorf("make log folder: %w", err)
	}
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer func() { _ = log.Close() }()
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.Command(self, "run", "--detached", "--run", c.folder.Run, "--hotline", c.folder.Hotline)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start in the background: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	follow, err := os.Open(logPath)
	if err != nil {
		return fmt.Errorf("follow log: %w", err)
	}
	defer func() { _ = follow.Close() }()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			if _, copyErr := io.Copy(os.Stdout, follow); copyErr != nil {
				return fmt.Errorf("follow log: %w", copyErr)
			}
			return fmt.Errorf("it did not start (%v); the whole log is in %s", err, filepath.Dir(logPath))
		case <-ctx.Done():
			fmt.Println("interrupted; stopping it again")
			return errors.Join(cmd.Process.Signal(syscall.SIGTERM), <-ended)
		case <-tick.C:
		}
		if _, err := io.Copy(os.Stdout, follow); err != nil {
			return fmt.Errorf("follow log: %w", err)
		}
		if r, ok := supervisor(c.folder.Run); ok && r.Ready && r.PID == cmd.Process.Pid {
			return c.print()
		}
	}
}

func (c upCmd) print() error {
	s, err := newStack(c.folder, func(string, ...any) {})
	if err != nil {
		return err
	}
	summary(os.Stdout, s)
	return nil
}

// already waits until the running one is ready: another up may have been a moment earlier.
func (c upCmd) already(ctx context.Context) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	deadline := time.Now().Add(3 * time.Minute)
	for {
		if r, ok := supervisor(c.folder.Run); ok && r.Ready {
			fmt.Println("It runs already.")
			return c.print()
		}
		if unlock, err := lock(c.folder.Run); err == nil {
			unlock()
			return errors.New("the one that was starting ended; see " + filepath.Join(c.folder.Run, "log"))
		}
		if time.Now().After(deadline) {
			return errors.New("another process has been starting it for three minutes; see " + filepath.Join(c.folder.Run, "log"))
		}
		select {
		case <-ctx.Done():
			return errors.New("interrupted")
		case <-tick.C:
		}
	}
}

// supervisor is the record of the process that watches, if that process lives.
func supervisor(run string) (devstack.Record, bool) {
	r, err := devstack.ReadRecord(run, supervisorName)
	return r, err == nil && r.Alive()
}

type downCmd struct{ folder }

// Run stops exactly what was started in this run folder, and says what.
func (c downCmd) Run() error {
	pids := filepath.Join(c.folder.Run, "pids")
	records, err := devstack.ReadRecords(pids)
	if err != nil {
		return err
	}
	var names []string
	for n := len(records) - 1; n >= 0; n-- {
		if records[n].Alive() {
			names = append(names, records[n].Name)
		}
	}
	if r, ok := supervisor(c.folder.Run); ok {
		fmt.Println("stopping ...")
		if _, err := r.StopExactly(r.Stop, r.Grace); err != nil {
			return err
		}
		names = append(names, "the process that watched over them")
	}
	if _, err := devstack.StopLeft(pids); err != nil {
		return err
	}
	if err := devstack.RemoveRecord(c.folder.Run, supervisorName); err != nil {
		return err
	}
	if len(names) == 0 {
		fmt.Println("nothing was running")
		return nil
	}
	fmt.Println("stopped " + strings.Join(names, ", "))
	return nil
}

type statusCmd struct{ folder }

// Run lists the processes; the exit status is 0 only when everything is ready.
func (c statusCmd) Run() error {
	records, err := devstack.ReadRecords(filepath.Join(c.folder.Run, "pids"))
	if err != nil {
		return err
	}
	r, ok := supervisor(c.folder.Run)
	for _, p := range records {
		state := "dead"
		switch {
		case p.Alive() && p.Ready:
			state = "ready"
		case p.Alive():
			state = "starting"
		}
		fmt.Printf("%-10s %-9s pid %-8d since %s, started again %d times\n", p.Name, state, p.PID, p.Since.Local().Format(time.DateTime), p.Restarts)
	}
	switch {
	case !ok:
		return errors.New("it is not running")
	case !r.Ready:
		return errors.New("it is starting")
	}
	return nil
}
