package recording

import (
	"bytes"
	"cmp"
	"math/rand/v2"
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

// nearPlace says whether packet k lies within 60 ms of where it belongs.
func nearPlace(d *tape, k int) bool {
	middle := int64(k)*160 + 80
	for at := max(middle-480, 0); at <= middle+480 && at < int64(len(d.frames)/frameBytes); at += 20 {
		if d.at(right, at) == g711.Ulaw(byte(k%100+20)) {
			return true
		}
	}
	return false
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
// packet on.
func TestTimestampsThatStoodStill(t *testing.T) {
	for _, still := range []int{10, 25, 60, 99, 110, 500, 1400, 3000} {
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

// A stream that begins with a burst, and one whose packets come in drips before the burst: each lies where it was spoken.
func TestBurstAtTheBeginning(t *testing.T) {
	for _, packets := range []int{5, 25, 100} {
		d := &tape{t: t}
		for k := range packets + 200 {
			at := max(k, packets)
			d.flush(int64(at)*160 - settle)
			d.line.place(right, count(k), int64(at+1)*160)
		}
		d.flush(int64(packets+200) * 160)
		for k := range packets + 200 {
			if !inPlace(d, right, k) {
				t.Errorf("a burst of %d packets at the beginning: packet %d is not in its place: %+v", packets, k, d.line.channels[right].counts)
				break
			}
		}
	}
}

// After a stall the network gives a few packets at the pace of speech, and then all the others: the mapping that the few
// led to is corrected, so that none of the others lies on another.
func TestDripsBeforeTheBurst(t *testing.T) {
	d := &tape{t: t}
	for k := range 600 {
		at := k
		switch {
		case k >= 100 && k < 110:
			at = 250 + k - 100
		case k >= 110 && k < 261:
			at = 261
		}
		d.flush(int64(at)*160 - settle)
		d.line.place(right, count(k), int64(at+1)*160)
	}
	d.flush(600 * 160)
	missing := 0
	for k := range 600 {
		if !inPlace(d, right, k) {
			missing++
		}
	}
	if missing > 20 {
		t.Errorf("%d of 600 packets are not in their place", missing)
	}
}

// Stalls of the network at any moment, of any length, made good at once, in a hurry or after some drips, with jitter between
// them: of what was spoken nearly everything is in its place, and nothing is lost but what a wrong guess may misplace.
func TestStallsAtRandom(t *testing.T) {
	worst := 0
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 2))
		const packets = 1500
		came := make([]float64, packets) // in packets of time
		for k := range came {
			came[k] = float64(k) + rng.Float64()
		}
		stalls := 1 + rng.IntN(3)
		for range stalls {
			from, long := 100+rng.IntN(1000), float64(5+rng.IntN(250))
			end, pace := float64(from)+long, rng.Float64()*0.6*float64(rng.IntN(2))
			drips := rng.IntN(4) * rng.IntN(2)
			for k := from; k < packets; k++ {
				at := end + float64(min(k-from, drips)) + float64(max(k-from-drips, 0))*pace
				came[k] = max(came[k], at)
			}
		}
		order := make([]int, packets)
		for k := range order {
			order[k] = k
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(came[a], came[b]) })
		d := &tape{t: t}
		for _, k := range order {
			now := int64((came[k] + 1) * 160)
			d.flush(now - 160 - settle)
			d.line.place(right, count(k), now)
		}
		d.flush(packets * 160)
		missing := 0
		for k := range packets {
			if !nearPlace(d, k) {
				missing++
			}
		}
		worst = max(worst, missing)
		if missing > 12*stalls {
			t.Errorf("seed %d: %d of %d packets are not in their place after %d stalls: %+v", seed, missing, packets, stalls, d.line.channels[right].counts)
		}
	}
	t.Logf("at most %d packets misplaced", worst)
}
