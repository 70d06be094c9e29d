package web

import (
	"context"
	"net/http"

	"hotline/internal/site"
)

type teamBody struct {
	Name string `json:"name" minLength:"1" maxLength:"60"`
}

type newTeamInput struct{ Body teamBody }

type TeamPath struct {
	ID string `path:"id" maxLength:"40"`
}

type teamChangeInput struct {
	TeamPath
	Body teamBody
}

// Teams are few, and whom a scope covers depends on them: changing them needs the scope that covers all.
func (s *Server) registerTeams() {
	const path = "/teams/{id}"
	route(s, endpoint{method: http.MethodGet, path: "/teams", id: "listTeams", right: RightUsers, summary: "Teams"},
		func(ctx context.Context, _ Who, _ *struct{}) (list[site.Team], error) {
			teams, err := s.Site.Teams(ctx)
			return everything(teams), err
		})
	route(s, endpoint{method: http.MethodPost, path: "/teams", id: "createTeam", right: RightSite, summary: "Add a team", status: http.StatusCreated},
		func(ctx context.Context, who Who, in *newTeamInput) (site.Team, error) {
			t, err := s.Site.CreateTeam(ctx, site.Team{Name: in.Body.Name})
			if err != nil {
				return t, err
			}
			return t, s.changed(ctx, who, "team:"+t.ID, map[string]any{"name": t.Name})
		})
	route(s, endpoint{method: http.MethodPatch, path: path, id: "renameTeam", right: RightSite, summary: "Give a team another name"},
		func(ctx context.Context, who Who, in *teamChangeInput) (site.Team, error) {
			t := site.Team{ID: in.ID, Name: in.Body.Name}
			if err := s.Site.UpdateTeam(ctx, t); err != nil {
				return t, err
			}
			return t, s.changed(ctx, who, "team:"+t.ID, map[string]any{"name": t.Name})
		})
	act(s, endpoint{method: http.MethodDelete, path: path, id: "deleteTeam", right: RightSite, summary: "Remove a team nobody belongs to"},
		func(ctx context.Context, who Who, in *TeamPath) error {
			if err := s.Site.DeleteTeam(ctx, in.ID); err != nil {
				return err
			}
			return s.changed(ctx, who, "team:"+in.ID, map[string]any{"removed": true})
		})
}
