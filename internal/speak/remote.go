package speak

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// RemoteConfig describes a speech server with OpenAI's interface: POST /v1/audio/speech
// (https://platform.openai.com/docs/api-reference/audio/createSpeech).
type RemoteConfig struct {
	// URL up to and without /v1/audio/speech; empty: no such server is used.
	URL string `yaml:"url"`
	// KeyFile holds the bearer token; empty where the server wants none.
	KeyFile string `yaml:"key_file"`
	Model   string `yaml:"model"`
	// Voices by language, as the server names them.
	Voices map[string]string `yaml:"voices"`
	// TimeLimit for one sentence; 0 is 30s.
	TimeLimit time.Duration `yaml:"time_limit"`
}

func (c RemoteConfig) check() (faults []string) {
	if c.URL == "" {
		return nil
	}
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		faults = append(faults, fmt.Sprintf("remote.url: %q is no address; write e.g. https://speech.example", c.URL))
	}
	if c.Model == "" {
		faults = append(faults, "remote.model: name the model that speaks")
	}
	for lang := range c.Voices {
		if lang != Mandarin && lang != English {
			faults = append(faults, fmt.Sprintf("remote.voices: language %q is neither %s nor %s", lang, Mandarin, English))
		}
	}
	if len(c.Voices) == 0 {
		faults = append(faults, "remote.voices: name a voice for each language that it speaks")
	}
	if c.TimeLimit < 0 {
		faults = append(faults, "remote.time_limit: must not be below 0")
	}
	return faults
}

// maxRemote is the longest answer in bytes: a minute and a half of 48 kHz sound.
const maxRemote = MaxStudioSize

// Remote is the engine on a server with OpenAI's interface.
type Remote struct {
	cfg  RemoteConfig
	key  string
	http *http.Client
}

// NewRemote reads the key; the server is not asked before the first sentence.
func NewRemote(cfg RemoteConfig) (*Remote, error) {
	r := &Remote{cfg: cfg, http: &http.Client{Timeout: cfg.TimeLimit}}
	if cfg.TimeLimit == 0 {
		r.http.Timeout = 30 * time.Second
	}
	if cfg.KeyFile != "" {
		key, err := os.ReadFile(cfg.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("read the key of the speech server: %w", err)
		}
		r.key = strings.TrimSpace(string(key))
	}
	return r, nil
}

// Name is the model with the language's voice.
func (r *Remote) Name(lang string) string { return r.cfg.Model + "/" + r.cfg.Voices[lang] }

// Speak asks the server for one sentence. A language without a voice is left to the next engine.
func (r *Remote) Speak(ctx context.Context, lang, sentence string) (sound Sound, err error) {
	voice := r.cfg.Voices[lang]
	if voice == "" {
		return Sound{}, fmt.Errorf("%w: the speech server has no voice for %s", ErrEngine, lang)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w: ask the speech server: %w", ErrEngine, err)
		}
	}()
	body, err := json.Marshal(map[string]string{"model": r.cfg.Model, "voice": voice, "input": sentence, "response_format": "wav"})
	if err != nil {
		return Sound{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(r.cfg.URL, "/")+"/v1/audio/speech", bytes.NewReader(body))
	if err != nil {
		return Sound{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	res, err := r.http.Do(req)
	if err != nil {
		return Sound{}, err
	}
	defer func() { _ = res.Body.Close() }() // It was only read.
	wav, err := io.ReadAll(io.LimitReader(res.Body, maxRemote+1))
	switch {
	case err != nil:
		return Sound{}, err
	case res.StatusCode != http.StatusOK:
		return Sound{}, fmt.Errorf("%s: %.200s", res.Status, oneLine(string(wav)))
	case len(wav) > maxRemote:
		return Sound{}, fmt.Errorf("its answer has more than %d bytes", maxRemote)
	}
	return parseWAV(wav)
}
