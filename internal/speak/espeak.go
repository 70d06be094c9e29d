package speak

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// espeakLimit is the time for one sentence; espeak-ng needs a few milliseconds.
const espeakLimit = 20 * time.Second

// Espeak is the engine of last resort: intelligible, but a robot.
type Espeak struct{ program string }

// NewEspeak finds espeak-ng on PATH.
func NewEspeak() (*Espeak, error) {
	program, err := exec.LookPath("espeak-ng")
	if err != nil {
		return nil, fmt.Errorf("find espeak-ng: %w", err)
	}
	return &Espeak{program: program}, nil
}

// Name is the same for both languages' voices: the language is in the key.
func (e *Espeak) Name(string) string { return "espeak-ng" }

// LastResort tells the store to warn of its use.
func (e *Espeak) LastResort() bool { return true }

// Speak speaks one sentence.
func (e *Espeak) Speak(ctx context.Context, lang, sentence string) (Sound, error) {
	voice := "en-us"
	if lang == Mandarin {
		voice = "cmn"
	}
	ctx, cancel := context.WithTimeout(ctx, espeakLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, e.program, "-v", voice, "-s", "150", "-b", "1", "--stdin", "--stdout")
	cmd.Stdin = strings.NewReader(sentence)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return Sound{}, fmt.Errorf("%w: run espeak-ng: %w %s", ErrEngine, err, oneLine(complaint.String()))
	}
	sound, err := parseWAV(out.Bytes())
	if err != nil {
		return Sound{}, fmt.Errorf("%w: read espeak-ng's sound: %w", ErrEngine, err)
	}
	return sound, nil
}

// findEspeakData looks where distributions put the data, "" when it is nowhere.
func findEspeakData() string {
	for _, pattern := range []string{"/usr/lib/*/espeak-ng-data", "/usr/share/espeak-ng-data", "/usr/local/share/espeak-ng-data", "/opt/homebrew/share/espeak-ng-data"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue
		}
		for _, dir := range found {
			if info, err := os.Stat(dir); err == nil && info.IsDir() {
				return dir
			}
		}
	}
	return ""
}

func defaultThreads() int { return min(4, runtime.NumCPU()) }

// oneLine makes a program's complaint fit into an error.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
