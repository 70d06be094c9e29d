package pack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
)

// blockSize of the encoder in samples. The encoder has one Rice parameter a block,
// so blocks as short as the sounds of speech compress best.
const blockSize = 512

// shortestBlock is the smallest that a stream may announce (RFC 9639, 8.2).
const shortestBlock = 16

// EncodeFLAC compresses 8 kHz mono sound without loss. Where the last block would
// be shorter than FLAC allows, up to 15 samples of silence are appended.
func EncodeFLAC(samples []int16) ([]byte, error) {
	if len(samples) == 0 {
		return nil, errors.New("encode FLAC: no sound")
	}
	if last := len(samples) % blockSize; last > 0 && last < shortestBlock {
		samples = append(slices.Clip(samples), make([]int16, shortestBlock-last)...)
	}
	var out seekBuffer
	info := &meta.StreamInfo{
		BlockSizeMin: blockSize, BlockSizeMax: blockSize,
		SampleRate: Rate, NChannels: 1, BitsPerSample: 16, NSamples: uint64(len(samples)),
	}
	enc, err := flac.NewEncoder(&out, info)
	if err != nil {
		return nil, fmt.Errorf("encode FLAC: %w", err)
	}
	enc.EnablePredictionAnalysis(true)
	for at := 0; at < len(samples); at += blockSize {
		part := samples[at:min(at+blockSize, len(samples))]
		sub := &frame.Subframe{NSamples: len(part), Samples: make([]int32, len(part))}
		// The encoder looks for a better prediction only where it finds this one.
		sub.Pred = frame.PredVerbatim
		for i, v := range part {
			sub.Samples[i] = int32(v)
		}
		f := &frame.Frame{
			Header: frame.Header{
				HasFixedBlockSize: true, BlockSize: uint16(len(part)),
				SampleRate: Rate, Channels: frame.ChannelsMono, BitsPerSample: 16,
			},
			Subframes: []*frame.Subframe{sub},
		}
		if err := enc.WriteFrame(f); err != nil {
			return nil, fmt.Errorf("encode FLAC: %w", err)
		}
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("encode FLAC: %w", err)
	}
	return out.data, nil
}

// DecodeFLAC reads a mono 16-bit FLAC file of 8 kHz.
func DecodeFLAC(data []byte) ([]int16, error) {
	stream, err := flac.New(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decode FLAC: %w", err)
	}
	info := stream.Info
	if info.SampleRate != Rate || info.NChannels != 1 || info.BitsPerSample != 16 {
		return nil, fmt.Errorf("decode FLAC: %d Hz, %d channels, %d bits; want %d Hz mono, 16 bits",
			info.SampleRate, info.NChannels, info.BitsPerSample, Rate)
	}
	var out []int16
	for {
		f, err := stream.ParseNext()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("decode FLAC: %w", err)
		}
		for _, v := range f.Subframes[0].Samples {
			out = append(out, int16(v))
		}
	}
	if info.NSamples != 0 && uint64(len(out)) != info.NSamples {
		return nil, fmt.Errorf("decode FLAC: %d samples of %d", len(out), info.NSamples)
	}
	return out, nil
}

// seekBuffer is memory that the encoder can go back in, to complete the header
// when it is done.
type seekBuffer struct {
	data []byte
	at   int
}

func (b *seekBuffer) Write(p []byte) (int, error) {
	if over := b.at + len(p) - len(b.data); over > 0 {
		b.data = append(b.data, make([]byte, over)...)
	}
	copy(b.data[b.at:], p)
	b.at += len(p)
	return len(p), nil
}

func (b *seekBuffer) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += int64(b.at)
	case io.SeekEnd:
		offset += int64(len(b.data))
	}
	if offset < 0 || offset > int64(len(b.data)) {
		return 0, fmt.Errorf("seek to %d of %d", offset, len(b.data))
	}
	b.at = int(offset)
	return offset, nil
}
