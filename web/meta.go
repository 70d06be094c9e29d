package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
)

// DemoLogin is a person of the demonstration, named on the sign-in page.
type DemoLogin struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Name     string `json:"name"`
	Role     Role   `json:"role" enum:"agent,supervisor,qa,admin"`
}

// Meta is what the app must know before anybody signs in.
type Meta struct {
	Name                string      `json:"name"`
	Version             string      `json:"version"`
	Languages           []string    `json:"languages"`
	DefaultLanguage     string      `json:"default_language"`
	TimeZone            string      `json:"time_zone"`
	Demo                bool        `json:"demo"`
	DemoLogins          []DemoLogin `json:"demo_logins"`
	Mailbox             bool        `json:"mailbox" doc:"Messages to customers can be read on a page instead of being sent."`
	SecureContextNeeded bool        `json:"secure_context_needed" doc:"The address is neither TLS nor this machine: the browser will give no microphone."`
}

type metaInput struct{ client }

func (s *Server) registerMeta() {
	route(s, endpoint{method: http.MethodGet, path: "/meta", id: "getMeta", right: RightPublic, summary: "What the app must know before sign-in"}, s.meta)
}

func (s *Server) meta(_ context.Context, _ Who, in *metaInput) (Meta, error) {
	demo := s.Demo
	if demo == nil {
		demo = []DemoLogin{}
	}
	return Meta{
		Name: s.Name, Version: s.Version, Languages: []string{"zh-TW", "en"}, DefaultLanguage: "zh-TW", TimeZone: s.zone.String(),
		Mailbox: s.Mailbox, Demo: len(demo) > 0, DemoLogins: demo, SecureContextNeeded: !s.Config.secure() && !isLoopback(in.request.Host),
	}, nil
}

// isLoopback says whether browsers take the host for this machine: Secure Contexts, section 3.1.
func isLoopback(host string) bool {
	u := url.URL{Host: host}
	name := u.Hostname()
	if name == "localhost" || len(name) > 10 && name[len(name)-10:] == ".localhost" {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.IsLoopback() || err != nil && net.ParseIP(name).IsLoopback()
}
