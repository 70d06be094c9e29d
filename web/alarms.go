package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/recording/ledger"
)

// RecordingAlarm is something wrong with a recording that is owed.
type RecordingAlarm struct {
	ID         int64         `json:"id"`
	Leg        string        `json:"leg"`
	CallID     string        `json:"call_id" doc:"Empty when the call is not known."`
	AgentID    string        `json:"agent_id" doc:"Empty when the catalogue does not know the leg."`
	AgentName  string        `json:"agent_name"`
	QueueID    string        `json:"queue_id"`
	Kind       string        `json:"kind" enum:"missing,short,silent,hash"`
	Detail     ledger.Detail `json:"detail"`
	StartedAt  *time.Time    `json:"started_at" doc:"When the agent answered; null when that is not known."`
	RaisedAt   time.Time     `json:"raised_at"`
	ClearedAt  *time.Time    `json:"cleared_at" doc:"Null while it is open."`
	SeenBy     string        `json:"seen_by"`
	SeenByName string        `json:"seen_by_name"`
	SeenAt     *time.Time    `json:"seen_at"`
}

type alarmsInput struct {
	Paging
	Open bool   `query:"open" default:"true" doc:"Only those that are not cleared."`
	Kind string `query:"kind" enum:"missing,short,silent,hash"`
}

type alarmInput struct {
	ID int64 `path:"alarm" minimum:"1"`
}

func (s *Server) registerAlarms() {
	route(s, endpoint{method: http.MethodGet, path: "/recording-alarms", id: "listRecordingAlarms", right: RightAlarms, summary: "What is wrong with recordings, the newest first"}, s.listAlarms)
	act(s, endpoint{method: http.MethodPost, path: "/recording-alarms/{alarm}/seen", id: "seeRecordingAlarm", right: RightAlarms, summary: "Note that somebody knows of it"}, s.seeAlarm)
}

const alarmsFrom = ` from recording_alarms a left join recordings r on r.leg = a.leg left join calls c on c.id = split_part(a.leg, '.', 1)
	left join users u on u.id = r.agent_id left join users su on su.id = a.seen_by `

func (s *Server) listAlarms(ctx context.Context, who Who, in *alarmsInput) (list[RecordingAlarm], error) {
	q := newQuery()
	q.reach(who, "r.agent_id", "")
	q.equal("a.kind", "kind", in.Kind)
	if in.Open {
		q.conditions = append(q.conditions, "a.cleared_at is null")
	}
	if err := q.after(in.After, "a.raised_at", "a.id::text"); err != nil {
		return list[RecordingAlarm]{}, err
	}
	q.args["limit"] = in.Limit + 1
	rows, err := s.DB.Query(ctx, `select a.id, a.leg, coalesce(c.id, '') as call_id, coalesce(r.agent_id, '') as agent_id, coalesce(u.name, '') as agent_name,
			coalesce(c.queue_id, '') as queue_id, a.kind, a.detail, r.started_at, a.raised_at, a.cleared_at,
			coalesce(a.seen_by, '') as seen_by, coalesce(su.name, '') as seen_by_name, a.seen_at`+
		alarmsFrom+q.where()+` order by a.raised_at desc, a.id::text desc limit @limit`, q.args)
	if err != nil {
		return list[RecordingAlarm]{}, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[RecordingAlarm])
	if err != nil {
		return list[RecordingAlarm]{}, err
	}
	return cut(found, in.Limit, func(a RecordingAlarm) string { return placeOf(a.RaisedAt, strconv.FormatInt(a.ID, 10)) }), nil
}

// seeAlarm is for alarms that the person's scope covers; others are as good as missing.
func (s *Server) seeAlarm(ctx context.Context, who Who, in *alarmInput) error {
	q := newQuery()
	q.add("a.id = @alarm", "alarm", in.ID)
	q.reach(who, "r.agent_id", "")
	var leg string
	if err := s.DB.QueryRow(ctx, `select a.leg`+alarmsFrom+q.where(), q.args).Scan(&leg); err != nil {
		return err
	}
	if err := ledger.NewStore(s.DB, s.Vault).See(ctx, in.ID, who.ID); err != nil {
		return err
	}
	return s.changed(ctx, who, "recording:"+leg, map[string]any{"alarm_seen": in.ID})
}
