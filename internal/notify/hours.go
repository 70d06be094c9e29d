package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Hours are when messages may be sent, in minutes of the site's day. To is exclusive.
type Hours struct {
	From int `db:"from_minute"`
	To   int `db:"to_minute"`
}

// DefaultHours are those of a site that has set none.
var DefaultHours = Hours{From: 9 * 60, To: 21 * 60}

// Next is t, if messages may be sent then, else when they may be sent next.
func (h Hours) Next(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	minute := local.Hour()*60 + local.Minute()
	day := 0
	switch {
	case minute >= h.From && minute < h.To:
		return t
	case minute >= h.To:
		day = 1
	}
	return time.Date(local.Year(), local.Month(), local.Day()+day, h.From/60, h.From%60, 0, 0, zone)
}

// Hours are those of the site.
func (s *Store) Hours(ctx context.Context) (Hours, error) {
	h := DefaultHours
	err := s.pool.QueryRow(ctx, `select from_minute, to_minute from message_hours`).Scan(&h.From, &h.To)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return h, fmt.Errorf("read when messages may be sent: %w", err)
	}
	return h, nil
}

// SetHours sets those of the site.
func (s *Store) SetHours(ctx context.Context, h Hours) error {
	_, err := s.pool.Exec(ctx, `insert into message_hours (from_minute, to_minute) values ($1, $2)
		on conflict (one) do update set from_minute = excluded.from_minute, to_minute = excluded.to_minute`, h.From, h.To)
	if err != nil {
		return fmt.Errorf("set when messages may be sent: %w", err)
	}
	return nil
}
