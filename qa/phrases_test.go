package qa

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/internal/pg/pgtest"
	"hotline/qa/topic"
)

// 200 calls: in 60 the agent offers free delivery, and 40 of them sold; of the other 140, 20.
func TestPhrasesThatNobodyWroteDown(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s := NewStore(pool)
	for _, sql := range []string{
		`insert into calls (id, line, flow, queue_id, arrived_at, agent_id, disposition)
			select 'c' || i, '1', 'main', 'order', $1::timestamptz, 'a1', case when i < 40 or i between 60 and 79 then 'sold' else 'solved' end from generate_series(0, 199) i`,
		`insert into transcripts (leg, call_id, agent_id, queue_id, started_at, state, dictionary)
			select 'c' || i || '.2', 'c' || i, 'a1', 'order', $1::timestamptz, 'done', 1 from generate_series(0, 199) i
			union all select 'c' || i || '.1', 'c' || i, 'a2', 'order', $1::timestamptz, 'done', 1 from generate_series(0, 199) i`,
		// Neither the caller's words count, nor those of an agent who passed the call on.
		`insert into transcript_lines (leg, n, at, role, start_ms, end_ms, text, agent_id)
			select 'c' || i || '.2', 1, $1::timestamptz, 'agent', 0, 900, case when i < 60 then '今天免運費喔' else '請問還需要什麼嗎' end, 'a1' from generate_series(0, 199) i
			union all select 'c' || i || '.2', 2, $1::timestamptz, 'caller', 0, 900, '今天免運費喔', 'a1' from generate_series(0, 199) i
			union all select 'c' || i || '.1', 1, $1::timestamptz, 'agent', 0, 900, '幫您轉接', 'a2' from generate_series(0, 99) i`,
	} {
		if _, err := pool.Exec(t.Context(), sql, began); err != nil {
			t.Fatal(err)
		}
	}
	q := LiftQuery{Outcome: Sold, Reach: week(topic.Topic).Reach}
	got, err := s.Mine(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if got.Calls != 200 || got.Won != 60 || got.Sampled != 200 || got.WonSample != 60 || got.Floor != 30 || got.Tried != 2 || len(got.All) != 2 {
		t.Fatalf("%+v", got)
	}
	with, against := got.All[0], got.All[1]
	if with.Text != "今天免運費喔" || with.With != 60 || with.WithWon != 40 || with.Without != 140 || with.WithoutWon != 20 || with.Rate > Believed || with.Few || against.Text != "請問還需要什麼嗎" {
		t.Errorf("%+v", got.All)
	}
	q.Outcome = Satisfied
	if got, err := s.Mine(t.Context(), q); err != nil || got.Calls != 0 || len(got.All) != 0 {
		t.Errorf("nobody was asked, but %+v, %v", got, err)
	}
	s.mining <- struct{}{}
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := s.Mine(late, q); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("two at once: %v", err)
	}
}

// BenchmarkPhrases is of 100,000 calls with 12 lines of their agents each.
func BenchmarkPhrases(b *testing.B) {
	pool := pgtest.Pool(b)
	s := NewStore(pool)
	conn, err := pool.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for _, sql := range []string{
		`set statement_timeout = 0`,
		`drop index transcript_lines_grams`, // of the search; nothing here reads it
		`insert into calls (id, line, flow, queue_id, arrived_at, agent_id, disposition)
			select 'c' || i, '1', 'main', 'order', '2026-01-01Z'::timestamptz + i * interval '86.4 seconds', 'u' || i % 100, case when i % 10 = 0 then 'sold' else 'solved' end from generate_series(0, 99999) i`,
		`insert into transcripts (leg, call_id, agent_id, queue_id, started_at, state, dictionary)
			select id || '.2', id, agent_id, queue_id, arrived_at, 'done', 1 from calls`,
	} {
		if _, err := conn.Exec(b.Context(), sql); err != nil {
			b.Fatal(sql, err)
		}
	}
	fillTalk(b, conn.Conn())
	conn.Release()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		got, err := s.Mine(b.Context(), LiftQuery{Outcome: Sold, Reach: Reach{From: from, To: from.AddDate(0, 0, 101)}})
		if err != nil || got.Calls != 100_000 || got.Sampled != mostMined {
			b.Fatal(got.Calls, got.Sampled, err)
		}
		b.ReportMetric(float64(got.Tried), "phrases")
	}
}

// fillTalk has agents say 12 lines of 14 characters in each of 100,000 calls, as often as Zipf's law has characters.
func fillTalk(b *testing.B, conn *pgx.Conn) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(r, 1.2, 8, 3000)
	const calls, lines = 100_000, 12
	_, err := conn.CopyFrom(b.Context(), pgx.Identifier{"transcript_lines"}, []string{"leg", "n", "at", "role", "start_ms", "end_ms", "text", "agent_id"},
		pgx.CopyFromSlice(calls*lines, func(i int) ([]any, error) {
			text := make([]rune, 14)
			for k := range text {
				text[k] = rune(0x4e00 + zipf.Uint64())
			}
			return []any{fmt.Sprintf("c%d.2", i/lines), i % lines, began, "agent", i % lines * 1000, i%lines*1000 + 900, string(text), "u1"}, nil
		}))
	if err != nil {
		b.Fatal(err)
	}
	for _, table := range []string{"transcript_lines", "transcripts", "calls"} {
		if _, err := conn.Exec(b.Context(), `vacuum analyze `+table); err != nil {
			b.Fatal(err)
		}
	}
}
