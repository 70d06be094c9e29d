package rule

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// heard is one unit as matching sees it: its character, how it may be read, and whether it begins after a pause.
type heard struct {
	char   rune // folded; 0 for a word that is not Chinese
	word   string
	sounds []syllable
	span   Span
	sure   float64
	stop   bool // a sentence ends before it
}

// breath is the pause, in milliseconds, over which no phrase goes on.
const breath = 1500

// fold makes one character of those that mean the same in a phrase and that recognisers use for one another.
var folded = map[rune]rune{
	'你': '您', '妳': '您', '哦': '喔', '噢': '喔', '臺': '台', '牠': '他', '她': '他', '它': '他', '裏': '裡', '週': '周', '啰': '囉',
	'〇': '0', '零': '0', '一': '1', '二': '2', '三': '3', '四': '4', '五': '5', '六': '6', '七': '7', '八': '8', '九': '9',
}

func fold(r rune) rune {
	if f, ok := folded[r]; ok {
		return f
	}
	return unicode.ToLower(r)
}

// hear is what matching sees of units, without punctuation, and which unit each of it is.
func hear(units []Unit) (run []heard, at []int) {
	stop := false
	for i, unit := range units {
		r, size := utf8.DecodeRuneInString(unit.Text)
		if isPunct(unit.Text) {
			stop = stop || strings.ContainsRune("。！？!?", r)
			continue
		}
		h := heard{span: unit.Span, sure: unit.Sure, stop: stop && len(run) > 0}
		if size == len(unit.Text) {
			h.char, h.sounds = fold(r), readings(r)
		} else {
			h.word = strings.ToLower(unit.Text)
		}
		run, at, stop = append(run, h), append(at, i), false
	}
	return run, at
}

// isPunct says whether a unit is no word.
func isPunct(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsPunct(r) || unicode.IsSpace(r) || unicode.IsSymbol(r)
}

// runs are the stretches of one role's speech in which phrases are looked for: what was understood and may be judged,
// parted where a pause is too long. A sentence ends with an utterance.
func (t *Transcript) runs(role Role) [][]heard {
	var all [][]heard
	var run []heard
	part := func() {
		if len(run) > 0 {
			all, run = append(all, run), nil
		}
	}
	for _, u := range t.Utterances {
		if u.Role != role {
			continue
		}
		if u.Unclear != "" || !t.judged(u.Span) {
			part()
			continue
		}
		more, _ := hear(u.Units)
		for i, h := range more {
			if n := len(run); n > 0 && h.span.Start-run[n-1].span.End > breath {
				part()
			}
			h.stop = len(run) > 0 && (h.stop || i == 0)
			run = append(run, h)
		}
	}
	part()
	return all
}
