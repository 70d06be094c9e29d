package asr

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"hotline/internal/speech"
	"hotline/qa/rule"
)

// Local hears with a model of this machine.
type Local struct {
	cfg     LocalConfig
	seal    Seal
	program *speech.Program
}

// LocalConfig names the model.
type LocalConfig struct {
	// Model is the folder of a Whisper, SenseVoice, Paraformer or transducer model in sherpa-onnx's layout.
	Model string `yaml:"model"`
	// VAD is Silero's model, which finds speech; silero_vad.onnx beside the model folder when empty.
	VAD string `yaml:"vad"`
	// Program is hotline-speech; looked for beside this binary and then on PATH when empty.
	Program string `yaml:"program"`
	// Threads of the model; 0 is all cores. The child runs at the lowest priority all the same.
	Threads int `yaml:"threads"`
	// MemoryMB is the child's limit in megabytes.
	MemoryMB int `yaml:"memory_mb"`
	// TimeLimit is for one window of at most 30 seconds.
	TimeLimit time.Duration `yaml:"time_limit"`
	// Languages that callers and agents speak, the likeliest first.
	Languages []string `yaml:"languages"`
}

func (c LocalConfig) withDefaults() LocalConfig {
	if c.VAD == "" {
		c.VAD = filepath.Join(filepath.Dir(filepath.Clean(c.Model)), vadName)
	}
	if c.MemoryMB <= 0 {
		c.MemoryMB = defaultMemoryMB
	}
	if c.Threads <= 0 {
		c.Threads = runtime.NumCPU()
	}
	if c.TimeLimit <= 0 {
		c.TimeLimit = defaultTimeLimit
	}
	if len(c.Languages) == 0 {
		c.Languages = []string{"zh", "en"}
	}
	return c
}

const vadName = "silero_vad.onnx"

// NewLocal checks that program and model exist; the model is not loaded before the first recording. Close ends the child.
func NewLocal(cfg LocalConfig, log *slog.Logger) (*Local, error) {
	cfg = cfg.withDefaults()
	for _, path := range []string{cfg.Model, cfg.VAD} {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("%w: %w; fetch one with: hotline models install", ErrUnavailable, err)
		}
	}
	seal, err := CheckModel(cfg.Model)
	if err != nil {
		return nil, err
	}
	program, err := speech.FindProgram(cfg.Program)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	args := []string{"hear", "--model", cfg.Model, "--vad", cfg.VAD, "--threads", strconv.Itoa(cfg.Threads), "--memory-mb", strconv.Itoa(cfg.MemoryMB)}
	return &Local{cfg: cfg, seal: seal, program: speech.NewProgram(program, args, cfg.TimeLimit, log)}, nil
}

// Name is the model folder's name, and which files exactly it holds.
func (l *Local) Name() string { return filepath.Base(l.cfg.Model) + "@" + l.seal.ID() }

// Close ends the child at once.
func (l *Local) Close() { l.program.Close() }

// Try loads the model.
func (l *Local) Try(ctx context.Context) (kind string, err error) {
	hello, err := l.program.Hello(ctx)
	if err != nil {
		return "", unavailable(err)
	}
	return hello.Model, nil
}

// Ready loads the model.
func (l *Local) Ready(ctx context.Context) error {
	_, err := l.Try(ctx)
	return err
}

func unavailable(err error) error {
	if errors.Is(err, speech.ErrProgram) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// modelRates are what the child takes.
const modelRate = 16000

// Transcribe hears one channel after the other.
func (l *Local) Transcribe(ctx context.Context, s Sound) (Raw, error) {
	raw := Raw{
		Length: int(s.Length().Milliseconds()), Speech: map[rule.Role][]rule.Span{}, Levels: map[rule.Role][]rule.Level{},
	}
	for c, role := range roles {
		channel, rate := s.Channels[c], s.Rate
		if rate != 8000 && rate != modelRate {
			channel, rate = resampled(channel, rate), modelRate
		}
		voices, err := l.find(ctx, channel, rate)
		if err != nil {
			return Raw{}, unavailable(err)
		}
		raw.Speech[role], raw.Levels[role] = voices, levels(channel, rate, voices)
		for _, w := range windows(voices, len(channel)*1000/rate) {
			said, err := l.hear(ctx, &w, channel, rate, role)
			if err != nil {
				return Raw{}, unavailable(err)
			}
			raw.Utterances = append(raw.Utterances, said...)
		}
	}
	slices.SortStableFunc(raw.Utterances, func(a, b rule.Utterance) int { return cmp.Compare(a.Start, b.Start) })
	return raw, nil
}

func resampled(samples []int16, rate int) []int16 {
	out := speech.Resample(floats(samples), rate, modelRate)
	whole := make([]int16, len(out))
	for i, v := range out {
		whole[i] = int16(max(-32768, min(32767, v*32768)))
	}
	return whole
}

// findPiece is how much of a channel is looked through at once, in seconds.
const findPiece = 60

// find returns where somebody speaks, in milliseconds.
func (l *Local) find(ctx context.Context, channel []int16, rate int) ([]rule.Span, error) {
	var voices []rule.Span
	for from := 0; from < len(channel); from += findPiece * rate {
		to := min(len(channel), from+findPiece*rate)
		request := speech.Request{Find: &speech.Find{Begin: from == 0, End: to == len(channel), Rate: rate}}
		reply, _, err := l.program.Ask(ctx, request, floats(channel[from:to]))
		if err != nil {
			return nil, fmt.Errorf("find speech: %w", err)
		}
		for _, v := range reply.Voiced {
			voices = append(voices, rule.Span{Start: int(v.Start) * 1000 / rate, End: int(v.End) * 1000 / rate})
		}
	}
	return soften(voices, channel, rate), nil
}

// hear writes down one window. Where the model is not sure it hears the window a second time, slowed down, and each stretch
// of speech is taken from the hearing in which it was surer. A model that hears much at once sometimes leaves a whole
// sentence out: what has hardly a word is heard again by itself.
func (l *Local) hear(ctx context.Context, w *window, channel []int16, rate int, role rule.Role) ([]rule.Utterance, error) {
	sound := floats(w.sound(channel, rate))
	heard, err := l.ask(ctx, sound, rate)
	if err != nil {
		return nil, err
	}
	units := w.sorted(heard)
	if sure(slices.Concat(units...)) < doubtful {
		slow, err := l.ask(ctx, speech.Resample(sound, rate*slowness/100, rate), rate)
		if err != nil {
			return nil, err
		}
		for i := range slow.Units {
			u := &slow.Units[i]
			u.Start, u.End = u.Start*slowness/100, u.End*slowness/100
		}
		for i, other := range w.sorted(slow) {
			if sure(other) > sure(units[i]) && !thin(other, w.pieces[i].voice) {
				units[i] = other
			}
		}
	}
	for i := range w.pieces {
		if len(w.pieces) == 1 || !thin(units[i], w.pieces[i].voice) {
			continue
		}
		alone := window{}
		alone.add(w.pieces[i])
		again, err := l.ask(ctx, floats(alone.sound(channel, rate)), rate)
		if err != nil {
			return nil, err
		}
		if more := alone.sorted(again)[0]; len(more) > len(units[i]) {
			units[i] = more
		}
	}
	return w.utterances(units, role, unclear(heard)), nil
}

const (
	doubtful = 0.9 // a window of which the model is surer is not heard again
	slowness = 87  // percent of the speed at which it is heard then, and of the pitch
)

// ask has the model hear sound.
func (l *Local) ask(ctx context.Context, sound []float32, rate int) (*speech.Heard, error) {
	request := speech.Request{Hear: &speech.Hear{Rate: rate, Lang: l.cfg.Languages}}
	reply, _, err := l.program.Ask(ctx, request, sound)
	if err != nil {
		return nil, fmt.Errorf("hear: %w", err)
	}
	if reply.Heard == nil {
		return nil, fmt.Errorf("hear: %w: no answer", speech.ErrProgram)
	}
	return reply.Heard, nil
}

const (
	leastVoice = 500 // ms: what is shorter may be a breath
	leastWords = 600 // ms of speech for each character; Mandarin on the telephone has 150 to 300
)

// thin says whether a stretch of speech has far fewer words than anybody says in it.
func thin(units []rule.Unit, voice rule.Span) bool {
	return voice.Length() >= leastVoice && len(units)*leastWords < voice.Length()
}

// between is the pause that parts two utterances, in milliseconds.
const between = 500

// sorted puts the units to the pieces in which they were said, on the recording's time line.
func (w *window) sorted(heard *speech.Heard) [][]rule.Unit {
	units := make([][]rule.Unit, len(w.pieces))
	for _, u := range heard.Units {
		p, span := w.place(rule.Span{Start: u.Start, End: u.End})
		units[p] = append(units[p], rule.Unit{Text: u.Text, Span: span, Sure: u.Sure})
	}
	return units
}

// utterances parts what was said where the speaker paused.
func (w *window) utterances(units [][]rule.Unit, role rule.Role, unclear string) []rule.Utterance {
	var all []rule.Utterance
	last := -1
	for p := range w.pieces {
		if len(units[p]) == 0 {
			continue
		}
		if last < 0 || w.pieces[p].voice.Start-w.pieces[last].voice.End >= between {
			all = append(all, rule.Utterance{Role: role, Span: units[p][0].Span, Unclear: unclear})
		}
		said := &all[len(all)-1]
		said.Units = append(said.Units, units[p]...)
		said.End = max(said.End, units[p][len(units[p])-1].End)
		last = p
	}
	return all
}

// Below these the model was not sure enough for anybody to be judged by what it wrote.
const (
	leastLanguage = 0.4 // that one of the expected languages is spoken
	leastSure     = 0.25
)

func unclear(heard *speech.Heard) string {
	if heard.Sure > 0 && heard.Sure < leastLanguage {
		return "language"
	}
	return ""
}

// levelWindow is how long a stretch is of which the loudness is measured, in milliseconds.
const levelWindow = 1000

// levels measures how loud speech is, window by window.
func levels(channel []int16, rate int, voices []rule.Span) []rule.Level {
	var all []rule.Level
	for _, v := range voices {
		for at := v.Start; at+levelWindow/2 <= v.End; at += levelWindow {
			span := rule.Span{Start: at, End: min(at+levelWindow, v.End)}
			part := channel[min(len(channel), span.Start*rate/1000):min(len(channel), span.End*rate/1000)]
			all = append(all, rule.Level{Span: span, DB: decibels(part)})
		}
	}
	return all
}
