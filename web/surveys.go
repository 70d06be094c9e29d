package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/customer"
	"hotline/ivr/survey"
)

// The questions that are scored, by the ids that the shipped survey gives them.
const (
	satisfaction   = "satisfaction"
	recommendation = "recommendation"
	defaultSurvey  = "after-call"
)

// Result is what a survey came to, over some calls.
type Result struct {
	Calls     int  `json:"calls" doc:"Answered by an agent; whom the survey was for."`
	Responses int  `json:"responses" doc:"Calls with at least one answer."`
	CSAT      CSAT `json:"csat"`
	NPS       NPS  `json:"nps"`
}

// CSAT is satisfaction, 1 to 5.
type CSAT struct {
	Count   int     `json:"count"`
	Average float64 `json:"average" doc:"1 to 5; 0 without answers."`
	Percent float64 `json:"percent" doc:"Share of 4 and 5, 0 to 100."`
	Counts  []int   `json:"counts" doc:"Answers of 1, 2, 3, 4, 5."`
}

// NPS is the net promoter score, of answers 0 to 10.
type NPS struct {
	Count      int         `json:"count"`
	Score      float64     `json:"score" doc:"-100 to 100: percent of 9-10 minus percent of 0-6."`
	Promoters  int         `json:"promoters"`
	Passives   int         `json:"passives"`
	Detractors int         `json:"detractors"`
	Counts     []int       `json:"counts" doc:"Answers of 0, 1 ... 10."`
	Band       survey.Band `json:"band" enum:"excellent,good,fair,alert," doc:"Over 70, 50, 30, under 30; empty without answers."`
}

// Group is the result of one queue, agent or day.
type Group struct {
	Key string `json:"key" doc:"Queue, agent or date (YYYY-MM-DD in the site's time zone); empty for calls without."`
	Result
}

// SurveyReport is a survey's result, whole and in groups.
type SurveyReport struct {
	Survey string    `json:"survey"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Total  Result    `json:"total"`
	Groups []Group   `json:"groups"`
}

// SurveyResponse is what one caller answered.
type SurveyResponse struct {
	CallID         string    `json:"call_id"`
	At             time.Time `json:"at"`
	Way            string    `json:"way"`
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

type surveyReportInput struct {
	SurveyFilter
	By string `query:"by" enum:"queue,agent,day" default:"queue"`
}

type responsesInput struct {
	Paging
	SurveyFilter
	MaxSatisfaction int `query:"max_satisfaction" minimum:"0" maximum:"5" doc:"Only answers this bad; 0 for all."`
}

func (s *Server) registerSurveys() {
	route(s, endpoint{method: http.MethodGet, path: "/surveys", id: "getSurveyReport", right: RightSurveys, summary: "Satisfaction and recommendation, by queue, agent or day"}, s.surveyReport)
	route(s, endpoint{method: http.MethodGet, path: "/surveys/answers", id: "listSurveyAnswers", right: RightSurveys, summary: "Answers, the newest first"}, s.surveyAnswers)
}

// surveyDays is the period of a report that asks for none.
const surveyDays = 30

// keys of the groups, as SQL.
var groupKeys = map[string]string{
	"queue": "coalesce(c.queue_id, '')", "agent": "coalesce(c.agent_id, '')", "day": "to_char(c.arrived_at at time zone @zone, 'YYYY-MM-DD')",
}

func (s *Server) surveyReport(ctx context.Context, who Who, in *surveyReportInput) (SurveyReport, error) {
	if in.To.IsZero() {
		in.To = s.now().UTC()
	}
	if in.From.IsZero() {
		in.From = in.To.AddDate(0, 0, -surveyDays)
	}
	q := newQuery()
	q.reach(who, "c.agent_id", "c.queue_id")
	q.period("c.arrived_at", in.Period)
	q.equal("c.queue_id", "queue", in.Queue)
	q.equal("c.agent_id", "agent", in.Agent)
	q.conditions = append(q.conditions, "c.answered_at is not null")
	q.args["survey"], q.args["zone"] = in.Survey, s.TimeZone
	q.args["satisfaction"], q.args["recommendation"] = satisfaction, recommendation
	rows, err := s.DB.Query(ctx, `
		with per_call as (
			select `+groupKeys[in.By]+` as key, s.value as csat, r.value as nps
			from calls c
			left join survey_answers s on s.call_id = c.id and s.survey = @survey and s.question = @satisfaction
			left join survey_answers r on r.call_id = c.id and r.survey = @survey and r.question = @recommendation
			`+q.where()+`)
		select key, csat, nps, count(*) as calls from per_call group by key, csat, nps`, q.args)
	if err != nil {
		return SurveyReport{}, err
	}
	report := SurveyReport{Survey: in.Survey, From: in.From, To: in.To, Total: newResult(), Groups: []Group{}}
	groups := map[string]*Group{}
	var (
		key       string
		csat, nps *int
		calls     int
	)
	_, err = pgx.ForEachRow(rows, []any{&key, &csat, &nps, &calls}, func() error {
		g := groups[key]
		if g == nil {
			g = &Group{Key: key, Result: newResult()}
			groups[key] = g
		}
		g.count(csat, nps, calls)
		report.Total.count(csat, nps, calls)
		return nil
	})
	if err != nil {
		return SurveyReport{}, err
	}
	report.Total.score()
	for _, g := range groups {
		g.score()
		report.Groups = append(report.Groups, *g)
	}
	slices.SortFunc(report.Groups, func(a, b Group) int { return strings.Compare(a.Key, b.Key) })
	return report, nil
}

func newResult() Result {
	return Result{CSAT: CSAT{Counts: make([]int, 5)}, NPS: NPS{Counts: make([]int, 11)}}
}

// count adds so many calls with these answers.
func (r *Result) count(csat, nps *int, calls int) {
	r.Calls += calls
	if csat != nil || nps != nil {
		r.Responses += calls
	}
	if csat != nil && *csat >= 1 && *csat <= 5 {
		r.CSAT.Counts[*csat-1] += calls
	}
	if nps != nil && *nps >= 0 && *nps <= 10 {
		r.NPS.Counts[*nps] += calls
	}
}

// score makes the figures of the counts.
func (r *Result) score() {
	sum, satisfied := 0, 0
	for i, n := range r.CSAT.Counts {
		r.CSAT.Count += n
		sum += (i + 1) * n
		if i >= 3 {
			satisfied += n
		}
	}
	if r.CSAT.Count > 0 {
		r.CSAT.Average = float64(sum) / float64(r.CSAT.Count)
		r.CSAT.Percent = 100 * float64(satisfied) / float64(r.CSAT.Count)
	}
	var n survey.NPS
	for value, count := range r.NPS.Counts {
		one := survey.NPSOf([]int{value})
		n.Answers += count
		n.Promoters += one.Promoters * count
		n.Neutral += one.Neutral * count
		n.Detractors += one.Detractors * count
	}
	if n.Answers > 0 {
		n.Score = 100 * float64(n.Promoters-n.Detractors) / float64(n.Answers)
	}
	r.NPS.Count, r.NPS.Promoters, r.NPS.Passives, r.NPS.Detractors = n.Answers, n.Promoters, n.Neutral, n.Detractors
	r.NPS.Score, r.NPS.Band = n.Score, n.Band()
}

func (s *Server) surveyAnswers(ctx context.Context, who Who, in *responsesInput) (list[SurveyResponse], error) {
	q := newQuery()
	q.reach(who, "c.agent_id", "c.queue_id")
	q.equal("c.queue_id", "queue", in.Queue)
	q.equal("c.agent_id", "agent", in.Agent)
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
		select a.call_id, a.at, a.way, coalesce(c.queue_id, '') as queue_id, coalesce(c.agent_id, '') as agent_id,
			coalesce(u.name, '') as agent_name, coalesce(c.customer_id, 0) as customer_id, coalesce(cu.name, '') as customer_name,
			coalesce(c.disposition, '') as disposition, s.value as satisfaction, r.value as recommendation
		from survey_answers a join calls c on c.id = a.call_id
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
	for i := range found {
		found[i].CustomerName = customer.MaskName(found[i].CustomerName)
	}
	return cut(found, in.Limit, func(r SurveyResponse) string { return placeOf(r.At, r.CallID) }), nil
}
