package speak

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"hotline/internal/speech"
)

// What a recording of a phrase must be to be taken.
const (
	// MaxStudioSize is the largest file in bytes: a minute of 48 kHz stereo in 24 bits, and a little.
	MaxStudioSize = 18 << 20
	minStudio     = 300 * time.Millisecond
	maxStudio     = 90 * time.Second
	// quietest is the lowest level of speech: with what must be added to it the noise of the room comes along.
	quietest = -45.0
	// clipped is the share of samples at full scale from which it is heard.
	clipped = 0.001
)

// ErrStudio is wrapped by every error about a recording that is not taken; the rest of its words say why.
var ErrStudio = errors.New("the recording is not taken")

// Studio reads the WAV file of a phrase that somebody has recorded, and makes telephone sound of it as of everything else: 8 kHz,
// mono, trimmed, at the one level of loudness.
func Studio(wav []byte) ([]int16, error) {
	refuse := func(format string, args ...any) ([]int16, error) {
		return nil, fmt.Errorf("%w: %w", ErrStudio, fmt.Errorf(format, args...))
	}
	if len(wav) > MaxStudioSize {
		return refuse("it has %d bytes; at most %d are taken", len(wav), MaxStudioSize)
	}
	sound, err := parseWAV(wav)
	if errors.Is(err, ErrSilent) {
		return refuse("it holds no sound")
	}
	if err != nil {
		return refuse("%w", err)
	}
	long := time.Duration(len(sound.Samples)) * time.Second / time.Duration(sound.Rate)
	if long < minStudio || long > maxStudio {
		return refuse("it lasts %.1f s; %.1f to %.0f s are taken", long.Seconds(), minStudio.Seconds(), maxStudio.Seconds())
	}
	if share := atFullScale(sound.Samples); share > clipped {
		return refuse("%.1f %% of it are at full scale, so that it is distorted; record it with less gain", 100*share)
	}
	level := ActiveLevel(speech.Resample(sound.Samples, sound.Rate, Rate))
	if math.IsNaN(level) || level < quietest {
		return refuse("it is too quiet (%.0f dB); speak up, or record it with more gain: at least %.0f dB", level, quietest)
	}
	samples, err := telephone([]Sound{sound})
	if err != nil {
		return refuse("%w", err)
	}
	return samples, nil
}

func atFullScale(s []float32) float64 {
	n := 0
	for _, v := range s {
		if v >= 0.9999 || v <= -0.9999 {
			n++
		}
	}
	return float64(n) / float64(len(s))
}

// WAV makes a file of telephone sound that a browser plays: 16-bit PCM, mono.
func WAV(samples []int16) []byte {
	le, size := binary.LittleEndian, 2*len(samples)
	b := make([]byte, 0, 44+size)
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, uint32(36+size))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, codingPCM)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint32(b, Rate)
	b = le.AppendUint32(b, 2*Rate)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = le.AppendUint32(b, uint32(size))
	for _, v := range samples {
		b = le.AppendUint16(b, uint16(v))
	}
	return b
}
