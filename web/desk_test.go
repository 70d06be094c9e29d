package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hotline/cti"
)

// socket is a desk's end of the websocket.
type socket struct {
	t  *testing.T
	ws *websocket.Conn
}

type told struct {
	Seq  uint64          `json:"seq"`
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

func dial(f *fixture, b *browser, query string, header http.Header) (*websocket.Conn, *http.Response, error) {
	if header == nil {
		header = http.Header{}
	}
	if c, ok := b.Transport.(withCookie); ok {
		header.Add("Cookie", "hotline="+c.token)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(f.url, "http")+"/api/v1/desk/ws?"+query, header)
}

func openDesk(t *testing.T, f *fixture, b *browser, client string) *socket {
	t.Helper()
	ws, _, err := dial(f, b, "as=desk&client="+client, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	return &socket{t, ws}
}

// next reads until a message of the type comes.
func (s *socket) next(kind string) told {
	s.t.Helper()
	for {
		if err := s.ws.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			s.t.Fatal(err)
		}
		var m told
		if err := s.ws.ReadJSON(&m); err != nil {
			s.t.Fatalf("wait for %s: %v", kind, err)
		}
		if m.Type == kind {
			return m
		}
	}
}

// closed reads to the end and returns the close code.
func (s *socket) closed() int {
	s.t.Helper()
	for {
		if err := s.ws.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			s.t.Fatal(err)
		}
		if _, _, err := s.ws.ReadMessage(); err != nil {
			if end, ok := errors.AsType[*websocket.CloseError](err); ok {
				return end.Code
			}
			s.t.Fatal(err)
		}
	}
}

func TestDeskIsOpenedWithSessionRightAndOrigin(t *testing.T) {
	f := newFixture(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	f.user("u2", "ann", RoleAdmin, ScopeAll, "")
	agent, admin := f.as("u1"), f.as("u2")
	for name, c := range map[string]struct {
		b      *browser
		query  string
		origin string
		status int
	}{
		"agent's desk":   {agent, "as=desk&client=12345678", f.url, 101},
		"no origin":      {agent, "as=desk&client=abcdefgh", "", 101},
		"nobody":         {f.browser(), "as=desk&client=12345678", "", 401},
		"another site":   {agent, "as=desk&client=12345678", "https://evil.example", 403},
		"opaque origin":  {agent, "as=desk&client=12345678", "null", 403},
		"admin's desk":   {admin, "as=desk&client=12345678", "", 403},
		"admin watches":  {admin, "as=floor&client=12345678", "", 101},
		"agent watches":  {agent, "as=floor&client=12345678", "", 403},
		"no client":      {agent, "as=desk", "", 400},
		"strange client": {agent, "as=desk&client=%3Cscript%3E1", "", 400},
		"strange since":  {agent, "as=desk&client=12345678&since=-1", "", 400},
		"strange as":     {agent, "as=god&client=12345678", "", 400},
	} {
		header := http.Header{}
		if c.origin != "" {
			header.Set("Origin", c.origin)
		}
		ws, r, err := dial(f, c.b, c.query, header)
		if ws != nil {
			_ = ws.Close()
		}
		if r == nil || r.StatusCode != c.status {
			t.Errorf("%s: %v %v, want %d", name, r, err, c.status)
		}
	}
	r := agent.do("GET", "/api/v1/desk/ws?as=desk&client=12345678", nil)
	if r.StatusCode != http.StatusBadRequest {
		t.Errorf("no websocket: %d", r.StatusCode)
	}
}

func TestMediaIsOfferedByTheDeskAlone(t *testing.T) {
	f := newFixture(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	b := f.as("u1")
	offer := map[string]string{"client": "desk-client-1", "sdp": "v=0 an offer"}
	b.want(409, "not_here", "POST", "/api/v1/desk/media", offer)
	openDesk(t, f, b, "desk-client-1").next("snapshot")
	if r := b.do("POST", "/api/v1/desk/media", offer); r.StatusCode != 200 || !strings.Contains(string(r.body), "v=0 answer") {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
	b.want(409, "not_here", "POST", "/api/v1/desk/media", map[string]string{"client": "another-client", "sdp": "v=0 an offer"})
	f.media.err = errors.New("gateway away")
	b.want(503, "no_media", "POST", "/api/v1/desk/media", offer)
}

func TestFloorIsPushedByReach(t *testing.T) {
	f := newFixture(t)
	f.user("u1", "amy", RoleSupervisor, ScopeTeam, "blue")
	f.user("u2", "ann", RoleAdmin, ScopeAll, "")
	f.user("u3", "red", RoleAgent, ScopeOwn, "red")
	f.exec(`insert into queues (id, name_zh, name_en) values ('order', '訂購', 'Orders')`)
	f.floor.now = cti.Overview{Calls: 1, Queues: []cti.QueueView{{Queue: "order"}}, Agents: []cti.AgentView{{Agent: "u1"}, {Agent: "u3"}}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.feed.run(ctx) }()
	for user, want := range map[string]int{"u1": 1, "u2": 2} {
		ws, _, err := dial(f, f.as(user), "as=floor&client=12345678", nil)
		if err != nil {
			t.Fatal(err)
		}
		s := &socket{t, ws}
		var v FloorView
		if err := json.Unmarshal(s.next("floor").Data, &v); err != nil {
			t.Fatal(err)
		}
		if len(v.Agents) != want || len(v.Queues) != 1 || v.Queues[0].NameEN != "Orders" || v.Queues[0].Today.ServiceLevel != 100 {
			t.Errorf("%s sees %+v", user, v)
		}
		if err := ws.Close(); err != nil {
			t.Error(err)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAnEndedSessionLosesItsDesk(t *testing.T) {
	f := newFixture(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	f.user("u2", "ann", RoleAdmin, ScopeAll, "")
	d := openDesk(t, f, f.as("u1"), "desk-client-1")
	d.next("snapshot")
	f.as("u2").want(200, "", "PATCH", "/api/v1/users/u1", `{"active":false}`)
	if code := d.closed(); code != 4003 {
		t.Errorf("closed with %d", code)
	}
}
