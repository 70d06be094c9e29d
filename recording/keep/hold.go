package keep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
)

// ErrNotFound means that there is no such hold or rule.
var ErrNotFound = errors.New("there is no such thing")

// Query names recordings. All that is set must be true of the recording's call.
type Query struct {
	Queue    string      `json:"queue,omitempty"`
	Agent    id.AgentID  `json:"agent,omitempty"`
	Customer int64       `json:"customer,omitempty"`
	Outcome  string      `json:"outcome,omitempty"` // the disposition
	Calls    []id.CallID `json:"calls,omitempty"`
	From     time.Time   `json:"from,omitzero"` // recorded at or after
	To       time.Time   `json:"to,omitzero"`   // recorded before
}

// ErrEverything refuses a query that names nothing, which would be everything.
var ErrEverything = errors.New("the query names nothing: say at least from when")

// ErrReason refuses a hold without a reason.
var ErrReason = errors.New("say the reason")

func (q Query) empty() bool {
	return q.Queue == "" && q.Agent == "" && q.Customer == 0 && q.Outcome == "" && len(q.Calls) == 0 && q.From.IsZero() && q.To.IsZero()
}

// Hold is a legal hold.
type Hold struct {
	ID            int64      `db:"id"`
	Reason        string     `db:"reason"`
	Owner         id.AgentID `db:"owner"`
	Placed        time.Time  `db:"placed_at"`
	Released      *time.Time `db:"released_at"`
	ReleasedBy    id.AgentID `db:"released_by"`
	ReleaseReason string     `db:"release_reason"`
	Query         Query      `db:"-"`
	Recordings    int64      `db:"recordings"` // that it covers so far
}

// coverSQL adds the recordings that open holds name, those of hold @hold or leg @leg alone. It locks the rows, so that none
// is thrown away meanwhile.
const coverSQL = `
	insert into legal_hold_legs (hold, leg)
	select h.id, r.leg from legal_holds h
	join recordings r on r.started_at >= coalesce(h.from_at, '-infinity') and r.started_at < coalesce(h.to_at, 'infinity')
	left join calls c on c.id = r.call_id
	where %s and h.released_at is null and r.state <> 'erased'
		and (h.queue_id is null or c.queue_id = h.queue_id)
		and (h.agent_id is null or r.agent_id = h.agent_id)
		and (h.customer_id is null or c.customer_id = h.customer_id)
		and (h.outcome is null or c.disposition = h.outcome)
		and (h.calls is null or r.call_id = any (h.calls))
	for share of r
	on conflict do nothing`

func cover(ctx context.Context, tx pgx.Tx, condition string, value any) (int64, error) {
	tag, err := tx.Exec(ctx, fmt.Sprintf(coverSQL, condition), value)
	return tag.RowsAffected(), err
}

// Place puts all recordings that the query names under a hold, however many there are, and returns it.
func (s *Store) Place(ctx context.Context, q Query, reason string, owner id.AgentID) (Hold, error) {
	reason = strings.TrimSpace(reason)
	if q.empty() {
		return Hold{}, ErrEverything
	}
	if reason == "" {
		return Hold{}, ErrReason
	}
	h := Hold{Reason: reason, Owner: owner, Query: q}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// A hold of millions takes longer than a query on a live path may.
		if _, err := tx.Exec(ctx, `set local statement_timeout = 0`); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `insert into legal_holds (reason, owner, queue_id, agent_id, customer_id, outcome, calls, from_at, to_at)
			values ($1, $2, nullif($3, ''), nullif($4, ''), nullif($5, 0), nullif($6, ''), $7, $8, $9) returning id, placed_at`,
			reason, owner, q.Queue, string(q.Agent), q.Customer, q.Outcome, nonEmpty(q.Calls), known(q.From), known(q.To)).Scan(&h.ID, &h.Placed)
		if err != nil {
			return err
		}
		if h.Recordings, err = cover(ctx, tx, "h.id = $1", h.ID); err != nil {
			return err
		}
		return audit(ctx, tx, owner, "place_hold", fmt.Sprintf("hold:%d", h.ID), map[string]any{"query": q, "reason": reason, "recordings": h.Recordings})
	})
	if err != nil {
		return Hold{}, fmt.Errorf("place a legal hold: %w", err)
	}
	return h, nil
}

// Release ends a hold. What it covered stays written down.
func (s *Store) Release(ctx context.Context, hold int64, reason string, who id.AgentID) error {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return ErrReason
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update legal_holds set released_at = now(), released_by = $2, release_reason = $3 where id = $1 and released_at is null`, hold, who, reason)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		return audit(ctx, tx, who, "release_hold", fmt.Sprintf("hold:%d", hold), map[string]any{"reason": reason})
	})
	if err != nil {
		return fmt.Errorf("release legal hold %d: %w", hold, err)
	}
	return nil
}

const holdColumns = `h.id, h.reason, h.owner, h.placed_at, h.released_at, coalesce(h.released_by, '') as released_by, h.release_reason,
	coalesce(h.queue_id, '') as queue_id, coalesce(h.agent_id, '') as agent_id, coalesce(h.customer_id, 0) as customer_id,
	coalesce(h.outcome, '') as outcome, h.calls, h.from_at, h.to_at`

// holdRow is a row of legal_holds, flat.
type holdRow struct {
	Hold
	QueueID    string      `db:"queue_id"`
	AgentID    id.AgentID  `db:"agent_id"`
	CustomerID int64       `db:"customer_id"`
	Outcome    string      `db:"outcome"`
	Calls      []id.CallID `db:"calls"`
	FromAt     *time.Time  `db:"from_at"`
	ToAt       *time.Time  `db:"to_at"`
}

func collectHolds(rows pgx.Rows) ([]Hold, error) {
	found, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[holdRow])
	if err != nil {
		return nil, err
	}
	holds := make([]Hold, len(found))
	for i, r := range found {
		holds[i] = r.Hold
		holds[i].Query = Query{Queue: r.QueueID, Agent: r.AgentID, Customer: r.CustomerID, Outcome: r.Outcome, Calls: r.Calls, From: value(r.FromAt), To: value(r.ToAt)}
	}
	return holds, nil
}

// Holds returns all holds, or only those that are not released, the newest first.
func (s *Store) Holds(ctx context.Context, released bool) ([]Hold, error) {
	rows, err := s.pool.Query(ctx, `select `+holdColumns+`, (select count(*) from legal_hold_legs l where l.hold = h.id) as recordings
		from legal_holds h where $1 or h.released_at is null order by h.id desc`, released)
	if err != nil {
		return nil, fmt.Errorf("list legal holds: %w", err)
	}
	holds, err := collectHolds(rows)
	if err != nil {
		return nil, fmt.Errorf("list legal holds: %w", err)
	}
	return holds, nil
}

// holding returns the open holds on a leg. Those whose query names it only now cover it from now on.
func holding(ctx context.Context, tx pgx.Tx, leg id.LegID) ([]Hold, error) {
	if _, err := cover(ctx, tx, "r.leg = $1", leg); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `select `+holdColumns+` from legal_holds h join legal_hold_legs l on l.hold = h.id
		where l.leg = $1 and h.released_at is null order by h.id`, leg)
	if err != nil {
		return nil, err
	}
	return collectHolds(rows)
}

// audit writes the access log in the transaction of what it tells. who is empty for the program itself.
func audit(ctx context.Context, tx pgx.Tx, who id.AgentID, action, object string, detail map[string]any) error {
	raw, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("encode an entry of the access log: %w", err)
	}
	_, err = tx.Exec(ctx, `insert into access_log (user_id, action, object, detail) values (nullif($1, ''), $2, $3, $4)`, string(who), action, object, raw)
	return err
}

func nonEmpty(calls []id.CallID) []id.CallID {
	if len(calls) == 0 {
		return nil
	}
	return calls
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func value(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
