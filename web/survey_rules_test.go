package web

import (
	"slices"
	"testing"

	"hotline/internal/notify"
)

func TestWhenCallersAreAsked(t *testing.T) {
	f := office(t)
	f.Channels = []notify.Channel{notify.SMS}
	ada, sue := f.as("u5"), f.as("u3")
	rules := get[AskingRules](sue, "/api/v1/survey-rules")
	at := slices.IndexFunc(rules.Queues, func(r SurveyRule) bool { return r.QueueID == "order" })
	if at < 0 || rules.Queues[at] != (SurveyRule{QueueID: "order", Agreed: true, Key: true, After: true, Share: 100, LinkDays: 7}) ||
		len(rules.Channels) != 1 || rules.From != 540 || rules.To != 1260 {
		t.Fatalf("%+v", rules)
	}
	body := `{"agreed": true, "key": false, "after": true, "link": true, "share": 30, "agent_a_day": 5, "queue_a_day": 0, "rest_days": 90, "link_days": 3}`
	sue.want(403, "forbidden", "PUT", "/api/v1/survey-rules/order", body)
	ada.want(204, "", "PUT", "/api/v1/survey-rules/order", body)
	ada.want(422, "invalid", "PUT", "/api/v1/survey-rules/nowhere", body)
	ada.want(422, "invalid", "PUT", "/api/v1/survey-rules/order", `{"share": 101}`)
	rules = get[AskingRules](ada, "/api/v1/survey-rules")
	if got := rules.Queues[at]; got != (SurveyRule{"order", true, false, true, true, 30, 5, 0, 90, 3}) {
		t.Errorf("%+v", got)
	}
	site, err := f.Site.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range site.Configured().Queues {
		if limited := q.ID == "order"; q.Asking == nil || q.Asking.Limited != limited || q.Asking.Link != limited || !q.Asking.After {
			t.Errorf("the Floor is told %+v", q)
		}
	}
	ada.want(204, "", "PUT", "/api/v1/message-hours", `{"from": 600, "to": 1200}`)
	ada.want(422, "invalid", "PUT", "/api/v1/message-hours", `{"from": 600, "to": 600}`)
	if rules = get[AskingRules](ada, "/api/v1/survey-rules"); rules.From != 600 || rules.To != 1200 {
		t.Errorf("%+v", rules)
	}
	if n := count(f, `select count(*) from access_log where action = 'change' and object in ('survey_rule:order', 'message_hours')`); n != 2 {
		t.Errorf("%d changes logged", n)
	}
}
