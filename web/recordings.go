package web

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/customer"
	"hotline/recording"
)

// Recording is a row of the list of recordings: what one agent heard and said in one call.
type Recording struct {
	Leg          string         `json:"leg"`
	CallID       string         `json:"call_id"`
	AgentID      string         `json:"agent_id"`
	AgentName    string         `json:"agent_name"`
	QueueID      string         `json:"queue_id"`
	CustomerID   int64          `json:"customer_id" doc:"0 for none."`
	CustomerName string         `json:"customer_name" doc:"Masked."`
	Caller       string         `json:"caller" doc:"Masked."`
	State        string         `json:"state" enum:"expected,writing,finished,stored,failed,refused,erased"`
	Reason       string         `json:"reason" doc:"Why it failed, or who refused it: caller, flow or queue."`
	StartedAt    time.Time      `json:"started_at"`
	DurationMS   int64          `json:"duration_ms"`
	Bytes        int64          `json:"bytes"`
	SHA256       string         `json:"sha256"`
	Disposition  string         `json:"disposition"`
	Answers      map[string]int `json:"answers"`
}

type recordingsInput struct {
	Paging
	Period
	Queue       string `query:"queue" maxLength:"40"`
	Agent       string `query:"agent" maxLength:"40"`
	Call        string `query:"call" maxLength:"120"`
	Disposition string `query:"disposition" maxLength:"40"`
	State       string `query:"state" enum:"expected,writing,finished,stored,failed,refused,erased"`
}

type recordingInput struct {
	Leg string `path:"leg" maxLength:"120"`
}

func (s *Server) registerRecordings() {
	const path = "/recordings/{leg}"
	route(s, endpoint{method: http.MethodGet, path: "/recordings", id: "listRecordings", right: RightRecordings, summary: "Recordings, the newest first"}, s.listRecordings)
	route(s, endpoint{method: http.MethodGet, path: path, id: "getRecording", right: RightRecordings, look: lookSee, summary: "A recording"},
		func(ctx context.Context, who Who, in *recordingInput) (Recording, error) {
			return s.recording(ctx, who, in.Leg)
		})
	route(s, endpoint{method: http.MethodGet, path: path + "/peaks", id: "getPeaks", right: RightRecordings, look: lookSee, summary: "The waveform of a recording"}, s.peaks)
	routeOut(s, endpoint{method: http.MethodGet, path: path + "/download", id: "downloadRecording", right: RightDownload, look: lookDownload, summary: "A copy of a recording to keep, marked with who took it and when; FLAC: left caller, right agent"}, s.download)
	routeOut(s, endpoint{method: http.MethodGet, path: path + "/audio", id: "getAudio", right: RightRecordings, look: lookPlay, summary: "The sound of a recording, FLAC: left caller, right agent; byte ranges"}, s.audio)
}

const recordingColumns = `r.leg, r.call_id, r.agent_id, coalesce(u.name, '') as agent_name, coalesce(c.queue_id, '') as queue_id,
	coalesce(c.customer_id, 0) as customer_id, coalesce(cu.name, '') as customer_name, coalesce(c.caller_e164, '') as caller,
	r.state, r.reason, r.started_at, r.duration_ms, r.bytes, r.sha256, coalesce(c.disposition, '') as disposition,
	coalesce((select jsonb_object_agg(a.question, a.value) from survey_answers a where a.call_id = r.call_id), '{}') as answers
	from recordings r left join calls c on c.id = r.call_id left join users u on u.id = r.agent_id left join customers cu on cu.id = c.customer_id `

func (s *Server) listRecordings(ctx context.Context, who Who, in *recordingsInput) (list[Recording], error) {
	q := newQuery()
	q.reach(who, "r.agent_id", "")
	q.period("r.started_at", in.Period)
	q.equal("c.queue_id", "queue", in.Queue)
	q.equal("r.agent_id", "agent", in.Agent)
	q.equal("r.call_id", "call", in.Call)
	q.equal("r.state", "state", in.State)
	q.equal("c.disposition", "disposition", in.Disposition)
	if err := q.after(in.After, "r.started_at", "r.leg"); err != nil {
		return list[Recording]{}, err
	}
	q.args["limit"] = in.Limit + 1
	rows, err := s.DB.Query(ctx, `select `+recordingColumns+q.where()+` order by r.started_at desc, r.leg desc limit @limit`, q.args)
	if err != nil {
		return list[Recording]{}, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Recording])
	if err != nil {
		return list[Recording]{}, err
	}
	for i := range found {
		found[i].mask()
	}
	return cut(found, in.Limit, func(r Recording) string { return placeOf(r.StartedAt, r.Leg) }), nil
}

func (r *Recording) mask() {
	r.Caller, r.CustomerName = customer.MaskPhone(r.Caller), customer.MaskName(r.CustomerName)
}

// recording returns a recording that the person's scope covers.
func (s *Server) recording(ctx context.Context, who Who, leg string) (Recording, error) {
	q := newQuery()
	q.add("r.leg = @leg", "leg", leg)
	q.reachRecording(who)
	rows, err := s.DB.Query(ctx, `select `+recordingColumns+q.where(), q.args)
	if err != nil {
		return Recording{}, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Recording])
	r.mask()
	return r, err
}

// reachRecording covers what the person's scope does, the voice messages of their tasks, and for a team's lead what was said
// of its people after their calls.
func (q *query) reachRecording(who Who) {
	own := newQuery()
	own.reach(who, "r.agent_id", "")
	if len(own.conditions) == 0 {
		return
	}
	maps.Copy(q.args, own.args)
	condition := own.conditions[0] + " or " + taskViewer(who).Covers("r.leg", q.args)
	if who.Scope == ScopeTeam {
		condition += " or exists (select from survey_answers a where a.leg = r.leg and a.agent_id in (select id from users where team_id = @team))"
	}
	q.conditions = append(q.conditions, "("+condition+")")
}

func (s *Server) peaks(ctx context.Context, who Who, in *recordingInput) (recording.Peaks, error) {
	if _, err := s.recording(ctx, who, in.Leg); err != nil {
		return recording.Peaks{}, err
	}
	return s.Recordings.Peaks(ctx, id.LegID(in.Leg))
}
