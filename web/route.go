package web

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// endpoint describes a route of the API.
type endpoint struct {
	method  string
	path    string // below prefix
	id      string // operationId: the name of the client's function
	right   Right
	summary string
	status  int // of success; 0 means 200, or 204 without a body
	look    look
	limit   int64 // of the body in bytes; 0 means bodyLimit
}

// look is what somebody sees or hears by a route. Routes that have one are in the access log when they refuse it; what
// they give they log themselves, before they give it.
type look struct {
	action string
	kind   string // of the object: "recording"
	param  string // names the object in the path; "" where there is none
}

// The looks at recordings. A recording that the scope leaves out is refused as if it were missing, and logged all the same.
var (
	lookPlay     = look{actionPlay, "recording", "leg"}
	lookDownload = look{actionDownload, "recording", "leg"}
	lookRead     = look{actionRead, "transcript", "leg"}
	lookSee      = look{actionSee, "recording", "leg"}
)

// asked is what a request asks for, as the access log has it.
type asked struct {
	address string // of the browser
	object  string
}

// askedKey finds the asked of a request in its context.
type askedKey struct{}

// bodyLimit is the largest body of a request, in bytes, but for the routes that name another.
const bodyLimit = 128 << 10

// requestTime is how long a handler of the API may take.
const requestTime = 20 * time.Second

func (e endpoint) operation() huma.Operation {
	op := huma.Operation{
		OperationID: e.id, Method: e.method, Path: prefix + e.path, Summary: e.summary, DefaultStatus: e.status,
		MaxBodyBytes: cmp.Or(e.limit, bodyLimit), Metadata: map[string]any{"right": e.right, "look": e.look},
		Extensions: map[string]any{"x-right": string(e.right)},
	}
	if e.right != RightPublic {
		op.Security = []map[string][]string{{"session": {}}}
	}
	return op
}

// answer is huma's output with a body alone.
type answer[T any] struct{ Body T }

// route registers a handler that returns a body.
func route[I, O any](s *Server, e endpoint, handle func(context.Context, Who, *I) (O, error)) {
	routeOut(s, e, func(ctx context.Context, who Who, in *I) (*answer[O], error) {
		body, err := handle(ctx, who, in)
		if err != nil {
			return nil, err
		}
		return &answer[O]{body}, nil
	})
}

// act registers a handler that returns nothing but success.
func act[I any](s *Server, e endpoint, handle func(context.Context, Who, *I) error) {
	e.status = http.StatusNoContent
	routeOut(s, e, func(ctx context.Context, who Who, in *I) (*struct{}, error) {
		return nil, handle(ctx, who, in)
	})
}

// routeOut registers a handler whose output holds headers, or is huma's own.
func routeOut[I, O any](s *Server, e endpoint, handle func(context.Context, Who, *I) (*O, error)) {
	s.routes = append(s.routes, registered{e.method, prefix + e.path, e.right})
	huma.Register(s.api, e.operation(), func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, requestTime)
		defer cancel()
		who, _ := ctx.Value(whoKey{}).(Who)
		out, err := handle(ctx, who, in)
		if err != nil {
			p := s.explain(ctx, e.id, err)
			s.refused(ctx, who, e.look, p)
			return nil, p
		}
		return out, nil
	})
}

// refused logs that somebody asked for a look and did not get it: once a minute, however often they ask.
func (s *Server) refused(ctx context.Context, who Who, l look, p *Problem) {
	if l.action == "" || p.Status != http.StatusForbidden && p.Status != http.StatusNotFound {
		return
	}
	to, _ := ctx.Value(askedKey{}).(asked)
	if s.denials.take(string(who.ID)+" "+l.action+" "+to.object) == 0 {
		s.access.addLater(accessEntry{user: who.ID, action: l.action, object: to.object, denied: true, address: to.address})
	}
}

// whoKey finds the Who of a request in its context.
type whoKey struct{}

// admitHuma lets a request pass whose session has the route's right.
func (s *Server) admitHuma(ctx huma.Context, next func(huma.Context)) {
	right, ok := ctx.Operation().Metadata["right"].(Right)
	r, w := humago.Unwrap(ctx)
	if !ok {
		writeProblem(w, newProblem(http.StatusForbidden, "forbidden", "the route names no right"))
		return
	}
	to := asked{address: s.address(r)}
	l, _ := ctx.Operation().Metadata["look"].(look)
	if l.param != "" {
		to.object = l.kind + ":" + ctx.Param(l.param)
	}
	ctx = huma.WithValue(ctx, askedKey{}, to)
	who, err := s.admit(r, right)
	if err != nil {
		p := s.explain(r.Context(), "admit", err)
		s.refused(ctx.Context(), who, l, p)
		writeProblem(w, p)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	next(huma.WithValue(ctx, whoKey{}, who))
}

// admit returns who makes the request, if they have the right; where they lack it, who they are comes with the error. The
// error is a *Problem, or the database's.
func (s *Server) admit(r *http.Request, right Right) (Who, error) {
	if right == RightPublic {
		return Who{}, nil
	}
	cookie, err := r.Cookie(cookieName(s.Config))
	if err != nil {
		return Who{}, newProblem(http.StatusUnauthorized, "signed_out", "sign in first")
	}
	who, err := s.auth.find(r.Context(), cookie.Value)
	if err != nil {
		return Who{}, err
	}
	if !may(who.Role, who.Scope, right) {
		return who, newProblem(http.StatusForbidden, "forbidden", "needs the right "+string(right))
	}
	return who, nil
}

// list is a page of a longer list.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next" doc:"Give it as after for the next page; empty on the last."`
}

// everything is a list that has one page.
func everything[T any](items []T) list[T] {
	if items == nil {
		items = []T{}
	}
	return list[T]{Items: items}
}

// Paging is part of the input of every list that has pages.
type Paging struct {
	After string `query:"after" maxLength:"200" doc:"Where the last page ended."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// Period is part of the input of lists over time.
type Period struct {
	From time.Time `query:"from" doc:"Inclusive."`
	To   time.Time `query:"to" doc:"Exclusive."`
}
