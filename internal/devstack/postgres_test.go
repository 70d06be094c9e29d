package devstack

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestPostgresKeepsItsDataOverARestart(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a real PostgreSQL")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// Long enough that a socket in it could not be reached by its own path; private, so that only root may enter.
	dir := filepath.Join(t.TempDir(), strings.Repeat("a-long-name/", 9))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		p, err := StartPostgres(ctx, dir, PostgresOptions{Volatile: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Stop() })
		conn, err := pgx.Connect(ctx, p.DSN)
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			if _, err := conn.Exec(ctx, "create table kept as select '客服' as word"); err != nil {
				t.Fatal(err)
			}
		}
		var word string
		if err := conn.QueryRow(ctx, "select word from kept").Scan(&word); err != nil || word != "客服" {
			t.Errorf("round %d: read %q, %v", round, word, err)
		}
		if err := conn.Close(ctx); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := p.Stop(); err != nil {
				t.Errorf("stop: %v", err)
			}
		}
		if _, err := os.Stat(filepath.Dir(p.socket)); err == nil && p.shortDir != "" {
			t.Errorf("%s is left behind", p.shortDir)
		}
	}
}
