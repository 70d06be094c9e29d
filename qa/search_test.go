package qa

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"hotline/internal/pg/pgtest"
	"hotline/qa/rule"
)

// execer is a pool or one connection.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// fillLines puts in n lines of 100 agents, one each second: every third has 您好, one in 400 退貨, one in 10,000 消基會.
func fillLines(tb testing.TB, pool execer, n int) {
	tb.Helper()
	_, err := pool.Exec(tb.Context(), `
		insert into users (id, login, name, role, scope, password_hash) select 'u' || i, 'u' || i, 'U', 'agent', 'own', '' from generate_series(0, 99) i`)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = pool.Exec(tb.Context(), `
		insert into transcript_lines (leg, n, at, role, start_ms, end_ms, text, agent_id, queue_id)
		select 'c' || lpad((i / 30)::text, 6, '0') || '.2', i % 30, $2::timestamptz + i * interval '1 second', case when i % 2 = 0 then 'agent' else 'caller' end, i % 30 * 1000, i % 30 * 1000 + 900,
			case when i % 3 = 0 then '您好，' else '' end || case when i % 400 = 7 then '我要退貨。' else '' end || case when i % 10000 = 77 then '我打給消基會' else '' end || '第 ' || i,
			'u' || i / 30 % 100, case when i / 30 % 2 = 0 then 'order' else 'service' end
		from generate_series(0, $1 - 1) i`, n, began)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := pool.Exec(tb.Context(), `analyze transcript_lines`); err != nil {
		tb.Fatal(err)
	}
}

// Whichever way the lines are found, they are those that reading all of them finds.
func TestSearchFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	fillLines(t, pool, 60_000)
	s := NewStore(pool)
	for name, c := range map[string]struct {
		q     Search
		where string
	}{
		"common":                 {Search{Text: "您好"}, `text like '%您好%'`},
		"rare":                   {Search{Text: "消基會"}, `text like '%消基會%'`},
		"of one side":            {Search{Text: "退貨", Role: rule.Caller}, `text like '%退貨%' and role = 'caller'`},
		"across punctuation":     {Search{Text: "您好我要退貨"}, `text like '%您好，我要退貨%'`},
		"two words":              {Search{Text: "退貨 您好"}, `text like '%您好%' and text like '%退貨%'`},
		"one agent":              {Search{Text: "退貨", Agent: "u7"}, `text like '%退貨%' and agent_id = 'u7'`},
		"one queue":              {Search{Text: "退貨", Queue: "service"}, `text like '%退貨%' and queue_id = 'service'`},
		"a time":                 {Search{Text: "您好", From: began.Add(time.Hour), To: began.Add(2 * time.Hour)}, `text like '%您好%' and at >= '2026-11-02 10:00Z' and at < '2026-11-02 11:00Z'`},
		"nothing":                {Search{Text: "沒有人說過"}, `false`},
		"no pattern":             {Search{Text: "%%"}, `false`},
		"a common one, by agent": {Search{Text: "您好", Agent: "u7"}, `text like '%您好%' and agent_id = 'u7'`},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "no pattern" {
				var short *TooShort
				if _, err := s.Find(t.Context(), Search{Text: "%%", Limit: 50}); !errors.As(err, &short) {
					t.Errorf("%v, want that it is too short without its punctuation", err)
				}
				return
			}
			var want []string
			rows, err := pool.Query(t.Context(), `select leg || ' ' || n from transcript_lines where `+c.where+` order by at desc`)
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var place string
				if err := rows.Scan(&place); err != nil {
					t.Fatal(err)
				}
				want = append(want, place)
			}
			c.q.Limit = 50
			var got []string
			for range 3 { // pages
				lines, err := s.Find(t.Context(), c.q)
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range lines {
					got = append(got, fmt.Sprintf("%s %d", l.Leg, l.N))
				}
				if len(lines) < c.q.Limit {
					break
				}
				c.q.After = lines[len(lines)-1].Place()
			}
			if want = want[:min(len(want), 150)]; !slices.Equal(got, want) {
				t.Errorf("%d lines, want %d\n got %.200s\nwant %.200s", len(got), len(want), fmt.Sprint(got), fmt.Sprint(want))
			}
		})
	}
	for _, short := range []string{"", " ", "好", "您好 退"} {
		if _, err := s.Find(t.Context(), Search{Text: short, Limit: 50}); err == nil {
			t.Errorf("%q was looked for", short)
		}
	}
}
