package recording_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/recording"
)

func TestCatalogue(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	s := recording.NewStore(pool, t.TempDir())
	began := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	leg := id.CallID("c1").Leg(2)
	if _, err := s.Get(ctx, leg); !errors.Is(err, recording.ErrNotFound) {
		t.Errorf("get before: %v", err)
	}
	for range 2 {
		if err := recording.Expect(ctx, pool, recording.Expected{Leg: leg, Call: "c1", Agent: "u1", Started: began}); err != nil {
			t.Fatal(err)
		}
	}
	// Answered again after a controller died, by another agent and in a queue that allows no recording; and once more.
	for _, refused := range []string{"queue", ""} {
		owed := recording.Expected{Leg: leg, Call: "c1", Agent: "u2", Started: began.Add(time.Minute), Refused: refused}
		if err := errors.Join(recording.Expect(ctx, pool, owed), recording.Ensure(ctx, pool, recording.Expected{Leg: leg, Call: "c1", Agent: "u9"})); err != nil {
			t.Fatal(err)
		}
		if r, err := s.Get(ctx, leg); err != nil || (r.State == recording.StateRefused) != (refused != "") || r.Reason != refused || r.Agent != "u2" {
			t.Errorf("refused by %q: got %+v, %v", refused, r, err)
		}
	}
	if _, err := s.Peaks(ctx, leg); !errors.Is(err, recording.ErrNotFound) {
		t.Errorf("peaks before it is finished: %v", err)
	}
	if err := s.Failed(ctx, leg, "the disk was full"); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Get(ctx, leg); err != nil || r.State != recording.StateFailed || r.Reason != "the disk was full" {
		t.Errorf("got %+v, %v", r, err)
	}

	res := recording.Result{
		Call: "c1", Leg: leg, Agent: "u1", Started: began.Add(time.Second), Duration: 90 * time.Second, Bytes: 4,
		SHA256: strings.Repeat("ab", 32), Path: "2026/03/04/c1.2.flac",
		Peaks: recording.Peaks{Rate: 8000, Step: 160, Left: []int8{-1, 2}, Right: []int8{-3, 4}},
		Parts: []recording.Part{{Part: 1, DurationMS: 90000, Held: []recording.Span{{From: 1, To: 2}}}},
	}
	for range 2 {
		if err := s.Finished(ctx, res); err != nil {
			t.Fatal(err)
		}
	}
	// A late failure takes nothing away.
	if err := errors.Join(s.Failed(ctx, leg, "late"), recording.Expect(ctx, pool, recording.Expected{Leg: leg, Call: "c1", Agent: "u9", Started: began})); err != nil {
		t.Fatal(err)
	}
	r, err := s.Get(ctx, leg)
	if err != nil {
		t.Fatal(err)
	}
	if r.State != recording.StateFinished || r.Reason != "" || r.Agent != "u1" || !r.Started.Equal(res.Started) || r.DurationMS != 90000 || r.SHA256 != res.SHA256 || len(r.Parts) != 1 || len(r.Parts[0].Held) != 1 {
		t.Errorf("got %+v", r)
	}
	if parts, done, err := s.Made(ctx, leg); err != nil || !done || len(parts) != 1 {
		t.Errorf("made of %+v, %v, %v", parts, done, err)
	}
	if _, done, err := s.Made(ctx, "c9.2"); err != nil || done {
		t.Errorf("a leg that nobody knows is made: %v, %v", done, err)
	}
	if p, err := s.Peaks(ctx, leg); err != nil || p.Step != 160 || len(p.Right) != 2 || p.Right[1] != 4 {
		t.Errorf("peaks %+v, %v", p, err)
	}
}

func TestListIsNewestFirstAndPaged(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	s := recording.NewStore(pool, t.TempDir())
	if _, err := pool.Exec(ctx, `insert into teams (id, name) values ('t1', 'one')`); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, `insert into users (id, login, name, password_hash, role, scope, team_id) values ('u1', 'a', 'A', '', 'agent', 'own', 't1')`); err != nil {
		t.Fatal(err)
	}
	began := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for i := range 10 { // each two at the same moment
		call := id.CallID(fmt.Sprintf("c%d", i))
		e := recording.Expected{Leg: call.Leg(2), Call: call, Agent: id.AgentID(fmt.Sprintf("u%d", i%2+1)), Started: began.Add(time.Duration(i/2) * time.Minute)}
		if err := recording.Expect(ctx, pool, e); err != nil {
			t.Fatal(err)
		}
	}
	names := func(f recording.Filter, limit int) string {
		var all []string
		for p := (recording.Page{Limit: limit}); ; {
			list, next, err := s.List(ctx, f, p)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range list {
				all = append(all, string(r.Call))
			}
			if p.After = next; next == "" {
				return strings.Join(all, " ")
			}
		}
	}
	for want, f := range map[string]recording.Filter{
		"c9 c8 c7 c6 c5 c4 c3 c2 c1 c0": {},
		"c8 c6 c4 c2 c0":                {Agent: "u1"},
		"c8 c6 c4 c2 c0 ":               {Team: "t1"},
		"c3":                            {Call: "c3"},
		"c5 c4 c3 c2":                   {From: began.Add(time.Minute), To: began.Add(3 * time.Minute), State: recording.StateExpected},
		"":                              {State: recording.StateFinished},
	} {
		for _, limit := range []int{0, 1, 3, 10} {
			if got := names(f, limit); got != strings.TrimSpace(want) {
				t.Errorf("%+v by %d: %s, want %s", f, limit, got, want)
			}
		}
	}
	if _, _, err := s.List(ctx, recording.Filter{}, recording.Page{After: "nonsense"}); !errors.Is(err, recording.ErrCursor) {
		t.Errorf("a bad page: %v", err)
	}
}
