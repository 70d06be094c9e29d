package web

import (
	"context"
	"net/http"

	"hotline/internal/site"
)

type LinePath struct {
	Number string `path:"number" maxLength:"20" doc:"As people write it, or E.164."`
}

type putLineInput struct {
	LinePath
	Body struct {
		Flow string `json:"flow" minLength:"1" maxLength:"60"`
	}
}

func (s *Server) registerLines() {
	const path = "/lines/{number}"
	route(s, endpoint{method: http.MethodGet, path: "/lines", id: "listLines", right: RightSite, summary: "Numbers, and the flows that answer them"},
		func(ctx context.Context, _ Who, _ *struct{}) (list[site.Line], error) {
			lines, err := s.Site.Lines(ctx)
			return everything(lines), err
		})
	route(s, endpoint{method: http.MethodPut, path: path, id: "putLine", right: RightSite, summary: "Let a flow answer a number"},
		func(ctx context.Context, who Who, in *putLineInput) (site.Line, error) {
			line, err := s.Site.PutLine(ctx, site.Line{Number: in.Number, Flow: in.Body.Flow})
			if err != nil {
				return line, err
			}
			return line, s.changed(ctx, who, "line:"+line.Number, map[string]any{"flow": line.Flow})
		})
	act(s, endpoint{method: http.MethodDelete, path: path, id: "deleteLine", right: RightSite, summary: "Answer a number no more"},
		func(ctx context.Context, who Who, in *LinePath) error {
			if err := s.Site.DeleteLine(ctx, in.Number); err != nil {
				return err
			}
			return s.changed(ctx, who, "line:"+in.Number, map[string]any{"removed": true})
		})
}
