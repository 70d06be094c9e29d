package recording

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
)

// Channel is which side of a recording is meant.
type Channel string

// The channels.
const (
	ChannelLeft  Channel = "left"  // what was sent to the agent: the caller
	ChannelRight Channel = "right" // the agent
	ChannelBoth  Channel = "both"
)

// RedactionKind is what was said there.
type RedactionKind string

// The kinds.
const (
	RedactCard  RedactionKind = "card"
	RedactID    RedactionKind = "id"
	RedactOther RedactionKind = "other"
)

// Redaction is a stretch of a recording that most people hear as silence. The kept file is not changed by it. Times are
// whole milliseconds since the beginning of the recording.
type Redaction struct {
	Leg     id.LegID
	Channel Channel
	Start   time.Duration
	End     time.Duration
	Kind    RedactionKind
}

// SetRedactions replaces what is redacted in the recording of the leg. Said twice, it stores the same.
func (s *Store) SetRedactions(ctx context.Context, tx pgx.Tx, leg id.LegID, all []Redaction) error {
	batch := &pgx.Batch{}
	batch.Queue(`delete from recording_redactions where leg = $1`, leg)
	for _, r := range all {
		// Rounded outwards: no sound of what is to be silenced stays.
		start := max(0, r.Start.Milliseconds())
		end := (r.End + time.Millisecond - 1).Milliseconds()
		batch.Queue(`insert into recording_redactions (leg, channel, start_ms, end_ms, kind) values ($1, $2, $3, $4, $5)
			on conflict (leg, start_ms, channel, kind) do update set end_ms = greatest(recording_redactions.end_ms, excluded.end_ms)`,
			leg, r.Channel, start, end, r.Kind)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("store what is redacted in the recording of %s: %w", leg, err)
	}
	return nil
}

// Redactions returns what is redacted in the recording of the leg, in order.
func (s *Store) Redactions(ctx context.Context, leg id.LegID) ([]Redaction, error) {
	rows, err := s.pool.Query(ctx, `select channel, start_ms, end_ms, kind from recording_redactions where leg = $1 order by start_ms, channel, kind`, leg)
	if err != nil {
		return nil, fmt.Errorf("read what is redacted in the recording of %s: %w", leg, err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Redaction, error) {
		r := Redaction{Leg: leg}
		var start, end int64
		err := row.Scan(&r.Channel, &start, &end, &r.Kind)
		r.Start, r.End = time.Duration(start)*time.Millisecond, time.Duration(end)*time.Millisecond
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what is redacted in the recording of %s: %w", leg, err)
	}
	return all, nil
}
