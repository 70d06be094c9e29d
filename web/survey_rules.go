package web

import (
	"context"
	"net/http"

	"hotline/cti/id"
	"hotline/internal/notify"
	"hotline/internal/site"
)

// SurveyRule is when the callers of a queue are asked.
type SurveyRule struct {
	QueueID   id.QueueID `json:"queue_id"`
	Agreed    bool       `json:"agreed" doc:"Who agreed in the flow to stay on the line."`
	Key       bool       `json:"key" doc:"The agent may send a caller to the survey."`
	After     bool       `json:"after" doc:"When the agent hangs up."`
	Link      bool       `json:"link" doc:"By a link, when the caller hung up first."`
	Share     int        `json:"share" doc:"Of the callers in percent, chosen by chance that nobody sees."`
	AgentADay int        `json:"agent_a_day" doc:"Most callers of one agent in a day; 0 for no limit."`
	QueueADay int        `json:"queue_a_day" doc:"Most callers of the queue in a day; 0 for no limit."`
	RestDays  int        `json:"rest_days" doc:"Whoever was asked is not asked again for so many days; 0 asks always."`
	LinkDays  int        `json:"link_days" doc:"How long a link can be answered."`
}

// AskingRules are when customers are asked and written to.
type AskingRules struct {
	Queues   []SurveyRule     `json:"queues"`
	Channels []notify.Channel `json:"channels" enum:"sms,mail" doc:"By which links can be sent here."`
	From     int              `json:"from" doc:"Messages are sent from this minute of the day on."`
	To       int              `json:"to" doc:"And before this one."`
}

type surveyRuleInput struct {
	Queue id.QueueID `path:"queue" maxLength:"40"`
	Body  struct {
		Agreed    bool `json:"agreed"`
		Key       bool `json:"key"`
		After     bool `json:"after"`
		Link      bool `json:"link"`
		Share     int  `json:"share" minimum:"0" maximum:"100"`
		AgentADay int  `json:"agent_a_day" minimum:"0" maximum:"10000"`
		QueueADay int  `json:"queue_a_day" minimum:"0" maximum:"1000000"`
		RestDays  int  `json:"rest_days" minimum:"0" maximum:"3650"`
		LinkDays  int  `json:"link_days" minimum:"1" maximum:"90"`
	}
}

type messageHoursInput struct {
	Body struct {
		From int `json:"from" minimum:"0" maximum:"1439" doc:"Minute of the day."`
		To   int `json:"to" minimum:"1" maximum:"1440" doc:"Exclusive."`
	}
}

func (s *Server) registerSurveyRules() {
	route(s, endpoint{method: http.MethodGet, path: "/survey-rules", id: "listSurveyRules", right: RightFlows, summary: "When callers are asked a survey, by queue, and when customers are written to"}, s.surveyRules)
	act(s, endpoint{method: http.MethodPut, path: "/survey-rules/{queue}", id: "putSurveyRule", right: RightSite, summary: "Say when the callers of a queue are asked a survey"}, s.putSurveyRule)
	act(s, endpoint{method: http.MethodPut, path: "/message-hours", id: "putMessageHours", right: RightSite, summary: "Say when customers are written to"}, s.putMessageHours)
}

func (s *Server) surveyRules(ctx context.Context, _ Who, _ *struct{}) (AskingRules, error) {
	out := AskingRules{Queues: []SurveyRule{}, Channels: s.Channels}
	if out.Channels == nil {
		out.Channels = []notify.Channel{}
	}
	rules, err := s.Site.SurveyRules(ctx)
	if err != nil {
		return out, err
	}
	for _, r := range rules {
		out.Queues = append(out.Queues, SurveyRule(r))
	}
	hours, err := s.Messages.Hours(ctx)
	out.From, out.To = hours.From, hours.To
	return out, err
}

func (s *Server) putSurveyRule(ctx context.Context, who Who, in *surveyRuleInput) error {
	b := in.Body
	err := s.Site.PutSurveyRule(ctx, site.SurveyRule{
		QueueID: in.Queue, Agreed: b.Agreed, Key: b.Key, After: b.After, Link: b.Link, Share: b.Share,
		AgentADay: b.AgentADay, QueueADay: b.QueueADay, RestDays: b.RestDays, LinkDays: b.LinkDays,
	})
	if err != nil {
		return err
	}
	return s.changed(ctx, who, "survey_rule:"+string(in.Queue), map[string]any{
		"agreed": b.Agreed, "key": b.Key, "after": b.After, "link": b.Link, "share": b.Share,
		"agent_a_day": b.AgentADay, "queue_a_day": b.QueueADay, "rest_days": b.RestDays, "link_days": b.LinkDays,
	})
}

func (s *Server) putMessageHours(ctx context.Context, who Who, in *messageHoursInput) error {
	if in.Body.To <= in.Body.From {
		return invalid("body.to", "give a minute after from; messages of a night are not sent")
	}
	if err := s.Messages.SetHours(ctx, notify.Hours{From: in.Body.From, To: in.Body.To}); err != nil {
		return err
	}
	return s.changed(ctx, who, "message_hours", map[string]any{"from": in.Body.From, "to": in.Body.To})
}
