package web

import (
	"context"
	"net/http"
	"time"

	"hotline/qa"
	"hotline/qa/lift"
)

// LiftBasis is what wordings were set against.
type LiftBasis struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Codes   []string  `json:"codes" doc:"Dispositions that stand for the outcome, by the live dictionary; empty for answers of a survey."`
	Survey  string    `json:"survey" doc:"Whose answers count; empty for dispositions."`
	Surveys []string  `json:"surveys" doc:"The surveys that anybody has answered."`
}

// LiftReport is which wordings of agents go with an outcome.
type LiftReport struct {
	LiftBasis
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
	Survey  string `query:"survey" default:"after-call" maxLength:"60" doc:"Whose answers count, of satisfied (its question satisfaction) and promoter (recommendation)."`
	Export  bool   `query:"export" doc:"It is for a file to keep, which the access log says."`
}

// MinedReport is which phrases that nobody wrote down go with an outcome.
type MinedReport struct {
	LiftBasis
	Calls      int           `json:"calls" doc:"Of which the outcome is known and that have a transcript."`
	Won        int           `json:"won" doc:"Those that have the outcome."`
	Sampled    int           `json:"sampled" doc:"Calls that were looked through: all, or a sample of at most 10,000."`
	WonSampled int           `json:"won_sampled" doc:"Those of them that have the outcome."`
	Seed       int           `json:"seed" doc:"Of the hash that chose the sample."`
	Floor      int           `json:"floor" doc:"In how many calls a phrase had to be."`
	Tried      int           `json:"tried" doc:"Phrases that were tried: by so many the chance is corrected."`
	Items      []MinedPhrase `json:"items" doc:"Those that go with the outcome first, then the doubtful, then those that go against it."`
}

// MinedPhrase is a phrase of agents against one outcome. It says what goes together, not what causes what.
type MinedPhrase struct {
	Text  string `json:"text"`
	Calls int    `json:"calls" doc:"In which the agent said so."`
	Won   int    `json:"won" doc:"Those of them that have the outcome."`
	lift.Lift
	Rate     float64 `json:"false_discovery" doc:"Of all phrases that are believed at this figure, the share that is chance (Benjamini and Hochberg)."`
	Believed bool    `json:"believed" doc:"That share is at most 0.05."`
}

func (s *Server) registerLift() {
	route(s, endpoint{method: http.MethodGet, path: "/quality/lift", id: "getLift", right: RightQuality, summary: "Which wordings of agents go with an outcome, with the numbers behind it"}, s.lift)
	route(s, endpoint{method: http.MethodGet, path: "/quality/phrases", id: "getPhrases", right: RightQuality, summary: "Which phrases of agents go with an outcome, of those that nobody wrote down; of many calls by a sample"}, s.phrases)
}

// against says what wordings are set against.
func (s *Server) against(ctx context.Context, reach qa.Reach, in *liftInput, live qa.LiveDictionary) (LiftBasis, error) {
	out := LiftBasis{From: reach.From, To: reach.To, Codes: append([]string{}, live.Dictionary.Outcomes[in.Outcome]...)}
	if in.Outcome == string(qa.Satisfied) || in.Outcome == string(qa.Promoter) {
		out.Survey = in.Survey
	}
	var err error
	out.Surveys, err = s.Quality.Surveys(ctx)
	return out, err
}

// lift is logged before it is counted, as a search is.
func (s *Server) lift(ctx context.Context, who Who, in *liftInput) (LiftReport, error) {
	out := LiftReport{Items: []WordingLift{}}
	reach, live, none, err := s.liftAsked(ctx, who, "lift:", in)
	if err != nil {
		return out, err
	}
	if out.LiftBasis, err = s.against(ctx, reach, in, live); err != nil || none {
		return out, err
	}
	found, err := s.Quality.Lifts(ctx, qa.LiftQuery{Reach: reach, Outcome: qa.Outcome(in.Outcome), Survey: in.Survey})
	if err != nil {
		return out, err
	}
	out.Calls, out.Won = found.Calls, found.Won
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

// liftAsked checks and logs what is asked for; none says that the person's scope covers nothing of it.
func (s *Server) liftAsked(ctx context.Context, who Who, object string, in *liftInput) (reach qa.Reach, live qa.LiveDictionary, none bool, err error) {
	reach, none = s.reachOf(who, in.TrendFilter)
	if err = periodSound(reach); err != nil {
		return reach, live, none, err
	}
	if err = s.looked(ctx, who, actionTrends, object+in.Outcome, in.asked(reach, in.Export)); err != nil {
		return reach, live, none, err
	}
	live, err = s.Quality.LiveDictionary(ctx)
	return reach, live, none, err
}

// phrases is logged before it is mined, as a search is.
func (s *Server) phrases(ctx context.Context, who Who, in *liftInput) (MinedReport, error) {
	out := MinedReport{Seed: qa.MineSeed, Items: []MinedPhrase{}}
	reach, live, none, err := s.liftAsked(ctx, who, "phrases:", in)
	if err != nil {
		return out, err
	}
	if out.LiftBasis, err = s.against(ctx, reach, in, live); err != nil || none {
		return out, err
	}
	found, err := s.Quality.Mine(ctx, qa.LiftQuery{Reach: reach, Outcome: qa.Outcome(in.Outcome), Survey: in.Survey})
	if err != nil {
		return out, err
	}
	out.Calls, out.Won, out.Sampled, out.WonSampled, out.Floor, out.Tried = found.Calls, found.Won, found.Sampled, found.WonSample, found.Floor, found.Tried
	for _, g := range found.All {
		out.Items = append(out.Items, MinedPhrase{Text: g.Text, Calls: g.With, Won: g.WithWon, Lift: g.Lift, Rate: g.Rate, Believed: g.Rate <= qa.Believed})
	}
	return out, nil
}
