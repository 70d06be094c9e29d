package asterisk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	pingEvery    = 5 * time.Second
	silenceLimit = 15 * time.Second // without any frame, not even a pong
	writeLimit   = 5 * time.Second
	// Longest message taken from Asterisk: GET /channels with thousands of calls is one message of some megabytes.
	readLimit = 64 << 20
)

// socket is one websocket from its handshake to its end. read and write each run in one goroutine.
type socket struct {
	client *Client
	ws     *websocket.Conn
	frames chan []byte   // to write
	done   chan struct{} // closed when the socket is lost; err is set before that

	mu      sync.Mutex
	err     error
	lastID  uint64
	pending map[string]*reply
	held    []Event // read while the lists are made; nil once released
	live    bool    // events go straight to the queue
}

// reply is the answer to one request, to come.
type reply struct {
	socket *socket
	req    request
	id     string
	came   chan response // takes one
}

type response struct {
	status  int
	message string
	body    []byte
}

// requestFrame and messageFrame: docs.asterisk.org, "ARI REST over WebSocket".
type requestFrame struct {
	Type        string      `json:"type"`
	RequestID   string      `json:"request_id"`
	Method      string      `json:"method"`
	URI         string      `json:"uri"`
	Query       []parameter `json:"query_strings,omitempty"`
	ContentType string      `json:"content_type,omitempty"`
	Body        string      `json:"message_body,omitempty"`
}

type parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type messageFrame struct {
	Type        string `json:"type"`
	Application string `json:"application"`
	RequestID   string `json:"request_id"`
	Status      int    `json:"status_code"`
	Reason      string `json:"reason_phrase"`
	Body        string `json:"message_body"`
}

func newSocket(c *Client, ws *websocket.Conn) *socket {
	return &socket{
		client: c, ws: ws, frames: make(chan []byte, 64), done: make(chan struct{}), pending: map[string]*reply{},
	}
}

// fail ends the socket, once: whoever waits for an answer gets err.
func (s *socket) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	s.err = err
	s.pending = nil
	close(s.done)
	_ = s.ws.Close() // wakes read and write; nothing is lost by its error
}

func (s *socket) read() {
	s.ws.SetReadLimit(readLimit)
	alive := func(string) error { return s.ws.SetReadDeadline(time.Now().Add(silenceLimit)) }
	s.ws.SetPongHandler(alive)
	for {
		if err := alive(""); err != nil {
			s.fail(fmt.Errorf("read from ARI: %w", err))
			return
		}
		_, data, err := s.ws.ReadMessage()
		if err != nil {
			s.fail(fmt.Errorf("read from ARI: %w", err))
			return
		}
		s.take(data)
	}
}

// take sorts one message: an answer goes to who asked, an event to the queue.
func (s *socket) take(data []byte) {
	var m messageFrame
	if err := json.Unmarshal(data, &m); err != nil {
		s.skip("malformed", err)
		return
	}
	if m.Type == "RESTResponse" {
		s.answer(m)
		return
	}
	ev, err := decodeAs(m.Type, data)
	switch {
	case errors.Is(err, ErrUnknownEvent):
		s.skip("unknown", err)
		return
	case err != nil:
		s.skip("malformed", err)
		return
	case ev == nil:
		return
	}
	_, replaced := ev.(ApplicationReplaced)
	if replaced && m.Application != s.client.cfg.App {
		return
	}
	s.deliver(ev)
	if replaced {
		s.fail(ErrReplaced)
	}
}

func (s *socket) skip(reason string, err error) {
	s.client.metrics.unknown.WithLabelValues(reason).Inc()
	s.client.log.Debug("an ARI event is skipped", "reason", reason, "err", err)
}

func (s *socket) deliver(ev Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.live {
		s.held = append(s.held, ev)
		return
	}
	s.client.watch(ev)
	s.client.queue.push(ev)
}

// release delivers what was found, then the events held back meanwhile, and opens the client for requests. A channel
// whose StasisStart is among these events is left out of what was found, for it is told anyhow. False: the socket is
// lost already.
func (s *socket) release(found Connected) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return false
	}
	fresh := map[string]bool{}
	for _, ev := range s.held {
		if start, ok := ev.(StasisStart); ok {
			fresh[start.Channel.ID] = true
		}
	}
	before := found.Channels
	found.Channels = nil
	for _, ch := range before {
		if fresh[ch.ID] {
			delete(found.State, ch.ID)
			continue
		}
		found.Channels = append(found.Channels, ch)
	}
	s.client.resetPlaying(found.Channels)
	for _, ev := range s.held {
		s.client.watch(ev)
	}
	s.client.queue.push(append([]Event{found}, s.held...)...)
	s.held, s.live = nil, true
	s.client.current.Store(s)
	return true
}

func (s *socket) answer(m messageFrame) {
	s.mu.Lock()
	r := s.pending[m.RequestID]
	delete(s.pending, m.RequestID)
	s.mu.Unlock()
	if r == nil {
		return // given up meanwhile
	}
	r.came <- response{status: m.Status, message: m.Reason, body: []byte(m.Body)}
}

// start sends a request; the reply's wait gives the answer.
func (s *socket) start(ctx context.Context, req request) (*reply, error) {
	r := &reply{socket: s, req: req, came: make(chan response, 1)}
	s.mu.Lock()
	if s.err != nil {
		defer s.mu.Unlock()
		return nil, req.lost(s.err)
	}
	s.lastID++
	r.id = strconv.FormatUint(s.lastID, 10)
	s.pending[r.id] = r
	s.mu.Unlock()

	frame, err := req.frame(r.id)
	if err != nil {
		r.forget()
		return nil, err
	}
	select {
	case s.frames <- frame:
		return r, nil
	case <-s.done:
		return nil, req.lost(s.err)
	case <-ctx.Done():
		r.forget()
		return nil, req.failed(ctx.Err())
	}
}

func (r *reply) forget() {
	r.socket.mu.Lock()
	defer r.socket.mu.Unlock()
	delete(r.socket.pending, r.id)
}

// wait returns the body of a successful answer.
func (r *reply) wait(ctx context.Context) ([]byte, error) {
	select {
	case a := <-r.came:
		return r.req.result(a)
	default:
	}
	select {
	case a := <-r.came:
		return r.req.result(a)
	case <-r.socket.done:
		select {
		case a := <-r.came: // it came just before the end
			return r.req.result(a)
		default:
			return nil, r.req.lost(r.socket.err)
		}
	case <-ctx.Done():
		r.forget()
		return nil, r.req.failed(ctx.Err())
	}
}

func (s *socket) write() {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-s.done:
			return
		case frame := <-s.frames:
			err = s.ws.SetWriteDeadline(time.Now().Add(writeLimit))
			if err == nil {
				err = s.ws.WriteMessage(websocket.TextMessage, frame)
			}
		case <-ping.C:
			err = s.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeLimit))
		}
		if err != nil {
			s.fail(fmt.Errorf("write to ARI: %w", err))
			return
		}
	}
}
