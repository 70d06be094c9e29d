package demo_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/customer"
	"hotline/internal/demo"
	"hotline/internal/pg"
	"hotline/internal/pg/pgtest"
)

// size is how much the benchmarks make; HOTLINE_BENCH_CUSTOMERS and HOTLINE_BENCH_CALLS change it.
func size(b *testing.B, name string, usual int) int {
	b.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	return n
}

// BenchmarkPop reads what a desk shows of a caller, with 1,000,000 customers and 10,000,000 past calls: the goal is a
// p99 of 50 ms from the call's event to the desk, most of which is for others. HOTLINE_BENCH_DSN names a database that
// is kept between runs; without it the data is made first, which takes minutes.
func BenchmarkPop(b *testing.B) {
	o := demo.Options{
		Customers: size(b, "HOTLINE_BENCH_CUSTOMERS", 1_000_000), Calls: size(b, "HOTLINE_BENCH_CALLS", 10_000_000), Seed: 1, Now: now, Hash: cheap,
		Progress: func(what string, done, of int) { b.Logf("%s: %d of %d", what, done, of) },
	}
	pool := bigPool(b)
	if _, err := demo.Seed(b.Context(), pool, o); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	made, err := demo.Generate(b.Context(), pool, o)
	if err != nil {
		b.Fatal(err)
	}
	if made {
		b.Logf("made in %s", time.Since(began).Round(time.Second))
	}
	s := customer.NewStore(pool)
	b.Run("pop", func(b *testing.B) {
		measure(b, func(r *rand.Rand) error {
			_, err := s.Pop(b.Context(), demo.Number(r.IntN(o.Customers), o.Customers), 0)
			return err
		})
	})
	b.Run("history", func(b *testing.B) {
		measure(b, func(r *rand.Rand) error {
			_, _, err := s.History(b.Context(), 1+r.Int64N(int64(o.Customers)), customer.Cursor{}, 50)
			return err
		})
	})
	for what, texts := range map[string][]string{
		"search-name": {"陳怡君", "林志", "明華", "王", "Emily", "佳穎"}, "search-phone": {"0900-123-456", "0900123", "090012"}, "search-order": {"HL260901", "HL261120-00"},
	} {
		b.Run(what, func(b *testing.B) {
			measure(b, func(r *rand.Rand) error {
				_, err := s.Search(b.Context(), texts[r.IntN(len(texts))], 20)
				return err
			})
		})
	}
}

func bigPool(b *testing.B) *pgxpool.Pool {
	b.Helper()
	dsn := os.Getenv("HOTLINE_BENCH_DSN")
	if dsn == "" {
		return pgtest.Pool(b)
	}
	if err := pg.Migrate(b.Context(), dsn); err != nil {
		b.Fatal(err)
	}
	pool, err := pg.Open(b.Context(), pg.Config{DSN: dsn})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	return pool
}

// measure reports the median and the 99th percentile beside the mean.
func measure(b *testing.B, do func(*rand.Rand) error) {
	r := rand.New(rand.NewPCG(1, 2))
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if err := do(r); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
}
