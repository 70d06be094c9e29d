package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// query collects the conditions of a list. Conditions that are not asked for are left out, so that the planner sees the
// plain query and takes the index made for it.
type query struct {
	conditions []string
	args       pgx.NamedArgs
}

func newQuery() *query { return &query{args: pgx.NamedArgs{}} }

func (q *query) add(condition, name string, value any) {
	q.conditions = append(q.conditions, condition)
	q.args[name] = value
}

func (q *query) equal(column, name, value string) {
	if value != "" {
		q.add(column+" = @"+name, name, value)
	}
}

func (q *query) period(column string, p Period) {
	if !p.From.IsZero() {
		q.add(column+" >= @from", "from", p.From)
	}
	if !p.To.IsZero() {
		q.add(column+" < @to", "to", p.To)
	}
}

// reach leaves what the person's scope covers: their own calls; those of their team, and those that nobody answered in
// queues the team serves; or all. agent and queue are columns; queue may be "" where everything has an agent.
func (q *query) reach(who Who, agent, queue string) {
	switch who.Scope {
	case ScopeAll:
	case ScopeTeam:
		condition := agent + " in (select id from users where team_id = @team)"
		if queue != "" {
			condition = "(" + condition + " or " + agent + " is null and " + queue +
				" in (select m.queue_id from queue_members m join users mu on mu.id = m.user_id where mu.team_id = @team))"
		}
		q.add(condition, "team", who.Team)
	default:
		q.add(agent+" = @me", "me", string(who.ID))
	}
}

func (q *query) where() string {
	if len(q.conditions) == 0 {
		return ""
	}
	return "where " + strings.Join(q.conditions, " and ")
}

// after goes on below a place in a list that is ordered by time and text, both descending.
func (q *query) after(place, at, key string) error {
	if place == "" {
		return nil
	}
	micros, last, ok := strings.Cut(place, "_")
	us, err := strconv.ParseInt(micros, 10, 64)
	if !ok || err != nil {
		return invalid("query.after", "no place in this list")
	}
	q.add("("+at+", "+key+") < (@after_at::timestamptz, @after_key)", "after_at", time.UnixMicro(us).UTC())
	q.args["after_key"] = last
	return nil
}

func placeOf(at time.Time, key string) string {
	return strconv.FormatInt(at.UnixMicro(), 10) + "_" + key
}

// cut makes a page of up to limit+1 rows.
func cut[T any](items []T, limit int, place func(T) string) list[T] {
	if items == nil {
		items = []T{}
	}
	if len(items) <= limit {
		return list[T]{Items: items}
	}
	return list[T]{Items: items[:limit], Next: place(items[limit-1])}
}
