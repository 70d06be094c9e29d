package speak

import (
	"bufio"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/internal/speech"
)

// TestMain lets the test binary play hotline-speech: a script sets the variable
// and runs it again.
func TestMain(m *testing.M) {
	if mode := os.Getenv("HOTLINE_TEST_CHILD"); mode != "" {
		playChild(mode)
		return
	}
	os.Exit(m.Run())
}

// playChild speaks a tone of 20 ms a letter, crashes at the word "crash", and
// says nothing at "mute".
func playChild(string) {
	send(speech.Hello{Version: speech.Version, Speakers: 10, Library: "test"}, nil)
	in := bufio.NewReader(os.Stdin)
	for {
		var r speech.Request
		if _, err := speech.Read(in, &r); err != nil {
			return
		}
		reply := speech.Reply{ID: r.ID, Rate: 24000}
		switch {
		case strings.Contains(r.Speak.Text, "crash"):
			os.Exit(134)
		case strings.Contains(r.Speak.Text, "mute"):
			reply.Error = "the model gave no sound"
			send(reply, nil)
			continue
		}
		send(reply, tone(24000, 300+100*float64(r.Speak.Speaker), 0.2, 0.02*float64(len(r.Speak.Text))))
	}
}

func send(head any, samples []float32) {
	if err := speech.Write(os.Stdout, head, samples); err != nil {
		os.Exit(1)
	}
}

// childVoice is a voice folder spoken by playChild.
func childVoice(t *testing.T, mode string, change func(*VoiceConfig)) *VoiceFolder {
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
	cfg := VoiceConfig{Folder: t.TempDir(), Program: program}
	if change != nil {
		change(&cfg)
	}
	v, err := NewVoiceFolder(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}
