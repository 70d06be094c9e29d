package desk

import (
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"hotline/cti"
	"hotline/cti/id"
)

// Options are what a Hub is made with.
type Options struct {
	Log      *slog.Logger
	Registry prometheus.Registerer // nil: not measured
	// Popped is told of every customer shown to an agent, for the access log. It must not block. May be nil.
	Popped func(agent id.AgentID, call id.CallID, customers []int64)
}

// Hub passes what the floor says on to the browsers. Its methods may be called from anywhere and don't block.
type Hub struct {
	log     *slog.Logger
	popped  func(id.AgentID, id.CallID, []int64)
	metrics metrics
	epoch   string
	up      websocket.Upgrader

	mu       sync.Mutex
	seq      uint64
	closed   bool
	streams  map[id.AgentID]*stream
	watchers map[*conn]struct{}
	askers   map[*conn]struct{} // desks that wait for the answer to take_over
	config   *message
	health   *message
	floors   map[string]*message // by reach
	serving  sync.WaitGroup
}

// NewHub makes a Hub without any connection.
func NewHub(o Options) *Hub {
	h := &Hub{
		log: o.Log, popped: o.Popped, metrics: newMetrics(o.Registry), epoch: rand.Text(), seq: 1, // 0 would mean no number.
		streams: map[id.AgentID]*stream{}, watchers: map[*conn]struct{}{}, askers: map[*conn]struct{}{}, floors: map[string]*message{},
		// The Origin is checked by the caller of Serve, who knows the site's public address.
		up: websocket.Upgrader{ReadBufferSize: 2048, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{}, HandshakeTimeout: writeWait},
	}
	h.up.CheckOrigin = allowCheckedOrigin
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	return h
}

// Tell gives the agent's desk the agent's new view.
func (h *Hub) Tell(agent id.AgentID, view cti.AgentView) {
	data, ok := h.encodeData(typeAgent, view)
	if !ok {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.stream(agent)
	h.seq++
	s.say(encode(h.seq, typeAgent, data))
	if view.State == cti.AgentStateSignedOut && s.cur == nil {
		delete(h.streams, agent) // Customers' data is kept no longer than somebody may come back for it.
	}
}

// Pop gives the agent's desk the customer of the agent's call.
func (h *Hub) Pop(agent id.AgentID, p Pop) {
	data, ok := h.encodeData(typePop, p.Data)
	if !ok {
		return
	}
	h.mu.Lock()
	s := h.stream(agent)
	h.seq++
	m := encode(h.seq, typePop, data)
	m.since = p.At
	s.say(m)
	h.mu.Unlock()
	if h.popped != nil && len(p.Customers) > 0 {
		h.popped(agent, p.Call, p.Customers)
	}
}

// ClearPop takes the customer off the agent's screen.
func (h *Hub) ClearPop(agent id.AgentID) { h.Pop(agent, Pop{}) }

// Floor gives everybody of that reach who watches the floor its newest overview. The caller limits how often.
func (h *Hub) Floor(reach string, overview any) {
	data, ok := h.encodeData(typeFloor, overview)
	if !ok {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	m := encode(h.seq, typeFloor, data)
	h.floors[reach] = m
	for c := range h.watchers {
		if c.visit.Reach == reach {
			c.push(m)
		}
	}
}

// Watched returns the reaches somebody watches the floor with.
func (h *Hub) Watched() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var reaches []string
	for c := range h.watchers {
		if !slices.Contains(reaches, c.visit.Reach) {
			reaches = append(reaches, c.visit.Reach)
		}
	}
	return reaches
}

// Config gives everybody the settings that pages show: queues, reasons, dispositions.
func (h *Hub) Config(config any) { h.broadcast(typeConfig, config, &h.config) }

// Health tells everybody what is not working just now.
func (h *Hub) Health(health any) { h.broadcast(typeHealth, health, &h.health) }

func (h *Hub) broadcast(kind string, v any, newest **message) {
	data, ok := h.encodeData(kind, v)
	if !ok {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	m := encode(h.seq, kind, data)
	*newest = m
	for _, s := range h.streams {
		if s.cur != nil {
			s.cur.push(m)
		}
	}
	for c := range h.watchers {
		c.push(m)
	}
}

// Holds says whether the agent's desk is open in that client, whose sound it therefore is.
func (h *Hub) Holds(agent id.AgentID, client string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.streams[agent]
	return s != nil && s.cur != nil && s.cur.visit.Client == client
}

// Has says whether the agent's desk is open in that session.
func (h *Hub) Has(agent id.AgentID, session string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.streams[agent]
	return s != nil && s.cur != nil && s.cur.visit.Session == session
}

// EndSession closes the connections of a session that is over.
func (h *Hub) EndSession(session string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.connections() {
		if c.visit.Session == session {
			c.finish(closeSignedOut, "signed out", nil)
		}
	}
}

// Expel closes all connections of somebody whose sessions are over.
func (h *Hub) Expel(agent id.AgentID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.connections() {
		if c.visit.Agent == agent {
			c.finish(closeSignedOut, "signed out", nil)
		}
	}
}

// Close tells every browser that the server stops, and waits until all connections are gone. No new ones are taken.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	for c := range h.connections() {
		c.finish(websocket.CloseGoingAway, "server stops", nil)
	}
	h.mu.Unlock()
	h.serving.Wait()
}

// connections yields every open connection. The caller holds mu.
func (h *Hub) connections() map[*conn]struct{} {
	all := map[*conn]struct{}{}
	for c := range h.watchers {
		all[c] = struct{}{}
	}
	for c := range h.askers {
		all[c] = struct{}{}
	}
	for _, s := range h.streams {
		if s.cur != nil {
			all[s.cur] = struct{}{}
		}
	}
	return all
}

// stream returns the agent's stream, which is made when missing. The caller holds mu.
func (h *Hub) stream(agent id.AgentID) *stream {
	s := h.streams[agent]
	if s == nil {
		// Whatever was said before is unknown, so nobody can resume from before this moment.
		s = &stream{newest: map[string]*message{}, forgotten: h.seq}
		h.streams[agent] = s
	}
	return s
}

func (h *Hub) encodeData(kind string, v any) (json.RawMessage, bool) {
	data, err := json.Marshal(v)
	if err != nil {
		h.log.Error("encode a message for desks", "type", kind, "error", err)
		return nil, false
	}
	return data, true
}

// snapshot is every state that concerns the connection. The caller holds mu.
func (h *Hub) snapshot(c *conn, overflow bool) *message {
	d := snapshotData{Epoch: h.epoch, Overflow: overflow, Config: raw(h.config), Health: raw(h.health)}
	if c.visit.Watch {
		d.Floor = raw(h.floors[c.visit.Reach])
	} else {
		s := h.stream(c.visit.Agent)
		d.Agent, d.Pop = raw(s.newest[typeAgent]), raw(s.newest[typePop])
		if d.Agent == nil {
			d.Agent = c.firstView
		}
	}
	data, ok := h.encodeData(typeSnapshot, d)
	if !ok {
		data = json.RawMessage("{}")
	}
	return encode(h.seq, typeSnapshot, data)
}

// missed returns what the visitor has not seen, oldest first. ok is false when some of it is forgotten. The caller
// holds mu.
func (h *Hub) missed(v Visit) (missed []*message, ok bool) {
	if v.Epoch != h.epoch || v.Since > h.seq {
		return nil, false
	}
	newest := []*message{h.config, h.health}
	if v.Watch {
		newest = append(newest, h.floors[v.Reach])
	} else {
		s := h.stream(v.Agent)
		if v.Since < s.forgotten {
			return nil, false
		}
		newest = append(newest, s.ring...)
	}
	for _, m := range newest {
		if m != nil && m.seq > v.Since {
			missed = append(missed, m)
		}
	}
	slices.SortFunc(missed, func(a, b *message) int {
		if a.seq < b.seq {
			return -1
		}
		return 1
	})
	return missed, true
}

func raw(m *message) json.RawMessage {
	if m == nil {
		return nil
	}
	return m.data
}

// The ring of an agent's stream holds so much.
const (
	ringMessages = 64
	ringBytes    = 64 << 10
)

// stream is what is said to one agent. Guarded by Hub.mu, but for presence.
type stream struct {
	newest    map[string]*message // by type
	ring      []*message          // oldest first
	bytes     int                 // of the ring's frames
	forgotten uint64              // the newest number that is no longer in the ring
	cur       *conn               // the agent's desk

	presence presence
}

// presence is what the Floor was told of the desk.
type presence struct {
	mu   sync.Mutex // held while the Floor is asked
	told bool
}

func (s *stream) say(m *message) {
	s.newest[m.kind] = m
	s.ring = append(s.ring, m)
	s.bytes += len(m.frame)
	drop := 0
	for len(s.ring)-drop > ringMessages || s.bytes > ringBytes && len(s.ring)-drop > 1 {
		s.bytes -= len(s.ring[drop].frame)
		s.forgotten = s.ring[drop].seq
		drop++
	}
	s.ring = slices.Delete(s.ring, 0, drop)
	if s.cur != nil {
		s.cur.push(m)
	}
}

// metrics are the Hub's figures.
type metrics struct {
	connections *prometheus.GaugeVec
	overflows   prometheus.Counter
	pop         prometheus.Histogram
}

func newMetrics(r prometheus.Registerer) metrics {
	m := metrics{
		connections: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "hotline_desk_connections", Help: "Open desk websockets."}, []string{"as"}),
		overflows:   prometheus.NewCounter(prometheus.CounterOpts{Name: "hotline_desk_overflows_total", Help: "Backlogs dropped because a browser read too slowly."}),
		pop: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hotline_pop_written_seconds", Help: "From the call event to the customer's data written to the agent's websocket.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}),
	}
	if r != nil {
		r.MustRegister(m.connections, m.overflows, m.pop)
	}
	return m
}

func (m metrics) written(msg *message, now time.Time) {
	if !msg.since.IsZero() {
		m.pop.Observe(now.Sub(msg.since).Seconds())
	}
}
