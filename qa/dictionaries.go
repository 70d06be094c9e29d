package qa

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotline/qa/lexicon"
	"hotline/qa/topic"
)

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

// Dictionaries are the versions of the dictionary.
func (s *Store) Dictionaries() Versions {
	return Versions{pool: s.pool, table: "dictionaries", what: "dictionary", shipped: lexicon.DefaultYAML, check: func(_ context.Context, yaml string) error {
		if _, faults := lexicon.Parse([]byte(yaml)); len(faults) > 0 {
			return &FaultyDictionary{faults}
		}
		return nil
	}}
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
	v, err := s.Dictionaries().live(ctx, tx)
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
