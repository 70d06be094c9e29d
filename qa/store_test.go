package qa

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/qa/rule"
)

func nothing(context.Context, pgx.Tx) error { return nil }

var began = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

func src(leg id.LegID) Source { return Source{Leg: leg, Call: leg.Call(), Agent: "a1", Started: began} }

func said(text string) rule.Transcript {
	u := rule.Utterance{Role: rule.Agent, Span: rule.Span{Start: 500, End: 3000}}
	for i, r := range []rune(text) {
		u.Units = append(u.Units, rule.Unit{Text: string(r), Span: rule.Span{Start: 500 + 100*i, End: 600 + 100*i}, Sure: .9})
	}
	return rule.Transcript{
		Length: 60_000, Utterances: []rule.Utterance{u, {Role: rule.Caller, Span: rule.Span{Start: 4000, End: 5000}, Unclear: "language"}},
		Speech: map[rule.Role][]rule.Span{rule.Agent: {{Start: 500, End: 3000}}, rule.Caller: {{Start: 4000, End: 5000}}},
	}
}

func save(t *testing.T, s *Store, leg id.LegID, text string, findings ...rule.Finding) {
	t.Helper()
	live, err := s.LiveBook(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	attempt, err := s.Begin(t.Context(), src(leg))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), Result{Source: src(leg), Attempt: attempt, Model: "m", Transcript: said(text), Book: live.Version, Findings: findings}, nothing); err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Two workers hear the same recording: the one that began first comes too late, and writes nothing.
func TestAnOvertakenAttemptWritesNothing(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s, ctx := NewStore(pool), t.Context()
	live, err := s.LiveBook(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var attempts [2]int
	for i := range attempts {
		if attempts[i], err = s.Begin(ctx, src("c1.2")); err != nil {
			t.Fatal(err)
		}
	}
	start, end := 500, 700
	result := func(attempt int, text string) Result {
		return Result{
			Source: src("c1.2"), Attempt: attempt, Model: "m", Transcript: said(text), Book: live.Version,
			Findings: []rule.Finding{{Rule: "r", Class: "phrase", Role: rule.Agent, Start: &start, End: &end, Match: rule.Exact}},
		}
	}
	if err := s.Save(ctx, result(attempts[1], "您好"), nothing); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(ctx, result(attempts[0], "再見"), nothing); !errors.Is(err, ErrLate) {
		t.Errorf("the first attempt: %v, want %v", err, ErrLate)
	}
	got, err := s.Transcript(ctx, "c1.2")
	if err != nil || got.Utterances[0].Text() != "您好" || got.Utterances[0].Units[1].Start != 600 || got.Utterances[1].Unclear != "language" {
		t.Errorf("%+v, %v", got, err)
	}
	if n := number(t, pool, `select count(*) from findings where leg = 'c1.2'`); n != 1 {
		t.Errorf("%d findings", n)
	}
	if n := number(t, pool, `select unclear_ms from transcripts where leg = 'c1.2' and agent_ms = 2500 and caller_ms = 1000`); n != 1000 {
		t.Errorf("%d ms were not understood", n)
	}
}

// What belongs to a transcript is written with it or not at all.
func TestNothingIsHalfSaved(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s, ctx := NewStore(pool), t.Context()
	attempt, err := s.Begin(ctx, src("c1.2"))
	if err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	err = s.Save(ctx, Result{Source: src("c1.2"), Attempt: attempt, Transcript: said("您好")}, func(context.Context, pgx.Tx) error { return no })
	if !errors.Is(err, no) {
		t.Errorf("%v", err)
	}
	if n := number(t, pool, `select count(*) from transcript_lines`); n != 0 {
		t.Errorf("%d lines", n)
	}
	if st, err := s.Status(ctx, "c1.2"); err != nil || st.State != StateRunning {
		t.Errorf("%+v, %v", st, err)
	}
}

func TestWhatIsOwedIsCounted(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s, ctx := NewStore(pool), t.Context()
	owe := func(leg id.LegID) (open bool) {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) (err error) {
			open, err = s.Owe(ctx, tx, src(leg))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return open
	}
	save(t, s, "done.2", "您好")
	if owe("done.2") {
		t.Error("what is done is owed again")
	}
	for _, leg := range []id.LegID{"a.2", "a.2", "b.2"} {
		if !owe(leg) {
			t.Errorf("%s is not owed", leg)
		}
	}
	if err := s.Set(ctx, "a.2", StateWaiting, "there is no model"); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(ctx, "b.2", StateFailed, "no sound"); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(ctx, "done.2", StateFailed, "late"); err != nil {
		t.Fatal(err)
	}
	b, err := s.Backlog(ctx)
	if err != nil || b.Waiting != 1 || b.Failed != 1 || b.Running != 0 || b.Reason != "there is no model" || b.Oldest == nil || !b.Oldest.Equal(began) {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestTheUnhappyAndTheNewAreHeardFirst(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s, ctx := NewStore(pool), t.Context()
	if _, err := pool.Exec(ctx, `insert into survey_answers (call_id, survey, version, question, value) values ('unhappy', 's', 'v', 'satisfaction', 2), ('happy', 's', 'v', 'satisfaction', 5)`); err != nil {
		t.Fatal(err)
	}
	for _, j := range []struct{ call, age string }{{"unhappy", "1 hour"}, {"happy", "1 hour"}, {"new", "1 minute"}} {
		if _, err := pool.Exec(ctx, `insert into river_job (kind, args, max_attempts, queue, priority, created_at) values ('transcribe', jsonb_build_object('leg', $1::text || '.2'), 9, 'speech', 4, now() - $2::interval)`, j.call, j.age); err != nil {
			t.Fatal(err)
		}
	}
	// Asked for just now, of a recording that is old.
	if _, err := pool.Exec(ctx, `insert into river_job (kind, args, max_attempts, queue, priority) values ('transcribe', '{"leg": "late.2"}', 9, 'speech', 4)`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Begin(ctx, src("late.2")); err != nil {
		t.Fatal(err)
	}
	if err := s.Rank(ctx, Ranks{Flagged: 1, New: 2, Old: 3, OldAfter: 15 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	for call, want := range map[string]int{"unhappy": 1, "new": 2, "happy": 3, "late": 3} {
		if got := number(t, pool, `select priority from river_job where args->>'leg' = $1 || '.2'`, call); got != want {
			t.Errorf("%s has priority %d, want %d", call, got, want)
		}
	}
}

// Erasing leaves nothing of what was said.
func TestErasedIsGone(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s, ctx := NewStore(pool), t.Context()
	save(t, s, "a.2", "您好", rule.Finding{Rule: "opening", Class: "opening", Role: rule.Agent})
	save(t, s, "b.2", "您好")
	if err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return Erase(ctx, tx, "a.2") }); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"transcripts", "transcript_lines", "findings"} {
		if n := number(t, pool, `select count(*) from `+table+` where leg = 'a.2'`); n != 0 {
			t.Errorf("%d rows are left in %s", n, table)
		}
	}
	if n := number(t, pool, `select count(*) from transcript_lines where leg = 'b.2'`); n != 2 {
		t.Errorf("another recording has %d lines, want 2", n)
	}
}

func TestBooksHaveOneDraftAndOneLiveVersion(t *testing.T) {
	t.Parallel()
	s, ctx := NewStore(pgtest.Pool(t)), t.Context()
	shipped, err := s.LiveBook(ctx)
	if err != nil || shipped.Version != 1 || len(shipped.Book.Rules()) < 20 {
		t.Fatalf("version %d, %v", shipped.Version, err)
	}
	var faulty *FaultyBook
	if _, err := s.Books().Save(ctx, "version: 1\nrules:\n  - id: x\n", "", "qa1", time.Time{}); !errors.As(err, &faulty) || len(faulty.Faults) == 0 {
		t.Errorf("a faulty draft: %v", err)
	}
	const yaml = "version: 1\nid: small\nname: {zh-TW: 小, en: small}\nrules:\n  - {id: hello, kind: must, class: opening, role: agent, phrases: [您好], bound: 0.1}\n"
	first, err := s.Books().Save(ctx, yaml, "a try", "qa1", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Books().Save(ctx, yaml+"# mine\n", "", "qa2", time.Time{}); !errors.Is(err, ErrStale) {
		t.Errorf("over a draft that qa2 has not seen: %v", err)
	}
	draft, err := s.Books().Save(ctx, yaml+"# mine\n", "", "qa2", first.CreatedAt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Books().Publish(ctx, first.CreatedAt, "go", "qa1"); !errors.Is(err, ErrStale) {
		t.Errorf("a draft that changed meanwhile goes live: %v", err)
	}
	if live, err := s.LiveBook(ctx); err != nil || live.Version != 1 {
		t.Errorf("a draft is live: version %d, %v", live.Version, err)
	}
	v, err := s.Books().Publish(ctx, draft.CreatedAt, "shorter", "qa1")
	if err != nil || v.Version != 2 || v.Note != "shorter" || v.CreatedBy != "qa2" || v.LiveBy != "qa1" {
		t.Fatalf("%+v, %v", v, err)
	}
	live, err := s.LiveBook(ctx)
	if err != nil || live.Version != 2 || len(live.Book.Rules()) != 1 {
		t.Errorf("version %d, %v", live.Version, err)
	}
	all, err := s.Books().All(ctx)
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	if old, err := s.Books().At(ctx, 1); err != nil || old.State != "retired" {
		t.Errorf("%s, %v", old.State, err)
	}
}

// Whoever goes back makes a new version of an old text; a draft that is being worked on comes after it.
func TestGoingBackAddsAVersion(t *testing.T) {
	t.Parallel()
	s, ctx := NewStore(pgtest.Pool(t)), t.Context()
	shipped, err := s.LiveBook(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const yaml = "version: 1\nid: small\nname: {}\nrules:\n  - {id: hello, kind: must, class: opening, role: agent, phrases: [您好], bound: 0.1}\n"
	draft, err := s.Books().Save(ctx, yaml, "", "qa1", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Books().Publish(ctx, draft.CreatedAt, "small", "qa1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Books().Save(ctx, yaml+"# next\n", "", "qa1", time.Time{}); err != nil {
		t.Fatal(err)
	}
	back, err := s.Books().GoBack(ctx, 1, "too small", "qa2")
	if err != nil || back.Version != 3 || back.State != "live" || back.BackTo != 1 || back.LiveBy != "qa2" {
		t.Fatalf("%+v, %v", back, err)
	}
	if live, err := s.LiveBook(ctx); err != nil || live.Version != 3 || len(live.Book.Rules()) != len(shipped.Book.Rules()) {
		t.Errorf("version %d, %v", live.Version, err)
	}
	if draft, err := s.Books().At(ctx, 4); err != nil || draft.State != "draft" {
		t.Errorf("%+v, %v", draft, err)
	}
	for _, to := range []int{3, 4} {
		if _, err := s.Books().GoBack(ctx, to, "again", "qa2"); !errors.Is(err, ErrStale) {
			t.Errorf("to version %d, which was not retired: %v", to, err)
		}
	}
	if _, err := s.Books().GoBack(ctx, 9, "again", "qa2"); !errors.Is(err, ErrNotFound) {
		t.Errorf("to a version that is not there: %v", err)
	}
}

func TestACheckOfRulesNamesLineAndWhatIsLeftToPeople(t *testing.T) {
	t.Parallel()
	s, ctx := NewStore(pgtest.Pool(t)), t.Context()
	_, faults, _, err := s.CheckBook(ctx, "version: 1\nid: x\nrules:\n  - id: a\n    kind: said\n    class: phrase\n    phrases: [您好]\n    bound: 3\n  - id: b\n    kind: none\n    class: x\n")
	if err != nil || len(faults) != 2 || faults[0].Line != 8 || faults[0].Field != "bound" || faults[1].Line != 10 || faults[1].Remedy == "" {
		t.Errorf("%v, %v", faults, err)
	}
	_, faults, left, err := s.CheckBook(ctx, "version: 1\nid: x\nrules:\n  - {id: closing, kind: must, class: closing, role: agent, phrases: [再見]}\n")
	if err != nil || len(faults) > 0 || len(left) == 0 || slices.Contains(left, "closing") || !slices.Contains(left, "opening") {
		t.Errorf("%v, left to people: %v, %v", faults, left, err)
	}
}
