package trial_test

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
	"hotline/qa"
	"hotline/qa/review"
	"hotline/qa/rule"
	"hotline/qa/trial"
)

// desk has agents u1 of team blue and u2 of team red, and a live book of two rules.
type desk struct {
	*trial.Store
	t       *testing.T
	db      *pgxpool.Pool
	quality *qa.Store
}

var (
	sue   = review.Viewer{ID: "u3", Scope: "team", Team: "blue"}
	quinn = review.Viewer{ID: "u4", Scope: "all"}
	noon  = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
)

const live = `version: 1
id: test
rules:
  - {id: wait, kind: said, class: phrase, role: agent, phrases: [等一等], bound: 0}
  - {id: closing, kind: must, class: closing, role: agent, phrases: [祝您有美好的一天], last: 30s, bound: 0}
`

// draft finds 請稍等 as well, but not what a customer is asked.
const draft = `version: 1
id: test
rules:
  - {id: wait, kind: said, class: phrase, role: agent, phrases: [等一等], forms: [請稍等], except: [要不要等一等], bound: 0}
  - {id: closing, kind: must, class: closing, role: agent, phrases: [祝您有美好的一天], last: 30s, bound: 0}
`

func newDesk(t *testing.T) *desk {
	db := pgtest.Pool(t)
	d := &desk{trial.NewStore(db), t, db, qa.NewStore(db)}
	d.exec(`insert into teams (id, name) values ('blue', 'Blue'), ('red', 'Red')`)
	d.exec(`insert into users (id, login, name, password_hash, role, scope, team_id) values
		('u1', 'amy', 'Amy', '', 'agent', 'own', 'blue'), ('u2', 'bob', 'Bob', '', 'agent', 'own', 'red'),
		('u3', 'sue', 'Sue', '', 'supervisor', 'team', 'blue'), ('u4', 'quinn', 'Quinn', '', 'qa', 'all', null)`)
	d.publish(live)
	return d
}

func (d *desk) exec(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.db.Exec(d.t.Context(), sql, args...); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
}

func (d *desk) save(yaml string) qa.Version {
	d.t.Helper()
	v, err := d.quality.Books().Save(d.t.Context(), yaml, "", "u4", time.Time{})
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

func (d *desk) publish(yaml string) {
	d.t.Helper()
	if _, err := d.quality.Books().Publish(d.t.Context(), d.save(yaml).CreatedAt, "go", "u4"); err != nil {
		d.t.Fatal(err)
	}
}

// call is a recording in which the agent said sentences, three seconds apart.
func (d *desk) call(agent, name string, started time.Time, sentences ...string) id.LegID {
	d.t.Helper()
	r := qa.Result{Source: qa.Source{Leg: id.LegID(name + ".2"), Call: id.CallID(name), Agent: id.AgentID(agent), Started: started}, Model: "test"}
	r.Transcript = rule.Transcript{Length: 60_000, Speech: map[rule.Role][]rule.Span{rule.Agent: {{Start: 1000, End: 50_000}}}}
	for i, text := range sentences {
		u := rule.Utterance{Role: rule.Agent, Span: rule.Span{Start: 1000 + 3000*i, End: 1000 + 3000*i}}
		for _, c := range text {
			u.Units = append(u.Units, rule.Unit{Text: string(c), Span: rule.Span{Start: u.End, End: u.End + 100}})
			u.End += 100
		}
		r.Transcript.Utterances = append(r.Transcript.Utterances, u)
	}
	now, err := d.quality.LiveBook(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	r.Book, r.Findings = now.Version, now.Book.Judge(&r.Transcript)
	if r.Attempt, err = d.quality.Begin(d.t.Context(), r.Source); err != nil {
		d.t.Fatal(err)
	}
	if err := d.quality.Save(d.t.Context(), r, func(ctx context.Context, tx pgx.Tx) error { return nil }); err != nil {
		d.t.Fatal(err)
	}
	return r.Leg
}

func (d *desk) start(c trial.Choice) int64 {
	d.t.Helper()
	if c.Most == 0 {
		c.Most = 100
	}
	t, err := d.Start(d.t.Context(), c, "u4", noon, func(context.Context, pgx.Tx, int64) error { return nil })
	if err != nil {
		d.t.Fatal(err)
	}
	if t.State != trial.Waiting || t.By != "u4" || t.Name != "Quinn" || !t.Draft {
		d.t.Errorf("%+v", t)
	}
	return t.ID
}

func (d *desk) run(c trial.Choice) int64 {
	d.t.Helper()
	n := d.start(c)
	if err := d.Run(d.t.Context(), n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

func (d *desk) result(v review.Viewer, n int64) trial.TrialResult {
	d.t.Helper()
	r, err := d.Result(d.t.Context(), v, n)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func (d *desk) examples(v review.Viewer, n int64, w trial.Wanted) []trial.TrialExample {
	d.t.Helper()
	w.Limit = 100
	all, err := d.Examples(d.t.Context(), v, n, w)
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

// hits are "rule new/gone/same" in findings and calls.
func hits(r trial.TrialResult) string {
	var all []string
	for _, of := range r.Rules {
		all = append(all, fmt.Sprintf("%s +%d(%d) -%d(%d) =%d(%d)", of.Rule.ID, of.New.Findings, of.New.Calls, of.Gone.Findings, of.Gone.Calls, of.Same.Findings, of.Same.Calls))
	}
	return strings.Join(all, ", ")
}

// office is four calls before noon: two of each agent.
func (d *desk) office() {
	d.call("u1", "c1", noon.Add(-time.Hour), "請稍等", "好的", "請稍等")
	d.call("u1", "c2", noon.Add(-2*time.Hour), "等一等", "祝您有美好的一天")
	d.call("u2", "c3", noon.Add(-3*time.Hour), "您要不要等一等")
	d.call("u2", "c4", noon.Add(-48*time.Hour), "請稍等", "祝您有美好的一天")
}

func TestATrialShowsWhatIsNewGoneAndTheSame(t *testing.T) {
	d := newDesk(t)
	d.office()
	d.save(draft)
	r := d.result(quinn, d.run(trial.Choice{}))
	if want := "wait +3(2) -1(1) =1(1), closing +0(0) -0(0) =4(4)"; hits(r) != want {
		t.Errorf("%s, want %s", hits(r), want)
	}
	if r.State != trial.Done || *r.Total != 4 || r.Trial.Done != 4 || r.EndedAt == nil || !r.Rules[0].Changed || r.Rules[1].Changed {
		t.Errorf("%+v", r)
	}
	// The scope of a team, the newest two calls, those of a day, one rule.
	if want := "wait +2(1) -0(0) =1(1), closing +0(0) -0(0) =2(2)"; hits(d.result(sue, r.ID)) != want {
		t.Errorf("the team sees %s, want %s", hits(d.result(sue, r.ID)), want)
	}
	for want, c := range map[string]trial.Choice{
		"wait +2(1) -0(0) =1(1), closing +0(0) -0(0) =2(2)": {Most: 2},
		"wait +2(1) -1(1) =1(1), closing +0(0) -0(0) =3(3)": {Since: noon.Add(-24 * time.Hour)},
		"wait +3(2) -1(1) =1(1)":                            {Rule: "wait"},
		"wait +0(0) -0(0) =0(0), closing +0(0) -0(0) =0(0)": {Queue: "none"},
	} {
		if got := hits(d.result(quinn, d.run(c))); got != want {
			t.Errorf("%+v: %s, want %s", c, got, want)
		}
	}
}

func TestExamplesQuoteWhatWasSaidAround(t *testing.T) {
	d := newDesk(t)
	d.office()
	d.save(draft)
	n := d.run(trial.Choice{})
	gone := d.examples(quinn, n, trial.Wanted{Rule: "wait", Side: trial.Gone})
	if len(gone) != 1 || gone[0].Leg != "c3.2" || gone[0].CallID != "c3" || gone[0].AgentName != "Bob" || gone[0].SeekMS != 1400 || gone[0].Match != "exact" {
		t.Fatalf("%+v", gone)
	}
	if l := gone[0].Lines[0]; l.Before != "您要不要" || l.Hit != "等一等" || l.After != "" || l.Role != "agent" {
		t.Errorf("%+v", l)
	}
	if got := d.examples(sue, n, trial.Wanted{Rule: "wait", Side: trial.Gone}); len(got) != 0 {
		t.Errorf("the blue team sees %+v", got)
	}
	for _, e := range d.examples(quinn, n, trial.Wanted{Rule: "closing"}) {
		if e.Leg == "c1.2" && (e.StartMS != nil || len(e.Lines) != 3 || e.Lines[2].Before != "請稍等" || e.SeekMS != 1000) {
			t.Errorf("%+v", e)
		}
	}
}

func TestThumbsGiveThePrecisionOfADefinition(t *testing.T) {
	d := newDesk(t)
	d.office()
	d.save(draft)
	n := d.run(trial.Choice{})
	thumb := func(v review.Viewer, e trial.TrialExample, up string) {
		t.Helper()
		if err := d.Thumb(t.Context(), v, n, e.ID, up); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range d.examples(quinn, n, trial.Wanted{Rule: "wait"}) {
		switch {
		case e.Side == trial.New && e.Leg == "c1.2":
			thumb(quinn, e, "up")
		case e.Side == trial.New, e.Side == trial.Gone:
			thumb(quinn, e, "down")
		default:
			thumb(quinn, e, "down")
			thumb(sue, e, "up") // what was said last counts
		}
	}
	rules := d.result(quinn, n).Rules
	// The draft: two new ones right, one wrong, one the same right; the live rules: that one right, and the gone one wrong.
	if got := rules[0].Draft.All; got.Right != 3 || got.Count != 4 || !got.Few {
		t.Errorf("the draft: %+v", got)
	}
	if got := rules[0].Live.Thumbs; got.Right != 1 || got.Count != 2 {
		t.Errorf("live: %+v", got)
	}
	if got := rules[0].New; got.Up != 2 || got.Down != 1 {
		t.Errorf("%+v", got)
	}
	if got := rules[1].Draft.All; got.Count != 0 || got.Share != nil {
		t.Errorf("not measured: %+v", got)
	}
	// It goes live with another way to say it: what was measured stays; a definition that changes begins anew.
	d.publish(strings.Replace(draft, "phrases: [等一等]", "say: 請稍候, phrases: [等一等]", 1))
	measured := func() int {
		t.Helper()
		now, err := d.quality.LiveBook(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Precisions(t.Context(), now.Book)
		if err != nil {
			t.Fatal(err)
		}
		return got["wait"].All.Count
	}
	if got := measured(); got != 4 {
		t.Errorf("live, %d are judged, want 4", got)
	}
	d.publish(strings.Replace(draft, "bound: 0}", "bound: 0.1}", 1))
	if got := measured(); got != 0 {
		t.Errorf("of another definition %d are judged", got)
	}
	e := d.examples(quinn, n, trial.Wanted{Rule: "wait", Side: trial.Gone})[0]
	if e.Thumb != "down" || e.ThumbName != "Quinn" {
		t.Errorf("%+v", e)
	}
	thumb(quinn, e, "none")
	if e = d.examples(quinn, n, trial.Wanted{Rule: "wait", Side: trial.Gone})[0]; e.Thumb != "" || e.ThumbAt != nil {
		t.Errorf("it was taken back: %+v", e)
	}
}

func TestWhoMaySayWhatOfAnExample(t *testing.T) {
	d := newDesk(t)
	d.office()
	d.save(draft)
	n := d.run(trial.Choice{})
	e := d.examples(quinn, n, trial.Wanted{Rule: "wait", Side: trial.Gone})[0] // a call of u2, of the red team
	for code, v := range map[string]review.Viewer{"own_call": {ID: "u2", Scope: "all"}, "not_found": sue} {
		err := d.Thumb(t.Context(), v, n, e.ID, "up")
		var r *review.Refusal
		if errors.As(err, &r) && r.Code == code || code == "not_found" && errors.Is(err, trial.ErrNotFound) {
			continue
		}
		t.Errorf("%v, want %s", err, code)
	}
	if err := d.Thumb(t.Context(), quinn, n+1, e.ID, "up"); !errors.Is(err, trial.ErrNotFound) {
		t.Errorf("in another trial: %v", err)
	}
}

// Reviewers' decisions count beside thumbs, each finding once, under every version that had the same rule.
func TestReviewersMeasureRules(t *testing.T) {
	d := newDesk(t)
	var legs []id.LegID
	for i := range 4 {
		legs = append(legs, d.call("u1", fmt.Sprintf("c%d", i), noon.Add(-time.Duration(i+1)*time.Hour), "等一等"))
	}
	d.publish(draft) // another definition
	for i := 4; i < 6; i++ {
		legs = append(legs, d.call("u1", fmt.Sprintf("c%d", i), noon.Add(-time.Duration(i+1)*time.Hour), "等一等"))
	}
	mark := func(leg id.LegID, mark string) {
		d.exec(`insert into finding_marks (leg, book, rule, start_ms, agent_id, by, mark, rule_is, note) select leg, book, rule, start_ms, agent_id, 'u4', $2, case when $2 = 'corrected' then 'other' else '' end, 'so'
			from findings where leg = $1 and rule = 'wait'`, leg, mark)
	}
	mark(legs[0], "confirmed")
	mark(legs[1], "rejected")
	mark(legs[2], "confirmed")
	mark(legs[2], "overturned")
	mark(legs[3], "acknowledged")
	mark(legs[4], "corrected")
	mark(legs[5], "confirmed")
	d.publish(live) // as at first
	now, err := d.quality.LiveBook(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Precisions(t.Context(), now.Book)
	if err != nil || got["wait"].Reviews.Right != 1 || got["wait"].Reviews.Count != 3 || got["wait"].Thumbs.Count != 0 {
		t.Errorf("%+v, %v", got["wait"], err)
	}
	// A thumb on a finding that a reviewer decided adds nothing; one on another does.
	d.save(draft)
	n := d.run(trial.Choice{})
	for _, e := range d.examples(quinn, n, trial.Wanted{Rule: "wait", Side: trial.Same}) {
		if e.Leg == string(legs[1]) || e.Leg == string(legs[3]) {
			if err := d.Thumb(t.Context(), quinn, n, e.ID, "up"); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err = d.Precisions(t.Context(), now.Book)
	if all := got["wait"].All; err != nil || all.Right != 2 || all.Count != 4 || got["wait"].Thumbs.Count != 2 {
		t.Errorf("%+v, %v", got["wait"], err)
	}
}

func TestATrialIsStoppedGoesOnAndIsOvertaken(t *testing.T) {
	d := newDesk(t)
	d.office()
	none, err := d.Start(t.Context(), trial.Choice{Most: 1}, "u4", noon, nil)
	var r *review.Refusal
	if !errors.As(err, &r) || r.Code != "no_draft" {
		t.Errorf("without a draft: %+v, %v", none, err)
	}
	d.save(draft)
	if _, err := d.Start(t.Context(), trial.Choice{Most: 1, Rule: "wrong"}, "u4", noon, nil); !errors.As(err, &r) || r.Code != "no_rule" {
		t.Errorf("a rule that is not there: %v", err)
	}
	n := d.start(trial.Choice{})
	if err := d.Stop(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if err := d.Run(t.Context(), n); err != nil || d.result(quinn, n).State != trial.Stopped {
		t.Errorf("a stopped trial goes on: %v", err)
	}
	if err := d.Stop(t.Context(), n); !errors.As(err, &r) || r.Code != "ended" {
		t.Errorf("stopped twice: %v", err)
	}
	// A worker died after two of four calls: the next attempt goes on after them.
	n = d.start(trial.Choice{})
	d.exec(`update rule_trials set state = 'running', attempt = 1, total = 4, done = 2, reached = x.leg, reached_at = x.started_at from transcripts x where id = $1 and x.leg = 'c2.2'`, n)
	if err := d.Run(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if got, want := hits(d.result(quinn, n)), "wait +1(1) -1(1) =0(0), closing +0(0) -0(0) =2(2)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	n = d.start(trial.Choice{})
	if err := d.Note(t.Context(), n, true, "broken"); err != nil {
		t.Fatal(err)
	}
	if got := d.result(quinn, n); got.State != trial.Failed || got.Reason != "broken" || got.EndedAt == nil {
		t.Errorf("%+v", got)
	}
}

func TestAnErasedCallIsInNoTrial(t *testing.T) {
	d := newDesk(t)
	d.office()
	d.save(draft)
	n := d.run(trial.Choice{})
	e := d.examples(quinn, n, trial.Wanted{Rule: "wait", Side: trial.Gone})[0]
	if err := d.Thumb(t.Context(), quinn, n, e.ID, "down"); err != nil {
		t.Fatal(err)
	}
	err := pgx.BeginFunc(t.Context(), d.db, func(tx pgx.Tx) error {
		return errors.Join(qa.Erase(t.Context(), tx, "c3.2"), qa.EraseReview(t.Context(), tx, "c3.2"), trial.Erase(t.Context(), tx, "c3.2"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := hits(d.result(quinn, n)), "wait +3(2) -0(0) =1(1), closing +0(0) -0(0) =3(3)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := d.result(quinn, n).Rules[0].Live.All.Count; got != 0 {
		t.Errorf("%d thumbs are left", got)
	}
}

func TestOldTrialsAreThrownAway(t *testing.T) {
	d := newDesk(t)
	d.save(draft)
	for range trial.Kept + 3 {
		d.run(trial.Choice{})
	}
	all, err := d.Trials(t.Context())
	if err != nil || len(all) != trial.Kept {
		t.Errorf("%d trials, %v", len(all), err)
	}
}
