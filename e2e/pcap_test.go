package e2e

import (
	"bytes"
	"encoding/binary"
	"os"
	"time"

	"github.com/emiago/diago/media"
	"github.com/pion/rtp"

	"hotline/internal/g711"
)

// rtpCapture is what a phone sends in one call: the sound with one key (RFC 4733) pressed in it.
type rtpCapture struct {
	sound []int16
	key   rune // 0: none
	at    time.Duration
}

// write makes a capture file that sipp can play; it replaces the addresses by its own.
func (c rtpCapture) write(path string) error {
	const frame, frameTime = 160, 20 * time.Millisecond
	var out bytes.Buffer
	// The header of a capture (libpcap's savefile format 2.4) of Ethernet frames.
	for _, v := range []any{uint32(0xa1b2c3d4), uint16(2), uint16(4), int32(0), uint32(0), uint32(65535), uint32(1)} {
		if err := binary.Write(&out, binary.LittleEndian, v); err != nil {
			return err
		}
	}
	var event []media.DTMFEvent
	var pressed uint32
	for i := 0; (i+1)*frame <= len(c.sound); i++ {
		at := time.Duration(i) * frameTime
		p := rtp.Packet{
			Header:  rtp.Header{Version: 2, SequenceNumber: uint16(i + 1), Timestamp: uint32((i + 1) * frame), SSRC: 0x51d0},
			Payload: g711.EncodeUlaw(c.sound[i*frame : (i+1)*frame]),
		}
		if c.key != 0 && at >= c.at && pressed == 0 {
			event, pressed = media.RTPDTMFEncode(c.key), p.Timestamp
			p.Marker = true
		}
		if len(event) > 0 {
			p.PayloadType, p.Timestamp, p.Payload = media.CodecTelephoneEvent8000.PayloadType, pressed, media.DTMFEncode(event[0])
			event = event[1:]
		}
		raw, err := p.Marshal()
		if err != nil {
			return err
		}
		if err := captured(&out, at, raw); err != nil {
			return err
		}
	}
	return os.WriteFile(path, out.Bytes(), 0o600)
}

// captured appends one UDP packet in its Ethernet frame.
func captured(out *bytes.Buffer, at time.Duration, payload []byte) error {
	const port = 4000
	udp := 8 + len(payload)
	packet := make([]byte, 14+20, 14+20+udp)
	packet[12], packet[13] = 0x08, 0x00 // IPv4
	ip := packet[14:]
	ip[0], ip[8], ip[9] = 0x45, 64, 17 // 20 bytes of header, 64 hops, UDP
	binary.BigEndian.PutUint16(ip[2:], uint16(20+udp))
	copy(ip[12:], []byte{127, 0, 0, 1, 127, 0, 0, 1})
	packet = binary.BigEndian.AppendUint16(packet, port)
	packet = binary.BigEndian.AppendUint16(packet, port)
	packet = binary.BigEndian.AppendUint16(packet, uint16(udp))
	packet = binary.BigEndian.AppendUint16(packet, 0)
	packet = append(packet, payload...)
	for _, v := range []uint32{uint32(at / time.Second), uint32(at % time.Second / time.Microsecond), uint32(len(packet)), uint32(len(packet))} {
		if err := binary.Write(out, binary.LittleEndian, v); err != nil {
			return err
		}
	}
	_, err := out.Write(packet)
	return err
}
