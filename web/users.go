package web

import (
	"context"
	"net/http"

	"hotline/cti/id"
	"hotline/internal/site"
)

// User is a person as administrators see one.
type User struct {
	site.User
	Queues []id.QueueID `json:"queues" doc:"Of which the person takes calls."`
}

type newUserInput struct {
	Body struct {
		Login    string       `json:"login" minLength:"1" maxLength:"64"`
		Name     string       `json:"name" minLength:"1" maxLength:"60"`
		Password string       `json:"password" minLength:"10" maxLength:"256"`
		Role     Role         `json:"role" enum:"agent,supervisor,qa,admin"`
		Scope    Scope        `json:"scope" enum:"own,team,all"`
		TeamID   string       `json:"team_id,omitempty" maxLength:"40"`
		Lang     string       `json:"lang,omitempty" enum:"zh-TW,en"`
		Queues   []id.QueueID `json:"queues,omitempty" maxItems:"200"`
	}
}

type UserPath struct {
	ID string `path:"id" maxLength:"40"`
}

type userChangeInput struct {
	UserPath
	Body struct {
		Name   *string       `json:"name,omitempty" maxLength:"60"`
		Role   *Role         `json:"role,omitempty" enum:"agent,supervisor,qa,admin"`
		Scope  *Scope        `json:"scope,omitempty" enum:"own,team,all"`
		TeamID *string       `json:"team_id,omitempty" maxLength:"40"`
		Lang   *string       `json:"lang,omitempty" enum:"zh-TW,en"`
		Active *bool         `json:"active,omitempty"`
		Queues *[]id.QueueID `json:"queues,omitempty" maxItems:"200"`
	}
}

type userPasswordInput struct {
	UserPath
	Body struct {
		Password string `json:"password" minLength:"10" maxLength:"256"`
	}
}

func (s *Server) registerUsers() {
	const path = "/users/{id}"
	route(s, endpoint{method: http.MethodGet, path: "/users", id: "listUsers", right: RightUsers, summary: "People of one's scope"}, s.listUsers)
	route(s, endpoint{method: http.MethodPost, path: "/users", id: "createUser", right: RightUsers, summary: "Add a person", status: http.StatusCreated}, s.createUser)
	route(s, endpoint{method: http.MethodGet, path: path, id: "getUser", right: RightUsers, summary: "A person"},
		func(ctx context.Context, who Who, in *UserPath) (User, error) { return s.user(ctx, who, in.ID) })
	route(s, endpoint{method: http.MethodPatch, path: path, id: "changeUser", right: RightUsers, summary: "Change a person; inactive ones can't sign in"}, s.changeUser)
	act(s, endpoint{method: http.MethodPut, path: path + "/password", id: "setUserPassword", right: RightUsers, summary: "Give a person a new password"}, s.setUserPassword)
}

func (s *Server) listUsers(ctx context.Context, who Who, _ *struct{}) (list[User], error) {
	all, err := s.Site.Users(ctx)
	if err != nil {
		return list[User]{}, err
	}
	members, err := s.Site.Members(ctx)
	if err != nil {
		return list[User]{}, err
	}
	queues := map[id.AgentID][]id.QueueID{}
	for _, m := range members {
		queues[m.UserID] = append(queues[m.UserID], m.QueueID)
	}
	var users []User
	for _, u := range all {
		if manages(who, u) {
			q, _ := filled(queues[u.ID], nil)
			users = append(users, User{u, q})
		}
	}
	return everything(users), nil
}

// manages says whether an administrator's scope covers the person. One of a team doesn't touch those who reach beyond it.
func manages(who Who, u site.User) bool {
	return who.Scope == ScopeAll || who.Scope == ScopeTeam && who.Team != "" && u.TeamID == who.Team && u.Scope != string(ScopeAll)
}

// user returns a person whom the administrator's scope covers.
func (s *Server) user(ctx context.Context, who Who, userID string) (User, error) {
	u, err := s.Site.User(ctx, id.AgentID(userID))
	if err != nil {
		return User{}, err
	}
	if !manages(who, u) {
		return User{}, notFound("user")
	}
	out := User{User: u, Queues: []id.QueueID{}}
	err = s.DB.QueryRow(ctx, `select coalesce(array_agg(queue_id order by queue_id), '{}') from queue_members where user_id = $1`, u.ID).Scan(&out.Queues)
	return out, err
}

func (s *Server) createUser(ctx context.Context, who Who, in *newUserInput) (User, error) {
	b := in.Body
	u := site.User{Login: b.Login, Name: b.Name, Role: string(b.Role), Scope: string(b.Scope), TeamID: b.TeamID, Lang: b.Lang}
	if !manages(who, u) {
		return User{}, newProblem(http.StatusForbidden, "forbidden", "only people of one's own team, with at most its scope")
	}
	hash, err := s.logins.hash(ctx, b.Password)
	if err != nil {
		return User{}, err
	}
	made, err := s.Site.CreateUser(ctx, u, hash)
	if err != nil {
		return User{}, err
	}
	if len(b.Queues) > 0 {
		if err := s.Site.SetQueues(ctx, made.ID, b.Queues); err != nil {
			return User{}, err
		}
	}
	if err := s.changed(ctx, who, "user:"+string(made.ID), map[string]any{"new": true, "role": made.Role, "scope": made.Scope}); err != nil {
		return User{}, err
	}
	return s.user(ctx, who, string(made.ID))
}

func (s *Server) changeUser(ctx context.Context, who Who, in *userChangeInput) (User, error) {
	before, err := s.user(ctx, who, in.ID)
	if err != nil {
		return User{}, err
	}
	u, b := before.User, in.Body
	set(&u.Name, b.Name)
	set(&u.Role, (*string)(b.Role))
	set(&u.Scope, (*string)(b.Scope))
	set(&u.TeamID, b.TeamID)
	set(&u.Lang, b.Lang)
	set(&u.Active, b.Active)
	if !manages(who, u) {
		return User{}, newProblem(http.StatusForbidden, "forbidden", "only people of one's own team, with at most its scope")
	}
	if err := s.Site.UpdateUser(ctx, u); err != nil {
		return User{}, err
	}
	if b.Queues != nil {
		if err := s.Site.SetQueues(ctx, u.ID, *b.Queues); err != nil {
			return User{}, err
		}
	}
	if !u.Active {
		if err := s.expel(ctx, u.ID); err != nil {
			return User{}, err
		}
	}
	s.auth.forget()
	if err := s.changed(ctx, who, "user:"+in.ID, map[string]any{"role": u.Role, "scope": u.Scope, "active": u.Active}); err != nil {
		return User{}, err
	}
	return s.user(ctx, who, in.ID)
}

// set leaves alone what a request doesn't mention.
func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// expel ends all sessions of a person at once, and their desk with them.
func (s *Server) expel(ctx context.Context, user id.AgentID) error {
	// The store has deleted the sessions already; their desks are found by the person.
	if _, err := s.auth.endAll(ctx, user); err != nil {
		return err
	}
	s.auth.forget()
	s.Hub.Expel(user)
	return nil
}

func (s *Server) setUserPassword(ctx context.Context, who Who, in *userPasswordInput) error {
	u, err := s.user(ctx, who, in.ID)
	if err != nil {
		return err
	}
	hash, err := s.logins.hash(ctx, in.Body.Password)
	if err != nil {
		return err
	}
	if err := s.Site.SetPassword(ctx, u.ID, hash); err != nil {
		return err
	}
	if err := s.expel(ctx, u.ID); err != nil {
		return err
	}
	return s.changed(ctx, who, "user:"+in.ID, map[string]any{"password": true})
}
