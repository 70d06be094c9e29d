// Package pgtest gives every test a database of its own in a real PostgreSQL, with all tables made.
//
// The server is the one that HOTLINE_TEST_DSN names. Without that, the first test that asks starts a private cluster in
// a temporary folder, without fsync and reachable through a socket alone; it goes away when the test program does,
// however that ends.
package pgtest

import (
	"context"
	"errors"
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

// templateLock lets test programs that share a server wait for the first. The number means nothing.
const templateLock = 0x74657374

// ready is the comment on a template that is whole.
const ready = "all tables made"

// makeTemplate returns the database of which the tests' are copies. The first test program on a server makes it for all
// with the same migrations.
func makeTemplate() (name string, err error) {
	admin, err := server()
	if err != nil {
		return "", err
	}
	fingerprint, err := pg.Fingerprint()
	if err != nil {
		return "", err
	}
	name = "hotline_template_" + fingerprint
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return "", fmt.Errorf("connect to the test server: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", templateLock); err != nil {
		return "", fmt.Errorf("wait for the template: %w", err)
	}
	var there bool
	if err := conn.QueryRow(ctx, `select exists (select from pg_database
		where datname = $1 and shobj_description(oid, 'pg_database') = $2)`, name, ready).Scan(&there); err != nil || there {
		return name, err
	}
	for _, sql := range []string{"drop database if exists " + name, "create database " + name} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return "", fmt.Errorf("%s: %w", sql, err)
		}
	}
	dsn, err := withDatabase(admin, name)
	if err != nil {
		return "", err
	}
	if err := pg.Migrate(ctx, dsn); err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, fmt.Sprintf("comment on database %s is '%s'", name, ready))
	return name, err
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
