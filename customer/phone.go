package customer

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// homeRegion is where a number without a country code belongs.
const homeRegion = "TW"

// What ParsePhone answers when there is no number to look up. The errors never hold what was given: it may be somebody's
// number after all.
var (
	// ErrWithheld: the caller's number was withheld, or is not known to the network.
	ErrWithheld = errors.New("the number is withheld")
	// ErrIncomplete: digits, but no number that can be rung back from outside: an extension, a service number such as
	// 119, or a subscriber number without its area code.
	ErrIncomplete = errors.New("the number is incomplete; give it with its area code")
	// ErrNotPhone: anything else, such as the name of a SIP account.
	ErrNotPhone = errors.New("this is not a phone number")
)

// Number is a phone number in the one form in which numbers are stored and compared.
type Number struct {
	E164 string // "+886912345678"
	Ext  string // digits of the extension behind it, often empty
}

// LogValue shows the number masked.
func (n Number) LogValue() slog.Value { return slog.StringValue(MaskPhone(n.E164)) }

// maxE164 is the + and the 15 digits that E.164 allows.
const maxE164 = 16

// leastDigits is what a number has at least that can be rung from abroad.
const leastDigits = 7

// maxRaw is far beyond any number with separators, extension and SIP parameters.
const maxRaw = 128

// withheld are the caller ids by which networks and telephones say that there is none (RFC 3323, RFC 3325, and what
// trunks are seen to send), folded.
var withheld = map[string]bool{
	"anonymous": true, "restricted": true, "private": true, "unknown": true, "unavailable": true, "withheld": true,
	"blocked": true, "asterisk": true, "no number": true, "id unavailable": true, "anonymous.invalid": true,
	"匿名": true, "隱藏號碼": true, "未顯示號碼": true, "不顯示號碼": true, "無號碼": true,
}

var (
	extension  = regexp.MustCompile(`(?i)[\s,]*(?:#|;ext=|ext(?:ension)?\.?|x|分機|轉|,)[\s:.]*([0-9]{1,8})#?$`)
	separators = regexp.MustCompile(`[\s\-‐‑‒–—―().·/\[\]]+`)
	digitsOnly = regexp.MustCompile(`^\+?[0-9]+$`)
)

// ParsePhone reads a number as people in Taiwan write it and as trunks send it: 0912-345-678, (02)2345-6789#12,
// +886 912 345 678, 886912345678, full-width digits, a SIP or tel URI, foreign numbers with + or an international
// prefix. The error is ErrWithheld, ErrIncomplete or ErrNotPhone.
func ParsePhone(raw string) (Number, error) {
	if len(raw) > maxRaw {
		return Number{}, ErrNotPhone
	}
	s := strings.TrimSpace(strings.Map(visible, norm.NFKC.String(raw)))
	s, isURI := userPart(s)
	if folded := strings.ToLower(s); folded == "" || withheld[folded] {
		return Number{}, ErrWithheld
	}
	var ext string
	if m := extension.FindStringSubmatchIndex(s); m != nil {
		s, ext = s[:m[0]], s[m[2]:m[3]]
	}
	if isURI {
		s, _, _ = strings.Cut(s, ";")
	}
	s = separators.ReplaceAllString(s, "")
	if !digitsOnly.MatchString(s) {
		return Number{}, ErrNotPhone
	}
	s, err := withPlus(s)
	if err != nil {
		return Number{}, err
	}
	e164, err := toE164(s)
	if err != nil {
		return Number{}, err
	}
	return Number{E164: e164, Ext: ext}, nil
}

// visible drops what copied numbers carry unseen, such as marks of direction and zero-width spaces.
func visible(r rune) rune {
	if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
		return -1
	}
	return r
}

// userPart returns the number in a SIP or tel URI, with or without a display name before it.
func userPart(s string) (user string, isURI bool) {
	if open := strings.LastIndexByte(s, '<'); open >= 0 && strings.HasSuffix(s, ">") {
		s = s[open+1 : len(s)-1]
	}
	scheme, rest, found := strings.Cut(s, ":")
	if found {
		switch strings.ToLower(scheme) {
		case "sip", "sips", "tel":
			user, _, _ = strings.Cut(rest, "@")
			return user, true
		}
	}
	return s, false
}

// withPlus gives a number its + where a country code stands without one. No number within Taiwan begins with anything
// but 0 when it is whole, save for a mobile number that lost its 0 in a spreadsheet.
func withPlus(digits string) (string, error) {
	switch {
	case strings.HasPrefix(digits, "00886"):
		return "+" + digits[2:], nil
	case strings.HasPrefix(digits, "+"), strings.HasPrefix(digits, "0"):
		return digits, nil
	case len(digits) == 9 && digits[0] == '9':
		return "0" + digits, nil
	case len(digits) < 11:
		return "", ErrIncomplete
	}
	number, err := phonenumbers.Parse("+"+digits, homeRegion)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return "", ErrNotPhone
	}
	return "+" + digits, nil
}

func toE164(digits string) (string, error) {
	if len(strings.TrimPrefix(digits, "+")) < leastDigits {
		return "", ErrIncomplete
	}
	number, err := phonenumbers.Parse(digits, homeRegion)
	if err != nil {
		return "", ErrNotPhone
	}
	switch phonenumbers.IsPossibleNumberWithReason(number) {
	case phonenumbers.IS_POSSIBLE:
	case phonenumbers.IS_POSSIBLE_LOCAL_ONLY, phonenumbers.TOO_SHORT:
		return "", ErrIncomplete
	default:
		return "", ErrNotPhone
	}
	// Abroad new ranges open faster than metadata follow, so a possible number is enough. At home an invalid one is
	// a mistake in dialling or typing.
	if phonenumbers.GetRegionCodeForCountryCode(int(number.GetCountryCode())) == homeRegion && !phonenumbers.IsValidNumber(number) {
		return "", ErrNotPhone
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	switch {
	case len(e164) > maxE164:
		return "", ErrNotPhone
	case len(e164) <= leastDigits: // the international prefix counted among them: 00298 0000
		return "", ErrIncomplete
	}
	// A country's trunk zero behind its code is read another way each time: 0020 0... is nobody's number.
	if again, err := phonenumbers.Parse(e164, homeRegion); err != nil || phonenumbers.Format(again, phonenumbers.E164) != e164 {
		return "", ErrNotPhone
	}
	return e164, nil
}

// FormatPhone writes an E.164 number as people here read it: 0912-345-678, 02-2345-6789, +1 650-253-0000. What is no
// E.164 number comes back as it is.
func FormatPhone(e164 string) string {
	number, err := phonenumbers.Parse(e164, "ZZ")
	if err != nil {
		return e164
	}
	if number.GetCountryCode() != 886 {
		return phonenumbers.Format(number, phonenumbers.INTERNATIONAL)
	}
	national := "0" + phonenumbers.GetNationalSignificantNumber(number)
	if len(national) == 10 && (strings.HasPrefix(national, "09") || strings.HasPrefix(national, "08") && national[2] == '0') {
		return fmt.Sprintf("%s-%s-%s", national[:4], national[4:7], national[7:])
	}
	return strings.ReplaceAll(phonenumbers.Format(number, phonenumbers.NATIONAL), " ", "-")
}

// MaskPhone writes the number as FormatPhone does, with the middle starred: 0912-***-678. Never more than the first
// four and the last three digits remain, and never more than half of a short one.
func MaskPhone(e164 string) string {
	formatted := FormatPhone(e164)
	total := 0
	for _, r := range formatted {
		if unicode.IsDigit(r) {
			total++
		}
	}
	head, tail := 4, 3
	if total < 9 {
		head, tail = 0, min(3, total/2)
	}
	nth := 0
	return strings.Map(func(r rune) rune {
		if !unicode.IsDigit(r) {
			return r
		}
		nth++
		if nth <= head || nth > total-tail {
			return r
		}
		return '*'
	}, formatted)
}

// MaskName hides most of a name: 王○明, 王○, 歐○○明, J*** S***.
func MaskName(name string) string {
	words := strings.Fields(name)
	for i, word := range words {
		words[i] = maskWord([]rune(word))
	}
	return strings.Join(words, " ")
}

func maskWord(word []rune) string {
	if !unicode.Is(unicode.Han, word[0]) {
		return string(word[0]) + "***"
	}
	switch n := len(word); n {
	case 1:
		return "○"
	case 2:
		return string(word[0]) + "○"
	default:
		return string(word[0]) + strings.Repeat("○", n-2) + string(word[n-1])
	}
}
