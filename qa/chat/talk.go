package chat

import (
	"strings"
	"unicode"

	"hotline/qa/rule"
)

// Talk is what of a call a model gets to read, and by which its quotations are checked.
type Talk struct {
	lines []line
	size  int // characters
}

// line is what one person said between two pauses.
type line struct {
	role  rule.Role
	text  []rune
	start []int // for each rune, when its unit begins, in milliseconds
	end   []int
}

// NewTalk takes from a stored transcript what may be judged, with a star for each digit of longer numbers.
func NewTalk(t rule.Transcript) Talk {
	var talk Talk
	for _, u := range t.Utterances {
		if u.Unclear != "" || apart(t.Apart, u.Span) {
			continue
		}
		l := line{role: u.Role}
		for _, unit := range u.Units {
			for _, r := range unit.Text {
				l.text, l.start, l.end = append(l.text, r), append(l.start, unit.Start), append(l.end, unit.End)
			}
		}
		star(l.text)
		if len(l.text) > 0 {
			talk.lines = append(talk.lines, l)
			talk.size += len(l.text)
		}
	}
	return talk
}

func apart(all []rule.Apart, s rule.Span) bool {
	for _, a := range all {
		if min(a.End, s.End) > max(a.Start, s.Start) {
			return true
		}
	}
	return false
}

// longNumber is from how many digits on a number may be a telephone's, an order's or a person's. Prices and dates are shorter.
const longNumber = 6

// star hides the digits of longer numbers, also of those written with spaces or hyphens.
func star(text []rune) {
	from, digits := -1, 0
	end := func(to int) {
		for i := max(from, 0); i < to && digits >= longNumber; i++ {
			if unicode.IsDigit(text[i]) {
				text[i] = '*'
			}
		}
		from, digits = -1, 0
	}
	for i, r := range text {
		switch {
		case unicode.IsDigit(r):
			if from < 0 {
				from = i
			}
			digits++
		case r == ' ' || r == '-' || r == '*':
		default:
			end(i)
		}
	}
	end(len(text))
}

// String is the call as the model reads it.
func (t Talk) String() string {
	var b strings.Builder
	for _, l := range t.lines {
		b.WriteString(string(l.role) + ": " + strings.ReplaceAll(string(l.text), "\n", " ") + "\n")
	}
	return b.String()
}

// Quote is what a model says that somebody said.
type Quote struct {
	Role rule.Role `json:"role"`
	Text string    `json:"text"`
}

// Find says where a quotation was said: in what that person said without the other in between, word for word. White space and
// punctuation do not count, since a recogniser puts them where it likes.
func (t Talk) Find(q Quote) (rule.Span, bool) {
	wanted := bare([]rune(q.Text))
	if len(wanted) == 0 {
		return rule.Span{}, false
	}
	for i := 0; i < len(t.lines); {
		said := line{role: t.lines[i].role}
		for ; i < len(t.lines) && t.lines[i].role == said.role; i++ {
			l := t.lines[i]
			for _, k := range bare(l.text) {
				said.text, said.start, said.end = append(said.text, l.text[k]), append(said.start, l.start[k]), append(said.end, l.end[k])
			}
		}
		if said.role != q.Role {
			continue
		}
		if at := index(said.text, []rune(q.Text), wanted); at >= 0 {
			return rule.Span{Start: said.start[at], End: said.end[at+len(wanted)-1]}, true
		}
	}
	return rule.Span{}, false
}

// bare are the places of what is neither white space nor punctuation.
func bare(text []rune) []int {
	var places []int
	for i, r := range text {
		if !unicode.IsSpace(r) && !unicode.IsPunct(r) && !unicode.IsControl(r) {
			places = append(places, i)
		}
	}
	return places
}

// index is where the chosen runes of text begin in said, or -1.
func index(said, text []rune, chosen []int) int {
	for at := 0; at+len(chosen) <= len(said); at++ {
		n := 0
		for n < len(chosen) && said[at+n] == text[chosen[n]] {
			n++
		}
		if n == len(chosen) {
			return at
		}
	}
	return -1
}
