package gateway_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"hotline/cti/id"
	"hotline/internal/gateway"
)

const token = "a token that is long enough"

func logger(t *testing.T) *slog.Logger {
	t.Helper()
	if os.Getenv("HOTLINE_TEST_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.NewTextHandler(io.Discard, nil))
}

// eventually polls a condition of real sockets.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick, late := time.NewTicker(5*time.Millisecond), time.After(15*time.Second)
	defer tick.Stop()
	for !ok() {
		select {
		case <-late:
			t.Fatalf("never: %s", what)
		case <-tick.C:
		}
	}
}

// process is a running gateway.
type process struct {
	cfg  gateway.Config
	stop func()
}

func config(t *testing.T) gateway.Config {
	t.Helper()
	cfg := gateway.DefaultConfig()
	cfg.Listen, cfg.ICEUDP, cfg.Token, cfg.Dir = "127.0.0.1:0", "127.0.0.1:0", token, t.TempDir()
	cfg.PortMin, cfg.PortMax = freePorts(t, 40)
	return cfg
}

// freePorts finds so many UDP ports in a row, from an even one on, that nobody uses now.
func freePorts(t *testing.T, n int) (low, high int) {
	t.Helper()
	listen := func(port int) *net.UDPConn {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err != nil {
			return nil
		}
		return conn
	}
	for range 200 {
		probe := listen(0)
		low := probe.LocalAddr().(*net.UDPAddr).Port &^ 1
		conns := []*net.UDPConn{probe}
		free := low+n <= 65535
		for port := low; free && port < low+n; port++ {
			if port == probe.LocalAddr().(*net.UDPAddr).Port {
				continue
			}
			conn := listen(port)
			if conn == nil {
				free = false
				break
			}
			conns = append(conns, conn)
		}
		for _, conn := range conns {
			_ = conn.Close()
		}
		if free {
			return low, low + n - 1
		}
	}
	t.Fatalf("there are no %d free UDP ports in a row", n)
	return 0, 0
}

func start(t *testing.T, cfg gateway.Config) *process {
	t.Helper()
	s, err := gateway.New(cfg, logger(t))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listen = s.Addr()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	var once sync.Once
	p := &process{cfg: cfg, stop: func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("gateway: %v", err)
			}
		})
	}}
	t.Cleanup(p.stop)
	return p
}

// controller is a client that remembers its events.
type controller struct {
	*gateway.Client
	stop func()

	mu     sync.Mutex
	events []gateway.Event
}

func (c *controller) add(e gateway.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, e)
}

func (c *controller) seen(want gateway.Event) bool { return c.count(want) > 0 }

func (c *controller) count(want gateway.Event) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.events {
		if fmt.Sprintf("%#v", e) == fmt.Sprintf("%#v", want) {
			n++
		}
	}
	return n
}

// snapshot is the newest.
func (c *controller) snapshot() (s gateway.Snapshot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.events {
		if e, ok := e.(gateway.Connected); ok {
			s = e.Snapshot
		}
	}
	return s
}

func control(t *testing.T, p *process) *controller {
	t.Helper()
	c := &controller{}
	c.Client = gateway.NewClient(gateway.ClientConfig{Addr: p.cfg.Listen, Token: token}, logger(t), c.add)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := c.Run(ctx); err != nil {
			t.Errorf("client: %v", err)
		}
	}()
	c.stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(c.stop)
	eventually(t, "controller connected", c.Connected)
	return c
}

// voice sends numbered packets of G.711 every 20 ms until stopped: each payload begins with a name and a count, so that
// it can be known again bit by bit.
func voice(name byte, send func(count int, payload []byte) error) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			payload := make([]byte, 160)
			for i := range payload {
				payload[i] = name
			}
			binary.BigEndian.PutUint32(payload, uint32(n))
			if err := send(n, payload); err != nil {
				return
			}
			select {
			case <-quit:
				return
			case <-tick.C:
			}
		}
	}()
	return sync.OnceFunc(func() { close(quit); <-done })
}

// ear keeps the packets that came.
type ear struct {
	mu      sync.Mutex
	packets []*rtp.Packet
	at      []time.Time
}

func (e *ear) hear(p *rtp.Packet) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.packets, e.at = append(e.packets, p), append(e.at, time.Now())
}

func (e *ear) all() []*rtp.Packet {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]*rtp.Packet(nil), e.packets...)
}

// of counts packets of a voice.
func (e *ear) of(name byte) (n int) {
	for _, p := range e.all() {
		if len(p.Payload) == 160 && p.Payload[159] == name {
			n++
		}
	}
	return n
}

// browser is an agent's page.
type browser struct {
	ear
	channel *webrtc.DataChannel

	told    sync.Mutex // guards what the channel has told
	state   gateway.RecordingState
	replies map[uint64]*gateway.Problem
	asks    uint64
	pc      *webrtc.PeerConnection
	hush    func()
}

func browse(t *testing.T, c *controller, agent id.AgentID, name byte) *browser {
	t.Helper()
	return browseOver(t, c, agent, name, webrtc.NetworkTypeUDP4)
}

func browseOver(t *testing.T, c *controller, agent id.AgentID, name byte, network webrtc.NetworkType) *browser {
	t.Helper()
	set := webrtc.SettingEngine{}
	set.SetNetworkTypes([]webrtc.NetworkType{network})
	set.SetIncludeLoopbackCandidate(true)
	set.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	set.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(set), webrtc.WithMediaEngine(media)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{pc: pc, replies: map[uint64]*gateway.Problem{}}
	if b.channel, err = pc.CreateDataChannel(gateway.ChannelLabel, nil); err != nil {
		t.Fatal(err)
	}
	b.channel.OnMessage(func(m webrtc.DataChannelMessage) { b.heed(t, m.Data) })
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, "mic", "mic")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pc.AddTrack(track); err != nil {
		t.Fatal(err)
	}
	pc.OnTrack(func(r *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := r.ReadRTP()
			if err != nil {
				return
			}
			b.hear(p)
		}
	})
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-gathered
	answer, err := c.Offer(t.Context(), agent, pc.LocalDescription().SDP)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(answer, "a=candidate:") {
		t.Fatalf("the answer has no candidates:\n%s", answer)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	b.hush = voice(name, func(n int, payload []byte) error {
		return track.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(n), Timestamp: uint32(160 * n)}, Payload: payload})
	})
	t.Cleanup(func() { b.leave(t) })
	eventually(t, "browser connected", func() bool { return pc.ConnectionState() == webrtc.PeerConnectionStateConnected })
	return b
}

func (b *browser) heed(t *testing.T, data []byte) {
	b.told.Lock()
	defer b.told.Unlock()
	var reply struct {
		Re      uint64
		Problem *gateway.Problem
	}
	var state gateway.RecordingState
	if err := errors.Join(json.Unmarshal(data, &reply), json.Unmarshal(data, &state)); err != nil {
		t.Errorf("the channel says %q: %v", data, err)
	}
	if reply.Re != 0 {
		b.replies[reply.Re] = reply.Problem
	} else {
		b.state = state
	}
}

func (b *browser) recording() gateway.RecordingState {
	b.told.Lock()
	defer b.told.Unlock()
	return b.state
}

// ask asks for something on the channel, and waits for the answer.
func (b *browser) ask(t *testing.T, do string, leg id.LegID) (problem *gateway.Problem) {
	t.Helper()
	b.told.Lock()
	b.asks++
	n := b.asks
	b.told.Unlock()
	eventually(t, "the browser's data channel is open", func() bool { return b.channel.ReadyState() == webrtc.DataChannelStateOpen })
	if err := b.channel.SendText(fmt.Sprintf(`{"id":%d,"do":%q,"leg":%q}`, n, do, leg)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the answer to "+do, func() (answered bool) {
		b.told.Lock()
		defer b.told.Unlock()
		problem, answered = b.replies[n]
		return answered
	})
	return problem
}

func (b *browser) leave(t *testing.T) {
	t.Helper()
	b.hush()
	if err := b.pc.GracefulClose(); err != nil {
		t.Errorf("close browser: %v", err)
	}
}

// asterisk is an externalMedia channel.
type asterisk struct {
	ear
	conn net.Conn
	hush func()
}

func externalMedia(t *testing.T, to string, name byte) *asterisk {
	t.Helper()
	conn, err := net.Dial("udp", to)
	if err != nil {
		t.Fatal(err)
	}
	a := &asterisk{conn: conn}
	go func() {
		buf := make([]byte, 2048)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			p := &rtp.Packet{}
			if p.Unmarshal(append([]byte(nil), buf[:n]...)) == nil {
				a.hear(p)
			}
		}
	}()
	a.hush = voice(name, func(n int, payload []byte) error {
		p := &rtp.Packet{Header: rtp.Header{Version: 2, SSRC: uint32(name), SequenceNumber: uint16(65000 + n), Timestamp: uint32(160 * n)}, Payload: payload}
		data, err := p.Marshal()
		if err == nil {
			_, err = conn.Write(data)
		}
		return err
	})
	t.Cleanup(a.hangUp)
	return a
}

func (a *asterisk) hangUp() {
	a.hush()
	_ = a.conn.Close() // may be closed already
}

func goroutines() int { return runtime.NumGoroutine() }
