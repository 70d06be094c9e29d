package recording

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hotline/cti/id"
)

// Head says what a part is of.
type Head struct {
	Call  id.CallID  `json:"call"`
	Leg   id.LegID   `json:"leg"`
	Part  int        `json:"part"`
	Agent id.AgentID `json:"agent"`
	Epoch time.Time  `json:"epoch"` // zero of the call's clock, the same for all parts
}

// Span is a stretch of a part, in samples since its beginning.
type Span struct {
	From int64  `json:"from"`
	To   int64  `json:"to"` // 0 while it lasts
	Why  string `json:"why,omitempty"`
}

// Manifest lies beside each spool file. A part that was never closed (its gateway was killed) is as long as its file.
type Manifest struct {
	Version int `json:"version"`
	Head
	Started time.Time `json:"started"`
	Rate    int       `json:"rate"`
	Closed  bool      `json:"closed"`
	Frames  int64     `json:"frames"`           // when closed
	Gaps    []Span    `json:"gaps,omitempty"`   // silence because it could not be stored
	Held    []Span    `json:"held,omitempty"`   // the agent was heard by nobody: right is silent
	Paused  []Span    `json:"paused,omitempty"` // silence on purpose, both channels
	Dropped int64     `json:"dropped"`          // packets that a slow disk left no room for
	Left    Counts    `json:"left"`
	Right   Counts    `json:"right"`
}

const manifestVersion = 1

// Recordable says whether the leg is one, and can name a file.
func Recordable(leg id.LegID) bool {
	call, _, ok := leg.Split()
	return ok && len(call) <= 128 && strings.Trim(string(call), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

func spoolDir(dir string) string { return filepath.Join(dir, "spool") }

func readManifest(path string) (Manifest, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Manifest{}, err
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return Manifest{}, fmt.Errorf("read manifest %s: %w", path, err)
	}
	if m.Version != manifestVersion {
		return Manifest{}, fmt.Errorf("read manifest %s: version %d is not known", path, m.Version)
	}
	if !Recordable(m.Leg) || m.Part < 1 {
		return Manifest{}, fmt.Errorf("read manifest %s: leg %q part %d does not exist", path, m.Leg, m.Part)
	}
	return m, nil
}

// replaceFile writes the file whole or not at all. Only one may write it at a time.
func replaceFile(path string, data []byte) error {
	if err := os.WriteFile(path+unfinished, data, 0o600); err != nil {
		return errors.Join(err, os.Remove(path+unfinished))
	}
	return os.Rename(path+unfinished, path)
}

// unfinished ends the names of files that are being written. What a killed process left is written over by the next.
const unfinished = ".new"
