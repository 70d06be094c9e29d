package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/recording"
)

// Pauser pauses the recordings of live legs.
type Pauser interface {
	// PauseRecording begins or ends a pause, and returns the leg's pauses so far once they are safe at the gateway. To
	// ask for what is so already is granted. A *PauseRefusal says why not.
	PauseRecording(ctx context.Context, leg id.LegID, on bool, by string) ([]recording.Pause, error)
}

// PauseRefusal is the gateway's no.
type PauseRefusal struct {
	// Code is no_leg (it is over), not_recorded (somebody refused the recording), not_stored (the pause is held, but the
	// gateway's disk did not take it) or no_media (the gateway cannot be reached).
	Code string
}

func (r *PauseRefusal) Error() string { return "pause refused: " + r.Code }

// Pause is a stretch in which a recording holds silence on purpose.
type Pause struct {
	From  time.Time  `json:"from"`
	To    *time.Time `json:"to,omitempty" doc:"Absent while it lasts."`
	By    string     `json:"by" doc:"The user, or the step of the flow."`
	Name  string     `json:"by_name" doc:"The user's name; empty where it was no user."`
	Cause string     `json:"cause" enum:"agent,api,flow,unknown" doc:"unknown: after a restart of the gateway nobody could say that it was not paused."`
}

type pauseInput struct {
	Leg  string `path:"leg" maxLength:"120"`
	Body struct {
		Paused bool `json:"paused"`
	}
}

func (s *Server) registerPauses() {
	const path = "/recordings/{leg}/pauses"
	route(s, endpoint{method: http.MethodGet, path: path, id: "listPauses", right: RightRecordings, summary: "The pauses of a recording, the oldest first"},
		func(ctx context.Context, who Who, in *recordingInput) (list[Pause], error) {
			if _, err := s.recording(ctx, who, in.Leg); err != nil {
				return list[Pause]{}, err
			}
			pauses, err := s.Recordings.Pauses(ctx, id.LegID(in.Leg))
			if err != nil {
				return list[Pause]{}, err
			}
			shown := pausesOf(pauses)
			return everything(shown), s.namePausers(ctx, shown)
		})
	route(s, endpoint{method: http.MethodPut, path: "/recordings/{leg}/pause", id: "putPause", right: RightPause, summary: "Pause the recording of a live talk, as for a card number, or go on with it"}, s.putPause)
}

func (s *Server) putPause(ctx context.Context, who Who, in *pauseInput) (list[Pause], error) {
	leg := id.LegID(in.Leg)
	if !s.talksOn(who.ID, leg) { // whoever talks needs no database for it
		if _, err := s.recording(ctx, who, in.Leg); err != nil {
			return list[Pause]{}, err
		}
	}
	pauses, err := s.Pauses.PauseRecording(ctx, leg, in.Body.Paused, string(who.ID))
	var refused *PauseRefusal
	switch {
	case err == nil:
		return everything(pausesOf(pauses)), nil
	case !errors.As(err, &refused):
		return list[Pause]{}, err
	case refused.Code == "no_leg":
		return list[Pause]{}, newProblem(http.StatusConflict, refused.Code, "the talk is over, or its sound is away")
	case refused.Code == "not_recorded":
		return list[Pause]{}, newProblem(http.StatusConflict, refused.Code, "this talk is not recorded")
	case refused.Code == "not_stored":
		return list[Pause]{}, newProblem(http.StatusServiceUnavailable, refused.Code, "the recording is silent now, but the gateway's disk did not take it: free its disk, and ask again")
	default:
		p := newProblem(http.StatusServiceUnavailable, "no_media", "the gateway did not answer; try again")
		p.RetryAfter = 1
		return list[Pause]{}, p
	}
}

// talksOn says whether it is the agent's own live leg.
func (s *Server) talksOn(agent id.AgentID, leg id.LegID) bool {
	v, ok := s.Floor.View(agent)
	return ok && v.Call != nil && v.Call.Leg == leg
}

// namePausers says what those are called who paused.
func (s *Server) namePausers(ctx context.Context, pauses []Pause) error {
	var by []string
	for _, p := range pauses {
		by = append(by, p.By)
	}
	rows, err := s.DB.Query(ctx, "select id, name from users where id = any($1)", by)
	if err != nil {
		return err
	}
	var user, name string
	_, err = pgx.ForEachRow(rows, []any{&user, &name}, func() error {
		for i := range pauses {
			if pauses[i].By == user {
				pauses[i].Name = name
			}
		}
		return nil
	})
	return err
}

func pausesOf(pauses []recording.Pause) []Pause {
	shown := make([]Pause, len(pauses))
	for i, p := range pauses {
		shown[i] = Pause{From: p.From, By: p.By, Cause: string(p.Cause)}
		if !p.Open() {
			shown[i].To = &p.To
		}
	}
	return shown
}
