package qa

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/qa/card"
	"hotline/qa/rule"
	"hotline/qa/score"
)

// CardVersion is one version of the scorecard.
type CardVersion struct {
	Version   int        `db:"version"`
	State     string     `db:"state"` // draft, live, retired
	YAML      string     `db:"yaml"`
	Note      string     `db:"note"`
	CreatedAt time.Time  `db:"created_at"`
	CreatedBy string     `db:"created_by"`
	LiveAt    *time.Time `db:"live_at"`
}

const cardColumns = `version, state, yaml, note, created_at, coalesce(created_by, '') as created_by, live_at`

// FaultyCard is returned for a scorecard that cannot be used.
type FaultyCard struct{ Faults []card.Fault }

func (e *FaultyCard) Error() string {
	if len(e.Faults) == 0 {
		return "the scorecard cannot be used"
	}
	return fmt.Sprintf("the scorecard has %d faults; the first: %v", len(e.Faults), e.Faults[0])
}

// querier is the pool, or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func oneCard(ctx context.Context, db querier, where string, args ...any) (CardVersion, error) {
	rows, err := db.Query(ctx, `select `+cardColumns+` from scorecards where `+where, args...)
	if err != nil {
		return CardVersion{}, fmt.Errorf("read the scorecard: %w", err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[CardVersion])
	if errors.Is(err, pgx.ErrNoRows) {
		return CardVersion{}, ErrNotFound
	}
	return v, err
}

// liveCard reads the live card. The shipped one is put in when there is none.
func liveCard(ctx context.Context, tx pgx.Tx) (version int, c score.Card, err error) {
	v, err := oneCard(ctx, tx, `state = 'live'`)
	if errors.Is(err, ErrNotFound) {
		if _, err := tx.Exec(ctx, `insert into scorecards (version, state, yaml, note, live_at) values (1, 'live', $1, 'as shipped', now())
			on conflict do nothing`, string(card.DefaultYAML())); err != nil {
			return 0, c, fmt.Errorf("put in the shipped scorecard: %w", err)
		}
		v, err = oneCard(ctx, tx, `state = 'live'`)
	}
	if err != nil {
		return 0, c, err
	}
	c, err = v.Card()
	return v.Version, c, err
}

// Card reads the version's file. What it names in the rules is not looked at: those of its time have passed.
func (v CardVersion) Card() (score.Card, error) {
	c, faults := card.Parse([]byte(v.YAML), nil)
	if len(faults) > 0 {
		return score.Card{}, fmt.Errorf("scorecard, version %d: %w", v.Version, &FaultyCard{faults})
	}
	return c, nil
}

// LiveCard returns the version by which calls are scored, the shipped one when there was none.
func (s *Store) LiveCard(ctx context.Context) (v CardVersion, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, _, err := liveCard(ctx, tx); err != nil {
			return err
		}
		v, err = oneCard(ctx, tx, `state = 'live'`)
		return err
	})
	return v, err
}

// Cards lists the versions, the newest first.
func (s *Store) Cards(ctx context.Context) ([]CardVersion, error) {
	rows, err := s.pool.Query(ctx, `select `+cardColumns+` from scorecards order by version desc`)
	if err != nil {
		return nil, fmt.Errorf("list the scorecards: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[CardVersion])
}

// CardAt returns one version.
func (s *Store) CardAt(ctx context.Context, version int) (CardVersion, error) {
	return oneCard(ctx, s.pool, `version = $1`, version)
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

// SaveCardDraft keeps the card that is being worked on; there is one draft. A faulty card is not kept.
func (s *Store) SaveCardDraft(ctx context.Context, yaml, note, by string) (CardVersion, error) {
	if _, faults, err := s.CheckCard(ctx, yaml); err != nil {
		return CardVersion{}, err
	} else if len(faults) > 0 {
		return CardVersion{}, &FaultyCard{faults}
	}
	if _, err := s.LiveCard(ctx); err != nil { // so that the draft comes after the shipped one
		return CardVersion{}, err
	}
	_, err := s.pool.Exec(ctx, `insert into scorecards (version, state, yaml, note, created_by)
		values ((select coalesce(max(version), 0) + 1 from scorecards), 'draft', $1, $2, $3)
		on conflict (state) where state = 'draft' do update set yaml = $1, note = $2, created_by = $3, created_at = now()`, yaml, note, by)
	if err != nil {
		return CardVersion{}, fmt.Errorf("keep the draft of the scorecard: %w", err)
	}
	return oneCard(ctx, s.pool, `state = 'draft'`)
}

// PublishCard makes the draft live. Calls that were scored before keep their scores.
func (s *Store) PublishCard(ctx context.Context) (v CardVersion, err error) {
	draft, err := oneCard(ctx, s.pool, `state = 'draft'`)
	if err != nil {
		return CardVersion{}, err
	}
	// The rules may have changed since it was kept.
	if _, faults, err := s.CheckCard(ctx, draft.YAML); err != nil {
		return CardVersion{}, err
	} else if len(faults) > 0 {
		return CardVersion{}, &FaultyCard{faults}
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `update scorecards set state = 'retired' where state = 'live'`); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update scorecards set state = 'live', live_at = now() where state = 'draft' and version = $1 and yaml = $2`, draft.Version, draft.YAML)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNotFound // it was changed or thrown away meanwhile
		}
		return err
	})
	if err != nil {
		return CardVersion{}, fmt.Errorf("publish the scorecard: %w", err)
	}
	return s.CardAt(ctx, draft.Version)
}

// DropCardDraft throws the draft away.
func (s *Store) DropCardDraft(ctx context.Context) error {
	tag, err := s.pool.Exec(ctx, `delete from scorecards where state = 'draft'`)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("throw the draft of the scorecard away: %w", err)
	}
	return nil
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
