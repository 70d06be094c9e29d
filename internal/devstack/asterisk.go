package devstack

import (
	"cmp"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	asterisk "hotline/deploy/asterisk"
)

// Floor is the oldest Asterisk that is used: it fixes two holes in ARI and heap corruption in audiohooks.
const Floor = "22.10.1"

// chrootName is the folder that deploy/dev/install.sh makes below the cache; its number rises with the recipe.
const chrootName = "asterisk-22-r1"

//go:embed enter.sh
var enterScript string

// Installation is an Asterisk that instances read and never write.
type Installation struct {
	// Root is the chroot's folder; empty means the machine's own Asterisk.
	Root string
	// Binary, ModuleDir, DataDir are paths inside Root.
	Binary, ModuleDir, DataDir string
	Version                    string
}

// EnsureAsterisk finds an Asterisk that is new enough: on PATH, else the chroot in the user's cache. It downloads
// nothing; the error says which script does.
func EnsureAsterisk(ctx context.Context) (Installation, error) {
	var seen string
	if path, err := exec.LookPath("asterisk"); err == nil {
		inst := Installation{Binary: path, DataDir: "/usr/share/asterisk"}
		inst.Version, err = versionOf(exec.CommandContext(ctx, path, "-V"))
		if err == nil && atLeast(inst.Version, Floor) {
			return inst.withModules()
		}
		seen = fmt.Sprintf(" (%s is %s)", path, cmp.Or(inst.Version, "of unknown version"))
	}
	cache, err := CacheDir()
	if err != nil {
		return Installation{}, err
	}
	inst := Installation{Root: filepath.Join(cache, chrootName), Binary: "/usr/sbin/asterisk", DataDir: "/usr/share/asterisk"}
	if _, err := os.Stat(inst.Root + inst.Binary); err != nil {
		return Installation{}, fmt.Errorf("no Asterisk >= %s on PATH%s or in %s: run deploy/dev/install.sh", Floor, seen, inst.Root)
	}
	if os.Geteuid() != 0 {
		return Installation{}, fmt.Errorf("the Asterisk in %s needs root to be started", inst.Root)
	}
	inst.Version, err = versionOf(exec.CommandContext(ctx, "chroot", inst.Root, inst.Binary, "-V"))
	if err != nil {
		return Installation{}, err
	}
	if !atLeast(inst.Version, Floor) {
		return Installation{}, fmt.Errorf("the Asterisk in %s is %s, older than %s: remove that folder and run deploy/dev/install.sh", inst.Root, inst.Version, Floor)
	}
	return inst.withModules()
}

func (i Installation) withModules() (Installation, error) {
	for _, pattern := range []string{"/usr/lib/*/asterisk/modules", "/usr/lib/asterisk/modules", "/usr/local/lib/asterisk/modules"} {
		found, err := filepath.Glob(i.Root + pattern)
		if err == nil && len(found) > 0 {
			i.ModuleDir = strings.TrimPrefix(found[0], i.Root)
			return i, nil
		}
	}
	return Installation{}, fmt.Errorf("find Asterisk's modules: not below %s/usr/lib", i.Root)
}

// CacheDir is where downloads are kept for every checkout of this user.
func CacheDir() (string, error) {
	dir := os.Getenv("XDG_CACHE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the cache folder: %w", err)
		}
		dir = filepath.Join(home, ".cache")
	}
	return filepath.Join(dir, "hotline"), nil
}

var versionPattern = regexp.MustCompile(`Asterisk (\d+(?:\.\d+)*)`)

func versionOf(cmd *exec.Cmd) (string, error) {
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("ask Asterisk's version: %w", err)
	}
	m := versionPattern.FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("ask Asterisk's version: unexpected answer %q", out)
	}
	return string(m[1]), nil
}

// atLeast compares dotted numbers.
func atLeast(have, want string) bool {
	h, w := strings.Split(have, "."), strings.Split(want, ".")
	for i := range w {
		if i >= len(h) {
			return false
		}
		a, errA := strconv.Atoi(h[i])
		b, errB := strconv.Atoi(w[i])
		if errA != nil || errB != nil {
			return false
		}
		if a != b {
			return a > b
		}
	}
	return true
}

// AsteriskOptions differ from one instance to the next. Zero values are filled with free ports, one loopback trunk,
// the line +886800000123, application and user "hotline", and a random password.
type AsteriskOptions struct {
	asterisk.Config
	// RTPPorts is how many ports to look for when RTP is not given; zero means 400 (200 legs).
	RTPPorts int
	// Shares are further folders that Asterisk must see under their own path, such as the prompts.
	Shares []string
}

// Asterisk is one instance: prepared, or running when Process is set.
type Asterisk struct {
	asterisk.Config
	Installation Installation
	Spec         Spec
	// Process is set by StartAsterisk only; a Supervisor has its own.
	*Process
	shortDir string
}

// PrepareAsterisk fills in what opts leaves open, writes the configuration below dir and returns how to start it. It
// may be called again for the same folder; spool and database are kept.
func PrepareAsterisk(ctx context.Context, dir string, opts AsteriskOptions) (*Asterisk, error) {
	inst, err := EnsureAsterisk(ctx)
	if err != nil {
		return nil, err
	}
	a := &Asterisk{Config: opts.Config, Installation: inst}
	if a.Dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("prepare Asterisk: %w", err)
	}
	if err := a.fill(opts.RTPPorts); err != nil {
		return nil, fmt.Errorf("prepare Asterisk: %w", err)
	}
	if err := a.write(); err != nil {
		return nil, errors.Join(err, a.Clean())
	}
	a.Spec = Spec{
		Name:    "asterisk",
		Command: func() *exec.Cmd { return a.command(opts.Shares) },
		Ready:   a.ready,
		Stop:    syscall.SIGTERM,
		Grace:   5 * time.Second,
	}
	return a, nil
}

// StartAsterisk prepares an instance, starts it and waits until it takes calls.
func StartAsterisk(ctx context.Context, dir string, opts AsteriskOptions) (*Asterisk, error) {
	a, err := PrepareAsterisk(ctx, dir, opts)
	if err != nil {
		return nil, err
	}
	if a.Process, err = Start(ctx, a.Spec, filepath.Join(a.Dir, "log", "stdout.log")); err != nil {
		return nil, errors.Join(err, a.Clean())
	}
	return a, nil
}

// Stop ends a started instance and its mounts. It may be called again.
func (a *Asterisk) Stop() error {
	var err error
	if a.Process != nil {
		err = a.Process.Stop()
	}
	return errors.Join(err, a.Clean())
}

// Clean removes what lies outside the run folder.
func (a *Asterisk) Clean() error {
	if a.shortDir == "" {
		return nil
	}
	if err := os.RemoveAll(a.shortDir); err != nil {
		return fmt.Errorf("clean up after Asterisk: %w", err)
	}
	return nil
}

// socketMax is the longest path of a Unix socket on Linux, see unix(7).
const socketMax = 107

func (a *Asterisk) fill(rtpPorts int) error {
	a.ModuleDir, a.DataDir = a.Installation.ModuleDir, a.Installation.DataDir
	a.MusicDir = cmp.Or(a.MusicDir, a.DataDir+"/moh")
	a.SystemName = cmp.Or(a.SystemName, "hl1")
	a.App, a.User = cmp.Or(a.App, "hotline"), cmp.Or(a.User, "hotline")
	a.Password = cmp.Or(a.Password, rand.Text())
	if len(a.Lines) == 0 {
		a.Lines = []string{"+886800000123"}
	}
	if len(a.Trunks) == 0 {
		a.Trunks = []asterisk.Trunk{asterisk.Loopback()}
	}
	for _, addr := range []*netip.AddrPort{&a.SIP, &a.HTTP} {
		if addr.IsValid() {
			continue
		}
		free, err := FreePort()
		if err != nil {
			return err
		}
		*addr = free
	}
	if a.RTP.First == 0 {
		n := cmp.Or(rtpPorts, 400)
		first, err := FreePortBlock(n)
		if err != nil {
			return err
		}
		a.RTP = asterisk.PortRange{First: first, Last: first + uint16(n) - 1}
	}
	a.ControlDir = filepath.Join(a.Dir, "run")
	if len(a.ControlDir)+len("/asterisk.ctl") > socketMax {
		if a.Installation.Root != "" {
			a.ControlDir = "/run/asterisk" // inside the instance's own root, so nobody else's
			return nil
		}
		short, err := os.MkdirTemp("", "hotline-ast-")
		if err != nil {
			return fmt.Errorf("make a short folder for the control socket: %w", err)
		}
		a.shortDir, a.ControlDir = short, short
	}
	return nil
}

func (a *Asterisk) write() error {
	files, err := a.Render()
	if err != nil {
		return err
	}
	// <spool>/recording: without it ARI answers 500 to every record.
	for _, d := range []string{"etc", "lib", "log", "run", "cache", "spool/recording", "spool/tmp", "lib/keys", "root"} {
		if err := os.MkdirAll(filepath.Join(a.Dir, d), 0o755); err != nil {
			return fmt.Errorf("write Asterisk's configuration: %w", err)
		}
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(a.Dir, "etc", name), data, 0o600); err != nil {
			return fmt.Errorf("write Asterisk's configuration: %w", err)
		}
	}
	hosts, err := hostsFile()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(a.Dir, "hosts"), hosts, 0o644); err != nil {
		return fmt.Errorf("write Asterisk's hosts file: %w", err)
	}
	return nil
}

// hostsFile is the machine's with its own name in it: without that every INVITE waits 5 s for getaddrinfo(hostname).
func hostsFile() ([]byte, error) {
	data, err := os.ReadFile("/etc/hosts")
	if err != nil {
		return nil, fmt.Errorf("read hosts file: %w", err)
	}
	name, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("read host name: %w", err)
	}
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		for _, word := range strings.Fields(line) {
			if strings.EqualFold(word, name) {
				return data, nil
			}
		}
	}
	return append(data, "\n127.0.1.1 "+name+"\n"...), nil
}

func (a *Asterisk) command(shares []string) *exec.Cmd {
	conf := filepath.Join(a.Dir, "etc", "asterisk.conf")
	if a.Installation.Root == "" {
		return exec.Command(a.Installation.Binary, "-f", "-C", conf)
	}
	args := append([]string{
		"--mount", "--propagation", "private", "--",
		"/bin/sh", "-ec", enterScript, "enter", a.Installation.Root, a.Dir, a.ControlDir, a.Installation.Binary, conf,
	}, shares...)
	return exec.Command("unshare", args...)
}

// ConsoleCommand is how to reach the console of the instance with this pid: append "-rx" and a command.
func (a *Asterisk) ConsoleCommand(pid int) []string {
	args := []string{a.Installation.Binary, "-C", filepath.Join(a.Dir, "etc", "asterisk.conf")}
	if a.Installation.Root != "" {
		args = append([]string{"nsenter", "--target", strconv.Itoa(pid), "--mount", "--root", "--wdns=/", "--"}, args...)
	}
	return args
}

// CLI runs one command of Asterisk's console in the instance with this pid and returns what it prints.
func (a *Asterisk) CLI(ctx context.Context, pid int, command string) (string, error) {
	args := append(a.ConsoleCommand(pid), "-rx", command)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("asterisk -rx %q: %w: %s", command, err, out)
	}
	return string(out), nil
}

// URL is the root of ARI, without the final slash.
func (a *Asterisk) URL() string { return "http://" + a.HTTP.String() + "/ari" }

// ready: the last modules to load are the ones that take calls.
func (a *Asterisk) ready(ctx context.Context) error {
	for _, module := range []string{"res_ari_channels.so", "chan_pjsip.so", "res_pjsip_endpoint_identifier_ip.so", "app_stasis.so", "pbx_config.so"} {
		var got struct {
			Status string `json:"status"`
		}
		if err := a.get(ctx, "/asterisk/modules/"+module, &got); err != nil {
			return err
		}
		if got.Status != "Running" {
			return fmt.Errorf("module %s is %s", module, got.Status)
		}
	}
	return nil
}

func (a *Asterisk) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.URL()+path, nil)
	if err != nil {
		return fmt.Errorf("ask ARI: %w", err)
	}
	req.SetBasicAuth(a.User, a.Password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask ARI: %w", withoutURL(err))
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("ask ARI: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ask ARI %s: %s %s", path, resp.Status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("ask ARI %s: %w", path, err)
	}
	return nil
}

// withoutURL drops the address from an HTTP client's error, which names it twice.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
