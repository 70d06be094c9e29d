package keep_test

import (
	"context"
	"testing"
	"time"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/recording/keep"
)

// BenchmarkHold places a hold on 50,000 of 100,000 recordings. Its goal is 10 s.
func BenchmarkHold(b *testing.B) {
	pool := pgtest.Pool(b)
	for _, sql := range []string{
		`insert into calls (id, line, flow, queue_id, disposition, arrived_at)
			select 'c' || n, '+886800000123', 'main', case n % 2 when 0 then 'order' else 'service' end, 'sold', now() - n * interval '5 minutes' from generate_series(1, 100000) n`,
		`insert into recordings (leg, call_id, agent_id, state, started_at, duration_ms, sha256, path, peaks)
			select 'c' || n || '.2', 'c' || n, 'u' || n % 1200, 'stored', now() - n * interval '5 minutes', 300000, repeat('ab', 32), 'p/' || n, decode(repeat(md5(n::text), 250), 'hex')
			from generate_series(1, 100000) n`,
		`analyze calls`, `analyze recordings`,
	} {
		if _, err := pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	store := keep.NewStore(pool, 0, func(context.Context, id.LegID) error { return nil })
	var slowest time.Duration
	for b.Loop() {
		began := time.Now()
		h, err := store.Place(b.Context(), keep.Query{Queue: "order"}, "dispute", "u5")
		if err != nil || h.Recordings != 50000 {
			b.Fatal(h, err)
		}
		slowest = max(slowest, time.Since(began))
	}
	b.ReportMetric(float64(slowest.Milliseconds()), "slowest-ms")
}
