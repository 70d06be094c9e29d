package recording

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

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

// encode gives the head of a copy: its seek table leads past what changed its length: points stand where such stretches begin and end.
func (h flacHead) encode(anew []hushed, marks []string) []byte {
	info := slices.Clone(h.info)
	if len(anew) > 0 {
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
			for _, f := range anew {
				if f.at-h.first < int64(at) {
					grown += f.size - (f.end - f.at)
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

// position knows how far the file is read.
type position struct {
	r *bufio.Reader
	n int64
}

func (p *position) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.n += int64(n)
	return n, err
}
