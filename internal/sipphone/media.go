package sipphone

import (
	"math/rand/v2"
	"time"

	"github.com/emiago/diago/media"
	"github.com/pion/rtp"

	"hotline/internal/g711"
)

const (
	packetTime    = 20 * time.Millisecond
	packetSamples = 160 // 20 ms at 8 kHz
	keyPause      = 5   // packets of silence between two keys, so that they are told apart
)

// listen keeps what arrives until the call's socket is closed.
func (c *Call) listen() {
	session := c.dialog.MediaSession()
	buf := make([]byte, media.RTPBufSize)
	for {
		var pkt rtp.Packet
		if _, err := session.ReadRTP(buf, &pkt); err != nil {
			if c.over() {
				return
			}
			continue
		}
		if pkt.PayloadType != 0 {
			continue
		}
		c.mu.Lock()
		c.heard = append(c.heard, Packet{
			Arrived:   time.Now(),
			Sequence:  pkt.SequenceNumber,
			Timestamp: pkt.Timestamp,
			SSRC:      pkt.SSRC,
			Samples:   g711.DecodeUlaw(pkt.Payload),
		})
		c.mu.Unlock()
	}
}

// sender holds the RTP state of the outgoing stream; only speak's goroutine touches it.
type sender struct {
	seq   uint16
	ts    uint32
	ssrc  uint32
	event []media.DTMFEvent // rest of the key being pressed
	start uint32            // timestamp of that key
	pause int
}

// speak sends a packet every 20 ms until the call is over.
func (c *Call) speak() {
	s := &sender{seq: uint16(rand.Uint32()), ts: rand.Uint32(), ssrc: rand.Uint32()}
	tick := time.NewTicker(packetTime)
	defer tick.Stop()
	begin, sent := time.Now(), 0
	for {
		select {
		case <-c.done:
			return
		case <-tick.C:
		}
		// A ticker drops ticks when the machine is busy; the stream must not, so what is due is sent.
		for due := int(time.Since(begin) / packetTime); sent < due; sent++ {
			pkt := c.next(s)
			if err := c.dialog.MediaSession().WriteRTP(pkt); err != nil && c.over() {
				return
			}
		}
	}
}

// next makes the packet that is due: a key, speech, or silence.
func (c *Call) next(s *sender) *rtp.Packet {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.seq++
	s.ts += packetSamples
	head := rtp.Header{Version: 2, SequenceNumber: s.seq, Timestamp: s.ts, SSRC: s.ssrc}

	if len(s.event) == 0 && s.pause == 0 && len(c.keys) > 0 {
		s.event, s.start = media.RTPDTMFEncode(c.keys[0]), s.ts
		head.Marker = true
	}
	if len(s.event) > 0 {
		head.PayloadType, head.Timestamp = media.CodecTelephoneEvent8000.PayloadType, s.start
		pkt := &rtp.Packet{Header: head, Payload: media.DTMFEncode(s.event[0])}
		if s.event = s.event[1:]; len(s.event) == 0 {
			s.pause = keyPause
			c.keys = c.keys[1:]
			c.spoken.Broadcast()
		}
		return pkt
	}
	if s.pause > 0 {
		s.pause--
	}
	frame := make([]int16, packetSamples)
	if len(c.speech) > 0 {
		n := copy(frame, c.speech)
		if c.speech = c.speech[n:]; len(c.speech) == 0 {
			c.spoken.Broadcast()
		}
	}
	return &rtp.Packet{Header: head, Payload: g711.EncodeUlaw(frame)}
}
