package qa

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/internal/pg/pgtest"
	"hotline/qa/rule"
)

const benchLines = 3_000_000

// benchPool is a database with 3,000,000 lines of 100,000 calls, as after months of a large site.
func benchPool(b *testing.B) *pgxpool.Pool {
	b.Helper()
	pool := pgtest.Pool(b)
	conn, err := pool.Acquire(b.Context()) // one connection, which may take its time
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	run := func(statements ...string) {
		b.Helper()
		for _, sql := range statements {
			if _, err := conn.Exec(b.Context(), sql); err != nil {
				b.Fatal(err)
			}
		}
	}
	run(`set statement_timeout = 0`, `set maintenance_work_mem = '1GB'`, `drop index transcript_lines_grams`) // filled faster without
	fillLines(b, conn, benchLines)
	run(`create index transcript_lines_grams on transcript_lines using gin (text_grams(folded))`,
		`insert into teams (id, name) values ('t1', 'T')`, `update users set team_id = 't1' where id in ('u1', 'u2', 'u3', 'u4')`, `vacuum analyze transcript_lines`)
	return pool
}

// BenchmarkSearch looks for a word of every third line, of one in 400 and of one in 10,000; by side, team, agent and time; beside
// what PostgreSQL does with the same question by itself. The p99 is of all of them.
func BenchmarkSearch(b *testing.B) {
	pool := benchPool(b)
	s := NewStore(pool)
	end := began.Add(benchLines * time.Second)
	var all []Search
	for _, text := range []string{"您好", "退貨", "消基會", "沒有人說過"} {
		all = append(all, Search{Text: text}, Search{Text: text, Role: rule.Caller}, Search{Text: text, Team: "t1"}, Search{Text: text, Agent: "u7"},
			Search{Text: text, From: end.Add(-240 * time.Hour), To: end.Add(-200 * time.Hour), Queue: "order"})
	}
	plain := func(ctx context.Context, q Search) error {
		f := newFinder(q)
		f.words = []string{q.Text}
		_, err := collect(pool.Query(ctx, `select `+lineCols+` from transcript_lines where `+f.wanted()+` and `+f.period()+` order by at desc, leg desc, n desc limit @limit`, f.args))
		return err
	}
	ask := func(ctx context.Context, q Search) error { _, err := s.Find(ctx, q); return err }
	for name, do := range map[string]func(context.Context, Search) error{"ours": ask, "plain": plain} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				for _, q := range all {
					q.Limit = 51
					start := time.Now()
					if err := do(b.Context(), q); err != nil {
						b.Fatalf("%+v: %v", q, err)
					}
					took = append(took, time.Since(start))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "worst-ms")
		})
	}
}
