package qa

import (
	"context"
	"fmt"
	"slices"

	"hotline/qa/book"
	"hotline/qa/rule"
)

// FaultyBook is returned for rules that cannot be used.
type FaultyBook struct{ Faults []book.Fault }

func (e *FaultyBook) Error() string {
	if len(e.Faults) == 0 {
		return "the rules cannot be used"
	}
	return fmt.Sprintf("the rules have %d faults; the first: %v", len(e.Faults), e.Faults[0])
}

// Books are the versions of the rules.
func (s *Store) Books() Versions {
	return Versions{pool: s.pool, table: "rule_books", what: "rules", shipped: book.DefaultYAML, check: func(_ context.Context, yaml string) error {
		_, _, err := read(yaml)
		return err
	}}
}

// Live is the version of the rules by which calls are judged, ready to judge.
type Live struct {
	Version int
	File    book.File
	Book    *rule.Book
}

// LiveBook returns the live rules. The shipped book is put in when there is none.
func (s *Store) LiveBook(ctx context.Context) (Live, error) {
	v, err := s.Books().live(ctx, s.pool)
	if err != nil {
		return Live{}, err
	}
	return ready(v)
}

func ready(v Version) (Live, error) {
	file, rules, err := read(v.YAML)
	if err != nil {
		return Live{}, fmt.Errorf("rules, version %d: %w", v.Version, err)
	}
	return Live{Version: v.Version, File: file, Book: rules}, nil
}

// read makes rules of YAML; what is wrong with it is a *FaultyBook.
func read(yaml string) (book.File, *rule.Book, error) {
	file, faults := book.Parse([]byte(yaml))
	if len(faults) > 0 {
		return book.File{}, nil, &FaultyBook{faults}
	}
	rules, _ := rule.NewBook(file.Rules) // Parse has found every fault
	return file, rules, nil
}

// BookOf returns one version ready to judge. A version that was live never changes, so it is read once.
func (s *Store) BookOf(ctx context.Context, version int) (Live, error) {
	if have, ok := s.books.Load(version); ok {
		return have.(Live), nil
	}
	v, err := s.Books().At(ctx, version)
	if err != nil {
		return Live{}, err
	}
	made, err := ready(v)
	if err == nil && v.State != "draft" {
		s.books.Store(version, made)
	}
	return made, err
}

// CheckBook reads rules and says everything that is wrong with them, and which questions of the live scorecard name rules that
// they do not have: those would be left to people.
func (s *Store) CheckBook(ctx context.Context, yaml string) (file book.File, faults []book.Fault, left []string, err error) {
	file, faults = book.Parse([]byte(yaml))
	if len(faults) > 0 {
		return file, faults, nil, nil
	}
	c, err := s.LiveCard(ctx)
	if err != nil {
		return book.File{}, nil, nil, err
	}
	for question, orphan := range orphans(&c, file.Rules) {
		if orphan {
			left = append(left, question)
		}
	}
	slices.Sort(left)
	return file, nil, left, nil
}
