package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"text/tabwriter"
)

// demoUser is one entry of demo-users.json, which `hotline demo-data` writes.
type demoUser struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Name     string `json:"name"`
	Role     string `json:"role"`
}

// summary tells what to do first.
func summary(w io.Writer, s *stack) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	url := s.settings.Web.PublicURL
	if url == "" {
		url = s.url()
	}
	say("\nHotline is ready: %s", url)
	users, err := demoUsers(s.path("demo-users.json"))
	if err == nil && s.settings.Demo && len(users) > 0 {
		say("\nSign in as one of these:")
		table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		for _, u := range users {
			_, _ = fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", u.Login, u.Password, u.Role, u.Name)
		}
		_ = table.Flush()
	}
	sip := s.settings.SIP.Addr
	host, port, err := net.SplitHostPort(sip)
	if err == nil && (host == "0.0.0.0" || host == "::") {
		sip = net.JoinHostPort("127.0.0.1", port)
	}
	say("\nFirst: sign in as an agent, allow the microphone, press Ready.")
	if s.settings.Demo {
		say("A demo caller rings within half a minute. Or ring yourself, with any SIP phone on this machine: sip:%s@%s", s.settings.SIP.Number, sip)
	} else {
		say("Then ring, with any SIP phone on this machine: sip:%s@%s", s.settings.SIP.Number, sip)
	}
	say("Settings, logs and data are in %s", s.run)
}

func demoUsers(path string) ([]demoUser, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read demo users: %w", err)
	}
	var users []demoUser
	if err := json.Unmarshal(data, &users); err != nil {
		return nil, fmt.Errorf("read demo users: %w", err)
	}
	return users, nil
}

func indent(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return "\n    " + strings.Join(lines, "\n    ")
}
