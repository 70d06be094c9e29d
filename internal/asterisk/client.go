package asterisk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	requestTimeout = 5 * time.Second
	connectTimeout = 10 * time.Second // for the handshake, and again for the lists
	firstBackoff   = 100 * time.Millisecond
	longestBackoff = 5 * time.Second
)

// Client is one application's connection to one Asterisk.
type Client struct {
	cfg      Config
	opt      Options
	log      *slog.Logger
	metrics  *metrics
	base     *url.URL // of HTTP requests, without a slash at its end
	password string
	dialer   websocket.Dialer
	http     *http.Client

	queue   *queue
	out     chan Event
	current atomic.Pointer[socket] // nil unless between Connected and Disconnected

	mu      sync.Mutex
	playing map[string]map[string]bool // by channel: what may be playing there; see busy
}

// New makes a client that connects when it is run. It fails on a faulty configuration.
func New(cfg Config, opt Options) (*Client, error) {
	if faults := cfg.Check(); len(faults) > 0 {
		return nil, fmt.Errorf("asterisk: %s", strings.Join(faults, "; "))
	}
	password, err := cfg.secret()
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(strings.TrimRight(cfg.URL, "/"))
	if err != nil {
		return nil, fmt.Errorf("asterisk: url: %w", err)
	}
	if cfg.RequestTimeout == 0 {
		cfg.RequestTimeout = requestTimeout
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Dial == nil {
		opt.Dial = (&net.Dialer{Timeout: connectTimeout}).DialContext
	}
	c := &Client{
		cfg: cfg, opt: opt, log: opt.Log, base: base, password: password,
		// "ari" is the subprotocol that res_ari registers (ari_websockets.c).
		dialer: websocket.Dialer{
			NetDialContext: opt.Dial, HandshakeTimeout: connectTimeout, Subprotocols: []string{"ari"},
		},
		http: &http.Client{Transport: &http.Transport{
			DialContext: opt.Dial, MaxIdleConnsPerHost: 8, MaxConnsPerHost: 64, IdleConnTimeout: 10 * time.Second,
		}},
		queue: newQueue(), out: make(chan Event), playing: map[string]map[string]bool{},
	}
	if c.metrics, err = newMetrics(opt.Metrics, c.queue.depth); err != nil {
		return nil, err
	}
	return c, nil
}

// App is the name of the Stasis application.
func (c *Client) App() string { return c.cfg.App }

// Events delivers what happens, in order, without end until Run returns; then it is closed, and what nobody has taken is
// lost. It is meant for one reader.
func (c *Client) Events() <-chan Event { return c.out }

// Connected tells whether requests can be made now.
func (c *Client) Connected() bool { return c.current.Load() != nil }

// Run keeps the connection until ctx ends, and may be called once. It returns nil when ctx ended, and ErrReplaced when
// another client took the application and there is nobody to ask whether to take it back.
func (c *Client) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var pumping sync.WaitGroup
	pumping.Go(func() { c.queue.pump(ctx, c.out) })
	defer func() {
		cancel()
		pumping.Wait()
		close(c.out)
		c.http.CloseIdleConnections()
	}()
	for wait, first := firstBackoff, true; ; first = false {
		if !first {
			c.metrics.reconnects.Inc()
		}
		connected, err := c.session(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if connected {
			wait = firstBackoff
		}
		c.log.Warn("asterisk is not connected", "app", c.cfg.App, "err", err, "again_in", wait)
		for {
			if !sleep(ctx, jitter(wait)) {
				return nil
			}
			wait = min(2*wait, longestBackoff)
			if !errors.Is(err, ErrReplaced) {
				break
			}
			if c.opt.MayReconnect == nil {
				return ErrReplaced
			}
			if c.opt.MayReconnect() {
				break
			}
		}
	}
}

// jitter spreads d over its upper half, so that many clients do not come back at the same moment.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

// sleep tells whether d passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// session connects once and stays until the socket is lost. connected tells whether Connected was delivered.
func (c *Client) session(ctx context.Context) (connected bool, err error) {
	s, err := c.dial(ctx)
	if err != nil {
		return false, err
	}
	var running sync.WaitGroup
	running.Go(s.read)
	running.Go(s.write)
	stop := context.AfterFunc(ctx, func() { s.fail(ctx.Err()) })
	defer func() {
		stop()
		s.fail(errors.New("closed"))
		running.Wait()
	}()

	lists, cancel := context.WithTimeout(ctx, connectTimeout)
	found, err := c.reconcile(lists, s)
	cancel()
	if err != nil {
		return false, fmt.Errorf("ask what exists: %w", err)
	}
	if !s.release(found) {
		return false, s.err
	}
	c.log.Info("asterisk connected", "app", c.cfg.App, "channels", len(found.Channels), "bridges", len(found.Bridges))
	<-s.done
	c.current.CompareAndSwap(s, nil)
	running.Wait() // every event that was read stands in the queue before Disconnected
	c.queue.push(Disconnected{Err: s.err})
	return true, s.err
}

func (c *Client) dial(ctx context.Context) (*socket, error) {
	u := *c.base
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	u.Path += "/events"
	u.RawQuery = url.Values{"app": {c.cfg.App}}.Encode()
	ws, resp, err := c.dialer.DialContext(ctx, u.String(), http.Header{"Authorization": {c.authorization()}})
	if resp != nil {
		defer func() { _ = resp.Body.Close() }()
	}
	if err != nil {
		if resp != nil {
			return nil, fmt.Errorf("connect to ARI at %s: %s: %w", c.base.Host, resp.Status, err)
		}
		return nil, fmt.Errorf("connect to ARI at %s: %w", c.base.Host, err)
	}
	return newSocket(c, ws), nil
}

// reconcile asks for everything at once: Asterisk answers the requests of one socket in their order.
func (c *Client) reconcile(ctx context.Context, s *socket) (Connected, error) {
	app, channels, bridges, err := c.lists(ctx, s)
	if err != nil {
		return Connected{}, err
	}
	found := Connected{Bridges: bridges, State: map[string]string{}}
	ours := map[string]bool{}
	for _, id := range app.Channels {
		ours[id] = true
	}
	type asked struct {
		channel string
		reply   *reply
	}
	var states []asked
	for _, ch := range channels {
		if !ours[ch.ID] {
			continue
		}
		found.Channels = append(found.Channels, ch)
		if c.opt.WantState != nil && !c.opt.WantState(ch) {
			continue
		}
		r, err := s.start(ctx, stateRequest(ch.ID))
		if err != nil {
			return Connected{}, err
		}
		states = append(states, asked{ch.ID, r})
	}
	for _, a := range states {
		body, err := a.reply.wait(ctx)
		state, err := stateOf(body, err)
		switch {
		case IsNotFound(err):
		case err != nil:
			return Connected{}, err
		case state != "":
			found.State[a.channel] = state
		}
	}
	return found, nil
}

func (c *Client) lists(ctx context.Context, s *socket) (app Application, chs []Channel, brs []Bridge, err error) {
	send := func(r request) ([]byte, error) { return c.onSocket(ctx, s, r) }
	if app, err = applicationOf(send(applicationRequest(c.cfg.App))); err != nil {
		return
	}
	if chs, err = channelsOf(send(channelsRequest())); err != nil {
		return
	}
	brs, err = bridgesOf(send(bridgesRequest()))
	return
}

// busy tells whether a playback may be running on the channel; see the package's doc for what depends on it.
func (c *Client) busy(channels ...string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ch := range channels {
		if len(c.playing[ch]) > 0 {
			return true
		}
	}
	return false
}

func (c *Client) notePlayback(channel, playback string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.playing[channel] == nil {
		c.playing[channel] = map[string]bool{}
	}
	c.playing[channel][playback] = true
}

func (c *Client) notePlaybackOver(channel, playback string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.playing[channel], playback)
	if len(c.playing[channel]) == 0 {
		delete(c.playing, channel)
	}
}

// resetPlaying forgets what was before the socket was lost. ARI lists no playbacks, so every channel that was there
// before counts as playing something nameless for as long as it lives: its requests only take the slower way.
func (c *Client) resetPlaying(channels []Channel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.playing = map[string]map[string]bool{}
	for _, ch := range channels {
		c.playing[ch.ID] = map[string]bool{"": true}
	}
}

// watch keeps the note of what is playing, from the events as they come in.
func (c *Client) watch(ev Event) {
	switch e := ev.(type) {
	case PlaybackStarted:
		if e.Channel != "" {
			c.notePlayback(e.Channel, e.Playback)
		}
	case PlaybackFinished:
		c.notePlaybackOver(e.Channel, e.Playback)
	case ChannelDestroyed:
		c.forgetPlaying(e.Channel)
	case StasisEnd:
		c.forgetPlaying(e.Channel)
	}
}

func (c *Client) forgetPlaying(channel string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.playing, channel)
}
