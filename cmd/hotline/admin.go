package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"hotline/cti/id"
	"hotline/internal/pg"
	"hotline/internal/site"
	"hotline/web"
)

// withSite works on the settings in the database; a running controller takes changes over at once.
func withSite(ctx context.Context, path string, do func(*site.Store) error) error {
	s, _, err := load(path, "postgres")
	if err != nil {
		return err
	}
	pool, err := pg.Open(ctx, s.Postgres)
	if err != nil {
		return err
	}
	defer pool.Close()
	return do(site.NewStore(pool, nil))
}

type userCmd struct {
	List   userListCmd   `cmd:"" help:"List everybody."`
	Add    userAddCmd    `cmd:"" help:"Add somebody; the password is read from standard input."`
	Passwd userPasswdCmd `cmd:"" help:"Set a password, read from standard input; ends the person's sessions."`
	Off    userOffCmd    `cmd:"" help:"Let somebody sign in no more; ends the person's sessions."`
}

type userListCmd struct{ configFlag }

// Run prints everybody.
func (c userListCmd) Run(ctx context.Context) error {
	return withSite(ctx, c.Config, func(s *site.Store) error {
		users, err := s.Users(ctx)
		if err != nil {
			return err
		}
		rows := [][]string{{"ID", "LOGIN", "NAME", "ROLE", "SCOPE", "TEAM", "ACTIVE"}}
		for _, u := range users {
			rows = append(rows, []string{string(u.ID), u.Login, u.Name, u.Role, u.Scope, u.TeamID, yesNo(u.Active)})
		}
		return table(rows)
	})
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

type userAddCmd struct {
	configFlag
	Login string   `arg:"" help:"What the person types to sign in."`
	Name  string   `required:"" help:"The person's name."`
	Role  string   `default:"agent" enum:"agent,supervisor,qa,admin" help:"Role."`
	Scope string   `default:"own" enum:"own,team,all" help:"Whose data the person sees."`
	Team  string   `help:"Team, by its id."`
	Lang  string   `default:"zh-TW" enum:"zh-TW,en" help:"Language."`
	Queue []string `help:"Queues that the person serves."`
}

// Run adds somebody.
func (c userAddCmd) Run(ctx context.Context) error {
	hash, err := readPassword()
	if err != nil {
		return err
	}
	return withSite(ctx, c.Config, func(s *site.Store) error {
		u, err := s.CreateUser(ctx, site.User{Login: c.Login, Name: c.Name, Role: c.Role, Scope: c.Scope, TeamID: c.Team, Lang: c.Lang}, hash)
		if err != nil {
			return err
		}
		if len(c.Queue) > 0 {
			var queues []id.QueueID
			for _, q := range c.Queue {
				queues = append(queues, id.QueueID(q))
			}
			if err := s.SetQueues(ctx, u.ID, queues); err != nil {
				return fmt.Errorf("%s was added as %s, but not to the queues: %w", u.Login, u.ID, err)
			}
		}
		fmt.Printf("added %s as %s\n", u.Login, u.ID)
		return nil
	})
}

// readPassword reads a new password from standard input and hashes it.
func readPassword() (string, error) {
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprint(os.Stderr, "Password: ")
	}
	text, err := bufio.NewReader(os.Stdin).ReadString('\n')
	text = strings.TrimRight(text, "\r\n")
	if text == "" {
		return "", errors.Join(errors.New("no password: give one line on standard input"), err)
	}
	if err := web.CheckPassword(text); err != nil {
		return "", err
	}
	return web.HashPassword(text)
}

type userPasswdCmd struct {
	configFlag
	Login string `arg:"" help:"Whose password."`
}

// Run sets a password.
func (c userPasswdCmd) Run(ctx context.Context) error {
	hash, err := readPassword()
	if err != nil {
		return err
	}
	return c.with(ctx, c.Login, func(s *site.Store, u site.User) error { return s.SetPassword(ctx, u.ID, hash) })
}

type userOffCmd struct {
	configFlag
	Login string `arg:"" help:"Whose account."`
}

// Run takes an account out of use.
func (c userOffCmd) Run(ctx context.Context) error {
	return c.with(ctx, c.Login, func(s *site.Store, u site.User) error { return s.Deactivate(ctx, u.ID) })
}

// with does something to the user of a login.
func (c configFlag) with(ctx context.Context, login string, do func(*site.Store, site.User) error) error {
	return withSite(ctx, c.Config, func(s *site.Store) error {
		u, err := s.UserByLogin(ctx, login)
		if err != nil {
			return err
		}
		if err := do(s, u); err != nil {
			return err
		}
		fmt.Println("done:", u.Login)
		return nil
	})
}

type queueCmd struct {
	List   queueListCmd   `cmd:"" help:"List the queues with their members."`
	Add    queueAddCmd    `cmd:"" help:"Add a queue."`
	Member queueMemberCmd `cmd:"" help:"Add a member to a queue, or remove one."`
}

type queueListCmd struct{ configFlag }

// Run prints the queues.
func (c queueListCmd) Run(ctx context.Context) error {
	return withSite(ctx, c.Config, func(s *site.Store) error {
		queues, err := s.Queues(ctx)
		if err != nil {
			return err
		}
		members, err := s.Members(ctx)
		if err != nil {
			return err
		}
		of := map[id.QueueID][]string{}
		for _, m := range members {
			of[m.QueueID] = append(of[m.QueueID], string(m.UserID))
		}
		rows := [][]string{{"ID", "NAME", "RING", "LONGEST WAIT", "WRAP-UP", "ACTIVE", "MEMBERS"}}
		for _, q := range queues {
			rows = append(rows, []string{
				string(q.ID), q.NameZH + " / " + q.NameEN, fmt.Sprint(q.RingS, " s"), fmt.Sprint(q.LongestWaitS, " s"), fmt.Sprint(q.WrapUpS, " s"),
				yesNo(q.Active), strings.Join(of[q.ID], " "),
			})
		}
		return table(rows)
	})
}

type queueAddCmd struct {
	configFlag
	ID     string `arg:"" help:"Slug, as flows name the queue."`
	NameZH string `name:"name-zh" required:"" help:"Name in Chinese."`
	NameEN string `name:"name-en" required:"" help:"Name in English."`
}

// Run adds a queue with the usual times.
func (c queueAddCmd) Run(ctx context.Context) error {
	return withSite(ctx, c.Config, func(s *site.Store) error {
		return s.CreateQueue(ctx, site.Queue{ID: id.QueueID(c.ID), NameZH: c.NameZH, NameEN: c.NameEN, Active: true})
	})
}

type queueMemberCmd struct {
	configFlag
	Queue  string `arg:"" help:"Queue."`
	Login  string `arg:"" help:"Who."`
	Remove bool   `help:"Remove instead of add."`
}

// Run changes the membership.
func (c queueMemberCmd) Run(ctx context.Context) error {
	return c.with(ctx, c.Login, func(s *site.Store, u site.User) error {
		m := site.Member{QueueID: id.QueueID(c.Queue), UserID: u.ID}
		if c.Remove {
			return s.RemoveMember(ctx, m)
		}
		return s.AddMember(ctx, m)
	})
}
