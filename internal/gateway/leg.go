package gateway

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/pion/rtp"

	"hotline/recording"
)

// quiet is how long the browser may send nothing before the caller's stream is filled with silence. It is longer than
// the jitter of a working network.
const quiet = 200 * time.Millisecond

// leg is one part of an agent's leg: a socket that Asterisk talks to.
type leg struct {
	// Fixed.
	spec    LegSpec
	log     *slog.Logger
	m       *metrics
	sock    *net.UDPConn
	peers   []netip.Prefix
	codec   uint8
	writer  *recording.Writer // nil when not recorded
	pausing *pausing          // nil when not recorded
	agent   *agent
	stopped chan struct{} // closed when the reader is gone

	mu     sync.Mutex
	peer   netip.AddrPort // of Asterisk; zero until known
	told   uint16         // the port that PeerLeg named; zero until then
	sure   bool           // a packet came from peer
	held   bool
	closed bool
	out    stream    // to Asterisk
	heard  time.Time // when Asterisk sent last, or the leg began
	lossIn loss      // from Asterisk
	lossUp loss      // from the browser
}

func (l *leg) state() LegState {
	l.mu.Lock()
	defer l.mu.Unlock()
	state := LegState{LegSpec: l.spec, RTP: l.sock.LocalAddr().String(), Held: l.held}
	if l.pausing != nil {
		state.Pauses = l.pausing.pauses()
	}
	return state
}

// read takes what Asterisk sends until the socket is closed.
func (l *leg) read() {
	defer close(l.stopped)
	buf := make([]byte, 2048)
	for {
		n, from, err := l.sock.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		now := time.Now()
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		var p rtp.Packet
		if !l.admit(from, now) || p.Unmarshal(buf[:n]) != nil || p.Version != 2 || p.PayloadType != l.codec || len(p.Payload) == 0 {
			l.m.refused.Inc()
			continue
		}
		l.mu.Lock()
		l.count(&l.lossIn, fromAsterisk, p.SSRC, p.SequenceNumber)
		l.mu.Unlock()
		if l.writer != nil {
			l.writer.Left(l.recorded(&p, now))
		}
		l.agent.toBrowser(l, &p, now)
	}
}

// admit says whether a packet is from the leg's own channel in Asterisk. The first one shows where that is, unless
// another port was told: then it is what was meant for the leg that had this port in a gateway that died.
func (l *leg) admit(from netip.AddrPort, now time.Time) bool {
	if !slices.ContainsFunc(l.peers, func(p netip.Prefix) bool { return p.Contains(from.Addr()) }) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.sure && (l.told == 0 || l.told == from.Port()) { // the address told may be another interface of the same machine
		l.peer, l.sure = from, true
		l.log.Debug("Asterisk's RTP address is known", "peer", from)
	}
	if l.peer != from {
		return false
	}
	l.heard = now
	return true
}

func (l *leg) recorded(p *rtp.Packet, now time.Time) recording.Packet {
	return recording.Packet{
		SSRC: p.SSRC, Seq: p.SequenceNumber, Timestamp: p.Timestamp, Marker: p.Marker,
		Type: l.codec, Payload: p.Payload, Arrival: now,
	}
}

// fromBrowser sends what the agent said to Asterisk, and records what was sent.
func (l *leg) fromBrowser(c *connection, p *rtp.Packet, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.held || !l.peer.IsValid() {
		return
	}
	l.count(&l.lossUp, fromBrowser, p.SSRC, p.SequenceNumber)
	if l.writer != nil {
		l.writer.Right(l.recorded(p, now))
	}
	h, ok := l.out.next(c, header{ssrc: p.SSRC, seq: p.SequenceNumber, ts: p.Timestamp, marker: p.Marker}, now)
	if ok {
		l.send(h, p.Payload)
	}
}

// pace fills the stream to Asterisk when the browser does not.
func (l *leg) pace(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || !l.peer.IsValid() {
		return
	}
	if h, ok := l.out.silence(quiet, now); ok {
		l.send(h, silence[l.codec])
	}
}

// silence is ptime of it, by payload type.
var silence = map[uint8][]byte{
	recording.PCMU: slices.Repeat([]byte{0xff}, packet),
	recording.PCMA: slices.Repeat([]byte{0xd5}, packet),
}

// send needs l.mu.
func (l *leg) send(h header, payload []byte) {
	data, err := (&rtp.Packet{
		Header:  rtp.Header{Version: 2, PayloadType: l.codec, SSRC: h.ssrc, SequenceNumber: h.seq, Timestamp: h.ts, Marker: h.marker},
		Payload: payload,
	}).Marshal()
	if err == nil {
		_, err = l.sock.WriteToUDPAddrPort(data, l.peer)
	}
	if err != nil {
		l.m.unsent.Inc()
	}
}

func (l *leg) setPeer(addr netip.AddrPort) *Problem {
	if !slices.ContainsFunc(l.peers, func(p netip.Prefix) bool { return p.Contains(addr.Addr()) }) {
		return &Problem{Code: BadRequest, Detail: addr.String() + " is no address that RTP is taken from"}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = addr.Port()
	if l.peer.Port() != l.told {
		l.peer, l.sure = addr, false
	}
	return nil
}

func (l *leg) hold(on bool) {
	l.mu.Lock()
	changed := l.held != on
	l.held = on
	l.mu.Unlock()
	if changed && l.writer != nil {
		l.writer.Hold(on)
	}
}

// close frees the port. The recording ends by itself.
func (l *leg) close() {
	l.mu.Lock()
	was := l.closed
	l.closed = true
	l.mu.Unlock()
	if was {
		return
	}
	if err := l.sock.Close(); err != nil {
		l.log.Warn("close RTP socket", "error", err)
	}
	<-l.stopped
	if l.writer != nil {
		l.writer.Close()
	}
}

// loss counts gaps in the sequence numbers of a sender.
type loss struct {
	begun bool
	ssrc  uint32
	next  uint16
}

// count needs l.mu. One that comes late was counted as lost before, and is counted as late now.
func (l *leg) count(s *loss, from string, ssrc uint32, seq uint16) {
	l.m.packets[from].Inc()
	ahead := int16(seq - s.next)
	switch {
	case !s.begun || s.ssrc != ssrc || ahead > 500 || ahead < -500:
		s.begun, s.ssrc, s.next = true, ssrc, seq+1
	case ahead >= 0:
		l.m.lost[from].Add(float64(ahead))
		s.next = seq + 1
	default:
		l.m.late[from].Inc()
	}
}
