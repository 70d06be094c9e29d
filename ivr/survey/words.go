package survey

import (
	"fmt"
	"maps"
	"slices"
)

// Words are a sentence for people who write flows, kept apart from what is filled in, so that it can be said in their language.
type Words struct {
	english, format string
	args            []any // may be Words
}

// Worded makes words. The format must be among those that there are in Mandarin, which a test holds it to.
func Worded(format string, args ...any) Words {
	return Words{english: fmt.Sprintf(format, args...), format: format, args: args}
}

// String is the sentence in English.
func (w Words) String() string { return w.english }

// Mandarin is the sentence in Traditional Chinese.
func (w Words) Mandarin() string {
	args := make([]any, len(w.args))
	for i, arg := range w.args {
		switch said := arg.(type) {
		case Words:
			arg = said.Mandarin()
		case string:
			if noun, ok := nouns[said]; ok {
				arg = noun
			}
		}
		args[i] = arg
	}
	return fmt.Sprintf(MandarinOf(w.format), args...)
}

// MandarinOf is a format in Mandarin, "" when there is none.
func MandarinOf(format string) string { return mandarin[format] }

// Formats are those that there are in Mandarin.
func Formats() []string { return slices.Sorted(maps.Keys(mandarin)) }
