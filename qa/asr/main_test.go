package asr

import (
	"bufio"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hotline/internal/speech"
)

// TestMain lets the test binary play hotline-speech: a script sets the variable and runs it again.
func TestMain(m *testing.M) {
	if mode := os.Getenv("HOTLINE_TEST_CHILD"); mode != "" {
		playChild(mode)
		return
	}
	os.Exit(m.Run())
}

// playChild finds speech where samples are above 0.1, and hears a character for each tenth of a second of it, in the order
// of 您好謝謝再見. It refuses to hear in the mode "deaf", hears nothing that makes sense in the mode "noise", and crashes
// once, on the first window, in the mode "crash".
func playChild(mode string) {
	send := func(head any) {
		if speech.Write(os.Stdout, head, nil) != nil {
			os.Exit(1)
		}
	}
	send(speech.Hello{Version: speech.Version, Model: "test"})
	in := bufio.NewReader(os.Stdin)
	for seen := int64(0); ; {
		var r speech.Request
		sound, err := speech.Read(in, &r)
		if err != nil {
			return
		}
		reply := speech.Reply{ID: r.ID}
		switch {
		case r.Find != nil:
			if r.Find.Begin {
				seen = 0
			}
			for i := range sound {
				loud := sound[i] > 0.1
				if n := len(reply.Voiced); loud && (n == 0 || reply.Voiced[n-1].End < seen+int64(i)-int64(r.Find.Rate)/10) {
					reply.Voiced = append(reply.Voiced, speech.Voiced{Start: seen + int64(i)})
				}
				if n := len(reply.Voiced); loud {
					reply.Voiced[n-1].End = seen + int64(i) + 1
				}
			}
			seen += int64(len(sound))
		case mode == "deaf":
			reply.Error = "the model gave no result"
		case mode == "crash":
			os.Exit(134)
		default:
			reply.Heard = hearTest(sound, r.Hear.Rate, mode)
		}
		send(reply)
	}
}

func hearTest(sound []float32, rate int, mode string) *speech.Heard {
	heard := &speech.Heard{Lang: "zh", Sure: 0.9}
	said := []rune("您好謝謝再見")
	if mode == "noise" {
		said = []rune("啪啦砰噹")
	}
	for at := 0; at+rate/10 <= len(sound); at += rate / 10 {
		if sound[at] > 0.1 {
			heard.Units = append(heard.Units, speech.Unit{
				Text: string(said[len(heard.Units)%len(said)]), Start: at * 1000 / rate, End: at*1000/rate + 100, Sure: 0.9,
			})
		}
	}
	return heard
}

// childProgram is a hotline-speech played by playChild.
func childProgram(t *testing.T, mode string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "hotline-speech")
	script := fmt.Sprintf("#!/bin/sh\nHOTLINE_TEST_CHILD=%s exec '%s'\n", mode, self)
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return program
}

// modelFolder is a folder that looks like a model, with the model that finds speech beside it.
func modelFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{vadName, "test/tokens.txt", "test/model.onnx"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "test")
}

func local(t *testing.T, mode string) *Local {
	t.Helper()
	l, err := NewLocal(LocalConfig{Model: modelFolder(t), Program: childProgram(t, mode), TimeLimit: time.Minute}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// talk is a sound in which the channels are loud in the given stretches, in tenths of a second.
func talk(tenths int, left, right [][2]int) Sound {
	s := Sound{Rate: 8000}
	for c, spans := range [2][][2]int{Left: left, Right: right} {
		s.Channels[c] = make([]int16, tenths*800)
		for _, span := range spans {
			for i := span[0] * 800; i < span[1]*800; i++ {
				s.Channels[c][i] = 8000
			}
		}
	}
	return s
}
