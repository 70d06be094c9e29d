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
	out, err := new(Copies).Of("talk", c, f)
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

func TestCopiesAreRememberedWithinBounds(t *testing.T) {
	path, _, _ := talkFile(t, 10*Rate)
	var all Copies
	made := map[string][]byte{}
	for round := range 2 {
		for i, kept := range []time.Duration{time.Second, 2 * time.Second} {
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			c := Copy{Redactions: []Redaction{{Channel: ChannelBoth, Start: kept, End: kept + time.Second}}}
			key := string(rune('a' + i))
			out, err := all.Of(key, c, f)
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(out)
			if err := errors.Join(err, out.Close()); err != nil {
				t.Fatal(err)
			}
			if round > 0 && !bytes.Equal(data, made[key]) {
				t.Errorf("copy %s is another the second time", key)
			}
			made[key] = data
		}
	}
	if bytes.Equal(made["a"], made["b"]) || len(all.known) != 2 {
		t.Errorf("%d copies are known", len(all.known))
	}
	for i := range 5 {
		all.remember(string(rune('c'+i)), &silenced{changed: []changedFrame{{data: make([]byte, copiesBytes/3)}}})
	}
	all.remember("huge", &silenced{changed: []changedFrame{{data: make([]byte, 2*copiesBytes)}}})
	if all.remembered("a") != nil || all.remembered("g") == nil || all.remembered("huge") != nil || all.bytes > copiesBytes || len(all.known) != len(all.order) {
		t.Errorf("%d copies of %d bytes are known", len(all.known), all.bytes)
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
		out, err := new(Copies).Of("talk", c, memory{bytes.NewReader(data)})
		if err != nil {
			return
		}
		if n, err := io.Copy(io.Discard, out); err != nil || n == 0 {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
}
