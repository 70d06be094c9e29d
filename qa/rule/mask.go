package rule

// Hidden is a stretch of one channel that holds digits which nobody may keep.
type Hidden struct {
	Role Role
	Span
	Class  string // card or id
	Digits int
}

// margin widens what is silenced in the sound, in milliseconds: the times of characters are not exact.
const margin = 250

// Mask puts an asterisk for each digit of cards and identity cards, and says where they were. It changes the transcript, and
// is done before anything of it is stored.
func (b *Book) Mask(t *Transcript) []Hidden {
	j := &judge{book: b, t: t, runs: map[Role][][]heard{Agent: t.all(Agent), Caller: t.all(Caller)}}
	var hidden []Hidden
	for _, r := range b.rules {
		if r.Kind != Card && r.Kind != Identity {
			continue
		}
		for _, f := range j.digits(r) {
			hidden = append(hidden, Hidden{f.Role, Span{max(0, *f.Start-margin), *f.End + margin}, r.Class, int(f.Value)})
			t.mask(f.Role, f.span())
		}
	}
	return hidden
}

// all is everything a role said, also what is not judged: digits are masked wherever they are.
func (t *Transcript) all(role Role) [][]heard {
	plain := Transcript{Length: t.Length, Utterances: make([]Utterance, len(t.Utterances))}
	copy(plain.Utterances, t.Utterances)
	for i := range plain.Utterances {
		plain.Utterances[i].Unclear = ""
	}
	return plain.runs(role)
}

// mask writes asterisks in a span.
func (t *Transcript) mask(role Role, s Span) {
	for i := range t.Utterances {
		u := &t.Utterances[i]
		if u.Role != role || u.overlap(s) < 0 {
			continue
		}
		units := make([]Unit, len(u.Units))
		copy(units, u.Units)
		for k := range units {
			if units[k].Start >= s.Start && units[k].End <= s.End && !isPunct(units[k].Text) {
				units[k].Text = "*"
			}
		}
		u.Units = units
	}
}
