package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"hotline/campaign"
	"hotline/cti/id"
	"hotline/customer"
	"hotline/internal/notify"
	"hotline/internal/site"
	"hotline/internal/speak"
	"hotline/ivr"
	"hotline/ivr/flowstore"
	"hotline/ivr/survey"
	"hotline/qa"
	"hotline/qa/review"
	"hotline/qa/trial"
	"hotline/recording"
	"hotline/recording/keep"
	"hotline/report"
	"hotline/surveylink"
	"hotline/task"
	"hotline/web/desk"
)

// Deps is what the server is put together from. All is needed unless it says otherwise.
type Deps struct {
	Config    Config
	Log       *slog.Logger
	DB        *pgxpool.Pool
	Hub       *desk.Hub
	Floor     desk.Floor
	Media     desk.Media
	Pauses    Pauser
	Customers *customer.Store
	// Recordings has the waveforms of recordings, Vault their files.
	Recordings *recording.Store
	Quality    *qa.Store
	Trials     TrialRunner
	Vault      *recording.Vault
	// Keep holds recordings and throws them away.
	Keep     *keep.Store
	Site     *site.Store
	Messages *notify.Store
	Outbox   Outbox
	// Mailbox says that messages can be read on a page instead of being sent.
	Mailbox bool
	// Channels by which messages can be sent; none: no links are.
	Channels []notify.Channel
	Registry *prometheus.Registry
	// Choose makes one of several customers the call's customer, as a desk asks for; see desk.Visit.
	Choose func(ctx context.Context, agent id.AgentID, call id.CallID, customer int64) error
	Flows  *flowstore.Store
	// Services are those that flows may ask; nil is not checked.
	Services []string
	Outbound Outbound
	// Live has the flows that callers are led through now; may be nil.
	Live func() []*ivr.Flow
	// Sounds are those that callers hear, and Uploads the recordings among them that somebody has uploaded.
	Sounds  *speak.Store
	Uploads *flowstore.Recordings
	// Speak makes the sound of a phrase, so that no caller has to wait for it; it returns at once. May be nil.
	Speak  func(ivr.Phrase)
	Checks []Check     // for /readyz
	Demo   []DemoLogin // shown on the sign-in page; empty outside a demonstration
	UI     fs.FS       // the built app; empty or nil: a page that says how to build it
	Name   string      // of the firm, on the sign-in page
	// Version of the program.
	Version string
	// TimeZone is what screens show times in, and what a day of a statistic is; empty means Asia/Taipei.
	TimeZone string
	Now      func() time.Time // nil means time.Now
}

// Check is one condition of /readyz.
type Check struct {
	Name string
	// Ready returns nil, or why not. It has a second.
	Ready func(ctx context.Context) error
}

// Server is the HTTP side of Hotline. It is an http.Handler by itself; Run listens and feeds the desks.
type Server struct {
	Deps
	log       *slog.Logger
	now       func() time.Time
	zone      *time.Location
	auth      *auth
	logins    *logins
	access    *accessLog
	review    *review.Store
	trials    *trial.Store
	tasks     *task.Store
	reports   *report.Store
	campaigns *campaign.Store
	links     *surveylink.Store
	// Visits of the pages that links lead to: by address, by token, and of unknown tokens by address.
	linkVisits, linkTokens, linkGuesses *limiter
	linkDefs                            *lru.Cache[string, *survey.Survey]
	// playbacks has a key for each session and recording that was played lately.
	playbacks *limiter
	denials   *limiter // as refused uses it
	feed      *feed
	routes    []registered
	api       huma.API
	handler   http.Handler
	metrics   []netip.Prefix
	proxies   []netip.Prefix
}

// registered is a route as the rights test walks them.
type registered struct {
	method, path string
	right        Right
}

// New puts the server together. It does not listen yet.
func New(d Deps) (*Server, error) {
	s := &Server{Deps: d, log: d.Log, now: d.Now, metrics: prefixes(d.Config.MetricsFrom), proxies: prefixes(d.Config.TrustedProxies)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.TimeZone == "" {
		s.TimeZone = "Asia/Taipei"
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("load the time zone %s: %w", s.TimeZone, err)
	}
	s.zone = zone
	if len(s.metrics) == 0 {
		s.metrics = prefixes([]string{"127.0.0.0/8", "::1/128"})
	}
	s.auth = newAuth(d.DB, s.now)
	s.logins = newLogins(s.now, d.Registry)
	s.access = newAccessLog(d.DB, s.log)
	s.review = review.NewStore(d.DB)
	s.trials = trial.NewStore(d.DB)
	s.tasks = task.NewStore(d.DB)
	s.reports = report.NewStore(d.DB)
	s.campaigns = campaign.NewStore(d.DB)
	s.links = surveylink.NewStore(d.DB)
	s.linkVisits, s.linkTokens = newLimiter(s.now, linkBurst, linkEvery), newLimiter(s.now, tokenBurst, tokenEvery)
	s.linkGuesses = newLimiter(s.now, guessBurst, guessEvery)
	if s.linkDefs, err = lru.New[string, *survey.Survey](linkSurveys); err != nil {
		return nil, fmt.Errorf("make room for surveys: %w", err)
	}
	s.playbacks = newLimiter(s.now, 1, playbackTime)
	s.denials = newLimiter(s.now, 1, time.Minute)
	s.feed = newFeed(s)

	mux := http.NewServeMux()
	config := huma.DefaultConfig("Hotline", "1")
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = prefix+"/openapi", "", ""
	config.CreateHooks = nil // No $schema fields in answers.
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"session": {Type: "apiKey", In: "cookie", Name: cookieName(d.Config)}}
	s.api = humago.New(mux, config)
	s.api.UseMiddleware(s.admitHuma)
	s.register(mux)
	s.registerPlain(mux)
	s.handler = s.outer(mux)
	return s, nil
}

// prefix of the API's routes.
const prefix = "/api/v1"

// register adds all resources of the API.
func (s *Server) register(mux *http.ServeMux) {
	s.registerMeta()
	s.registerSession()
	s.registerDesk(mux)
	s.registerDirectory()
	s.registerCalls()
	s.registerRecordings()
	s.registerComments()
	s.registerTranscripts()
	s.registerSearch()
	s.registerAlarms()
	s.registerPauses()
	s.registerQuality()
	s.registerReview()
	s.registerAgreement()
	s.registerScorecards()
	s.registerRules()
	s.registerTrials()
	s.registerTrends()
	s.registerLift()
	s.registerDictionary()
	s.registerKeep()
	s.registerSurveys()
	s.registerFollowUps()
	s.registerSurveyRules()
	s.registerTasks()
	s.registerCampaigns()
	s.registerMessages()
	s.registerCustomers()
	s.registerFloor()
	s.registerUsers()
	s.registerTeams()
	s.registerQueues()
	s.registerLines()
	s.registerFlows()
	s.registerHours()
	s.registerRehearsals()
	s.registerPhrases()
	s.registerPaths()
	s.registerCodes()
	s.registerAccessLog()
}

// OpenAPI returns the description of the API, as /api/v1/openapi.json serves it.
func (s *Server) OpenAPI() *huma.OpenAPI { return s.api.OpenAPI() }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Run listens until ctx ends, then closes the desks and gives running requests five seconds.
func (s *Server) Run(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Config.addr())
	if err != nil {
		return fmt.Errorf("listen for browsers on %s: %w", s.Config.addr(), err)
	}
	return s.Serve(ctx, listener)
}

// Serve is Run on a listener that is open already.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: s, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		// No WriteTimeout: an hour's recording on a slow line is written for as long as it is read.
	}
	if s.Config.CertFile != "" {
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: newCertificate(s.Config.CertFile, s.Config.KeyFile).get}
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.feed.run(ctx) })
	group.Go(func() error { return s.access.run(ctx) })
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve browsers: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		s.Hub.Close()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(grace); err != nil {
			// Whoever still reads a recording reads it again.
			return errors.Join(server.Close())
		}
		return nil
	})
	return group.Wait()
}
