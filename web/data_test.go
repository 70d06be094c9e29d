package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/customer"
	"hotline/internal/site"
	"hotline/recording"
)

// office is a fixture with two teams, a supervisor of one, an agent in each, a QA for all, and some calls.
func office(t *testing.T) *fixture {
	f := newFixture(t)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "blue")
	f.user("u2", "bob", RoleAgent, ScopeOwn, "red")
	f.user("u3", "sue", RoleSupervisor, ScopeTeam, "blue")
	f.user("u4", "quinn", RoleQA, ScopeAll, "")
	f.user("u5", "ada", RoleAdmin, ScopeAll, "")
	f.user("u6", "tim", RoleAdmin, ScopeTeam, "blue")
	f.exec(`select setval('user_number', 100)`)
	f.exec(`insert into queues (id, name_zh, name_en) values ('order', '訂購', 'Orders'), ('service', '售後服務', 'Service')`)
	f.exec(`insert into queue_members values ('order', 'u1'), ('service', 'u2')`)
	f.exec(`insert into customers (id, name, tier, note) values (7, '王大明', 'gold', '住在台北市信義路'), (8, '林小美', null, '')`)
	f.exec(`insert into customer_phones values ('+886900000007', 7), ('+886900000008', 8)`)
	f.exec(`insert into contacts (customer_id, at, channel, direction, subject, summary) values (7, now() - interval '1 day', 'phone', 'in', '訂單查詢', '王先生問訂單')`)
	at := f.clock.now().Add(-time.Hour)
	for i, c := range []struct{ call, queue, agent, outcome string }{
		{"c1", "order", "u1", "answered"}, {"c2", "service", "u2", "answered"}, {"c3", "order", "", "abandoned"}, {"c4", "service", "", "abandoned"},
	} {
		start := at.Add(time.Duration(i) * time.Minute)
		f.exec(`insert into calls (id, line, flow, caller_e164, customer_id, path, queue_id, arrived_at, queued_at, answered_at, agent_id, ended_at, outcome)
			values ($1, '+886800000123', 'main', '+886900000007', 7, '{訂購}', $2, $3, $3, case when $4 <> '' then $3::timestamptz + interval '10 s' end, nullif($4, ''), $3::timestamptz + interval '70 s', $5)`,
			c.call, c.queue, start, c.agent, c.outcome)
		f.exec(`insert into call_event (call, floor, seq, at, kind, data) values ($1, nextval('user_number'), 1, $2, 'call_arrived', '{"call":"x"}'), ($1, nextval('user_number'), 2, $2, 'caller_gone', '{}')`, c.call, start)
	}
	f.exec(`insert into survey_answers (call_id, survey, version, question, value) values
		('c1', 'after-call', 'v', 'satisfaction', 5), ('c1', 'after-call', 'v', 'recommendation', 9),
		('c2', 'after-call', 'v', 'satisfaction', 2), ('c2', 'after-call', 'v', 'recommendation', 3)`)
	return f
}

func ids[T any](page list[T], id func(T) string) string {
	var out []string
	for _, item := range page.Items {
		out = append(out, id(item))
	}
	return strings.Join(out, " ")
}

func callIDs(page list[Call]) string { return ids(page, func(c Call) string { return c.ID }) }

func TestCallsOfOnesScope(t *testing.T) {
	f := office(t)
	for user, want := range map[string]string{"u1": "c1", "u2": "c2", "u3": "c3 c1", "u4": "c4 c3 c2 c1", "u5": "c4 c3 c2 c1"} {
		if got := callIDs(get[list[Call]](f.as(user), "/api/v1/calls")); got != want {
			t.Errorf("%s sees %s, want %s", user, got, want)
		}
	}
	amy := f.as("u1")
	amy.want(404, "not_found", "GET", "/api/v1/calls/c2", nil)
	amy.want(404, "not_found", "GET", "/api/v1/calls/c2/events", nil)
	if events := get[list[CallEvent]](amy, "/api/v1/calls/c1/events"); len(events.Items) != 2 || events.Items[0].Kind != "call_arrived" {
		t.Errorf("events %+v", events)
	}
	d := get[CallDetail](amy, "/api/v1/calls/c1")
	if *d.WaitS != 10 || *d.TalkS != 60 || d.Answers["satisfaction"] != 5 || len(d.Survey) != 2 || len(d.Recordings) != 0 {
		t.Errorf("detail %+v", d)
	}
	if d.Caller != customer.MaskPhone("+886900000007") || d.CustomerName != "王○明" || strings.Contains(d.Caller, "000007") {
		t.Errorf("not masked: %s %s", d.Caller, d.CustomerName)
	}
}

func TestCallsAreFilteredAndPaged(t *testing.T) {
	f := office(t)
	all := f.as("u4")
	from := f.clock.now().Add(-time.Hour).Add(time.Minute).UTC().Format(time.RFC3339Nano)
	for query, want := range map[string]string{
		"queue=order": "c3 c1", "outcome=abandoned&queue=service": "c4", "agent=u2": "c2", "customer=7&limit=2": "c4 c3", "live=true": "",
		"q=0900-000-007": "c4 c3 c2 c1", "q=c2": "c2", "q=%27--": "", "from=" + from: "c4 c3 c2", "to=" + from: "c1", "line=%2B886800000123&limit=1": "c4",
	} {
		if got := callIDs(get[list[Call]](all, "/api/v1/calls?"+query)); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	var seen []string
	for after, pages := "", 0; pages < 10; pages++ {
		page := get[list[Call]](all, "/api/v1/calls?limit=1&after="+after)
		seen = append(seen, callIDs(page))
		if after = page.Next; after == "" {
			break
		}
	}
	if got := strings.Join(seen, " "); got != "c4 c3 c2 c1" {
		t.Errorf("pages %s", got)
	}
	for _, bad := range []string{"after=nonsense", "limit=0", "limit=1000", "from=yesterday", "customer=-1"} {
		all.want(422, "invalid", "GET", "/api/v1/calls?"+bad, nil)
	}
}

func TestCustomersAreMaskedUntilRevealed(t *testing.T) {
	f := office(t)
	amy, sue := f.as("u1"), f.as("u3")
	page := get[CustomerPage](amy, "/api/v1/customers/7")
	if !page.Masked || page.Name != "王○明" || page.Phones[0] == "+886900000007" || page.Note != "" || page.Contacts[0].Summary != "" {
		t.Errorf("%+v", page)
	}
	found := get[list[customer.Found]](amy, "/api/v1/customers?q=0900000007")
	if len(found.Items) != 1 || found.Items[0].Name != "王○明" || found.Items[0].Phones[0] == "+886900000007" {
		t.Errorf("%+v", found)
	}
	reveals := func() int { return count(f, `select count(*) from access_log where action = 'reveal_customer'`) }

	amy.want(403, "forbidden", "GET", "/api/v1/customers/7?reveal=true", nil)
	amy.want(403, "forbidden", "GET", "/api/v1/customers?q=0900000007&reveal=true", nil)
	f.floor.setView(cti.AgentView{Agent: "u1", Call: &cti.CallView{Call: "c9", Customers: []int64{7}}})
	if reveals() != 0 {
		t.Error("a refused reveal is logged as one")
	}
	if page := get[CustomerPage](amy, "/api/v1/customers/7?reveal=true"); page.Masked || page.Name != "王大明" || page.Note == "" || page.Phones[0] != "+886900000007" {
		t.Errorf("%+v", page)
	}
	amy.want(403, "forbidden", "GET", "/api/v1/customers/8?reveal=true", nil)
	amy.want(403, "forbidden", "GET", "/api/v1/customers/8/contacts?reveal=true", nil)
	if reveals() != 1 {
		t.Errorf("%d reveals logged", reveals())
	}
	if found := get[list[customer.Found]](sue, "/api/v1/customers?q=王大&reveal=true"); found.Items[0].Name != "王大明" || reveals() != 2 {
		t.Errorf("%+v, %d", found, reveals())
	}
	if contacts := get[list[customer.Contact]](sue, "/api/v1/customers/7/contacts?reveal=true"); contacts.Items[0].Summary == "" || reveals() != 3 {
		t.Errorf("%+v, %d", contacts, reveals())
	}
	sue.want(404, "not_found", "GET", "/api/v1/customers/99", nil)
	sue.want(422, "invalid", "GET", "/api/v1/customers/7/contacts?after=x", nil)
	sue.want(422, "invalid", "GET", "/api/v1/customers?q=x", nil)
}

func TestACustomersMailAddressIsCorrected(t *testing.T) {
	f := office(t)
	amy, sue, quinn := f.as("u1"), f.as("u3"), f.as("u4")
	const path = "/api/v1/customers/7"
	mail := func(email string) string { return fmt.Sprintf(`{"email": %q}`, email) }
	changes := func() int {
		return count(f, `select count(*) from access_log where action = 'change' and object = 'customer:7' and detail ? 'email'`)
	}
	amy.want(403, "forbidden", "PUT", path+"/email", mail("amy@example.com"))
	quinn.want(403, "forbidden", "PUT", path+"/email", mail("amy@example.com"))
	sue.want(404, "not_found", "PUT", "/api/v1/customers/99/email", mail("amy@example.com"))
	for _, bad := range []string{"amy", "amy@example", "Amy <amy@example.com>", "a@b.com, c@d.com"} {
		sue.want(422, "invalid", "PUT", path+"/email", mail(bad))
	}
	if got := count(f, `select count(*) from customers where email is not null`) + changes(); got != 0 {
		t.Errorf("%d changes by requests that were refused", got)
	}
	f.floor.setView(cti.AgentView{Agent: "u1", Call: &cti.CallView{Call: "c9", Customers: []int64{7}}})
	amy.want(204, "", "PUT", path+"/email", mail(" Wang.DM@Example.COM "))
	amy.want(403, "forbidden", "PUT", "/api/v1/customers/8/email", mail("amy@example.com"))
	if got := get[CustomerPage](sue, path).Email; got != "W***@example.com" {
		t.Errorf("masked: %q", got)
	}
	if got := get[CustomerPage](sue, path+"?reveal=true").Email; got != "Wang.DM@example.com" {
		t.Errorf("whole: %q", got)
	}
	if n := count(f, `select count(*) from access_log where detail::text ilike '%wang%' or object ilike '%wang%'`); n != 0 {
		t.Error("the access log has the address")
	}
	sue.want(204, "", "PUT", path+"/email", mail(""))
	if got := get[CustomerPage](sue, path+"?reveal=true").Email; got != "" || changes() != 2 {
		t.Errorf("removed: %q, %d changes", got, changes())
	}
}

func (f *fixture) recordCall(leg, call, agent string, sound []byte) {
	f.t.Helper()
	store := recording.NewStore(f.DB, f.dir)
	name := leg + ".flac"
	if err := os.WriteFile(filepath.Join(f.dir, name), sound, 0o600); err != nil {
		f.t.Fatal(err)
	}
	err := store.Finished(f.t.Context(), recording.Result{
		Leg: id.LegID(leg), Call: id.CallID(call), Agent: id.AgentID(agent), Started: f.clock.now(), Duration: time.Minute,
		SHA256: strings.Repeat("ab", 32), Path: name, Bytes: int64(len(sound)), Peaks: recording.Peaks{Step: 160, Left: []int8{-5, 5}, Right: []int8{-1, 1}},
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

func TestRecordingsArePlayedInRangesAndLogged(t *testing.T) {
	f := office(t)
	sound := bytes.Repeat([]byte("fLaC"), 1000)
	f.recordCall("c1.2", "c1", "u1", sound)
	f.recordCall("c2.2", "c2", "u2", sound)
	amy, quinn := f.as("u1"), f.as("u4")
	if got := ids(get[list[Recording]](amy, "/api/v1/recordings"), func(r Recording) string { return r.Leg }); got != "c1.2" {
		t.Errorf("amy sees %s", got)
	}
	if got := ids(get[list[Recording]](quinn, "/api/v1/recordings?queue=service"), func(r Recording) string { return r.Leg }); got != "c2.2" {
		t.Errorf("quinn sees %s", got)
	}
	if r := get[Recording](quinn, "/api/v1/recordings/c1.2"); r.CustomerName != "王○明" || r.DurationMS != 60000 || r.Answers["recommendation"] != 9 {
		t.Errorf("%+v", r)
	}
	if p := get[recording.Peaks](quinn, "/api/v1/recordings/c1.2/peaks"); p.Rate != 8000 || p.Left[1] != 5 {
		t.Errorf("%+v", p)
	}
	for _, part := range []string{"", "/peaks", "/audio"} {
		amy.want(404, "not_found", "GET", "/api/v1/recordings/c2.2"+part, nil)
	}

	const audio = "/api/v1/recordings/c1.2/audio"
	plays := func() int {
		return count(f, `select count(*) from access_log where action = 'play_recording' and object = 'recording:c1.2'`)
	}
	whole := quinn.do("GET", audio, nil)
	if whole.StatusCode != 200 || !bytes.Equal(whole.body, sound) || whole.Header.Get("Content-Type") != "audio/flac" || whole.Header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("%d %v", whole.StatusCode, whole.Header)
	}
	part := quinn.do("GET", audio, nil, "Range", "bytes=3998-")
	if part.StatusCode != 206 || string(part.body) != "aC" || part.Header.Get("Content-Range") != "bytes 3998-3999/4000" {
		t.Errorf("%d %q %v", part.StatusCode, part.body, part.Header)
	}
	if r := quinn.do("GET", audio, nil, "Range", "bytes=9000-"); r.StatusCode != 416 {
		t.Errorf("past the end: %d", r.StatusCode)
	}
	if plays() != 1 {
		t.Errorf("%d playbacks logged for one", plays())
	}
	amy.do("GET", audio, nil, "Range", "bytes=1-") // Not from the beginning is playing too.
	f.clock.pass(playbackTime)
	quinn.do("GET", audio, nil)
	if plays() != 3 {
		t.Errorf("%d playbacks logged for three", plays())
	}
	if err := os.Remove(filepath.Join(f.dir, "c1.2.flac")); err != nil {
		t.Fatal(err)
	}
	quinn.want(404, "not_found", "GET", audio, nil)
}

func TestSurveyResults(t *testing.T) {
	f := office(t)
	r := get[SurveyReport](f.as("u4"), "/api/v1/surveys?by=queue")
	if r.Total.Answered != 2 || r.Total.Offered != 2 || r.Total.Started != 2 || r.Total.Stopped != 2 || r.Total.CSAT.Average != 3.5 || r.Total.CSAT.Percent != 50 ||
		r.Total.NPS.Score != 0 || r.Total.NPS.Band != "alert" || len(r.Groups) != 2 {
		t.Errorf("%+v", r)
	}
	if g := r.Groups[0]; g.Key != "order" || g.NPS.Score != 100 || g.NPS.Band != "excellent" || g.CSAT.Counts[4] != 1 || g.NPS.Counts[9] != 1 {
		t.Errorf("%+v", g)
	}
	if r := get[SurveyReport](f.as("u1"), "/api/v1/surveys?by=agent"); len(r.Groups) != 1 || r.Groups[0].Key != "u1" {
		t.Errorf("amy sees %+v", r.Groups)
	}
	day := f.clock.now().Add(-time.Hour).In(f.zone).Format("2006-01-02")
	if r := get[SurveyReport](f.as("u4"), "/api/v1/surveys?by=day"); len(r.Groups) == 0 || r.Groups[0].Key != day {
		t.Errorf("days %+v, want %s", r.Groups, day)
	}
	if _, err := f.DB.Exec(t.Context(), `insert into survey_campaigns (id, name, survey, way, from_day, to_day) values ('spring', '春季訪問', 'after-call', 'outbound', '2026-01-01', '2026-12-31')`); err != nil {
		t.Fatal(err)
	}
	if _, err := f.DB.Exec(t.Context(), `insert into survey_answers (call_id, survey, version, question, value, way, campaign) values ('out-1-1', 'after-call', 'v', 'satisfaction', 4, 'outbound', 'spring'),
			('out-2-1', 'after-call', 'v', 'satisfaction', 5, 'outbound', 'gone')`); err != nil {
		t.Fatal(err)
	}
	for _, g := range get[SurveyReport](f.as("u4"), "/api/v1/surveys?by=campaign&way=outbound").Groups {
		if want := map[string]string{"spring": "春季訪問", "gone": ""}[g.Key]; g.Name != want || g.CSAT.Count != 1 {
			t.Errorf("campaign %s is called %q and has %d answers, want %q and 1", g.Key, g.Name, g.CSAT.Count, want)
		}
	}
	if r := get[SurveyReport](f.as("u4"), "/api/v1/surveys?to=2020-01-01T00:00:00Z"); r.Total.Answered != 0 || r.Total.NPS.Band != "" {
		t.Errorf("long ago %+v", r.Total)
	}
	for query, want := range map[string]string{"": "out-2-1 out-1-1 c2 c1", "way=phone": "c2 c1", "max_satisfaction=3": "c2", "agent=u1": "c1", "survey=other": ""} {
		page := get[list[SurveyResponse]](f.as("u4"), "/api/v1/surveys/answers?"+query)
		if got := ids(page, func(r SurveyResponse) string { return r.ID }); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if page := get[list[SurveyResponse]](f.as("u1"), "/api/v1/surveys/answers"); len(page.Items) != 1 || page.Items[0].CustomerName != "王○明" || *page.Items[0].Satisfaction != 5 {
		t.Errorf("%+v", page)
	}
}

func TestDirectoryNamesWhomTheScopeCovers(t *testing.T) {
	f := office(t)
	for user, want := range map[string]int{"u1": 1, "u3": 3, "u4": 6} {
		d := get[Directory](f.as(user), "/api/v1/directory")
		if len(d.Agents) != want || len(d.Queues) != 2 || len(d.Teams) != 2 {
			t.Errorf("%s: %+v", user, d)
		}
	}
}

func TestUsersAreAdministered(t *testing.T) {
	f := office(t)
	ada, tim := f.as("u5"), f.as("u6")
	person := func(changes map[string]any) map[string]any {
		p := map[string]any{"login": "new", "name": "新人", "password": "a long password", "role": "agent", "scope": "own", "team_id": "blue", "queues": []string{"order"}}
		for k, v := range changes {
			p[k] = v
		}
		return p
	}
	r := ada.do("POST", "/api/v1/users", person(nil))
	var made User
	if err := json.Unmarshal(r.body, &made); err != nil || r.StatusCode != 201 || made.Queues[0] != "order" || !made.Active {
		t.Fatalf("%d %s %v", r.StatusCode, r.body, err)
	}
	ada.want(422, "invalid", "POST", "/api/v1/users", person(nil)) // the login is taken
	ada.want(422, "invalid", "POST", "/api/v1/users", person(map[string]any{"login": "x", "password": "short"}))
	ada.want(422, "invalid", "POST", "/api/v1/users", person(map[string]any{"login": "spaces in it"}))
	ada.want(422, "invalid", "POST", "/api/v1/users", person(map[string]any{"login": "x", "role": "root"}))
	newcomer := f.browser()
	if r := newcomer.signIn("new", "a long password"); r.StatusCode != 200 {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	path := "/api/v1/users/" + string(made.ID)
	if r := ada.do("PATCH", path, `{"role":"supervisor","scope":"team","queues":[]}`); r.StatusCode != 200 {
		t.Errorf("%d %s", r.StatusCode, r.body)
	}
	if me := get[Me](newcomer, "/api/v1/session"); me.Role != RoleSupervisor || len(me.Queues) != 0 {
		t.Errorf("the change has no effect yet: %+v", me)
	}
	ada.want(204, "", "PUT", path+"/password", `{"password":"another password"}`)
	newcomer.want(401, "signed_out", "GET", "/api/v1/session", nil)
	ada.want(422, "invalid", "PATCH", "/api/v1/users/u5", `{"active":false}`) // the last who can
	ada.want(404, "not_found", "PATCH", "/api/v1/users/u99", `{"active":false}`)

	// An administrator of a team has that team, and gives no more than it.
	if got := ids(get[list[User]](tim, "/api/v1/users"), func(u User) string { return u.Login }); got != "amy new sue tim" {
		t.Errorf("tim sees %s", got)
	}
	tim.want(404, "not_found", "PATCH", "/api/v1/users/u2", `{"active":false}`)
	tim.want(403, "forbidden", "PATCH", "/api/v1/users/u1", `{"scope":"all"}`)
	tim.want(403, "forbidden", "PATCH", "/api/v1/users/u1", `{"team_id":"red"}`)
	tim.want(403, "forbidden", "POST", "/api/v1/users", person(map[string]any{"login": "y", "team_id": "red"}))
	tim.want(403, "forbidden", "PUT", "/api/v1/queues/order", `{"name_zh":"x","name_en":"x","active":true}`)
	if n := count(f, `select count(*) from access_log where action = 'change'`); n != 3 {
		t.Errorf("%d changes logged", n)
	}
}

func TestSiteIsAdministered(t *testing.T) {
	f := office(t)
	ada := f.as("u5")
	ok := func(method, path string, body any) {
		t.Helper()
		if r := ada.do(method, path, body); r.StatusCode >= 300 {
			t.Errorf("%s %s: %d %s", method, path, r.StatusCode, r.body)
		}
	}
	ok("PUT", "/api/v1/queues/vip", `{"name_zh":"貴賓","name_en":"VIP","ring_s":15,"active":true}`)
	ok("PUT", "/api/v1/queues/vip/members", `{"members":["u1","u2"]}`)
	ok("PUT", "/api/v1/queues/vip", `{"name_zh":"貴賓","name_en":"VIP","ring_s":10,"active":true}`)
	queues := get[list[ServedQueue]](ada, "/api/v1/queues")
	var vip ServedQueue
	for _, q := range queues.Items {
		if q.ID == "vip" {
			vip = q
		}
	}
	if vip.RingS != 10 || vip.LongestWaitS != 600 || fmt.Sprint(vip.Members) != "[u1 u2]" {
		t.Errorf("%+v", vip)
	}
	ada.want(422, "invalid", "PUT", "/api/v1/queues/vip", `{"name_zh":"貴賓","name_en":"VIP","ring_s":99,"active":true}`)
	ada.want(422, "invalid", "PUT", "/api/v1/queues/vip/members", `{"members":["u99"]}`)
	ok("PUT", "/api/v1/lines/0800-000-123", `{"flow":"main"}`)
	if lines := get[list[site.Line]](ada, "/api/v1/lines"); len(lines.Items) != 1 || lines.Items[0].Number != "+886800000123" {
		t.Errorf("%+v", lines)
	}
	ada.want(422, "invalid", "PUT", "/api/v1/lines/abc", `{"flow":"main"}`)
	ok("DELETE", "/api/v1/lines/+886800000123", nil)
	ok("PUT", "/api/v1/reasons/lunch", `{"label_zh":"用餐","label_en":"Lunch","active":true}`)
	ada.want(422, "invalid", "PUT", "/api/v1/reasons/rona", `{"label_zh":"用餐","label_en":"Lunch","active":true}`)
	ok("PUT", "/api/v1/dispositions/solved", `{"label_zh":"已解決","label_en":"Solved","active":true}`)
	r := ada.do("POST", "/api/v1/teams", `{"name":"綠隊"}`)
	var team site.Team
	if err := json.Unmarshal(r.body, &team); err != nil || r.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	ok("PATCH", "/api/v1/teams/"+team.ID, `{"name":"黃隊"}`)
	ok("DELETE", "/api/v1/teams/"+team.ID, nil)
	ada.want(422, "invalid", "DELETE", "/api/v1/teams/blue", nil) // people belong to it
	log := get[list[AccessEntry]](ada, "/api/v1/access-log?action=change&limit=3")
	if len(log.Items) != 3 || log.Next == "" || log.Items[0].UserName != "Name of ada" {
		t.Errorf("%+v", log)
	}
	if rest := get[list[AccessEntry]](ada, "/api/v1/access-log?action=change&after="+log.Next); len(rest.Items) == 0 || rest.Items[0].ID >= log.Items[2].ID {
		t.Errorf("%+v", rest)
	}
}
