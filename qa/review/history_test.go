package review_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/qa/review"
)

func TestViolationsByMonthAndWeekWithTheStepsTaken(t *testing.T) {
	h := newHouse(t)
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	h.call("u1", "c1", at("2026-10-12T02:00:00Z"), said("wait", 9000), said("wait", 19000), said("cannot", 29000))
	h.call("u1", "c2", at("2026-10-31T17:00:00Z"), said("wait", 9000)) // the first of November where the site is
	h.call("u1", "c3", at("2026-11-03T02:00:00Z"), said("wait", 9000))
	h.call("u2", "b1", at("2026-11-03T02:00:00Z"), said("wait", 9000))
	h.refused(h.Respond(t.Context(), "u1", "c3.2", h.finding("c3.2", "wait"), review.Appealed, "?"), "")
	h.exec(`insert into violation_steps (agent_id, rule, step, count, days, by, at) values
		('u1', 'wait', 'coach', 3, 90, 'u3', '2026-11-04 02:00Z'), ('u1', 'wait', 'remind', 2, 90, 'u3', '2026-11-02 02:00Z'),
		('u1', 'cannot', 'remind', 1, 90, 'u3', '2026-12-02 02:00Z'), ('u2', 'wait', 'report', 9, 90, 'u3', '2026-11-04 02:00Z')`)
	own := review.Viewer{ID: "u1", Scope: "own"}
	for _, tt := range []struct {
		name        string
		viewer      review.Viewer
		agent, step string
		want        string
	}{
		{"by month", own, "", "month", "2026-12-01 cannot 0/0 remind, 2026-11-01 wait 1/1 coach, 2026-10-01 wait 2/0 , 2026-10-01 cannot 1/0 "},
		{"by week", own, "", "week", "2026-11-30 cannot 0/0 remind, 2026-11-02 wait 0/1 coach, 2026-10-26 wait 1/0 , 2026-10-12 wait 2/0 , 2026-10-12 cannot 1/0 "},
		{"of another", own, "u2", "month", ""},
		{"of one", quinn, "u2", "month", "2026-11-01 wait 1/0 report"},
		{"of a team", sue, "u2", "month", ""},
	} {
		items, err := h.History(t.Context(), tt.viewer, review.HistoryQuery{
			From: at("2026-01-01T00:00:00Z"), To: at("2027-01-01T00:00:00Z"), Agent: tt.agent, Step: tt.step, Zone: "Asia/Taipei",
		})
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, i := range items {
			rows = append(rows, fmt.Sprintf("%s %s %d/%d %s", i.From, i.Rule, i.Count, i.Appealed, i.Step))
		}
		if got := strings.Join(rows, ", "); got != tt.want {
			t.Errorf("%s:\n%s, want\n%s", tt.name, got, tt.want)
		}
	}
}
