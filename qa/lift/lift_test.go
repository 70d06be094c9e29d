package lift

import (
	"math"
	"testing"
)

// The figures were worked out apart from this code, to four places: for the first, rates 40/100 and 80/400, ratio 2,
// standard error sqrt(1/40 - 1/100 + 1/80 - 1/400) = sqrt(0.025) = 0.15811, times 1.95996 = 0.30990, e^0.30990 = 1.36329.
func TestLiftByHand(t *testing.T) {
	for _, c := range []struct {
		name                                   string
		counts                                 Counts
		rateWith, rateWithout, lift, low, high float64
		few, open                              bool
	}{
		{"twice as often", Counts{100, 40, 400, 80}, 40, 20, 2, 1.4670, 2.7266, false, false},
		{"the same", Counts{100, 20, 400, 80}, 20, 20, 1, 0.6452, 1.5500, false, true},
		{"less often", Counts{200, 20, 200, 60}, 10, 30, 0.3333, 0.2091, 0.5315, false, false},
		{"too few calls", Counts{29, 20, 400, 80}, 68.9655, 20, 3.4483, 2.5213, 4.7160, true, false},
		{"too few successes", Counts{100, 4, 400, 16}, 4, 4, 1, 0.3418, 2.9256, true, true},
		{"none with it: half a call is added", Counts{50, 0, 100, 10}, 0, 10, 0.0948, 0.0057, 1.5848, true, true},
		{"every call has it", Counts{50, 10, 0, 0}, 20, 0, 0, 0, 0, false, true},
		{"no call has it", Counts{0, 0, 50, 10}, 0, 20, 0, 0, 0, true, true},
		{"nobody bought", Counts{50, 0, 50, 0}, 0, 0, 0, 0, 0, true, true},
		{"nothing at all", Counts{}, 0, 0, 0, 0, 0, true, true},
	} {
		got := Of(c.counts)
		for _, f := range []struct {
			name      string
			got, want float64
		}{
			{"rate with", got.RateWith, c.rateWith},
			{"rate without", got.RateWithout, c.rateWithout},
			{"lift", got.Lift, c.lift},
			{"low", got.Low, c.low},
			{"high", got.High, c.high},
		} {
			if math.Abs(f.got-f.want) > 0.0002 {
				t.Errorf("%s: %s is %.4f, want %.4f", c.name, f.name, f.got, f.want)
			}
		}
		if got.Few != c.few || got.Open != c.open {
			t.Errorf("%s: few %v, open %v", c.name, got.Few, got.Open)
		}
	}
}

func TestTheSurestComesFirst(t *testing.T) {
	all := []Counts{{10, 9, 400, 80}, {100, 40, 400, 80}, {200, 20, 200, 60}}
	Sort(all, Of)
	if all[0].With != 10 || all[1].With != 100 || all[2].With != 200 {
		t.Errorf("%v", all)
	}
	if Of(all[0]).Low < Of(all[1]).Low || !Of(all[0]).Few {
		t.Error("the first is not the one with the greatest lower bound, or does not say that it is of few calls")
	}
}
