package review_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/qa/review"
	"hotline/qa/rule"
	"hotline/qa/score"
)

func TestWorkLists(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	now := time.Now()
	silence := rule.Finding{Rule: "silence", Class: "silence", Start: ms(1), End: ms(2), Value: 20000}
	h.call("u1", "a1", now.Add(-3*time.Hour), said("wait", 100), said("cannot", 200))
	h.call("u1", "a2", now.Add(-2*time.Hour), silence)
	h.call("u2", "b1", now.Add(-1*time.Hour))
	h.exec(`insert into survey_answers (call_id, survey, version, question, value) values ('a1', 's', 'v', 'satisfaction', 2), ('b1', 's', 'v', 'recommendation', 9)`)
	base := review.Filter{List: review.All, From: now.Add(-24 * time.Hour), To: now, Rule: "wait", Percent: 50, Seed: "s", SilenceMS: 15000, Weeks: 4, Limit: 50}
	with := func(change func(*review.Filter)) review.Filter { f := base; change(&f); return f }
	list := func(l review.List) review.Filter { return with(func(f *review.Filter) { f.List = l }) }
	for name, tt := range map[string]struct {
		viewer review.Viewer
		filter review.Filter
		want   string
	}{
		"all":                      {quinn, base, "b1 a2 a1"},
		"a team's":                 {sue, base, "a2 a1"},
		"one's own":                {review.Viewer{ID: "u2", Scope: "own"}, base, "b1"},
		"of an agent":              {quinn, with(func(f *review.Filter) { f.Agent = "u2" }), "b1"},
		"of a queue":               {quinn, with(func(f *review.Filter) { f.Queue = "service" }), ""},
		"of a time":                {quinn, with(func(f *review.Filter) { f.To = now.Add(-90 * time.Minute) }), "a2 a1"},
		"by a rule":                {quinn, list(review.ByRule), "a1"},
		"low survey answers":       {quinn, list(review.Survey), "a1"},
		"long silence":             {quinn, list(review.Silence), "a2"},
		"no silence so long":       {quinn, with(func(f *review.Filter) { f.List, f.SilenceMS = review.Silence, 30000 }), ""},
		"new agents":               {quinn, list(review.New), "b1"},
		"no appeals":               {quinn, list(review.Appeals), ""},
		"as many as there is room": {quinn, with(func(f *review.Filter) { f.Limit = 1 }), "b1"},
	} {
		items, err := h.Work(ctx, tt.viewer, tt.filter)
		if err != nil || names(items) != tt.want {
			t.Errorf("%s: %q, want %q, %v", name, names(items), tt.want, err)
		}
	}
	items, err := h.Work(ctx, quinn, base)
	if err != nil {
		t.Fatal(err)
	}
	if a1 := items[2]; a1.Violations != 2 || a1.AgentName != "Amy" || *a1.Worst != 2 || a1.Critical != 1 || *a1.Total != *a1.MachineTotal {
		t.Errorf("%+v", a1)
	}
	if _, err := h.Work(ctx, quinn, list("everything")); err == nil {
		t.Error("a list that there is none of")
	}
	// A share is of each agent's calls, at least one; the same seed chooses the same.
	for range 2 {
		first, _ := h.Work(ctx, quinn, list(review.Share))
		again, _ := h.Work(ctx, quinn, list(review.Share))
		if len(first) != 2 || names(first) != names(again) || !strings.Contains(names(first), "b1") {
			t.Errorf("%q, then %q", names(first), names(again))
		}
	}
	orders := map[string]bool{}
	for seed := range 20 {
		items, err := h.Work(ctx, quinn, with(func(f *review.Filter) { f.List, f.Seed = review.Random, fmt.Sprint(seed) }))
		if err != nil || len(items) != 3 {
			t.Fatalf("%q, %v", names(items), err)
		}
		orders[names(items)] = true
	}
	if len(orders) < 3 {
		t.Errorf("20 seeds made the orders %v", orders)
	}
}

func TestAClaimKeepsOthersAwayUntilItRunsOut(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	leg := h.call("u1", "c1", time.Now().Add(-time.Hour))
	first, err := h.Claim(ctx, quinn, leg, review.First, review.All)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := h.Claim(ctx, quinn, leg, review.First, review.All); err != nil || again.ID != first.ID {
		t.Errorf("the same person again: %+v, %v", again, err)
	}
	_, err = h.Claim(ctx, rita, leg, review.First, review.All)
	h.refused(err, "taken")
	for name, tt := range map[string]struct {
		viewer review.Viewer
		state  string
		want   string
	}{
		"whoever has it goes on": {quinn, "open", "c1(claimed Quinn)"}, "others find it no more": {rita, "open", ""},
		"mine": {quinn, "mine", "c1(claimed Quinn)"}, "not mine": {rita, "mine", ""}, "not done": {quinn, "done", ""}, "in every state": {rita, "", "c1(claimed Quinn)"},
	} {
		f := review.Filter{List: review.All, From: time.Now().Add(-24 * time.Hour), To: time.Now(), State: tt.state, Limit: 10}
		if items, err := h.Work(ctx, tt.viewer, f); err != nil || names(items) != tt.want {
			t.Errorf("%s: %q, %v", name, names(items), err)
		}
	}
	h.refused(h.Save(ctx, rita, first.ID, review.ReviewDraft{}), "not_found")
	_, err = h.Claim(ctx, review.Viewer{ID: "u1", Scope: "all"}, leg, review.First, review.All)
	h.refused(err, "own_call")
	_, err = h.Claim(ctx, review.Viewer{ID: "u9", Scope: "team", Team: "red"}, leg, review.First, review.All)
	h.refused(err, "not_found")

	h.exec(`update reviews set expires_at = now() - interval '1 second'`)
	second, err := h.Claim(ctx, rita, leg, review.First, review.All)
	if err != nil || second.ID == first.ID {
		t.Fatalf("after it ran out: %+v, %v", second, err)
	}
	h.refused(h.Save(ctx, quinn, first.ID, review.ReviewDraft{Answers: best()}), "not_claimed")
	h.refused(h.Drop(ctx, rita, second.ID), "")
	if _, err := h.Claim(ctx, quinn, leg, review.First, review.All); err != nil {
		t.Errorf("after it was given back: %v", err)
	}
}

func TestAReviewCorrectsTheMachineAndBothStay(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	leg := h.call("u1", "c1", time.Now().Add(-time.Hour), said("wait", 9000), said("cannot", 12000), rule.Finding{Rule: "closing", Class: "closing", Role: rule.Agent})
	machine := h.value(`select machine_total from scores`)
	r, err := h.Claim(ctx, quinn, leg, review.First, review.ByRule)
	if err != nil {
		t.Fatal(err)
	}
	wait, cannot, closing := h.finding(leg, "wait"), h.finding(leg, "cannot"), h.finding(leg, "closing")
	for _, tt := range []struct {
		draft review.ReviewDraft
		code  string
	}{
		{review.ReviewDraft{Answers: []review.GivenAnswer{{Question: "other", Value: "yes"}}}, "value"},
		{review.ReviewDraft{Answers: []review.GivenAnswer{{Question: "opening", Value: "11"}}}, "value"},
		{review.ReviewDraft{Marks: []review.GivenMark{{Finding: wait, Mark: review.Corrected}}}, "value"},
		{review.ReviewDraft{Marks: []review.GivenMark{{Finding: 999, Mark: review.Confirmed}}}, "not_found"},
		{review.ReviewDraft{Answers: best("pace="), Done: true}, "incomplete"},
		{review.ReviewDraft{Answers: best(), Done: true}, "incomplete"}, // the findings
	} {
		h.refused(h.Save(ctx, quinn, r.ID, tt.draft), tt.code)
	}
	if got := h.value(`select count(*) from score_answers where source = 'person'`); got != "0" {
		t.Errorf("a refused draft left %s answers", got)
	}
	draft := review.ReviewDraft{
		Answers: best("forbidden=no"),
		Marks: []review.GivenMark{
			{Finding: wait, Mark: review.Confirmed},
			{Finding: cannot, Mark: review.Rejected, Note: "the caller's words"},
			{Finding: closing, Mark: review.Corrected, RuleIs: "empathy"},
		},
	}
	for range 2 { // saved twice, kept once
		if err := h.Save(ctx, quinn, r.ID, draft); err != nil {
			t.Fatal(err)
		}
	}
	if before := h.desk(rita, leg); len(before.Findings[0].Marks) != 0 || *before.Total != *before.Machine {
		t.Errorf("others see a review that is not done: %+v", before.Findings[0])
	}
	if err := h.Save(ctx, quinn, r.ID, review.ReviewDraft{Done: true}); err != nil {
		t.Fatal(err)
	}
	h.refused(h.Save(ctx, quinn, r.ID, draft), "not_claimed")
	d := h.desk(rita, leg)
	var closings []string
	for _, a := range d.Answers {
		if a.Question == "closing" {
			closings = append(closings, a.Source+" "+a.By+" "+a.Value)
		}
	}
	if got := strings.Join(closings, ", "); got != "rules  no, person Quinn yes" {
		t.Errorf("beside one another: %s", got)
	}
	if *d.Total != 70 || h.value(`select machine_total from scores`) != machine {
		t.Errorf("total %v, machine %s and before %s", *d.Total, h.value(`select machine_total from scores`), machine)
	}
	var stands []string
	for _, f := range d.Findings {
		stands = append(stands, f.Rule+" "+f.Stands)
	}
	if got := strings.Join(stands, ", "); got != "wait confirmed, cannot rejected, closing corrected" {
		t.Error(got)
	}
	if len(d.Events) != 3 || d.Events[0].Action != "scored" || d.Events[1].Action != "claimed" || d.Events[2].Action != "reviewed" || d.Events[2].By != "Quinn" {
		t.Errorf("history %+v", d.Events)
	}
	if got := h.value(`select count(*) from score_answers where source = 'person'`); got != "11" {
		t.Errorf("%s answers", got)
	}
	if _, err := h.db.Exec(ctx, `update score_answers set value = 'yes'`); err == nil {
		t.Error("an answer was overwritten")
	}
	// What was said of a finding stays when the recording is heard again.
	h.call("u1", "c1", time.Now().Add(-time.Hour), said("wait", 9000))
	if f := h.desk(rita, leg).Findings; len(f) != 1 || f[0].Stands != "confirmed" {
		t.Errorf("%+v", f)
	}
}

func TestASecondLookIsBlindAndAnotherPersons(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	leg := h.call("u1", "c1", time.Now().Add(-time.Hour), said("wait", 9000))
	_, err := h.Claim(ctx, rita, leg, review.Second, "")
	h.refused(err, "not_decided")
	h.review(quinn, leg, review.First, "opening=no")
	total := h.value(`select total from scores`)
	_, err = h.Claim(ctx, quinn, leg, review.Second, "")
	h.refused(err, "first_look")
	if _, err := h.Claim(ctx, rita, leg, review.Second, ""); err != nil {
		t.Fatal(err)
	}
	d := h.desk(rita, leg)
	if !d.Blind || len(d.Answers) != 0 || d.Total != nil || d.Machine != nil || len(d.Partial) != 0 || len(d.Events) != 0 || len(d.Findings) != 1 || len(d.Findings[0].Marks) != 0 || d.Findings[0].Stands != "" {
		t.Errorf("blind: %+v", d)
	}
	h.review(rita, leg, review.Second)
	d = h.desk(rita, leg)
	if d.Blind || len(d.Answers) != 9+11+11 || len(d.Findings[0].Marks) == 0 {
		t.Errorf("afterwards: %d answers, %+v", len(d.Answers), d.Findings[0])
	}
	if got := h.value(`select total from scores`); got != total {
		t.Errorf("the second look changed the total from %s to %s", total, got)
	}
	agreements, err := h.Agreements(ctx, quinn, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	opening := agreements[0]
	if opening.Question.ID != "opening" || opening.People.Pairs != 1 || opening.People.Percent != 0 || opening.Machine.Pairs != 2 || opening.Machine.Percent != 50 || !opening.Answers {
		t.Errorf("%+v", opening)
	}
}

func TestACalibrationComparesSeveral(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	leg := h.call("u1", "c1", time.Now().Add(-time.Hour))
	_, err := h.Claim(ctx, quinn, leg, review.Calibration, "")
	h.refused(err, "closed")
	session, err := h.OpenSession(ctx, quinn, leg, "weekly")
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.OpenSession(ctx, rita, leg, "")
	h.refused(err, "taken")
	h.review(quinn, leg, review.Calibration, "understood=2")
	if _, err := h.Claim(ctx, rita, leg, review.Calibration, ""); err != nil {
		t.Fatal(err)
	}
	if d := h.desk(rita, leg); !d.Blind || len(d.Answers) != 0 {
		t.Errorf("not blind: %+v", d.Answers)
	}
	_, err = h.Compare(ctx, rita, session)
	h.refused(err, "blind")
	h.review(rita, leg, review.Calibration)
	h.review(sue, leg, review.Calibration)
	if err := h.CloseSession(ctx, quinn, session); err != nil {
		t.Fatal(err)
	}
	h.refused(h.CloseSession(ctx, quinn, session), "not_found")
	c, err := h.Compare(ctx, sue, session)
	if err != nil || c.Done != 3 || len(c.Answers) != 33 {
		t.Fatalf("%d done, %d answers, %v", c.Done, len(c.Answers), err)
	}
	all, err := h.Agreements(ctx, quinn, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if a.Question.ID == "understood" && (a.People.Pairs != 3 || a.People.Percent < 33 || a.People.Percent > 34) {
			t.Errorf("%+v", a.People)
		}
	}
	if got := h.value(`select total is distinct from machine_total from scores`); got != "false" {
		t.Error("a calibration changed the score")
	}
}

func TestAnAppealIsDecidedByAnotherPerson(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	leg := h.call("u1", "c1", time.Now().Add(-time.Hour), said("wait", 9000))
	other := h.call("u1", "c2", time.Now().Add(-time.Hour), said("wait", 9000))
	wait := h.finding(leg, "wait")
	h.review(quinn, leg, review.First, "forbidden=no")
	h.refused(h.Respond(ctx, "u2", leg, wait, review.Acknowledged, ""), "not_found")
	h.refused(h.Respond(ctx, "u1", leg, wait, review.Acknowledged, ""), "")
	h.refused(h.Decide(ctx, rita, leg, wait, review.Overturned, "no"), "not_decided")
	h.refused(h.Respond(ctx, "u1", leg, wait, review.Appealed, " "), "value")
	h.refused(h.Respond(ctx, "u1", leg, wait, review.Appealed, "我是覆述客戶的話"), "")
	h.refused(h.Respond(ctx, "u1", leg, wait, review.Appealed, "again"), "decided")
	items, err := h.Work(ctx, rita, review.Filter{List: review.Appeals, From: time.Now().Add(-24 * time.Hour), To: time.Now(), Limit: 10})
	if err != nil || names(items) != "c1(done Quinn)" || items[0].Appeals != 1 {
		t.Errorf("%q, %v", names(items), err)
	}
	h.refused(h.Decide(ctx, quinn, leg, wait, review.Upheld, "no"), "first_look")
	h.refused(h.Decide(ctx, review.Viewer{ID: "u1", Scope: "all"}, leg, wait, review.Overturned, "no"), "own_call")
	h.refused(h.Decide(ctx, rita, leg, wait, review.Overturned, ""), "value")
	h.refused(h.Decide(ctx, rita, leg, wait, review.Overturned, "確實是覆述"), "")
	h.refused(h.Decide(ctx, rita, leg, wait, review.Upheld, "no"), "decided")
	d := h.desk(sue, leg)
	if f := d.Findings[0]; f.Stands != "overturned" || len(f.Marks) != 4 || !f.Seen {
		t.Errorf("%+v", f)
	}
	// The forbidden phrase made its section zero; now the decider's answer stands beside the machine's and the first reviewer's.
	var forbidden []string
	for _, a := range d.Answers {
		if a.Question == "forbidden" {
			forbidden = append(forbidden, a.Kind+"="+a.Value)
		}
	}
	if got := strings.Join(forbidden, " "); got != "=no review=no appeal=yes" || *d.Total != 100 {
		t.Errorf("%s, total %v", got, *d.Total)
	}
	// An appeal against the machine alone may be decided by any reviewer; one that fails changes nothing.
	wait = h.finding(other, "wait")
	total := h.value(`select total from scores where leg = 'c2.2'`)
	h.refused(h.Respond(ctx, "u1", other, wait, review.Appealed, "?"), "")
	h.refused(h.Decide(ctx, quinn, other, wait, review.Upheld, "聽得很清楚"), "")
	if got := h.value(`select total from scores where leg = 'c2.2'`); got != total {
		t.Errorf("total %s, before %s", got, total)
	}
}

func TestAQuestionUnderItsFloorIsNoLongerAnsweredByTheMachine(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	at := time.Now().Add(-time.Hour)
	// The machine finds the opening in every second call; people say otherwise just as often.
	for n := range score.FloorPairs {
		var found []rule.Finding
		if n%2 == 0 {
			found = append(found, rule.Finding{Rule: "opening", Class: "opening", Role: rule.Agent})
		}
		if got := h.value(`select count(*) from machine_switches`); got != "0" {
			t.Fatalf("switched off after %d", n)
		}
		opening := "opening=yes"
		if n%4 < 2 {
			opening = "opening=no"
		}
		h.review(quinn, h.call("u1", fmt.Sprintf("c%d", n), at, found...), review.First, opening, "empathy=none")
	}
	if got := h.value(`select string_agg(question || ' ' || answers || ' ' || pairs || ' ' || (by is null), ', ') from machine_switches`); got != "opening false 20 true" {
		t.Fatal(got)
	}
	leg := h.call("u1", "later", at)
	if got := h.value(`select count(*) from score_answers a join scores s on s.id = a.score_id where s.leg = 'later.2' and a.question = 'opening'`); got != "0" {
		t.Error("the machine still answers")
	}
	if d := h.desk(quinn, leg); len(d.Off) != 1 || d.Off[0] != "opening" {
		t.Errorf("off %v", d.Off)
	}
	all, err := h.Agreements(ctx, quinn, at, time.Now().Add(time.Hour))
	if err != nil || all[0].Answers || all[0].Note == "" || *all[0].Machine.Kappa > 0.1 || !all[1].Answers {
		t.Errorf("%+v, %v", all[0], err)
	}
	// Somebody lets it again: what was before counts no longer.
	h.refused(h.Switch(ctx, "u4", "understood", true, ""), "not_found")
	h.refused(h.Switch(ctx, "u4", "opening", true, "the rule is better now"), "")
	h.review(quinn, h.call("u1", "last", at), review.First, "opening=no", "empathy=none")
	if got := h.value(`select answers from machine_switches order by id desc limit 1`); got != "true" {
		t.Error("switched off by what was before")
	}
}

func TestViolationsAreCountedAndAPersonConfirmsTheSteps(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	now := time.Now()
	for n := range 4 {
		h.call("u1", fmt.Sprintf("c%d", n), now.Add(-time.Duration(n+1)*time.Hour), said("wait", 9000))
	}
	h.call("u2", "b", now.Add(-time.Hour), said("cannot", 9000), rule.Finding{Rule: "wait", Class: "phrase", Role: rule.Caller, Start: ms(1), End: ms(2)})
	h.call("u2", "old", now.AddDate(0, 0, -100), said("cannot", 9000))
	h.refused(h.Respond(ctx, "u1", "c0.2", h.finding("c0.2", "wait"), review.Appealed, "?"), "")
	text := func(v review.Viewer) string {
		all, err := h.Violations(ctx, v, "", now)
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, i := range all.Items {
			rows = append(rows, fmt.Sprintf("%s %s %d/%d %s>%s", i.AgentName, i.Rule, i.Count, i.Appealed, i.Done, i.Proposed))
		}
		return strings.Join(rows, ", ")
	}
	if got := text(quinn); got != "Amy wait 3/1 >coach, Bob cannot 1/0 >remind" {
		t.Error(got)
	}
	if got := text(sue); got != "Amy wait 3/1 >coach" {
		t.Errorf("the team's: %s", got)
	}
	h.refused(h.ConfirmStep(ctx, sue, "u1", "wait", score.Warn, "", now), "stale")
	h.refused(h.ConfirmStep(ctx, sue, "u2", "cannot", score.Remind, "", now), "not_found")
	h.refused(h.ConfirmStep(ctx, review.Viewer{ID: "u1", Scope: "all"}, "u1", "wait", score.Coach, "", now), "own_call")
	h.refused(h.ConfirmStep(ctx, sue, "u1", "wait", score.Coach, "talked about it", now), "")
	h.refused(h.ConfirmStep(ctx, sue, "u1", "wait", score.Coach, "", now), "stale")
	if got := text(sue); got != "Amy wait 3/1 coach>" {
		t.Error(got)
	}
	h.refused(h.Decide(ctx, quinn, "c0.2", h.finding("c0.2", "wait"), review.Overturned, "right"), "")
	if got := text(sue); got != "Amy wait 3/0 coach>" {
		t.Errorf("after the appeal succeeded: %s", got)
	}
}

func TestCoachingNotesHaveTheirClip(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	leg := string(h.call("u1", "c1", time.Now().Add(-time.Hour)))
	for _, n := range []review.NewCoachingNote{{Leg: leg, FromMS: 5, ToMS: 5, Note: "x"}, {Leg: leg, FromMS: 60000, ToMS: 61000, Note: "x"}} {
		h.refused(h.AddNote(ctx, sue, n), "clip")
	}
	h.refused(h.AddNote(ctx, review.Viewer{ID: "u9", Scope: "team", Team: "red"}, review.NewCoachingNote{Leg: leg, ToMS: 5, Note: "x"}), "not_found")
	h.refused(h.AddNote(ctx, sue, review.NewCoachingNote{Leg: leg, FromMS: 50000, ToMS: 90000, Note: "這裡可以先回應感受"}), "")
	own := review.Viewer{ID: "u1", Scope: "own"}
	notes, err := h.Notes(ctx, own, "", "")
	if err != nil || len(notes) != 1 || *notes[0].ToMS != 60000 || notes[0].By != "Sue" || notes[0].ReadAt != nil {
		t.Fatalf("%+v, %v", notes, err)
	}
	h.refused(h.ReadNote(ctx, "u2", notes[0].ID), "not_found")
	h.refused(h.ReadNote(ctx, "u1", notes[0].ID), "")
	if notes, _ = h.Notes(ctx, review.Viewer{ID: "u2", Scope: "own"}, "", ""); len(notes) != 0 {
		t.Errorf("another agent sees %+v", notes)
	}
}

func TestStarsAreProposedByFiguresAndNamedByAPerson(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	month := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	next := month.AddDate(0, 1, 0)
	for n := range 10 {
		h.call("u1", fmt.Sprintf("a%d", n), month.Add(time.Duration(n)*time.Hour))
		h.call("u2", fmt.Sprintf("b%d", n), month.Add(time.Duration(n)*time.Hour), said("wait", 9000))
		h.exec(`insert into survey_answers (call_id, survey, version, question, value) values ($1, 's', 'v', 'satisfaction', 5)`, fmt.Sprintf("a%d", n))
	}
	h.call("u3", "c", month)
	stars, err := h.Stars(ctx, quinn, month, next)
	if err != nil || len(stars.Items) != 2 {
		t.Fatalf("%+v, %v", stars, err)
	}
	amy, bob := stars.Items[0], stars.Items[1]
	if amy.AgentName != "Amy" || amy.Calls != 10 || amy.Violations != 0 || *amy.CSAT != 5 || strings.Join(amy.Reasons, " ") != "calls score csat no_violations" {
		t.Errorf("%+v", amy)
	}
	if bob.Violations != 10 || strings.Join(bob.Reasons, " ") != "calls score" || bob.Figure >= amy.Figure {
		t.Errorf("%+v", bob)
	}
	h.refused(h.NameStar(ctx, sue, month, next, "u2"), "not_found") // of another team
	h.refused(h.NameStar(ctx, review.Viewer{ID: "u1", Scope: "all"}, month, next, "u1"), "own_call")
	for range 2 {
		h.refused(h.NameStar(ctx, sue, month, next, "u1"), "")
	}
	if stars, err = h.Stars(ctx, quinn, month, next); err != nil || stars.Items[0].NamedBy != "Sue" {
		t.Errorf("%+v, %v", stars, err)
	}
}
