package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti"
	"hotline/cti/id"
)

// FloorView is the live floor as supervisors see it.
type FloorView struct {
	At     time.Time    `json:"at"`
	Calls  int          `json:"calls" doc:"Live, in whatever phase."`
	Queues []FloorQueue `json:"queues"`
	Agents []FloorAgent `json:"agents" doc:"Signed in, of one's scope."`
}

// FloorQueue is a queue now and today.
type FloorQueue struct {
	cti.QueueView
	NameZH        string `json:"name_zh"`
	NameEN        string `json:"name_en"`
	ServiceLevelS int    `json:"service_level_s"`
	Today         Today  `json:"today"`
}

// FloorAgent is an agent now.
type FloorAgent struct {
	cti.AgentView
	Name   string `json:"name"`
	TeamID string `json:"team_id"`
}

// Today is what a queue did since midnight in the site's time zone, of calls that are no longer waiting.
type Today struct {
	Offered      int     `json:"offered"`
	Answered     int     `json:"answered"`
	Abandoned    int     `json:"abandoned"`
	InTime       int     `json:"in_time" doc:"Answered within the queue's service level."`
	ServiceLevel float64 `json:"service_level" doc:"In time, percent of offered; 100 before the first call."`
	AverageWaitS float64 `json:"average_wait_s" doc:"Until the answer."`
}

func (s *Server) registerFloor() {
	route(s, endpoint{method: http.MethodGet, path: "/floor", id: "getFloor", right: RightFloor, summary: "The live floor"},
		func(ctx context.Context, who Who, _ *struct{}) (FloorView, error) {
			return s.feed.view(ctx, reachOf(who))
		})
}

// reachOf names which overviews somebody gets: all, or those of a team.
func reachOf(who Who) string {
	if who.Scope == ScopeAll {
		return ""
	}
	return "team:" + who.Team
}

const (
	feedEvery  = time.Second
	todayEvery = 10 * time.Second
)

// feed gives the watchers of the floor a new overview each second.
type feed struct {
	s *Server

	mu    sync.Mutex // held while the database is asked, so that one asks for all
	read  time.Time
	names floorNames
}

// floorNames is what the floor itself doesn't know.
type floorNames struct {
	queues map[id.QueueID]FloorQueue
	people map[id.AgentID]Person
}

func newFeed(s *Server) *feed { return &feed{s: s} }

func (f *feed) run(ctx context.Context) error {
	tick := time.NewTicker(feedEvery)
	defer tick.Stop()
	configured := false
	for {
		if !configured {
			if err := f.s.ConfigChanged(ctx); err != nil {
				f.s.log.Warn("read the settings for desks", "error", err)
			} else {
				configured = true
			}
		}
		for _, reach := range f.s.Hub.Watched() {
			view, err := f.view(ctx, reach)
			if err != nil {
				f.s.log.Warn("read the day's figures", "error", err)
			}
			f.s.Hub.Floor(reach, view)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// view is the overview for a reach. With an error it still is, with older names and figures.
func (f *feed) view(ctx context.Context, reach string) (FloorView, error) {
	names, err := f.today(ctx)
	now := f.s.Floor.Overview()
	v := FloorView{At: f.s.now().UTC(), Calls: now.Calls, Queues: []FloorQueue{}, Agents: []FloorAgent{}}
	for _, q := range now.Queues {
		fq := names.queues[q.Queue]
		fq.QueueView = q
		if fq.Waiting == nil {
			fq.Waiting = []cti.WaitingView{}
		}
		v.Queues = append(v.Queues, fq)
	}
	for _, a := range now.Agents {
		p := names.people[a.Agent]
		if reach == "" || reach == "team:"+p.TeamID {
			v.Agents = append(v.Agents, FloorAgent{a, p.Name, p.TeamID})
		}
	}
	return v, err
}

// today reads names and the day's figures, at most each ten seconds.
func (f *feed) today(ctx context.Context) (floorNames, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.s.now()
	if now.Sub(f.read) < todayEvery {
		return f.names, nil
	}
	f.read = now // Also when it fails: a database that is away is not asked each second.
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	names := floorNames{queues: map[id.QueueID]FloorQueue{}, people: map[id.AgentID]Person{}}
	local := now.In(f.s.zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, f.s.zone)
	rows, err := f.s.DB.Query(ctx, `
		with t as (
			select queue_id, count(*) as offered, count(answered_at) as answered, count(*) filter (where outcome = 'abandoned') as abandoned,
				count(*) filter (where answered_at - queued_at <= make_interval(secs => q.service_level_s)) as in_time,
				coalesce(avg(extract(epoch from answered_at - queued_at)), 0)::float8 as wait
			from calls c join queues q on q.id = c.queue_id
			where c.arrived_at >= $1 and (c.answered_at is not null or c.ended_at is not null) group by queue_id)
		select q.id, q.name_zh, q.name_en, q.service_level_s, coalesce(t.offered, 0), coalesce(t.answered, 0), coalesce(t.abandoned, 0),
			coalesce(t.in_time, 0), coalesce(t.wait, 0) from queues q left join t on t.queue_id = q.id`, midnight)
	if err != nil {
		return f.names, err
	}
	var (
		queue id.QueueID
		q     FloorQueue
	)
	_, err = pgx.ForEachRow(rows, []any{
		&queue, &q.NameZH, &q.NameEN, &q.ServiceLevelS, &q.Today.Offered, &q.Today.Answered, &q.Today.Abandoned, &q.Today.InTime, &q.Today.AverageWaitS,
	}, func() error {
		q.Today.ServiceLevel = 100
		if q.Today.Offered > 0 {
			q.Today.ServiceLevel = 100 * float64(q.Today.InTime) / float64(q.Today.Offered)
		}
		names.queues[queue] = q
		return nil
	})
	if err != nil {
		return f.names, err
	}
	if rows, err = f.s.DB.Query(ctx, `select id, name, coalesce(team_id, '') as team_id, active from users`); err != nil {
		return f.names, err
	}
	people, err := pgx.CollectRows(rows, pgx.RowToStructByName[Person])
	if err != nil {
		return f.names, err
	}
	for _, p := range people {
		names.people[p.ID] = p
	}
	f.names = names
	return names, nil
}
