package devstack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Identity names one process for all time: a pid alone is given to another process sooner or later.
type Identity struct {
	PID int `json:"pid"`
	// Start is field 22 of /proc/PID/stat: clock ticks after boot. See proc_pid_stat(5).
	Start uint64 `json:"start"`
	// Boot is the kernel's random id of this boot.
	Boot string `json:"boot"`
}

// Identify reads the identity of a running process.
func Identify(pid int) (Identity, error) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return Identity{}, fmt.Errorf("identify process %d: %w", pid, err)
	}
	// The program's name is in parentheses and may hold anything; the last one ends it, then field 3 follows.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return Identity{}, fmt.Errorf("identify process %d: short stat", pid)
	}
	start, err := strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return Identity{}, fmt.Errorf("identify process %d: %w", pid, err)
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return Identity{}, fmt.Errorf("identify process %d: %w", pid, err)
	}
	return Identity{PID: pid, Start: start, Boot: strings.TrimSpace(string(boot))}, nil
}

// Alive reports whether exactly this process still runs. A zombie runs no more.
func (i Identity) Alive() bool {
	if i.PID <= 0 {
		return false
	}
	now, err := Identify(i.PID)
	if err != nil || now != i {
		return false
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(i.PID), "stat"))
	if err != nil {
		return false
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	return len(fields) > 0 && fields[0] != "Z"
}

// StopExactly ends a process that another process started: sig to its group, SIGKILL after grace. It does nothing when
// the process is gone or its pid belongs to another one now. It reports whether there was something to stop.
func (i Identity) StopExactly(sig syscall.Signal, grace time.Duration) (bool, error) {
	if !i.Alive() {
		return false, nil
	}
	if err := i.signal(sig); err != nil {
		return true, err
	}
	if i.waitGone(grace) {
		return true, nil
	}
	if err := i.signal(syscall.SIGKILL); err != nil {
		return true, err
	}
	if !i.waitGone(10 * time.Second) {
		return true, fmt.Errorf("stop process %d: it does not end on SIGKILL", i.PID)
	}
	return true, nil
}

// signal goes to the whole group when the process leads one, as everything that Start starts does.
func (i Identity) signal(sig syscall.Signal) error {
	target := i.PID
	if pgid, err := syscall.Getpgid(i.PID); err == nil && pgid == i.PID {
		target = -i.PID
	}
	if err := syscall.Kill(target, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal process %d: %w", i.PID, err)
	}
	return nil
}

func (i Identity) waitGone(limit time.Duration) bool {
	deadline := time.Now().Add(limit)
	for i.Alive() {
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(20 * time.Millisecond)
	}
	return true
}

// Record is the pid file of one process: written when it starts, removed when it was stopped.
type Record struct {
	Identity
	Name string `json:"name"`
	// Stop and Grace repeat the Spec's, for whoever has to clean up after a killed supervisor.
	Stop     syscall.Signal `json:"stop"`
	Grace    time.Duration  `json:"grace_ns"`
	Ready    bool           `json:"ready"`
	Restarts int            `json:"restarts"`
	Since    time.Time      `json:"since"`
	// Order counts up in the order of starting.
	Order int `json:"order"`
}

// WriteRecord replaces dir/NAME.json.
func WriteRecord(dir string, r Record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write pid file of %s: %w", r.Name, err)
	}
	path := filepath.Join(dir, r.Name+".json")
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("write pid file of %s: %w", r.Name, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write pid file of %s: %w", r.Name, err)
	}
	return nil
}

// ReadRecord reads dir/NAME.json; the error is fs.ErrNotExist when there is none.
func ReadRecord(dir, name string) (Record, error) {
	var r Record
	data, err := os.ReadFile(filepath.Join(dir, name+".json"))
	if err != nil {
		return r, fmt.Errorf("read pid file of %s: %w", name, err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("read pid file of %s: %w", name, err)
	}
	return r, nil
}

// ReadRecords returns the records of dir in the order of starting. A missing folder holds none.
func ReadRecords(dir string) ([]Record, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read pid files: %w", err)
	}
	var out []Record
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".json" {
			continue
		}
		r, err := ReadRecord(dir, strings.TrimSuffix(e.Name(), ".json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed between listing and reading
		}
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	sortRecords(out)
	return out, nil
}

// RemoveRecord removes dir/NAME.json if it is there.
func RemoveRecord(dir, name string) error {
	if err := os.Remove(filepath.Join(dir, name+".json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove pid file of %s: %w", name, err)
	}
	return nil
}

// StopLeft stops, last started first, what records of dir still run, and removes the records. It returns the names of
// what it stopped.
func StopLeft(dir string) ([]string, error) {
	records, err := ReadRecords(dir)
	if err != nil {
		return nil, err
	}
	var stopped []string
	var errs []error
	for n := len(records) - 1; n >= 0; n-- {
		r := records[n]
		was, err := r.StopExactly(r.Stop, r.Grace)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", r.Name, err))
			continue
		}
		if was {
			stopped = append(stopped, r.Name)
		}
		errs = append(errs, RemoveRecord(dir, r.Name))
	}
	return stopped, errors.Join(errs...)
}
