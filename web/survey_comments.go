package web

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// SurveyComment is what a customer said after a call.
type SurveyComment struct {
	CallID       string    `json:"call_id"`
	At           time.Time `json:"at"`
	Leg          string    `json:"leg" doc:"The recording."`
	DurationMS   int64     `json:"duration_ms" doc:"0 while it is not there yet."`
	Ready        bool      `json:"ready" doc:"It can be listened to."`
	Text         string    `json:"text" doc:"What was said, once it is transcribed."`
	Question     string    `json:"question"`
	QueueID      string    `json:"queue_id"`
	AgentID      string    `json:"agent_id"`
	AgentName    string    `json:"agent_name"`
	Satisfaction *int      `json:"satisfaction,omitempty"`
}

// surveyComments are those of calls that the person's scope covers. Erased ones are no comments any more.
func (s *Server) surveyComments(ctx context.Context, who Who, in *responsesInput) (list[SurveyComment], error) {
	q := newQuery()
	q.reach(who, "a.agent_id", "")
	q.equal("a.queue_id", "queue", in.Queue)
	q.equal("a.agent_id", "agent", in.Agent)
	q.equal("a.way", "way", in.Way)
	q.equal("a.campaign", "campaign", in.Campaign)
	q.period("a.at", in.Period)
	q.add("a.survey = @survey and a.leg is not null", "survey", in.Survey)
	if in.MaxSatisfaction > 0 {
		q.add("s.value <= @worst", "worst", in.MaxSatisfaction)
	}
	if err := q.after(in.After, "a.at", "a.leg"); err != nil {
		return list[SurveyComment]{}, err
	}
	q.args["limit"] = in.Limit + 1
	q.args["satisfaction"] = satisfaction
	rows, err := s.DB.Query(ctx, `
		select a.call_id, a.at, a.leg, coalesce(r.duration_ms, 0) as duration_ms, coalesce(r.state in ('finished', 'stored'), false) as ready,
			coalesce((select string_agg(l.text, ' ' order by l.n) from transcript_lines l where l.leg = a.leg), '') as text,
			a.question, a.queue_id, a.agent_id, coalesce(u.name, '') as agent_name, s.value as satisfaction
		from survey_answers a left join recordings r on r.leg = a.leg left join users u on u.id = a.agent_id
		left join survey_answers s on s.call_id = a.call_id and s.survey = a.survey and s.question = @satisfaction
		`+q.where()+` order by a.at desc, a.leg desc limit @limit`, q.args)
	if err != nil {
		return list[SurveyComment]{}, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[SurveyComment])
	if err != nil {
		return list[SurveyComment]{}, err
	}
	return cut(found, in.Limit, func(c SurveyComment) string { return placeOf(c.At, c.Leg) }), nil
}
