package speak

import (
	"errors"
	"math"
	"time"

	"hotline/internal/speech"
)

// Rate is the sample rate of telephone sound in Hz.
const Rate = 8000

// Loudness and pauses of everything this package makes.
const (
	// TargetLevel is the RMS over active speech in dB relative to full scale;
	// G.711 reaches full scale at +3.14 dBm0, so this is about -17 dBm0.
	TargetLevel = -20.0
	// peakLevel is never exceeded, in dB relative to full scale.
	peakLevel = -1.0
	// edge is the silence left before and after a phrase.
	edge = 80 * time.Millisecond
	// sentencePause is the silence between two sentences.
	sentencePause = 380 * time.Millisecond
)

// ErrSilent says that an engine gave back nothing that can be heard.
var ErrSilent = errors.New("the engine gave no sound")

// Sound is mono sound as an engine makes it.
type Sound struct {
	Rate    int       // samples per second
	Samples []float32 // full scale is -1 to 1
}

// telephone makes one phrase of the sentences' sounds: 8 kHz, trimmed, with
// pauses, at TargetLevel.
func telephone(sentences []Sound) ([]int16, error) {
	var all []float32
	for _, s := range sentences {
		part := Trim(speech.Resample(s.Samples, s.Rate, Rate))
		if len(part) == 0 {
			continue
		}
		if len(all) > 0 {
			all = append(all, make([]float32, samplesIn(sentencePause-2*edge))...)
		}
		all = append(all, part...)
	}
	if len(all) == 0 {
		return nil, ErrSilent
	}
	out := make([]int16, len(all))
	for i, v := range Normalise(all) {
		out[i] = int16(math.RoundToEven(float64(v) * 32767))
	}
	return out, nil
}

// ActiveLevel is the RMS of the speech in 8 kHz sound in dB relative to full
// scale: 20 ms frames that lie more than 15 dB below the mean are pauses and do
// not count. It is -Inf for silence.
func ActiveLevel(s []float32) float64 {
	const frame = Rate / 50
	var powers []float64
	for i := 0; i+frame <= len(s); i += frame {
		if p := power(s[i : i+frame]); p > 1e-6 {
			powers = append(powers, p)
		}
	}
	gate := mean(powers) * math.Pow(10, -1.5)
	var active []float64
	for _, p := range powers {
		if p >= gate {
			active = append(active, p)
		}
	}
	return 10 * math.Log10(mean(active))
}

// Normalise brings 8 kHz sound to TargetLevel; peaks that would come out louder
// than -1 dBFS are lowered by a limiter. Silence stays silence.
func Normalise(s []float32) []float32 {
	level := ActiveLevel(s)
	if math.IsInf(level, -1) || math.IsNaN(level) {
		return append([]float32(nil), s...)
	}
	out := append([]float32(nil), s...)
	// The limiter takes a little of the level, so it is measured again once.
	for range 2 {
		gain := float32(math.Pow(10, (TargetLevel-ActiveLevel(out))/20))
		for i := range out {
			out[i] *= gain
		}
		limit(out, float32(math.Pow(10, peakLevel/20)))
	}
	return out
}

// limit lowers s around each peak above ceiling. The gain is the sliding minimum
// of what each sample needs, smoothed over the same 10 ms window, so it is never
// above the need and has no steps.
func limit(s []float32, ceiling float32) {
	const reach = Rate / 200
	need := make([]float32, len(s))
	loud := false
	for i, v := range s {
		need[i] = 1
		if a := max(v, -v); a > ceiling {
			need[i], loud = ceiling/a, true
		}
	}
	if !loud {
		return
	}
	low := make([]float32, len(s))
	for i := range low {
		low[i] = 1
		for j := max(0, i-reach); j <= min(len(s)-1, i+reach); j++ {
			low[i] = min(low[i], need[j])
		}
	}
	for i := range s {
		sum, n := float32(0), 0
		for j := max(0, i-reach); j <= min(len(s)-1, i+reach); j++ {
			sum += low[j]
			n++
		}
		s[i] = max(-ceiling, min(ceiling, s[i]*sum/float32(n)))
	}
}

// Trim cuts the silence around 8 kHz speech to 80 ms, or adds what is missing of
// it, and fades the cut ends. Silence alone becomes nothing.
func Trim(s []float32) []float32 {
	const frame = Rate / 100
	floor := math.Pow(10, max(ActiveLevel(s)-40, -60)/10)
	first, last := -1, -1
	for i := 0; i < len(s); i += frame {
		if power(s[i:min(i+frame, len(s))]) > floor {
			if first < 0 {
				first = i
			}
			last = min(i+frame, len(s))
		}
	}
	if first < 0 {
		return nil
	}
	pad := samplesIn(edge)
	out := make([]float32, last-first+2*pad)
	from, to := max(0, first-pad), min(len(s), last+pad)
	copy(out[pad-(first-from):], s[from:to])
	for i := range frame {
		out[i] *= float32(i) / frame
		out[len(out)-1-i] *= float32(i) / frame
	}
	return out
}

func samplesIn(d time.Duration) int { return int(d * Rate / time.Second) }

func power(s []float32) float64 {
	sum := 0.0
	for _, v := range s {
		sum += float64(v) * float64(v)
	}
	return sum / float64(max(1, len(s)))
}

// mean is 0 for no values.
func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(max(1, len(v)))
}
