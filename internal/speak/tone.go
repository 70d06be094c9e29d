package speak

import (
	"math"
	"path/filepath"
	"time"
)

const (
	toneHertz = 1000
	toneTime  = 300 * time.Millisecond
	toneEdge  = 10 * time.Millisecond // of rising and falling, so that it does not click
	toneLevel = 8000                  // of 32,767
)

// Tone is the file of the sound after which a caller may speak, as Path has it.
func (s *Store) Tone() string { return filepath.Join(s.dir, "tone") }

func beep() []int16 {
	samples := make([]int16, int(toneTime.Seconds()*8000))
	edge := toneEdge.Seconds() * 8000
	for i := range samples {
		fade := min(1, float64(i)/edge, float64(len(samples)-i)/edge)
		samples[i] = int16(toneLevel * fade * math.Sin(2*math.Pi*toneHertz*float64(i)/8000))
	}
	return samples
}
