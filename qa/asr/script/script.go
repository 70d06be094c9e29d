// Package script writes Chinese as it is written in Taiwan: traditional characters, and Taiwan's words for what is called
// otherwise elsewhere (軟體 for 软件). Recognisers mix scripts from one sentence to the next.
//
// The dictionaries are OpenCC's; the longest entry that fits at each place is taken, first from simplified to traditional,
// then from there to Taiwan's.
package script

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed phrases.txt
var phrasesFile string

//go:embed characters.txt
var charactersFile string

//go:embed taiwan.txt
var taiwanFile string

// table is a dictionary with the length of its longest entry, in characters.
type table struct {
	entries map[string]string
	longest int
}

type tables struct {
	simplified table         // to traditional
	taiwan     table         // from there
	only       map[rune]bool // characters that traditional writing does not have
}

// load reads the dictionaries once, when the first text is converted: it takes some 20 ms.
var load = sync.OnceValue(func() tables {
	t := tables{simplified: table{entries: map[string]string{}}, taiwan: table{entries: map[string]string{}}, only: map[rune]bool{}}
	t.simplified.read(charactersFile)
	traditional := map[rune]bool{}
	for _, to := range t.simplified.entries {
		for _, r := range to {
			traditional[r] = true
		}
	}
	for from, to := range t.simplified.entries {
		if r, _ := utf8.DecodeRuneInString(from); from != to && !traditional[r] {
			t.only[r] = true
		}
	}
	t.simplified.read(phrasesFile)
	t.taiwan.read(taiwanFile)
	return t
})

func (t *table) read(file string) {
	for line := range strings.Lines(file) {
		from, to, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if ok && !strings.HasPrefix(line, "#") {
			t.entries[from] = to
			t.longest = max(t.longest, utf8.RuneCountInString(from))
		}
	}
}

// Piece is a stretch of a text and what is written for it.
type Piece struct {
	Length int // of the stretch, in characters
	Text   string
}

// Converter converts texts.
type Converter struct {
	tables
	keep map[string]bool // words that are not replaced by Taiwan's
}

// NewConverter makes a converter that leaves the words of the given texts as they are: 聯繫 is usual in Taiwan too, and
// where a rule asks for it nobody may be told to have said 聯絡.
func NewConverter(keep ...string) *Converter {
	c := &Converter{tables: load(), keep: map[string]bool{}}
	for _, text := range keep {
		runes := []rune(text)
		for i := range runes {
			for j := i + 1; j <= min(len(runes), i+c.taiwan.longest); j++ {
				if word := string(runes[i:j]); c.taiwan.entries[word] != "" {
					c.keep[word] = true
				}
			}
		}
	}
	return c
}

// Convert says what becomes of which stretch of a text. A text without characters that only simplified writing has is
// taken to be traditional, where 后, 里 and 面 are words of their own.
func (c *Converter) Convert(text string) []Piece {
	t := c.tables
	pieces := []Piece{}
	for _, r := range text {
		pieces = append(pieces, Piece{1, string(r)})
	}
	if strings.ContainsFunc(text, func(r rune) bool { return t.only[r] }) {
		pieces = t.simplified.convert(pieces, nil)
	}
	return t.taiwan.convert(pieces, c.keep)
}

// String is the converted text.
func (c *Converter) String(text string) string {
	var b strings.Builder
	for _, p := range c.Convert(text) {
		b.WriteString(p.Text)
	}
	return b.String()
}

// convert replaces the longest entry at each place, but for those to keep. An entry covers whole pieces.
func (t *table) convert(pieces []Piece, keep map[string]bool) []Piece {
	out := make([]Piece, 0, len(pieces))
	for i := 0; i < len(pieces); {
		n, to := t.at(pieces[i:], keep)
		if n == 0 {
			out = append(out, pieces[i])
			i++
			continue
		}
		whole := Piece{Text: to}
		same := utf8.RuneCountInString(to) == n && single(pieces[i:i+n])
		for k, p := range pieces[i : i+n] {
			whole.Length += p.Length
			if same { // character by character, so that times stay exact
				r, size := utf8.DecodeRuneInString(to)
				out = append(out, Piece{p.Length, string(r)})
				to = to[size:]
			} else if k == n-1 {
				out = append(out, whole)
			}
		}
		i += n
	}
	return out
}

func single(pieces []Piece) bool {
	for _, p := range pieces {
		if utf8.RuneCountInString(p.Text) != 1 {
			return false
		}
	}
	return true
}

// at is the longest entry with which the pieces begin, in pieces; 0 for none.
func (t *table) at(pieces []Piece, keep map[string]bool) (n int, to string) {
	var key strings.Builder
	for i, p := range pieces {
		key.WriteString(p.Text)
		if i >= t.longest {
			break
		}
		found, ok := t.entries[key.String()]
		if ok && keep[key.String()] {
			found = key.String()
		}
		if ok {
			n, to = i+1, found
		}
	}
	return n, to
}
