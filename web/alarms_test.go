package web

import (
	"fmt"
	"testing"
)

func TestAlarmsOfOnesScope(t *testing.T) {
	f := office(t)
	for call, agent := range map[string]string{"c1": "u1", "c2": "u2"} {
		f.exec(`insert into recordings (leg, call_id, agent_id, state, started_at) values ($1 || '.2', $1, $2, 'failed', now() - interval '1 hour')`, call, agent)
	}
	f.exec(`insert into recording_alarms (leg, kind, detail, raised_at, cleared_at) values
		('c1.2', 'short', '{"talk_ms": 60000, "lack_ms": 9000, "bound_ms": 3600}', now() - interval '3 minutes', null),
		('c2.2', 'missing', '{"reason": "failed"}', now() - interval '2 minutes', null),
		('c9.2', 'missing', '{"reason": "no_row"}', now() - interval '1 minute', null),
		('c1.2', 'hash', '{"reason": "altered"}', now() - interval '9 minutes', now())`)
	legs := func(page list[RecordingAlarm]) string {
		return ids(page, func(a RecordingAlarm) string { return a.Leg + " " + a.Kind })
	}
	for user, want := range map[string]string{"u3": "c1.2 short", "u4": "c9.2 missing c2.2 missing c1.2 short", "u6": "c1.2 short"} {
		if got := legs(get[list[RecordingAlarm]](f.as(user), "/api/v1/recording-alarms")); got != want {
			t.Errorf("%s sees %s, want %s", user, got, want)
		}
	}
	all := f.as("u4")
	for query, want := range map[string]string{"kind=hash": "", "kind=hash&open=false": "c1.2 hash", "open=false&limit=1": "c9.2 missing"} {
		if got := legs(get[list[RecordingAlarm]](all, "/api/v1/recording-alarms?"+query)); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	page := get[list[RecordingAlarm]](all, "/api/v1/recording-alarms?limit=2")
	if got := legs(get[list[RecordingAlarm]](all, "/api/v1/recording-alarms?limit=2&after="+page.Next)); got != "c1.2 short" {
		t.Errorf("the second page: %s", got)
	}

	short, missing := get[list[RecordingAlarm]](f.as("u3"), "/api/v1/recording-alarms").Items[0], page.Items[1]
	if short.Detail.LackMS != 9000 || short.AgentName == "" || short.QueueID != "order" || short.StartedAt == nil {
		t.Errorf("alarm %+v", short)
	}
	f.as("u3").want(404, "not_found", "POST", fmt.Sprintf("/api/v1/recording-alarms/%d/seen", missing.ID), nil)
	f.as("u3").want(204, "", "POST", fmt.Sprintf("/api/v1/recording-alarms/%d/seen", short.ID), nil)
	if a := get[list[RecordingAlarm]](all, "/api/v1/recording-alarms?kind=short").Items[0]; a.SeenBy != "u3" || a.SeenByName == "" || a.SeenAt == nil {
		t.Errorf("seen: %+v", a)
	}
	var n int
	if err := f.DB.QueryRow(t.Context(), `select count(*) from access_log where action = 'change' and object = 'recording:c1.2' and user_id = 'u3'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d entries in the access log, %v", n, err)
	}
}
