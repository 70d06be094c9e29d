package recording_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/internal/blob"
	"hotline/internal/pg/pgtest"
	"hotline/recording"
	"hotline/recording/seal"
)

// brittle is a blob store that a process dies in, or that is away.
type brittle struct {
	blob.Store
	putBefore, putAfter, open error // returned once
	spoil                     bool  // change what is put
	puts                      int
}

func (b *brittle) Put(ctx context.Context, name string, r io.Reader) (blob.Sum, error) {
	b.puts++
	if err := b.putBefore; err != nil {
		b.putBefore = nil
		return blob.Sum{}, err
	}
	sum, err := b.Store.Put(ctx, name, r)
	if b.putAfter != nil {
		err, b.putAfter = b.putAfter, nil
	}
	if b.spoil {
		b.spoil = false
		if _, err := b.Store.Put(ctx, name, strings.NewReader("age-encryption.org/v1\nnothing")); err != nil {
			return sum, err
		}
	}
	return sum, err
}

func (b *brittle) Open(ctx context.Context, name string) (blob.File, error) {
	if err := b.open; err != nil {
		b.open = nil
		return nil, err
	}
	return b.Store.Open(ctx, name)
}

type vaultFixture struct {
	*recording.Vault
	t     *testing.T
	pool  *pgxpool.Pool
	dir   string
	store *recording.Store
	blobs *brittle
	keys  []string
}

const keptLeg = id.LegID("c1.2")

// newVaultFixture has a finished recording of keptLeg, and returns its sound.
func newVaultFixture(t *testing.T) (*vaultFixture, []byte) {
	t.Helper()
	f := &vaultFixture{t: t, pool: pgtest.Pool(t), dir: t.TempDir()}
	f.store = recording.NewStore(f.pool, f.dir)
	f.blobs = &brittle{Store: blob.NewDir(recording.SealedDir(f.dir))}
	f.keys = []string{f.newKey()}
	f.Vault = f.vault(f.keys...)
	sound := bytes.Repeat([]byte("fLaC and what was said. "), 20_000)
	f.finish(keptLeg, sound)
	return f, sound
}

func (f *vaultFixture) newKey() string {
	f.t.Helper()
	path := filepath.Join(f.t.TempDir(), "master.key")
	if _, err := seal.NewKeyFile(path); err != nil {
		f.t.Fatal(err)
	}
	return path
}

func (f *vaultFixture) vault(keyFiles ...string) *recording.Vault {
	f.t.Helper()
	keys, err := seal.Load(seal.Config{KeyFiles: keyFiles})
	if err != nil {
		f.t.Fatal(err)
	}
	return recording.NewVault(f.store, f.blobs, keys)
}

func (f *vaultFixture) plain(leg id.LegID) string {
	return filepath.Join(f.dir, "2026/03/04", string(leg)+".flac")
}

func (f *vaultFixture) finish(leg id.LegID, sound []byte) {
	f.t.Helper()
	path := f.plain(leg)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(path, sound, 0o600); err != nil {
		f.t.Fatal(err)
	}
	sum := sha256.Sum256(sound)
	err := f.store.Finished(f.t.Context(), recording.Result{
		Leg: leg, Call: leg.Call(), Agent: "u1", Started: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Duration: time.Minute,
		SHA256: hex.EncodeToString(sum[:]), Path: "2026/03/04/" + string(leg) + ".flac", Bytes: int64(len(sound)),
		Peaks: recording.Peaks{Step: 160, Left: []int8{-1, 1}, Right: []int8{-1, 1}},
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *vaultFixture) state(leg id.LegID) recording.State {
	f.t.Helper()
	r, err := f.store.Get(f.t.Context(), leg)
	if err != nil {
		f.t.Fatal(err)
	}
	return r.State
}

// files are all files of the recordings folder that are more than locks.
func (f *vaultFixture) files() (all []string) {
	f.t.Helper()
	err := filepath.WalkDir(f.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, strings.TrimPrefix(path, f.dir+"/"))
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func (f *vaultFixture) read(leg id.LegID) ([]byte, error) {
	sound, _, err := f.Open(f.t.Context(), leg)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sound.Close() }()
	return io.ReadAll(sound)
}

// checkStored wants the recording sealed, once, and heard as it was.
func (f *vaultFixture) checkStored(sound []byte) {
	f.t.Helper()
	const name = "sealed/2026/03/04/c1.2.flac.age"
	if got := f.files(); !slices.Equal(got, []string{name}) {
		f.t.Errorf("files %v", got)
	}
	data, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil {
		f.t.Fatal(err)
	}
	if bytes.Contains(data, []byte("fLaC")) || bytes.Contains(data, []byte("said")) {
		f.t.Error("the sealed file can be read")
	}
	if got, err := f.read(keptLeg); err != nil || !bytes.Equal(got, sound) {
		f.t.Errorf("read %d bytes, %v", len(got), err)
	}
	if s := f.state(keptLeg); s != recording.StateStored {
		f.t.Errorf("state %s", s)
	}
}

func TestARecordingIsSealedAndThenRemovedLocally(t *testing.T) {
	f, sound := newVaultFixture(t)
	if got, err := f.read(keptLeg); err != nil || !bytes.Equal(got, sound) {
		t.Errorf("before: %d bytes, %v", len(got), err)
	}
	if legs, err := f.Unsettled(t.Context(), 10); err != nil || !slices.Equal(legs, []id.LegID{keptLeg}) {
		t.Errorf("unsettled: %v, %v", legs, err)
	}
	for range 2 {
		if err := f.Keep(t.Context(), keptLeg); err != nil {
			t.Fatal(err)
		}
		f.checkStored(sound)
	}
	if f.blobs.puts != 1 {
		t.Errorf("it was put %d times", f.blobs.puts)
	}
	if legs, err := f.Unsettled(t.Context(), 10); err != nil || len(legs) != 0 {
		t.Errorf("unsettled: %v, %v", legs, err)
	}
	if _, err := f.store.Peaks(t.Context(), keptLeg); err != nil {
		t.Errorf("peaks: %v", err)
	}
	// What a late twin of the finishing says changes nothing.
	r, err := f.store.Get(t.Context(), keptLeg)
	if err != nil {
		t.Fatal(err)
	}
	late := recording.Result{Leg: keptLeg, Call: "c1", SHA256: r.SHA256, Path: r.Path, Duration: time.Minute}
	if err := errors.Join(f.store.Finished(t.Context(), late), f.store.Failed(t.Context(), keptLeg, "late")); err != nil {
		t.Fatal(err)
	}
	f.checkStored(sound)
}

// Whatever Keep was doing when it was stopped, the recording can be heard, and the next Keep ends it.
func TestKeepGoesOnWhereItWasStopped(t *testing.T) {
	stop := errors.New("stopped")
	for name, at := range map[string]func(f *vaultFixture){
		"before the store was reached":   func(f *vaultFixture) { f.blobs.putBefore = stop },
		"when the file was in the store": func(f *vaultFixture) { f.blobs.putAfter = stop },
		"before it was read back":        func(f *vaultFixture) { f.blobs.open = stop },
		"the store kept something else":  func(f *vaultFixture) { f.blobs.spoil = true },
		"before the row was written": func(f *vaultFixture) {
			if _, err := f.pool.Exec(f.t.Context(), `alter table recording_keys rename to elsewhere`); err != nil {
				f.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, sound := newVaultFixture(t)
			at(f)
			if err := f.Keep(t.Context(), keptLeg); err == nil {
				t.Fatal("it was not stopped")
			}
			if got, err := f.read(keptLeg); err != nil || !bytes.Equal(got, sound) {
				t.Errorf("meanwhile: %d bytes, %v", len(got), err)
			}
			if _, err := f.pool.Exec(t.Context(), `alter table if exists elsewhere rename to recording_keys`); err != nil {
				t.Fatal(err)
			}
			if err := f.Keep(t.Context(), keptLeg); err != nil {
				t.Fatal(err)
			}
			f.checkStored(sound)
		})
	}
	t.Run("before the local file was removed", func(t *testing.T) {
		f, sound := newVaultFixture(t)
		if err := f.Keep(t.Context(), keptLeg); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.plain(keptLeg), sound, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.Keep(t.Context(), keptLeg); err != nil {
			t.Fatal(err)
		}
		f.checkStored(sound)
	})
}

func TestTwinsStoreOneFile(t *testing.T) {
	f, sound := newVaultFixture(t)
	other := f.vault(f.keys...)
	var group sync.WaitGroup
	for _, v := range []*recording.Vault{f.Vault, other, f.Vault} {
		group.Go(func() {
			if err := v.Keep(t.Context(), keptLeg); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	f.checkStored(sound)
	if f.blobs.puts != 1 {
		t.Errorf("it was put %d times", f.blobs.puts)
	}
}

func TestAnAlteredFileIsNotStored(t *testing.T) {
	f, _ := newVaultFixture(t)
	if err := os.WriteFile(f.plain(keptLeg), []byte("fLaC of somebody else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Keep(t.Context(), keptLeg); err == nil || !strings.Contains(err.Error(), "altered") {
		t.Errorf("keep: %v", err)
	}
	if got := f.files(); !slices.Equal(got, []string{"2026/03/04/c1.2.flac"}) || f.state(keptLeg) != recording.StateFinished {
		t.Errorf("files %v", got)
	}
}

func TestAnotherFileInItsPlaceIsLeftAlone(t *testing.T) {
	f, _ := newVaultFixture(t)
	if err := f.Keep(t.Context(), keptLeg); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.plain(keptLeg), []byte("a late part"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Keep(t.Context(), keptLeg); err == nil || !strings.Contains(err.Error(), "another file") {
		t.Errorf("keep: %v", err)
	}
	if _, err := os.Stat(f.plain(keptLeg)); err != nil {
		t.Errorf("it is gone: %v", err)
	}
}

func (f *vaultFixture) erase() {
	f.t.Helper()
	if err := pgx.BeginFunc(f.t.Context(), f.pool, func(tx pgx.Tx) error { return f.Erase(f.t.Context(), tx, keptLeg) }); err != nil {
		f.t.Fatal(err)
	}
}

func TestAnErasedRecordingIsReadByNobody(t *testing.T) {
	for name, stored := range map[string]bool{"stored": true, "still local": false} {
		t.Run(name, func(t *testing.T) {
			f, sound := newVaultFixture(t)
			if stored {
				if err := f.Keep(t.Context(), keptLeg); err != nil {
					t.Fatal(err)
				}
			}
			f.erase()
			if _, err := f.read(keptLeg); !errors.Is(err, recording.ErrNotFound) {
				t.Errorf("open: %v", err)
			}
			if legs, err := f.Unsettled(t.Context(), 10); err != nil || !slices.Equal(legs, []id.LegID{keptLeg}) {
				t.Errorf("unsettled: %v, %v", legs, err)
			}
			// A job that finished it late.
			if err := os.WriteFile(f.plain(keptLeg), sound, 0o600); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := f.Discard(t.Context(), keptLeg); err != nil {
					t.Fatal(err)
				}
			}
			if got := f.files(); len(got) != 0 || f.state(keptLeg) != recording.StateErased {
				t.Errorf("files %v, state %s", got, f.state(keptLeg))
			}
			if legs, err := f.Unsettled(t.Context(), 10); err != nil || len(legs) != 0 {
				t.Errorf("unsettled: %v, %v", legs, err)
			}
		})
	}
}

// eraser erases the recording when its file was just put.
type eraser struct {
	blob.Store
	erase func()
}

func (e *eraser) Put(ctx context.Context, name string, r io.Reader) (blob.Sum, error) {
	sum, err := e.Store.Put(ctx, name, r)
	e.erase()
	return sum, err
}

func TestWhatIsErasedWhileItIsSealedIsGone(t *testing.T) {
	f, _ := newVaultFixture(t)
	f.blobs.Store = &eraser{f.blobs.Store, f.erase}
	if err := f.Keep(t.Context(), keptLeg); err != nil {
		t.Fatal(err)
	}
	var keys int
	if err := f.pool.QueryRow(t.Context(), `select count(*) from recording_keys`).Scan(&keys); err != nil {
		t.Fatal(err)
	}
	if got := f.files(); len(got) != 0 || keys != 0 {
		t.Errorf("files %v, %d keys", got, keys)
	}
}

func TestAMasterKeyIsChanged(t *testing.T) {
	f, sound := newVaultFixture(t)
	f.finish("c2.2", sound)
	for _, leg := range []id.LegID{keptLeg, "c2.2"} {
		if err := f.Keep(t.Context(), leg); err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.ReadFile(filepath.Join(f.dir, "sealed/2026/03/04/c1.2.flac.age"))
	if err != nil {
		t.Fatal(err)
	}
	newKey := f.newKey()
	if n, err := f.vault(newKey).Rotate(t.Context()); err == nil || n != 0 {
		t.Errorf("without the old key: %d, %v", n, err)
	}
	both := f.vault(newKey, f.keys[0])
	for _, want := range []int{2, 0} {
		if n, err := both.Rotate(t.Context()); err != nil || n != want {
			t.Errorf("wrapped %d, want %d: %v", n, want, err)
		}
	}
	if _, err := f.read(keptLeg); err == nil || !strings.Contains(err.Error(), "recordings.keys") {
		t.Errorf("with the old key: %v", err)
	}
	f.Vault = f.vault(newKey)
	if got, err := f.read(keptLeg); err != nil || !bytes.Equal(got, sound) {
		t.Errorf("with the new key: %d bytes, %v", len(got), err)
	}
	after, err := os.ReadFile(filepath.Join(f.dir, "sealed/2026/03/04/c1.2.flac.age"))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the sealed file was touched: %v", err)
	}
}
