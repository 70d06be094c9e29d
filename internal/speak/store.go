package speak

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/zaf/g711"
	"golang.org/x/sync/singleflight"
)

// Extension of the files in the sounds folder: raw G.711 mu-law, 8 kHz, which
// Asterisk sends to a PCMU caller as it is.
const Extension = ".ulaw"

// failureRest is how long an engine is not asked again for a text it failed on.
const failureRest = time.Minute

// ErrNoVoice says that a phrase has no recording and no engine could speak it.
var ErrNoVoice = errors.New("nothing can speak this phrase")

// Engine speaks sentences.
type Engine interface {
	// Name tells voices and settings apart: sound of engines with different names
	// is kept apart in the cache.
	Name(lang string) string
	// Speak turns one sentence into sound. It may take seconds.
	Speak(ctx context.Context, lang, sentence string) (Sound, error)
}

// Pack is a set of recordings.
type Pack interface {
	// Recording returns the 8 kHz samples of a phrase, or false when it has none.
	Recording(lang, text string) ([]int16, bool)
}

// Source says where the sound of a phrase comes from.
type Source string

// The sources, best first.
const (
	Recorded Source = "recorded" // the voice pack
	Cached   Source = "cached"   // spoken before
	Made     Source = "made"     // spoken now by an engine
)

// Store keeps the sound files. Its methods may be called from any goroutine.
type Store struct {
	dir     string
	packs   []Pack // the first that has a phrase counts
	engines []Engine
	log     *slog.Logger

	flight singleflight.Group // by file path
	making sync.WaitGroup     // who waits for a flight, or left it behind
	warn   sync.Once          // about an engine of last resort

	mu     sync.Mutex
	failed map[string]time.Time // engine and key -> when it may be asked again; guarded by mu
}

// NewStore makes the folder when it is missing. The engines are asked in order.
// Close the store to end their processes.
func NewStore(dir string, packs []Pack, engines []Engine, log *slog.Logger) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("sounds folder: %w", err)
	}
	// World-readable whatever the umask: Asterisk runs as another user.
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the sounds folder: %w", err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open the sounds folder to Asterisk: %w", err)
	}
	s := &Store{dir: dir, packs: packs, engines: engines, log: log, failed: make(map[string]time.Time)}
	if err := writeFile(s.Tone()+Extension, encode(beep())); err != nil {
		return nil, err
	}
	return s, nil
}

// Close ends the engines' processes, and waits for the files that are being written.
func (s *Store) Close() {
	for _, e := range s.engines {
		if c, ok := e.(interface{ Close() }); ok {
			c.Close()
		}
	}
	s.making.Wait()
}

// Path returns the phrase's sound file as an absolute path without extension, as
// Asterisk's "sound:" media want it. A file that is not there yet is made, which
// takes an engine seconds; the making goes on when ctx ends, so that the next
// call has it. Errors wrap ErrText (the phrase will never work) or ErrNoVoice.
func (s *Store) Path(ctx context.Context, p Phrase) (string, error) {
	path, _, err := s.find(ctx, p)
	return path, err
}

// Paths returns the files of phrases that are played one after the other.
func (s *Store) Paths(ctx context.Context, phrases []Phrase) ([]string, error) {
	out := make([]string, 0, len(phrases))
	for _, p := range phrases {
		path, err := s.Path(ctx, p)
		if err != nil {
			return nil, err
		}
		out = append(out, path)
	}
	return out, nil
}

// Publish gives the phrase's sound a name of its own in the sounds folder, without
// extension, for a dialplan, which cannot ask the store.
func (s *Store) Publish(ctx context.Context, name string, p Phrase) error {
	if name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return fmt.Errorf("publish sound: %q is not a plain file name", name)
	}
	path, err := s.Path(ctx, p)
	if err != nil {
		return fmt.Errorf("publish sound %s: %w", name, err)
	}
	sound, err := os.ReadFile(path + Extension)
	if err != nil {
		return fmt.Errorf("publish sound %s: %w", name, err)
	}
	return writeFile(filepath.Join(s.dir, name+Extension), sound)
}

func (s *Store) find(ctx context.Context, p Phrase) (string, Source, error) {
	if err := p.Check(); err != nil {
		return "", "", fmt.Errorf("speak %.40q: %w", p.Text, err)
	}
	key := Key(p.Lang, p.Text)
	if samples, ok := s.recording(p); ok {
		path, err := s.recorded(key, samples)
		if err != nil {
			return "", "", err
		}
		return path, Recorded, nil
	}
	var reasons []error
	for _, e := range s.engines {
		path := s.path(key, e.Name(p.Lang))
		if isFile(path + Extension) {
			return path, Cached, nil
		}
		if !s.mayTry(path) {
			reasons = append(reasons, fmt.Errorf("%s failed on it a moment ago", e.Name(p.Lang)))
			continue
		}
		err := s.make(ctx, path, p, e)
		if err == nil {
			return path, Made, nil
		}
		if ctx.Err() != nil {
			// A poorer voice now is better than a good one too late.
			if path, ok := s.cached(key, p.Lang); ok {
				return path, Cached, nil
			}
			return "", "", fmt.Errorf("speak %.40q: %w", p.Text, err)
		}
		s.log.Warn("an engine could not speak a phrase", "engine", e.Name(p.Lang), "key", key, "error", err)
		reasons = append(reasons, err)
	}
	return "", "", fmt.Errorf("speak %.40q: %w: %w", p.Text, ErrNoVoice, errors.Join(append(reasons, errNoMore)...))
}

func (s *Store) recording(p Phrase) ([]int16, bool) {
	for _, pack := range s.packs {
		if samples, ok := pack.Recording(p.Lang, p.Text); ok {
			return samples, true
		}
	}
	return nil, false
}

// Voicing is how a phrase is spoken.
type Voicing struct {
	// Source is Recorded, or Cached; empty when an engine has still to speak it.
	Source Source
	// Voice is the engine that has spoken it, or will be asked first; empty for a recording, or when nobody can.
	Voice string
	// LastResort says that this engine sounds like a robot.
	LastResort bool
}

// Voicing says how a phrase is spoken, and makes nothing.
func (s *Store) Voicing(p Phrase) Voicing {
	if _, ok := s.recording(p); ok {
		return Voicing{Source: Recorded}
	}
	key := Key(p.Lang, p.Text)
	for _, e := range s.engines {
		if isFile(s.path(key, e.Name(p.Lang)) + Extension) {
			return Voicing{Source: Cached, Voice: e.Name(p.Lang), LastResort: lastResort(e)}
		}
	}
	if len(s.engines) == 0 || p.Check() != nil {
		return Voicing{}
	}
	first := s.engines[0]
	return Voicing{Voice: first.Name(p.Lang), LastResort: lastResort(first)}
}

func lastResort(e Engine) bool {
	last, ok := e.(interface{ LastResort() bool })
	return ok && last.LastResort()
}

// Samples returns the sound of a phrase, which is made if need be. Errors are those of Path.
func (s *Store) Samples(ctx context.Context, p Phrase) ([]int16, error) {
	path, err := s.Path(ctx, p)
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(path + Extension)
	if err != nil {
		return nil, fmt.Errorf("read the sound of %.40q: %w", p.Text, err)
	}
	samples := make([]int16, len(raw))
	for i, b := range raw {
		samples[i] = g711.DecodeUlawFrame(b)
	}
	return samples, nil
}

// cached returns the file of the best engine that has spoken the phrase.
func (s *Store) cached(key, lang string) (string, bool) {
	for _, e := range s.engines {
		if path := s.path(key, e.Name(lang)); isFile(path + Extension) {
			return path, true
		}
	}
	return "", false
}

var errNoMore = errors.New("no engine is left")

// path names a file by the phrase and by what made it, so that a better voice,
// once it is configured, is not hidden by what a poorer one has left behind.
func (s *Store) path(key, made string) string {
	sum := sha256.Sum256([]byte(made))
	return filepath.Join(s.dir, key+"-"+hex.EncodeToString(sum[:4]))
}

// recorded writes a pack's recording once; another recording of the same phrase
// gets another name.
func (s *Store) recorded(key string, samples []int16) (string, error) {
	sound := encode(samples)
	path := s.path(key, string(sound))
	if isFile(path + Extension) {
		return path, nil
	}
	_, err, _ := s.flight.Do(path, func() (any, error) { return nil, writeFile(path+Extension, sound) })
	return path, err
}

// make lets the engine speak the phrase into path, once for all who wait for it.
func (s *Store) make(ctx context.Context, path string, p Phrase, e Engine) error {
	made := make(chan error, 1)
	s.making.Go(func() { made <- (<-s.fly(ctx, path, p, e)).Err })
	select {
	case err := <-made:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for %s: %w", e.Name(p.Lang), ctx.Err())
	}
}

func (s *Store) fly(ctx context.Context, path string, p Phrase, e Engine) <-chan singleflight.Result {
	return s.flight.DoChan(path, func() (any, error) {
		if lastResort(e) {
			s.warn.Do(func() {
				s.log.Warn("phrases without a recording are spoken by the engine of last resort; configure a voice folder or record them with `hotline speak`",
					"engine", e.Name(p.Lang), "first", p.Text)
			})
		}
		samples, err := speakWith(context.WithoutCancel(ctx), p, e.Speak)
		if err == nil {
			err = writeFile(path+Extension, encode(samples))
		}
		if err != nil {
			s.rest(path)
		}
		return nil, err
	})
}

func (s *Store) mayTry(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().After(s.failed[path])
}

func (s *Store) rest(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed[path] = time.Now().Add(failureRest)
}

// Progress is called after each phrase of a long job.
type Progress func(done, total int, p Phrase, from Source, err error)

// Report is the result of Prepare.
type Report struct {
	Recorded, Cached, Made int
	// NoRecording are the phrases that an engine speaks because the voice pack
	// lacks them.
	NoRecording []Phrase
	// Failed are those that nobody can speak, with the reasons.
	Failed []error
}

// Prepare makes the files of all phrases in advance, each once. It goes on after
// failures, which are in the report; the error is that of ctx. progress may be
// nil.
func (s *Store) Prepare(ctx context.Context, phrases []Phrase, progress Progress) (Report, error) {
	var r Report
	phrases = unique(phrases)
	for i, p := range phrases {
		_, from, err := s.find(ctx, p)
		if ctx.Err() != nil {
			return r, fmt.Errorf("prepare phrases: %w", ctx.Err())
		}
		switch from {
		case Recorded:
			r.Recorded++
		case Cached:
			r.Cached++
		case Made:
			r.Made++
		}
		if from != Recorded {
			r.NoRecording = append(r.NoRecording, p)
		}
		if err != nil {
			r.Failed = append(r.Failed, err)
		}
		if progress != nil {
			progress(i+1, len(phrases), p, from, err)
		}
	}
	return r, nil
}

// unique drops repeated phrases and keeps the order.
func unique(phrases []Phrase) []Phrase {
	seen := make(map[string]bool, len(phrases))
	var out []Phrase
	for _, p := range phrases {
		if key := Key(p.Lang, p.Text); !seen[key] {
			seen[key] = true
			out = append(out, p)
		}
	}
	return out
}

// speakWith speaks a whole phrase, sentence by sentence.
func speakWith(ctx context.Context, p Phrase, speak func(ctx context.Context, lang, sentence string) (Sound, error)) ([]int16, error) {
	var sounds []Sound
	for _, sentence := range Sentences(Spoken(p.Lang, p.Text)) {
		sound, err := speak(ctx, p.Lang, sentence)
		if err != nil {
			return nil, err
		}
		sounds = append(sounds, sound)
	}
	return telephone(sounds)
}

func encode(samples []int16) []byte {
	out := make([]byte, len(samples))
	for i, v := range samples {
		out[i] = g711.EncodeUlawFrame(v)
	}
	return out
}

// writeFile puts a world-readable file in place as a whole: a reader sees the
// old one, none, or the new one.
func writeFile(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
