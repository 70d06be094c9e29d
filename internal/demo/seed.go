package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/internal/calendar"
	"hotline/internal/site"
)

// Login is an account of the demo company.
type Login struct {
	Login    string       `json:"login"`
	Name     string       `json:"name"`
	Role     string       `json:"role"`
	Password string       `json:"password"`
	Queues   []id.QueueID `json:"queues"`
}

// Logins returns the accounts of the demo company, agents first.
func Logins() []Login {
	var logins []Login
	for _, p := range people {
		logins = append(logins, Login{Login: p.Login, Name: p.Name, Role: p.Role, Password: Password, Queues: p.queues})
	}
	return logins
}

// Seed makes the demo company: people, teams, queues, the line, reasons, dispositions and products. What is there already
// stays as it is. It returns the accounts, agents first.
func Seed(ctx context.Context, db *pgxpool.Pool, o Options) ([]Login, error) {
	s := site.NewStore(db, nil)
	for _, t := range teams {
		if _, err := s.CreateTeam(ctx, t); unless(err, site.FaultTaken) != nil {
			return nil, fmt.Errorf("make the demo company: %w", err)
		}
	}
	for _, q := range queues {
		if err := unless(s.CreateQueue(ctx, q), site.FaultTaken); err != nil {
			return nil, fmt.Errorf("make the demo company: %w", err)
		}
	}
	if err := seedHours(ctx, s); err != nil {
		return nil, fmt.Errorf("make the demo company: %w", err)
	}
	if err := seedLabels(ctx, db, s); err != nil {
		return nil, fmt.Errorf("make the demo company: %w", err)
	}
	if err := seedProducts(ctx, db); err != nil {
		return nil, fmt.Errorf("make the demo company: %w", err)
	}
	return seedPeople(ctx, s, o)
}

// unless forgives an error that is nothing but this fault.
func unless(err error, code string) error {
	var invalid *site.Invalid
	if errors.As(err, &invalid) && len(invalid.Faults) == 1 && invalid.Faults[0].Code == code {
		return nil
	}
	return err
}

// seedHours gives a site without opening hours those of the company's shops: longer on workdays, shorter on holidays,
// closed to count the stock at the end of the year. The line itself answers day and night.
func seedHours(ctx context.Context, s *site.Store) error {
	known, err := s.Calendars(ctx)
	if err != nil || len(known) > 0 {
		return err
	}
	long, short := calendar.Hours{{From: 9 * 60, To: 21 * 60}}, calendar.Hours{{From: 10 * 60, To: 18 * 60}}
	c := site.Calendar{
		Name: "office", NameZH: "門市服務時間", NameEN: "Shop hours", Office: true,
		Week: calendar.Week{short, long, long, long, long, long, short}, MakeUp: long, Holiday: short,
	}
	if err := s.PutCalendar(ctx, c); err != nil {
		return err
	}
	for _, y := range calendar.Shipped() {
		day := calendar.Own{Date: calendar.Date{Year: y.Year, Month: time.December, Day: 31}, NameZH: "年度盤點", NameEN: "Stocktaking"}
		if err := s.PutOwnDay(ctx, c.Name, day); err != nil {
			return err
		}
	}
	return nil
}

func seedLabels(ctx context.Context, db *pgxpool.Pool, s *site.Store) error {
	known, err := s.Load(ctx)
	if err != nil {
		return err
	}
	for i, l := range reasons {
		if l.Position, l.Active = i+1, true; len(known.Reasons) == 0 {
			if err := s.PutReason(ctx, l); err != nil {
				return err
			}
		}
	}
	for i, l := range dispositions {
		if l.Position, l.Active = i+1, true; len(known.Dispositions) == 0 {
			if err := s.PutDisposition(ctx, l); err != nil {
				return err
			}
		}
	}
	_, err = db.Exec(ctx, `insert into lines (number, flow) values ($1, $2) on conflict do nothing`, Line, Flow)
	return err
}

func seedProducts(ctx context.Context, db *pgxpool.Pool) error {
	var b pgx.Batch
	for _, p := range products {
		b.Queue(`insert into products (id, name, name_en, price, category) values ($1, $2, $3, $4, $5) on conflict do nothing`,
			p.id, p.name, p.nameEN, p.price, p.category)
	}
	return db.SendBatch(ctx, &b).Close()
}

func seedPeople(ctx context.Context, s *site.Store, o Options) ([]Login, error) {
	hash := o.Hash
	if hash == nil {
		hash = func(password string) (string, error) { return argon2id.CreateHash(password, argon2id.DefaultParams) }
	}
	for _, p := range people {
		_, err := s.UserByLogin(ctx, p.Login)
		if err == nil {
			continue
		}
		if !errors.Is(err, site.ErrNotFound) {
			return nil, err
		}
		hashed, err := hash(Password)
		if err != nil {
			return nil, fmt.Errorf("hash the demo password: %w", err)
		}
		u, err := s.CreateUser(ctx, p.User, hashed)
		if err != nil {
			return nil, fmt.Errorf("add %s: %w", p.Login, err)
		}
		if err := s.SetQueues(ctx, u.ID, p.queues); err != nil {
			return nil, err
		}
	}
	return Logins(), nil
}

// String is a line for a terminal.
func (l Login) String() string {
	words := make([]string, len(l.Queues))
	for i, q := range l.Queues {
		words[i] = menuWord[q]
	}
	return fmt.Sprintf("%-10s %-12s %s  %s  %s", l.Login, l.Role, l.Password, l.Name, strings.Join(words, "、"))
}
