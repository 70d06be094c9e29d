package web

import (
	"context"
	"errors"
	"net/http"

	"hotline/cti/id"
	"hotline/internal/site"
)

// ServedQueue is a queue with those who serve it.
type ServedQueue struct {
	site.Queue
	Members []id.AgentID `json:"members"`
}

type queueInput struct {
	ID   string `path:"id" maxLength:"40"`
	Body struct {
		NameZH        string `json:"name_zh" minLength:"1" maxLength:"60"`
		NameEN        string `json:"name_en" minLength:"1" maxLength:"60"`
		LongestWaitS  int    `json:"longest_wait_s,omitempty" doc:"Seconds; 0 means the usual."`
		WrapUpS       int    `json:"wrap_up_s,omitempty"`
		RingS         int    `json:"ring_s,omitempty"`
		ServiceLevelS int    `json:"service_level_s,omitempty"`
		Position      int    `json:"position,omitempty" minimum:"0" maximum:"10000"`
		Active        bool   `json:"active"`
	}
}

type membersInput struct {
	ID   string `path:"id" maxLength:"40"`
	Body struct {
		Members []id.AgentID `json:"members" maxItems:"5000"`
	}
}

func (s *Server) registerQueues() {
	const path = "/queues/{id}"
	route(s, endpoint{method: http.MethodGet, path: "/queues", id: "listQueues", right: RightSite, summary: "Queues and who serves them"}, s.listQueues)
	route(s, endpoint{method: http.MethodPut, path: path, id: "putQueue", right: RightSite, summary: "Add or change a queue"}, s.putQueue)
	route(s, endpoint{method: http.MethodPut, path: path + "/members", id: "setMembers", right: RightSite, summary: "Set who serves a queue"}, s.setMembers)
}

func (s *Server) listQueues(ctx context.Context, _ Who, _ *struct{}) (list[ServedQueue], error) {
	queues, err := s.Site.Queues(ctx)
	if err != nil {
		return list[ServedQueue]{}, err
	}
	members, err := s.Site.Members(ctx)
	if err != nil {
		return list[ServedQueue]{}, err
	}
	by := map[id.QueueID][]id.AgentID{}
	for _, m := range members {
		by[m.QueueID] = append(by[m.QueueID], m.UserID)
	}
	var out []ServedQueue
	for _, q := range queues {
		m, _ := filled(by[q.ID], nil)
		out = append(out, ServedQueue{q, m})
	}
	return everything(out), nil
}

func (s *Server) queue(ctx context.Context, queueID string) (ServedQueue, error) {
	q, err := s.Site.Queue(ctx, id.QueueID(queueID))
	if err != nil {
		return ServedQueue{}, err
	}
	out := ServedQueue{Queue: q}
	err = s.DB.QueryRow(ctx, `select coalesce(array_agg(m.user_id order by m.user_id), '{}') from queue_members m join users u on u.id = m.user_id and u.active
		where m.queue_id = $1`, q.ID).Scan(&out.Members)
	return out, err
}

func (s *Server) putQueue(ctx context.Context, who Who, in *queueInput) (ServedQueue, error) {
	b := in.Body
	q := site.Queue{
		ID: id.QueueID(in.ID), NameZH: b.NameZH, NameEN: b.NameEN, LongestWaitS: b.LongestWaitS, WrapUpS: b.WrapUpS,
		RingS: b.RingS, ServiceLevelS: b.ServiceLevelS, Position: b.Position, Active: b.Active,
	}
	err := s.Site.UpdateQueue(ctx, q)
	if errors.Is(err, site.ErrNotFound) {
		if err = s.Site.CreateQueue(ctx, q); err == nil && !q.Active {
			err = s.Site.UpdateQueue(ctx, q)
		}
	}
	if err != nil {
		return ServedQueue{}, err
	}
	if err := s.changed(ctx, who, "queue:"+in.ID, map[string]any{"queue": q}); err != nil {
		return ServedQueue{}, err
	}
	return s.queue(ctx, in.ID)
}

func (s *Server) setMembers(ctx context.Context, who Who, in *membersInput) (ServedQueue, error) {
	if err := s.Site.SetMembers(ctx, id.QueueID(in.ID), in.Body.Members); err != nil {
		return ServedQueue{}, err
	}
	if err := s.changed(ctx, who, "queue:"+in.ID, map[string]any{"members": in.Body.Members}); err != nil {
		return ServedQueue{}, err
	}
	return s.queue(ctx, in.ID)
}
