package speech

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// Version of the protocol; a child with another one is not used.
const Version = 2

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
	Model    string `json:"model,omitempty"`    // what the model folder holds: whisper, sense_voice ...
	Error    string `json:"error,omitempty"`    // why the child cannot serve
}

// Request asks for one thing. What it needs of sound is the frame's body.
type Request struct {
	ID    uint64 `json:"id"`
	Speak *Speak `json:"speak,omitempty"`
	Find  *Find  `json:"find,omitempty"`
	Hear  *Hear  `json:"hear,omitempty"`
}

// Speak asks for a text to be spoken.
type Speak struct {
	Text    string  `json:"text"`    // one sentence
	Speaker int     `json:"speaker"` // from 0
	Speed   float64 `json:"speed"`   // 1 is the voice's own speed, 2 twice as fast
}

// Find asks where in the body's sound somebody speaks. The sound of a channel may come in pieces.
type Find struct {
	Begin bool `json:"begin"` // the first piece
	End   bool `json:"end"`   // the last one
	Rate  int  `json:"rate"`  // samples per second
}

// Hear asks what is said in the body's sound, at most 30 seconds.
type Hear struct {
	Rate int      `json:"rate"`
	Lang []string `json:"lang,omitempty"` // the languages to expect, the likeliest first: zh, en
}

// Reply answers a Request; spoken sound is the frame's body.
type Reply struct {
	ID    uint64 `json:"id"`
	Error string `json:"error,omitempty"`

	Rate   int      `json:"rate,omitempty"`   // of Speak: samples per second
	Voiced []Voiced `json:"voiced,omitempty"` // of Find: what ended in this piece
	Heard  *Heard   `json:"heard,omitempty"`
}

// Voiced is a stretch of speech, in samples from the beginning of the channel.
type Voiced struct {
	Start int64 `json:"start"`
	End   int64 `json:"end"`
}

// Heard is what was said.
type Heard struct {
	Lang   string  `json:"lang"`             // as the model takes it to be
	Sure   float64 `json:"sure"`             // how probable the model holds that, 0 to 1; 0 when it does not say
	Silent float64 `json:"silent,omitempty"` // how probable it is that nothing was said
	Units  []Unit  `json:"units"`
}

// Unit is a character or a word with its time, in milliseconds from the beginning of the sound.
type Unit struct {
	Text  string  `json:"text"`
	Start int     `json:"start"`
	End   int     `json:"end"`
	Sure  float64 `json:"sure,omitempty"` // how probable the model holds it, 0 to 1; 0 when it does not say
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
