package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
)

// Files opens recordings, however they are kept.
type Files interface {
	// Open opens the plain FLAC file of a leg. An error that is fs.ErrNotExist means that it is gone.
	Open(ctx context.Context, leg id.LegID) (io.ReadSeekCloser, time.Time, error)
}

// Store sweeps the ledger and keeps the alarms.
type Store struct {
	pool  *pgxpool.Pool
	files Files
}

// NewStore is over the pool and the recordings' files.
func NewStore(pool *pgxpool.Pool, files Files) *Store { return &Store{pool: pool, files: files} }

const (
	// Window is how far back a sweep looks for legs that the catalogue does not know. Check looks at any time.
	Window = 48 * time.Hour
	// RecheckAfter is how long after it was read a file is read again.
	RecheckAfter = 30 * 24 * time.Hour
	// chunk is how many legs of each sort a sweep looks at; what is left is for the next one.
	chunk = 500
)

// Result is what a sweep came to.
type Result struct {
	Looked  int `json:"looked"`
	Raised  int `json:"raised"`
	Cleared int `json:"cleared"`
	Open    int `json:"open"`
}

// Sweep looks at what is due: open alarms, legs that are over without a file, new files, and some that were not read for
// long.
func (s *Store) Sweep(ctx context.Context) (Result, error) {
	now := time.Now()
	legs, err := s.due(ctx, now, now.Add(-Window))
	if err != nil {
		return Result{}, err
	}
	return s.look(ctx, now, legs)
}

// Check looks at every leg that was answered since then, files that were read before included.
func (s *Store) Check(ctx context.Context, since time.Time) (Result, error) {
	now := time.Now()
	legs, err := s.due(ctx, now, since)
	if err != nil {
		return Result{}, err
	}
	more, err := s.legs(ctx, `select leg from recordings where started_at >= $1 and state in ('finished', 'stored')`, since)
	if err != nil {
		return Result{}, err
	}
	return s.look(ctx, now, append(legs, more...))
}

func (s *Store) due(ctx context.Context, now, since time.Time) ([]id.LegID, error) {
	return s.legs(ctx, `
		select leg from recording_alarms where cleared_at is null
		union (select leg from recordings where state in ('expected', 'writing') and ended_at < $1 order by ended_at limit $4)
		union (select r.leg from recordings r join calls c on c.id = r.call_id where r.state in ('expected', 'writing') and r.ended_at is null and c.ended_at < $1 limit $4)
		union (select leg from recordings where state = 'failed' and checked_at is null order by started_at limit $4)
		union (select leg from recordings where state in ('finished', 'stored') and checked_sha256 <> sha256 order by started_at limit $4)
		union (select leg from recordings where state in ('finished', 'stored') and checked_at < $3 order by checked_at limit $4)
		union (select distinct data->'event'->>'leg' from call_event e where kind = 'leg_up' and at >= $2 and at < $1
			and not exists (select from recordings r where r.leg = e.data->'event'->>'leg'))`,
		now.Add(-grace), since, now.Add(-RecheckAfter), chunk)
}

func (s *Store) legs(ctx context.Context, sql string, args ...any) ([]id.LegID, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("look for recordings to check: %w", err)
	}
	legs, err := pgx.CollectRows(rows, pgx.RowTo[id.LegID])
	if err != nil {
		return nil, fmt.Errorf("look for recordings to check: %w", err)
	}
	return legs, nil
}

// look assesses the legs one by one, so that a sweep that is broken off has done something.
func (s *Store) look(ctx context.Context, now time.Time, legs []id.LegID) (Result, error) {
	slices.Sort(legs)
	var r Result
	for _, leg := range slices.Compact(legs) {
		if err := s.lookAt(ctx, now, leg, &r); err != nil {
			return r, err
		}
	}
	if err := s.pool.QueryRow(ctx, `select count(*) from recording_alarms where cleared_at is null`).Scan(&r.Open); err != nil {
		return r, fmt.Errorf("count alarms: %w", err)
	}
	return r, nil
}

func (s *Store) lookAt(ctx context.Context, now time.Time, leg id.LegID, r *Result) error {
	f, err := s.facts(ctx, leg)
	if err != nil {
		return err
	}
	found := f.assess(now)
	if f.kept() {
		kind, d, err := s.file(ctx, f)
		if err != nil {
			return err
		}
		if kind != "" {
			found[kind] = d
		}
	}
	r.Looked++
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return s.settle(ctx, tx, f, found, r) })
}

func (s *Store) facts(ctx context.Context, leg id.LegID) (facts, error) {
	rows, err := s.pool.Query(ctx, `
		select l.leg, exists (select from call_event e where e.call = $2 and e.kind = 'leg_up' and e.data->'event'->>'leg' = l.leg) as connected,
			r.state, r.reason, r.started_at, r.ended_at, c.ended_at as call_ended_at, r.duration_ms, r.sha256, r.parts, r.peaks,
			coalesce((select sum(extract(epoch from coalesce(p.ended_at, r.ended_at, p.started_at) - p.started_at) * 1000)::bigint
				from recording_pauses p where p.leg = l.leg), 0) as paused_ms
		from (select $1::text as leg) l left join recordings r on r.leg = l.leg left join calls c on c.id = r.call_id`, leg, leg.Call())
	if err != nil {
		return facts{}, fmt.Errorf("look at the recording of %s: %w", leg, err)
	}
	f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[facts])
	if err != nil {
		return facts{}, fmt.Errorf("look at the recording of %s: %w", leg, err)
	}
	return f, nil
}

// file reads the file and says what is wrong with it; kind is empty when nothing is.
func (s *Store) file(ctx context.Context, f facts) (kind Kind, d Detail, err error) {
	sum, err := s.hash(ctx, f.Leg)
	switch {
	case ctx.Err() != nil:
		return "", Detail{}, ctx.Err()
	case errors.Is(err, fs.ErrNotExist):
		return Missing, Detail{Reason: ReasonFileGone}, nil
	case err != nil:
		return Hash, Detail{Reason: ReasonUnreadable, Note: err.Error()}, nil
	case sum != *f.SHA256:
		return Hash, Detail{Reason: ReasonAltered}, nil
	}
	return "", Detail{}, nil
}

func (s *Store) hash(ctx context.Context, leg id.LegID) (string, error) {
	f, _, err := s.files.Open(ctx, leg)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// settle makes the leg's open alarms those that were found. What was found of a recording that changed meanwhile is of no
// worth: the next sweep looks again.
func (s *Store) settle(ctx context.Context, tx pgx.Tx, f facts, found map[Kind]Detail, r *Result) error {
	var same bool
	err := tx.QueryRow(ctx, `select coalesce((select state = $2 and sha256 = $3 from recordings where leg = $1 for update), $2::text is null)`,
		f.Leg, f.State, f.SHA256).Scan(&same)
	if err != nil || !same {
		return err
	}
	kinds := slices.AppendSeq([]Kind{}, maps.Keys(found)) // not nil: null is unlike every kind
	slices.Sort(kinds)
	tag, err := tx.Exec(ctx, `update recording_alarms set cleared_at = now() where leg = $1 and cleared_at is null and kind <> all ($2)`, f.Leg, kinds)
	if err != nil {
		return fmt.Errorf("clear alarms of %s: %w", f.Leg, err)
	}
	cleared, raised := int(tag.RowsAffected()), 0
	for _, kind := range kinds {
		var fresh bool
		err := tx.QueryRow(ctx, `insert into recording_alarms (leg, kind, detail) values ($1, $2, $3)
			on conflict (leg, kind) where cleared_at is null do update set detail = excluded.detail returning xmax = 0`, f.Leg, kind, found[kind]).Scan(&fresh)
		if err != nil {
			return fmt.Errorf("raise an alarm of %s: %w", f.Leg, err)
		}
		if fresh {
			raised++
		}
	}
	if _, err := tx.Exec(ctx, `update recordings set checked_sha256 = sha256, checked_at = now() where leg = $1 and state in ('finished', 'stored', 'failed')`, f.Leg); err != nil {
		return fmt.Errorf("note that the recording of %s was checked: %w", f.Leg, err)
	}
	r.Cleared += cleared
	r.Raised += raised
	return nil
}
