package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/jackc/pgx/v5/pgxpool"

	deployed "hotline/deploy/asterisk"
	"hotline/internal/devstack"
	"hotline/internal/robot"
	"hotline/internal/sipphone"
	"hotline/recording/seal"
)

// line is the toll-free number of every stack, as dialled.
const line = "0800000123"

// stack is one whole call centre on free ports, for one test.
type stack struct {
	t        *testing.T
	dir      string
	config   string
	base     string // of the web server
	sip      netip.AddrPort
	control  string // address of the media gateway's control API
	rtp      [2]int // first and last of the gateway's RTP ports
	db       *pgxpool.Pool
	postgres *devstack.Postgres
	asterisk *devstack.Asterisk
	serve    *devstack.Process
	media    *devstack.Process
	worker   *devstack.Process
	bucket   bucket            // of sealed recordings; none when they are kept in a folder
	store    *devstack.Process // which serves the bucket
	logins   map[string]login
	// masterKey is the file with the key that seals recordings.
	masterKey string
	specs     map[string]devstack.Spec
	phone     *sipphone.Phone
}

// login is one of the demo company's people.
type login struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Name     string `json:"name"`
	Role     string `json:"role"`
}

// hotlineBinary is bin/hotline, built by the Makefile before these tests run.
func hotlineBinary(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../bin/hotline")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("bin/hotline is missing; run: make build (%v)", err)
	}
	return path
}

// newStack starts everything and stops it when the test ends. change may edit the settings before the start.
func newStack(t *testing.T, change func(settings map[string]any)) *stack {
	t.Helper()
	return newStackOn(t, devstack.PostgresOptions{Volatile: true}, 1000, change)
}

// newStackOn is newStack with so many past calls, and with a database that may be killed when it isn't volatile.
func newStackOn(t *testing.T, database devstack.PostgresOptions, calls int, change func(settings map[string]any)) *stack {
	t.Helper()
	s := &stack{t: t, dir: t.TempDir(), logins: map[string]login{}, specs: map[string]devstack.Spec{}}
	ctx := limit(t, 2*time.Minute)
	if err := os.Chmod(s.dir, 0o755); err != nil { // Asterisk and PostgreSQL run as other users
		t.Fatal(err)
	}

	pg, err := devstack.StartPostgres(ctx, filepath.Join(s.dir, "pg"), database)
	must(t, err)
	s.postgres = pg
	t.Cleanup(func() { _ = pg.Stop() })
	sounds := filepath.Join(s.dir, "sounds")
	must(t, os.MkdirAll(sounds, 0o755))
	s.asterisk, err = devstack.StartAsterisk(ctx, filepath.Join(s.dir, "asterisk"), devstack.AsteriskOptions{
		Config: deployed.Config{Lines: []string{"+886800000123"}}, RTPPorts: 1600, Shares: []string{sounds},
	})
	must(t, err)
	t.Cleanup(func() { _ = s.asterisk.Stop(); _ = s.asterisk.Clean() })
	s.sip = s.asterisk.SIP

	s.settings(pg.DSN, sounds, change)
	s.db, err = pgxpool.New(ctx, pg.DSN)
	must(t, err)
	t.Cleanup(s.db.Close)
	s.tool("migrate")
	s.tool("demo-data", "--customers", "300", "--calls", strconv.Itoa(calls))
	s.readLogins()

	s.media = s.start("media")
	s.worker = s.start("worker")
	s.serve = s.start("serve")
	s.phone, err = sipphone.New()
	must(t, err)
	t.Cleanup(func() { _ = s.phone.Close() })
	t.Cleanup(s.showLogs)
	return s
}

// settings writes hotline.yaml.
func (s *stack) settings(dsn, sounds string, change func(map[string]any)) {
	t := s.t
	t.Helper()
	ports, err := devstack.FreePorts(4)
	must(t, err)
	rtp, err := devstack.FreePortBlock(800)
	must(t, err)
	token, recordings := rand.Text(), filepath.Join(s.dir, "recordings")
	s.masterKey = filepath.Join(s.dir, "recordings.key")
	if _, err := os.Stat(s.masterKey); err != nil {
		_, err = seal.NewKeyFile(s.masterKey)
		must(t, err)
	}
	s.base, s.control = "http://"+ports[0].String(), ports[1].String()
	s.rtp = [2]int{int(rtp), int(rtp) + 799}
	values := map[string]any{
		"log": "debug", "demo": true, "demo_users": filepath.Join(s.dir, "demo-users.json"), "state": filepath.Join(s.dir, "state"),
		"postgres":   map[string]any{"dsn": dsn},
		"web":        map[string]any{"addr": ports[0].String()},
		"asterisk":   map[string]any{"url": s.asterisk.URL(), "app": s.asterisk.App, "user": s.asterisk.User, "password": s.asterisk.Password},
		"gateway":    map[string]any{"addr": ports[1].String(), "token": token},
		"recordings": map[string]any{"dir": recordings, "key_files": []string{s.masterKey}},
		"media": map[string]any{
			"listen": ports[1].String(), "token": token, "media_ip": "127.0.0.1", "rtp_port_min": int(rtp), "rtp_port_max": int(rtp) + 799,
			"ice_udp": ports[2].String(), "ice_tcp": ports[3].String(), "recordings": recordings,
		},
		"speak": map[string]any{"sounds": sounds, "espeak": true},
		// Tests of sound want the processor for themselves; those of quality take this out.
		"asr":      map[string]any{"local": map[string]any{"model": filepath.Join(s.dir, "no-model")}},
		"callers":  map[string]any{"sip": s.sip.String(), "number": line, "pace": "5s"},
		"services": map[string]any{"orders": map[string]any{"demo": "orders"}, "bank": map[string]any{"demo": "payments"}},
		"notify":   map[string]any{"sms": "mailbox", "mail": "mailbox"},
	}
	if change != nil {
		change(values)
	}
	raw, err := yaml.Marshal(values)
	must(t, err)
	s.config = filepath.Join(s.dir, "hotline.yaml")
	must(t, os.WriteFile(s.config, raw, 0o600))
}

// tool runs a subcommand to its end.
func (s *stack) tool(args ...string) string {
	s.t.Helper()
	cmd := exec.CommandContext(limit(s.t, 2*time.Minute), hotlineBinary(s.t), append(args, "--config", s.config)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("hotline %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (s *stack) readLogins() {
	s.t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.dir, "demo-users.json"))
	must(s.t, err)
	var all []login
	must(s.t, json.Unmarshal(raw, &all))
	for _, l := range all {
		s.logins[l.Login] = l
	}
}

// start runs one of Hotline's processes until the test ends, or until it is killed.
func (s *stack) start(name string) *devstack.Process {
	s.t.Helper()
	spec := devstack.Spec{
		Name:    name,
		Command: func() *exec.Cmd { return exec.Command(hotlineBinary(s.t), name, "--config", s.config) },
	}
	switch name {
	case "serve":
		spec.Ready = s.healthy(s.base + "/readyz")
	case "media":
		spec.Ready = nil
	}
	s.specs[name] = spec
	p, err := devstack.Launch(spec, filepath.Join(s.dir, name+".log"), true)
	must(s.t, err)
	s.t.Cleanup(func() { _ = p.Stop() })
	must(s.t, p.AwaitReady(limit(s.t, time.Minute)))
	return p
}

// revive starts PostgreSQL again after it was killed. What is left of it holds the data for a moment.
func (s *stack) revive() error {
	ctx := limit(s.t, time.Minute)
	for {
		p, err := devstack.Start(ctx, s.postgres.Spec, filepath.Join(s.dir, "pg", "postgres.log"))
		if err == nil {
			s.postgres.Process = p
			s.db.Reset() // its connections were to the old one
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
	}
}

func (s *stack) healthy(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = res.Body.Close() }()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", url, res.Status)
		}
		return nil
	}
}

// showLogs prints the last lines of every log of a test that failed.
func (s *stack) showLogs() {
	if !s.t.Failed() {
		return
	}
	for _, name := range []string{"serve", "media", "worker"} {
		lines, err := devstack.LastLines(filepath.Join(s.dir, name+".log"), 60)
		if err != nil {
			continue
		}
		s.t.Logf("--- last lines of %s ---", name)
		for _, l := range lines {
			s.t.Log(l)
		}
	}
}

// agent signs a robot in, with desk and sound, and makes it ready.
func (s *stack) agent(name string) *robot.Agent {
	s.t.Helper()
	ctx := limit(s.t, 30*time.Second)
	l, ok := s.logins[name]
	if !ok {
		s.t.Fatalf("no demo login %q", name)
	}
	a, err := robot.SignIn(ctx, s.base, l.Login, l.Password)
	must(s.t, err)
	s.t.Cleanup(a.Close)
	must(s.t, a.Open(ctx))
	must(s.t, a.OpenSound(ctx))
	must(s.t, a.Ready(ctx))
	return a
}

// dial rings the line and hangs up when the test ends.
func (s *stack) dial(from sipphone.From) *sipphone.Call {
	s.t.Helper()
	call, err := s.phone.Dial(limit(s.t, 20*time.Second), s.sip, line, from)
	must(s.t, err)
	s.t.Cleanup(func() { _ = call.Hangup(context.Background()) })
	return call
}

// limit is a context that ends with the test, or after d.
func limit(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually asks until ok, and fails the test with why when that takes longer than d.
func eventually(t *testing.T, d time.Duration, what string, ok func() error) {
	t.Helper()
	deadline := time.NewTimer(d)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ok()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("%s: not within %s: %v", what, d, err)
		}
	}
}
