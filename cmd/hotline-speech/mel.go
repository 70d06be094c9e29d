//go:build cgo

package main

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Whisper's features (openai/whisper, audio.py): log mel spectra of 25 ms every 10 ms, 16 kHz.
const (
	whisperRate = 16000
	melWindow   = 400
	melHop      = 160
)

// mel makes the features of sound. One goroutine uses it.
type mel struct {
	bands  [][]float64 // weights of each band, by frequency
	window [melWindow]float64
	fft    *fourier.FFT
}

func newMel(bands int) *mel {
	m := &mel{bands: melBands(bands), fft: fourier.NewFFT(melWindow)}
	for i := range m.window { // Hann, periodic
		m.window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/melWindow)
	}
	return m
}

// melBands are Slaney's triangular filters, as librosa makes them, from 0 to 8 kHz.
func melBands(n int) [][]float64 {
	const linear, step = 200.0 / 3, 0.06875177742094912 // Hz a mel below 1 kHz; ln(6.4)/27 above
	toMel := func(hz float64) float64 {
		if hz < 1000 {
			return hz / linear
		}
		return 1000/linear + math.Log(hz/1000)/step
	}
	toHz := func(mel float64) float64 {
		if mel < 1000/linear {
			return mel * linear
		}
		return 1000 * math.Exp((mel-1000/linear)*step)
	}
	edges := make([]float64, n+2)
	for i := range edges {
		edges[i] = toHz(toMel(whisperRate/2) * float64(i) / float64(n+1))
	}
	bands := make([][]float64, n)
	for i := range bands {
		bands[i] = make([]float64, melWindow/2+1)
		for k := range bands[i] {
			hz := float64(k) * whisperRate / melWindow
			rise := (hz - edges[i]) / (edges[i+1] - edges[i])
			fall := (edges[i+2] - hz) / (edges[i+2] - edges[i+1])
			bands[i][k] = max(0, min(rise, fall)) * 2 / (edges[i+2] - edges[i])
		}
	}
	return bands
}

// features returns the spectra band by band (band, frame), for total frames; those after the sound are left at 0, which
// is what Whisper's export for sherpa-onnx was tried with.
func (m *mel) features(sound []float32, total int) []float32 {
	frames := min(len(sound)/melHop, total)
	logs := make([]float64, frames*len(m.bands))
	loudest := math.Inf(-1)
	frame, power := make([]float64, melWindow), make([]float64, melWindow/2+1)
	var spectrum []complex128
	for t := range frames {
		for i := range frame {
			frame[i] = mirrored(sound, t*melHop+i-melWindow/2) * m.window[i]
		}
		spectrum = m.fft.Coefficients(spectrum, frame)
		for k := range power {
			power[k] = real(spectrum[k])*real(spectrum[k]) + imag(spectrum[k])*imag(spectrum[k])
		}
		for b, weights := range m.bands {
			sum := 0.0
			for k, w := range weights {
				if w != 0 {
					sum += w * power[k]
				}
			}
			logs[t*len(m.bands)+b] = math.Log10(max(sum, 1e-10))
			loudest = max(loudest, logs[t*len(m.bands)+b])
		}
	}
	out := make([]float32, len(m.bands)*total)
	for t := range frames {
		for b := range m.bands {
			out[b*total+t] = float32((max(logs[t*len(m.bands)+b], loudest-8) + 4) / 4)
		}
	}
	return out
}

// mirrored reads the sound as if it went on backwards beyond its ends.
func mirrored(sound []float32, i int) float64 {
	if i < 0 {
		i = -i
	}
	if i >= len(sound) {
		i = 2*len(sound) - 2 - i
	}
	if i < 0 || i >= len(sound) {
		return 0
	}
	return float64(sound[i])
}
