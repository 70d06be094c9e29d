package topic

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"hotline/qa/rule"
)

// Mention is something of the dictionary that was spoken of in one line.
type Mention struct {
	Kind   Kind
	Entry  string
	Line   int // of the transcript, from 0
	Role   rule.Role
	Start  int    // ms from the beginning of the recording
	Phrase string // of the dictionary
	Heard  string
	Exact  bool   // by its characters, else by its sound
	Sign   int    // the opinion: -1, 0, 1
	Word   string // the words that it was taken from, with what turns them round
}

// place is a mention within its line: characters from to to (exclusive).
type place struct {
	Mention
	from, to int
}

// Find returns what the transcript speaks of, in order of time. What was not understood, and what one said while the other did
// not hear it, is left out.
func (f *Finder) Find(t rule.Transcript) []Mention {
	lines := make([]line, len(t.Utterances))
	places := make([][]place, len(lines))
	for i, u := range t.Utterances {
		if u.Unclear == "" && together(t.Apart, u.Span) {
			lines[i] = newLine(u.Units)
			places[i] = f.places(&lines[i], u, i)
		}
	}
	words := make([][]word, len(lines)) // of lines that are looked at
	opinions := func(i int) []word {
		if words[i] == nil {
			words[i] = f.words(&lines[i])
		}
		return words[i]
	}
	var all []Mention
	for i, found := range places {
		for _, p := range found {
			if w, ok := nearest(opinions(i), p, &lines[i]); ok {
				p.Sign, p.Word = w.sign, w.text
			} else if w, ok := beside(t.Utterances, places, opinions, i); ok {
				p.Sign, p.Word = w.sign, w.text
			}
			all = append(all, p.Mention)
		}
	}
	return all
}

func together(apart []rule.Apart, s rule.Span) bool {
	return !slices.ContainsFunc(apart, func(a rule.Apart) bool { return min(a.End, s.End) > max(a.Start, s.Start) })
}

// line is what was said as it is searched: folded characters without punctuation.
type line struct {
	units  []rule.Unit
	runes  []rune
	at     []int // the unit of each
	clause []int // the clause of each: a comma begins another
	marks  []int // the sentence of each: a full stop begins another
	asked  map[int]bool
}

func newLine(units []rule.Unit) line {
	l := line{units: units, asked: map[int]bool{}}
	clause, sentence := 0, 0
	for i, u := range units {
		for _, r := range u.Text {
			switch {
			case unicode.IsPunct(r) || unicode.IsSymbol(r):
				if strings.ContainsRune("？?", r) {
					l.asked[clause] = true
				}
				clause++
				if strings.ContainsRune("。！？!?；", r) {
					sentence++
				}
			case unicode.IsSpace(r):
			default:
				l.runes, l.at = append(l.runes, foldRune(r)), append(l.at, i)
				l.clause, l.marks = append(l.clause, clause), append(l.marks, sentence)
			}
		}
	}
	return l
}

// find returns where the word begins, in the whole line.
func (l *line) find(word []rune) []int {
	var all []int
	for i := 0; i+len(word) <= len(l.runes); i++ {
		if slices.Equal(l.runes[i:i+len(word)], word) {
			all = append(all, i)
		}
	}
	return all
}

func (l *line) text(from, to int) string { return string(l.runes[from:to]) }

// heard is what was written, from one character to another.
func (l *line) heard(from, to int) string {
	var text strings.Builder
	for i := l.at[from]; i <= l.at[to-1]; i++ {
		text.WriteString(l.units[i].Text)
	}
	return text.String()
}

type span struct{ from, to int }

func (s span) within(o span) bool { return o.from <= s.from && s.to <= o.to }

// spans are where the words are.
func (l *line) spans(words [][]rune) []span {
	var all []span
	for _, w := range words {
		for _, i := range l.find(w) {
			all = append(all, span{i, i + len(w)})
		}
	}
	return all
}

// places are the mentions of one line, of each entry the first.
func (f *Finder) places(l *line, u rule.Utterance, n int) []place {
	if len(l.runes) == 0 {
		return nil
	}
	speech := rule.Hear(u.Units)
	var all []place
	for i := range f.entries {
		e := &f.entries[i]
		if e.Kind == Wording && u.Role != rule.Agent {
			continue
		}
		if best, ok := e.first(l, speech, f.bound); ok {
			best.Kind, best.Entry, best.Line, best.Role = e.Kind, e.ID, n, u.Role
			best.Start = u.Units[l.at[best.from]].Start
			best.Heard = l.heard(best.from, best.to)
			all = append(all, best)
		}
	}
	// 「電子鍋」 in 「多功能電子鍋」 is not another product.
	all = slices.DeleteFunc(slices.Clone(all), func(p place) bool {
		return slices.ContainsFunc(all, func(o place) bool {
			return o.Kind == p.Kind && o.Entry != p.Entry && o.to-o.from > p.to-p.from && span{p.from, p.to}.within(span{o.from, o.to})
		})
	})
	slices.SortStableFunc(all, func(a, b place) int { return cmp.Compare(a.from, b.from) })
	return all
}

// first is the entry's place in the line: by characters before by sound, the longest, and of equal ones the first.
func (e *entry) first(l *line, speech rule.Speech, bound float64) (place, bool) {
	var found []place
	for _, p := range e.phrases {
		for _, i := range l.find(p.runes) {
			found = append(found, place{Mention{Phrase: p.text, Exact: true}, i, i + len(p.runes)})
		}
	}
	if len(found) == 0 {
		for _, p := range e.phrases {
			if p.sound == nil {
				continue
			}
			for _, at := range p.sound.In(speech, bound) {
				if from, to := l.of(at); from < to {
					found = append(found, place{Mention{Phrase: p.text, Exact: at.Exact}, from, to})
				}
			}
		}
	}
	if len(found) == 0 {
		return place{}, false
	}
	if excepts := l.spans(e.excepts); len(excepts) > 0 {
		found = slices.DeleteFunc(found, func(p place) bool {
			return slices.ContainsFunc(excepts, span{p.from, p.to}.within)
		})
	}
	if len(found) == 0 {
		return place{}, false
	}
	return slices.MinFunc(found, func(a, b place) int {
		return cmp.Or(cmp.Compare(b.to-b.from, a.to-a.from), cmp.Compare(a.from, b.from))
	}), true
}

// of is a place among units as one among characters.
func (l *line) of(p rule.Place) (from, to int) {
	from, _ = slices.BinarySearch(l.at, p.From)
	to, _ = slices.BinarySearch(l.at, p.To)
	return from, to
}
