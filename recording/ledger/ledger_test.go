package ledger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/recording"
	"hotline/recording/ledger"
	"hotline/recording/vaulttest"
)

// site has a catalogue and its folder.
type site struct {
	t      *testing.T
	pool   *pgxpool.Pool
	dir    string
	store  *recording.Store
	ledger *ledger.Store
}

func newSite(t *testing.T) *site {
	s := &site{t: t, pool: pgtest.Pool(t), dir: t.TempDir()}
	s.store = recording.NewStore(s.pool, s.dir)
	s.ledger = ledger.NewStore(s.pool, vaulttest.New(t, s.store, s.dir))
	return s
}

const leg = id.LegID("c1.2")

func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.pool.Exec(s.t.Context(), sql, args...); err != nil {
		s.t.Fatal(err)
	}
}

// talked makes the row of a leg that lasted a minute and ended so long ago.
func (s *site) talked(state string, ago time.Duration) {
	s.t.Helper()
	s.exec(`insert into recordings (leg, call_id, agent_id, state, reason, started_at, ended_at)
		values ($1, 'c1', 'u1', $2, 'the disk was full', now() - $3::interval - interval '1 minute', now() - $3::interval)`, leg, state, ago)
}

func (s *site) connected() {
	s.exec(`insert into call_event (call, floor, seq, at, kind, data) values ('c1', 1, 1, now() - interval '1 hour', 'leg_up', '{"event": {"leg": "c1.2", "part": 1}}')`)
}

// finish makes the file: a minute, unless change says otherwise.
func (s *site) finish(change func(*recording.Result)) {
	s.t.Helper()
	var began time.Time
	if err := s.pool.QueryRow(s.t.Context(), `select started_at from recordings where leg = $1`, leg).Scan(&began); err != nil {
		s.t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("fLaC"))
	r := recording.Result{
		Call: "c1", Leg: leg, Agent: "u1", Started: began, Duration: time.Minute, SHA256: hex.EncodeToString(sum[:]), Path: "2026/03/04/c1.2.flac", Bytes: 4,
		Peaks: peaks(20, 30),
		Parts: []recording.Part{{Part: 1, DurationMS: 60000, Left: recording.Counts{Packets: 3000}, Right: recording.Counts{Packets: 3000}}},
	}
	if change != nil {
		change(&r)
	}
	s.write(r.Path, "fLaC")
	if err := s.store.Finished(s.t.Context(), r); err != nil {
		s.t.Fatal(err)
	}
}

func peaks(left, right int8) recording.Peaks {
	p := recording.Peaks{Rate: 8000, Step: 160}
	for range 100 {
		p.Left, p.Right = append(p.Left, -left, left), append(p.Right, -right, right)
	}
	return p
}

func (s *site) write(path, text string) {
	s.t.Helper()
	name := filepath.Join(s.dir, path)
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) sweep() []string {
	s.t.Helper()
	if _, err := s.ledger.Sweep(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	return s.open()
}

func (s *site) open() []string {
	s.t.Helper()
	alarms, err := s.ledger.Open(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var got []string
	for _, a := range alarms {
		got = append(got, a.String())
	}
	slices.Sort(got)
	return got
}

func TestWhatIsWrongWithARecordingIsToldOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(*site)
		want string
	}{
		"all well":               {func(s *site) { s.talked("expected", time.Hour); s.finish(nil) }, ""},
		"it may still come":      {func(s *site) { s.talked("expected", time.Minute) }, ""},
		"still talking":          {func(s *site) { s.talked("writing", time.Hour); s.exec(`update recordings set ended_at = null`) }, ""},
		"it did not come":        {func(s *site) { s.talked("expected", time.Hour) }, "missing leg c1.2: unfinished"},
		"it is written for ever": {func(s *site) { s.talked("writing", time.Hour) }, "missing leg c1.2: unfinished"},
		"nobody said that it was over": {func(s *site) {
			s.talked("expected", time.Hour)
			s.exec(`update recordings set ended_at = null`)
			s.exec(`insert into calls (id, line, flow, arrived_at, ended_at) values ('c1', '', '', now() - interval '2 hours', now() - interval '1 hour')`)
		}, "missing leg c1.2: unfinished"},
		"it failed":                     {func(s *site) { s.talked("failed", time.Minute) }, "missing leg c1.2: failed: the disk was full"},
		"it failed without any talk":    {func(s *site) { s.talked("failed", time.Minute); s.exec(`update recordings set started_at = ended_at`) }, ""},
		"the catalogue knows nothing":   {func(s *site) { s.connected() }, "missing leg c1.2: no_row"},
		"refused":                       {func(s *site) { s.talked("refused", time.Hour); s.connected() }, ""},
		"erased":                        {func(s *site) { s.talked("erased", time.Hour); s.connected() }, ""},
		"the file is gone":              {func(s *site) { s.talked("expected", time.Hour); s.finish(nil); s.remove() }, "missing leg c1.2: file_gone"},
		"the file is another":           {func(s *site) { s.talked("expected", time.Hour); s.finish(nil); s.write("2026/03/04/c1.2.flac", "fLaX") }, "hash leg c1.2: altered"},
		"within the bound":              {func(s *site) { s.talked("expected", time.Hour); s.finish(lasts(56500 * time.Millisecond)) }, ""},
		"too short":                     {func(s *site) { s.talked("expected", time.Hour); s.finish(lasts(56 * time.Second)) }, "short leg c1.2: 4000 ms of a talk of 60000 ms are not in the file; 3600 may lack"},
		"its beginning lacks":           {func(s *site) { s.talked("expected", time.Hour); s.finish(late(20 * time.Second)) }, "short leg c1.2: 20000 ms of a talk of 60000 ms are not in the file; 3600 may lack"},
		"the caller is silent":          {func(s *site) { s.talked("expected", time.Hour); s.finish(loud(1, 40)) }, "silent leg c1.2: no sound on left (no_sound)"},
		"the agent is silent":           {func(s *site) { s.talked("expected", time.Hour); s.finish(loud(40, 1)) }, "silent leg c1.2: no sound on right (no_sound)"},
		"nothing came from the agent":   {func(s *site) { s.talked("expected", time.Hour); s.finish(nothing) }, "silent leg c1.2: no sound on right (no_packets)"},
		"the agent held":                {func(s *site) { s.talked("expected", time.Hour); s.finish(held) }, ""},
		"both are silent":               {func(s *site) { s.talked("expected", time.Hour); s.finish(loud(1, 2)) }, "silent leg c1.2: no sound on both (no_sound)"},
		"paused nearly all of the time": {func(s *site) { s.talked("expected", time.Hour); s.finish(loud(0, 0)); s.pause() }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			c.do(s)
			for range 2 {
				if got := strings.Join(s.sweep(), "\n"); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			}
			var n, want int
			if c.want != "" {
				want = 1
			}
			if err := s.pool.QueryRow(t.Context(), `select count(*) from recording_alarms`).Scan(&n); err != nil || n != want {
				t.Errorf("%d alarms were raised, %v", n, err)
			}
		})
	}
}

func (s *site) remove() {
	if err := os.Remove(filepath.Join(s.dir, "2026/03/04/c1.2.flac")); err != nil {
		s.t.Error(err)
	}
}

func lasts(d time.Duration) func(*recording.Result) {
	return func(r *recording.Result) { r.Duration = d }
}

// late makes a recording whose first part began so long after the answer, and lasted to the end.
func late(d time.Duration) func(*recording.Result) {
	return func(r *recording.Result) {
		r.Started, r.Duration = r.Started.Add(d), r.Duration-d
		r.Parts[0].OnCallMS = d.Milliseconds()
	}
}

func loud(left, right int8) func(*recording.Result) {
	return func(r *recording.Result) { r.Peaks = peaks(left, right) }
}

func nothing(r *recording.Result) {
	r.Peaks = peaks(40, 0)
	r.Parts[0].Right.Packets = 0
}

func held(r *recording.Result) {
	r.Peaks = peaks(40, 0)
	r.Parts[0].Held = []recording.Span{{From: 0, To: 57 * recording.Rate}}
}

func (s *site) pause() {
	s.exec(`insert into recording_pauses (leg, started_at, ended_at, by, cause)
		select leg, started_at + interval '2 seconds', ended_at - interval '2 seconds', 'u1', 'agent' from recordings`)
}

func TestAnAlarmIsClearedWhenMended(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.talked("expected", time.Hour)
	if got := s.sweep(); len(got) != 1 {
		t.Fatalf("alarms %q", got)
	}
	s.finish(loud(1, 40)) // it came after all, but half silent
	if got := s.sweep(); !slices.Equal(got, []string{"silent leg c1.2: no sound on left (no_sound)"}) {
		t.Errorf("alarms %q", got)
	}
	s.exec(`update recordings set state = 'erased'`)
	if got := s.sweep(); len(got) != 0 {
		t.Errorf("alarms %q", got)
	}
	var raised, cleared int
	if err := s.pool.QueryRow(t.Context(), `select count(*), count(cleared_at) from recording_alarms`).Scan(&raised, &cleared); err != nil || raised != 2 || cleared != 2 {
		t.Errorf("%d raised, %d cleared, %v", raised, cleared, err)
	}
}

func TestAFileIsReadOnceAndWhenAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.talked("expected", time.Hour)
	s.finish(nil)
	if got := s.sweep(); len(got) != 0 {
		t.Fatalf("alarms %q", got)
	}
	s.write("2026/03/04/c1.2.flac", "fLaX")
	if got := s.sweep(); len(got) != 0 {
		t.Errorf("a file that was read was read again: %q", got)
	}
	if r, err := s.ledger.Check(t.Context(), time.Now().Add(-24*time.Hour)); err != nil || r.Looked != 1 || r.Raised != 1 || r.Open != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	s.write("2026/03/04/c1.2.flac", "fLaC")
	if got := s.sweep(); len(got) != 0 {
		t.Errorf("alarms %q", got)
	}
	s.write("2026/03/04/c1.2.flac", "fLaX")
	s.exec(`update recordings set checked_at = now() - interval '31 days'`)
	if got := s.sweep(); len(got) != 1 {
		t.Errorf("a file that was not read for a month: %q", got)
	}
}

func TestAnAlarmIsSeenAndCounted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.talked("failed", time.Hour)
	s.sweep()
	alarms, err := s.ledger.Open(t.Context())
	if err != nil || len(alarms) != 1 {
		t.Fatalf("%v, %v", alarms, err)
	}
	for _, who := range []id.AgentID{"u7", "u8"} {
		if err := s.ledger.See(t.Context(), alarms[0].ID, who); err != nil {
			t.Fatal(err)
		}
	}
	var by string
	if err := s.pool.QueryRow(t.Context(), `select seen_by from recording_alarms where cleared_at is null`).Scan(&by); err != nil || by != "u7" {
		t.Errorf("seen by %q, %v", by, err)
	}
	if err := s.ledger.See(t.Context(), 99, "u7"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("an alarm that is not there: %v", err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(ledger.NewCollector(s.pool))
	families, err := registry.Gather()
	if err != nil || len(families) != 1 || families[0].GetName() != "hotline_recording_alarms" {
		t.Fatalf("gathered %v, %v", families, err)
	}
	counts := map[string]float64{}
	for _, m := range families[0].GetMetric() {
		counts[m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue()
	}
	if want := map[string]float64{"missing": 1, "short": 0, "silent": 0, "hash": 0}; !maps.Equal(counts, want) {
		t.Errorf("counted %v, want %v", counts, want)
	}
}
