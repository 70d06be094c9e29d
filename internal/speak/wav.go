package speak

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The codings of WAV files that are read; see "Multiple channel audio data and WAVE files" (Microsoft) for the last one, which
// names the true coding in its extension.
const (
	codingPCM        = 1
	codingFloat      = 3
	codingExtensible = 0xfffe
)

// wavFormat is a WAV file's chunk "fmt ".
type wavFormat struct {
	coding, channels, bits int
	rate                   int
}

// parseWAV reads PCM of 8 to 32 bits or floats of 32, with any number of channels, which are mixed. A length that runs past the
// end of the data is cut there: espeak-ng cannot know it when it writes to a pipe.
func parseWAV(b []byte) (Sound, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return Sound{}, errors.New("not a WAV file")
	}
	var format wavFormat
	for b = b[12:]; len(b) >= 8; {
		name, size := string(b[:4]), int(binary.LittleEndian.Uint32(b[4:8]))
		body := b[8:]
		size = min(size, len(body))
		switch name {
		case "fmt ":
			var err error
			if format, err = parseFormat(body[:size]); err != nil {
				return Sound{}, err
			}
		case "data":
			return format.sound(body[:size])
		}
		b = body[min(len(body), size+size%2):]
	}
	return Sound{}, errors.New("WAV: no sound data")
}

func parseFormat(b []byte) (wavFormat, error) {
	if len(b) < 16 {
		return wavFormat{}, errors.New("WAV: format is cut short")
	}
	le := binary.LittleEndian
	f := wavFormat{coding: int(le.Uint16(b)), channels: int(le.Uint16(b[2:])), rate: int(le.Uint32(b[4:])), bits: int(le.Uint16(b[14:]))}
	if f.coding == codingExtensible && len(b) >= 26 {
		f.coding = int(le.Uint16(b[24:]))
	}
	known := f.coding == codingPCM && (f.bits == 8 || f.bits == 16 || f.bits == 24 || f.bits == 32) || f.coding == codingFloat && f.bits == 32
	switch {
	case !known:
		return f, fmt.Errorf("WAV: coding %d of %d bits; want PCM of 8, 16, 24 or 32 bits, or floats", f.coding, f.bits)
	case f.channels < 1 || f.channels > 8:
		return f, fmt.Errorf("WAV: %d channels; want 1 to 8", f.channels)
	case f.rate < 4000 || f.rate > 192000:
		return f, fmt.Errorf("WAV: sample rate %d; want 4000 to 192000", f.rate)
	}
	return f, nil
}

func (f wavFormat) sound(b []byte) (Sound, error) {
	if f.channels == 0 {
		return Sound{}, errors.New("WAV: no format before the sound")
	}
	width := f.bits / 8
	samples := make([]float32, len(b)/(width*f.channels))
	for i := range samples {
		var sum float32
		for c := range f.channels {
			sum += f.sample(b[(i*f.channels+c)*width:])
		}
		samples[i] = sum / float32(f.channels)
	}
	if len(samples) == 0 {
		return Sound{}, ErrSilent
	}
	return Sound{Rate: f.rate, Samples: samples}, nil
}

// sample is what stands first in b, between -1 and 1.
func (f wavFormat) sample(b []byte) float32 {
	le := binary.LittleEndian
	switch {
	case f.coding == codingFloat:
		if v := math.Float32frombits(le.Uint32(b)); v >= -1 && v <= 1 {
			return v
		} else if v > 1 {
			return 1
		} else if v < -1 {
			return -1
		}
		return 0 // not a number
	case f.bits == 8:
		return (float32(b[0]) - 128) / 128
	case f.bits == 16:
		return float32(int16(le.Uint16(b))) / (1 << 15)
	case f.bits == 24:
		return float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
	default:
		return float32(int32(le.Uint32(b))) / (1 << 31)
	}
}
