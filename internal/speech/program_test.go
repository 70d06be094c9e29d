package speech

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary play hotline-speech: a script sets the variable and runs it again.
func TestMain(m *testing.M) {
	if mode := os.Getenv("HOTLINE_TEST_CHILD"); mode != "" {
		playChild(mode)
		return
	}
	os.Exit(m.Run())
}

// playChild says one sample for each letter, crashes at the word "crash", hangs at "hang", and cannot do "mute".
func playChild(mode string) {
	switch mode {
	case "broken":
		fmt.Fprintln(os.Stderr, "cannot open shared object file")
		os.Exit(127)
	case "garbage":
		fmt.Println("Loading the model, please wait ...")
		return
	case "refuses":
		send(Hello{Version: Version, Error: "it has no model*.onnx"}, nil)
		return
	case "newer":
		send(Hello{Version: Version + 1}, nil)
	default:
		send(Hello{Version: Version, Speakers: 10, Library: "test"}, nil)
	}
	in := bufio.NewReader(os.Stdin)
	for {
		var r Request
		sound, err := Read(in, &r)
		if err != nil {
			return
		}
		reply := Reply{ID: r.ID, Rate: 24000}
		switch {
		case strings.Contains(r.Speak.Text, "crash"):
			fmt.Fprintln(os.Stderr, "terminate called after throwing std::bad_alloc")
			os.Exit(134)
		case strings.Contains(r.Speak.Text, "hang"):
			time.Sleep(time.Hour) // longer than the parent lets it live
		case strings.Contains(r.Speak.Text, "mute"):
			reply.Error = "the model gave no sound"
			send(reply, nil)
			continue
		}
		send(reply, make([]float32, len(r.Speak.Text)+len(sound)))
	}
}

func send(head any, samples []float32) {
	if err := Write(os.Stdout, head, samples); err != nil {
		os.Exit(1)
	}
}

// program is a child played by playChild.
func program(t *testing.T, mode string, timeLimit time.Duration) *Program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "hotline-speech")
	script := fmt.Sprintf("#!/bin/sh\nHOTLINE_TEST_CHILD=%s exec '%s'\n", mode, self)
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if path, err = FindProgram(path); err != nil {
		t.Fatal(err)
	}
	p := NewProgram(path, nil, timeLimit, slog.New(slog.DiscardHandler))
	t.Cleanup(p.Close)
	return p
}

func ask(ctx context.Context, p *Program, text string) error {
	_, _, err := p.Ask(ctx, Request{Speak: &Speak{Text: text}}, nil)
	return err
}

func TestProgramAnswers(t *testing.T) {
	p := program(t, "good", time.Minute)
	for range 3 {
		reply, sound, err := p.Ask(t.Context(), Request{Speak: &Speak{Text: "one two"}}, make([]float32, 5))
		if err != nil || reply.Rate != 24000 || len(sound) != 12 {
			t.Fatalf("%d samples, %+v, %v", len(sound), reply, err)
		}
	}
	if hello, err := p.Hello(t.Context()); err != nil || hello.Speakers != 10 {
		t.Errorf("%+v, %v", hello, err)
	}
}

func TestProgramChildCrashes(t *testing.T) {
	p := program(t, "good", time.Minute)
	err := ask(t.Context(), p, "crash")
	if !errors.Is(err, ErrProgram) {
		t.Fatalf("%v is no ErrProgram", err)
	}
	for _, want := range []string{"hotline-speech", "exit status 134", "std::bad_alloc"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %q", err, want)
		}
	}
	if err := ask(t.Context(), p, "next"); err != nil {
		t.Errorf("the next request: %v", err)
	}
}

func TestProgramChildIsKilledFromOutside(t *testing.T) {
	p := program(t, "good", time.Minute)
	if err := ask(t.Context(), p, "first"); err != nil {
		t.Fatal(err)
	}
	if err := p.proc.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	err := ask(t.Context(), p, "second")
	if err == nil || !strings.Contains(err.Error(), "hotline-speech") || !strings.Contains(err.Error(), "signal: killed") {
		t.Errorf("%v does not say who was killed", err)
	}
	if err := ask(t.Context(), p, "third"); err != nil {
		t.Errorf("the next request: %v", err)
	}
}

func TestProgramKillsAChildThatHangs(t *testing.T) {
	p := program(t, "good", 500*time.Millisecond)
	if err := ask(t.Context(), p, "first"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	err := ask(t.Context(), p, "hang")
	if err == nil || !strings.Contains(err.Error(), "no reply in time") {
		t.Errorf("%v does not say that it took too long", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	if err := ask(t.Context(), p, "next"); err != nil {
		t.Errorf("the next request: %v", err)
	}
}

func TestProgramWaitsAfterRepeatedFailures(t *testing.T) {
	for mode, want := range map[string]string{
		"broken":  "cannot open shared object file",
		"garbage": "bad frame",
		"refuses": "it has no model*.onnx",
		"newer":   "protocol version 3, not 2",
	} {
		t.Run(mode, func(t *testing.T) {
			p := program(t, mode, time.Minute)
			err := ask(t.Context(), p, "a")
			if !errors.Is(err, ErrProgram) || !strings.Contains(err.Error(), want) {
				t.Errorf("%v does not say %q", err, want)
			}
			_ = ask(t.Context(), p, "b")
			p.wait = time.Now().Add(time.Hour)
			if err := ask(t.Context(), p, "c"); err == nil || !strings.Contains(err.Error(), "next try in 1h") {
				t.Errorf("the third try did not wait: %v", err)
			}
		})
	}
}

func TestProgramReportsWhatTheModelSays(t *testing.T) {
	p := program(t, "good", time.Minute)
	if err := ask(t.Context(), p, "mute"); !errors.Is(err, ErrProgram) || !strings.Contains(err.Error(), "gave no sound") {
		t.Errorf("%v", err)
	}
	if p.proc == nil {
		t.Error("the child was ended for a request it could not fulfil")
	}
}

func TestProgramStopsWithItsCaller(t *testing.T) {
	p := program(t, "good", time.Minute)
	if err := ask(t.Context(), p, "first"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := ask(ctx, p, "hang"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := ask(t.Context(), p, "next"); err != nil {
		t.Fatal(err)
	}
	pid := p.proc.cmd.Process.Pid
	p.Close()
	p.Close()
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); runtime.GOOS == "linux" && err == nil {
		t.Errorf("child %d is left after Close", pid)
	}
	if err := ask(t.Context(), p, "late"); err == nil {
		t.Error("it answers after Close")
	}
}
