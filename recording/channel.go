package recording

import "math"

// All of these are samples of 8 kHz.
const (
	// early is by how much a packet may seem to come before it was spoken. More means that the mapping is wrong: nothing
	// arrives before it is sent.
	early, earlyYoung = Rate * 60 / 1000, Rate * 10 / 1000
	// pause is the lateness from which a packet is in doubt. One that is marked as the beginning of talk is then believed to
	// be just that, after a silence in which the sender's timestamps stood still.
	pause = Rate * 160 / 1000
	// still is for how long packets of a burst must be late by more than pause, and no less so from one to the next, until it
	// is believed that the network became slower for good.
	still = Rate / 5
	// regret is for how long a mapping that was given up is remembered.
	regret = 5 * Rate
	// window is the time over which the least delayed packet is looked for.
	window = Rate
	// drift is the error that is let be, lest the mapping dithers.
	drift = Rate * 2 / 1000
	// slip and slipYoung are the largest corrections that one packet gives, and slipYoung is for the first youth windows
	// of a mapping, which may have been made by a packet that was itself delayed.
	slip, slipYoung, youth = 1, 8, 5
)

// channel maps one RTP stream to positions on the time line.
// Invariant: position = unwrapped timestamp + offset.
type channel struct {
	counts  Counts
	samples []int16 // the retained part of the time line, from timeline.base

	begun  bool
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
	stillFrom   int64 // in a burst, arrival of the first packet that was late by stillLate, or little less; valid while stillLate > 0
	stillLate   int64
	slipping    int64 // correction still to be made
	age         int   // windows since the mapping was made

	fresh    bool       // the mapping is yet to be made, by the packets in doubt
	doubtful []doubtful // see late.go
	burst    bool       // after a stall, until packets come in time again
	former   int64      // offset before the last mapping, which may have been right
	formerAt int64      // when that was given up; 0: never, or too long ago
	mending  int64      // samples in timeline.mends
}

// take maps a packet and places it, or lets it wait for those that tell where it belongs.
func (t *timeline) take(side int, p Packet, arrived int64) {
	c := &t.channels[side]
	spoken := arrived - int64(len(p.Payload))
	if !c.goesOn(p, spoken) {
		if len(c.doubtful) > 0 {
			t.decide(side)
		}
		c.begin(p, spoken)
	} else if c.repeated(p.Seq) {
		c.counts.Duplicate++
		return
	}
	late := spoken - (c.ext + c.offset)
	if late < -c.mayBeEarly() && c.reverts(spoken) {
		late = spoken - (c.ext + c.offset)
	}
	c.burst = c.burst && late > pause
	switch {
	case c.burst && c.standsStill(late, spoken):
		c.remap(c.offset+late, spoken)
		late = 0
	case !c.burst && (c.fresh || late > pause || late < -c.mayBeEarly()):
		t.wait(side, p, arrived)
		return
	case len(c.doubtful) > 0:
		t.layDoubtful(side) // it was a stall, and over
	}
	t.lay(side, p, c.position(late, spoken), arrived)
}

// reverts goes back to the mapping before the last one when a packet comes before it can have been spoken by the last, but
// not by the one before: then there was no silence with timestamps standing still, but a burst that began in drips.
func (c *channel) reverts(spoken int64) bool {
	if c.formerAt == 0 || spoken-c.formerAt > regret || c.former > c.offset || spoken-(c.ext+c.former) < -early {
		return false
	}
	c.offset, c.burst, c.stillLate, c.formerAt = c.former, true, 0, 0
	return true
}

// mayBeEarly is less in the first second, since the packets that made the mapping may have been delayed themselves.
func (c *channel) mayBeEarly() int64 {
	if c.age == 0 {
		return earlyYoung
	}
	return early
}

// goesOn says whether the packet belongs to the stream of those before it, and unwraps its timestamp.
func (c *channel) goesOn(p Packet, spoken int64) bool {
	if !c.begun || c.ssrc != p.SSRC {
		return false
	}
	c.ext += int64(int32(p.Timestamp - c.newest))
	c.newest = p.Timestamp
	late := spoken - (c.ext + c.offset)
	return late >= -reach && late <= reach && !(p.Marker && late > pause)
}

// begin makes the packet the first of a stream.
func (c *channel) begin(p Packet, spoken int64) {
	c.begun, c.fresh, c.burst, c.ssrc = true, true, false, p.SSRC
	c.seen, c.highest = 1, p.Seq
	c.newest, c.ext = p.Timestamp, int64(p.Timestamp)
	c.offset, c.formerAt = spoken-c.ext, 0
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

// position is where a packet lies that is in no doubt, and corrects the mapping by how late it is.
func (c *channel) position(late, spoken int64) int64 {
	c.windowMin = min(c.windowMin, late)
	c.windowCount++
	if spoken-c.windowFrom >= window && c.windowCount >= 10 {
		c.judge(spoken)
	}
	c.step()
	return c.ext + c.offset
}

func (c *channel) standsStill(late, now int64) bool {
	switch {
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
	case c.burst:
		// Nothing can be said of the clocks while it goes on.
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

// remap makes a new mapping of the stream.
func (c *channel) remap(offset, now int64) {
	c.counts.Remapped++
	if !c.fresh {
		c.former, c.formerAt = c.offset, now
	}
	c.offset, c.fresh, c.burst = offset, false, false
	c.windowFrom, c.windowCount, c.windowMin = now, 0, math.MaxInt64/2
	c.slipping, c.age, c.stillLate = 0, 0, 0
}
