package speak

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"hotline/internal/speech"
)

// Speaker is one voice of a voice folder.
type Speaker struct {
	Number int     `json:"speaker" yaml:"speaker"` // from 0
	Speed  float64 `json:"speed" yaml:"speed"`     // 1 is the voice's own; 0 counts as 1
}

// ErrEngine is wrapped by errors of an engine that may work again later, as
// opposed to ErrText.
var ErrEngine = errors.New("speech engine failed")

// VoiceFolder is the engine that speaks with a sherpa-onnx voice folder through
// the child process hotline-speech, one sentence at a time. Close ends it.
type VoiceFolder struct {
	cfg     VoiceConfig
	program *speech.Program
}

// NewVoiceFolder checks that the program and the folder exist; the model is not
// loaded before the first sentence.
func NewVoiceFolder(cfg VoiceConfig, log *slog.Logger) (*VoiceFolder, error) {
	cfg = cfg.withDefaults()
	if info, err := os.Stat(cfg.Folder); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("voice folder %s: %w", cfg.Folder, errors.Join(err, errors.New("not a readable folder")))
	}
	program, err := speech.FindProgram(cfg.Program)
	if err != nil {
		return nil, err
	}
	args := []string{
		"speak", "--voice", cfg.Folder, "--espeak-data", cfg.EspeakData,
		"--threads", strconv.Itoa(cfg.Threads), "--memory-mb", strconv.Itoa(cfg.MemoryMB),
	}
	return &VoiceFolder{cfg: cfg, program: speech.NewProgram(program, args, cfg.TimeLimit, log)}, nil
}

// Name is the folder's name with the speaker and speed of the language.
func (v *VoiceFolder) Name(lang string) string {
	return v.name(v.speaker(lang))
}

func (v *VoiceFolder) name(s Speaker) string {
	return fmt.Sprintf("%s/%d@%.2f", filepath.Base(v.cfg.Folder), s.Number, s.Speed)
}

func (v *VoiceFolder) speaker(lang string) Speaker {
	s := v.cfg.Speakers[lang]
	if s.Speed == 0 {
		s.Speed = 1
	}
	return s
}

// Speak speaks one sentence with the language's speaker.
func (v *VoiceFolder) Speak(ctx context.Context, lang, sentence string) (Sound, error) {
	return v.SpeakAs(ctx, v.speaker(lang), sentence)
}

// SpeakAs speaks one sentence with any speaker of the folder.
func (v *VoiceFolder) SpeakAs(ctx context.Context, s Speaker, sentence string) (Sound, error) {
	request := speech.Request{Speak: &speech.Speak{Text: sentence, Speaker: s.Number, Speed: s.Speed}}
	reply, samples, err := v.program.Ask(ctx, request, nil)
	if errors.Is(err, speech.ErrProgram) {
		return Sound{}, fmt.Errorf("%w: %w", ErrEngine, err)
	}
	if err != nil {
		return Sound{}, err
	}
	if reply.Rate <= 0 || len(samples) == 0 {
		return Sound{}, fmt.Errorf("speak with %s: %w", v.name(s), ErrSilent)
	}
	return Sound{Rate: reply.Rate, Samples: samples}, nil
}

// Close ends the child at once; the sentence being spoken, and every later one,
// fails.
func (v *VoiceFolder) Close() { v.program.Close() }
