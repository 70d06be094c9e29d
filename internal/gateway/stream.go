package gateway

import (
	"math/rand/v2"
	"time"
)

const (
	clock  = 8000 // RTP clock of G.711, in Hz
	ptime  = 20 * time.Millisecond
	packet = 160 // samples, and bytes, of a packet of ptime
)

// header is what a stream changes in a packet.
type header struct {
	ssrc   uint32
	seq    uint16
	ts     uint32
	marker bool
}

// stream gives what comes from changing sources one sequence of numbers and one clock, as one RTP sender must
// (RFC 3550 section 5.1). Losses and disorder of a source stay visible to the receiver.
type stream struct {
	ssrc    uint32
	begun   bool
	source  any    // where the last packet came from, with its ssrc
	from    uint32 //
	seqBy   uint16 // what is added to the source's numbers
	tsBy    uint32
	seq     uint16 // newest sent
	ts      uint32
	at      time.Time // when
	filling bool      // silence was sent since the last packet
	nextAt  time.Time // of the next silence
	refused int       // packets in a row that came too late, their place being filled
}

func newStream() stream {
	return stream{ssrc: rand.Uint32(), seq: uint16(rand.Uint32()), ts: rand.Uint32()}
}

// next renumbers a packet of a source. It is not ok when silence was sent in the packet's place.
func (s *stream) next(source any, in header, now time.Time) (out header, ok bool) {
	const tooMany = 10
	out = header{ssrc: s.ssrc}
	// Off by more than a second, the source began a new clock.
	off := int32(in.ts + s.tsBy - s.due(now))
	switch {
	case !s.begun || s.source != source || s.from != in.ssrc || off > clock || off < -clock || s.refused >= tooMany:
		s.source, s.from = source, in.ssrc
		s.tsBy, s.seqBy = s.due(now)-in.ts, s.seq+1-in.seq
		out.marker = true
	case s.filling:
		if int32(in.ts+s.tsBy-s.ts) <= 0 {
			s.refused++
			return out, false
		}
		s.seqBy = s.seq + 1 - in.seq
		out.marker = true
	}
	s.begun, s.filling, s.refused = true, false, 0
	out.seq, out.ts = in.seq+s.seqBy, in.ts+s.tsBy
	out.marker = out.marker || in.marker
	if int16(out.seq-s.seq) > 0 {
		s.seq = out.seq
	}
	if int32(out.ts-s.ts) > 0 {
		s.ts = out.ts
	}
	s.at = now
	return out, true
}

// due is the timestamp of what is sent now, going on from the last packet.
func (s *stream) due(now time.Time) uint32 {
	if !s.begun {
		return s.ts
	}
	return s.ts + uint32(max(packet, now.Sub(s.at)*clock/time.Second))
}

// silence is the header of a packet of silence that should be sent now, if any: every ptime, once nothing was sent for so
// long.
func (s *stream) silence(after time.Duration, now time.Time) (out header, ok bool) {
	switch {
	case s.filling && now.Before(s.nextAt), !s.filling && s.begun && now.Sub(s.at) < after:
		return out, false
	case !s.filling || now.Sub(s.nextAt) > after:
		out.marker = true
		s.ts, s.nextAt = s.due(now), now
	default:
		s.ts += packet
	}
	s.begun, s.filling = true, true
	s.seq++
	s.at, s.nextAt = now, s.nextAt.Add(ptime)
	out.ssrc, out.seq, out.ts = s.ssrc, s.seq, s.ts
	return out, true
}
