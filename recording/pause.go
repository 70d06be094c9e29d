package recording

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"hotline/cti/id"
)

// Pause is a stretch in which a recording holds silence on purpose, as for a card number.
type Pause struct {
	From  time.Time `json:"from"` // whole microseconds, as the database keeps them: it names the pause
	To    time.Time `json:"to,omitzero"`
	By    string    `json:"by"` // the user, or the step of the flow
	Cause Cause     `json:"cause"`
}

// Cause is why a recording was paused.
type Cause string

// The causes of a pause.
const (
	CauseAgent   Cause = "agent"   // the agent's key
	CauseAPI     Cause = "api"     // somebody with the right, or their program
	CauseFlow    Cause = "flow"    // a step of the flow that asks for something secret
	CauseUnknown Cause = "unknown" // nobody could say that it was not paused
)

// Open says whether the pause lasts.
func (p Pause) Open() bool { return p.To.IsZero() }

// The pauses of a leg lie in <dir>/spool/<leg>.pause. They are written through to the disk before a pause is confirmed, so
// that a gateway which is killed in one finds it again; Finish reads them, and whoever has stored them removes the file.
type pauseFile struct {
	Version int      `json:"version"`
	Leg     id.LegID `json:"leg"`
	Pauses  []Pause  `json:"pauses"`
}

const pauseVersion = 1

func pausePath(dir string, leg id.LegID) string {
	return filepath.Join(spoolDir(dir), string(leg)+".pause")
}

// KeepPauses writes the pauses of a leg to the disk, and returns when they are there. Only one may write those of a leg at
// a time.
func KeepPauses(dir string, leg id.LegID, pauses []Pause) error {
	data, err := json.Marshal(pauseFile{Version: pauseVersion, Leg: leg, Pauses: pauses})
	if err != nil {
		return fmt.Errorf("keep pauses of %s: %w", leg, err)
	}
	if err := keepFile(pausePath(dir, leg), data); err != nil {
		return fmt.Errorf("keep pauses of %s: %w", leg, err)
	}
	return nil
}

// keepFile replaces a file, and returns when a power cut can no longer take it back.
func keepFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path+unfinished, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+unfinished))
	}
	if err := os.Rename(path+unfinished, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// ReadPauses returns the pauses of a leg, none when it never had one. An error means that nothing can be said of it.
func ReadPauses(dir string, leg id.LegID) ([]Pause, error) {
	path := pausePath(dir, leg)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read pauses: %w", err)
	}
	return parsePauses(path, leg, data)
}

func parsePauses(path string, leg id.LegID, data []byte) ([]Pause, error) {
	var f pauseFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("read pauses %s: %w", path, err)
	}
	if f.Version != pauseVersion || f.Leg != leg {
		return nil, fmt.Errorf("read pauses %s: version %d of leg %q, not version %d of %q", path, f.Version, f.Leg, pauseVersion, leg)
	}
	for i, p := range f.Pauses {
		if p.From.IsZero() || (p.Open() && i+1 < len(f.Pauses)) || (!p.Open() && p.To.Before(p.From)) {
			return nil, fmt.Errorf("read pauses %s: pause %d, from %v to %v, cannot be", path, i+1, p.From, p.To)
		}
	}
	return f.Pauses, nil
}

// ForgetPauses removes the file of a leg's pauses, once they are stored elsewhere.
func ForgetPauses(dir string, leg id.LegID) error {
	if err := os.Remove(pausePath(dir, leg)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget pauses of %s: %w", leg, err)
	}
	return nil
}

// Spooled says whether the folder holds something that was recorded of the leg.
func Spooled(dir string, leg id.LegID) bool {
	found, err := findSpools(dir, leg)
	return err == nil && len(found) > 0
}

// Pause begins or ends a pause at the given time. From then on nothing of either channel is kept, neither what comes
// meanwhile nor what was spoken meanwhile and comes late; the time line goes on. It may be called from any goroutine, does
// not block, and cannot be lost, unlike a packet.
func (w *Writer) Pause(on bool, at time.Time) {
	w.pausing.Lock()
	defer w.pausing.Unlock()
	var spans []Span
	if old := w.paused.Load(); old != nil {
		spans = append(spans, *old...) // a copy: the writer reads the old one
	}
	pos := max(w.position(at), 0)
	open := len(spans) > 0 && spans[len(spans)-1].To == 0
	switch {
	case on && !open:
		spans = append(spans, Span{From: pos})
	case !on && open:
		last := &spans[len(spans)-1]
		last.To = max(pos, last.From+1) // 0 would say that it lasts
	default:
		return
	}
	w.paused.Store(&spans)
}

// heedPauses gives the time line the newest pauses, before it takes a packet or writes.
func (w *Writer) heedPauses() {
	if p := w.paused.Load(); p != nil && len(*p) > 0 {
		if len(w.manifest.Paused) != len(*p) || w.manifest.Paused[len(*p)-1] != (*p)[len(*p)-1] {
			w.manifest.Paused, w.stale = *p, true
		}
		w.line.muted = *p
	}
}

// within says whether the position lies in one of the spans, which are in order.
func within(spans []Span, pos int64) bool {
	for i := len(spans) - 1; i >= 0; i-- {
		if pos >= spans[i].From {
			return spans[i].To == 0 || pos < spans[i].To
		}
	}
	return false
}
