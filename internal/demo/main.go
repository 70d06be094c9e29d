package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"hotline/internal/pg"
)

// recorded is how many past calls can be listened to.
const recorded = 24

// Main is `hotline demo-data`: it brings the database up to date, makes the company and its data, and prints the
// accounts.
func Main(ctx context.Context, c pg.Config, o Options, out io.Writer) (err error) {
	if faults := append(c.Check(), o.Check()...); len(faults) > 0 {
		return errors.New(strings.Join(faults, "\n"))
	}
	if err := pg.Migrate(ctx, c.DSN); err != nil {
		return err
	}
	db, err := pg.Open(ctx, c)
	if err != nil {
		return err
	}
	defer db.Close()
	logins, err := Seed(ctx, db, o)
	if err != nil {
		return err
	}
	say := func(format string, args ...any) {
		if _, writeErr := fmt.Fprintf(out, format, args...); err == nil {
			err = writeErr
		}
	}
	if o.Progress == nil {
		last := time.Time{}
		o.Progress = func(what string, done, of int) {
			if now := time.Now(); done == of || now.Sub(last) > 2*time.Second {
				last = now
				say("%s: %d of %d\n", what, done, of)
			}
		}
	}
	made, genErr := Generate(ctx, db, o)
	if genErr != nil {
		return genErr
	}
	if !made {
		say("There are customers already; none were made.\n")
	} else if o.Recordings != "" {
		n, recErr := Record(ctx, db, o.Recordings, recorded)
		if recErr != nil {
			return recErr
		}
		say("recordings: %d of the newest calls\n", n)
	}
	for _, l := range logins {
		say("%s\n", l)
	}
	return err
}
