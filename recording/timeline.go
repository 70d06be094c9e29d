package recording

import (
	"encoding/binary"
	"io"
	"time"

	"hotline/internal/g711"
)

// Rate is the number of samples a second in every spool and finished file.
const Rate = 8000

// All of these are samples of 8 kHz.
const (
	// settle is how old a sample must be before it is written for the first time. Together with the writer's flush
	// interval it stays below the 200 ms within which everything must be on disk.
	settle = Rate / 10
	// retain is how long written samples stay in memory, so that a packet that comes late costs no reading.
	retain = 2 * Rate
)

// Payload types of RFC 3551, table 4.
const (
	PCMU = 0
	PCMA = 8
)

// Packet is one RTP packet as it came from the network.
type Packet struct {
	SSRC      uint32
	Seq       uint16
	Timestamp uint32
	Marker    bool
	Type      uint8 // PCMU or PCMA
	Payload   []byte
	Arrival   time.Time
}

// Counts says how one direction fared.
type Counts struct {
	Packets   int64 `json:"packets"`
	Lost      int64 `json:"lost"`      // never came, or too late to be placed
	Duplicate int64 `json:"duplicate"` // came again
	Late      int64 `json:"late"`      // came when its place was out of reach
	Remapped  int64 `json:"remapped"`  // begun, new SSRC, jump of timestamps, or silence with timestamps standing still
	Slipped   int64 `json:"slipped"`   // samples repeated or dropped for the drift of the clocks
}

// medium is the spool.
type medium interface {
	io.ReaderAt
	io.WriterAt
}

// timeline puts two streams side by side. It has no clock: times are positions, given by its owner, who calls it from
// one goroutine.
type timeline struct {
	base     int64 // position of samples[0] of both channels
	done     int64 // everything before was written at least once
	dirty    int64 // nothing before has changed since it was written; at most done after a late packet
	mends    []mend
	muted    []Span // pauses, in order: there is silence in what is written, and nothing that arrives then is kept
	channels [2]channel
}

const (
	left  = 0
	right = 1
)

// place puts a packet that arrived at position arrived on its channel.
func (t *timeline) place(side int, p Packet, arrived int64) {
	if len(p.Payload) == 0 || (p.Type != PCMU && p.Type != PCMA) {
		return
	}
	t.channels[side].counts.Packets++
	t.take(side, p, arrived)
}

// lay writes a packet at its position.
func (t *timeline) lay(side int, p Packet, pos, arrived int64) {
	if within(t.muted, arrived) {
		return // its timestamp has been seen, so that what comes after the pause finds its place
	}
	decode := g711.Ulaw
	if p.Type == PCMA {
		decode = g711.Alaw
	}
	t.write(side, pos, p.Payload, decode)
}

func (t *timeline) write(side int, pos int64, payload []byte, decode func(byte) int16) {
	c := &t.channels[side]
	stop := pos + int64(len(payload))
	if stop <= 0 {
		c.counts.Late++
		c.counts.Lost++
		return
	}
	if pos < 0 {
		pos, payload = 0, payload[-pos:]
	}
	if old := min(stop, t.base) - pos; old > 0 {
		samples := make([]int16, old)
		for i := range samples {
			samples[i] = decode(payload[i])
		}
		t.mendLater(side, pos, samples)
		if pos, payload = pos+old, payload[old:]; len(payload) == 0 {
			return
		}
	}
	// A mapping that slipped forward leaves a hole of a sample or two, which would be heard as a click.
	if hole := pos - c.end; hole > 0 && hole <= slipYoung && c.end > t.base {
		last := c.samples[c.end-1-t.base]
		t.extend(pos)
		for i := c.end; i < pos; i++ {
			c.samples[i-t.base] = last
		}
		t.dirty = min(t.dirty, c.end)
	}
	t.extend(stop)
	for i, b := range payload {
		c.samples[pos+int64(i)-t.base] = decode(b)
	}
	t.dirty = min(t.dirty, pos)
	c.end = max(c.end, stop)
}

// extend makes both channels reach to the position, with silence.
func (t *timeline) extend(to int64) {
	for i := range t.channels {
		c := &t.channels[i]
		if more := to - t.base - int64(len(c.samples)); more > 0 {
			c.samples = append(c.samples, make([]int16, more)...)
		}
	}
}

// flush writes everything before position upTo, and what changed before it. When the file does not take it, it stays for
// the next time, unless it would fill memory: then it is given up, and its length returned with the file's error.
func (t *timeline) flush(upTo int64, file medium) (lost int64, err error) {
	for side := range t.channels {
		if list := t.channels[side].doubtful; len(list) > 0 && list[0].arrived <= upTo {
			t.decide(side)
		}
	}
	for t.done < upTo {
		from, to := min(t.dirty, t.done), min(upTo, t.done+Rate)
		t.extend(to)
		if _, err := file.WriteAt(t.interleave(from, to), from*frameBytes); err != nil {
			if upTo-t.done > retain {
				lost = upTo - t.done
				t.extend(upTo)
				t.advance(upTo)
			}
			return lost, err
		}
		t.advance(to)
	}
	return 0, t.mendAll(file)
}

func (t *timeline) advance(to int64) {
	t.done, t.dirty = to, to
	// Trimmed a second at a time, so that copying costs next to nothing.
	cut := to - retain - t.base
	if cut < Rate {
		return
	}
	for i := range t.channels {
		c := &t.channels[i]
		c.samples = c.samples[:copy(c.samples, c.samples[cut:])]
	}
	t.base += cut
}

// frameBytes is one sample of each channel.
const frameBytes = 4

func (t *timeline) interleave(from, to int64) []byte {
	l, r := t.channels[left].samples, t.channels[right].samples
	out := make([]byte, 0, (to-from)*frameBytes)
	for i := from - t.base; i < to-t.base; i++ {
		if within(t.muted, t.base+i) {
			out = append(out, make([]byte, frameBytes)...)
			continue
		}
		out = binary.LittleEndian.AppendUint16(out, uint16(l[i]))
		out = binary.LittleEndian.AppendUint16(out, uint16(r[i]))
	}
	return out
}
