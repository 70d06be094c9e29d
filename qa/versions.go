package qa

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Version is one version of a text by which calls are judged: the rules, the scorecard or the dictionary.
type Version struct {
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

const versionColumns = `version, state, yaml, note, created_at, coalesce(created_by, '') as created_by, live_at,
	coalesce(live_by, '') as live_by, coalesce(back_to, 0) as back_to,
	coalesce((select name from users where id = created_by), '') as drafter, coalesce((select name from users where id = live_by), '') as publisher`

// ErrStale means that somebody else has changed it meanwhile.
var ErrStale = errors.New("somebody else has changed it meanwhile: read it again")

// Versions are those of one text: one draft at most, one that is live, and those that were. The history only grows, and a
// version that was live never changes.
type Versions struct {
	pool        *pgxpool.Pool
	table, what string
	shipped     func() []byte
	check       func(ctx context.Context, yaml string) error // says everything that is wrong with a text
}

// database is the pool, or a transaction.
type database interface {
	Begin(ctx context.Context) (pgx.Tx, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

func (v Versions) one(ctx context.Context, db database, where string, args ...any) (Version, error) {
	rows, err := db.Query(ctx, `select `+versionColumns+` from `+v.table+` where `+where, args...)
	if err != nil {
		return Version{}, fmt.Errorf("read the %s: %w", v.what, err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Version])
	if errors.Is(err, pgx.ErrNoRows) {
		return Version{}, ErrNotFound
	}
	if err != nil {
		return Version{}, fmt.Errorf("read the %s: %w", v.what, err)
	}
	return found, nil
}

// live is the live version. The shipped one is put in when there is none.
func (v Versions) live(ctx context.Context, db database) (Version, error) {
	found, err := v.one(ctx, db, `state = 'live'`)
	if !errors.Is(err, ErrNotFound) {
		return found, err
	}
	if _, err := db.Exec(ctx, `insert into `+v.table+` (version, state, yaml, note, live_at) values (1, 'live', $1, 'as shipped', now())
		on conflict do nothing`, string(v.shipped())); err != nil {
		return Version{}, fmt.Errorf("put in the shipped %s: %w", v.what, err)
	}
	return v.one(ctx, db, `state = 'live'`)
}

// All lists the versions, the newest first.
func (v Versions) All(ctx context.Context) ([]Version, error) {
	if _, err := v.live(ctx, v.pool); err != nil { // so that the shipped one is there to begin from
		return nil, err
	}
	rows, err := v.pool.Query(ctx, `select `+versionColumns+` from `+v.table+` order by version desc`)
	if err != nil {
		return nil, fmt.Errorf("list versions of the %s: %w", v.what, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Version])
}

// At returns one version.
func (v Versions) At(ctx context.Context, version int) (Version, error) {
	return v.one(ctx, v.pool, `version = $1`, version)
}

// Draft returns what is being worked on, or ErrNotFound when there is nothing.
func (v Versions) Draft(ctx context.Context) (Version, error) {
	return v.one(ctx, v.pool, `state = 'draft'`)
}

// Save keeps what is being worked on; there is one draft. A faulty one is not kept. seen is when the draft that the editor
// began with was saved, zero when there was none: over one that somebody else saved since it is ErrStale.
func (v Versions) Save(ctx context.Context, yaml, note, by string, seen time.Time) (Version, error) {
	if err := v.check(ctx, yaml); err != nil {
		return Version{}, err
	}
	if _, err := v.live(ctx, v.pool); err != nil { // so that the draft comes after the shipped one
		return Version{}, err
	}
	tag, err := v.pool.Exec(ctx, `insert into `+v.table+` as t (version, state, yaml, note, created_by)
		values ((select coalesce(max(version), 0) + 1 from `+v.table+`), 'draft', $1, $2, $3)
		on conflict (state) where state = 'draft' do update set yaml = $1, note = $2, created_by = $3, created_at = now()
		where t.created_at = $4 or t.created_by = $3`, yaml, note, by, seen)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrStale
	}
	if err != nil {
		return Version{}, fmt.Errorf("keep the draft of the %s: %w", v.what, err)
	}
	return v.Draft(ctx)
}

// Publish makes the draft live that was saved at the given time; when another was saved since it is ErrStale. Calls that were
// judged before keep what was found then.
func (v Versions) Publish(ctx context.Context, saved time.Time, note, by string) (Version, error) {
	draft, err := v.Draft(ctx)
	if err != nil {
		return Version{}, fmt.Errorf("publish the %s: %w", v.what, err)
	}
	if err := v.check(ctx, draft.YAML); err != nil { // what it names, or the program, may have changed since it was kept
		return Version{}, err
	}
	err = pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `update `+v.table+` set state = 'retired' where state = 'live'`); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update `+v.table+` set state = 'live', live_at = now(), live_by = $1, note = $2
			where state = 'draft' and created_at = $3 and version = $4`, by, note, saved, draft.Version)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrStale
		}
		return err
	})
	if err != nil {
		return Version{}, fmt.Errorf("publish the %s: %w", v.what, err)
	}
	return v.At(ctx, draft.Version)
}

// GoBack makes the text of an earlier version live again, as a version of its own. A draft stays, and comes after it.
func (v Versions) GoBack(ctx context.Context, to int, note, by string) (Version, error) {
	old, err := v.At(ctx, to)
	if err != nil {
		return Version{}, err
	}
	if old.State != "retired" {
		return Version{}, fmt.Errorf("go back to version %d of the %s: %w", to, v.what, ErrStale)
	}
	if err := v.check(ctx, old.YAML); err != nil {
		return Version{}, err
	}
	var version int
	err = pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `lock table `+v.table+` in share row exclusive mode`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update `+v.table+` set state = 'retired' where state = 'live'`); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `select coalesce((select version from `+v.table+` where state = 'draft'), (select max(version) + 1 from `+v.table+`))`).Scan(&version)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update `+v.table+` set version = (select max(version) + 1 from `+v.table+`) where state = 'draft'`); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into `+v.table+` (version, state, yaml, note, created_by, live_at, live_by, back_to) values ($1, 'live', $2, $3, $4, now(), $4, $5)`,
			version, old.YAML, note, by, to)
		return err
	})
	if err != nil {
		return Version{}, fmt.Errorf("go back to version %d of the %s: %w", to, v.what, err)
	}
	return v.At(ctx, version)
}

// Drop throws the draft away.
func (v Versions) Drop(ctx context.Context) error {
	tag, err := v.pool.Exec(ctx, `delete from `+v.table+` where state = 'draft'`)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("throw the draft of the %s away: %w", v.what, err)
	}
	return nil
}
