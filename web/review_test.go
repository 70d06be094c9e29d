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
	"hotline/qa/card"
	"hotline/qa/review"
	"hotline/qa/rule"
)

// scoredOffice is the office with a scored call of each agent, a forbidden phrase in each.
func scoredOffice(t *testing.T) *fixture {
	f := office(t)
	f.user("u7", "rita", RoleQA, ScopeAll, "")
	live, err := f.Quality.LiveBook(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	start, end := 9000, 9600
	for call, agent := range map[string]id.AgentID{"c1": "u1", "c2": "u2"} {
		r := qa.Result{
			Source: qa.Source{Leg: id.LegID(call + ".2"), Call: id.CallID(call), Agent: agent, Started: f.clock.now().Add(-time.Hour)}, Book: live.Version,
			Findings: []rule.Finding{{Rule: "wait", Class: "phrase", Phrase: "等一等", Heard: "等一等", Role: rule.Agent, Start: &start, End: &end, Match: rule.Exact}},
			Transcript: rule.Transcript{
				Length: 60000, Utterances: []rule.Utterance{}, Speech: map[rule.Role][]rule.Span{rule.Agent: {{Start: 500, End: 20000}}},
			},
		}
		if r.Attempt, err = f.Quality.Begin(t.Context(), r.Source); err != nil {
			t.Fatal(err)
		}
		err = f.Quality.Save(t.Context(), r, func(ctx context.Context, tx pgx.Tx) error { return f.Quality.Score(ctx, tx, r.Leg) })
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestScoresOfOnesScope(t *testing.T) {
	f := scoredOffice(t)
	legs := func(page list[review.ScoredCall]) string {
		return ids(page, func(i review.ScoredCall) string { return i.Leg })
	}
	for user, want := range map[string]string{"u1": "c1.2", "u2": "c2.2", "u3": "c1.2", "u4": "c2.2 c1.2", "u5": "c2.2 c1.2"} {
		if got := legs(get[list[review.ScoredCall]](f.as(user), "/api/v1/quality/calls")); got != want {
			t.Errorf("%s sees %q, want %q", user, got, want)
		}
	}
	for user, want := range map[string]string{"u3": "c1.2", "u4": "c2.2 c1.2"} {
		if got := legs(get[list[review.ScoredCall]](f.as(user), "/api/v1/review/work?list=rule&rule=wait&state=open")); got != want {
			t.Errorf("%s may review %q, want %q", user, got, want)
		}
	}
	amy := f.as("u1")
	d := get[review.Sheet](amy, "/api/v1/quality/calls/c1.2")
	if len(d.Findings) != 1 || len(d.Answers) == 0 || d.Card.ID != "default" || d.AgentName != "Name of amy" {
		t.Errorf("%+v", d)
	}
	finding := get[review.Sheet](f.as("u2"), "/api/v1/quality/calls/c2.2").Findings[0].ID
	amy.want(404, "not_found", "GET", "/api/v1/quality/calls/c2.2", nil)
	amy.want(404, "not_found", "POST", fmt.Sprintf("/api/v1/quality/calls/c2.2/findings/%d/response", finding), `{"mark":"acknowledged"}`)
	f.as("u3").want(404, "not_found", "POST", "/api/v1/review/claims", `{"leg":"c2.2","kind":"review"}`)
	if got := count(f, `select count(*) from access_log where action = 'open_review' and object = 'score:c2.2' and detail->>'denied' = 'true'`); got != 3 {
		t.Errorf("%d denied looks are logged", got)
	}
	if got := count(f, `select count(*) from access_log where action = 'open_review' and user_id = 'u1' and detail->>'call' = 'c1'`); got != 1 {
		t.Errorf("%d looks are logged", got)
	}
	if v := get[review.Violations](amy, "/api/v1/quality/violations"); len(v.Items) != 1 || v.Items[0].AgentID != "u1" || v.Items[0].Proposed != "remind" {
		t.Errorf("%+v", v)
	}
	if v := get[list[review.PeriodViolation]](amy, "/api/v1/quality/violations/periods?step=week"); len(v.Items) != 1 || v.Items[0].Count != 1 || v.Items[0].Step != "" {
		t.Errorf("by week: %+v", v)
	}
	if v := get[list[review.PeriodViolation]](amy, "/api/v1/quality/violations/periods?agent=u2"); len(v.Items) != 0 {
		t.Errorf("an agent reads another's: %+v", v)
	}
	amy.want(403, "forbidden", "POST", "/api/v1/quality/violations/steps", `{"agent_id":"u1","rule":"wait","step":"remind"}`)
}

func TestFromTheReviewToTheDecidedAppeal(t *testing.T) {
	f := scoredOffice(t)
	amy, sue, quinn, rita := f.as("u1"), f.as("u3"), f.as("u4"), f.as("u7")
	claimed := quinn.want(200, "", "POST", "/api/v1/review/claims", `{"leg":"c1.2","kind":"review","list":"rule"}`)
	if !strings.Contains(string(claimed.body), `"claimed"`) {
		t.Fatalf("%s", claimed.body)
	}
	sue.want(409, "taken", "POST", "/api/v1/review/claims", `{"leg":"c1.2","kind":"review"}`)
	d := get[review.Sheet](quinn, "/api/v1/quality/calls/c1.2")
	path := fmt.Sprintf("/api/v1/review/%d", d.Mine.ID)
	sue.want(404, "not_found", "PUT", path, `{"answers":[],"marks":[],"done":false}`)
	quinn.want(409, "incomplete", "PUT", path, `{"answers":[],"marks":[],"done":true}`)
	var answers []string
	for _, q := range d.Card.Questions() {
		values := q.Values()
		answers = append(answers, fmt.Sprintf(`{"question":%q,"value":%q}`, q.ID, values[0]))
	}
	finding := d.Findings[0].ID
	quinn.want(204, "", "PUT", path, fmt.Sprintf(`{"answers":[%s],"marks":[{"finding":%d,"mark":"confirmed"}],"done":true}`, strings.Join(answers, ","), finding))

	response := fmt.Sprintf("/api/v1/quality/calls/c1.2/findings/%d/response", finding)
	amy.want(409, "value", "POST", response, `{"mark":"appealed"}`)
	amy.want(204, "", "POST", response, `{"mark":"appealed","reason":"我是覆述客戶的話"}`)
	decision := fmt.Sprintf("/api/v1/review/calls/c1.2/findings/%d/decision", finding)
	quinn.want(409, "first_look", "POST", decision, `{"mark":"upheld","note":"no"}`)
	amy.want(403, "forbidden", "POST", decision, `{"mark":"overturned","note":"yes"}`)
	if page := get[list[review.ScoredCall]](rita, "/api/v1/review/work?list=appeals"); len(page.Items) != 1 {
		t.Errorf("%+v", page)
	}
	rita.want(204, "", "POST", decision, `{"mark":"overturned","note":"確實是覆述"}`)
	if d = get[review.Sheet](amy, "/api/v1/quality/calls/c1.2"); d.Findings[0].Stands != "overturned" {
		t.Errorf("%+v", d.Findings[0])
	}
	agreement := get[list[review.QuestionAgreement]](rita, "/api/v1/quality/agreement")
	if len(agreement.Items) != len(d.Card.Questions()) || agreement.Items[0].Machine.Pairs != 1 {
		t.Errorf("%+v", agreement.Items[0])
	}

	rita.want(204, "", "POST", "/api/v1/quality/notes", `{"leg":"c1.2","from_ms":9000,"to_ms":12000,"note":"先回應感受"}`)
	notes := get[list[review.CoachingNote]](amy, "/api/v1/quality/notes")
	if len(notes.Items) != 1 {
		t.Fatalf("%+v", notes)
	}
	f.as("u2").want(404, "not_found", "POST", fmt.Sprintf("/api/v1/quality/notes/%d/read", notes.Items[0].ID), nil)
	amy.want(204, "", "POST", fmt.Sprintf("/api/v1/quality/notes/%d/read", notes.Items[0].ID), nil)

	opened := rita.want(201, "", "POST", "/api/v1/quality/calibrations", `{"leg":"c2.2"}`)
	if !strings.Contains(string(opened.body), `"id":`) {
		t.Errorf("%s", opened.body)
	}
	sessions := get[list[review.CalibrationSession]](quinn, "/api/v1/quality/calibrations")
	session := fmt.Sprintf("/api/v1/quality/calibrations/%d", sessions.Items[0].ID)
	quinn.want(409, "blind", "GET", session, nil)
	sue.want(404, "not_found", "GET", session, nil)
	quinn.want(204, "", "POST", session+"/close", nil)
	get[review.ComparedCalibration](quinn, session)
}

func TestScorecardsAreCheckedKeptAndPublished(t *testing.T) {
	f := scoredOffice(t)
	quinn := f.as("u4")
	faulty := strings.Replace(string(card.DefaultYAML()), "weight: 20", "weight: 21", 1)
	good := strings.Replace(string(card.DefaultYAML()), "shortest: 15s", "shortest: 20s", 1)
	body := func(yaml string) string { return fmt.Sprintf(`{"yaml":%s}`, quoted(yaml)) }
	checked := quinn.want(200, "", "POST", "/api/v1/scorecards/check", body(faulty))
	if !strings.Contains(string(checked.body), "make 101") || !strings.Contains(string(checked.body), `"line":`) {
		t.Errorf("%s", checked.body)
	}
	quinn.want(422, "invalid", "PUT", "/api/v1/scorecards/draft", body(faulty))
	quinn.want(404, "not_found", "POST", "/api/v1/scorecards/draft/publish", `{"saved":"2026-01-01T00:00:00Z","note":"x"}`)
	draft := saved[TextVersion](t, quinn.want(200, "", "PUT", "/api/v1/scorecards/draft", body(good)))
	f.user("u8", "olga", RoleAdmin, ScopeAll, "")
	olga := f.as("u8")
	olga.want(409, "stale", "PUT", "/api/v1/scorecards/draft", body(good))
	at, err := json.Marshal(draft.CreatedAt)
	if err != nil {
		t.Fatal(err)
	}
	changed := saved[TextVersion](t, olga.want(200, "", "PUT", "/api/v1/scorecards/draft", fmt.Sprintf(`{"yaml":%s,"seen":%s}`, quoted(good+"# mine\n"), at)))
	publish := fmt.Sprintf(`{"saved":%s,"note":"longer"}`, at)
	quinn.want(409, "stale", "PUT", "/api/v1/scorecards/draft", fmt.Sprintf(`{"yaml":%s,"seen":%s}`, quoted(good), at))
	quinn.want(409, "stale", "POST", "/api/v1/scorecards/draft/publish", publish)
	if changed.Drafter != "Name of olga" || changed.YAML != good+"# mine\n" {
		t.Errorf("%+v", changed)
	}
	if at, err = json.Marshal(changed.CreatedAt); err != nil {
		t.Fatal(err)
	}
	quinn.want(200, "", "POST", "/api/v1/scorecards/draft/publish", fmt.Sprintf(`{"saved":%s,"note":"longer"}`, at))
	cards := get[list[TextVersion]](quinn, "/api/v1/scorecards")
	if len(cards.Items) != 2 || cards.Items[0].State != "live" || cards.Items[0].CreatedBy != "u8" || cards.Items[0].LiveBy != "u4" || cards.Items[1].State != "retired" {
		t.Errorf("%+v", cards.Items)
	}
	quinn.want(204, "", "PUT", "/api/v1/quality/agreement/opening", `{"answers":false,"note":"the sound is bad"}`)
	quinn.want(404, "not_found", "PUT", "/api/v1/quality/agreement/none", `{"answers":false,"note":"x"}`)
	for _, user := range []string{"u1", "u3"} {
		f.as(user).want(403, "forbidden", "GET", "/api/v1/scorecards", nil)
	}
}

func TestStarsOfAMonth(t *testing.T) {
	f := scoredOffice(t)
	quinn := f.as("u4")
	stars := get[review.Stars](quinn, "/api/v1/quality/stars?month=2026-02")
	if stars.Month != "2026-02" || len(stars.Items) != 0 || stars.LeastCall != 10 {
		t.Errorf("%+v", stars)
	}
	quinn.want(422, "invalid", "GET", "/api/v1/quality/stars?month=2026-13", nil)
	quinn.want(404, "not_found", "POST", "/api/v1/quality/stars", `{"month":"2026-02","agent_id":"u1"}`)
}

func quoted(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
