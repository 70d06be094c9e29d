package speak

import (
	"encoding/binary"
	"math"
	"os/exec"
	"strings"
	"testing"
)

func TestEspeakSpeaksBothLanguages(t *testing.T) {
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		t.Skip("espeak-ng is not installed")
	}
	e, err := NewEspeak()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Phrase{{Mandarin, "您目前排在第 5 位。請稍候。"}, {English, "You are number 5 in line. -v; --help"}} {
		samples, err := speakWith(t.Context(), p, e.Speak)
		if err != nil {
			t.Fatal(err)
		}
		sound := make([]float32, len(samples))
		for i, v := range samples {
			sound[i] = float32(v) / 32768
		}
		if level := ActiveLevel(sound); math.Abs(level-TargetLevel) > 1 {
			t.Errorf("%s: level %.1f dB", p.Lang, level)
		}
		if seconds := float64(len(samples)) / Rate; seconds < 1.5 || seconds > 8 {
			t.Errorf("%s: %.1f seconds", p.Lang, seconds)
		}
	}
}

// wav is a WAV header with the given coding, channels, rate, bits and length.
func wav(coding, channels uint16, rate uint32, bits uint16, size uint32, data string) string {
	b := []byte("RIFF\xff\xff\xff\x7fWAVEfmt \x10\x00\x00\x00")
	b = binary.LittleEndian.AppendUint16(b, coding)
	b = binary.LittleEndian.AppendUint16(b, channels)
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = append(b, 0, 0, 0, 0, 2, 0)
	b = binary.LittleEndian.AppendUint16(b, bits)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, size)
	return string(b) + data
}

func TestParseWAV(t *testing.T) {
	s, err := parseWAV([]byte(wav(1, 1, 22050, 16, 0x7ffff000, "\x00\x40\x00\xc0")))
	if err != nil || s.Rate != 22050 || len(s.Samples) != 2 || s.Samples[0] != 0.5 || s.Samples[1] != -0.5 {
		t.Errorf("%+v, %v", s, err)
	}
	for want, in := range map[string]string{
		"not a WAV":     "MP3",
		"no sound data": "RIFF\x04\x00\x00\x00WAVE",
		"0 channels":    wav(1, 0, 22050, 16, 4, "abcd"),
		"coding 7":      wav(7, 1, 8000, 8, 4, "abcd"),
		"no sound":      wav(1, 1, 8000, 16, 0, ""),
		"sample rate 0": wav(1, 1, 0, 16, 2, "ab"),
	} {
		if _, err := parseWAV([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

func TestParseWAVOfEveryWidth(t *testing.T) {
	float := string(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, math.Float32bits(0.5)), math.Float32bits(float32(math.NaN()))))
	for name, in := range map[string]string{
		"8 bits":     wav(1, 1, 8000, 8, 2, "\xc0\x80"),
		"16, stereo": wav(1, 2, 44100, 16, 8, "\x00\x60\x00\x20\x00\x00\x00\x00"),
		"24 bits":    wav(1, 1, 48000, 24, 6, "\x00\x00\x40\x00\x00\x00"),
		"32 bits":    wav(1, 1, 48000, 32, 8, "\x00\x00\x00\x40\x00\x00\x00\x00"),
		"float":      wav(3, 1, 96000, 32, 8, float),
	} {
		s, err := parseWAV([]byte(in))
		if err != nil || len(s.Samples) != 2 || math.Abs(float64(s.Samples[0])-0.5) > 0.001 || s.Samples[1] != 0 {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

func FuzzParseWAV(f *testing.F) {
	f.Add([]byte(wav(1, 1, 22050, 16, 4, "abcd")))
	f.Add([]byte("RIFF\x04\x00\x00\x00WAVEfmt \xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := parseWAV(data); err == nil && len(s.Samples) > len(data) {
			t.Errorf("%d samples out of %d bytes", len(s.Samples), len(data))
		}
	})
}
