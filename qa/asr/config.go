package asr

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Config says what hears the site's recordings: a service when its address is given, else a model of this machine.
type Config struct {
	Local    LocalConfig  `yaml:"local"`
	Server   ServerConfig `yaml:"server"`
	Glossary []string     `yaml:"glossary"` // the site's own terms, which a model does not know
}

// Check returns every fault of the configuration, in words for the operator.
func (c Config) Check() []string {
	faults := c.Server.Check()
	if c.Local.Threads < 0 || c.Local.Threads > 256 {
		faults = append(faults, fmt.Sprintf("local.threads: %d; give 1 to 256, or leave it out for all cores", c.Local.Threads))
	}
	if c.Local.MemoryMB < 0 {
		faults = append(faults, fmt.Sprintf("local.memory_mb: %d; give megabytes, or leave it out for %d", c.Local.MemoryMB, defaultMemoryMB))
	}
	if c.Local.TimeLimit < 0 || c.Local.TimeLimit > time.Hour {
		faults = append(faults, fmt.Sprintf("local.time_limit: %s; give up to 1h, or leave it out for %s", c.Local.TimeLimit, defaultTimeLimit))
	}
	return faults
}

// Site is the one transcriber of a site. It is opened when it is first needed, and looked for again each time until there is
// one: a model may be installed while the worker runs.
type Site struct {
	cfg Config
	log *slog.Logger

	mu    sync.Mutex
	model Transcriber
	local *Local // the same, to close it
}

// NewSite opens nothing yet.
func NewSite(cfg Config, log *slog.Logger) *Site { return &Site{cfg: cfg, log: log} }

// Model returns the transcriber, or an error of ErrUnavailable that says what to do.
func (s *Site) Model() (Transcriber, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.model != nil {
		return s.model, nil
	}
	if s.cfg.Server.URL != "" {
		server, err := NewServer(s.cfg.Server)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		s.model = server
		return s.model, nil
	}
	local, err := OpenLocal(s.cfg.Local, s.log)
	if err != nil {
		return nil, err
	}
	s.model, s.local = local, local
	return s.model, nil
}

// Close ends the model's child process.
func (s *Site) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.local != nil {
		s.local.Close()
	}
}

// OpenLocal is NewLocal with the best model that is installed when none is named.
func OpenLocal(cfg LocalConfig, log *slog.Logger) (*Local, error) {
	if cfg.Model == "" {
		dir, err := ModelsDir()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		if cfg.Model, err = FindModel(dir); err != nil {
			return nil, err
		}
	}
	return NewLocal(cfg, log)
}

const (
	defaultMemoryMB  = 3072
	defaultTimeLimit = 3 * time.Minute
)
