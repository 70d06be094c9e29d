package asr

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/qa/rule"
)

func TestEachChannelIsHeardInItsPlace(t *testing.T) {
	l := local(t, "good")
	s := talk(300, [][2]int{{20, 24}, {250, 252}}, [][2]int{{5, 11}, {60, 63}})
	raw, err := l.Transcribe(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		role  rule.Role
		text  string
		start int
		end   int
	}{
		{rule.Agent, "您好謝謝再見", 500, 1100},
		{rule.Caller, "您好謝謝", 2000, 2400},
		{rule.Agent, "您好謝", 6000, 6300},
		{rule.Caller, "您好", 25_000, 25_200},
	}
	if len(raw.Utterances) != len(want) || raw.Length != 30_000 {
		t.Fatalf("%d ms, %+v", raw.Length, raw.Utterances)
	}
	for i, w := range want {
		u := raw.Utterances[i]
		if u.Role != w.role || u.Text() != w.text || abs(u.Start-w.start) > 120 || abs(u.End-w.end) > 120 {
			t.Errorf("%d: %s %q %d-%d, want %+v", i, u.Role, u.Text(), u.Start, u.End, w)
		}
	}
	if n := len(raw.Speech[rule.Agent]); n != 2 || raw.Levels[rule.Agent][0].DB > -11 || raw.Levels[rule.Agent][0].DB < -14 {
		t.Errorf("speech %v, levels %v", raw.Speech, raw.Levels)
	}
}

func abs(n int) int { return max(n, -n) }

func TestOtherRatesAreHeard(t *testing.T) {
	l := local(t, "good")
	s := talk(100, nil, [][2]int{{40, 60}})
	s.Rate = 44_100 // plays faster, and lasts shorter
	raw, err := l.Transcribe(t.Context(), s)
	if err != nil || len(raw.Utterances) != 1 || abs(raw.Utterances[0].Start-726) > 130 {
		t.Errorf("%+v, %v", raw.Utterances, err)
	}
}

func TestAModelThatFailsCanBeTriedAgain(t *testing.T) {
	for _, mode := range []string{"deaf", "crash"} {
		_, err := local(t, mode).Transcribe(t.Context(), talk(10, nil, [][2]int{{2, 5}}))
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", mode, err)
		}
	}
	for _, cfg := range []LocalConfig{{Model: "/nowhere/model"}, {Model: modelFolder(t), Program: "/nowhere/hotline-speech"}} {
		if _, err := NewLocal(cfg, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%v", err)
		}
	}
}

func TestAModelThatChangedIsNotUsed(t *testing.T) {
	folder := modelFolder(t)
	first, err := CheckModel(folder)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := CheckModel(folder); err != nil || again.ID() != first.ID() || again.Source == "" {
		t.Errorf("%+v, %v", again, err)
	}
	if err := os.WriteFile(filepath.Join(folder, "model.onnx"), []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := CheckModel(folder); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "model.onnx has changed") {
		t.Errorf("%v", err)
	}
}

func TestWindowsAreFullAndKeepTheirTimes(t *testing.T) {
	var voices []rule.Span
	for i := range 40 { // three seconds of speech every five, and a long pause in the middle
		at := 5000 * i
		if i >= 20 {
			at += 60_000
		}
		voices = append(voices, rule.Span{Start: at, End: at + 3000})
	}
	all := windows(voices, 400_000)
	if len(all) < 5 || len(all) > 8 {
		t.Errorf("%d windows", len(all))
	}
	pieces := 0
	for _, w := range all {
		if w.length > fullest {
			t.Errorf("a window of %d ms", w.length)
		}
		length := 0
		for _, p := range w.pieces {
			if p.at != length || p.Start > p.voice.Start || p.End < p.voice.End {
				t.Errorf("%+v after %d ms", p, length)
			}
			length += p.Length()
			middle := (p.voice.Start + p.voice.End) / 2
			at := p.at + middle - p.Start
			if _, where := w.place(rule.Span{Start: at - 50, End: at + 50}); where.Start != middle-50 || where.End != middle+50 {
				t.Errorf("what was said at %d is put to %v", middle, where)
			}
			pieces++
		}
		if length != w.length {
			t.Errorf("pieces of %d ms in a window of %d", length, w.length)
		}
		first, last := w.pieces[0].voice, w.pieces[len(w.pieces)-1].voice
		if first.Start < 100_000 && last.Start > 150_000 {
			t.Error("a window goes over the long pause")
		}
	}
	if pieces != len(voices) {
		t.Errorf("%d pieces of %d", pieces, len(voices))
	}
}

func FuzzWindows(f *testing.F) {
	f.Add([]byte{1, 30, 2, 30, 200, 90})
	f.Fuzz(func(t *testing.T, data []byte) {
		var voices []rule.Span
		at := 0
		for i := 0; i+1 < len(data); i += 2 {
			start := at + 10*int(data[i]) + 1
			at = start + 80*int(data[i+1]) + 10 // at most 20 s, as detection gives
			voices = append(voices, rule.Span{Start: start, End: at})
		}
		n := 0
		for _, w := range windows(voices, at+1) {
			if w.length > fullest {
				t.Errorf("a window of %d ms", w.length)
			}
			n += len(w.pieces)
			sound := w.sound(make([]int16, 8*(at+1)), 8000)
			if d := len(sound)/8 - w.length; d > 1 || d < -len(w.pieces)-1 {
				t.Errorf("%d ms of sound for a window of %d", len(sound)/8, w.length)
			}
		}
		if n != len(voices) {
			t.Errorf("%d pieces of %d", n, len(voices))
		}
	})
}
