package recording

import (
	"errors"
	"io"
)

// A packet that does not come about when its timestamp says is in doubt: it may be of the burst after a stall of the network,
// or of the sender's machine, and belong where it was spoken, long written as silence by now; the sender's timestamps may
// have stood still, as Asterisk's do while a caller's phone is silent, and it belongs where it arrives; or its mapping was
// made of packets that were late themselves. One packet does not say which it is, those of the time settle do, and wait
// for one another: of a burst each is less late than the one before. So it is with the first packets of a stream.

// reach is how far from its mapping a packet may be for that; what is farther off has another clock. A browser's connection
// is given up sooner, see the gateway.
const reach = 30 * Rate

// falling is by how much less late the last packet in doubt is than the first, if a burst goes on: more than networks waver
// by, less than a burst makes good.
const falling = Rate * 15 / 1000

// doubtful is a packet that waits for the decision.
type doubtful struct {
	p       Packet
	ext     int64 // its unwrapped timestamp
	arrived int64
}

// late is how much later it came than the mapping says.
func (d doubtful) late(offset int64) int64 {
	return d.arrived - int64(len(d.p.Payload)) - d.ext - offset
}

// mend is sound for a place that memory no longer holds.
type mend struct {
	side    int
	pos     int64
	samples []int16
}

// wait keeps a packet in doubt, and decides when the time has come.
func (t *timeline) wait(side int, p Packet, arrived int64) {
	c := &t.channels[side]
	c.doubtful = append(c.doubtful, doubtful{p, c.ext, arrived})
	if arrived-c.doubtful[0].arrived >= settle {
		t.decide(side)
	}
}

// decide makes the mapping that the packets in doubt show, the least late of them most truly, and places them.
func (t *timeline) decide(side int) {
	c := &t.channels[side]
	list := c.doubtful
	first, last := list[0].late(c.offset), list[len(list)-1].late(c.offset)
	least := first
	for _, d := range list {
		least = min(least, d.late(c.offset))
	}
	if !c.fresh && last > pause && last < first-falling {
		c.burst, c.stillLate = true, 0
	} else {
		c.remap(c.offset+least, list[len(list)-1].arrived)
		c.seen, c.highest = 1, list[0].p.Seq // the sender may have begun a new count
		for _, d := range list[1:] {
			c.repeated(d.p.Seq)
		}
	}
	t.layDoubtful(side)
}

// layDoubtful places the packets in doubt by the mapping as it is now.
func (t *timeline) layDoubtful(side int) {
	c := &t.channels[side]
	list := c.doubtful
	c.doubtful = nil
	for _, d := range list {
		t.lay(side, d.p, d.ext+c.offset, d.arrived)
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
