package recording

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/internal/blob"
	"hotline/recording/seal"
)

// Vault keeps finished recordings sealed in a blob store, and opens them wherever they are: still local, or sealed.
//
// Keep goes through these steps, each of which may be the last before a power cut:
//
//	seal the local file into the store -> read it back and prove it -> row: stored, with the key -> remove the local file
//
// A sealed file without a row is written over by the next Keep under the same name, so nothing is there twice; until the
// row says stored the local file is the recording.
type Vault struct {
	store *Store
	blobs blob.Store
	keys  *seal.Keys
}

// NewVault keeps the recordings of the catalogue.
func NewVault(store *Store, blobs blob.Store, keys *seal.Keys) *Vault {
	return &Vault{store: store, blobs: blobs, keys: keys}
}

// SealedDir is the folder of sealed files where no bucket is configured, within the recordings folder.
func SealedDir(dir string) string { return filepath.Join(dir, "sealed") }

// blobName is the name of the sealed file in the blob store.
func (r Recording) blobName() string { return r.Path + sealedSuffix }

const sealedSuffix = ".age"

func (v *Vault) plainPath(r Recording) (string, error) {
	local := filepath.FromSlash(r.Path)
	if !filepath.IsLocal(local) {
		return "", fmt.Errorf("the recording of %s: %q is no path within the recordings folder", r.Leg, r.Path)
	}
	return filepath.Join(v.store.dir, local), nil
}

// Keep seals the finished recording of the leg, proves the sealed file, and removes the local one. It may be called
// again, and by several processes at once.
func (v *Vault) Keep(ctx context.Context, leg id.LegID) error {
	if err := os.MkdirAll(spoolDir(v.store.dir), 0o700); err != nil {
		return fmt.Errorf("keep recording of %s: %w", leg, err)
	}
	// The same lock as Finish's: the local file changes under nobody's hands.
	unlock, err := lockLeg(ctx, v.store.dir, leg)
	if err != nil {
		return fmt.Errorf("keep recording of %s: %w", leg, err)
	}
	if err := errors.Join(v.keep(ctx, leg), unlock()); err != nil {
		return fmt.Errorf("keep recording of %s: %w", leg, err)
	}
	return nil
}

func (v *Vault) keep(ctx context.Context, leg id.LegID) error {
	r, err := v.store.Get(ctx, leg)
	if err != nil {
		return err
	}
	switch r.State {
	case StateStored:
		return v.removePlain(r)
	case StateErased:
		return v.discard(ctx, r)
	case StateFinished:
	default:
		return fmt.Errorf("it is %s; only a finished one can be sealed", r.State)
	}
	sealed, key, err := v.seal(ctx, r)
	if err != nil {
		return err
	}
	if err := v.prove(ctx, r, sealed, key); err != nil {
		return err
	}
	now, err := v.stored(ctx, r, sealed, key)
	if err != nil {
		return err
	}
	if now == StateErased {
		return v.discard(ctx, r)
	}
	return v.removePlain(r)
}

var errAltered = errors.New("the file was altered since it was finished: its hash is another")

// seal puts the local file into the store, unless its hash is no longer the row's.
func (v *Vault) seal(ctx context.Context, r Recording) (blob.Sum, seal.Wrapped, error) {
	path, err := v.plainPath(r)
	if err != nil {
		return blob.Sum{}, seal.Wrapped{}, err
	}
	plain, err := os.Open(path)
	if err != nil {
		return blob.Sum{}, seal.Wrapped{}, err
	}
	defer func() { _ = plain.Close() }() // only read
	out, in := io.Pipe()
	var key seal.Wrapped
	ended := make(chan error, 1)
	go func() {
		err := func() error {
			w, wrapped, err := v.keys.Seal(in, string(r.Leg))
			if err != nil {
				return err
			}
			key = wrapped
			hash := sha256.New()
			if _, err := io.Copy(w, io.TeeReader(plain, hash)); err != nil {
				return err
			}
			if hex.EncodeToString(hash.Sum(nil)) != r.SHA256 {
				return errAltered
			}
			return w.Close()
		}()
		_ = in.CloseWithError(err) // It never fails; the reader gets err, or the end.
		ended <- err
	}()
	sum, err := v.blobs.Put(ctx, r.blobName(), out)
	_ = out.Close() // so that the writer ends, wherever the store stopped to read
	if sealErr := <-ended; err == nil {
		err = sealErr
	}
	return sum, key, err
}

// prove reads the sealed file back and opens it.
func (v *Vault) prove(ctx context.Context, r Recording, sealed blob.Sum, key seal.Wrapped) error {
	f, err := v.blobs.Open(ctx, r.blobName())
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	hash, sealedHash := sha256.New(), sha256.New()
	in := io.TeeReader(&checked{ctx, io.NewSectionReader(f, 0, f.Size())}, sealedHash)
	plain, err := v.keys.Read(key, string(r.Leg), in)
	if err != nil {
		return err
	}
	if _, err := io.Copy(hash, plain); err != nil {
		return fmt.Errorf("read the sealed file back: %w", err)
	}
	if f.Size() != sealed.Size || hex.EncodeToString(sealedHash.Sum(nil)) != sealed.SHA256 || hex.EncodeToString(hash.Sum(nil)) != r.SHA256 {
		return errors.New("the store gave back another file than it was given")
	}
	return nil
}

// checked ends a long read when its context does.
type checked struct {
	ctx context.Context
	r   io.Reader
}

func (c *checked) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// stored says in the catalogue that the sealed file is the recording, and returns the state it has then: it may have been
// erased meanwhile.
func (v *Vault) stored(ctx context.Context, r Recording, sealed blob.Sum, key seal.Wrapped) (state State, err error) {
	err = pgx.BeginFunc(ctx, v.store.pool, func(tx pgx.Tx) error {
		var sum string
		err := tx.QueryRow(ctx, `select state, sha256 from recordings where leg = $1 for update`, r.Leg).Scan(&state, &sum)
		if err != nil || state == StateErased {
			return err
		}
		if state != StateFinished || sum != r.SHA256 {
			return errors.New("it was changed while it was sealed")
		}
		_, err = tx.Exec(ctx, `insert into recording_keys (leg, wrapped, master_id, sealed_sha256, sealed_bytes) values ($1, $2, $3, $4, $5)
			on conflict (leg) do update set wrapped = excluded.wrapped, master_id = excluded.master_id,
				sealed_sha256 = excluded.sealed_sha256, sealed_bytes = excluded.sealed_bytes, sealed_at = now()`,
			r.Leg, key.Data, key.Master, sealed.SHA256, sealed.Size)
		if err != nil {
			return err
		}
		state = StateStored
		_, err = tx.Exec(ctx, `update recordings set state = 'stored' where leg = $1`, r.Leg)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("say that it is stored: %w", err)
	}
	return state, nil
}

// removePlain removes the local file of a recording that is stored, if it is still the same.
func (v *Vault) removePlain(r Recording) error {
	path, err := v.plainPath(r)
	if err != nil {
		return err
	}
	sum, _, err := hashFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if sum != r.SHA256 {
		return fmt.Errorf("%s is another file than the one that is stored; look at it, and move it away", path)
	}
	return errors.Join(os.Remove(path), syncDir(filepath.Dir(path)))
}

// Unsettled returns legs whose recordings still are to be sealed, or thrown away after an erasure: at most so many, the
// oldest first.
func (v *Vault) Unsettled(ctx context.Context, most int) ([]id.LegID, error) {
	rows, err := v.store.pool.Query(ctx, `select leg from recordings
		where state = 'finished' or state = 'erased' and path <> '' order by started_at limit $1`, most)
	if err != nil {
		return nil, fmt.Errorf("look for recordings to seal: %w", err)
	}
	legs, err := pgx.CollectRows(rows, pgx.RowTo[id.LegID])
	if err != nil {
		return nil, fmt.Errorf("look for recordings to seal: %w", err)
	}
	return legs, nil
}

// Get returns the catalogue's row of a leg, or ErrNotFound.
func (v *Vault) Get(ctx context.Context, leg id.LegID) (Recording, error) {
	return v.store.Get(ctx, leg)
}

// Open opens the FLAC file of the leg, local or sealed, and says when it was put there. What it gives is proved as it is
// read.
func (v *Vault) Open(ctx context.Context, leg id.LegID) (io.ReadSeekCloser, time.Time, error) {
	sound, made, err := v.open(ctx, leg)
	if errors.Is(err, fs.ErrNotExist) {
		sound, made, err = v.open(ctx, leg) // it was sealed just now
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, blob.ErrNotFound) {
		return nil, made, fmt.Errorf("open recording of %s: %w: %w", leg, ErrNotFound, err)
	}
	if err != nil {
		return nil, made, fmt.Errorf("open recording of %s: %w", leg, err)
	}
	return sound, made, nil
}

func (v *Vault) open(ctx context.Context, leg id.LegID) (sound io.ReadSeekCloser, made time.Time, err error) {
	r, err := v.store.Get(ctx, leg)
	if err != nil {
		return nil, made, err
	}
	switch r.State {
	case StateFinished:
		return v.openPlain(r)
	case StateStored:
		return v.openSealed(ctx, r)
	default:
		return nil, made, ErrNotFound
	}
}

func (v *Vault) openPlain(r Recording) (sound io.ReadSeekCloser, made time.Time, err error) {
	path, err := v.plainPath(r)
	if err != nil {
		return nil, made, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, made, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, made, errors.Join(err, f.Close())
	}
	return f, info.ModTime(), nil
}

func (v *Vault) openSealed(ctx context.Context, r Recording) (sound io.ReadSeekCloser, made time.Time, err error) {
	var key seal.Wrapped
	err = v.store.pool.QueryRow(ctx, `select wrapped, master_id, sealed_at from recording_keys where leg = $1`, r.Leg).Scan(&key.Data, &key.Master, &made)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, made, fmt.Errorf("%w: its key was thrown away", ErrNotFound)
	}
	if err != nil {
		return nil, made, err
	}
	f, err := v.blobs.Open(ctx, r.blobName())
	if err != nil {
		return nil, made, err
	}
	plain, length, err := v.keys.Open(key, string(r.Leg), f, f.Size())
	if err != nil {
		return nil, made, errors.Join(err, f.Close())
	}
	return &opened{io.NewSectionReader(plain, 0, length), f}, made, nil
}

// opened is a sealed file as one that was never sealed.
type opened struct {
	*io.SectionReader
	file io.Closer
}

func (o *opened) Close() error { return o.file.Close() }

// Walk visits every file that is kept, local and sealed: its path as rows have it, and when it was put there.
func (v *Vault) Walk(ctx context.Context, visit func(path string, changed time.Time) error) error {
	for f, err := range v.blobs.List(ctx, "") {
		if err != nil {
			return err
		}
		if err := visit(strings.TrimSuffix(f.Name, sealedSuffix), f.Modified); err != nil {
			return err
		}
	}
	dir := v.store.dir
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // it went away while we looked
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir() && (name == spoolDir(dir) || name == SealedDir(dir)):
			return filepath.SkipDir
		case d.IsDir() || strings.HasSuffix(name, unfinished):
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		return visit(filepath.ToSlash(rel), info.ModTime())
	})
}
