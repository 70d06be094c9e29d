package speak

import (
	"errors"
	"strings"
	"testing"
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

func TestVoiceFolderTellsOfItsChild(t *testing.T) {
	v := childVoice(t, "good", nil)
	if _, err := v.Speak(t.Context(), English, "crash"); !errors.Is(err, ErrEngine) || !strings.Contains(err.Error(), "exit status 134") {
		t.Errorf("%v", err)
	}
	if _, err := v.Speak(t.Context(), English, "mute"); !errors.Is(err, ErrEngine) || !strings.Contains(err.Error(), "gave no sound") {
		t.Errorf("%v", err)
	}
	if _, err := v.Speak(t.Context(), English, "next"); err != nil {
		t.Errorf("the next request: %v", err)
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
