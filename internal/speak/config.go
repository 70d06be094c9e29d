package speak

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Config says where sound is kept and who speaks what has no recording.
type Config struct {
	// Sounds is the folder for files that Asterisk plays. It must be readable for
	// Asterisk's user; the files in it can be deleted at any time.
	Sounds string `yaml:"sounds"`
	// Voice speaks what is not in the voice pack; without a folder it is skipped.
	Voice VoiceConfig `yaml:"voice"`
	// Remote speaks what the voice folder does not; without a URL it is skipped.
	Remote RemoteConfig `yaml:"remote"`
	// Espeak lets espeak-ng speak when nothing better does.
	Espeak bool `yaml:"espeak"`
}

// VoiceConfig describes a sherpa-onnx voice folder and the child that speaks
// with it.
type VoiceConfig struct {
	// Folder holds model*.onnx, voices.bin, tokens.txt and lexicon*.txt; empty:
	// no voice folder is used.
	Folder string `yaml:"folder"`
	// Speakers by language; the default is the shipped voice pack's.
	Speakers map[string]Speaker `yaml:"speakers"`
	// Program is hotline-speech: a path, or a name looked for beside this binary
	// and then on PATH.
	Program string `yaml:"program"`
	// EspeakData is espeak-ng's data folder, which pronounces Latin letters; found
	// by itself where the distribution's package espeak-ng-data is installed.
	EspeakData string `yaml:"espeak_data"`
	// Threads of the model; 0 is all cores.
	Threads int `yaml:"threads"`
	// MemoryMB is the child's limit in megabytes.
	MemoryMB int `yaml:"memory_mb"`
	// TimeLimit for one sentence.
	TimeLimit time.Duration `yaml:"time_limit"`
}

// DefaultSpeakers are the voices of the shipped pack: Kokoro's zf_xiaoxiao and
// af_heart, which hurries through short sentences and is slowed down.
func DefaultSpeakers() map[string]Speaker {
	return map[string]Speaker{Mandarin: {Number: 2, Speed: 1}, English: {Number: 8, Speed: 0.9}}
}

// DefaultConfig uses espeak-ng alone; Sounds must be filled in.
func DefaultConfig() Config {
	return Config{Voice: VoiceConfig{}.withDefaults(), Espeak: true}
}

func (c VoiceConfig) withDefaults() VoiceConfig {
	speakers := DefaultSpeakers()
	maps.Copy(speakers, c.Speakers)
	c.Speakers = speakers
	if c.EspeakData == "" {
		c.EspeakData = findEspeakData()
	}
	if c.Threads <= 0 {
		c.Threads = defaultThreads()
	}
	if c.MemoryMB <= 0 {
		c.MemoryMB = 2048
	}
	if c.TimeLimit <= 0 {
		c.TimeLimit = 2 * time.Minute
	}
	return c
}

// Check lists everything that is wrong with the configuration.
func (c Config) Check() []string {
	var faults []string
	if c.Sounds == "" {
		faults = append(faults, "sounds: name the folder for sound files")
	} else if !filepath.IsAbs(c.Sounds) {
		faults = append(faults, fmt.Sprintf("sounds: %q must be an absolute path, Asterisk runs in another folder", c.Sounds))
	}
	if c.Voice.Folder != "" {
		if info, err := os.Stat(c.Voice.Folder); err != nil || !info.IsDir() {
			faults = append(faults, fmt.Sprintf("voice.folder: %q is not a readable folder", c.Voice.Folder))
		}
	}
	for _, lang := range slices.Sorted(maps.Keys(c.Voice.Speakers)) {
		s := c.Voice.Speakers[lang]
		if lang != Mandarin && lang != English {
			faults = append(faults, fmt.Sprintf("voice.speakers: language %q is neither %s nor %s", lang, Mandarin, English))
		}
		if s.Number < 0 {
			faults = append(faults, fmt.Sprintf("voice.speakers.%s.speaker: %d is below 0", lang, s.Number))
		}
		if s.Speed != 0 && (s.Speed < 0.5 || s.Speed > 2) {
			faults = append(faults, fmt.Sprintf("voice.speakers.%s.speed: %g is not between 0.5 and 2", lang, s.Speed))
		}
	}
	if c.Voice.Threads < 0 || c.Voice.MemoryMB < 0 || c.Voice.TimeLimit < 0 {
		faults = append(faults, "voice: threads, memory_mb and time_limit must not be below 0")
	}
	return append(faults, c.Remote.check()...)
}

// Open makes the store of the configuration with its engines: the voice folder
// first, then the speech server, then espeak-ng. An engine that cannot be used is left out with a
// warning: what has a recording is still heard.
func Open(cfg Config, packs []Pack, log *slog.Logger) (*Store, error) {
	if faults := cfg.Check(); len(faults) > 0 {
		return nil, fmt.Errorf("speech configuration: %s", strings.Join(faults, "; "))
	}
	var engines []Engine
	if cfg.Voice.Folder != "" {
		voice, err := NewVoiceFolder(cfg.Voice, log)
		if err != nil {
			log.Warn("the voice folder is not used", "error", err)
		} else {
			engines = append(engines, voice)
		}
	}
	if cfg.Remote.URL != "" {
		remote, err := NewRemote(cfg.Remote)
		if err != nil {
			log.Warn("the speech server is not used", "error", err)
		} else {
			engines = append(engines, remote)
		}
	}
	if cfg.Espeak {
		robot, err := NewEspeak()
		if err != nil {
			log.Warn("espeak-ng is not used", "error", err)
		} else {
			engines = append(engines, robot)
		}
	}
	return NewStore(cfg.Sounds, packs, engines, log)
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
