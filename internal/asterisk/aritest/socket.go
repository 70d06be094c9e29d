package aritest

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// socket is one websocket of the client's. What it sends is queued, so that nothing of the server waits for the client.
type socket struct {
	server   *Server
	ws       *websocket.Conn
	replaced bool // guarded by the server's mu

	mu     sync.Mutex
	frames [][]byte
	filled chan struct{}
	done   chan struct{}
	closed bool
}

func newSocket(s *Server, ws *websocket.Conn) *socket {
	return &socket{server: s, ws: ws, filled: make(chan struct{}, 1), done: make(chan struct{})}
}

func (k *socket) send(m Message) {
	frame, err := json.Marshal(m)
	if err != nil {
		k.server.tb.Errorf("aritest: encode a message: %v", err)
		return
	}
	k.sendRaw(frame)
}

func (k *socket) sendRaw(frame []byte) {
	k.mu.Lock()
	k.frames = append(k.frames, frame)
	k.mu.Unlock()
	select {
	case k.filled <- struct{}{}:
	default:
	}
}

func (k *socket) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.closed {
		k.closed = true
		close(k.done)
		_ = k.ws.Close() // whoever reads or writes it notices
	}
}

// run serves the socket until it is lost.
func (k *socket) run() {
	var writing sync.WaitGroup
	writing.Go(k.write)
	k.read()
	k.close()
	writing.Wait()
	s := k.server
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = slices.DeleteFunc(s.sockets, func(o *socket) bool { return o == k })
	s.note()
}

func (k *socket) write() {
	for {
		k.mu.Lock()
		frames := k.frames
		k.frames = nil
		k.mu.Unlock()
		for _, f := range frames {
			if k.ws.WriteMessage(websocket.TextMessage, f) != nil {
				k.close()
				return
			}
		}
		select {
		case <-k.filled:
		case <-k.done:
			return
		}
	}
}

func (k *socket) read() {
	k.ws.SetPingHandler(func(data string) error {
		k.freeze()
		return k.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
	})
	for {
		_, frame, err := k.ws.ReadMessage()
		if err != nil {
			return
		}
		k.freeze()
		k.take(frame)
	}
}

// freeze waits while the server is frozen.
func (k *socket) freeze() {
	k.server.mu.Lock()
	frozen := k.server.frozen
	k.server.mu.Unlock()
	if frozen == nil {
		return
	}
	select {
	case <-frozen:
	case <-k.done:
	}
}

func (k *socket) take(frame []byte) {
	var m struct {
		Type          string `json:"type"`
		TransactionID string `json:"transaction_id"`
		RequestID     string `json:"request_id"`
		Method        string `json:"method"`
		URI           string `json:"uri"`
		ContentType   string `json:"content_type"`
		Body          string `json:"message_body"`
		Query         []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"query_strings"`
	}
	if err := json.Unmarshal(frame, &m); err != nil || m.Type != "RESTRequest" || m.Method == "" || m.URI == "" {
		k.server.tb.Errorf("aritest: the client sent %q", frame)
		return
	}
	if m.Body != "" && m.ContentType != "application/json" {
		k.server.tb.Errorf("aritest: a body of type %q", m.ContentType)
	}
	p, err := url.PathUnescape(m.URI)
	if err != nil {
		k.server.tb.Errorf("aritest: the client sent the uri %q: %v", m.URI, err)
	}
	req := Request{Method: m.Method, Path: p, Query: map[string]string{}}
	for _, q := range m.Query {
		req.Query[q.Name] = q.Value
	}
	req.addBody([]byte(m.Body))
	k.server.handle(req, func(status int, body any) {
		reply := Message{
			"type": "RESTResponse", "transaction_id": m.TransactionID, "request_id": m.RequestID, "status_code": status,
			"reason_phrase": "as scripted", "uri": m.URI, "application": App,
		}
		if body != nil {
			b, err := json.Marshal(body)
			if err != nil {
				k.server.tb.Errorf("aritest: encode a reply: %v", err)
			}
			reply["content_type"], reply["message_body"] = "application/json", string(b)
		}
		k.send(reply)
	}, k.close)
}

// Send sends an event to the connected client. Application, time and node are added.
func (s *Server) Send(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.send(m)
}

// send needs s.mu. Asterisk sends to the newest connection only, and to nobody if there is none.
func (s *Server) send(m Message) {
	for _, k := range s.sockets {
		if !k.replaced {
			k.send(s.stamp(m))
		}
	}
}

func (s *Server) stamp(m Message) Message {
	out := Message{"application": App, "asterisk_id": "00:00:00:00:00:01", "timestamp": stamp(time.Now())}
	for name, value := range m {
		out[name] = value
	}
	return out
}

func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000-0700") }

// SendRaw sends a frame as it is, e.g. a broken one.
func (s *Server) SendRaw(frame string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		k.sendRaw([]byte(frame))
	}
}

// Drop closes every websocket.
func (s *Server) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		k.close()
	}
}

// Refuse lets every further connection fail, or no longer.
func (s *Server) Refuse(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = on
}

// Replace tells the client that another one has taken the application, and sends it no more events.
func (s *Server) Replace() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		k.replaced = true
		k.send(s.stamp(Message{"type": "ApplicationReplaced"}))
	}
}

// Freeze stops reading: requests and pings stay unanswered.
func (s *Server) Freeze() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.frozen == nil {
		s.frozen = make(chan struct{})
	}
}

// Thaw ends Freeze.
func (s *Server) Thaw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.frozen != nil {
		close(s.frozen)
		s.frozen = nil
	}
}

// listener is a network of pipes.
type listener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newListener() *listener { return &listener{conns: make(chan net.Conn), done: make(chan struct{})} }

func (l *listener) dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: "asterisk.test", Net: "pipe"} }
