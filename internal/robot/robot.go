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
	person person

	mu      sync.Mutex
	changed chan struct{} // closed and made new at every change of what follows
	ws      *websocket.Conn
	leave   context.CancelFunc // ends the desk for good; nil while there is none
	shown   time.Time          // when the present websocket brought its first message; zero before, and in a break
	epoch   string             // of the last snapshot
	seq     uint64             // newest
	mute    context.CancelFunc // ends the sound for good; nil while there is none
	view    cti.AgentView
	pop     json.RawMessage
	popAt   time.Time
	ringAt  time.Time
	next    uint64
	replies map[uint64]chan *Problem // closed when the desk breaks before the reply
	history []cti.AgentView
	err     error // why the desk stays closed
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
	case p, answered := <-reply:
		switch {
		case !answered:
			return fmt.Errorf("desk %s: %w", do, errBroken)
		case p != nil:
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

// Err is why the desk stays closed, nil while it is open or about to be again.
func (a *Agent) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// Wait waits until the view is as wanted; what says in words what is waited for. It outlasts breaks of the desk.
func (a *Agent) Wait(ctx context.Context, what string, ok func(cti.AgentView) bool) error {
	return a.await(ctx, what, func() bool { return ok(a.view) })
}

// await waits until ok, which is asked with a.mu held.
func (a *Agent) await(ctx context.Context, what string, ok func() bool) error {
	for {
		a.mu.Lock()
		done, view, changed, err := ok(), a.view, a.changed, a.err
		a.mu.Unlock()
		if done {
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

// Ready makes the agent ready and waits until the floor agrees; a call may ring already.
func (a *Agent) Ready(ctx context.Context) error {
	if err := a.Do(ctx, "ready", nil); err != nil {
		return err
	}
	return a.Wait(ctx, "ready", func(v cti.AgentView) bool {
		return v.Media && (v.State == cti.AgentStateReady || v.State == cti.AgentStateRinging)
	})
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

// Close ends everything, without signing out.
func (a *Agent) Close() {
	a.CloseSound()
	a.CloseDesk()
	a.http.CloseIdleConnections()
}
