package spoken

import (
	"errors"
	"strconv"
	"strings"

	"hotline/ivr/survey"
)

// Decimal is a number with digits after the point, exactly as it was written.
type Decimal struct {
	Negative bool
	Whole    int64  // never negative
	Fraction string // the digits after the point
}

// ErrNoNumber is ParseDecimal's only error.
var ErrNoNumber = errors.New("not a number: write digits, with a point before decimals and commas between thousands, as 1,050.50")

// ParseDecimal reads a number as services and people write it: -12, 1,050.50, 0.5, NT$105 or $105 of money, 12.5%.
// Commas must stand between thousands.
func ParseDecimal(s string) (Decimal, error) {
	s = strings.TrimSpace(s)
	d := Decimal{}
	s, d.Negative = strings.CutPrefix(s, "-")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "NT"), "$")
	s = strings.TrimSuffix(s, "%")
	whole, fraction, pointed := strings.Cut(s, ".")
	if strings.Contains(whole, ",") {
		groups := strings.Split(whole, ",")
		for i, g := range groups {
			if len(g) > 3 || len(g) == 0 || i > 0 && len(g) != 3 {
				return Decimal{}, ErrNoNumber
			}
		}
		whole = strings.Join(groups, "")
	}
	if whole == "" || pointed && fraction == "" || !onlyDigits(whole) || !onlyDigits(fraction) || len(fraction) > 18 {
		return Decimal{}, ErrNoNumber
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return Decimal{}, ErrNoNumber
	}
	d.Whole, d.Fraction = n, fraction
	if n == 0 && strings.Trim(fraction, "0") == "" {
		d.Negative = false
	}
	return d, nil
}

func onlyDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// Whole is the decimal without digits after the point.
func Whole(n int64) Decimal {
	if n < 0 {
		// The one number without a positive counterpart is said as its neighbour: nobody is told of so much.
		return Decimal{Negative: true, Whole: max(-n, -(n + 1))}
	}
	return Decimal{Whole: n}
}

// DecimalNumber says the number, its digits after the point one by one: 三點一四, "three point one four". Zeros at the
// end are not said.
func DecimalNumber(lang Lang, d Decimal) string {
	return sign(lang, d) + Number(lang, d.Whole) + point(lang, d)
}

func sign(lang Lang, d Decimal) string {
	switch {
	case !d.Negative:
		return ""
	case lang == survey.English:
		return "minus "
	default:
		return "負"
	}
}

func point(lang Lang, d Decimal) string {
	fraction := strings.TrimRight(d.Fraction, "0")
	switch {
	case fraction == "":
		return ""
	case lang == survey.English:
		return " point " + digits(lang, fraction, Options{})
	default:
		return "點" + digits(lang, fraction, Options{})
	}
}

// Money says an amount of New Taiwan dollars: 一百零五元, "one hundred five NT dollars". Amounts have cents only where
// they come of another currency or of interest: 一千零五十點五元, "one thousand fifty NT dollars and fifty cents".
func Money(lang Lang, d Decimal) string {
	if lang != survey.English {
		if d.Whole == 2 && strings.TrimRight(d.Fraction, "0") == "" {
			return sign(lang, d) + Count(lang, d.Whole) + "元"
		}
		return DecimalNumber(lang, d) + "元"
	}
	fraction := strings.TrimRight(d.Fraction, "0")
	if len(fraction) > 2 {
		return DecimalNumber(lang, d) + " NT dollars"
	}
	words := sign(lang, d) + Number(lang, d.Whole) + plural(d.Whole, " NT dollar")
	if fraction != "" {
		cents, _ := strconv.ParseInt((fraction + "0")[:2], 10, 64)
		words += " and " + Number(lang, cents) + plural(cents, " cent")
	}
	return words
}

func plural(n int64, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
