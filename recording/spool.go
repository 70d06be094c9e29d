package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"hotline/cti/id"
)

// spool is one part on disk.
type spool struct {
	Manifest
	path string // without extension
}

// busy says whether a Writer lives on the part.
func (s *spool) busy() bool {
	f, err := os.Open(s.path + ".pcm")
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // closing gives the lock back
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// onCall is when the part began on the call's clock, in milliseconds.
func (s *spool) onCall() int64 { return s.Started.Sub(s.Epoch).Milliseconds() }

// remove takes the samples first: a manifest alone is known to be done with.
func (s *spool) remove() error {
	err := os.Remove(s.path + ".pcm")
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(s.path+".json"))
}

// findSpools returns the parts of the leg, by when they began.
func findSpools(dir string, leg id.LegID) ([]spool, error) {
	names, err := filepath.Glob(filepath.Join(spoolDir(dir), string(leg)+".*.json"))
	if err != nil {
		return nil, err
	}
	var found []spool
	for _, name := range names {
		m, err := readManifest(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s := spool{Manifest: m, path: strings.TrimSuffix(name, ".json")}
		if m.Leg != leg {
			continue
		}
		if _, err := os.Stat(s.path + ".pcm"); errors.Is(err, fs.ErrNotExist) {
			// Finish died between the two files of the part.
			if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			continue
		} else if err != nil {
			return nil, err
		}
		found = append(found, s)
	}
	slices.SortStableFunc(found, func(a, b spool) int { return a.Started.Compare(b.Started) })
	return found, nil
}

// Sweep returns the legs that have spools which nobody writes and nobody has touched for so long, for Finish: the process
// that should have asked for it may have died. quiet must be longer than an agent may take to come back to a call.
func Sweep(ctx context.Context, dir string, quiet time.Duration) ([]id.LegID, error) {
	names, err := filepath.Glob(filepath.Join(spoolDir(dir), "*.json"))
	if err != nil {
		return nil, err
	}
	resting := map[id.LegID]bool{}
	var faults error
	for _, name := range names {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		m, err := readManifest(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			faults = errors.Join(faults, err) // one damaged manifest must not hold up the others
			continue
		}
		s := spool{Manifest: m, path: strings.TrimSuffix(name, ".json")}
		touched := m.Started
		if info, err := os.Stat(s.path + ".pcm"); err == nil && info.ModTime().After(touched) {
			touched = info.ModTime()
		}
		rests := !s.busy() && time.Since(touched) >= quiet
		if before, known := resting[m.Leg]; known {
			rests = rests && before
		}
		resting[m.Leg] = rests
	}
	var legs []id.LegID
	for leg, rests := range resting {
		if rests {
			legs = append(legs, leg)
		}
	}
	slices.Sort(legs)
	faults = errors.Join(faults, sweepNameless(dir, quiet))
	if faults != nil {
		return legs, fmt.Errorf("sweep spool: %w", faults)
	}
	return legs, nil
}

// sweepNameless removes spools that have no manifest: their gateway was killed before the first sample.
func sweepNameless(dir string, quiet time.Duration) error {
	names, err := filepath.Glob(filepath.Join(spoolDir(dir), "*.pcm"))
	for _, name := range names {
		s := spool{path: strings.TrimSuffix(name, ".pcm")}
		_, missing := os.Stat(s.path + ".json")
		info, gone := os.Stat(name)
		if !errors.Is(missing, fs.ErrNotExist) || gone != nil || info.Size() > 0 || time.Since(info.ModTime()) < quiet || s.busy() {
			continue
		}
		if gone := os.Remove(name); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// lockLeg waits until no other Finish works on the leg. The lock file is removed by its last holder, so whoever got a lock
// on a file that is gone meanwhile begins anew.
func lockLeg(ctx context.Context, dir string, leg id.LegID) (unlock func() error, err error) {
	path := filepath.Join(spoolDir(dir), string(leg)+".lock")
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := flock(ctx, f); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		held, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if now, err := os.Stat(path); err == nil && os.SameFile(held, now) {
			return func() error { return errors.Join(os.Remove(path), f.Close()) }, nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

func flock(ctx context.Context, f *os.File) error {
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-retry.C:
		}
	}
}
