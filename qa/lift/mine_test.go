package lift

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func texts(grams []Gram) string {
	var all []string
	for _, g := range grams {
		all = append(all, fmt.Sprintf("%s %d/%d", g.Text, g.WithWon, g.With))
	}
	return strings.Join(all, ", ")
}

func TestMinedPhrases(t *testing.T) {
	for _, tt := range []struct {
		name  string
		calls func(i int) (bool, []string)
		want  string
	}{
		{"the longest of what is always said together", func(i int) (bool, []string) {
			if i < 40 {
				return i < 30, []string{"現在訂購，免運費。"}
			}
			return i < 50, []string{"好"}
		}, "免運費 30/40, 現在訂購 30/40"},
		{"a shorter one that is said elsewhere too is one of its own", func(i int) (bool, []string) {
			switch {
			case i < 40:
				return true, []string{"幫您訂購"}
			case i < 80:
				return false, []string{"已經訂購"}
			}
			return false, nil
		}, "幫您訂購 40/40, 訂購 40/80, 已經訂購 0/40"},
		{"the beginning of what is too long to be shown", func(i int) (bool, []string) {
			if i < 40 {
				return true, []string{"很高興能夠為您服務謝謝"}
			}
			return false, nil
		}, "很高興能夠為您服 40/40"},
		{"words of other scripts, and figures part them", func(i int) (bool, []string) {
			if i < 40 {
				return true, []string{"Have a nice Day 24 hours 用LINE 聯絡"}
			}
			return false, nil
		}, "have a nice day 40/40, hours 40/40, line 40/40, 聯絡 40/40"},
		{"many times in one call is one call; under the floor is nothing", func(i int) (bool, []string) {
			if i < 29 {
				return true, []string{"特價", "特價特價", "特價"}
			}
			return false, nil
		}, ""},
		{"in nearly all calls there is nothing to compare with", func(i int) (bool, []string) {
			if i < 180 {
				return i%2 == 0, []string{"您好"}
			}
			return false, nil
		}, ""},
	} {
		m := NewMiner()
		for i := range 200 {
			m.Add(tt.calls(i))
		}
		if got := texts(m.Mine()); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// What is counted length by length is what counting everything comes to.
func TestMinedCountsAreThoseOfCountingEverything(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	m, in := NewMiner(), map[string][]bool{}
	for range 300 {
		won := r.IntN(3) == 0
		var said []rune
		for range 20 + r.IntN(60) {
			said = append(said, []rune("甲乙丙丁戊，")[r.IntN(6)])
		}
		m.Add(won, []string{string(said)})
		once := map[string]bool{}
		for i := range said {
			for n := leastHan; n <= mostHan && i+n <= len(said); n++ {
				if g := string(said[i : i+n]); !strings.Contains(g, "，") && !once[g] {
					once[g] = true
					in[g] = append(in[g], won)
				}
			}
		}
	}
	mined := map[string]Gram{}
	for _, g := range m.Mine() {
		mined[g.Text] = g
		wins := len(slices.DeleteFunc(slices.Clone(in[g.Text]), func(won bool) bool { return !won }))
		if g.With != len(in[g.Text]) || g.WithWon != wins {
			t.Errorf("seed %d: %s %d/%d, want %d/%d", seed, g.Text, g.WithWon, g.With, wins, len(in[g.Text]))
		}
	}
	for g, calls := range in {
		if len(calls) < m.Floor() || len(calls) > 300-LeastCalls {
			continue
		}
		told := false
		for longer := range in {
			told = told || len([]rune(longer)) == len([]rune(g))+1 && strings.Contains(longer, g) && float64(len(in[longer])) >= share*float64(len(calls)) && len(in[longer]) >= m.Floor()
		}
		if _, have := mined[g]; !have && !told {
			t.Errorf("seed %d: %s of %d calls is missing", seed, g, len(calls))
		}
	}
	if len(mined) < 20 {
		t.Errorf("seed %d: only %d were mined", seed, len(mined))
	}
}

// Pearson's chi-squared of 40/100 against 80/400 is 17.5439, of which p is 2.808e-05.
func TestChance(t *testing.T) {
	if got := Chance(Counts{100, 40, 400, 80}); math.Abs(got-2.808e-05) > 1e-8 {
		t.Errorf("%.4g", got)
	}
	for _, c := range []Counts{{0, 0, 10, 5}, {10, 5, 0, 0}, {10, 0, 10, 0}, {10, 10, 10, 10}, {100, 20, 50, 10}} {
		if got := Chance(c); got != 1 {
			t.Errorf("%+v: %g, want 1", c, got)
		}
	}
}

// The example of Benjamini and Hochberg (1995), section 3.2: of 15 trials 4 are believed at 0.05.
func TestAdjust(t *testing.T) {
	p := []float64{.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1}
	var believed int
	for i, rate := range Adjust(p) {
		if rate <= .05 {
			believed++
		}
		if rate < p[i] || rate > 1 {
			t.Errorf("%g of %g", rate, p[i])
		}
	}
	if got := Adjust(p)[3]; believed != 4 || math.Abs(got-.0095*15/4) > 1e-12 {
		t.Errorf("%d are believed, the fourth at %g", believed, got)
	}
}

// Of phrases that have nothing to do with the outcome hardly any is believed, though hundreds are tried.
func TestManyTrialsOfNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	var words []string
	for i := range 400 {
		words = append(words, string([]rune{rune(0x4e00 + i), rune(0x5e00 + i)}))
	}
	m := NewMiner()
	for range 2000 {
		var lines []string
		for range 20 {
			lines = append(lines, words[r.IntN(len(words))])
		}
		m.Add(r.IntN(4) == 0, lines)
	}
	grams := m.Mine()
	by := func(of func(Gram) float64) (n int) {
		for _, g := range grams {
			if of(g) <= .05 {
				n++
			}
		}
		return n
	}
	if alone, corrected := by(func(g Gram) float64 { return g.Chance }), by(func(g Gram) float64 { return g.Rate }); len(grams) != 400 || alone < 5 || corrected > 1 {
		t.Errorf("of %d, %d are believed by themselves and %d of all", len(grams), alone, corrected)
	}
}

// BenchmarkMine is of as many characters as a Miner takes, from a vocabulary with the frequencies of Zipf's law.
func BenchmarkMine(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(r, 1.2, 8, 3000)
	m := NewMiner()
	for line := []rune{}; !m.Full(); {
		var lines []string
		for range 25 {
			line = line[:0]
			for range 16 {
				line = append(line, rune(0x4e00+zipf.Uint64()))
			}
			lines = append(lines, string(line))
		}
		m.Add(r.IntN(10) == 0, lines)
	}
	b.ReportAllocs()
	for b.Loop() {
		b.ReportMetric(float64(len(m.Mine())), "phrases")
	}
}
