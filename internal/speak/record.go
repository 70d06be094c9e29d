package speak

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hotline/internal/speak/pack"
)

// Line is a phrase to be recorded.
type Line struct {
	Phrase
	// Say replaces Text for the voice, where it reads Text wrongly.
	Say string `json:"say,omitempty"`
	// Speaker and Speed, where they are not those of the language.
	Speaker *int    `json:"speaker,omitempty"`
	Speed   float64 `json:"speed,omitempty"`
	pack.Scene
}

// ReadLines reads what to record: a JSON array of Line, JSON objects one after
// the other, or lines of language, tab, text. Empty lines and those that begin
// with # are skipped.
func ReadLines(r io.Reader) ([]Line, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read phrases: %w", err)
	}
	data = bytes.TrimSpace(data)
	var lines []Line
	switch {
	case bytes.HasPrefix(data, []byte("[")):
		err = json.Unmarshal(data, &lines)
	case bytes.HasPrefix(data, []byte("{")):
		for dec := json.NewDecoder(bytes.NewReader(data)); ; {
			var l Line
			if err = dec.Decode(&l); err != nil {
				break
			}
			lines = append(lines, l)
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
	default:
		lines, err = readTSV(string(data))
	}
	if err != nil {
		return nil, fmt.Errorf("read phrases: %w", err)
	}
	var faults []error
	for i, l := range lines {
		if err := l.Check(); err != nil {
			faults = append(faults, fmt.Errorf("phrase %d: %w", i+1, err))
		}
	}
	return lines, errors.Join(faults...)
}

func readTSV(data string) ([]Line, error) {
	var lines []Line
	n := 0
	for row := range strings.Lines(data) {
		n++
		row = strings.TrimSpace(row)
		if row == "" || strings.HasPrefix(row, "#") {
			continue
		}
		lang, text, ok := strings.Cut(row, "\t")
		if !ok {
			return nil, fmt.Errorf("line %d: want language, tab, text", n)
		}
		lines = append(lines, Line{Phrase: Phrase{Lang: lang, Text: strings.TrimSpace(text)}})
	}
	return lines, nil
}

// Recording is the job of Record.
type Recording struct {
	Dir   string // the pack's folder, made when missing
	Voice *VoiceFolder
	Lines []Line
	// Prune removes recordings that no line asks for.
	Prune    bool
	Progress func(done, total int, l Line, took time.Duration) // may be nil; took is 0 for what was there
}

// RecordResult counts what Record did.
type RecordResult struct {
	Kept, Made, Removed int
	Seconds             float64 // of sound in the pack
}

// Record speaks lines into the voice pack of a folder. Only what is missing, or
// was spoken by another voice or from another text, is spoken; the manifest is
// written after each phrase, so a job that was stopped goes on where it was.
func Record(ctx context.Context, job Recording) (RecordResult, error) {
	var result RecordResult
	old, err := pack.ReadManifest(os.DirFS(job.Dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return result, err
	}
	have := make(map[string]pack.Entry) // by file
	for _, e := range old.Entries {
		if isFile(filepath.Join(job.Dir, e.File)) {
			have[e.File] = e
		}
	}
	entries := make([]pack.Entry, 0, len(job.Lines))
	wanted := make(map[string]bool)
	seen := make(map[pack.Entry]bool)
	for i, l := range job.Lines {
		want := job.entry(l)
		began := time.Now()
		made := false
		if e, ok := have[want.File]; ok && e.Spoken == want.Spoken && e.Voice == want.Voice {
			want.Seconds = e.Seconds
			result.Kept++
		} else {
			if want.Seconds, err = job.speak(ctx, l, want); err != nil {
				return result, errors.Join(err, job.write(entries, old.Entries, wanted))
			}
			have[want.File] = want
			result.Made++
			made = true
		}
		if !seen[want] {
			seen[want] = true
			entries = append(entries, want)
			result.Seconds += want.Seconds
		}
		wanted[want.File] = true
		if made {
			if err := job.write(entries, old.Entries, wanted); err != nil {
				return result, err
			}
		}
		if job.Progress != nil {
			took := time.Duration(0)
			if made {
				took = time.Since(began)
			}
			job.Progress(i+1, len(job.Lines), l, took)
		}
	}
	rest := old.Entries
	if job.Prune {
		rest = nil
		if result.Removed, err = prune(job.Dir, wanted); err != nil {
			return result, err
		}
	}
	return result, job.write(entries, rest, wanted)
}

// entry is the manifest's entry of a line without its duration.
func (job Recording) entry(l Line) pack.Entry {
	s := job.speaker(l)
	spoken := Spoken(l.Lang, l.Text)
	if l.Say != "" {
		spoken = Spoken(l.Lang, l.Say)
	}
	voice := job.Voice.name(s)
	name := Key(l.Lang, l.Text)
	if l.Speaker != nil || l.Speed != 0 {
		// The same words by several speakers are several files.
		name = Key(l.Lang, l.Text+"\x00"+voice)
	}
	e := pack.Entry{Lang: l.Lang, Text: canonical(l.Text), Voice: voice, File: l.Lang + "/" + name + ".flac", Scene: l.Scene}
	if spoken != e.Text {
		e.Spoken = spoken
	}
	return e
}

func (job Recording) speaker(l Line) Speaker {
	s := job.Voice.speaker(l.Lang)
	if l.Speaker != nil {
		s.Number = *l.Speaker
	}
	if l.Speed != 0 {
		s.Speed = l.Speed
	}
	return s
}

// speak makes the file of an entry and returns its length in seconds.
func (job Recording) speak(ctx context.Context, l Line, e pack.Entry) (float64, error) {
	p := l.Phrase
	if l.Say != "" {
		p.Text = l.Say
	}
	s := job.speaker(l)
	samples, err := speakWith(ctx, p, func(ctx context.Context, _, sentence string) (Sound, error) {
		return job.Voice.SpeakAs(ctx, s, sentence)
	})
	if err != nil {
		return 0, fmt.Errorf("record %.40q: %w", l.Text, err)
	}
	data, err := pack.EncodeFLAC(samples)
	if err != nil {
		return 0, fmt.Errorf("record %.40q: %w", l.Text, err)
	}
	name := filepath.Join(job.Dir, e.File)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return 0, fmt.Errorf("record %.40q: %w", l.Text, err)
	}
	return float64(len(samples)*100/Rate) / 100, writeFile(name, data)
}

// write saves the manifest: entries, and of the older ones those of other files.
func (job Recording) write(entries, older []pack.Entry, wanted map[string]bool) error {
	m := pack.Manifest{Version: 1, Entries: append([]pack.Entry(nil), entries...)}
	for _, e := range older {
		if !wanted[e.File] && isFile(filepath.Join(job.Dir, e.File)) {
			m.Entries = append(m.Entries, e)
		}
	}
	data, err := m.Encode()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(job.Dir, 0o755); err != nil {
		return fmt.Errorf("write voice pack: %w", err)
	}
	return writeFile(filepath.Join(job.Dir, pack.ManifestName), data)
}

// prune removes the FLAC files that are not wanted.
func prune(dir string, wanted map[string]bool) (int, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.flac"))
	if err != nil {
		return 0, fmt.Errorf("prune voice pack: %w", err)
	}
	removed := 0
	for _, f := range files {
		rel, err := filepath.Rel(dir, f)
		if err != nil {
			return removed, fmt.Errorf("prune voice pack: %w", err)
		}
		if wanted[filepath.ToSlash(rel)] {
			continue
		}
		if err := os.Remove(f); err != nil {
			return removed, fmt.Errorf("prune voice pack: %w", err)
		}
		removed++
	}
	return removed, nil
}
