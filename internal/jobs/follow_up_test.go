package jobs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/internal/jobs"
	"hotline/internal/pg/pgtest"
	"hotline/internal/site"
	"hotline/ivr/survey"
	"hotline/report"
	"hotline/task"
)

func TestALowAnswerMakesOneTask(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	in, err := jobs.NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	asked := []*survey.Survey{{ID: "after-call", Version: "v", Questions: []survey.Question{
		{ID: "satisfaction", Kind: survey.CSAT5}, {ID: "recommendation", Kind: survey.NPS11},
	}}}
	if err := report.Know(ctx, pool, asked); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, `insert into calls (id, line, flow, queue_id, arrived_at) values ('c1', '1', 'main', 'order', now())`); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	answer := func(call, question string, value int) {
		t.Helper()
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return in.FollowUp(ctx, tx, id.CallID(call), "after-call", question, value, at) })
		if err != nil {
			t.Fatal(err)
		}
	}
	tasks := func(want string) {
		t.Helper()
		found, err := task.NewStore(pool).List(ctx, task.Viewer{Scope: "all"}, task.Filter{Limit: 99})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			got = append(got, f.Call+" "+f.Queue+" "+f.Note)
			if f.Kind != task.FollowUp || f.By != task.BySurvey || !f.Due.Equal(at.Add(24*time.Hour)) {
				t.Errorf("%+v", f)
			}
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("tasks %q, want %q", got, want)
		}
	}
	answer("c1", "satisfaction", 3)
	answer("c1", "recommendation", 0) // off until somebody switches it on
	answer("c1", "unheard-of", 0)
	tasks("")
	answer("c1", "satisfaction", 2)
	answer("c1", "satisfaction", 1) // written again, or changed
	tasks("c1 order satisfaction: 2")
	settings := site.NewStore(pool, nil)
	if err := settings.PutFollowUp(ctx, site.FollowUp{Survey: "after-call", Question: "recommendation", AtMost: 4, Active: true}); err != nil {
		t.Fatal(err)
	}
	answer("c1", "recommendation", 1) // the call has its task
	answer("c2", "recommendation", 5)
	answer("c3", "recommendation", 4)
	tasks("c1 order satisfaction: 2; c3  recommendation: 4")
	for _, bad := range []site.FollowUp{{Survey: "after-call", Question: "satisfaction", AtMost: 5}, {Survey: "after-call", Question: "satisfaction", AtMost: -1}, {Survey: "x", Question: "y"}} {
		if err := settings.PutFollowUp(ctx, bad); err == nil {
			t.Errorf("%+v is stored", bad)
		}
	}
}
