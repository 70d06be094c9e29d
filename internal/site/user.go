package site

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
)

// The roles and scopes that a user may have; what they allow is the web's to say.
const (
	RoleAgent      = "agent"
	RoleSupervisor = "supervisor"
	RoleQA         = "qa"
	RoleAdmin      = "admin"

	ScopeOwn  = "own"
	ScopeTeam = "team"
	ScopeAll  = "all"
)

// User is somebody who signs in.
type User struct {
	ID        id.AgentID `json:"id"`
	Login     string     `json:"login"` // in small letters
	Name      string     `json:"name"`
	Role      string     `json:"role"`
	Scope     string     `json:"scope"`
	TeamID    string     `json:"team_id"` // "" for none; needed with ScopeTeam
	Lang      string     `json:"lang"`    // zh-TW or en
	Active    bool       `json:"active"`  // false: cannot sign in, is offered nothing
	CreatedAt time.Time  `json:"created_at"`
}

// Team is whom a scope of "team" covers.
type Team struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

const userColumns = `id, login, name, role, scope, coalesce(team_id, '') as team_id, lang, active, created_at from users`

var (
	loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,63}$`)

	userConstraints = map[string]Fault{
		"users_login_key":    {"login", FaultTaken, "somebody else has this login; choose another"},
		"users_team_id_fkey": {"team_id", FaultUnknown, "there is no such team; add it first"},
	}
	teamConstraints = map[string]Fault{
		"teams_pkey":         {"id", FaultTaken, "another team has this id; choose another"},
		"teams_name_key":     {"name", FaultTaken, "another team has this name; choose another"},
		"users_team_id_fkey": {"id", FaultInUse, "people belong to this team; move them to another first"},
	}
)

// Users returns everybody, active ones first.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	return list[User](ctx, s.db, "list users", `select `+userColumns+` order by active desc, login`)
}

// User returns one user, or ErrNotFound.
func (s *Store) User(ctx context.Context, userID id.AgentID) (User, error) {
	return one[User](ctx, s.db, "read user "+string(userID), `select `+userColumns+` where id = $1`, userID)
}

// UserByLogin returns one user, or ErrNotFound.
func (s *Store) UserByLogin(ctx context.Context, login string) (User, error) {
	return one[User](ctx, s.db, "find user", `select `+userColumns+` where login = $1`, foldLogin(login))
}

func foldLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// CreateUser stores a new, active user and returns them with their id. hash is the password's, as the web makes it.
// u.ID, u.Active and u.CreatedAt are not read; an empty language is zh-TW.
func (s *Store) CreateUser(ctx context.Context, u User, hash string) (User, error) {
	u = tidy(u)
	if err := checkUser(u); err != nil {
		return User{}, err
	}
	made, err := one[User](ctx, s.db, "add user", `
		with made as (
			insert into users (login, name, role, scope, team_id, lang, password_hash)
			values ($1, $2, $3, $4, nullif($5, ''), $6, $7) returning *
		) select `+strings.Replace(userColumns, "from users", "from made", 1),
		u.Login, u.Name, u.Role, u.Scope, u.TeamID, u.Lang, hash)
	return made, refused(err, userConstraints)
}

// UpdateUser changes everything of a user but id, password and date. Whoever is made inactive is signed out.
func (s *Store) UpdateUser(ctx context.Context, u User) error {
	u = tidy(u)
	if err := checkUser(u); err != nil {
		return err
	}
	return s.guardAdmins(ctx, "change user "+string(u.ID), func(tx pgx.Tx, what string) error {
		return change(ctx, tx, what, userConstraints, `
			with ended as (delete from sessions where user_id = $1 and not $8)
			update users set login = $2, name = $3, role = $4, scope = $5, team_id = nullif($6, ''), lang = $7, active = $8
			where id = $1`, u.ID, u.Login, u.Name, u.Role, u.Scope, u.TeamID, u.Lang, u.Active)
	})
}

// SetPassword stores a new password's hash, and ends all the user's sessions.
func (s *Store) SetPassword(ctx context.Context, userID id.AgentID, hash string) error {
	return change(ctx, s.db, "set the password of user "+string(userID), nil, `
		with ended as (delete from sessions where user_id = $1)
		update users set password_hash = $2 where id = $1`, userID, hash)
}

// Deactivate signs the user out for good. Their calls and recordings keep naming them.
func (s *Store) Deactivate(ctx context.Context, userID id.AgentID) error {
	return s.guardAdmins(ctx, "switch off user "+string(userID), func(tx pgx.Tx, what string) error {
		return change(ctx, tx, what, nil, `
			with ended as (delete from sessions where user_id = $1)
			update users set active = false where id = $1`, userID)
	})
}

// guardAdmins refuses a change that leaves nobody who can administer everything, where there was somebody.
func (s *Store) guardAdmins(ctx context.Context, what string, do func(pgx.Tx, string) error) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		// Two who switch one another off at once must wait for each other.
		before, err := countAdmins(ctx, tx, " for update")
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if err := do(tx, what); err != nil {
			return err
		}
		after, err := countAdmins(ctx, tx, "")
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if before > 0 && after == 0 {
			return &Invalid{Faults: []Fault{{"active", FaultLastAdmin, "make somebody else administrator first"}}}
		}
		return nil
	})
}

func countAdmins(ctx context.Context, tx pgx.Tx, lock string) (n int, err error) {
	err = tx.QueryRow(ctx, `select count(*) from (select 1 from users where active and role = 'admin' and scope = 'all'`+lock+`) a`).Scan(&n)
	return n, err
}

func tidy(u User) User {
	u.Login = foldLogin(u.Login)
	u.Name = strings.TrimSpace(u.Name)
	if u.Lang == "" {
		u.Lang = "zh-TW"
	}
	return u
}

func checkUser(u User) error {
	var f faults
	switch {
	case u.Login == "":
		f.add("login", FaultRequired, "give a login")
	case !loginForm.MatchString(u.Login):
		f.add("login", FaultForm, "use 1 to 64 letters, digits, and . _ - @, beginning with a letter or digit")
	}
	f.name("name", u.Name)
	f.oneOf("role", u.Role, RoleAgent, RoleSupervisor, RoleQA, RoleAdmin)
	f.oneOf("scope", u.Scope, ScopeOwn, ScopeTeam, ScopeAll)
	f.oneOf("lang", u.Lang, "zh-TW", "en")
	if u.Scope == ScopeTeam && u.TeamID == "" {
		f.add("team_id", FaultTeamNeeded, "choose the team that the scope covers")
	}
	return f.err()
}

// Teams returns all teams by name.
func (s *Store) Teams(ctx context.Context) ([]Team, error) {
	return list[Team](ctx, s.db, "list teams", `select id, name from teams order by name`)
}

// CreateTeam stores a new team and returns it with its id, which is made up when t.ID is empty.
func (s *Store) CreateTeam(ctx context.Context, t Team) (Team, error) {
	t.Name = strings.TrimSpace(t.Name)
	if err := checkTeam(t); err != nil {
		return Team{}, err
	}
	made, err := one[Team](ctx, s.db, "add team",
		`insert into teams (id, name) values (coalesce(nullif($1, ''), 't' || nextval('team_number')), $2) returning id, name`, t.ID, t.Name)
	return made, refused(err, teamConstraints)
}

// UpdateTeam gives a team another name.
func (s *Store) UpdateTeam(ctx context.Context, t Team) error {
	t.Name = strings.TrimSpace(t.Name)
	if err := checkTeam(t); err != nil {
		return err
	}
	return change(ctx, s.db, "rename team "+t.ID, teamConstraints, `update teams set name = $2 where id = $1`, t.ID, t.Name)
}

// DeleteTeam removes a team to which nobody belongs.
func (s *Store) DeleteTeam(ctx context.Context, teamID string) error {
	return change(ctx, s.db, "remove team "+teamID, teamConstraints, `delete from teams where id = $1`, teamID)
}

func checkTeam(t Team) error {
	var f faults
	if t.ID != "" {
		f.slug("id", t.ID)
	}
	f.name("name", t.Name)
	return f.err()
}
