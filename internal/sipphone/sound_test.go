package sipphone

import (
	"math"
	"testing"
	"time"
)

func stream(n int, edit func(i int, p *Packet)) []Packet {
	begin := time.Unix(1_800_000_000, 0)
	var out []Packet
	for i := range n {
		p := Packet{
			Arrived: begin.Add(time.Duration(i) * packetTime), Sequence: uint16(65500 + i),
			Timestamp: uint32(math.MaxUint32-4000) + uint32(i)*160, SSRC: 1, Samples: make([]int16, 160),
		}
		edit(i, &p)
		out = append(out, p)
	}
	return out
}

func TestLongestGap(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(i int, p *Packet)
		want time.Duration
	}{
		"steady": {func(int, *Packet) {}, 0},
		"late, then caught up": {func(i int, p *Packet) {
			if i >= 60 && i < 70 {
				p.Arrived = time.Unix(1_800_000_000, 0).Add(69 * packetTime)
			}
		}, 0},
		"stood still": {func(i int, p *Packet) {
			if i >= 60 {
				p.Arrived = p.Arrived.Add(300 * time.Millisecond)
			}
		}, 300 * time.Millisecond},
		"timestamps jump": {func(i int, p *Packet) {
			if i >= 60 {
				p.Timestamp += 1600
				p.Arrived = p.Arrived.Add(200 * time.Millisecond)
			}
		}, 200 * time.Millisecond},
	} {
		if got := LongestGap(stream(130, c.edit)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestMatchFindsASoundAndRejectsAnother(t *testing.T) {
	tone := func(n int, f func(int) float64) []int16 {
		out := make([]int16, n)
		for i := range out {
			out[i] = int16(8000 * math.Sin(f(i)) * (0.6 + 0.4*math.Sin(float64(i)/900)))
		}
		return out
	}
	want := tone(16000, func(i int) float64 { x := float64(i) / 8000; return 2 * math.Pi * (300*x + 200*x*x) })
	other := tone(16000, func(i int) float64 { x := float64(i) / 8000; return 2 * math.Pi * (1100*x - 100*x*x) })
	got := append(make([]int16, 5003), want...)
	got = append(got, make([]int16, 8000)...)
	if c, at := Match(got, want); c < 0.99 || at != 5003 {
		t.Errorf("correlation %.3f at %d", c, at)
	}
	if c, _ := Match(append(other, other...), want); c > 0.5 {
		t.Errorf("a different sound matches with %.3f", c)
	}
}
