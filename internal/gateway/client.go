package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"hotline/cti/id"
	"hotline/recording"
)

const (
	backOffMin     = 100 * time.Millisecond
	backOffMax     = time.Second // a killed gateway must have its calls again within 5 s
	dialWithin     = 5 * time.Second
	requestWithin  = 10 * time.Second // when the context has no deadline
	maxClientFrame = 8 << 20          // a snapshot of ten thousand legs
)

// Client is the controller's end of the control API.
type Client struct {
	cfg ClientConfig
	log *slog.Logger
	on  func(Event)

	mu      sync.Mutex
	ws      *websocket.Conn // nil while disconnected
	last    uint64          // newest request id
	waiting map[uint64]*call
}

// call is a request without a reply yet.
type call struct {
	data  []byte
	reply chan frame // takes one
}

// NewClient makes a client; Run connects it. on is called for each event, in order, from one goroutine; it must neither
// block nor make requests.
func NewClient(cfg ClientConfig, log *slog.Logger, on func(Event)) *Client {
	return &Client{cfg: cfg, log: log, on: on, waiting: map[uint64]*call{}}
}

// Connected says whether the gateway can be reached now.
func (c *Client) Connected() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ws != nil
}

// Run keeps a connection until ctx ends.
func (c *Client) Run(ctx context.Context) error {
	wait := backOffMin
	for {
		up, err := c.serve(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if up {
			wait = backOffMin
		}
		c.log.Warn("media gateway: no connection", "addr", c.cfg.Addr, "error", err)
		// Many controllers must not come back in one moment.
		again := time.NewTimer(wait/2 + rand.N(wait/2))
		select {
		case <-ctx.Done():
			again.Stop()
			return nil
		case <-again.C:
		}
		wait = min(2*wait, backOffMax)
	}
}

// serve is one connection. up says that there was one.
func (c *Client) serve(ctx context.Context) (up bool, err error) {
	dial := websocket.Dialer{HandshakeTimeout: dialWithin}
	ws, resp, err := dial.DialContext(ctx, "ws://"+c.cfg.Addr+"/control", http.Header{"Authorization": {"Bearer " + c.cfg.Token}})
	if err != nil {
		if resp != nil {
			err = fmt.Errorf("%w: %s", err, resp.Status)
		}
		return false, fmt.Errorf("connect to media gateway: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { c.lose(ws) })
	defer stop()
	defer c.lose(ws)
	ws.SetReadLimit(maxClientFrame)
	pinged := ws.PingHandler()
	ws.SetPingHandler(func(data string) error {
		return errors.Join(ws.SetReadDeadline(time.Now().Add(silentFor)), pinged(data))
	})
	for {
		if err := ws.SetReadDeadline(time.Now().Add(silentFor)); err != nil {
			return up, err
		}
		_, data, err := ws.ReadMessage()
		if err == nil {
			err = c.take(ws, data)
		}
		if err != nil {
			if up {
				c.lose(ws)
				c.on(Disconnected{Err: err})
			}
			return up, err
		}
		up = true
	}
}

// lose closes the connection, which frees its reader.
func (c *Client) lose(ws *websocket.Conn) {
	c.mu.Lock()
	if c.ws == ws {
		c.ws = nil
	}
	c.mu.Unlock()
	if err := ws.Close(); err != nil {
		c.log.Debug("media gateway: close connection", "error", err)
	}
}

func (c *Client) take(ws *websocket.Conn, data []byte) error {
	var f frame
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Errorf("read frame of media gateway: %w", err)
	}
	switch {
	case f.Re != 0:
		c.mu.Lock()
		if w := c.waiting[f.Re]; w != nil {
			w.reply <- f
			delete(c.waiting, f.Re)
		}
		c.mu.Unlock()
	case f.Event == evSnapshot && f.Snapshot != nil:
		c.on(Connected{Snapshot: *f.Snapshot})
		return c.begin(ws)
	case f.Event == evAgentUp:
		c.on(AgentUp{Agent: f.Agent})
	case f.Event == evAgentDown:
		c.on(AgentDown{Agent: f.Agent})
	case f.Event == evLegClosed:
		c.on(LegClosed{Leg: f.Leg, Part: f.Part, Reason: f.Reason})
	case f.Event == evPause:
		c.on(LegPaused{Leg: f.Leg, Agent: f.Agent, Pauses: f.Pauses})
	case f.Problem != nil:
		c.log.Error("media gateway did not understand a request", "problem", f.Problem)
	}
	return nil
}

// begin opens the connection for requests, those first that had no reply on an older one.
func (c *Client) begin(ws *websocket.Conn) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := make([]uint64, 0, len(c.waiting))
	for n := range c.waiting {
		ids = append(ids, n)
	}
	slices.Sort(ids)
	for _, n := range ids {
		if err := write(ws, c.waiting[n].data); err != nil {
			return err
		}
	}
	c.ws = ws
	return nil
}

func write(ws *websocket.Conn, data []byte) error {
	if err := ws.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	return ws.WriteMessage(websocket.TextMessage, data)
}

// ask sends a request, again after a reconnect, until there is a reply or ctx ends.
func (c *Client) ask(ctx context.Context, r request) (frame, error) {
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, requestWithin)
		defer cancel()
	}
	w := &call{reply: make(chan frame, 1)}
	if err := c.send(&r, w); err != nil {
		return frame{}, err
	}
	defer func() {
		c.mu.Lock()
		delete(c.waiting, r.ID)
		c.mu.Unlock()
	}()
	select {
	case <-ctx.Done():
		return frame{}, fmt.Errorf("media gateway: %s: %w", r.Do, ctx.Err())
	case f := <-w.reply:
		if f.Problem != nil {
			return frame{}, fmt.Errorf("%s: %w", r.Do, f.Problem)
		}
		return f, nil
	}
}

func (c *Client) send(r *request, w *call) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	r.ID = c.last
	if w.data, err = json.Marshal(r); err != nil {
		return fmt.Errorf("encode %s: %w", r.Do, err)
	}
	c.waiting[r.ID] = w
	if c.ws == nil {
		return nil
	}
	if err := write(c.ws, w.data); err != nil {
		// The reader notices too; the request waits for the next connection.
		c.log.Warn("media gateway: send", "do", r.Do, "error", err)
		if err := c.ws.Close(); err != nil {
			c.log.Debug("media gateway: close connection", "error", err)
		}
		c.ws = nil
	}
	return nil
}

// OpenLeg gives the leg's part a UDP port, and returns where Asterisk must send to. Opening it again returns the same.
func (c *Client) OpenLeg(ctx context.Context, spec LegSpec) (rtpAddr string, err error) {
	f, err := c.ask(ctx, request{Do: doOpen, Spec: &spec})
	return f.RTP, err
}

// PeerLeg tells where Asterisk's RTP port is, so that sound can go there before any has come. It is needed only when
// Asterisk may be silent at first.
func (c *Client) PeerLeg(ctx context.Context, leg id.LegID, part int, addr string) error {
	_, err := c.ask(ctx, request{Do: doPeer, Leg: leg, Part: part, Addr: addr})
	return err
}

// HoldLeg says whether anybody hears the agent. While held, the agent's sound is neither sent nor recorded.
func (c *Client) HoldLeg(ctx context.Context, leg id.LegID, part int, held bool) error {
	_, err := c.ask(ctx, request{Do: doHold, Leg: leg, Part: part, Held: held})
	return err
}

// PauseLeg begins or ends a pause of the leg's recording, over all its parts, and returns all pauses so far. To ask for
// what is so already is granted. A Problem with code NotStored says that the pause is held and the disk does not know it.
func (c *Client) PauseLeg(ctx context.Context, leg id.LegID, on bool, by string, cause recording.Cause) ([]recording.Pause, error) {
	f, err := c.ask(ctx, request{Do: doPause, Leg: leg, On: on, By: by, Cause: cause})
	return f.Pauses, err
}

// CloseLeg ends the leg's part. It is no error when there is none.
func (c *Client) CloseLeg(ctx context.Context, leg id.LegID, part int) error {
	_, err := c.ask(ctx, request{Do: doClose, Leg: leg, Part: part})
	return err
}

// Offer answers the offer of an agent's browser, all candidates included. Once connected, it replaces the agent's older
// connection.
func (c *Client) Offer(ctx context.Context, agent id.AgentID, sdp string) (answer string, err error) {
	f, err := c.ask(ctx, request{Do: doOffer, Agent: agent, SDP: sdp})
	return f.SDP, err
}

// Drop ends the agent's connection.
func (c *Client) Drop(ctx context.Context, agent id.AgentID) error {
	_, err := c.ask(ctx, request{Do: doDrop, Agent: agent})
	return err
}
