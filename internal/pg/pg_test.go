package pg_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"hotline/internal/pg"
	"hotline/internal/pg/pgtest"
)

func TestConcurrentStartsMigrateOnce(t *testing.T) {
	dsn := pgtest.EmptyDSN(t)
	g, ctx := errgroup.WithContext(t.Context())
	for range 4 {
		g.Go(func() error { return pg.Migrate(ctx, dsn) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := pg.Migrate(t.Context(), dsn); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	pool, err := pg.Open(t.Context(), pg.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for _, table := range []string{"calls", "customers", "river_job"} {
		var there bool
		if err := pool.QueryRow(t.Context(), "select to_regclass($1) is not null", table).Scan(&there); err != nil || !there {
			t.Errorf("table %s: there %t, %v", table, there, err)
		}
	}
}

func TestAppendOnlyTablesRefuseUpdates(t *testing.T) {
	pool := pgtest.Pool(t)
	if _, err := pool.Exec(t.Context(), `insert into call_event (call, floor, seq, at, kind, data) values ('c', 1, 1, now(), 'CallArrived', '{}')`); err != nil {
		t.Fatal(err)
	}
	_, err := pool.Exec(t.Context(), `update call_event set kind = 'other'`)
	if pgErr := new(pgconn.PgError); !errors.As(err, &pgErr) || !strings.Contains(pgErr.Message, "append-only") {
		t.Errorf("update of call_event: %v", err)
	}
}

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	a, b := pgtest.Pool(t), pgtest.Pool(t)
	if _, err := a.Exec(t.Context(), `insert into teams (id, name) values ('x', 'x')`); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := b.QueryRow(t.Context(), `select count(*) from teams`).Scan(&n); err != nil || n != 0 {
		t.Errorf("the other database has %d teams, %v", n, err)
	}
}

func TestEveryForeignKeyHasAnIndex(t *testing.T) {
	pool := pgtest.Pool(t)
	// users.team_id and orders.product point at tables of a few rows that are hardly ever deleted from.
	allowed := map[string]bool{"users.team_id": true, "orders.product": true}
	rows, err := pool.Query(t.Context(), `
		select c.conrelid::regclass || '.' || a.attname
		from pg_constraint c
		join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
		where c.contype = 'f' and c.connamespace = 'public'::regnamespace and c.conrelid::regclass::text not like 'river%'
		  and not exists (select 1 from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1] and i.indpred is null)`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		if !allowed[column] {
			t.Errorf("foreign key %s has no index", column)
		}
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	faults := pg.Config{DSN: "postgres://u:secret@h:notaport/x", MaxConns: -1}.Check()
	if len(faults) != 2 {
		t.Fatalf("faults = %q", faults)
	}
	for _, f := range faults {
		if strings.Contains(f, "secret") {
			t.Errorf("a fault shows the password: %s", f)
		}
	}
	if faults := (pg.Config{}).Check(); len(faults) != 0 {
		t.Errorf("an empty configuration has faults: %q", faults)
	}
}

func TestOpenDoesNotNeedTheServer(t *testing.T) {
	pool, err := pg.Open(context.Background(), pg.Config{DSN: "host=" + t.TempDir() + " user=nobody"})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.Ping(t.Context()); err == nil {
		t.Error("a server where there is none")
	}
}
