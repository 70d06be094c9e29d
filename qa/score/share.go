package score

import "math"

// Share is how many of those that somebody judged were right.
type Share struct {
	Right int `json:"right"`
	Count int `json:"count"`
	// Share is Right of Count, and Low to High its interval of 95 % (Wilson). All are null when nothing was judged.
	Share *float64 `json:"share"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
	// Few says that the count is too small to rely on.
	Few bool `json:"few"`
}

// ShareFew is how many must be judged before a share says something.
const ShareFew = 20

// ShareOf is the share of right ones among count.
func ShareOf(right, count int) Share {
	s := Share{Right: right, Count: count, Few: count < ShareFew}
	if count > 0 {
		share := float64(right) / float64(count)
		low, high := wilson(share, float64(count))
		s.Share, s.Low, s.High = &share, &low, &high
	}
	return s
}

// wilson is the interval of a share seen in n trials: Wilson, Probable inference, the law of succession, and statistical
// inference, Journal of the American Statistical Association 22 (1927).
func wilson(share, n float64) (low, high float64) {
	z2 := z95 * z95
	middle, wide := share+z2/(2*n), z95*math.Sqrt(share*(1-share)/n+z2/(4*n*n))
	return max(0, (middle-wide)/(1+z2/n)), min(1, (middle+wide)/(1+z2/n))
}
