package qa

import (
	"context"
	"fmt"

	"hotline/qa/card"
	"hotline/qa/rule"
	"hotline/qa/score"
)

// FaultyCard is returned for a scorecard that cannot be used.
type FaultyCard struct{ Faults []card.Fault }

func (e *FaultyCard) Error() string {
	if len(e.Faults) == 0 {
		return "the scorecard cannot be used"
	}
	return fmt.Sprintf("the scorecard has %d faults; the first: %v", len(e.Faults), e.Faults[0])
}

// Cards are the versions of the scorecard.
func (s *Store) Cards() Versions {
	return Versions{pool: s.pool, table: "scorecards", what: "scorecard", shipped: card.DefaultYAML, check: func(ctx context.Context, yaml string) error {
		_, faults, err := s.CheckCard(ctx, yaml)
		if err == nil && len(faults) > 0 {
			err = &FaultyCard{faults}
		}
		return err
	}}
}

// liveCard reads the live card and its version.
func (s *Store) liveCard(ctx context.Context, db database) (version int, c score.Card, err error) {
	v, err := s.Cards().live(ctx, db)
	if err != nil {
		return 0, c, err
	}
	c, err = ReadCard(v.Version, v.YAML)
	return v.Version, c, err
}

// ReadCard reads the file of a version that was kept. What it names in the rules is not looked at: those of its time have
// passed.
func ReadCard(version int, yaml string) (score.Card, error) {
	c, faults := card.Parse([]byte(yaml), nil)
	if len(faults) > 0 {
		return score.Card{}, fmt.Errorf("scorecard, version %d: %w", version, &FaultyCard{faults})
	}
	return c, nil
}

// LiveCard returns the card by which calls are scored, the shipped one when there was none.
func (s *Store) LiveCard(ctx context.Context) (score.Card, error) {
	_, c, err := s.liveCard(ctx, s.pool)
	return c, err
}

// CheckCard reads a scorecard and says everything that is wrong with it, also where it names rules that the live book does
// not have.
func (s *Store) CheckCard(ctx context.Context, yaml string) (score.Card, []card.Fault, error) {
	live, err := s.LiveBook(ctx)
	if err != nil {
		return score.Card{}, nil, err
	}
	c, faults := card.Parse([]byte(yaml), live.Book.Rules())
	return c, faults, nil
}

// orphans are the questions that name rules which the book does not have: left to people, since what the rules of that name
// would have missed is not known.
func orphans(c *score.Card, rules []rule.Rule) map[string]bool {
	known := map[string]bool{}
	for _, r := range rules {
		known[r.ID] = true
	}
	off := map[string]bool{}
	for _, q := range c.Questions() {
		for _, k := range q.Cases {
			for _, names := range [][]string{k.Found, k.Missing} {
				for _, name := range names {
					off[q.ID] = off[q.ID] || !known[name]
				}
			}
		}
	}
	return off
}
