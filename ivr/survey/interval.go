package survey

import "math"

// z is how many standard errors an interval of 95 % reaches to each side.
const z = 1.959964

// Interval is where a figure lies with 95 % confidence, given how few answered.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// ShareInterval is that of a share in percent, by Wilson's score: it stays within 0 and 100, and holds for few answers too.
// Without answers it is zero.
func ShareInterval(hits, of int) Interval {
	if of <= 0 {
		return Interval{}
	}
	n, p := float64(of), float64(hits)/float64(of)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return Interval{Low: 100 * max(0, middle-half), High: 100 * min(1, middle+half)}
}

// MeanInterval is that of the mean of answers, of which counts[i] are low+i. It stays within the scale. Of fewer than two
// answers nothing is known: it is the whole scale.
func MeanInterval(counts []int, low int) Interval {
	n, sum, squares := 0.0, 0.0, 0.0
	for i, c := range counts {
		v := float64(low + i)
		n += float64(c)
		sum += v * float64(c)
		squares += v * v * float64(c)
	}
	least, most := float64(low), float64(low+len(counts)-1)
	if n < 2 {
		return Interval{Low: least, High: most}
	}
	mean := sum / n
	half := z * math.Sqrt(max(0, squares/n-mean*mean)/(n-1))
	return Interval{Low: max(least, mean-half), High: min(most, mean+half)}
}

// Interval is that of the score. It stays within -100 and 100; of fewer than two answers nothing is known.
func (n NPS) Interval() Interval {
	if n.Answers < 2 {
		return Interval{Low: -100, High: 100}
	}
	of := float64(n.Answers)
	p, d := float64(n.Promoters)/of, float64(n.Detractors)/of
	half := 100 * z * math.Sqrt(max(0, p+d-(p-d)*(p-d))/(of-1))
	return Interval{Low: max(-100, n.Score-half), High: min(100, n.Score+half)}
}
