package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	_ "embed"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/goccy/go-yaml"

	asterisk "hotline/deploy/asterisk"
	"hotline/internal/config"
	"hotline/recording/seal"
)

//go:embed settings.yaml
var settingsSample []byte

//go:embed hotline.yaml.tmpl
var hotlineYAML string

// settings is RUN/settings.yaml, whose comments explain the fields.
type settings struct {
	Demo          bool          `yaml:"demo"`
	DemoCustomers int           `yaml:"demo_customers"`
	DemoCalls     int           `yaml:"demo_calls"`
	DemoPace      time.Duration `yaml:"demo_pace"`
	DemoPhones    string        `yaml:"demo_phones"`

	Web         webSettings      `yaml:"web"`
	SIP         sipSettings      `yaml:"sip"`
	Asterisk    asteriskSettings `yaml:"asterisk"`
	Media       mediaSettings    `yaml:"media"`
	VoiceFolder string           `yaml:"voice_folder"`
	Outbound    string           `yaml:"outbound_endpoint"`
	Trunks      trunks           `yaml:"trunks"`
}

type webSettings struct {
	Addr      string `yaml:"addr"`
	PublicURL string `yaml:"public_url"`
	CertFile  string `yaml:"cert_file"`
	KeyFile   string `yaml:"key_file"`
}

// Check returns what is wrong.
func (w webSettings) Check() []string {
	faults := checkAddr(nil, "addr", w.Addr)
	if (w.CertFile == "") != (w.KeyFile == "") {
		faults = append(faults, "cert_file: give cert_file and key_file, or neither")
	}
	return faults
}

type sipSettings struct {
	Addr            string   `yaml:"addr"`
	ExternalAddress string   `yaml:"external_address"`
	LocalNets       []string `yaml:"local_nets"`
	Number          string   `yaml:"number"`
}

// Check returns what is wrong.
func (s sipSettings) Check() []string {
	faults := checkAddr(nil, "addr", s.Addr)
	if _, err := lineOf(s.Number); err != nil {
		faults = append(faults, "number: "+err.Error())
	}
	if _, err := prefixes(s.LocalNets); err != nil {
		faults = append(faults, "local_nets: "+err.Error())
	}
	if s.ExternalAddress != "" && len(s.LocalNets) == 0 {
		faults = append(faults, "local_nets: needed with external_address, e.g. [192.168.0.0/16]")
	}
	return faults
}

type asteriskSettings struct {
	HTTP       string `yaml:"http"`
	PortMin    int    `yaml:"rtp_port_min"`
	PortMax    int    `yaml:"rtp_port_max"`
	SystemName string `yaml:"system_name"`
}

// Check returns what is wrong; what concerns Asterisk itself is checked when its configuration is rendered.
func (a asteriskSettings) Check() []string {
	return checkPorts(checkAddr(nil, "http", a.HTTP), a.PortMin, a.PortMax)
}

type mediaSettings struct {
	Listen    string   `yaml:"listen"`
	MediaIP   string   `yaml:"media_ip"`
	PortMin   int      `yaml:"rtp_port_min"`
	PortMax   int      `yaml:"rtp_port_max"`
	ICEUDP    string   `yaml:"ice_udp"`
	ICETCP    string   `yaml:"ice_tcp"`
	PublicIPs []string `yaml:"public_ips"`
}

// Check returns what is wrong.
func (m mediaSettings) Check() []string {
	faults := checkAddr(nil, "listen", m.Listen)
	faults = checkAddr(faults, "ice_udp", m.ICEUDP)
	if m.ICETCP != "" {
		faults = checkAddr(faults, "ice_tcp", m.ICETCP)
	}
	return checkPorts(faults, m.PortMin, m.PortMax)
}

type trunks []asterisk.Trunk

// Check returns what is wrong.
func (t trunks) Check() []string {
	c := asterisk.Config{Trunks: append([]asterisk.Trunk{asterisk.Loopback()}, t...)}
	return c.CheckTrunks()
}

func checkAddr(faults []string, field, addr string) []string {
	if a, err := netip.ParseAddrPort(addr); err != nil || a.Port() == 0 {
		faults = append(faults, fmt.Sprintf("%s: %q is no address with a port; write e.g. 127.0.0.1:8080", field, addr))
	}
	return faults
}

func checkPorts(faults []string, first, last int) []string {
	if first < 1024 || last > 65535 || last-first < 3 {
		faults = append(faults, fmt.Sprintf("rtp_port_min: %d to %d: at least 4 ports between 1024 and 65535 are needed", first, last))
	}
	return faults
}

// lineOf is the E.164 form of a number as people in Taiwan write it.
func lineOf(number string) (string, error) {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -()", r) {
			return -1
		}
		return r
	}, number)
	line := digits
	if national, ok := strings.CutPrefix(digits, "0"); ok {
		line = "+886" + national
	}
	if !strings.HasPrefix(line, "+") || strings.Trim(line[1:], "0123456789") != "" || len(line) < 5 || len(line) > 16 {
		return "", fmt.Errorf("%q is no number; write it as people dial it, e.g. 0800000123, or as E.164", number)
	}
	return line, nil
}

func prefixes(in []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range in {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%q is no network; write e.g. 192.168.0.0/16", s)
		}
		out = append(out, p)
	}
	return out, nil
}

// loadSettings reads RUN/settings.yaml, which it makes first if need be, over the sample's values, and the environment.
func loadSettings(run string, environ []string) (settings, error) {
	var s settings
	path := filepath.Join(run, "settings.yaml")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(path, settingsSample, 0o600); err != nil {
			return s, fmt.Errorf("write settings: %w", err)
		}
	}
	// The sample first: a settings file of an older version lacks newer fields.
	if err := yaml.UnmarshalWithOptions(settingsSample, &s, yaml.Strict()); err != nil {
		return s, fmt.Errorf("read the sample settings: %w", err)
	}
	if err := config.Load(path, &s, environ); err != nil {
		return s, err
	}
	return s, nil
}

// secret returns the content of RUN/secrets/NAME, made up the first time.
func secret(run, name string) (string, error) {
	path := filepath.Join(run, "secrets", name)
	data, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(data)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read secret: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	value := rand.Text()
	if err := os.WriteFile(path, []byte(value+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("make secret: %w", err)
	}
	return value, nil
}

// signingKey makes the key that signs the chain of recordings at the first start, and returns its file.
func signingKey(run string) (string, error) {
	path := filepath.Join(run, "keys", "evidence.pem")
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return "", fmt.Errorf("make the signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("make the signing key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("make the signing key: %w", err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return "", fmt.Errorf("make the signing key: %w", err)
	}
	return path, nil
}

// masterKey makes the master key that seals the recordings of this run folder, when there is none, and says so.
func masterKey(run string, say func(format string, args ...any)) (string, error) {
	path := filepath.Join(run, "keys", "recordings.key")
	_, err := os.Stat(path)
	if err == nil {
		return path, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look for the master key of recordings: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("make the master key of recordings: %w", err)
	}
	if _, err := seal.NewKeyFile(path); err != nil {
		return "", err
	}
	say("      recordings are sealed with a new master key, %s: without it nobody can play them", path)
	return path, nil
}

// hotlineView is what hotline.yaml.tmpl is rendered from.
type hotlineView struct {
	settings
	Log, DemoUsers, State, DSN, ARI, App, User, PasswordFile, Token, Recordings, RecordingsKey, Sounds, CallersSIP, OutboundEndpoint, EvidenceKey, EvidenceCopies string
}

func renderHotline(v hotlineView) (string, error) {
	quote := func(value any) (string, error) {
		data, err := json.Marshal(value) // YAML reads JSON
		if string(data) == "null" {
			data = []byte("[]")
		}
		return string(data), err
	}
	t, err := template.New("hotline.yaml").Funcs(template.FuncMap{"quote": quote}).Option("missingkey=error").Parse(hotlineYAML)
	if err != nil {
		return "", fmt.Errorf("read template of hotline.yaml: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, v); err != nil {
		return "", fmt.Errorf("render hotline.yaml: %w", err)
	}
	return b.String(), nil
}
