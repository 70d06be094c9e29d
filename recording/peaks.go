package recording

import (
	"encoding/binary"
	"errors"
)

// maxPeaks bounds the points of a waveform: more than a screen is wide, and 8 KB.
const maxPeaks = 2000

// Peaks is the waveform of a recording: the lowest and highest value of each step, in turn, -128 to 127 being full scale.
type Peaks struct {
	Rate  int    `json:"rate"` // samples a second, always 8000
	Step  int    `json:"step"` // samples a point
	Left  []int8 `json:"left"` // min, max, min, max...
	Right []int8 `json:"right"`
}

const peaksVersion = 1

// MarshalBinary gives the form stored in table recordings: version, three zero bytes, the step as uint32 LE, and for each
// point four bytes, the lowest and highest of left and of right.
func (p Peaks) MarshalBinary() ([]byte, error) {
	if len(p.Left) != len(p.Right) || len(p.Left)%2 != 0 {
		return nil, errors.New("encode peaks: channels differ in length")
	}
	out := make([]byte, 8, 8+2*len(p.Left))
	out[0] = peaksVersion
	binary.LittleEndian.PutUint32(out[4:], uint32(p.Step))
	for i := 0; i < len(p.Left); i += 2 {
		out = append(out, byte(p.Left[i]), byte(p.Left[i+1]), byte(p.Right[i]), byte(p.Right[i+1]))
	}
	return out, nil
}

// UnmarshalBinary undoes MarshalBinary.
func (p *Peaks) UnmarshalBinary(data []byte) error {
	if len(data) < 8 || data[0] != peaksVersion || len(data)%4 != 0 {
		return errors.New("decode peaks: not peaks of a known version")
	}
	*p = Peaks{Rate: Rate, Step: int(binary.LittleEndian.Uint32(data[4:])), Left: []int8{}, Right: []int8{}}
	for data = data[8:]; len(data) > 0; data = data[4:] {
		p.Left = append(p.Left, int8(data[0]), int8(data[1]))
		p.Right = append(p.Right, int8(data[2]), int8(data[3]))
	}
	return nil
}

// peakMeter gathers Peaks of a stream whose length is not known beforehand: it begins with 50 points a second, and halves
// their number whenever there are twice as many as wanted.
type peakMeter struct {
	step, filled int
	now          [4]int8 // min, max of left; min, max of right
	points       [][4]int8
}

func newPeakMeter() *peakMeter { return &peakMeter{step: Rate / 50} }

func (m *peakMeter) add(l, r int16) {
	a, b := int8(l>>8), int8(r>>8)
	if m.filled == 0 {
		m.now = [4]int8{a, a, b, b}
	} else {
		m.now = join(m.now, [4]int8{a, a, b, b})
	}
	if m.filled++; m.filled < m.step {
		return
	}
	m.end()
}

func (m *peakMeter) end() {
	m.points = append(m.points, m.now)
	m.filled = 0
	if len(m.points) < 2*maxPeaks {
		return
	}
	for i := range maxPeaks {
		m.points[i] = join(m.points[2*i], m.points[2*i+1])
	}
	m.points = m.points[:maxPeaks]
	m.step *= 2
}

func join(a, b [4]int8) [4]int8 {
	return [4]int8{min(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), max(a[3], b[3])}
}

func (m *peakMeter) peaks() Peaks {
	if m.filled > 0 {
		m.end()
	}
	// Wanted are at most maxPeaks; while gathering there may be twice as many.
	if len(m.points) > maxPeaks {
		for i := range (len(m.points) + 1) / 2 {
			m.points[i] = join(m.points[2*i], m.points[min(2*i+1, len(m.points)-1)])
		}
		m.points = m.points[:(len(m.points)+1)/2]
		m.step *= 2
	}
	p := Peaks{Rate: Rate, Step: m.step, Left: []int8{}, Right: []int8{}}
	for _, q := range m.points {
		p.Left = append(p.Left, q[0], q[1])
		p.Right = append(p.Right, q[2], q[3])
	}
	return p
}
