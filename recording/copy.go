package recording

import (
	"errors"
	"fmt"
	"io"
	"sort"
)

// Copy is how a recording is given to somebody: with silence where others spoke of what is not theirs to hear, and with
// marks that say who took it. The kept file is not changed.
type Copy struct {
	Redactions []Redaction
	Marks      []string // NAME=value, Vorbis comments (RFC 9639 section 8.6)
}

// Of returns the copy of a FLAC file that Finish made. Closing the copy closes the file.
//
// How long each stretch of it is follows from the redactions and the file's seek table alone, so a range of the copy costs no more
// than the sound in it: frames are made anew when they are read, and nothing needs to be remembered for the next range to fit.
func (c Copy) Of(sound io.ReadSeekCloser) (io.ReadSeekCloser, error) {
	if len(c.Redactions) == 0 && len(c.Marks) == 0 {
		return sound, nil
	}
	head, err := readHead(sound)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("copy a recording: %w", err), sound.Close())
	}
	hushed, err := head.hush(sound, c.Redactions)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("copy a recording: %w", err), sound.Close())
	}
	out := &spliced{sound: sound, made: -1}
	out.add(piece{data: head.encode(hushed, c.Marks)})
	at := head.first
	for i := range hushed {
		h := &hushed[i]
		out.add(piece{at: at, length: h.at - at})
		out.add(piece{hushed: h, length: h.size})
		at = h.end
	}
	out.add(piece{at: at, length: head.size - at})
	return out, nil
}

// piece is a stretch of a copy: its own data, frames that are made anew, or a stretch of the file.
type piece struct {
	start  int64 // in the copy
	data   []byte
	hushed *hushed
	at     int64
	length int64
}

// spliced is a file put together of pieces.
type spliced struct {
	sound  io.ReadSeekCloser
	pieces []piece
	size   int64
	pos    int64
	made   int // the piece that was made last, since it is read in several goes
	anew   []byte
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
	if p.hushed != nil {
		if s.made != i {
			anew, err := p.hushed.make(s.sound)
			if err != nil {
				return 0, fmt.Errorf("copy a recording: %w", err)
			}
			s.made, s.anew = i, anew
		}
		p.data = s.anew
	}
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
