package speak

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestVoiceFolderSpeaks(t *testing.T) {
	v := childVoice(t, "good", nil)
	for range 3 {
		s, err := v.Speak(t.Context(), English, "one two three")
		if err != nil || s.Rate != 24000 || len(s.Samples) != 13*480 {
			t.Fatalf("%d samples at %d Hz, %v", len(s.Samples), s.Rate, err)
		}
	}
	if v.Name(Mandarin) == v.Name(English) {
		t.Errorf("two speakers have one name: %s", v.Name(English))
	}
}

func TestVoiceFolderChildCrashes(t *testing.T) {
	v := childVoice(t, "good", nil)
	_, err := v.Speak(t.Context(), English, "crash")
	if !errors.Is(err, ErrEngine) {
		t.Fatalf("%v is no ErrEngine", err)
	}
	for _, want := range []string{"hotline-speech", "exit status 134", "std::bad_alloc"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %q", err, want)
		}
	}
	if _, err := v.Speak(t.Context(), English, "next"); err != nil {
		t.Errorf("the next request: %v", err)
	}
}

func TestVoiceFolderChildIsKilledFromOutside(t *testing.T) {
	v := childVoice(t, "good", nil)
	if _, err := v.Speak(t.Context(), English, "first"); err != nil {
		t.Fatal(err)
	}
	if err := v.proc.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, err := v.Speak(t.Context(), English, "second")
	if err == nil || !strings.Contains(err.Error(), "hotline-speech") || !strings.Contains(err.Error(), "signal: killed") {
		t.Errorf("%v does not say who was killed", err)
	}
	if _, err := v.Speak(t.Context(), English, "third"); err != nil {
		t.Errorf("the next request: %v", err)
	}
}

func TestVoiceFolderKillsAChildThatHangs(t *testing.T) {
	v := childVoice(t, "good", func(c *VoiceConfig) { c.TimeLimit = 500 * time.Millisecond })
	if _, err := v.Speak(t.Context(), English, "first"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err := v.Speak(t.Context(), English, "hang")
	if err == nil || !strings.Contains(err.Error(), "no reply in time") {
		t.Errorf("%v does not say that it took too long", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	if _, err := v.Speak(t.Context(), English, "next"); err != nil {
		t.Errorf("the next request: %v", err)
	}
}

func TestVoiceFolderWaitsAfterRepeatedFailures(t *testing.T) {
	for mode, want := range map[string]string{
		"broken":  "cannot open shared object file",
		"garbage": "bad frame",
		"refuses": "it has no model*.onnx",
		"newer":   "protocol version 2, not 1",
	} {
		t.Run(mode, func(t *testing.T) {
			v := childVoice(t, mode, nil)
			_, err := v.Speak(t.Context(), English, "a")
			if !errors.Is(err, ErrEngine) || !strings.Contains(err.Error(), want) {
				t.Errorf("%v does not say %q", err, want)
			}
			_, _ = v.Speak(t.Context(), English, "b")
			v.wait = time.Now().Add(time.Hour)
			if _, err := v.Speak(t.Context(), English, "c"); err == nil || !strings.Contains(err.Error(), "next try in 1h") {
				t.Errorf("the third try did not wait: %v", err)
			}
		})
	}
}

func TestVoiceFolderReportsWhatTheModelSays(t *testing.T) {
	v := childVoice(t, "good", nil)
	if _, err := v.Speak(t.Context(), English, "mute"); !errors.Is(err, ErrEngine) || !strings.Contains(err.Error(), "gave no sound") {
		t.Errorf("%v", err)
	}
	if v.proc == nil {
		t.Error("the child was ended for a text it could not speak")
	}
}

func TestVoiceFolderStopsWithItsCaller(t *testing.T) {
	v := childVoice(t, "good", nil)
	if _, err := v.Speak(t.Context(), English, "first"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := v.Speak(ctx, English, "hang"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := v.Speak(t.Context(), English, "next"); err != nil {
		t.Fatal(err)
	}
	pid := v.proc.cmd.Process.Pid
	v.Close()
	v.Close()
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); runtime.GOOS == "linux" && err == nil {
		t.Errorf("child %d is left after Close", pid)
	}
	if _, err := v.Speak(t.Context(), English, "late"); err == nil {
		t.Error("it speaks after Close")
	}
}

func TestNewVoiceFolderNamesWhatIsMissing(t *testing.T) {
	if _, err := NewVoiceFolder(VoiceConfig{Folder: "/nowhere/kokoro"}, nil); err == nil || !strings.Contains(err.Error(), "/nowhere/kokoro") {
		t.Errorf("%v", err)
	}
	if _, err := NewVoiceFolder(VoiceConfig{Folder: t.TempDir(), Program: "/nowhere/hotline-speech"}, nil); err == nil || !strings.Contains(err.Error(), "/nowhere/hotline-speech") {
		t.Errorf("%v", err)
	}
}

func TestConfigCheckListsEveryFault(t *testing.T) {
	cfg := Config{Sounds: "sounds", Voice: VoiceConfig{
		Folder: "/nowhere", Threads: -1,
		Speakers: map[string]Speaker{"fr": {Number: -1}, English: {Speed: 9}},
	}}
	faults := cfg.Check()
	if len(faults) != 6 {
		t.Errorf("%d faults, want 6: %q", len(faults), faults)
	}
	good := DefaultConfig()
	good.Sounds = t.TempDir()
	if faults := good.Check(); len(faults) != 0 {
		t.Errorf("%q", faults)
	}
}
