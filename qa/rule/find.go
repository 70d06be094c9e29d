package rule

// Phrase is a phrase made ready to be looked for by characters and by sound, as rules look for theirs.
type Phrase struct{ pattern pattern }

// NewPhrase prepares a phrase. "…" in it stands for up to 24 characters.
func NewPhrase(text string) Phrase { return Phrase{newPattern(text)} }

// Text is the phrase as it was given.
func (p Phrase) Text() string { return p.pattern.text }

// Syllables is how many characters of it are looked for.
func (p Phrase) Syllables() int { return p.pattern.notes }

// Place is where a phrase is among units: from From to To (exclusive).
type Place struct {
	From, To int
	Exact    bool // by its characters
}

// Find returns where the phrase is, at most bound unlike it for each syllable. Places do not overlap.
func (p Phrase) Find(units []Unit, bound float64) []Place { return p.In(Hear(units), bound) }

// In is Find in what was made ready.
func (p Phrase) In(s Speech, bound float64) []Place {
	if p.pattern.notes == 0 {
		return nil
	}
	var places []Place
	for _, h := range p.pattern.find(s.run, bound) {
		places = append(places, Place{s.at[h.from], s.at[h.to-1] + 1, h.exact()})
	}
	return places
}

// Speech is units made ready to have many phrases looked for in them.
type Speech struct {
	run []heard
	at  []int
}

// Hear makes units ready.
func Hear(units []Unit) Speech {
	run, at := hear(units)
	return Speech{run, at}
}
