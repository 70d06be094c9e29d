package gateway

import (
	"testing"
	"time"
)

// sent follows what a receiver sees of a stream.
type sent struct {
	t    *testing.T
	s    stream
	now  time.Time
	last header
	n    int
}

func begin(t *testing.T) *sent {
	return &sent{t: t, s: newStream(), now: time.Unix(1000, 0)}
}

// pass sends a packet, and checks that it follows the last one by so many numbers and samples.
func (s *sent) pass(source any, in header, numbers uint16, samples uint32, marker bool) {
	s.t.Helper()
	out, ok := s.s.next(source, in, s.now)
	if !ok {
		s.t.Fatalf("packet %+v was refused", in)
	}
	s.check(out, numbers, samples, marker)
}

func (s *sent) check(out header, numbers uint16, samples uint32, marker bool) {
	s.t.Helper()
	if s.n++; s.n > 1 && (out.ssrc != s.last.ssrc || out.seq-s.last.seq != numbers || out.ts-s.last.ts != samples) {
		s.t.Errorf("packet %d: %d numbers and %d samples after the last, want %d and %d", s.n, int16(out.seq-s.last.seq), int32(out.ts-s.last.ts), int16(numbers), int32(samples))
	}
	if out.marker != marker {
		s.t.Errorf("packet %d: marker is %t", s.n, out.marker)
	}
	s.last = out
}

func (s *sent) later(d time.Duration) { s.now = s.now.Add(d) }

func TestStreamShowsLossAndDisorderOfItsSource(t *testing.T) {
	s := begin(t)
	s.pass("a", header{ssrc: 1, seq: 65534, ts: 4294967200}, 0, 0, true)
	s.later(ptime)
	s.pass("a", header{ssrc: 1, seq: 65535, ts: 64}, 1, 160, false)
	s.later(2 * ptime)
	s.pass("a", header{ssrc: 1, seq: 1, ts: 384}, 2, 320, false) // number 0 is lost, or
	s.pass("a", header{ssrc: 1, seq: 0, ts: 224}, 0xffff, ^uint32(159), false)
}

func TestStreamGoesOnInTrueTimeFromSourceToSource(t *testing.T) {
	s := begin(t)
	s.pass("a", header{ssrc: 1, seq: 100, ts: 1000}, 0, 0, true)
	s.later(10 * time.Second)
	s.pass("b", header{ssrc: 1, seq: 7, ts: 500000}, 1, 80000, true) // another leg, the same SSRC by chance
	s.later(ptime)
	s.pass("b", header{ssrc: 2, seq: 9000, ts: 3}, 1, 160, true) // another SSRC
	s.later(time.Millisecond)
	s.pass("c", header{ssrc: 3, seq: 1, ts: 1}, 1, 160, true) // never two packets at one time
	s.later(ptime)
	s.pass("c", header{ssrc: 3, seq: 2, ts: 1 + 50*clock}, 1, 160, true) // its clock jumps
	s.later(30 * time.Second)
	s.pass("c", header{ssrc: 3, seq: 3, ts: 1 + 80*clock}, 1, 30*clock, false) // silent for a while, its clock going on
}

func TestSilenceFillsTheStream(t *testing.T) {
	s := begin(t)
	s.pass("a", header{ssrc: 1, seq: 100, ts: 0}, 0, 0, true)
	fill := func(want bool, samples uint32, marker bool) {
		t.Helper()
		out, ok := s.s.silence(quiet, s.now)
		if ok != want {
			t.Fatalf("silence was sent: %t", ok)
		}
		if ok {
			s.check(out, 1, samples, marker)
		}
	}
	s.later(quiet - time.Millisecond)
	fill(false, 0, false)
	s.later(time.Millisecond)
	fill(true, 1600, true)
	fill(false, 0, false)
	s.later(ptime)
	fill(true, 160, false)
	s.later(ptime + 3*time.Millisecond)
	fill(true, 160, false)
	s.later(ptime - 3*time.Millisecond)
	fill(true, 160, false)
	// What was spoken meanwhile comes now: its place is taken.
	for k := range uint32(13) {
		if _, ok := s.s.next("a", header{ssrc: 1, seq: 101 + uint16(k), ts: 160 * (k + 1)}, s.now); ok && k < 10 {
			t.Errorf("packet %d was sent after its time", k)
		} else if ok {
			t.Logf("after %d packets the source is believed to be late", k)
			return
		}
	}
	t.Error("a source that is late is never heard again")
}

func TestSourceIsHeardAfterSilenceWithoutDelay(t *testing.T) {
	s := begin(t)
	s.pass("a", header{ssrc: 1, seq: 100, ts: 0}, 0, 0, true)
	s.later(quiet)
	out, ok := s.s.silence(quiet, s.now)
	if !ok {
		t.Fatal("no silence")
	}
	s.check(out, 1, 1600, true)
	s.pass("a", header{ssrc: 1, seq: 109, ts: 1760}, 1, 160, true)
	s.later(ptime)
	s.pass("a", header{ssrc: 1, seq: 110, ts: 1920}, 1, 160, false)
}
