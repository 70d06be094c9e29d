package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/internal/pg"
)

func TestHealthReadinessAndMetrics(t *testing.T) {
	var fault error
	f := newFixture(t, func(d *Deps) {
		d.Checks = []Check{{"database", func(ctx context.Context) error { return d.DB.Ping(ctx) }}, {"asterisk", func(context.Context) error { return fault }}}
	})
	b := f.browser()
	if r := b.do("GET", "/healthz", nil); r.StatusCode != 200 {
		t.Errorf("healthz %d", r.StatusCode)
	}
	if r := b.do("GET", "/readyz", nil); r.StatusCode != 200 || !strings.Contains(string(r.body), `"ok":true`) {
		t.Errorf("readyz %d %s", r.StatusCode, r.body)
	}
	fault = errors.New("not connected")
	r := b.do("GET", "/readyz", nil)
	var ready readiness
	if err := json.Unmarshal(r.body, &ready); err != nil || r.StatusCode != 503 || ready.OK || ready.Checks[1].Detail != "not connected" {
		t.Errorf("readyz %d %s", r.StatusCode, r.body)
	}
	b.signIn("nobody", "nothing")
	if r := b.do("GET", "/metrics", nil); r.StatusCode != 200 || !strings.Contains(string(r.body), `hotline_sign_ins_total{result="wrong"} 1`) {
		t.Errorf("metrics %d %s", r.StatusCode, r.body)
	}
	b.want(403, "forbidden", "GET", "/metrics", nil, "X-Forwarded-For", "203.0.113.9")
	far := newFixture(t, func(d *Deps) { d.Config.MetricsFrom = []string{"10.0.0.0/8"} })
	far.browser().want(403, "forbidden", "GET", "/metrics", nil)
}

func TestAppIsServed(t *testing.T) {
	f := newFixture(t)
	b := f.browser()
	for _, path := range []string{"/", "/calls/c1", "/index.html"} {
		r := b.do("GET", path, nil)
		if r.StatusCode != 200 || !strings.Contains(string(r.body), "app") || r.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %s %v", path, r.StatusCode, r.body, r.Header)
		}
		csp := r.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "script-src 'self';") || r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", path, r.Header)
		}
	}
	r := b.do("GET", "/assets/a-1234.js", nil)
	if r.StatusCode != 200 || len(r.body) != 6000 || !r.Uncompressed || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") || !strings.Contains(r.Header.Get("Content-Type"), "javascript") {
		t.Errorf("%d, %d bytes, %v", r.StatusCode, len(r.body), r.Header)
	}
	if r := b.do("GET", "/assets/a-1234.js", nil, "Accept-Encoding", "identity"); len(r.body) != 6000 || r.Header.Get("Content-Encoding") != "" {
		t.Errorf("plain: %d bytes, %v", len(r.body), r.Header)
	}
	b.want(404, "not_found", "GET", "/assets/gone.js", nil)
	b.want(404, "not_found", "GET", "/api/v1/nothing", nil)
	b.want(405, "bad_request", "POST", "/", "{}")
	if r := b.do("GET", "/../../etc/passwd", nil); strings.Contains(string(r.body), "root:") {
		t.Error("reads outside the app")
	}
	unbuilt := newFixture(t, func(d *Deps) { d.UI = fstest.MapFS{} })
	if r := unbuilt.browser().do("GET", "/", nil); r.StatusCode != 200 || !strings.Contains(string(r.body), "make ui") {
		t.Errorf("unbuilt: %d %s", r.StatusCode, r.body)
	}
}

func TestMetaSaysWhetherTheBrowserWillGiveAMicrophone(t *testing.T) {
	f := newFixture(t, func(d *Deps) { d.Demo = []DemoLogin{{"amy", "amy-demo-1234", "艾咪", RoleAgent}} })
	m := get[Meta](f.browser(), "/api/v1/meta")
	if m.SecureContextNeeded || !m.Demo || m.DemoLogins[0].Login != "amy" || m.Name != "好日生活" {
		t.Errorf("%+v", m)
	}
	for host, want := range map[string]bool{"localhost:8080": true, "127.0.0.1": true, "[::1]:8080": true, "desk.localhost": true, "10.0.0.4:8080": false, "hotline.example.com": false, "localhost.example.com": false} {
		if isLoopback(host) != want {
			t.Errorf("%s: %v", host, !want)
		}
	}
}

func TestDatabaseAway(t *testing.T) {
	db := must(pg.Open(t.Context(), pg.Config{DSN: "host=" + t.TempDir() + " user=nobody dbname=none"}))
	t.Cleanup(db.Close)
	f := newFixture(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	b := f.as("u1")
	get[Me](b, "/api/v1/session")
	here := f.DB
	away := func(pool *pgxpool.Pool) { f.DB, f.auth.db, f.access.db = pool, pool, pool }
	away(db)
	t.Cleanup(func() { away(here) })
	f.clock.pass(sessionFresh)
	if r := b.want(503, "unavailable", "GET", "/api/v1/calls", nil); r.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	// The session is still known, so the desk works.
	if r := b.do("GET", "/api/v1/desk", nil); r.StatusCode != 200 {
		t.Errorf("desk: %d %s", r.StatusCode, r.body)
	}
	f.browser().want(503, "unavailable", "POST", "/api/v1/session", map[string]string{"login": "amy", "password": password})
}

func TestAddressBehindProxies(t *testing.T) {
	s := &Server{proxies: prefixes([]string{"10.0.0.0/8"})}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"192.0.2.1:1", "203.0.113.9", "192.0.2.1"},
		{"10.0.0.1:1", "203.0.113.9", "203.0.113.9"},
		{"10.0.0.1:1", "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"},
		{"10.0.0.1:1", "", "10.0.0.1"},
		{"10.0.0.1:1", "junk", "10.0.0.1"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := s.address(r); got != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	for want, c := range map[string]Config{
		"addr": {Addr: "8080"}, "public_url": {PublicURL: "hotline.example.com"}, "both or neither": {CertFile: "x"},
		"PEM": {CertFile: "/missing", KeyFile: "/missing"}, "metrics_from": {MetricsFrom: []string{"everybody"}}, "trusted_proxies": {TrustedProxies: []string{"10.0.0.1"}},
	} {
		if faults := c.Check(); len(faults) != 1 || !strings.Contains(faults[0], want) {
			t.Errorf("%+v: %q", c, faults)
		}
	}
	if faults := (Config{}).Check(); faults != nil {
		t.Errorf("defaults: %q", faults)
	}
}

func TestServeStopsInOrder(t *testing.T) {
	f := newFixture(t)
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.Serve(ctx, l) }()
	r, err := http.Get("http://" + l.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err = errors.Join(err, r.Body.Close()); err != nil || string(body) != "ok\n" {
		t.Errorf("%s %v", body, err)
	}
	f.Popped("u1", "c1", []int64{7})
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := count(f, `select count(*) from access_log where action = 'pop_customer' and object = 'customer:7' and detail->>'call' = 'c1'`); n != 1 {
		t.Errorf("%d pops logged", n)
	}
}
