package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"hotline/cti/id"
	"hotline/qa/review"
)

type scoredInput struct {
	Period
	Agent string `query:"agent" maxLength:"40"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"100"`
}

type legInput struct {
	Leg string `path:"leg" maxLength:"120"`
}

type FindingPath struct {
	Leg     string `path:"leg" maxLength:"120"`
	Finding int64  `path:"finding"`
}

type responseInput struct {
	FindingPath
	Body struct {
		Mark   review.Mark `json:"mark" enum:"acknowledged,appealed"`
		Reason string      `json:"reason,omitempty" maxLength:"2000" doc:"Of an appeal: why the finding is wrong."`
	}
}

type notesInput struct {
	Agent string `query:"agent" maxLength:"40"`
	Leg   string `query:"leg" maxLength:"120"`
}

type noteInput struct {
	ID int64 `path:"id"`
}

func viewer(who Who) review.Viewer {
	return review.Viewer{ID: string(who.ID), Scope: string(who.Scope), Team: who.Team}
}

// registerQuality adds what agents see of their own calls, and others of those that their scope covers.
func (s *Server) registerQuality() {
	const call = "/quality/calls/{leg}"
	route(s, endpoint{method: http.MethodGet, path: "/quality/calls", id: "listScoredCalls", right: RightQuality, summary: "Scored calls, the newest first"}, s.scoredCalls)
	route(s, endpoint{method: http.MethodGet, path: call, id: "getScore", right: RightQuality, summary: "A call's score, answers and findings, with all that was said of them"}, s.scoreOf)
	act(s, endpoint{
		method: http.MethodPost, path: call + "/findings/{finding}/response", id: "respondToFinding", right: RightQuality,
		summary: "Acknowledge or appeal a finding of one's own call",
	}, func(ctx context.Context, who Who, in *responseInput) error {
		err := s.review.Respond(ctx, string(who.ID), id.LegID(in.Leg), in.Finding, in.Body.Mark, in.Body.Reason)
		return s.reached(ctx, who, "score:"+in.Leg, err)
	})
	route(s, endpoint{method: http.MethodGet, path: "/quality/notes", id: "listCoachingNotes", right: RightQuality, summary: "Coaching notes, the newest first"},
		func(ctx context.Context, who Who, in *notesInput) (list[review.CoachingNote], error) {
			notes, err := s.review.Notes(ctx, viewer(who), in.Agent, in.Leg)
			return everything(notes), err
		})
	act(s, endpoint{method: http.MethodPost, path: "/quality/notes/{id}/read", id: "readCoachingNote", right: RightQuality, summary: "Say that one has read a note"},
		func(ctx context.Context, who Who, in *noteInput) error {
			return s.review.ReadNote(ctx, string(who.ID), in.ID)
		})
}

// qualityDays is the period of a list that asks for none.
const qualityDays = 30

// lately gives a period that has no beginning or end one.
func (s *Server) lately(p Period) (from, to time.Time) {
	from, to = p.From, p.To
	if to.IsZero() {
		to = s.now().Add(time.Minute)
	}
	if from.IsZero() {
		from = to.AddDate(0, 0, -qualityDays)
	}
	return from, to
}

func (s *Server) scoredCalls(ctx context.Context, who Who, in *scoredInput) (list[review.ScoredCall], error) {
	from, to := s.lately(in.Period)
	items, err := s.review.Work(ctx, viewer(who), review.Filter{List: review.All, From: from, To: to, Agent: in.Agent, Limit: in.Limit})
	return everything(items), err
}

// scoreOf is logged: it quotes what was said in the call.
func (s *Server) scoreOf(ctx context.Context, who Who, in *legInput) (review.Sheet, error) {
	d, err := s.review.Sheet(ctx, viewer(who), id.LegID(in.Leg))
	if err != nil {
		return review.Sheet{}, s.reached(ctx, who, "score:"+in.Leg, err)
	}
	return d, s.access.add(ctx, accessEntry{user: who.ID, action: actionReview, object: "score:" + in.Leg, detail: map[string]any{"call": d.CallID}})
}

// reached notes a look that the person's scope does not cover, and returns the error.
func (s *Server) reached(ctx context.Context, who Who, object string, err error) error {
	if !errors.Is(err, review.ErrNotFound) {
		return err
	}
	return errors.Join(err, s.access.add(ctx, accessEntry{user: who.ID, action: actionReview, object: object, detail: map[string]any{"denied": true}}))
}
