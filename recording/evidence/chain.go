package evidence

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
)

// chainLock is the advisory lock under which entries are added. The number means nothing, but neighbouring versions
// share it.
const chainLock = 0x686f746c63686e

const entryColumns = `seq, kind, leg, at, started_at, duration_ms, sha256, manifest, note, hash`

// manifestSQL is the hash of what a row of recordings says beside what an entry names itself. PostgreSQL writes jsonb in
// one form only, so the same parts give the same text.
const manifestSQL = `encode(sha256(convert_to(call_id || E'\n' || agent_id || E'\n' || parts::text || E'\n', 'UTF8') || coalesce(peaks, '')), 'hex')`

// Finished enters the recording of the leg as its row stands in the transaction. Said again of the same it changes
// nothing. Call it last in the transaction.
func Finished(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
	e := Entry{Kind: KindFinished, Leg: leg}
	err := tx.QueryRow(ctx, `select started_at, duration_ms, sha256, `+manifestSQL+` from recordings where leg = $1`, leg).
		Scan(&e.Started, &e.DurationMS, &e.SHA256, &e.Manifest)
	if err == nil {
		err = add(ctx, tx, e)
	}
	if err != nil {
		return fmt.Errorf("enter the recording of %s into the chain: %w", leg, err)
	}
	return nil
}

// Gone enters that the recording of the leg was thrown away, and why. Call it last in the transaction.
func Gone(ctx context.Context, tx pgx.Tx, kind Kind, leg id.LegID, note string) error {
	note = strings.Join(strings.Fields(note), " ")
	if err := add(ctx, tx, Entry{Kind: kind, Leg: leg, Note: note}); err != nil {
		return fmt.Errorf("enter the end of the recording of %s into the chain: %w", leg, err)
	}
	return nil
}

func add(ctx context.Context, tx pgx.Tx, e Entry) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, int64(chainLock)); err != nil {
		return fmt.Errorf("wait for the chain: %w", err)
	}
	before, err := latest(ctx, tx, e.Leg)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return err
	case before.says(e):
		return nil
	}
	last := Entry{Hash: genesis}
	err = tx.QueryRow(ctx, `select seq, hash from recording_chain order by seq desc limit 1`).Scan(&last.Seq, &last.Hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	e.Seq, e.At = last.Seq+1, time.Now().UTC().Truncate(time.Microsecond)
	e.Hash = e.Sum(last.Hash)
	_, err = tx.Exec(ctx, `insert into recording_chain (`+entryColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.Seq, e.Kind, e.Leg, e.At, e.Started, e.DurationMS, e.SHA256, e.Manifest, e.Note, e.Hash)
	return err
}

// latest is the last entry of a leg, or pgx.ErrNoRows.
func latest(ctx context.Context, tx pgx.Tx, leg id.LegID) (Entry, error) {
	rows, err := tx.Query(ctx, `select `+entryColumns+` from recording_chain where leg = $1 order by seq desc limit 1`, leg)
	if err != nil {
		return Entry{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Entry])
}

// says tells whether the entry says of its leg what the other would.
func (e Entry) says(other Entry) bool {
	if e.Kind != other.Kind {
		return false
	}
	if e.Kind != KindFinished {
		return true // once it is gone it stays so
	}
	return e.Started.Equal(*other.Started) && e.DurationMS == other.DurationMS && e.SHA256 == other.SHA256 && e.Manifest == other.Manifest
}
