package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flows"
)

// flowOffice is an office with the shipped flows and the line of the demo company; u7 is a supervisor of everybody.
func flowOffice(t *testing.T) (*fixture, string) {
	f := office(t)
	set, err := flowfile.LoadFS(ivr.Known{}, flows.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Flows.Seed(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	f.exec(`insert into queues (id, name_zh, name_en) values ('member', '會員', 'Members')`)
	f.exec(`insert into lines (number, flow) values ('+886800000123', 'main')`)
	f.user("u7", "hui", RoleSupervisor, ScopeAll, "")
	v, err := f.Flows.ByHash(t.Context(), FlowPath{Kind: "flow", Name: "main"}.key(), set.Flows["main"].Version)
	if err != nil {
		t.Fatal(err)
	}
	return f, v.YAML
}

func flowBody(yaml string, seen *FlowVersion) map[string]any {
	body := map[string]any{"yaml": yaml}
	if seen != nil {
		body["seen"] = seen.CreatedAt
	}
	return body
}

func answered[T any](f *fixture, r result) (out T) {
	f.t.Helper()
	if err := json.Unmarshal(r.body, &out); err != nil {
		f.t.Fatalf("%v in %s", err, r.body)
	}
	return out
}

func TestFlowsAreDraftedPublishedAndTakenBack(t *testing.T) {
	f, yaml := flowOffice(t)
	hui, sue, amy := f.as("u7"), f.as("u3"), f.as("u1")
	const path = "/api/v1/flows/flow/main"
	list1 := get[list[FlowSummary]](sue, "/api/v1/flows")
	if len(list1.Items) != 2 || list1.Items[0].Name != "main" || list1.Items[0].Live == nil || list1.Items[0].Draft != nil || list1.Items[0].Faults != 0 ||
		strings.Join(list1.Items[0].Lines, " ") != "+886800000123" {
		t.Errorf("%+v", list1)
	}
	amy.want(403, "forbidden", "GET", "/api/v1/flows", nil)
	sue.want(403, "forbidden", "PUT", path+"/draft", flowBody(yaml, nil)) // a team's supervisor may look and try
	faulty := strings.Replace(yaml, "start: ", "start: nowhere-", 1)
	draft := answered[FlowVersion](f, hui.want(200, "", "PUT", path+"/draft", flowBody(faulty, nil)))
	if draft.Version != 2 || draft.State != "draft" || draft.Drafter != "Name of hui" {
		t.Errorf("%+v", draft)
	}
	if items := get[list[FlowSummary]](sue, "/api/v1/flows").Items; items[0].Draft == nil || items[0].Faults == 0 {
		t.Errorf("%+v", items[0])
	}
	publish := func(v FlowVersion) map[string]any {
		return map[string]any{"saved": v.CreatedAt, "note": "新的問候"}
	}
	refused := hui.want(422, "invalid", "POST", path+"/draft/publish", publish(draft))
	if !strings.Contains(string(refused.body), "body.yaml:") {
		t.Errorf("%s", refused.body)
	}
	hui.want(409, "stale", "PUT", path+"/draft", flowBody(yaml, nil))
	mended := answered[FlowVersion](f, hui.want(200, "", "PUT", path+"/draft", flowBody(yaml+"# 新\n", &draft)))
	hui.want(409, "stale", "POST", path+"/draft/publish", publish(draft))
	live := answered[FlowVersion](f, hui.want(200, "", "POST", path+"/draft/publish", publish(mended)))
	if live.Version != 2 || live.State != "live" || live.Publisher != "Name of hui" {
		t.Errorf("%+v", live)
	}
	back := answered[FlowVersion](f, hui.want(200, "", "POST", path+"/versions/1/restore", map[string]any{"note": "太長"}))
	if back.Version != 3 || back.BackTo != 1 || back.YAML != yaml {
		t.Errorf("%+v", back)
	}
	versions := get[list[FlowVersion]](sue, path+"/versions")
	if len(versions.Items) != 3 || versions.Items[0].State != "live" || versions.Items[0].YAML != "" {
		t.Errorf("%+v", versions)
	}
	if v := get[FlowVersion](sue, path+"/versions/2"); v.YAML != yaml+"# 新\n" {
		t.Errorf("%+v", v)
	}
	if v := get[FlowVersion](sue, path+"/texts/"+live.Hash); v.Version != 2 {
		t.Errorf("%+v", v)
	}
	hui.want(404, "not_found", "DELETE", path+"/draft", nil)
	if n := count(f, `select count(*) from access_log where action = 'change' and object = 'flow:main' and user_id = 'u7'`); n != 4 {
		t.Errorf("%d changes are in the access log", n)
	}
	if n := count(f, `select count(*) from access_log where object = 'flow:main' and detail @> '{"live": true, "note": "新的問候", "version": 2}'`); n != 1 {
		t.Errorf("%d publications are in the access log", n)
	}
}

func TestATextIsChecked(t *testing.T) {
	f, yaml := flowOffice(t)
	sue := f.as("u3")
	check := func(body map[string]any) CheckedFlow {
		t.Helper()
		return answered[CheckedFlow](f, sue.want(200, "", "POST", "/api/v1/flows/check", body))
	}
	if c := check(map[string]any{"yaml": yaml}); c.Kind != "flow" || c.Name != "main" || len(c.Faults) != 0 {
		t.Errorf("%+v", c)
	}
	wrong := check(map[string]any{"yaml": strings.Replace(yaml, "id: order", "id: oder", 1)})
	if len(wrong.Faults) != 1 || wrong.Faults[0].Line == 0 || wrong.Faults[0].Step == "" || !strings.Contains(wrong.Faults[0].Message, `"oder"`) {
		t.Errorf("%+v", wrong)
	}
	if c := check(map[string]any{"yaml": yaml, "kind": "flow", "name": "other"}); len(c.Faults) != 1 {
		t.Errorf("%+v", c)
	}
	if c := check(map[string]any{"yaml": ": ["}); c.Kind != "" || len(c.Faults) == 0 {
		t.Errorf("%+v", c)
	}
	large := yaml + "#" + strings.Repeat("字", 60_000) + "\n" // three bytes each: more than other routes take
	if c := check(map[string]any{"yaml": large}); c.Name != "main" {
		t.Errorf("%+v", c)
	}
	sue.want(http.StatusUnprocessableEntity, "invalid", "GET", "/api/v1/flows/song/main/versions", nil)
	sue.want(404, "not_found", "GET", "/api/v1/flows/flow/nothing/versions", nil)
	sue.want(404, "not_found", "GET", fmt.Sprintf("/api/v1/flows/flow/main/texts/%012x", 1), nil)
}

func TestWhatAFlowMayName(t *testing.T) {
	f, _ := flowOffice(t)
	f.Services = []string{"orders"}
	got := get[FlowNames](f.as("u3"), "/api/v1/flows/known")
	if fmt.Sprint(got.Services) != "[orders]" || got.Calendars == nil {
		t.Errorf("%+v", got)
	}
	f.as("u1").want(403, "forbidden", "GET", "/api/v1/flows/known", nil)
}

func TestAFlowIsRehearsed(t *testing.T) {
	f, yaml := flowOffice(t)
	sue := f.as("u3")
	ask := func(inputs string) Rehearsal {
		t.Helper()
		body := map[string]any{"yaml": yaml, "at": "2026-11-30T10:00:00+08:00", "inputs": json.RawMessage(inputs)}
		return answered[Rehearsal](f, sue.want(200, "", "POST", "/api/v1/flows/rehearse", body))
	}
	if r := ask(`[]`); r.Waits != "digits" || r.WaitS == 0 || r.Over || len(r.Path) == 0 || r.Path[0] != "hours" || len(r.Lines) < 4 {
		t.Errorf("%+v", r)
	}
	if r := ask(`[{"digits":"1"},{"result":"answered"},{"digits":"5"},{"digits":"9#"}]`); !r.Over || r.Step != "order" || fmt.Sprint(r.Reasons) != "[訂購]" {
		t.Errorf("%+v", r)
	}
	if r := ask(`[{"hang_up":true}]`); !r.Over || r.Lines[len(r.Lines)-1].Kind != "gone" {
		t.Errorf("%+v", r)
	}
	sue.want(422, "invalid", "POST", "/api/v1/flows/rehearse", map[string]any{"yaml": "kind: song", "at": "2026-11-30T10:00:00+08:00", "inputs": []string{}})
	f.as("u1").want(403, "forbidden", "POST", "/api/v1/flows/rehearse", map[string]any{"yaml": yaml, "at": "2026-11-30T10:00:00+08:00", "inputs": []string{}})
}

func TestTheWayOfACallAndTheFiguresOfItsFlow(t *testing.T) {
	f, _ := flowOffice(t)
	f.exec(`insert into call_steps (call_id, n, at, flow, version, step) values ('c1', 2, now(), 'main', 'aaaaaaaaaaaa', 'menu'), ('c1', 1, now(), 'main', 'aaaaaaaaaaaa', 'hours')`)
	f.exec(`insert into flow_hours (flow, hour, version, step, calls, visits, dropped) values
		('main', date_trunc('hour', now()), 'aaaaaaaaaaaa', 'menu', 3, 4, 1), ('main', date_trunc('hour', now()), 'bbbbbbbbbbbb', 'menu', 5, 5, 0),
		('main', now() - interval '40 days', 'aaaaaaaaaaaa', 'menu', 100, 100, 100)`)
	way := get[list[CallStep]](f.as("u1"), "/api/v1/calls/c1/steps")
	if got := ids(way, func(s CallStep) string { return s.Step }); got != "hours menu" {
		t.Error(got)
	}
	f.as("u2").want(404, "not_found", "GET", "/api/v1/calls/c1/steps", nil) // somebody else's call
	from := f.clock.now().AddDate(0, 0, -30).UTC().Format("2006-01-02T15:04:05Z")
	counts := get[list[StepCount]](f.as("u3"), "/api/v1/flows/flow/main/counts?from="+from)
	if len(counts.Items) != 1 || counts.Items[0] != (StepCount{"menu", 8, 9, 1}) {
		t.Errorf("%+v", counts)
	}
	if one := get[list[StepCount]](f.as("u3"), "/api/v1/flows/flow/main/counts?version=bbbbbbbbbbbb&from="+from); one.Items[0].Calls != 5 {
		t.Errorf("%+v", one)
	}
	f.as("u1").want(403, "forbidden", "GET", "/api/v1/flows/flow/main/counts", nil)
}
