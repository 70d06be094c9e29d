package site

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store reads and changes the settings.
type Store struct {
	db    *pgxpool.Pool
	flows func() []string
}

// NewStore returns a store on the pool. flows gives the ids of the flows that a line may lead to; nil allows any, for
// tools that have no flows at hand.
func NewStore(db *pgxpool.Pool, flows func() []string) *Store { return &Store{db: db, flows: flows} }

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// list reads all rows of a query; what is what was being done, for the error.
func list[T any](ctx context.Context, q querier, what, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return found, nil
}

// one reads the only row of a query, or ErrNotFound.
func one[T any](ctx context.Context, q querier, what, sql string, args ...any) (T, error) {
	found, err := list[T](ctx, q, what, sql, args...)
	if err != nil || len(found) == 1 {
		var zero T
		if err != nil {
			return zero, err
		}
		return found[0], nil
	}
	var zero T
	return zero, fmt.Errorf("%s: %w", what, ErrNotFound)
}

// change runs a statement that must touch a row.
func change(ctx context.Context, q querier, what string, constraints map[string]Fault, sql string, args ...any) error {
	tag, err := q.Exec(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", what, refused(err, constraints))
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	return nil
}
