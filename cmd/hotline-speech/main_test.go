//go:build cgo

package main

import (
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/internal/speak"
	"hotline/internal/speech"
)

// program builds hotline-speech, once for all tests that need the process.
func program(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "hotline-speech")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// kokoro finds the voice folder: in HOTLINE_TEST_MODELS, or where the models that
// lie beside the checkout are unpacked to.
func kokoro(t *testing.T) string {
	t.Helper()
	models := os.Getenv("HOTLINE_TEST_MODELS")
	if models == "" {
		unpack := filepath.Join("..", "..", "..", "shared", "models", "unpack")
		if _, err := os.Stat(unpack); err != nil {
			t.Skip("no speech models: set HOTLINE_TEST_MODELS to a folder with kokoro/")
		}
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Skip("no cache folder to unpack speech models to: ", err)
		}
		models = filepath.Join(cache, "hotline", "models")
		if out, err := exec.Command(unpack, models).CombinedOutput(); err != nil {
			t.Fatalf("unpack the models: %v\n%s", err, out)
		}
	}
	return filepath.Join(models, "kokoro")
}

func TestKokoroSpeaks(t *testing.T) {
	if testing.Short() {
		t.Skip("loads a model")
	}
	v, err := speak.NewVoiceFolder(speak.VoiceConfig{
		Folder: kokoro(t), Program: program(t), Threads: 1, TimeLimit: 10 * time.Minute,
	}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for lang, text := range map[string]string{speak.Mandarin: "您好。", speak.English: "Hello."} {
		s, err := v.Speak(t.Context(), lang, text)
		if err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		sound := speak.Trim(speech.Resample(s.Samples, s.Rate, speak.Rate))
		if seconds := float64(len(sound)) / speak.Rate; s.Rate != 24000 || seconds < 0.3 || seconds > 2 {
			t.Errorf("%s: %.2f seconds at %d Hz", lang, seconds, s.Rate)
		}
		if level := speak.ActiveLevel(sound); level < -45 || level > -3 {
			t.Errorf("%s: level %.1f dB", lang, level)
		}
	}
	if _, err := v.SpeakAs(t.Context(), speak.Speaker{Number: 99, Speed: 1}, "您好。"); err == nil || !strings.Contains(err.Error(), "no speaker 99") {
		t.Errorf("%v", err)
	}
	if _, err := v.SpeakAs(t.Context(), speak.Speaker{Speed: 40}, "您好。"); err == nil || !strings.Contains(err.Error(), "speed 40") {
		t.Errorf("%v", err)
	}
}

func TestFolderWithoutAModelIsNamed(t *testing.T) {
	folder := t.TempDir()
	v, err := speak.NewVoiceFolder(speak.VoiceConfig{Folder: folder, Program: program(t)}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if _, err = v.Speak(t.Context(), speak.English, "Hello."); err == nil || !strings.Contains(err.Error(), folder) || !strings.Contains(err.Error(), "no model*.onnx") {
		t.Errorf("%v", err)
	}
}

func TestKokoroFiles(t *testing.T) {
	folder := t.TempDir()
	touch := func(names ...string) {
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	touch("model.onnx")
	if _, err := kokoroFiles(folder); err == nil || !strings.Contains(err.Error(), "voices.bin") {
		t.Errorf("%v does not name what is missing", err)
	}
	touch("model.int8.onnx", "voices.bin", "tokens.txt", "lexicon-us-en.txt", "lexicon-zh.txt")
	files, err := kokoroFiles(folder)
	if err != nil || filepath.Base(files.Model) != "model.int8.onnx" || strings.Count(files.Lexicon, ",") != 1 {
		t.Errorf("%+v, %v", files, err)
	}
}

func TestUnknownCommandEnds(t *testing.T) {
	for _, args := range [][]string{nil, {"sing"}, {"speak", "--volume", "11"}} {
		if err := run(args); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}
