package web

import (
	"context"
	"net/http"

	"hotline/internal/site"
)

type followUpInput struct {
	Survey   string `path:"survey" maxLength:"60"`
	Question string `path:"question" maxLength:"60"`
	Body     struct {
		AtMost int  `json:"at_most" minimum:"0" maximum:"10" doc:"An answer this low or lower makes a task."`
		Active bool `json:"active"`
	}
}

func (s *Server) registerFollowUps() {
	route(s, endpoint{method: http.MethodGet, path: "/follow-ups", id: "listFollowUps", right: RightSurveys, summary: "Which answers make a task for somebody"},
		func(ctx context.Context, _ Who, _ *struct{}) (list[site.FollowUp], error) {
			found, err := s.Site.FollowUps(ctx)
			return everything(found), err
		})
	act(s, endpoint{method: http.MethodPut, path: "/follow-ups/{survey}/{question}", id: "putFollowUp", right: RightSite, summary: "Say which answers make a task for somebody"},
		func(ctx context.Context, who Who, in *followUpInput) error {
			err := s.Site.PutFollowUp(ctx, site.FollowUp{Survey: in.Survey, Question: in.Question, AtMost: in.Body.AtMost, Active: in.Body.Active})
			if err != nil {
				return err
			}
			return s.changed(ctx, who, "follow_up:"+in.Survey+"/"+in.Question, map[string]any{"at_most": in.Body.AtMost, "active": in.Body.Active})
		})
}
