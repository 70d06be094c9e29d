package keep_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/recording"
	"hotline/recording/evidence"
	"hotline/recording/keep"
	"hotline/recording/vaulttest"
)

// site has a catalogue, and notes what erasers are told.
type site struct {
	t         *testing.T
	pool      *pgxpool.Pool
	mu        sync.Mutex
	discarded []id.LegID
	fail      error // of the second eraser
	away      error // of the store of files
}

func newSite(t *testing.T) *site { return &site{t: t, pool: pgtest.Pool(t)} }

func (s *site) store(keepDays int) *keep.Store {
	first := func(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
		_, err := tx.Exec(ctx, `delete from recording_comments where leg = $1`, leg)
		return err
	}
	second := func(context.Context, pgx.Tx, id.LegID) error { return s.fail }
	discard := func(_ context.Context, leg id.LegID) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.discarded = append(s.discarded, leg)
		return s.away
	}
	return keep.NewStore(s.pool, keepDays, discard, first, second)
}

func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.pool.Exec(s.t.Context(), sql, args...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) text(sql string, args ...any) (text string) {
	s.t.Helper()
	if err := s.pool.QueryRow(s.t.Context(), `select coalesce((`+sql+`)::text, '')`, args...).Scan(&text); err != nil {
		s.t.Fatal(err)
	}
	return text
}

// call makes call n with its recording, so many days ago.
func (s *site) call(n, days int, queue, outcome string) id.LegID {
	s.t.Helper()
	call := id.CallID(fmt.Sprintf("c%d", n))
	s.exec(`insert into calls (id, line, flow, queue_id, disposition, customer_id, agent_id, arrived_at) values ($1, '+886800000123', 'main', $2, $3, $4, 'u1', now() - $5 * interval '1 day')`,
		call, queue, outcome, n%2, days)
	err := recording.NewStore(s.pool, s.t.TempDir()).Finished(s.t.Context(), recording.Result{
		Call: call, Leg: call.Leg(2), Agent: "u1", Started: time.Now().AddDate(0, 0, -days), Duration: time.Minute,
		SHA256: strings.Repeat("ab", 32), Path: fmt.Sprintf("2026/03/04/%s.flac", call.Leg(2)), Peaks: recording.Peaks{Rate: 8000, Step: 160},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.exec(`insert into recording_comments (leg, at_ms, user_id, body) values ($1, 1, 'u1', 'listen')`, call.Leg(2))
	return call.Leg(2)
}

func (s *site) erased() string {
	return s.text(`select string_agg(leg, ' ' order by leg) from recordings where state = 'erased'`)
}

func TestErasureIsWholeOrNot(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	store, leg := s.store(0), s.call(1, 1, "order", "sold")
	s.call(2, 1, "order", "sold")
	s.fail = errors.New("the index is away")
	if err := store.Erase(t.Context(), leg, keep.WhyRequest, "u5"); !errors.Is(err, s.fail) {
		t.Errorf("got %v", err)
	}
	if got := s.text(`select count(*) from recording_comments where leg = $1`, leg); got != "1" || s.erased() != "" || len(s.discarded) != 0 {
		t.Errorf("half of it is gone: %s comments, erased %q, discarded %v", got, s.erased(), s.discarded)
	}
	s.fail = nil
	for range 2 {
		if err := store.Erase(t.Context(), leg, keep.WhyRequest, "u5"); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.text(`select count(*) from recording_comments where leg = $1`, leg); got != "0" || s.erased() != "c1.2" || s.discarded[0] != leg {
		t.Errorf("%s comments, erased %q, discarded %v", got, s.erased(), s.discarded)
	}
	if got := s.text(`select string_agg(user_id || ' ' || action || ' ' || object || ' ' || detail::text, '; ') from access_log`); got != `u5 erased_recording recording:c1.2 {"why": "request"}` {
		t.Errorf("the access log has %s", got)
	}
	if got := s.text(`select string_agg(kind || ' ' || leg || ' ' || note, '; ' order by seq) from recording_chain`); got != "finished c1.2 ; finished c2.2 ; erased c1.2 request" {
		t.Errorf("the chain has %s", got)
	}
}

func TestTheFileMayGoLater(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	store, one := s.store(30), s.call(1, 90, "order", "sold")
	s.call(2, 90, "order", "sold")
	s.away = errors.New("the bucket is away")
	if err := store.Erase(t.Context(), one, keep.WhyRequest, "u5"); !errors.Is(err, keep.ErrLater) || !errors.Is(err, s.away) || s.erased() != "c1.2" {
		t.Errorf("%v, erased %q", err, s.erased())
	}
	if done, err := store.Expire(t.Context()); err != nil || done.Thrown != 1 || s.erased() != "c1.2 c2.2" {
		t.Errorf("%+v, %v, erased %q", done, err, s.erased())
	}
}

func TestWhatCannotBeErased(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	store, leg := s.store(0), s.call(1, 1, "order", "sold")
	s.exec(`insert into recordings (leg, call_id, agent_id, state, started_at) values ('c8.2', 'c8', 'u1', 'expected', now()), ('c9.2', 'c9', 'u1', 'refused', now())`)
	for _, c := range []struct {
		leg  id.LegID
		why  keep.Why
		want error
	}{{leg, "because of 0900-000-007", keep.ErrWhy}, {"c8.2", keep.WhyRequest, keep.ErrBusy}, {"c9.2", keep.WhyRequest, recording.ErrNotFound}, {"c7.2", keep.WhyRequest, recording.ErrNotFound}} {
		if err := store.Erase(t.Context(), c.leg, c.why, "u5"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.leg, err, c.want)
		}
	}
	if s.erased() != "" || s.text(`select count(*) from access_log`) != "0" {
		t.Error("something was done all the same")
	}
}

func TestAHoldBlocksErasureAndRetention(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	store := s.store(30)
	held, free := s.call(1, 90, "order", "sold"), s.call(2, 90, "service", "sold")
	h, err := store.Place(t.Context(), keep.Query{Queue: "order"}, "dispute 12", "u5")
	if err != nil || h.Recordings != 1 {
		t.Fatalf("%+v, %v", h, err)
	}
	later := s.call(3, 60, "order", "sold") // after the hold was placed
	for _, leg := range []id.LegID{held, later} {
		var refused *keep.HeldError
		err := store.Erase(t.Context(), leg, keep.WhyRequest, "u6")
		if !errors.As(err, &refused) || len(refused.Holds) != 1 || refused.Holds[0].Owner != "u5" || refused.Holds[0].Reason != "dispute 12" ||
			!strings.Contains(err.Error(), "hold 1 of u5 (dispute 12)") {
			t.Errorf("erased %s under a hold: %v", leg, err)
		}
	}
	if got := s.text(`select count(*) from access_log where action = 'erase_refused' and user_id = 'u6'`); got != "2" {
		t.Errorf("%s refusals in the access log", got)
	}
	if done, err := store.Expire(t.Context()); err != nil || done.Thrown != 1 || s.erased() != string(free) {
		t.Errorf("%+v, %v, erased %q", done, err, s.erased())
	}
	// Whatever program asks.
	if _, err := s.pool.Exec(t.Context(), `update recordings set state = 'erased' where leg = $1`, held); err == nil {
		t.Error("the database let a recording go that is held")
	}
	if _, err := s.pool.Exec(t.Context(), `delete from recordings where leg = $1`, held); err == nil {
		t.Error("the database let a row go that is held")
	}

	if err := store.Release(t.Context(), h.ID, " ", "u5"); !errors.Is(err, keep.ErrReason) {
		t.Errorf("released without a reason: %v", err)
	}
	if err := store.Release(t.Context(), h.ID, "settled", "u7"); err != nil {
		t.Fatal(err)
	}
	if err := store.Release(t.Context(), h.ID, "settled", "u7"); !errors.Is(err, keep.ErrNotFound) {
		t.Errorf("released twice: %v", err)
	}
	if done, err := store.Expire(t.Context()); err != nil || done.Thrown != 2 {
		t.Errorf("%+v, %v", done, err)
	}
	if got := s.text(`select string_agg(kind, ' ' order by seq) from recording_chain where kind <> 'finished'`); got != "expired expired expired" {
		t.Errorf("the chain has %s", got)
	}
	if got := s.text(`select string_agg(coalesce(user_id, '-') || ' ' || action || ' ' || object, '; ' order by id) from access_log where object like 'hold:%'`); got != "u5 place_hold hold:1; u7 release_hold hold:1" {
		t.Errorf("the access log has %s", got)
	}
	if all, err := store.Holds(t.Context(), true); err != nil || len(all) != 1 || all[0].Recordings != 2 || all[0].ReleaseReason != "settled" || all[0].Query.Queue != "order" {
		t.Errorf("%+v, %v", all, err)
	}
	if open, err := store.Holds(t.Context(), false); err != nil || len(open) != 0 {
		t.Errorf("%+v, %v", open, err)
	}
}

func TestHoldsNameRecordingsByQuery(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	store := s.store(0)
	s.call(1, 10, "order", "sold")
	s.call(2, 20, "order", "lost")
	s.call(3, 30, "service", "sold")
	for want, q := range map[string]keep.Query{
		"c1.2 c2.2":      {Queue: "order"},
		"c1.2 c3.2":      {Outcome: "sold", Customer: 1},
		"c2.2":           {Customer: 0, Queue: "order", Outcome: "lost"},
		"c1.2 c2.2 c3.2": {Agent: "u1"},
		"":               {Agent: "u9"},
		"c3.2":           {Calls: []id.CallID{"c3", "c99"}},
		"c2.2 c3.2":      {To: time.Now().AddDate(0, 0, -15)},
		"c2.2 ":          {From: time.Now().AddDate(0, 0, -25), To: time.Now().AddDate(0, 0, -15)},
	} {
		h, err := store.Place(t.Context(), q, "why", "u5")
		if err != nil {
			t.Fatal(err)
		}
		if got := s.text(`select string_agg(leg, ' ' order by leg) from legal_hold_legs where hold = $1`, h.ID); got != strings.TrimSpace(want) {
			t.Errorf("%+v: %s, want %s", q, got, want)
		}
	}
	if _, err := store.Place(t.Context(), keep.Query{}, "why", "u5"); !errors.Is(err, keep.ErrEverything) {
		t.Errorf("a query that names nothing: %v", err)
	}
	if _, err := store.Place(t.Context(), keep.Query{Queue: "order"}, "", "u5"); !errors.Is(err, keep.ErrReason) {
		t.Errorf("a hold without a reason: %v", err)
	}
}

func TestTheNarrowestRuleCounts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	store := s.store(100)
	for _, r := range []keep.Rule{{Queue: "order", Days: 50}, {Outcome: "sold", Days: 300}, {Queue: "order", Outcome: "sold", Days: 200}, {Queue: "gone", Days: 1}} {
		if err := store.SetRule(t.Context(), r, "u5"); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.SetRule(t.Context(), keep.Rule{Queue: "gone"}, "u5"); err != nil {
		t.Fatal(err)
	}
	if err := store.SetRule(t.Context(), keep.Rule{Queue: "gone"}, "u5"); !errors.Is(err, keep.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	s.call(1, 60, "order", "lost")    // 50
	s.call(2, 40, "order", "lost")    // 50
	s.call(3, 190, "order", "sold")   // 200
	s.call(4, 210, "order", "sold")   // 200
	s.call(5, 210, "service", "sold") // 300
	s.call(6, 310, "service", "sold") // 300
	s.call(7, 90, "service", "lost")  // 100, the default
	s.call(8, 110, "service", "lost") // 100
	if done, err := store.Expire(t.Context()); err != nil || done.Thrown != 4 || s.erased() != "c1.2 c4.2 c6.2 c8.2" {
		t.Errorf("%+v, %v: %s", done, err, s.erased())
	}
	if got := s.text(`select string_agg(action || ' ' || object, '; ') from access_log where user_id = 'u5'`); strings.Count(got, "change retention") != 5 {
		t.Errorf("the access log has %s", got)
	}
	if rules, err := store.Rules(t.Context()); err != nil || !slices.Equal(rules, []keep.Rule{{"", "sold", 300}, {"order", "", 50}, {"order", "sold", 200}}) {
		t.Errorf("%+v, %v", rules, err)
	}
}

func TestWithoutAnyRuleEverythingIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.call(1, 9999, "order", "sold")
	if done, err := s.store(0).Expire(t.Context()); err != nil || done.Thrown != 0 || s.erased() != "" {
		t.Errorf("%+v, %v: %s", done, err, s.erased())
	}
}

// A hold and an erasure that meet: whoever is first, the recording is not both.
func TestHoldsAndErasuresMeet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	store := s.store(0)
	var legs []id.LegID
	for n := range 30 {
		legs = append(legs, s.call(n, 1, "order", "sold"))
	}
	g, ctx := errgroup.WithContext(t.Context())
	g.Go(func() error {
		_, err := store.Place(ctx, keep.Query{Queue: "order"}, "dispute", "u5")
		return err
	})
	for _, leg := range legs {
		g.Go(func() error {
			var held *keep.HeldError
			if err := store.Erase(ctx, leg, keep.WhyRequest, "u5"); err != nil && !errors.As(err, &held) {
				return err
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := s.text(`select count(*) from recordings r join legal_hold_legs l using (leg) where r.state = 'erased'`); got != "0" {
		t.Errorf("%s recordings are held and erased", got)
	}
	if got := s.text(`select count(*) from recordings r where r.state <> 'erased' and not exists (select from legal_hold_legs l where l.leg = r.leg)`); got != "0" {
		t.Errorf("%s recordings are neither held nor erased", got)
	}
	dir := t.TempDir()
	v, err := evidence.NewVerifier(s.pool, vaulttest.New(t, recording.NewStore(s.pool, dir), dir), evidence.Config{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	report, err := v.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Faults {
		if f.Kind != evidence.FaultFileGone { // these recordings have no files
			t.Error(f)
		}
	}
}
