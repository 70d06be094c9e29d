package speak

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Languages that the normalisation of numbers and the engines know.
const (
	Mandarin = "zh-TW"
	English  = "en"
)

// MaxRunes is the longest text of one phrase: about four minutes of speech.
const MaxRunes = 1000

// ErrText is wrapped by every error about a text that cannot be spoken.
var ErrText = errors.New("text cannot be spoken")

// Phrase is a text to be heard in one language.
type Phrase struct {
	Lang string `json:"lang"` // Mandarin or English
	Text string `json:"text"`
}

// Key names the phrase by content: 32 hexadecimal digits, the same on every
// machine and in every version. Texts that differ only in white space or in the
// Unicode form of a letter have one key.
func Key(lang, text string) string {
	sum := sha256.Sum256([]byte(lang + "\x00" + canonical(text)))
	return hex.EncodeToString(sum[:16])
}

// canonical is the text as Key sees it.
func canonical(text string) string {
	return strings.Join(strings.Fields(norm.NFC.String(text)), " ")
}

// Check says why the phrase cannot be spoken, as an error that wraps ErrText.
func (p Phrase) Check() error {
	switch p.Lang {
	case Mandarin, English:
	default:
		return fmt.Errorf("%w: language %q is neither %s nor %s", ErrText, p.Lang, Mandarin, English)
	}
	if !utf8.ValidString(p.Text) {
		return fmt.Errorf("%w: it is not valid UTF-8", ErrText)
	}
	if n := utf8.RuneCountInString(p.Text); n > MaxRunes {
		return fmt.Errorf("%w: %d characters, at most %d are allowed in one phrase", ErrText, n, MaxRunes)
	}
	heard := false
	for i, r := range p.Text {
		if r != '\n' && r != '\r' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return fmt.Errorf("%w: control character %U at byte %d", ErrText, r, i)
		}
		heard = heard || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	if !heard {
		return fmt.Errorf("%w: %q has neither letter nor digit", ErrText, p.Text)
	}
	return nil
}
