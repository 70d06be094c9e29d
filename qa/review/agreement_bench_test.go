package review_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/internal/pg/pgtest"
	"hotline/qa"
	"hotline/qa/review"
)

// BenchmarkAgreements is of 100,000 scores with an answer of the machine to each question, of which 10,000 were reviewed and 2,000 twice. Its
// goal is a second.
func BenchmarkAgreements(b *testing.B) {
	pool := pgtest.Pool(b)
	card, err := qa.NewStore(pool).LiveCard(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	var asked []string
	for _, q := range card.Questions() {
		asked = append(asked, q.ID)
	}
	fillScores(b, pool, asked)
	s, from := review.NewStore(pool), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		all, err := s.Agreements(b.Context(), review.Viewer{ID: "x", Scope: "all"}, from, from.AddDate(1, 0, 0))
		if err != nil {
			b.Fatal(err)
		}
		for _, q := range all {
			if q.Answers && q.Machine.Pairs != 12_000 || q.People.Pairs != 2000 {
				b.Fatalf("%s: %d and %d pairs", q.Question.ID, q.Machine.Pairs, q.People.Pairs)
			}
		}
	}
}

func fillScores(b *testing.B, pool *pgxpool.Pool, asked []string) {
	b.Helper()
	conn, err := pool.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	for _, sql := range []string{
		`set statement_timeout = 0`,
		`create temp table asked as select unnest(string_to_array('` + strings.Join(asked, ",") + `', ',')) as question`,
		`insert into scores (leg, card, call_id, agent_id, queue_id, at, length_ms, book, machine_total, total)
			select 'c' || i || '.2', (select version from scorecards where state = 'live'), 'c' || i, 'u' || i % 100, 'order', '2026-01-01Z'::timestamptz + i * interval '86.4 s', 300000, 1, 80, 80
			from generate_series(0, 99999) i`,
		`insert into score_answers (score_id, question, source, value) select id, question, 'rules', case when id % 7 = 0 then 'no' else 'yes' end from scores, asked`,
		`insert into reviews (score_id, reviewer, kind, state, claimed_at, expires_at, done_at)
			select id, 'r1', 'review', 'done', at, at, at + interval '1 day' from scores where id % 10 = 0
			union all select id, 'r2', 'second', 'done', at, at, at + interval '1 day' from scores where id % 50 = 0`,
		`insert into score_answers (score_id, question, source, by, review_id, value, machine, machine_source)
			select r.score_id, question, 'person', r.reviewer, r.id, case when r.id % 11 = 0 then 'no' else 'yes' end, case when r.score_id % 7 = 0 then 'no' else 'yes' end, 'rules' from reviews r, asked`,
		`vacuum analyze scores`, `vacuum analyze reviews`, `vacuum analyze score_answers`,
	} {
		if _, err := conn.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
}
