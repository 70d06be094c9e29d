package task

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
)

// Store keeps tasks.
type Store struct {
	pool *pgxpool.Pool
}

// NewStore is over the pool.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// Add adds a task. It is false, and changes nothing, when there is one with the key.
func (s *Store) Add(ctx context.Context, n New) (added bool, err error) { return Add(ctx, s.pool, n) }

// Execer is a pool or a transaction.
type Execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Add is Store.Add within a transaction of the caller's. One statement, so that a task never lacks its history.
func Add(ctx context.Context, db Execer, n New) (added bool, err error) {
	if n.By == "" {
		n.By = ByFlow
	}
	var due *time.Time
	if !n.Due.IsZero() {
		due = &n.Due
	}
	tag, err := db.Exec(ctx, `
		with added as (
			insert into tasks (key, kind, queue_id, call_id, customer_id, note, due, made_by, leg)
			values ($1, $2, nullif($3, ''), nullif($4, ''), nullif($5::bigint, 0), $6, coalesce($7, now()), $8, nullif($9, ''))
			on conflict (key) do update set leg = excluded.leg where excluded.leg is not null
			returning id, xmax = 0 as fresh)
		insert into task_events (task_id, by, what)
		select id, (select u.id from users u where u.id = $8), 'added' from added where fresh`,
		n.Key, n.Kind, n.Queue, n.Call, n.Customer, strings.TrimSpace(n.Note), due, n.By, n.Leg)
	if err != nil {
		return false, fmt.Errorf("add the task %s: %w", n.Key, err)
	}
	return tag.RowsAffected() > 0, nil
}

// columns of a Task, from tasks t and what belongs to it.
const columns = `select t.id, t.kind, t.state, coalesce(t.queue_id, '') as queue, coalesce(t.call_id, '') as call, coalesce(t.leg, '') as leg,
	coalesce(c.caller_e164, '') as caller, coalesce(t.customer_id, c.customer_id, 0) as customer, coalesce(k.name, '') as customer_name,
	coalesce(c.agent_id, '') as agent, t.note, coalesce(t.owner, '') as owner, coalesce(u.name, '') as owner_name,
	t.due, t.made_by, t.created_at, t.closed_at, t.reason
	from tasks t left join calls c on c.id = t.call_id left join customers k on k.id = coalesce(t.customer_id, c.customer_id)
	left join users u on u.id = t.owner `

// reach is the condition that the viewer may see t: what they have taken or closed; of what nobody has, that of the queues
// they serve. A team's covers its people and their queues, and what has no queue. Nobody is shown a survey's complaint about
// themselves: somebody else follows it up.
func (v Viewer) reach(args pgx.NamedArgs) string {
	args["viewer"], args["team"] = v.ID, v.Team
	switch v.Scope {
	case "all":
		return "true"
	case "team":
		return `(t.owner in (select id from users where team_id = @team) or t.owner is null and (t.queue_id is null or t.queue_id in
			(select m.queue_id from queue_members m join users mu on mu.id = m.user_id where mu.team_id = @team)))`
	default:
		return `(t.owner = @viewer or t.owner is null and t.queue_id in (select queue_id from queue_members where user_id = @viewer)
			and (t.made_by <> '` + BySurvey + `' or c.agent_id is distinct from @viewer))`
	}
}

// Filter chooses tasks.
type Filter struct {
	// Closed lists done and dropped tasks, the last closed first; else open and taken ones, the first due first.
	Closed bool
	State  State // "" for all
	Kind   Kind
	Queue  string
	Owner  string // a user
	Call   string
	// After goes on behind a task; At is its due, or when it was closed.
	After *Place
	Limit int
}

// Place is where a page of a list ended.
type Place struct {
	At time.Time
	ID int64
}

// Place of the task in its list.
func (t Task) Place() Place {
	if t.Closed != nil {
		return Place{*t.Closed, t.ID}
	}
	return Place{t.Due, t.ID}
}

// List returns up to f.Limit tasks that the viewer may see.
func (s *Store) List(ctx context.Context, v Viewer, f Filter) ([]Task, error) {
	args := pgx.NamedArgs{"limit": f.Limit}
	where := []string{v.reach(args)}
	equal := func(column, name, value string) {
		if value != "" {
			where = append(where, column+" = @"+name)
			args[name] = value
		}
	}
	equal("t.state", "state", string(f.State))
	equal("t.kind", "kind", string(f.Kind))
	equal("t.queue_id", "queue", f.Queue)
	equal("t.owner", "owner", f.Owner)
	equal("t.call_id", "call", f.Call)
	order, column, beyond := "t.due, t.id", "t.due", ">"
	if f.Closed {
		order, column, beyond = "t.closed_at desc, t.id desc", "t.closed_at", "<"
		where = append(where, "t.closed_at is not null")
	} else {
		where = append(where, "t.closed_at is null")
	}
	if f.After != nil {
		where = append(where, "("+column+", t.id) "+beyond+" (@at::timestamptz, @id::bigint)")
		args["at"], args["id"] = f.After.At, f.After.ID
	}
	rows, err := s.pool.Query(ctx, columns+"where "+strings.Join(where, " and ")+" order by "+order+" limit @limit", args)
	if err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Task])
	if err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	return found, nil
}

// Covers is the condition that a recording, by the column of its leg, is one that the viewer may hear for the sake of a task.
func (v Viewer) Covers(leg string, args pgx.NamedArgs) string {
	return `exists (select from tasks t left join calls c on c.id = t.call_id where t.leg = ` + leg + ` and ` + v.reach(args) + `)`
}

// Erase forgets which recording tasks are about that is thrown away.
func Erase(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
	_, err := tx.Exec(ctx, `update tasks set leg = null where leg = $1`, leg)
	return err
}

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func one(ctx context.Context, db querier, v Viewer, number int64, lock string) (Task, error) {
	args := pgx.NamedArgs{"id": number}
	rows, err := db.Query(ctx, columns+"where t.id = @id and "+v.reach(args)+lock, args)
	if err != nil {
		return Task{}, err
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Task])
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	return t, err
}

// Get returns a task that the viewer may see, and its history.
func (s *Store) Get(ctx context.Context, v Viewer, id int64) (Task, []Event, error) {
	t, err := one(ctx, s.pool, v, id, "")
	if err != nil {
		return Task{}, nil, fmt.Errorf("read task %d: %w", id, err)
	}
	rows, err := s.pool.Query(ctx, `select e.at, coalesce(e.by, '') as by, coalesce(u.name, '') as name, e.what, e.note
		from task_events e left join users u on u.id = e.by where e.task_id = $1 order by e.id`, id)
	if err != nil {
		return Task{}, nil, fmt.Errorf("read the history of task %d: %w", id, err)
	}
	events, err := pgx.CollectRows(rows, pgx.RowToStructByName[Event])
	if err != nil {
		return Task{}, nil, fmt.Errorf("read the history of task %d: %w", id, err)
	}
	return t, events, nil
}
