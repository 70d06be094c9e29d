package recording

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
)

// talkFile makes a file of so many samples, and returns what each channel says.
func talkFile(t testing.TB, n int) (path string, l, r []int16) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "talk.flac"))
	if err != nil {
		t.Fatal(err)
	}
	enc, err := newEncoder(f, int64(n))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	var a, b int16
	for range n {
		a += int16(rng.IntN(401) - 200)
		b = int16(rng.IntN(2000))
		l, r = append(l, a), append(r, b)
		if err := enc.add(a, b); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(enc.close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return f.Name(), l, r
}

// copied reads a whole copy, into a file of its own.
func copied(t testing.TB, path string, c Copy) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.Of(f)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	data, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	checkRanges(t, out, data)
	name := filepath.Join(t.TempDir(), "copy.flac")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func checkRanges(t testing.TB, out io.ReadSeeker, want []byte) {
	t.Helper()
	if size, err := out.Seek(0, io.SeekEnd); err != nil || size != int64(len(want)) {
		t.Errorf("size %d, want %d: %v", size, len(want), err)
	}
	for range 30 {
		off := rand.IntN(len(want))
		got := make([]byte, min(rand.IntN(50_000), len(want)-off))
		if _, err := out.Seek(int64(off), io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, got); err != nil || !bytes.Equal(got, want[off:off+len(got)]) {
			t.Errorf("%d bytes at %d differ: %v", len(got), off, err)
		}
	}
}

func hush(channel []int16, r Redaction) {
	from, to := samples(r.Start), min(samples(r.End), int64(len(channel)))
	if from < to {
		clear(channel[from:to])
	}
}

func TestACopyIsSilentWhereItIsRedactedAndNowhereElse(t *testing.T) {
	const n = 130*Rate + 1234
	path, l, r := talkFile(t, n)
	ms := time.Millisecond
	for name, all := range map[string][]Redaction{
		"none":               nil,
		"within a frame":     {{Channel: ChannelLeft, Start: 61_100 * ms, End: 61_200 * ms}},
		"both":               {{Channel: ChannelBoth, Start: 20_000 * ms, End: 31_000 * ms}},
		"neighbours":         {{Channel: ChannelRight, Start: 5000 * ms, End: 5100 * ms}, {Channel: ChannelLeft, Start: 5050 * ms, End: 6000 * ms}, {Channel: ChannelLeft, Start: 7000 * ms, End: 7001 * ms}},
		"beginning and end":  {{Channel: ChannelBoth, Start: 0, End: 1}, {Channel: ChannelBoth, Start: 0, End: 2000 * ms}, {Channel: ChannelRight, Start: 129_000 * ms, End: 500_000 * ms}},
		"all of it":          {{Channel: ChannelBoth, End: time.Hour}},
		"past the end":       {{Channel: ChannelBoth, Start: time.Hour, End: 2 * time.Hour}},
		"in no order, twice": {{Channel: ChannelLeft, Start: 90_000 * ms, End: 91_000 * ms}, {Channel: ChannelRight, Start: 3000 * ms, End: 3500 * ms}, {Channel: ChannelLeft, Start: 90_000 * ms, End: 91_000 * ms}},
	} {
		t.Run(name, func(t *testing.T) {
			wantL, wantR := slices.Clone(l), slices.Clone(r)
			for _, x := range all {
				if x.Channel != ChannelRight {
					hush(wantL, x)
				}
				if x.Channel != ChannelLeft {
					hush(wantR, x)
				}
			}
			file := copied(t, path, Copy{Redactions: all, Marks: []string{"TAKEN_BY=王小明", "TAKEN_AT=2026-03-04T05:06:07Z"}})
			gotL, gotR := decode(t, filepath.Dir(file), Result{Path: "copy.flac"})
			if !slices.Equal(gotL, wantL) || !slices.Equal(gotR, wantR) {
				t.Error("what is heard is not what should be")
			}
			checkCopyHead(t, file)
			if tool, err := exec.LookPath("flac"); err == nil {
				if out, err := exec.Command(tool, "--test", "--silent", file).CombinedOutput(); err != nil {
					t.Errorf("the reference decoder: %s", out)
				}
			}
		})
	}
}

// checkCopyHead finds the marks, and each second where the table says.
func checkCopyHead(t *testing.T, file string) {
	t.Helper()
	stream, err := flac.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	comment, ok := stream.Blocks[1].Body.(*meta.VorbisComment)
	if !ok || len(comment.Tags) != 2 || comment.Tags[0] != [2]string{"TAKEN_BY", "王小明"} {
		t.Errorf("marks %+v", stream.Blocks[1].Body)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	head, err := readHead(f)
	if err != nil {
		t.Fatal(err)
	}
	table, ok := stream.Blocks[0].Body.(*meta.SeekTable)
	if !ok || len(table.Points) != 131 {
		t.Fatalf("table %+v", stream.Blocks[0].Header)
	}
	for _, p := range table.Points {
		if _, err := f.Seek(head.first+int64(p.Offset), io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if got, err := frame.New(f); err != nil || got.Num*block != p.SampleNum {
			t.Fatalf("sample %d is not at byte %d: %v", p.SampleNum, p.Offset, err)
		}
	}
}

func TestAFileWithoutASeekTableIsCopiedToo(t *testing.T) {
	path, l, r := talkFile(t, 20*Rate)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[seekTableAt] = blockPadding
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	x := Redaction{Channel: ChannelBoth, Start: 12 * time.Second, End: 13 * time.Second}
	hush(l, x)
	hush(r, x)
	file := copied(t, path, Copy{Redactions: []Redaction{x}})
	if gotL, gotR := decode(t, filepath.Dir(file), Result{Path: "copy.flac"}); !slices.Equal(gotL, l) || !slices.Equal(gotR, r) {
		t.Error("what is heard is not what should be")
	}
}

// A damaged frame is told when it is read; what lies before it is whole.
func TestADamagedFileIsToldWhereItIsRead(t *testing.T) {
	path, _, _ := talkFile(t, 60*Rate)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, err := readHead(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	places, err := head.places(nil)
	if err != nil {
		t.Fatal(err)
	}
	data[places[40].at+100] ^= 1
	cut := func(second time.Duration) (int64, error) {
		c := Copy{Redactions: []Redaction{{Channel: ChannelLeft, Start: second * time.Second, End: (second + 1) * time.Second}}}
		out, err := c.Of(memory{bytes.NewReader(data)})
		if err != nil {
			t.Fatal(err)
		}
		return io.Copy(io.Discard, out)
	}
	if n, err := cut(time.Duration(places[40].number * block / Rate)); err == nil || n < places[30].at {
		t.Errorf("%d bytes, %v", n, err)
	}
	if n, err := cut(3); err != nil || n < head.size {
		t.Errorf("another second: %d bytes, %v", n, err)
	}
}

func TestNumbersOfFramesAreWrittenAsTheDecoderReadsThem(t *testing.T) {
	path, _, _ := talkFile(t, Rate)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, err := readHead(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{0, 1, 127, 128, 2047, 2048, 65535, 65536, 1<<21 - 1, 1 << 21, 1<<26 - 1, 1 << 26, 1<<31 - 1, 1 << 31} {
		for _, length := range []int64{block, 16, 300, 4095} {
			f, err := frame.New(bytes.NewReader(append(frameHeader(n, length), data[head.first:]...)))
			if err != nil || int64(f.Num) != n || int64(f.BlockSize) != length || f.SampleRate != Rate || f.Channels != frame.ChannelsLR || f.BitsPerSample != 16 {
				t.Errorf("frame %d of %d samples: %+v, %v", n, length, f, err)
			}
		}
	}
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

func FuzzCopy(f *testing.F) {
	path, _, _ := talkFile(f, 3*Rate)
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, int64(1000), int64(1500))
	f.Add(data[:200], int64(0), int64(5000))
	f.Add([]byte("fLaC"), int64(0), int64(1))
	f.Fuzz(func(t *testing.T, data []byte, from, to int64) {
		c := Copy{Redactions: []Redaction{{Channel: ChannelBoth, Start: time.Duration(from), End: time.Duration(to)}}, Marks: []string{"A=b"}}
		out, err := c.Of(memory{bytes.NewReader(data)})
		if err != nil {
			return
		}
		size, err := out.Seek(0, io.SeekEnd)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		// A damaged frame shows when it is read; of what is whole the size was said before.
		if n, err := io.Copy(io.Discard, out); err == nil && n != size {
			t.Errorf("%d bytes of %d", n, size)
		}
	})
}
