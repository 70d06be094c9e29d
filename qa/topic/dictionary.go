package topic

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"hotline/qa/rule"
)

// Kind of an entry.
type Kind string

// The kinds.
const (
	Topic   Kind = "topic"
	Product Kind = "product"
	// Wording is how agents put things, which is set against the outcome of calls. A caller's word is none.
	Wording Kind = "wording"
)

// Entry is something that people talk of.
type Entry struct {
	Kind    Kind              `json:"kind"`
	ID      string            `json:"id"`
	Name    map[string]string `json:"name"` // by language
	Phrases []string          `json:"phrases"`
	Except  []string          `json:"except,omitempty"` // longer words that contain a phrase and mean something else
}

// Words are the opinion words of a dictionary.
type Words struct {
	Positive []string `json:"positive"`
	Negative []string `json:"negative"`
	Except   []string `json:"except"` // longer words that contain one and are no opinion: 您好
}

// Dictionary is what to look for.
type Dictionary struct {
	Entries []Entry `json:"entries"`
	// Bound is how unlike a phrase may sound, for each syllable; 0 is by characters alone.
	Bound    float64 `json:"bound"`
	Opinions Words   `json:"opinions"`
	// Outcomes are the dispositions that a call of this outcome has: sold, resolved.
	Outcomes map[string][]string `json:"outcomes"`
}

// Fault is what is wrong with a dictionary. Path is where, as in the file: "topics[2].phrases[0]".
type Fault struct {
	Path   string `json:"path"`
	What   string `json:"what"`
	Remedy string `json:"remedy"`
}

func (f Fault) Error() string { return fmt.Sprintf("%s: %s; %s", f.Path, f.What, f.Remedy) }

// The outcomes that dispositions tell.
const (
	Sold     = "sold"
	Resolved = "resolved"
)

const (
	maxBound      = 0.4
	longestPhrase = 30
	mostEntries   = 1000
)

// Check says everything that is wrong with a dictionary.
func Check(d Dictionary) []Fault {
	c := checker{names: map[string]string{}, phrases: map[string]string{}}
	if !(d.Bound >= 0 && d.Bound <= maxBound) {
		c.add("bound", fmt.Sprintf("give 0 (by characters) to %g", maxBound), "%g cannot be", d.Bound)
	}
	if len(d.Entries) == 0 {
		c.add("topics", "write at least one topic or product", "there is nothing to look for")
	}
	if len(d.Entries) > mostEntries {
		c.add("topics", fmt.Sprintf("at most %d", mostEntries), "there are %d topics and products", len(d.Entries))
	}
	at := map[Kind]int{}
	for _, e := range d.Entries {
		c.entry(fmt.Sprintf("%ss[%d]", e.Kind, at[e.Kind]), e)
		at[e.Kind]++
	}
	c.words(d.Opinions)
	for name := range d.Outcomes {
		if name != Sold && name != Resolved {
			c.add("outcomes."+name, "use sold and resolved", "%q is no outcome", name)
		}
	}
	slices.SortStableFunc(c.faults, func(a, b Fault) int { return strings.Compare(a.Path, b.Path) })
	return c.faults
}

// checker collects what is wrong.
type checker struct {
	names, phrases map[string]string // where they are
	faults         []Fault
}

func (c *checker) add(path, remedy, what string, args ...any) {
	c.faults = append(c.faults, Fault{path, fmt.Sprintf(what, args...), remedy})
}

func (c *checker) entry(path string, e Entry) {
	switch before, twice := c.names[string(e.Kind)+e.ID]; {
	case !named(e.ID):
		c.add(path+".id", "use small letters, digits and hyphens", "%q is no name", e.ID)
	case twice:
		c.add(path+".id", "give one of them another name", "%s has the same", before)
	default:
		c.names[string(e.Kind)+e.ID] = path
	}
	for _, lang := range []string{"zh-TW", "en"} {
		if strings.TrimSpace(e.Name[lang]) == "" {
			c.add(path+".name", "write {zh-TW: …, en: …}", "the name in %s is missing", lang)
		}
	}
	if len(e.Phrases) == 0 {
		c.add(path+".phrases", "write at least one", "there is none, so it can never be found")
	}
	for i, p := range e.Phrases {
		where := fmt.Sprintf("%s.phrases[%d]", path, i)
		c.phrase(where, p)
		key := string(e.Kind) + fold(p)
		if before, twice := c.phrases[key]; twice {
			c.add(where, "leave it at one place", "%q is in %s too", p, before)
		}
		c.phrases[key] = where
	}
	for i, x := range e.Except {
		c.except(fmt.Sprintf("%s.except[%d]", path, i), x, e.Phrases)
	}
}

// phrase is one that can be found.
func (c *checker) phrase(path, p string) {
	switch n := letters(p); {
	case n < 2:
		c.add(path, "write at least two characters", "%q would be found in too many words", p)
	case n > longestPhrase:
		c.add(path, "break it up", "%q has more than %d characters", p, longestPhrase)
	}
}

// except has to contain what it excepts, and more.
func (c *checker) except(path, x string, phrases []string) {
	inside := slices.ContainsFunc(phrases, func(p string) bool { return fold(p) != fold(x) && strings.Contains(fold(x), fold(p)) })
	if !inside {
		c.add(path, "write a longer word that has a phrase in it, or take it out", "%q excepts nothing", x)
	}
}

func (c *checker) words(w Words) {
	seen := map[string]string{}
	for _, l := range []struct {
		name  string
		words []string
	}{{"positive", w.Positive}, {"negative", w.Negative}} {
		for i, word := range l.words {
			where := fmt.Sprintf("opinions.%s[%d]", l.name, i)
			if letters(word) == 0 {
				c.add(where, "write a word or take it out", "%q can never be found", word)
			}
			if before, twice := seen[fold(word)]; twice {
				c.add(where, "leave it at one place", "%q is in %s too", word, before)
			}
			seen[fold(word)] = where
		}
	}
	for i, x := range w.Except {
		c.except(fmt.Sprintf("opinions.except[%d]", i), x, slices.Concat(w.Positive, w.Negative))
	}
}

// letters counts what of a phrase can be heard.
func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

func named(s string) bool {
	for i, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || i > 0 && r == '-') {
			return false
		}
	}
	return s != "" && len(s) <= 40
}

// fold makes one of characters that are written for one another, and leaves blanks and punctuation out.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) {
			return -1
		}
		return foldRune(r)
	}, s)
}

var folded = map[rune]rune{'你': '您', '妳': '您', '臺': '台', '裏': '裡', '週': '周', '祇': '只'}

func foldRune(r rune) rune {
	if f, ok := folded[r]; ok {
		return f
	}
	return unicode.ToLower(r)
}

// Finder is a dictionary made ready to be looked for. It does not change, and may be used by several at once.
type Finder struct {
	entries  []entry
	bound    float64
	opinions []opinion
	excepts  [][]rune // of opinions
}

type entry struct {
	Entry
	phrases []phrase
	excepts [][]rune
}

type phrase struct {
	text  string
	runes []rune
	sound *rule.Phrase // nil: by characters alone
}

type opinion struct {
	runes []rune
	sign  int
}

// bySound is from how many syllables on a phrase is also looked for by its sound: shorter ones sound like too much else.
const bySound = 3

// New makes a dictionary ready. A faulty one finds what it can.
func New(d Dictionary) *Finder {
	f := &Finder{bound: d.Bound, excepts: fields(d.Opinions.Except)}
	for _, e := range d.Entries {
		made := entry{Entry: e, excepts: fields(e.Except)}
		for _, text := range e.Phrases {
			p := phrase{text: text, runes: []rune(fold(text))}
			if spoken := rule.NewPhrase(text); d.Bound > 0 && spoken.Syllables() >= bySound {
				p.sound = &spoken
			}
			if len(p.runes) > 0 {
				made.phrases = append(made.phrases, p)
			}
		}
		f.entries = append(f.entries, made)
	}
	for sign, words := range map[int][]string{1: d.Opinions.Positive, -1: d.Opinions.Negative} {
		for _, w := range fields(words) {
			f.opinions = append(f.opinions, opinion{w, sign})
		}
	}
	// The longest first: 不錯 before 錯. Equal ones by their characters, so that the order is always the same.
	slices.SortFunc(f.opinions, func(a, b opinion) int {
		if len(a.runes) != len(b.runes) {
			return len(b.runes) - len(a.runes)
		}
		return slices.Compare(a.runes, b.runes)
	})
	return f
}

func fields(words []string) [][]rune {
	all := make([][]rune, 0, len(words))
	for _, w := range words {
		if r := []rune(fold(w)); len(r) > 0 {
			all = append(all, r)
		}
	}
	return all
}
