//go:build cgo

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	sherpa "github.com/k2-fsa/sherpa-onnx-go/sherpa_onnx"
	ort "github.com/yalue/onnxruntime_go"

	"hotline/internal/speech"
)

// recogniser writes down what is said in a window of at most 30 seconds.
type recogniser interface {
	hear(sound []float32, request *speech.Hear) (*speech.Heard, error)
}

// ears are the two models that hearing takes: where somebody speaks, and what is said.
type ears struct {
	model string
	words recogniser
	vad   string // path of the model
	find  *finder
}

func hearFlags(args []string) (folder, vad string, threads int, memory uint64, err error) {
	flags := flag.NewFlagSet("hear", flag.ContinueOnError)
	flags.StringVar(&folder, "model", "", "model `folder`")
	flags.StringVar(&vad, "vad", "", "Silero VAD, a `file`")
	flags.IntVar(&threads, "threads", 1, "threads of the model")
	flags.Uint64Var(&memory, "memory-mb", 0, "limit of memory in megabytes, 0 for none")
	return folder, vad, threads, memory, flags.Parse(args)
}

// openEars loads what the folder holds.
func openEars(folder, vad string, threads int) (*ears, error) {
	if _, err := os.Stat(vad); err != nil {
		return nil, fmt.Errorf("the model that finds speech: %w", err)
	}
	kind, err := modelKind(folder)
	if err != nil {
		return nil, fmt.Errorf("model folder %q: %w", folder, err)
	}
	e := &ears{model: kind, vad: vad}
	if kind == kindWhisper {
		e.words, err = loadWhisper(folder, threads)
	} else {
		e.words, err = loadSherpa(kind, folder, threads)
	}
	if err != nil {
		return nil, fmt.Errorf("model folder %q: %w", folder, err)
	}
	return e, nil
}

// The kinds of models, by the model_type that their files say of themselves, or by the files.
const (
	kindWhisper    = "whisper"
	kindSenseVoice = "sense_voice"
	kindParaformer = "paraformer"
	kindTransducer = "transducer"
)

// modelKind recognises what a folder holds.
func modelKind(folder string) (string, error) {
	if _, err := modelFile(folder, "*tokens.txt"); err != nil {
		return "", fmt.Errorf("it is no speech model of sherpa-onnx: %w", err)
	}
	has := func(pattern string) bool { _, err := modelFile(folder, pattern); return err == nil }
	switch {
	case has("*encoder*.onnx") && has("*decoder*.onnx") && has("*joiner*.onnx"):
		return kindTransducer, nil
	case has("*encoder*.onnx") && has("*decoder*.onnx"):
		return kindWhisper, nil
	}
	path, err := modelFile(folder, "model*.onnx")
	if err != nil {
		return "", errors.New("it has neither *encoder*.onnx and *decoder*.onnx nor model*.onnx")
	}
	kind, err := modelType(path)
	switch {
	case err != nil:
		return "", err
	case strings.HasPrefix(kind, kindSenseVoice):
		return kindSenseVoice, nil
	case strings.HasPrefix(kind, kindParaformer):
		return kindParaformer, nil
	}
	return "", fmt.Errorf("%s is of a kind that is not supported: %q", filepath.Base(path), kind)
}

func modelType(path string) (kind string, err error) {
	meta, err := ort.GetModelMetadata(path)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	defer func() { err = errors.Join(err, meta.Destroy()) }()
	kind, _, err = meta.LookupCustomMetadataMap("model_type")
	return kind, err
}

// modelFile finds a file of a model. Where a folder has both, the int8 one is the faster.
func modelFile(folder, pattern string) (string, error) {
	found, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(found) == 0 {
		return "", errors.Join(err, fmt.Errorf("it has no %s", pattern))
	}
	if i := slices.IndexFunc(found, func(f string) bool { return strings.Contains(filepath.Base(f), "int8") }); i >= 0 {
		return found[i], nil
	}
	return found[0], nil
}

// startRuntime makes the ONNX runtime that sherpa-onnx brings along usable by itself; it is loaded already.
func startRuntime() error {
	ort.SetSharedLibraryPath("libonnxruntime.so")
	if err := ort.InitializeEnvironment(); err != nil {
		return fmt.Errorf("start the ONNX runtime: %w", err)
	}
	return nil
}

// answer does what a request asks for.
func (e *ears) answer(request speech.Request, sound []float32) speech.Reply {
	reply := speech.Reply{ID: request.ID}
	var err error
	switch {
	case request.Find != nil:
		reply.Voiced, err = e.voiced(request.Find, sound)
	case request.Hear != nil && (request.Hear.Rate != 8000 && request.Hear.Rate != whisperRate):
		err = fmt.Errorf("%d samples a second are neither 8000 nor %d", request.Hear.Rate, whisperRate)
	case request.Hear != nil && len(sound) > 30*request.Hear.Rate:
		err = fmt.Errorf("%.1f seconds are more than 30", float64(len(sound))/float64(request.Hear.Rate))
	case request.Hear != nil:
		reply.Heard, err = e.words.hear(sound, request.Hear)
	default:
		err = errors.New("ears can only hear")
	}
	if err != nil {
		reply.Error = err.Error()
	}
	return reply
}

// finder is Silero's voice activity detection on one channel that comes in pieces.
type finder struct {
	vad  *sherpa.VoiceActivityDetector
	rest []float32
}

// A stretch of speech begins above vadThreshold and ends after a silence of vadPause seconds. The threshold is below
// Silero's usual 0.5, which cuts the beginnings of words on the telephone.
const (
	vadThreshold = 0.35
	vadPause     = 0.25
	vadLeast     = 0.15
	vadMost      = 20
	vadWindow    = 512
)

func (e *ears) voiced(request *speech.Find, sound []float32) ([]speech.Voiced, error) {
	if request.Begin || e.find == nil {
		e.closeFinder()
		config := sherpa.VadModelConfig{SampleRate: whisperRate, NumThreads: 1, Provider: "cpu"}
		config.SileroVad = sherpa.SileroVadModelConfig{
			Model: e.vad, Threshold: vadThreshold, MinSilenceDuration: vadPause, MinSpeechDuration: vadLeast,
			WindowSize: vadWindow, MaxSpeechDuration: vadMost,
		}
		vad := sherpa.NewVoiceActivityDetector(&config, 2*vadMost)
		if vad == nil {
			return nil, fmt.Errorf("sherpa-onnx does not accept %s", e.vad)
		}
		e.find = &finder{vad: vad}
	}
	found := e.find.feed(speech.Resample(sound, request.Rate, whisperRate), request.End)
	for i := range found { // back to the rate of the request
		found[i].Start = found[i].Start * int64(request.Rate) / whisperRate
		found[i].End = found[i].End * int64(request.Rate) / whisperRate
	}
	if request.End {
		e.closeFinder()
	}
	return found, nil
}

func (e *ears) closeFinder() {
	if e.find != nil {
		sherpa.DeleteVoiceActivityDetector(e.find.vad)
		e.find = nil
	}
}

func (f *finder) feed(sound []float32, end bool) []speech.Voiced {
	f.rest = append(f.rest, sound...)
	for len(f.rest) >= vadWindow {
		f.vad.AcceptWaveform(f.rest[:vadWindow])
		f.rest = f.rest[vadWindow:]
	}
	if end {
		f.vad.Flush()
	}
	var found []speech.Voiced
	for !f.vad.IsEmpty() {
		s := f.vad.Front()
		found = append(found, speech.Voiced{Start: int64(s.Start), End: int64(s.Start + len(s.Samples))})
		f.vad.Pop()
	}
	return found
}
