package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"hotline/campaign"
	"hotline/cti"
	"hotline/cti/id"
	"hotline/customer"
	deployed "hotline/deploy/asterisk"
	"hotline/internal/asterisk"
	"hotline/internal/dialler"
	"hotline/internal/exchange"
	"hotline/internal/gateway"
	"hotline/internal/jobs"
	"hotline/internal/notify"
	"hotline/internal/pg"
	"hotline/internal/services"
	"hotline/internal/site"
	"hotline/internal/speak"
	"hotline/ivr"
	"hotline/ivr/flowstore"
	"hotline/ivr/voices"
	"hotline/qa"
	"hotline/recording"
	"hotline/recording/ledger"
	"hotline/report"
	"hotline/task"
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
	s, log, err := load(c.Config, "postgres", "web", "asterisk", "gateway", "recordings", "evidence", "speak", "floor", "services", "outbound", "notify")
	if err != nil {
		return err
	}
	set, err := loadFlows(s.Flows, s.Services.Names())
	if err != nil {
		return err
	}
	pool, err := pg.Open(ctx, s.Postgres)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := os.MkdirAll(s.State, 0o700); err != nil {
		return fmt.Errorf("make the state folder: %w", err)
	}
	versions := flowstore.NewStore(pool)
	shelf := flowstore.OpenShelf(ctx, versions, filepath.Join(s.State, "flows.json"), set, log)
	if err := checkSite(ctx, pool, shelf.Set()); err != nil {
		return err
	}
	uploads := flowstore.NewRecordings(versions, speak.Key)
	sounds, err := speak.Open(s.Speak, []speak.Pack{uploads, voices.Pack()}, log)
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
	customers, settings := customer.NewStore(pool), site.NewStore(pool, func() []string { return lineFlows(shelf.Set()) })
	inserter, err := jobs.NewInserter(pool)
	if err != nil {
		return err
	}
	inserter.Links = linksOf(s)
	catalogue := recording.NewStore(pool, s.Recordings.Dir)
	vault, err := s.Recordings.vault(catalogue)
	if err != nil {
		return err
	}
	outside, err := services.New(s.Services, pool, registry)
	if err != nil {
		return err
	}
	var server *web.Server
	hub := desk.NewHub(desk.Options{Log: log, Registry: registry, Popped: func(agent id.AgentID, call id.CallID, customers []int64) {
		server.Popped(agent, call, customers)
	}})
	noticed, changed := make(chan struct{}, 1), make(chan struct{}, 1)
	said, asked := make(chan struct{}, 1), make(chan struct{}, 1) // prompts are spoken, and surveys noted, when others are live
	dial := dialler.New(dialler.Deps{
		Config: s.Outbound, Store: campaign.NewStore(pool), Asterisk: ari, Opening: opening(settings),
		Asks:   func(survey string) bool { return shelf.Set().Surveys[survey] != nil },
		Enters: enters(s.Outbound), Log: log, Metrics: registry,
	})
	ex, err := exchange.New(exchange.Deps{
		Outbound: dial,
		Asterisk: ari, Callers: directory{customers}, Speech: speech{sounds}, Desk: deskHub{hub},
		Store: exchange.NewStore(pool, inserter), Changed: changed, SpoolDir: filepath.Join(s.State, "journal"),
		Site:    func(ctx context.Context) (exchange.Site, error) { return readSite(ctx, settings, shelf, s.Floor) },
		Errands: errands{outside, task.NewStore(pool)}, Outside: s.Outbound.Outgoing,
		Dialled: deployed.DialledForms, Flows: sortedFlows(shelf.Set()), Surveys: sortedSurveys(shelf.Set()), Past: pastOf(shelf), Log: log, Metrics: registry,
	})
	if err != nil {
		return err
	}
	media := gateway.NewClient(s.Gateway, log, ex.OnGateway)
	ex.Gateway = media
	server, err = web.New(web.Deps{
		Config: s.Web, Log: log, DB: pool, Hub: hub, Floor: floor{ex}, Media: media, Pauses: pauser{ex}, Customers: customers,
		Recordings: catalogue, Vault: vault, Keep: keeper(pool, s, vault), Quality: quality, Trials: inserter, Outbox: inserter, Messages: notify.NewStore(pool), Mailbox: s.Notify.Mailbox(), Site: settings, Registry: registry, Services: s.Services.Names(),
		Choose: chooser(ex, customers), Flows: versions, Sounds: sounds, Uploads: uploads, Outbound: outboundOf(s.Outbound, shelf),
		Live: func() []*ivr.Flow { return sortedFlows(shelf.Set()) }, Speak: speaks(ctx, sounds, log),
		Checks: checks(pool, ari, media, ex), Demo: demoLogins(s, log), Channels: s.Notify.Channels(), UI: ui.Files(), Name: s.Name, Version: version,
	})
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return ari.Run(ctx) })
	g.Go(func() error { return media.Run(ctx) })
	g.Go(func() error { return ex.Run(ctx) })
	g.Go(func() error { return server.Run(ctx) })
	g.Go(func() error { return dialWhenReady(ctx, ex.Ready(), dial) })
	g.Go(func() error { return settings.Watch(ctx, log, noticed) })
	g.Go(func() error { return tellChanges(ctx, noticed, server, log, changed, said, asked) })
	g.Go(func() error { return know(ctx, pool, shelf, asked, log) })
	g.Go(func() error { return prepare(ctx, sounds, uploads, shelf, said, log) })
	return g.Wait()
}

// know notes what the surveys ask, at the start and whenever others are live. A controller starts without its database too, so
// it is tried until it is done.
func know(ctx context.Context, pool *pgxpool.Pool, shelf *flowstore.Shelf, changed <-chan struct{}, log *slog.Logger) error {
	for pause := time.Second; ; {
		set, err := shelf.Load(ctx)
		if err == nil {
			err = report.Know(ctx, pool, sortedSurveys(set))
		}
		var again <-chan time.Time
		if err != nil && ctx.Err() == nil {
			log.Warn("low answers make no tasks, and results do not name what the surveys ask, until that is noted", "err", err)
			again = time.After(pause)
			pause = min(2*pause, time.Minute)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-again:
		}
	}
}

// tellChanges passes each notice of changed settings on, and to the desks.
func tellChanges(ctx context.Context, noticed <-chan struct{}, server *web.Server, log *slog.Logger, others ...chan<- struct{}) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-noticed:
		}
		for _, other := range others {
			select {
			case other <- struct{}{}:
			default: // one reading covers both
			}
		}
		if err := server.ConfigChanged(ctx); err != nil {
			log.Error("tell the desks of changed settings", "err", err)
		}
	}
}

// readSite is what the Floor must know of the settings.
func readSite(ctx context.Context, settings *site.Store, shelf *flowstore.Shelf, whole floorConfig) (exchange.Site, error) {
	s, err := settings.Load(ctx)
	if err != nil {
		return exchange.Site{}, err
	}
	set, err := shelf.Load(ctx)
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
	media := make([]string, len(phrases))
	for i, p := range phrases {
		path, err := s.sound(ctx, p)
		if err != nil {
			return nil, err
		}
		media[i] = "sound:" + path
	}
	return media, nil
}

func (s speech) sound(ctx context.Context, p ivr.Phrase) (string, error) {
	if p == ivr.Tone {
		return s.store.Tone(), nil
	}
	return s.store.Path(ctx, speak.Phrase{Lang: string(p.Lang), Text: p.Text})
}

func spoken(phrases []ivr.Phrase) []speak.Phrase {
	out := make([]speak.Phrase, len(phrases))
	for i, p := range phrases {
		out[i] = speak.Phrase{Lang: string(p.Lang), Text: p.Text}
	}
	return out
}
