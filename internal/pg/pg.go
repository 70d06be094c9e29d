// Package pg opens the database and brings its tables up to date. The SQL of a domain lies beside the domain; what lies
// here is the pool, the migrations, and (in pgtest) a database of its own for every test.
package pg

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Config says which database, and how many connections a process may hold on it.
type Config struct {
	// DSN is a PostgreSQL connection string or URL. Empty means the PG* environment variables.
	DSN string `yaml:"dsn"`
	// MaxConns is the size of the pool; 0 means 16.
	MaxConns int32 `yaml:"max_conns"`
}

const (
	defaultMaxConns = 16
	connectTimeout  = 3 * time.Second
	// A query that runs longer than this on a live path is a fault; jobs and generators set their own.
	statementTimeout = 30 * time.Second
)

// Check returns every fault of the configuration, in words for the operator.
func (c Config) Check() []string {
	var faults []string
	if c.MaxConns < 0 || c.MaxConns > 1000 {
		faults = append(faults, fmt.Sprintf("max_conns: %d connections; give a number from 1 to 1000, or leave it out for %d", c.MaxConns, defaultMaxConns))
	}
	if _, err := pgxpool.ParseConfig(c.DSN); err != nil {
		// The parser's words leave the password out.
		faults = append(faults, fmt.Sprintf("dsn: %v; write it like postgres://user@/hotline?host=/run/postgresql", err))
	}
	return faults
}

// Open makes a pool. It does not wait for the database: connections are made when first needed, so that a process
// starts while PostgreSQL is away.
func Open(ctx context.Context, c Config) (*pgxpool.Pool, error) {
	pc, err := pgxpool.ParseConfig(c.DSN)
	if err != nil {
		return nil, fmt.Errorf("parse the database's DSN: %w", err)
	}
	pc.MaxConns = c.MaxConns
	if pc.MaxConns == 0 {
		pc.MaxConns = defaultMaxConns
	}
	pc.MaxConnIdleTime = 5 * time.Minute
	pc.MaxConnLifetime = time.Hour
	pc.MaxConnLifetimeJitter = 10 * time.Minute
	pc.ConnConfig.ConnectTimeout = connectTimeout
	setDefault(pc.ConnConfig.RuntimeParams, "application_name", "hotline")
	setDefault(pc.ConnConfig.RuntimeParams, "timezone", "UTC")
	setDefault(pc.ConnConfig.RuntimeParams, "statement_timeout", fmt.Sprint(statementTimeout.Milliseconds()))
	setDefault(pc.ConnConfig.RuntimeParams, "idle_in_transaction_session_timeout", "60000")
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return pool, nil
}

// setDefault leaves alone what the DSN sets.
func setDefault(params map[string]string, name, value string) {
	if _, set := params[name]; !set {
		params[name] = value
	}
}
