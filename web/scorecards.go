package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"hotline/qa/score"
)

// Scorecard is one version of the scorecard.
type Scorecard struct {
	Version   int        `json:"version"`
	State     string     `json:"state" enum:"draft,live,retired"`
	YAML      string     `json:"yaml"`
	Note      string     `json:"note"`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by" doc:"User; empty for the card that was shipped."`
	LiveAt    *time.Time `json:"live_at"`
}

// CheckedCard is what a scorecard's text comes to.
type CheckedCard struct {
	Card   *score.Card `json:"card" doc:"Null when the text cannot be read."`
	Faults []CardFault `json:"faults"`
}

// CardFault is something wrong with a scorecard.
type CardFault struct {
	Line   int    `json:"line"`
	Path   string `json:"path"`
	What   string `json:"what"`
	Remedy string `json:"remedy"`
}

type cardTextInput struct {
	Body struct {
		YAML string `json:"yaml" maxLength:"100000"`
	}
}

type cardDraftInput struct {
	Body struct {
		YAML string `json:"yaml" minLength:"1" maxLength:"100000"`
		Note string `json:"note,omitempty" maxLength:"500"`
	}
}

func (s *Server) registerScorecards() {
	const path = "/scorecards"
	route(s, endpoint{method: http.MethodGet, path: path, id: "listScorecards", right: RightScorecards, summary: "Versions of the scorecard, the newest first"}, s.scorecards)
	route(s, endpoint{method: http.MethodPost, path: path + "/check", id: "checkScorecard", right: RightScorecards, summary: "Read a scorecard and say everything that is wrong with it"}, s.checkScorecard)
	route(s, endpoint{method: http.MethodPut, path: path + "/draft", id: "saveScorecardDraft", right: RightScorecards, summary: "Keep the scorecard that is being worked on"},
		func(ctx context.Context, who Who, in *cardDraftInput) (Scorecard, error) {
			v, err := s.Quality.SaveCardDraft(ctx, in.Body.YAML, in.Body.Note, string(who.ID))
			if err != nil {
				return Scorecard{}, err
			}
			return Scorecard(v), s.changed(ctx, who, fmt.Sprintf("scorecard:%d", v.Version), map[string]any{"draft": true})
		})
	route(s, endpoint{method: http.MethodPost, path: path + "/draft/publish", id: "publishScorecard", right: RightScorecards, summary: "Score calls by the draft from now on"},
		func(ctx context.Context, who Who, _ *struct{}) (Scorecard, error) {
			v, err := s.Quality.PublishCard(ctx)
			if err != nil {
				return Scorecard{}, err
			}
			return Scorecard(v), s.changed(ctx, who, fmt.Sprintf("scorecard:%d", v.Version), map[string]any{"live": true})
		})
	act(s, endpoint{method: http.MethodDelete, path: path + "/draft", id: "dropScorecardDraft", right: RightScorecards, summary: "Throw the draft away"},
		func(ctx context.Context, who Who, _ *struct{}) error {
			if err := s.Quality.DropCardDraft(ctx); err != nil {
				return err
			}
			return s.changed(ctx, who, "scorecard:draft", map[string]any{"dropped": true})
		})
}

func (s *Server) scorecards(ctx context.Context, _ Who, _ *struct{}) (list[Scorecard], error) {
	if _, err := s.Quality.LiveCard(ctx); err != nil { // puts the shipped card in, when there is none
		return list[Scorecard]{}, err
	}
	all, err := s.Quality.Cards(ctx)
	if err != nil {
		return list[Scorecard]{}, err
	}
	cards := make([]Scorecard, 0, len(all))
	for _, v := range all {
		cards = append(cards, Scorecard(v))
	}
	return everything(cards), nil
}

func (s *Server) checkScorecard(ctx context.Context, _ Who, in *cardTextInput) (CheckedCard, error) {
	c, faults, err := s.Quality.CheckCard(ctx, in.Body.YAML)
	if err != nil {
		return CheckedCard{}, err
	}
	out := CheckedCard{Faults: []CardFault{}}
	if c.Sections != nil {
		out.Card = &c
	}
	for _, f := range faults {
		out.Faults = append(out.Faults, CardFault{f.Line, f.Path, f.What, f.Remedy})
	}
	return out, nil
}
