package gateway_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"hotline/cti/id"
	"hotline/internal/gateway"
	"hotline/recording"
)

func spec(call string, n, part int, agent id.AgentID) gateway.LegSpec {
	c := id.CallID(call)
	return gateway.LegSpec{Call: c, Leg: c.Leg(n), Part: part, Agent: agent, Record: true, Epoch: time.Now()}
}

func open(t *testing.T, c *controller, s gateway.LegSpec) string {
	t.Helper()
	addr, err := c.OpenLeg(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// inOrder checks that packets of one voice came bit by bit, all of them, each once, between its first and last.
func inOrder(t *testing.T, who string, packets []*rtp.Packet, name byte) {
	t.Helper()
	next := -1
	for _, p := range packets {
		if p.Payload[159] != name {
			continue
		}
		n := int(binary.BigEndian.Uint32(p.Payload))
		if next >= 0 && n != next {
			t.Errorf("%s: voice %c: packet %d came where %d was due", who, name, n, next)
		}
		next = n + 1
	}
}

func TestBothHearOneAnotherAcrossLegs(t *testing.T) {
	p := start(t, config(t))
	c := control(t, p)
	b := browse(t, c, "u1", 'A')
	eventually(t, "agent up", func() bool { return c.seen(gateway.AgentUp{Agent: "u1"}) })

	first := spec("one", 2, 1, "u1")
	addr := open(t, c, first)
	if again := open(t, c, first); again != addr {
		t.Errorf("opened again at %s, was %s", again, addr)
	}
	x := externalMedia(t, addr, 'X')
	eventually(t, "both hear", func() bool { return b.of('X') > 20 && x.of('A') > 20 })
	if err := c.CloseLeg(t.Context(), first.Leg, first.Part); err != nil {
		t.Fatal(err)
	}
	x.hangUp()

	second := spec("two", 2, 1, "u1")
	y := externalMedia(t, open(t, c, second), 'Y')
	eventually(t, "both hear again", func() bool { return b.of('Y') > 20 && y.of('A') > 20 })
	y.hush()
	b.hush()

	heard := b.all()
	inOrder(t, "browser", heard, 'X')
	inOrder(t, "browser", heard, 'Y')
	inOrder(t, "Asterisk", x.all(), 'A')
	inOrder(t, "Asterisk", y.all(), 'A')
	for i := 1; i < len(heard); i++ {
		was, is := heard[i-1], heard[i]
		changed := was.Payload[159] != is.Payload[159]
		switch {
		case is.SSRC != was.SSRC, is.SequenceNumber != was.SequenceNumber+1:
			t.Errorf("browser: SSRC %d, number %d after SSRC %d, number %d", is.SSRC, is.SequenceNumber, was.SSRC, was.SequenceNumber)
		case is.Marker != changed:
			t.Errorf("browser: packet %d: marker is %t", i, is.Marker)
		case !changed && is.Timestamp != was.Timestamp+160, changed && int32(is.Timestamp-was.Timestamp) < 160:
			t.Errorf("browser: timestamp %d after %d", is.Timestamp, was.Timestamp)
		}
	}
}

func TestReturningBrowserIsJoinedToItsCall(t *testing.T) {
	p := start(t, config(t))
	c := control(t, p)
	b := browse(t, c, "u1", 'A')
	s := spec("one", 2, 1, "u1")
	x := externalMedia(t, open(t, c, s), 'X')
	eventually(t, "both hear", func() bool { return b.of('X') > 5 && x.of('A') > 5 })

	b.leave(t)
	left := time.Now()
	eventually(t, "agent down", func() bool { return c.seen(gateway.AgentDown{Agent: "u1"}) })
	if took := time.Since(left); took > 3*time.Second {
		t.Errorf("the gateway noticed after %v", took)
	}
	eventually(t, "the caller's stream goes on with silence", func() bool { return x.of(0xff) > 5 })

	again := browse(t, c, "u1", 'B')
	eventually(t, "both hear again", func() bool { return again.of('X') > 5 && x.of('B') > 5 })
	x.hush()
	var was *rtp.Packet
	for _, q := range x.all() {
		if was != nil && (q.SSRC != was.SSRC || q.SequenceNumber != was.SequenceNumber+1 || int32(q.Timestamp-was.Timestamp) < 160) {
			t.Errorf("Asterisk: SSRC %d number %d time %d after SSRC %d number %d time %d",
				q.SSRC, q.SequenceNumber, q.Timestamp, was.SSRC, was.SequenceNumber, was.Timestamp)
		}
		was = q
	}
	if n := c.count(gateway.AgentUp{Agent: "u1"}); n != 2 {
		t.Errorf("agent came up %d times", n)
	}
}

func TestNewerConnectionReplacesTheOlder(t *testing.T) {
	p := start(t, config(t))
	c := control(t, p)
	old := browse(t, c, "u1", 'A')
	x := externalMedia(t, open(t, c, spec("one", 2, 1, "u1")), 'X')
	eventually(t, "the older hears", func() bool { return old.of('X') > 5 && x.of('A') > 5 })
	newer := browse(t, c, "u1", 'B')
	eventually(t, "the newer hears", func() bool { return newer.of('X') > 5 && x.of('B') > 5 })
	n := x.of('A')
	eventually(t, "the newer goes on", func() bool { return x.of('B') > 15 })
	if more := x.of('A'); more != n {
		t.Errorf("the older is still heard: %d packets more", more-n)
	}
	if c.seen(gateway.AgentDown{Agent: "u1"}) {
		t.Error("the agent was said to be down")
	}
}

func TestHeldAgentIsNeitherHeardNorRecorded(t *testing.T) {
	p := start(t, config(t))
	c := control(t, p)
	browse(t, c, "u1", 'A')
	s := spec("one", 2, 1, "u1")
	x := externalMedia(t, open(t, c, s), 'X')
	eventually(t, "agent heard", func() bool { return x.of('A') > 5 })
	if err := c.HoldLeg(t.Context(), s.Leg, s.Part, true); err != nil {
		t.Fatal(err)
	}
	eventually(t, "silence", func() bool { return x.of(0xff) > 5 })
	n := x.of('A')
	eventually(t, "more silence", func() bool { return x.of(0xff) > 25 })
	if more := x.of('A'); more != n {
		t.Errorf("%d packets got through", more-n)
	}
	if err := c.HoldLeg(t.Context(), s.Leg, s.Part, false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "agent heard again", func() bool { return x.of('A') > n+5 })
	if err := c.CloseLeg(t.Context(), s.Leg, s.Part); err != nil {
		t.Fatal(err)
	}
	res := finish(t, p.cfg.Dir, s.Leg)
	if len(res.Parts) != 1 || len(res.Parts[0].Held) != 1 {
		t.Fatalf("parts are %+v", res.Parts)
	}
	if held := res.Parts[0].Held[0]; held.To-held.From < recording.Rate/2 {
		t.Errorf("held from %d to %d", held.From, held.To)
	}
	if res.Parts[0].Left.Packets == 0 || res.Parts[0].Right.Packets == 0 || res.Parts[0].Interrupted {
		t.Errorf("recorded %+v", res.Parts[0])
	}
}

// uncatalogued keeps no record of what was finished.
type uncatalogued struct{}

func (uncatalogued) Made(context.Context, id.LegID) ([]recording.Part, bool, error) {
	return nil, false, nil
}
func (uncatalogued) Finished(context.Context, recording.Result) error { return nil }

func finish(t *testing.T, dir string, leg id.LegID) (res recording.Result) {
	t.Helper()
	var err error
	eventually(t, "recording finished", func() bool {
		res, err = recording.Finish(t.Context(), dir, leg, uncatalogued{})
		return !errors.Is(err, recording.ErrStillRecording)
	})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestTalkGoesOnWithoutController(t *testing.T) {
	p := start(t, config(t))
	c := control(t, p)
	b := browse(t, c, "u1", 'A')
	s := spec("one", 2, 1, "u1")
	x := externalMedia(t, open(t, c, s), 'X')
	eventually(t, "both hear", func() bool { return b.of('X') > 5 && x.of('A') > 5 })
	c.stop()
	n, m := b.of('X'), x.of('A')
	eventually(t, "they go on", func() bool { return b.of('X') > n+20 && x.of('A') > m+20 })

	next := control(t, p)
	snap := next.snapshot()
	if len(snap.Agents) != 1 || snap.Agents[0] != "u1" || len(snap.Legs) != 1 || snap.Legs[0].Leg != s.Leg || snap.Legs[0].Agent != "u1" {
		t.Fatalf("snapshot is %+v", snap)
	}
	if snap.Legs[0].RTP == "" || !snap.Legs[0].Record || snap.Codec != "pcmu" {
		t.Errorf("snapshot is %+v", snap)
	}
	b.hush()
	inOrder(t, "Asterisk", x.all(), 'A')
	if err := next.CloseLeg(t.Context(), s.Leg, s.Part); err != nil {
		t.Fatal(err)
	}
}

func TestRequestsOutliveAGatewayThatComesAgain(t *testing.T) {
	cfg := config(t)
	p := start(t, cfg)
	c := control(t, p)
	p.stop()
	eventually(t, "disconnected", func() bool { return !c.Connected() })
	got := make(chan error, 1)
	go func() {
		_, err := c.OpenLeg(t.Context(), spec("one", 2, 1, "u1"))
		got <- err
	}()
	cfg.Listen = p.cfg.Listen
	start(t, cfg)
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Drop(ctx, "u1"); !errors.Is(err, context.Canceled) && err != nil {
		t.Errorf("a request without time: %v", err)
	}
}

func TestStrangersAreRefused(t *testing.T) {
	p := start(t, config(t))
	for name, header := range map[string]http.Header{
		"no token": {}, "wrong token": {"Authorization": {"Bearer nonsense"}}, "no scheme": {"Authorization": {token}},
		"a web page": {"Authorization": {"Bearer " + token}, "Origin": {"http://evil.example"}},
	} {
		ws, resp, err := websocket.DefaultDialer.Dial("ws://"+p.cfg.Listen+"/control", header)
		if err == nil {
			_ = ws.Close()
			t.Errorf("%s: let in", name)
		} else if resp == nil || resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
	}
}

func TestBrokenFramesAreAnsweredAndHugeOnesEndTheSession(t *testing.T) {
	p := start(t, config(t))
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+p.cfg.Listen+"/control", http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ws.Close() }()
	say := func(s string) string {
		if err := ws.WriteMessage(websocket.TextMessage, []byte(s)); err != nil {
			t.Fatal(err)
		}
		_, data, err := ws.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if _, data, err := ws.ReadMessage(); err != nil || !strings.Contains(string(data), `"snapshot"`) {
		t.Fatalf("%s, %v", data, err)
	}
	for _, bad := range []string{
		`{`, `[]`, `"x"`, `{"id":1}`, `{"id":1,"do":"fly"}`, `{"id":1,"do":"open_leg"}`,
		`{"id":1,"do":"open_leg","spec":{"call":"a","leg":"../../x.1","part":1,"agent":"u1"}}`,
		`{"id":1,"do":"open_leg","spec":{"call":"../x","leg":"../x.1","part":1,"agent":"u1"}}`,
		`{"id":1,"do":"peer_leg","leg":"a.2","part":1,"addr":"nowhere"}`, `{"id":1,"do":"close_leg","leg":"a","part":1}`,
		`{"id":1,"do":"offer","agent":"u1"}`, `{"id":1,"do":"drop"}`,
	} {
		if got := say(bad); !strings.Contains(got, `"bad_request"`) {
			t.Errorf("%s: %s", bad, got)
		}
	}
	if got := say(`{"id":5,"do":"offer","agent":"u1","sdp":"v=0"}`); !strings.Contains(got, `"bad_sdp"`) || !strings.Contains(got, `"re":5`) {
		t.Errorf("bad SDP: %s", got)
	}
	if got := say(`{"id":6,"do":"hold_leg","leg":"a.2","part":1,"held":true,"colour":"red"}`); !strings.Contains(got, `"no_leg"`) {
		t.Errorf("no leg: %s", got)
	}
	if err := ws.WriteMessage(websocket.TextMessage, make([]byte, 1<<20)); err == nil {
		if _, data, err := ws.ReadMessage(); err == nil {
			t.Errorf("a huge frame was answered: %s", data)
		}
	}
}

func TestRTPOfOthersIsDropped(t *testing.T) {
	p := start(t, config(t))
	c := control(t, p)
	b := browse(t, c, "u1", 'A')
	s := spec("one", 2, 1, "u1")
	addr := open(t, c, s)
	x := externalMedia(t, addr, 'X')
	eventually(t, "heard", func() bool { return b.of('X') > 5 })
	thief := externalMedia(t, addr, 'T')
	n := b.of('X')
	eventually(t, "heard on", func() bool { return b.of('X') > n+10 })
	if b.of('T') > 0 || len(thief.all()) > 0 {
		t.Errorf("a second sender: %d packets in, %d out", b.of('T'), len(thief.all()))
	}
	if _, err := x.conn.Write([]byte("no RTP at all")); err != nil {
		t.Fatal(err)
	}
	n = b.of('X')
	eventually(t, "heard on", func() bool { return b.of('X') > n+5 })
	var problem *gateway.Problem
	if err := c.PeerLeg(t.Context(), s.Leg, s.Part, "192.0.2.1:5000"); !errors.As(err, &problem) || problem.Code != gateway.BadRequest {
		t.Errorf("a peer from elsewhere: %v", err)
	}
}

func TestAsteriskThatIsSilentAtFirstHearsTheAgent(t *testing.T) {
	p := start(t, config(t))
	c := control(t, p)
	browse(t, c, "u1", 'A')
	s := spec("one", 2, 1, "u1")
	x := externalMedia(t, open(t, c, s), 'X')
	x.hush()
	other := externalMedia(t, p.cfg.Listen, 'Z') // a socket that never talks to the leg
	other.hush()
	if err := c.PeerLeg(t.Context(), s.Leg, s.Part, x.conn.LocalAddr().String()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "heard", func() bool { return x.of('A') > 5 })
}

// The stream of another call goes on to the port that its leg had in a gateway that died.
func TestStreamOfALegThatWasHereBeforeIsNotHeard(t *testing.T) {
	p := start(t, config(t))
	c := control(t, p)
	b := browse(t, c, "u1", 'A')
	s := spec("one", 2, 1, "u1")
	addr := open(t, c, s)
	stranger := externalMedia(t, addr, 'Z')
	eventually(t, "the first is heard while nothing is told", func() bool { return b.of('Z') > 0 })
	x := externalMedia(t, addr, 'X')
	if err := c.PeerLeg(t.Context(), s.Leg, s.Part, x.conn.LocalAddr().String()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both hear", func() bool { return b.of('X') > 5 && x.of('A') > 5 })
	before, got := b.of('Z'), stranger.of('A')
	n := b.of('X')
	eventually(t, "they go on", func() bool { return b.of('X') > n+20 })
	if b.of('Z') != before || stranger.of('A') != got {
		t.Errorf("the stranger is heard %d times more, and hears %d more", b.of('Z')-before, stranger.of('A')-got)
	}
}

// Firewalls that let no UDP through are common in offices.
func TestBrowserComesOverTCP(t *testing.T) {
	cfg := config(t)
	cfg.ICETCP = "127.0.0.1:0"
	p := start(t, cfg)
	c := control(t, p)
	b := browseOver(t, c, "u1", 'A', webrtc.NetworkTypeTCP4)
	x := externalMedia(t, open(t, c, spec("one", 2, 1, "u1")), 'X')
	eventually(t, "both hear", func() bool { return b.of('X') > 5 && x.of('A') > 5 })
}

func TestEveryInterfaceListensWhenNoneIsNamed(t *testing.T) {
	cfg := config(t)
	free, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg.ICEUDP = fmt.Sprintf(":%d", free.LocalAddr().(*net.UDPAddr).Port)
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	p := start(t, cfg)
	c := control(t, p)
	b := browse(t, c, "u1", 'A')
	x := externalMedia(t, open(t, c, spec("one", 2, 1, "u1")), 'X')
	eventually(t, "both hear", func() bool { return b.of('X') > 5 && x.of('A') > 5 })
}

func TestLegThatNobodyWantsIsClosed(t *testing.T) {
	cfg := config(t)
	cfg.Orphan = time.Second
	p := start(t, cfg)
	c := control(t, p)
	unfed, fed := spec("one", 2, 1, "u1"), spec("two", 2, 1, "u2")
	x := externalMedia(t, open(t, c, unfed), 'X')
	externalMedia(t, open(t, c, fed), 'Y')
	eventually(t, "the caller hears silence", func() bool { return x.of(0xff) > 0 })
	x.hush()
	c.stop()
	// No controller may look, or the leg would have one.
	eventually(t, "one leg closed", func() bool {
		resp, err := http.Get("http://" + p.cfg.Listen + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(body), "\nhotline_media_legs 1\n") && strings.Contains(string(body), "\nhotline_media_legs_orphaned_total 1\n")
	})
	if snap := control(t, p).snapshot(); len(snap.Legs) != 1 || snap.Legs[0].Leg != fed.Leg {
		t.Errorf("snapshot is %+v", snap)
	}
	if res := finish(t, cfg.Dir, unfed.Leg); res.Duration < time.Second {
		t.Errorf("recorded %v", res.Duration)
	}
}

func TestBrowserIsToldThePublicAddress(t *testing.T) {
	cfg := config(t)
	cfg.PublicIPs = []string{"192.0.2.7"}
	p := start(t, cfg)
	c := control(t, p)
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pc.Close() }()
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Offer(t.Context(), "u1", offer.SDP)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(answer, " 192.0.2.7 ") || strings.Contains(answer, " 127.0.0.1 ") {
		t.Errorf("the answer is\n%s", answer)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	cfg := config(t)
	cfg.PortMin, cfg.PortMax = freePorts(t, 8) // four legs at once
	before := goroutines()
	p := start(t, cfg)
	c := control(t, p)
	for round := range 3 {
		b := browse(t, c, "u1", 'A')
		for n := range 4 {
			s := spec(fmt.Sprintf("call%d", round), n+2, 1, "u1")
			x := externalMedia(t, open(t, c, s), 'X')
			if n == 3 {
				eventually(t, "heard", func() bool { return b.of('X') > 5 && x.of('A') > 5 })
				var problem *gateway.Problem
				if _, err := c.OpenLeg(t.Context(), spec("many", 2, 1, "u2")); !errors.As(err, &problem) || problem.Code != gateway.NoPort {
					t.Errorf("a fifth leg: %v", err)
				}
			}
			x.hangUp()
		}
		for n := range 4 {
			if err := c.CloseLeg(t.Context(), id.CallID(fmt.Sprintf("call%d", round)).Leg(n+2), 1); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Drop(t.Context(), "u1"); err != nil {
			t.Fatal(err)
		}
		b.leave(t)
	}
	for port := cfg.PortMin; port <= cfg.PortMax; port++ {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err != nil {
			t.Errorf("port %d is still taken: %v", port, err)
			continue
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	c.stop()
	p.stop()
	eventually(t, "goroutines gone", func() bool { return goroutines() <= before })
}
