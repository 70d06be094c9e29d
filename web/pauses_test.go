package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/recording"
)

// fakePauser grants what it is told to, and notes what it was asked.
type fakePauser struct {
	refuse string
	asked  []string
}

func (p *fakePauser) PauseRecording(_ context.Context, leg id.LegID, on bool, by string) ([]recording.Pause, error) {
	if p.refuse != "" {
		return nil, &PauseRefusal{p.refuse}
	}
	word := map[bool]string{true: "pause", false: "resume"}[on]
	p.asked = append(p.asked, by+" "+word+" "+string(leg))
	pause := recording.Pause{From: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), By: by, Cause: recording.CauseAPI}
	if !on {
		pause.To = pause.From.Add(time.Second)
	}
	return []recording.Pause{pause}, nil
}

func TestPauseByOnesScope(t *testing.T) {
	pauser := &fakePauser{}
	f := newFixture(t, func(d *Deps) { d.Pauses = pauser })
	f.user("u1", "one", RoleAgent, ScopeOwn, "blue")
	f.user("u2", "two", RoleAgent, ScopeOwn, "blue")
	f.user("u3", "head", RoleSupervisor, ScopeTeam, "blue")
	f.user("u4", "other-head", RoleSupervisor, ScopeTeam, "red")
	f.user("u5", "judge", RoleQA, ScopeAll, "")
	f.exec(`insert into recordings (leg, call_id, agent_id, state, started_at) values ('c1.2', 'c1', 'u1', 'expected', now())`)
	f.exec(`insert into recording_pauses (leg, started_at, ended_at, by, cause) values ('c1.2', '2026-03-04 05:06:07Z', null, 'u1', 'agent')`)
	for _, tt := range []struct {
		who    string
		status int
	}{{"u1", 200}, {"u2", 404}, {"u3", 200}, {"u4", 404}, {"u5", 403}} {
		if got := f.as(tt.who).do(http.MethodPut, "/api/v1/recordings/c1.2/pause", `{"paused":true}`); got.StatusCode != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.who, got.StatusCode, got.body, tt.status)
		}
	}
	// The row may be late; whoever talks is known from the floor.
	f.floor.views["u2"] = cti.AgentView{Agent: "u2", State: cti.AgentStateTalking, Call: &cti.CallView{Call: "c7", Leg: "c7.2"}}
	if got := f.as("u2").do(http.MethodPut, "/api/v1/recordings/c7.2/pause", `{"paused":false}`); got.StatusCode != http.StatusOK || !strings.Contains(string(got.body), `"to":`) {
		t.Errorf("one's own talk: %d %s", got.StatusCode, got.body)
	}
	if got := strings.Join(pauser.asked, ", "); got != "u1 pause c1.2, u3 pause c1.2, u2 resume c7.2" {
		t.Errorf("asked for: %s", got)
	}
	for refusal, want := range map[string]int{"no_leg": 409, "not_recorded": 409, "not_stored": 503, "no_media": 503} {
		pauser.refuse = refusal
		got := f.as("u1").do(http.MethodPut, "/api/v1/recordings/c1.2/pause", `{"paused":true}`)
		if got.StatusCode != want || !strings.Contains(string(got.body), `"`+refusal+`"`) {
			t.Errorf("%s: %d %s", refusal, got.StatusCode, got.body)
		}
	}
	got := f.as("u1").do(http.MethodGet, "/api/v1/recordings/c1.2/pauses", nil)
	var page list[Pause]
	if err := json.Unmarshal(got.body, &page); err != nil || len(page.Items) != 1 || page.Items[0].To != nil || page.Items[0].Cause != "agent" || page.Items[0].Name != "Name of one" {
		t.Errorf("pauses: %s %v", got.body, err)
	}
	if got := f.as("u2").do(http.MethodGet, "/api/v1/recordings/c1.2/pauses", nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("pauses of another: %d", got.StatusCode)
	}
}
