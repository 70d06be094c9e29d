package qa

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/qa/lexicon"
	"hotline/qa/topic"
)

// DictionaryVersion is one version of the dictionary of topics, products and opinion words.
type DictionaryVersion struct {
	Version   int        `db:"version"`
	State     string     `db:"state"` // draft, live, retired
	YAML      string     `db:"yaml"`
	Note      string     `db:"note"`
	CreatedAt time.Time  `db:"created_at"`
	CreatedBy string     `db:"created_by"`
	LiveAt    *time.Time `db:"live_at"`
}

const dictionaryColumns = `version, state, yaml, note, created_at, coalesce(created_by, '') as created_by, live_at`

// FaultyDictionary is returned for a dictionary that cannot be used.
type FaultyDictionary struct{ Faults []lexicon.Fault }

func (e *FaultyDictionary) Error() string {
	if len(e.Faults) == 0 {
		return "the dictionary cannot be used"
	}
	return fmt.Sprintf("the dictionary has %d faults; the first: %v", len(e.Faults), e.Faults[0])
}

// LiveDictionary is the version that transcripts are looked through by.
type LiveDictionary struct {
	Version    int
	Dictionary topic.Dictionary
	Finder     *topic.Finder
}

func oneDictionary(ctx context.Context, db querier, where string, args ...any) (DictionaryVersion, error) {
	rows, err := db.Query(ctx, `select `+dictionaryColumns+` from dictionaries where `+where, args...)
	if err != nil {
		return DictionaryVersion{}, fmt.Errorf("read the dictionary: %w", err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[DictionaryVersion])
	if errors.Is(err, pgx.ErrNoRows) {
		return DictionaryVersion{}, ErrNotFound
	}
	return v, err
}

// LiveDictionary returns the live dictionary. The shipped one is put in when there is none.
func (s *Store) LiveDictionary(ctx context.Context) (live LiveDictionary, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		live, err = s.liveDictionary(ctx, tx)
		return err
	})
	return live, err
}

func (s *Store) liveDictionary(ctx context.Context, tx pgx.Tx) (LiveDictionary, error) {
	v, err := oneDictionary(ctx, tx, `state = 'live'`)
	if errors.Is(err, ErrNotFound) {
		if _, err := tx.Exec(ctx, `insert into dictionaries (version, state, yaml, note, live_at) values (1, 'live', $1, 'as shipped', now())
			on conflict do nothing`, string(lexicon.DefaultYAML())); err != nil {
			return LiveDictionary{}, fmt.Errorf("put in the shipped dictionary: %w", err)
		}
		v, err = oneDictionary(ctx, tx, `state = 'live'`)
	}
	if err != nil {
		return LiveDictionary{}, err
	}
	// A version that was live never changes, so it is made ready once.
	if have, ok := s.dictionaries.Load(v.Version); ok {
		return have.(LiveDictionary), nil
	}
	d, faults := lexicon.Parse([]byte(v.YAML))
	if len(faults) > 0 {
		return LiveDictionary{}, fmt.Errorf("dictionary, version %d: %w", v.Version, &FaultyDictionary{faults})
	}
	made := LiveDictionary{Version: v.Version, Dictionary: d, Finder: topic.New(d)}
	s.dictionaries.Store(v.Version, made)
	return made, nil
}

// Dictionaries lists the versions, the newest first.
func (s *Store) Dictionaries(ctx context.Context) ([]DictionaryVersion, error) {
	if _, err := s.LiveDictionary(ctx); err != nil { // so that the shipped one is there to begin from
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `select `+dictionaryColumns+` from dictionaries order by version desc`)
	if err != nil {
		return nil, fmt.Errorf("list the dictionaries: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[DictionaryVersion])
}

// SaveDictionaryDraft keeps the dictionary that is being worked on; there is one draft. A faulty one is not kept.
func (s *Store) SaveDictionaryDraft(ctx context.Context, yaml, note, by string) (DictionaryVersion, error) {
	if _, faults := lexicon.Parse([]byte(yaml)); len(faults) > 0 {
		return DictionaryVersion{}, &FaultyDictionary{faults}
	}
	if _, err := s.LiveDictionary(ctx); err != nil { // so that the draft comes after the shipped one
		return DictionaryVersion{}, err
	}
	_, err := s.pool.Exec(ctx, `insert into dictionaries (version, state, yaml, note, created_by)
		values ((select coalesce(max(version), 0) + 1 from dictionaries), 'draft', $1, $2, $3)
		on conflict (state) where state = 'draft' do update set yaml = $1, note = $2, created_by = $3, created_at = now()`, yaml, note, by)
	if err != nil {
		return DictionaryVersion{}, fmt.Errorf("keep the draft of the dictionary: %w", err)
	}
	return oneDictionary(ctx, s.pool, `state = 'draft'`)
}

// PublishDictionary makes the draft live. A job looks through the transcripts of before by it.
func (s *Store) PublishDictionary(ctx context.Context) (DictionaryVersion, error) {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `update dictionaries set state = 'retired' where state = 'live'
			and exists (select from dictionaries where state = 'draft')`); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update dictionaries set state = 'live', live_at = now() where state = 'draft'`)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return DictionaryVersion{}, fmt.Errorf("publish the dictionary: %w", err)
	}
	return oneDictionary(ctx, s.pool, `state = 'live'`)
}

// DropDictionaryDraft throws the draft away.
func (s *Store) DropDictionaryDraft(ctx context.Context) error {
	tag, err := s.pool.Exec(ctx, `delete from dictionaries where state = 'draft'`)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("throw the draft of the dictionary away: %w", err)
	}
	return nil
}
