package speak

import (
	"bufio"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/internal/speak/pipe"
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

// playChild speaks a tone of 20 ms a letter, crashes at the word "crash", hangs
// at "hang", and says nothing at "mute".
func playChild(mode string) {
	switch mode {
	case "broken":
		fmt.Fprintln(os.Stderr, "cannot open shared object file")
		os.Exit(127)
	case "garbage":
		fmt.Println("Loading the model, please wait ...")
		return
	case "refuses":
		send(pipe.Hello{Version: pipe.Version, Error: "it has no model*.onnx"}, nil)
		return
	case "newer":
		send(pipe.Hello{Version: pipe.Version + 1}, nil)
	default:
		send(pipe.Hello{Version: pipe.Version, Speakers: 10, Library: "test"}, nil)
	}
	in := bufio.NewReader(os.Stdin)
	for {
		var r pipe.Request
		if _, err := pipe.Read(in, &r); err != nil {
			return
		}
		reply := pipe.Reply{ID: r.ID, Rate: 24000}
		switch {
		case strings.Contains(r.Speak, "crash"):
			fmt.Fprintln(os.Stderr, "terminate called after throwing std::bad_alloc")
			os.Exit(134)
		case strings.Contains(r.Speak, "hang"):
			time.Sleep(time.Hour) // longer than the parent lets it live
		case strings.Contains(r.Speak, "mute"):
			reply.Error = "the model gave no sound"
			send(reply, nil)
			continue
		}
		send(reply, tone(24000, 300+100*float64(r.Speaker), 0.2, 0.02*float64(len(r.Speak))))
	}
}

func send(head any, samples []float32) {
	if err := pipe.Write(os.Stdout, head, samples); err != nil {
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
