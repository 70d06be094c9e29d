package spoken

import (
	"strings"

	"hotline/ivr/survey"
)

// Options are the choices that a site may make in reading digits.
type Options struct {
	// Yao says 么 for one, as soldiers and dispatchers do. Most callers expect 一.
	Yao bool
}

// maxRead is how many characters of a number are read, so that no value keeps a caller listening for minutes.
const maxRead = 64

// Digits says a number digit by digit in groups of up to four: codes, card endings. What is no digit separates groups.
func Digits(lang Lang, number string, o Options) string {
	var groups []string
	for _, run := range strings.FieldsFunc(clip(number), func(r rune) bool { return r < '0' || r > '9' }) {
		groups = append(groups, evenly(run)...)
	}
	return pauses(lang, groups, o)
}

// Phone says a telephone number in the groups that people in Taiwan say: 零九一二，三四五，六七八. It takes what people
// write and E.164; a number of Taiwan loses its +886. An extension comes after # or "ext.".
func Phone(lang Lang, number string, o Options) string {
	number, extension := cutExtension(clip(number))
	foreign := strings.HasPrefix(strings.TrimSpace(number), "+")
	number = keepDigits(number)
	if rest, ok := strings.CutPrefix(number, "886"); ok && foreign {
		foreign, number = false, "0"+strings.TrimPrefix(rest, "0")
	}
	var words string
	switch {
	case number == "":
	case foreign && lang == survey.English:
		words = "plus " + pauses(lang, evenly(number), o)
	case foreign:
		words = "加" + pauses(lang, evenly(number), o)
	default:
		words = pauses(lang, national(number), o)
	}
	if extension == "" {
		return words
	}
	said := pauses(lang, evenly(extension), o)
	if lang == survey.English {
		return strings.TrimPrefix(words+", extension "+said, ", ")
	}
	return strings.TrimPrefix(words+"，轉分機"+said, "，")
}

// Code says an order or article number letter by letter and digit by digit: "H L, two zero two six". A new group begins
// where letters and digits meet, at separators, and within long runs.
func Code(lang Lang, code string, o Options) string {
	var groups []string
	run, kind := "", 0
	flush := func() {
		if run != "" {
			groups = append(groups, evenly(run)...)
		}
		run = ""
	}
	for _, r := range strings.ToUpper(clip(code)) {
		now := 0
		switch {
		case r >= '0' && r <= '9':
			now = 1
		case r >= 'A' && r <= 'Z':
			now = 2
		}
		if now != kind {
			flush()
		}
		if kind = now; now != 0 {
			run += string(r)
		}
	}
	flush()
	return pauses(lang, groups, o)
}

// areas are Taiwan's area codes; of those that begin alike the longer comes first. National Communications Commission,
// telecommunications numbering plan.
var areas = []string{"0836", "0826", "037", "049", "082", "089", "02", "03", "04", "05", "06", "07", "08"}

// national groups a number of Taiwan: mobile 4-3-3, toll-free 4-3-3, otherwise the area code and then the rest.
func national(n string) []string {
	switch {
	case len(n) == 10 && (strings.HasPrefix(n, "09") || strings.HasPrefix(n, "080") || strings.HasPrefix(n, "020")):
		return []string{n[:4], n[4:7], n[7:]}
	case len(n) < 8 || len(n) > 10:
		return evenly(n)
	}
	for _, area := range areas {
		if rest, ok := strings.CutPrefix(n, area); ok {
			return append([]string{area}, evenly(rest)...)
		}
	}
	return evenly(n)
}

func cutExtension(s string) (number, extension string) {
	for _, mark := range []string{"#", "ext", "EXT", "Ext", "轉", "分機"} {
		if number, extension, ok := strings.Cut(s, mark); ok {
			return number, keepDigits(extension)
		}
	}
	return s, ""
}

func keepDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// evenly cuts a run into groups of at most four that differ by at most one, the longer ones first: nobody is left with a
// single digit at the end.
func evenly(run string) []string {
	var groups []string
	for left := (len(run) + 3) / 4; left > 0; left-- {
		n := (len(run) + left - 1) / left
		groups = append(groups, run[:n])
		run = run[n:]
	}
	return groups
}

func pauses(lang Lang, groups []string, o Options) string {
	said := make([]string, len(groups))
	for i, g := range groups {
		said[i] = digits(lang, g, o)
	}
	if lang == survey.English {
		return strings.Join(said, ", ")
	}
	return strings.Join(said, "，")
}

// digits says digits and capital letters one by one.
func digits(lang Lang, run string, o Options) string {
	words := make([]string, 0, len(run))
	latin := lang == survey.English
	for _, r := range run {
		switch {
		case r < '0' || r > '9':
			words, latin = append(words, string(r)), true
		case lang == survey.English:
			words = append(words, englishSmall[r-'0'])
		case r == '1' && o.Yao:
			words = append(words, "么")
		default:
			words = append(words, mandarinDigits[r-'0'])
		}
	}
	if latin {
		return strings.Join(words, " ")
	}
	return strings.Join(words, "")
}

func clip(s string) string {
	s = strings.ToValidUTF8(s, " ")
	for i := range s {
		if i >= maxRead {
			return s[:i]
		}
	}
	return s
}
