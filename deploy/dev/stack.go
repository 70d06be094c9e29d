package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	asterisk "hotline/deploy/asterisk"
	"hotline/internal/devstack"
)

// stack is everything of one run folder, started step by step.
type stack struct {
	run      string // absolute
	hotline  string // our binary
	settings settings
	sup      *devstack.Supervisor
	say      func(format string, args ...any)
	view     hotlineView
	line     string
	cleanup  []func() error
}

type step struct {
	title string
	do    func(context.Context) error
}

// start brings everything up in order; it returns when all is ready.
func (s *stack) start(ctx context.Context) error {
	steps := []step{
		{"settings, secrets, free ports", s.prepare},
		{"PostgreSQL", s.startPostgres},
		{"Asterisk", s.startAsterisk},
		{"tables", s.migrate},
		{"demo company", s.fill},
		{"hotline media: browsers' sound and recording", s.startMedia},
		{"hotline worker: jobs", s.startWorker},
		{"hotline serve: controller and web", s.startServe},
		{"hotline demo: callers", s.startDemo},
	}
	for n, st := range steps {
		begin := time.Now()
		s.say("[%d/%d] %s ...", n+1, len(steps), st.title)
		if err := st.do(ctx); err != nil {
			return err
		}
		if took := time.Since(begin); took > time.Second {
			s.say("      %.1f s", took.Seconds())
		}
	}
	return nil
}

func (s *stack) stop() error {
	err := s.sup.Stop()
	for _, f := range s.cleanup {
		err = errors.Join(err, f())
	}
	return err
}

func (s *stack) path(elem ...string) string {
	return filepath.Join(append([]string{s.run}, elem...)...)
}

func (s *stack) prepare(context.Context) error {
	if _, err := exec.LookPath(s.hotline); err != nil {
		return fmt.Errorf("find our own program: %w; run make build", err)
	}
	token, err := secret(s.run, "gateway")
	if err != nil {
		return err
	}
	key, err := masterKey(s.run, s.say)
	if err != nil {
		return err
	}
	if s.line, err = lineOf(s.settings.SIP.Number); err != nil {
		return err
	}
	s.view = hotlineView{
		settings: s.settings, Log: "info", Token: token,
		EvidenceCopies: s.path("evidence"), DemoUsers: s.path("demo-users.json"), State: s.path("state"),
		Recordings: s.path("recordings"), RecordingsKey: key, Sounds: s.path("sounds"),
	}
	for _, dir := range []string{s.view.State, s.view.Recordings, s.view.Sounds, s.view.EvidenceCopies} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
	}
	if s.view.EvidenceKey, err = signingKey(s.run); err != nil {
		return err
	}
	return s.checkPorts()
}

// checkPorts names every port that somebody else has, at once.
func (s *stack) checkPorts() error {
	var errs []error
	check := func(network, field, env, addr string) {
		if addr == "" {
			return
		}
		var err error
		if network == "tcp" {
			var l net.Listener
			if l, err = net.Listen("tcp", addr); err == nil {
				err = l.Close()
			}
		} else {
			var c net.PacketConn
			if c, err = net.ListenPacket("udp", addr); err == nil {
				err = c.Close()
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w; choose another in %s or with %s", field, addr, err, s.path("settings.yaml"), env))
		}
	}
	check("tcp", "web.addr", "HOTLINE_WEB_ADDR", s.settings.Web.Addr)
	check("udp", "sip.addr", "HOTLINE_SIP_ADDR", s.settings.SIP.Addr)
	if s.settings.Demo {
		check("udp", "demo_phones", "HOTLINE_DEMO_PHONES", s.settings.DemoPhones)
	}
	check("tcp", "asterisk.http", "HOTLINE_ASTERISK_HTTP", s.settings.Asterisk.HTTP)
	check("tcp", "media.listen", "HOTLINE_MEDIA_LISTEN", s.settings.Media.Listen)
	check("udp", "media.ice_udp", "HOTLINE_MEDIA_ICE_UDP", s.settings.Media.ICEUDP)
	check("tcp", "media.ice_tcp", "HOTLINE_MEDIA_ICE_TCP", s.settings.Media.ICETCP)
	return errors.Join(errs...)
}

func (s *stack) startPostgres(ctx context.Context) error {
	pg, err := devstack.PreparePostgres(ctx, s.path("pg"), devstack.PostgresOptions{MaxConnections: 120})
	if err != nil {
		return err
	}
	s.cleanup = append(s.cleanup, pg.Clean)
	s.view.DSN = pg.DSN
	return s.sup.Add(ctx, pg.Spec)
}

func (s *stack) startAsterisk(ctx context.Context) error {
	conf, err := s.asteriskConfig()
	if err != nil {
		return err
	}
	if conf.Password, err = secret(s.run, "ari"); err != nil {
		return err
	}
	a, err := devstack.PrepareAsterisk(ctx, s.path("asterisk"), devstack.AsteriskOptions{Config: conf, Shares: []string{s.view.Sounds}})
	if err != nil {
		return err
	}
	s.cleanup = append(s.cleanup, a.Clean)
	s.view.ARI, s.view.App, s.view.User, s.view.PasswordFile = a.URL(), a.App, a.User, s.path("secrets", "ari")
	s.view.CallersSIP = reachable(a.SIP).String()
	s.view.OutboundEndpoint = s.settings.Outbound
	if s.view.OutboundEndpoint == "" && s.settings.Demo {
		s.view.OutboundEndpoint = "PJSIP/" + asterisk.Loopback().Name + "/sip:{number}@" + s.settings.DemoPhones
	}
	if err := s.writeHotline(); err != nil {
		return err
	}
	return s.sup.Add(ctx, a.Spec)
}

func (s *stack) asteriskConfig() (asterisk.Config, error) {
	sip, err := netip.ParseAddrPort(s.settings.SIP.Addr)
	if err != nil {
		return asterisk.Config{}, fmt.Errorf("read sip.addr: %w", err)
	}
	ari, err := netip.ParseAddrPort(s.settings.Asterisk.HTTP)
	if err != nil {
		return asterisk.Config{}, fmt.Errorf("read asterisk.http: %w", err)
	}
	local, err := prefixes(s.settings.SIP.LocalNets)
	if err != nil {
		return asterisk.Config{}, fmt.Errorf("read sip.local_nets: %w", err)
	}
	return asterisk.Config{
		SIP: sip, HTTP: ari, ExternalAddress: s.settings.SIP.ExternalAddress, LocalNets: local,
		RTP:        asterisk.PortRange{First: uint16(s.settings.Asterisk.PortMin), Last: uint16(s.settings.Asterisk.PortMax)},
		SystemName: s.settings.Asterisk.SystemName, Lines: []string{s.line},
		Trunks:      append([]asterisk.Trunk{asterisk.Loopback()}, s.settings.Trunks...),
		SorryPrompt: filepath.Join(s.view.Sounds, "sorry"),
	}, nil
}

// reachable turns "every interface" into an address that this machine can call.
func reachable(a netip.AddrPort) netip.AddrPort {
	if a.Addr().IsUnspecified() {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port())
	}
	return a
}

func (s *stack) writeHotline() error {
	text, err := renderHotline(s.view)
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.path("hotline.yaml"), []byte(text), 0o600); err != nil {
		return fmt.Errorf("write hotline.yaml: %w", err)
	}
	return nil
}

// migrate brings the database to this program's version.
func (s *stack) migrate(ctx context.Context) error { return s.once(ctx, "migrate") }

// fill makes the demo company, once in the life of the database: the mark lies beside its data.
func (s *stack) fill(ctx context.Context) error {
	mark := s.path("pg", "demo-data.done")
	if _, err := os.Stat(mark); err == nil || !s.settings.Demo {
		return nil
	}
	err := s.once(ctx, "demo-data", "--customers", strconv.Itoa(s.settings.DemoCustomers), "--calls", strconv.Itoa(s.settings.DemoCalls))
	if err != nil {
		return err
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return fmt.Errorf("mark the demo company as made: %w", err)
	}
	return nil
}

// once runs `hotline NAME` to its end.
func (s *stack) once(ctx context.Context, name string, args ...string) error {
	out, err := os.OpenFile(s.sup.LogPath(name), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("run hotline %s: %w", name, err)
	}
	defer func() { _ = out.Close() }()
	cmd := exec.CommandContext(ctx, s.hotline, append([]string{name, "--config", s.path("hotline.yaml")}, args...)...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	// Without a record of its own it must not outlive this process.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Run(); err != nil {
		lines, _ := devstack.LastLines(out.Name(), 12)
		return fmt.Errorf("run hotline %s: %w%s", name, err, indent(lines))
	}
	return nil
}

// role runs `hotline NAME`.
func (s *stack) role(name string, ready func(context.Context) error) devstack.Spec {
	return devstack.Spec{
		Name:    name,
		Command: func() *exec.Cmd { return exec.Command(s.hotline, name, "--config", s.path("hotline.yaml")) },
		Ready:   ready,
		ReadyIn: time.Minute,
		Grace:   25 * time.Second, // a worker lets jobs end for 20 s
	}
}

func (s *stack) startMedia(ctx context.Context) error {
	return s.sup.Add(ctx, s.role("media", answers("http://"+s.settings.Media.Listen+"/healthz")))
}

func (s *stack) startWorker(ctx context.Context) error { return s.sup.Add(ctx, s.role("worker", nil)) }

func (s *stack) startServe(ctx context.Context) error {
	return s.sup.Add(ctx, s.role("serve", answers(s.url()+"/readyz")))
}

func (s *stack) startDemo(ctx context.Context) error {
	if !s.settings.Demo {
		return nil
	}
	return s.sup.Add(ctx, s.role("demo", nil))
}

// url is where this machine reaches the web.
func (s *stack) url() string {
	addr, err := netip.ParseAddrPort(s.settings.Web.Addr)
	if err != nil {
		return "http://" + s.settings.Web.Addr
	}
	if s.settings.Web.CertFile != "" {
		return "https://" + reachable(addr).String()
	}
	return "http://" + reachable(addr).String()
}

func answers(url string) func(context.Context) error {
	client := &http.Client{
		Timeout: 2 * time.Second,
		// Our own process on this machine; its certificate is made out to the name that people type.
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
	}
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return fmt.Errorf("ask %s: %w", url, err)
		}
		resp, err := client.Do(req)
		if err != nil {
			return fmt.Errorf("ask %s: %w", url, err)
		}
		if err := resp.Body.Close(); err != nil {
			return fmt.Errorf("ask %s: %w", url, err)
		}
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("ask %s: %s", url, resp.Status)
		}
		return nil
	}
}
