package review

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// List is a way to choose the calls that people review.
type List string

// The lists.
const (
	All     List = "all"
	Share   List = "share"   // so many percent of each agent's calls
	ByRule  List = "rule"    // something was found by a rule
	Survey  List = "survey"  // the customer answered badly
	Silence List = "silence" // nobody spoke for long
	New     List = "new"     // agents in their first weeks
	Random  List = "random"
	Appeals List = "appeals" // an agent's appeal waits
)

// Filter asks for work.
type Filter struct {
	List         List
	From, To     time.Time
	Queue, Agent string
	Rule         string // of ByRule
	Percent      int    // of Share
	Seed         string // of Share and Random: the same seed chooses the same calls
	SilenceMS    int    // of Silence
	Weeks        int    // of New
	State        string // open (what the viewer has begun too), mine, done; all when empty
	Limit        int
}

// ScoredCall is a call of a work list.
type ScoredCall struct {
	Leg          string    `json:"leg" db:"leg"`
	CallID       string    `json:"call_id" db:"call_id"`
	AgentID      string    `json:"agent_id" db:"agent_id"`
	AgentName    string    `json:"agent_name" db:"agent_name"`
	QueueID      string    `json:"queue_id" db:"queue_id"`
	At           time.Time `json:"at" db:"at"`
	LengthMS     int       `json:"length_ms" db:"length_ms"`
	MachineTotal *float32  `json:"machine_total" db:"machine_total" doc:"Percent by the machine alone."`
	Total        *float32  `json:"total" db:"total" doc:"Percent now."`
	Open         int       `json:"open" db:"open" doc:"Questions that nobody has answered."`
	Critical     int       `json:"critical" db:"critical" doc:"Critical questions that got nothing."`
	Refused      string    `json:"refused" db:"refused" enum:",short,silent,unclear" doc:"Why the rules answered nothing."`
	Violations   int       `json:"violations" db:"violations" doc:"Forbidden phrases that were found."`
	Appeals      int       `json:"appeals" db:"appeals" doc:"That wait for a decision."`
	Worst        *int      `json:"worst" db:"worst" doc:"The customer's satisfaction, 1 to 5."`
	State        string    `json:"state" db:"state" enum:"open,claimed,done"`
	Reviewer     string    `json:"reviewer" db:"reviewer" doc:"Name of whoever has or did the first review."`
	Mine         bool      `json:"mine" db:"mine" doc:"The first review is the viewer's."`
}

// workMost is how many rows a work list shows: nobody reviews more in a day.
const workMost = 200

// openAppeals counts the appeals of a recording s that wait: the last mark of the finding is the appeal.
const openAppeals = `(select count(*) from finding_marks m where m.leg = s.leg and m.mark = 'appealed' and not exists (
	select from finding_marks d where d.leg = m.leg and d.book = m.book and d.rule = m.rule and d.start_ms is not distinct from m.start_ms
	and d.id > m.id and d.mark in ('upheld', 'overturned')))`

// reviewed are the scores with their first review, which goes on or is done.
const reviewed = `from scores s left join reviews r on r.score_id = s.id and r.kind = 'review' and r.state in ('claimed', 'done')`

// workStates are the conditions of Filter.State. What the viewer has begun stays among the open.
var workStates = map[string]string{
	"":     "true",
	"open": "(r.id is null or r.state = 'claimed' and (r.expires_at <= now() or r.reviewer = @me))",
	"mine": "r.reviewer = @me and (r.state = 'done' or r.expires_at > now())",
	"done": "r.state = 'done'",
}

// Work lists calls to review. What somebody else has claimed is shown as claimed.
func (s *Store) Work(ctx context.Context, v Viewer, f Filter) ([]ScoredCall, error) {
	args := pgx.NamedArgs{
		"me": v.ID, "limit": min(max(1, f.Limit), workMost), "queue": f.Queue, "agent": f.Agent, "rule": f.Rule, "percent": f.Percent, "seed": f.Seed,
		"silence": f.SilenceMS, "weeks": f.Weeks, "from": f.From, "to": f.To,
	}
	where := v.Reach("s.agent_id", args) + ` and s.at >= @from and s.at < @to and (@queue = '' or s.queue_id = @queue) and (@agent = '' or s.agent_id = @agent)
		and not exists (select from scores newer where newer.leg = s.leg and newer.card > s.card)`
	order := "s.at desc, s.leg desc"
	state, ok := workStates[f.State]
	if !ok {
		return nil, fmt.Errorf("%q is no state of work", f.State)
	}
	switch f.List {
	case ByRule:
		where += ` and exists (select from findings f where f.leg = s.leg and f.book = s.book and f.rule = @rule)`
	case Survey:
		where += ` and exists (select from survey_answers a where a.call_id = s.call_id
			and (a.question = 'satisfaction' and a.value <= 2 or a.question = 'recommendation' and a.value <= 6))`
	case Silence:
		where += ` and exists (select from findings f where f.leg = s.leg and f.book = s.book and f.class = 'silence' and f.value >= @silence)`
	case New:
		where += ` and exists (select from users u where u.id = s.agent_id and u.created_at > s.at - @weeks * interval '7 days')`
	case Appeals:
		where += ` and exists (select from finding_marks m where m.leg = s.leg and m.mark = 'appealed') and ` + openAppeals + ` > 0`
	case Random:
		order = "md5(@seed || s.leg), s.leg"
	case Share:
		// The first so many of each agent's calls, in an order that the seed makes; at least one. An array, since that is
		// made once.
		where += ` and s.id = any (array (select id from (
				select o.id, row_number() over mine as n, count(*) over (partition by o.agent_id) as all_of_them
				from scores o where o.at >= @from and o.at < @to and not exists (select from scores newer where newer.leg = o.leg and newer.card > o.card)
				window mine as (partition by o.agent_id order by md5(@seed || o.leg), o.leg)) chosen
			where n <= ceil(@percent * 0.01 * all_of_them)))`
	case All:
	default:
		return nil, fmt.Errorf("%q is no work list", f.List)
	}
	// The calls are chosen first, so that what is shown of them is looked up for a page and not for a month.
	items, err := collect[ScoredCall](ctx, s.pool, `
		select s.leg, s.call_id, s.agent_id, coalesce(u.name, '') as agent_name, coalesce(s.queue_id, '') as queue_id, s.at, s.length_ms,
			s.machine_total, s.total, s.open, s.critical, s.refused,
			(select count(*) from findings f where f.leg = s.leg and f.book = s.book and f.class = 'phrase' and f.role = 'agent' and f.start_ms is not null) as violations,
			`+openAppeals+` as appeals,
			(select a.value from survey_answers a where a.call_id = s.call_id and a.question = 'satisfaction' limit 1) as worst,
			case when r.state = 'done' then 'done' when r.state = 'claimed' and r.expires_at > now() then 'claimed' else 'open' end as state,
			case when r.state = 'done' or r.expires_at > now() then coalesce(ru.name, r.reviewer, '') else '' end as reviewer,
			coalesce(r.reviewer = @me and (r.state = 'done' or r.expires_at > now()), false) as mine
		from (select s.id `+reviewed+` where `+where+` and `+state+` order by `+order+` limit @limit) chosen
		join scores s on s.id = chosen.id left join users u on u.id = s.agent_id
		left join reviews r on r.score_id = s.id and r.kind = 'review' and r.state in ('claimed', 'done')
		left join users ru on ru.id = r.reviewer
		order by `+order, args)
	if err != nil {
		return nil, fmt.Errorf("list work for reviewers: %w", err)
	}
	return items, nil
}
