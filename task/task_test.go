package task_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/internal/pg/pgtest"
	"hotline/task"
)

type house struct {
	*task.Store
	t    *testing.T
	pool *pgxpool.Pool
}

// opened is a house of two teams; u1 and u2 serve a queue each, u3 leads the first team, u9 everybody.
func opened(t *testing.T) *house {
	h := &house{t: t, pool: pgtest.Pool(t)}
	h.Store = task.NewStore(h.pool)
	for _, sql := range []string{
		`insert into teams values ('blue', 'Blue'), ('red', 'Red')`,
		`insert into users (id, login, name, password_hash, role, scope, team_id) values
			('u1', 'amy', 'Amy', '', 'agent', 'own', 'blue'), ('u2', 'bob', 'Bob', '', 'agent', 'own', 'red'), ('u3', 'sue', 'Sue', '', 'supervisor', 'team', 'blue')`,
		`insert into queues (id, name_zh, name_en) values ('order', '訂購', 'Orders'), ('service', '售後', 'Service')`,
		`insert into queue_members values ('order', 'u1'), ('service', 'u2')`,
		`insert into customers (id, name) values (7, '王大明')`,
		`insert into calls (id, line, flow, caller_e164, customer_id, queue_id, agent_id, arrived_at) values
			('c1', '+886800000123', 'main', '+886900000007', 7, 'order', 'u1', now())`,
	} {
		if _, err := h.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

var (
	amy = task.Viewer{ID: "u1", Scope: "own"}
	bob = task.Viewer{ID: "u2", Scope: "own"}
	sue = task.Viewer{ID: "u3", Scope: "team", Team: "blue", Lead: true}
	ada = task.Viewer{ID: "u9", Scope: "all", Lead: true}
)

func (h *house) add(n task.New) int64 {
	h.t.Helper()
	if added, err := h.Add(h.t.Context(), n); err != nil || !added {
		h.t.Fatal(added, err)
	}
	var id int64
	if err := h.pool.QueryRow(h.t.Context(), `select id from tasks where key = $1`, n.Key).Scan(&id); err != nil {
		h.t.Fatal(err)
	}
	return id
}

// seen are the notes of what somebody sees, in order.
func (h *house) seen(v task.Viewer, f task.Filter) string {
	h.t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	found, err := h.List(h.t.Context(), v, f)
	if err != nil {
		h.t.Fatal(err)
	}
	var notes []string
	for _, t := range found {
		notes = append(notes, t.Note)
	}
	return strings.Join(notes, " ")
}

func TestWhatIsAddedTwiceIsOneTask(t *testing.T) {
	h := opened(t)
	n := task.New{Key: "flow:c1:3", Kind: task.Callback, Queue: "order", Call: "c1", Note: "a"}
	var wait sync.WaitGroup
	var mu sync.Mutex
	adds := 0
	for range 8 {
		wait.Go(func() {
			added, err := h.Add(t.Context(), n)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if added {
				adds++
			}
		})
	}
	wait.Wait()
	if adds != 1 || h.seen(ada, task.Filter{}) != "a" {
		t.Errorf("%d added; listed %q", adds, h.seen(ada, task.Filter{}))
	}
	found, err := h.List(t.Context(), amy, task.Filter{Limit: 1})
	if err != nil || found[0].Caller != "+886900000007" || found[0].Customer != 7 || found[0].CustomerName != "王大明" || found[0].By != task.ByFlow {
		t.Errorf("%+v %v", found, err)
	}
	if _, err := h.Add(t.Context(), task.New{Key: "x", Kind: "chat"}); err == nil {
		t.Error("an unknown kind is stored")
	}
}

func TestWhoSeesWhichTasks(t *testing.T) {
	h := opened(t)
	h.add(task.New{Key: "1", Kind: task.Callback, Queue: "order", Note: "order"})
	h.add(task.New{Key: "2", Kind: task.Callback, Queue: "service", Note: "service"})
	h.add(task.New{Key: "3", Kind: task.Message, Note: "nowhere"})
	h.add(task.New{Key: "4", Kind: task.FollowUp, Queue: "order", Call: "c1", Note: "complaint", By: task.BySurvey})
	for _, want := range []struct {
		v    task.Viewer
		seen string
	}{{amy, "order"}, {bob, "service"}, {sue, "order nowhere complaint"}, {ada, "order service nowhere complaint"}} {
		if got := h.seen(want.v, task.Filter{}); got != want.seen {
			t.Errorf("%s sees %q, want %q", want.v.ID, got, want.seen)
		}
	}
	for f, want := range map[task.Filter]string{
		{Kind: task.Message}: "nowhere", {Queue: "service"}: "service", {Call: "c1"}: "complaint", {State: task.Taken}: "", {Owner: "u1"}: "", {Closed: true}: "",
	} {
		if got := h.seen(ada, f); got != want {
			t.Errorf("%+v: %q, want %q", f, got, want)
		}
	}
}

func TestATaskGoesFromHandToHand(t *testing.T) {
	h := opened(t)
	ctx := t.Context()
	id := h.add(task.New{Key: "1", Kind: task.Callback, Queue: "order", Note: "order"})
	refused := func(code string, err error) {
		t.Helper()
		r, ok := errors.AsType[*task.Refusal](err)
		if !ok || r.Code != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	must := func(want task.State, got task.Task, err error) {
		t.Helper()
		if err != nil || got.State != want {
			t.Errorf("%s %v, want %s", got.State, err, want)
		}
	}
	if _, err := h.Take(ctx, bob, id); !errors.Is(err, task.ErrNotFound) {
		t.Errorf("bob takes what is not in his queue: %v", err)
	}
	_, err := h.Done(ctx, amy, id, "")
	refused("not_taken", err)
	_, err = h.Drop(ctx, amy, id, "no number")
	refused("not_taken", err)
	got, err := h.Take(ctx, amy, id)
	must(task.Taken, got, err)
	got, err = h.Take(ctx, amy, id)
	must(task.Taken, got, err)
	_, err = h.Take(ctx, sue, id)
	refused("task_taken", err)
	_, err = h.Done(ctx, ada, id, "")
	refused("not_taken", err)
	got, err = h.Return(ctx, sue, id, "Amy is ill")
	must(task.Open, got, err)
	got, err = h.Return(ctx, sue, id, "")
	must(task.Open, got, err)
	if _, err = h.Take(ctx, amy, id); err != nil {
		t.Error(err)
	}
	_, err = h.Drop(ctx, amy, id, "  ")
	refused("reason_needed", err)
	got, err = h.Done(ctx, amy, id, " reached, resent ")
	must(task.Done, got, err)
	if got.Owner != "u1" || got.Closed == nil || got.Reason != "reached, resent" {
		t.Errorf("%+v", got)
	}
	for _, again := range []func() (task.Task, error){
		func() (task.Task, error) { return h.Take(ctx, amy, id) },
		func() (task.Task, error) { return h.Return(ctx, sue, id, "") },
		func() (task.Task, error) { return h.Drop(ctx, sue, id, "x") },
	} {
		_, err := again()
		refused("task_closed", err)
	}
	_, events, err := h.Get(ctx, amy, id)
	var history []string
	for _, e := range events {
		history = append(history, strings.TrimSpace(e.Name+" "+e.What+" "+e.Note))
	}
	if got := strings.Join(history, "; "); err != nil || got != "added; Amy taken; Sue returned Amy is ill; Amy taken; Amy done reached, resent" {
		t.Errorf("history %q %v", got, err)
	}
}

func TestTasksAreReadPageByPage(t *testing.T) {
	h := opened(t)
	now := time.Now().Truncate(time.Second)
	for n := range 7 {
		// Two of each are due at the same moment.
		id := h.add(task.New{Key: fmt.Sprint(n), Kind: task.Callback, Note: fmt.Sprint(n), Due: now.Add(-time.Duration(n/2) * time.Minute)})
		if n == 6 {
			if _, err := h.Drop(t.Context(), ada, id, "test"); err != nil {
				t.Fatal(err)
			}
		}
	}
	var seen []string
	var after *task.Place
	for {
		found, err := h.List(t.Context(), ada, task.Filter{Limit: 2, After: after})
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			break
		}
		for _, f := range found {
			seen = append(seen, f.Note)
		}
		place := found[len(found)-1].Place()
		after = &place
	}
	if got := strings.Join(seen, ""); got != "452301" {
		t.Errorf("read %s", got)
	}
	if got := h.seen(ada, task.Filter{Closed: true}); got != "6" {
		t.Errorf("closed %s", got)
	}
}
