package sipphone

import (
	"math"
	"time"
)

// Wave lays the packets out on one time line by their RTP timestamps; lost packets are silence. A new source or a jump
// of more than five seconds starts where its first packet arrived.
func Wave(packets []Packet) []int16 {
	var out []int16
	if len(packets) == 0 {
		return nil
	}
	begin := packets[0].Arrived
	var origin int64 // sample index of base
	base, ssrc := packets[0].Timestamp, packets[0].SSRC
	last := int64(0)
	for _, p := range packets {
		at := origin + int64(int32(p.Timestamp-base))
		if p.SSRC != ssrc || at-last > 40000 || last-at > 40000 {
			origin = int64(p.Arrived.Sub(begin).Seconds() * 8000)
			base, ssrc, at = p.Timestamp, p.SSRC, origin
		}
		last = at
		if at < 0 {
			continue
		}
		if need := at + int64(len(p.Samples)); int64(len(out)) < need {
			out = append(out, make([]int16, need-int64(len(out)))...)
		}
		copy(out[at:], p.Samples)
	}
	return out
}

// LongestGap is the longest time for which the listener had nothing to hear, judged by RTP: a jump of the timestamps
// beyond one packet, or a stream that stood still and went on with the next timestamp. A packet that is merely late and
// followed by a burst that catches up is no gap; a phone's jitter buffer hides it.
func LongestGap(packets []Packet) time.Duration {
	var longest time.Duration
	for i := 1; i < len(packets); i++ {
		a, b := packets[i-1], packets[i]
		if a.SSRC != b.SSRC {
			longest = max(longest, b.Arrived.Sub(a.Arrived)-packetTime)
			continue
		}
		if jump := int32(b.Timestamp-a.Timestamp) - int32(len(a.Samples)); jump > 0 {
			longest = max(longest, samplesTime(jump))
		}
		if b.Arrived.Sub(a.Arrived) > 2*packetTime {
			longest = max(longest, transit(a, packets[i:min(i+50, len(packets))])-transit(a, packets[max(0, i-50):i]))
		}
	}
	return longest
}

// transit is the smallest lateness against the clock that starts with origin: the delay that no queueing added to.
func transit(origin Packet, packets []Packet) time.Duration {
	least := time.Duration(math.MaxInt64)
	for _, p := range packets {
		least = min(least, p.Arrived.Sub(origin.Arrived)-samplesTime(int32(p.Timestamp-origin.Timestamp)))
	}
	return least
}

func samplesTime(n int32) time.Duration { return time.Duration(n) * time.Second / 8000 }

// RMS is the root mean square of the samples, in units of the 16-bit scale.
func RMS(samples []int16) float64 {
	if len(samples) == 0 {
		return 0
	}
	var sum float64
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum / float64(len(samples)))
}

// Match finds want in got and returns the best normalised correlation (-1..1) with the offset in samples where it lies.
// It works on blocks of a quarter of a second so that a small clock slip between two devices does not hide a match.
func Match(got, want []int16) (correlation float64, offset int) {
	if len(want) == 0 || len(got) < len(want)/2 {
		return 0, 0
	}
	const margin = 4000 // a sound may have begun just before the listener did
	got = append(make([]int16, margin), got...)
	if len(got) < len(want) {
		return 0, 0
	}
	coarse, n := envelopeMatch(got, want)
	if !coarse {
		return 0, 0
	}
	best, at := -1.0, n
	for o := max(0, n-envelopeStep*4); o <= min(len(got)-len(want), n+envelopeStep*4); o++ {
		if c := correlate(got[o:o+len(want)], want); c > best {
			best, at = c, o
		}
	}
	return blockwise(got, want, at), at - margin
}

const envelopeStep = 80 // 10 ms

// envelopeMatch finds the offset at which the loudness curves agree best.
func envelopeMatch(got, want []int16) (bool, int) {
	g, w := envelope(got), envelope(want)
	best, at := -2.0, 0
	for o := 0; o+len(w) <= len(g); o++ {
		if c := correlateFloat(g[o:o+len(w)], w); c > best {
			best, at = c, o
		}
	}
	return best > -2, at * envelopeStep
}

func envelope(s []int16) []float64 {
	out := make([]float64, len(s)/envelopeStep)
	for i := range out {
		out[i] = RMS(s[i*envelopeStep : (i+1)*envelopeStep])
	}
	return out
}

// blockwise averages the correlation of quarter-second blocks, weighted by the energy of what was sent. Each block may lie
// up to 20 ms beside the place of the one before: two devices' clocks slip, and a browser's jitter buffer stretches speech.
func blockwise(got, want []int16, at int) float64 {
	const block, slip = 2000, 160
	var sum, weight float64
	beside := 0
	for i := 0; i+block <= len(want); i += block {
		w := want[i : i+block]
		energy := RMS(w)
		if energy < 50 {
			continue
		}
		best, where := -1.0, beside
		for s := beside - slip; s <= beside+slip; s++ {
			o := at + i + s
			if o < 0 || o+block > len(got) {
				continue
			}
			if c := correlate(got[o:o+block], w); c > best {
				best, where = c, s
			}
		}
		if best > 0.5 {
			beside = where
		}
		sum += best * energy
		weight += energy
	}
	if weight == 0 {
		return correlate(got[at:at+len(want)], want)
	}
	return sum / weight
}

func correlate(a, b []int16) float64 {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab += x * y
		aa += x * x
		bb += y * y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

func correlateFloat(a, b []float64) float64 {
	var ma, mb float64
	for i := range a {
		ma += a[i]
		mb += b[i]
	}
	ma /= float64(len(a))
	mb /= float64(len(b))
	var ab, aa, bb float64
	for i := range a {
		x, y := a[i]-ma, b[i]-mb
		ab += x * y
		aa += x * x
		bb += y * y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
