package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// taskDays is how far back tasks reach: older ones would long be done.
const taskDays = 3

// makeTasks leaves what people still have to do: low answers of the last days are followed up, and those who gave up in a queue
// are called back. Of both the older ones are done.
func (w *world) makeTasks(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
		with wanted as (
			select 'survey:' || survey || ':' || call_id as key, 'follow-up' as kind, queue_id, call_id, question || ': ' || value as note,
				at + interval '1 day' as due, 'survey' as made_by, at as created_at
			from survey_answers where question = 'satisfaction' and value <= 2 and at > $1
			union all
			select 'demo:' || id, 'callback', queue_id, id, array_to_string(path, ' › '), ended_at + interval '4 hours', 'flow', ended_at
			from calls where outcome = 'abandoned' and ended_at > $1 and caller_e164 is not null
		), by as (
			select w.*, (select u.id from users u join queue_members m on m.user_id = u.id where m.queue_id = w.queue_id and u.role = 'agent'
				order by md5(u.id || w.call_id) limit 1) as who from wanted w
		), added as (
			insert into tasks (key, kind, state, queue_id, call_id, note, owner, due, made_by, created_at, closed_at, reason)
			select key, kind, case when who is null or due > $2 then 'open' else 'done' end, queue_id, call_id, note,
				case when due <= $2 then who end, due, made_by, created_at, case when who is not null and due <= $2 then due - interval '30 minutes' end,
				case when who is not null and due <= $2 then '已聯絡，客戶滿意。' else '' end
			from by order by key on conflict (key) do nothing returning *
		)
		insert into task_events (task_id, at, by, what, note)
		select id, created_at, null, 'added', '' from added
		union all select id, closed_at - interval '5 minutes', owner, 'taken', '' from added where closed_at is not null
		union all select id, closed_at, owner, 'done', reason from added where closed_at is not null
		order by 1, 2`, w.Now.AddDate(0, 0, -taskDays), w.Now.Add(-time.Hour))
	if err != nil {
		return fmt.Errorf("leave tasks: %w", err)
	}
	return nil
}
