package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"golang.org/x/sync/errgroup"

	"hotline/internal/demo/callers"
	"hotline/internal/gateway"
	"hotline/internal/jobs"
	"hotline/internal/notify"
	"hotline/internal/pg"
	"hotline/internal/sipphone"
	"hotline/qa"
	"hotline/qa/asr"
	"hotline/qa/chat"
	"hotline/qa/trial"
	"hotline/recording"
	"hotline/recording/evidence"
	"hotline/recording/ledger"
)

type mediaCmd struct{ configFlag }

// Run carries browsers' sound and records it.
func (c mediaCmd) Run(ctx context.Context) error {
	s, log, err := load(c.Config, "media")
	if err != nil {
		return err
	}
	return gateway.Run(ctx, s.Media, log)
}

type workerCmd struct{ configFlag }

// Run does the jobs that follow calls.
func (c workerCmd) Run(ctx context.Context) error {
	s, log, err := load(c.Config, "postgres", "recordings", "jobs", "evidence", "asr", "chat", "notify", "campaigns")
	if err != nil {
		return err
	}
	pool, err := pg.Open(ctx, s.Postgres)
	if err != nil {
		return err
	}
	defer pool.Close()
	signer, err := evidence.NewSigner(pool, s.Evidence)
	if err != nil {
		// Calls and recordings go on without signatures; verify finds that nobody signs.
		log.Error("the chain of recordings is not signed", "err", err)
	}
	catalogue := recording.NewStore(pool, s.Recordings.Dir)
	vault, err := s.Recordings.vault(catalogue)
	if err != nil {
		return err
	}
	model := asr.NewSite(s.ASR, log)
	defer model.Close()
	quality := qa.NewStore(pool)
	asker, err := questioner(s.Chat, quality)
	if err != nil {
		return err
	}
	post, err := postman(s.Notify, pool, log)
	if err != nil {
		return err
	}
	letters, err := letters(s, pool, log)
	if err != nil {
		return err
	}
	worker, err := jobs.NewWorker(pool, s.Jobs, jobs.Deps{
		Recordings: jobs.Folder{Dir: s.Recordings.Dir, Catalogue: catalogue, Vault: vault, Quiet: quiet}, Signer: signer, Log: log,
		Ledger: ledger.NewStore(pool, vault), Keep: keeper(pool, s, vault), Reader: quality, Trials: trial.NewStore(pool), Asker: asker, Post: post, Letters: letters,
		Lists: &jobs.Lists{Campaigns: letters.Campaigns, Days: s.Campaigns.Days()},
		Hearer: &jobs.Listener{
			Sounds: vault, Quality: quality, Model: model.Model, Glossary: s.ASR.Glossary, Redact: catalogue.SetRedactions,
		},
	})
	if err != nil {
		return err
	}
	return worker.Run(ctx)
}

// postman sends messages to customers. Times of the day are those of Taiwan.
func postman(cfg notify.Config, pool *pgxpool.Pool, log *slog.Logger) (jobs.Postman, error) {
	store := notify.NewStore(pool)
	senders, err := notify.Open(cfg, store)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation("Asia/Taipei")
	if err != nil {
		return nil, fmt.Errorf("load the time zone: %w", err)
	}
	return jobs.Post{Post: &notify.Post{Store: store, Senders: senders, Zone: zone, Log: log}, Store: store}, nil
}

// questioner asks the model of the settings. Without one questions wait, and say what to do.
func questioner(cfg chat.Config, quality *qa.Store) (*jobs.Asker, error) {
	asker := &jobs.Asker{Quality: quality, Without: "no model answers questions here: ask an administrator to set chat.url, chat.model and chat.consent, or to let people or rules answer"}
	if cfg.URL == "" {
		return asker, nil
	}
	model, err := chat.NewServer(cfg)
	if err != nil {
		return nil, err
	}
	asker.Model = model
	return asker, nil
}

// quiet is for how long nobody may have written to a recording before the sweep takes it for abandoned.
const quiet = 2 * time.Minute

type demoCmd struct{ configFlag }

// mostDemoCalls is how many demo callers ring at once at most: the demo company has a handful of agents.
const mostDemoCalls = 4

// Run rings the line with demo callers, and takes the calls of campaigns, until it is stopped.
func (c demoCmd) Run(ctx context.Context) error {
	s, log, err := load(c.Config, "callers", "postgres")
	if err != nil {
		return err
	}
	// The SIP library warns of every report that Asterisk sends about a stream of ours.
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	numbers, err := demoNumbers(ctx, s.Postgres)
	if err != nil {
		return err
	}
	server, err := sipphone.ServerAddr(s.Callers.SIP)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	if s.Callers.Phones != "" {
		phones, err := sipphone.ServerAddr(s.Callers.Phones)
		if err != nil {
			return err
		}
		g.Go(func() error { return callers.Take(ctx, phones, log) })
	}
	g.Go(func() error { return c.ring(ctx, s, server, numbers, log) })
	return g.Wait()
}

// ring has customers call.
func (demoCmd) ring(ctx context.Context, s settings, server netip.AddrPort, numbers []string, log *slog.Logger) error {
	return callers.Run(ctx, callers.Config{
		Server: server, Number: s.Callers.Number, Pace: s.Callers.Pace, Most: mostDemoCalls, Log: log, Seed: rand.Uint64(),
		From: func(rng *rand.Rand) sipphone.From { return demoCaller(rng, numbers) },
	})
}

// demoCaller is mostly a customer, sometimes a stranger, and now and then one who withholds the number.
func demoCaller(rng *rand.Rand, numbers []string) sipphone.From {
	switch n := rng.IntN(12); {
	case n == 0:
		return sipphone.From{}
	case n == 1 || len(numbers) == 0:
		return sipphone.From{User: fmt.Sprintf("0900%06d", 990_000+rng.IntN(10_000))}
	}
	return sipphone.From{User: numbers[rng.IntN(len(numbers))]}
}

// demoNumbers are numbers of customers with a history, in the form that a trunk gives.
func demoNumbers(ctx context.Context, cfg pg.Config) ([]string, error) {
	pool, err := pg.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	rows, err := pool.Query(ctx, `select '0' || substr(p.e164, 5) from customer_phones p
		where p.e164 like '+8869%' order by p.e164 limit 500`)
	if err != nil {
		return nil, fmt.Errorf("read demo numbers: %w", err)
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read demo numbers: %w", err)
	}
	return numbers, nil
}

type migrateCmd struct{ configFlag }

// Run brings the database to this version.
func (c migrateCmd) Run(ctx context.Context) error {
	s, _, err := load(c.Config, "postgres")
	if err != nil {
		return err
	}
	if s.Postgres.DSN == "" {
		return errors.New("postgres.dsn is missing")
	}
	return pg.Migrate(ctx, s.Postgres.DSN)
}
