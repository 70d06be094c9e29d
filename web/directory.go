package web

import (
	"context"
	"net/http"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/internal/site"
)

// Directory names what lists show ids of, and filters offer.
type Directory struct {
	Queues       []site.Queue `json:"queues"`
	Agents       []Person     `json:"agents" doc:"Whom one's scope covers."`
	Teams        []site.Team  `json:"teams"`
	Reasons      []site.Label `json:"reasons"`
	Dispositions []site.Label `json:"dispositions"`
	Lines        []site.Line  `json:"lines"`
}

// Person is somebody by name.
type Person struct {
	ID     id.AgentID `json:"id"`
	Name   string     `json:"name"`
	TeamID string     `json:"team_id"`
	Active bool       `json:"active"`
}

func (s *Server) registerDirectory() {
	route(s, endpoint{method: http.MethodGet, path: "/directory", id: "getDirectory", right: RightDirectory, summary: "Names of queues, people, reasons, dispositions, lines"}, s.directory)
}

func (s *Server) directory(ctx context.Context, who Who, _ *struct{}) (d Directory, err error) {
	if d.Queues, err = filled(s.Site.Queues(ctx)); err != nil {
		return d, err
	}
	if d.Teams, err = filled(s.Site.Teams(ctx)); err != nil {
		return d, err
	}
	if d.Reasons, err = filled(s.Site.Reasons(ctx)); err != nil {
		return d, err
	}
	if d.Dispositions, err = filled(s.Site.Dispositions(ctx)); err != nil {
		return d, err
	}
	if d.Lines, err = filled(s.Site.Lines(ctx)); err != nil {
		return d, err
	}
	q := newQuery()
	q.reach(who, "u.id", "")
	rows, err := s.DB.Query(ctx, `select u.id, u.name, coalesce(u.team_id, '') as team_id, u.active from users u `+q.where()+` order by u.active desc, u.name, u.id`, q.args)
	if err != nil {
		return d, err
	}
	d.Agents, err = filled(pgx.CollectRows(rows, pgx.RowToStructByName[Person]))
	return d, err
}

// filled makes an empty list of none, since the API knows no null lists.
func filled[T any](items []T, err error) ([]T, error) {
	if items == nil {
		items = []T{}
	}
	return items, err
}

// deskConfig is the message config of the websocket.
type deskConfig struct {
	Queues       []site.Queue `json:"queues"`
	Reasons      []site.Label `json:"reasons"`
	Dispositions []site.Label `json:"dispositions"`
}

// ConfigChanged reads the settings again, gives them to the desks and lets changed rights take effect. Call it when
// site.Watch signals; Run calls it once by itself.
func (s *Server) ConfigChanged(ctx context.Context) error {
	s.auth.forget()
	loaded, err := s.Site.Load(ctx)
	if err != nil {
		return err
	}
	c := deskConfig{Queues: loaded.Queues, Reasons: loaded.Reasons, Dispositions: loaded.Dispositions}
	c.Queues, _ = filled(c.Queues, nil)
	c.Reasons, _ = filled(c.Reasons, nil)
	c.Dispositions, _ = filled(c.Dispositions, nil)
	s.Hub.Config(c)
	return nil
}
