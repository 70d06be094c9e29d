package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Blocked is a number that no campaign calls or writes to.
type Blocked struct {
	ID    int64     `db:"id"`
	Phone string    `db:"phone"`
	Why   string    `db:"why"`
	By    string    `db:"added_by"`
	At    time.Time `db:"added_at"`
}

// Blocked returns up to limit entries before one, the newest first; only that of a number unless it is "".
func (s *Store) Blocked(ctx context.Context, phone string, before int64, limit int) ([]Blocked, error) {
	rows, err := s.pool.Query(ctx, `select id, phone, why, added_by, added_at from do_not_call
		where $1 in ('', phone) and ($2 = 0 or id < $2) order by id desc limit $3`, phone, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list numbers that may not be called: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Blocked])
	if err != nil {
		return nil, fmt.Errorf("list numbers that may not be called: %w", err)
	}
	return found, nil
}

// Block puts numbers on the list of those not to be called, and settles whoever waits for a call there. Numbers that are on it
// stay as they are; added is how many were not.
func (s *Store) Block(ctx context.Context, phones []string, why, by string, now time.Time) (added int, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `with added as (
				insert into do_not_call (phone, why, added_by, added_at) select p, $2, $3, $4 from (select distinct unnest($1::text[]) as p) t
				order by p on conflict do nothing returning phone),
			noted as (insert into do_not_call_events (phone, what, why, by, at) select phone, 'added', $2, $3, $4 from added)
			select count(*)::integer from added`, phones, why, by, now).Scan(&added)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update campaign_contacts set state = 'do_not_call', settled_at = $2 where state = 'waiting' and phone = any ($1)`, phones, now)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("note numbers not to be called: %w", err)
	}
	return added, nil
}

// Unblock takes an entry off the list, for a reason. Contacts that were settled by it stay so.
func (s *Store) Unblock(ctx context.Context, entry int64, why, by string, now time.Time) error {
	tag, err := s.pool.Exec(ctx, `with gone as (delete from do_not_call where id = $1 returning phone)
		insert into do_not_call_events (phone, what, why, by, at) select phone, 'removed', $2, $3, $4 from gone`, entry, why, by, now)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("take a number off the list of those not to be called: %w", err)
	}
	return nil
}
