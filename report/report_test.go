package report_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"hotline/internal/pg/pgtest"
	"hotline/report"
)

var (
	all        = report.Viewer{Scope: "all"}
	background = context.Background() // rapid has no context of the test
)

func day(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }

func exec(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
}

// march has six calls: of u1 in queue order, of u2 in queue service, all on two days.
func march(t testing.TB) (*pgxpool.Pool, *report.Store) {
	pool := pgtest.Pool(t)
	for n := 1; n <= 6; n++ {
		agent, queue := "u1", "order"
		if n > 4 {
			agent, queue = "u2", "service"
		}
		exec(t, pool, `insert into calls (id, line, flow, queue_id, agent_id, arrived_at, answered_at) values ($1, '1', 'main', $2, $3, $4, $4)`,
			fmt.Sprintf("c%d", n), queue, agent, time.Date(2026, 3, 1+n/4, 10, n, 0, 0, time.UTC))
	}
	return pool, report.NewStore(pool)
}

func TestResultsByQueueAgentAndTime(t *testing.T) {
	pool, s := march(t)
	// c2 hears the survey and says nothing, c3 stops half-way, c1 and c5 go to its end.
	exec(t, pool, `insert into survey_offers (call_id, survey, version, queue_id, agent_id, offered_at) values ('c2', 'after-call', 'v', 'order', 'u1', '2026-03-01T10:02Z')`)
	exec(t, pool, `insert into survey_answers (call_id, survey, version, question, value, at) values
		('c1', 'after-call', 'v', 'satisfaction', 5, '2026-03-01T10:01Z'), ('c1', 'after-call', 'v', 'recommendation', 10, '2026-03-01T10:02Z'),
		('c3', 'after-call', 'v', 'satisfaction', 2, '2026-03-01T10:03Z'), ('c5', 'after-call', 'v', 'satisfaction', 4, '2026-03-02T10:05Z')`)
	exec(t, pool, `update survey_offers set finished_at = offered_at where call_id in ('c1', 'c5')`)
	for by, want := range map[report.By]string{
		"queue":    "order 4 3 2 1 map[recommendation:1 satisfaction:2]; service 2 1 1 1 map[satisfaction:1]; ",
		"agent":    "u1 4 3 2 1 map[recommendation:1 satisfaction:2]; u2 2 1 1 1 map[satisfaction:1]; ",
		"day":      "2026-03-01 3 3 2 1 map[recommendation:1 satisfaction:2]; 2026-03-02 3 1 1 1 map[satisfaction:1]; ",
		"week":     "2026-02-23 3 3 2 1 map[recommendation:1 satisfaction:2]; 2026-03-02 3 1 1 1 map[satisfaction:1]; ",
		"month":    "2026-03 6 4 3 2 map[recommendation:1 satisfaction:3]; ",
		"way":      "phone 0 4 3 2 map[recommendation:1 satisfaction:3]; ",
		"campaign": " 0 4 3 2 map[recommendation:1 satisfaction:3]; ",
	} {
		groups, err := s.Results(t.Context(), all, report.Filter{Survey: "after-call", From: day(1), To: day(31)}, by)
		if err != nil {
			t.Fatal(err)
		}
		if got := show(groups); got != want {
			t.Errorf("by %s: %s\nwant %s", by, got, want)
		}
	}
	for f, want := range map[report.Filter]int{
		{Queue: "order"}: 2, {Agent: "u2"}: 1, {Way: "link"}: 0, {Way: "phone"}: 3, {Campaign: "spring"}: 0,
	} {
		f.Survey, f.From, f.To = "after-call", day(1), day(31)
		groups, err := s.Results(t.Context(), all, f, "month")
		if err != nil {
			t.Fatal(err)
		}
		if got := report.Sum(groups).Started; got != want {
			t.Errorf("%+v: %d started, want %d", f, got, want)
		}
	}
	proven(t, s)
}

func show(groups []report.Group) string {
	out := ""
	for _, g := range groups {
		totals := map[string]int{}
		for q, c := range g.Counts {
			totals[q] = c.Total()
		}
		out += fmt.Sprintf("%s %d %d %d %d %v; ", g.Key, g.Answered, g.Offered, g.Started, g.Finished, totals)
	}
	return out
}

func proven(t interface {
	Fatal(...any)
	Helper()
}, s *report.Store,
) {
	t.Helper()
	found, err := s.Check(background, 3)
	if err != nil || len(found) > 0 {
		t.Fatal(found, err)
	}
}

func TestOnlyWhomTheScopeCovers(t *testing.T) {
	pool, s := march(t)
	exec(t, pool, `insert into teams values ('blue', 'Blue')`)
	exec(t, pool, `insert into users (id, login, name, password_hash, role, scope, team_id) values ('u2', 'bob', 'Bob', '', 'agent', 'own', 'blue')`)
	for want, v := range map[string]report.Viewer{
		"u1 4 0 0 0 map[]; u2 2 0 0 0 map[]; ": all,
		"u1 4 0 0 0 map[]; ":                   {ID: "u1", Scope: "own"},
		"u2 2 0 0 0 map[]; ":                   {ID: "u3", Scope: "team", Team: "blue"},
		"":                                     {Scope: "own"},
	} {
		groups, err := s.Results(t.Context(), v, report.Filter{Survey: "after-call", From: day(1), To: day(31)}, "agent")
		if err != nil {
			t.Fatal(err)
		}
		if got := show(groups); got != want {
			t.Errorf("%+v sees %s", v, got)
		}
	}
}

// Whatever is written, changed and taken away, the counts are what the rows come to.
func TestCountsAreAlwaysWhatTheRowsComeTo(t *testing.T) {
	pool, s := march(t)
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 6).Draw(r, "writes") {
			call := fmt.Sprintf("c%d", rapid.IntRange(1, 8).Draw(r, "call"))
			question := rapid.SampledFrom([]string{"satisfaction", "recommendation"}).Draw(r, "question")
			value := rapid.IntRange(-1, 12).Draw(r, "value")
			var err error
			switch rapid.IntRange(0, 6).Draw(r, "what") {
			case 0, 1, 2:
				_, err = pool.Exec(background, `insert into survey_answers (call_id, survey, version, question, value, at) values ($1, 's', 'v', $2, $3, $4)
					on conflict (call_id, survey, question) do update set value = excluded.value, at = excluded.at, version = excluded.version`,
					call, question, value, day(1+value+2))
			case 3:
				_, err = pool.Exec(background, `delete from survey_answers where call_id = $1`, call)
			case 4:
				_, err = pool.Exec(background, `update calls set queue_id = $2, agent_id = nullif($3, '') where id = $1`, call, question, fmt.Sprint("u", value))
			case 5:
				_, err = pool.Exec(background, `update survey_offers set finished_at = now() where call_id = $1`, call)
			case 6:
				_, err = pool.Exec(background, `insert into calls (id, line, flow, arrived_at, answered_at, agent_id) values ($1, '1', 'main', now(), now(), 'u1')
					on conflict (id) do update set answered_at = excluded.answered_at`, call)
			}
			if err != nil {
				r.Fatal(err)
			}
		}
		proven(r, s)
	})
	exec(t, pool, `update survey_days set v5 = v5 + 1 where ctid = (select min(ctid) from survey_days)`)
	exec(t, pool, `insert into call_days values ('2020-01-01', 'order', 'u1', 3)`)
	if found, err := s.Check(t.Context(), 9); err != nil || len(found) < 2 {
		t.Errorf("planted faults are not found: %v %v", found, err)
	}
	if err := s.Recount(t.Context()); err != nil {
		t.Fatal(err)
	}
	proven(t, s)
}
