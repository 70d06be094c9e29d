package asr

import (
	"math"
	"slices"

	"hotline/qa/rule"
)

// decibels is the RMS of samples below full scale; silence is -96.
func decibels(samples []int16) float64 {
	sum := 0.0
	for _, v := range samples {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return -96
	}
	return max(-96, 10*math.Log10(sum/float64(len(samples))/(32768*32768)))
}

// energyFrame is how long a stretch is of which the energy is measured, in milliseconds.
const energyFrame = 20

// energies measures a channel frame by frame, in dB, and how quiet it is where nobody speaks.
func energies(channel []int16, rate int) (frames []float64, quiet float64) {
	size := rate * energyFrame / 1000
	for at := 0; at+size <= len(channel); at += size {
		frames = append(frames, decibels(channel[at:at+size]))
	}
	if len(frames) == 0 {
		return nil, quietest
	}
	sorted := slices.Sorted(slices.Values(frames))
	return frames, max(sorted[len(sorted)/10], quietest)
}

const (
	quietest  = -70 // dB; digital silence is no measure of anything
	audible   = 9   // dB above the quiet
	softStart = 400 // ms: how much of a soft beginning detection misses at most
)

// soften lets speech begin where it becomes audible: detection by a model waits until it is sure, and cuts soft consonants
// off.
func soften(voices []rule.Span, channel []int16, rate int) []rule.Span {
	frames, quiet := energies(channel, rate)
	out := slices.Clone(voices)
	for i := range out {
		least := max(0, out[i].Start-softStart)
		if i > 0 {
			least = max(least, out[i-1].End)
		}
		for at := out[i].Start/energyFrame - 1; at >= 0 && at < len(frames) && at*energyFrame >= least && frames[at] > quiet+audible; at-- {
			out[i].Start = at * energyFrame
		}
	}
	return out
}
