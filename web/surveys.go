package web

import (
	"context"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/customer"
)

// The questions that are scored, by the ids that the shipped survey gives them.
const (
	satisfaction   = "satisfaction"
	recommendation = "recommendation"
)

// SurveyResponse is what one caller answered.
type SurveyResponse struct {
	ID             string    `json:"id" doc:"Of the response, among those of the survey."`
	CallID         string    `json:"call_id" doc:"Empty where no call was answered: to links of campaigns."`
	At             time.Time `json:"at"`
	Way            string    `json:"way"`
	Occasion       string    `json:"occasion" enum:",ivr,key,after,link" doc:"Empty for campaigns, and where nobody noted it."`
	Campaign       string    `json:"campaign" doc:"Empty for none."`
	CampaignName   string    `json:"campaign_name" db:"-"`
	QueueID        string    `json:"queue_id"`
	AgentID        string    `json:"agent_id"`
	AgentName      string    `json:"agent_name"`
	CustomerID     int64     `json:"customer_id" doc:"0 for none."`
	CustomerName   string    `json:"customer_name" doc:"Masked."`
	Disposition    string    `json:"disposition"`
	Satisfaction   *int      `json:"satisfaction,omitempty"`
	Recommendation *int      `json:"recommendation,omitempty"`
}

type SurveyFilter struct {
	Period
	Survey string `query:"survey" default:"after-call" maxLength:"60"`
	Queue  string `query:"queue" maxLength:"40"`
	Agent  string `query:"agent" maxLength:"40"`
}

type responsesInput struct {
	Paging
	SurveyFilter
	Way             string `query:"way" enum:"phone,link,outbound"`
	Campaign        string `query:"campaign" maxLength:"40"`
	MaxSatisfaction int    `query:"max_satisfaction" minimum:"0" maximum:"5" doc:"Only answers this bad; 0 for all."`
}

func (s *Server) registerSurveys() {
	route(s, endpoint{method: http.MethodGet, path: "/surveys", id: "getSurveyReport", right: RightSurveys, summary: "What a survey came to: who was asked, who answered what, by queue, agent, way, campaign, version or time"}, s.surveyReport)
	routeOut(s, endpoint{method: http.MethodGet, path: "/surveys/export", id: "exportSurvey", right: RightExport, summary: "The results, or every answer, as a table to keep"}, s.exportSurvey)
	route(s, endpoint{method: http.MethodGet, path: "/surveys/answers", id: "listSurveyAnswers", right: RightSurveys, summary: "Answers, the newest first"}, s.surveyAnswers)
	route(s, endpoint{method: http.MethodGet, path: "/surveys/comments", id: "listSurveyComments", right: RightReview, summary: "Spoken comments, the newest first; each is a recording"}, s.surveyComments)
}

func (s *Server) surveyAnswers(ctx context.Context, who Who, in *responsesInput) (list[SurveyResponse], error) {
	q := newQuery()
	q.reach(who, "c.agent_id", "c.queue_id")
	q.equal("c.queue_id", "queue", in.Queue)
	q.equal("c.agent_id", "agent", in.Agent)
	q.equal("a.way", "way", in.Way)
	q.equal("a.campaign", "campaign", in.Campaign)
	q.period("a.at", in.Period)
	// The last answer of a call stands for all of them, so that the newest are found by the index on the time.
	q.add(`a.survey = @survey and not exists (select 1 from survey_answers later where later.call_id = a.call_id and
		later.survey = a.survey and (later.at, later.question) > (a.at, a.question))`, "survey", in.Survey)
	if in.MaxSatisfaction > 0 {
		q.add("s.value <= @worst", "worst", in.MaxSatisfaction)
	}
	if err := q.after(in.After, "a.at", "a.call_id"); err != nil {
		return list[SurveyResponse]{}, err
	}
	q.args["limit"] = in.Limit + 1
	q.args["satisfaction"], q.args["recommendation"] = satisfaction, recommendation
	rows, err := s.DB.Query(ctx, `
		select a.call_id as id, coalesce(c.id, '') as call_id, a.at, a.way, a.occasion, a.campaign, coalesce(c.queue_id, '') as queue_id, coalesce(c.agent_id, '') as agent_id,
			coalesce(u.name, '') as agent_name, coalesce(c.customer_id, 0) as customer_id, coalesce(cu.name, '') as customer_name,
			coalesce(c.disposition, '') as disposition, s.value as satisfaction, r.value as recommendation
		from survey_answers a left join calls c on c.id = a.call_id
		left join survey_answers s on s.call_id = a.call_id and s.survey = a.survey and s.question = @satisfaction
		left join survey_answers r on r.call_id = a.call_id and r.survey = a.survey and r.question = @recommendation
		left join users u on u.id = c.agent_id left join customers cu on cu.id = c.customer_id
		`+q.where()+` order by a.at desc, a.call_id desc limit @limit`, q.args)
	if err != nil {
		return list[SurveyResponse]{}, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[SurveyResponse])
	if err != nil {
		return list[SurveyResponse]{}, err
	}
	named, err := s.campaigns.Names(ctx)
	if err != nil {
		return list[SurveyResponse]{}, err
	}
	for i := range found {
		found[i].CustomerName = customer.MaskName(found[i].CustomerName)
		found[i].CampaignName = named[found[i].Campaign]
	}
	return cut(found, in.Limit, func(r SurveyResponse) string { return placeOf(r.At, r.ID) }), nil
}
