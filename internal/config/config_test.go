package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/internal/config"
)

type web struct {
	Addr string        `yaml:"addr"`
	Idle time.Duration `yaml:"idle"`
}

func (w web) Check() []string {
	var faults []string
	if w.Addr == "" {
		faults = append(faults, "addr: is missing; write e.g. 127.0.0.1:8080")
	}
	if w.Idle < 0 {
		faults = append(faults, "idle: is negative")
	}
	return faults
}

type settings struct {
	Demo bool `yaml:"demo"`
	Web  web  `yaml:"web"`
}

func load(t *testing.T, text string, environ ...string) (settings, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hotline.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var s settings
	err := config.Load(path, &s, environ)
	return s, err
}

func TestEnvironmentGoesOverTheFile(t *testing.T) {
	s, err := load(t, "demo: false\nweb:\n  addr: a:1\n", "HOTLINE_WEB_ADDR=b:2", "HOTLINE_DEMO=true", "HOTLINE_WEB_IDLE=3s")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(settings{Demo: true, Web: web{Addr: "b:2", Idle: 3 * time.Second}}, s); diff != "" {
		t.Error(diff)
	}
}

func TestEveryFaultIsToldWithItsLine(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		environ []string
		want    []config.Fault
	}{
		"checks": {text: "demo: true\nweb:\n  addr: \"\"\n  idle: -3s\n", want: []config.Fault{
			{Line: 3, Field: "web.addr", Message: "is missing; write e.g. 127.0.0.1:8080"},
			{Line: 4, Field: "web.idle", Message: "is negative"},
		}},
		"environment": {text: "web:\n  addr: a:1\n", environ: []string{"HOTLINE_DEMO=perhaps"}, want: []config.Fault{
			{Field: "demo", Message: `environment variable HOTLINE_DEMO: "perhaps" is neither true nor false`},
		}},
		"unknown field": {text: "web:\n  adr: a:1\n", want: []config.Fault{
			{Line: 2, Field: "adr", Message: `unknown field "adr"; see docs/operations.md for the fields there are`},
		}},
	} {
		_, err := load(t, c.text, c.environ...)
		var faults *config.Faults
		if !errors.As(err, &faults) {
			t.Errorf("%s: error %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, faults.Faults); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
