package asterisk

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite golden files")

func good() Config {
	return Config{
		Dir: "/r/asterisk", ControlDir: "/r/asterisk/run", ModuleDir: "/usr/lib/asterisk/modules", DataDir: "/usr/share/asterisk", MusicDir: "/usr/share/asterisk/moh",
		SystemName: "hl1", SIP: netip.MustParseAddrPort("0.0.0.0:5060"), HTTP: netip.MustParseAddrPort("127.0.0.1:8088"),
		RTP: PortRange{First: 10000, Last: 10399}, ExternalAddress: "198.51.100.7", LocalNets: []netip.Prefix{netip.MustParsePrefix("192.168.0.0/16")},
		App: "hotline", User: "hotline", Password: "0123456789abcdef", Lines: []string{"+886800000123"}, SorryPrompt: "/r/sounds/sorry",
		HoldFor: 90 * time.Second,
		Trunks: []Trunk{
			Loopback(),
			{
				Name: "carrier", Peer: "sip.carrier.example:5061", Register: &Registration{User: "0277001234", Password: "s3cret"}, Qualify: true,
				Allow: []string{"203.0.113.0/24", "203.0.114.9"}, Numbers: map[string]string{"123": "+886800000123", "0800000123": "+886800000123"},
			},
			{Name: "border", Peer: "[2001:db8::1]:5060"},
		},
	}
}

func TestRender(t *testing.T) {
	got, err := good().Render()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range got {
		golden := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(golden, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if string(data) != string(want) {
			t.Errorf("%s is now:\n%s", name, data)
		}
		if strings.Contains(string(data), "<no value>") {
			t.Errorf("%s has a hole", name)
		}
	}
	if len(got) < 10 {
		t.Errorf("only %d files", len(got))
	}
}

// Digits that callers press may be those of a card: no log of Asterisk's may take them.
func TestNoLogTakesDigits(t *testing.T) {
	files, err := good().Render()
	if err != nil {
		t.Fatal(err)
	}
	_, logs, ok := strings.Cut(string(files["logger.conf"]), "[logfiles]")
	if !ok {
		t.Fatal("logger.conf has no [logfiles]")
	}
	for _, level := range []string{"dtmf", "debug", "verbose", "*"} {
		if strings.Contains(logs, level) {
			t.Errorf("a log takes %s", level)
		}
	}
}

func TestFaultsComeTogether(t *testing.T) {
	c := good()
	c.Dir, c.SystemName, c.Password = "relative", "a-b", "short"
	c.HTTP = netip.MustParseAddrPort("198.51.100.7:8088")
	c.RTP = PortRange{First: 10, Last: 11}
	c.Lines = []string{"0800000123"}
	c.App = "hot line"
	c.Trunks = []Trunk{
		{Name: "Trunk", Peer: "a b", Register: &Registration{}, Allow: []string{"10/8"}, Numbers: map[string]string{"x": "y"}},
		{Name: "global"},
		{Name: "twice", Peer: "a"},
		{Name: "twice", Peer: "b"},
	}
	got := c.Check()
	for _, want := range []string{
		"run folder", "system name", "ari password", "loopback or private", "rtp ports", `line "0800000123"`, "application", `peer "a b"`, "register needs",
		`allow "10/8"`, `number "x"`, "not E.164", "none of global", "neither peer nor allow", "used twice",
	} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("nothing about %s in %q", want, got)
		}
	}
	if _, err := c.Render(); err == nil {
		t.Error("rendered in spite of faults")
	}
}

// FuzzSettingsStayOnTheirLine: whatever passes Check adds no line and no section of its own to any file.
func FuzzSettingsStayOnTheirLine(f *testing.F) {
	f.Add("carrier", "sip.example", "user", "password", "203.0.113.0/24", "123", "/r/sorry")
	f.Add("a", "b]\n[global", "u;", "p w", "fe80::1%eth0", "+1", "/r/s)")
	f.Fuzz(func(t *testing.T, name, peer, user, password, allow, dialled, prompt string) {
		plain, odd := good(), good()
		plain.Trunks = []Trunk{{
			Name: "n", Peer: "p", Register: &Registration{User: "u", Password: "p"}, Allow: []string{"10.0.0.0/8"},
			Numbers: map[string]string{"1": "+886800000123"},
		}}
		odd.Trunks = []Trunk{{
			Name: name, Peer: peer, Register: &Registration{User: user, Password: password}, Allow: []string{allow},
			Numbers: map[string]string{dialled: "+886800000123"},
		}}
		odd.SorryPrompt = prompt
		got, err := odd.Render()
		if err != nil {
			return
		}
		want, err := plain.Render()
		if err != nil {
			t.Fatal(err)
		}
		for file, data := range got {
			if a, b := shape(data), shape(want[file]); a != b {
				t.Errorf("%s has another shape:\n%s", file, data)
			}
		}
	})
}

// shape counts what Asterisk's reader of configurations would see as lines, sections and comments.
func shape(data []byte) [3]int {
	var n [3]int
	for line := range strings.Lines(strings.ReplaceAll(string(data), "\r", "\n")) {
		n[0]++
		if strings.HasPrefix(strings.TrimSpace(line), "[") {
			n[1]++
		}
		n[2] += strings.Count(line, ";")
	}
	return n
}
