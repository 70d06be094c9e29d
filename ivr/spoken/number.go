package spoken

import (
	"strings"

	"hotline/ivr/survey"
)

// Lang is the language in which a value is said.
type Lang = survey.Lang

// Number says a whole number: 一百零五, "one hundred five". A lone two is 二.
func Number(lang Lang, n int64) string {
	if lang == survey.English {
		return minus("minus ", n) + englishNumber(size(n))
	}
	return minus("負", n) + mandarinNumber(size(n))
}

// Count says a whole number as it stands before what is counted: a lone two is 兩 in Mandarin.
func Count(lang Lang, n int64) string {
	if lang != survey.English && size(n) == 2 {
		return minus("負", n) + "兩"
	}
	return Number(lang, n)
}

// Ordinal says the place in an order: 第三, "third".
func Ordinal(lang Lang, n int64) string {
	if lang == survey.English {
		return minus("minus ", n) + englishOrdinal(size(n))
	}
	return "第" + Number(lang, n)
}

// Percent says a share: 百分之十二點五, "twelve point five percent".
func Percent(lang Lang, d Decimal) string {
	if lang == survey.English {
		return DecimalNumber(lang, d) + " percent"
	}
	negative := d.Negative
	d.Negative = false
	words := "百分之" + DecimalNumber(lang, d)
	if negative {
		return "負" + words
	}
	return words
}

func minus(word string, n int64) string {
	if n < 0 {
		return word
	}
	return ""
}

// size is the distance from zero, also of the one number that has no positive counterpart.
func size(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

var (
	mandarinDigits = []string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	mandarinUnits  = []string{"", "十", "百", "千"}
	myriads        = []string{"", "萬", "億", "兆", "京"}
)

// mandarinNumber says the number by groups of four digits. A zero is said once wherever digits are missing before one
// that is there: 一萬零五, but 十萬一千.
func mandarinNumber(n uint64) string {
	if n == 0 {
		return "零"
	}
	var groups []int
	for ; n > 0; n /= 10_000 {
		groups = append(groups, int(n%10_000))
	}
	var b strings.Builder
	gap := false
	for i := len(groups) - 1; i >= 0; i-- {
		group := groups[i]
		if group == 0 {
			gap = true
			continue
		}
		first := i == len(groups)-1
		if !first && (gap || group < 1000) {
			b.WriteString("零")
		}
		gap = false
		if group == 2 && i > 0 {
			b.WriteString("兩")
		} else {
			mandarinGroup(&b, group, first)
		}
		b.WriteString(myriads[i])
	}
	return b.String()
}

// mandarinGroup says 1 to 9999. The ten at the very beginning of a number is 十, elsewhere 一十.
func mandarinGroup(b *strings.Builder, group int, first bool) {
	said, gap := false, false
	for place, unit := 3, 1000; place >= 0; place, unit = place-1, unit/10 {
		digit := group / unit % 10
		if digit == 0 {
			gap = said
			continue
		}
		if gap {
			b.WriteString("零")
			gap = false
		}
		switch {
		case digit == 2 && place >= 2:
			b.WriteString("兩")
		case digit == 1 && place == 1 && first && !said:
		default:
			b.WriteString(mandarinDigits[digit])
		}
		b.WriteString(mandarinUnits[place])
		said = true
	}
}

var (
	englishSmall = []string{
		"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
		"thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
	}
	englishTens      = []string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
	englishThousands = []string{"", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion"}
	// irregular are the last words of ordinals that do not just take "th".
	irregular = map[string]string{
		"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
	}
)

func englishNumber(n uint64) string {
	if n == 0 {
		return englishSmall[0]
	}
	var groups []string
	for i := 0; n > 0; i, n = i+1, n/1000 {
		if group := int(n % 1000); group > 0 {
			groups = append([]string{englishGroup(group) + englishThousands[i]}, groups...)
		}
	}
	return strings.Join(groups, " ")
}

// englishGroup says 1 to 999.
func englishGroup(n int) string {
	var words []string
	if n >= 100 {
		words = append(words, englishSmall[n/100]+" hundred")
		n %= 100
	}
	switch {
	case n == 0:
	case n < 20:
		words = append(words, englishSmall[n])
	case n%10 == 0:
		words = append(words, englishTens[n/10])
	default:
		words = append(words, englishTens[n/10]+"-"+englishSmall[n%10])
	}
	return strings.Join(words, " ")
}

func englishOrdinal(n uint64) string {
	words := englishNumber(n)
	cut := strings.LastIndexAny(words, " -") + 1
	last := words[cut:]
	switch {
	case irregular[last] != "":
		last = irregular[last]
	case strings.HasSuffix(last, "y"):
		last = strings.TrimSuffix(last, "y") + "ieth"
	default:
		last += "th"
	}
	return words[:cut] + last
}
