package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/internal/pg"
	"hotline/internal/site"
	"hotline/internal/speak"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flows"
	"hotline/ivr/flowstore"
	"hotline/ivr/survey"
)

// loadFlows reads the site's flows, or those shipped; every fault of every file is in the error.
func loadFlows(paths, services []string) (*flowfile.Set, error) {
	known := ivr.Known{Services: services}
	var set *flowfile.Set
	var err error
	if len(paths) == 0 {
		set, err = flowfile.LoadFS(known, flows.FS)
	} else {
		set, err = flowfile.Load(known, paths...)
	}
	if err != nil {
		return nil, fmt.Errorf("flows:\n%w", err)
	}
	return set, nil
}

// checkSite refuses to start where a flow names a queue that is not there, or a line leads to no flow: a caller would
// find out otherwise.
func checkSite(ctx context.Context, pool *pgxpool.Pool, set *flowfile.Set) error {
	s, err := site.NewStore(pool, nil).Load(ctx)
	if err != nil {
		return nil //nolint:nilerr // without a database the controller goes on with what it knew, see exchange
	}
	if len(s.Queues) == 0 && len(s.Lines) == 0 {
		return nil // a new site: nobody can ring before somebody has set it up
	}
	have := map[id.QueueID]bool{}
	for _, q := range s.Queues {
		have[q.ID] = true
	}
	calendars := map[string]bool{}
	for _, c := range s.Calendars {
		calendars[c.Name] = true
	}
	var faults []error
	for _, f := range sortedFlows(set) {
		for _, name := range f.CalendarNames() {
			if !calendars[name] {
				faults = append(faults, fmt.Errorf("flow %s: there is no calendar %q; add it under Hours and holidays", f.ID, name))
			}
		}
		for name, step := range f.Steps {
			if q, ok := step.Do.(ivr.Queue); ok && !have[q.ID] {
				faults = append(faults, fmt.Errorf("flow %s, step %s: there is no queue %q; add it with: hotline queue add %s", f.ID, name, q.ID, q.ID))
			}
		}
	}
	for _, l := range s.Lines {
		if !slices.Contains(lineFlows(set), l.Flow) {
			faults = append(faults, fmt.Errorf("line %s: there is no flow %q that a line can lead to; choose one of %v under Administration, Lines", l.Number, l.Flow, lineFlows(set)))
		}
	}
	sort.Slice(faults, func(i, j int) bool { return faults[i].Error() < faults[j].Error() })
	return errors.Join(faults...)
}

// lineFlows are the flows that a line can lead to: those that take no values of another flow.
func lineFlows(set *flowfile.Set) []string {
	var ids []string
	for _, f := range sortedFlows(set) {
		if len(f.Takes) == 0 {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

func sortedFlows(set *flowfile.Set) []*ivr.Flow {
	var all []*ivr.Flow
	for _, f := range set.Flows {
		all = append(all, f)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	return all
}

func sortedSurveys(set *flowfile.Set) []*survey.Survey {
	var all []*survey.Survey
	for _, s := range set.Surveys {
		all = append(all, s)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	return all
}

// prepare makes every sound that a caller may hear, before one has to wait for it: at the start, and whenever other flows
// are live.
func prepare(ctx context.Context, sounds *speak.Store, uploads *flowstore.Recordings, shelf *flowstore.Shelf, changed <-chan struct{}, log *slog.Logger) error {
	if err := uploads.Load(ctx); err != nil && ctx.Err() == nil {
		log.Warn("uploaded phrases are spoken by an engine until they can be read", "err", err)
	}
	// The dialplan plays it to callers who have waited in vain for a controller.
	if err := sounds.Publish(ctx, "sorry", speak.Phrase{Lang: string(ivr.Mandarin), Text: ivr.Sorry(ivr.Mandarin)[0].Text}); err != nil {
		log.Warn("callers held in vain will hear no reason", "err", err)
	}
	var before *flowfile.Set
	for {
		set, err := shelf.Load(ctx)
		if err != nil {
			set = shelf.Set()
		}
		if before == nil || !sameTexts(before, set) {
			before = set
			report, err := sounds.Prepare(ctx, spoken(set.Phrases()), nil)
			switch {
			case ctx.Err() != nil:
			case err != nil:
				log.Error("prompts cannot be spoken", "err", err)
			default:
				log.Info("prompts ready", "report", fmt.Sprintf("%+v", report))
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
		if err := uploads.Load(ctx); err != nil && ctx.Err() == nil {
			log.Warn("read the uploaded phrases; going on with the last known", "err", err)
		}
	}
}

func sameTexts(a, b *flowfile.Set) bool {
	return slices.EqualFunc(a.Texts, b.Texts, bytes.Equal)
}

// pastOf finds the versions that restored calls name.
func pastOf(shelf *flowstore.Shelf) func(context.Context, []cti.CallState) ([]*ivr.Flow, []*survey.Survey) {
	return func(ctx context.Context, states []cti.CallState) ([]*ivr.Flow, []*survey.Survey) {
		var refs []flowstore.Ref
		add := func(kind, name, hash string) {
			ref := flowstore.Ref{Key: flowstore.Key{Kind: kind, Name: name}, Hash: hash}
			if name != "" && !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
		for _, s := range states {
			for _, p := range slices.Concat(s.Flow.Above, []ivr.Position{s.Flow}) {
				add(flowstore.KindFlow, p.Flow, p.Version)
			}
			if s.SurveyAt != nil {
				add(flowstore.KindSurvey, s.SurveyAt.Survey, s.SurveyAt.Version)
			}
		}
		return shelf.Past(ctx, refs)
	}
}

type flowImportCmd struct {
	configFlag
	Note  string   `default:"imported" help:"What has changed, and why."`
	Files []string `arg:"" name:"file" help:"Flow and survey files, or folders of them."`
}

// Run makes the files' flows and surveys live; a running controller takes them over at once.
func (c flowImportCmd) Run(ctx context.Context) error {
	return withFlows(ctx, c.Config, func(store *flowstore.Store, pool *pgxpool.Pool) error {
		known, err := knownOf(ctx, store, pool)
		if err != nil {
			return err
		}
		set, err := flowfile.Load(known, c.Files...)
		if err != nil {
			return fmt.Errorf("flows:\n%w", err)
		}
		changed, err := store.Import(ctx, set, c.Note)
		for _, v := range changed {
			fmt.Printf("%s %s: version %d is live\n", v.Kind, v.Name, v.Version)
		}
		if err == nil && len(changed) == 0 {
			fmt.Println("all of them are live as they are")
		}
		return err
	})
}

type flowExportCmd struct {
	configFlag
	Dir string `arg:"" type:"path" help:"Folder to write the live flows and surveys to, a file each."`
}

// Run writes what is live, comments and all.
func (c flowExportCmd) Run(ctx context.Context) error {
	return withFlows(ctx, c.Config, func(store *flowstore.Store, _ *pgxpool.Pool) error {
		all, err := store.Current(ctx)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(c.Dir, 0o755); err != nil {
			return fmt.Errorf("make the folder: %w", err)
		}
		taken := map[string]bool{}
		for _, v := range all {
			if v.State != flowstore.StateLive {
				continue
			}
			name := v.Name + ".yaml"
			if taken[name] { // a survey may have the name of a flow
				name = v.Kind + "-" + name
			}
			taken[name] = true
			path := filepath.Join(c.Dir, name)
			if err := os.WriteFile(path, []byte(v.YAML), 0o644); err != nil {
				return fmt.Errorf("write %s %s: %w", v.Kind, v.Name, err)
			}
			fmt.Println(path)
		}
		return nil
	})
}

// withFlows works on the flows in the database.
func withFlows(ctx context.Context, path string, do func(*flowstore.Store, *pgxpool.Pool) error) error {
	s, _, err := load(path, "postgres")
	if err != nil {
		return err
	}
	pool, err := pg.Open(ctx, s.Postgres)
	if err != nil {
		return err
	}
	defer pool.Close()
	return do(flowstore.NewStore(pool), pool)
}

// knownOf is what a flow may refer to: any queue on a site that has none yet.
func knownOf(ctx context.Context, store *flowstore.Store, pool *pgxpool.Pool) (known ivr.Known, err error) {
	s, err := site.NewStore(pool, nil).Load(ctx)
	if err != nil {
		return known, err
	}
	for _, q := range s.Queues {
		known.Queues = append(known.Queues, string(q.ID))
	}
	known.Calendars = []string{}
	for _, c := range s.Calendars {
		known.Calendars = append(known.Calendars, c.Name)
	}
	all, err := store.Current(ctx)
	known.Surveys = []string{}
	for _, v := range all {
		if v.Kind == flowstore.KindSurvey && v.State == flowstore.StateLive {
			known.Surveys = append(known.Surveys, v.Name)
		}
	}
	return known, err
}
