package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"hotline/cti/id"
	"hotline/recording"
)

// Comment is pinned to a moment of a recording.
type Comment struct {
	ID        int64      `json:"id"`
	AtMS      int64      `json:"at_ms" doc:"Milliseconds since the beginning of the recording."`
	UserID    string     `json:"user_id"`
	UserName  string     `json:"user_name"`
	Body      string     `json:"body"`
	CreatedAt time.Time  `json:"created_at"`
	EditedAt  *time.Time `json:"edited_at"`
	Own       bool       `json:"own" doc:"Only its writer changes or removes it."`
}

type addCommentInput struct {
	Leg  string `path:"leg" maxLength:"120"`
	Body struct {
		Body string `json:"body" minLength:"1" maxLength:"2000"`
		AtMS int64  `json:"at_ms" minimum:"0" maximum:"86400000"`
	}
}

type commentInput struct {
	Leg string `path:"leg" maxLength:"120"`
	ID  int64  `path:"id"`
}

type editCommentInput struct {
	Leg  string `path:"leg" maxLength:"120"`
	ID   int64  `path:"id"`
	Body struct {
		Body string `json:"body" minLength:"1" maxLength:"2000"`
	}
}

func (s *Server) registerComments() {
	const path = "/recordings/{leg}/comments"
	route(s, endpoint{method: http.MethodGet, path: path, id: "listComments", right: RightRecordings, look: lookRead, summary: "Comments on a recording, in the order of its time"}, s.comments)
	route(s, endpoint{method: http.MethodPost, path: path, id: "addComment", right: RightRecordings, look: lookRead, status: http.StatusCreated, summary: "Pin a comment to a moment of a recording"}, s.addComment)
	route(s, endpoint{method: http.MethodPut, path: path + "/{id}", id: "editComment", right: RightRecordings, look: lookRead, summary: "Change one's own comment"}, s.editComment)
	act(s, endpoint{method: http.MethodDelete, path: path + "/{id}", id: "deleteComment", right: RightRecordings, look: lookRead, summary: "Remove one's own comment"}, s.deleteComment)
}

func comment(who Who, c recording.Comment) Comment {
	return Comment{
		ID: c.ID, AtMS: c.At, UserID: string(c.User), UserName: c.Name, Body: c.Body, CreatedAt: c.Created, EditedAt: c.Edited, Own: c.User == who.ID,
	}
}

func (s *Server) comments(ctx context.Context, who Who, in *recordingInput) (list[Comment], error) {
	if _, err := s.recording(ctx, who, in.Leg); err != nil {
		return list[Comment]{}, err
	}
	all, err := s.Recordings.Comments(ctx, id.LegID(in.Leg))
	if err != nil {
		return list[Comment]{}, err
	}
	out := make([]Comment, len(all))
	for i, c := range all {
		out[i] = comment(who, c)
	}
	return everything(out), nil
}

func (s *Server) addComment(ctx context.Context, who Who, in *addCommentInput) (Comment, error) {
	body := strings.TrimSpace(in.Body.Body)
	if body == "" {
		return Comment{}, invalid("body.body", "write something")
	}
	if _, err := s.recording(ctx, who, in.Leg); err != nil {
		return Comment{}, err
	}
	c, err := s.Recordings.AddComment(ctx, id.LegID(in.Leg), who.ID, time.Duration(in.Body.AtMS)*time.Millisecond, body)
	if err != nil {
		return Comment{}, err
	}
	return comment(who, c), s.changed(ctx, who, recordingObject(in.Leg), map[string]any{"comment": c.ID})
}

func (s *Server) editComment(ctx context.Context, who Who, in *editCommentInput) (Comment, error) {
	body := strings.TrimSpace(in.Body.Body)
	if body == "" {
		return Comment{}, invalid("body.body", "write something")
	}
	if _, err := s.recording(ctx, who, in.Leg); err != nil {
		return Comment{}, err
	}
	c, err := s.Recordings.EditComment(ctx, id.LegID(in.Leg), in.ID, who.ID, body)
	if err != nil {
		return Comment{}, err
	}
	return comment(who, c), s.changed(ctx, who, recordingObject(in.Leg), map[string]any{"comment": c.ID, "edited": true})
}

func (s *Server) deleteComment(ctx context.Context, who Who, in *commentInput) error {
	if _, err := s.recording(ctx, who, in.Leg); err != nil {
		return err
	}
	if err := s.Recordings.DeleteComment(ctx, id.LegID(in.Leg), in.ID, who.ID); err != nil {
		return err
	}
	return s.changed(ctx, who, recordingObject(in.Leg), map[string]any{"comment": in.ID, "deleted": true})
}
