package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/jackc/pgx/v5"

	"hotline/qa/trial"
)

// TrialRunner puts in the jobs that run trials.
type TrialRunner interface {
	// TryRules has a trial run once the transaction is committed.
	TryRules(ctx context.Context, tx pgx.Tx, trial int64) error
}

type newTrialInput struct {
	Body struct {
		Rule  string `json:"rule,omitempty" maxLength:"64" doc:"Try this rule alone; all when empty."`
		Queue string `json:"queue,omitempty" maxLength:"40" doc:"Calls of this queue alone; all when empty."`
		Days  int    `json:"days,omitempty" minimum:"0" maximum:"3650" doc:"Calls of the last so many days; 0 goes as far back as most."`
		Most  int    `json:"most" minimum:"1" maximum:"5000" doc:"At most so many calls, the newest first."`
	}
}

type TrialPath struct {
	ID int64 `path:"id"`
}

type examplesInput struct {
	TrialPath
	Rule  string     `query:"rule" maxLength:"64"`
	Side  trial.Side `query:"side" enum:"new,gone,same"`
	Limit int        `query:"limit" minimum:"1" maximum:"100" default:"30"`
}

type thumbInput struct {
	TrialPath
	Example int64 `path:"example"`
	Body    struct {
		Thumb string `json:"thumb" enum:"up,down,none" doc:"up: the rule is right there; none takes back what was said."`
	}
}

func (s *Server) registerTrials() {
	const path = "/rules/trials"
	route(s, endpoint{method: http.MethodGet, path: path, id: "listTrials", right: RightReview, summary: "Trials of drafts of the rule book, the newest first"},
		func(ctx context.Context, _ Who, _ *struct{}) (list[trial.Trial], error) {
			all, err := s.trials.Trials(ctx)
			return everything(all), err
		})
	route(s, endpoint{method: http.MethodPost, path: path, id: "startTrial", right: RightRules, summary: "Try the draft on what was said in past calls", status: http.StatusCreated}, s.startTrial)
	route(s, endpoint{method: http.MethodGet, path: path + "/{id}", id: "getTrial", right: RightReview, summary: "How far a trial is, and what it found in calls of one's scope"},
		func(ctx context.Context, who Who, in *TrialPath) (trial.TrialResult, error) {
			return s.trials.Result(ctx, viewer(who), in.ID)
		})
	act(s, endpoint{method: http.MethodPost, path: path + "/{id}/stop", id: "stopTrial", right: RightRules, summary: "Stop a trial; what it found stays"},
		func(ctx context.Context, who Who, in *TrialPath) error {
			if err := s.trials.Stop(ctx, in.ID); err != nil {
				return err
			}
			return s.changed(ctx, who, trialObject(in.ID), map[string]any{"stopped": true})
		})
	route(s, endpoint{method: http.MethodGet, path: path + "/{id}/examples", id: "listTrialExamples", right: RightReview, summary: "Examples drawn from what a trial found, with the words around them"}, s.trialExamples)
	act(s, endpoint{method: http.MethodPut, path: path + "/{id}/examples/{example}", id: "thumbExample", right: RightReview, summary: "Say whether a rule is right in an example"},
		func(ctx context.Context, who Who, in *thumbInput) error {
			return s.trials.Thumb(ctx, viewer(who), in.ID, in.Example, in.Body.Thumb)
		})
}

func trialObject(id int64) string { return fmt.Sprintf("trial:%d", id) }

func (s *Server) startTrial(ctx context.Context, who Who, in *newTrialInput) (trial.Trial, error) {
	c := trial.Choice{Rule: in.Body.Rule, Queue: in.Body.Queue, Most: in.Body.Most}
	if in.Body.Days > 0 {
		c.Since = s.now().AddDate(0, 0, -in.Body.Days)
	}
	t, err := s.trials.Start(ctx, c, string(who.ID), s.now(), s.Trials.TryRules)
	if err != nil {
		return trial.Trial{}, err
	}
	return t, s.changed(ctx, who, trialObject(t.ID), map[string]any{"most": c.Most, "days": in.Body.Days, "queue": c.Queue, "rule": c.Rule})
}

// trialExamples are logged before they are given: they quote what was said in calls.
func (s *Server) trialExamples(ctx context.Context, who Who, in *examplesInput) (list[trial.TrialExample], error) {
	all, err := s.trials.Examples(ctx, viewer(who), in.ID, trial.Wanted{Rule: in.Rule, Side: in.Side, Limit: in.Limit})
	if err != nil {
		return list[trial.TrialExample]{}, err
	}
	legs := make([]string, 0, len(all))
	for i := range all {
		legs = append(legs, all[i].Leg)
		if !may(who.Role, who.Scope, RightReveal) {
			maskExample(&all[i])
		}
	}
	err = s.looked(ctx, who, actionExamples, trialObject(in.ID), map[string]any{"rule": in.Rule, "recordings": legs})
	return everything(all), err
}

// maskExample hides telephone numbers that somebody said.
func maskExample(e *trial.TrialExample) {
	e.Heard = maskSpoken(e.Heard)
	for i := range e.Lines {
		l := &e.Lines[i]
		words := []Word{{Text: l.Before}, {Text: l.Hit}, {Text: l.After}} // a number may go on over the border
		maskWords(words)
		l.Before, l.Hit, l.After = words[0].Text, words[1].Text, words[2].Text
	}
}
