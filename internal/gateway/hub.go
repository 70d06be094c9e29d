package gateway

import (
	"encoding/json"
	"slices"
	"sync"

	"hotline/cti/id"
	"hotline/recording"
)

// hub tells every controller what happens.
type hub struct {
	m *metrics

	mu       sync.Mutex
	up       map[id.AgentID]bool
	sessions map[*session]bool
}

func newHub(m *metrics) *hub {
	return &hub{m: m, up: map[id.AgentID]bool{}, sessions: map[*session]bool{}}
}

// join adds a controller and gives it the snapshot, with nothing in between. legs must not change meanwhile.
func (h *hub) join(s *session, codec string, legs []LegState) {
	h.mu.Lock()
	defer h.mu.Unlock()
	snap := Snapshot{Codec: codec, Agents: []id.AgentID{}, Legs: legs}
	for a := range h.up {
		snap.Agents = append(snap.Agents, a)
	}
	slices.Sort(snap.Agents)
	s.send(frame{Event: evSnapshot, Snapshot: &snap})
	h.sessions[s] = true
	h.m.controllers.Set(float64(len(h.sessions)))
}

// leave says how many controllers are left.
func (h *hub) leave(s *session) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sessions, s)
	h.m.controllers.Set(float64(len(h.sessions)))
	return len(h.sessions)
}

func (h *hub) agent(a id.AgentID, up bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	event := evAgentUp
	if up {
		h.up[a] = true
	} else {
		delete(h.up, a)
		event = evAgentDown
	}
	h.m.agents.Set(float64(len(h.up)))
	h.tell(frame{Event: event, Agent: a})
}

func (h *hub) legClosed(leg id.LegID, part int, reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tell(frame{Event: evLegClosed, Leg: leg, Part: part, Reason: reason})
}

func (h *hub) pause(leg id.LegID, agent id.AgentID, pauses []recording.Pause) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tell(frame{Event: evPause, Leg: leg, Agent: agent, Pauses: pauses})
}

// tell needs h.mu.
func (h *hub) tell(f frame) {
	for s := range h.sessions {
		s.send(f)
	}
}

// send queues a frame, and ends the session of a controller that does not read: it gets a snapshot when it comes again.
func (s *session) send(f frame) {
	data, err := json.Marshal(f)
	if err != nil {
		s.log.Error("encode frame", "error", err)
		return
	}
	select {
	case s.out <- data:
	default:
		s.cancel(errSlow)
	}
}
