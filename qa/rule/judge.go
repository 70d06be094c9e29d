package rule

import (
	"cmp"
	"slices"
)

// Match is how a phrase was found.
type Match string

// The ways.
const (
	Exact   Match = "exact" // by its characters
	BySound Match = "sound" // by its syllables, within the rule's bound
)

// Finding is one thing that a rule found, or missed.
type Finding struct {
	Rule   string  `json:"rule"` // its ID
	Class  string  `json:"class"`
	Phrase string  `json:"phrase,omitempty"` // as the rule writes it
	Heard  string  `json:"heard,omitempty"`  // what the transcript says there; digits of cards and identities never
	Role   Role    `json:"role"`
	Start  *int    `json:"start"` // ms; null for what was not said
	End    *int    `json:"end"`
	Match  Match   `json:"match"`
	Apart  float64 `json:"apart,omitempty"` // how unlike it sounded, for each syllable; at most the rule's bound
	Value  float64 `json:"value,omitempty"` // of a kind with a limit: what was measured, in its unit
}

// Said says whether it is something that was said or happened, rather than something missing.
func (f Finding) Said() bool { return f.Start != nil }

func (f Finding) span() Span { return Span{*f.Start, *f.End} }

// place is where a phrase was found, before it is known whether that counts.
type place struct {
	rule   int
	phrase *pattern
	role   Role
	run    int
	hit    hit
	span   Span
	heard  string
}

// weight decides between phrases that overlap: the longer one, unless more had to be bridged for it.
func (p place) weight() float64 { return float64(p.phrase.notes) - 2*p.hit.cost }

// Judge finds everything that the book looks for, in the order of time; what is missing comes last.
func (b *Book) Judge(t *Transcript) []Finding {
	j := &judge{book: b, t: t, runs: map[Role][][]heard{Agent: t.runs(Agent), Caller: t.runs(Caller)}}
	j.places()
	found := make([][]Finding, len(b.rules))
	for _, i := range b.order {
		found[i] = j.rule(i, found)
	}
	all := slices.Concat(found...)
	slices.SortStableFunc(all, func(a, c Finding) int {
		if a.Said() != c.Said() {
			if a.Said() {
				return -1
			}
			return 1
		}
		if !a.Said() {
			return 0
		}
		return cmp.Compare(*a.Start, *c.Start)
	})
	return all
}

type judge struct {
	book  *Book
	t     *Transcript
	runs  map[Role][][]heard
	found [][]place // by rule
}

// places looks for the phrases of all rules, and lets the longer of overlapping ones of a class have the place.
func (j *judge) places() {
	var all []place
	for i, r := range j.book.rules {
		for _, role := range r.roles() {
			all = append(all, j.ruleIn(i, role)...)
		}
	}
	slices.SortStableFunc(all, func(a, b place) int {
		return cmp.Compare(b.weight(), a.weight())
	})
	j.found = make([][]place, len(j.book.rules))
	var kept []place
	for _, p := range all {
		taken := slices.ContainsFunc(kept, func(k place) bool {
			return k.role == p.role && k.run == p.run && k.hit.from < p.hit.to && p.hit.from < k.hit.to &&
				j.book.rules[k.rule].Class == j.book.rules[p.rule].Class
		})
		if !taken {
			kept = append(kept, p)
			j.found[p.rule] = append(j.found[p.rule], p)
		}
	}
	for i := range j.found {
		slices.SortFunc(j.found[i], func(a, b place) int { return cmp.Compare(a.span.Start, b.span.Start) })
	}
}

// roles are whose speech the rule is about.
func (r Rule) roles() []Role {
	if r.Role != "" {
		return []Role{r.Role}
	}
	return []Role{Agent, Caller}
}

// exceptStrict is by how much less exceptions are bridged than phrases: a single syllable makes the difference.
const exceptStrict = 3

// ruleIn is where the rule's phrases are in the speech of a role, without what its exceptions take out.
func (j *judge) ruleIn(i int, role Role) []place {
	r, ready := j.book.rules[i], j.book.ready[i]
	var all []place
	for n, run := range j.runs[role] {
		var spared []hit
		for k := range ready.except {
			spared = append(spared, ready.except[k].find(run, r.Bound/exceptStrict)...)
		}
		for k := range ready.phrases {
			for _, h := range ready.phrases[k].find(run, r.Bound) {
				within := func(s hit) bool { return s.from <= h.from && h.to <= s.to }
				if !slices.ContainsFunc(spared, within) {
					span := Span{run[h.from].span.Start, run[h.to-1].span.End}
					all = append(all, place{i, &ready.phrases[k], role, n, h, span, words(run[h.from:h.to])})
				}
			}
		}
	}
	return j.farFrom(all, ready.notNear, r)
}

// farFrom leaves out places near which one of the phrases is said.
func (j *judge) farFrom(places []place, phrases []pattern, r Rule) []place {
	if len(phrases) == 0 {
		return places
	}
	return slices.DeleteFunc(places, func(p place) bool {
		for _, run := range j.runs[p.role] {
			for k := range phrases {
				for _, h := range phrases[k].find(run, r.Bound) {
					if (Span{run[h.from].span.Start, run[h.to-1].span.End}).overlap(p.span) > -r.NearMS {
						return true
					}
				}
			}
		}
		return false
	})
}

func words(run []heard) string {
	var s []rune
	for _, h := range run {
		if h.char != 0 {
			s = append(s, h.char)
		} else {
			s = append(s, []rune(h.word)...)
		}
	}
	return string(s)
}

// rule is what one rule found. Those that it comes after have been judged.
func (j *judge) rule(i int, found [][]Finding) []Finding {
	r := j.book.rules[i]
	windows := j.windows(r, found)
	if r.Kind != Said && r.Kind != Must {
		return slices.DeleteFunc(j.measured(r), func(f Finding) bool { return !inOne(windows, f.span()) })
	}
	counted := slices.DeleteFunc(slices.Clone(j.found[i]), func(p place) bool { return !inOne(windows, p.span) })
	enough := len(counted) >= max(1, r.AtLeast)
	if r.All {
		enough = enough && len(r.phrasesOf(counted)) == len(r.Phrases)
	}
	if !enough {
		counted = nil
		if r.Kind == Must && len(windows) > 0 {
			return []Finding{{Rule: r.ID, Class: r.Class, Phrase: r.Phrases[0], Role: r.Role}}
		}
	}
	out := make([]Finding, 0, len(counted))
	for _, p := range counted {
		f := Finding{
			Rule: r.ID, Class: r.Class, Phrase: r.named(p.phrase.text), Heard: p.heard, Role: p.role, Start: &p.span.Start, End: &p.span.End, Match: Exact,
		}
		if !p.hit.exact() {
			f.Match, f.Apart = BySound, p.hit.cost/float64(p.phrase.notes)
		}
		out = append(out, f)
	}
	return out
}

// named is the phrase as which one of its forms is reported.
func (r Rule) named(text string) string {
	if slices.Contains(r.Forms, text) {
		return r.Phrases[0]
	}
	return text
}

func (r Rule) phrasesOf(places []place) map[string]bool {
	all := map[string]bool{}
	for _, p := range places {
		all[r.named(p.phrase.text)] = true
	}
	return all
}

// windows are the stretches in which the rule counts; none when what it comes after did not happen.
func (j *judge) windows(r Rule, found [][]Finding) []Span {
	whole := Span{0, j.t.Length}
	if r.FirstMS > 0 {
		whole.End = min(whole.End, r.FirstMS)
	}
	if r.LastMS > 0 {
		whole.Start = max(whole.Start, j.lastWord()-r.LastMS)
	}
	if r.After == "" {
		return []Span{whole}
	}
	var all []Span
	for i, other := range j.book.rules {
		if other.ID != r.After {
			continue
		}
		for _, f := range found[i] {
			if f.Said() {
				all = append(all, Span{max(whole.Start, *f.End), min(whole.End, *f.End+r.AfterMS)})
			}
		}
	}
	return all
}

// lastWord is when the last of the two stopped speaking: a call may go on in silence.
func (j *judge) lastWord() int {
	end := 0
	for _, spans := range j.t.Speech {
		for _, s := range spans {
			end = max(end, s.End)
		}
	}
	if end == 0 {
		return j.t.Length
	}
	return end
}

// inOne says whether something begins in one of the windows.
func inOne(windows []Span, s Span) bool {
	return slices.ContainsFunc(windows, func(w Span) bool { return s.Start >= w.Start && s.Start <= w.End })
}
