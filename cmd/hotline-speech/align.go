//go:build cgo

package main

import (
	"math"
	"slices"
)

// align tells when each token begins, in frames, from the attention that the decoder paid to the sound (openai/whisper,
// timing.py): the rows of attention are by head, token and frame; the first row that counts is skip. The result has one
// more entry than there are rows left: the end.
func align(attention [][][]float32, skip, frames int) []int {
	heads := len(attention)
	if heads == 0 || len(attention[0]) <= skip || frames == 0 {
		return nil
	}
	rows := len(attention[0])
	mean := make([][]float64, rows-skip)
	for i := range mean {
		mean[i] = make([]float64, frames)
	}
	column := make([]float64, rows)
	for _, head := range attention {
		normal := make([][]float64, rows)
		for i := range normal {
			normal[i] = make([]float64, frames)
		}
		for f := range frames {
			for i := range rows {
				column[i] = float64(head[i][f])
			}
			average, spread := moments(column)
			for i := range rows {
				normal[i][f] = (column[i] - average) / max(spread, 1e-9)
			}
		}
		for i := range mean {
			for f, v := range median7(normal[skip+i]) {
				mean[i][f] += v / float64(heads)
			}
		}
	}
	return append(warp(mean), frames)
}

func moments(values []float64) (average, spread float64) {
	for _, v := range values {
		average += v
	}
	average /= float64(len(values))
	for _, v := range values {
		spread += (v - average) * (v - average)
	}
	return average, math.Sqrt(spread / float64(len(values)))
}

// median7 smooths over seven frames; the ends are mirrored.
func median7(values []float64) []float64 {
	n := len(values)
	out := make([]float64, n)
	var near [7]float64
	for i := range values {
		for k := range near {
			j := i + k - 3
			if j < 0 {
				j = -j
			}
			if j >= n {
				j = 2*n - 2 - j
			}
			near[k] = values[max(0, min(j, n-1))]
		}
		sorted := near
		slices.Sort(sorted[:])
		out[i] = sorted[3]
	}
	return out
}

// warp finds the path through the matrix (token, frame), from the first to the last of both, along which attention is the
// strongest, and returns the frame at which it comes to each token (dynamic time warping).
func warp(attention [][]float64) []int {
	n, m := len(attention), len(attention[0])
	cost := make([][]float64, n+1)
	from := make([][]byte, n+1)
	for i := range cost {
		cost[i] = make([]float64, m+1)
		from[i] = make([]byte, m+1)
		for j := range cost[i] {
			cost[i][j] = math.Inf(1)
		}
	}
	cost[0][0] = 0
	const diagonal, down, across = 0, 1, 2
	for j := 1; j <= m; j++ {
		for i := 1; i <= n; i++ {
			best, way := cost[i-1][j-1], byte(diagonal)
			if cost[i-1][j] < best {
				best, way = cost[i-1][j], down
			}
			if cost[i][j-1] < best {
				best, way = cost[i][j-1], across
			}
			cost[i][j], from[i][j] = best-attention[i-1][j-1], way
		}
	}
	starts := make([]int, n)
	for i, j := n, m; i > 0 && j > 0; {
		starts[i-1] = j - 1
		switch from[i][j] {
		case diagonal:
			i, j = i-1, j-1
		case down:
			i--
		default:
			j--
		}
	}
	return starts
}
