package web

import (
	"context"
	"net/http"
	"time"

	"hotline/internal/calendar"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flowstore"
	"hotline/ivr/rehearsal"
)

// Rehearsal is how far a walk through a flow without a telephone has come.
type Rehearsal struct {
	Lines   []RehearsalLine `json:"lines" doc:"What happened, in order."`
	Step    string          `json:"step" doc:"Where the caller is."`
	Path    []string        `json:"path" doc:"Steps in the order in which they were entered."`
	Reasons []string        `json:"reasons" doc:"Why they call, as the agent sees it."`
	Waits   string          `json:"waits" doc:"For what: digits, or what lies outside; empty when the call is over."`
	WaitS   float64         `json:"wait_s" doc:"How long, where it is for digits."`
	Results []string        `json:"results" doc:"That what is waited for may come to."`
	Fields  []string        `json:"fields" doc:"That a service answers with when it finds something."`
	Over    bool            `json:"over"`
	Faults  int             `json:"faults" doc:"With faults the walk may end where no caller would."`
}

// RehearsalLine is one thing that happened.
type RehearsalLine struct {
	Kind string `json:"kind"`
	Step string `json:"step"`
	Text string `json:"text"`
	Lang string `json:"lang" doc:"Of what is said."`
}

// RehearsalInput is what happens next; one of its fields counts.
type RehearsalInput struct {
	Digits  string `json:"digits,omitempty" pattern:"^[0-9*#]*$" maxLength:"64"`
	Silence bool   `json:"silence,omitempty"`
	HangUp  bool   `json:"hang_up,omitempty"`
	Result  string `json:"result,omitempty" maxLength:"64"`
	// Values are what a service answers with.
	Values map[string]string `json:"values,omitempty" doc:"By the service's fields, with result found."`
}

type rehearseInput struct {
	Body struct {
		YAML     string           `json:"yaml" maxLength:"262144"`
		At       time.Time        `json:"at" doc:"What the clock says."`
		Language string           `json:"language,omitempty" maxLength:"20"`
		Inputs   []RehearsalInput `json:"inputs" maxItems:"500"`
	}
}

func (s *Server) registerRehearsals() {
	route(s, endpoint{method: http.MethodPost, path: "/flows/rehearse", id: "rehearseFlow", right: RightFlows, limit: flowLimit, summary: "Walk through a flow or a survey without a telephone"}, s.rehearse)
}

func (s *Server) rehearse(ctx context.Context, _ Who, in *rehearseInput) (Rehearsal, error) {
	file, faults := flowfile.Parse([]byte(in.Body.YAML))
	all, err := s.Flows.Current(ctx)
	if err != nil {
		return Rehearsal{}, err
	}
	inputs := make([]rehearsal.Input, len(in.Body.Inputs))
	for i, v := range in.Body.Inputs {
		inputs[i] = rehearsal.Input(v)
	}
	live := flowstore.Live(all)
	o := rehearsal.Options{At: in.Body.At, Lang: ivr.Lang(in.Body.Language), Surveys: live.Surveys, Flows: live.Flows}
	var scene rehearsal.Scene
	switch {
	case file.Flow != nil:
		loaded, err := s.Site.Load(ctx)
		if err != nil {
			return Rehearsal{}, err
		}
		calendars := map[string]*calendar.Calendar{}
		for _, c := range loaded.Configured().Calendars {
			calendars[c.Name] = c
		}
		for id, f := range o.Flows {
			o.Flows[id] = f.With(calendars)
		}
		scene = rehearsal.Flow(file.Flow.With(calendars), o, inputs)
	case file.Survey != nil:
		scene = rehearsal.Survey(file.Survey, o, inputs)
	default:
		return Rehearsal{}, &flowstore.Faulty{Faults: faults}
	}
	out := Rehearsal{
		Lines: []RehearsalLine{}, Step: scene.Step, Path: append([]string{}, scene.Path...), Reasons: append([]string{}, scene.Reasons...),
		Waits: scene.Waits, WaitS: scene.Wait.Seconds(), Results: append([]string{}, scene.Results...), Fields: append([]string{}, scene.Fields...), Over: scene.Over, Faults: len(flowstore.Errors(faults)),
	}
	for _, l := range scene.Lines {
		out.Lines = append(out.Lines, RehearsalLine{Kind: l.Kind, Step: l.Step, Text: l.Text, Lang: string(l.Lang)})
	}
	return out, nil
}
