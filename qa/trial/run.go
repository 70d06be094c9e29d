package trial

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa"
)

// batch is how many calls are judged between two looks at whether the trial was stopped.
const batch = 10

// Run judges the calls of a trial, from where an earlier attempt left them. It returns qa.ErrLate when the trial was stopped or
// another attempt has begun; one that has ended is left as it is.
func (s *Store) Run(ctx context.Context, trial int64) error {
	attempt, left, err := s.begin(ctx, trial)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("begin trial %d: %w", trial, err)
	}
	j, err := s.judgingOf(ctx, trial)
	if err != nil {
		return fmt.Errorf("trial %d: %w", trial, err)
	}
	for left > 0 {
		n, err := s.step(ctx, trial, attempt, min(batch, left), j)
		if err != nil {
			return fmt.Errorf("trial %d: %w", trial, err)
		}
		if n == 0 { // some were erased since they were counted
			break
		}
		left -= n
	}
	tag, err := s.pool.Exec(ctx, `update rule_trials set state = 'done', ended_at = now(), total = done where id = $1 and attempt = $2 and state = 'running'`, trial, attempt)
	if err == nil && tag.RowsAffected() == 0 {
		err = qa.ErrLate
	}
	if err != nil {
		return fmt.Errorf("end trial %d: %w", trial, err)
	}
	return nil
}

// chosen are the transcripts of a trial t.
const chosen = `x.state = 'done' and x.started_at < t.before and (t.since is null or x.started_at >= t.since) and (t.queue_id = '' or x.queue_id = t.queue_id)`

// begin starts an attempt, and says how many calls are left; those of a trial that is new are counted.
func (s *Store) begin(ctx context.Context, trial int64) (attempt, left int, err error) {
	err = s.pool.QueryRow(ctx, `update rule_trials t set state = 'running', reason = '', attempt = attempt + 1,
			total = coalesce(total, (select count(*) from (select from transcripts x where `+chosen+` limit t.most) counted))
		where id = $1 and state in ('waiting', 'running') returning attempt, total - done`, trial).Scan(&attempt, &left)
	return attempt, left, err
}

// heard is a transcript to judge.
type heard struct {
	leg     id.LegID
	agent   string
	started time.Time
	data    []byte
}

// step judges the next calls and returns how many there were. Their rows are held until what was found is written.
func (s *Store) step(ctx context.Context, trial int64, attempt, most int, j judging) (n int, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select x.leg, x.agent_id, x.started_at, x.data from transcripts x, rule_trials t
			where t.id = $1 and `+chosen+` and (t.reached is null or (x.started_at, x.leg) < (t.reached_at, t.reached))
			order by x.started_at desc, x.leg desc limit $2 for share of x`, trial, most)
		if err != nil {
			return err
		}
		calls, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h heard, err error) {
			return h, row.Scan(&h.leg, &h.agent, &h.started, &h.data)
		})
		if n = len(calls); err != nil || n == 0 {
			return err
		}
		unread, err := write(ctx, tx, trial, calls, j)
		if err != nil {
			return err
		}
		last := calls[n-1]
		tag, err := tx.Exec(ctx, `update rule_trials set done = done + $3, unread = unread + $4, reached_at = $5, reached = $6
			where id = $1 and attempt = $2 and state = 'running'`, trial, attempt, n, unread, last.started, last.leg)
		if err == nil && tag.RowsAffected() == 0 {
			err = qa.ErrLate
		}
		return err
	})
	return n, err
}

// write judges calls and keeps what is found. One whose transcript cannot be read is counted, and left out.
func write(ctx context.Context, tx pgx.Tx, trial int64, calls []heard, j judging) (unread int, err error) {
	var all [][]any
	for _, h := range calls {
		t, err := qa.Unpack(h.data)
		if err != nil {
			unread++
			continue
		}
		for _, f := range j.findings(&t) {
			at := h.started
			if f.Start != nil {
				at = at.Add(time.Duration(*f.Start) * time.Millisecond)
			}
			all = append(all, []any{
				trial, h.leg, h.agent, at, f.Side, f.Rule, f.Class, f.Phrase, f.Heard, f.Role, f.Start, f.End, f.Match, float32(f.Apart), float32(f.Value),
			})
		}
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"rule_trial_findings"},
		[]string{"trial_id", "leg", "agent_id", "at", "side", "rule", "class", "phrase", "heard", "role", "start_ms", "end_ms", "match", "apart", "value"},
		pgx.CopyFromRows(all))
	return unread, err
}

// Note says, for people, why a trial failed, or is tried again when it has not.
func (s *Store) Note(ctx context.Context, trial int64, failed bool, reason string) error {
	_, err := s.pool.Exec(ctx, `update rule_trials set reason = $2, state = case when $3 then 'failed' else 'waiting' end, ended_at = case when $3 then now() end
		where id = $1 and state in ('waiting', 'running')`, trial, reason, failed)
	if err != nil {
		return fmt.Errorf("note the state of trial %d: %w", trial, err)
	}
	return nil
}
