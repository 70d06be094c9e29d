package aritest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hotline/internal/asterisk"
)

// App, User and Password are what the server knows.
const (
	App      = "hotline"
	User     = "hotline"
	Password = "secret"
)

// Message is a JSON object that goes over the socket.
type Message map[string]any

// Request is one request of the client, by whichever way.
type Request struct {
	Method string
	Path   string            // with the ids, without the query: channels/c1/answer
	Query  map[string]string // also those that came in the body
	Vars   map[string]any    // the "variables" of the body
	HTTP   bool              // it did not come on the websocket
}

// Reply is an answer by script.
type Reply struct {
	Status int // 0: none ever comes
	Body   any // encoded as JSON, unless nil
	Drop   bool
	// Send are events sent before the answer.
	Send []Message
}

type rule struct {
	method, pattern string
	reply           func(Request) *Reply
	once, used      bool
}

// Server is an Asterisk. Its methods may be called from any goroutine.
type Server struct {
	tb       testing.TB
	listener *listener
	http     http.Server
	running  sync.WaitGroup

	mu       sync.Mutex
	sockets  []*socket
	rules    []*rule
	requests []Request
	awaited  int           // requests before this one have been given by Await
	changed  chan struct{} // closed and renewed when requests or sockets change
	refuse   bool
	frozen   chan struct{} // closed when it is thawed; nil: not frozen
	lasts    time.Duration
	world    world
}

// New starts a server that ends with the test.
func New(tb testing.TB) *Server {
	s := &Server{tb: tb, listener: newListener(), changed: make(chan struct{}), world: newWorld()}
	mux := http.NewServeMux()
	mux.HandleFunc("/ari/events", s.serveEvents)
	mux.HandleFunc("/ari/", s.serveHTTP)
	s.http.Handler = mux
	s.running.Go(func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			tb.Errorf("aritest: serve: %v", err)
		}
	})
	tb.Cleanup(s.close)
	return s
}

func (s *Server) close() {
	s.Thaw()
	s.Drop()
	if err := s.http.Close(); err != nil {
		s.tb.Errorf("aritest: close: %v", err)
	}
	s.running.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		if r.once && !r.used {
			s.tb.Errorf("aritest: %s %s was expected and never came", r.method, r.pattern)
		}
	}
}

// Config is a client's configuration for this server; its Options must have Dial.
func (s *Server) Config() asterisk.Config {
	return asterisk.Config{URL: "http://asterisk.test/ari", App: App, User: User, Password: Password}
}

// Dial connects to the server, whatever the address.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	return s.listener.dial(ctx)
}

// Expect answers the next request of this method and path by script. A star in the path stands for one segment. The
// request must come before the test ends.
func (s *Server) Expect(method, pattern string, reply Reply) {
	s.rule(&rule{method: method, pattern: pattern, once: true, reply: func(Request) *Reply { return &reply }})
}

// On answers every request of this method and path from now on, before older rules. Where it returns nil, the server
// answers by itself.
func (s *Server) On(method, pattern string, reply func(Request) *Reply) {
	s.rule(&rule{method: method, pattern: pattern, reply: reply})
}

func (s *Server) rule(r *rule) {
	if _, err := path.Match(r.pattern, ""); err != nil {
		s.tb.Fatalf("aritest: pattern %q: %v", r.pattern, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.once {
		s.rules = append(s.rules, r)
	} else {
		s.rules = append([]*rule{r}, s.rules...)
	}
}

// scripted returns the scripted reply, or nil.
func (s *Server) scripted(req Request) *Reply {
	s.mu.Lock()
	var found *rule
	for _, r := range s.rules {
		if matches(req, r.method, r.pattern) && (!r.once || !r.used) && (found == nil || r.once && !found.once) {
			found = r
		}
	}
	if found != nil {
		found.used = true
	}
	s.mu.Unlock()
	if found == nil {
		return nil
	}
	return found.reply(req)
}

func matches(req Request, method, pattern string) bool {
	ok, err := path.Match(pattern, req.Path)
	return ok && err == nil && req.Method == method
}

// Requests returns all requests so far but those that only ask (GET).
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Request
	for _, r := range s.requests {
		if r.Method != http.MethodGet {
			out = append(out, r)
		}
	}
	return out
}

// Await returns the next request of this method and path after the one it returned before, and waits for it for as long
// as ctx allows.
func (s *Server) Await(ctx context.Context, method, pattern string) Request {
	s.tb.Helper()
	for {
		s.mu.Lock()
		for i := s.awaited; i < len(s.requests); i++ {
			if r := s.requests[i]; matches(r, method, pattern) {
				s.awaited = i + 1
				s.mu.Unlock()
				return r
			}
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			s.tb.Fatalf("aritest: no %s %s came: %v", method, pattern, ctx.Err())
		}
	}
}

// Connections tells how many websockets are open.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets)
}

// note must be called with s.mu held.
func (s *Server) note() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// handle answers one request; send carries the answer away, after it the events that follow from it are sent.
func (s *Server) handle(req Request, send func(status int, body any), drop func()) {
	s.mu.Lock()
	s.requests = append(s.requests, req)
	s.note()
	s.mu.Unlock()
	if r := s.scripted(req); r != nil {
		for _, m := range r.Send {
			s.Send(m)
		}
		switch {
		case r.Drop:
			drop()
		case r.Status != 0:
			send(r.Status, r.Body)
		}
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	status, body := s.answer(req)
	events := s.world.events
	s.world.events = nil
	send(status, body)
	for _, m := range events {
		s.send(m)
	}
}

func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); user != User || password != Password {
		http.Error(w, `{"message":"Authentication required"}`, http.StatusUnauthorized)
		return
	}
	req := Request{Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, "/ari/"), Query: map[string]string{}, HTTP: true}
	for name, values := range r.URL.Query() {
		req.Query[name] = values[0]
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	req.addBody(body)
	answered := false
	s.handle(req, func(status int, body any) {
		answered = true
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if body != nil {
			_ = json.NewEncoder(w).Encode(body) // the client may be gone
		}
	}, func() { panic(http.ErrAbortHandler) })
	if !answered {
		<-r.Context().Done()
	}
}

func (r *Request) addBody(body []byte) {
	var all map[string]any
	if json.Unmarshal(body, &all) != nil {
		return
	}
	for name, value := range all {
		switch v := value.(type) {
		case string:
			if name == "channel" || name == "media" {
				v = strings.ReplaceAll(v, ",", "\\,") // one element, and none that exists
			}
			r.Query[name] = v
		case []any:
			var list []string
			for _, element := range v {
				if text, ok := element.(string); ok {
					list = append(list, text)
				}
			}
			r.Query[name] = strings.Join(list, ",")
		case map[string]any:
			if name == "variables" {
				r.Vars = v
			}
		}
	}
}

func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	s.mu.Lock()
	refuse := s.refuse
	s.mu.Unlock()
	switch {
	case refuse:
		http.Error(w, "Asterisk not booted", http.StatusServiceUnavailable)
		return
	case user != User || password != Password:
		http.Error(w, "Authentication required", http.StatusUnauthorized)
		return
	}
	up := websocket.Upgrader{Subprotocols: []string{"ari"}}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	k := newSocket(s, ws)
	s.mu.Lock()
	for _, older := range s.sockets {
		if !older.replaced {
			older.replaced = true
			older.send(s.stamp(Message{"type": "ApplicationReplaced"}))
		}
	}
	s.sockets = append(s.sockets, k)
	s.note()
	s.mu.Unlock()
	k.run()
}
