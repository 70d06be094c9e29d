package exchange

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/report"
)

func TestWhoIsSpared(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	s := NewStore(pool, &finishes{})
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := pool.Exec(ctx, sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	spared := func(what string, want bool, number string, customers ...int64) {
		t.Helper()
		cmd := cti.CheckSurvey{Call: "now", Leg: "now.2", Queue: "order", Agent: "u1", Survey: "after-call", Customers: customers}
		if got, err := s.spared(ctx, cmd, number); err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", what, got, err, want)
		}
	}
	exec(`insert into queues (id, name_zh, name_en) values ('order', '訂購', 'Orders')`)
	exec(`insert into customers (id, name) values (7, '王小明'), (8, '李大華')`)
	at := time.Now().Add(-48 * time.Hour)
	asked := callRow{Number: "+886911000001", Summary: cti.Summary{
		Call: "c1", Line: "1", Flow: "main", Queue: "order", Agent: "u2", Customer: 7, Arrived: at, Answered: at, Ended: at,
		Asked: &cti.Asked{Survey: "after-call", Version: "v", Occasion: cti.OccasionKey},
	}}
	if err := s.write(ctx, []entry{ledgerEntry(t, kindCall, at, asked)}); err != nil {
		t.Fatal(err)
	}
	spared("no rule", false, "+886911000001", 7)
	exec(`insert into survey_rules (queue_id, rest_days) values ('order', 3)`)
	spared("the same number", true, "+886911000001")
	spared("the same customer, from elsewhere", true, "+886922000002", 8, 7)
	spared("somebody else", false, "+886922000002", 8)
	spared("a withheld number", false, "")
	exec(`update survey_rules set rest_days = 1`)
	spared("long enough ago", false, "+886911000001", 7)
	exec(`update survey_rules set rest_days = 0, agent_a_day = 2, queue_a_day = 4`)
	for i, agent := range []string{"u1", "u2", "u1", "u2"} {
		exec(`insert into survey_offers (call_id, survey, version, queue_id, agent_id, offered_at) values ('d' || $1::int, 'after-call', 'v', $3, $2, now())`, i, agent, map[bool]string{true: "other", false: "order"}[i == 2])
		spared("today", i >= 2, "+886922000002") // the agent's two, over all queues
	}
	exec(`update survey_rules set agent_a_day = 0`)
	spared("three of the queue", false, "+886922000002")
	exec(`update survey_rules set queue_a_day = 3`)
	spared("enough of the queue", true, "+886922000002")

	groups, err := report.NewStore(pool).Results(ctx, report.Viewer{Scope: "all"}, report.Filter{Survey: "after-call", From: at.Add(-24 * time.Hour), To: time.Now().Add(24 * time.Hour)}, "occasion")
	if err != nil || len(groups) != 2 || groups[1].Key != "key" || groups[1].Offered != 1 || groups[0].Offered != 4 {
		t.Errorf("%+v %v", groups, err)
	}
}

// Talks that begin at the same time, of few agents in one queue: no more callers may be asked than the limits of the day allow,
// before and after their offers are written, and no fewer.
func TestLimitsHoldForTalksAtTheSameTime(t *testing.T) {
	ctx, small := t.Context(), pgtest.Pool(t)
	cfg := small.Config()
	cfg.MaxConns = 24
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := NewStore(pool, &finishes{})
	const queueLimit, agentLimit, agents, talks = 17, 3, 8, 96
	for _, sql := range []string{
		`insert into queues (id, name_zh, name_en) values ('order', '訂購', 'Orders'), ('service', '服務', 'Service')`,
		`insert into survey_rules (queue_id, agent_a_day, queue_a_day) values ('order', 3, 17), ('service', 3, 0)`,
	} {
		if _, err := pool.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	agentOf := func(i int) id.AgentID { return id.AgentID(fmt.Sprintf("u%d", i%agents)) }
	check := func(i int, queue id.QueueID) (asked bool) {
		cmd := cti.CheckSurvey{Call: id.CallID(fmt.Sprintf("c%d", i)), Queue: queue, Agent: agentOf(i), Survey: "after-call"}
		spared, err := s.spared(ctx, cmd, "")
		if err != nil {
			t.Error(err)
		}
		return !spared
	}
	// crowd checks the talks all at once, and returns those that may be asked.
	crowd := func(from, to int, queue id.QueueID) (may []int) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		start := make(chan struct{})
		for i := from; i < to; i++ {
			wg.Go(func() {
				<-start
				if check(i, queue) {
					mu.Lock()
					defer mu.Unlock()
					may = append(may, i)
				}
			})
		}
		close(start)
		wg.Wait()
		return may
	}
	may := crowd(0, talks, "order")
	of := map[id.AgentID]int{}
	for _, i := range may {
		of[agentOf(i)]++
	}
	if len(may) != queueLimit || slices.Max(slices.Collect(maps.Values(of))) > agentLimit {
		t.Fatalf("%d of %d may be asked, by agent %v", len(may), talks, of)
	}
	for _, i := range may { // the same talk asks again, e.g. after a controller was started again
		if !check(i, "order") {
			t.Errorf("talk %d lost its place", i)
		}
	}

	// All but two are asked; one ends unasked, one goes on.
	at := time.Now()
	end := func(i int, asked *cti.Asked) {
		t.Helper()
		call := callRow{Summary: cti.Summary{
			Call: id.CallID(fmt.Sprintf("c%d", i)), Line: "1", Flow: "main", Queue: "order", Agent: agentOf(i), Arrived: at, Answered: at, Ended: at, Asked: asked,
		}}
		if err := s.write(ctx, []entry{ledgerEntry(t, kindCall, at, call)}); err != nil {
			t.Fatal(err)
		}
	}
	unasked := may[1]
	for _, i := range may[2:] {
		end(i, &cti.Asked{Survey: "after-call", Version: "v", Occasion: cti.OccasionAfter})
	}
	if more := crowd(talks, 2*talks, "order"); len(more) != 0 {
		t.Errorf("%d more may be asked when offers are written", len(more))
	}
	end(unasked, nil)
	if more := crowd(2*talks, 3*talks, "order"); len(more) != 1 {
		t.Errorf("one place is free, and %d took it", len(more))
	}
	// A limit of the agents alone, over all queues.
	more := crowd(3*talks, 4*talks, "service")
	if all := queueLimit + len(more); all != agents*agentLimit {
		t.Errorf("%d of all agents may be asked, want %d", all, agents*agentLimit)
	}
	var places int
	if err := pool.QueryRow(ctx, `select count(*) from survey_places`).Scan(&places); err != nil || places != 2+len(more) {
		t.Errorf("%d places are held, want %d: %v", places, 2+len(more), err)
	}
}

// An answer is counted under the occasion of its offer, and the counts are what the rows come to.
func TestAnswersHaveTheirOccasion(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	s := NewStore(pool, &finishes{})
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	call := callRow{Summary: cti.Summary{Call: "c1", Line: "1", Flow: "main", Queue: "order", Agent: "u1", Arrived: at, Answered: at, Asked: &cti.Asked{Survey: "after-call", Version: "v", Occasion: cti.OccasionAfter}}}
	answer := cti.SaveAnswer{Call: "c1", Survey: "after-call", Version: "v", Question: "satisfaction", Value: 5, At: at}
	for range 2 {
		if err := s.write(ctx, []entry{ledgerEntry(t, kindCall, at, call), ledgerEntry(t, kindAnswer, at, answer)}); err != nil {
			t.Fatal(err)
		}
	}
	var got string
	if err := pool.QueryRow(ctx, `select string_agg(occasion || v5, ',') from survey_days where v5 <> 0`).Scan(&got); err != nil || got != "after1" {
		t.Error(got, err)
	}
	reports := report.NewStore(pool)
	for range 2 {
		if found, err := reports.Check(ctx, 9); err != nil || len(found) != 0 {
			t.Error(found, err)
		}
		if err := reports.Recount(ctx); err != nil {
			t.Error(err)
		}
	}
}
