package asterisk

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Config says where ARI is and who we are there.
type Config struct {
	// URL is the address of ARI, e.g. http://127.0.0.1:8088/ari.
	URL string `yaml:"url"`
	// App is the name of the Stasis application.
	App string `yaml:"app"`
	// User is the name in ari.conf.
	User string `yaml:"user"`
	// Password is that user's; better given as PasswordFile or by the environment.
	Password string `yaml:"password"`
	// PasswordFile holds the password, if Password is empty. White space around it does not count.
	PasswordFile string `yaml:"password_file"`
	// RequestTimeout bounds a request whose context sets no shorter limit. 0 means 5 s.
	RequestTimeout time.Duration `yaml:"request_timeout"`
}

// Check returns everything that is wrong with the configuration.
func (c Config) Check() []string {
	var faults []string
	u, err := url.Parse(c.URL)
	switch {
	case c.URL == "":
		faults = append(faults, "url: is missing; it is the address of ARI, e.g. http://127.0.0.1:8088/ari")
	case err != nil:
		faults = append(faults, fmt.Sprintf("url: %v", err))
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		faults = append(faults, fmt.Sprintf("url: %q is no http:// or https:// address", c.URL))
	}
	if c.App == "" || strings.ContainsAny(c.App, ", \t") {
		faults = append(faults, fmt.Sprintf("app: %q is no name of a Stasis application", c.App))
	}
	if c.User == "" {
		faults = append(faults, "user: is missing; it is the name in ari.conf")
	}
	if c.Password == "" && c.PasswordFile == "" {
		faults = append(faults, "password_file: is missing; it holds the password of the user in ari.conf")
	}
	if c.RequestTimeout < 0 {
		faults = append(faults, fmt.Sprintf("request_timeout: %s is negative", c.RequestTimeout))
	}
	return faults
}

func (c Config) secret() (string, error) {
	if c.Password != "" {
		return c.Password, nil
	}
	b, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("read the ARI password: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// Options are what the client works with besides its configuration. All of them may be left out.
type Options struct {
	// Log receives connections, losses and undecodable events. Never names or numbers of callers.
	Log *slog.Logger
	// Metrics is where the client registers its hotline_ari_* metrics.
	Metrics prometheus.Registerer
	// MayReconnect is asked, again and again with the back-off between, after another client took the application.
	// It says whether this process has won the lease anew. Without it Run returns ErrReplaced instead.
	MayReconnect func() bool
	// WantState picks the channels whose state is read when connecting. Without it: all in the application.
	WantState func(Channel) bool
	// Dial replaces the network for tests.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}
