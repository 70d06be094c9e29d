package robot

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"hotline/internal/g711"
	"hotline/internal/sipphone"
)

const (
	frameTime    = 20 * time.Millisecond
	frameSamples = 160
)

// sound is the robot's WebRTC connection.
type sound struct {
	pc   *webrtc.PeerConnection
	stop context.CancelFunc
	done sync.WaitGroup

	mu     sync.Mutex
	speech []int16
	heard  []sipphone.Packet
}

// OpenSound connects the robot's microphone and ear, anew when they were connected, and waits until they are.
func (a *Agent) OpenSound(ctx context.Context) error {
	a.CloseSound()
	var engine webrtc.MediaEngine
	if err := engine.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000, Channels: 1}, PayloadType: 0,
	}, webrtc.RTPCodecTypeAudio); err != nil {
		return fmt.Errorf("register PCMU: %w", err)
	}
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(&engine), webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return fmt.Errorf("make peer connection: %w", err)
	}
	run, stop := context.WithCancel(context.Background())
	s := &sound{pc: pc, stop: stop}
	if err := a.connect(ctx, run, s); err != nil {
		s.close()
		return err
	}
	a.mu.Lock()
	a.sound = s
	a.mu.Unlock()
	return nil
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
	a.mu.Lock()
	s := a.sound
	a.sound = nil
	a.mu.Unlock()
	if s != nil {
		s.close()
	}
}

func (s *sound) close() {
	s.stop()
	_ = s.pc.Close()
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
		s.heard = append(s.heard, sipphone.Packet{
			Arrived: time.Now(), Sequence: pkt.SequenceNumber, Timestamp: pkt.Timestamp, SSRC: pkt.SSRC, Samples: g711.DecodeUlaw(pkt.Payload),
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
