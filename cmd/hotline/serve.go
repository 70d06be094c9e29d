package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/customer"
	deployed "hotline/deploy/asterisk"
	"hotline/internal/asterisk"
	"hotline/internal/exchange"
	"hotline/internal/gateway"
	"hotline/internal/jobs"
	"hotline/internal/pg"
	"hotline/internal/site"
	"hotline/internal/speak"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flows"
	"hotline/ivr/survey"
	"hotline/ivr/voices"
	"hotline/qa"
	"hotline/recording"
	"hotline/recording/ledger"
	"hotline/web"
	"hotline/web/desk"
	"hotline/web/ui"
)

// configFlag is the flag of every command that works on an installation.
type configFlag struct {
	Config string `type:"existingfile" env:"HOTLINE_CONFIG" help:"Settings file (hotline.yaml)."`
}

type serveCmd struct{ configFlag }

// Run joins the parts of the controller: Asterisk, the gateway, the Floor's exchange and the web server.
func (c serveCmd) Run(ctx context.Context) error {
	s, log, err := load(c.Config, "postgres", "web", "asterisk", "gateway", "recordings", "evidence", "speak", "floor")
	if err != nil {
		return err
	}
	set, err := loadFlows(s.Flows)
	if err != nil {
		return err
	}
	pool, err := pg.Open(ctx, s.Postgres)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := checkSite(ctx, pool, set); err != nil {
		return err
	}
	sounds, err := speak.Open(s.Speak, voices.Pack(), log)
	if err != nil {
		return err
	}
	defer sounds.Close()

	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	quality := qa.NewStore(pool)
	registry.MustRegister(jobs.Backlog(quality, log), ledger.NewCollector(pool))
	ari, err := asterisk.New(s.Asterisk, asterisk.Options{Log: log, Metrics: registry})
	if err != nil {
		return err
	}
	customers, settings := customer.NewStore(pool), site.NewStore(pool, flowIDs(set))
	inserter, err := jobs.NewInserter(pool)
	if err != nil {
		return err
	}
	catalogue := recording.NewStore(pool, s.Recordings.Dir)
	vault, err := s.Recordings.vault(catalogue)
	if err != nil {
		return err
	}
	var server *web.Server
	hub := desk.NewHub(desk.Options{Log: log, Registry: registry, Popped: func(agent id.AgentID, call id.CallID, customers []int64) {
		server.Popped(agent, call, customers)
	}})
	noticed, changed := make(chan struct{}, 1), make(chan struct{}, 1)
	ex, err := exchange.New(exchange.Deps{
		Asterisk: ari, Callers: directory{customers}, Speech: speech{sounds}, Desk: deskHub{hub},
		Store: exchange.NewStore(pool, inserter), Changed: changed, SpoolDir: filepath.Join(s.State, "journal"),
		Site:    func(ctx context.Context) (exchange.Site, error) { return readSite(ctx, settings, set, s.Floor) },
		Dialled: deployed.DialledForms, Flows: sortedFlows(set), Surveys: sortedSurveys(set), Log: log, Metrics: registry,
	})
	if err != nil {
		return err
	}
	media := gateway.NewClient(s.Gateway, log, ex.OnGateway)
	ex.Gateway = media
	server, err = web.New(web.Deps{
		Config: s.Web, Log: log, DB: pool, Hub: hub, Floor: floor{ex}, Media: media, Pauses: pauser{ex}, Customers: customers,
		Recordings: catalogue, Vault: vault, Keep: keeper(pool, s, vault), Quality: quality, Trials: inserter, Site: settings, Registry: registry,
		Choose: chooser(ex, customers), Flows: func() []web.Flow { return webFlows(set) },
		Checks: checks(pool, ari, media, ex), Demo: demoLogins(s, log), UI: ui.Files(), Name: s.Name, Version: version,
	})
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return ari.Run(ctx) })
	g.Go(func() error { return media.Run(ctx) })
	g.Go(func() error { return ex.Run(ctx) })
	g.Go(func() error { return server.Run(ctx) })
	g.Go(func() error { return settings.Watch(ctx, log, noticed) })
	g.Go(func() error { return tellChanges(ctx, noticed, changed, server, log) })
	g.Go(func() error { prepare(ctx, sounds, set, log); return nil })
	return g.Wait()
}

// tellChanges passes each notice of changed settings to the exchange and to the desks.
func tellChanges(ctx context.Context, noticed <-chan struct{}, exchange chan<- struct{}, server *web.Server, log *slog.Logger) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-noticed:
		}
		select {
		case exchange <- struct{}{}:
		default: // one reading covers both
		}
		if err := server.ConfigChanged(ctx); err != nil {
			log.Error("tell the desks of changed settings", "err", err)
		}
	}
}

// loadFlows reads the site's flows, or those shipped; every fault of every file is in the error.
func loadFlows(paths []string) (*flowfile.Set, error) {
	var set *flowfile.Set
	var err error
	if len(paths) == 0 {
		set, err = flowfile.LoadFS(ivr.Known{}, flows.FS)
	} else {
		set, err = flowfile.Load(ivr.Known{}, paths...)
	}
	if err != nil {
		return nil, fmt.Errorf("flows:\n%w", err)
	}
	return set, nil
}

// checkSite refuses to start where a flow names a queue that is not there, or a line leads to no flow: a caller would
// find out otherwise.
func checkSite(ctx context.Context, pool *pgxpool.Pool, set *flowfile.Set) error {
	s, err := site.NewStore(pool, flowIDs(set)).Load(ctx)
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
	var faults []error
	for _, f := range sortedFlows(set) {
		for name, step := range f.Steps {
			if q, ok := step.Do.(ivr.Queue); ok && !have[q.ID] {
				faults = append(faults, fmt.Errorf("flow %s, step %s: there is no queue %q; add it with: hotline queue add %s", f.ID, name, q.ID, q.ID))
			}
		}
	}
	for _, l := range s.Lines {
		if set.Flows[l.Flow] == nil {
			faults = append(faults, fmt.Errorf("line %s: there is no flow %q; choose one of %v under Administration, Lines", l.Number, l.Flow, flowIDs(set)))
		}
	}
	sort.Slice(faults, func(i, j int) bool { return faults[i].Error() < faults[j].Error() })
	return errors.Join(faults...)
}

func flowIDs(set *flowfile.Set) []string {
	var ids []string
	for _, f := range sortedFlows(set) {
		ids = append(ids, f.ID)
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

func webFlows(set *flowfile.Set) []web.Flow {
	var all []web.Flow
	for _, f := range sortedFlows(set) {
		all = append(all, web.Flow{ID: f.ID, Version: f.Version})
	}
	return all
}

// readSite is what the Floor must know of the settings.
func readSite(ctx context.Context, settings *site.Store, set *flowfile.Set, whole floorConfig) (exchange.Site, error) {
	s, err := settings.Load(ctx)
	if err != nil {
		return exchange.Site{}, err
	}
	out := exchange.Site{Config: s.Configured(), Lines: map[string]string{}}
	out.Config.Settings = cti.Settings{MediaGrace: whole.MediaGrace, DeskGrace: whole.DeskGrace}
	out.Config.Flows, out.Config.Surveys = sortedFlows(set), sortedSurveys(set)
	for _, l := range s.Lines {
		out.Lines[l.Number] = l.Flow
	}
	return out, nil
}

// prepare makes every sound that a caller may hear, before one has to wait for it.
func prepare(ctx context.Context, sounds *speak.Store, set *flowfile.Set, log *slog.Logger) {
	// The dialplan plays it to callers who have waited in vain for a controller.
	if err := sounds.Publish(ctx, "sorry", speak.Phrase{Lang: string(ivr.Mandarin), Text: ivr.Sorry(ivr.Mandarin)[0].Text}); err != nil {
		log.Warn("callers held in vain will hear no reason", "err", err)
	}
	report, err := sounds.Prepare(ctx, spoken(set.Phrases()), nil)
	if err != nil && ctx.Err() == nil {
		log.Error("prompts cannot be spoken", "err", err)
		return
	}
	log.Info("prompts ready", "report", fmt.Sprintf("%+v", report))
}

// checks are the conditions under which /readyz says yes.
func checks(pool *pgxpool.Pool, ari *asterisk.Client, media *gateway.Client, ex *exchange.Exchange) []web.Check {
	yes := func(ok bool, what string) error {
		if ok {
			return nil
		}
		return errors.New(what)
	}
	return []web.Check{
		{Name: "database", Ready: func(ctx context.Context) error {
			return yes(pool.Ping(ctx) == nil, "not reachable") // the reason names hosts and users, and is for the log alone
		}},
		{Name: "asterisk", Ready: func(context.Context) error { return yes(ari.Connected(), "not connected") }},
		{Name: "media", Ready: func(context.Context) error { return yes(media.Connected(), "not connected") }},
		{Name: "floor", Ready: func(context.Context) error {
			select {
			case <-ex.Ready():
				return nil
			default:
				return errors.New("the live calls are not known yet")
			}
		}},
	}
}

// demoLogins are shown on the sign-in page of a demonstration.
func demoLogins(s settings, log *slog.Logger) []web.DemoLogin {
	if !s.Demo || s.DemoUsers == "" {
		return nil
	}
	raw, err := os.ReadFile(s.DemoUsers)
	if err != nil {
		log.Warn("demo logins are not shown", "err", err)
		return nil
	}
	var logins []web.DemoLogin
	if err := json.Unmarshal(raw, &logins); err != nil {
		log.Warn("demo logins are not shown", "err", err)
	}
	return logins
}

// floor is the exchange as desks see it.
type floor struct{ ex *exchange.Exchange }

const askTime = 3 * time.Second

func (f floor) Ask(ctx context.Context, ev cti.Event) error {
	err := f.ex.Ask(ctx, ev)
	var refused *exchange.Refusal
	if errors.As(err, &refused) {
		return &desk.Refusal{Code: refused.Code}
	}
	return err
}

func (f floor) View(agent id.AgentID) (cti.AgentView, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	v, ok, err := f.ex.View(ctx, agent)
	return v, ok && err == nil
}

func (f floor) Overview() cti.Overview {
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	o, err := f.ex.Overview(ctx)
	if err != nil {
		return cti.Overview{}
	}
	return o
}

// pauser is the exchange as the API sees it.
type pauser struct{ ex *exchange.Exchange }

func (p pauser) PauseRecording(ctx context.Context, leg id.LegID, on bool, by string) ([]recording.Pause, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	pauses, err := p.ex.PauseRecording(ctx, leg, on, by)
	var problem *gateway.Problem
	switch {
	case err == nil:
		return pauses, nil
	case errors.As(err, &problem) && (problem.Code == gateway.NoLeg || problem.Code == gateway.NotRecorded || problem.Code == gateway.NotStored):
		return nil, &web.PauseRefusal{Code: problem.Code}
	default:
		return nil, errors.Join(&web.PauseRefusal{Code: "no_media"}, err)
	}
}

// deskHub is the hub as the exchange sees it. Supervisors' overviews and settings are fed by the web server itself.
type deskHub struct{ hub *desk.Hub }

func (d deskHub) Tell(agent id.AgentID, v cti.AgentView) { d.hub.Tell(agent, v) }

func (d deskHub) Pop(agent id.AgentID, p exchange.Pop, since time.Time) {
	d.hub.Pop(agent, desk.Pop{Call: p.Call, Customers: p.Customers, At: since, Data: p.Data})
}
func (d deskHub) ClearPop(agent id.AgentID) { d.hub.ClearPop(agent) }
func (d deskHub) Health(history bool)       { d.hub.Health(map[string]bool{"history": history}) }

// speech is the sound store as the exchange sees it.
type speech struct{ store *speak.Store }

func (s speech) Media(ctx context.Context, phrases []ivr.Phrase) ([]string, error) {
	paths, err := s.store.Paths(ctx, spoken(phrases))
	if err != nil {
		return nil, err
	}
	for i, p := range paths {
		paths[i] = "sound:" + p
	}
	return paths, nil
}

func spoken(phrases []ivr.Phrase) []speak.Phrase {
	out := make([]speak.Phrase, len(phrases))
	for i, p := range phrases {
		out[i] = speak.Phrase{Lang: string(p.Lang), Text: p.Text}
	}
	return out
}
