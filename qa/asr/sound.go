package asr

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/mewkiz/flac"

	"hotline/internal/g711"
)

// Sound is a two-channel recording: left the caller, right the agent.
type Sound struct {
	Rate     int // samples per second
	Channels [2][]int16
}

// The channels.
const (
	Left  = 0
	Right = 1
)

// Length is how long it lasts.
func (s Sound) Length() time.Duration {
	if s.Rate == 0 {
		return 0
	}
	return time.Duration(len(s.Channels[Left])) * time.Second / time.Duration(s.Rate)
}

// ErrSound means that a file is no sound that can be judged.
var ErrSound = errors.New("not a two-channel recording")

// longestSound bounds what is read into memory.
const longestSound = 12 * time.Hour

// ReadFile reads FLAC and WAV, and whatever else ffmpeg reads where it is installed.
func ReadFile(path string) (Sound, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Sound{}, err
	}
	var s Sound
	switch {
	case len(raw) == 0:
		return Sound{}, fmt.Errorf("%s: the file is empty: %w", path, ErrSound)
	case bytes.HasPrefix(raw, []byte("fLaC")):
		s, err = ReadFLAC(bytes.NewReader(raw))
	case bytes.HasPrefix(raw, []byte("RIFF")):
		s, err = readWAV(raw)
	default:
		s, err = viaFFmpeg(path)
	}
	if err != nil {
		return Sound{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// ReadFLAC decodes a FLAC stream of two channels.
func ReadFLAC(r io.Reader) (Sound, error) {
	stream, err := flac.New(r)
	if err != nil {
		return Sound{}, fmt.Errorf("%w: %w", ErrSound, err)
	}
	if stream.Info.NChannels != 2 {
		return Sound{}, fmt.Errorf("%w: it has %d channels", ErrSound, stream.Info.NChannels)
	}
	s := Sound{Rate: int(stream.Info.SampleRate)}
	shift := int(stream.Info.BitsPerSample) - 16
	for {
		frame, err := stream.ParseNext()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Sound{}, fmt.Errorf("%w: damaged after %.1f s: %w", ErrSound, s.Length().Seconds(), err)
		}
		for c := range s.Channels {
			for _, v := range frame.Subframes[c].Samples {
				s.Channels[c] = append(s.Channels[c], sample16(v, shift))
			}
		}
		if s.Length() > longestSound {
			return Sound{}, fmt.Errorf("%w: longer than %s", ErrSound, longestSound)
		}
	}
	return s, s.check()
}

func sample16(v int32, shift int) int16 {
	if shift > 0 {
		return int16(v >> shift)
	}
	return int16(v << -shift)
}

func (s Sound) check() error {
	switch {
	case s.Rate < 8000 || s.Rate > 192_000:
		return fmt.Errorf("%w: %d samples a second", ErrSound, s.Rate)
	case len(s.Channels[Left]) == 0:
		return fmt.Errorf("%w: there is no sound in it", ErrSound)
	}
	return nil
}

// Formats of WAV (RFC 2361).
const (
	wavPCM        = 1
	wavAlaw       = 6
	wavUlaw       = 7
	wavExtensible = 0xfffe
)

// readWAV decodes 16-bit PCM, mu-law and A-law.
func readWAV(raw []byte) (Sound, error) {
	var format, channels, bits uint16
	var s Sound
	for at := 12; at+8 <= len(raw); {
		id, size := string(raw[at:at+4]), int(binary.LittleEndian.Uint32(raw[at+4:]))
		body := raw[at+8 : min(len(raw), at+8+max(0, size))]
		switch {
		case id == "fmt " && len(body) >= 16:
			format, channels = binary.LittleEndian.Uint16(body), binary.LittleEndian.Uint16(body[2:])
			s.Rate, bits = int(binary.LittleEndian.Uint32(body[4:])), binary.LittleEndian.Uint16(body[14:])
			if format == wavExtensible && len(body) >= 26 {
				format = binary.LittleEndian.Uint16(body[24:])
			}
		case id == "data" && channels != 2:
			return Sound{}, fmt.Errorf("%w: it has %d channels", ErrSound, channels)
		case id == "data":
			if err := s.decode(body, format, bits); err != nil {
				return Sound{}, err
			}
			return s, s.check()
		}
		at += 8 + size + size%2
	}
	return Sound{}, fmt.Errorf("%w: the WAV file ends before its sound", ErrSound)
}

func (s *Sound) decode(body []byte, format, bits uint16) error {
	var sample func(i int) int16
	width := 1
	switch {
	case format == wavPCM && bits == 16:
		width, sample = 2, func(i int) int16 { return int16(binary.LittleEndian.Uint16(body[2*i:])) }
	case format == wavUlaw:
		sample = func(i int) int16 { return g711.Ulaw(body[i]) }
	case format == wavAlaw:
		sample = func(i int) int16 { return g711.Alaw(body[i]) }
	default:
		return fmt.Errorf("%w: WAV format %d with %d bits; 16-bit PCM and G.711 can be read", ErrSound, format, bits)
	}
	frames := len(body) / (2 * width)
	for c := range s.Channels {
		s.Channels[c] = make([]int16, frames)
		for i := range frames {
			s.Channels[c][i] = sample(2*i + c)
		}
	}
	return nil
}

func viaFFmpeg(path string) (Sound, error) {
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		return Sound{}, fmt.Errorf("%w: FLAC and WAV can be read; install ffmpeg for others", ErrSound)
	}
	var complaint strings.Builder
	cmd := exec.Command(program, "-v", "error", "-nostdin", "-i", "file:"+path, "-f", "wav", "-acodec", "pcm_s16le", "-")
	cmd.Stderr = &complaint
	raw, err := cmd.Output()
	if err != nil {
		return Sound{}, fmt.Errorf("%w: %s cannot read it: %s", ErrSound, filepath.Base(program), strings.TrimSpace(complaint.String()))
	}
	return readWAV(raw)
}

// floats are samples as models want them.
func floats(samples []int16) []float32 {
	out := make([]float32, len(samples))
	for i, v := range samples {
		out[i] = float32(v) / 32768
	}
	return out
}
