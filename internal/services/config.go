package services

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// Limits of a service: the caller waits for it.
const (
	DefaultTimeout = 5 * time.Second
	MaxTimeout     = 15 * time.Second
	MaxCache       = time.Hour
)

// The services that the demo company has.
const (
	DemoOrders   = "orders"
	DemoPayments = "payments"
)

// Config is the services that flows may name.
type Config map[string]One

// One is a service.
type One struct {
	URL       string        `yaml:"url"`        // where it is asked
	TokenFile string        `yaml:"token_file"` // holds the bearer token it wants; none without
	Timeout   time.Duration `yaml:"timeout"`    // [5s]
	Cache     time.Duration `yaml:"cache"`      // how long an answer holds; 0 asks every time
	Demo      string        `yaml:"demo"`       // orders or payments of the demo company, instead of a URL
}

// Names are those of the services.
func (c Config) Names() []string {
	names := make([]string, 0, len(c))
	for name := range c {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Check returns what is wrong with it.
func (c Config) Check() []string {
	var faults []string
	for _, name := range c.Names() {
		one := c[name]
		fault := func(field, format string, args ...any) {
			faults = append(faults, fmt.Sprintf("%s.%s: %s", name, field, fmt.Sprintf(format, args...)))
		}
		u, err := url.Parse(one.URL)
		switch {
		case one.Demo != "" && one.URL != "":
			fault("url", "stands beside demo; remove one of them")
		case one.Demo != "" && one.Demo != DemoOrders && one.Demo != DemoPayments:
			fault("demo", "%q is not known; write orders or payments", one.Demo)
		case one.Demo == "" && one.URL == "":
			fault("url", "is missing; write the address that answers, e.g. https://erp.example/hotline")
		case one.URL != "" && (err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http")):
			fault("url", "%q is no address; write e.g. https://erp.example/hotline", one.URL)
		case one.URL != "" && u.Scheme == "http" && !private(u.Hostname()):
			fault("url", "sends callers' data unencrypted to %s; write https", u.Hostname())
		}
		if one.Timeout < 0 || one.Timeout > MaxTimeout {
			fault("timeout", "%s is out of range; write up to %s, the caller waits", one.Timeout, MaxTimeout)
		}
		if one.Cache < 0 || one.Cache > MaxCache {
			fault("cache", "%s is out of range; write up to %s", one.Cache, MaxCache)
		}
		if _, err := one.token(); err != nil {
			fault("token_file", "%v", err)
		}
	}
	return faults
}

// private says whether the host is this machine, the only one to which nothing can be overheard.
func private(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}

func (o One) timeout() time.Duration {
	if o.Timeout == 0 {
		return DefaultTimeout
	}
	return o.Timeout
}

func (o One) token() (string, error) {
	if o.TokenFile == "" {
		return "", nil
	}
	data, err := os.ReadFile(o.TokenFile)
	if err != nil {
		return "", fmt.Errorf("cannot be read (%w); write the token into it, readable by hotline", err)
	}
	token := strings.TrimSpace(string(data))
	if token == "" || strings.ContainsAny(token, "\r\n") {
		return "", errors.New("holds no token of one line")
	}
	return token, nil
}
