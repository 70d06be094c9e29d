package web

import (
	"context"
	"net/http"
	"time"

	"hotline/cti/id"
	"hotline/qa/review"
	"hotline/qa/score"
)

type workInput struct {
	Period
	List      review.List `query:"list" enum:"all,share,rule,survey,silence,new,random,appeals" default:"all"`
	Queue     string      `query:"queue" maxLength:"40"`
	Agent     string      `query:"agent" maxLength:"40"`
	Rule      string      `query:"rule" maxLength:"60" doc:"Of the list rule."`
	Percent   int         `query:"percent" minimum:"1" maximum:"100" default:"5" doc:"Of the list share: of each agent's calls."`
	Seed      string      `query:"seed" maxLength:"60" doc:"Of the lists share and random: the same seed chooses the same calls."`
	SilenceMS int         `query:"silence_ms" minimum:"1" maximum:"3600000" default:"15000" doc:"Of the list silence."`
	Weeks     int         `query:"weeks" minimum:"1" maximum:"52" default:"4" doc:"Of the list new: how long an agent is one."`
	State     string      `query:"state" enum:"open,mine,done"`
	Limit     int         `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type claimInput struct {
	Body struct {
		Leg  string      `json:"leg" minLength:"1" maxLength:"120"`
		Kind review.Kind `json:"kind" enum:"review,second,calibration"`
		List review.List `json:"list,omitempty" enum:"all,share,rule,survey,silence,new,random,appeals"`
	}
}

type ReviewPath struct {
	ID int64 `path:"id"`
}

type draftInput struct {
	ReviewPath
	Body review.ReviewDraft
}

type decisionInput struct {
	FindingPath
	Body struct {
		Mark review.Mark `json:"mark" enum:"upheld,overturned" doc:"upheld: the finding stands."`
		Note string      `json:"note" minLength:"1" maxLength:"2000" doc:"Why, for the agent."`
	}
}

type newNoteInput struct {
	Body review.NewCoachingNote
}

type violationsInput struct {
	Agent string `query:"agent" maxLength:"40"`
}

type violationPeriodsInput struct {
	Period
	Agent string `query:"agent" maxLength:"40"`
	Step  string `query:"step" enum:"week,month" default:"month"`
}

type stepInput struct {
	Body struct {
		AgentID string     `json:"agent_id" minLength:"1" maxLength:"40"`
		Rule    string     `json:"rule" minLength:"1" maxLength:"60"`
		Step    score.Step `json:"step" enum:"remind,coach,warn,report"`
		Note    string     `json:"note,omitempty" maxLength:"2000"`
	}
}

type monthInput struct {
	Month string `query:"month" pattern:"^20[0-9]{2}-(0[1-9]|1[0-2])$" doc:"YYYY-MM; the last whole month when empty."`
}

type starInput struct {
	Body struct {
		Month   string `json:"month" pattern:"^20[0-9]{2}-(0[1-9]|1[0-2])$"`
		AgentID string `json:"agent_id" minLength:"1" maxLength:"40"`
	}
}

func (s *Server) registerReview() {
	route(s, endpoint{method: http.MethodGet, path: "/review/work", id: "listReviewWork", right: RightReview, summary: "Calls to review, chosen by a work list"}, s.work)
	route(s, endpoint{method: http.MethodPost, path: "/review/claims", id: "claimReview", right: RightReview, summary: "Take a call to review it; a second look and a calibration are blind"},
		func(ctx context.Context, who Who, in *claimInput) (review.Review, error) {
			r, err := s.review.Claim(ctx, viewer(who), id.LegID(in.Body.Leg), in.Body.Kind, in.Body.List)
			return r, s.reached(ctx, who, "score:"+in.Body.Leg, err)
		})
	act(s, endpoint{method: http.MethodPut, path: "/review/{id}", id: "saveReview", right: RightReview, summary: "Answer questions, mark findings, finish"},
		func(ctx context.Context, who Who, in *draftInput) error {
			return s.review.Save(ctx, viewer(who), in.ID, in.Body)
		})
	act(s, endpoint{method: http.MethodDelete, path: "/review/{id}", id: "dropReview", right: RightReview, summary: "Give a claimed call back"},
		func(ctx context.Context, who Who, in *ReviewPath) error {
			return s.review.Drop(ctx, viewer(who), in.ID)
		})
	act(s, endpoint{method: http.MethodPost, path: "/review/calls/{leg}/findings/{finding}/decision", id: "decideAppeal", right: RightReview, summary: "Decide an agent's appeal; not by whoever looked first"},
		func(ctx context.Context, who Who, in *decisionInput) error {
			err := s.review.Decide(ctx, viewer(who), id.LegID(in.Leg), in.Finding, in.Body.Mark, in.Body.Note)
			return s.reached(ctx, who, "score:"+in.Leg, err)
		})
	act(s, endpoint{method: http.MethodPost, path: "/quality/notes", id: "addCoachingNote", right: RightReview, summary: "Write a coaching note about a stretch of a call"},
		func(ctx context.Context, who Who, in *newNoteInput) error {
			return s.reached(ctx, who, "score:"+in.Body.Leg, s.review.AddNote(ctx, viewer(who), in.Body))
		})
	s.registerViolations()
}

// registerViolations adds what follows from many calls of an agent.
func (s *Server) registerViolations() {
	route(s, endpoint{method: http.MethodGet, path: "/quality/violations", id: "listViolations", right: RightQuality, summary: "How often who said which forbidden phrase, and the step that calls for"},
		func(ctx context.Context, who Who, in *violationsInput) (review.Violations, error) {
			return s.review.Violations(ctx, viewer(who), in.Agent, s.now())
		})
	route(s, endpoint{method: http.MethodGet, path: "/quality/violations/periods", id: "listViolationPeriods", right: RightQuality, summary: "How often which forbidden phrase was said, by week or month, and the steps taken; agents only their own"},
		func(ctx context.Context, who Who, in *violationPeriodsInput) (list[review.PeriodViolation], error) {
			from, to := s.lately(in.Period)
			items, err := s.review.History(ctx, viewer(who), review.HistoryQuery{From: from, To: to, Agent: in.Agent, Step: in.Step, Zone: s.TimeZone})
			return everything(items), err
		})
	act(s, endpoint{method: http.MethodPost, path: "/quality/violations/steps", id: "confirmStep", right: RightReview, summary: "Take the step that is proposed"},
		func(ctx context.Context, who Who, in *stepInput) error {
			b := in.Body
			return s.review.ConfirmStep(ctx, viewer(who), b.AgentID, b.Rule, b.Step, b.Note, s.now())
		})
	route(s, endpoint{method: http.MethodGet, path: "/quality/stars", id: "listStars", right: RightReview, summary: "Who is proposed or named as the star of a month, and why"},
		func(ctx context.Context, who Who, in *monthInput) (review.Stars, error) {
			month, next := s.month(in.Month)
			return s.review.Stars(ctx, viewer(who), month, next)
		})
	act(s, endpoint{method: http.MethodPost, path: "/quality/stars", id: "nameStar", right: RightReview, summary: "Name one of the proposed"},
		func(ctx context.Context, who Who, in *starInput) error {
			month, next := s.month(in.Body.Month)
			return s.review.NameStar(ctx, viewer(who), month, next, in.Body.AgentID)
		})
}

// month is when a month begins and ends where the site is.
func (s *Server) month(text string) (from, to time.Time) {
	from, err := time.ParseInLocation("2006-01", text, s.zone)
	if err != nil {
		now := s.now().In(s.zone)
		from = time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, s.zone)
	}
	return from, from.AddDate(0, 1, 0)
}

func (s *Server) work(ctx context.Context, who Who, in *workInput) (list[review.ScoredCall], error) {
	from, to := s.lately(in.Period)
	items, err := s.review.Work(ctx, viewer(who), review.Filter{
		List: in.List, From: from, To: to, Queue: in.Queue, Agent: in.Agent, Rule: in.Rule, Percent: in.Percent, Seed: in.Seed,
		SilenceMS: in.SilenceMS, Weeks: in.Weeks, State: in.State, Limit: in.Limit,
	})
	return everything(items), err
}
