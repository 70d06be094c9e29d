// Package robot is an agent without a browser: it signs in, opens the desk websocket and a WebRTC connection as the
// page does, and speaks, hears and presses the desk's buttons. Tests use it where a browser would be too slow or too few.
package robot

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"hotline/cti"
)

// Agent is one signed-in robot. Its methods may be called from any goroutine.
type Agent struct {
	Login string

	base   *url.URL
	client string // names this "page" to the server
	http   *http.Client
	sound  *sound

	mu      sync.Mutex
	changed chan struct{} // closed and made new at every change of what follows
	ws      *websocket.Conn
	view    cti.AgentView
	pop     json.RawMessage
	popAt   time.Time
	ringAt  time.Time
	next    uint64
	replies map[uint64]chan *Problem
	history []cti.AgentView
	err     error
}

// Problem is why the server refused a request.
type Problem struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Title }

// SignIn signs in at the base address (http://127.0.0.1:8080).
func SignIn(ctx context.Context, base, login, password string) (*Agent, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", base, err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("make cookie jar: %w", err)
	}
	a := &Agent{
		Login: login, base: u, client: strings.ToLower(rand.Text()), http: &http.Client{Jar: jar, Timeout: 30 * time.Second},
		changed: make(chan struct{}), replies: map[uint64]chan *Problem{},
	}
	return a, a.Call(ctx, http.MethodPost, "/api/v1/session", map[string]string{"login": login, "password": password}, nil)
}

// Call makes a request of the HTTP API; out may be nil.
func (a *Agent) Call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base.JoinPath("/").String()+strings.TrimPrefix(path, "/"), body)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Origin", a.base.Scheme+"://"+a.base.Host)
	res, err := a.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if res.StatusCode >= 300 {
		p := &Problem{Code: res.Status, Title: string(raw)}
		_ = json.Unmarshal(raw, p)
		return fmt.Errorf("%s %s: %w", method, path, p)
	}
	if out == nil || len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("decode %s %s: %w", method, path, err)
	}
	return nil
}

// Open opens the desk's websocket and waits for its first snapshot.
func (a *Agent) Open(ctx context.Context) error {
	u := *a.base
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	u.Path = "/api/v1/desk/ws"
	u.RawQuery = url.Values{"as": {"desk"}, "client": {a.client}}.Encode()
	d := websocket.Dialer{Jar: a.http.Jar, HandshakeTimeout: 10 * time.Second}
	ws, res, err := d.DialContext(ctx, u.String(), http.Header{"Origin": {a.base.Scheme + "://" + a.base.Host}})
	if err != nil {
		if res != nil {
			return fmt.Errorf("open desk: %s: %w", res.Status, err)
		}
		return fmt.Errorf("open desk: %w", err)
	}
	a.mu.Lock()
	a.ws, a.err = ws, nil
	a.mu.Unlock()
	go a.read(ws)
	return a.Wait(ctx, "the first snapshot", func(v cti.AgentView) bool { return v.Agent != "" })
}

// read follows the websocket until it ends.
func (a *Agent) read(ws *websocket.Conn) {
	for {
		_, raw, err := ws.ReadMessage()
		if err != nil {
			a.set(func() { a.err = fmt.Errorf("desk closed: %w", err) })
			return
		}
		var m struct {
			Type    string          `json:"type"`
			Data    json.RawMessage `json:"data"`
			Re      uint64          `json:"re"`
			Problem *Problem        `json:"problem"`
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			a.set(func() { a.err = fmt.Errorf("desk sent what is no JSON: %w", err) })
			return
		}
		a.set(func() { a.take(m.Type, m.Data, m.Re, m.Problem) })
	}
}

func (a *Agent) set(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
	close(a.changed)
	a.changed = make(chan struct{})
}

// take applies one message; a.mu is held.
func (a *Agent) take(kind string, data json.RawMessage, re uint64, p *Problem) {
	switch kind {
	case "snapshot":
		var s struct {
			Agent json.RawMessage `json:"agent"`
			Pop   json.RawMessage `json:"pop"`
		}
		if json.Unmarshal(data, &s) == nil {
			a.take("agent", s.Agent, 0, nil)
			a.take("pop", s.Pop, 0, nil)
		}
	case "agent":
		var v cti.AgentView
		if json.Unmarshal(data, &v) != nil {
			return
		}
		if v.State == cti.AgentStateRinging && a.view.State != cti.AgentStateRinging {
			a.ringAt = time.Now()
		}
		a.view = v
		a.history = append(a.history, v)
	case "pop":
		if len(data) > 0 && string(data) != "null" {
			a.pop, a.popAt = data, time.Now()
		}
	case "":
		if c := a.replies[re]; c != nil {
			delete(a.replies, re)
			c <- p
		}
	}
}

// Do presses a button of the desk and waits for the answer; a refusal is a *Problem.
func (a *Agent) Do(ctx context.Context, do string, fields map[string]any) error {
	reply := make(chan *Problem, 1)
	a.mu.Lock()
	a.next++
	id := a.next
	a.replies[id] = reply
	msg := map[string]any{"id": id, "do": do}
	for k, v := range fields {
		msg[k] = v
	}
	err := errors.New("desk is not open")
	if a.ws != nil {
		err = a.ws.WriteJSON(msg)
	}
	a.mu.Unlock()
	if err != nil {
		return fmt.Errorf("desk %s: %w", do, err)
	}
	select {
	case p := <-reply:
		if p != nil {
			return fmt.Errorf("desk %s: %w", do, p)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("desk %s: %w", do, ctx.Err())
	}
}

// View is what the desk shows now.
func (a *Agent) View() cti.AgentView {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.view
}

// Views are all that the desk has shown, in order.
func (a *Agent) Views() []cti.AgentView {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]cti.AgentView(nil), a.history...)
}

// Pop is the newest customer shown, with the time it came and the time of the newest ring.
func (a *Agent) Pop() (pop json.RawMessage, at, ring time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.pop, a.popAt, a.ringAt
}

// Err is why the desk closed, nil while it is open.
func (a *Agent) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// Wait waits until the view is as wanted; what says in words what is waited for.
func (a *Agent) Wait(ctx context.Context, what string, ok func(cti.AgentView) bool) error {
	for {
		a.mu.Lock()
		view, changed, err := a.view, a.changed, a.err
		a.mu.Unlock()
		if ok(view) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("wait for %s: %w", what, err)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w; the desk shows %s %s", what, ctx.Err(), view.State, view.Reason)
		}
	}
}

// Ready makes the agent ready and waits until the floor agrees.
func (a *Agent) Ready(ctx context.Context) error {
	if err := a.Do(ctx, "ready", nil); err != nil {
		return err
	}
	return a.Wait(ctx, "ready", func(v cti.AgentView) bool { return v.State == cti.AgentStateReady && v.Media })
}

// Answer waits for a ring and takes it.
func (a *Agent) Answer(ctx context.Context) error {
	if err := a.Wait(ctx, "a ring", func(v cti.AgentView) bool { return v.State == cti.AgentStateRinging }); err != nil {
		return err
	}
	if err := a.Do(ctx, "answer", map[string]any{"leg": a.View().Call.Leg}); err != nil {
		return err
	}
	return a.Wait(ctx, "the talk", func(v cti.AgentView) bool {
		return v.State == cti.AgentStateTalking && v.Call.Voice == cti.VoiceUp
	})
}

// CloseDesk closes the websocket alone, as a page that lost its network.
func (a *Agent) CloseDesk() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ws != nil {
		_ = a.ws.Close()
		a.ws = nil
	}
}

// Close ends everything, without signing out.
func (a *Agent) Close() {
	a.CloseSound()
	a.CloseDesk()
	a.http.CloseIdleConnections()
}
