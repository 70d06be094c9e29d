package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/internal/calendar"
)

// Store keeps campaigns, their contacts, and the numbers that may not be called.
type Store struct{ pool *pgxpool.Pool }

// NewStore is over the pool.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// Querier is a pool or a transaction.
type Querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Table is a campaign with what came of its contacts: the line that people read (對象, 期間, 發送數, 回收數, 回收率, 名單條件).
type Table struct {
	Campaign
	Counts   map[Result]int // by state; their sum is Contacts
	Contacts int
	Reached  int // dialled or written to at least once (發送數)
	Answered int // complete and partial (回收數)
}

// row is a campaign as the database has it.
type row struct {
	Campaign
	FromDay time.Time `db:"from_day"`
	ToDay   time.Time `db:"to_day"`
}

const columns = `select id, name, survey, way, audience, list_rule, from_day, to_day, state, lang, calendar, hours, zone, most, ring, at_once,
	per_second, pauses, detect, rest_days, trouble, coalesce(created_by, '') as created_by, created_at, started_at, finished_at, erased_at from survey_campaigns `

func campaigns(ctx context.Context, db Querier, where string, args ...any) ([]Campaign, error) {
	rows, err := db.Query(ctx, columns+where, args...)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return nil, err
	}
	out := make([]Campaign, len(found))
	for i, r := range found {
		r.From, r.To = calendar.DateOf(r.FromDay), calendar.DateOf(r.ToDay)
		out[i] = r.Campaign
	}
	return out, nil
}

func one(ctx context.Context, db Querier, id, lock string) (Campaign, error) {
	found, err := campaigns(ctx, db, "where id = $1"+lock, id)
	if err != nil {
		return Campaign{}, err
	}
	if len(found) == 0 {
		return Campaign{}, ErrNotFound
	}
	return found[0], nil
}

// Get returns a campaign.
func (s *Store) Get(ctx context.Context, id string) (Campaign, error) {
	c, err := one(ctx, s.pool, id, "")
	if err != nil {
		return c, fmt.Errorf("read campaign %s: %w", id, err)
	}
	return c, nil
}

// InState returns the campaigns of a state and way, the oldest first.
func (s *Store) InState(ctx context.Context, way Way, state State) ([]Campaign, error) {
	found, err := campaigns(ctx, s.pool, "where way = $1 and state = $2 order by created_at, id", way, state)
	if err != nil {
		return nil, fmt.Errorf("read campaigns that are %s: %w", state, err)
	}
	return found, nil
}

// Names are what all campaigns are called, by their ids.
func (s *Store) Names(ctx context.Context) (map[string]string, error) {
	rows, err := s.pool.Query(ctx, `select id, name from survey_campaigns`)
	if err != nil {
		return nil, fmt.Errorf("read what campaigns are called: %w", err)
	}
	names := map[string]string{}
	var id, name string
	if _, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error { names[id] = name; return nil }); err != nil {
		return nil, fmt.Errorf("read what campaigns are called: %w", err)
	}
	return names, nil
}

// Tables are all campaigns, or the one named, with what came of them; the newest first.
func (s *Store) Tables(ctx context.Context, id string) ([]Table, error) {
	found, err := campaigns(ctx, s.pool, "where $1 in ('', id) order by from_day desc, created_at desc, id", id)
	if err != nil {
		return nil, fmt.Errorf("read campaigns: %w", err)
	}
	out := make([]Table, len(found))
	at := make(map[string]*Table, len(found))
	for i, c := range found {
		out[i] = Table{Campaign: c, Counts: map[Result]int{}}
		at[c.ID] = &out[i]
	}
	rows, err := s.pool.Query(ctx, `select campaign, state, count(*)::integer, (count(*) filter (where attempts > 0))::integer
		from campaign_contacts where $1 in ('', campaign) group by 1, 2`, id)
	if err != nil {
		return nil, fmt.Errorf("count contacts: %w", err)
	}
	var campaign string
	var state Result
	var n, reached int
	_, err = pgx.ForEachRow(rows, []any{&campaign, &state, &n, &reached}, func() error {
		if t := at[campaign]; t != nil {
			t.Counts[state] += n
			t.Contacts += n
			t.Reached += reached
			if state == Complete || state == Partial {
				t.Answered += n
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count contacts: %w", err)
	}
	if id != "" && len(out) == 0 {
		return nil, fmt.Errorf("read campaign %s: %w", id, ErrNotFound)
	}
	return out, nil
}

// Create adds a campaign as a draft. Without an id it is named by its survey and its first day.
func (s *Store) Create(ctx context.Context, c Campaign) (Campaign, error) {
	named := c.ID != ""
	base := fmt.Sprintf("%.20s-%04d%02d%02d", c.Survey, c.From.Year, c.From.Month, c.From.Day)
	for n := 1; ; n++ {
		if !named {
			if c.ID = base; n > 1 {
				c.ID = fmt.Sprintf("%s-%d", base, n)
			}
		}
		if faults := c.Check(); len(faults) > 0 {
			return Campaign{}, &InvalidError{faults}
		}
		tag, err := s.pool.Exec(ctx, `insert into survey_campaigns (id, survey, way, created_by, name, audience, list_rule, from_day, to_day,
				lang, calendar, hours, zone, most, ring, at_once, per_second, pauses, detect, rest_days)
			values (@id, @survey, @way, nullif(@by, ''), @name, @audience, @list_rule, @from::text::date, @to::text::date,
				@lang, @calendar, @hours, @zone, @most, @ring, @at_once, @per_second, @pauses, @detect, @rest_days)
			on conflict (id) do nothing`, c.args())
		switch {
		case err != nil:
			return Campaign{}, fmt.Errorf("add campaign %s: %w", c.ID, err)
		case tag.RowsAffected() == 1:
			return s.Get(ctx, c.ID)
		case named:
			return Campaign{}, &InvalidError{[]Fault{{"id", "there is one of this name: choose another"}}}
		}
	}
}

func (c Campaign) args() pgx.NamedArgs {
	hours, pauses := c.Hours, c.Pauses
	if hours == nil {
		hours = calendar.Hours{}
	}
	if pauses == nil {
		pauses = map[Result]int{}
	}
	return pgx.NamedArgs{
		"id": c.ID, "survey": c.Survey, "way": c.Way, "by": c.By, "name": c.Name, "audience": c.Audience, "list_rule": c.ListRule,
		"from": c.From.String(), "to": c.To.String(), "lang": c.Lang, "calendar": c.Calendar, "hours": hours, "zone": c.Zone, "most": c.Most,
		"ring": c.Ring, "at_once": c.AtOnce, "per_second": c.PerSec, "pauses": pauses, "detect": c.Detect,
		"rest_days": c.RestDays,
	}
}

// Change stores what a campaign is to be. Survey and way stay once it has contacts, since these were chosen for them; a
// finished campaign stays as it is.
func (s *Store) Change(ctx context.Context, c Campaign) (Campaign, error) {
	if faults := c.Check(); len(faults) > 0 {
		return Campaign{}, &InvalidError{faults}
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		was, err := one(ctx, tx, c.ID, " for update")
		if err != nil {
			return err
		}
		if was.State == Finished {
			return &Refusal{"campaign_finished", "it is finished, and stays as it was: make a new one"}
		}
		if was.Survey != c.Survey || was.Way != c.Way {
			var has bool
			if err := tx.QueryRow(ctx, `select exists (select from campaign_contacts where campaign = $1)`, c.ID).Scan(&has); err != nil {
				return err
			}
			if has {
				return &Refusal{"campaign_has_contacts", "it has contacts already: make a new one for another survey or way"}
			}
		}
		_, err = tx.Exec(ctx, `update survey_campaigns set survey = @survey, way = @way, name = @name, audience = @audience, list_rule = @list_rule,
			from_day = @from::text::date, to_day = @to::text::date, lang = @lang, calendar = @calendar, hours = @hours, zone = @zone, most = @most,
			ring = @ring, at_once = @at_once, per_second = @per_second, pauses = @pauses, detect = @detect, rest_days = @rest_days where id = @id`, c.args())
		return err
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("change campaign %s: %w", c.ID, err)
	}
	return s.Get(ctx, c.ID)
}

// Delete removes a campaign that nobody was reached by.
func (s *Store) Delete(ctx context.Context, id string) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		c, err := one(ctx, tx, id, " for update")
		if err != nil {
			return err
		}
		if c.State != Draft {
			return &Refusal{"campaign_begun", "it has begun: stop it instead"}
		}
		_, err = tx.Exec(ctx, `delete from survey_campaigns where id = $1`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("remove campaign %s: %w", id, err)
	}
	return nil
}

// Start lets a draft or a paused campaign begin.
func (s *Store) Start(ctx context.Context, id string, now time.Time) (Campaign, error) {
	return s.turn(ctx, id, now, func(ctx context.Context, tx pgx.Tx, c Campaign) (State, error) {
		var waiting bool
		err := tx.QueryRow(ctx, `select exists (select from campaign_contacts where campaign = $1 and state in ('waiting', 'dialling', 'sent'))`, id).Scan(&waiting)
		switch {
		case err != nil:
			return "", err
		case c.State == Finished:
			return "", &Refusal{"campaign_finished", "it is finished: make a new one"}
		case !waiting:
			return "", &Refusal{"campaign_empty", "nobody on its list is waiting: import a list first"}
		case c.Over(now):
			return "", &Refusal{"campaign_over", "its last day is past: change that first"}
		}
		return Running, nil
	})
}

// Halt is Pause by the program itself, for a reason that is shown until somebody starts the campaign again.
func (s *Store) Halt(ctx context.Context, id string, why Trouble, now time.Time) error {
	if _, err := s.Pause(ctx, id, now); err != nil {
		return err
	}
	if _, err := s.pool.Exec(ctx, `update survey_campaigns set trouble = $2 where id = $1 and state = 'paused'`, id, why); err != nil {
		return fmt.Errorf("say why campaign %s is paused: %w", id, err)
	}
	return nil
}

// Pause lets a running campaign begin nothing more for now. Calls that live go on.
func (s *Store) Pause(ctx context.Context, id string, now time.Time) (Campaign, error) {
	return s.turn(ctx, id, now, func(_ context.Context, _ pgx.Tx, c Campaign) (State, error) {
		if c.State != Running && c.State != Paused {
			return "", &Refusal{"campaign_not_running", "it does not run"}
		}
		return Paused, nil
	})
}

// Stop ends a campaign: whoever still waits is not reached any more. Calls that live go on, and are counted.
func (s *Store) Stop(ctx context.Context, id string, now time.Time) (Campaign, error) {
	return s.turn(ctx, id, now, func(ctx context.Context, tx pgx.Tx, c Campaign) (State, error) {
		if c.State == Draft {
			return "", &Refusal{"campaign_not_running", "it has not begun: remove it instead"}
		}
		return Finished, expire(ctx, tx, id, now)
	})
}

// expire settles who waits, and who was written to and has not answered.
func expire(ctx context.Context, tx pgx.Tx, id string, now time.Time) error {
	_, err := tx.Exec(ctx, `update campaign_contacts set state = 'expired', settled_at = $2 where campaign = $1 and state in ('waiting', 'sent')`, id, now)
	return err
}

func (s *Store) turn(ctx context.Context, id string, now time.Time, to func(context.Context, pgx.Tx, Campaign) (State, error)) (Campaign, error) {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		c, err := one(ctx, tx, id, " for update")
		if err != nil {
			return err
		}
		state, err := to(ctx, tx, c)
		if err != nil || state == c.State {
			return err
		}
		_, err = tx.Exec(ctx, `update survey_campaigns set state = $2::text, trouble = '',
			started_at = case when $2 = 'running' then coalesce(started_at, $3) else started_at end,
			finished_at = case when $2 = 'finished' then $3 end where id = $1`, id, state, now)
		return err
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("turn campaign %s: %w", id, err)
	}
	return s.Get(ctx, id)
}

// Tidy finishes campaigns whose last day is past, and those that call when nobody waits or is called any more.
func (s *Store) Tidy(ctx context.Context, now time.Time) error {
	open, err := campaigns(ctx, s.pool, `where state in ('running', 'paused')`)
	if err != nil {
		return fmt.Errorf("look for campaigns that are over: %w", err)
	}
	var failed error
	for _, c := range open {
		_, err := s.turn(ctx, c.ID, now, func(ctx context.Context, tx pgx.Tx, c Campaign) (State, error) {
			if c.State != Finished && c.Over(now) {
				return Finished, expire(ctx, tx, c.ID, now)
			}
			if c.State != Running || c.Way != Outbound {
				return c.State, nil
			}
			var left bool
			err := tx.QueryRow(ctx, `select exists (select from campaign_contacts where campaign = $1 and state in ('waiting', 'dialling'))`, c.ID).Scan(&left)
			if err != nil || left {
				return c.State, err
			}
			return Finished, nil
		})
		if !errors.Is(err, ErrNotFound) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}
