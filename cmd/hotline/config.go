package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"hotline/campaign"
	"hotline/internal/asterisk"
	"hotline/internal/config"
	"hotline/internal/dialler"
	"hotline/internal/gateway"
	"hotline/internal/jobs"
	"hotline/internal/notify"
	"hotline/internal/pg"
	"hotline/internal/services"
	"hotline/internal/speak"
	"hotline/qa/asr"
	"hotline/qa/chat"
	"hotline/recording/evidence"
	"hotline/web"
)

// settings is hotline.yaml; docs/operations.md describes every field.
type settings struct {
	Log        logConfig            `yaml:"log"`
	Name       string               `yaml:"name"`       // of the firm, on the sign-in page
	Demo       bool                 `yaml:"demo"`       // show the demo logins on the sign-in page
	DemoUsers  string               `yaml:"demo_users"` // file that demo-data writes them to
	State      string               `yaml:"state"`      // folder of the controller's own files
	Flows      []string             `yaml:"flows"`      // flow files or folders; none: those shipped
	Postgres   pg.Config            `yaml:"postgres"`
	Web        web.Config           `yaml:"web"`
	Asterisk   asterisk.Config      `yaml:"asterisk"`
	Gateway    gateway.ClientConfig `yaml:"gateway"`
	Media      gateway.Config       `yaml:"media"`
	Recordings recordings           `yaml:"recordings"`
	Evidence   evidence.Config      `yaml:"evidence"`
	Speak      speak.Config         `yaml:"speak"`
	Jobs       jobs.Config          `yaml:"jobs"`
	ASR        asr.Config           `yaml:"asr"`
	Chat       chat.Config          `yaml:"chat"`
	Floor      floorConfig          `yaml:"floor"`
	Callers    callersConfig        `yaml:"callers"`
	Services   services.Config      `yaml:"services"` // that flows may ask
	Outbound   dialler.Config       `yaml:"outbound"` // calls that campaigns make
	Notify     notify.Config        `yaml:"notify"`   // messages to customers
	Campaigns  campaign.Config      `yaml:"campaigns"`
}

// logConfig is the least level that is logged: debug, info, warn or error.
type logConfig string

func (l logConfig) level() (slog.Level, error) {
	var level slog.Level
	err := level.UnmarshalText([]byte(l))
	return level, err
}

// Check returns what is wrong with it.
func (l logConfig) Check() []string {
	if _, err := l.level(); err != nil {
		return []string{fmt.Sprintf("%q is no level; write debug, info, warn or error", string(l))}
	}
	return nil
}

// floorConfig holds for all queues. Zero takes the default in brackets.
type floorConfig struct {
	MediaGrace time.Duration `yaml:"media_grace"` // how long a talk waits for the agent's lost sound [60s]
	DeskGrace  time.Duration `yaml:"desk_grace"`  // without a desk for so long, an idle agent is signed out [5m]
}

// Check returns what is wrong with it.
func (f floorConfig) Check() []string {
	var faults []string
	if f.MediaGrace < 0 {
		faults = append(faults, fmt.Sprintf("media_grace: %s is negative; write e.g. 60s", f.MediaGrace))
	}
	if f.DeskGrace < 0 {
		faults = append(faults, fmt.Sprintf("desk_grace: %s is negative; write e.g. 5m", f.DeskGrace))
	}
	return faults
}

// callersConfig is whom the demo callers ring.
type callersConfig struct {
	SIP    string        `yaml:"sip"`    // host:port
	Number string        `yaml:"number"` // as dialled
	Pace   time.Duration `yaml:"pace"`   // between two calls, about
	Phones string        `yaml:"phones"` // host:port at which customers take the calls of campaigns; empty: they do not
}

// Check returns what is wrong with it.
func (c callersConfig) Check() []string {
	var faults []string
	if !strings.Contains(c.SIP, ":") {
		faults = append(faults, fmt.Sprintf("sip: %q is no address with a port; write e.g. 127.0.0.1:5060", c.SIP))
	}
	if c.Phones != "" && !strings.Contains(c.Phones, ":") {
		faults = append(faults, fmt.Sprintf("phones: %q is no address with a port; write e.g. 127.0.0.1:5066", c.Phones))
	}
	if c.Number == "" {
		faults = append(faults, "number: is missing; write the number to dial, e.g. 0800000123")
	}
	if c.Pace < time.Second {
		faults = append(faults, fmt.Sprintf("pace: %s is too fast; write e.g. 30s", c.Pace))
	}
	return faults
}

// load reads the settings and checks the sections that the command needs.
func load(path string, sections ...string) (settings, *slog.Logger, error) {
	s := settings{
		Log: "info", Name: "Hotline", Media: gateway.DefaultConfig(), Speak: speak.DefaultConfig(),
		Callers: callersConfig{SIP: "127.0.0.1:5060", Number: "0800000123", Pace: 10 * time.Second},
	}
	if err := config.Load(path, &s, os.Environ(), append(sections, "log")...); err != nil {
		return s, nil, err
	}
	level, err := s.Log.level()
	if err != nil {
		return s, nil, err
	}
	return s, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})), nil
}
