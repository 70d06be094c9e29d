package recording

import (
	"bytes"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"hotline/internal/g711"
)

// count is packet k of a talk in which each packet has a value of its own.
func count(k int) Packet {
	return Packet{Seq: uint16(k), Timestamp: uint32(k * 160), Payload: slices.Repeat([]byte{byte(k%100 + 20)}, 160)}
}

// inPlace says whether packet k lies where it belongs.
func inPlace(d *tape, side, k int) bool {
	return d.at(side, int64(k)*160+80) == g711.Ulaw(byte(k%100+20))
}

// stalled sends packets in time, but those of the stall at its end, spread over some time.
func stalled(d *tape, side, packets, from, to int, spread float64) {
	for k := range packets {
		at := float64(k)
		if k >= from && float64(k) < float64(to)+spread {
			at = float64(to) + float64(k-from)*spread/(float64(to-from)+spread)
		}
		now := int64((at + 1) * 160)
		d.flush(now - 160 - settle)
		d.line.place(side, count(k), now)
	}
	d.flush(int64(packets) * 160)
}

// Seconds without any packet, and then all of them at once or in a hurry: they belong where they were spoken, in what
// was written as silence meanwhile.
func TestStallIsMadeGood(t *testing.T) {
	for _, packets := range []int{50, 90, 110, 150, 250, 1000, 1490} {
		for _, spread := range []float64{0, 5, 50} {
			d := &tape{t: t}
			stalled(d, right, packets+400, 80, 80+packets, spread)
			for k := range packets + 400 {
				if !inPlace(d, right, k) {
					t.Errorf("a stall of %d packets, made good in %.0f ms: packet %d is not in its place", packets, 20*spread, k)
					break
				}
			}
			if c := d.line.channels[right].counts; c.Late != 0 || c.Lost != 0 || c.Remapped != 1 {
				t.Errorf("a stall of %d packets: counted %+v", packets, c)
			}
		}
	}
}

// The sender's timestamps stand still in a silence of any length, and what follows lies where it arrives, from its first
// packet on, when more can be told of it than after a short one.
func TestTimestampsThatStoodStill(t *testing.T) {
	for _, still := range []int{110, 500, 1400, 3000} {
		d := &tape{t: t}
		for k := range 300 {
			at := k
			if k >= 100 {
				at += still
			}
			d.flush(int64(at)*160 - settle)
			d.line.place(left, count(k), int64(at+1)*160)
		}
		d.flush(int64(300+still) * 160)
		for k := 100; k < 300; k++ {
			if d.at(left, int64(k+still)*160+80) != g711.Ulaw(byte(k%100+20)) {
				t.Errorf("after %d packets of silence: packet %d is not where it arrived", still, k)
				break
			}
		}
		if d.at(left, int64(100+still/2)*160) != 0 {
			t.Errorf("after %d packets of silence there is something in it", still)
		}
	}
}

// The last packets of a leg wait no longer than it lasts.
func TestFewPacketsAfterALongSilenceAreKept(t *testing.T) {
	d := &tape{t: t}
	for k := range 50 {
		d.line.place(left, count(k), int64(k+1)*160)
	}
	d.flush(300*160 - settle)
	d.line.place(left, count(50), 300*160)
	d.line.place(left, count(51), 301*160)
	d.flush(303 * 160)
	for i := range 2 {
		if got := d.at(left, int64(299+i)*160+80); got != g711.Ulaw(byte(50+i+20)) {
			t.Errorf("packet %d is %d", 50+i, got)
		}
	}
}

// What was spoken in a pause and comes after its end is kept out, and what was spoken around it is kept.
func TestStallOverTheEndOfAPause(t *testing.T) {
	d := &tape{t: t}
	d.line.muted = []Span{{From: 100 * 160, To: 200 * 160}}
	stalled(d, right, 700, 80, 380, 0)
	for k := range 700 {
		muted := k >= 100 && k < 200
		if kept := inPlace(d, right, k); kept == muted {
			t.Fatalf("packet %d: kept is %v", k, kept)
		}
	}
	if card := slices.Repeat([]byte{0, 0}, 100*160*2); !bytes.Equal(d.frames[100*160*frameBytes:200*160*frameBytes], card) {
		t.Error("the pause is not silent")
	}
}

// A disk that is broken while a stall is made good is waited for.
func TestStallIsMadeGoodOnABrokenDisk(t *testing.T) {
	d := &tape{t: t}
	for k := range 500 {
		at := k
		if k >= 80 && k < 330 {
			at = 330
		}
		d.broken = k >= 82 && k < 360
		d.flush(int64(at)*160 - settle)
		d.line.place(right, count(k), int64(at+1)*160)
	}
	d.flush(500 * 160)
	for k := range 500 {
		if !inPlace(d, right, k) {
			t.Fatalf("packet %d is not in its place: %+v", k, d.line.channels[right].counts)
		}
	}
}

// The whole way to the finished file.
func TestStallIsMadeGoodInTheFile(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := Start(dir, head(1, time.Now()), quietLog, noFault(t))
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for k := range 600 {
			now := <-tick.C
			p := count(k)
			p.Arrival = now
			w.Left(p)
			for late := 100; k == 400 && late < 400; late++ { // six seconds of the agent
				p := count(late)
				p.Arrival = now
				w.Right(p)
			}
			if k < 100 || k >= 400 {
				w.Right(p)
			}
		}
		w.Close()
		<-w.Done()
	})
	res, err := Finish(t.Context(), dir, leg, newShelf())
	if err != nil {
		t.Fatal(err)
	}
	l, r := decode(t, dir, res)
	for k := range 600 {
		want := g711.Ulaw(byte(k%100 + 20))
		if at := k*160 + 80; l[at] != want || r[at] != want {
			t.Fatalf("packet %d: %d and %d, want %d", k, l[at], r[at], want)
		}
	}
}
