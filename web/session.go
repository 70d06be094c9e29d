package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/web/desk"
)

// Me is the person signed in.
type Me struct {
	ID        id.AgentID   `json:"id"`
	Login     string       `json:"login"`
	Name      string       `json:"name"`
	Role      Role         `json:"role" enum:"agent,supervisor,qa,admin"`
	Scope     Scope        `json:"scope" enum:"own,team,all"`
	TeamID    string       `json:"team_id"`
	TeamName  string       `json:"team_name"`
	Lang      string       `json:"lang" enum:"zh-TW,en"`
	Rights    []Right      `json:"rights"`
	Queues    []id.QueueID `json:"queues" doc:"Of which the person takes calls."`
	ExpiresAt time.Time    `json:"expires_at"`
	Demo      bool         `json:"demo"`
}

type signInInput struct {
	client
	Body struct {
		Login    string `json:"login" minLength:"1" maxLength:"64"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
	}
}

type meOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Me
}

type signOutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

type langInput struct {
	Body struct {
		Lang string `json:"lang" enum:"zh-TW,en"`
	}
}

type passwordInput struct {
	client
	Body struct {
		Old string `json:"old" minLength:"1" maxLength:"256"`
		New string `json:"new" minLength:"10" maxLength:"256"`
	}
}

// Ended says how many sessions were ended.
type Ended struct {
	Ended int `json:"ended"`
}

// client is the input part that knows the browser's request.
type client struct{ request *http.Request }

// Resolve is huma's hook to reach the request.
func (c *client) Resolve(ctx huma.Context) []error {
	c.request, _ = humago.Unwrap(ctx)
	return nil
}

func (s *Server) registerSession() {
	const path = "/session"
	routeOut(s, endpoint{method: http.MethodPost, path: path, id: "signIn", right: RightPublic, summary: "Sign in"}, s.signIn)
	route(s, endpoint{method: http.MethodGet, path: path, id: "getMe", right: RightSelf, summary: "Who is signed in"},
		func(ctx context.Context, who Who, _ *struct{}) (Me, error) { return s.me(ctx, who) })
	route(s, endpoint{method: http.MethodPatch, path: path, id: "setLanguage", right: RightSelf, summary: "Choose a language"}, s.setLanguage)
	routeOut(s, endpoint{method: http.MethodDelete, path: path, id: "signOut", right: RightSelf, summary: "Sign out", status: http.StatusNoContent}, s.signOut)
	route(s, endpoint{method: http.MethodDelete, path: path + "/others", id: "signOutOthers", right: RightSelf, summary: "End one's other sessions"}, s.signOutOthers)
	act(s, endpoint{method: http.MethodPut, path: path + "/password", id: "changePassword", right: RightSelf, summary: "Choose a new password"}, s.changePassword)
}

func (s *Server) signIn(ctx context.Context, _ Who, in *signInInput) (*meOutput, error) {
	login, address := foldLogin(in.Body.Login), s.address(in.request)
	if wait := s.logins.take(login, address); wait > 0 {
		s.logins.results.WithLabelValues("limited").Inc()
		return nil, retryLater(http.StatusTooManyRequests, "too_many", wait)
	}
	var user, hash string
	err := s.DB.QueryRow(ctx, `select id, password_hash from users where login = $1 and active`, login).Scan(&user, &hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		s.logins.give(login, address)
		return nil, err
	}
	ok, err := s.logins.verify(ctx, in.Body.Password, hash)
	if errors.Is(err, errBusy) {
		s.logins.give(login, address)
		s.logins.results.WithLabelValues("busy").Inc()
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		s.logins.results.WithLabelValues("wrong").Inc()
		s.access.addLater(accessEntry{action: actionSignInFailed, object: "login:" + login, detail: map[string]any{"address": address}})
		return nil, newProblem(http.StatusUnauthorized, "bad_login", "login or password is wrong")
	}
	s.logins.give(login, address)
	token, err := s.auth.begin(ctx, id.AgentID(user))
	if err != nil {
		return nil, err
	}
	who, err := s.auth.find(ctx, token)
	if err != nil {
		return nil, err
	}
	if err := s.access.add(ctx, accessEntry{user: who.ID, action: actionSignIn, object: "user:" + user, detail: map[string]any{"address": address}}); err != nil {
		return nil, err
	}
	s.logins.results.WithLabelValues("right").Inc()
	me, err := s.me(ctx, who)
	if err != nil {
		return nil, err
	}
	return &meOutput{s.cookie(token), me}, nil
}

func (s *Server) me(ctx context.Context, who Who) (Me, error) {
	me := Me{
		ID: who.ID, Login: who.Login, Name: who.Name, Role: who.Role, Scope: who.Scope, TeamID: who.Team, Lang: who.Lang,
		Rights: rightsOf(who.Role, who.Scope), ExpiresAt: who.Expires, Demo: len(s.Demo) > 0,
	}
	err := s.DB.QueryRow(ctx, `select coalesce((select name from teams where id = $2), ''),
		coalesce((select array_agg(queue_id order by queue_id) from queue_members where user_id = $1), '{}')`,
		who.ID, who.Team).Scan(&me.TeamName, &me.Queues)
	return me, err
}

func (s *Server) setLanguage(ctx context.Context, who Who, in *langInput) (Me, error) {
	if _, err := s.DB.Exec(ctx, `update users set lang = $2 where id = $1`, who.ID, in.Body.Lang); err != nil {
		return Me{}, err
	}
	s.auth.forget()
	who.Lang = in.Body.Lang
	return s.me(ctx, who)
}

func (s *Server) signOut(ctx context.Context, who Who, _ *struct{}) (*signOutOutput, error) {
	s.leaveFloor(ctx, who)
	names, err := s.auth.end(ctx, who, false)
	if err != nil {
		return nil, err
	}
	if err := s.access.add(ctx, accessEntry{user: who.ID, action: actionSignOut, object: "user:" + string(who.ID)}); err != nil {
		return nil, err
	}
	s.closeDesks(names)
	return &signOutOutput{s.cookie("")}, nil
}

func (s *Server) signOutOthers(ctx context.Context, who Who, _ *struct{}) (Ended, error) {
	names, err := s.auth.end(ctx, who, true)
	if err != nil {
		return Ended{}, err
	}
	s.closeDesks(names)
	return Ended{len(names)}, nil
}

func (s *Server) closeDesks(sessions []string) {
	for _, name := range sessions {
		s.Hub.EndSession(name)
	}
}

func (s *Server) changePassword(ctx context.Context, who Who, in *passwordInput) error {
	if err := CheckPassword(in.Body.New); err != nil {
		return invalid("body.new", err.Error())
	}
	address := s.address(in.request)
	if wait := s.logins.take(who.Login, address); wait > 0 {
		return retryLater(http.StatusTooManyRequests, "too_many", wait)
	}
	var hash string
	if err := s.DB.QueryRow(ctx, `select password_hash from users where id = $1`, who.ID).Scan(&hash); err != nil {
		return err
	}
	ok, err := s.logins.verify(ctx, in.Body.Old, hash)
	if err != nil {
		return err
	}
	if !ok {
		return newProblem(http.StatusUnprocessableEntity, "wrong_password", "the old password is another")
	}
	s.logins.give(who.Login, address)
	if hash, err = s.logins.hash(ctx, in.Body.New); err != nil {
		return err
	}
	if _, err := s.DB.Exec(ctx, `update users set password_hash = $2 where id = $1`, who.ID, hash); err != nil {
		return err
	}
	names, err := s.auth.end(ctx, who, true)
	if err != nil {
		return err
	}
	s.closeDesks(names)
	return s.changed(ctx, who, "user:"+string(who.ID), map[string]any{"password": true})
}

// leaveFloor signs the person out of the floor, when it is this session that has the desk.
func (s *Server) leaveFloor(ctx context.Context, who Who) {
	if !s.Hub.Has(who.ID, who.Session) {
		return
	}
	if err := s.Floor.Ask(ctx, desk.SignOut(who.ID)); err != nil {
		// During a call the floor refuses; it ends that first, and then finds no desk.
		s.log.InfoContext(ctx, "sign out of the floor", "agent", who.ID, "error", err)
	}
}
