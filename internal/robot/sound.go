package robot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"hotline/cti"
	"hotline/internal/g711"
	"hotline/internal/sipphone"
)

const (
	frameTime    = 20 * time.Millisecond
	frameSamples = 160
	patient      = 25 // frames that may be late and are still sent
)

// person is who sits at the page: what is still to be said and what was heard, over one connection after the other.
type person struct {
	mu     sync.Mutex
	speech []int16
	heard  []sipphone.Packet
	breaks []string // why the sound was connected again
}

// sound is the robot's WebRTC connection, on a socket of its own that can be taken away.
type sound struct {
	person *person
	sock   *net.UDPConn
	pc     *webrtc.PeerConnection
	stop   context.CancelFunc
	done   sync.WaitGroup

	mu     sync.Mutex
	flowed bool      // something came over this connection
	at     time.Time // when sound or a report came last, or the connection began
}

// OpenSound connects the robot's microphone and ear, anew when they were connected, and waits until they are. When they
// break they are connected again, as the page does, until CloseSound.
func (a *Agent) OpenSound(ctx context.Context) error {
	a.CloseSound()
	run, mute := context.WithCancel(context.Background())
	if err := a.openSound(ctx, run); err != nil {
		mute()
		return err
	}
	a.mu.Lock()
	a.mute = mute
	a.mu.Unlock()
	go a.keepSound(run)
	return nil
}

// openSound makes a connection that takes the place of the one there is. run ends with the robot's sound.
func (a *Agent) openSound(ctx, run context.Context) error {
	s, err := newSound(&a.person)
	if err != nil {
		return err
	}
	run, s.stop = context.WithCancel(run)
	track, err := a.connect(ctx, s)
	if err != nil {
		s.close()
		return err
	}
	s.done.Add(1) // for speak, before anybody can close s
	a.mu.Lock()
	old := a.sound
	if run.Err() == nil {
		a.sound = s
	} else { // CloseSound came meanwhile
		old = s
	}
	a.mu.Unlock()
	if old != nil {
		old.stop() // the microphone speaks over one connection at a time
	}
	go s.speak(run, track)
	if old != nil {
		old.close()
	}
	return nil
}

func newSound(p *person) (*sound, error) {
	var engine webrtc.MediaEngine
	if err := engine.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000, Channels: 1}, PayloadType: 0,
	}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("register PCMU: %w", err)
	}
	sock, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("open socket for sound: %w", err)
	}
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled // it calls every closed socket an error
	settings.LoggerFactory = quiet
	settings.SetICEUDPMux(webrtc.NewICEUDPMux(nil, sock))
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(&engine), webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make peer connection: %w", err), sock.Close())
	}
	return &sound{person: p, sock: sock, pc: pc, at: time.Now()}, nil
}

// The page looks twice a second whether sound flows; these are its patiences.
const (
	lookEvery = 500 * time.Millisecond
	stopped   = 2500 * time.Millisecond // neither sound nor a report comes in a talk; a living gateway reports each second
	unheard   = time.Second             // the floor does not know of the sound, and none comes
	believed  = 4 * time.Second         // the floor does not know of the sound that comes, as after a restart
)

// keepSound connects again whenever the sound broke, until run ends.
func (a *Agent) keepSound(run context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var away time.Time // since when the floor has not known of the sound
	for {
		select {
		case <-run.Done():
			return
		case <-tick.C:
		}
		why := a.broken(&away)
		if why == "" {
			continue
		}
		a.person.mu.Lock()
		a.person.breaks = append(a.person.breaks, why)
		a.person.mu.Unlock()
		away = time.Time{}
		for try := 0; wait(run, try); try++ {
			ctx, cancel := context.WithTimeout(run, 8*time.Second)
			err := a.openSound(ctx, run)
			cancel()
			if err == nil {
				break
			}
		}
	}
}

// broken says why the connection has to be made anew; empty when it is well.
func (a *Agent) broken(away *time.Time) string {
	a.mu.Lock()
	s, v, shown := a.sound, a.view, !a.shown.IsZero()
	a.mu.Unlock()
	if s == nil {
		return ""
	}
	s.mu.Lock()
	silent, flowed := time.Since(s.at), s.flowed
	s.mu.Unlock()
	switch state := s.pc.ConnectionState(); state {
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed, webrtc.PeerConnectionStateDisconnected:
		return state.String()
	default:
	}
	talking := v.State == cti.AgentStateTalking && v.Call != nil && v.Call.Voice == cti.VoiceUp
	if talking && flowed && silent > stopped {
		return "nothing came for " + silent.String()
	}
	if !shown || v.Media || v.State == cti.AgentStateSignedOut {
		*away = time.Time{}
		return ""
	}
	if away.IsZero() {
		*away = time.Now()
	}
	patience := unheard
	if flowed && silent < 1500*time.Millisecond {
		patience = believed
	}
	if time.Since(*away) > patience {
		return "the floor does not know of it"
	}
	return ""
}

func (a *Agent) connect(ctx context.Context, s *sound) (*webrtc.TrackLocalStaticRTP, error) {
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, "microphone", "robot")
	if err != nil {
		return nil, fmt.Errorf("make track: %w", err)
	}
	sender, err := s.pc.AddTrack(track)
	if err != nil {
		return nil, fmt.Errorf("add track: %w", err)
	}
	s.pc.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		s.done.Add(1)
		go s.listen(remote)
	})
	up := make(chan struct{})
	var once sync.Once
	s.pc.OnConnectionStateChange(func(st webrtc.PeerConnectionState) {
		if st == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(up) })
		}
	})
	s.done.Add(1)
	go s.reports(sender)
	offer, err := s.pc.CreateOffer(nil)
	if err != nil {
		return nil, fmt.Errorf("make offer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(s.pc)
	if err := s.pc.SetLocalDescription(offer); err != nil {
		return nil, fmt.Errorf("set offer: %w", err)
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return nil, fmt.Errorf("gather candidates: %w", ctx.Err())
	}
	var answer struct {
		SDP string `json:"sdp"`
	}
	in := map[string]string{"client": a.client, "sdp": s.pc.LocalDescription().SDP}
	if err := a.Call(ctx, http.MethodPost, "/api/v1/desk/media", in, &answer); err != nil {
		return nil, err
	}
	if err := s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer.SDP}); err != nil {
		return nil, fmt.Errorf("set answer: %w", err)
	}
	select {
	case <-up:
	case <-ctx.Done():
		return nil, fmt.Errorf("connect sound: %w", ctx.Err())
	}
	return track, nil
}

// CloseSound ends the robot's connection for sound.
func (a *Agent) CloseSound() {
	if s := a.endSound(); s != nil {
		s.close()
	}
}

// Vanish ends desk and sound at once and says nobody goodbye, as a browser that is killed. Open and OpenSound bring the
// same page back.
func (a *Agent) Vanish() {
	s := a.endSound()
	if s != nil {
		_ = s.sock.Close() // nothing that closing sends gets out
	}
	a.CloseDesk()
	if s != nil {
		s.close()
	}
}

func (a *Agent) endSound() *sound {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.mute != nil {
		a.mute()
	}
	s := a.sound
	a.mute, a.sound = nil, nil
	return s
}

func (s *sound) close() {
	s.stop()
	_ = s.pc.Close()
	_ = s.sock.Close()
	s.done.Wait()
}

// Say queues speech (8 kHz) for the microphone.
func (a *Agent) Say(samples []int16) {
	p := &a.person
	p.mu.Lock()
	defer p.mu.Unlock()
	p.speech = append(p.speech, samples...)
}

// Heard returns what arrived since the robot signed in.
func (a *Agent) Heard() []sipphone.Packet { return a.HeardSince(0) }

// HeardSince returns what arrived after the first n packets.
func (a *Agent) HeardSince(n int) []sipphone.Packet {
	p := &a.person
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.heard[min(n, len(p.heard)):])
}

// Breaks says for each time that the sound was connected again what was wrong with it.
func (a *Agent) Breaks() []string {
	p := &a.person
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.breaks)
}

func (s *sound) listen(remote *webrtc.TrackRemote) {
	defer s.done.Done()
	for {
		pkt, _, err := remote.ReadRTP()
		if err != nil {
			return
		}
		now := s.came()
		s.person.mu.Lock()
		s.person.heard = append(s.person.heard, sipphone.Packet{
			Arrived: now, Sequence: pkt.SequenceNumber, Timestamp: pkt.Timestamp, SSRC: pkt.SSRC, Samples: g711.DecodeUlaw(pkt.Payload),
		})
		s.person.mu.Unlock()
	}
}

// reports reads what the gateway says of the robot's own stream, also while the caller sends nothing at all.
func (s *sound) reports(sender *webrtc.RTPSender) {
	defer s.done.Done()
	for {
		if _, _, err := sender.ReadRTCP(); err != nil {
			return
		}
		s.came()
	}
}

// came notes that something came.
func (s *sound) came() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flowed, s.at = true, time.Now()
	return s.at
}

// speak sends a packet every 20 ms, as a browser's microphone does.
func (s *sound) speak(ctx context.Context, track *webrtc.TrackLocalStaticRTP) {
	defer s.done.Done()
	tick := time.NewTicker(frameTime)
	defer tick.Stop()
	begin, sent := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		due := int(time.Since(begin) / frameTime)
		if due-sent > patient { // this program stood still: a microphone does not speak in a burst afterwards
			begin, due = time.Now().Add(-time.Duration(sent+1)*frameTime), sent+1
		}
		for ; sent < due; sent++ {
			frame := make([]int16, frameSamples)
			p := s.person
			p.mu.Lock()
			p.speech = p.speech[copy(frame, p.speech):]
			p.mu.Unlock()
			pkt := &rtp.Packet{
				Header:  rtp.Header{Version: 2, SequenceNumber: uint16(sent), Timestamp: uint32(sent) * frameSamples},
				Payload: g711.EncodeUlaw(frame),
			}
			if err := track.WriteRTP(pkt); err != nil {
				return
			}
		}
	}
}
