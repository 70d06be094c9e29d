package score

import "math"

// Pair is what two judges answered to the same question of the same call.
type Pair struct{ A, B Value }

// Agreement is how far two judges agree.
type Agreement struct {
	Pairs   int     `json:"pairs"`
	Percent float64 `json:"percent"` // of pairs with the same answer
	// Kappa is Cohen's (1960), and Low to High its interval of 95 %. All are null without pairs, or when both always give the
	// one same answer: chance alone would agree then, and nothing is shown.
	Kappa *float64 `json:"kappa"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
}

// z95 is the quantile of the normal distribution for an interval of 95 %.
const z95 = 1.959964

// Agree counts how far the judges of the pairs agree.
func Agree(pairs []Pair) Agreement {
	n := float64(len(pairs))
	if n == 0 {
		return Agreement{}
	}
	cells := map[Pair]float64{}
	a, b := map[Value]float64{}, map[Value]float64{}
	for _, p := range pairs {
		cells[p]++
		a[p.A]++
		b[p.B]++
	}
	var same, chance float64
	for v := range a {
		same += cells[Pair{v, v}]
		chance += a[v] * b[v]
	}
	same, chance = same/n, chance/(n*n)
	for _, counts := range []map[Value]float64{a, b} {
		for v := range counts {
			counts[v] /= n
		}
	}
	for p := range cells {
		cells[p] /= n
	}
	out := Agreement{Pairs: len(pairs), Percent: 100 * same}
	if chance > 1-1e-9 {
		return out
	}
	kappa := (same - chance) / (1 - chance)
	wide := z95 * math.Sqrt(variance(cells, a, b, same, chance)/n)
	low, high := max(-1, kappa-wide), min(1, kappa+wide)
	if same > 1-1e-9 {
		// The variance is 0 when all agree, of however few. Wilson's bound of the share that agrees says what so few can show.
		least, _ := wilson(same, n)
		low = max(-1, (least-chance)/(1-chance))
	}
	out.Kappa, out.Low, out.High = &kappa, &low, &high
	return out
}

// variance is that of kappa for large samples, times the number of pairs: Fleiss, Cohen and Everitt, Large sample standard
// errors of kappa and weighted kappa, Psychological Bulletin 72 (1969), formula 13.
func variance(cells map[Pair]float64, a, b map[Value]float64, same, chance float64) float64 {
	var agree, apart float64
	for p, share := range cells {
		if p.A == p.B {
			d := (1 - chance) - (a[p.A]+b[p.A])*(1-same)
			agree += share * d * d
		} else {
			d := b[p.A] + a[p.B]
			apart += share * d * d
		}
	}
	rest := same*chance - 2*chance + same
	return max(0, (agree+(1-same)*(1-same)*apart-rest*rest)/math.Pow(1-chance, 4))
}

// FloorPairs is how many pairs there must be before a floor is held against the machine.
const FloorPairs = 20

// Under says whether the agreement shows that the machine answers a question worse than its floor allows.
func (q Question) Under(a Agreement) bool {
	return q.Floor > 0 && a.Pairs >= FloorPairs && a.Kappa != nil && *a.Kappa < q.Floor
}
