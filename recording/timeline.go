package recording

import (
	"encoding/binary"
	"io"
	"math"
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
	// early is by how much a packet may seem to come before it was spoken. More means that the mapping is wrong: nothing
	// arrives before it is sent.
	early = Rate * 60 / 1000
	// pause is the lateness from which a packet that is marked as the beginning of talk is believed to be just that,
	// after a silence in which the sender's timestamps stood still.
	pause = Rate * 160 / 1000
	// still is for how long packets must be late by more than pause, and no less so, until it is believed that the
	// sender's timestamps stood still, or that the network became slower for good. After a stall of the network, packets
	// come faster than they were sent, and are less late from one to the next.
	still = Rate / 5
	// window is the time over which the least delayed packet is looked for.
	window = Rate
	// drift is the error that is let be, lest the mapping dithers.
	drift = Rate * 2 / 1000
	// slip and slipYoung are the largest corrections that one packet gives, and slipYoung is for the first youth windows
	// of a mapping, which may have been made by a packet that was itself delayed.
	slip, slipYoung, youth = 1, 8, 5
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

// channel maps one RTP stream to positions on the time line.
// Invariant: position = unwrapped timestamp + offset.
type channel struct {
	counts  Counts
	samples []int16 // the retained part of the time line, from timeline.base

	mapped bool
	ssrc   uint32
	newest uint32 // timestamp of the packet placed last, and its unwrapped value
	ext    int64
	offset int64
	end    int64 // position after the newest sample placed; the sample there is repeated when the mapping slips

	seen    uint64 // bit i: newest sequence number - i has come
	highest uint16

	windowFrom  int64 // arrival at which the window began
	windowCount int
	windowMin   int64 // error of the least delayed packet, corrected by what was slipped since
	stillFrom   int64 // arrival of the first packet that was late by stillLate, or little less; valid while stillLate > 0
	stillLate   int64
	slipping    int64 // correction still to be made
	age         int   // windows since the mapping was made

	doubtful []doubtful // see late.go
	burst    bool       // after a stall, until packets come in time again
	mending  int64      // samples in timeline.mends
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

func (t *timeline) take(side int, p Packet, arrived int64) {
	c := &t.channels[side]
	pos, found := c.position(p, arrived-int64(len(p.Payload)))
	if found != begun && c.repeated(p.Seq) {
		c.counts.Duplicate++
		return
	}
	switch {
	case found == unclear:
		t.wait(side, p, arrived)
		return
	case found == begun:
		t.abandon(side)
	case len(c.doubtful) > 0:
		t.decide(side, true)
	}
	t.lay(side, p, pos, arrived)
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

// repeated notes the sequence number and says whether it had come before. Numbers that were never seen are counted as
// lost when they leave the 64 that are remembered.
func (c *channel) repeated(seq uint16) bool {
	ahead := int(int16(seq - c.highest))
	switch {
	case ahead > 1000 || ahead < -1000: // the sender began a new count
		c.seen, c.highest = 1, seq
		return false
	case ahead > 0:
		for range ahead {
			if c.seen&(1<<63) == 0 && c.counts.Packets > 64 {
				c.counts.Lost++
			}
			c.seen <<= 1
		}
		c.seen |= 1
		c.highest = seq
		return false
	case ahead <= -64:
		return false
	}
	bit := uint64(1) << -ahead
	if c.seen&bit != 0 {
		return true
	}
	c.seen |= bit
	return false
}

// finding is what is known of a packet's position.
type finding int

const (
	begun   finding = iota // a mapping begins with it
	mapped                 // it is where its mapping has it
	unclear                // those that follow will tell
)

// position maps the packet's timestamp, given the position at which it was spoken if it had come without delay.
func (c *channel) position(p Packet, spoken int64) (pos int64, found finding) {
	if !c.mapped || c.ssrc != p.SSRC {
		return c.remap(p, spoken), begun
	}
	c.ext += int64(int32(p.Timestamp - c.newest))
	c.newest = p.Timestamp
	late := spoken - (c.ext + c.offset)
	c.burst = c.burst && late > pause
	switch {
	case late < -early || late > reach || (p.Marker && late > pause):
		return c.remap(p, spoken), begun
	case late > retain && !c.burst:
		return 0, unclear
	case c.standsStill(late, spoken):
		return c.remap(p, spoken), begun
	}
	if c.age == 0 && late < 0 {
		// The packet that made the mapping was itself delayed. In the first second that is put right at once.
		c.offset += late
		c.windowMin, late = 0, 0
	}
	c.windowMin = min(c.windowMin, late)
	c.windowCount++
	if spoken-c.windowFrom >= window && c.windowCount >= 10 {
		c.judge(spoken)
	}
	c.step()
	return c.ext + c.offset, mapped
}

func (c *channel) standsStill(late, now int64) bool {
	switch {
	case late <= pause:
		c.stillLate = 0
	case c.stillLate == 0 || late < c.stillLate-drift:
		c.stillFrom, c.stillLate = now, late
	default:
		return now-c.stillFrom >= still
	}
	return false
}

// judge ends a window: the least delayed packet of it shows how far the mapping is off.
func (c *channel) judge(now int64) {
	off := c.windowMin
	switch {
	case c.stillLate > 0:
		// A burst goes on: nothing can be said of the clocks.
		c.slipping = 0
	case off > early:
		// Even the fastest packet of a whole second came late: the sender's timestamps stood still meanwhile.
		c.offset += off
		c.counts.Remapped++
		c.slipping = 0
	case off > drift || off < -drift:
		c.slipping = off
	default:
		c.slipping = 0
	}
	c.windowFrom, c.windowCount, c.windowMin = now, 0, math.MaxInt64/2
	c.age++
}

func (c *channel) step() {
	most := int64(slip)
	if c.age < youth {
		most = slipYoung
	}
	d := max(-most, min(most, c.slipping))
	if d == 0 {
		return
	}
	c.offset += d
	c.slipping -= d
	c.windowMin -= d
	c.counts.Slipped += max(d, -d)
}

func (c *channel) remap(p Packet, spoken int64) int64 {
	c.counts.Remapped++
	c.mapped, c.ssrc = true, p.SSRC
	c.seen, c.highest = 1, p.Seq
	c.newest, c.ext = p.Timestamp, int64(p.Timestamp)
	c.offset = spoken - c.ext
	c.windowFrom, c.windowCount, c.windowMin = spoken, 0, math.MaxInt64/2
	c.slipping, c.age, c.stillLate, c.burst = 0, 0, 0, false
	return spoken
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
			t.decide(side, false)
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
