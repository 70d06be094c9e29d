package flowstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Count is how many came by a step of a flow.
type Count struct {
	Step    string `db:"step"`
	Calls   int64  `db:"calls"`   // each counted once
	Visits  int64  `db:"visits"`  // however often
	Dropped int64  `db:"dropped"` // whose caller hung up there
}

// Counts returns the figures of a flow for calls that arrived from a time on, until another, to the hour. version is the hash
// of one text; "" takes all together.
func (s *Store) Counts(ctx context.Context, flow, version string, from, until time.Time) ([]Count, error) {
	rows, err := s.db.Query(ctx, `select step, sum(calls)::bigint as calls, sum(visits)::bigint as visits, sum(dropped)::bigint as dropped
		from flow_hours where flow = $1 and hour >= $2 and hour < $3 and ($4 = '' or version = $4) group by step order by calls desc, step`,
		flow, from, until, version)
	if err != nil {
		return nil, fmt.Errorf("count the calls in flow %s: %w", flow, err)
	}
	counts, err := pgx.CollectRows(rows, pgx.RowToStructByName[Count])
	if err != nil {
		return nil, fmt.Errorf("count the calls in flow %s: %w", flow, err)
	}
	return counts, nil
}

// Entered is a step that a call entered.
type Entered struct {
	N       int       `db:"n"` // from 1
	At      time.Time `db:"at"`
	Flow    string    `db:"flow"`
	Version string    `db:"version"` // hash of the text
	Step    string    `db:"step"`
}

// Path returns the steps of a call in order.
func (s *Store) Path(ctx context.Context, call string) ([]Entered, error) {
	rows, err := s.db.Query(ctx, `select n, at, flow, version, step from call_steps where call_id = $1 order by n`, call)
	if err != nil {
		return nil, fmt.Errorf("read the path of call %s: %w", call, err)
	}
	path, err := pgx.CollectRows(rows, pgx.RowToStructByName[Entered])
	if err != nil {
		return nil, fmt.Errorf("read the path of call %s: %w", call, err)
	}
	return path, nil
}
