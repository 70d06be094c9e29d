package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/internal/pg"
	"hotline/recording"
	"hotline/recording/evidence"
	"hotline/recording/ledger"
)

type recordingsCmd struct {
	Check     recordingsCheckCmd     `cmd:"" help:"Compare calls with recordings now and list the alarms; exit 1 if there is one."`
	Verify    recordingsVerifyCmd    `cmd:"" help:"Prove that no recording was altered, lost or slipped in; exit 1 and name what was."`
	Key       recordingsKeyCmd       `cmd:"" help:"Make a master key that seals recordings."`
	Holds     recordingsHoldsCmd     `cmd:"" help:"List the legal holds."`
	Hold      recordingsHoldCmd      `cmd:"" help:"Keep all recordings that a query names, until the hold is released."`
	Release   recordingsReleaseCmd   `cmd:"" help:"Release a legal hold."`
	Erase     recordingsEraseCmd     `cmd:"" help:"Throw recordings away, with all that was derived from them."`
	Retention recordingsRetentionCmd `cmd:"" help:"Show and set how long recordings are kept."`
	Rotate    recordingsRotateCmd    `cmd:"" help:"Wrap the keys of all recordings by the first master key."`
	Sign      recordingsSignCmd      `cmd:"" help:"Sign what the chain of recordings has come to, now."`
}

// withRecordings opens the database for a command on recordings.
func withRecordings(ctx context.Context, path string, do func(context.Context, settings, *pgxpool.Pool) error) error {
	s, _, err := load(path, "postgres", "recordings", "evidence")
	if err != nil {
		return err
	}
	pool, err := pg.Open(ctx, s.Postgres)
	if err != nil {
		return err
	}
	defer pool.Close()
	return do(ctx, s, pool)
}

type recordingsCheckCmd struct {
	configFlag
	Since time.Duration `default:"48h" help:"How far back to look; every file since then is read."`
}

// Run looks and prints what is open.
func (c recordingsCheckCmd) Run(ctx context.Context) error {
	return withRecordings(ctx, c.Config, func(ctx context.Context, s settings, pool *pgxpool.Pool) error {
		vault, err := s.Recordings.vault(recording.NewStore(pool, s.Recordings.Dir))
		if err != nil {
			return err
		}
		store := ledger.NewStore(pool, vault)
		r, err := store.Check(ctx, time.Now().Add(-c.Since))
		if err != nil {
			return err
		}
		alarms, err := store.Open(ctx)
		if err != nil {
			return err
		}
		for _, a := range alarms {
			fmt.Println(a)
		}
		fmt.Printf("%d legs looked at; %d alarms raised, %d cleared, %d open\n", r.Looked, r.Raised, r.Cleared, r.Open)
		if r.Open > 0 {
			return exitCode(1)
		}
		return nil
	})
}

type recordingsVerifyCmd struct {
	configFlag
	JSON bool `name:"json" help:"Print the report as JSON."`
}

// Run looks at every file, row, entry and signature.
func (c recordingsVerifyCmd) Run(ctx context.Context) error {
	return withRecordings(ctx, c.Config, func(ctx context.Context, s settings, pool *pgxpool.Pool) error {
		vault, err := s.Recordings.vault(recording.NewStore(pool, s.Recordings.Dir))
		if err != nil {
			return err
		}
		v, err := evidence.NewVerifier(pool, vault, s.Evidence, quiet)
		if err != nil {
			return err
		}
		report, err := v.Verify(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			out := json.NewEncoder(os.Stdout)
			out.SetIndent("", "  ")
			if err := out.Encode(report); err != nil {
				return fmt.Errorf("print the report: %w", err)
			}
		} else {
			printReport(report)
		}
		if len(report.Faults) > 0 {
			return exitCode(1)
		}
		return nil
	})
}

func printReport(r evidence.Report) {
	for _, f := range r.Faults {
		fmt.Println(f)
	}
	signed := "nothing is signed yet"
	if r.Last != nil {
		signed = fmt.Sprintf("signed up to entry %d at %s by key %s", r.Signed, r.Last.At.UTC().Format(time.RFC3339), r.Last.Key)
	}
	fmt.Printf("%d entries, %d files as they were entered, %d recordings made again; %s; %d faults\n", r.Entries, r.Files, r.Remade, signed, len(r.Faults))
}

type recordingsSignCmd struct{ configFlag }

// Run signs the head and appends it to the copies.
func (c recordingsSignCmd) Run(ctx context.Context) error {
	return withRecordings(ctx, c.Config, func(ctx context.Context, s settings, pool *pgxpool.Pool) error {
		signer, err := evidence.NewSigner(pool, s.Evidence)
		if err != nil {
			return err
		}
		head, err := signer.Sign(ctx)
		if err != nil {
			return err
		}
		if head.Seq == 0 {
			fmt.Println("the chain has no entries: there is nothing to sign")
			return nil
		}
		fmt.Printf("signed entry %d, hash %s, by key %s\n", head.Seq, head.Hash, head.Key)
		return nil
	})
}
