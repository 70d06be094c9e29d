package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/internal/notify"
	"hotline/qa"
	"hotline/qa/trial"
	"hotline/recording"
	"hotline/recording/keep"
	"hotline/report"
	"hotline/task"
)

// keeper throws recordings away, with what every domain derived from them.
func keeper(pool *pgxpool.Pool, s settings, vault *recording.Vault) *keep.Store {
	return keep.NewStore(pool, s.Evidence.KeepDays, vault.Discard, vault.Erase, qa.Erase, qa.EraseReview, trial.Erase,
		notify.Erase, task.Erase, report.Erase)
}

// keepFlags are shared by the commands that change what is kept: somebody answers for it.
type keepFlags struct {
	configFlag
	As string `required:"" help:"Login of whoever answers for it; the access log names this person."`
}

// with runs a command for the person that the flag names.
func (f keepFlags) with(ctx context.Context, do func(context.Context, *keep.Store, id.AgentID) error) error {
	return withKeep(ctx, f.Config, func(ctx context.Context, store *keep.Store, pool *pgxpool.Pool) error {
		who, err := userID(ctx, pool, f.As)
		if err != nil {
			return err
		}
		return do(ctx, store, who)
	})
}

func withKeep(ctx context.Context, config string, do func(context.Context, *keep.Store, *pgxpool.Pool) error) error {
	return withRecordings(ctx, config, func(ctx context.Context, s settings, pool *pgxpool.Pool) error {
		vault, err := s.Recordings.vault(recording.NewStore(pool, s.Recordings.Dir))
		if err != nil {
			return err
		}
		return do(ctx, keeper(pool, s, vault), pool)
	})
}

func userID(ctx context.Context, pool *pgxpool.Pool, login string) (who id.AgentID, err error) {
	err = pool.QueryRow(ctx, `select id from users where login = $1 and active`, login).Scan(&who)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("nobody signs in as %q", login)
	}
	return who, err
}

type recordingsHoldsCmd struct {
	configFlag
	All bool `help:"Those that were released, too."`
}

// Run lists the holds.
func (c recordingsHoldsCmd) Run(ctx context.Context) error {
	return withKeep(ctx, c.Config, func(ctx context.Context, store *keep.Store, _ *pgxpool.Pool) error {
		holds, err := store.Holds(ctx, c.All)
		if err != nil {
			return err
		}
		rows := [][]string{{"ID", "PLACED", "OWNER", "RECORDINGS", "RELEASED", "REASON"}}
		for _, h := range holds {
			released := "-"
			if h.Released != nil {
				released = h.Released.UTC().Format(time.RFC3339) + " " + string(h.ReleasedBy)
			}
			rows = append(rows, []string{fmt.Sprint(h.ID), h.Placed.UTC().Format(time.RFC3339), string(h.Owner), fmt.Sprint(h.Recordings), released, h.Reason})
		}
		return table(rows)
	})
}

type recordingsHoldCmd struct {
	keepFlags
	Reason   string      `required:"" help:"Why, for those who are refused an erasure."`
	Queue    string      `help:"Recordings of this queue."`
	Agent    id.AgentID  `help:"Of this agent, by id."`
	Customer int64       `help:"Of this customer, by number."`
	Outcome  string      `help:"With this disposition."`
	Call     []id.CallID `help:"Of these calls."`
	From     time.Time   `help:"Recorded at or after, as 2026-03-01T00:00:00+08:00."`
	To       time.Time   `help:"Recorded before."`
}

// Run places a hold on everything that the flags name; all that is given must be true.
func (c recordingsHoldCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(ctx context.Context, store *keep.Store, who id.AgentID) error {
		began := time.Now()
		h, err := store.Place(ctx, keep.Query{Queue: c.Queue, Agent: c.Agent, Customer: c.Customer, Outcome: c.Outcome, Calls: c.Call, From: c.From, To: c.To}, c.Reason, who)
		if err != nil {
			return err
		}
		fmt.Printf("hold %d covers %d recordings, and those that come; it took %s\n", h.ID, h.Recordings, time.Since(began).Round(time.Millisecond))
		return nil
	})
}

type recordingsReleaseCmd struct {
	keepFlags
	Hold   int64  `arg:"" help:"Number of the hold."`
	Reason string `required:"" help:"Why."`
}

// Run releases a hold.
func (c recordingsReleaseCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(ctx context.Context, store *keep.Store, who id.AgentID) error {
		if err := store.Release(ctx, c.Hold, c.Reason, who); err != nil {
			return err
		}
		fmt.Printf("hold %d is released\n", c.Hold)
		return nil
	})
}

type recordingsEraseCmd struct {
	keepFlags
	Why      keep.Why   `required:"" enum:"request,order,mistake" help:"Of the person who speaks (request), of a court or authority (order), or because it should never have been recorded (mistake)."`
	Leg      []id.LegID `help:"Recordings, by leg."`
	Customer int64      `help:"All recordings of this customer, by number."`
}

// Run erases what the flags name, one by one, and says which a hold keeps.
func (c recordingsEraseCmd) Run(ctx context.Context) error {
	if (len(c.Leg) == 0) == (c.Customer == 0) {
		return errors.New("give either --leg or --customer")
	}
	return c.with(ctx, func(ctx context.Context, store *keep.Store, who id.AgentID) error {
		legs := c.Leg
		if c.Customer != 0 {
			var err error
			if legs, err = store.OfCustomer(ctx, c.Customer); err != nil {
				return err
			}
		}
		failed := 0
		for _, leg := range legs {
			if err := store.Erase(ctx, leg, c.Why, who); err != nil {
				fmt.Fprintln(os.Stderr, err)
				if !errors.Is(err, keep.ErrLater) {
					failed++
					continue
				}
			}
			fmt.Println("erased", leg)
		}
		fmt.Printf("%d erased, %d not\n", len(legs)-failed, failed)
		if failed > 0 {
			return exitCode(1)
		}
		return nil
	})
}

type recordingsRetentionCmd struct {
	configFlag
	As      string `help:"Login of whoever answers for a change."`
	Queue   string `help:"Queue of the rule to set; none is every queue."`
	Outcome string `help:"Disposition of the rule to set; none is every outcome."`
	Days    int    `default:"-1" help:"Set the rule: days to keep, 0 removes it."`
	Now     bool   `help:"Throw away now what was kept long enough."`
}

// Run sets a rule or throws away what is due, if asked to, and lists the rules.
func (c recordingsRetentionCmd) Run(ctx context.Context) error {
	return withKeep(ctx, c.Config, func(ctx context.Context, store *keep.Store, pool *pgxpool.Pool) error {
		if c.Days >= 0 {
			who, err := userID(ctx, pool, c.As)
			if err != nil {
				return fmt.Errorf("--as: %w", err)
			}
			if err := store.SetRule(ctx, keep.Rule{Queue: c.Queue, Outcome: c.Outcome, Days: c.Days}, who); err != nil {
				return err
			}
		}
		if c.Now {
			done, err := store.Expire(ctx)
			fmt.Printf("%d recordings thrown away, %d kept by a hold\n", done.Thrown, done.Held)
			if err != nil {
				return err
			}
		}
		return printRules(ctx, store)
	})
}

func printRules(ctx context.Context, store *keep.Store) error {
	rules, err := store.Rules(ctx)
	if err != nil {
		return err
	}
	rows := [][]string{{"QUEUE", "OUTCOME", "DAYS"}}
	for _, r := range rules {
		rows = append(rows, []string{orEvery(r.Queue), orEvery(r.Outcome), fmt.Sprint(r.Days)})
	}
	rest := "for ever"
	if n := store.KeepDays(); n > 0 {
		rest = fmt.Sprint(n)
	}
	return table(append(rows, []string{"everything else", "", rest}))
}

func orEvery(name string) string {
	if strings.TrimSpace(name) == "" {
		return "every"
	}
	return name
}

type recordingsRotateCmd struct{ configFlag }

// Run wraps the keys of all sealed recordings by the first master key. No recording is written anew.
func (c recordingsRotateCmd) Run(ctx context.Context) error {
	return withRecordings(ctx, c.Config, func(ctx context.Context, s settings, pool *pgxpool.Pool) error {
		vault, err := s.Recordings.vault(recording.NewStore(pool, s.Recordings.Dir))
		if err != nil {
			return err
		}
		n, err := vault.Rotate(ctx)
		fmt.Printf("%d keys are wrapped by the first master key now\n", n)
		return err
	})
}
