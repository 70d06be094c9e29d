package surveylink_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/ivr/survey"
	"hotline/surveylink"
)

var def = &survey.Survey{ID: "after-call", Version: "v1", Langs: []survey.Lang{survey.Mandarin}, Questions: []survey.Question{
	{ID: "solved", Kind: survey.YesNo, Fail: survey.Skip, Then: map[int]survey.Jump{1: {Question: "satisfaction"}}},
	{ID: "reason", Kind: survey.Choice, Fail: survey.Skip, Options: []survey.Option{{Value: 1}, {Value: 3}}},
	{ID: "satisfaction", Kind: survey.CSAT5, Fail: survey.End},
}}

// followed notes the answers that a task might be made of.
type followed []string

func (f *followed) FollowUp(_ context.Context, _ pgx.Tx, call id.CallID, survey, question string, value int, _ time.Time) error {
	*f = append(*f, fmt.Sprint(call, survey, question, value))
	return nil
}

func (f *followed) Answered(context.Context, pgx.Tx, id.CallID, bool, time.Time) error { return nil }

type rig struct {
	t     *testing.T
	pool  *pgxpool.Pool
	store *surveylink.Store
	now   time.Time
	tasks followed
}

func newRig(t *testing.T) *rig {
	pool := pgtest.Pool(t)
	r := &rig{t: t, pool: pool, store: surveylink.NewStore(pool), now: time.Now().Truncate(time.Microsecond)}
	_, err := pool.Exec(t.Context(), `insert into calls (id, line, flow, queue_id, agent_id, answered_at, arrived_at) values ('c1', '1', 'main', 'order', 'u1', now(), now())`)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) make(call string) (token string) {
	r.t.Helper()
	err := pgx.BeginFunc(r.t.Context(), r.pool, func(tx pgx.Tx) (err error) {
		token, err = surveylink.Make(r.t.Context(), tx, surveylink.New{
			Call: id.CallID(call), Survey: def.ID, Version: def.Version, Lang: survey.Mandarin, Expires: r.now.Add(time.Hour),
		}, r.now)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// answer gives "question=value", or "question=skip".
func (r *rig) answer(token, what string) (bool, error) {
	r.t.Helper()
	g := surveylink.Given{Token: token}
	var value string
	g.Question, value, _ = strings.Cut(what, "=")
	if g.Skip = value == "skip"; !g.Skip {
		if _, err := fmt.Sscan(value, &g.Value); err != nil {
			r.t.Fatal(err)
		}
	}
	return r.store.Answer(r.t.Context(), def, g, &r.tasks, r.now)
}

// is wants the stored answers, and the counts that pages read.
func (r *rig) is(answers, counts string) {
	r.t.Helper()
	var got, days string
	err := r.pool.QueryRow(r.t.Context(), `select (select coalesce(string_agg(question || '=' || value || ' ' || way || ' ' || agent_id, ', ' order by question), '') from survey_answers),
		(select sum(offered) || ' offered ' || sum(started) || ' started ' || sum(finished) || ' finished' from survey_offer_days where way = 'link')`).Scan(&got, &days)
	if err != nil || got != answers || days != counts {
		r.t.Errorf("%q, %q (%v); want %q, %q", got, days, err, answers, counts)
	}
}

func TestALinkIsAnsweredOnce(t *testing.T) {
	r := newRig(t)
	token := r.make("c1")
	if len(token) != 22 || r.make("c1") != "" {
		t.Fatalf("token %q, and another for the same call", token)
	}
	r.is("", "1 offered 0 started 0 finished")
	if l, err := r.store.Open(t.Context(), token, r.now); err != nil || l.Call != "c1" || len(l.Answers) != 0 {
		t.Fatal(l, err)
	}
	give := func(what string, over bool) {
		t.Helper()
		if got, err := r.answer(token, what); err != nil || got != over {
			t.Errorf("%s: %v %v", what, got, err)
		}
	}
	refused := func(what string, want error) {
		t.Helper()
		if _, err := r.answer(token, what); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	refused("satisfaction=5", surveylink.ErrMoved) // not asked yet
	refused("solved=3", surveylink.ErrMoved)
	refused("nonsense=1", surveylink.ErrMoved)
	give("solved=2", false)
	refused("reason=2", surveylink.ErrMoved) // no option
	give("reason=3", false)
	r.is("reason=3 link u1, solved=2 link u1", "1 offered 1 started 0 finished")
	if l, err := r.store.Open(t.Context(), token, r.now); err != nil || len(l.Answers) != 2 {
		t.Fatal("half-way:", l, err)
	}
	give("solved=1", false) // changed: nobody was asked the reason
	r.is("solved=1 link u1", "1 offered 1 started 0 finished")
	give("solved=skip", false)
	r.is("", "1 offered 1 started 0 finished")
	give("solved=2", false)
	give("reason=skip", false)
	refused("satisfaction=skip", surveylink.ErrMoved) // its failure ends the survey: it has no way past it
	give("satisfaction=1", true)
	r.is("satisfaction=1 link u1, solved=2 link u1", "1 offered 1 started 1 finished")
	refused("satisfaction=5", surveylink.ErrAnswered)
	if l, err := r.store.Open(t.Context(), token, r.now); !errors.Is(err, surveylink.ErrAnswered) || l.Survey != def.ID {
		t.Error(l, err)
	}
	if n := len(r.tasks); n != 5 || r.tasks[n-1] != "c1after-callsatisfaction1" {
		t.Errorf("%q", r.tasks)
	}
}

func TestLinksAreRefused(t *testing.T) {
	r := newRig(t)
	token := r.make("made-up:7")
	for _, bad := range []string{"", "x", "AAAAAAAAAAAAAAAAAAAAAA", token + "A", strings.ToLower(token[:21]) + "-"} {
		if _, err := r.store.Open(t.Context(), bad, r.now); !errors.Is(err, surveylink.ErrUnknown) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := r.answer(token, "solved=1"); err != nil {
		t.Error(err)
	}
	r.now = r.now.Add(time.Hour)
	if _, err := r.store.Open(t.Context(), token, r.now); !errors.Is(err, surveylink.ErrExpired) {
		t.Error(err)
	}
	if _, err := r.answer(token, "satisfaction=5"); !errors.Is(err, surveylink.ErrExpired) {
		t.Error(err)
	}
	r.is("solved=1 link ", "1 offered 1 started 0 finished")
	var kept int
	if err := r.pool.QueryRow(t.Context(), `select count(*) from survey_links where token_hash = $1::text::bytea or position($1::text::bytea in token_hash) > 0`, token).Scan(&kept); err != nil || kept != 0 {
		t.Error("the token itself is stored", kept, err)
	}
}

// Who was asked by telephone gets no link.
func TestNobodyIsAskedTwice(t *testing.T) {
	r := newRig(t)
	if _, err := r.pool.Exec(t.Context(), `insert into survey_offers (call_id, survey, version, offered_at) values ('c1', 'after-call', 'v1', now())`); err != nil {
		t.Fatal(err)
	}
	if token := r.make("c1"); token != "" {
		t.Errorf("asked twice: %q", token)
	}
}

// Two windows answer at once: one after the other, and both answers are of one path.
func TestTwoWindows(t *testing.T) {
	r := newRig(t)
	token := r.make("c1")
	done := make(chan error)
	for _, what := range []string{"solved=1", "solved=2"} {
		go func() {
			_, err := r.store.Answer(t.Context(), def, surveylink.Given{Token: token, Question: "solved", Value: int(what[7] - '0')}, new(followed), r.now)
			done <- err
		}()
	}
	if err := errors.Join(<-done, <-done); err != nil {
		t.Fatal(err)
	}
	l, err := r.store.Open(t.Context(), token, r.now)
	if err != nil || len(l.Answers) != 1 || l.Answers["solved"] < 1 || l.Answers["solved"] > 2 {
		t.Error(l, err)
	}
}
