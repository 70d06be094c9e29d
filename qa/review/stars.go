package review

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/qa"
)

// Star is an agent who is proposed or named as 客服之星 of a month, with the figures that speak for it.
type Star struct {
	AgentID    string   `json:"agent_id" db:"agent_id"`
	AgentName  string   `json:"agent_name" db:"agent_name"`
	Calls      int      `json:"calls" db:"calls" doc:"Scored calls of the month."`
	Score      float64  `json:"score" db:"score" doc:"Their mean percentage."`
	Reviewed   int      `json:"reviewed" db:"reviewed" doc:"Of them, those that a person reviewed."`
	Violations int      `json:"violations" db:"violations" doc:"Forbidden phrases that stand."`
	Responses  int      `json:"responses" db:"responses" doc:"Calls whose customer said how satisfied they were."`
	CSAT       *float64 `json:"csat" db:"csat" doc:"Their mean satisfaction, 1 to 5."`
	Figure     float64  `json:"figure" db:"-" doc:"What the order is by: the mean percentage, and for a fifth the satisfaction where at least five customers answered."`
	Reasons    []string `json:"reasons" db:"-" doc:"calls, score, reviewed, no_violations, few_violations, csat: which figures are the reason."`
	NamedBy    string   `json:"named_by" db:"named_by" doc:"Name; empty while proposed."`
}

// Stars are the proposals of a month and who was named.
type Stars struct {
	Month     string `json:"month" doc:"YYYY-MM"`
	LeastCall int    `json:"least_calls" doc:"Whoever has fewer scored calls is not proposed."`
	Items     []Star `json:"items"`
}

const (
	starCalls     = 10 // fewer scored calls say too little
	starResponses = 5
	starMost      = 5 // proposals
)

// Stars proposes the best of a month.
func (s *Store) Stars(ctx context.Context, v Viewer, month, next time.Time) (Stars, error) {
	out := Stars{Month: month.Format("2006-01"), LeastCall: starCalls}
	args := pgx.NamedArgs{"from": month, "to": next, "least": starCalls, "day": month.Format(time.DateOnly)}
	items, err := collect[Star](ctx, s.pool, `
		with mine as (
			select s.agent_id, s.leg, s.call_id, s.total, s.reviewed_at,
				(select count(*) from findings f left join lateral (select m.mark from finding_marks m left join reviews r on r.id = m.review_id
						where m.leg = f.leg and m.book = f.book and m.rule = f.rule and m.start_ms = f.start_ms and m.mark <> 'acknowledged'
						and (r.id is null or r.kind = 'review' and r.state = 'done') order by m.id desc limit 1) m on true
					where f.leg = s.leg and f.book = s.book and f.class = 'phrase' and f.role = 'agent' and f.start_ms is not null
					and coalesce(m.mark, '') not in ('rejected', 'corrected', 'overturned')) as violations,
				(select a.value from survey_answers a where a.call_id = s.call_id and a.question = 'satisfaction' limit 1) as csat
			from scores s where s.at >= @from and s.at < @to and s.total is not null and `+v.Reach("s.agent_id", args)+`
				and not exists (select from scores newer where newer.leg = s.leg and newer.card > s.card))
		select m.agent_id, coalesce(u.name, '') as agent_name, count(*) as calls, avg(m.total)::float8 as score, count(m.reviewed_at) as reviewed,
			sum(m.violations)::int as violations, count(m.csat) as responses, avg(m.csat)::float8 as csat, coalesce(max(n.name), max(st.by), '') as named_by
		from mine m join users u on u.id = m.agent_id left join stars st on st.agent_id = m.agent_id and st.month = @day::date
		left join users n on n.id = st.by
		where u.active or st.by is not null
		group by m.agent_id, u.name having count(*) >= @least or max(st.by) is not null`, args)
	if err != nil {
		return Stars{}, fmt.Errorf("propose the stars of %s: %w", out.Month, err)
	}
	for i := range items {
		items[i].weigh()
	}
	slices.SortStableFunc(items, func(a, b Star) int {
		switch {
		case a.Figure != b.Figure && a.Figure > b.Figure:
			return -1
		case a.Figure != b.Figure:
			return 1
		}
		return b.Calls - a.Calls
	})
	named := 0
	out.Items = slices.DeleteFunc(items, func(st Star) bool {
		named++
		return named > starMost && st.NamedBy == ""
	})
	return out, nil
}

// weigh makes the figure of the order, and says what speaks for the agent.
func (st *Star) weigh() {
	st.Figure = st.Score
	st.Reasons = []string{"calls", "score"}
	if st.CSAT != nil && st.Responses >= starResponses {
		st.Figure = 0.8*st.Score + 0.2*(*st.CSAT-1)*25
		if *st.CSAT >= 4 {
			st.Reasons = append(st.Reasons, "csat")
		}
	}
	switch {
	case st.Violations == 0:
		st.Reasons = append(st.Reasons, "no_violations")
	case st.Violations*20 <= st.Calls:
		st.Reasons = append(st.Reasons, "few_violations")
	}
	if st.Reviewed > 0 {
		st.Reasons = append(st.Reasons, "reviewed")
	}
}

// NameStar names one of the proposed, with the figures of now.
func (s *Store) NameStar(ctx context.Context, v Viewer, month, next time.Time, agent string) error {
	if agent == v.ID {
		return refuse("own_call", "nobody names themselves: leave it to somebody else")
	}
	stars, err := s.Stars(ctx, v, month, next)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(stars.Items, func(st Star) bool { return st.AgentID == agent })
	if i < 0 {
		return ErrNotFound
	}
	reasons, err := json.Marshal(stars.Items[i])
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `insert into stars (month, agent_id, reasons, by) values ($1, $2, $3, $4) on conflict do nothing`, month.Format(time.DateOnly), agent, reasons, v.ID)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return qa.Note(ctx, tx, "", v.ID, "star", map[string]any{"agent": agent, "month": stars.Month})
	})
	if err != nil {
		return fmt.Errorf("name a star of %s: %w", stars.Month, err)
	}
	return nil
}
