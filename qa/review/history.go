package review

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/qa/score"
)

// PeriodViolation is how often a forbidden phrase was said in a week or month, by all whom the question is of.
type PeriodViolation struct {
	From      string     `json:"from" db:"from" doc:"The Monday, or the first of the month, in the site's time zone."`
	Rule      string     `json:"rule" db:"rule"`
	Phrase    string     `json:"phrase" db:"phrase" doc:"As the rule writes it."`
	Count     int        `json:"count" db:"count" doc:"That stand: neither rejected, corrected, overturned nor under appeal."`
	Confirmed int        `json:"confirmed" db:"confirmed" doc:"Of them, those that a person confirmed."`
	Appealed  int        `json:"appealed" db:"appealed" doc:"Not counted until they are decided."`
	Step      score.Step `json:"step" db:"step" enum:",remind,coach,warn,report" doc:"The hardest step that was taken in it."`
}

// HistoryQuery asks for counts by week or month.
type HistoryQuery struct {
	From, To time.Time
	Agent    string // all whom the viewer's scope covers when empty
	Step     string // week or month
	Zone     string // where weeks and months begin
}

// History counts what Violations counts, by period and phrase, the newest period first.
func (s *Store) History(ctx context.Context, v Viewer, q HistoryQuery) ([]PeriodViolation, error) {
	args := pgx.NamedArgs{"since": q.From, "until": q.To, "agent": q.Agent, "rule": "", "step": q.Step, "zone": q.Zone}
	period := func(at string) string {
		return "to_char(date_trunc(@step, " + at + " at time zone @zone), 'YYYY-MM-DD')"
	}
	items, err := collect[PeriodViolation](ctx, s.pool, `
		with found as (`+violationsFound(v, args)+`),
		counted as (
			select `+period("at")+` as "from", rule, max(phrase) as phrase, count(*) filter (where mark <> 'appealed') as count,
				count(*) filter (where mark in ('confirmed', 'upheld')) as confirmed, count(*) filter (where mark = 'appealed') as appealed
			from found where mark not in ('rejected', 'corrected', 'overturned') group by 1, 2),
		taken as (
			select `+period("d.at")+` as "from", d.rule, (array_agg(d.step order by array_position(array['remind', 'coach', 'warn', 'report'], d.step) desc))[1] as step
			from violation_steps d where d.at >= @since and d.at <= @until and (@agent = '' or d.agent_id = @agent) and `+v.Reach("d.agent_id", args)+`
			group by 1, 2)
		select "from", rule, coalesce(c.phrase, '') as phrase, coalesce(c.count, 0) as count, coalesce(c.confirmed, 0) as confirmed,
			coalesce(c.appealed, 0) as appealed, coalesce(t.step, '') as step
		from counted c full join taken t using ("from", rule) order by "from" desc, count desc, rule limit 2000`, args)
	if err != nil {
		return nil, fmt.Errorf("count violations by %s: %w", q.Step, err)
	}
	return items, nil
}
