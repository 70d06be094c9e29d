package spoken_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"hotline/ivr/spoken"
	"hotline/ivr/survey"
)

// readMandarin reads words back as people do, from left to right: a digit waits for its unit, a unit of four digits
// closes what stands before it. It knows nothing of how the package writes.
func readMandarin(words string) (n int64, ok bool) {
	words, negative := strings.CutPrefix(words, "負")
	var total, group, digit int64
	have := false
	for _, r := range words {
		if d := strings.IndexRune("零一二三四五六七八九", r); d >= 0 {
			digit, have = int64(d/3), true
			continue
		}
		switch r {
		case '兩':
			digit, have = 2, true
		case '十', '百', '千':
			if !have {
				if r != '十' || group != 0 || total != 0 {
					return 0, false
				}
				digit = 1
			}
			group += digit * map[rune]int64{'十': 10, '百': 100, '千': 1000}[r]
			digit, have = 0, false
		case '萬', '億', '兆', '京':
			total += (group + digit) * map[rune]int64{'萬': 1e4, '億': 1e8, '兆': 1e12, '京': 1e16}[r]
			group, digit, have = 0, 0, false
		default:
			return 0, false
		}
	}
	total += group + digit
	if negative {
		total = -total
	}
	return total, true
}

var englishValues = map[string]int64{
	"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
	"nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}

func readEnglish(words string) (n int64, ok bool) {
	words, negative := strings.CutPrefix(words, "minus ")
	scales := map[string]int64{"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "quadrillion": 1e15, "quintillion": 1e18}
	var total, group int64
	for _, word := range strings.FieldsFunc(words, func(r rune) bool { return r == ' ' || r == '-' }) {
		v, small := englishValues[word]
		scale := scales[word]
		switch {
		case small:
			group += v
		case word == "hundred":
			group *= 100
		case scale > 0:
			total, group = total+group*scale, 0
		default:
			return 0, false
		}
	}
	total += group
	if negative {
		total = -total
	}
	return total, true
}

func TestEveryNumberIsReadBack(t *testing.T) {
	check := func(fatal func(string, ...any), n int64) {
		if got, ok := readMandarin(spoken.Number(survey.Mandarin, n)); !ok || got != n {
			fatal("%d is said as %q, which is %d", n, spoken.Number(survey.Mandarin, n), got)
		}
		if got, ok := readMandarin(spoken.Count(survey.Mandarin, n)); !ok || got != n {
			fatal("%d is counted as %q, which is %d", n, spoken.Count(survey.Mandarin, n), got)
		}
		if got, ok := readEnglish(spoken.Number(survey.English, n)); !ok || got != n {
			fatal("%d is said as %q, which is %d", n, spoken.Number(survey.English, n), got)
		}
	}
	for n := int64(-200); n <= 120_000; n++ {
		check(t.Fatalf, n)
	}
	rapid.Check(t, func(t *rapid.T) {
		// Digits with many zeros, where mistakes are: a random int64 has none.
		n := int64(0)
		for range rapid.IntRange(1, 18).Draw(t, "digits") {
			n = n*10 + int64(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 9}).Draw(t, "digit"))
		}
		if rapid.Bool().Draw(t, "negative") {
			n = -n
		}
		check(t.Fatalf, n)
	})
}

// Zeros are said once, and none before a group that begins with a thousand.
func TestMandarinZeros(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := spoken.Number(survey.Mandarin, rapid.Int64Range(1, 1e12).Draw(t, "n"))
		if strings.Contains(words, "零零") || strings.HasSuffix(words, "零") || strings.HasPrefix(words, "一十") {
			t.Fatal(words)
		}
	})
}

func TestEveryTimeOfDayHasWordsOfItsOwn(t *testing.T) {
	for _, lang := range []spoken.Lang{survey.Mandarin, survey.English} {
		seen := map[string]int{}
		for minute := range 24 * 60 {
			words := spoken.Clock(lang, minute/60, minute%60)
			if before, ok := seen[words]; ok {
				t.Errorf("%q is minute %d and %d", words, before, minute)
			}
			seen[words] = minute
		}
	}
}

// Whatever the caller keyed or a service sent: no crash, no word lost, no digit invented.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"0912-345-678", "+886 2 2345 6789 #12", "HL-2026/1129", "", "\xff\xfe", "１２３", "轉分機", strings.Repeat("9", 500), "1,050.50", "-0.00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, lang := range []spoken.Lang{survey.Mandarin, survey.English, ""} {
			for name, words := range map[string]string{
				"phone": spoken.Phone(lang, s, spoken.Options{}), "code": spoken.Code(lang, s, spoken.Options{Yao: true}),
				"digits": spoken.Digits(lang, s, spoken.Options{}),
			} {
				if !utf8.ValidString(words) || strings.ContainsAny(words, "0123456789") || strings.HasPrefix(words, "，") {
					t.Fatalf("%s of %q: %q", name, s, words)
				}
			}
			if d, err := spoken.ParseDecimal(s); err == nil {
				for _, words := range []string{spoken.Money(lang, d), spoken.Percent(lang, d), spoken.DecimalNumber(lang, d)} {
					if words == "" || strings.ContainsAny(words, "0123456789") {
						t.Fatalf("%q: %q", s, words)
					}
				}
			}
		}
		said := strings.ReplaceAll(spoken.Digits(survey.Mandarin, s, spoken.Options{}), "，", "")
		kept := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
		if len(s) <= 64 && utf8.RuneCountInString(said) != len(kept) {
			t.Fatalf("%q has %d digits, said as %q", s, len(kept), said)
		}
	})
}
