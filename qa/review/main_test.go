package review_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/qa"
	"hotline/qa/review"
	"hotline/qa/rule"
)

// house is a database with two agents, u1 of team blue and u2 of team red, and the reviewers u3 (of team blue), u4 and u5.
type house struct {
	*review.Store
	t       *testing.T
	db      *pgxpool.Pool
	quality *qa.Store
}

var (
	sue   = review.Viewer{ID: "u3", Scope: "team", Team: "blue"}
	quinn = review.Viewer{ID: "u4", Scope: "all"}
	rita  = review.Viewer{ID: "u5", Scope: "all"}
)

func newHouse(t *testing.T) *house {
	db := pgtest.Pool(t)
	h := &house{review.NewStore(db), t, db, qa.NewStore(db)}
	h.exec(`insert into teams (id, name) values ('blue', 'Blue'), ('red', 'Red')`)
	h.exec(`insert into users (id, login, name, password_hash, role, scope, team_id, created_at) values
		('u1', 'amy', 'Amy', '', 'agent', 'own', 'blue', now() - interval '1 year'), ('u2', 'bob', 'Bob', '', 'agent', 'own', 'red', now() - interval '1 day'),
		('u3', 'sue', 'Sue', '', 'supervisor', 'team', 'blue', now()), ('u4', 'quinn', 'Quinn', '', 'qa', 'all', null, now()), ('u5', 'rita', 'Rita', '', 'qa', 'all', null, now())`)
	return h
}

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.db.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
}

func (h *house) value(sql string, args ...any) string {
	h.t.Helper()
	var v *string
	if err := h.db.QueryRow(h.t.Context(), `select (`+sql+`)::text`, args...).Scan(&v); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
	if v == nil {
		return "null"
	}
	return *v
}

func ms(n int) *int { return &n }

// said is a forbidden phrase of the agent at a time.
func said(ruleID string, at int) rule.Finding {
	return rule.Finding{Rule: ruleID, Class: "phrase", Phrase: ruleID, Heard: ruleID, Role: rule.Agent, Start: ms(at), End: ms(at + 500), Match: rule.Exact}
}

// call is a recording of the agent with what the rules found in it, scored.
func (h *house) call(agent, name string, at time.Time, found ...rule.Finding) id.LegID {
	h.t.Helper()
	live, err := h.quality.LiveBook(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	leg := id.LegID(name + ".2")
	h.exec(`insert into calls (id, line, flow, arrived_at, agent_id, queue_id) values ($1, '+886800000123', 'main', $2, $3, 'order') on conflict do nothing`, name, at, agent)
	r := qa.Result{
		Source: qa.Source{Leg: leg, Call: id.CallID(name), Agent: id.AgentID(agent), Started: at}, Model: "test", Book: live.Version, Findings: found,
		Transcript: rule.Transcript{
			Length: 60000, Utterances: []rule.Utterance{},
			Speech: map[rule.Role][]rule.Span{rule.Agent: {{Start: 500, End: 20000}}, rule.Caller: {{Start: 21000, End: 40000}}},
		},
	}
	if r.Attempt, err = h.quality.Begin(h.t.Context(), r.Source); err != nil {
		h.t.Fatal(err)
	}
	err = h.quality.Save(h.t.Context(), r, func(ctx context.Context, tx pgx.Tx) error { return h.quality.Score(ctx, tx, leg) })
	if err != nil {
		h.t.Fatal(err)
	}
	return leg
}

// best answers every question of the shipped card as well as can be, but for those named "question=value".
func best(but ...string) []review.GivenAnswer {
	all := map[string]string{
		"opening": "yes", "closing": "yes", "forbidden": "yes", "principles": "yes", "empathy": "full", "understood": "5", "solution": "10",
		"interruption": "3", "silence": "2", "pace": "yes", "voice": "yes",
	}
	for _, b := range but {
		q, v, _ := strings.Cut(b, "=")
		all[q] = v
	}
	var given []review.GivenAnswer
	for q, v := range all {
		if v != "" {
			given = append(given, review.GivenAnswer{Question: q, Value: v})
		}
	}
	slices.SortFunc(given, func(a, b review.GivenAnswer) int { return strings.Compare(a.Question, b.Question) })
	return given
}

func (h *house) desk(v review.Viewer, leg id.LegID) review.Sheet {
	h.t.Helper()
	d, err := h.Sheet(h.t.Context(), v, leg)
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

// finding is the id of the finding by a rule.
func (h *house) finding(leg id.LegID, ruleID string) int64 {
	h.t.Helper()
	var n int64
	if err := h.db.QueryRow(h.t.Context(), `select id from findings where leg = $1 and rule = $2 order by start_ms limit 1`, leg, ruleID).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// review does a whole review, with every finding confirmed.
func (h *house) review(v review.Viewer, leg id.LegID, kind review.Kind, but ...string) {
	h.t.Helper()
	r, err := h.Claim(h.t.Context(), v, leg, kind, review.All)
	if err != nil {
		h.t.Fatal(err)
	}
	draft := review.ReviewDraft{Answers: best(but...), Done: true}
	for _, f := range h.desk(v, leg).Findings {
		draft.Marks = append(draft.Marks, review.GivenMark{Finding: f.ID, Mark: review.Confirmed})
	}
	if err := h.Save(h.t.Context(), v, r.ID, draft); err != nil {
		h.t.Fatal(err)
	}
}

// refused wants a refusal with the code, or an error that says so.
func (h *house) refused(err error, code string) {
	h.t.Helper()
	var r *review.Refusal
	switch {
	case code == "not_found" && errors.Is(err, review.ErrNotFound):
	case code == "" && err == nil:
	case errors.As(err, &r) && r.Code == code:
	default:
		h.t.Errorf("%v, want %q", err, code)
	}
}

func names(items []review.ScoredCall) string {
	var all []string
	for _, i := range items {
		name := strings.TrimSuffix(i.Leg, ".2")
		if i.State != "open" {
			name += fmt.Sprintf("(%s %s)", i.State, i.Reviewer)
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}
