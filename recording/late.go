package recording

import (
	"errors"
	"io"
)

// Packets that come very late are either the burst after a stall of the network or of the sender's machine, and belong
// where they were spoken, long written as silence by now; or the sender's timestamps stood still, as Asterisk's do while
// a caller's phone is silent, and they belong where they arrive. One packet does not say which it is, a few do: those of a
// burst are less late from one to the next.
const (
	// reach is how late a packet may be for that. A browser's connection is given up sooner, see the gateway.
	reach = 30 * Rate
	// falling is by how much less late than the first they must be to be a burst; for that they have the time to settle.
	falling = early
)

// doubtful is a packet that waits for the decision.
type doubtful struct {
	p       Packet
	ext     int64 // its unwrapped timestamp
	arrived int64
}

// mend is sound for a place that memory no longer holds.
type mend struct {
	side    int
	pos     int64
	samples []int16
}

// wait keeps a doubtful packet, and decides when it can.
func (t *timeline) wait(side int, p Packet, arrived int64) {
	c := &t.channels[side]
	c.doubtful = append(c.doubtful, doubtful{p, c.ext, arrived})
	first := c.doubtful[0]
	late := (arrived - c.ext) - (first.arrived - first.ext) // than the first one, both of the same length or nearly so
	switch {
	case late < -falling:
		t.decide(side, true)
	case arrived-first.arrived >= settle:
		t.decide(side, false)
	}
}

// decide places the packets that wait: where they were spoken when there was a stall, else from where the first arrived.
func (t *timeline) decide(side int, stall bool) {
	c := &t.channels[side]
	list := c.doubtful
	c.doubtful = nil
	if stall {
		c.burst = true
		for _, d := range list {
			t.lay(side, d.p, d.ext+c.offset, d.arrived)
		}
		return
	}
	for i, d := range list {
		if i == 0 {
			t.lay(side, d.p, c.remap(d.p, d.arrived-int64(len(d.p.Payload))), d.arrived)
		} else {
			t.take(side, d.p, d.arrived)
		}
	}
}

// abandon places the packets that wait as they arrived, since a new mapping has begun.
func (t *timeline) abandon(side int) {
	c := &t.channels[side]
	list := c.doubtful
	c.doubtful = nil
	for _, d := range list {
		t.lay(side, d.p, d.arrived-int64(len(d.p.Payload)), d.arrived)
	}
}

// mendLater keeps samples for the next flush, up to reach of them on each side.
func (t *timeline) mendLater(side int, pos int64, samples []int16) {
	c := &t.channels[side]
	if c.mending+int64(len(samples)) > reach {
		c.counts.Late++
		c.counts.Lost++
		return
	}
	c.mending += int64(len(samples))
	t.mends = append(t.mends, mend{side, pos, samples})
}

// mendAll writes into what was written long ago. What the disk does not take waits for the next time.
func (t *timeline) mendAll(file medium) error {
	for len(t.mends) > 0 {
		m := t.mends[0]
		if err := t.mend(file, m); err != nil {
			return err
		}
		t.mends = t.mends[1:]
		t.channels[m.side].mending -= int64(len(m.samples))
	}
	t.mends = nil
	return nil
}

func (t *timeline) mend(file medium, m mend) error {
	frames := make([]byte, len(m.samples)*frameBytes)
	// Where a broken disk left the file short, there is silence.
	if _, err := file.ReadAt(frames, m.pos*frameBytes); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for i, v := range m.samples {
		if !within(t.muted, m.pos+int64(i)) {
			at := i*frameBytes + 2*m.side
			frames[at], frames[at+1] = byte(v), byte(uint16(v)>>8)
		}
	}
	_, err := file.WriteAt(frames, m.pos*frameBytes)
	return err
}
