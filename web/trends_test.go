package web

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa"
	"hotline/qa/lexicon"
	"hotline/qa/rule"
)

// spoken stores a transcript in which the caller says one line.
func (f *fixture) spoken(leg id.LegID, agent id.AgentID, text string) {
	f.t.Helper()
	f.saying(rule.Caller, leg, agent, text)
}

// saying stores a transcript of one line.
func (f *fixture) saying(role rule.Role, leg id.LegID, agent id.AgentID, text string) {
	f.t.Helper()
	ctx := f.t.Context()
	src := qa.Source{Leg: leg, Call: leg.Call(), Agent: agent, Started: f.clock.now().Add(-time.Hour)}
	attempt, err := f.Quality.Begin(ctx, src)
	if err != nil {
		f.t.Fatal(err)
	}
	u := rule.Utterance{Role: role, Span: rule.Span{Start: 4000, End: 6000}}
	for i, r := range []rune(text) {
		u.Units = append(u.Units, rule.Unit{Text: string(r), Span: rule.Span{Start: 4000 + 10*i, End: 4010 + 10*i}})
	}
	err = f.Quality.Save(ctx, qa.Result{Source: src, Attempt: attempt, Transcript: rule.Transcript{Length: 10_000, Utterances: []rule.Utterance{u}}},
		func(context.Context, pgx.Tx) error { return nil })
	if err != nil {
		f.t.Fatal(err)
	}
}

func TestTrendsReachAsFarAsTheScope(t *testing.T) {
	f := office(t)
	f.spoken("c1.2", "u1", "退款太慢了打0912345678")
	f.spoken("c2.2", "u2", "退款謝謝")
	const path = "/api/v1/quality/trends"
	for user, want := range map[string]int{"u1": 1, "u2": 1, "u3": 1, "u4": 2, "u5": 2, "u6": 1} {
		got := get[TrendReport](f.as(user), path)
		if got.Calls != want || len(got.Items) != 1 || got.Items[0].Calls != want || got.Items[0].Share != 100 {
			t.Errorf("%s sees %+v, want %d calls", user, got, want)
		}
	}
	quinn := f.as("u4")
	item := get[TrendReport](quinn, path+"?role=caller&step=week").Items[0]
	if item.Entry != "refund" || item.NameZH != "退款" || item.NameEN != "Refund" || item.Negative != 1 || *item.Balance != -100 || item.Change != nil || len(item.Points) != 1 {
		t.Errorf("%+v", item)
	}
	for query, want := range map[string]int{"kind=product": 0, "role=agent": 0, "queue=order": 1, "agent=u2": 1, "from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z": 0} {
		if got := get[TrendReport](quinn, path+"?"+query); len(got.Items) != want {
			t.Errorf("%s: %+v", query, got.Items)
		}
	}
	if got := get[TrendReport](f.as("u1"), path+"?agent=u2"); got.Calls != 0 || len(got.Items) != 0 {
		t.Errorf("amy sees another's calls: %+v", got)
	}
	for _, bad := range []string{"?step=year", "?kind=word", "?role=boss", "?from=2020-01-01T00:00:00Z", "?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z"} {
		quinn.want(422, "invalid", "GET", path+bad, nil)
	}
}

func TestExamplesAreMaskedScopedAndLogged(t *testing.T) {
	f := office(t)
	f.spoken("c1.2", "u1", "退款太慢了打0912345678")
	f.spoken("c2.2", "u2", "退款謝謝")
	const path = "/api/v1/quality/trends/topic/refund/examples"
	for user, want := range map[string]string{"u1": "c1.2", "u2": "c2.2", "u3": "c1.2", "u4": "c2.2 c1.2", "u6": "c1.2"} {
		got := get[list[TrendExample]](f.as(user), path)
		if legs := ids(got, func(e TrendExample) string { return e.Leg }); legs != want {
			t.Errorf("%s reads %q, want %q", user, legs, want)
		}
	}
	quinn := f.as("u4")
	bad := get[list[TrendExample]](quinn, path+"?opinion=negative&export=true")
	if len(bad.Items) != 1 {
		t.Fatalf("%+v", bad)
	}
	if e := bad.Items[0]; e.Text != "退款太慢了打*******678" || e.Heard != "退款" || e.Word != "太慢" || e.Opinion != -1 || e.StartMS != 4000 || e.AgentName == "" {
		t.Errorf("%+v", e)
	}
	first := get[list[TrendExample]](quinn, path+"?limit=1")
	if second := get[list[TrendExample]](quinn, path+"?limit=1&after="+first.Next); first.Next == "" || len(second.Items) != 1 || second.Items[0].Leg != "c1.2" || second.Next != "" {
		t.Errorf("%+v", second)
	}
	if none := get[list[TrendExample]](f.as("u1"), path+"?agent=u2"); len(none.Items) != 0 {
		t.Errorf("amy reads what another's caller said: %+v", none)
	}
	quinn.want(422, "invalid", "GET", path+"?after=x", nil)
	if n := count(f, `select count(*) from access_log where action = 'see_trends' and user_id = 'u4' and object = 'trends:topic:refund'`); n != 3 {
		t.Errorf("%d looks of quinn are logged, want 3: the second page belongs to the first", n)
	}
	if n := count(f, `select count(*) from access_log where action = 'see_trends' and user_id = 'u4' and detail->>'export' = 'true'`); n != 1 {
		t.Errorf("%d exports are logged", n)
	}
}

func TestDictionariesAreCheckedKeptAndPublished(t *testing.T) {
	f := office(t)
	quinn := f.as("u4")
	body := func(yaml string) string { return fmt.Sprintf(`{"yaml":%s,"note":"a try"}`, quoted(yaml)) }
	faulty := strings.Replace(string(lexicon.DefaultYAML()), "bound: 0.1", "bound: 9", 1)
	good := strings.Replace(string(lexicon.DefaultYAML()), "bound: 0.1", "bound: 0", 1)
	checked := quinn.want(200, "", "POST", "/api/v1/dictionaries/check", fmt.Sprintf(`{"yaml":%s}`, quoted(faulty)))
	if !strings.Contains(string(checked.body), "9 cannot be") || !strings.Contains(string(checked.body), `"line":4`) {
		t.Errorf("%s", checked.body)
	}
	quinn.want(422, "invalid", "PUT", "/api/v1/dictionaries/draft", body(faulty))
	quinn.want(422, "invalid", "POST", "/api/v1/dictionaries/try", fmt.Sprintf(`{"yaml":%s}`, quoted(faulty)))
	tried := saved[qa.TriedDictionary](t, quinn.want(200, "", "POST", "/api/v1/dictionaries/try", fmt.Sprintf(`{"yaml":%s}`, quoted(good))))
	if tried.Calls != 0 || len(tried.Entries) == 0 {
		t.Errorf("tried without transcripts: %+v", tried)
	}
	quinn.want(404, "not_found", "POST", "/api/v1/dictionaries/draft/publish", `{"saved":"2026-01-01T00:00:00Z","note":"x"}`)
	draft := saved[TextVersion](t, quinn.want(200, "", "PUT", "/api/v1/dictionaries/draft", body(good)))
	at, err := json.Marshal(draft.CreatedAt)
	if err != nil {
		t.Fatal(err)
	}
	quinn.want(200, "", "POST", "/api/v1/dictionaries/draft/publish", fmt.Sprintf(`{"saved":%s,"note":"a try"}`, at))
	quinn.want(404, "not_found", "DELETE", "/api/v1/dictionaries/draft", nil)
	all := get[list[TextVersion]](quinn, "/api/v1/dictionaries")
	if len(all.Items) != 2 || all.Items[0].State != "live" || all.Items[0].CreatedBy != "u4" || all.Items[1].State != "retired" {
		t.Errorf("%+v", all.Items)
	}
	if n := count(f, `select count(*) from access_log where action = 'change' and object = 'dictionary:2'`); n != 2 {
		t.Errorf("%d changes are logged", n)
	}
	for _, user := range []string{"u1", "u3"} {
		f.as(user).want(403, "forbidden", "GET", "/api/v1/dictionaries", nil)
		f.as(user).want(403, "forbidden", "POST", "/api/v1/dictionaries/try", fmt.Sprintf(`{"yaml":%s}`, quoted(good)))
	}
}
