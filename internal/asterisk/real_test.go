package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// These tests speak with a real Asterisk: HOTLINE_TEST_ARI=http://user:password@127.0.0.1:8088/ari. They need no
// dialplan and no sound files: the channels are externalMedia ones, what is played is a tone.

type realAsterisk struct {
	t   *testing.T
	cfg Config
	id  string // begins every id, so that runs do not meet
}

func real(t *testing.T) *realAsterisk {
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
	cfg := Config{User: u.User.Username(), Password: password}
	u.User = nil
	cfg.URL = u.String()
	id := fmt.Sprintf("t%d", time.Now().UnixNano())
	cfg.App = "hotline-" + id
	return &realAsterisk{t: t, cfg: cfg, id: id}
}

// connect runs a client until the test ends, and takes Connected.
func (r *realAsterisk) connect(opt Options) (*Client, Connected, func()) {
	r.t.Helper()
	c, err := New(r.cfg, opt)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	stop := func() {
		cancel()
		for range c.Events() {
		}
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			r.t.Error("Run does not end")
		}
	}
	return c, await[Connected](r.t, c), stop
}

// await takes events until one of the type comes.
func await[T Event](t *testing.T, c *Client) T {
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

// sink is where Asterisk sends its RTP to.
func (r *realAsterisk) sink() string {
	r.t.Helper()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = udp.Close() })
	return udp.LocalAddr().String()
}

func (r *realAsterisk) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestRealLifeOfTwoChannels(t *testing.T) {
	r := real(t)
	c, found, stop := r.connect(Options{})
	defer stop()
	ctx := t.Context()
	if len(found.Channels) != 0 {
		t.Errorf("a new application has channels: %v", found.Channels)
	}
	one, two, bridge, play := r.id+".2.1", r.id+".3.1", r.id+".b", r.id+".p1"

	m := ExternalMedia{Channel: one, Host: r.sink(), Format: "ulaw", Data: "leg", Variables: map[string]string{"COLOUR": "red, green"}}
	r.must(c.ExternalMedia(ctx, m))
	start := await[StasisStart](t, c)
	if start.Channel.ID != one || len(start.Channel.Args) != 1 || start.Channel.Args[0] != "leg" || start.Channel.Created.IsZero() {
		t.Errorf("StasisStart %+v", start)
	}
	r.must(c.ExternalMedia(ctx, m)) // again
	r.must(c.ExternalMedia(ctx, ExternalMedia{Channel: two, Host: r.sink(), Format: "ulaw"}))
	await[StasisStart](t, c)
	if v, err := c.GetVar(ctx, one, "COLOUR"); err != nil || v != "red, green" {
		t.Errorf("COLOUR = %q, %v", v, err)
	}
	if v, err := c.GetVar(ctx, one, "NOTHING"); !IsNotFound(err) {
		t.Errorf("NOTHING = %q, %v", v, err)
	}
	for _, value := range []string{"", `{"走":"進來","a":[1,2,"x,y)("]}`, strings.Repeat("四", 1000)} {
		r.must(c.SetVar(ctx, one, "V", value))
		if v, err := c.GetVar(ctx, one, "V"); (value != "" || !IsNotFound(err)) && (err != nil || v != value) {
			t.Errorf("V = %q, %v, not %q", v, err, value)
		}
	}

	r.must(c.Answer(ctx, one))
	r.must(c.Answer(ctx, one))
	r.must(c.StartMOH(ctx, one, ""))
	r.must(c.StopMOH(ctx, one))
	r.must(c.Play(ctx, one, play, []string{"tone:1004"}, "en"))
	await[PlaybackStarted](t, c)
	r.must(c.Play(ctx, one, play, []string{"tone:1004"}, "en"))
	r.must(c.StopPlayback(ctx, play))
	if e := await[PlaybackFinished](t, c); e != (PlaybackFinished{Playback: play, Channel: one}) {
		t.Errorf("%+v", e)
	}
	r.must(c.StopPlayback(ctx, play))
	r.must(c.Play(ctx, one, r.id+".p2", []string{"sound:/no/such/file"}, ""))
	if e := await[PlaybackFinished](t, c); !e.Failed {
		t.Errorf("%+v", e)
	}

	r.must(c.CreateBridge(ctx, bridge, "talk"))
	r.must(c.CreateBridge(ctx, bridge, "talk"))
	r.must(c.AddToBridge(ctx, bridge, one, two))
	await[EnteredBridge](t, c)
	if e := await[EnteredBridge](t, c); len(e.Bridge.Channels) != 2 || e.Bridge.ID != bridge {
		t.Errorf("%+v", e)
	}
	r.must(c.AddToBridge(ctx, bridge, one, two))
	if err := c.AddToBridge(ctx, bridge, "nobody"); !IsNotFound(err) {
		t.Errorf("bridging nobody: %v", err)
	}
	r.must(c.RemoveFromBridge(ctx, bridge, one))
	if e := await[LeftBridge](t, c); e.Channel != one {
		t.Errorf("%+v", e)
	}
	r.must(c.RemoveFromBridge(ctx, bridge, one))
	bridges, err := c.ListBridges(ctx)
	if err != nil || len(bridges) == 0 {
		t.Errorf("bridges %v, %v", bridges, err)
	}
	r.must(c.DestroyBridge(ctx, bridge))
	r.must(c.DestroyBridge(ctx, bridge))
	if e := await[LeftBridge](t, c); e.Channel != two {
		t.Errorf("%+v", e)
	}
	for _, ch := range []string{one, two} {
		r.must(c.Hangup(ctx, ch, "normal"))
		await[ChannelDestroyed](t, c)
		r.must(c.Hangup(ctx, ch, ""))
	}
	if err := c.Answer(ctx, one); !IsNotFound(err) {
		t.Errorf("answering the dead: %v", err)
	}
	var refused *Error
	if err := c.Play(ctx, one, "p", []string{"tone:1004"}, ""); !errors.As(err, &refused) || refused.Message != "Channel not found" {
		t.Errorf("playing to the dead: %v", err)
	}
}

// TestRealStateIsNotHeldUpByAPlayback shows the trap of the package's doc and the way round it.
func TestRealStateIsNotHeldUpByAPlayback(t *testing.T) {
	r := real(t)
	r.cfg.RequestTimeout = 700 * time.Millisecond
	c, _, stop := r.connect(Options{})
	defer stop()
	ctx := t.Context()
	ch := r.id + ".2.1"
	r.must(c.ExternalMedia(ctx, ExternalMedia{Channel: ch, Host: r.sink(), Format: "ulaw"}))
	await[StasisStart](t, c)
	defer func() { _ = c.Hangup(context.WithoutCancel(ctx), ch, "") }()
	if s, err := c.State(ctx, ch); s != "" || err != nil {
		t.Errorf("the state of a new channel: %q, %v", s, err)
	}
	r.must(c.Play(ctx, ch, r.id+".p1", []string{"tone:1004"}, ""))
	await[PlaybackStarted](t, c)

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
	await[PlaybackFinished](t, c)
	r.must(c.SetVar(ctx, ch, "V", "2"))
}

func TestRealReconnectAndReplacement(t *testing.T) {
	r := real(t)
	first, _, stopFirst := r.connect(Options{})
	defer stopFirst()
	ctx := t.Context()
	ch := r.id + ".2.1"
	r.must(first.ExternalMedia(ctx, ExternalMedia{Channel: ch, Host: r.sink(), Format: "ulaw", Data: "a,b"}))
	await[StasisStart](t, first)
	r.must(first.SetState(ctx, ch, "talking"))
	r.must(first.CreateBridge(ctx, r.id+".b", ""))

	second, found, stopSecond := r.connect(Options{})
	defer stopSecond()
	if len(found.Channels) != 1 || found.State[ch] != "talking" {
		t.Errorf("found %+v", found)
	} else if got := found.Channels[0]; got.ID != ch || strings.Join(got.Args, "|") != "a|b" {
		t.Errorf("found %+v", got)
	}
	await[ApplicationReplaced](t, first)
	if e := await[Disconnected](t, first); !errors.Is(e.Err, ErrReplaced) {
		t.Errorf("%+v", e)
	}
	if err := first.Answer(ctx, ch); !errors.Is(err, ErrDisconnected) {
		t.Errorf("a request of the replaced: %v", err)
	}
	r.must(second.Hangup(ctx, ch, ""))
	await[ChannelDestroyed](t, second)
	r.must(second.DestroyBridge(ctx, r.id+".b"))
}

func TestRealLargeRequest(t *testing.T) {
	r := real(t)
	c, _, stop := r.connect(Options{})
	defer stop()
	ctx := t.Context()
	// 36,000 quotes are 144,000 bytes as a frame, and the HTTP body is 72,000: too long for both, and refused.
	var e *Error
	_, err := c.do(ctx, newRequest(http.MethodPost, "asterisk/variable").with("variable", "X").with("value", strings.Repeat(`"`, 36000)))
	if !errors.As(err, &e) || e.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("far too long: %v", err)
	}
	long := strings.Repeat(`x`, 39000)
	r.must(c.SetState(ctx, "nobody", "x"))
	_, err = c.do(ctx, newRequest(http.MethodPost, "asterisk/variable").with("variable", "X").with("value", long))
	r.must(err)
}
