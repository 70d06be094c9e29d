package web

import (
	"context"
	"net/http"

	"hotline/qa/score"
)

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

func (s *Server) registerScorecards() {
	const path = "/scorecards"
	route(s, endpoint{method: http.MethodPost, path: path + "/check", id: "checkScorecard", right: RightScorecards, summary: "Read a scorecard and say everything that is wrong with it"}, s.checkScorecard)
	s.registerVersions(versioned{
		path: path, list: path, id: "Scorecard", object: "scorecard", noun: "scorecard", read: RightScorecards, change: RightScorecards, versions: s.Quality.Cards(),
	})
}

func (s *Server) checkScorecard(ctx context.Context, _ Who, in *textInput) (CheckedCard, error) {
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
