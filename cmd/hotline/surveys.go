package main

import (
	"context"
	"fmt"

	"hotline/internal/pg"
	"hotline/report"
)

type surveyCmd struct {
	Check   surveyCheckCmd   `cmd:"" help:"Compare the counts that result pages read with all answers; exit 1 if they differ."`
	Recount surveyRecountCmd `cmd:"" help:"Make the counts anew from the answers. Calls go on; what they write waits."`
}

// shownDifferences are enough to see what kind they are of.
const shownDifferences = 20

type surveyCheckCmd struct{ configFlag }

// Run prints what differs.
func (c surveyCheckCmd) Run(ctx context.Context) error {
	return withReports(ctx, c.Config, func(s *report.Store) error { return proven(ctx, s) })
}

func proven(ctx context.Context, s *report.Store) error {
	found, err := s.Check(ctx, shownDifferences)
	if err != nil {
		return err
	}
	for _, d := range found {
		side := "counted from the rows"
		if d.Kept {
			side = "kept"
		}
		fmt.Printf("%s: %s %s\n", d.Table, side, d.Row)
	}
	if len(found) > 0 {
		fmt.Println("The counts differ from the answers: hotline survey recount makes them anew.")
		return exitCode(1)
	}
	fmt.Println("The counts are what the answers come to.")
	return nil
}

type surveyRecountCmd struct{ configFlag }

// Run makes the counts anew and proves them.
func (c surveyRecountCmd) Run(ctx context.Context) error {
	return withReports(ctx, c.Config, func(s *report.Store) error {
		if err := s.Recount(ctx); err != nil {
			return err
		}
		return proven(ctx, s)
	})
}

func withReports(ctx context.Context, config string, do func(*report.Store) error) error {
	s, _, err := load(config, "postgres")
	if err != nil {
		return err
	}
	pool, err := pg.Open(ctx, s.Postgres)
	if err != nil {
		return err
	}
	defer pool.Close()
	return do(report.NewStore(pool))
}
