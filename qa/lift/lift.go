// Package lift says how much more often calls with a phrase have an outcome than calls without it. It is pure.
//
// The lift is the ratio of both rates. Its interval of 95 % is that of the logarithm of a ratio (Katz, Baptista, Azen and Pike
// 1978), with half a call added to each of the four numbers where one of them is 0. It says what goes together, and not what
// causes what: an agent says 「已為您訂購」 because something was sold.
package lift

import (
	"cmp"
	"math"
	"slices"
)

// Under these a figure is chance, and says so.
const (
	LeastCalls     = 30 // with the phrase
	LeastSuccesses = 5  // among them
)

// Counts are calls: With has the phrase, WithWon the outcome too.
type Counts struct {
	With, WithWon, Without, WithoutWon int
}

// Lift is what the counts come to.
type Lift struct {
	RateWith    float64 `json:"rate_with" doc:"Percent of the calls with the phrase that have the outcome."`
	RateWithout float64 `json:"rate_without" doc:"Of those without it."`
	Lift        float64 `json:"lift" doc:"The ratio of both; 0 when it cannot be said."`
	Low         float64 `json:"low" doc:"Of its interval of 95 %."`
	High        float64 `json:"high"`
	Few         bool    `json:"few" doc:"Fewer than 30 calls with the phrase, or fewer than 5 of them with the outcome: it may be chance."`
	Open        bool    `json:"open" doc:"The interval has 1 in it: more and less are both possible."`
}

const z95 = 1.959963984540054

// Of makes the figures. Without calls on either side, or without any success, there is no lift.
func Of(c Counts) Lift {
	out := Lift{Few: c.With < LeastCalls || c.WithWon < LeastSuccesses, Open: true}
	if c.With > 0 {
		out.RateWith = 100 * float64(c.WithWon) / float64(c.With)
	}
	if c.Without > 0 {
		out.RateWithout = 100 * float64(c.WithoutWon) / float64(c.Without)
	}
	if c.With == 0 || c.Without == 0 || c.WithWon+c.WithoutWon == 0 {
		return out
	}
	a, n, b, m := float64(c.WithWon), float64(c.With), float64(c.WithoutWon), float64(c.Without)
	if a == 0 || b == 0 {
		a, n, b, m = a+.5, n+.5, b+.5, m+.5
	}
	out.Lift = (a / n) / (b / m)
	spread := z95 * math.Sqrt(max(0, 1/a-1/n+1/b-1/m))
	out.Low, out.High = out.Lift*math.Exp(-spread), out.Lift*math.Exp(spread)
	out.Open = out.Low <= 1 && out.High >= 1
	return out
}

// Sort puts what is surest to help first: by the lower bound of the interval.
func Sort[T any](items []T, of func(T) Lift) {
	slices.SortStableFunc(items, func(a, b T) int { return cmp.Compare(of(b).Low, of(a).Low) })
}
