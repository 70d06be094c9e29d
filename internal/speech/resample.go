package speech

import "math"

// Design of the low-pass filter: flat to passBand of the lower rate's half, and
// at least stopDB down from that half on, so that nothing folds back.
const (
	passBand = 0.875 // 3.5 kHz at a telephone's 8 kHz
	stopDB   = 80.0
)

// Resample changes the sample rate (in Hz) with a windowed-sinc polyphase filter
// without delay: sample 0 stays at time 0.
func Resample(in []float32, from, to int) []float32 {
	if from == to || len(in) == 0 {
		return append([]float32(nil), in...)
	}
	g := gcd(from, to)
	up, down := to/g, from/g
	phases := polyphase(from, to, up)
	half := len(phases[0]) / 2
	out := make([]float32, (len(in)*up+down-1)/down)
	for n := range out {
		at := n * down
		centre, taps := at/up, phases[at%up]
		first := max(0, centre-half)
		last := min(len(in)-1, centre+half)
		sum := 0.0
		for i := first; i <= last; i++ {
			sum += float64(in[i]) * taps[i-centre+half]
		}
		out[n] = float32(sum)
	}
	return out
}

// polyphase returns one set of taps, spaced at the input rate, for each of the
// up positions an output sample can have between two input samples. Each set
// sums to 1, so that the level of a constant does not depend on the position.
func polyphase(from, to, up int) [][]float64 {
	stop := float64(min(from, to)) / 2
	pass := passBand * stop
	cut := (pass + stop) / 2 / float64(from) // cycles per input sample
	width := 2 * math.Pi * (stop - pass) / float64(from)
	// Length and shape of a Kaiser window for a given attenuation: Oppenheim and
	// Schafer, Discrete-Time Signal Processing, section 7.6.
	half := int(math.Ceil((stopDB - 7.95) / (2.285 * width) / 2))
	beta := 0.1102 * (stopDB - 8.7)
	phases := make([][]float64, up)
	for p := range phases {
		taps := make([]float64, 2*half+1)
		sum := 0.0
		for i := range taps {
			t := float64(i-half) - float64(p)/float64(up)
			r := t / float64(half+1)
			taps[i] = sinc(2*cut*t) * bessel0(beta*math.Sqrt(max(0, 1-r*r)))
			sum += taps[i]
		}
		for i := range taps {
			taps[i] /= sum
		}
		phases[p] = taps
	}
	return phases
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// bessel0 is the modified Bessel function of the first kind, order zero.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-12; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
