package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"hotline/cti/ctitest"
	"hotline/internal/demo"
	"hotline/internal/speak"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flows"
	"hotline/web"
)

type demoDataCmd struct {
	configFlag
	Customers int    `default:"2000" help:"How many customers."`
	Calls     int    `default:"20000" help:"How many past calls."`
	Seed      uint64 `default:"1" help:"The same seed gives the same data."`
}

// Run fills the database with the demo company and writes its accounts to the file that the settings name.
func (c demoDataCmd) Run(ctx context.Context) error {
	s, _, err := load(c.Config, "postgres", "recordings")
	if err != nil {
		return err
	}
	if err := demo.Main(ctx, s.Postgres, demo.Options{
		Customers: c.Customers, Calls: c.Calls, Seed: c.Seed, Now: time.Now(), Hash: web.HashPassword, Recordings: s.Recordings.Dir,
	}, os.Stdout); err != nil {
		return err
	}
	if s.DemoUsers == "" {
		return nil
	}
	raw, err := json.MarshalIndent(demo.Logins(), "", "  ")
	if err != nil {
		return fmt.Errorf("encode demo accounts: %w", err)
	}
	if err := os.WriteFile(s.DemoUsers, raw, 0o600); err != nil {
		return fmt.Errorf("write demo accounts: %w", err)
	}
	return nil
}

type flowCmd struct {
	Check   flowCheckCmd   `cmd:"" help:"Print every fault of flow and survey files; exit 1 if there is one."`
	Phrases flowPhrasesCmd `cmd:"" help:"Print everything that flows can say, as hotline speak reads it."`
	Walk    flowWalkCmd    `cmd:"" help:"Walk through a flow or a survey without a telephone."`
	Import  flowImportCmd  `cmd:"" help:"Make the flows and surveys of files live."`
	Export  flowExportCmd  `cmd:"" help:"Write the live flows and surveys to files."`
}

type flowCheckCmd struct {
	Files []string `arg:"" name:"file" help:"Flow and survey files, or folders of them."`
}

// Run prints every fault with its place and remedy.
func (c flowCheckCmd) Run() error {
	if code := flowfile.CheckMain(os.Stdout, c.Files); code != 0 {
		return exitCode(code)
	}
	return nil
}

type flowPhrasesCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"Flow and survey files; those shipped when there is none."`
}

// Run prints one JSON object a line.
func (c flowPhrasesCmd) Run() error {
	var set *flowfile.Set
	var err error
	if len(c.Files) == 0 {
		set, err = flowfile.LoadFS(ivr.Known{}, flows.FS)
	} else {
		set, err = flowfile.Load(ivr.Known{}, c.Files...)
	}
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for _, p := range spoken(set.Phrases()) {
		if err := out.Encode(p); err != nil {
			return fmt.Errorf("print phrases: %w", err)
		}
	}
	return nil
}

type speakCmd struct {
	Voice string   `required:"" type:"existingdir" help:"Voice folder (sherpa-onnx)."`
	Pack  string   `required:"" help:"Folder of the voice pack to add to."`
	Lang  string   `default:"zh-TW" enum:"zh-TW,en" help:"Language of the texts given as arguments."`
	Prune bool     `help:"Remove recordings that are not on standard input."`
	Texts []string `arg:"" optional:"" help:"Texts; without any, phrases are read from standard input."`
}

// Run speaks what the pack lacks.
func (c speakCmd) Run(ctx context.Context) error {
	_, log, err := load("")
	if err != nil {
		return err
	}
	voice := speak.DefaultConfig().Voice
	voice.Folder = c.Voice
	return speak.Command{
		Voice: voice, Dir: c.Pack, Lang: c.Lang, Texts: c.Texts, Input: os.Stdin, Prune: c.Prune, Out: os.Stdout, Log: log,
	}.Run(ctx)
}

type simCmd struct {
	Seed   uint64 `default:"1" help:"Seed of the only run."`
	Seeds  string `help:"Many short runs with faults, e.g. 1..500."`
	Agents int    `help:"Agents (1200 for a day, 20 with --seeds)."`
	Calls  int    `help:"Calls (90000 for a day, 500 with --seeds)."`
}

// Run simulates, and fails with the seed of the first broken invariant.
func (c simCmd) Run(ctx context.Context) error {
	if c.Seeds == "" {
		began := time.Now()
		report, err := ctitest.Sim(ctitest.Options{Seed: c.Seed, Agents: or(c.Agents, 1200), Calls: or(c.Calls, 90_000), Day: true})
		if err != nil {
			return err
		}
		fmt.Println(report)
		fmt.Printf("no invariant broken; simulated in %s\n", time.Since(began).Round(100*time.Millisecond))
		return nil
	}
	first, last, err := seeds(c.Seeds)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	var mu sync.Mutex
	var steps, anomalies int
	for seed := first; seed <= last && ctx.Err() == nil; seed++ {
		g.Go(func() error {
			report, err := ctitest.Sim(ctitest.Options{Seed: seed, Agents: or(c.Agents, 20), Calls: or(c.Calls, 500), Faults: true})
			mu.Lock()
			defer mu.Unlock()
			steps += report.Steps
			anomalies += report.Anomalies
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	fmt.Printf("%d runs with faults, %d steps, %d facts that no longer applied, no invariant broken\n", last-first+1, steps, anomalies)
	return nil
}

func or(n, usual int) int {
	if n == 0 {
		return usual
	}
	return n
}

// seeds reads "1..500".
func seeds(s string) (first, last uint64, err error) {
	a, b, ok := strings.Cut(s, "..")
	if ok {
		if first, err = strconv.ParseUint(a, 10, 64); err == nil {
			last, err = strconv.ParseUint(b, 10, 64)
		}
	}
	if !ok || err != nil || last < first {
		return 0, 0, errors.New("--seeds: write first..last, e.g. 1..500")
	}
	return first, last, nil
}

// table prints rows in columns.
func table(rows [][]string) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, r := range rows {
		if _, err := fmt.Fprintln(w, strings.Join(r, "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}
