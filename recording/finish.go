package recording

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"hotline/cti/id"
)

var (
	// ErrStillRecording means that a part of the leg is being written: try again later.
	ErrStillRecording = errors.New("the leg is still being recorded")
	// ErrNothing means that nothing was recorded of the leg.
	ErrNothing = errors.New("nothing was recorded of the leg")
	// ErrLate means that a part turned up after the recording was finished. What is evidence already is not changed; the
	// part stays in the spool.
	ErrLate = errors.New("a part turned up after the recording was finished; it is kept in the spool folder, for a person to hear")
)

// Catalogue is where finished recordings are entered. The spool is let go only then, so that a death at any moment costs
// nothing.
type Catalogue interface {
	// Made returns what a recording that was entered already is made of, and whether one was. It returns ErrErased for one
	// that was thrown away.
	Made(ctx context.Context, leg id.LegID) (parts []Part, done bool, err error)
	// Finished enters one. It returns ErrErased for one that was thrown away.
	Finished(ctx context.Context, r Result) error
}

// maxLength bounds a finished file. More means that a clock was set between two parts.
const maxLength = 24 * time.Hour

// Result is a finished recording.
type Result struct {
	Call     id.CallID
	Leg      id.LegID
	Agent    id.AgentID
	Started  time.Time     // beginning of the first part
	Duration time.Duration // of the whole file, with the silence between parts
	SHA256   string        // of the file, in hex
	Path     string        // within the recordings folder, with slashes
	Bytes    int64
	Peaks    Peaks
	Parts    []Part
}

// Part says what a stretch of a finished file is made of. Times are milliseconds.
type Part struct {
	Part        int    `json:"part"`
	OnCallMS    int64  `json:"on_call_ms"` // its beginning on the call's clock
	StartMS     int64  `json:"start_ms"`   // its beginning in the file
	DurationMS  int64  `json:"duration_ms"`
	Interrupted bool   `json:"interrupted"` // its gateway was killed: kept up to the last flush
	Gaps        []Span `json:"gaps,omitempty"`
	Held        []Span `json:"held,omitempty"`
	Paused      []Span `json:"paused,omitempty"`
	Dropped     int64  `json:"dropped"`
	Left        Counts `json:"left"`
	Right       Counts `json:"right"`
}

// Finish makes one FLAC file of all parts of the leg, enters it into the catalogue, and then removes the parts. It may be
// called again, and by several processes at once: what was entered once stays as it is, and then the result is empty.
func Finish(ctx context.Context, dir string, leg id.LegID, c Catalogue) (Result, error) {
	if !Recordable(leg) {
		return Result{}, fmt.Errorf("finish recording: %q cannot name a file: %w", leg, ErrNothing)
	}
	if err := os.MkdirAll(spoolDir(dir), 0o700); err != nil {
		return Result{}, fmt.Errorf("finish recording of %s: %w", leg, err)
	}
	unlock, err := lockLeg(ctx, dir, leg)
	if err != nil {
		return Result{}, fmt.Errorf("finish recording of %s: %w", leg, err)
	}
	res, err := finish(ctx, dir, leg, c)
	if err := errors.Join(err, unlock()); err != nil {
		return Result{}, fmt.Errorf("finish recording of %s: %w", leg, err)
	}
	return res, nil
}

func finish(ctx context.Context, dir string, leg id.LegID, c Catalogue) (Result, error) {
	spools, err := findSpools(dir, leg)
	if err != nil {
		return Result{}, err
	}
	if slices.ContainsFunc(spools, func(s spool) bool { return s.busy() }) {
		return Result{}, ErrStillRecording
	}
	parts, done, err := c.Made(ctx, leg)
	switch {
	case errors.Is(err, ErrErased):
		return Result{}, errors.Join(err, remove(spools))
	case err != nil:
		return Result{}, err
	case done:
		return Result{}, removeMade(spools, parts)
	case len(spools) == 0:
		return Result{}, ErrNothing
	}
	first := spools[0]
	res := Result{
		Call: first.Call, Leg: leg, Agent: first.Agent, Started: first.Started,
		Path: filepath.ToSlash(filepath.Join(first.Started.UTC().Format("2006/01/02"), string(leg)+".flac")),
	}
	if err := merge(ctx, dir, spools, &res); err != nil {
		return Result{}, err
	}
	err = c.Finished(ctx, res)
	if errors.Is(err, ErrErased) { // meanwhile
		err = errors.Join(err, os.Remove(filepath.Join(dir, filepath.FromSlash(res.Path))))
	} else if err != nil {
		return Result{}, err
	}
	return res, errors.Join(err, remove(spools))
}

func remove(spools []spool) (err error) {
	for i := range spools {
		err = errors.Join(err, spools[i].remove())
	}
	return err
}

// removeMade removes what the finished file is made of. Anything else came too late.
func removeMade(spools []spool, parts []Part) error {
	made, late := spools[:0:0], false
	for _, s := range spools {
		if slices.ContainsFunc(parts, func(p Part) bool { return p.Part == s.Part && p.OnCallMS == s.onCall() }) {
			made = append(made, s)
		} else {
			late = true
		}
	}
	err := remove(made)
	if late {
		err = errors.Join(err, ErrLate)
	}
	return err
}

// merge writes the file under another name, and gives it its own when it is whole.
func merge(ctx context.Context, dir string, spools []spool, res *Result) (err error) {
	path := filepath.Join(dir, filepath.FromSlash(res.Path))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path+unfinished, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	renamed := false
	defer func() {
		if err != nil && !renamed {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	enc, err := newEncoder(f, atMost(spools))
	if err != nil {
		return err
	}
	for i := range spools {
		room := int64(maxLength / time.Second * Rate)
		if i+1 < len(spools) {
			room = max(0, samplesBetween(spools[0].Started, spools[i+1].Started)-enc.frames)
		}
		if err := spools[i].copyTo(ctx, enc, room, i+1 < len(spools), res); err != nil {
			return err
		}
	}
	if err := enc.close(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if res.SHA256, res.Bytes, err = hashFile(f.Name()); err != nil {
		return err
	}
	res.Duration = duration(enc.frames)
	res.Peaks = enc.peaks.peaks()
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	renamed = true
	return errors.Join(f.Close(), syncDir(filepath.Dir(path)))
}

// syncDir makes a new name outlast a power cut, before the spool is removed.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// copyTo encodes at most room samples of the part, and silence up to room when another part follows.
func (s *spool) copyTo(ctx context.Context, enc *encoder, room int64, follows bool, res *Result) error {
	if room > int64(maxLength/time.Second*Rate) {
		return fmt.Errorf("part %d begins more than %v after the first", s.Part, maxLength)
	}
	f, err := os.Open(s.path + ".pcm")
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	start, in, frame := enc.frames, bufio.NewReaderSize(f, 1<<16), [frameBytes]byte{}
	for n := range room {
		if n%(60*Rate) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := io.ReadFull(in, frame[:]); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break // an interrupted part may end within a sample
		} else if err != nil {
			return fmt.Errorf("read part %d: %w", s.Part, err)
		}
		l, r := binary.LittleEndian.Uint16(frame[:]), binary.LittleEndian.Uint16(frame[2:])
		if err := enc.add(int16(l), int16(r)); err != nil {
			return err
		}
	}
	res.Parts = append(res.Parts, Part{
		Part: s.Part, OnCallMS: s.onCall(), StartMS: duration(start).Milliseconds(),
		DurationMS: duration(enc.frames - start).Milliseconds(), Interrupted: !s.Closed,
		Gaps: s.Gaps, Held: s.Held, Paused: s.Paused, Dropped: s.Dropped, Left: s.Left, Right: s.Right,
	})
	for follows && enc.frames-start < room {
		if err := enc.add(0, 0); err != nil {
			return err
		}
	}
	return nil
}

// atMost is how many samples a file of the parts can have.
func atMost(spools []spool) int64 {
	var most int64
	for i := range spools {
		began := max(0, samplesBetween(spools[0].Started, spools[i].Started))
		if info, err := os.Stat(spools[i].path + ".pcm"); err == nil { // If it cannot be read, copying says so.
			most = max(most, began) + info.Size()/frameBytes
		}
	}
	return min(most, int64(maxLength/time.Second*Rate))
}

func samplesBetween(a, b time.Time) int64 { return int64(b.Sub(a)) / int64(time.Second/Rate) }

func duration(samples int64) time.Duration { return time.Duration(samples) * (time.Second / Rate) }

func hashFile(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	h := sha256.New()
	size, err = io.Copy(h, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", 0, fmt.Errorf("hash %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}
