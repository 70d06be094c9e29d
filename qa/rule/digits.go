package rule

import (
	"strings"
)

// figures is a run of digits as they were read out, with what stood before it.
type figures struct {
	digits   string
	from, to int    // units of the run
	letter   string // A-Z before them, as in an identity number
}

// slack is how many units may stand between two digits: recognisers write separators, and take a digit for a word.
const slack = 1

// figuresIn finds the runs of digits in speech: figures, numerals, and between those also what only sounds like one (以 for
// 一), since nobody says words in the middle of a number.
func figuresIn(run []heard) []figures {
	var all []figures
	for i := 0; i < len(run); i++ {
		if digitOf(run[i]) == "" {
			continue
		}
		f := figures{from: i}
		odd := 0 // units since the last certain digit
		for k := i; k < len(run) && odd <= slack; k++ {
			if k > i && run[k].span.Start-run[k-1].span.End > breath {
				break
			}
			switch d := digitOf(run[k]); {
			case d != "":
				if odd > 0 { // what lies between two digits was one, if it sounds like one
					for _, between := range run[k-odd : k] {
						f.digits += soundsLike(between)
					}
				}
				f.digits, f.to, odd = f.digits+d, k+1, 0
			default:
				odd++
			}
		}
		if i > 0 && len(run[i-1].word) == 1 || i > 0 && run[i-1].char >= 'a' && run[i-1].char <= 'z' {
			f.letter = strings.ToUpper(run[i-1].word + string(run[i-1].char))
			f.letter = strings.Trim(f.letter, "\x00")
		}
		all = append(all, f)
		i = f.to - 1
	}
	return all
}

var numerals = map[rune]string{
	'〇': "0", '零': "0", '一': "1", '二': "2", '兩': "2", '三': "3", '四': "4", '五': "5", '六': "6", '七': "7", '八': "8", '九': "9", '幺': "1",
}

// digitOf is the digits that a unit certainly says.
func digitOf(h heard) string {
	if h.char >= '0' && h.char <= '9' {
		return string(h.char)
	}
	if d := numerals[h.char]; d != "" {
		return d
	}
	for _, r := range h.word {
		if r < '0' || r > '9' {
			return ""
		}
	}
	return h.word
}

// soundsLike is the digit that a unit sounds like, or "".
func soundsLike(h heard) string {
	for d := '0'; d <= '9'; d++ {
		read := readings(d)[0]
		for _, s := range h.sounds {
			if between(read, s) <= 0.1 {
				return string(d)
			}
		}
	}
	return ""
}

// Lengths of payment card numbers (ISO/IEC 7812-1), and what remains of one when recognition loses digits.
const (
	cardLeast, cardMost = 13, 19
	cardHeard           = 12 // of one whose digits were not all heard: repeated ones get lost
	cardNamed           = 8  // the same after somebody said 卡號
	idDigits            = 9  // after the letter (內政部: 國民身分證統一編號)
	idNamed             = 6  // of one whose digits were not all heard, after somebody said 身分證
)

// announced are the words that tell what a number is: those before it in its sentence, and the sentence before when there
// are none.
func announced(run []heard) []heard {
	from := len(run)
	for from > 0 && len(run)-from < lookBack {
		from--
		if run[from].stop && len(run)-from >= leastWords {
			break
		}
	}
	return run[from:]
}

const (
	lookBack   = 14 // units
	leastWords = 2  // a sentence with fewer before the number announces nothing: 是, 嗯
)

var (
	cardWords = patterns([]string{"卡號", "信用卡", "刷卡", "金融卡"})
	idWords   = patterns([]string{"身分證", "證字號", "身份證", "身證號"})
	noCard    = patterns([]string{"訂單", "單號", "發票", "電話", "手機", "帳號", "統一編號", "序號"})
)

// digits finds numbers of cards and identity cards. Card numbers are Luhn-valid (ISO/IEC 7812-1 annex B) when every digit
// was recognised; one is kept also when it is not, if it is as long or was announced as one, since a digit that was heard
// wrongly must not show it.
func (j *judge) digits(r Rule) []Finding {
	var all []Finding
	for _, role := range r.roles() {
		for _, run := range j.runs[role] {
			for _, f := range figuresIn(run) {
				before := announced(run[:f.from])
				if r.Kind == Card && isCard(f, before) || r.Kind == Identity && isIdentity(f, before) {
					s := Span{run[f.from].span.Start, run[f.to-1].span.End}
					found := r.finding(role, s, float64(len(f.digits)))
					if !luhn(f.digits) && r.Kind == Card || r.Kind == Identity && !validIdentity(f.letter+f.digits) {
						found.Match = BySound
					}
					all = append(all, found)
				}
			}
		}
	}
	return all
}

func isCard(f figures, before []heard) bool {
	n := len(f.digits)
	switch {
	case n > cardMost+2:
		return names(before, cardWords)
	case names(before, cardWords):
		return n >= cardNamed
	case names(before, noCard):
		return n >= cardLeast && luhn(f.digits)
	}
	return n >= cardHeard
}

func isIdentity(f figures, before []heard) bool {
	n := len(f.digits)
	return f.letter != "" && n == idDigits && validIdentity(f.letter+f.digits) ||
		names(before, idWords) && n >= idNamed && n <= idDigits+2
}

func names(run []heard, words []pattern) bool {
	for i := range words {
		if len(words[i].find(run, 0.12)) > 0 {
			return true
		}
	}
	return false
}

// luhn is the check digit of payment cards.
func luhn(digits string) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return len(digits) >= cardLeast && sum%10 == 0
}

// letterValue is what the letter of an identity number stands for (內政部戶政司).
var letterValue = map[byte]int{
	'A': 10, 'B': 11, 'C': 12, 'D': 13, 'E': 14, 'F': 15, 'G': 16, 'H': 17, 'I': 34, 'J': 18, 'K': 19, 'L': 20, 'M': 21, 'N': 22, 'O': 35,
	'P': 23, 'Q': 24, 'R': 25, 'S': 26, 'T': 27, 'U': 28, 'V': 29, 'W': 32, 'X': 30, 'Y': 31, 'Z': 33,
}

// validIdentity checks a national identification number of Taiwan: weights 1, 9, 8 ... 1, 1; the sum ends in 0.
func validIdentity(s string) bool {
	if len(s) != idDigits+1 || letterValue[s[0]] == 0 {
		return false
	}
	v := letterValue[s[0]]
	sum := v/10 + v%10*9
	for i, w := range []int{8, 7, 6, 5, 4, 3, 2, 1, 1} {
		sum += int(s[1+i]-'0') * w
	}
	return sum%10 == 0
}
