package asr

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ModelsDir is where models lie unless told otherwise: HOTLINE_MODELS, else the user's cache folder.
func ModelsDir() (string, error) {
	if dir := os.Getenv("HOTLINE_MODELS"); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for models: %w; set HOTLINE_MODELS", err)
	}
	return filepath.Join(cache, "hotline", "models"), nil
}

// Release is a model that can be fetched by name.
type Release struct {
	Name    string
	URL     string
	Licence string
	What    string
}

const releases = "https://github.com/k2-fsa/sherpa-onnx/releases/download/asr-models/"

// vadRelease finds speech, whatever model hears it.
var vadRelease = Release{
	Name: vadName, URL: releases + vadName, Licence: "MIT", What: "Silero VAD",
}

// Releases are the models known by name, the one to begin with first.
var Releases = []Release{
	{
		"sense-voice", releases + "sherpa-onnx-sense-voice-zh-en-ja-ko-yue-int8-2024-07-17.tar.bz2", "FunASR Model Licence 1.1",
		"SenseVoice small: Mandarin, Cantonese, English; fast, and the best of these on the telephone",
	},
	{"paraformer", releases + "sherpa-onnx-paraformer-zh-2024-03-09.tar.bz2", "FunASR Model Licence 1.1", "Paraformer: Mandarin and English"},
	{"whisper-base", releases + "sherpa-onnx-whisper-base.tar.bz2", "MIT", "OpenAI Whisper base: many languages, small"},
	{"whisper-small", releases + "sherpa-onnx-whisper-small.tar.bz2", "MIT", "OpenAI Whisper small: many languages, slower and better"},
}

// preferred are beginnings of model folders' names, the best for Mandarin on the telephone first.
var preferred = []string{"sense-voice", "sherpa-onnx-sense-voice", "paraformer", "sherpa-onnx-paraformer", "whisper-small", "whisper"}

// FindModel is the best model folder in dir for recognition, or an error that says what to do.
func FindModel(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look for models: %w", err)
	}
	best, rank := "", len(preferred)
	for _, e := range entries {
		i := slices.IndexFunc(preferred, func(p string) bool { return strings.HasPrefix(strings.ToLower(e.Name()), p) })
		if e.IsDir() && i >= 0 && i < rank {
			best, rank = filepath.Join(dir, e.Name()), i
		}
	}
	if best == "" {
		return "", fmt.Errorf("%w: there is no model in %s; fetch one with: hotline models install", ErrUnavailable, dir)
	}
	return best, nil
}

// sealName is the file in a model folder that says what the folder held when it was proved.
const sealName = "hotline-model.json"

// Seal says what a model folder holds.
type Seal struct {
	Name    string            `json:"name"`
	Source  string            `json:"source"`
	Licence string            `json:"licence"`
	Proved  time.Time         `json:"proved"`
	Files   map[string]string `json:"files"` // SHA-256, hex
}

// ID is a short name of exactly these files.
func (s Seal) ID() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(s.Files)) {
		h.Write(fmt.Appendln(nil, name, s.Files[name]))
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// hashes are of the files in a model folder.
func hashes(folder string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || d.Name() == sealName || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		if ext := filepath.Ext(path); ext != ".onnx" && ext != ".txt" && ext != ".bin" {
			return nil // readme files and test sounds make no difference
		}
		sum, err := hashOf(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		files[filepath.ToSlash(name)] = sum
		return err
	})
	if err == nil && len(files) == 0 {
		err = errors.New("there is no model in it")
	}
	if err != nil {
		return nil, fmt.Errorf("model folder %s: %w", folder, err)
	}
	return files, nil
}

func hashOf(path string) (sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// CheckModel compares a model folder with its seal, which it makes when the folder was put there by hand. A folder that
// cannot be written keeps no seal.
func CheckModel(folder string) (Seal, error) {
	now, err := hashes(folder)
	if err != nil {
		return Seal{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	raw, err := os.ReadFile(filepath.Join(folder, sealName))
	if errors.Is(err, fs.ErrNotExist) {
		seal := Seal{Name: filepath.Base(folder), Source: "put there by hand", Proved: time.Now().UTC(), Files: now}
		_ = writeSeal(folder, seal) // a read-only folder is as good
		return seal, nil
	}
	if err != nil {
		return Seal{}, fmt.Errorf("%w: read the seal of the model: %w", ErrUnavailable, err)
	}
	var seal Seal
	if err := json.Unmarshal(raw, &seal); err != nil {
		return Seal{}, fmt.Errorf("%w: the seal of model %s is damaged: %w; install the model again", ErrUnavailable, folder, err)
	}
	for name, sum := range seal.Files {
		if now[name] != sum {
			return Seal{}, fmt.Errorf("%w: model %s is not what was proved: %s has changed; install the model again", ErrUnavailable, folder, name)
		}
	}
	return seal, nil
}

func writeSeal(folder string, seal Seal) error {
	raw, err := json.MarshalIndent(seal, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, sealName), append(raw, '\n'), 0o644)
}

// Proof is a sound whose words are known, by which a model shows that it works.
type Proof struct {
	Sound Sound
	Text  string // what the agent, on the right, says
}

// mostWrong is the character error rate above which a model is no good.
const mostWrong = 0.5

// Prove loads a model and has it read a sentence.
func Prove(ctx context.Context, model *Local, p Proof) error {
	raw, err := model.Transcribe(ctx, p.Sound)
	if err != nil {
		return err
	}
	text := NewText(nil, nil)
	var heard strings.Builder
	for _, u := range text.Transcript(raw, nil).Utterances {
		heard.WriteString(u.Text())
	}
	if rate := ErrorRate(text.Plain(p.Text), heard.String()); rate.Share() > mostWrong {
		return fmt.Errorf("the model does not hear what is said: it wrote %q for %q", heard.String(), p.Text)
	}
	return nil
}
