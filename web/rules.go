package web

import (
	"context"
	"net/http"
	"time"

	"hotline/qa/trial"
)

// RuleBook is one version of the rule book, as it can be read.
type RuleBook struct {
	Version int               `json:"version"`
	State   string            `json:"state" enum:"draft,live,retired"`
	Name    map[string]string `json:"name" doc:"By language."`
	Note    string            `json:"note"`
	LiveAt  *time.Time        `json:"live_at"`
	Rules   []MeasuredRule    `json:"rules" doc:"In the order of the book."`
}

// MeasuredRule is a rule and how often it is right.
type MeasuredRule struct {
	trial.BookRule
	Precision trial.Precision `json:"precision"`
}

// CheckedBook is what a rule book's text comes to.
type CheckedBook struct {
	Rules  []trial.BookRule `json:"rules" doc:"Empty when the text has faults."`
	Faults []RuleFault      `json:"faults"`
	Left   []string         `json:"left_to_people" doc:"Questions of the live scorecard that name rules which this book does not have: people would have to answer them."`
}

// RuleFault is something wrong with a rule book.
type RuleFault struct {
	Line   int    `json:"line"`
	Rule   string `json:"rule" doc:"Its name, #3 for the third when it has none, or - for the whole book."`
	Field  string `json:"field"`
	What   string `json:"what"`
	Remedy string `json:"remedy"`
}

func (s *Server) registerRules() {
	const path = "/rules"
	route(s, endpoint{method: http.MethodGet, path: path, id: "getRules", right: RightQuality, summary: "The live rules, and how often each is right"}, s.rules)
	route(s, endpoint{method: http.MethodPost, path: path + "/check", id: "checkRules", right: RightRules, summary: "Read rules and say everything that is wrong with them"}, s.checkRules)
	s.registerVersions(versioned{
		path: path, list: path + "/versions", id: "Rules", object: "rules", noun: "rule book", read: RightReview, change: RightRules, versions: s.Quality.Books(),
	})
}

func (s *Server) rules(ctx context.Context, _ Who, _ *struct{}) (RuleBook, error) {
	live, err := s.Quality.LiveBook(ctx)
	if err != nil {
		return RuleBook{}, err
	}
	v, err := s.Quality.Books().At(ctx, live.Version)
	if err != nil {
		return RuleBook{}, err
	}
	measured, err := s.trials.Precisions(ctx, live.Book)
	if err != nil {
		return RuleBook{}, err
	}
	out := RuleBook{Version: v.Version, State: v.State, Name: live.File.Name, Note: v.Note, LiveAt: v.LiveAt, Rules: []MeasuredRule{}}
	for _, r := range live.Book.Rules() {
		out.Rules = append(out.Rules, MeasuredRule{trial.BookRule(r), measured[r.ID]})
	}
	return out, nil
}

func (s *Server) checkRules(ctx context.Context, _ Who, in *textInput) (CheckedBook, error) {
	file, faults, left, err := s.Quality.CheckBook(ctx, in.Body.YAML)
	if err != nil {
		return CheckedBook{}, err
	}
	out := CheckedBook{Rules: []trial.BookRule{}, Faults: []RuleFault{}, Left: []string{}}
	for _, f := range faults {
		out.Faults = append(out.Faults, RuleFault{f.Line, f.Rule, f.Field, f.What, f.Remedy})
	}
	if len(faults) == 0 {
		out.Left = append(out.Left, left...)
		for _, r := range file.Rules {
			out.Rules = append(out.Rules, trial.BookRule(r))
		}
	}
	return out, nil
}
