//go:build cgo

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hotline/internal/speech"

	sherpa "github.com/k2-fsa/sherpa-onnx-go/sherpa_onnx"
)

// silenceScale shortens the model's pauses inside a sentence, which last more
// than a second at a comma, to about a quarter of a second.
const silenceScale = 0.2

// load opens a voice folder.
func load(folder, espeakData string, threads int) (*sherpa.OfflineTts, error) {
	kokoro, err := kokoroFiles(folder)
	if err != nil {
		return nil, fmt.Errorf("voice folder %q: %w", folder, err)
	}
	kokoro.DataDir = espeakData
	if espeakData == "" {
		return nil, errors.New("espeak-ng's data folder is missing: install the package espeak-ng-data or name the folder")
	}
	config := sherpa.OfflineTtsConfig{MaxNumSentences: 1, SilenceScale: silenceScale}
	config.Model.Kokoro = kokoro
	config.Model.NumThreads = max(1, threads)
	tts := sherpa.NewOfflineTts(&config)
	if tts == nil {
		return nil, fmt.Errorf("voice folder %q: sherpa-onnx does not accept it", folder)
	}
	return tts, nil
}

// kokoroFiles finds the files of a Kokoro folder. They are checked here because
// sherpa-onnx ends the process when one is missing.
func kokoroFiles(folder string) (sherpa.OfflineTtsKokoroModelConfig, error) {
	files := sherpa.OfflineTtsKokoroModelConfig{LengthScale: 1}
	models, err := filepath.Glob(filepath.Join(folder, "model*.onnx"))
	if err != nil || len(models) == 0 {
		return files, errors.Join(err, errors.New("it has no model*.onnx"))
	}
	// Where a folder has both, the int8 model is the faster one.
	files.Model = models[0]
	if i := slices.IndexFunc(models, func(m string) bool { return strings.Contains(filepath.Base(m), "int8") }); i >= 0 {
		files.Model = models[i]
	}
	files.Voices = filepath.Join(folder, "voices.bin")
	files.Tokens = filepath.Join(folder, "tokens.txt")
	for _, name := range []string{files.Voices, files.Tokens} {
		if _, err := os.Stat(name); err != nil {
			return files, fmt.Errorf("it is not Kokoro's: %w", err)
		}
	}
	lexicons, err := filepath.Glob(filepath.Join(folder, "lexicon*.txt"))
	if err != nil {
		return files, err
	}
	files.Lexicon = strings.Join(lexicons, ",")
	return files, nil
}

// answer speaks what a request asks for.
func answer(tts *sherpa.OfflineTts, request speech.Request) (speech.Reply, []float32) {
	reply, r := speech.Reply{ID: request.ID}, request.Speak
	switch {
	case r == nil:
		reply.Error = "a voice can only speak"
		return reply, nil
	case r.Speaker < 0 || r.Speaker >= tts.NumSpeakers():
		reply.Error = fmt.Sprintf("the voice folder has no speaker %d, only 0 to %d", r.Speaker, tts.NumSpeakers()-1)
		return reply, nil
	case !(r.Speed >= 0.25 && r.Speed <= 4):
		reply.Error = fmt.Sprintf("speed %g is not between 0.25 and 4", r.Speed)
		return reply, nil
	case strings.ContainsRune(r.Text, 0):
		reply.Error = "the text contains a zero byte"
		return reply, nil
	}
	sound := tts.GenerateWithConfig(r.Text, &sherpa.GenerationConfig{SilenceScale: silenceScale, Speed: float32(r.Speed), Sid: r.Speaker}, nil)
	if sound == nil || len(sound.Samples) == 0 {
		reply.Error = fmt.Sprintf("the model gave no sound for %.60q", r.Text)
		return reply, nil
	}
	reply.Rate = sound.SampleRate
	return reply, sound.Samples
}
