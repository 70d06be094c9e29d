package qa

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotline/qa/lift"
	"hotline/qa/topic"
)

// Outcome of a call that wordings are set against.
type Outcome string

// The outcomes: by the disposition, and by the customer's answers.
const (
	Sold      Outcome = topic.Sold
	Resolved  Outcome = topic.Resolved
	Satisfied Outcome = "satisfied" // 4 or 5
	Promoter  Outcome = "promoter"  // 9 or 10
)

// LiftQuery asks which wordings go with an outcome.
type LiftQuery struct {
	Reach   // with a beginning and an end
	Outcome Outcome
	Survey  string // whose answers count, of an outcome that is an answer
}

// Wording is how agents put something, with how often its calls have the outcome.
type Wording struct {
	Entry string
	lift.Counts
	lift.Lift
}

// Lifts are wordings against one outcome.
type Lifts struct {
	Calls int // of which the outcome is known
	Won   int // that have it
	All   []Wording
}

// known and won are conditions on a call, by outcome: that its outcome is known, and that it is this one. A call that nobody
// asked for satisfaction says nothing about it.
var known, won = map[Outcome]string{
	Sold: "c.disposition is not null", Resolved: "c.disposition is not null", Satisfied: "a.value is not null", Promoter: "a.value is not null",
}, map[Outcome]string{
	Sold: "c.disposition = any(@codes)", Resolved: "c.disposition = any(@codes)", Satisfied: "a.value >= 4", Promoter: "a.value >= 9",
}

var questions = map[Outcome]string{Satisfied: "satisfaction", Promoter: "recommendation"}

// talks are the recordings of the agents who ended their calls, of which the outcome is known. where is the reach over columns.
func (q LiftQuery) talks(live LiveDictionary, args pgx.NamedArgs) (sql, where string) {
	codes := live.Dictionary.Outcomes[string(q.Outcome)]
	if codes == nil {
		codes = []string{}
	}
	args["codes"], args["survey"], args["question"] = codes, q.Survey, questions[q.Outcome]
	where = q.where("at", args)
	return `
			select t.call_id, t.leg, ` + won[q.Outcome] + ` as won
			from (select leg, call_id, agent_id from (select *, started_at as at from transcripts where state = 'done') d where ` + where + `) t
			join calls c on c.id = t.call_id and c.agent_id = t.agent_id
			left join survey_answers a on a.call_id = t.call_id and a.survey = @survey and a.question = @question
			where ` + known[q.Outcome], where
}

// Lifts counts the calls with each wording of the live dictionary, and those without it. A call has a wording when the agent who
// ended it said so: the disposition and the answers are of that talk.
func (s *Store) Lifts(ctx context.Context, q LiftQuery) (Lifts, error) {
	live, err := s.LiveDictionary(ctx)
	if err != nil {
		return Lifts{}, err
	}
	args := pgx.NamedArgs{}
	talks, where := q.talks(live, args)
	rows, err := s.pool.Query(ctx, `
		with talks as materialized (select distinct call_id, won from (`+talks+`) t),
		said as (select distinct call_id, agent_id, entry from mentions where kind = 'wording' and role = 'agent' and `+where+`)
		select '' as entry, count(*) as calls, count(*) filter (where won) as won from talks
		union all
		select s.entry, count(*), count(*) filter (where t.won) from said s join talks t on t.call_id = s.call_id
			join calls c on c.id = s.call_id and c.agent_id = s.agent_id group by s.entry`, args)
	if err != nil {
		return Lifts{}, fmt.Errorf("count wordings: %w", err)
	}
	out := Lifts{All: []Wording{}}
	var entry string
	var with, withWon int
	counts := map[string]lift.Counts{}
	_, err = pgx.ForEachRow(rows, []any{&entry, &with, &withWon}, func() error {
		if entry == "" {
			out.Calls, out.Won = with, withWon
		} else {
			counts[entry] = lift.Counts{With: with, WithWon: withWon}
		}
		return nil
	})
	if err != nil {
		return Lifts{}, fmt.Errorf("count wordings: %w", err)
	}
	for _, e := range live.Dictionary.Entries {
		if c := counts[e.ID]; e.Kind == topic.Wording && c.With > 0 {
			c.Without, c.WithoutWon = out.Calls-c.With, out.Won-c.WithWon
			out.All = append(out.All, Wording{e.ID, c, lift.Of(c)})
		}
	}
	lift.Sort(out.All, func(w Wording) lift.Lift { return w.Lift })
	return out, nil
}

// Surveys are those that anybody has answered.
func (s *Store) Surveys(ctx context.Context) ([]string, error) {
	// From each survey to the next, by the index: there are few of them and many answers.
	rows, err := s.pool.Query(ctx, `
		with recursive named as (
			(select survey from survey_answers order by survey limit 1)
			union all
			select (select a.survey from survey_answers a where a.survey > n.survey order by a.survey limit 1) from named n where n.survey is not null)
		select survey from named where survey is not null`)
	if err != nil {
		return nil, fmt.Errorf("list surveys: %w", err)
	}
	all, err := pgx.AppendRows([]string{}, rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list surveys: %w", err)
	}
	return all, nil
}
