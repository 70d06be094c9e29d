package score

import "math"

// Total is what a call comes to.
type Total struct {
	Percent  float64   `json:"percent"` // of the questions that are answered and apply, to two decimals; 0 with none
	Answered int       `json:"answered"`
	Open     []string  `json:"open"`     // questions that nobody has answered yet
	Critical []string  `json:"critical"` // critical questions that got nothing
	Sections []Partial `json:"sections"`
}

// Partial is what a section comes to.
type Partial struct {
	ID      string   `json:"id"`
	Percent *float64 `json:"percent"` // null when none of its questions is answered and applies
	Zeroed  bool     `json:"zeroed"`  // by a critical question
}

// Sum counts the answers together. Answers that the card does not know or allow count as none. A question that is open or
// does not apply gives its weight to the others of its section, a section without any to the other sections.
func (c *Card) Sum(answers map[string]Value) Total {
	t := Total{Open: []string{}, Critical: []string{}, Sections: []Partial{}}
	var sum, weights float64
	zero := false
	for _, s := range c.Sections {
		p, all := t.section(s, answers)
		zero = zero || all
		if p.Percent != nil {
			sum += s.Weight * *p.Percent
			weights += s.Weight
			*p.Percent = hundredths(*p.Percent)
		}
		t.Sections = append(t.Sections, p)
	}
	if weights > 0 && !zero {
		t.Percent = hundredths(sum / weights)
	}
	return t
}

// section counts a section, and says whether the whole card becomes zero by it.
func (t *Total) section(s Section, answers map[string]Value) (p Partial, zero bool) {
	p = Partial{ID: s.ID}
	var sum, weights float64
	applies := false
	for _, q := range s.Questions {
		v, ok := answers[q.ID]
		if !ok || !q.Allows(v) {
			t.Open = append(t.Open, q.ID)
			continue
		}
		t.Answered++
		if v == NA {
			continue
		}
		applies = true
		share := q.share(v)
		sum += q.Weight * share
		weights += q.Weight
		if share == 0 && q.Critical != NotCritical {
			t.Critical = append(t.Critical, q.ID)
			p.Zeroed = true
			zero = zero || q.Critical == CriticalCard
		}
	}
	switch {
	case p.Zeroed:
		p.Percent = new(float64)
	case applies && weights > 0:
		percent := 100 * sum / weights
		p.Percent = &percent
	}
	return p, zero
}

func hundredths(x float64) float64 { return math.Round(x*100) / 100 }
