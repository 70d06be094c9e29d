package speak

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Spoken writes the text as it is read aloud: digits, clock times, percentages
// and the two keys of a telephone become words. Engines differ in what they make
// of digits (a Mandarin lexicon may drop them), so none is given any.
func Spoken(lang, text string) string {
	// Only digits and signs are folded: full-width punctuation is what a Mandarin
	// lexicon knows.
	text = strings.Map(func(r rune) rune {
		switch f := width.LookupRune(r).Folded(); {
		case f >= '0' && f <= '9', f == '#', f == '*', f == '%', f == '~':
			return f
		default:
			return r
		}
	}, canonical(text))
	if lang == Mandarin {
		return spokenMandarin(text)
	}
	return spokenEnglish(text)
}

var (
	// A number that is read digit by digit: it starts with 0 or is longer than
	// four digits, perhaps in groups as telephone numbers are written.
	digitString = regexp.MustCompile(`\b(?:0\d+|\d{5,})(?:-\d+)*\b|\b\d+(?:-\d+){2,}\b`)
	clockTime   = regexp.MustCompile(`\b(\d{1,2}):([0-5]\d)\b`)
	percentage  = regexp.MustCompile(`(\d+(?:\.\d+)?) ?%`)
	rangeSign   = regexp.MustCompile(`(\d) ?[-–~～] ?(\d)`)
	ordinal     = regexp.MustCompile(`第 ?(\d{1,4})`)
	// Two of something is 兩, not 二.
	twoOf       = regexp.MustCompile(`(^|[^\d.])2 ?([個位分次天件份張年週小點種項筆樣])`)
	decimal     = regexp.MustCompile(`(\d+)\.(\d+)`)
	number      = regexp.MustCompile(`\d{1,4}`)
	hashKey     = regexp.MustCompile(`# ?(?:字鍵|鍵)?`)
	starKey     = regexp.MustCompile(`\* ?(?:字鍵|鍵)?`)
	hanSpace    = regexp.MustCompile(`(\p{Han}|[，。！？、；：]) +(\p{Han})`)
	digitsZh    = [...]string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	digitsEn    = [...]string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"}
	tensEn      = [...]string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
	englishHash = regexp.MustCompile(`# ?(?:key)?`)
	englishStar = regexp.MustCompile(`\* ?(?:key)?`)
)

// taiwanese spells words by homophones where Kokoro's lexicon reads them as in
// Beijing, or wrongly: 重聽 (hear again) as 重聽 (hard of hearing).
var taiwanese = strings.NewReplacer(
	"重聽", "崇聽", "重撥", "崇撥",
	"品質", "品直", "企業", "器業", "垃圾", "樂色",
	"星期", "星其", "日期", "日其", "期間", "其間", "期限", "其限", "到期", "到其",
)

func spokenMandarin(text string) string {
	text = clockTime.ReplaceAllStringFunc(text, func(s string) string {
		m := clockTime.FindStringSubmatch(s)
		hour := atoi(m[1])
		spoken := mandarinNumber(hour) + "點"
		if hour == 2 {
			spoken = "兩點"
		}
		if minute := atoi(m[2]); minute > 0 {
			spoken += mandarinNumber(minute) + "分"
		}
		return spoken
	})
	text = digitString.ReplaceAllStringFunc(text, func(s string) string { return eachDigit(s, digitsZh[:], "", "，") })
	text = percentage.ReplaceAllString(text, "百分之$1")
	text = rangeSign.ReplaceAllString(text, "${1}到$2")
	text = ordinal.ReplaceAllStringFunc(text, func(s string) string {
		return "第" + mandarinNumber(atoi(ordinal.FindStringSubmatch(s)[1]))
	})
	text = twoOf.ReplaceAllString(text, "${1}兩$2")
	text = decimal.ReplaceAllStringFunc(text, func(s string) string {
		m := decimal.FindStringSubmatch(s)
		return m[1] + "點" + eachDigit(m[2], digitsZh[:], "", "")
	})
	text = number.ReplaceAllStringFunc(text, func(s string) string { return mandarinNumber(atoi(s)) })
	text = hashKey.ReplaceAllString(text, "井字鍵")
	text = starKey.ReplaceAllString(text, "米字鍵")
	// Twice, because neighbouring matches share a character.
	text = hanSpace.ReplaceAllString(text, "$1$2")
	return taiwanese.Replace(hanSpace.ReplaceAllString(text, "$1$2"))
}

func spokenEnglish(text string) string {
	text = clockTime.ReplaceAllStringFunc(text, func(s string) string {
		m := clockTime.FindStringSubmatch(s)
		minute := atoi(m[2])
		switch {
		case minute == 0:
			return englishNumber(atoi(m[1])) + " o'clock"
		case minute < 10:
			return englishNumber(atoi(m[1])) + " oh " + englishNumber(minute)
		}
		return englishNumber(atoi(m[1])) + " " + englishNumber(minute)
	})
	text = digitString.ReplaceAllStringFunc(text, func(s string) string { return eachDigit(s, digitsEn[:10], " ", ", ") })
	text = percentage.ReplaceAllString(text, "$1 percent")
	text = rangeSign.ReplaceAllString(text, "$1 to $2")
	text = decimal.ReplaceAllStringFunc(text, func(s string) string {
		m := decimal.FindStringSubmatch(s)
		return m[1] + " point " + eachDigit(m[2], digitsEn[:10], " ", "")
	})
	text = number.ReplaceAllStringFunc(text, func(s string) string { return englishNumber(atoi(s)) })
	text = englishHash.ReplaceAllString(text, " pound key ")
	text = englishStar.ReplaceAllString(text, " star key ")
	return strings.NewReplacer(" ,", ",", " .", ".").Replace(canonical(text))
}

// eachDigit reads s digit by digit; pause stands where s has a hyphen.
func eachDigit(s string, names []string, between, pause string) string {
	var groups []string
	for group := range strings.SplitSeq(s, "-") {
		var words []string
		for _, d := range group {
			words = append(words, names[d-'0'])
		}
		groups = append(groups, strings.Join(words, between))
	}
	return strings.Join(groups, pause)
}

// mandarinNumber reads 0 to 9999 as a quantity.
func mandarinNumber(n int) string {
	if n == 0 {
		return digitsZh[0]
	}
	var b strings.Builder
	gap := false
	for _, unit := range []struct {
		value int
		name  string
	}{{1000, "千"}, {100, "百"}, {10, "十"}, {1, ""}} {
		d := n / unit.value % 10
		if d == 0 {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteString(digitsZh[0])
			gap = false
		}
		if unit.value != 10 || d != 1 || b.Len() > 0 {
			b.WriteString(digitsZh[d])
		}
		b.WriteString(unit.name)
	}
	return b.String()
}

// englishNumber reads 0 to 9999.
func englishNumber(n int) string {
	switch {
	case n < 20:
		return digitsEn[n]
	case n < 100 && n%10 == 0:
		return tensEn[n/10]
	case n < 100:
		return tensEn[n/10] + "-" + digitsEn[n%10]
	}
	unit, name := 100, " hundred"
	if n >= 1000 {
		unit, name = 1000, " thousand"
	}
	spoken := englishNumber(n/unit) + name
	if n%unit > 0 {
		spoken += " " + englishNumber(n%unit)
	}
	return spoken
}

// atoi reads the digits that a pattern has matched.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// Sentences cuts a text after each end of a sentence. Engines speak one at a
// time: so the pauses are ours, and no request takes long.
func Sentences(text string) []string {
	var out []string
	var b strings.Builder
	runes := []rune(text)
	for i, r := range runes {
		b.WriteRune(r)
		next := ' '
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		if strings.ContainsRune("。！？；", r) || strings.ContainsRune(".!?;", r) && unicode.IsSpace(next) {
			out = appendSentence(out, b.String())
			b.Reset()
		}
	}
	return appendSentence(out, b.String())
}

// appendSentence drops pieces that are only punctuation.
func appendSentence(out []string, s string) []string {
	s = strings.TrimSpace(s)
	if strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
		return out
	}
	return append(out, s)
}
