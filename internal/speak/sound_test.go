package speak

import (
	"math"
	"math/rand/v2"
	"testing"
)

// tone is seconds of a sine of hz at rate with the given peak.
func tone(rate int, hz, peak, seconds float64) []float32 {
	s := make([]float32, int(seconds*float64(rate)))
	for i := range s {
		s[i] = float32(peak * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return s
}

// talk is noise in bursts with pauses, roughly like speech, at a peak.
func talk(rng *rand.Rand, peak float64, seconds float64) []float32 {
	s := make([]float32, int(seconds*Rate))
	for i := range s {
		syllable := math.Max(0, math.Sin(2*math.Pi*3*float64(i)/Rate))
		pause := 1.0
		if i/Rate%3 == 2 {
			pause = 0
		}
		s[i] = float32(peak * pause * syllable * rng.NormFloat64() / 3)
	}
	return s
}

func TestNormaliseBringsEverySpeechToOneLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, peak := range []float64{0.003, 0.05, 0.3, 1, 4} {
		in := talk(rng, peak, 6)
		out := Normalise(in)
		if level := ActiveLevel(out); math.Abs(level-TargetLevel) > 1 {
			t.Errorf("peak %g: level %.1f dB, want %.1f", peak, level, TargetLevel)
		}
		for i, v := range out {
			if math.Abs(float64(v)) > math.Pow(10, peakLevel/20)+1e-6 {
				t.Fatalf("peak %g: sample %d is %.3f, above the ceiling", peak, i, v)
			}
		}
	}
}

func TestNormaliseLimitsPeaks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	in := talk(rng, 0.1, 6)
	for i := 4000; i < len(in); i += 9000 {
		in[i] = 0.9 // clicks far above the speech
	}
	out := Normalise(in)
	if level := ActiveLevel(out); math.Abs(level-TargetLevel) > 1 {
		t.Errorf("level %.1f dB, want %.1f", level, TargetLevel)
	}
	for i, v := range out {
		if math.Abs(float64(v)) > math.Pow(10, peakLevel/20)+1e-6 {
			t.Fatalf("sample %d is %.3f, above the ceiling", i, v)
		}
	}
	silent := Normalise(make([]float32, 4000))
	if power(silent) != 0 {
		t.Error("silence became sound")
	}
}

func TestTrimLeavesEightyMilliseconds(t *testing.T) {
	speech := tone(Rate, 500, 0.3, 1)
	for name, in := range map[string][]float32{
		"long silence": append(append(make([]float32, 9000), speech...), make([]float32, 12000)...),
		"none":         speech,
	} {
		out := Trim(in)
		if want := Rate + 2*samplesIn(edge); len(out) < want-100 || len(out) > want+200 {
			t.Errorf("%s: %d samples, want about %d", name, len(out), want)
		}
		if power(out[:samplesIn(edge)-100]) > 1e-9 || power(out[len(out)-samplesIn(edge)+100:]) > 1e-9 {
			t.Errorf("%s: the edges are not silent", name)
		}
	}
	if out := Trim(make([]float32, 8000)); out != nil {
		t.Errorf("silence became %d samples", len(out))
	}
}

func TestTelephoneJoinsSentences(t *testing.T) {
	one := Sound{Rate: 24000, Samples: tone(24000, 500, 0.3, 1)}
	silent := Sound{Rate: 24000, Samples: make([]float32, 24000)}
	out, err := telephone([]Sound{one, silent, one})
	if err != nil {
		t.Fatal(err)
	}
	if want := 2*Rate + samplesIn(sentencePause+2*edge); len(out) < want-200 || len(out) > want+400 {
		t.Errorf("%d samples, want about %d", len(out), want)
	}
	if _, err := telephone([]Sound{silent}); err == nil {
		t.Error("silence alone passed for speech")
	}
}
