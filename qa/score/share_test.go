package score

import (
	"math"
	"testing"
)

// The bounds were worked out from the formula by hand.
func TestShareOf(t *testing.T) {
	for _, c := range []struct {
		right, count int
		low, high    float64
		few          bool
	}{
		{0, 10, 0, 0.2775, true}, {10, 10, 0.7225, 1, true}, {9, 10, 0.5958, 0.9821, true}, {48, 50, 0.8654, 0.9890, false}, {19, 20, 0.7639, 0.9911, false},
	} {
		got := ShareOf(c.right, c.count)
		if got.Share == nil || math.Abs(*got.Low-c.low) > 0.0001 || math.Abs(*got.High-c.high) > 0.0001 || got.Few != c.few {
			t.Errorf("%d of %d: %+v, low %v, high %v; want %v to %v", c.right, c.count, got, *got.Low, *got.High, c.low, c.high)
		}
	}
	if got := ShareOf(0, 0); got.Share != nil || got.Low != nil || got.High != nil || !got.Few {
		t.Errorf("of nothing: %+v", got)
	}
}
