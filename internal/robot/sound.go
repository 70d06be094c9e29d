package robot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
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
)

// sound is the robot's WebRTC connection, on a socket of its own that can be taken away.
type sound struct {
	sock *net.UDPConn
	pc   *webrtc.PeerConnection
	stop context.CancelFunc
	done sync.WaitGroup

	mu     sync.Mutex
	speech []int16
	heard  []sipphone.Packet
	at     time.Time // when sound came last, or the connection began
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
	s, err := newSound()
	if err != nil {
		return err
	}
	run, s.stop = context.WithCancel(run)
	if err := a.connect(ctx, run, s); err != nil {
		s.close()
		return err
	}
	a.mu.Lock()
	old := a.sound
	if run.Err() == nil {
		a.sound = s
	} else { // CloseSound came meanwhile
		old = s
	}
	a.mu.Unlock()
	if old != nil {
		old.close()
	}
	return nil
}

func newSound() (*sound, error) {
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
	return &sound{sock: sock, pc: pc, at: time.Now()}, nil
}

// The page looks twice a second whether sound flows; these are its patiences.
const (
	lookEvery = 500 * time.Millisecond
	stopped   = 1200 * time.Millisecond // no sound comes in a talk
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
		if !a.broken(&away) {
			continue
		}
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

// broken says whether the connection has to be made anew.
func (a *Agent) broken(away *time.Time) bool {
	a.mu.Lock()
	s, v, shown := a.sound, a.view, !a.shown.IsZero()
	a.mu.Unlock()
	if s == nil {
		return false
	}
	s.mu.Lock()
	silent, flowed := time.Since(s.at), len(s.heard) > 0
	s.mu.Unlock()
	switch s.pc.ConnectionState() {
	case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed, webrtc.PeerConnectionStateDisconnected:
		return true
	default:
	}
	talking := v.State == cti.AgentStateTalking && v.Call != nil && v.Call.Voice == cti.VoiceUp
	if talking && flowed && silent > stopped {
		return true
	}
	if !shown || v.Media || v.State == cti.AgentStateSignedOut {
		*away = time.Time{}
		return false
	}
	if away.IsZero() {
		*away = time.Now()
	}
	patience := unheard
	if flowed && silent < time.Second {
		patience = believed
	}
	return time.Since(*away) > patience
}

func (a *Agent) connect(ctx, run context.Context, s *sound) error {
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, "microphone", "robot")
	if err != nil {
		return fmt.Errorf("make track: %w", err)
	}
	if _, err := s.pc.AddTrack(track); err != nil {
		return fmt.Errorf("add track: %w", err)
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
	offer, err := s.pc.CreateOffer(nil)
	if err != nil {
		return fmt.Errorf("make offer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(s.pc)
	if err := s.pc.SetLocalDescription(offer); err != nil {
		return fmt.Errorf("set offer: %w", err)
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return fmt.Errorf("gather candidates: %w", ctx.Err())
	}
	var answer struct {
		SDP string `json:"sdp"`
	}
	in := map[string]string{"client": a.client, "sdp": s.pc.LocalDescription().SDP}
	if err := a.Call(ctx, http.MethodPost, "/api/v1/desk/media", in, &answer); err != nil {
		return err
	}
	if err := s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer.SDP}); err != nil {
		return fmt.Errorf("set answer: %w", err)
	}
	select {
	case <-up:
	case <-ctx.Done():
		return fmt.Errorf("connect sound: %w", ctx.Err())
	}
	s.done.Add(1)
	go s.speak(run, track)
	return nil
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
	a.mu.Lock()
	s := a.sound
	a.mu.Unlock()
	if s != nil {
		s.mu.Lock()
		s.speech = append(s.speech, samples...)
		s.mu.Unlock()
	}
}

// Heard returns what arrived over the present connection for sound.
func (a *Agent) Heard() []sipphone.Packet {
	a.mu.Lock()
	s := a.sound
	a.mu.Unlock()
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]sipphone.Packet(nil), s.heard...)
}

func (s *sound) listen(remote *webrtc.TrackRemote) {
	defer s.done.Done()
	for {
		pkt, _, err := remote.ReadRTP()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.at = time.Now()
		s.heard = append(s.heard, sipphone.Packet{
			Arrived: s.at, Sequence: pkt.SequenceNumber, Timestamp: pkt.Timestamp, SSRC: pkt.SSRC, Samples: g711.DecodeUlaw(pkt.Payload),
		})
		s.mu.Unlock()
	}
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
		for due := int(time.Since(begin) / frameTime); sent < due; sent++ {
			frame := make([]int16, frameSamples)
			s.mu.Lock()
			s.speech = s.speech[copy(frame, s.speech):]
			s.mu.Unlock()
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
