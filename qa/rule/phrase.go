package rule

import (
	"math"
	"strings"
	"unicode"
)

// pattern is a phrase made ready to be looked for: its parts, between which other words may stand ("雖然…但").
type pattern struct {
	text  string
	first bool // it begins a sentence
	parts [][]note
	notes int // of all parts
}

// note is one character of a phrase.
type note struct {
	char   rune
	sounds []syllable
	firm   bool // a negation, which nothing else may stand for
	person bool // a pronoun, for which no other person may stand
}

const (
	negations = "不沒無未別勿"
	persons   = "我您他咱"
	fillers   = "呃嗯啊喔欸唉就也的了是那這會可"
)

// What it costs, in syllables, when something stands in the way.
const (
	extra      = 0.9 // a word that is not in the phrase
	filler     = 0.4 // one that says nothing: 呃, 就, 的
	missing    = 0.9 // a character of the phrase that was not heard
	otherChar  = 0.1 // another character of the same sound, of which the recogniser was sure
	otherOfTwo = 0.3 // the same in a phrase of two syllables, which sounds like too much else
	stopped    = 0.3 // the end of a sentence within the phrase
	reach      = 12  // units that the gap of a phrase may span
	certain    = 0.9 // what a recogniser is so sure of is not taken for a syllable that is not alike
	alike      = 0.3
)

func newPattern(text string) pattern {
	p := pattern{text: text, first: strings.HasPrefix(text, "^")}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == '…' }) {
		var notes []note
		for _, r := range part {
			if unicode.IsPunct(r) || unicode.IsSpace(r) || unicode.IsSymbol(r) {
				continue
			}
			r = fold(r)
			notes = append(notes, note{
				char: r, sounds: readings(r), firm: strings.ContainsRune(negations, r), person: strings.ContainsRune(persons, r),
			})
		}
		if len(notes) > 0 {
			p.parts = append(p.parts, notes)
			p.notes += len(notes)
		}
	}
	return p
}

// hit is where a pattern was found in a run: units from to to (exclusive), and what was bridged.
type hit struct {
	from, to int
	cost     float64
}

// allowance is how much a phrase of n syllables may be bridged: bound for each but one, so that short phrases, which sound
// like much else, are held more strictly.
func allowance(bound float64, n int) float64 { return bound * float64(n-1) }

// find returns where the pattern is in the run, bridging at most bound for each syllable. Of several that overlap, the
// nearest to the phrase is returned.
func (p *pattern) find(run []heard, bound float64) []hit {
	most := allowance(bound, p.notes) + 1e-9
	var hits []hit
	for _, h := range search(p.parts[0], run, most, p.notes == 2) {
		if p.first && h.from > 0 && !run[h.from].stop {
			continue
		}
		if whole, ok := p.goOn(run, h, most); ok {
			hits = append(hits, whole)
		}
	}
	return nearest(hits)
}

// goOn looks for the parts after the first, each as near as possible. A gap ends with its sentence, unless the other half
// begins with one of the words that join two halves: 雖然不能退款。不過可以換貨。
func (p *pattern) goOn(run []heard, h hit, most float64) (hit, bool) {
	for _, part := range p.parts[1:] {
		end := min(len(run), h.to+reach)
		if !strings.ContainsRune(joining, part[0].char) {
			for i := h.to; i < end; i++ {
				if run[i].stop {
					end = i
				}
			}
		}
		next := nearest(search(part, run[h.to:end], most-h.cost, false))
		if len(next) == 0 {
			return h, false
		}
		h.to, h.cost = h.to+next[0].to, h.cost+next[0].cost
	}
	return h, true
}

// joining are the characters with which the second half of a sentence begins.
const joining = "但不可而"

// search finds where notes stand in the run, by the cheapest alignment that ends at each unit (Sellers 1980).
func search(notes []note, run []heard, most float64, two bool) []hit {
	n := len(notes)
	type cell struct {
		cost float64
		from int
	}
	before, now := make([]cell, n+1), make([]cell, n+1)
	for i := range before {
		before[i] = cell{math.Inf(1), 0}
	}
	before[0] = cell{0, 0}
	var hits []hit
	for j := range run {
		u := &run[j]
		now[0] = cell{0, j + 1} // what follows may begin with the next unit
		for i := 1; i <= n; i++ {
			best := cell{before[i-1].cost + substitute(&notes[i-1], u, two), before[i-1].from}
			if u.stop && i > 1 {
				best.cost += stopped
			}
			if c := now[i-1].cost + leaveOut(&notes[i-1]); c < best.cost {
				best = cell{c, now[i-1].from}
			}
			if c := before[i].cost + insert(u); i < n && c < best.cost {
				best = cell{c, before[i].from}
			}
			now[i] = best
		}
		if now[n].cost <= most {
			hits = append(hits, hit{now[n].from, j + 1, now[n].cost})
		}
		before, now = now, before
	}
	return hits
}

// substitute is the cost of having heard u where the phrase has the note.
func substitute(n *note, u *heard, two bool) float64 {
	if u.char == n.char {
		return 0
	}
	apart := 1.0
	for _, a := range n.sounds {
		for _, b := range u.sounds {
			apart = min(apart, between(a, b))
		}
	}
	sure := u.sure
	if sure == 0 {
		sure = 1
	}
	negation := strings.ContainsRune(negations, u.char) && u.char != 0
	person := strings.ContainsRune(persons, u.char) && u.char != 0
	switch {
	case n.firm && apart > 0, negation, n.person && person, apart >= 1, sure > certain && apart > alike:
		return math.Inf(1)
	}
	surprise := otherChar
	if two {
		surprise = otherOfTwo
	}
	return apart*(0.4+0.6*sure) + surprise*sure
}

func leaveOut(n *note) float64 {
	if n.firm || n.person {
		return math.Inf(1)
	}
	return missing
}

func insert(u *heard) float64 {
	switch {
	case u.char == 0:
		return extra
	case strings.ContainsRune(negations, u.char):
		return math.Inf(1)
	case strings.ContainsRune(fillers, u.char):
		return filler
	}
	return extra
}

// nearest keeps, of hits that overlap, the one with the least cost; of equal ones the shortest.
func nearest(hits []hit) []hit {
	var kept []hit
	for _, h := range hits {
		last := len(kept) - 1
		if last < 0 || kept[last].to <= h.from {
			kept = append(kept, h)
			continue
		}
		k := kept[last]
		if h.cost < k.cost || h.cost == k.cost && h.to-h.from < k.to-k.from {
			kept[last] = h
		}
	}
	return kept
}

// exact says whether the hit has the phrase's own characters, whatever is said in its gaps.
func (h hit) exact() bool { return h.cost == 0 }
