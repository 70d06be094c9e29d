package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"hotline/recording"
)

// A browser that is gone is noticed after lostAfter without any packet, and given up after deadAfter more.
const (
	lostAfter  = 2 * time.Second
	deadAfter  = 8 * time.Second
	aliveEvery = 500 * time.Millisecond
)

// udpBuffer is asked for on the one socket of all browsers, in bytes: a tenth of a second of 1,200 of them. The kernel
// gives at most net.core.rmem_max.
const udpBuffer = 4 << 20

// engine makes connections to browsers, all through one UDP port and, if wished, one TCP port.
type engine struct {
	api     *webrtc.API
	codec   webrtc.RTPCodecCapability
	closers []func() error
	group   sync.WaitGroup // connections that are not closed
}

func newEngine(cfg Config, logs pionLogs) (*engine, error) {
	e := &engine{codec: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: clock, Channels: 1}}
	payload := webrtc.PayloadType(recording.PCMU)
	if cfg.Codec == "pcma" {
		e.codec.MimeType, payload = webrtc.MimeTypePCMA, recording.PCMA
	}
	media := &webrtc.MediaEngine{}
	params := webrtc.RTPCodecParameters{RTPCodecCapability: e.codec, PayloadType: payload}
	if err := media.RegisterCodec(params, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("register codec: %w", err)
	}
	reports := &interceptor.Registry{}
	if err := webrtc.ConfigureRTCPReports(reports); err != nil {
		return nil, fmt.Errorf("configure RTCP: %w", err)
	}
	set := webrtc.SettingEngine{LoggerFactory: logs}
	set.SetICETimeouts(lostAfter, deadAfter, aliveEvery)
	set.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	set.DisableActiveTCP(true)
	if err := e.listen(cfg, &set, logs); err != nil {
		return nil, errors.Join(err, e.close())
	}
	e.api = webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(reports), webrtc.WithSettingEngine(set))
	return e, nil
}

func (e *engine) listen(cfg Config, set *webrtc.SettingEngine, logs pionLogs) error {
	networks := []webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6}
	addr, err := net.ResolveUDPAddr("udp", cfg.ICEUDP)
	if err != nil {
		return fmt.Errorf("ice_udp: %w", err)
	}
	if addr.IP == nil || addr.IP.IsUnspecified() {
		mux, err := ice.NewMultiUDPMuxFromPort(addr.Port, ice.UDPMuxFromPortWithLoopback(),
			ice.UDPMuxFromPortWithReadBufferSize(udpBuffer), ice.UDPMuxFromPortWithLogger(logs.NewLogger("ice")))
		if err != nil {
			return fmt.Errorf("listen for browsers on UDP %s: %w", cfg.ICEUDP, err)
		}
		e.closers = append(e.closers, mux.Close)
		set.SetICEUDPMux(mux)
	} else {
		conn, err := net.ListenUDP("udp", addr)
		if err != nil {
			return fmt.Errorf("listen for browsers on UDP %s: %w", cfg.ICEUDP, err)
		}
		if err := conn.SetReadBuffer(udpBuffer); err != nil {
			return errors.Join(fmt.Errorf("listen for browsers on UDP %s: %w", cfg.ICEUDP, err), conn.Close())
		}
		mux := webrtc.NewICEUDPMux(logs.NewLogger("ice"), conn)
		e.closers = append(e.closers, mux.Close)
		set.SetICEUDPMux(mux)
	}
	if cfg.ICETCP != "" {
		ln, err := net.Listen("tcp", cfg.ICETCP)
		if err != nil {
			return fmt.Errorf("listen for browsers on TCP %s: %w", cfg.ICETCP, err)
		}
		mux := webrtc.NewICETCPMux(logs.NewLogger("ice"), ln, 64)
		e.closers = append(e.closers, mux.Close)
		set.SetICETCPMux(mux)
		networks = append(networks, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6)
	}
	set.SetNetworkTypes(networks)
	set.SetIncludeLoopbackCandidate(true)
	if len(cfg.PublicIPs) > 0 {
		return set.SetICEAddressRewriteRules(webrtc.ICEAddressRewriteRule{
			External: cfg.PublicIPs, AsCandidateType: webrtc.ICECandidateTypeHost, Mode: webrtc.ICEAddressRewriteReplace,
		})
	}
	return nil
}

// close frees the ports, after all connections have ended.
func (e *engine) close() error {
	e.group.Wait()
	var errs []error
	for _, c := range e.closers {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// connection is one PeerConnection with an agent's browser.
type connection struct {
	pc    *webrtc.PeerConnection
	track *webrtc.TrackLocalStaticRTP
	agent *agent
	log   *slog.Logger
	m     *metrics
	group *sync.WaitGroup
	once  sync.Once

	// Of agent.mu.
	out     stream              // to the browser
	channel *webrtc.DataChannel // nil until it is open
}

// answer makes a connection from a browser's offer. The answer holds all candidates.
// channel takes the data channels that the browser opens.
func (e *engine) answer(ctx context.Context, a *agent, offer string, log *slog.Logger, m *metrics,
	channel func(*connection, *webrtc.DataChannel),
) (sdp string, err error) {
	pc, err := e.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", fmt.Errorf("make connection: %w", err)
	}
	e.group.Add(1)
	c := &connection{pc: pc, agent: a, log: log.With("agent", a.id), m: m, group: &e.group, out: newStream()}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	if c.track, err = webrtc.NewTrackLocalStaticRTP(e.codec, "call", "hotline"); err != nil {
		return "", fmt.Errorf("make track: %w", err)
	}
	sender, err := pc.AddTrack(c.track)
	if err != nil {
		return "", fmt.Errorf("add track: %w", err)
	}
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { c.read(t) })
	pc.OnDataChannel(func(d *webrtc.DataChannel) { channel(c, d) })
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", &Problem{Code: BadSDP, Detail: err.Error()}
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", &Problem{Code: BadSDP, Detail: err.Error()}
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(answer); err != nil {
		return "", &Problem{Code: BadSDP, Detail: err.Error()}
	}
	go discard(sender)
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", fmt.Errorf("gather candidates: %w", ctx.Err())
	}
	a.offered(c)
	// From here on the agent owns the connection, and hears of what may have happened already.
	pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { a.changed(c) })
	a.changed(c)
	return pc.LocalDescription().SDP, nil
}

// discard reads RTCP, since only then do the interceptors see it.
func discard(sender *webrtc.RTPSender) {
	for buf := make([]byte, 1500); ; {
		if _, _, err := sender.Read(buf); err != nil {
			return
		}
	}
}

// read takes what the browser sends until the connection ends.
func (c *connection) read(t *webrtc.TrackRemote) {
	for {
		p, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		if len(p.Payload) == 0 || t.Codec().ClockRate != clock {
			c.m.refused.Inc()
			continue
		}
		c.agent.fromBrowser(c, p, time.Now())
	}
}

// send needs agent.mu.
func (c *connection) send(l *leg, p *rtp.Packet, now time.Time) {
	h, ok := c.out.next(l, header{ssrc: p.SSRC, seq: p.SequenceNumber, ts: p.Timestamp, marker: p.Marker}, now)
	if !ok {
		return
	}
	// SSRC and payload type are the track's.
	err := c.track.WriteRTP(&rtp.Packet{
		Header:  rtp.Header{Version: 2, SequenceNumber: h.seq, Timestamp: h.ts, Marker: h.marker},
		Payload: p.Payload,
	})
	if err != nil {
		c.m.unsent.Inc()
	}
}

// close ends the connection without waiting, since it is called from the connection's own callbacks.
func (c *connection) close() {
	c.once.Do(func() {
		go func() {
			defer c.group.Done()
			if err := c.pc.GracefulClose(); err != nil {
				c.log.Debug("close connection to browser", "error", err)
			}
		}()
	})
}
