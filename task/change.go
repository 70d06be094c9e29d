package task

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Take gives an open task to the viewer. Taken again by the same person nothing changes.
func (s *Store) Take(ctx context.Context, v Viewer, id int64) (Task, error) {
	return s.change(ctx, v, id, "taken", "", func(t Task) (bool, error) {
		switch {
		case t.State == Taken && t.Owner == v.ID:
			return false, nil
		case t.State == Taken:
			return false, &Refusal{"task_taken", "somebody else has taken it: take another"}
		}
		return true, nil
	})
}

// Return gives a taken task back to its queue.
func (s *Store) Return(ctx context.Context, v Viewer, id int64, note string) (Task, error) {
	return s.change(ctx, v, id, "returned", note, func(t Task) (bool, error) {
		if t.State == Open {
			return false, nil
		}
		return true, v.holds(t)
	})
}

// Done closes a task of the viewer's; note says what came of it.
func (s *Store) Done(ctx context.Context, v Viewer, id int64, note string) (Task, error) {
	return s.change(ctx, v, id, "done", note, func(t Task) (bool, error) {
		if t.State != Taken || t.Owner != v.ID {
			return false, &Refusal{"not_taken", "it is not yours: take it first"}
		}
		return true, nil
	})
}

// Drop closes a task without its having been done, for a reason.
func (s *Store) Drop(ctx context.Context, v Viewer, id int64, reason string) (Task, error) {
	return s.change(ctx, v, id, "dropped", reason, func(t Task) (bool, error) {
		if strings.TrimSpace(reason) == "" {
			return false, &Refusal{"reason_needed", "say why it is dropped"}
		}
		return true, v.holds(t)
	})
}

// holds refuses who neither has the task nor leads.
func (v Viewer) holds(t Task) error {
	if t.State == Taken && t.Owner == v.ID || v.Lead {
		return nil
	}
	return &Refusal{"not_taken", "it is not yours: take it first, or ask a supervisor"}
}

// states that a change leads to.
var states = map[string]State{"taken": Taken, "returned": Open, "done": Done, "dropped": Dropped}

// change does one change of a task, unless allow says that it is so already or may not be. A closed task stays as it is.
func (s *Store) change(ctx context.Context, v Viewer, id int64, what, note string, allow func(Task) (bool, error)) (t Task, err error) {
	note = strings.TrimSpace(note)
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if t, err = one(ctx, tx, v, id, " for update of t"); err != nil {
			return err
		}
		if t.Closed != nil {
			return &Refusal{"task_closed", "it is closed already"}
		}
		if due, err := allow(t); err != nil || !due {
			return err
		}
		_, err := tx.Exec(ctx, `update tasks set state = $2::text,
				owner = case $2::text when 'open' then null when 'taken' then $3 else owner end,
				closed_at = case when $2::text in ('done', 'dropped') then now() end,
				reason = case when $2::text in ('done', 'dropped') then $4 else '' end
			where id = $1`, id, states[what], v.ID, note)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into task_events (task_id, by, what, note) values ($1, $2, $3, $4)`, id, v.ID, what, note)
		if err != nil {
			return err
		}
		t, err = one(ctx, tx, Viewer{Scope: "all"}, id, "")
		return err
	})
	if err != nil {
		return Task{}, fmt.Errorf("change task %d: %w", id, err)
	}
	return t, nil
}
