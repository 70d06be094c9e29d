package web

import (
	"context"
	"net/http"

	"hotline/internal/site"
)

type labelInput struct {
	Code string `path:"code" maxLength:"40"`
	Body struct {
		LabelZH  string `json:"label_zh" minLength:"1" maxLength:"60"`
		LabelEN  string `json:"label_en" minLength:"1" maxLength:"60"`
		Position int    `json:"position,omitempty" minimum:"0" maximum:"10000"`
		Active   bool   `json:"active"`
	}
}

// registerCodes adds the reasons for being not ready and the dispositions, which differ in nothing but the name.
func (s *Server) registerCodes() {
	for _, r := range []struct {
		path, one, many string
		list            func(context.Context) ([]site.Label, error)
		put             func(context.Context, site.Label) error
	}{
		{"/reasons", "Reason", "Reasons", s.Site.Reasons, s.Site.PutReason},
		{"/dispositions", "Disposition", "Dispositions", s.Site.Dispositions, s.Site.PutDisposition},
	} {
		route(s, endpoint{method: http.MethodGet, path: r.path, id: "list" + r.many, right: RightSite, summary: r.many + ", with inactive ones"},
			func(ctx context.Context, _ Who, _ *struct{}) (list[site.Label], error) {
				labels, err := r.list(ctx)
				return everything(labels), err
			})
		route(s, endpoint{method: http.MethodPut, path: r.path + "/{code}", id: "put" + r.one, right: RightSite, summary: "Add or change: " + r.one},
			func(ctx context.Context, who Who, in *labelInput) (site.Label, error) {
				l := site.Label{Code: in.Code, LabelZH: in.Body.LabelZH, LabelEN: in.Body.LabelEN, Position: in.Body.Position, Active: in.Body.Active}
				if err := r.put(ctx, l); err != nil {
					return l, err
				}
				return l, s.changed(ctx, who, r.path[1:]+":"+l.Code, map[string]any{"label": l})
			})
	}
}
