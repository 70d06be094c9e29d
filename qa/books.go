package qa

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/qa/book"
	"hotline/qa/rule"
)

// BookVersion is one version of the rules.
type BookVersion struct {
	Version   int        `db:"version"`
	State     string     `db:"state"` // draft, live, retired
	YAML      string     `db:"yaml"`
	Note      string     `db:"note"`
	CreatedAt time.Time  `db:"created_at"`
	CreatedBy string     `db:"created_by"`
	LiveAt    *time.Time `db:"live_at"`
	LiveBy    string     `db:"live_by"`
	Drafter   string     `db:"drafter"` // the names of CreatedBy and LiveBy
	Publisher string     `db:"publisher"`
	BackTo    int        `db:"back_to"` // the earlier version whose text it repeats; 0 for a text of its own
}

const bookColumns = `version, state, yaml, note, created_at, coalesce(created_by, '') as created_by, live_at,
	coalesce(live_by, '') as live_by, coalesce(back_to, 0) as back_to,
	coalesce((select name from users where id = created_by), '') as drafter, coalesce((select name from users where id = live_by), '') as publisher`

// ErrStale means that somebody else has changed it meanwhile.
var ErrStale = errors.New("somebody else has changed it meanwhile: read it again")

// FaultyBook is returned for rules that cannot be used.
type FaultyBook struct{ Faults []book.Fault }

func (e *FaultyBook) Error() string {
	if len(e.Faults) == 0 {
		return "the rules cannot be used"
	}
	return fmt.Sprintf("the rules have %d faults; the first: %v", len(e.Faults), e.Faults[0])
}

// Live is the version of the rules by which calls are judged, ready to judge. The shipped book is put in when there is none.
type Live struct {
	Version int
	File    book.File
	Book    *rule.Book
}

// LiveBook returns the live rules.
func (s *Store) LiveBook(ctx context.Context) (Live, error) {
	v, err := s.bookIn(ctx, "live")
	if errors.Is(err, ErrNotFound) {
		if _, err := s.pool.Exec(ctx, `insert into rule_books (version, state, yaml, note, live_at) values (1, 'live', $1, 'as shipped', now())
			on conflict do nothing`, string(book.DefaultYAML())); err != nil {
			return Live{}, fmt.Errorf("put in the shipped rules: %w", err)
		}
		v, err = s.bookIn(ctx, "live")
	}
	if err != nil {
		return Live{}, err
	}
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

func (s *Store) bookIn(ctx context.Context, state string) (BookVersion, error) {
	rows, err := s.pool.Query(ctx, `select `+bookColumns+` from rule_books where state = $1`, state)
	if err != nil {
		return BookVersion{}, fmt.Errorf("read the %s rules: %w", state, err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[BookVersion])
	if errors.Is(err, pgx.ErrNoRows) {
		return BookVersion{}, ErrNotFound
	}
	return v, err
}

// Books lists the versions, the newest first.
func (s *Store) Books(ctx context.Context) ([]BookVersion, error) {
	rows, err := s.pool.Query(ctx, `select `+bookColumns+` from rule_books order by version desc`)
	if err != nil {
		return nil, fmt.Errorf("list the rules: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[BookVersion])
}

// BookAt returns one version.
func (s *Store) BookAt(ctx context.Context, version int) (BookVersion, error) {
	rows, err := s.pool.Query(ctx, `select `+bookColumns+` from rule_books where version = $1`, version)
	if err != nil {
		return BookVersion{}, fmt.Errorf("read rules, version %d: %w", version, err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[BookVersion])
	if errors.Is(err, pgx.ErrNoRows) {
		return BookVersion{}, ErrNotFound
	}
	return v, err
}

// BookOf returns one version ready to judge. A version that was live never changes, so it is read once.
func (s *Store) BookOf(ctx context.Context, version int) (Live, error) {
	if have, ok := s.books.Load(version); ok {
		return have.(Live), nil
	}
	v, err := s.BookAt(ctx, version)
	if err != nil {
		return Live{}, err
	}
	file, rules, err := read(v.YAML)
	if err != nil {
		return Live{}, fmt.Errorf("rules, version %d: %w", v.Version, err)
	}
	made := Live{Version: v.Version, File: file, Book: rules}
	if v.State != "draft" {
		s.books.Store(version, made)
	}
	return made, nil
}

// Draft returns the rules that are being worked on, or ErrNotFound when there are none.
func (s *Store) Draft(ctx context.Context) (BookVersion, error) { return s.bookIn(ctx, "draft") }

// CheckBook reads rules and says everything that is wrong with them, and which questions of the live scorecard name rules that
// they do not have: those would be left to people.
func (s *Store) CheckBook(ctx context.Context, yaml string) (file book.File, faults []book.Fault, left []string, err error) {
	file, faults = book.Parse([]byte(yaml))
	if len(faults) > 0 {
		return file, faults, nil, nil
	}
	live, err := s.LiveCard(ctx)
	if err != nil {
		return book.File{}, nil, nil, err
	}
	c, err := live.Card()
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

// SaveDraft keeps the rules that are being worked on; there is one draft. Faulty rules are not kept. seen is when the draft
// that the editor began with was saved, zero when there was none: over one that somebody else saved since it is ErrStale.
func (s *Store) SaveDraft(ctx context.Context, yaml, note, by string, seen time.Time) (BookVersion, error) {
	if _, _, err := read(yaml); err != nil {
		return BookVersion{}, err
	}
	if _, err := s.LiveBook(ctx); err != nil { // so that the draft comes after the shipped one
		return BookVersion{}, err
	}
	tag, err := s.pool.Exec(ctx, `insert into rule_books (version, state, yaml, note, created_by)
		values ((select coalesce(max(version), 0) + 1 from rule_books), 'draft', $1, $2, $3)
		on conflict (state) where state = 'draft' do update set yaml = $1, note = $2, created_by = $3, created_at = now()
		where rule_books.created_at = $4 or rule_books.created_by = $3`, yaml, note, by, seen)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrStale
	}
	if err != nil {
		return BookVersion{}, fmt.Errorf("keep the draft of the rules: %w", err)
	}
	return s.bookIn(ctx, "draft")
}

// Publish makes the draft live that was saved at the given time; when another was saved since it is ErrStale. Calls that were
// judged before keep what was found then.
func (s *Store) Publish(ctx context.Context, saved time.Time, note, by string) (BookVersion, error) {
	draft, err := s.bookIn(ctx, "draft")
	if err != nil {
		return BookVersion{}, fmt.Errorf("publish the rules: %w", err)
	}
	if _, _, err := read(draft.YAML); err != nil { // it may have been kept by another version of the program
		return BookVersion{}, err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `update rule_books set state = 'retired' where state = 'live'`); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update rule_books set state = 'live', live_at = now(), live_by = $1, note = $2
			where state = 'draft' and created_at = $3 and version = $4`, by, note, saved, draft.Version)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrStale
		}
		return err
	})
	if err != nil {
		return BookVersion{}, fmt.Errorf("publish the rules: %w", err)
	}
	return s.BookAt(ctx, draft.Version)
}

// GoBack makes the text of an earlier version live again, as a version of its own: the history only grows. A draft stays, and
// comes after it.
func (s *Store) GoBack(ctx context.Context, to int, note, by string) (BookVersion, error) {
	old, err := s.BookAt(ctx, to)
	if err != nil {
		return BookVersion{}, err
	}
	if old.State != "retired" {
		return BookVersion{}, fmt.Errorf("go back to rules, version %d: %w", to, ErrStale)
	}
	if _, _, err := read(old.YAML); err != nil {
		return BookVersion{}, err
	}
	var version int
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `lock table rule_books in share row exclusive mode`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update rule_books set state = 'retired' where state = 'live'`); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `select coalesce((select version from rule_books where state = 'draft'), (select max(version) + 1 from rule_books))`).Scan(&version)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update rule_books set version = (select max(version) + 1 from rule_books) where state = 'draft'`); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into rule_books (version, state, yaml, note, created_by, live_at, live_by, back_to) values ($1, 'live', $2, $3, $4, now(), $4, $5)`,
			version, old.YAML, note, by, to)
		return err
	})
	if err != nil {
		return BookVersion{}, fmt.Errorf("go back to rules, version %d: %w", to, err)
	}
	return s.BookAt(ctx, version)
}

// DropDraft throws the draft away.
func (s *Store) DropDraft(ctx context.Context) error {
	tag, err := s.pool.Exec(ctx, `delete from rule_books where state = 'draft'`)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("throw the draft of the rules away: %w", err)
	}
	return nil
}
