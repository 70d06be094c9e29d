package asr

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
)

// stereoWAV is a WAV file of two channels.
func stereoWAV(format, bits, channels uint16, data []byte) []byte {
	le := binary.LittleEndian
	out := append([]byte("RIFF"), le.AppendUint32(nil, uint32(36+len(data)))...)
	out = append(out, "WAVEfmt "...)
	out = le.AppendUint32(out, 16)
	out = le.AppendUint16(le.AppendUint16(out, format), channels)
	out = le.AppendUint32(le.AppendUint32(out, 8000), 8000*uint32(channels)*uint32(bits)/8)
	out = le.AppendUint16(le.AppendUint16(out, channels*bits/8), bits)
	out = append(out, "LIST"...)
	out = append(le.AppendUint32(out, 3), 'a', 'b', 'c', 0) // an odd chunk is padded
	out = append(out, "data"...)
	return append(le.AppendUint32(out, uint32(len(data))), data...)
}

func stereoFLAC(t *testing.T, left, right []int16) []byte {
	t.Helper()
	var b bytes.Buffer
	enc, err := flac.NewEncoder(&b, &meta.StreamInfo{BlockSizeMin: 16, BlockSizeMax: 65535, SampleRate: 8000, NChannels: 2, BitsPerSample: 16})
	if err != nil {
		t.Fatal(err)
	}
	f := &frame.Frame{Header: frame.Header{HasFixedBlockSize: false, BlockSize: uint16(len(left)), SampleRate: 8000, Channels: frame.ChannelsLR, BitsPerSample: 16}}
	for _, samples := range [][]int16{left, right} {
		s := &frame.Subframe{SubHeader: frame.SubHeader{Pred: frame.PredVerbatim}, NSamples: len(samples)}
		for _, v := range samples {
			s.Samples = append(s.Samples, int32(v))
		}
		f.Subframes = append(f.Subframes, s)
	}
	if err := errors.Join(enc.WriteFrame(f), enc.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSoundFiles(t *testing.T) {
	left, right := make([]int16, 64), make([]int16, 64)
	var pcm []byte
	for i := range left {
		left[i], right[i] = int16(100*i), int16(-100*i)
		pcm = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(pcm, uint16(left[i])), uint16(right[i]))
	}
	for name, raw := range map[string][]byte{
		"a.wav": stereoWAV(wavPCM, 16, 2, pcm), "b.flac": stereoFLAC(t, left, right),
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := ReadFile(path)
		if err != nil || s.Rate != 8000 || !slices.Equal(s.Channels[Left], left) || !slices.Equal(s.Channels[Right], right) || s.Length().Milliseconds() != 8 {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	ulaw := stereoWAV(wavUlaw, 8, 2, []byte{0xff, 0x80, 0x7f, 0x00})
	if s, err := readWAV(ulaw); err != nil || s.Channels[Left][0] != 0 || s.Channels[Right][0] != 32124 || s.Channels[Right][1] != -32124 {
		t.Errorf("%v, %v", s, err)
	}
}

func TestWhatIsNoRecordingIsTold(t *testing.T) {
	whole := stereoFLAC(t, make([]int16, 64), make([]int16, 64))
	for name, raw := range map[string][]byte{
		"empty.flac":     {},
		"cut.flac":       whole[:len(whole)/2],
		"head only.flac": whole[:20],
		"mono.wav":       stereoWAV(wavPCM, 16, 1, make([]byte, 20)),
		"24 bit.wav":     stereoWAV(wavPCM, 24, 2, make([]byte, 24)),
		"silent.wav":     stereoWAV(wavPCM, 16, 2, nil),
		"cut.wav":        stereoWAV(wavPCM, 16, 2, make([]byte, 20))[:30],
		"text.txt":       []byte("Dear customer, this call may be recorded."),
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadFile(path); !errors.Is(err, ErrSound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadFile("/nowhere.flac"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func FuzzReadWAV(f *testing.F) {
	f.Add(stereoWAV(wavPCM, 16, 2, make([]byte, 8)))
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if s, err := readWAV(raw); err == nil && len(s.Channels[Left]) != len(s.Channels[Right]) {
			t.Error("channels of different lengths")
		}
	})
}
