package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"hotline/qa"
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

// RuleBookVersion is one version of the rule book, as it is edited.
type RuleBookVersion struct {
	Version   int        `json:"version"`
	State     string     `json:"state" enum:"draft,live,retired"`
	YAML      string     `json:"yaml"`
	Note      string     `json:"note"`
	CreatedAt time.Time  `json:"created_at" doc:"When it was saved last."`
	CreatedBy string     `json:"created_by" doc:"User; empty for the book that was shipped."`
	LiveAt    *time.Time `json:"live_at"`
	LiveBy    string     `json:"live_by" doc:"Who put it live; empty for the book that was shipped."`
	Drafter   string     `json:"drafter" doc:"Name of created_by."`
	Publisher string     `json:"publisher" doc:"Name of live_by."`
	BackTo    int        `json:"back_to" doc:"The earlier version whose text it repeats, or 0."`
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

type bookTextInput struct {
	Body struct {
		YAML string `json:"yaml" maxLength:"120000"`
	}
}

type bookDraftInput struct {
	Body struct {
		YAML string     `json:"yaml" minLength:"1" maxLength:"120000"`
		Note string     `json:"note,omitempty" maxLength:"500"`
		Seen *time.Time `json:"seen,omitempty" doc:"created_at of the draft that was being changed: one that somebody else saved since is not overwritten."`
	}
}

type bookPublishInput struct {
	Body struct {
		Saved time.Time `json:"saved" doc:"created_at of the draft, so that what goes live is what was looked at."`
		Note  string    `json:"note" minLength:"1" maxLength:"500" doc:"What has changed, and why."`
	}
}

type BookPath struct {
	Version int `path:"version" minimum:"1"`
}

type bookBackInput struct {
	BookPath
	Body struct {
		Note string `json:"note" minLength:"1" maxLength:"500" doc:"Why."`
	}
}

func (s *Server) registerRules() {
	const path = "/rules"
	route(s, endpoint{method: http.MethodGet, path: path, id: "getRules", right: RightQuality, summary: "The live rules, and how often each is right"}, s.rules)
	route(s, endpoint{method: http.MethodGet, path: path + "/versions", id: "listRuleBooks", right: RightReview, summary: "Versions of the rule book, the newest first"},
		func(ctx context.Context, _ Who, _ *struct{}) (list[RuleBookVersion], error) { return s.ruleBooks(ctx) })
	route(s, endpoint{method: http.MethodPost, path: path + "/check", id: "checkRules", right: RightRules, summary: "Read rules and say everything that is wrong with them"}, s.checkRules)
	route(s, endpoint{method: http.MethodPut, path: path + "/draft", id: "saveRulesDraft", right: RightRules, summary: "Keep the rules that are being worked on"},
		func(ctx context.Context, who Who, in *bookDraftInput) (RuleBookVersion, error) {
			var seen time.Time
			if in.Body.Seen != nil {
				seen = *in.Body.Seen
			}
			v, err := s.Quality.SaveDraft(ctx, in.Body.YAML, in.Body.Note, string(who.ID), seen)
			return s.bookChanged(ctx, who, v, err, map[string]any{"draft": true})
		})
	route(s, endpoint{method: http.MethodPost, path: path + "/draft/publish", id: "publishRules", right: RightRules, summary: "Judge calls by the draft from now on"},
		func(ctx context.Context, who Who, in *bookPublishInput) (RuleBookVersion, error) {
			v, err := s.Quality.Publish(ctx, in.Body.Saved, in.Body.Note, string(who.ID))
			return s.bookChanged(ctx, who, v, err, map[string]any{"live": true, "note": in.Body.Note})
		})
	act(s, endpoint{method: http.MethodDelete, path: path + "/draft", id: "dropRulesDraft", right: RightRules, summary: "Throw the draft away"},
		func(ctx context.Context, who Who, _ *struct{}) error {
			if err := s.Quality.DropDraft(ctx); err != nil {
				return err
			}
			return s.changed(ctx, who, "rules:draft", map[string]any{"dropped": true})
		})
	route(s, endpoint{method: http.MethodPost, path: path + "/versions/{version}/restore", id: "restoreRules", right: RightRules, summary: "Go back to an earlier version; its text becomes a new one"},
		func(ctx context.Context, who Who, in *bookBackInput) (RuleBookVersion, error) {
			v, err := s.Quality.GoBack(ctx, in.Version, in.Body.Note, string(who.ID))
			return s.bookChanged(ctx, who, v, err, map[string]any{"live": true, "back_to": in.Version, "note": in.Body.Note})
		})
}

// bookChanged logs a change of the rule book that was made.
func (s *Server) bookChanged(ctx context.Context, who Who, v qa.BookVersion, err error, detail map[string]any) (RuleBookVersion, error) {
	if err != nil {
		return RuleBookVersion{}, err
	}
	return RuleBookVersion(v), s.changed(ctx, who, fmt.Sprintf("rules:%d", v.Version), detail)
}

func (s *Server) rules(ctx context.Context, _ Who, _ *struct{}) (RuleBook, error) {
	live, err := s.Quality.LiveBook(ctx)
	if err != nil {
		return RuleBook{}, err
	}
	v, err := s.Quality.BookAt(ctx, live.Version)
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

func (s *Server) ruleBooks(ctx context.Context) (list[RuleBookVersion], error) {
	if _, err := s.Quality.LiveBook(ctx); err != nil { // puts the shipped book in, when there is none
		return list[RuleBookVersion]{}, err
	}
	all, err := s.Quality.Books(ctx)
	if err != nil {
		return list[RuleBookVersion]{}, err
	}
	versions := make([]RuleBookVersion, 0, len(all))
	for _, v := range all {
		versions = append(versions, RuleBookVersion(v))
	}
	return everything(versions), nil
}

func (s *Server) checkRules(ctx context.Context, _ Who, in *bookTextInput) (CheckedBook, error) {
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
