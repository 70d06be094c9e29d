package recording

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"os"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
)

// block is the number of samples of each channel in a FLAC frame (about half a second).
const block = 4096

// partOrder makes 2^5 Rice partitions of 128 samples in a block, since speech changes in tens of milliseconds.
const partOrder = 5

// noise is the mean residual from which Rice codes are longer than the 16 bits of a sample: about 2^13.5.
const noise = 11585

// encoder writes two channels of 16 bits as FLAC (RFC 9639).
type encoder struct {
	file    *os.File
	out     *counted
	enc     *flac.Encoder
	channel [2][]int32
	frames  int64
	peaks   *peakMeter
	seek    seekTable
}

// counted says how far the file is written, and hides its Close from flac.Encoder, which would close it before it is
// synced.
type counted struct {
	io.WriteSeeker
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.WriteSeeker.Write(p)
	c.n += int64(n)
	return n, err
}

// newEncoder begins a file that will hold at most so many samples.
func newEncoder(f *os.File, atMost int64) (*encoder, error) {
	out, seek := &counted{WriteSeeker: f}, newSeekTable(atMost)
	enc, err := flac.NewEncoder(out, &meta.StreamInfo{
		BlockSizeMin: block, BlockSizeMax: block, SampleRate: Rate, NChannels: 2, BitsPerSample: 16,
	}, &meta.Block{Header: meta.Header{Type: meta.TypePadding, Length: seek.room}})
	if err != nil {
		return nil, fmt.Errorf("begin FLAC: %w", err)
	}
	enc.EnablePredictionAnalysis(false) // ours is faster, and packs speech closer
	seek.first = out.n
	return &encoder{file: f, out: out, enc: enc, peaks: newPeakMeter(), seek: seek}, nil
}

func (e *encoder) add(l, r int16) error {
	e.channel[left] = append(e.channel[left], int32(l))
	e.channel[right] = append(e.channel[right], int32(r))
	e.peaks.add(l, r)
	e.frames++
	if len(e.channel[left]) < block {
		return nil
	}
	return e.block()
}

func (e *encoder) block() error {
	n := len(e.channel[left])
	if n == 0 {
		return nil
	}
	e.seek.add(e.frames-int64(n), e.out.n, n)
	f := &frame.Frame{Header: frame.Header{
		HasFixedBlockSize: true, BlockSize: uint16(n), SampleRate: Rate, Channels: frame.ChannelsLR, BitsPerSample: 16,
	}}
	for i := range e.channel {
		f.Subframes = append(f.Subframes, predict(e.channel[i]))
	}
	if err := e.enc.WriteFrame(f); err != nil {
		return fmt.Errorf("write FLAC frame: %w", err)
	}
	for i := range e.channel {
		e.channel[i] = e.channel[i][:0]
	}
	return nil
}

// close completes the file and leaves it open.
func (e *encoder) close() error {
	if err := e.block(); err != nil {
		return err
	}
	if err := e.enc.Close(); err != nil {
		return fmt.Errorf("end FLAC: %w", err)
	}
	// The encoder counts the last, shorter block as the smallest. RFC 9639 section 8.2 leaves it out, and a stream of one
	// block size must give that size twice, or decoders cannot seek in it.
	size := binary.BigEndian.AppendUint16(nil, block)
	if _, err := e.file.WriteAt(append(size, size...), 8); err != nil {
		return fmt.Errorf("end FLAC: %w", err)
	}
	if _, err := e.file.WriteAt(e.seek.encode(), seekTableAt); err != nil {
		return fmt.Errorf("end FLAC: %w", err)
	}
	return nil
}

// predict chooses the fixed predictor (RFC 9639 section 9.2.5) with the smallest sum of residuals, and a Rice parameter
// for each partition from the mean of its residuals.
func predict(samples []int32) *frame.Subframe {
	sub := &frame.Subframe{Samples: samples, NSamples: len(samples)}
	if constant(samples) {
		sub.Pred = frame.PredConstant
		return sub
	}
	if len(samples) != block {
		sub.Pred = frame.PredVerbatim
		return sub
	}
	best, residual := 0, samples
	smallest := sum(samples[4:])
	previous := samples
	for order := 1; order <= 4; order++ {
		next := make([]int32, block)
		for i := order; i < block; i++ {
			next[i] = previous[i] - previous[i-1]
		}
		if s := sum(next[4:]); s < smallest {
			best, residual, smallest = order, next, s
		}
		previous = next
	}
	if smallest/block > noise {
		sub.Pred = frame.PredVerbatim
		return sub
	}
	sub.Pred, sub.Order = frame.PredFixed, best
	sub.ResidualCodingMethod = frame.ResidualCodingMethodRice2
	sub.RiceSubframe = &frame.RiceSubframe{PartOrder: partOrder}
	const size = block >> partOrder
	for p := range 1 << partOrder {
		// The best parameter is about log2(2 ln 2 x the mean).
		mean := sum(residual[max(p*size, best):(p+1)*size]) * 7 / (5 * size)
		param := max(0, bits.Len64(uint64(mean))-1)
		sub.RiceSubframe.Partitions = append(sub.RiceSubframe.Partitions, frame.RicePartition{Param: uint(param)})
	}
	return sub
}

func constant(samples []int32) bool {
	for _, s := range samples {
		if s != samples[0] {
			return false
		}
	}
	return true
}

func sum(residual []int32) (total int64) {
	for _, r := range residual {
		total += int64(max(r, -r))
	}
	return total
}
