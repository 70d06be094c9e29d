package recording

import (
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
)

// signals that a predictor likes, and such that it does not.
func signals() map[string][]int16 {
	rng := rand.New(rand.NewPCG(1, 2))
	make16 := func(n int, f func(i int) int16) (out []int16) {
		for i := range n {
			out = append(out, f(i))
		}
		return out
	}
	return map[string][]int16{
		"nothing":   nil,
		"one":       {7},
		"a block":   make16(block, func(i int) int16 { return int16(i) }),
		"silence":   zeros(160_000),
		"tone":      make16(3*block+11, func(i int) int16 { return int16(9000 * math.Sin(float64(i)/9)) }),
		"noise":     make16(2*block, func(int) int16 { return int16(rng.Uint32()) }),
		"extremes":  make16(2*block+1, func(i int) int16 { return []int16{math.MinInt16, math.MaxInt16}[i%2] }),
		"one click": make16(2*block, func(i int) int16 { return []int16{0, math.MaxInt16}[btoi(i == 5000)] }),
	}
}

func zeros(n int) []int16 { return slices.Repeat([]int16{0}, n) }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestFLACIsDecodedBitByBit(t *testing.T) {
	for name, samples := range signals() {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f, err := os.Create(filepath.Join(dir, "x.flac"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			enc, err := newEncoder(f, int64(len(samples)))
			if err != nil {
				t.Fatal(err)
			}
			mirrored := slices.Clone(samples)
			slices.Reverse(mirrored)
			for i := range samples {
				if err := enc.add(samples[i], mirrored[i]); err != nil {
					t.Fatal(err)
				}
			}
			if err := enc.close(); err != nil {
				t.Fatal(err)
			}
			l, r := decode(t, dir, Result{Path: "x.flac"})
			if !slices.Equal(l, samples) || !slices.Equal(r, mirrored) {
				t.Error("what was decoded differs")
			}
			if info, err := f.Stat(); err != nil || info.Size() > int64(len(samples)*frameBytes)*102/100+200 {
				t.Errorf("%d bytes for %d samples: %v", info.Size(), len(samples), err)
			}
			if tool, err := exec.LookPath("flac"); err == nil && len(samples) > 0 {
				if out, err := exec.Command(tool, "--test", "--silent", f.Name()).CombinedOutput(); err != nil {
					t.Errorf("the reference decoder: %s", out)
				}
			}
		})
	}
}

// Each second begins in a frame that the table leads to, whatever room was left for it.
func TestEverySecondIsFoundWithoutSearching(t *testing.T) {
	const seconds = 95
	for name, room := range map[string]int64{"exact": seconds * Rate, "more": 3600 * Rate, "too little": 10 * Rate} {
		t.Run(name, func(t *testing.T) {
			f, err := os.Create(filepath.Join(t.TempDir(), "x.flac"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			enc, err := newEncoder(f, room)
			if err != nil {
				t.Fatal(err)
			}
			for i := range seconds * Rate {
				if err := enc.add(int16(i), int16(i*i)); err != nil {
					t.Fatal(err)
				}
			}
			if err := enc.close(); err != nil {
				t.Fatal(err)
			}
			stream, err := flac.ParseFile(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = stream.Close() }()
			table, ok := stream.Blocks[0].Body.(*meta.SeekTable)
			if want := min(seconds, int(room/Rate)+1); !ok || len(table.Points) != want {
				t.Fatalf("%+v, want %d points", stream.Blocks[0], want)
			}
			for second, p := range table.Points {
				if _, err := f.Seek(enc.seek.first+int64(p.Offset), io.SeekStart); err != nil {
					t.Fatal(err)
				}
				got, err := frame.New(f)
				if err != nil {
					t.Fatalf("second %d: %v", second, err)
				}
				begins := got.Num * block
				if wanted := uint64(second * Rate); begins != p.SampleNum || begins > wanted || begins+uint64(p.NSamples) <= wanted {
					t.Errorf("second %d: the frame begins with sample %d, the point says %d", second, begins, p.SampleNum)
				}
			}
		})
	}
}

func TestPeaksStaySmallAndShowTheLoudest(t *testing.T) {
	for _, n := range []int{0, 1, 159, 160, 161, 100_000, 320_000, 320_001, 640_000, 30_000_000} {
		m := newPeakMeter()
		for i := range n {
			v := int16(0)
			if i == n/2 {
				v = 0x6400
			}
			m.add(v, -v)
		}
		p := m.peaks()
		data, err := p.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var q Peaks
		if err := q.UnmarshalBinary(data); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(p.Left, q.Left) || !slices.Equal(p.Right, q.Right) || p.Step != q.Step || p.Rate != q.Rate {
			t.Errorf("%d samples: stored %+v, read %+v", n, p.Step, q.Step)
		}
		points := len(p.Left) / 2
		if points > maxPeaks || (points*p.Step < n || (points-1)*p.Step >= n) && n > 0 {
			t.Errorf("%d samples: %d points of %d", n, points, p.Step)
		}
		if n > 0 && (slices.Max(p.Left) != 0x64 || slices.Min(p.Right) != -0x64) {
			t.Errorf("%d samples: the loudest is not shown", n)
		}
	}
	for _, bad := range [][]byte{nil, {1}, {2, 0, 0, 0, 1, 0, 0, 0}, {1, 0, 0, 0, 1, 0, 0, 0, 9}} {
		if err := new(Peaks).UnmarshalBinary(bad); err == nil {
			t.Errorf("%v was read", bad)
		}
	}
}
