package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/customer"
	"hotline/internal/jobs"
	"hotline/internal/notify"
	"hotline/internal/pg/pgtest"
	"hotline/internal/site"
	"hotline/internal/speak"
	"hotline/ivr/flowstore"
	"hotline/qa"
	"hotline/recording"
	"hotline/recording/keep"
	"hotline/recording/vaulttest"
	"hotline/web/desk"
)

const password = "correct horse battery"

// passwordHash is made once: each costs 30 ms.
var passwordHash = sync.OnceValue(func() string {
	hash, err := HashPassword(password)
	if err != nil {
		panic(err)
	}
	return hash
})

// fakeFloor is the exchange at its boundary.
type fakeFloor struct {
	mu    sync.Mutex
	asked []cti.Event
	views map[id.AgentID]cti.AgentView
	now   cti.Overview
}

func (f *fakeFloor) Ask(_ context.Context, ev cti.Event) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, ev)
	return nil
}

func (f *fakeFloor) View(agent id.AgentID) (cti.AgentView, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v, ok := f.views[agent]
	return v, ok
}

func (f *fakeFloor) Overview() cti.Overview {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fakeFloor) setView(v cti.AgentView) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.views[v.Agent] = v
}

// fakeTrials notes which trials are to be run.
type fakeTrials struct{ asked []int64 }

func (f *fakeTrials) TryRules(_ context.Context, _ pgx.Tx, trial int64) error {
	f.asked = append(f.asked, trial)
	return nil
}

type fakeMedia struct{ err error }

func (m *fakeMedia) Offer(context.Context, id.AgentID, string) (string, error) {
	return "v=0 answer", m.err
}
func (m *fakeMedia) Drop(context.Context, id.AgentID) error { return nil }

// site of a test: a server on a database of its own.
type fixture struct {
	*Server
	t     testing.TB
	url   string
	floor *fakeFloor
	media *fakeMedia
	clock *clock
	dir   string
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newFixture(t testing.TB, change ...func(*Deps)) *fixture {
	t.Helper()
	db := pgtest.Pool(t)
	f := &fixture{
		t: t, floor: &fakeFloor{views: map[id.AgentID]cti.AgentView{}}, media: &fakeMedia{},
		// Whole microseconds, as the database keeps them.
		clock: &clock{at: time.Now().Truncate(time.Microsecond)}, dir: t.TempDir(),
	}
	catalogue := recording.NewStore(db, f.dir)
	d := Deps{
		Log: slog.New(slog.NewTextHandler(testWriter{t}, nil)), DB: db, Floor: f.floor, Media: f.media, Pauses: &fakePauser{},
		Customers: customer.NewStore(db), Recordings: catalogue, Vault: vaulttest.New(t, catalogue, f.dir), Quality: qa.NewStore(db), Trials: &fakeTrials{}, Outbox: must(jobs.NewInserter(db)), Messages: notify.NewStore(db), Site: site.NewStore(db, nil), Flows: flowstore.NewStore(db),
		Keep:     keep.NewStore(db, 365, func(context.Context, id.LegID) error { return nil }),
		Registry: prometheus.NewRegistry(), Now: f.clock.now, Name: "好日生活",
		UI: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>app")}, "assets/a-1234.js": {Data: bytes.Repeat([]byte("let a;"), 1000)}},
	}
	d.Uploads = flowstore.NewRecordings(d.Flows, speak.Key)
	var err error
	if d.Sounds, err = speak.NewStore(filepath.Join(f.dir, "sounds"), []speak.Pack{d.Uploads}, []speak.Engine{robot{}}, d.Log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Sounds.Close)
	d.Hub = desk.NewHub(desk.Options{Log: d.Log, Registry: d.Registry, Popped: func(a id.AgentID, c id.CallID, cs []int64) { f.Popped(a, c, cs) }})
	for _, c := range change {
		c(&d)
	}
	server, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	f.Server = server
	ts := httptest.NewServer(server)
	t.Cleanup(ts.Close)
	t.Cleanup(d.Hub.Close)
	f.url = ts.URL
	return f
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func (f *fixture) exec(sql string, args ...any) {
	f.t.Helper()
	if _, err := f.DB.Exec(f.t.Context(), sql, args...); err != nil {
		f.t.Fatal(err)
	}
}

// user adds a person with the common password.
func (f *fixture) user(userID, login string, role Role, scope Scope, team string) {
	f.t.Helper()
	f.exec(`insert into teams (id, name) select $1, $1 where $1 <> '' on conflict do nothing`, team)
	f.exec(`insert into users (id, login, name, password_hash, role, scope, team_id) values ($1, $2, $3, $4, $5, $6, nullif($7, ''))`,
		userID, login, "Name of "+login, passwordHash(), role, scope, team)
}

// browser is somebody with cookies.
type browser struct {
	f *fixture
	http.Client
}

func (f *fixture) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return &browser{f: f, Client: http.Client{Jar: jar}}
}

// as is a browser with a session of the person, made without the sign-in.
func (f *fixture) as(userID string) *browser {
	f.t.Helper()
	token, err := f.auth.begin(f.t.Context(), id.AgentID(userID))
	if err != nil {
		f.t.Fatal(err)
	}
	b := f.browser()
	b.Transport = withCookie{token}
	return b
}

type withCookie struct{ token string }

func (w withCookie) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.AddCookie(&http.Cookie{Name: "hotline", Value: w.token})
	return http.DefaultTransport.RoundTrip(r)
}

type result struct {
	*http.Response
	body []byte
}

func (r result) code() string {
	var p Problem
	_ = json.Unmarshal(r.body, &p) // No problem has no code.
	return p.Code
}

func (b *browser) do(method, path string, body any, headers ...string) result {
	b.f.t.Helper()
	var in io.Reader
	switch v := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(v)
	default:
		data, err := json.Marshal(v)
		if err != nil {
			b.f.t.Fatal(err)
		}
		in = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(b.f.t.Context(), method, b.f.url+path, in)
	if err != nil {
		b.f.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := b.Do(r)
	if err != nil {
		b.f.t.Fatal(err)
	}
	data, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		b.f.t.Fatal(err)
	}
	return result{resp, data}
}

// get decodes a GET that must succeed.
func get[T any](b *browser, path string) (out T) {
	b.f.t.Helper()
	r := b.do(http.MethodGet, path, nil)
	if r.StatusCode != http.StatusOK {
		b.f.t.Fatalf("GET %s: %d %s", path, r.StatusCode, r.body)
	}
	if err := json.Unmarshal(r.body, &out); err != nil {
		b.f.t.Fatalf("GET %s: %v in %s", path, err, r.body)
	}
	return out
}

func (b *browser) want(status int, code, method, path string, body any, headers ...string) result {
	b.f.t.Helper()
	r := b.do(method, path, body, headers...)
	if r.StatusCode != status || r.code() != code {
		b.f.t.Errorf("%s %s: got %d %q (%s), want %d %q", method, path, r.StatusCode, r.code(), r.body, status, code)
	}
	return r
}

func count(f *fixture, sql string, args ...any) (n int) {
	f.t.Helper()
	if err := f.DB.QueryRow(f.t.Context(), sql, args...).Scan(&n); err != nil {
		f.t.Fatal(err)
	}
	return n
}

// signIn is the way through the front door.
func (b *browser) signIn(login, password string) result {
	b.f.t.Helper()
	return b.do(http.MethodPost, "/api/v1/session", map[string]string{"login": login, "password": password})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprint(err))
	}
	return v
}
