package recording

import "encoding/binary"

const (
	// seekTableAt is where the table begins: behind "fLaC" and STREAMINFO (RFC 9639 section 8).
	seekTableAt = 4 + 4 + 34
	// seekPoint is the size of a point in bytes (RFC 9639 section 8.5).
	seekPoint = 18
	// seekEvery is the least number of samples between two points: a second.
	seekEvery = Rate

	// Kinds of metadata blocks, and the mark of the last (RFC 9639 section 8.1).
	blockStreamInfo    = 0
	blockPadding       = 1
	blockSeekTable     = 3
	blockVorbisComment = 4
	lastBlock          = 0x80
)

// seekTable says at which byte the sound of each second begins, so that a player reads from there without searching. How
// long a recording is shows when it is encoded, so room for the longest is left in front of it, and what stays of that is
// padding.
type seekTable struct {
	first  int64 // byte of the first frame
	room   int64 // for points and the header of the padding
	points []byte
	next   int64 // the sample whose frame is noted next
}

func newSeekTable(samples int64) seekTable {
	return seekTable{room: (samples/seekEvery+1)*seekPoint + 4}
}

// add notes a frame that begins with the sample at the byte.
func (t *seekTable) add(sample, at int64, length int) {
	if sample+int64(length) <= t.next || int64(len(t.points))+seekPoint+4 > t.room {
		return
	}
	t.points = binary.BigEndian.AppendUint64(t.points, uint64(sample))
	t.points = binary.BigEndian.AppendUint64(t.points, uint64(at-t.first))
	t.points = binary.BigEndian.AppendUint16(t.points, uint16(length))
	t.next = ((sample+int64(length)-1)/seekEvery + 1) * seekEvery
}

// encode gives the block with its header, and the padding behind it.
func (t *seekTable) encode() []byte {
	if len(t.points) == 0 {
		return append(blockHeader(lastBlock|blockPadding, int(t.room)), make([]byte, t.room)...)
	}
	out := blockHeader(blockSeekTable, len(t.points))
	out = append(out, t.points...)
	rest := int(t.room) - len(t.points) - 4
	return append(append(out, blockHeader(lastBlock|blockPadding, rest)...), make([]byte, rest)...)
}

// blockHeader is that of a metadata block (RFC 9639 section 8.1).
func blockHeader(kind byte, length int) []byte {
	head := binary.BigEndian.AppendUint32(nil, uint32(length))
	head[0] = kind
	return head
}
