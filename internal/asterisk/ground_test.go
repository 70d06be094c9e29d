package asterisk_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"hotline/internal/asterisk"
	"hotline/internal/asterisk/aritest"
)

// ground is what a scenario runs on: a real Asterisk, or the one of aritest.
//
// The real one: HOTLINE_TEST_ARI=http://user:password@127.0.0.1:8088/ari. It needs no dialplan and no sound files: the
// channels are externalMedia ones, and what is played is a tone.
type ground struct {
	t    *testing.T
	cfg  asterisk.Config
	id   string // begins every id, so that runs do not meet
	dial func(ctx context.Context, network, addr string) (net.Conn, error)
	sink func() string // where Asterisk may send RTP to
}

func realGround(t *testing.T) *ground {
	t.Helper()
	at := os.Getenv("HOTLINE_TEST_ARI")
	if at == "" {
		t.Skip("HOTLINE_TEST_ARI is not set")
	}
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	cfg := asterisk.Config{User: u.User.Username(), Password: password}
	u.User = nil
	cfg.URL = u.String()
	id := fmt.Sprintf("t%d", time.Now().UnixNano())
	cfg.App = "hotline-" + id
	return &ground{t: t, cfg: cfg, id: id, sink: func() string {
		udp, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = udp.Close() })
		return udp.LocalAddr().String()
	}}
}

func scriptedGround(t *testing.T) *ground {
	server := aritest.New(t)
	return &ground{
		t: t, cfg: server.Config(), id: "t1", dial: server.Dial, sink: func() string { return "127.0.0.1:9" },
	}
}

// connect runs a client until stop, and takes Connected.
func (r *ground) connect() (c *asterisk.Client, found asterisk.Connected, stop func()) {
	r.t.Helper()
	c, err := asterisk.New(r.cfg, asterisk.Options{Dial: r.dial})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	stop = func() {
		cancel()
		for range c.Events() {
		}
		select {
		case err := <-ended:
			if err != nil {
				r.t.Errorf("Run ended with %v", err)
			}
		case <-time.After(5 * time.Second):
			r.t.Error("Run does not end")
		}
	}
	return c, await[asterisk.Connected](r.t, c), stop
}

// await takes events until one of the type comes.
func await[T asterisk.Event](t *testing.T, c *asterisk.Client) T {
	t.Helper()
	limit := time.After(5 * time.Second)
	for {
		select {
		case ev, ok := <-c.Events():
			if !ok {
				t.Fatal("the events ended")
			}
			if want, ok := ev.(T); ok {
				return want
			}
		case <-limit:
			var want T
			t.Fatalf("no %T came", want)
		}
	}
}

func (r *ground) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestRealLifeOfTwoChannels(t *testing.T) { lifeOfTwoChannels(realGround(t)) }

func TestLifeOfTwoChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { lifeOfTwoChannels(scriptedGround(t)) })
}

func lifeOfTwoChannels(r *ground) {
	c, found, stop := r.connect()
	defer stop()
	if len(found.Channels) != 0 {
		r.t.Errorf("a new application has channels: %v", found.Channels)
	}
	one, two := r.id+".2.1", r.id+".3.1"
	r.arrivalAndVariables(c, one)
	r.must(c.ExternalMedia(r.t.Context(), asterisk.ExternalMedia{Channel: two, Host: r.sink(), Format: "ulaw"}))
	await[asterisk.StasisStart](r.t, c)
	r.playing(c, one)
	r.bridging(c, one, two)
	r.end(c, one, two)
}

func (r *ground) arrivalAndVariables(c *asterisk.Client, ch string) {
	t, ctx := r.t, r.t.Context()
	m := asterisk.ExternalMedia{
		Channel: ch, Host: r.sink(), Format: "ulaw", Data: "leg", Variables: map[string]string{"COLOUR": "red, green"},
	}
	r.must(c.ExternalMedia(ctx, m))
	start := await[asterisk.StasisStart](t, c)
	if start.Channel.ID != ch || len(start.Channel.Args) != 1 || start.Channel.Args[0] != "leg" || start.Channel.Created.IsZero() {
		t.Errorf("StasisStart %+v", start)
	}
	r.must(c.ExternalMedia(ctx, m)) // again
	if v, err := c.GetVar(ctx, ch, "COLOUR"); err != nil || v != "red, green" {
		t.Errorf("COLOUR = %q, %v", v, err)
	}
	if v, err := c.GetVar(ctx, ch, "NOTHING"); !asterisk.IsNotFound(err) {
		t.Errorf("NOTHING = %q, %v", v, err)
	}
	for _, value := range []string{"", `{"走":"進來","a":[1,2,"x,y)("]}`, strings.Repeat("四", 1000)} {
		r.must(c.SetVar(ctx, ch, "V", value))
		if v, err := c.GetVar(ctx, ch, "V"); (value != "" || !asterisk.IsNotFound(err)) && (err != nil || v != value) {
			t.Errorf("V = %q, %v, not %q", v, err, value)
		}
	}
}

func (r *ground) playing(c *asterisk.Client, ch string) {
	t, ctx, play := r.t, r.t.Context(), r.id+".p1"
	r.must(c.Answer(ctx, ch))
	r.must(c.Answer(ctx, ch))
	r.must(c.StartMOH(ctx, ch, ""))
	r.must(c.StopMOH(ctx, ch))
	r.must(c.Play(ctx, ch, play, []string{"tone:1004"}, "en"))
	await[asterisk.PlaybackStarted](t, c)
	r.must(c.Play(ctx, ch, play, []string{"tone:1004"}, "en"))
	r.must(c.StopPlayback(ctx, play))
	if e := await[asterisk.PlaybackFinished](t, c); e != (asterisk.PlaybackFinished{Playback: play, Channel: ch}) {
		t.Errorf("%+v", e)
	}
	r.must(c.StopPlayback(ctx, play))
	r.must(c.Play(ctx, ch, r.id+".p2", []string{"sound:/no/such/file"}, ""))
	if e := await[asterisk.PlaybackFinished](t, c); !e.Failed {
		t.Errorf("%+v", e)
	}
}

func (r *ground) bridging(c *asterisk.Client, one, two string) {
	t, ctx, bridge := r.t, r.t.Context(), r.id+".b"
	r.must(c.CreateBridge(ctx, bridge, "talk"))
	r.must(c.CreateBridge(ctx, bridge, "talk"))
	r.must(c.AddToBridge(ctx, bridge, one, two))
	await[asterisk.EnteredBridge](t, c)
	if e := await[asterisk.EnteredBridge](t, c); len(e.Bridge.Channels) != 2 || e.Bridge.ID != bridge {
		t.Errorf("%+v", e)
	}
	r.must(c.AddToBridge(ctx, bridge, one, two))
	if err := c.AddToBridge(ctx, bridge, "nobody"); !asterisk.IsNotFound(err) {
		t.Errorf("bridging nobody: %v", err)
	}
	r.must(c.RemoveFromBridge(ctx, bridge, one))
	if e := await[asterisk.LeftBridge](t, c); e.Channel != one {
		t.Errorf("%+v", e)
	}
	r.must(c.RemoveFromBridge(ctx, bridge, one))
	bridges, err := c.ListBridges(ctx)
	if err != nil || len(bridges) == 0 {
		t.Errorf("bridges %v, %v", bridges, err)
	}
	r.must(c.DestroyBridge(ctx, bridge))
	r.must(c.DestroyBridge(ctx, bridge))
	if e := await[asterisk.LeftBridge](t, c); e.Channel != two {
		t.Errorf("%+v", e)
	}
}

func (r *ground) end(c *asterisk.Client, one, two string) {
	t, ctx := r.t, r.t.Context()
	for _, ch := range []string{one, two} {
		r.must(c.Hangup(ctx, ch, "normal"))
		await[asterisk.ChannelDestroyed](t, c)
		r.must(c.Hangup(ctx, ch, ""))
	}
	if err := c.Answer(ctx, one); !asterisk.IsNotFound(err) {
		t.Errorf("answering the dead: %v", err)
	}
	var refused *asterisk.Error
	err := c.Play(ctx, one, "p", []string{"tone:1004"}, "")
	if !errors.As(err, &refused) || refused.Message != "Channel not found" {
		t.Errorf("playing to the dead: %v", err)
	}
}

// TestRealSoundAfterABridge plays to a channel as soon as it is out of a bridge: every sound is heard to its end.
func TestRealSoundAfterABridge(t *testing.T) {
	r := realGround(t)
	c, _, stop := r.connect()
	defer stop()
	ctx, ch := t.Context(), r.id+".2.1"
	r.must(c.ExternalMedia(ctx, asterisk.ExternalMedia{Channel: ch, Host: r.sink(), Format: "ulaw"}))
	await[asterisk.StasisStart](t, c)
	defer func() { _ = c.Hangup(context.WithoutCancel(ctx), ch, "") }()
	for i := range 300 {
		bridge, play := fmt.Sprintf("%s.b%d", r.id, i), fmt.Sprintf("%s.p%d", r.id, i)
		r.must(c.CreateBridge(ctx, bridge, "talk"))
		r.must(c.AddToBridge(ctx, bridge, ch))
		r.must(c.RemoveFromBridge(ctx, bridge, ch))
		r.must(c.DestroyBridge(ctx, bridge))
		r.must(c.Play(ctx, ch, play, []string{"sound:/no/such/file"}, ""))
		if e := await[asterisk.PlaybackFinished](t, c); e.Playback != play {
			t.Fatalf("%+v", e)
		}
	}
}

// TestRealStateIsNotHeldUpByAPlayback shows the trap of the package's doc and the way round it.
func TestRealStateIsNotHeldUpByAPlayback(t *testing.T) {
	r := realGround(t)
	r.cfg.RequestTimeout = 700 * time.Millisecond
	c, _, stop := r.connect()
	defer stop()
	ctx := t.Context()
	ch := r.id + ".2.1"
	r.must(c.ExternalMedia(ctx, asterisk.ExternalMedia{Channel: ch, Host: r.sink(), Format: "ulaw"}))
	await[asterisk.StasisStart](t, c)
	defer func() { _ = c.Hangup(context.WithoutCancel(ctx), ch, "") }()
	if s, err := c.State(ctx, ch); s != "" || err != nil {
		t.Errorf("the state of a new channel: %q, %v", s, err)
	}
	r.must(c.Play(ctx, ch, r.id+".p1", []string{"tone:1004"}, ""))
	await[asterisk.PlaybackStarted](t, c)

	for _, state := range []string{`{"q":"order","at":"走, ( 進 ) $\"{x}"}`, strings.Repeat(`{"digit":"1"}`, 800)} {
		began := time.Now()
		r.must(c.SetState(ctx, ch, state))
		got, err := c.State(ctx, ch)
		if err != nil || got != state {
			t.Errorf("state %.60q (%d bytes), %v", got, len(got), err)
		}
		if d := time.Since(began); d > 300*time.Millisecond {
			t.Errorf("writing and reading a state took %s", d)
		}
	}
	r.must(c.SetState(ctx, r.id+".gone", "x"))

	// The variable waits, but holds up nobody else.
	if err := c.SetVar(ctx, ch, "V", "1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("SetVar during a playback: %v", err)
	}
	r.must(c.StopPlayback(ctx, r.id+".p1"))
	await[asterisk.PlaybackFinished](t, c)
	r.must(c.SetVar(ctx, ch, "V", "2"))
}

func TestRealReconnectAndReplacement(t *testing.T) { replacement(realGround(t)) }

func TestReconnectAndReplacement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { replacement(scriptedGround(t)) })
}

func replacement(r *ground) {
	t := r.t
	first, _, stopFirst := r.connect()
	defer stopFirst()
	ctx := t.Context()
	ch := r.id + ".2.1"
	r.must(first.ExternalMedia(ctx, asterisk.ExternalMedia{Channel: ch, Host: r.sink(), Format: "ulaw", Data: "a,b"}))
	await[asterisk.StasisStart](t, first)
	r.must(first.SetState(ctx, ch, "talking"))
	r.must(first.CreateBridge(ctx, r.id+".b", ""))

	second, found, stopSecond := r.connect()
	defer stopSecond()
	if len(found.Channels) != 1 || found.State[ch] != "talking" {
		t.Errorf("found %+v", found)
	} else if got := found.Channels[0]; got.ID != ch || strings.Join(got.Args, "|") != "a|b" {
		t.Errorf("found %+v", got)
	}
	await[asterisk.ApplicationReplaced](t, first)
	if e := await[asterisk.Disconnected](t, first); !errors.Is(e.Err, asterisk.ErrReplaced) {
		t.Errorf("%+v", e)
	}
	if err := first.Answer(ctx, ch); !errors.Is(err, asterisk.ErrDisconnected) {
		t.Errorf("a request of the replaced: %v", err)
	}
	r.must(second.Hangup(ctx, ch, ""))
	await[asterisk.ChannelDestroyed](t, second)
	r.must(second.DestroyBridge(ctx, r.id+".b"))
}

// TestRealCallsAtOnce lets many calls do everything at the same time.
func TestRealCallsAtOnce(t *testing.T) {
	r := realGround(t)
	c, _, stop := r.connect()
	defer stop()
	ctx := t.Context()
	const calls = 40
	host := r.sink()
	gone := make(chan struct{})
	go func() { // the consumer
		left := 2 * calls
		for ev := range c.Events() {
			if _, ok := ev.(asterisk.ChannelDestroyed); ok {
				if left--; left == 0 {
					close(gone)
				}
			}
		}
	}()
	var all errgroup.Group
	for i := range calls {
		all.Go(func() error {
			call := fmt.Sprintf("%s-%d", r.id, i)
			one, two, bridge := call+".2.1", call+".3.1", call+".b"
			for _, do := range []func() error{
				func() error {
					return c.ExternalMedia(ctx, asterisk.ExternalMedia{Channel: one, Host: host, Format: "ulaw"})
				},
				func() error {
					return c.ExternalMedia(ctx, asterisk.ExternalMedia{Channel: two, Host: host, Format: "ulaw"})
				},
				func() error { return c.SetState(ctx, one, call) },
				func() error { return untilInApp(c.Answer(ctx, one), func() error { return c.Answer(ctx, one) }) },
				func() error { return c.Play(ctx, one, call+".p1", []string{"tone:1004"}, "") },
				func() error { return c.SetState(ctx, one, call+" playing") },
				func() error { return c.StopPlayback(ctx, call+".p1") },
				func() error { return c.CreateBridge(ctx, bridge, "") },
				func() error { return c.AddToBridge(ctx, bridge, one, two) },
				func() error { return c.RemoveFromBridge(ctx, bridge, one) },
				func() error { return c.StartMOH(ctx, one, "") },
				func() error { return c.AddToBridge(ctx, bridge, one) },
				func() error { return c.Hangup(ctx, one, "") },
				func() error { return c.Hangup(ctx, two, "") },
				func() error { return c.DestroyBridge(ctx, bridge) },
			} {
				if err := do(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	r.must(all.Wait())
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Fatal("channels are left")
	}
	for limit := time.Now().Add(5 * time.Second); ; {
		app, err := c.ListApplication(ctx)
		r.must(err)
		if len(app.Channels)+len(app.Bridges) == 0 {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("left over: %+v", app)
		}
	}
}

// untilInApp repeats a request to a channel that has not entered the application yet; the exchange waits for StasisStart.
func untilInApp(err error, again func() error) error {
	for limit := time.Now().Add(5 * time.Second); asterisk.IsConflict(err) && time.Now().Before(limit); {
		err = again()
	}
	return err
}
