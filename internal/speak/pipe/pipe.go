// Package pipe is the protocol between hotline and its child hotline-speech, on
// the child's standard input and output.
//
// Each message is one frame, little endian:
//
//	uint32  length of the JSON head in bytes, at most MaxHead
//	uint32  length of the body in bytes, at most MaxBody
//	head    one JSON object
//	body    raw sound, IEEE 754 float32 samples from -1 to 1; often empty
//
// The child speaks first, with a Hello when its model is loaded or one with an
// Error when it cannot be. Then each Request gets one Reply with the same ID, in
// order. Unknown members of a head are ignored, so that neighbouring versions
// work together. The child ends when its input ends.
package pipe

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// Version of the protocol; a child with another one is not used.
const Version = 1

// Limits of a frame in bytes: ten minutes of sound at 48 kHz fit.
const (
	MaxHead = 1 << 20
	MaxBody = 4 * 48000 * 600
)

// Hello is the child's first message.
type Hello struct {
	Version  int    `json:"version"`
	Library  string `json:"library,omitempty"`  // version of sherpa-onnx
	Speakers int    `json:"speakers,omitempty"` // of the voice folder, numbered from 0
	Error    string `json:"error,omitempty"`    // why the child cannot serve
}

// Request asks for a text to be spoken.
type Request struct {
	ID      uint64  `json:"id"`
	Speak   string  `json:"speak"`   // the text, one sentence
	Speaker int     `json:"speaker"` // from 0
	Speed   float64 `json:"speed"`   // 1 is the voice's own speed, 2 twice as fast
}

// Reply answers a Request; the sound is the frame's body.
type Reply struct {
	ID    uint64 `json:"id"`
	Rate  int    `json:"rate,omitempty"` // samples per second
	Error string `json:"error,omitempty"`
}

// Write sends one frame with a single Write call.
func Write(w io.Writer, head any, samples []float32) error {
	text, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("encode frame: %w", err)
	}
	if len(text) > MaxHead || 4*len(samples) > MaxBody {
		return fmt.Errorf("frame too large: head %d bytes, %d samples", len(text), len(samples))
	}
	frame := make([]byte, 8, 8+len(text)+4*len(samples))
	binary.LittleEndian.PutUint32(frame, uint32(len(text)))
	binary.LittleEndian.PutUint32(frame[4:], uint32(4*len(samples)))
	frame = append(frame, text...)
	for _, s := range samples {
		frame = binary.LittleEndian.AppendUint32(frame, math.Float32bits(s))
	}
	_, err = w.Write(frame)
	return err
}

// Read receives one frame into head and returns its samples. At the end of the
// stream, between two frames, the error is io.EOF.
func Read(r io.Reader, head any) ([]float32, error) {
	var sizes [8]byte
	if _, err := io.ReadFull(r, sizes[:]); err != nil {
		return nil, err
	}
	n, m := binary.LittleEndian.Uint32(sizes[:]), binary.LittleEndian.Uint32(sizes[4:])
	if n > MaxHead || m > MaxBody || m%4 != 0 {
		return nil, fmt.Errorf("bad frame: head of %d bytes, body of %d", n, m)
	}
	// Memory grows with what arrives, not with what a broken header promises.
	var frame bytes.Buffer
	if _, err := io.CopyN(&frame, r, int64(n)+int64(m)); err != nil {
		return nil, fmt.Errorf("frame cut short: %w", io.ErrUnexpectedEOF)
	}
	buf := frame.Bytes()
	if err := json.Unmarshal(buf[:n], head); err != nil {
		return nil, fmt.Errorf("decode frame: %w", err)
	}
	samples := make([]float32, m/4)
	for i := range samples {
		samples[i] = math.Float32frombits(binary.LittleEndian.Uint32(buf[int(n)+4*i:]))
	}
	return samples, nil
}
