package voices

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"hotline/internal/speak"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flows"
)

// A caller of the shipped flows must never hear a robot.
func TestPackCoversTheShippedFlows(t *testing.T) {
	set, err := flowfile.LoadFS(ivr.Known{}, flows.FS)
	if err != nil {
		t.Fatal(err)
	}
	wanted := make(map[string]bool)
	for _, p := range set.Phrases() {
		wanted[speak.Key(string(p.Lang), p.Text)] = true
		if _, ok := Pack().Recording(string(p.Lang), p.Text); !ok {
			t.Errorf("no recording of %s %q: record it with `hotline speak`", p.Lang, p.Text)
		}
	}
	for _, e := range Pack().Entries() {
		if !wanted[speak.Key(e.Lang, e.Text)] {
			t.Errorf("nothing says %s %q any more: `hotline speak --prune` removes it", e.Lang, e.Text)
		}
	}
}

func TestRecordingsAreSound(t *testing.T) {
	for _, e := range Pack().Entries() {
		samples, err := Pack().Samples(e)
		if err != nil {
			t.Error(err)
			continue
		}
		checkSound(t, e.Text, samples)
		if d := math.Abs(e.Seconds - float64(len(samples))/speak.Rate); d > 0.02 {
			t.Errorf("%q: the manifest is wrong by %.2f s", e.Text, d)
		}
		// Mandarin is spoken at four to six characters a second, English at twelve
		// to seventeen, and in short words faster.
		perSecond := float64(utf8.RuneCountInString(e.Text)) / e.Seconds
		if low, high := rates(e.Lang); perSecond < low || perSecond > high {
			t.Errorf("%q: %.1f characters a second, want %g to %g", e.Text, perSecond, low, high)
		}
		if want := e.Lang + "/" + speak.Key(e.Lang, e.Text) + ".flac"; e.File != want {
			t.Errorf("%q lies in %s, not %s", e.Text, e.File, want)
		}
	}
}

func rates(lang string) (low, high float64) {
	if lang == speak.Mandarin {
		return 3, 7.5
	}
	return 8, 24
}

// checkSound fails for clipping, another loudness, or silence where the phrase
// should begin and end.
func checkSound(t *testing.T, text string, samples []int16) {
	t.Helper()
	sound := make([]float32, len(samples))
	peak := 0.0
	for i, v := range samples {
		sound[i] = float32(v) / 32768
		peak = max(peak, math.Abs(float64(sound[i])))
	}
	if peak > 0.9 {
		t.Errorf("%q: peak %.2f", text, peak)
	}
	if level := speak.ActiveLevel(sound); math.Abs(level-speak.TargetLevel) > 1 {
		t.Errorf("%q: level %.1f dB, want %.0f", text, level, speak.TargetLevel)
	}
	if trimmed := speak.Trim(sound); len(sound)-len(trimmed) > speak.Rate/10 {
		t.Errorf("%q: %d ms of silence around it", text, (len(sound)-len(trimmed))*1000/speak.Rate)
	}
}

func TestNoFileIsLeftOver(t *testing.T) {
	used := make(map[string]bool)
	for _, e := range Pack().Entries() {
		used[e.File] = true
	}
	files, err := filepath.Glob("*/*.flac")
	if err != nil || len(files) == 0 {
		t.Fatal("no recordings", err)
	}
	size := int64(0)
	for _, f := range files {
		if !used[filepath.ToSlash(f)] {
			t.Errorf("%s is not in the manifest", f)
		}
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if size > 8<<20 {
		t.Errorf("the pack has %d bytes, at most 8 MB belong into the repository", size)
	}
}
