// Package asterisk renders the configuration of one Asterisk node from the templates beside it.
//
// A node has three surfaces: SIP and RTP towards the trunks, ARI towards the controller, and the files of its run
// folder. Nothing is shared between two nodes on one machine but the installation, which they only read.
package asterisk

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"
)

//go:embed *.tmpl
var files embed.FS

var templates = template.Must(template.New("").Option("missingkey=error").ParseFS(files, "*.tmpl"))

// Config is what differs from one node to the next. Render needs a Config for which Check finds no fault.
type Config struct {
	// Dir is the node's run folder as Asterisk sees it; it holds etc, lib, log, spool, cache.
	Dir string
	// ControlDir holds asterisk.ctl and asterisk.pid. A Unix socket's path has at most 107 bytes.
	ControlDir string
	// ModuleDir, DataDir and MusicDir belong to the installation.
	ModuleDir, DataDir, MusicDir string
	// SystemName begins every channel id, so ids of two nodes never meet. Letters and digits.
	SystemName string

	SIP  netip.AddrPort // UDP
	HTTP netip.AddrPort // ARI; loopback or a private network only
	RTP  PortRange
	// ExternalAddress is what Asterisk calls itself towards trunks outside LocalNets, behind NAT. Empty: no NAT.
	ExternalAddress string
	LocalNets       []netip.Prefix

	// App is the Stasis application; User and Password are its ARI account.
	App, User, Password string

	// Lines are the numbers known from the start, E.164. The controller may add to them while Asterisk runs.
	Lines  []string
	Trunks []Trunk
	// Codecs in order of preference; empty means ulaw,alaw.
	Codecs string
	// Language of Asterisk's own sounds on a caller's channel; may be empty.
	Language string
	// HoldFor is how long a caller is kept while no controller is connected, RetryEvery how often it is tried.
	// Zero means 5 minutes and 2 seconds. Whole seconds.
	HoldFor, RetryEvery time.Duration
	// SorryPrompt is played when HoldFor is over: a path without extension. When the file is missing the call just ends.
	SorryPrompt string
}

// PortRange is both ends inclusive. RTP takes even ports, RTCP the odd ones after them.
type PortRange struct {
	First uint16 `yaml:"first"`
	Last  uint16 `yaml:"last"`
}

// Trunk is one source of calls: a carrier, a session border controller, or phones on this machine.
type Trunk struct {
	// Name: lower-case letters, digits and hyphens.
	Name string `yaml:"name"`
	// Peer is host or host:port of the other side. Needed with Register.
	Peer string `yaml:"peer"`
	// Register, when the carrier wants us to sign in.
	Register *Registration `yaml:"register"`
	// Allow lists the addresses and networks calls may come from. Empty means the address of Peer.
	Allow []string `yaml:"allow"`
	// Numbers maps what this trunk dials (the user part of the request) to a line. Empty: every known line, as dialled
	// in any usual form. Not empty: these and nothing else.
	Numbers map[string]string `yaml:"numbers"`
	// Qualify sends OPTIONS every 30 s to see whether the peer is alive.
	Qualify bool `yaml:"qualify"`
}

// Registration is a carrier's account.
type Registration struct {
	User     string `yaml:"user"`
	Password string `yaml:"password"`
}

// Loopback is the trunk of the development set-up: any SIP phone on this machine.
func Loopback() Trunk { return Trunk{Name: "loopback", Allow: []string{"127.0.0.0/8"}} }

var (
	namePattern   = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	systemPattern = regexp.MustCompile(`^[A-Za-z0-9]{1,20}$`)
	linePattern   = regexp.MustCompile(`^\+[1-9][0-9]{2,14}$`)
	dialPattern   = regexp.MustCompile(`^\+?[0-9]{1,20}$`)
	hostPattern   = regexp.MustCompile(`^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9][A-Za-z0-9.-]*)(:[0-9]{1,5})?$`)
	wordPattern   = regexp.MustCompile(`^[A-Za-z0-9_.@+-]+$`)
	secretPattern = regexp.MustCompile(`^[!-:<-~]+$`) // printable, without the comment sign
	pathPattern   = regexp.MustCompile(`^/[^;,(){}\[\]$"\\\x00-\x1f]*$`)
)

// reserved section names of pjsip.conf.tmpl.
var reserved = []string{"global", "system", "transport-udp", "trunk"}

// Check returns everything that is wrong, in the words of the settings. Empty means that Render will succeed.
func (c Config) Check() []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for _, p := range []struct{ what, path string }{
		{"run folder", c.Dir},
		{"control folder", c.ControlDir},
		{"module folder", c.ModuleDir},
		{"data folder", c.DataDir},
		{"music folder", c.MusicDir},
		{"sorry prompt", cmp.Or(c.SorryPrompt, "/")},
	} {
		if !pathPattern.MatchString(p.path) {
			fault("%s %q: an absolute path without any of ; , ( ) { } [ ] $ \" \\ is needed", p.what, p.path)
		}
	}
	if !systemPattern.MatchString(c.SystemName) {
		fault("system name %q: 1 to 20 letters and digits are needed", c.SystemName)
	}
	if !c.SIP.IsValid() || c.SIP.Port() == 0 {
		fault("sip address %q: host address and port are needed", c.SIP)
	}
	if !c.HTTP.IsValid() || c.HTTP.Port() == 0 {
		fault("ari address %q: host address and port are needed", c.HTTP)
	}
	if c.HTTP.IsValid() && !c.HTTP.Addr().IsLoopback() && !c.HTTP.Addr().IsPrivate() {
		fault("ari address %s: must be loopback or private, whoever reaches it can listen to calls", c.HTTP)
	}
	if c.RTP.First < 1024 || c.RTP.Last < c.RTP.First || int(c.RTP.Last)-int(c.RTP.First) < 3 {
		fault("rtp ports %d-%d: at least 4 ports from 1024 up are needed, 2 a call leg", c.RTP.First, c.RTP.Last)
	}
	for what, word := range map[string]string{"application": c.App, "ari user": c.User} {
		if !wordPattern.MatchString(word) {
			fault("%s %q: letters, digits and _ . @ + - only", what, word)
		}
	}
	if len(c.Password) < 16 || !secretPattern.MatchString(c.Password) {
		fault("ari password: at least 16 printable characters without ; are needed")
	}
	for _, l := range c.Lines {
		if !linePattern.MatchString(l) {
			fault("line %q: write it as E.164, like +886800000123", l)
		}
	}
	faults = append(faults, c.CheckTrunks()...)
	slices.Sort(faults) // map iteration above must not show
	return faults
}

// CheckTrunks returns what is wrong with the trunks alone.
func (c Config) CheckTrunks() []string {
	var faults []string
	seen := map[string]bool{}
	if len(c.Trunks) == 0 {
		faults = append(faults, "trunks: without any trunk no call can come in")
	}
	for i, t := range c.Trunks {
		fault := func(format string, args ...any) {
			faults = append(faults, fmt.Sprintf("trunk %d (%s): ", i+1, t.Name)+fmt.Sprintf(format, args...))
		}
		if !namePattern.MatchString(t.Name) || slices.Contains(reserved, t.Name) {
			fault("the name must be lower-case letters, digits and hyphens, and none of %s", strings.Join(reserved, ", "))
		}
		if seen[t.Name] {
			fault("the name is used twice")
		}
		seen[t.Name] = true
		if t.Peer != "" && !hostPattern.MatchString(t.Peer) {
			fault("peer %q is not a host or host:port", t.Peer)
		}
		if t.Peer == "" && len(t.Allow) == 0 {
			fault("neither peer nor allow: nobody could call through it")
		}
		if t.Register != nil && (t.Peer == "" || !wordPattern.MatchString(t.Register.User) || !secretPattern.MatchString(t.Register.Password)) {
			fault("register needs peer, a user and a password without spaces and ;")
		}
		for _, a := range t.Allow {
			if _, err := parsePrefix(a); err != nil {
				fault("allow %q is not an address or network", a)
			}
		}
		for dialled, line := range t.Numbers {
			if !dialPattern.MatchString(dialled) {
				fault("number %q: digits only, + may lead", dialled)
			}
			if !linePattern.MatchString(line) {
				fault("number %s leads to %q, which is not E.164", dialled, line)
			}
		}
	}
	return faults
}

func parsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("read network: %w", err)
	}
	return p.Masked(), nil
}

// dialled is one way to dial a line.
type dialled struct{ Digits, Dialled, Line string }

// trunkView is a Trunk as the templates want it.
type trunkView struct {
	Trunk
	Host    string
	Sources []string
	Own     []dialled
}

// Render returns the files of Dir/etc by name.
func (c Config) Render() (map[string][]byte, error) {
	if faults := c.Check(); len(faults) > 0 {
		return nil, fmt.Errorf("render Asterisk's configuration: %s", strings.Join(faults, "; "))
	}
	view := struct {
		Config
		Trunks                    []trunkView
		Dialled                   []dialled
		HoldSeconds, RetrySeconds int
	}{
		Config:       c,
		HoldSeconds:  int(cmp.Or(c.HoldFor, 5*time.Minute) / time.Second),
		RetrySeconds: int(cmp.Or(c.RetryEvery, 2*time.Second) / time.Second),
	}
	view.Codecs = cmp.Or(c.Codecs, "ulaw,alaw")
	view.SorryPrompt = cmp.Or(c.SorryPrompt, filepath.Join(c.Dir, "sorry"))
	for _, t := range c.Trunks {
		view.Trunks = append(view.Trunks, viewOf(t))
	}
	for _, line := range c.Lines {
		for _, d := range DialledForms(line) {
			view.Dialled = append(view.Dialled, dialled{Digits: d, Line: line})
		}
	}
	out := map[string][]byte{}
	for _, t := range templates.Templates() {
		name, ok := strings.CutSuffix(t.Name(), ".tmpl")
		if !ok {
			continue
		}
		var b bytes.Buffer
		if err := t.Execute(&b, view); err != nil {
			return nil, fmt.Errorf("render %s: %w", name, err)
		}
		out[name] = b.Bytes()
	}
	return out, nil
}

func viewOf(t Trunk) trunkView {
	v := trunkView{Trunk: t, Host: t.Peer}
	for _, a := range t.Allow {
		p, err := parsePrefix(a)
		if err == nil {
			v.Sources = append(v.Sources, p.String())
		}
	}
	if len(v.Sources) == 0 {
		host, _, _ := strings.Cut(t.Peer, ":")
		if strings.HasPrefix(t.Peer, "[") {
			host = strings.TrimSuffix(strings.TrimPrefix(t.Peer[:strings.Index(t.Peer, "]")+1], "["), "]")
		}
		v.Sources = []string{host}
	}
	for d, line := range t.Numbers {
		v.Own = append(v.Own, dialled{Dialled: d, Line: line})
	}
	slices.SortFunc(v.Own, func(a, b dialled) int { return cmp.Compare(a.Dialled, b.Dialled) })
	return v
}

// DialledForms returns how trunks dial an E.164 number, digits only: international, and for Taiwan (+886) also
// national with the leading 0.
func DialledForms(line string) []string {
	digits := strings.TrimPrefix(line, "+")
	forms := []string{digits}
	if national, ok := strings.CutPrefix(digits, "886"); ok {
		forms = append(forms, "0"+national)
	}
	return forms
}
