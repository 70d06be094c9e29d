// Package sipphone is a SIP telephone in Go: it dials, speaks, presses keys and keeps every packet it hears with its
// time of arrival, so that tests can judge what a caller would have heard, and demo callers can talk.
//
// Sound is G.711 mu-law (RFC 3551), keys are RFC 4733 events. A call sends a packet every 20 ms from answer to hang-up:
// speech when there is some, silence otherwise, as real phones do.
package sipphone

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/diago"
	"github.com/emiago/diago/media"
	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// Phone is one SIP user agent on its own loopback port; it can hold many calls at once.
type Phone struct {
	ua     *sipgo.UserAgent
	diago  *diago.Diago
	cancel context.CancelFunc
}

// New opens a phone on a free port of 127.0.0.1. Whoever calls it is turned away.
func New() (*Phone, error) {
	return Listen(func(in *Incoming) { in.Refuse(sip.StatusBusyHere) })
}

// Listen opens a phone that takes calls: each is handed to take, on a goroutine of its own, and is over when that returns.
func Listen(take func(*Incoming)) (*Phone, error) {
	return ListenAt(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0), take)
}

// ListenAt is Listen at an address; port 0 is a free one.
func ListenAt(addr netip.AddrPort, take func(*Incoming)) (*Phone, error) {
	ua, err := sipgo.NewUA(sipgo.WithUserAgent("hotline-phone"))
	if err != nil {
		return nil, fmt.Errorf("make SIP user agent: %w", err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	d := diago.NewDiago(ua,
		diago.WithLogger(quiet),
		diago.WithTransport(diago.Transport{Transport: "udp", BindHost: addr.Addr().String(), BindPort: int(addr.Port())}))
	ctx, cancel := context.WithCancel(context.Background())
	if err := d.ServeBackground(ctx, func(in *diago.DialogServerSession) { take(&Incoming{dialog: in}) }); err != nil {
		cancel()
		return nil, fmt.Errorf("listen for SIP: %w", err)
	}
	return &Phone{ua: ua, diago: d, cancel: cancel}, nil
}

// Close ends the phone; its calls should have been hung up before.
func (p *Phone) Close() error {
	p.cancel()
	if err := p.ua.Close(); err != nil {
		return fmt.Errorf("close SIP user agent: %w", err)
	}
	return nil
}

// From is what the phone says of its caller. An empty User withholds the number.
type From struct {
	Name string
	User string
}

// Dial calls the number at a SIP server and returns when it has answered.
func (p *Phone) Dial(ctx context.Context, server netip.AddrPort, number string, from From) (*Call, error) {
	to := sip.Uri{User: number, Host: server.Addr().String(), Port: int(server.Port())}
	dialog, err := p.diago.NewDialog(to, diago.NewDialogOptions{})
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", number, err)
	}
	opts := diago.InviteClientOptions{Headers: []sip.Header{}}
	if from.User == "" {
		opts.WithAnonymousCaller()
	} else {
		opts.WithCaller(from.Name, from.User, "127.0.0.1")
	}
	if err := dialog.Invite(ctx, opts); err != nil {
		_ = dialog.Close()
		return nil, fmt.Errorf("dial %s: %w", number, err)
	}
	if err := dialog.Ack(ctx); err != nil {
		_ = dialog.Close()
		return nil, fmt.Errorf("acknowledge answer of %s: %w", number, err)
	}
	return newCall(dialog), nil
}

// ServerAddr parses "127.0.0.1:5060".
func ServerAddr(s string) (netip.AddrPort, error) {
	host, err := net.ResolveUDPAddr("udp", s)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("SIP server %q: %w", s, err)
	}
	addr := host.AddrPort()
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()), nil
}

// Call is one answered call of a phone. Its methods may be called from any goroutine.
type Call struct {
	Answered time.Time

	dialog dialog
	done   chan struct{}
	once   sync.Once

	mu     sync.Mutex
	speech []int16  // still to be said, 8 kHz
	keys   []rune   // still to be pressed
	heard  []Packet // in order of arrival
	spoken *sync.Cond
}

// dialog is a call that was dialled or taken, as SIP has it.
type dialog interface {
	Context() context.Context // ends with it
	MediaSession() *media.MediaSession
	Hangup(ctx context.Context) error
	Close() error
}

// Packet is one RTP packet of sound that arrived.
type Packet struct {
	Arrived   time.Time
	Sequence  uint16
	Timestamp uint32
	SSRC      uint32
	Samples   []int16
}

func newCall(dialog dialog) *Call {
	c := &Call{Answered: time.Now(), dialog: dialog, done: make(chan struct{})}
	c.spoken = sync.NewCond(&c.mu)
	go c.listen()
	go c.speak()
	go func() {
		<-dialog.Context().Done()
		c.end()
	}()
	return c
}

func (c *Call) end() {
	c.once.Do(func() {
		close(c.done)
		_ = c.dialog.Close()
		c.mu.Lock()
		c.spoken.Broadcast()
		c.mu.Unlock()
	})
}

// Done is closed when the call is over, whoever ended it.
func (c *Call) Done() <-chan struct{} { return c.done }

// Say queues speech (8 kHz); it is sent at once, in real time, after what was queued before.
func (c *Call) Say(samples []int16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.speech = append(c.speech, samples...)
}

// Hush forgets the speech that has not been sent yet.
func (c *Call) Hush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.speech = nil
	c.spoken.Broadcast()
}

// Press queues keys (0-9 * # A-D); each takes about 0.2 s.
func (c *Call) Press(keys string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys = append(c.keys, []rune(keys)...)
}

// Flush waits until everything queued has been sent. It returns false when the call ended before.
func (c *Call) Flush() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.speech) > 0 || len(c.keys) > 0 {
		if c.over() {
			return false
		}
		c.spoken.Wait()
	}
	return true
}

func (c *Call) over() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// Hangup ends the call.
func (c *Call) Hangup(ctx context.Context) error {
	if c.over() {
		return nil
	}
	err := c.dialog.Hangup(ctx)
	c.end()
	if err != nil {
		return fmt.Errorf("hang up: %w", err)
	}
	return nil
}

// Vanish stops the sound and forgets the call without telling the other side, as a phone that loses its network does.
func (c *Call) Vanish() { c.end() }

// Heard returns the packets that have arrived so far.
func (c *Call) Heard() []Packet { return c.HeardSince(0) }

// Count is how many packets have arrived, and when the last one did.
func (c *Call) Count() (n int, last time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n = len(c.heard); n > 0 {
		last = c.heard[n-1].Arrived
	}
	return n, last
}

// HeardSince returns the packets that arrived after the first n.
func (c *Call) HeardSince(n int) []Packet {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Packet(nil), c.heard[min(n, len(c.heard)):]...)
}
