package recording

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
)

// StorePauses makes or completes the rows of a leg's pauses. What has ended stays so.
func StorePauses(ctx context.Context, tx DB, leg id.LegID, pauses ...Pause) error {
	for _, p := range pauses {
		ended := &p.To
		if p.Open() {
			ended = nil
		}
		_, err := tx.Exec(ctx, `
			insert into recording_pauses (leg, started_at, ended_at, by, cause) values ($1, $2, $3, $4, $5)
			on conflict (leg, started_at) do update set ended_at = coalesce(excluded.ended_at, recording_pauses.ended_at)`,
			leg, p.From, ended, p.By, p.Cause)
		if err != nil {
			return fmt.Errorf("store pause of %s: %w", leg, err)
		}
	}
	return nil
}

// endPauses ends with the leg what lasts to its end.
func endPauses(ctx context.Context, tx DB, leg id.LegID) error {
	_, err := tx.Exec(ctx, `
		update recording_pauses p set ended_at = greatest(p.started_at, r.ended_at)
		from recordings r where p.leg = $1 and r.leg = p.leg and p.ended_at is null and r.ended_at is not null`, leg)
	if err != nil {
		return fmt.Errorf("end pauses of %s: %w", leg, err)
	}
	return nil
}

// SettlePauses stores what the gateway has kept of a leg's pauses beside the spool, and then removes that. It is for when
// the leg is over: the controller, which stores each pause as it hears of it, may have been away meanwhile.
func (s *Store) SettlePauses(ctx context.Context, leg id.LegID) error {
	pauses, err := ReadPauses(s.dir, leg)
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := StorePauses(ctx, tx, leg, pauses...); err != nil {
			return err
		}
		return endPauses(ctx, tx, leg)
	})
	if err != nil {
		return err
	}
	return ForgetPauses(s.dir, leg)
}

// Pauses returns the pauses of a leg, the oldest first.
func (s *Store) Pauses(ctx context.Context, leg id.LegID) ([]Pause, error) {
	rows, err := s.pool.Query(ctx, `select started_at, coalesce(ended_at, '0001-01-01 00:00:00Z'), by, cause
		from recording_pauses where leg = $1 order by started_at`, leg)
	if err != nil {
		return nil, fmt.Errorf("read pauses of %s: %w", leg, err)
	}
	pauses, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (Pause, error) {
		p, err := pgx.RowToStructByPos[Pause](r)
		p.From, p.To = p.From.UTC(), p.To.UTC()
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read pauses of %s: %w", leg, err)
	}
	return pauses, nil
}
