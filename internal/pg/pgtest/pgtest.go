// Package pgtest gives every test a database of its own in a real PostgreSQL, with all tables made.
//
// The server is the one that HOTLINE_TEST_DSN names. Without that, the first test that asks starts a private cluster in
// a temporary folder, without fsync and reachable through a socket alone; it goes away when the test program does,
// however that ends.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/internal/pg"
)

const timeout = 2 * time.Minute

var (
	server   = sync.OnceValues(startServer)
	template = sync.OnceValues(makeTemplate)
	made     atomic.Int64
)

// Pool returns a pool on a database of the test's own. Both go away with the test.
func Pool(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := pg.Open(t.Context(), pg.Config{DSN: DSN(t), MaxConns: 8})
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// DSN makes a database for the test, with all tables, and returns how to connect to it.
func DSN(t testing.TB) string {
	t.Helper()
	from, err := template()
	if err != nil {
		t.Fatalf("prepare a PostgreSQL for tests: %v", err)
	}
	return create(t, from)
}

// EmptyDSN makes a database without any table, for tests of the migrations themselves.
func EmptyDSN(t testing.TB) string {
	t.Helper()
	return create(t, "template0")
}

func create(t testing.TB, from string) string {
	t.Helper()
	admin, err := server()
	if err != nil {
		t.Fatalf("start a PostgreSQL for tests: %v", err)
	}
	name := fmt.Sprintf("hotline_test_%d_%d", os.Getpid(), made.Add(1))
	if err := run(admin, "create database "+name+" template "+from); err != nil {
		t.Fatalf("make the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := run(admin, "drop database "+name+" with (force)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	dsn, err := withDatabase(admin, name)
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// makeTemplate runs the migrations once for each test program; the tests' databases are copies.
func makeTemplate() (string, error) {
	admin, err := server()
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("hotline_template_%d", os.Getpid())
	if err := run(admin, "drop database if exists "+name); err != nil {
		return "", err
	}
	if err := run(admin, "create database "+name); err != nil {
		return "", err
	}
	dsn, err := withDatabase(admin, name)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return name, pg.Migrate(ctx, dsn)
}

// run executes one statement on a connection of its own: statements on databases cannot share a transaction.
func run(dsn, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	_, err = conn.Exec(ctx, statement)
	if closeErr := conn.Close(ctx); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// withDatabase returns the DSN with another database's name.
func withDatabase(dsn, name string) (string, error) {
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		return "", fmt.Errorf("parse the test server's DSN: %w", err)
	}
	out := fmt.Sprintf("host=%s port=%d user=%s dbname=%s", quote(c.Host), c.Port, quote(c.User), quote(name))
	if c.Password != "" {
		out += " password=" + quote(c.Password)
	}
	if c.TLSConfig == nil {
		out += " sslmode=disable"
	}
	return out, nil
}
