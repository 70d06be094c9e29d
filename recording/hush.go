package recording

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"sort"
	"time"

	"github.com/mewkiz/flac/frame"
)

// span is a stretch of samples of some channels.
type span struct {
	from, to int64
	channel  [2]bool
}

// spans are the redactions in samples, in order.
func (h flacHead) spans(redactions []Redaction) []span {
	var all []span
	for _, r := range redactions {
		s := span{from: max(0, samples(r.Start)), to: min(samples(r.End), h.total)}
		s.channel[left], s.channel[right] = r.Channel != ChannelRight, r.Channel != ChannelLeft
		if s.from < s.to {
			all = append(all, s)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].from < all[j].from })
	return all
}

func samples(d time.Duration) int64 { return int64(d / (time.Second / Rate)) }

// place is where a frame begins. Those of the seek table, about each second, are known without reading.
type place struct{ number, at int64 }

// places are those that the table knows, and the end of the file.
func (h flacHead) places(sound io.ReadSeeker) ([]place, error) {
	all := []place{{0, h.first}}
	frames := (h.total + h.block - 1) / h.block
	for p := h.points; len(p) > 0; p = p[seekPoint:] {
		sample, at := binary.BigEndian.Uint64(p), binary.BigEndian.Uint64(p[8:])
		if sample == placeholder {
			break // they come last
		}
		next := place{int64(sample) / h.block, h.first + int64(at)}
		switch last := all[len(all)-1]; {
		case sample >= uint64(h.total) || int64(sample)%h.block != 0 || at > uint64(h.size-h.first):
			return nil, errNotOurs
		case next == last: // the first
		case next.number <= last.number || next.at <= last.at:
			return nil, errNotOurs
		default:
			all = append(all, next)
		}
	}
	if len(h.points) == 0 {
		var err error
		if all, err = h.search(sound, frames); err != nil {
			return nil, err
		}
	}
	return append(all, place{frames, h.size}), nil
}

// placeholder is the sample of a point that says nothing (RFC 9639 section 8.5).
const placeholder = 1<<64 - 1

// search finds every frame of a file without a table, by reading all of it.
func (h flacHead) search(sound io.ReadSeeker, frames int64) ([]place, error) {
	if _, err := sound.Seek(h.first, io.SeekStart); err != nil {
		return nil, err
	}
	in := &position{r: bufio.NewReader(sound), n: h.first}
	var all []place
	for number := range frames {
		all = append(all, place{number, in.n})
		if _, err := frame.Parse(in); err != nil {
			return nil, fmt.Errorf("read a frame at byte %d: %w", all[number].at, err)
		}
	}
	return all, nil
}

// hushed is a stretch of frames that are made anew since some of their samples are to be silent.
type hushed struct {
	head        flacHead
	first, last int64 // frames; the last is not of it
	at, end     int64 // in the file
	size        int64 // of the new frames
	spans       []span
}

// hush gives the stretches that redactions touch, from one known place to the next.
func (h flacHead) hush(sound io.ReadSeeker, redactions []Redaction) ([]hushed, error) {
	spans := h.spans(redactions)
	if len(spans) == 0 {
		return nil, nil
	}
	places, err := h.places(sound)
	if err != nil {
		return nil, err
	}
	var all []hushed
	for i, p := range places[:len(places)-1] {
		next := places[i+1]
		made := hushed{head: h, first: p.number, last: next.number, at: p.at, end: next.at}
		for _, s := range spans {
			if s.from < next.number*h.block && s.to > p.number*h.block {
				made.spans = append(made.spans, s)
			}
		}
		if len(made.spans) == 0 {
			continue
		}
		for number := made.first; number < made.last; number++ {
			made.size += made.frameSize(number)
		}
		all = append(all, made)
	}
	return all, nil
}

// frameSize is how long a frame gets: unpacked, since redactions are short, but for channels that are silent from its beginning
// to its end. It does not depend on what is said.
func (s *hushed) frameSize(number int64) int64 {
	n := s.length(number)
	size := int64(len(frameHeader(number, n))) + 2
	for c := range 2 {
		if s.silent(c, number) {
			size += 1 + 2
		} else {
			size += 1 + 2*n
		}
	}
	return size
}

// length is the number of samples of a frame.
func (s *hushed) length(number int64) int64 {
	return min(s.head.block, s.head.total-number*s.head.block)
}

// silent says whether all of a channel is silent in a frame.
func (s *hushed) silent(channel int, number int64) bool {
	from := number * s.head.block
	to := from + s.length(number)
	for _, x := range s.spans {
		if x.channel[channel] && x.from <= from {
			from = max(from, x.to)
		}
	}
	return from >= to
}

// make reads the frames of the file and gives the new ones.
func (s *hushed) make(sound io.ReadSeeker) ([]byte, error) {
	if _, err := sound.Seek(s.at, io.SeekStart); err != nil {
		return nil, err
	}
	in := &position{r: bufio.NewReader(io.LimitReader(sound, s.end-s.at)), n: s.at}
	out := make([]byte, 0, s.size)
	for number := s.first; number < s.last; number++ {
		at := in.n
		f, err := frame.Parse(in)
		if err != nil {
			return nil, fmt.Errorf("read a frame at byte %d: %w", at, err)
		}
		if int64(f.Num) != number || int64(f.BlockSize) != s.length(number) || !f.HasFixedBlockSize || f.Channels != frame.ChannelsLR || f.BitsPerSample != 16 {
			return nil, errNotOurs
		}
		out = s.encode(out, number, f)
	}
	if in.n != s.end || int64(len(out)) != s.size {
		return nil, errNotOurs
	}
	return out, nil
}

// encode adds a frame that is silent where it should be (RFC 9639 section 9.2).
func (s *hushed) encode(out []byte, number int64, f *frame.Frame) []byte {
	begin := len(out)
	out = append(out, frameHeader(number, s.length(number))...)
	for c, sub := range f.Subframes {
		if s.silent(c, number) {
			out = append(out, 0<<1, 0, 0)
			continue
		}
		for _, x := range s.spans {
			from, to := max(x.from-number*s.head.block, 0), min(x.to-number*s.head.block, s.length(number))
			if x.channel[c] && from < to {
				clear(sub.Samples[from:to])
			}
		}
		out = append(out, 1<<1)
		for _, v := range sub.Samples {
			out = binary.BigEndian.AppendUint16(out, uint16(v))
		}
	}
	return binary.BigEndian.AppendUint16(out, crc16(out[begin:]))
}

// frameHeader is that of a frame of two channels of 16 bits, as the encoder of this program writes them (RFC 9639 section 9.1).
func frameHeader(number, length int64) []byte {
	out := []byte{0xff, 0xf8, 12<<4 | rateCode, 1<<4 | 4<<1}
	if length != block {
		out[2] = 7<<4 | rateCode
	}
	out = appendNumber(out, uint64(number))
	if length != block {
		out = binary.BigEndian.AppendUint16(out, uint16(length-1))
	}
	return append(out, crc8(out))
}

// rateCode is 8,000 Hz.
const rateCode = 4

// appendNumber writes a frame's number like UTF-8, in up to seven bytes.
func appendNumber(out []byte, n uint64) []byte {
	if n < 0x80 {
		return append(out, byte(n))
	}
	more := 1
	for n >= 1<<(5*more+6) {
		more++
	}
	out = append(out, byte(0xff<<(7-more)&0xff)|byte(n>>(6*more)))
	for ; more > 0; more-- {
		out = append(out, 0x80|byte(n>>(6*(more-1)))&0x3f)
	}
	return out
}

// crc8 is the checksum of a frame's header.
func crc8(data []byte) (sum byte) {
	for _, b := range data {
		sum ^= b
		for range 8 {
			carry := sum&0x80 != 0
			if sum <<= 1; carry {
				sum ^= 0x07
			}
		}
	}
	return sum
}

var crcTable = func() (table [256]uint16) {
	for i := range table {
		sum := uint16(i) << 8
		for range 8 {
			carry := sum&0x8000 != 0
			if sum <<= 1; carry {
				sum ^= 0x8005
			}
		}
		table[i] = sum
	}
	return table
}()

// crc16 is the checksum of a frame (RFC 9639 section 9.3).
func crc16(data []byte) (sum uint16) {
	for _, b := range data {
		sum = sum<<8 ^ crcTable[byte(sum>>8)^b]
	}
	return sum
}
