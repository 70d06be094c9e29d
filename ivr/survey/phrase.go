package survey

// Lang is a language that callers are spoken to in, as a BCP 47 tag.
type Lang string

// The languages that ship with prompts and a voice pack.
const (
	Mandarin Lang = "zh-TW"
	English  Lang = "en"
)

// Phrase is one whole utterance to be heard: words and the language to speak them in. Equal phrases share one recording.
type Phrase struct {
	Text string `json:"text"`
	Lang Lang   `json:"lang"`
}

// Text is the same words in each language.
type Text map[Lang]string

// In returns the phrase in the wanted language, or in the fallback when the text has no such translation. A text that
// has neither yields nothing: silence is better than a crash, and the check refuses such texts beforehand.
func (t Text) In(want, fallback Lang) []Phrase {
	for _, lang := range []Lang{want, fallback} {
		if words := t[lang]; words != "" {
			return []Phrase{{Text: words, Lang: lang}}
		}
	}
	return nil
}
