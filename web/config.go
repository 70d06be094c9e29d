package web

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
)

// Config says where browsers reach the server.
type Config struct {
	// Addr is the address to listen on; empty means 127.0.0.1:8080.
	Addr string `yaml:"addr"`
	// PublicURL is the address that people type, when it is not Addr: behind a proxy, or with a name. Empty is allowed.
	PublicURL string `yaml:"public_url"`
	// CertFile and KeyFile are PEM files; both or neither. They are read again when they change.
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
	// MetricsFrom are the networks that may read /metrics; empty means this machine alone.
	MetricsFrom []string `yaml:"metrics_from"`
	// TrustedProxies are the networks whose X-Forwarded-For is believed, so that sign-ins are counted by browser.
	TrustedProxies []string `yaml:"trusted_proxies"`
}

const defaultAddr = "127.0.0.1:8080"

// Check returns every fault of the configuration, in words for the operator.
func (c Config) Check() []string {
	var faults []string
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if _, _, err := net.SplitHostPort(c.addr()); err != nil {
		add("addr: %v; write it like %s", err, defaultAddr)
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || (u.Path != "" && u.Path != "/") {
			add("public_url: %q is no address of a site; write it like https://hotline.example.com", c.PublicURL)
		}
	}
	switch {
	case (c.CertFile == "") != (c.KeyFile == ""):
		add("cert_file and key_file: give both or neither")
	case c.CertFile != "":
		if _, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile); err != nil {
			add("cert_file and key_file: %v; both must be PEM files that this user can read", err)
		}
	}
	for name, list := range map[string][]string{"metrics_from": c.MetricsFrom, "trusted_proxies": c.TrustedProxies} {
		for _, network := range list {
			if _, err := netip.ParsePrefix(network); err != nil {
				add("%s: %q is no network; write it like 10.0.0.0/8", name, network)
			}
		}
	}
	return faults
}

func (c Config) addr() string {
	if c.Addr == "" {
		return defaultAddr
	}
	return c.Addr
}

// Base is the address by which customers reach the site.
func (c Config) Base() string {
	switch {
	case c.PublicURL != "":
		return c.PublicURL
	case c.CertFile != "":
		return "https://" + c.addr()
	}
	return "http://" + c.addr()
}

// secure says whether browsers reach the site by TLS, ours or a proxy's.
func (c Config) secure() bool {
	u, err := url.Parse(c.PublicURL)
	return c.CertFile != "" || err == nil && u.Scheme == "https"
}

// prefixes parses what Check has checked.
func prefixes(list []string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		if p, err := netip.ParsePrefix(s); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// certificate reads the files again when they have changed, so that a renewal needs no restart.
type certificate struct {
	cert, key string
	cached    chan loaded // holds one
}

type loaded struct {
	pair *tls.Certificate
	at   int64 // modification time of the certificate's file, ns
}

func newCertificate(cert, key string) *certificate {
	c := &certificate{cert: cert, key: key, cached: make(chan loaded, 1)}
	c.cached <- loaded{}
	return c
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	l := <-c.cached
	defer func() { c.cached <- l }()
	info, err := os.Stat(c.cert)
	if err == nil && l.pair != nil && info.ModTime().UnixNano() == l.at {
		return l.pair, nil
	}
	if err == nil {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(c.cert, c.key); err == nil {
			l = loaded{&pair, info.ModTime().UnixNano()}
			return l.pair, nil
		}
	}
	if l.pair != nil {
		return l.pair, nil // Half-written files: the old pair is good until they are whole.
	}
	return nil, fmt.Errorf("load the certificate: %w", err)
}
