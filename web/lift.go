package web

import (
	"context"
	"net/http"
	"time"

	"hotline/qa"
	"hotline/qa/lift"
)

// LiftReport is which wordings of agents go with an outcome.
type LiftReport struct {
	From  time.Time     `json:"from"`
	To    time.Time     `json:"to"`
	Codes []string      `json:"codes" doc:"Dispositions that stand for the outcome, by the live dictionary; empty for answers of the survey."`
	Calls int           `json:"calls" doc:"Of which the outcome is known and that have a transcript."`
	Won   int           `json:"won" doc:"Those that have the outcome."`
	Items []WordingLift `json:"items" doc:"By the lower bound of the interval, the greatest first."`
}

// WordingLift is one wording against an outcome. It says what goes together, not what causes what.
type WordingLift struct {
	Entry   string   `json:"entry"`
	NameZH  string   `json:"name_zh"`
	NameEN  string   `json:"name_en"`
	Phrases []string `json:"phrases" doc:"Any of them is the wording."`
	Calls   int      `json:"calls" doc:"In which the agent said so."`
	Won     int      `json:"won" doc:"Those of them that have the outcome."`
	lift.Lift
}

type liftInput struct {
	TrendFilter
	Outcome string `query:"outcome" enum:"sold,resolved,satisfied,promoter" default:"sold"`
	Export  bool   `query:"export" doc:"It is for a file to keep, which the access log says."`
}

func (s *Server) registerLift() {
	route(s, endpoint{method: http.MethodGet, path: "/quality/lift", id: "getLift", right: RightQuality, summary: "Which wordings of agents go with an outcome, with the numbers behind it"}, s.lift)
}

// lift is logged before it is counted, as a search is.
func (s *Server) lift(ctx context.Context, who Who, in *liftInput) (LiftReport, error) {
	reach, none := s.reachOf(who, in.TrendFilter)
	out := LiftReport{From: reach.From, To: reach.To, Items: []WordingLift{}, Codes: []string{}}
	if err := periodSound(reach); err != nil {
		return out, err
	}
	if err := s.looked(ctx, who, actionTrends, "lift:"+in.Outcome, in.asked(reach, in.Export)); err != nil || none {
		return out, err
	}
	live, err := s.Quality.LiveDictionary(ctx)
	if err != nil {
		return out, err
	}
	found, err := s.Quality.Lifts(ctx, qa.LiftQuery{Reach: reach, Outcome: qa.Outcome(in.Outcome)})
	if err != nil {
		return out, err
	}
	out.Calls, out.Won = found.Calls, found.Won
	out.Codes = append(out.Codes, live.Dictionary.Outcomes[in.Outcome]...)
	for _, w := range found.All {
		for _, e := range live.Dictionary.Entries {
			if e.Kind == "wording" && e.ID == w.Entry {
				out.Items = append(out.Items, WordingLift{
					Entry: w.Entry, NameZH: e.Name["zh-TW"], NameEN: e.Name["en"], Phrases: e.Phrases, Calls: w.With, Won: w.WithWon, Lift: w.Lift,
				})
			}
		}
	}
	return out, nil
}
