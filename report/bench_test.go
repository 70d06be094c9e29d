package report_test

import (
	"slices"
	"testing"
	"time"

	"hotline/internal/pg/pgtest"
	"hotline/report"
)

// BenchmarkResults asks for results over a year of 1,200 agents in 12 queues with 3,000,000 answers of 1,750,000 calls. The goal
// is 1 s for the slowest.
func BenchmarkResults(b *testing.B) {
	pool := pgtest.Pool(b)
	conn, err := pool.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	for _, sql := range []string{
		`set statement_timeout = 0`, `set work_mem = '256MB'`,
		`create temp table asked as select 'c' || n as id, 'q' || n % 12 as queue, 'u' || (n::bigint * 7919) % 1200 as agent,
			timestamptz '2025-01-01Z' + n * interval '18 s' as at from generate_series(1, 1750000) n`,
		`insert into calls (id, line, flow, queue_id, agent_id, arrived_at, answered_at) select id, '1', 'main', queue, agent, at, at from asked`,
		`insert into survey_offers (call_id, survey, version, queue_id, agent_id, offered_at, finished_at)
			select id, 'after-call', 'v1', queue, agent, at, case when random() < 0.9 then at end from asked`,
		`insert into survey_answers (call_id, survey, version, question, value, at, queue_id, agent_id)
			select id, 'after-call', 'v1', 'satisfaction', 1 + (random() * 4)::integer, at, queue, agent from asked limit 1500000`,
		`insert into survey_answers (call_id, survey, version, question, value, at, queue_id, agent_id)
			select id, 'after-call', 'v1', 'recommendation', (random() * 10)::integer, at, queue, agent from asked limit 1500000`,
		`vacuum analyze survey_days`, `vacuum analyze survey_offer_days`, `vacuum analyze call_days`,
	} {
		if _, err := conn.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	conn.Release()
	stored := time.Since(began)
	s := report.NewStore(pool)
	began = time.Now()
	if found, err := s.Check(b.Context(), 1); err != nil || len(found) > 0 {
		b.Fatal(found, err)
	}
	compared := time.Since(began)
	year := report.Filter{Survey: "after-call", From: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	month := year
	month.To = year.From.AddDate(0, 1, 0)
	queue, agent := year, year
	queue.Queue, agent.Agent = "q3", "u7"
	var slowest []time.Duration
	for _, ask := range []struct {
		name string
		f    report.Filter
		by   report.By
	}{
		{"year-by-queue", year, "queue"},
		{"year-by-agent", year, "agent"},
		{"year-by-day", year, "day"},
		{"year-by-month", year, "month"},
		{"year-by-campaign", year, "campaign"},
		{"month-by-agent", month, "agent"},
		{"queue-by-week", queue, "week"},
		{"agent-by-day", agent, "day"},
	} {
		b.Run(ask.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				groups, err := s.Results(b.Context(), all, ask.f, ask.by)
				if err != nil || report.Sum(groups).Started == 0 {
					b.Fatal(len(groups), err)
				}
				took = append(took, time.Since(began))
			}
			b.ReportMetric(float64(slices.Max(took).Milliseconds()), "slowest-ms")
			slowest = append(slowest, slices.Max(took))
		})
	}
	b.Logf("slowest of all %s; the answers were stored and counted in %s, and compared with the counts in %s",
		slices.Max(slowest).Round(time.Millisecond), stored.Round(time.Second), compared.Round(time.Second))
}
