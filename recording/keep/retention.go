package keep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/recording/evidence"
)

// Rule says for how many days recordings of a queue and an outcome are kept. Empty means every one.
type Rule struct {
	Queue   string `db:"queue_id" json:"queue"`
	Outcome string `db:"outcome" json:"outcome" doc:"A disposition; empty: every outcome."`
	Days    int    `db:"days" json:"days" minimum:"1" maximum:"36500"`
}

// Rules returns all rules, by queue and outcome.
func (s *Store) Rules(ctx context.Context) ([]Rule, error) {
	rows, err := s.pool.Query(ctx, `select queue_id, outcome, days from retention_rules order by queue_id, outcome`)
	if err != nil {
		return nil, fmt.Errorf("list retention rules: %w", err)
	}
	rules, err := pgx.CollectRows(rows, pgx.RowToStructByName[Rule])
	if err != nil {
		return nil, fmt.Errorf("list retention rules: %w", err)
	}
	return rules, nil
}

// KeepDays is for how long a recording is kept of which no rule speaks; 0 means for ever.
func (s *Store) KeepDays() int { return s.keepDays }

// SetRule makes or changes the rule of a queue and an outcome; with 0 days it removes it.
func (s *Store) SetRule(ctx context.Context, r Rule, who id.AgentID) error {
	if r.Days < 0 || r.Days > 36500 {
		return fmt.Errorf("keep for %d days: give 1 to 36500, or 0 to remove the rule", r.Days)
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		sql := `insert into retention_rules (queue_id, outcome, days) values ($1, $2, $3) on conflict (queue_id, outcome) do update set days = excluded.days`
		args := []any{r.Queue, r.Outcome, r.Days}
		if r.Days == 0 {
			sql, args = `delete from retention_rules where queue_id = $1 and outcome = $2`, args[:2]
		}
		tag, err := tx.Exec(ctx, sql, args...)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		return audit(ctx, tx, who, "change", "retention", map[string]any{"rule": r})
	})
	if err != nil {
		return fmt.Errorf("set a retention rule: %w", err)
	}
	return nil
}

// expireAtOnce is how many recordings are thrown away before the job looks again.
const expireAtOnce = 500

// expiredSQL finds recordings whose time is over. Open holds are looked at again for each.
const expiredSQL = `
	select r.leg, r.started_at from recordings r left join calls c on c.id = r.call_id
	cross join lateral (
		select coalesce((select t.days from retention_rules t
			where t.queue_id in ('', coalesce(c.queue_id, '')) and t.outcome in ('', coalesce(c.disposition, ''))
			order by t.queue_id <> '' desc, t.outcome <> '' desc limit 1), nullif($2, 0)) as days
	) d
	where r.state in ('finished', 'stored') and r.started_at < $1 and r.started_at < $3::timestamptz - d.days * interval '1 day'
		and (r.started_at, r.leg) > ($4, $5)
		and not exists (select from legal_hold_legs l join legal_holds h on h.id = l.hold where l.leg = r.leg and h.released_at is null)
	order by r.started_at, r.leg limit $6`

// place is where a run is in the list of recordings.
type place struct {
	Leg     id.LegID  `db:"leg"`
	Started time.Time `db:"started_at"`
}

func (s *Store) expired(ctx context.Context, now time.Time, least int, after place) (due []place, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Where one rule is short and the others long, it looks past millions.
		if _, err := tx.Exec(ctx, `set local statement_timeout = 0`); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, expiredSQL, now.AddDate(0, 0, -least), s.keepDays, now, after.Started, after.Leg, expireAtOnce)
		if err != nil {
			return err
		}
		due, err = pgx.CollectRows(rows, pgx.RowToStructByName[place])
		return err
	})
	return due, err
}

// Expired is what Expire came to.
type Expired struct {
	Thrown int // away
	Held   int // because a hold stands that was placed for what comes
}

// Expire throws away what was kept long enough.
func (s *Store) Expire(ctx context.Context) (Expired, error) {
	var done Expired
	now := time.Now()
	var least *int
	if err := s.pool.QueryRow(ctx, `select min(days) from (select days from retention_rules union all select nullif($1::int, 0)) d`, s.keepDays).Scan(&least); err != nil {
		return done, fmt.Errorf("read the retention rules: %w", err)
	}
	if least == nil {
		return done, nil // everything is kept for ever
	}
	var faults error
	for after := (place{}); ctx.Err() == nil; {
		due, err := s.expired(ctx, now, *least, after)
		if err != nil {
			return done, fmt.Errorf("look for recordings to throw away: %w", err)
		}
		if len(due) == 0 {
			return done, faults
		}
		for _, d := range due {
			err := s.remove(ctx, d.Leg, evidence.KindExpired, "retention", "")
			var held *HeldError
			switch {
			case errors.As(err, &held):
				done.Held++
			case errors.Is(err, ErrLater):
				done.Thrown++
			case err != nil:
				faults = errors.Join(faults, fmt.Errorf("throw away the recording of %s: %w", d.Leg, err))
			default:
				done.Thrown++
			}
		}
		after = due[len(due)-1]
	}
	return done, errors.Join(faults, ctx.Err())
}
