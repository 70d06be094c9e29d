package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"hotline/internal/config"
	"hotline/internal/devstack"
	"hotline/recording/evidence"
)

var update = flag.Bool("update", false, "rewrite golden files")

// The test program plays two other parts: hotline-dev itself, and a hotline that only listens.
func TestMain(m *testing.M) {
	switch {
	case strings.HasSuffix(os.Args[0], "/hotline"):
		pretend(os.Args[1])
	case os.Getenv("HOTLINE_TEST_AS_DEV") != "":
		main()
	default:
		os.Exit(m.Run())
	}
}

func pretend(role string) {
	var conf struct {
		DemoUsers string `yaml:"demo_users"`
		Web       struct{ Addr string }
		Media     struct{ Listen string }
	}
	data, err := os.ReadFile(os.Args[3])
	if err == nil {
		err = yaml.Unmarshal(data, &conf)
	}
	yes := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	fmt.Println("pretending to be", role, err)
	switch role {
	case "demo-data":
		users, _ := json.Marshal([]demoUser{{Login: "mei", Password: "open-sesame", Name: "陳美玲", Role: "agent"}})
		if err := os.WriteFile(conf.DemoUsers, users, 0o600); err != nil {
			os.Exit(1)
		}
	case "serve":
		if os.Getenv("HOTLINE_TEST_BROKEN") != "" {
			fmt.Println("flow main.yaml:7: no such step")
			os.Exit(2)
		}
		fmt.Println(http.ListenAndServe(conf.Web.Addr, yes))
	case "media":
		fmt.Println(http.ListenAndServe(conf.Media.Listen, yes))
	case "migrate":
	default:
		select {}
	}
}

// freeEnv is an environment in which every port is a free one.
func freeEnv(t *testing.T) []string {
	t.Helper()
	ports, err := devstack.FreePorts(6)
	if err != nil {
		t.Fatal(err)
	}
	first, err := devstack.FreePortBlock(40)
	if err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(),
		"HOTLINE_WEB_ADDR="+ports[0].String(), "HOTLINE_SIP_ADDR="+ports[1].String(), "HOTLINE_ASTERISK_HTTP="+ports[2].String(),
		"HOTLINE_MEDIA_LISTEN="+ports[3].String(), "HOTLINE_MEDIA_ICE_UDP="+ports[4].String(), "HOTLINE_MEDIA_ICE_TCP="+ports[4].String(),
		fmt.Sprint("HOTLINE_ASTERISK_RTP_PORT_MIN=", first), fmt.Sprint("HOTLINE_ASTERISK_RTP_PORT_MAX=", first+39),
		"HOTLINE_DEMO_PHONES="+ports[5].String(), "HOTLINE_TEST_AS_DEV=1")
}

type bench struct {
	run, hotline string
	env          []string
}

func newBench(t *testing.T) bench {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a real Asterisk and PostgreSQL")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b := bench{run: filepath.Join(t.TempDir(), "run"), hotline: filepath.Join(t.TempDir(), "hotline"), env: freeEnv(t)}
	if err := os.Symlink(self, b.hotline); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = b.dev(context.Background(), "down") })
	return b
}

func (b bench) dev(ctx context.Context, args ...string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, append(args, "--run", b.run, "--hotline", b.hotline)...)
	cmd.Env = b.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (b bench) records(t *testing.T) []devstack.Record {
	t.Helper()
	records, err := devstack.ReadRecords(filepath.Join(b.run, "pids"))
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func TestUpUpDownDown(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	for n, want := range []string{"mei", "It runs already."} {
		out, err := b.dev(ctx, "up")
		if err != nil || !strings.Contains(out, want) || !strings.Contains(out, "open-sesame") {
			t.Fatalf("up %d: %v\n%s", n+1, err, out)
		}
	}
	records := b.records(t)
	if len(records) != 6 {
		t.Fatalf("records %+v", records)
	}
	if out, err := b.dev(ctx, "status"); err != nil || strings.Count(out, "ready") != 6 {
		t.Errorf("status: %v\n%s", err, out)
	}

	// What dies is started again.
	media := records[2]
	if media.Name != "media" {
		t.Fatalf("records %+v", records)
	}
	if err := syscall.Kill(media.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "media runs again", func() bool {
		for _, r := range b.records(t) {
			if r.Name == "media" {
				return r.Ready && r.Restarts == 1 && r.Alive()
			}
		}
		return false
	})

	records = b.records(t)
	for n, want := range []string{"stopped demo, serve, worker, media, asterisk, postgres", "nothing was running"} {
		out, err := b.dev(ctx, "down")
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("down %d: %v\n%s", n+1, err, out)
		}
	}
	for _, r := range records {
		if r.Alive() {
			t.Errorf("%s lives on", r.Name)
		}
	}
	for _, e := range b.env {
		if addr, ok := strings.CutPrefix(e, "HOTLINE_WEB_ADDR="); ok {
			l, err := net.Listen("tcp", addr)
			if err != nil {
				t.Errorf("the port is not free: %v", err)
			} else if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestDownAfterTheSupervisorWasKilled(t *testing.T) {
	b := newBench(t)
	if out, err := b.dev(t.Context(), "up"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r, ok := supervisor(b.run)
	if !ok {
		t.Fatal("no supervisor")
	}
	if err := syscall.Kill(r.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the supervisor is gone", func() bool { return !r.Alive() })
	records := b.records(t)
	if out, err := b.dev(t.Context(), "up"); err != nil || !strings.Contains(out, "an earlier run had left: demo, serve") {
		t.Errorf("up again: %v\n%s", err, out)
	}
	for _, r := range records {
		if r.Alive() {
			t.Errorf("%s of the earlier run lives on", r.Name)
		}
	}
	if out, err := b.dev(t.Context(), "down"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestUpTellsWhyItFailed(t *testing.T) {
	b := newBench(t)
	b.env = append(b.env, "HOTLINE_TEST_BROKEN=1")
	out, err := b.dev(t.Context(), "up")
	if err == nil || !strings.Contains(out, "flow main.yaml:7: no such step") {
		t.Errorf("%v\n%s", err, out)
	}
	if left := b.records(t); len(left) != 0 {
		t.Errorf("left behind %+v", left)
	}
}

func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.Now().Add(20 * time.Second)
	for !yes() {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
		<-tick.C
	}
}

func TestPortsInUseAreNamedTogether(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	s := stack{run: "/r"}
	s.settings.Web.Addr, s.settings.SIP.Addr = l.Addr().String(), c.LocalAddr().String()
	s.settings.Asterisk.HTTP, s.settings.Media.Listen, s.settings.Media.ICEUDP = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	err = s.checkPorts()
	for _, want := range []string{"web.addr", "sip.addr", "address already in use", "HOTLINE_SIP_ADDR", "/r/settings.yaml"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestSettingsFaultsComeTogether(t *testing.T) {
	run := t.TempDir()
	if _, err := loadSettings(run, nil); err != nil {
		t.Fatalf("the sample itself: %v", err)
	}
	text := `web: {addr: "8080", cert_file: a.pem}
sip:
  number: hello
  external_address: 198.51.100.7
asterisk: {rtp_port_min: 7}
trunks:
- {name: Carrier, numbers: {"0800": "0800000123"}}
`
	if err := os.WriteFile(filepath.Join(run, "settings.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := loadSettings(run, []string{"HOTLINE_DEMO=perhaps"})
	var faults *config.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		"web.addr", "web.cert_file", "sip.number", "sip.local_nets", "asterisk.rtp_port_min", "the name must be", "neither peer nor allow",
		`leads to "0800000123"`, "HOTLINE_DEMO", "settings.yaml:3",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing about %s in:\n%v", want, err)
		}
	}
}

func TestHotlineYAML(t *testing.T) {
	run := t.TempDir()
	set, err := loadSettings(run, nil)
	if err != nil {
		t.Fatal(err)
	}
	set.Media.PublicIPs = []string{"198.51.100.7"}
	got, err := renderHotline(hotlineView{
		settings: set, Log: "info", DemoUsers: "/r/demo-users.json", State: "/r/state", DSN: "postgres://hotline@/hotline?host=%2Fr%2Fpg",
		ARI: "http://127.0.0.1:8088/ari", App: "hotline", User: "hotline", PasswordFile: "/r/secrets/ari", Token: `to"ken`,
		Recordings: "/r/recordings", RecordingsKey: "/r/keys/recordings.key", Sounds: "/r/sounds", CallersSIP: "127.0.0.1:5060", OutboundEndpoint: "PJSIP/loopback/sip:{number}@127.0.0.1:5066",
		EvidenceKey: "/r/keys/evidence.pem", EvidenceCopies: "/r/evidence",
	})
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "hotline.yaml")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("rendered:\n%s\nwant:\n%s", got, want)
	}
	var any map[string]any
	if err := yaml.Unmarshal([]byte(got), &any); err != nil {
		t.Error(err)
	}
}

func TestTheSigningKeyStaysTheSame(t *testing.T) {
	run := t.TempDir()
	var keys [2][]byte
	for i := range keys {
		path, err := signingKey(run)
		if err != nil {
			t.Fatal(err)
		}
		if keys[i], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
		if _, err := evidence.SigningKey(path); err != nil {
			t.Error(err)
		}
	}
	if !bytes.Equal(keys[0], keys[1]) {
		t.Error("the key is another one at the second start")
	}
}

func TestSecretsStayTheSame(t *testing.T) {
	run := t.TempDir()
	a, err := secret(run, "ari")
	if err != nil {
		t.Fatal(err)
	}
	b, err := secret(run, "ari")
	if err != nil || a != b || len(a) < 20 {
		t.Errorf("%q then %q, %v", a, b, err)
	}
	info, err := os.Stat(filepath.Join(run, "secrets", "ari"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestLineOf(t *testing.T) {
	for in, want := range map[string]string{
		"0800000123": "+886800000123", "0800-000-123": "+886800000123", "(02) 2345-6789": "+886223456789", "+886 800 000 123": "+886800000123",
		"800000123": "", "": "", "0": "", "0800x": "", "+1": "",
	} {
		got, err := lineOf(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestSummaryNamesPeopleAndNumber(t *testing.T) {
	run := t.TempDir()
	set, err := loadSettings(run, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(run, "demo-users.json"), []byte(`[{"login":"mei","password":"pw","name":"陳美玲","role":"agent"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	summary(&out, &stack{run: run, settings: set})
	for _, want := range []string{"http://127.0.0.1:8080", "mei", "pw", "陳美玲", "sip:0800000123@127.0.0.1:5060"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("nothing about %s in:\n%s", want, out.String())
		}
	}
}
