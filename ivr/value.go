package ivr

import (
	"strconv"
	"strings"
	"time"

	"hotline/ivr/spoken"
)

// Kind is what a value of a flow is. It decides what may be in it, and how it is said.
type Kind string

// The kinds of values. Each is kept as text.
const (
	KindText   Kind = "text"   // said as it is
	KindDigits Kind = "digits" // said digit by digit: phone, customer, order numbers of digits only
	KindCode   Kind = "code"   // letters, digits and hyphens, said one by one
	KindPhone  Kind = "phone"  // a telephone number, as people write it or E.164
	KindNumber Kind = "number" // a whole number
	KindMoney  Kind = "money"  // whole New Taiwan dollars
	KindDate   Kind = "date"   // 2026-11-29; the caller keys 20261129
	KindTime   Kind = "time"   // 14:30; the caller keys 1430
)

// Kinds are all of them, as files name them.
var Kinds = []string{"text", "digits", "code", "phone", "number", "money", "date", "time"}

// Limits of values: they travel with the call.
const (
	MaxValues = 16 // of one flow
	MaxValue  = 64 // bytes of one
)

// Value declares a value of a flow.
type Value struct {
	Mark Mark
	Kind Kind
	// Secret is what a caller keys and nobody may see, as the number of a card. The host keeps it until the call ends, and
	// gives it to a service; the flow, and whatever is stored of the call, has only that it was given.
	Secret bool
}

// Given stands for a secret that the host keeps.
const Given = "*"

const clock = "15:04"

// values that every flow has.
const (
	valueLanguage = "language" // the language spoken now
	valueCaller   = "caller"   // the caller's number, which only a service is given
)

// Fits says whether a text is a value of the kind.
func (k Kind) Fits(s string) bool {
	if s == "" || len(s) > MaxValue {
		return false
	}
	switch k {
	case KindText:
		return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd })
	case KindDigits:
		return strings.Trim(s, "0123456789") == ""
	case KindCode:
		return strings.Trim(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") == ""
	case KindPhone:
		return strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789+-() #") == ""
	case KindNumber, KindMoney:
		_, ok := number(s)
		return ok
	case KindDate:
		_, err := time.Parse(time.DateOnly, s)
		return err == nil
	case KindTime:
		_, err := time.Parse(clock, s)
		return err == nil
	}
	return false
}

// number reads a whole number of up to twelve digits.
func number(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n < 1e12 && n > -1e12
}

// keyed makes a value of what a caller keyed. ok is false when it is none.
func (k Kind) keyed(digits string) (value string, ok bool) {
	switch k {
	case KindNumber, KindMoney:
		value = strings.TrimLeft(digits, "0")
		if value == "" && digits != "" {
			value = "0"
		}
	case KindDate:
		if len(digits) != 8 {
			return "", false
		}
		value = digits[:4] + "-" + digits[4:6] + "-" + digits[6:]
	case KindTime:
		if len(digits) != 4 {
			return "", false
		}
		value = digits[:2] + ":" + digits[2:]
	case KindText, KindDigits, KindCode, KindPhone:
		value = digits
	}
	return value, k.Fits(value)
}

// holes finds the values that a text names in braces. ok is false when the braces are not whole.
func holes(text string) (names []string, ok bool) {
	for {
		before, rest, opened := strings.Cut(text, "{")
		if strings.Contains(before, "}") {
			return names, false
		}
		if !opened {
			return names, true
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.Contains(name, "{") {
			return names, false
		}
		names, text = append(names, name), after
	}
}

// fill puts the values into a text.
func (w *walk) fill(p Phrase) Phrase {
	if !strings.Contains(p.Text, "{") {
		return p
	}
	names, _ := holes(p.Text)
	for _, name := range names {
		p.Text = strings.ReplaceAll(p.Text, "{"+name+"}", words(w.flow.Values[name].Kind, w.value(name), p.Lang))
	}
	return p
}

// value is what a value is now; "" when it was not set.
func (w *walk) value(name string) string {
	if name == valueLanguage {
		return string(w.p.Lang)
	}
	return w.p.Values[name]
}

// words says a value in the language.
func words(k Kind, value string, lang Lang) string {
	switch k {
	case KindDigits:
		return spoken.Digits(lang, value, spoken.Options{})
	case KindCode:
		return spoken.Code(lang, value, spoken.Options{})
	case KindPhone:
		return spoken.Phone(lang, value, spoken.Options{})
	case KindNumber, KindMoney:
		if n, ok := number(value); ok && k == KindMoney {
			return spoken.Money(lang, spoken.Whole(n))
		} else if ok {
			return spoken.Number(lang, n)
		}
	case KindDate:
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			return spoken.Date(lang, day, spoken.DateStyle{})
		}
	case KindTime:
		if at, err := time.Parse(clock, value); err == nil {
			return spoken.Clock(lang, at.Hour(), at.Minute())
		}
	case KindText:
	}
	return value
}

// luhn is the check of ISO/IEC 7812-1, annex B, which card numbers pass.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return len(digits) > 1 && sum%10 == 0
}
