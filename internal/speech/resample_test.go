package speech

import (
	"math"
	"testing"
)

// telephone is the rate that calls have.
const telephone = 8000

// tone is seconds of a sine of hz at rate with the given peak.
func tone(rate int, hz, peak, seconds float64) []float32 {
	s := make([]float32, int(seconds*float64(rate)))
	for i := range s {
		s[i] = float32(peak * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return s
}

// level is the power of the middle of a sound, without a filter's ends, in decibels.
func level(s []float32) float64 {
	sum, middle := 0.0, s[len(s)/4:3*len(s)/4]
	for _, v := range middle {
		sum += float64(v) * float64(v)
	}
	return 10 * math.Log10(sum/float64(len(middle)))
}

func TestResamplePassBandAndAliases(t *testing.T) {
	for _, rate := range []int{24000, 22050, 16000, 44100, 48000} {
		for _, hz := range []float64{50, 300, 1000, 2500, 3400} {
			in := tone(rate, hz, 0.5, 1)
			out := Resample(in, rate, telephone)
			if want := telephone; len(out) != want {
				t.Errorf("%d Hz: %d samples out of one second, want %d", rate, len(out), want)
			}
			if change := level(out) - level(in); math.Abs(change) > 0.1 {
				t.Errorf("%d -> 8000: a tone of %.0f Hz changes by %.2f dB", rate, hz, change)
			}
		}
		for _, hz := range []float64{4100, 4600, 5200, 6500, 7700} {
			in := tone(rate, hz, 0.5, 1)
			if down := level(in) - level(Resample(in, rate, telephone)); down < 60 {
				t.Errorf("%d -> 8000: a tone of %.0f Hz folds back only %.0f dB down", rate, hz, down)
			}
		}
	}
}

func TestResampleKeepsTime(t *testing.T) {
	in := tone(24000, 440, 0.5, 1)
	want := tone(telephone, 440, 0.5, 1)
	out := Resample(in, 24000, telephone)
	for i := 500; i < 7500; i++ {
		if d := math.Abs(float64(out[i] - want[i])); d > 0.002 {
			t.Fatalf("sample %d is off by %.4f: the filter delays", i, d)
		}
	}
	if got := Resample([]float32{1, 2, 3}, telephone, telephone); len(got) != 3 || got[1] != 2 {
		t.Errorf("same rate: %v", got)
	}
	if got := Resample(nil, 24000, telephone); len(got) != 0 {
		t.Errorf("nothing became %d samples", len(got))
	}
}
