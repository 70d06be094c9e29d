package asr

import "math"

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
