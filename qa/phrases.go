package qa

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"hotline/qa/lift"
)

// What is mined is bounded, however many calls there are.
const (
	// MineSeed chooses the calls of the sample: the same calls, as long as they are in the period.
	MineSeed  = 4
	mostMined = 10_000 // calls
	mineBatch = 500    // calls whose lines are in memory at once
)

// Believed is the false discovery rate under which a mined phrase is told from chance.
const Believed = 0.05

// How many mined phrases are shown: of those that are believed, those that go with the outcome and those that go against it;
// and of all at least so many, the least doubtful first.
const (
	mostFor, mostAgainst, leastShown = 60, 20, 20
)

// Mined are phrases that nobody wrote down, against one outcome.
type Mined struct {
	Calls, Won         int // of which the outcome is known
	Sampled, WonSample int // of them, those that were mined
	Floor              int // in how many calls a phrase had to be
	Tried              int // phrases
	All                []lift.Gram
}

// Mine looks for phrases in what agents said. Of more than 10,000 calls, or more talk than lift.MostTokens, it takes a sample by
// the hash of their names. It takes seconds and up to 200 MB, so it does one at a time.
func (s *Store) Mine(ctx context.Context, q LiftQuery) (Mined, error) {
	select {
	case s.mining <- struct{}{}:
		defer func() { <-s.mining }()
	case <-ctx.Done():
		return Mined{}, fmt.Errorf("wait to mine phrases: %w", ctx.Err())
	}
	live, err := s.LiveDictionary(ctx)
	if err != nil {
		return Mined{}, err
	}
	out, calls, err := s.sample(ctx, q, live)
	if err != nil {
		return Mined{}, fmt.Errorf("sample calls: %w", err)
	}
	m := lift.NewMiner()
	for batch := range slices.Chunk(calls, mineBatch) {
		if m.Full() {
			break
		}
		if err := s.read(ctx, m, batch); err != nil {
			return Mined{}, fmt.Errorf("read what agents said: %w", err)
		}
	}
	for _, c := range calls[:m.Calls()] {
		if c.Won {
			out.WonSample++
		}
	}
	grams := m.Mine()
	out.Sampled, out.Floor, out.Tried, out.All = m.Calls(), m.Floor(), len(grams), shown(grams)
	return out, nil
}

// minedCall is a call with its recordings.
type minedCall struct {
	Won  bool
	Legs []string
}

func (s *Store) sample(ctx context.Context, q LiftQuery, live LiveDictionary) (out Mined, calls []minedCall, err error) {
	args := pgx.NamedArgs{"seed": MineSeed, "most": mostMined}
	talks, _ := q.talks(live, args)
	rows, err := s.pool.Query(ctx, `select won, array_agg(leg), count(*) over (), count(*) filter (where won) over ()
		from (`+talks+`) t group by call_id, won order by hashtextextended(call_id, @seed), call_id limit @most`, args)
	if err != nil {
		return out, nil, err
	}
	var c minedCall
	_, err = pgx.ForEachRow(rows, []any{&c.Won, &c.Legs, &out.Calls, &out.Won}, func() error {
		calls = append(calls, c)
		c.Legs = nil
		return nil
	})
	return out, calls, err
}

// read adds calls with what their agents said.
func (s *Store) read(ctx context.Context, m *lift.Miner, calls []minedCall) error {
	var legs []string
	of := map[string]int{}
	for i, c := range calls {
		for _, leg := range c.Legs {
			legs = append(legs, leg)
			of[leg] = i
		}
	}
	rows, err := s.pool.Query(ctx, `select leg, text from transcript_lines where leg = any($1) and role = 'agent'`, legs)
	if err != nil {
		return err
	}
	said := make([][]string, len(calls))
	var leg, text string
	_, err = pgx.ForEachRow(rows, []any{&leg, &text}, func() error {
		said[of[leg]] = append(said[of[leg]], text)
		return nil
	})
	if err != nil {
		return err
	}
	for i, c := range calls {
		m.Add(c.Won, said[i])
	}
	return nil
}

// shown are the phrases worth looking at, those that go with the outcome first.
func shown(grams []lift.Gram) []lift.Gram {
	var with, against, doubtful []lift.Gram
	for _, g := range grams {
		switch {
		case g.Rate > Believed:
			doubtful = append(doubtful, g)
		case g.Lift.Lift > 1:
			with = append(with, g)
		default:
			against = append(against, g)
		}
	}
	with = with[:min(len(with), mostFor)]
	against = against[max(0, len(against)-mostAgainst):]
	slices.SortStableFunc(doubtful, func(a, b lift.Gram) int { return cmp.Compare(a.Chance, b.Chance) })
	doubtful = doubtful[:min(len(doubtful), max(0, leastShown-len(with)-len(against)))]
	return slices.Concat(with, doubtful, against)
}
