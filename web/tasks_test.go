package web

import (
	"fmt"
	"strings"
	"testing"

	"hotline/task"
)

func TestTasksAreTakenAndDone(t *testing.T) {
	f := office(t)
	for _, n := range []task.New{
		{Key: "1", Kind: task.Callback, Queue: "order", Call: "c3", Note: "first"},
		{Key: "2", Kind: task.Message, Queue: "service", Call: "c4", Note: "second"},
		{Key: "3", Kind: task.Callback, Queue: "order", Call: "c1", Note: "third"},
	} {
		if _, err := f.tasks.Add(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	amy, sue, ada := f.as("u1"), f.as("u3"), f.as("u5")
	notes := func(b *browser, query string) string {
		t.Helper()
		return ids(get[list[Task]](b, "/api/v1/tasks?"+query), func(t Task) string { return t.Note })
	}
	for _, want := range []struct {
		who   *browser
		query string
		notes string
	}{
		{amy, "", "first third"},
		{sue, "", "first third"},
		{ada, "", "first second third"},
		{ada, "kind=message", "second"},
		{ada, "call=c1", "third"},
		{ada, "queue=service", "second"},
		{amy, "owner=me", ""},
		{ada, "state=closed", ""},
		{ada, "limit=2", "first second"},
	} {
		if got := notes(want.who, want.query); got != want.notes {
			t.Errorf("%s: %q, want %q", want.query, got, want.notes)
		}
	}
	page := get[list[Task]](ada, "/api/v1/tasks?limit=2")
	if got := notes(ada, "limit=2&after="+page.Next); got != "third" {
		t.Errorf("second page %q", got)
	}
	path := fmt.Sprintf("/api/v1/tasks/%d", page.Items[0].ID)
	other := fmt.Sprintf("/api/v1/tasks/%d", page.Items[1].ID)
	if c := page.Items[0].Caller; c == "" || strings.Contains(c, "000007") || page.Items[0].CustomerName != "王○明" {
		t.Errorf("not masked: %s", c)
	}
	amy.want(404, "not_found", "POST", other+"/take", nil)
	amy.want(403, "forbidden", "GET", path+"?reveal=true", nil)
	amy.want(200, "", "POST", path+"/take", nil)
	sue.want(409, "task_taken", "POST", path+"/take", nil)
	if d := get[TaskDetail](amy, path+"?reveal=true"); d.Caller != "+886900000007" || d.CustomerName != "王大明" || len(d.History) != 2 {
		t.Errorf("%+v", d)
	}
	if n := count(f, `select count(*) from access_log where action = 'reveal_customer' and object like 'task:%'`); n != 1 {
		t.Errorf("%d reveals logged", n)
	}
	sue.want(409, "not_taken", "POST", path+"/done", `{"note": "x"}`)
	sue.want(200, "", "POST", path+"/return", `{}`)
	amy.want(409, "not_taken", "POST", path+"/drop", `{"reason": "x"}`)
	sue.want(422, "invalid", "POST", path+"/drop", `{"reason": ""}`)
	amy.want(200, "", "POST", path+"/take", nil)
	amy.want(200, "", "POST", path+"/done", `{"note": "reached"}`)
	amy.want(409, "task_closed", "POST", path+"/return", `{}`)
	if d := get[TaskDetail](ada, path); d.State != task.Done || d.Reason != "reached" || d.Late || len(d.History) != 5 || d.History[4].Name != "Name of amy" {
		t.Errorf("%+v", d)
	}
	if got := notes(ada, "state=done&owner=u1"); got != "first" {
		t.Errorf("done: %q", got)
	}
	if n := count(f, `select count(*) from access_log where action = 'change' and object like 'task:%'`); n != 4 {
		t.Errorf("%d changes logged", n)
	}
	ada.want(422, "invalid", "GET", "/api/v1/tasks?after=x", nil)
}
