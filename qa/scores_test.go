package qa_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/qa"
	"hotline/qa/card"
	"hotline/qa/rule"
)

func ms(n int) *int { return &n }

// findings of a recording: a forbidden phrase, a missing closing, everything else in order.
func findings() []rule.Finding {
	return []rule.Finding{
		{Rule: "opening", Class: "opening", Role: rule.Agent, Start: ms(500), End: ms(3000), Match: rule.Exact},
		{Rule: "wait", Class: "phrase", Phrase: "等一等", Heard: "等一等", Role: rule.Agent, Start: ms(9000), End: ms(9600), Match: rule.Exact},
		{Rule: "closing", Class: "closing", Role: rule.Agent},
	}
}

// result is what was heard in the recording c1.2.
func result(attempt, book int, found []rule.Finding) qa.Result {
	said := func(role rule.Role, start, end int, text string) rule.Utterance {
		u := rule.Utterance{Role: role, Span: rule.Span{Start: start, End: end}}
		for i, r := range []rune(text) {
			u.Units = append(u.Units, rule.Unit{Text: string(r), Span: rule.Span{Start: start + i, End: start + i + 1}})
		}
		return u
	}
	return qa.Result{
		Source: qa.Source{Leg: "c1.2", Call: "c1", Agent: "u1", Started: time.Now().Add(-time.Hour)}, Attempt: attempt, Model: "test", Book: book,
		Transcript: rule.Transcript{
			Length:     60000,
			Utterances: []rule.Utterance{said(rule.Agent, 500, 3000, "您好"), said(rule.Agent, 9000, 9600, "等一等")},
			Speech:     map[rule.Role][]rule.Span{rule.Agent: {{Start: 500, End: 20000}}, rule.Caller: {{Start: 21000, End: 40000}}},
		},
		Findings: found,
	}
}

func save(t *testing.T, s *qa.Store, found []rule.Finding, change ...func(*qa.Result)) {
	t.Helper()
	live, err := s.LiveBook(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := result(0, live.Version, found)
	for _, c := range change {
		c(&r)
	}
	if r.Attempt, err = s.Begin(t.Context(), r.Source); err != nil {
		t.Fatal(err)
	}
	err = s.Save(t.Context(), r, func(ctx context.Context, tx pgx.Tx) error { return s.Score(ctx, tx, r.Leg) })
	if err != nil {
		t.Fatal(err)
	}
}

func answers(t *testing.T, db *pgxpool.Pool) string {
	t.Helper()
	rows, err := db.Query(t.Context(), `select question || '=' || value || case when evidence = '[]' then '' else ' by ' || (evidence->0->>'rule') end from score_answers order by id`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, ", ")
}

func TestARecordingIsScoredOnce(t *testing.T) {
	db := pgtest.Pool(t)
	s := qa.NewStore(db)
	save(t, s, findings())
	const want = "opening=yes, closing=no by closing, forbidden=no by wait, principles=yes, empathy=none, interruption=3, silence=2, pace=yes, voice=yes"
	if got := answers(t, db); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	var total, machine float64
	var open, critical int
	read := func() {
		t.Helper()
		if err := db.QueryRow(t.Context(), `select total, machine_total, open, critical from scores`).Scan(&total, &machine, &open, &critical); err != nil {
			t.Fatal(err)
		}
	}
	// Manners 50 of 20, words 0 of 30, care 0 of 30, listening all of 20.
	if read(); total != 30 || machine != 30 || open != 2 || critical != 1 {
		t.Errorf("%v, by the machine %v, %d open, %d critical", total, machine, open, critical)
	}
	// A job that runs twice, and two at once.
	var g errgroup.Group
	for range 4 {
		g.Go(func() error {
			return pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error { return s.Score(t.Context(), tx, "c1.2") })
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	var scores, events int
	if err := db.QueryRow(t.Context(), `select (select count(*) from scores), (select count(*) from review_events)`).Scan(&scores, &events); err != nil {
		t.Fatal(err)
	}
	if got := answers(t, db); got != want || scores != 1 || events != 1 {
		t.Errorf("%d scores, %d events: %s", scores, events, got)
	}
	// Heard again, better: what the machine said before stays.
	save(t, s, findings()[:1])
	if got := answers(t, db); got != want+", closing=yes, forbidden=yes" {
		t.Error(got)
	}
	if read(); total != 70 {
		t.Errorf("total %v", total)
	}
}

func TestWhatIsNotUnderstoodIsNotScored(t *testing.T) {
	for _, tt := range []struct {
		why    string
		change func(*qa.Result)
	}{
		{"short", func(r *qa.Result) { r.Transcript.Length = 3000 }},
		{"silent", func(r *qa.Result) { r.Transcript.Speech = nil }},
		{"unclear", func(r *qa.Result) {
			r.Transcript.Utterances = append(r.Transcript.Utterances, rule.Utterance{Role: rule.Caller, Span: rule.Span{Start: 20000, End: 40000}, Unclear: "language"})
		}},
	} {
		db := pgtest.Pool(t)
		save(t, qa.NewStore(db), findings(), tt.change)
		var why string
		var total *float64
		if err := db.QueryRow(t.Context(), `select refused, total from scores`).Scan(&why, &total); err != nil || why != tt.why || total != nil {
			t.Errorf("%s: %q, %v, %v", tt.why, why, total, err)
		}
		if got := answers(t, db); got != "" {
			t.Errorf("%s: %s", tt.why, got)
		}
	}
}

func TestAQuestionThatIsSwitchedOffIsLeftToPeople(t *testing.T) {
	db := pgtest.Pool(t)
	if _, err := db.Exec(t.Context(), `insert into machine_switches (question, answers) values ('opening', false), ('closing', false), ('closing', true)`); err != nil {
		t.Fatal(err)
	}
	save(t, qa.NewStore(db), findings())
	if got := answers(t, db); strings.Contains(got, "opening=") || !strings.Contains(got, "closing=") {
		t.Error(got)
	}
}

func TestAQuestionWhoseRuleIsGoneIsLeftToPeople(t *testing.T) {
	db := pgtest.Pool(t)
	s := qa.NewStore(db)
	if _, err := s.LiveBook(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A book without the closing.
	draft, err := s.Books().Save(t.Context(), `{version: 1, id: small, name: {}, rules: [
		{id: opening, kind: must, class: opening, role: agent, phrases: [您好，感謝您聯繫我們], first: 20s, bound: 0.3}]}`, "", "u5", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Books().Publish(t.Context(), draft.CreatedAt, "small", "u5"); err != nil {
		t.Fatal(err)
	}
	save(t, s, nil)
	if got := answers(t, db); strings.Contains(got, "closing=") || !strings.Contains(got, "opening=") || !strings.Contains(got, "forbidden=") {
		t.Error(got)
	}
}

func TestACardGoesFromDraftToLive(t *testing.T) {
	db := pgtest.Pool(t)
	s := qa.NewStore(db)
	ctx := t.Context()
	cards := s.Cards()
	if all, err := cards.All(ctx); err != nil || len(all) != 1 || all[0].State != "live" || all[0].YAML != string(card.DefaultYAML()) {
		t.Fatalf("%d versions, %v", len(all), err)
	}
	faulty := strings.Replace(string(card.DefaultYAML()), "weight: 20", "weight: 21", 1)
	if _, err := cards.Save(ctx, faulty, "", "u4", time.Time{}); err == nil || !strings.Contains(err.Error(), "make 101") {
		t.Fatalf("a faulty card: %v", err)
	}
	if _, err := cards.Publish(ctx, time.Now(), "longer", "u4"); !errors.Is(err, qa.ErrNotFound) {
		t.Errorf("without a draft: %v", err)
	}
	changed := strings.Replace(string(card.DefaultYAML()), "shortest: 15s", "shortest: 20s", 1)
	draft, err := cards.Save(ctx, changed, "longer", "u4", time.Time{})
	if err != nil || draft.Version != 2 || draft.State != "draft" {
		t.Fatalf("%+v, %v", draft.Version, err)
	}
	save(t, s, findings())
	if live, err := cards.Publish(ctx, draft.CreatedAt, "longer", "u4"); err != nil || live.Version != 2 || live.State != "live" || live.LiveAt == nil {
		t.Fatalf("%+v, %v", live.Version, err)
	}
	save(t, s, findings())
	var scores int
	if err := db.QueryRow(ctx, `select count(*) from scores where leg = 'c1.2' and card in (1, 2)`).Scan(&scores); err != nil || scores != 2 {
		t.Errorf("%d scores, %v", scores, err)
	}
	if all, err := cards.All(ctx); err != nil || len(all) != 2 || all[1].State != "retired" {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestAnErasureLeavesNothingOfAReview(t *testing.T) {
	db := pgtest.Pool(t)
	s := qa.NewStore(db)
	ctx := t.Context()
	save(t, s, findings())
	for _, sql := range []string{
		`insert into calibrations (score_id, opened_by) select id, 'u4' from scores`,
		`insert into reviews (score_id, reviewer, kind, state, expires_at, session_id) select s.id, 'u4', 'calibration', 'done', now(), c.id from scores s, calibrations c`,
		`insert into score_answers (score_id, question, source, by, review_id, value) select score_id, 'opening', 'person', 'u4', id, 'no' from reviews`,
		`insert into finding_marks (leg, book, rule, start_ms, agent_id, review_id, by, mark) select 'c1.2', 1, 'wait', 9000, 'u1', id, 'u4', 'confirmed' from reviews`,
		`insert into coaching_notes (agent_id, leg, from_ms, to_ms, note, by) values ('u1', 'c1.2', 1, 2, 'what was said', 'u4')`,
	} {
		if _, err := db.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	leg := id.LegID("c1.2")
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		return errors.Join(qa.EraseReview(ctx, tx, leg), qa.Erase(ctx, tx, leg))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"scores", "score_answers", "reviews", "calibrations", "finding_marks", "review_events", "findings", "transcripts"} {
		var n int
		if err := db.QueryRow(ctx, fmt.Sprintf(`select count(*) from %s`, table)).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d rows, %v", table, n, err)
		}
	}
	var note string
	if err := db.QueryRow(ctx, `select note from coaching_notes where leg is null`).Scan(&note); err != nil || strings.Contains(note, "said") {
		t.Errorf("%q, %v", note, err)
	}
}
