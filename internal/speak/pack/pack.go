// Package pack reads and writes voice packs: folders of recorded phrases as 8 kHz
// mono FLAC files with a manifest.json that says what each of them is.
//
// A pack is made by package speak (Record) and read from a file system, usually
// an embedded one.
package pack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// Rate is the sample rate of every recording in Hz.
const Rate = 8000

// ManifestName is the manifest's file name inside the pack's folder.
const ManifestName = "manifest.json"

// Entry describes one recorded phrase.
type Entry struct {
	Lang    string  `json:"lang"`
	Text    string  `json:"text"`             // as flows write it
	Spoken  string  `json:"spoken,omitempty"` // what the voice was given, where that is not Text
	Voice   string  `json:"voice"`            // model, speaker and speed
	File    string  `json:"file"`             // path inside the pack
	Seconds float64 `json:"seconds"`
	Scene
}

// Scene places an utterance in a conversation; all zero in a pack of prompts.
type Scene struct {
	Conversation string `json:"conversation,omitempty"`
	Queue        string `json:"queue,omitempty"` // id of the queue the caller asks for
	Role         string `json:"role,omitempty"`  // "caller" or "agent"
	Order        int    `json:"order,omitempty"` // from 1, inside the conversation
}

// Manifest is the content of manifest.json.
type Manifest struct {
	Version int     `json:"version"` // 1
	Entries []Entry `json:"entries"`
}

// ReadManifest reads the manifest of the pack in fsys. A pack without one is
// reported as fs.ErrNotExist.
func ReadManifest(fsys fs.FS) (Manifest, error) {
	var m Manifest
	data, err := fs.ReadFile(fsys, ManifestName)
	if err != nil {
		return m, fmt.Errorf("read voice pack: %w", err)
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("read voice pack: %s: %w", ManifestName, err)
	}
	if m.Version != 1 {
		return m, fmt.Errorf("read voice pack: %s has version %d, not 1", ManifestName, m.Version)
	}
	for i, e := range m.Entries {
		if !fs.ValidPath(e.File) || e.Text == "" || e.Lang == "" {
			return m, fmt.Errorf("read voice pack: entry %d of %s lacks a language, a text or a proper file", i+1, ManifestName)
		}
	}
	return m, nil
}

// Encode is the manifest as it is written: sorted, one entry a few lines, so that
// a change of one phrase is a small difference.
func (m Manifest) Encode() ([]byte, error) {
	slices.SortStableFunc(m.Entries, func(a, b Entry) int {
		return cmpAll(strings.Compare(a.Conversation, b.Conversation), a.Order-b.Order,
			strings.Compare(a.Lang, b.Lang), strings.Compare(a.Text, b.Text), strings.Compare(a.Voice, b.Voice))
	})
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(m); err != nil {
		return nil, fmt.Errorf("encode voice pack manifest: %w", err)
	}
	return []byte(b.String()), nil
}

func cmpAll(results ...int) int {
	for _, r := range results {
		if r != 0 {
			return r
		}
	}
	return 0
}

// Pack is an opened voice pack. Its methods may be called from any goroutine.
type Pack struct {
	fsys    fs.FS
	entries []Entry
	byText  map[string]int // lang, zero byte, text -> index of the first entry

	mu      sync.Mutex
	decoded map[string][]int16 // by file; guarded by mu
}

// Open reads the manifest and checks that each file is there. Sound is decoded
// when it is first asked for.
func Open(fsys fs.FS) (*Pack, error) {
	m, err := ReadManifest(fsys)
	if err != nil {
		return nil, err
	}
	p := &Pack{fsys: fsys, entries: m.Entries, byText: make(map[string]int), decoded: make(map[string][]int16)}
	var faults []error
	for i, e := range m.Entries {
		if _, err := fs.Stat(fsys, e.File); err != nil {
			faults = append(faults, fmt.Errorf("voice pack: %w", err))
		}
		if _, ok := p.byText[key(e.Lang, e.Text)]; !ok {
			p.byText[key(e.Lang, e.Text)] = i
		}
	}
	return p, errors.Join(faults...)
}

func key(lang, text string) string {
	return lang + "\x00" + strings.Join(strings.Fields(text), " ")
}

// Entries returns what the pack holds, in the manifest's order.
func (p *Pack) Entries() []Entry { return slices.Clone(p.entries) }

// Recording returns the 8 kHz samples of a phrase, or false when the pack has no
// recording of it that can be read. The samples must not be changed.
func (p *Pack) Recording(lang, text string) ([]int16, bool) {
	i, ok := p.byText[key(lang, text)]
	if !ok {
		return nil, false
	}
	samples, err := p.Samples(p.entries[i])
	return samples, err == nil
}

// Samples returns the sound of an entry, which must not be changed.
func (p *Pack) Samples(e Entry) ([]int16, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s, ok := p.decoded[e.File]; ok {
		return s, nil
	}
	data, err := fs.ReadFile(p.fsys, e.File)
	if err != nil {
		return nil, fmt.Errorf("voice pack: %w", err)
	}
	s, err := DecodeFLAC(data)
	if err != nil {
		return nil, fmt.Errorf("voice pack: %s: %w", e.File, err)
	}
	p.decoded[e.File] = s
	return s, nil
}
