package web

import (
	"context"
	"net/http"
	"time"

	"hotline/ivr/flowstore"
)

// CallStep is a step of a flow that a call entered.
type CallStep struct {
	N       int       `json:"n" doc:"From 1. After a restart of the controller a step is entered anew."`
	At      time.Time `json:"at"`
	Flow    string    `json:"flow"`
	Version string    `json:"version" doc:"Hash of the flow's text."`
	Step    string    `json:"step"`
}

// StepCount is how many calls came by a step of a flow.
type StepCount struct {
	Step    string `json:"step"`
	Calls   int64  `json:"calls"`
	Visits  int64  `json:"visits" doc:"However often each of them."`
	Dropped int64  `json:"dropped" doc:"Calls whose caller hung up there."`
}

type flowCountsInput struct {
	Name string `path:"name" pattern:"^[a-z][a-z0-9-]{0,63}$"`
	Period
	Version string `query:"version" pattern:"^[0-9a-f]{12}$" doc:"Hash of one text; without it all together."`
}

func (s *Server) registerPaths() {
	route(s, endpoint{method: http.MethodGet, path: "/calls/{id}/steps", id: "listCallSteps", right: RightCalls, summary: "The way of a call through its flow"},
		func(ctx context.Context, who Who, in *callInput) (list[CallStep], error) {
			if _, err := s.call(ctx, who, in.ID); err != nil {
				return list[CallStep]{}, err
			}
			path, err := s.Flows.Path(ctx, in.ID)
			return everything(convert(path, func(e flowstore.Entered) CallStep { return CallStep(e) })), err
		})
	route(s, endpoint{method: http.MethodGet, path: "/flows/flow/{name}/counts", id: "countFlow", right: RightFlows, summary: "How many came by each step of a flow, and hung up there"},
		func(ctx context.Context, _ Who, in *flowCountsInput) (list[StepCount], error) {
			until := in.To
			if until.IsZero() {
				until = s.now().Add(time.Hour)
			}
			counts, err := s.Flows.Counts(ctx, in.Name, in.Version, in.From, until)
			return everything(convert(counts, func(c flowstore.Count) StepCount { return StepCount(c) })), err
		})
}

func convert[A, B any](all []A, one func(A) B) []B {
	out := make([]B, 0, len(all))
	for _, a := range all {
		out = append(out, one(a))
	}
	return out
}
