package desk

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"hotline/cti"
	"hotline/cti/id"
)

// Close codes beside those of RFC 6455.
const (
	closeTaken      = 4001
	closeUnanswered = 4002
	closeSignedOut  = 4003
	closeReplaced   = 4004
)

const (
	frameLimit     = 16 << 10 // bytes of a browser's frame
	backlogFrames  = 64
	backlogBytes   = 512 << 10
	pingEvery      = 15 * time.Second
	silentFor      = 40 * time.Second
	writeWait      = 10 * time.Second
	askWait        = 5 * time.Second
	aliveEvery     = time.Minute
	againEvery     = 5 * time.Second
	takeOverWait   = 60 * time.Second
	framesASecond  = 20
	framesAtOnce   = 40
	repliesPending = 64
)

// conn is one websocket.
type conn struct {
	hub     *Hub
	ws      *websocket.Conn
	visit   Visit
	opened  time.Time
	log     *slog.Logger
	limiter *rate.Limiter
	// firstView is the agent's view at the opening, for a snapshot before the first Tell.
	firstView json.RawMessage
	wake      chan struct{} // of the writer; holds one
	gone      chan struct{} // closed when the writer has ended

	mu       sync.Mutex
	queue    []*message
	bytes    int
	replies  int
	overflow bool // states were dropped; the next thing written is a snapshot
	ending   *ending
}

// ending is how the writer closes the connection once the queue is written.
type ending struct {
	code   int
	reason string
}

// Serve upgrades the request to a websocket and returns when that is closed. The caller has checked the session, the
// rights and the Origin.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, v Visit) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		http.Error(w, "the server stops", http.StatusServiceUnavailable)
		return
	}
	h.serving.Add(1)
	h.mu.Unlock()
	defer h.serving.Done()

	ws, err := h.up.Upgrade(w, r, nil)
	if err != nil {
		h.log.Debug("upgrade to a desk websocket", "agent", v.Agent, "error", err)
		return // Upgrade has answered.
	}
	c := &conn{
		hub: h, ws: ws, visit: v, opened: time.Now(), log: h.log.With("agent", v.Agent),
		limiter: rate.NewLimiter(framesASecond, framesAtOnce), wake: make(chan struct{}, 1), gone: make(chan struct{}),
	}
	kind := "desk"
	if v.Watch {
		kind = "floor"
	} else if view, ok := v.Floor.View(v.Agent); ok {
		c.firstView, _ = h.encodeData(typeAgent, view)
	}
	gauge := h.metrics.connections.WithLabelValues(kind)
	gauge.Inc()
	defer gauge.Dec()

	// The request's context ends with the handler, and is not ended by the browser once the connection is hijacked.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	var running sync.WaitGroup
	running.Go(c.write)
	running.Go(func() { c.keep(ctx) })
	h.join(c)
	c.sync()
	c.read(ctx)
	cancel()
	heir := h.leave(c)
	c.finish(websocket.CloseNormalClosure, "", nil)
	c.sync()
	if heir != nil {
		heir.sync()
	}
	running.Wait()
}

// join makes the connection the agent's desk, or asks whether it shall be, when another client is.
func (h *Hub) join(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		c.finish(websocket.CloseGoingAway, "server stops", nil)
		return
	}
	if c.visit.Watch {
		h.watchers[c] = struct{}{}
		h.greet(c)
		return
	}
	s := h.stream(c.visit.Agent)
	if s.cur == nil || s.cur.visit.Client == c.visit.Client {
		h.seat(s, c, closeReplaced, "replaced", nil)
		return
	}
	h.askers[c] = struct{}{}
	data, ok := h.encodeData(typeTakeOver, struct {
		Since   time.Time `json:"since"`
		Address string    `json:"address"`
	}{s.cur.opened.UTC(), s.cur.visit.Address})
	if ok {
		c.push(encode(0, typeTakeOver, data))
	}
}

// seat makes c the agent's desk in place of whoever had it. The caller holds mu.
func (h *Hub) seat(s *stream, c *conn, code int, reason string, last *message) {
	if s.cur != nil && s.cur != c {
		s.cur.finish(code, reason, last)
	}
	delete(h.askers, c)
	s.cur = c
	h.greet(c)
}

// greet says what the visitor missed, or everything. The caller holds mu.
func (h *Hub) greet(c *conn) {
	missed, ok := h.missed(c.visit)
	if !ok || len(missed) > backlogFrames {
		c.push(h.snapshot(c, false))
		return
	}
	for _, m := range missed {
		c.push(m)
	}
}

// takeOver makes an asking connection the desk. False: it did not ask.
func (h *Hub) takeOver(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, asking := h.askers[c]; !asking {
		return false
	}
	h.seat(h.stream(c.visit.Agent), c, closeTaken, "taken", encode(0, typeTaken, json.RawMessage("{}")))
	return true
}

// leave forgets the connection. A desk that becomes free goes to one who waits to take it over, who is returned.
func (h *Hub) leave(c *conn) (heir *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.watchers, c)
	delete(h.askers, c)
	s := h.streams[c.visit.Agent]
	if c.visit.Watch || s == nil || s.cur != c {
		return nil
	}
	s.cur = nil
	if h.closed {
		return nil
	}
	for a := range h.askers {
		if a.visit.Agent == c.visit.Agent {
			h.seat(s, a, closeReplaced, "replaced", nil)
			return a
		}
	}
	return nil
}

// isDesk says whether the connection is the agent's desk now.
func (c *conn) isDesk() bool {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	s := c.hub.streams[c.visit.Agent]
	return !c.visit.Watch && s != nil && s.cur == c
}

// sync tells the Floor whether the agent has a desk, when that differs from what it was told.
func (c *conn) sync() {
	if c.visit.Watch {
		return
	}
	h := c.hub
	h.mu.Lock()
	s := h.stream(c.visit.Agent)
	h.mu.Unlock()

	s.presence.mu.Lock()
	defer s.presence.mu.Unlock()
	h.mu.Lock()
	want := s.cur != nil
	// A controller that stops leaves the desks to the next one: they are about to come back.
	want = want || h.closed && s.presence.told
	h.mu.Unlock()
	if want == s.presence.told {
		return
	}
	var ev cti.Event = cti.DeskLost{Agent: c.visit.Agent}
	if want {
		ev = cti.DeskConnected{Agent: c.visit.Agent}
	}
	ctx, cancel := context.WithTimeout(context.Background(), askWait)
	defer cancel()
	if err := c.visit.Floor.Ask(ctx, ev); err != nil {
		// The keeper tries again.
		c.log.Warn("tell the floor of a desk", "event", cti.EventKind(ev), "error", err)
		return
	}
	s.presence.told = want
}

// push puts a message into the backlog. It never blocks.
func (c *conn) push(m *message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ending != nil:
		return
	case m.reply:
		c.replies++
		if c.replies > repliesPending {
			c.ending = &ending{websocket.ClosePolicyViolation, "replies are not read"}
			c.queue = nil
		} else {
			c.queue = append(c.queue, m)
		}
	case c.overflow:
		return // The snapshot will hold it.
	case len(c.queue) >= backlogFrames || c.bytes+len(m.frame) > backlogBytes && len(c.queue) > 0:
		c.overflow = true
		kept := c.queue[:0]
		for _, q := range c.queue {
			if q.reply {
				kept = append(kept, q)
			}
		}
		clear(c.queue[len(kept):])
		c.queue, c.bytes = kept, 0
		c.hub.metrics.overflows.Inc()
	default:
		c.queue = append(c.queue, m)
		c.bytes += len(m.frame)
	}
	c.signal()
}

// finish lets the writer close the connection after what is queued, and after last if there is one.
func (c *conn) finish(code int, reason string, last *message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending != nil {
		return
	}
	if last != nil {
		c.queue = append(c.queue, last)
	}
	c.ending = &ending{code, reason}
	c.signal()
}

func (c *conn) signal() {
	select {
	case c.wake <- struct{}{}:
	default: // It is awake already.
	}
}

// take returns what is to be written now, and how to end if it is time for that.
func (c *conn) take() ([]*message, *ending) {
	c.mu.Lock()
	overflow := c.overflow
	c.mu.Unlock()
	if overflow {
		// Under both locks, so that whatever is told from now on comes after the snapshot.
		c.hub.mu.Lock()
		defer c.hub.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	batch := c.queue
	c.queue, c.bytes, c.replies = nil, 0, 0
	if overflow && c.ending == nil {
		c.overflow = false
		batch = append(batch, c.hub.snapshot(c, true))
	}
	return batch, c.ending
}

// write is the only one who writes frames. It ends the connection when a write fails or takes too long.
func (c *conn) write() {
	defer close(c.gone)
	defer func() { _ = c.ws.Close() }() // The reader is stopped by it; nothing is left to save.
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case <-c.wake:
			batch, end := c.take()
			for _, m := range batch {
				if !c.send(websocket.TextMessage, m.frame) {
					return
				}
				c.hub.metrics.written(m, time.Now())
			}
			if end != nil {
				c.send(websocket.CloseMessage, websocket.FormatCloseMessage(end.code, end.reason))
				return
			}
		case <-ping.C:
			if !c.send(websocket.PingMessage, nil) {
				return
			}
		}
	}
}

func (c *conn) send(kind int, frame []byte) bool {
	if err := c.ws.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return false
	}
	return c.ws.WriteMessage(kind, frame) == nil
}

// keep asks now and then whether the session lives, tells the floor again what it could not be told, and gives a
// question up that nobody answers.
func (c *conn) keep(ctx context.Context) {
	alive, again := time.NewTicker(aliveEvery), time.NewTicker(againEvery)
	defer alive.Stop()
	defer again.Stop()
	question := time.NewTimer(takeOverWait)
	defer question.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-question.C:
			c.hub.mu.Lock()
			_, asking := c.hub.askers[c]
			c.hub.mu.Unlock()
			if asking {
				c.finish(closeUnanswered, "not answered", nil)
			}
		case <-alive.C:
			if c.visit.Alive != nil && !c.visit.Alive(ctx) && ctx.Err() == nil {
				c.finish(closeSignedOut, "session is over", nil)
			}
		case <-again.C:
			c.sync()
		}
	}
}

// read carries out what the browser asks, one after the other, until the connection ends.
func (c *conn) read(ctx context.Context) {
	c.ws.SetReadLimit(frameLimit)
	extend := func() error { return c.ws.SetReadDeadline(time.Now().Add(silentFor)) }
	c.ws.SetPongHandler(func(string) error { return extend() })
	for extend() == nil {
		kind, frame, err := c.ws.ReadMessage()
		switch {
		case errors.Is(err, websocket.ErrReadLimit):
			c.refuse(websocket.CloseMessageTooBig, "frame too large")
			return
		case err != nil:
			return
		case kind != websocket.TextMessage:
			c.refuse(websocket.CloseUnsupportedData, "text frames only")
			return
		case !utf8.Valid(frame):
			c.refuse(websocket.CloseInvalidFramePayloadData, "not UTF-8")
			return
		}
		if !c.handle(ctx, frame) {
			return
		}
	}
}

// refuse closes with the code, and waits until that is written.
func (c *conn) refuse(code int, reason string) {
	c.finish(code, reason, nil)
	<-c.gone
}

// handle answers one frame. False: the connection is about to be closed, so nothing more is read.
func (c *conn) handle(ctx context.Context, frame []byte) bool {
	var req request
	err := json.Unmarshal(frame, &req)
	var p *problem
	switch {
	case err != nil || req.ID == 0:
		p = &problem{"bad_frame", "Not a request", `a frame is {"id":<number above 0>,"do":"<command>",...}`}
	case !c.limiter.Allow():
		p = &problem{"too_many", "Too many requests", ""}
	default:
		p = c.do(ctx, req)
	}
	c.push(encodeReply(req.ID, p))
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ending == nil
}

func (c *conn) do(ctx context.Context, req request) *problem {
	switch {
	case req.Do == "ping":
		return nil
	case req.Do == "take_over":
		if !c.hub.takeOver(c) {
			return &problem{"wrong_state", "Nothing to take over", ""}
		}
		c.sync()
		return nil
	case !c.isDesk():
		return &problem{"not_desk", "This connection is not the agent's desk", ""}
	}
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	if req.Do == "choose_customer" {
		return c.choose(ctx, req)
	}
	ev, p := req.event(c.visit.Agent)
	if p != nil {
		return p
	}
	return c.explain(req, c.visit.Floor.Ask(ctx, ev))
}

func (c *conn) choose(ctx context.Context, req request) *problem {
	if c.visit.Choose == nil || req.Call == "" || req.Customer <= 0 {
		return &problem{"bad_request", "No such choice", "choose_customer needs call and customer"}
	}
	return c.explain(req, c.visit.Choose(ctx, c.visit.Agent, id.CallID(req.Call), req.Customer))
}

// explain turns the Floor's answer into the browser's.
func (c *conn) explain(req request, err error) *problem {
	if err == nil {
		return nil
	}
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return &problem{string(refusal.Code), "Refused", ""}
	}
	c.log.Error("carry out a desk's request", "do", req.Do, "error", err)
	return &problem{"failed", "The server could not do it now", ""}
}

// allowCheckedOrigin: the caller of Serve has checked it.
func allowCheckedOrigin(*http.Request) bool { return true }
