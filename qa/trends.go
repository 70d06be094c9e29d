package qa

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa/rule"
	"hotline/qa/topic"
)

// Reach is which calls a figure is of. Zero fields do not narrow it.
type Reach struct {
	From, To time.Time
	Queue    string
	Agent    id.AgentID
	Team     string // of the agent, now
}

// where is the reach as a condition over the columns, with its arguments.
func (r Reach) where(at string, args pgx.NamedArgs) string {
	all := "true"
	if !r.From.IsZero() {
		all += " and " + at + " >= @from"
		args["from"] = r.From
	}
	if !r.To.IsZero() {
		all += " and " + at + " < @to"
		args["to"] = r.To
	}
	if r.Queue != "" {
		all += " and queue_id = @queue"
		args["queue"] = r.Queue
	}
	if r.Agent != "" {
		all += " and agent_id = @agent"
		args["agent"] = r.Agent
	}
	if r.Team != "" {
		all += " and agent_id in (select id from users where team_id = @team)"
		args["team"] = r.Team
	}
	return all
}

// before is the period of the same length that ends where this one begins.
func (r Reach) before() Reach {
	r.From, r.To = r.From.Add(-r.To.Sub(r.From)), r.From
	return r
}

// Step of a trend.
type Step string

// The steps: the days and the weeks, from Monday, of the site's time zone.
const (
	ByDay  Step = "day"
	ByWeek Step = "week"
)

// TrendQuery is what a trend is of.
type TrendQuery struct {
	Reach // with a beginning and an end
	Kind  topic.Kind
	Role  rule.Role // who speaks of it; both when empty
	Step  Step
	Zone  string
}

// Count is how often something was spoken of, and how.
type Count struct {
	Calls    int `json:"calls" doc:"Calls in which it was spoken of."`
	Mentions int `json:"mentions" doc:"Lines in which it was."`
	Positive int `json:"positive" doc:"Lines that speak well of it."`
	Negative int `json:"negative" doc:"Lines that speak ill of it."`
}

// Point is one day or week of a trend.
type Point struct {
	Day string `json:"day" doc:"The day, or the Monday of the week, in the site's time zone."`
	Count
}

// Trend is how often one topic or product was spoken of.
type Trend struct {
	Entry string `json:"entry"`
	Count
	Before Count   `json:"before" doc:"In the period before, of the same length."`
	Points []Point `json:"points"`
}

// Trends are the topics or products of a dictionary over a time.
type Trends struct {
	Calls  int // with a transcript
	Before int // in the period before
	Behind int // transcripts that the live dictionary has not looked through yet
	Days   []Point
	All    []Trend // the most frequent first
}

// Trends counts what was spoken of.
func (s *Store) Trends(ctx context.Context, q TrendQuery) (Trends, error) {
	var out Trends
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		now, err := countTrends(ctx, tx, q, q.Reach, true)
		if err != nil {
			return err
		}
		past, err := countTrends(ctx, tx, q, q.before(), false)
		if err != nil {
			return err
		}
		if out.Days, out.Calls, err = countCalls(ctx, tx, q); err != nil {
			return err
		}
		q.Reach = q.before()
		if _, out.Before, err = countCalls(ctx, tx, q); err != nil {
			return err
		}
		out.All = joined(now, past)
		return tx.QueryRow(ctx, `select count(*) from transcripts where state = 'done'
			and dictionary < (select version from dictionaries where state = 'live')`).Scan(&out.Behind)
	})
	if err != nil {
		return Trends{}, fmt.Errorf("count what is spoken of: %w", err)
	}
	return out, nil
}

// buckets are the days or weeks of a period: when each begins, and what it is called. A zone that is not known is UTC.
func (q TrendQuery) buckets() (edges []time.Time, names []string) {
	zone, err := time.LoadLocation(q.Zone)
	if err != nil {
		zone = time.UTC
	}
	from := q.From.In(zone)
	day, days := from.Day(), 1
	if q.Step == ByWeek {
		day, days = day-(int(from.Weekday())+6)%7, 7
	}
	for at := time.Date(from.Year(), from.Month(), day, 0, 0, 0, 0, zone); at.Before(q.To); at = at.AddDate(0, 0, days) {
		edges, names = append(edges, at), append(names, at.Format(time.DateOnly))
	}
	return edges, names
}

// counted is one row of countTrends: the whole period when Day is empty.
type counted struct {
	Entry string
	Day   string
	Count
}

// countTrends counts each call once, on the day of its first recording in which an entry came up. The calls are grouped in the order
// of an index, which costs a third of sorting them to tell them apart.
func countTrends(ctx context.Context, tx pgx.Tx, q TrendQuery, r Reach, points bool) ([]counted, error) {
	edges, names := q.buckets()
	if !points {
		edges, names = []time.Time{r.From}, []string{""}
	}
	args := pgx.NamedArgs{"kind": q.Kind, "edges": edges}
	where := "kind = @kind and " + r.where("at", args)
	if q.Role != "" {
		where += " and role = @role"
		args["role"] = q.Role
	}
	rows, err := tx.Query(ctx, `select entry, width_bucket(at, @edges::timestamptz[]), count(*), sum(n)::int, sum(good)::int, sum(bad)::int
		from (select entry, call_id, min(at) as at, count(*) as n, count(*) filter (where opinion > 0) as good, count(*) filter (where opinion < 0) as bad
			from mentions where `+where+` group by entry, call_id) m
		group by 1, 2`, args)
	if err != nil {
		return nil, err
	}
	var all []counted
	whole := map[string]*Count{}
	var c counted
	var bucket int
	_, err = pgx.ForEachRow(rows, []any{&c.Entry, &bucket, &c.Calls, &c.Mentions, &c.Positive, &c.Negative}, func() error {
		if c.Day = names[bucket-1]; points {
			all = append(all, c)
		}
		sum := whole[c.Entry]
		if sum == nil {
			sum = &Count{}
			whole[c.Entry] = sum
		}
		sum.Calls, sum.Mentions, sum.Positive, sum.Negative = sum.Calls+c.Calls, sum.Mentions+c.Mentions, sum.Positive+c.Positive, sum.Negative+c.Negative
		return nil
	})
	for entry, sum := range whole {
		all = append(all, counted{Entry: entry, Count: *sum})
	}
	return all, err
}

// countCalls counts those with a transcript, by day or week and in all.
func countCalls(ctx context.Context, tx pgx.Tx, q TrendQuery) (days []Point, all int, err error) {
	edges, names := q.buckets()
	args := pgx.NamedArgs{"edges": edges}
	rows, err := tx.Query(ctx, `select width_bucket(at, @edges::timestamptz[]), count(*)
		from (select call_id, min(at) as at from (select *, started_at as at from transcripts where state = 'done') t
			where `+q.where("at", args)+` group by call_id) c
		group by 1 order by 1`, args)
	if err != nil {
		return nil, 0, err
	}
	days = []Point{}
	var bucket, calls int
	_, err = pgx.ForEachRow(rows, []any{&bucket, &calls}, func() error {
		days = append(days, Point{names[bucket-1], Count{Calls: calls}})
		all += calls
		return nil
	})
	return days, all, err
}

// joined puts the periods together: what was spoken of in either.
func joined(now, past []counted) []Trend {
	all := map[string]*Trend{}
	of := func(entry string) *Trend {
		if all[entry] == nil {
			all[entry] = &Trend{Entry: entry, Points: []Point{}}
		}
		return all[entry]
	}
	for _, c := range now {
		if t := of(c.Entry); c.Day == "" {
			t.Count = c.Count
		} else {
			t.Points = append(t.Points, Point{c.Day, c.Count})
		}
	}
	for _, c := range past {
		of(c.Entry).Before = c.Count
	}
	out := make([]Trend, 0, len(all))
	for _, t := range all {
		slices.SortFunc(t.Points, func(a, b Point) int { return cmp.Compare(a.Day, b.Day) })
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Trend) int { return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Entry, b.Entry)) })
	return out
}

// ExampleQuery asks for lines in which something was spoken of.
type ExampleQuery struct {
	Reach
	Kind    topic.Kind
	Entry   string
	Role    rule.Role
	Opinion *int  // only these: -1, 0, 1
	After   Place // the last line of the page before
	Limit   int
}

// Example is a line in which something was spoken of.
type Example struct {
	Line
	Heard   string `db:"heard"`
	Match   string `db:"match"`
	Opinion int    `db:"opinion"`
	Word    string `db:"word"`
}

// Examples returns lines in which something was spoken of, of the newest recordings first. Place.At is the beginning of the
// recording.
func (s *Store) Examples(ctx context.Context, q ExampleQuery) ([]Example, error) {
	args := pgx.NamedArgs{"kind": q.Kind, "entry": q.Entry, "limit": q.Limit}
	where := "kind = @kind and entry = @entry and " + q.where("at", args)
	if q.Role != "" {
		where += " and role = @role"
		args["role"] = q.Role
	}
	if q.Opinion != nil {
		where += " and opinion = @opinion"
		args["opinion"] = *q.Opinion
	}
	if p := q.After; !p.At.IsZero() {
		where += " and (at, leg, n) < (@after_at, @after_leg, @after_n)"
		args["after_at"], args["after_leg"], args["after_n"] = p.At, p.Leg, p.N
	}
	rows, err := s.pool.Query(ctx, `select m.leg, m.n, m.at, m.role, m.start_ms, l.end_ms, l.text, m.agent_id, coalesce(m.queue_id, '') as queue_id,
			m.heard, m.match, m.opinion, m.word
		from (select * from mentions where `+where+` order by at desc, leg desc, n desc limit @limit) m
		join transcript_lines l on l.leg = m.leg and l.n = m.n order by m.at desc, m.leg desc, m.n desc`, args)
	if err != nil {
		return nil, fmt.Errorf("look for examples of %s: %w", q.Entry, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Example])
}
