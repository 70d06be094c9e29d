package evidence_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/recording"
	"hotline/recording/evidence"
	"hotline/recording/vaulttest"
)

var began = time.Date(2026, 3, 4, 5, 6, 7, 123456000, time.UTC)

// site is a catalogue with its folder, a signing key outside of it, and a folder of copies.
type site struct {
	t      *testing.T
	pool   *pgxpool.Pool
	dir    string
	store  *recording.Store
	vault  *recording.Vault
	config evidence.Config
}

func newSite(t *testing.T) *site {
	s := &site{t: t, pool: pgtest.Pool(t), dir: t.TempDir()}
	s.store = recording.NewStore(s.pool, s.dir)
	s.vault = vaulttest.New(t, s.store, s.dir)
	s.config = evidence.Config{Key: newKey(t), Copies: []string{t.TempDir()}}
	return s
}

// newKey makes a key as openssl would.
func newKey(t *testing.T) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func leg(n int) id.LegID { return id.CallID(fmt.Sprintf("c%d", n)).Leg(2) }

func (s *site) path(n int) string { return fmt.Sprintf("2026/03/04/%s.flac", leg(n)) }

func (s *site) write(path, text string) {
	s.t.Helper()
	name := filepath.Join(s.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func sound(n int) string { return fmt.Sprintf("fLaC sound of call %d", n) }

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// finish makes the recording of leg n.
func (s *site) finish(ctx context.Context, n int) error {
	return s.store.Finished(ctx, recording.Result{
		Call: leg(n).Call(), Leg: leg(n), Agent: "u1", Started: began.Add(time.Duration(n) * time.Minute), Duration: time.Minute,
		Bytes: int64(len(sound(n))), SHA256: hash(sound(n)), Path: s.path(n),
		Peaks: recording.Peaks{Rate: 8000, Step: 160, Left: []int8{-1, 2}, Right: []int8{-3, 4}},
		Parts: []recording.Part{{Part: 1, DurationMS: 60000}},
	})
}

func (s *site) fill(from, to int) {
	s.t.Helper()
	for n := from; n <= to; n++ {
		s.write(s.path(n), sound(n))
		if err := s.finish(s.t.Context(), n); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *site) sign() evidence.Head {
	s.t.Helper()
	signer, err := evidence.NewSigner(s.pool, s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	h, err := signer.Sign(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return h
}

func (s *site) verify() evidence.Report {
	s.t.Helper()
	v, err := evidence.NewVerifier(s.pool, s.vault, s.config, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	report, err := v.Verify(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return report
}

// exec does what somebody with the database's password can: triggers do not stop them.
func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	err := pgx.BeginFunc(s.t.Context(), s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(s.t.Context(), `set local session_replication_role = replica`); err != nil {
			return err
		}
		_, err := tx.Exec(s.t.Context(), sql, args...)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// rewrite gives the entries from seq on the hashes that they would have, as somebody without the key can.
func (s *site) rewrite() {
	s.t.Helper()
	rows, err := s.pool.Query(s.t.Context(), `select seq, kind, leg, at, started_at, duration_ms, sha256, manifest, note, hash from recording_chain order by seq`)
	if err != nil {
		s.t.Fatal(err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByName[evidence.Entry])
	if err != nil {
		s.t.Fatal(err)
	}
	previous := strings.Repeat("0", 64)
	for _, e := range entries {
		previous = e.Sum(previous)
		s.exec(`update recording_chain set hash = $2 where seq = $1`, e.Seq, previous)
	}
}

func TestWhatWasDoneToTheEvidenceIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(s *site)
		want []string // kind, leg or path
	}{
		"nothing":         {func(*site) {}, nil},
		"one bit changed": {func(s *site) { b := []byte(sound(2)); b[9] ^= 1; s.write(s.path(2), string(b)) }, []string{"file-altered c2.2"}},
		"a file gone": {func(s *site) {
			if err := os.Remove(filepath.Join(s.dir, s.path(3))); err != nil {
				s.t.Error(err)
			}
		}, []string{"file-gone c3.2"}},
		"a file added":                  {func(s *site) { s.write("2026/03/04/c9.2.flac", "fLaC") }, []string{"file-added 2026/03/04/c9.2.flac"}},
		"the parts edited":              {func(s *site) { s.exec(`update recordings set parts = '[]' where leg = 'c2.2'`) }, []string{"manifest-altered c2.2"}},
		"the waveform edited":           {func(s *site) { s.exec(`update recordings set peaks = 'x' where leg = 'c2.2'`) }, []string{"manifest-altered c2.2"}},
		"another agent":                 {func(s *site) { s.exec(`update recordings set agent_id = 'u9' where leg = 'c2.2'`) }, []string{"manifest-altered c2.2"}},
		"another length in the row":     {func(s *site) { s.exec(`update recordings set duration_ms = 5 where leg = 'c2.2'`) }, []string{"row-altered c2.2"}},
		"another time in the row":       {func(s *site) { s.exec(`update recordings set started_at = now() where leg = 'c2.2'`) }, []string{"row-altered c2.2"}},
		"the row says failed":           {func(s *site) { s.exec(`update recordings set state = 'failed' where leg = 'c2.2'`) }, []string{"file-added 2026/03/04/c2.2.flac", "file-gone c2.2", "row-altered c2.2"}},
		"the row says erased":           {func(s *site) { s.exec(`update recordings set state = 'erased' where leg = 'c2.2'`) }, []string{"file-left 2026/03/04/c2.2.flac", "row-altered c2.2"}},
		"a row gone":                    {func(s *site) { s.exec(`delete from recordings where leg = 'c2.2'`) }, []string{"file-added 2026/03/04/c2.2.flac", "row-gone c2.2"}},
		"an entry edited":               {func(s *site) { s.exec(`update recording_chain set duration_ms = 5 where seq = 2`) }, []string{"entry-altered c2.2", "row-altered c2.2"}},
		"an entry gone":                 {func(s *site) { s.exec(`delete from recording_chain where seq = 2`) }, []string{"entry-gone", "row-added c2.2"}},
		"a row and a file slipped in":   {func(s *site) { s.slipIn(8) }, []string{"row-added c8.2"}},
		"file and row exchanged":        {func(s *site) { s.exchange(2) }, []string{"file-altered c2.2", "row-altered c2.2"}},
		"all exchanged without the key": {func(s *site) { s.exchange(2); s.enterExchanged(2); s.rewrite() }, []string{"chain-rewritten"}},
		"the same, and the heads thrown away": {func(s *site) {
			s.exchange(2)
			s.enterExchanged(2)
			s.rewrite()
			s.exec(`delete from recording_heads`)
		}, []string{"chain-rewritten", "head-gone"}},
		"the same, and a head signed by another key": {func(s *site) {
			s.exchange(2)
			s.enterExchanged(2)
			s.rewrite()
			s.exec(`delete from recording_heads`)
			honest := s.config
			s.config = evidence.Config{Key: newKey(s.t)}
			s.sign()
			s.config = honest
		}, []string{"chain-rewritten", "head-forged", "head-gone", "head-gone"}},
		"the end of the chain cut off, with row and file": {func(s *site) {
			s.exec(`delete from recording_chain where seq = 4`)
			s.exec(`delete from recordings where leg = 'c4.2'`)
			if err := os.Remove(filepath.Join(s.dir, s.path(4))); err != nil {
				s.t.Error(err)
			}
		}, []string{"chain-rewritten"}},
		"a head edited":                {func(s *site) { s.exec(`update recording_heads set at = now()`) }, []string{"head-forged"}},
		"the copy damaged":             {func(s *site) { s.damageCopy() }, []string{"head-forged", "head-gone"}},
		"nobody signed for three days": {func(s *site) { s.age() }, []string{"chain-unsigned"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.fill(1, 4)
			s.sign()
			c.do(s)
			report := s.verify()
			var got []string
			for _, f := range report.Faults {
				switch {
				case f.Leg != "":
					got = append(got, string(f.Kind)+" "+string(f.Leg))
				case f.Path != "":
					got = append(got, string(f.Kind)+" "+f.Path)
				default:
					got = append(got, string(f.Kind))
				}
				if f.Detail == "" || !strings.HasPrefix(f.String(), string(f.Kind)) {
					t.Errorf("a fault without words: %+v", f)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q\n%v", got, c.want, report.Faults)
			}
			if c.want == nil && (report.Entries != 4 || report.Files != 4 || report.Signed != 4) {
				t.Errorf("looked at %+v", report)
			}
		})
	}
}

// slipIn adds a recording behind the program's back.
func (s *site) slipIn(n int) {
	s.write(s.path(n), sound(n))
	s.exec(`insert into recordings (leg, call_id, agent_id, state, started_at, duration_ms, sha256, path) values ($1, $2, 'u1', 'finished', now(), 1, $3, $4)`,
		leg(n), leg(n).Call(), hash(sound(n)), s.path(n))
}

// exchange puts another sound in the place of a recording, with its row.
func (s *site) exchange(n int) {
	s.write(s.path(n), "fLaC other words")
	s.exec(`update recordings set sha256 = $2 where leg = $1`, leg(n), hash("fLaC other words"))
}

func (s *site) enterExchanged(n int) {
	s.exec(`update recording_chain set sha256 = $2 where leg = $1`, leg(n), hash("fLaC other words"))
}

func (s *site) damageCopy() {
	path := filepath.Join(s.config.Copies[0], "hotline-recording-heads.jsonl")
	raw, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, raw[1:], 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// age adds an entry of three days ago, as if the worker had lost its key then.
func (s *site) age() {
	s.fill(5, 5)
	s.exec(`update recording_chain set at = now() - interval '3 days' where seq = 5`)
	s.rewrite()
}

func TestFiftyFinishersMakeOneChain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	g, ctx := errgroup.WithContext(t.Context())
	for n := range 50 {
		s.write(s.path(n), sound(n))
		for range 2 { // a job may run twice
			g.Go(func() error { return s.finish(ctx, n) })
		}
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	s.sign()
	if r := s.verify(); len(r.Faults) > 0 || r.Entries != 50 || r.Files != 50 || r.Remade != 0 {
		t.Errorf("report %+v", r)
	}
}

func TestAFinishThatIsUndoneEntersNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fill(1, 1)
	undone := errors.New("no")
	err := pgx.BeginFunc(t.Context(), s.pool, func(tx pgx.Tx) error {
		return errors.Join(evidence.Gone(t.Context(), tx, evidence.KindErased, leg(1), "asked for"), undone)
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	s.fill(2, 2)
	s.sign()
	if r := s.verify(); len(r.Faults) > 0 || r.Entries != 2 {
		t.Errorf("report %+v", r)
	}
}

func TestARecordingMadeAgainOfMorePartsIsCounted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fill(1, 2)
	s.write(s.path(1), sound(1)+" and the rest")
	if err := s.store.Finished(t.Context(), recording.Result{
		Call: "c1", Leg: leg(1), Agent: "u1", Started: began, Duration: 2 * time.Minute, Path: s.path(1), SHA256: hash(sound(1) + " and the rest"), Bytes: 1,
	}); err != nil {
		t.Fatal(err)
	}
	s.sign()
	if r := s.verify(); len(r.Faults) > 0 || r.Entries != 3 || r.Remade != 1 {
		t.Errorf("report %+v", r)
	}
}

func TestWhatWasThrownAwayStaysInTheChain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fill(1, 2)
	err := pgx.BeginFunc(t.Context(), s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `update recordings set state = 'erased', path = '', peaks = null, parts = '[]' where leg = $1`, leg(1)); err != nil {
			return err
		}
		return evidence.Gone(t.Context(), tx, evidence.KindErased, leg(1), "asked for\nby the customer")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(s.dir, s.path(1))); err != nil {
		t.Fatal(err)
	}
	if err := s.finish(t.Context(), 1); !errors.Is(err, recording.ErrErased) { // a late twin of the job
		t.Fatal(err)
	}
	s.sign()
	if r := s.verify(); len(r.Faults) > 0 || r.Entries != 3 || r.Files != 1 {
		t.Errorf("report %+v", r)
	}
}

func TestSigningAgainSignsWhatIsNew(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if h := s.sign(); h.Seq != 0 {
		t.Errorf("signed nothing as %+v", h)
	}
	s.fill(1, 1)
	signer, err := evidence.NewSigner(s.pool, s.config)
	if err != nil {
		t.Fatal(err)
	}
	count := func(want int) {
		t.Helper()
		if err := signer.SignDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := s.pool.QueryRow(t.Context(), `select count(*) from recording_heads`).Scan(&n); err != nil || n != want {
			t.Errorf("%d heads, %v, want %d", n, err, want)
		}
	}
	count(1)
	s.fill(2, 2)
	count(1) // not due yet
	s.exec(`update recording_heads set at = at - interval '25 hours'`)
	count(2)
	s.exec(`delete from recording_heads where seq = 1`) // its time was changed above, so its signature does not hold
	// A copy that was added later gets everything.
	if err := os.Remove(filepath.Join(s.config.Copies[0], "hotline-recording-heads.jsonl")); err != nil {
		t.Fatal(err)
	}
	count(1)
	if r := s.verify(); len(r.Faults) > 0 || r.Signed != 2 {
		t.Errorf("report %+v", r)
	}
}

func TestOldKeysStillCount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fill(1, 1)
	s.sign()
	old, err := evidence.SigningKey(s.config.Key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(old.Public())
	if err != nil {
		t.Fatal(err)
	}
	public := filepath.Join(t.TempDir(), "old.pem")
	if err := os.WriteFile(public, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	s.config.Key, s.config.Trusted = newKey(t), []string{public}
	s.fill(2, 2)
	s.sign()
	if r := s.verify(); len(r.Faults) > 0 || r.Signed != 2 {
		t.Errorf("report %+v", r)
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	c := evidence.Config{Key: "here.pem", Trusted: []string{"a"}, Copies: []string{"b"}, SignEvery: time.Second, KeepDays: -1}
	if faults := c.Check(); len(faults) != 5 {
		t.Errorf("faults = %q", faults)
	}
	if faults := (evidence.Config{}).Check(); len(faults) != 0 {
		t.Errorf("faults = %q", faults)
	}
	if _, err := evidence.NewSigner(nil, evidence.Config{}); !errors.Is(err, evidence.ErrNoKey) {
		t.Errorf("without a key: %v", err)
	}
}

// The query that docs/evidence.md gives for checking an entry by hand.
func TestAnEntryIsCheckedByHand(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fill(1, 2)
	err := pgx.BeginFunc(t.Context(), s.pool, func(tx pgx.Tx) error {
		return evidence.Gone(t.Context(), tx, evidence.KindExpired, leg(2), "retention")
	})
	if err != nil {
		t.Fatal(err)
	}
	var wrong int
	err = s.pool.QueryRow(t.Context(), `select count(*) from recording_chain c where hash <> encode(sha256(convert_to(
		'hotline recording chain 1' || E'\nseq: ' || seq || E'\nkind: ' || kind || E'\nleg: ' || leg
		|| E'\nat: ' || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
		|| E'\nstarted: ' || coalesce(to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '')
		|| E'\nduration_ms: ' || duration_ms || E'\nsha256: ' || sha256 || E'\nmanifest: ' || manifest || E'\nnote: ' || note
		|| E'\nprevious: ' || coalesce((select p.hash from recording_chain p where p.seq = c.seq - 1), repeat('0', 64)) || E'\n', 'UTF8')), 'hex')`).Scan(&wrong)
	if err != nil || wrong != 0 {
		t.Errorf("%d of 3 entries have another hash, %v", wrong, err)
	}
}
