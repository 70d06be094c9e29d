package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/recording/seal"
)

// Erase throws the recording of the leg away: with the transaction its key is gone, so that nobody can read the sealed
// file, whatever copies there are of it, and so are waveform, redactions and comments. The row stays and says that there
// was one. The files themselves go with Discard, which the sweep of the worker repeats until they are gone.
func (v *Vault) Erase(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
	batch := &pgx.Batch{}
	batch.Queue(`update recordings set state = 'erased', reason = '', peaks = null where leg = $1`, leg)
	batch.Queue(`delete from recording_keys where leg = $1`, leg)
	batch.Queue(`delete from recording_redactions where leg = $1`, leg)
	batch.Queue(`delete from recording_comments where leg = $1`, leg)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("erase recording of %s: %w", leg, err)
	}
	return nil
}

// Discard removes the files of an erased recording. It may be called again.
func (v *Vault) Discard(ctx context.Context, leg id.LegID) error { return v.Keep(ctx, leg) }

// discard removes sealed and local file, and then the path from the row: nothing is left to do.
func (v *Vault) discard(ctx context.Context, r Recording) error {
	if r.Path == "" {
		return nil
	}
	path, err := v.plainPath(r)
	if err != nil {
		return err
	}
	if err := v.blobs.Delete(ctx, r.blobName()); err != nil {
		return err
	}
	err = os.Remove(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := syncDir(filepath.Dir(path)); err != nil {
			return err
		}
	}
	_, err = v.store.pool.Exec(ctx, `update recordings set path = '', bytes = 0 where leg = $1 and state = 'erased'`, r.Leg)
	return err
}

// rotateAtOnce is how many keys are wrapped anew in one transaction.
const rotateAtOnce = 500

// Rotate wraps all keys that other master keys wrap by the first one, and returns how many it wrapped. No sealed file is
// touched. After it the other master keys open nothing but old backups of the database. It may be stopped and called again.
func (v *Vault) Rotate(ctx context.Context) (int, error) {
	done := 0
	for last := id.LegID(""); ; {
		n, next, err := v.rotate(ctx, last)
		done += n
		if err != nil {
			return done, fmt.Errorf("wrap the keys of recordings anew, after %d: %w", done, err)
		}
		if next == "" {
			return done, nil
		}
		last = next
	}
}

func (v *Vault) rotate(ctx context.Context, after id.LegID) (done int, next id.LegID, err error) {
	type row struct {
		Leg     id.LegID
		Wrapped []byte
		Master  string
	}
	err = pgx.BeginFunc(ctx, v.store.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select leg, wrapped, master_id as master from recording_keys
			where master_id <> $1 and leg > $2 order by leg limit $3 for update`, v.keys.First(), after, rotateAtOnce)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
		if err != nil || len(found) == 0 {
			return err
		}
		batch := &pgx.Batch{}
		for _, r := range found {
			w, err := v.keys.Rewrap(seal.Wrapped{Master: r.Master, Data: r.Wrapped})
			if err != nil {
				return fmt.Errorf("recording of %s: %w", r.Leg, err)
			}
			batch.Queue(`update recording_keys set wrapped = $2, master_id = $3 where leg = $1`, r.Leg, w.Data, w.Master)
		}
		done, next = len(found), found[len(found)-1].Leg
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return 0, "", err
	}
	return done, next, nil
}
