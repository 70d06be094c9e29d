package recording

import (
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
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
			enc, err := newEncoder(f)
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
