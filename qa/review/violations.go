package review

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/qa"
	"hotline/qa/score"
)

// Violation is how often an agent said a forbidden phrase lately.
type Violation struct {
	AgentID   string     `json:"agent_id" db:"agent_id"`
	AgentName string     `json:"agent_name" db:"agent_name"`
	Rule      string     `json:"rule" db:"rule"`
	Phrase    string     `json:"phrase" db:"phrase" doc:"As the rule writes it."`
	Count     int        `json:"count" db:"count" doc:"That stand: neither rejected, corrected, overturned nor under appeal."`
	Confirmed int        `json:"confirmed" db:"confirmed" doc:"Of them, those that a person confirmed."`
	Appealed  int        `json:"appealed" db:"appealed" doc:"Not counted until they are decided."`
	Last      time.Time  `json:"last" db:"last"`
	LastLeg   string     `json:"last_leg" db:"last_leg"`
	LastMS    int        `json:"last_ms" db:"last_ms"`
	Done      score.Step `json:"done" db:"done" enum:",remind,coach,warn,report" doc:"The hardest step that was confirmed within the period."`
	DoneAt    *time.Time `json:"done_at" db:"done_at"`
	Proposed  score.Step `json:"proposed" db:"-" enum:",remind,coach,warn,report" doc:"What the count calls for beyond that."`
}

// Violations are those of the scorecard's period.
type Violations struct {
	Steps score.Steps `json:"steps"`
	Items []Violation `json:"items"`
}

// steps in the order of hardness.
var stepRank = map[score.Step]int{score.NoStep: 0, score.Remind: 1, score.Coach: 2, score.Warn: 3, score.Report: 4}

// Violations counts by agent and phrase.
func (s *Store) Violations(ctx context.Context, v Viewer, agent string, now time.Time) (Violations, error) {
	c, err := s.quality.LiveCard(ctx)
	if err != nil {
		return Violations{}, err
	}
	out := Violations{Steps: c.Steps, Items: []Violation{}}
	if c.Steps.Days == 0 {
		return out, nil
	}
	if out.Items, err = violations(ctx, s.pool, v, agent, "", c.Steps, now); err != nil {
		return Violations{}, fmt.Errorf("count violations: %w", err)
	}
	return out, nil
}

func violations(ctx context.Context, db interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}, v Viewer, agent, ruleID string, steps score.Steps, now time.Time,
) ([]Violation, error) {
	args := pgx.NamedArgs{"since": now.AddDate(0, 0, -steps.Days), "until": now, "agent": agent, "rule": ruleID}
	items, err := collect[Violation](ctx, db, `
		with found as (`+violationsFound(v, args)+`),
		counted as (
			select agent_id, rule, max(phrase) as phrase, count(*) filter (where mark not in ('rejected', 'corrected', 'overturned', 'appealed')) as count,
				count(*) filter (where mark in ('confirmed', 'upheld')) as confirmed, count(*) filter (where mark = 'appealed') as appealed,
				max(at) as last, (array_agg(leg order by at desc))[1] as last_leg, (array_agg(start_ms order by at desc))[1] as last_ms
			from found where mark not in ('rejected', 'corrected', 'overturned') group by agent_id, rule)
		select c.agent_id, coalesce(u.name, '') as agent_name, c.rule, c.phrase, c.count, c.confirmed, c.appealed, c.last, c.last_leg, c.last_ms,
			coalesce(d.step, '') as done, d.at as done_at
		from counted c left join users u on u.id = c.agent_id
		left join lateral (select step, at from violation_steps d where d.agent_id = c.agent_id and d.rule = c.rule and d.at >= @since
			order by array_position(array['remind', 'coach', 'warn', 'report'], d.step) desc, d.at desc limit 1) d on true
		order by c.count desc, c.last desc limit 500`, args)
	if err != nil {
		return nil, err
	}
	for i := range items {
		if step := steps.For(items[i].Count); stepRank[step] > stepRank[items[i].Done] {
			items[i].Proposed = step
		}
	}
	return items, nil
}

// violationsFound are the forbidden phrases of agents between @since and @until, each with what was last said of it.
func violationsFound(v Viewer, args pgx.NamedArgs) string {
	return `
			select f.agent_id, f.rule, f.phrase, f.at, f.leg, f.start_ms, coalesce(m.mark, '') as mark
			from findings f
			left join lateral (select m.mark from finding_marks m left join reviews r on r.id = m.review_id
				where m.leg = f.leg and m.book = f.book and m.rule = f.rule and m.start_ms = f.start_ms and m.mark <> 'acknowledged'
				and (r.id is null or r.kind = 'review' and r.state = 'done') order by m.id desc limit 1) m on true
			where f.class = 'phrase' and f.role = 'agent' and f.start_ms is not null and f.at >= @since and f.at <= @until
				and (@agent = '' or f.agent_id = @agent) and (@rule = '' or f.rule = @rule) and ` + v.Reach("f.agent_id", args) + `
				and exists (select from scores s where s.leg = f.leg and s.book = f.book)`
}

// ConfirmStep says that a person takes the step that is proposed now.
func (s *Store) ConfirmStep(ctx context.Context, v Viewer, agent, ruleID string, step score.Step, note string, now time.Time) error {
	if agent == v.ID {
		return refuse("own_call", "nobody confirms a step against themselves: leave it to somebody else")
	}
	c, err := s.quality.LiveCard(ctx)
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('violation_steps ' || $1))`, agent); err != nil {
			return err
		}
		items, err := violations(ctx, tx, v, agent, ruleID, c.Steps, now)
		if err != nil {
			return err
		}
		if len(items) == 0 {
			return ErrNotFound
		}
		if items[0].Proposed != step {
			return refuse("stale", "%q is not what is proposed now: read the list again", step)
		}
		if _, err := tx.Exec(ctx, `insert into violation_steps (agent_id, rule, step, count, days, by, note) values ($1, $2, $3, $4, $5, $6, $7)`,
			agent, ruleID, step, items[0].Count, c.Steps.Days, v.ID, note); err != nil {
			return err
		}
		return qa.Note(ctx, tx, "", v.ID, "step", map[string]any{"agent": agent, "rule": ruleID, "step": step, "count": items[0].Count})
	})
	if err != nil {
		return fmt.Errorf("confirm a step: %w", err)
	}
	return nil
}
