package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"hotline/ivr/survey"
)

// Store reads results.
type Store struct {
	pool *pgxpool.Pool
}

// NewStore is over the pool.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// Viewer is whoever asks, and whose results they may see.
type Viewer struct {
	ID    string
	Scope string // own, team, all
	Team  string
}

// By is what results are put together by.
type By string

// grouping is SQL: the column that rows are grouped by, and the key that a group of it is shown by. The key is made of few
// groups rather than of each row.
type grouping struct{ column, key string }

var groupings = map[By]grouping{
	"queue": {"queue_id", "column"}, "agent": {"agent_id", "column"}, "way": {"way", "column"}, "campaign": {"campaign", "column"},
	"version": {"version", "column"}, "occasion": {"occasion", "column"}, "day": {"day", "to_char(column, 'YYYY-MM-DD')"},
	"week": {"day", "to_char(date_trunc('week', column), 'YYYY-MM-DD')"}, "month": {"day", "to_char(column, 'YYYY-MM')"},
}

// sums is a query for the sums of figures, by the grouping and by further columns.
func (g grouping) sums(figures []string, by, from string) string {
	var inner, outer strings.Builder
	for _, f := range figures {
		fmt.Fprintf(&inner, ", sum(%[1]s) as %[1]s", f)
		fmt.Fprintf(&outer, ", sum(%s)", f)
	}
	return "select " + strings.ReplaceAll(g.key, "column", "grouped") + " as key" + by + outer.String() +
		" from (select " + g.column + " as grouped" + by + inner.String() + " from " + from + " group by " + g.column + by + ") s group by key" + by
}

// MaxValue is the highest answer that has a count of its own.
const MaxValue = 10

// Filter chooses answers and offers. Days are those of the site.
type Filter struct {
	Survey   string
	From, To time.Time // whole days, both inclusive
	Queue    string
	Agent    string
	Way      string
	Campaign string
}

// Counts are the answers to a question: of 0, of 1 ... of 10.
type Counts [MaxValue + 1]int

// Total is all of them.
func (c Counts) Total() int {
	sum := 0
	for _, n := range c {
		sum += n
	}
	return sum
}

// Group is the result of one queue, agent, day or whatever was asked for.
type Group struct {
	Key string
	// Answered are the calls that an agent answered, of whom the survey could have been asked.
	Answered int
	Offered  int
	Started  int // at least one answer
	Finished int // the end of the survey was heard
	Counts   map[string]Counts
	Other    map[string]int // answers above MaxValue, by question
}

func newGroup(key string) *Group {
	return &Group{Key: key, Counts: map[string]Counts{}, Other: map[string]int{}}
}

// Sum is all groups in one.
func Sum(groups []Group) Group {
	all := newGroup("")
	for _, g := range groups {
		all.Answered += g.Answered
		all.Offered += g.Offered
		all.Started += g.Started
		all.Finished += g.Finished
		for q, counts := range g.Counts {
			sum := all.Counts[q]
			for v, n := range counts {
				sum[v] += n
			}
			all.Counts[q] = sum
		}
		for q, n := range g.Other {
			all.Other[q] += n
		}
	}
	return *all
}

// where is the conditions of the filter and of the viewer's reach.
func (f Filter) where(v Viewer, args pgx.NamedArgs, calls bool) string {
	conditions := []string{"day between @from and @to"}
	args["from"], args["to"] = f.From, f.To
	equal := func(column, name, value string) {
		if value != "" {
			conditions = append(conditions, column+" = @"+name)
			args[name] = value
		}
	}
	if !calls {
		conditions = append(conditions, "survey = @survey")
		args["survey"] = f.Survey
		equal("way", "way", f.Way)
		equal("campaign", "campaign", f.Campaign)
	}
	equal("queue_id", "queue", f.Queue)
	equal("agent_id", "agent", f.Agent)
	switch v.Scope {
	case "all":
	case "team":
		conditions = append(conditions, "agent_id in (select id from users where team_id = @team)")
		args["team"] = v.Team
	default:
		equal("agent_id", "viewer", v.ID)
		if v.ID == "" {
			conditions = append(conditions, "false")
		}
	}
	return " where " + strings.Join(conditions, " and ")
}

// Results are the groups that have anything, by their keys.
func (s *Store) Results(ctx context.Context, v Viewer, f Filter, by By) ([]Group, error) {
	to, ok := groupings[by]
	if !ok {
		return nil, fmt.Errorf("survey results by %q: there is no such grouping", by)
	}
	parts := [3]map[string]*Group{{}, {}, {}}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.answers(ctx, v, f, to, parts[0]) })
	g.Go(func() error { return s.offers(ctx, v, f, to, parts[1]) })
	// Calls have no way, campaign or version.
	if !slices.Contains([]By{"way", "campaign", "version", "occasion"}, by) && f.Way == "" && f.Campaign == "" {
		g.Go(func() error { return s.answered(ctx, v, f, to, parts[2]) })
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("survey results of %s: %w", f.Survey, err)
	}
	whole := map[string][]Group{}
	for _, part := range parts {
		for key, g := range part {
			whole[key] = append(whole[key], *g)
		}
	}
	groups := make([]Group, 0, len(whole))
	for key, same := range whole {
		sum := Sum(same)
		sum.Key = key
		groups = append(groups, sum)
	}
	slices.SortFunc(groups, func(a, b Group) int { return strings.Compare(a.Key, b.Key) })
	return groups, nil
}

func at(groups map[string]*Group, key string) *Group {
	if groups[key] == nil {
		groups[key] = newGroup(key)
	}
	return groups[key]
}

func (s *Store) answers(ctx context.Context, v Viewer, f Filter, by grouping, into map[string]*Group) error {
	args := pgx.NamedArgs{}
	figures := []string{"v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "other"}
	rows, err := s.pool.Query(ctx, by.sums(figures, ", question", "survey_days"+f.where(v, args, false)), args)
	if err != nil {
		return err
	}
	var name, question string
	var c Counts
	var other int
	to := []any{&name, &question}
	for i := range c {
		to = append(to, &c[i])
	}
	_, err = pgx.ForEachRow(rows, append(to, &other), func() error {
		if c.Total() > 0 {
			at(into, name).Counts[question] = c
		}
		if other > 0 {
			at(into, name).Other[question] = other
		}
		return nil
	})
	return err
}

func (s *Store) offers(ctx context.Context, v Viewer, f Filter, by grouping, into map[string]*Group) error {
	args := pgx.NamedArgs{}
	rows, err := s.pool.Query(ctx, by.sums([]string{"offered", "started", "finished"}, "", "survey_offer_days"+f.where(v, args, false)), args)
	if err != nil {
		return err
	}
	var name string
	var offered, started, finished int
	_, err = pgx.ForEachRow(rows, []any{&name, &offered, &started, &finished}, func() error {
		if offered > 0 {
			g := at(into, name)
			g.Offered, g.Started, g.Finished = offered, started, finished
		}
		return nil
	})
	return err
}

func (s *Store) answered(ctx context.Context, v Viewer, f Filter, by grouping, into map[string]*Group) error {
	args := pgx.NamedArgs{}
	rows, err := s.pool.Query(ctx, by.sums([]string{"answered"}, "", "call_days"+f.where(v, args, true)), args)
	if err != nil {
		return err
	}
	var name string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&name, &n}, func() error {
		if n > 0 { // what was taken back leaves a zero
			at(into, name).Answered = n
		}
		return nil
	})
	return err
}

// Question is what was asked, as the newest version that asked it had it.
type Question struct {
	Survey string      `db:"survey"`
	ID     string      `db:"question"`
	Kind   survey.Kind `db:"kind"`
	Zh     string      `db:"zh"`
	En     string      `db:"en"`
}

// Questions are all that were ever asked by any survey, in the order of the newest versions.
func (s *Store) Questions(ctx context.Context) ([]Question, error) {
	rows, err := s.pool.Query(ctx, `select survey, question, kind, zh, en from (
			select distinct on (survey, question) * from survey_definitions order by survey, question, known_at desc) d
		order by survey, position, question`)
	if err != nil {
		return nil, fmt.Errorf("read what surveys ask: %w", err)
	}
	questions, err := pgx.CollectRows(rows, pgx.RowToStructByName[Question])
	if err != nil {
		return nil, fmt.Errorf("read what surveys ask: %w", err)
	}
	return questions, nil
}

// Know notes what surveys ask, so that their answers can be named as long as there are any.
func Know(ctx context.Context, pool *pgxpool.Pool, surveys []*survey.Survey) error {
	var b pgx.Batch
	for _, s := range surveys {
		for i, q := range s.Questions {
			b.Queue(`insert into survey_definitions (survey, version, question, position, kind, zh, en) values ($1, $2, $3, $4, $5, $6, $7)
				on conflict (survey, version, question) do update set known_at = now()`,
				s.ID, s.Version, q.ID, i, q.Kind, q.Text[survey.Mandarin], q.Text[survey.English])
		}
	}
	if b.Len() == 0 {
		return nil
	}
	if err := pool.SendBatch(ctx, &b).Close(); err != nil {
		return fmt.Errorf("note what surveys ask: %w", err)
	}
	return nil
}
