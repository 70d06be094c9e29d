package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/customer"
)

// Call is a row of the list of calls. Numbers and names are masked.
type Call struct {
	ID           string         `json:"id"`
	Line         string         `json:"line" doc:"The number dialled, E.164."`
	Flow         string         `json:"flow"`
	Caller       string         `json:"caller" doc:"Masked; empty when withheld or no phone number."`
	Anonymous    bool           `json:"anonymous"`
	CustomerID   int64          `json:"customer_id" doc:"0 for none, or not known which."`
	CustomerName string         `json:"customer_name" doc:"Masked."`
	Lang         string         `json:"lang"`
	Path         []string       `json:"path" doc:"The choices in the menu, in words."`
	QueueID      string         `json:"queue_id"`
	AgentID      string         `json:"agent_id"`
	AgentName    string         `json:"agent_name"`
	ArrivedAt    time.Time      `json:"arrived_at"`
	QueuedAt     *time.Time     `json:"queued_at,omitempty"`
	AnsweredAt   *time.Time     `json:"answered_at,omitempty"`
	EndedAt      *time.Time     `json:"ended_at,omitempty"`
	Outcome      string         `json:"outcome" doc:"Empty while the call lives."`
	Disposition  string         `json:"disposition"`
	Note         string         `json:"note"`
	WaitS        *int64         `json:"wait_s,omitempty" doc:"Seconds in the queue."`
	TalkS        *int64         `json:"talk_s,omitempty" doc:"Seconds from the answer to the end of the call."`
	HasRecording bool           `json:"has_recording"`
	Answers      map[string]int `json:"answers" doc:"Of the survey, by question."`
	Campaign     string         `json:"campaign" doc:"For which the call was made; empty for one that came in."`
}

// CallDetail is a call with what belongs to it.
type CallDetail struct {
	Call
	Recordings []Recording    `json:"recordings"`
	Survey     []SurveyAnswer `json:"survey"`
}

// SurveyAnswer is one answer as stored.
type SurveyAnswer struct {
	Survey   string    `json:"survey"`
	Version  string    `json:"version"`
	Question string    `json:"question"`
	Value    int       `json:"value"`
	At       time.Time `json:"at"`
	Way      string    `json:"way" doc:"phone, link or outbound"`
}

// CallEvent is a moment of the call's time line.
type CallEvent struct {
	Seq   int64           `json:"seq"`
	At    time.Time       `json:"at"`
	Kind  string          `json:"kind"`
	Agent string          `json:"agent" doc:"Empty for what no agent did."`
	Data  json.RawMessage `json:"data"`
}

type callsInput struct {
	Paging
	Period
	Queue       string `query:"queue" maxLength:"40"`
	Agent       string `query:"agent" maxLength:"40"`
	Line        string `query:"line" maxLength:"20"`
	Outcome     string `query:"outcome" maxLength:"40"`
	Disposition string `query:"disposition" maxLength:"40"`
	Customer    int64  `query:"customer" minimum:"0"`
	Live        bool   `query:"live" doc:"Only calls that have not ended."`
	Q           string `query:"q" maxLength:"60" doc:"A phone number in any form, or a call's id."`
}

type callInput struct {
	ID string `path:"id" maxLength:"120"`
}

func (s *Server) registerCalls() {
	route(s, endpoint{method: http.MethodGet, path: "/calls", id: "listCalls", right: RightCalls, summary: "Calls, the newest first"}, s.listCalls)
	route(s, endpoint{method: http.MethodGet, path: "/calls/{id}", id: "getCall", right: RightCalls, summary: "A call with its recordings and answers"}, s.getCall)
	route(s, endpoint{method: http.MethodGet, path: "/calls/{id}/events", id: "listCallEvents", right: RightCalls, summary: "What happened in a call, in order"}, s.listCallEvents)
}

const callColumns = `c.id, c.line, c.flow, coalesce(c.caller_e164, '') as caller, c.anonymous, coalesce(c.customer_id, 0) as customer_id,
	coalesce((select cu.name from customers cu where cu.id = c.customer_id), '') as customer_name, c.lang, c.path,
	coalesce(c.queue_id, '') as queue_id, coalesce(c.agent_id, '') as agent_id,
	coalesce((select u.name from users u where u.id = c.agent_id), '') as agent_name,
	c.arrived_at, c.queued_at, c.answered_at, c.ended_at, coalesce(c.outcome, '') as outcome,
	coalesce(c.disposition, '') as disposition, c.note,
	extract(epoch from coalesce(c.answered_at, c.ended_at) - c.queued_at)::bigint as wait_s,
	extract(epoch from c.ended_at - c.answered_at)::bigint as talk_s,
	exists (select 1 from recordings r where r.call_id = c.id and r.state not in ('failed', 'refused')) as has_recording,
	coalesce((select jsonb_object_agg(a.question, a.value) from survey_answers a where a.call_id = c.id), '{}') as answers, c.campaign
	from calls c `

func (s *Server) listCalls(ctx context.Context, who Who, in *callsInput) (list[Call], error) {
	q := newQuery()
	q.reach(who, "c.agent_id", "c.queue_id")
	q.period("c.arrived_at", in.Period)
	q.equal("c.queue_id", "queue", in.Queue)
	q.equal("c.agent_id", "agent", in.Agent)
	q.equal("c.line", "line", in.Line)
	q.equal("c.outcome", "outcome", in.Outcome)
	q.equal("c.disposition", "disposition", in.Disposition)
	if in.Customer > 0 {
		q.add("c.customer_id = @customer", "customer", in.Customer)
	}
	if in.Live {
		q.conditions = append(q.conditions, "c.ended_at is null")
	}
	if text := strings.TrimSpace(in.Q); text != "" {
		if number, err := customer.ParsePhone(text); err == nil {
			q.add("c.caller_e164 = @number", "number", number.E164)
		} else {
			q.add("c.id = @id", "id", text)
		}
	}
	if err := q.after(in.After, "c.arrived_at", "c.id"); err != nil {
		return list[Call]{}, err
	}
	q.args["limit"] = in.Limit + 1
	rows, err := s.DB.Query(ctx, `select `+callColumns+q.where()+` order by c.arrived_at desc, c.id desc limit @limit`, q.args)
	if err != nil {
		return list[Call]{}, err
	}
	calls, err := pgx.CollectRows(rows, pgx.RowToStructByName[Call])
	if err != nil {
		return list[Call]{}, err
	}
	for i := range calls {
		calls[i].mask()
	}
	return cut(calls, in.Limit, func(c Call) string { return placeOf(c.ArrivedAt, c.ID) }), nil
}

// mask hides whom the call was with. Whoever needs to know opens the customer.
func (c *Call) mask() {
	c.Caller, c.CustomerName = customer.MaskPhone(c.Caller), customer.MaskName(c.CustomerName)
}

// call returns a call that the person's scope covers.
func (s *Server) call(ctx context.Context, who Who, callID string) (Call, error) {
	q := newQuery()
	q.add("c.id = @id", "id", callID)
	q.reach(who, "c.agent_id", "c.queue_id")
	rows, err := s.DB.Query(ctx, `select `+callColumns+q.where(), q.args)
	if err != nil {
		return Call{}, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Call])
	c.mask()
	return c, err
}

func (s *Server) getCall(ctx context.Context, who Who, in *callInput) (CallDetail, error) {
	c, err := s.call(ctx, who, in.ID)
	if err != nil {
		return CallDetail{}, err
	}
	d := CallDetail{Call: c, Recordings: []Recording{}}
	if may(who.Role, who.Scope, RightRecordings) {
		found, err := s.listRecordings(ctx, who, &recordingsInput{Call: in.ID, Paging: Paging{Limit: 100}})
		if err != nil {
			return CallDetail{}, err
		}
		d.Recordings = found.Items
	}
	rows, err := s.DB.Query(ctx, `select survey, version, question, value, at, way from survey_answers where call_id = $1 order by at, question`, in.ID)
	if err != nil {
		return CallDetail{}, err
	}
	d.Survey, err = filled(pgx.CollectRows(rows, pgx.RowToStructByName[SurveyAnswer]))
	return d, err
}

func (s *Server) listCallEvents(ctx context.Context, who Who, in *callInput) (list[CallEvent], error) {
	if _, err := s.call(ctx, who, in.ID); err != nil {
		return list[CallEvent]{}, err
	}
	rows, err := s.DB.Query(ctx, `select seq, at, kind, coalesce(agent, '') as agent, data from call_event where call = $1 order by id limit 2000`, in.ID)
	if err != nil {
		return list[CallEvent]{}, err
	}
	events, err := pgx.CollectRows(rows, pgx.RowToStructByName[CallEvent])
	return everything(events), err
}
