package recording

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/mewkiz/flac/frame"
)

// Copy is how a recording is given to somebody: with silence where others spoke of what is not theirs to hear, and with
// marks that say who took it. The kept file is not changed.
type Copy struct {
	Redactions []Redaction
	Marks      []string // NAME=value, Vorbis comments (RFC 9639 section 8.6)
}

// Copies makes copies, and remembers for a while what it silenced: a player asks for the same one again and again. Its
// zero value is ready.
type Copies struct {
	mu    sync.Mutex
	known map[string]*silenced
	order []string // of known, the oldest first
	bytes int
}

// copiesBytes bounds what Copies remembers: the card numbers of some hundred calls.
const copiesBytes = 64 << 20

// silenced is what a file is made of when its redactions are silent.
type silenced struct {
	head    flacHead
	changed []changedFrame
}

// Of returns the copy of a FLAC file that Finish made, and reads no more of the file than what is redacted. key names the
// file and the redactions. Closing the copy closes the file.
func (c *Copies) Of(key string, copied Copy, sound io.ReadSeekCloser) (io.ReadSeekCloser, error) {
	if len(copied.Redactions) == 0 && len(copied.Marks) == 0 {
		return sound, nil
	}
	s := c.remembered(key)
	if s == nil {
		head, err := readHead(sound)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("copy a recording: %w", err), sound.Close())
		}
		changed, err := head.silence(sound, copied.Redactions)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("copy a recording: %w", err), sound.Close())
		}
		s = &silenced{head, changed}
		c.remember(key, s)
	}
	out := &spliced{sound: sound}
	out.add(piece{data: s.head.encode(s.changed, copied.Marks)})
	at := s.head.first
	for _, f := range s.changed {
		out.add(piece{at: at, length: f.at - at})
		out.add(piece{data: f.data})
		at = f.at + f.length
	}
	out.add(piece{at: at, length: s.head.size - at})
	return out, nil
}

func (c *Copies) remembered(key string) *silenced {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known[key]
}

func (c *Copies) remember(key string, s *silenced) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[string]*silenced{}
	}
	if c.known[key] != nil || s.bytes() > copiesBytes {
		return
	}
	c.known[key] = s
	c.order = append(c.order, key)
	for c.bytes += s.bytes(); c.bytes > copiesBytes; c.order = c.order[1:] {
		c.bytes -= c.known[c.order[0]].bytes()
		delete(c.known, c.order[0])
	}
}

func (s *silenced) bytes() int {
	n := len(s.head.points) + 1024
	for _, f := range s.changed {
		n += len(f.data)
	}
	return n
}

// flacHead is what stands before the frames.
type flacHead struct {
	info   []byte // STREAMINFO
	points []byte // of the seek table
	first  int64  // byte of the first frame
	size   int64  // of the file
	block  int64  // samples of each frame but the last
	total  int64  // samples
}

var errNotOurs = errors.New("the file is no FLAC file as this program makes them")

func readHead(sound io.ReadSeeker) (flacHead, error) {
	var h flacHead
	size, err := sound.Seek(0, io.SeekEnd)
	if err != nil {
		return h, err
	}
	if _, err := sound.Seek(0, io.SeekStart); err != nil {
		return h, err
	}
	in := &position{r: bufio.NewReaderSize(sound, 4096)}
	magic := make([]byte, 4)
	if _, err := io.ReadFull(in, magic); err != nil || string(magic) != "fLaC" {
		return h, errNotOurs
	}
	for last := false; !last; {
		header := make([]byte, 4)
		if _, err := io.ReadFull(in, header); err != nil {
			return h, errNotOurs
		}
		last = header[0]&lastBlock != 0
		kind, length := header[0]&^lastBlock, int64(binary.BigEndian.Uint32(header)&0xffffff)
		if in.n+length > size {
			return h, errNotOurs
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			return h, errNotOurs
		}
		switch kind {
		case blockStreamInfo:
			h.info = body
		case blockSeekTable:
			h.points = body
		}
	}
	h.first, h.size = in.n, size
	if len(h.info) != 34 || len(h.points)%seekPoint != 0 {
		return h, errNotOurs
	}
	h.block = int64(binary.BigEndian.Uint16(h.info[2:]))
	packed := binary.BigEndian.Uint64(h.info[10:]) // 20 bits of rate, 3 of channels, 5 of bits, 36 of samples
	h.total = int64(packed & (1<<36 - 1))
	if h.block < 16 || int64(binary.BigEndian.Uint16(h.info)) != h.block || packed>>44 != Rate || packed>>36&0xff != 1<<5|15 {
		return h, errNotOurs
	}
	return h, nil
}

// encode gives the head of a copy: its seek table leads past the frames that changed their length.
func (h flacHead) encode(changed []changedFrame, marks []string) []byte {
	info := slices.Clone(h.info)
	if len(changed) > 0 {
		clear(info[4:10]) // sizes of frames and the hash of the sound: not known
		clear(info[18:34])
	}
	out := append([]byte("fLaC"), blockHeader(blockStreamInfo, len(info))...)
	out = append(out, info...)
	if len(h.points) > 0 {
		points := slices.Clone(h.points)
		for p := points; len(p) > 0; p = p[seekPoint:] {
			at := binary.BigEndian.Uint64(p[8:])
			grown := int64(0)
			for _, f := range changed {
				if f.at-h.first < int64(at) {
					grown += int64(len(f.data)) - f.length
				}
			}
			binary.BigEndian.PutUint64(p[8:], uint64(int64(at)+grown))
		}
		out = append(append(out, blockHeader(blockSeekTable, len(points))...), points...)
	}
	comment := vorbisComment(marks)
	return append(append(out, blockHeader(lastBlock|blockVorbisComment, len(comment))...), comment...)
}

func vorbisComment(marks []string) []byte {
	text := func(out []byte, s string) []byte {
		return append(binary.LittleEndian.AppendUint32(out, uint32(len(s))), s...)
	}
	out := text(nil, "hotline")
	out = binary.LittleEndian.AppendUint32(out, uint32(len(marks)))
	for _, m := range marks {
		out = text(out, m)
	}
	return out
}

// changedFrame takes the place of a frame.
type changedFrame struct {
	at, length int64 // of the frame in the file
	data       []byte
}

// span is a stretch of samples of some channels.
type span struct {
	from, to int64
	channel  [2]bool
}

// silence makes the frames that redactions touch anew.
func (h flacHead) silence(sound io.ReadSeeker, redactions []Redaction) ([]changedFrame, error) {
	var spans []span
	for _, r := range redactions {
		s := span{from: max(0, samples(r.Start)), to: min(samples(r.End), h.total)}
		s.channel[left], s.channel[right] = r.Channel != ChannelRight, r.Channel != ChannelLeft
		if s.from < s.to {
			spans = append(spans, s)
		}
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i].from < spans[j].from })
	var changed []changedFrame
	for i := 0; i < len(spans); {
		// Spans that touch the same frames are done together.
		end, j := (spans[i].to-1)/h.block, i+1
		for j < len(spans) && spans[j].from/h.block <= end {
			end = max(end, (spans[j].to-1)/h.block)
			j++
		}
		more, err := h.silenceFrames(sound, spans[i].from/h.block, end, spans[i:j])
		if err != nil {
			return nil, err
		}
		changed = append(changed, more...)
		i = j
	}
	return changed, nil
}

func samples(d time.Duration) int64 { return int64(d / (time.Second / Rate)) }

// silenceFrames makes the frames from first to last anew.
func (h flacHead) silenceFrames(sound io.ReadSeeker, first, last int64, spans []span) ([]changedFrame, error) {
	in, err := h.seek(sound, first)
	if err != nil {
		return nil, err
	}
	var changed []changedFrame
	for {
		at := in.n
		in.seen = in.seen[:0]
		f, err := frame.Parse(in)
		if err != nil {
			return nil, fmt.Errorf("read a frame at byte %d: %w", at, err)
		}
		number := int64(f.Num)
		if number < first {
			continue
		}
		if number > last || !f.HasFixedBlockSize || f.Channels != frame.ChannelsLR || f.BitsPerSample != 16 {
			return nil, errNotOurs
		}
		for _, s := range spans {
			from, to := max(s.from-number*h.block, 0), min(s.to-number*h.block, int64(f.BlockSize))
			for c := range s.channel {
				if s.channel[c] && from < to {
					clear(f.Subframes[c].Samples[from:to])
				}
			}
		}
		changed = append(changed, changedFrame{at: at, length: in.n - at, data: encodeFrame(in.seen, f)})
		if number == last {
			return changed, nil
		}
	}
}

// seek goes to the last frame that the table knows before the wanted one.
func (h flacHead) seek(sound io.ReadSeeker, number int64) (*position, error) {
	at := h.first
	for p := h.points; len(p) > 0; p = p[seekPoint:] {
		if sample := binary.BigEndian.Uint64(p); sample > uint64(number*h.block) {
			break // placeholders come last and are the largest
		}
		at = h.first + int64(binary.BigEndian.Uint64(p[8:]))
	}
	if at < h.first || at > h.size {
		return nil, errNotOurs
	}
	if _, err := sound.Seek(at, io.SeekStart); err != nil {
		return nil, err
	}
	return &position{r: bufio.NewReader(sound), n: at}, nil
}

// position knows how far the file is read, and what was read last.
type position struct {
	r    *bufio.Reader
	n    int64
	seen []byte
}

func (p *position) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.n += int64(n)
	if len(p.seen) < maxFrameHeader {
		p.seen = append(p.seen, b[:n]...)
	}
	return n, err
}

// maxFrameHeader is the longest header of a frame in bytes (RFC 9639 section 9.1).
const maxFrameHeader = 16

// encodeFrame writes the samples behind the old header, unpacked: redactions are short.
func encodeFrame(header []byte, f *frame.Frame) []byte {
	out := slices.Clone(header[:frameHeaderLength(header)])
	for _, s := range f.Subframes {
		if constant(s.Samples) {
			out = binary.BigEndian.AppendUint16(append(out, 0<<1), uint16(s.Samples[0]))
			continue
		}
		out = append(out, 1<<1)
		for _, v := range s.Samples {
			out = binary.BigEndian.AppendUint16(out, uint16(v))
		}
	}
	return binary.BigEndian.AppendUint16(out, crc16(out))
}

// crc16 is the checksum of a frame (RFC 9639 section 9.3).
func crc16(data []byte) (sum uint16) {
	for _, b := range data {
		sum ^= uint16(b) << 8
		for range 8 {
			carry := sum&0x8000 != 0
			if sum <<= 1; carry {
				sum ^= 0x8005
			}
		}
	}
	return sum
}

// frameHeaderLength is that of a header that was parsed already (RFC 9639 section 9.1).
func frameHeaderLength(h []byte) int {
	n := 4 + 1 + 1 // fixed part, first byte of the number, checksum
	for b := h[4] << 1; h[4]&0x80 != 0 && b&0x80 != 0; b <<= 1 {
		n++
	}
	switch h[2] >> 4 {
	case 6:
		n++
	case 7:
		n += 2
	}
	switch h[2] & 0xf {
	case 12:
		n++
	case 13, 14:
		n += 2
	}
	return n
}

// piece is a stretch of a copy: its own data, or a stretch of the file.
type piece struct {
	start  int64 // in the copy
	data   []byte
	at     int64
	length int64
}

// spliced is a file put together of pieces.
type spliced struct {
	sound  io.ReadSeekCloser
	pieces []piece
	size   int64
	pos    int64
}

func (s *spliced) add(p piece) {
	if p.data != nil {
		p.length = int64(len(p.data))
	}
	if p.length <= 0 {
		return
	}
	p.start = s.size
	s.pieces = append(s.pieces, p)
	s.size += p.length
}

func (s *spliced) Close() error { return s.sound.Close() }

func (s *spliced) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.pos
	case io.SeekEnd:
		offset += s.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning")
	}
	s.pos = offset
	return offset, nil
}

func (s *spliced) Read(b []byte) (int, error) {
	if s.pos >= s.size {
		return 0, io.EOF
	}
	i := sort.Search(len(s.pieces), func(i int) bool { return s.pieces[i].start > s.pos }) - 1
	p := s.pieces[i]
	off := s.pos - p.start
	if p.data != nil {
		n := copy(b, p.data[off:])
		s.pos += int64(n)
		return n, nil
	}
	if _, err := s.sound.Seek(p.at+off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := s.sound.Read(b[:min(int64(len(b)), p.length-off)])
	s.pos += int64(n)
	if errors.Is(err, io.EOF) && s.pos < s.size && n > 0 {
		err = nil
	}
	return n, err
}
