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
	"hotline/qa/book"
	"hotline/qa/rule"
	"hotline/qa/trial"
)

// spokenOffice is the office with a call of each agent, in which they say the sentence.
func spokenOffice(t *testing.T, sentence string) *fixture {
	f := office(t)
	live, err := f.Quality.LiveBook(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for call, agent := range map[string]id.AgentID{"c1": "u1", "c2": "u2"} {
		u := rule.Utterance{Role: rule.Agent, Span: rule.Span{Start: 8000, End: 8000}}
		for _, c := range sentence {
			u.Units = append(u.Units, rule.Unit{Text: string(c), Span: rule.Span{Start: u.End, End: u.End + 100}})
			u.End += 100
		}
		r := qa.Result{
			Source: qa.Source{Leg: id.LegID(call + ".2"), Call: id.CallID(call), Agent: agent, Started: f.clock.now().Add(-time.Hour)}, Book: live.Version,
			Transcript: rule.Transcript{Length: 60000, Utterances: []rule.Utterance{u}, Speech: map[rule.Role][]rule.Span{rule.Agent: {u.Span}}},
		}
		r.Findings = live.Book.Judge(&r.Transcript)
		if r.Attempt, err = f.Quality.Begin(t.Context(), r.Source); err != nil {
			t.Fatal(err)
		}
		if err := f.Quality.Save(t.Context(), r, func(context.Context, pgx.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// softer is the shipped book in which a phrase has one more form.
func softer() string {
	return strings.Replace(string(book.DefaultYAML()), "phrases: [等一等]", "phrases: [等一等]\n    forms: [請稍等]", 1)
}

func draftBody(yaml string) string { return fmt.Sprintf(`{"yaml":%s}`, quoted(yaml)) }

func saved[T any](t *testing.T, r result) (out T) {
	t.Helper()
	if err := json.Unmarshal(r.body, &out); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	return out
}

func TestRulesAreCheckedKeptPublishedAndTakenBack(t *testing.T) {
	f := office(t)
	amy, sue, quinn := f.as("u1"), f.as("u3"), f.as("u4")
	if b := get[RuleBook](amy, "/api/v1/rules"); b.Version != 1 || len(b.Rules) < 30 || b.Rules[0].Precision.All.Share != nil {
		t.Errorf("an agent reads version %d with %d rules", b.Version, len(b.Rules))
	}
	faulty := strings.Replace(softer(), "bound: 0.15", "bound: 3", 1)
	checked := saved[CheckedBook](t, quinn.want(200, "", "POST", "/api/v1/rules/check", draftBody(faulty)))
	line := 1 + strings.Count(faulty[:strings.Index(faulty, "bound: 3")], "\n")
	if len(checked.Faults) != 1 || checked.Faults[0].Line != line || checked.Faults[0].Remedy == "" || len(checked.Rules) != 0 {
		t.Errorf("%+v, want a fault in line %d", checked, line)
	}
	refused := quinn.want(422, "invalid", "PUT", "/api/v1/rules/draft", draftBody(faulty))
	if !strings.Contains(string(refused.body), fmt.Sprintf("body.yaml:%d", line)) {
		t.Errorf("%s", refused.body)
	}
	if n := count(f, `select count(*) from rule_books`); n != 1 {
		t.Errorf("%d versions: faulty rules were kept", n)
	}
	quinn.want(404, "not_found", "POST", "/api/v1/rules/draft/publish", `{"saved":"2026-01-01T00:00:00Z","note":"x"}`)
	draft := saved[TextVersion](t, quinn.want(200, "", "PUT", "/api/v1/rules/draft", draftBody(softer())))
	f.user("u8", "olga", RoleAdmin, ScopeAll, "")
	olga := f.as("u8")
	olga.want(409, "stale", "PUT", "/api/v1/rules/draft", draftBody(softer()))
	olga.want(409, "stale", "POST", "/api/v1/rules/draft/publish", `{"saved":"2026-01-01T00:00:00Z","note":"x"}`)
	at, err := json.Marshal(draft.CreatedAt)
	if err != nil {
		t.Fatal(err)
	}
	olga.want(422, "invalid", "POST", "/api/v1/rules/draft/publish", fmt.Sprintf(`{"saved":%s,"note":""}`, at))
	live := saved[TextVersion](t, olga.want(200, "", "POST", "/api/v1/rules/draft/publish", fmt.Sprintf(`{"saved":%s,"note":"請稍等也算"}`, at)))
	if live.Version != 2 || live.CreatedBy != "u4" || live.LiveBy != "u8" || live.Note != "請稍等也算" {
		t.Errorf("%+v", live)
	}
	quinn.want(200, "", "POST", "/api/v1/rules/versions/1/restore", `{"note":"太多了"}`)
	all := get[list[TextVersion]](sue, "/api/v1/rules/versions")
	if len(all.Items) != 3 || all.Items[0].State != "live" || all.Items[0].BackTo != 1 || all.Items[0].YAML != all.Items[2].YAML {
		t.Errorf("%+v", all.Items)
	}
	quinn.want(404, "not_found", "DELETE", "/api/v1/rules/draft", nil)
	if n := count(f, `select count(*) from access_log where action = 'change' and object like 'rules:%'`); n != 3 {
		t.Errorf("%d changes are in the access log", n)
	}
	amy.want(403, "forbidden", "GET", "/api/v1/rules/versions", nil)
	sue.want(403, "forbidden", "PUT", "/api/v1/rules/draft", draftBody(softer()))
}

func TestATrialOfADraft(t *testing.T) {
	f := spokenOffice(t, "請稍等，電話0912345678")
	sue, quinn := f.as("u3"), f.as("u4")
	quinn.want(409, "no_draft", "POST", "/api/v1/rules/trials", `{"most":100}`)
	quinn.want(200, "", "PUT", "/api/v1/rules/draft", draftBody(softer()))
	quinn.want(409, "no_rule", "POST", "/api/v1/rules/trials", `{"most":100,"rule":"nothing"}`)
	sue.want(403, "forbidden", "POST", "/api/v1/rules/trials", `{"most":100}`)
	begun := saved[trial.Trial](t, quinn.want(201, "", "POST", "/api/v1/rules/trials", `{"most":100,"days":7,"rule":"wait"}`))
	if runner := f.Trials.(*fakeTrials); len(runner.asked) != 1 || runner.asked[0] != begun.ID || begun.State != trial.Waiting {
		t.Errorf("%+v, asked to run %v", begun, runner.asked)
	}
	if err := f.trials.Run(t.Context(), begun.ID); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/api/v1/rules/trials/%d", begun.ID)
	for b, want := range map[*browser]int{quinn: 2, sue: 1} {
		r := get[trial.TrialResult](b, path)
		if r.State != trial.Done || len(r.Rules) != 1 || r.Rules[0].New.Calls != want || r.Rules[0].Same.Calls != 0 {
			t.Errorf("%+v", r)
		}
		examples := get[list[trial.TrialExample]](b, path+"/examples?rule=wait&side=new")
		if len(examples.Items) != want {
			t.Errorf("%d examples, want %d", len(examples.Items), want)
		}
		// Neither a supervisor of quality nor the log has the number; whoever may see customers' numbers does.
		if e := examples.Items[0]; e.Lines[0].Hit != "請稍等" || strings.Contains(e.Lines[0].After, "0912345678") != may(RoleSupervisor, ScopeTeam, RightReveal) && b == sue {
			t.Errorf("%+v", e)
		}
	}
	if e := get[list[trial.TrialExample]](quinn, path+"/examples?rule=wait").Items[0]; e.Lines[0].After != "，電話*******678" {
		t.Errorf("%+v", e.Lines)
	}
	if n := count(f, `select count(*) from access_log where action = 'read_examples' and user_id = 'u4' and detail->'recordings' ? 'c1.2'`); n != 2 {
		t.Errorf("%d looks are logged", n)
	}
	all := get[list[trial.TrialExample]](quinn, path+"/examples").Items
	for _, e := range all {
		example := fmt.Sprintf("%s/examples/%d", path, e.ID)
		quinn.want(204, "", "PUT", example, `{"thumb":"up"}`)
		if e.AgentID == "u2" { // of another team
			sue.want(404, "not_found", "PUT", example, `{"thumb":"down"}`)
		} else {
			sue.want(204, "", "PUT", example, `{"thumb":"down"}`)
		}
		f.as("u1").want(403, "forbidden", "PUT", example, `{"thumb":"down"}`)
	}
	if got := get[trial.TrialResult](quinn, path).Rules[0].Draft.Thumbs; got.Right != 1 || got.Count != 2 {
		t.Errorf("%+v", got)
	}
	quinn.want(409, "ended", "POST", path+"/stop", nil)
	quinn.want(404, "not_found", "GET", "/api/v1/rules/trials/99", nil)
}
