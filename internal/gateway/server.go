package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"hotline/cti/id"
	"hotline/recording"
)

// storeWithin is how long an ending gateway waits for its recordings to reach the disk.
const storeWithin = 5 * time.Second

type legKey struct {
	leg  id.LegID
	part int
}

// Server is the media gateway.
type Server struct {
	cfg      Config
	log      *slog.Logger
	m        *metrics
	hub      *hub
	engine   *engine
	ports    *ports
	peers    []netip.Prefix
	codec    uint8
	listener net.Listener
	ctx      context.Context // ends sessions; Run's, cancelled when it returns
	stop     context.CancelFunc
	sessions sync.WaitGroup
	writers  sync.WaitGroup

	mu      sync.Mutex
	agents  map[id.AgentID]*agent
	legs    map[legKey]*leg
	pausing map[id.LegID]*pausing // of the recorded legs
	alone   time.Time             // since when no controller is connected; zero while one is
}

// Run is a media gateway from start to end.
func Run(ctx context.Context, cfg Config, log *slog.Logger) error {
	s, err := New(cfg, log)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// New binds the control address and the ports for browsers. Run must follow.
func New(cfg Config, log *slog.Logger) (*Server, error) {
	if faults := cfg.Check(); len(faults) > 0 {
		return nil, fmt.Errorf("media gateway: %s", strings.Join(faults, "; "))
	}
	peers, err := cfg.peers()
	if err != nil {
		return nil, fmt.Errorf("media gateway: %w", err)
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make recordings folder: %w", err)
	}
	m := newMetrics()
	s := &Server{
		cfg: cfg, log: log, m: m, hub: newHub(m), peers: peers, codec: recording.PCMU,
		ports:  newPorts(netip.MustParseAddr(cfg.MediaIP), cfg.PortMin, cfg.PortMax), // Check has parsed it
		agents: map[id.AgentID]*agent{}, legs: map[legKey]*leg{}, pausing: map[id.LegID]*pausing{}, alone: time.Now(),
	}
	if cfg.Codec == "pcma" {
		s.codec = recording.PCMA
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if s.engine, err = newEngine(cfg, pionLogs{log}); err != nil {
		return nil, fmt.Errorf("media gateway: %w", err)
	}
	if s.listener, err = net.Listen("tcp", cfg.Listen); err != nil {
		return nil, errors.Join(fmt.Errorf("media gateway: listen for controllers: %w", err), s.engine.close())
	}
	return s, nil
}

// Addr is the address of the control API.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Run serves until ctx ends, and then closes every leg, so that recordings are whole.
func (s *Server) Run(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /control", s.control)
	mux.HandleFunc("GET /healthz", s.health)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.m.registry, promhttp.HandlerOpts{}))
	web := &http.Server{Handler: mux, ReadHeaderTimeout: writeWithin, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	s.log.Info("media gateway is ready", "control", s.Addr(), "ice_udp", s.cfg.ICEUDP, "ice_tcp", s.cfg.ICETCP)

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := web.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve controllers: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		s.pace(ctx)
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		s.stop() // sessions are hijacked: the HTTP server does not know them
		s.sessions.Wait()
		return web.Close()
	})
	err := group.Wait()
	return errors.Join(err, s.end())
}

func (s *Server) end() error {
	s.mu.Lock()
	var keys []legKey
	for k := range s.legs {
		keys = append(keys, k)
	}
	var agents []id.AgentID
	for a := range s.agents {
		agents = append(agents, a)
	}
	s.mu.Unlock()
	for _, k := range keys {
		s.closeLeg(k.leg, k.part, "")
	}
	for _, a := range agents {
		s.drop(a)
	}
	err := s.engine.close()
	stored := make(chan struct{})
	go func() { s.writers.Wait(); close(stored) }()
	select {
	case <-stored:
	case <-time.After(storeWithin):
		err = errors.Join(err, errors.New("media gateway: the disk did not take all recordings in time"))
	}
	return err
}

// pace keeps callers' streams going, and looks for legs that nobody wants.
func (s *Server) pace(ctx context.Context) {
	tick := time.NewTicker(ptime)
	defer tick.Stop()
	var looked time.Time
	var legs []*leg
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		s.mu.Lock()
		legs = legs[:0]
		for _, l := range s.legs {
			legs = append(legs, l)
		}
		deserted := !s.alone.IsZero() && now.Sub(s.alone) > s.cfg.Orphan
		s.mu.Unlock()
		for _, l := range legs {
			l.pace(now)
		}
		if now.Sub(looked) >= time.Second {
			looked = now
			s.closeOrphans(legs, deserted, now)
			s.askAgents(legs, now)
		}
	}
}

func (s *Server) closeOrphans(legs []*leg, deserted bool, now time.Time) {
	for _, l := range legs {
		l.mu.Lock()
		unfed := now.Sub(l.heard) > s.cfg.Orphan
		l.mu.Unlock()
		if deserted && unfed {
			s.m.orphans.Inc()
			l.log.Warn("leg closed: no controller came and Asterisk sends nothing")
			s.closeLeg(l.spec.Leg, l.spec.Part, "nobody controlled and nobody fed it")
		}
	}
}

func (s *Server) join(ses *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	states := []LegState{}
	for _, l := range s.legs {
		states = append(states, l.state())
	}
	s.alone = time.Time{}
	s.hub.join(ses, s.cfg.Codec, states)
}

func (s *Server) leave(ses *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hub.leave(ses) == 0 {
		s.alone = time.Now()
	}
}

func (s *Server) leg(leg id.LegID, part int) *leg {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.legs[legKey{leg, part}]
}

// agent needs s.mu.
func (s *Server) agent(who id.AgentID) *agent {
	a := s.agents[who]
	if a == nil {
		a = &agent{id: who, hub: s.hub, gone: s.gone, limit: s.cfg.PauseLimit}
		s.agents[who] = a
	}
	return a
}

func (s *Server) gone(a *agent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(a)
}

// forget drops agents that nothing is left of. It needs s.mu.
func (s *Server) forget(a *agent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.idle() && s.agents[a.id] == a {
		delete(s.agents, a.id)
	}
}

func (s *Server) openLeg(spec LegSpec) (rtpAddr string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := legKey{spec.Leg, spec.Part}
	if l := s.legs[key]; l != nil {
		if l.spec.Agent != spec.Agent {
			return "", &Problem{Code: BadRequest, Detail: "leg " + spec.Leg.Channel(spec.Part) + " is another agent's"}
		}
		return l.sock.LocalAddr().String(), nil
	}
	sock, err := s.ports.open()
	if err != nil {
		return "", &Problem{Code: NoPort, Detail: err.Error()}
	}
	a := s.agent(spec.Agent)
	l := &leg{
		spec: spec, m: s.m, sock: sock, peers: s.peers, codec: s.codec, agent: a, stopped: make(chan struct{}),
		log: s.log.With("call", spec.Call, "leg", spec.Leg, "part", spec.Part, "agent", spec.Agent),
		out: newStream(), heard: time.Now(),
	}
	if spec.Record {
		s.record(l)
	}
	s.legs[key] = l
	s.m.legs.Set(float64(len(s.legs)))
	a.mu.Lock()
	a.legs = append(a.legs, l)
	a.mu.Unlock()
	go l.read()
	a.showRecording()
	l.log.Info("leg opened", "rtp", sock.LocalAddr().String(), "record", spec.Record)
	return sock.LocalAddr().String(), nil
}

// closeLeg frees the leg's port at once. reason is told to controllers when it was not one of them who wanted it.
func (s *Server) closeLeg(leg id.LegID, part int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.legs[legKey{leg, part}]
	if l == nil {
		return
	}
	delete(s.legs, legKey{leg, part})
	s.m.legs.Set(float64(len(s.legs)))
	a := l.agent
	a.mu.Lock()
	for i := range a.legs {
		if a.legs[i] == l {
			a.legs = append(a.legs[:i:i], a.legs[i+1:]...)
			break
		}
	}
	a.mu.Unlock()
	l.close()
	s.untrack(l)
	a.showRecording()
	s.forget(a)
	if reason != "" {
		s.hub.legClosed(leg, part, reason)
	}
	l.log.Info("leg closed")
}

func (s *Server) offer(ctx context.Context, who id.AgentID, sdp string) (string, error) {
	s.mu.Lock()
	a := s.agent(who)
	a.mu.Lock()
	a.offers++
	a.mu.Unlock()
	s.mu.Unlock()
	answer, err := s.engine.answer(ctx, a, sdp, s.log, s.m, s.channel)
	a.mu.Lock()
	a.offers--
	a.mu.Unlock()
	s.gone(a)
	return answer, err
}

func (s *Server) drop(who id.AgentID) {
	s.mu.Lock()
	a := s.agents[who]
	s.mu.Unlock()
	if a != nil {
		a.drop()
		s.gone(a)
	}
}
