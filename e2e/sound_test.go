package e2e

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mewkiz/flac"

	"hotline/cti/id"
	"hotline/internal/g711"
	"hotline/internal/sipphone"
	"hotline/internal/speak"
	"hotline/recording"
	"hotline/recording/seal"
)

// voice makes a sound that telephones carry well and that no other seed resembles: tones that jump about.
func voice(seed uint64, length time.Duration) []int16 {
	rng := rand.New(rand.NewPCG(seed, 7))
	out := make([]int16, int(length.Seconds()*8000))
	var phase, hz, level float64
	for i := range out {
		if i%700 == 0 {
			hz, level = 300+2400*rng.Float64(), 3000+7000*rng.Float64()
			if rng.IntN(6) == 0 {
				level = 0
			}
		}
		phase += 2 * math.Pi * hz / 8000
		out[i] = int16(level * math.Sin(phase))
	}
	return out
}

// prompt is the sound file that callers hear for a text, as Asterisk plays it.
func (s *stack) prompt(lang, text string) []int16 {
	s.t.Helper()
	found, err := filepath.Glob(filepath.Join(s.dir, "sounds", speak.Key(lang, text)+"-*.ulaw"))
	must(s.t, err)
	if len(found) != 1 {
		s.t.Fatalf("prompt %q: %d files", text, len(found))
	}
	return s.sound(strings.TrimSuffix(filepath.Base(found[0]), ".ulaw"))
}

// sound is what a file of the sounds folder holds.
func (s *stack) sound(name string) []int16 {
	s.t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.dir, "sounds", name+".ulaw"))
	must(s.t, err)
	return g711.DecodeUlaw(raw)
}

// sounds is how many files a prompt has.
func (s *stack) sounds(lang, text string) int {
	s.t.Helper()
	found, err := filepath.Glob(filepath.Join(s.dir, "sounds", speak.Key(lang, text)+"-*.ulaw"))
	must(s.t, err)
	return len(found)
}

// heard waits until what arrived at get holds the sound with at least this correlation; it returns when it began.
func (s *stack) heard(what string, get func() []sipphone.Packet, want []int16, least float64, within time.Duration) time.Time {
	s.t.Helper()
	var began time.Time
	eventually(s.t, within, what+" is heard", func() error {
		packets := get()
		wave := sipphone.Wave(packets)
		c, at := sipphone.Match(wave, want)
		if c < least {
			return fmt.Errorf("correlation %.2f in %.1f s of sound (RMS %.0f)", c, float64(len(wave))/8000, sipphone.RMS(wave))
		}
		began = packets[0].Arrived.Add(time.Duration(at) * time.Second / 8000)
		return nil
	})
	return began
}

// vault opens the stack's recordings, as the worker sealed them.
func (s *stack) vault() *recording.Vault {
	s.t.Helper()
	keys, err := seal.Load(seal.Config{KeyFiles: []string{s.masterKey}})
	must(s.t, err)
	return recording.NewVault(recording.NewStore(s.db, filepath.Join(s.dir, "recordings")), s.sealed(), keys)
}

// channels decodes the recording of a leg.
func (s *stack) channels(leg string) (left, right []int16, err error) {
	file, _, err := s.vault().Open(limit(s.t, 10*time.Second), id.LegID(leg))
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }()
	return channels(file)
}

// channels decodes a two-channel FLAC file.
func channels(file io.Reader) (left, right []int16, err error) {
	stream, err := flac.New(file)
	if err != nil {
		return nil, nil, err
	}
	if stream.Info.NChannels != 2 || stream.Info.SampleRate != 8000 {
		return nil, nil, fmt.Errorf("%d channels at %d Hz", stream.Info.NChannels, stream.Info.SampleRate)
	}
	for {
		frame, err := stream.ParseNext()
		if err != nil {
			break
		}
		for i := range frame.Subframes[0].Samples {
			left = append(left, int16(frame.Subframes[0].Samples[i]))
			right = append(right, int16(frame.Subframes[1].Samples[i]))
		}
	}
	return left, right, nil
}
