package topic

import (
	"slices"
	"strings"

	"hotline/qa/rule"
)

// word is an opinion word in a line, turned round where something before it does that.
type word struct {
	span
	sign int
	text string // with what turns it round
}

const (
	turning = "不沒無未別免"
	// adverbs stand between what turns a word round and the word: 不是很好, 沒有什麼問題.
	adverbs = "是很太會夠怎麼那這什有到覺得算真的特別非常比較多再曾要大能出現任何用感過"
	// backward is how many characters before a word may turn it round.
	backward = 6
)

// Questions and conditions are no opinions.
var (
	asking     = []string{"嗎", "呢", "有沒有", "是不是", "會不會", "能不能", "怎麼辦", "多少"}
	conditions = []string{"如果", "要是", "萬一", "假如", "若是", "假使"}
)

// words are the opinions that a line states. The longest word counts where several overlap, and one right before another is
// its adverb: 好貴 is not good.
func (f *Finder) words(l *line) []word {
	all := []word{} // not nil: it was looked for
	taken := make([]bool, len(l.runes))
	excepts := l.spans(f.excepts)
	for _, o := range f.opinions {
		for _, i := range l.find(o.runes) {
			s := span{i, i + len(o.runes)}
			if slices.Contains(taken[s.from:s.to], true) || l.clause[s.from] != l.clause[s.to-1] {
				continue
			}
			inside := func(x span) bool { return s.within(x) && x.to-x.from > s.to-s.from }
			if slices.ContainsFunc(excepts, inside) {
				continue
			}
			for k := s.from; k < s.to; k++ {
				taken[k] = true
			}
			all = append(all, word{s, o.sign, ""})
		}
	}
	slices.SortFunc(all, func(a, b word) int { return a.from - b.from })
	stated := all[:0]
	for i, w := range all {
		if i+1 < len(all) && all[i+1].from == w.to && l.clause[w.from] == l.clause[w.to] {
			continue
		}
		if !l.states(w.span) {
			continue
		}
		from, turned := l.turned(w.span)
		if turned {
			w.sign = -w.sign
		}
		w.text = l.heard(from, w.to)
		stated = append(stated, w)
	}
	return stated
}

// states says whether the clause of the word says so, rather than asking or supposing.
func (l *line) states(s span) bool {
	from, to := s.from, s.to
	for from > 0 && l.clause[from-1] == l.clause[s.from] {
		from--
	}
	for to < len(l.runes) && l.clause[to] == l.clause[s.from] {
		to++
	}
	if l.asked[l.clause[s.from]] {
		return false
	}
	before, after := l.text(from, s.from), l.text(s.to, to)
	for _, q := range asking {
		if strings.Contains(before, q) || strings.Contains(after, q) {
			return false
		}
	}
	// A condition holds to the end of its sentence: 如果壞掉，退貨很麻煩.
	for from > 0 && l.marks[from-1] == l.marks[s.from] {
		from--
	}
	for _, c := range conditions {
		if strings.Contains(l.text(from, s.from), c) {
			return false
		}
	}
	return !l.choice(s)
}

// choice is 好不好, 滿不滿意, 有沒有問題: a question whichever half was found.
func (l *line) choice(s span) bool {
	first := l.runes[s.from]
	if s.from >= 2 && strings.ContainsRune("不沒", l.runes[s.from-1]) && l.runes[s.from-2] == first {
		return true
	}
	return s.to+1 < len(l.runes) && l.runes[s.to] == '不' && l.runes[s.to+1] == first
}

// turned says whether what stands before the word turns it round, and from where on. Two of them undo one another: 不會不好.
func (l *line) turned(s span) (from int, turned bool) {
	from = s.from
	for i := s.from - 1; i >= 0 && i >= s.from-backward && l.clause[i] == l.clause[s.from]; i-- {
		switch r := l.runes[i]; {
		case strings.ContainsRune(turning, r):
			turned, from = !turned, i
		case !strings.ContainsRune(adverbs, r):
			return from, turned
		}
	}
	return from, turned
}

const (
	reach       = 14 // characters between a mention and its opinion
	commaCosts  = 3
	stopCosts   = 7
	nextWithin  = 8000 // ms until the same speaker goes on
	sameSubject = 2    // lines of the other between two of the same speaker
)

// nearest is the opinion word of the line that is nearest to the mention. Of two equally near ones it is the later: what is said
// of something mostly follows it.
func nearest(words []word, p place, l *line) (best word, ok bool) {
	least := reach + 1
	for _, w := range words {
		var d int
		switch {
		case w.from >= p.to:
			d = w.from - p.to + commaCosts*(l.clause[w.from]-l.clause[p.to-1]) + stopCosts*(l.marks[w.from]-l.marks[p.to-1])
		case w.to <= p.from:
			d = p.from - w.to + commaCosts*(l.clause[p.from]-l.clause[w.to-1]) + stopCosts*(l.marks[p.from]-l.marks[w.to-1])
		}
		if d < least || d == least && w.from > best.from {
			best, least, ok = w, d, true
		}
	}
	return best, ok
}

// beside is the opinion in the speaker's neighbouring lines: the first word of the next one, or else the last of the one before.
func beside(said []rule.Utterance, places [][]place, words func(int) []word, i int) (word, bool) {
	if n, ok := neighbour(said, i, 1); ok && len(places[n]) == 0 {
		if w := words(n); len(w) > 0 {
			return w[0], true
		}
	}
	if n, ok := neighbour(said, i, -1); ok && len(places[n]) == 0 {
		if w := words(n); len(w) > 0 {
			return w[len(w)-1], true
		}
	}
	return word{}, false
}

// neighbour is the same speaker's line after or before, if it is near.
func neighbour(said []rule.Utterance, i, step int) (int, bool) {
	for n, between := i+step, 0; n >= 0 && n < len(said) && between <= sameSubject; n += step {
		if said[n].Role != said[i].Role {
			between++
			continue
		}
		gap := said[n].Start - said[i].End
		if step < 0 {
			gap = said[i].Start - said[n].End
		}
		return n, gap <= nextWithin
	}
	return 0, false
}
