package web

import (
	"testing"

	"hotline/cti/id"
	"hotline/qa/rule"
)

func TestWhatGoesWithAnOutcomeOfOnesScope(t *testing.T) {
	f := office(t)
	for leg, agent := range map[id.LegID]id.AgentID{"c1.2": "u1", "c2.2": "u2"} {
		f.saying(rule.Agent, leg, agent, "我完全理解您的感受")
	}
	f.exec(`update calls set disposition = case when id = 'c1' then 'sold' else 'complaint' end where id in ('c1', 'c2')`)
	for user, want := range map[string][2]int{"u1": {1, 1}, "u2": {1, 0}, "u3": {1, 1}, "u4": {2, 1}, "u5": {2, 1}} {
		got := get[LiftReport](f.as(user), "/api/v1/quality/lift?outcome=sold")
		if got.Calls != want[0] || got.Won != want[1] || len(got.Items) != 1 || got.Items[0].Entry != "empathy" || got.Items[0].Won != want[1] || !got.Items[0].Few {
			t.Errorf("%s sees %+v, want %v", user, got, want)
		}
	}
	quinn := f.as("u4")
	for outcome, want := range map[string]int{"resolved": 1, "satisfied": 1, "promoter": 1} {
		if got := get[LiftReport](quinn, "/api/v1/quality/lift?outcome="+outcome); got.Won != want || got.Calls != 2 {
			t.Errorf("%s: %+v", outcome, got)
		}
	}
	if got := get[LiftReport](f.as("u1"), "/api/v1/quality/lift?agent=u2"); got.Calls != 0 {
		t.Errorf("amy sees another's calls: %+v", got)
	}
	f.exec(`update survey_answers set survey = 'monthly' where call_id = 'c2'`)
	for survey, want := range map[string]int{"after-call": 1, "monthly": 1, "none": 0} {
		if got := get[LiftReport](quinn, "/api/v1/quality/lift?outcome=satisfied&survey="+survey); got.Calls != want || got.Survey != survey || len(got.Surveys) != 2 {
			t.Errorf("%s: %+v", survey, got)
		}
	}
	for user, want := range map[string]int{"u1": 1, "u2": 1, "u3": 1, "u4": 2} {
		if got := get[MinedReport](f.as(user), "/api/v1/quality/phrases?outcome=sold"); got.Calls != want || got.Sampled != want || got.Tried != 0 || got.Floor != 30 || got.Survey != "" {
			t.Errorf("%s mines %+v, want %d calls", user, got, want)
		}
	}
	if got := get[MinedReport](f.as("u1"), "/api/v1/quality/phrases?agent=u2"); got.Calls != 0 {
		t.Errorf("amy mines another's calls: %+v", got)
	}
	if n := count(f, `select count(*) from access_log where action = 'see_trends' and user_id = 'u4' and object = 'phrases:sold'`); n != 1 {
		t.Errorf("%d looks of quinn at phrases are logged, want 1", n)
	}
	quinn.want(422, "invalid", "GET", "/api/v1/quality/lift?outcome=luck", nil)
	if n := count(f, `select count(*) from access_log where action = 'see_trends' and user_id = 'u4' and object = 'lift:sold'`); n != 1 {
		t.Errorf("%d looks of quinn are logged, want 1", n)
	}
}
