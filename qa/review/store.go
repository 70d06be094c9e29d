package review

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/qa"
)

// Store keeps reviews and what follows from them.
type Store struct {
	pool    *pgxpool.Pool
	quality *qa.Store
}

// NewStore is over the pool.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool, quality: qa.NewStore(pool)} }

// ErrNotFound means that there is no such thing, or none that the viewer's scope covers.
var ErrNotFound = qa.ErrNotFound

// Refusal is something that the rules of reviewing do not allow.
type Refusal struct {
	Code string // taken, own_call, first_look, not_claimed, not_decided, decided, stale, incomplete, value, clip, blind, closed
	Why  string // with the remedy
}

func (r *Refusal) Error() string { return r.Why }

func refuse(code, why string, args ...any) error { return &Refusal{code, fmt.Sprintf(why, args...)} }

// Viewer is whoever asks, and whose calls they may see.
type Viewer struct {
	ID    string
	Scope string // own, team, all
	Team  string
}

// Reach is the condition that a column with an agent lies in the viewer's scope.
func (v Viewer) Reach(column string, args pgx.NamedArgs) string {
	switch v.Scope {
	case "all":
		return "true"
	case "team":
		args["viewer_team"] = v.Team
		return column + " in (select id from users where team_id = @viewer_team)"
	default:
		args["viewer"] = v.ID
		return column + " = @viewer"
	}
}

// head is what a score is about, locked.
type head struct {
	id    int64
	leg   id.LegID
	agent string
	card  int
	book  int
}

// lock finds the newest score of a recording in the viewer's scope, and keeps others from changing it.
func lock(ctx context.Context, tx pgx.Tx, v Viewer, leg id.LegID) (h head, err error) {
	args := pgx.NamedArgs{"leg": leg}
	err = tx.QueryRow(ctx, `select s.id, s.leg, s.agent_id, s.card, s.book from scores s where s.leg = @leg and `+v.Reach("s.agent_id", args)+`
		order by s.card desc limit 1 for update`, args).Scan(&h.id, &h.leg, &h.agent, &h.card, &h.book)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, ErrNotFound
	}
	return h, err
}

// collect reads all rows into T by the names of columns; never nil.
func collect[T any](ctx context.Context, db interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}, sql string, args ...any,
) ([]T, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if all == nil {
		all = []T{}
	}
	return all, err
}
