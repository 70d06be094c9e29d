package qa

import (
	"fmt"
	"testing"
	"time"

	"hotline/internal/pg/pgtest"
	"hotline/qa/topic"
)

// 500 calls by hand: 100 of them with the wording, of which 40 sold; 400 without it, of which 80 sold. The lift is 2.
func TestWordingsAgainstAnOutcome(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s := NewStore(pool)
	for _, sql := range []string{
		`insert into calls (id, line, flow, queue_id, arrived_at, agent_id, disposition)
			select 'c' || i, '1', 'main', 'order', $1::timestamptz, 'a1', case when i < 40 or i between 100 and 179 then 'sold' else 'solved' end from generate_series(0, 499) i`,
		`insert into transcripts (leg, call_id, agent_id, queue_id, started_at, state, dictionary) select 'c' || i || '.2', 'c' || i, 'a1', 'order', $1::timestamptz, 'done', 1 from generate_series(0, 499) i`,
		// Said twice in each call, and by an agent who passed a call on, whose words are not this outcome's.
		`insert into mentions (leg, n, kind, entry, call_id, agent_id, queue_id, at, role, start_ms, phrase, heard, match, opinion)
			select 'c' || i || '.2', k, 'wording', 'empathy', 'c' || i, 'a1', 'order', $1::timestamptz, 'agent', 0, 'x', 'x', 'exact', 0 from generate_series(0, 99) i, generate_series(1, 2) k
			union all select 'c' || i || '.1', 1, 'wording', 'empathy', 'c' || i, 'a2', 'order', $1::timestamptz, 'agent', 0, 'x', 'x', 'exact', 0 from generate_series(200, 300) i`,
	} {
		if _, err := pool.Exec(t.Context(), sql, began); err != nil {
			t.Fatal(err)
		}
	}
	q := LiftQuery{Outcome: Sold, Reach: week(topic.Topic).Reach}
	got, err := s.Lifts(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprintf("%d %d %d %+v", got.Calls, got.Won, len(got.All), got.All[0].Counts); shown != "500 120 1 {With:100 WithWon:40 Without:400 WithoutWon:80}" {
		t.Error(shown)
	}
	if w := got.All[0]; w.Entry != "empathy" || fmt.Sprintf("%.2f %.4f %.4f", w.Lift.Lift, w.Low, w.High) != "2.00 1.4670 2.7266" || w.Few || w.Open {
		t.Errorf("%+v", w)
	}
	q.Outcome = Satisfied
	if got, err := s.Lifts(t.Context(), q); err != nil || got.Calls != 0 || len(got.All) != 0 {
		t.Errorf("nobody was asked, but %+v, %v", got, err)
	}
}

func BenchmarkLifts(b *testing.B) {
	pool := pgtest.Pool(b)
	s := NewStore(pool)
	benchMentions(b, pool)
	conn, err := pool.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for _, sql := range []string{
		`set statement_timeout = 0`,
		`update mentions set kind = 'wording', role = 'agent', entry = (array['thanks', 'empathy', 'together', 'apology', 'closing'])[n]`,
		`insert into calls (id, line, flow, queue_id, arrived_at, agent_id, disposition)
			select call_id, '1', 'main', queue_id, started_at, agent_id, case when left(md5(leg), 1) < '4' then 'sold' else 'solved' end from transcripts`,
		`insert into survey_answers (call_id, survey, version, question, value) select id, 'after-call', 'v', 'satisfaction', 1 + ascii(md5(id)) % 5 from calls where md5(id) < '8'`,
		`vacuum analyze mentions`, `vacuum analyze calls`, `vacuum analyze survey_answers`,
	} {
		if _, err := conn.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	conn.Release()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, outcome := range []Outcome{Sold, Satisfied} {
		b.Run(string(outcome), func(b *testing.B) {
			for b.Loop() {
				got, err := s.Lifts(b.Context(), LiftQuery{Outcome: outcome, Survey: "after-call", Reach: Reach{From: from, To: from.AddDate(0, 0, 100)}})
				if err != nil || len(got.All) != 5 {
					b.Fatal(got, err)
				}
			}
		})
	}
}
