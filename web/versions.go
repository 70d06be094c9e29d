package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"hotline/qa"
)

// TextVersion is one version of a text by which calls are judged, as it is edited: the rules, the scorecard or the dictionary.
type TextVersion struct {
	Version   int        `json:"version"`
	State     string     `json:"state" enum:"draft,live,retired"`
	YAML      string     `json:"yaml"`
	Note      string     `json:"note"`
	CreatedAt time.Time  `json:"created_at" doc:"When it was saved last."`
	CreatedBy string     `json:"created_by" doc:"User; empty for what was shipped."`
	LiveAt    *time.Time `json:"live_at"`
	LiveBy    string     `json:"live_by" doc:"Who put it live; empty for what was shipped."`
	Drafter   string     `json:"drafter" doc:"Name of created_by."`
	Publisher string     `json:"publisher" doc:"Name of live_by."`
	BackTo    int        `json:"back_to" doc:"The earlier version whose text it repeats, or 0."`
}

type textInput struct {
	Body struct {
		YAML string `json:"yaml" maxLength:"120000"`
	}
}

type textDraftInput struct {
	Body struct {
		YAML string     `json:"yaml" minLength:"1" maxLength:"120000"`
		Note string     `json:"note,omitempty" maxLength:"500"`
		Seen *time.Time `json:"seen,omitempty" doc:"created_at of the draft that was being changed: one that somebody else saved since is not overwritten."`
	}
}

type publishInput struct {
	Body struct {
		Saved time.Time `json:"saved" doc:"created_at of the draft, so that what goes live is what was looked at."`
		Note  string    `json:"note" minLength:"1" maxLength:"500" doc:"What has changed, and why."`
	}
}

type VersionPath struct {
	Version int `path:"version" minimum:"1"`
}

type backInput struct {
	VersionPath
	Body struct {
		Note string `json:"note" minLength:"1" maxLength:"500" doc:"Why."`
	}
}

// versioned is a text with a draft and a live version.
type versioned struct {
	path     string // where its draft is, and the actions on it
	list     string // where its versions are
	id       string // in the names of operations
	object   string // in the access log
	noun     string
	read     Right
	change   Right
	versions qa.Versions
}

func (s *Server) registerVersions(v versioned) {
	changed := func(ctx context.Context, who Who, made qa.Version, err error, detail map[string]any) (TextVersion, error) {
		if err != nil {
			return TextVersion{}, err
		}
		return TextVersion(made), s.changed(ctx, who, fmt.Sprintf("%s:%d", v.object, made.Version), detail)
	}
	route(s, endpoint{method: http.MethodGet, path: v.list, id: "list" + v.id, right: v.read, summary: "Versions of the " + v.noun + ", the newest first"},
		func(ctx context.Context, _ Who, _ *struct{}) (list[TextVersion], error) {
			found, err := v.versions.All(ctx)
			if err != nil {
				return list[TextVersion]{}, err
			}
			all := make([]TextVersion, 0, len(found))
			for _, one := range found {
				all = append(all, TextVersion(one))
			}
			return everything(all), nil
		})
	route(s, endpoint{method: http.MethodPut, path: v.path + "/draft", id: "save" + v.id + "Draft", right: v.change, summary: "Keep the " + v.noun + " that is being worked on"},
		func(ctx context.Context, who Who, in *textDraftInput) (TextVersion, error) {
			var seen time.Time
			if in.Body.Seen != nil {
				seen = *in.Body.Seen
			}
			made, err := v.versions.Save(ctx, in.Body.YAML, in.Body.Note, string(who.ID), seen)
			return changed(ctx, who, made, err, map[string]any{"draft": true})
		})
	route(s, endpoint{method: http.MethodPost, path: v.path + "/draft/publish", id: "publish" + v.id, right: v.change, summary: "Judge calls by the draft of the " + v.noun + " from now on"},
		func(ctx context.Context, who Who, in *publishInput) (TextVersion, error) {
			made, err := v.versions.Publish(ctx, in.Body.Saved, in.Body.Note, string(who.ID))
			return changed(ctx, who, made, err, map[string]any{"live": true, "note": in.Body.Note})
		})
	act(s, endpoint{method: http.MethodDelete, path: v.path + "/draft", id: "drop" + v.id + "Draft", right: v.change, summary: "Throw the draft of the " + v.noun + " away"},
		func(ctx context.Context, who Who, _ *struct{}) error {
			if err := v.versions.Drop(ctx); err != nil {
				return err
			}
			return s.changed(ctx, who, v.object+":draft", map[string]any{"dropped": true})
		})
	route(s, endpoint{method: http.MethodPost, path: v.path + "/versions/{version}/restore", id: "restore" + v.id, right: v.change, summary: "Go back to an earlier version of the " + v.noun + "; its text becomes a new one"},
		func(ctx context.Context, who Who, in *backInput) (TextVersion, error) {
			made, err := v.versions.GoBack(ctx, in.Version, in.Body.Note, string(who.ID))
			return changed(ctx, who, made, err, map[string]any{"live": true, "back_to": in.Version, "note": in.Body.Note})
		})
}
