package robot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"hotline/cti"
)

// errBroken says that the desk broke before a request was answered.
var errBroken = errors.New("the desk broke before the reply")

// backOff is how long the page waits before each further try to connect (docs/desk-protocol.md); the last goes on.
var backOff = []time.Duration{0, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}

// wait pauses before the try of this number, a little by chance. It returns false when ctx ended.
func wait(ctx context.Context, try int) bool {
	d := backOff[min(try, len(backOff)-1)]
	t := time.NewTimer(d - d/4 + rand.N(d/2+1))
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// Open opens the desk's websocket and waits for what it shows first. When it breaks it is opened again, as the page
// does, until CloseDesk.
func (a *Agent) Open(ctx context.Context) error {
	a.CloseDesk()
	ws, _, err := a.dial(ctx)
	if err != nil {
		return err
	}
	run, leave := context.WithCancel(context.Background())
	a.set(func() { a.ws, a.leave, a.err = ws, leave, nil })
	go a.keepDesk(run, ws)
	return a.await(ctx, "the first snapshot", func() bool { return !a.shown.IsZero() && a.view.Agent != "" })
}

// Shown says since when the desk has been connected and shows the agent's state. It is zero in a break.
func (a *Agent) Shown() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.shown
}

// dial opens a websocket. again says whether a later try may succeed.
func (a *Agent) dial(ctx context.Context) (ws *websocket.Conn, again bool, err error) {
	u := *a.base
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	u.Path = "/api/v1/desk/ws"
	q := url.Values{"as": {"desk"}, "client": {a.client}}
	a.mu.Lock()
	if a.epoch != "" {
		q.Set("epoch", a.epoch)
		q.Set("since", strconv.FormatUint(a.seq, 10))
	}
	a.mu.Unlock()
	u.RawQuery = q.Encode()
	d := websocket.Dialer{Jar: a.http.Jar, HandshakeTimeout: 10 * time.Second}
	ws, res, err := d.DialContext(ctx, u.String(), http.Header{"Origin": {a.base.Scheme + "://" + a.base.Host}})
	if err == nil {
		return ws, true, nil
	}
	if res == nil {
		return nil, true, fmt.Errorf("open desk: %w", err)
	}
	return nil, res.StatusCode >= http.StatusInternalServerError, fmt.Errorf("open desk: %s: %w", res.Status, err)
}

// keepDesk follows the websocket, and the next ones, until the desk is closed for good.
func (a *Agent) keepDesk(run context.Context, ws *websocket.Conn) {
	for ws != nil {
		err := a.read(ws)
		_ = ws.Close()
		// 4001 to 4004: another desk, or no session any more; the page waits for its person.
		final := run.Err() != nil || websocket.IsCloseError(err, 4001, 4002, 4003, 4004)
		a.set(func() {
			a.broke(ws)
			if final && run.Err() == nil {
				a.err = fmt.Errorf("desk closed: %w", err)
			}
		})
		if final {
			return
		}
		ws = a.redial(run)
	}
}

// broke ends what hung on a websocket; a.mu is held.
func (a *Agent) broke(ws *websocket.Conn) {
	if a.ws != ws {
		return
	}
	a.ws, a.shown = nil, time.Time{}
	for id, c := range a.replies {
		delete(a.replies, id)
		close(c)
	}
}

// redial connects again, with back-off. It returns nil when there is no point any more.
func (a *Agent) redial(run context.Context) *websocket.Conn {
	for try := 0; wait(run, try); try++ {
		ws, again, err := a.dial(run)
		if err == nil {
			live := false
			a.set(func() {
				if live = run.Err() == nil; live {
					a.ws = ws
				}
			})
			if live {
				return ws
			}
			_ = ws.Close()
			return nil
		}
		if !again {
			a.set(func() { a.err = err })
			return nil
		}
	}
	return nil
}

// read takes messages until the websocket ends.
func (a *Agent) read(ws *websocket.Conn) error {
	for {
		_, raw, err := ws.ReadMessage()
		if err != nil {
			return err
		}
		var m message
		if err := json.Unmarshal(raw, &m); err != nil {
			return fmt.Errorf("desk sent what is no JSON: %w", err)
		}
		a.set(func() {
			if a.ws == ws {
				a.take(m)
			}
		})
	}
}

// message is what the server sends.
type message struct {
	Seq     uint64          `json:"seq"`
	Type    string          `json:"type"`
	Data    json.RawMessage `json:"data"`
	Re      uint64          `json:"re"`
	Problem *Problem        `json:"problem"`
}

func (a *Agent) set(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
	close(a.changed)
	a.changed = make(chan struct{})
}

// take applies one message; a.mu is held.
func (a *Agent) take(m message) {
	a.seq = max(a.seq, m.Seq)
	if m.Seq != 0 && a.shown.IsZero() {
		a.shown = time.Now()
	}
	switch m.Type {
	case "snapshot":
		var s struct {
			Epoch string          `json:"epoch"`
			Agent json.RawMessage `json:"agent"`
			Pop   json.RawMessage `json:"pop"`
		}
		if json.Unmarshal(m.Data, &s) == nil {
			a.epoch, a.seq = s.Epoch, m.Seq
			a.take(message{Type: "agent", Data: s.Agent})
			a.take(message{Type: "pop", Data: s.Pop})
		}
	case "agent":
		var v cti.AgentView
		if json.Unmarshal(m.Data, &v) != nil {
			return
		}
		if v.State == cti.AgentStateRinging && a.view.State != cti.AgentStateRinging {
			a.ringAt = time.Now()
		}
		a.view = v
		a.history = append(a.history, v)
	case "pop":
		if len(m.Data) > 0 && string(m.Data) != "null" {
			a.pop, a.popAt = m.Data, time.Now()
		}
	case "":
		if c := a.replies[m.Re]; c != nil {
			delete(a.replies, m.Re)
			c <- m.Problem
		}
	}
}

// CloseDesk closes the websocket alone, without a goodbye, as a page that lost its network.
func (a *Agent) CloseDesk() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.leave != nil {
		a.leave()
		a.leave = nil
	}
	if a.ws != nil {
		_ = a.ws.Close()
		a.broke(a.ws)
	}
}
