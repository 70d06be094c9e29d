package lift

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// What is mined: phrases of 2 to 8 Chinese characters, or of 1 to 4 words of other scripts.
const (
	leastHan, mostHan     = 2, 8
	leastWords, mostWords = 1, 4
)

// MostTokens bounds what a Miner holds: characters and words of all calls together, about fifty bytes of memory each at
// the worst.
const MostTokens = 4_000_000

// share of the calls of a phrase that a longer one must have for the shorter one to tell nothing of its own.
const share = 0.95

// Gram is a phrase that was mined.
type Gram struct {
	Text string
	Counts
	Lift
	Chance float64 // p by itself
	Rate   float64 // false discovery rate, over everything that was tried
}

// Miner finds phrases that nobody thought of in what agents said: those of many calls, of which no longer one is in as many.
// It keeps the calls' words as numbers and counts length by length; a phrase is only counted when both phrases that are shorter
// by one were frequent (the Apriori property), so that what is rare costs nothing. It is not for use by several at once.
type Miner struct {
	numbers map[string]int32
	names   []string
	han     []bool  // by number
	tokens  []int32 // gap between stretches: no phrase goes over one
	ends    []int   // of calls, in tokens
	won     []bool
	wins    int
}

const gap = -1

// NewMiner has no calls yet.
func NewMiner() *Miner { return &Miner{numbers: map[string]int32{}} }

// Calls that were added.
func (m *Miner) Calls() int { return len(m.ends) }

// Full says that no more calls may be added.
func (m *Miner) Full() bool { return len(m.tokens) >= MostTokens }

// Add adds a call: whether it has the outcome, and what its agent said, line by line. Figures are no wording and part phrases as
// punctuation does.
func (m *Miner) Add(won bool, lines []string) {
	for _, line := range lines {
		m.line(line)
	}
	m.ends, m.won = append(m.ends, len(m.tokens)), append(m.won, won)
	if won {
		m.wins++
	}
}

func (m *Miner) line(line string) {
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			m.add(word.String(), false)
			word.Reset()
		}
	}
	for _, r := range line {
		switch {
		case unicode.Is(unicode.Han, r):
			flush()
			m.add(string(r), true)
		case unicode.IsLetter(r) || r == '\'' && word.Len() > 0:
			word.WriteRune(unicode.ToLower(r))
		case unicode.IsSpace(r):
			flush()
		default:
			flush()
			m.part()
		}
	}
	flush()
	m.part()
}

// part ends a stretch.
func (m *Miner) part() {
	if n := len(m.tokens); n > 0 && m.tokens[n-1] != gap {
		m.tokens = append(m.tokens, gap)
	}
}

func (m *Miner) add(token string, han bool) {
	number, known := m.numbers[token]
	if !known {
		number = int32(len(m.names))
		m.numbers[token] = number
		m.names, m.han = append(m.names, token), append(m.han, han)
	}
	if n := len(m.tokens); n > 0 && m.tokens[n-1] != gap && m.han[m.tokens[n-1]] != han {
		m.part()
	}
	m.tokens = append(m.tokens, number)
}

// Floor is in how many calls a phrase must be to be tried: enough for a figure, and half a percent of all.
func (m *Miner) Floor() int { return max(LeastCalls, (m.Calls()+199)/200) }

// found is a phrase while it is counted.
type found struct {
	at         int32 // where it stands, for its text
	calls, won int32
	last       int32 // the call that was counted last
	told       bool  // a longer one tells it
}

// Mine tries every phrase that is in enough calls, and not in nearly all: surest to go with the outcome first. Those of the
// opposite come last.
func (m *Miner) Mine() []Gram {
	floor := int32(m.Floor())
	at := make([]int32, len(m.tokens)) // which frequent phrase of the present length begins there, or gap
	level := m.count(1, at, floor, nil)
	var grams []Gram
	for n := 2; len(level) > 0; n++ {
		longer := m.count(n, at, floor, level)
		grams = m.keep(grams, level, n-1)
		level = longer
	}
	chances := make([]float64, len(grams))
	for i, g := range grams {
		chances[i] = g.Chance
	}
	for i, rate := range Adjust(chances) {
		grams[i].Rate = rate
	}
	slices.SortFunc(grams, func(a, b Gram) int {
		return cmp.Or(cmp.Compare(b.Low, a.Low), cmp.Compare(b.With, a.With), cmp.Compare(a.Text, b.Text))
	})
	return grams
}

// count counts the phrases of n from those of n-1, which it marks where a longer one tells them, and leaves in at where the
// frequent ones of n begin.
func (m *Miner) count(n int, at []int32, floor int32, shorter []found) []found {
	var all []found
	numbers := map[uint64]int32{}
	call, end := int32(0), 0
	if len(m.ends) > 0 {
		end = m.ends[0]
	}
	for i := range at {
		for i >= end {
			call++
			end = m.ends[call]
		}
		key, may := m.key(n, i, at)
		if !may {
			at[i] = gap
			continue
		}
		number, known := numbers[key]
		if !known {
			number = int32(len(all))
			numbers[key] = number
			all = append(all, found{at: int32(i), last: gap})
		}
		if f := &all[number]; f.last != call {
			f.last = call
			f.calls++
			if m.won[call] {
				f.won++
			}
		}
		at[i] = number
	}
	if n > 1 {
		m.tell(n, all, numbers, shorter, floor)
	}
	return frequent(all, at, floor)
}

// key names the phrase of n that begins at i by both that are shorter by one; those are frequent, or it need not be counted.
func (m *Miner) key(n, i int, at []int32) (key uint64, may bool) {
	switch {
	case m.tokens[i] == gap:
		return 0, false
	case n == 1:
		return uint64(m.tokens[i]), true
	case i+1 >= len(at) || at[i] == gap || at[i+1] == gap || n > m.longest(i)+1:
		return 0, false
	}
	return uint64(at[i])<<32 | uint64(uint32(at[i+1])), true
}

func (m *Miner) longest(at int) int {
	if m.han[m.tokens[at]] {
		return mostHan
	}
	return mostWords
}

// tell marks the shorter phrases that are hardly ever said outside of a longer one that is kept. One that is too long to be
// shown only tells the second half of it, so that of a sentence its beginning stays.
func (m *Miner) tell(n int, all []found, numbers map[uint64]int32, shorter []found, floor int32) {
	for key, number := range numbers {
		f := all[number]
		if f.calls < floor {
			continue
		}
		first, second := &shorter[key>>32], &shorter[key&math.MaxUint32]
		if n <= m.longest(int(f.at)) {
			first.told = first.told || float64(f.calls) >= share*float64(first.calls)
		} else if first == second {
			continue
		}
		second.told = second.told || float64(f.calls) >= share*float64(second.calls)
	}
}

// frequent leaves those of enough calls, and renumbers them.
func frequent(all []found, at []int32, floor int32) []found {
	var kept []found
	renumbered := make([]int32, len(all))
	for i, f := range all {
		renumbered[i] = gap
		if f.calls >= floor {
			renumbered[i] = int32(len(kept))
			kept = append(kept, f)
		}
	}
	for i, number := range at {
		if number != gap {
			at[i] = renumbered[number]
		}
	}
	return kept
}

// keep adds what is worth a trial of the phrases of n.
func (m *Miner) keep(grams []Gram, level []found, n int) []Gram {
	for _, f := range level {
		least := leastWords
		if m.han[m.tokens[f.at]] {
			least = leastHan
		}
		c := Counts{With: int(f.calls), WithWon: int(f.won), Without: m.Calls() - int(f.calls), WithoutWon: m.wins - int(f.won)}
		if f.told || n < least || n > m.longest(int(f.at)) || c.Without < LeastCalls {
			continue
		}
		grams = append(grams, Gram{Text: m.text(int(f.at), n), Counts: c, Lift: Of(c), Chance: Chance(c)})
	}
	return grams
}

func (m *Miner) text(at, n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = m.names[m.tokens[at+i]]
	}
	if m.han[m.tokens[at]] {
		return strings.Join(words, "")
	}
	return strings.Join(words, " ")
}
