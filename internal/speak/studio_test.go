package speak

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// studioTone is a second or more of a voice-like tone, 16-bit mono at 8 kHz.
func studioTone(seconds, amplitude float64) []byte {
	samples := make([]int16, int(seconds*Rate))
	for i := range samples {
		samples[i] = int16(amplitude * 32767 * math.Sin(2*math.Pi*440*float64(i)/Rate))
	}
	return WAV(samples)
}

func TestStudioTakesWhatCanBeHeard(t *testing.T) {
	for name, amplitude := range map[string]float64{"quiet": 0.02, "loud": 0.9} {
		samples, err := Studio(studioTone(1, amplitude))
		if err != nil {
			t.Fatal(name, err)
		}
		sound := make([]float32, len(samples))
		for i, v := range samples {
			sound[i] = float32(v) / 32767
		}
		if level := ActiveLevel(sound); math.Abs(level-TargetLevel) > 1 {
			t.Errorf("%s: comes out at %.1f dB, want %.0f", name, level, TargetLevel)
		}
		if seconds := float64(len(samples)) / Rate; seconds < 0.9 || seconds > 1.2 {
			t.Errorf("%s: %.2f s", name, seconds)
		}
	}
}

func TestStudioRefuses(t *testing.T) {
	for want, in := range map[string][]byte{
		"not a WAV":   []byte("ID3 an MP3"),
		"no sound":    WAV(nil),
		"lasts 0.1 s": studioTone(0.1, 0.5),
		"lasts 91":    studioTone(91, 0.5),
		"too quiet":   studioTone(1, 0.0005),
		"full scale":  studioTone(1, 3),
		"at most":     make([]byte, MaxStudioSize+1),
	} {
		if want == "full scale" { // a tone that the converter has cut off
			samples := make([]int16, Rate)
			for i := range samples {
				samples[i] = int16(max(-32767, min(32767, 98301*math.Sin(2*math.Pi*440*float64(i)/Rate))))
			}
			in = WAV(samples)
		}
		if _, err := Studio(in); !errors.Is(err, ErrStudio) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

func FuzzStudio(f *testing.F) {
	f.Add(studioTone(0.4, 0.5))
	f.Add([]byte(wav(1, 2, 44100, 24, 12, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c")))
	f.Add([]byte(wav(3, 1, 48000, 32, 8, "\xff\xff\xff\xff\x00\x00\x80\x3f")))
	f.Fuzz(func(t *testing.T, data []byte) {
		samples, err := Studio(data)
		if err != nil && !errors.Is(err, ErrStudio) {
			t.Errorf("%v", err)
		}
		if err == nil && (len(samples) == 0 || len(samples) > Rate*100) {
			t.Errorf("%d samples", len(samples))
		}
	})
}
