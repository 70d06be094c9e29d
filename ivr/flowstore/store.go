package flowstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/ivr"
	"hotline/ivr/flowfile"
)

// Store reads and changes the versions.
type Store struct{ db *pgxpool.Pool }

// NewStore is over the pool.
func NewStore(db *pgxpool.Pool) *Store { return &Store{db: db} }

// querier is the pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func list(ctx context.Context, q querier, what, sql string, args ...any) ([]Version, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Version])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return all, nil
}

func one(ctx context.Context, q querier, what, sql string, args ...any) (Version, error) {
	all, err := list(ctx, q, what, sql, args...)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	if err != nil {
		return Version{}, err
	}
	return all[0], nil
}

// Current are the live versions and the drafts, with their texts, by kind and name.
func (s *Store) Current(ctx context.Context) ([]Version, error) {
	return list(ctx, s.db, "list flows", `select `+columns("yaml")+` from flow_versions where state in ('live', 'draft') order by kind, name, state desc`)
}

// Versions lists the versions of one, the newest first, without their texts.
func (s *Store) Versions(ctx context.Context, k Key) ([]Version, error) {
	all, err := list(ctx, s.db, "list versions of "+k.String(), `select `+columns("''")+` from flow_versions where kind = $1 and name = $2 order by version desc`, k.Kind, k.Name)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("list versions of %s: %w", k, ErrNotFound)
	}
	return all, err
}

// At returns one version with its text.
func (s *Store) At(ctx context.Context, k Key, version int) (Version, error) {
	return one(ctx, s.db, fmt.Sprintf("read %s, version %d", k, version),
		`select `+columns("yaml")+` from flow_versions where kind = $1 and name = $2 and version = $3`, k.Kind, k.Name, version)
}

// ByHash returns the newest version of a text that a call or an answer names.
func (s *Store) ByHash(ctx context.Context, k Key, hash string) (Version, error) {
	return one(ctx, s.db, fmt.Sprintf("read %s %s", k, hash),
		`select `+columns("yaml")+` from flow_versions where kind = $1 and name = $2 and hash = $3 order by version desc limit 1`, k.Kind, k.Name, hash)
}

// Live is the version that is live.
func (s *Store) Live(ctx context.Context, k Key) (Version, error) { return in(ctx, s.db, k, StateLive) }

// in returns the one in a state.
func in(ctx context.Context, q querier, k Key, state string) (Version, error) {
	return one(ctx, q, fmt.Sprintf("read the %s of %s", state, k),
		`select `+columns("yaml")+` from flow_versions where kind = $1 and name = $2 and state = $3`, k.Kind, k.Name, state)
}

// Check says everything that is wrong with a text, by what there is beside it: the live flows and surveys, and what the caller knows of
// the rest. The name must stay k's, unless k is empty.
func (s *Store) Check(ctx context.Context, k Key, yaml string, known ivr.Known) (flowfile.File, []ivr.Fault, error) {
	return check(ctx, s.db, k, yaml, known)
}

func check(ctx context.Context, q querier, k Key, yaml string, known ivr.Known) (flowfile.File, []ivr.Fault, error) {
	var err error
	if known.Surveys, err = surveys(ctx, q); err != nil {
		return flowfile.File{}, nil, err
	}
	if known.Flows, err = signatures(ctx, q); err != nil {
		return flowfile.File{}, nil, err
	}
	file, faults := flowfile.ParseKnown([]byte(yaml), known)
	if is, ok := KeyOf(file); ok && k != (Key{}) && is != k {
		faults = append([]ivr.Fault{{
			Mark: ivr.Mark{Line: 1, Column: 1}, Message: ivr.Worded("this is the %s, and not the %s", is, k),
			Remedy: ivr.Worded("write `kind: %s` and `id: %s`, or begin a new one", k.Kind, k.Name),
		}}, faults...)
	}
	return file, faults, nil
}

// surveys are the names of those that are live.
func surveys(ctx context.Context, q querier) ([]string, error) {
	rows, err := q.Query(ctx, `select name from flow_versions where kind = 'survey' and state = 'live' order by name`)
	if err != nil {
		return nil, fmt.Errorf("list surveys: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list surveys: %w", err)
	}
	return append([]string{}, names...), nil // nil would allow any
}

// signatures are those of the live flows.
func signatures(ctx context.Context, q querier) (map[string]ivr.Signature, error) {
	live, err := list(ctx, q, "list flows", `select `+columns("yaml")+` from flow_versions where kind = 'flow' and state = 'live'`)
	if err != nil {
		return nil, err
	}
	all := map[string]ivr.Signature{}
	for name, flow := range Live(live).Flows {
		all[name] = flow.Signature()
	}
	return all, nil
}

// SaveDraft keeps what somebody works on, faults and all; there is one draft of a name. seen is when the draft that the
// editor began with was saved, zero when there was none: over one that was saved since it is ErrStale.
func (s *Store) SaveDraft(ctx context.Context, k Key, yaml, note, by string, seen time.Time) (Version, error) {
	tag, err := s.db.Exec(ctx, `insert into flow_versions (kind, name, version, state, yaml, hash, origin, note, created_by)
		values ($1, $2, (select coalesce(max(version), 0) + 1 from flow_versions where kind = $1 and name = $2), 'draft', $3, $4, 'editor', $5, $6)
		on conflict (kind, name) where state = 'draft' do update set yaml = $3, hash = $4, note = $5, created_by = $6, created_at = now()
		where flow_versions.created_at = $7`, k.Kind, k.Name, yaml, flowfile.Version([]byte(yaml)), note, by, seen)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrStale
	}
	if err != nil {
		return Version{}, fmt.Errorf("keep the draft of %s: %w", k, err)
	}
	return in(ctx, s.db, k, StateDraft)
}

// DropDraft throws the draft away.
func (s *Store) DropDraft(ctx context.Context, k Key) error {
	tag, err := s.db.Exec(ctx, `delete from flow_versions where kind = $1 and name = $2 and state = 'draft'`, k.Kind, k.Name)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("throw the draft of %s away: %w", k, err)
	}
	return nil
}

// lock lets nobody else change versions until the transaction ends; reading goes on.
func lock(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `lock table flow_versions in share row exclusive mode`)
	return err
}

// Publish makes the draft live that was saved at the given time; when another was saved since it is ErrStale, and *Faulty
// when it cannot go live.
func (s *Store) Publish(ctx context.Context, k Key, saved time.Time, note, by string, known ivr.Known) (Version, error) {
	var version int
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if err := lock(ctx, tx); err != nil {
			return err
		}
		draft, err := in(ctx, tx, k, StateDraft)
		if err != nil {
			return err
		}
		if !draft.CreatedAt.Equal(saved) {
			return ErrStale
		}
		if err := mayGoLive(ctx, tx, k, draft.YAML, known); err != nil {
			return err
		}
		if err := retire(ctx, tx, k); err != nil {
			return err
		}
		version = draft.Version
		_, err = tx.Exec(ctx, `update flow_versions set state = 'live', live_at = now(), live_by = $4, note = $5
			where kind = $1 and name = $2 and version = $3`, k.Kind, k.Name, version, by, note)
		return err
	})
	if err != nil {
		return Version{}, fmt.Errorf("publish %s: %w", k, err)
	}
	return s.At(ctx, k, version)
}

func mayGoLive(ctx context.Context, q querier, k Key, yaml string, known ivr.Known) error {
	_, faults, err := check(ctx, q, k, yaml, known)
	if err != nil {
		return err
	}
	if grave := Errors(faults); len(grave) > 0 {
		return &Faulty{grave}
	}
	return nil
}

func retire(ctx context.Context, tx pgx.Tx, k Key) error {
	_, err := tx.Exec(ctx, `update flow_versions set state = 'retired' where kind = $1 and name = $2 and state = 'live'`, k.Kind, k.Name)
	return err
}

// GoBack makes the text of an earlier version live again, as a version of its own: the history only grows. A draft stays,
// and comes after it.
func (s *Store) GoBack(ctx context.Context, k Key, to int, note, by string, known ivr.Known) (Version, error) {
	var version int
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if err := lock(ctx, tx); err != nil {
			return err
		}
		old, err := one(ctx, tx, "read it", `select `+columns("yaml")+` from flow_versions where kind = $1 and name = $2 and version = $3`, k.Kind, k.Name, to)
		if err != nil {
			return err
		}
		if old.State != StateRetired {
			return ErrStale
		}
		if err := mayGoLive(ctx, tx, k, old.YAML, known); err != nil {
			return err
		}
		version, err = insertLive(ctx, tx, Version{
			Kind: k.Kind, Name: k.Name, YAML: old.YAML, Origin: fromEditor, Note: note, CreatedBy: by, LiveBy: by, BackTo: to,
		})
		return err
	})
	if err != nil {
		return Version{}, fmt.Errorf("go back to version %d of %s: %w", to, k, err)
	}
	return s.At(ctx, k, version)
}

// insertLive makes a new version live and returns its number; a draft is numbered after it. The table is locked.
func insertLive(ctx context.Context, tx pgx.Tx, v Version) (version int, err error) {
	if err := retire(ctx, tx, v.Key()); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `select coalesce((select version from flow_versions where kind = $1 and name = $2 and state = 'draft'),
		(select coalesce(max(version), 0) + 1 from flow_versions where kind = $1 and name = $2))`, v.Kind, v.Name).Scan(&version)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `update flow_versions set version = version + 1 where kind = $1 and name = $2 and state = 'draft'`, v.Kind, v.Name); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `insert into flow_versions (kind, name, version, state, yaml, hash, origin, note, created_by, live_at, live_by, back_to)
		values ($1, $2, $3, 'live', $4, $5, $6, $7, nullif($8, ''), now(), nullif($9, ''), nullif($10, 0))`,
		v.Kind, v.Name, version, v.YAML, flowfile.Version([]byte(v.YAML)), v.Origin, v.Note, v.CreatedBy, v.LiveBy, v.BackTo)
	return version, err
}

// Seed makes live what the site's files hold and the database does not: what is new, and the new text of what still follows
// its file. kept names those whose file differs from what somebody made live since.
func (s *Store) Seed(ctx context.Context, set *flowfile.Set) (kept []Key, err error) {
	err = s.put(ctx, set, func(tx pgx.Tx, k Key, yaml string, live Version) error {
		if live.Origin != "" && live.Origin != fromFile {
			kept = append(kept, k)
			return nil
		}
		_, err := insertLive(ctx, tx, Version{Kind: k.Kind, Name: k.Name, YAML: yaml, Origin: fromFile, Note: "as in its file"})
		return err
	})
	return kept, err
}

// Import makes the files' texts live, whatever was, and returns those that changed.
func (s *Store) Import(ctx context.Context, set *flowfile.Set, note string) (changed []Version, err error) {
	err = s.put(ctx, set, func(tx pgx.Tx, k Key, yaml string, _ Version) error {
		v := Version{Kind: k.Kind, Name: k.Name, YAML: yaml, Origin: fromImport, Note: note}
		var err error
		v.Version, err = insertLive(ctx, tx, v)
		changed = append(changed, v)
		return err
	})
	return changed, err
}

// put gives each text that is not what is live to change, all in one transaction.
func (s *Store) put(ctx context.Context, set *flowfile.Set, change func(tx pgx.Tx, k Key, yaml string, live Version) error) error {
	keys := make([]Key, 0, len(set.Texts))
	texts := map[Key]string{}
	for _, t := range set.Texts {
		file, _ := flowfile.Parse(t)
		if k, ok := KeyOf(file); ok {
			keys, texts[k] = append(keys, k), string(t)
		}
	}
	slices.SortFunc(keys, func(a, b Key) int { return cmp.Compare(b.String(), a.String()) }) // surveys before the flows that name them
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if err := lock(ctx, tx); err != nil {
			return err
		}
		for _, k := range keys {
			live, err := in(ctx, tx, k, StateLive)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
			if live.YAML == texts[k] {
				continue
			}
			if err := change(tx, k, texts[k], live); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep the files' flows: %w", err)
	}
	return nil
}
