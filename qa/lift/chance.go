package lift

import (
	"cmp"
	"math"
	"slices"
)

// Chance is how often two rates would lie as far apart by chance alone, if the phrase made no difference: the two-sided p of the
// pooled test of two proportions. 1 when there is nothing to compare.
func Chance(c Counts) float64 {
	n, m := float64(c.With), float64(c.Without)
	all := float64(c.WithWon + c.WithoutWon)
	if n == 0 || m == 0 || all == 0 || all == n+m {
		return 1
	}
	pooled := all / (n + m)
	z := (float64(c.WithWon)/n - float64(c.WithoutWon)/m) / math.Sqrt(pooled*(1-pooled)*(1/n+1/m))
	return math.Erfc(math.Abs(z) / math.Sqrt2)
}

// Adjust makes of the chances of many trials the false discovery rate at which each would be believed (Benjamini and Hochberg
// 1995): of all that are believed at 0.05 about one in twenty is chance, however many were tried.
func Adjust(chances []float64) []float64 {
	order := make([]int, len(chances))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(chances[b], chances[a]) })
	out, least := make([]float64, len(chances)), 1.0
	for i, at := range order {
		rank := len(chances) - i
		least = min(least, chances[at]*float64(len(chances))/float64(rank))
		out[at] = least
	}
	return out
}
