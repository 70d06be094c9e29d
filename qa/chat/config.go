package chat

import (
	"errors"
	"fmt"
	"net/url"
	"time"
)

// ErrUnavailable means that the service cannot be asked now, for whatever call.
var ErrUnavailable = errors.New("the model that answers questions is not available")

// Config is a service with an OpenAI-compatible /v1/chat/completions: vLLM, llama.cpp, Ollama and others.
type Config struct {
	URL     string `yaml:"url"`      // up to and without /chat/completions, e.g. http://10.0.0.5:8000/v1; empty: nobody is asked
	Model   string `yaml:"model"`    // as the service names it
	KeyFile string `yaml:"key_file"` // holds the API key
	Key     string `yaml:"key"`      // the same from the environment, HOTLINE_CHAT_KEY
	// Consent says that the site lets what was said in calls go to this service.
	Consent bool `yaml:"consent"`
	// AtOnce is how many requests run at a time; 0 means 2.
	AtOnce int `yaml:"at_once"`
	// TimeLimit for one request; 0 means 2 minutes.
	TimeLimit time.Duration `yaml:"time_limit"`
	// MaxText is how many characters of a call go out; a longer call is a person's to answer. 0 means 60,000.
	MaxText int `yaml:"max_text"`
}

// MostAtOnce is the most that at_once may be.
const MostAtOnce = 16

const (
	usualAtOnce    = 2
	usualTimeLimit = 2 * time.Minute
	usualMaxText   = 60_000
)

// Check returns every fault of the configuration, in words for the operator.
func (c Config) Check() []string {
	if c.URL == "" {
		return nil
	}
	var faults []string
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		faults = append(faults, fmt.Sprintf("url: %q is no address; write e.g. http://10.0.0.5:8000/v1", c.URL))
	}
	if c.Model == "" {
		faults = append(faults, "model: is missing; write the model's name as the service knows it")
	}
	if c.Key != "" && c.KeyFile != "" {
		faults = append(faults, "key: is there twice; give either key_file or HOTLINE_CHAT_KEY")
	}
	if !c.Consent {
		faults = append(faults, "consent: is not given; write true when the site lets what was said in calls go to that service")
	}
	if c.AtOnce < 0 || c.AtOnce > MostAtOnce {
		faults = append(faults, fmt.Sprintf("at_once: %d; give 1 to %d, or leave it out for %d", c.AtOnce, MostAtOnce, usualAtOnce))
	}
	if c.TimeLimit < 0 || c.TimeLimit > time.Hour {
		faults = append(faults, fmt.Sprintf("time_limit: %s; give up to 1h, or leave it out for %s", c.TimeLimit, usualTimeLimit))
	}
	if c.MaxText < 0 {
		faults = append(faults, fmt.Sprintf("max_text: %d; give characters, or leave it out for %d", c.MaxText, usualMaxText))
	}
	return faults
}
