package aritest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// world is what exists in the server. Everything of it needs the server's mu.
type world struct {
	channels  map[string]*channel
	bridges   map[string]*bridge
	playbacks map[string]*playback
	globals   map[string]string
	events    []Message // that follow from the request at hand
}

type channel struct {
	Caller
	state   string
	created time.Time
	vars    map[string]string
	media   bool // an externalMedia one
	left    bool // it has left the application
	music   bool // music on hold is on, though a playback may be heard
}

type bridge struct {
	id, name string
	members  []string
}

type playback struct {
	id, channel, media string
	timer              *time.Timer
}

func newWorld() world {
	return world{
		channels: map[string]*channel{}, bridges: map[string]*bridge{}, playbacks: map[string]*playback{},
		globals: map[string]string{},
	}
}

// Caller is a telephone that calls.
type Caller struct {
	ID           string // of its channel
	Number, Name string
	Dialed       string
	Args         []string // of Stasis()
}

func (c *channel) json() Message {
	tech := "PJSIP/trunk-"
	if c.media {
		tech = "UnicastRTP/"
	}
	return Message{
		"id": c.ID, "name": tech + c.ID, "state": c.state, "protocol_id": "", "accountcode": "", "language": "en",
		"caller": Message{"name": c.Name, "number": c.Number}, "connected": Message{"name": "", "number": ""},
		"creationtime": stamp(c.created),
		"dialplan": Message{
			"context": "lines", "exten": c.Dialed, "priority": 2,
			"app_name": "Stasis", "app_data": strings.Join(append([]string{App}, c.Args...), ","),
		},
	}
}

func (b *bridge) json() Message {
	return Message{
		"id": b.id, "name": b.name, "technology": "simple_bridge", "bridge_type": "mixing", "bridge_class": "stasis",
		"creator": "Stasis", "channels": slices.Clone(append([]string{}, b.members...)),
	}
}

func (p *playback) json(state string) Message {
	return Message{"id": p.id, "media_uri": p.media, "target_uri": "channel:" + p.channel, "language": "en", "state": state}
}

func (w *world) emit(m Message) { w.events = append(w.events, m) }

// Arrive lets a call enter the application. Without a connected client its StasisStart is lost, as everywhere here.
func (s *Server) Arrive(c Caller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(&channel{Caller: c, state: "Ring"})
	s.flush()
}

// enter needs s.mu.
func (s *Server) enter(c *channel) {
	c.created, c.vars = time.Now(), map[string]string{}
	s.world.channels[c.ID] = c
	args := append([]string{}, c.Args...)
	s.world.emit(Message{"type": "StasisStart", "args": args, "channel": c.json()})
}

// flush needs s.mu.
func (s *Server) flush() {
	for _, m := range s.world.events {
		s.send(m)
	}
	s.world.events = nil
}

// Digit presses a key of a channel's telephone.
func (s *Server) Digit(channel, digit string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.world.channels[channel]
	if c == nil {
		s.tb.Errorf("aritest: a digit on %s, which does not exist", channel)
		return
	}
	s.send(Message{"type": "ChannelDtmfReceived", "digit": digit, "duration_ms": 100, "channel": c.json()})
}

// HangUp lets the far end of a channel hang up.
func (s *Server) HangUp(channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.world.channels[channel]; c != nil {
		s.world.emit(Message{"type": "ChannelHangupRequest", "cause": 16, "channel": c.json()})
		s.end(c)
		s.flush()
	}
}

// end needs s.mu.
func (s *Server) end(c *channel) {
	w := &s.world
	for _, p := range w.playingOn(c.ID) {
		w.finish(p, "done")
	}
	for _, b := range w.bridges {
		w.leave(b, c.ID)
	}
	delete(w.channels, c.ID)
	if !c.left {
		w.emit(Message{"type": "StasisEnd", "channel": c.json()})
	}
	w.emit(Message{"type": "ChannelDestroyed", "cause": 16, "cause_txt": "Normal Clearing", "channel": c.json()})
}

func (w *world) leave(b *bridge, channel string) {
	i := slices.Index(b.members, channel)
	if i < 0 {
		return
	}
	b.members = slices.Delete(b.members, i, i+1)
	if c := w.channels[channel]; c != nil {
		w.emit(Message{"type": "ChannelLeftBridge", "bridge": b.json(), "channel": c.json()})
	}
}

// playingOn returns a channel's playbacks in the order of their ids.
func (w *world) playingOn(channel string) []*playback {
	var out []*playback
	for _, p := range w.playbacks {
		if p.channel == channel {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *playback) int { return strings.Compare(a.id, b.id) })
	return out
}

func (w *world) finish(p *playback, state string) {
	if p.timer != nil {
		p.timer.Stop()
	}
	delete(w.playbacks, p.id)
	w.emit(Message{"type": "PlaybackFinished", "playback": p.json(state)})
}

// PlayLasts lets every playback from now on end by itself after so long. 0: when the test or the client ends it.
func (s *Server) PlayLasts(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lasts = d
}

// FinishPlayback lets a playback come to its end, or fail.
func (s *Server) FinishPlayback(id string, failed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.world.playbacks[id]
	if p == nil {
		return
	}
	state := "done"
	if failed {
		state = "failed"
	}
	s.world.finish(p, state)
	s.flush()
}

// Playing returns the ids of a channel's playbacks.
func (s *Server) Playing(channel string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, p := range s.world.playingOn(channel) {
		out = append(out, p.id)
	}
	return out
}

// Music tells whether a channel hears music on hold.
func (s *Server) Music(channel string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.world.channels[channel]
	return c != nil && c.music
}

// Channels returns the ids of what exists, sorted.
func (s *Server) Channels() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for id := range s.world.channels {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// Members returns the channels of a bridge; ok tells whether the bridge exists.
func (s *Server) Members(bridge string) (members []string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.world.bridges[bridge]
	if b == nil {
		return nil, false
	}
	return slices.Clone(b.members), true
}

// Var returns a variable of a channel; for what Client.SetState wrote its name is SHARED(HOTLINE).
func (s *Server) Var(channel, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.world.channels[channel]; c != nil {
		return c.vars[name]
	}
	return ""
}

// Global returns a global variable.
func (s *Server) Global(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.globals[name]
}

// SetVar sets a variable of a channel.
func (s *Server) SetVar(channel, name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.world.channels[channel]; c != nil {
		c.vars[name] = value
	}
}

func refused(status int, message string) (int, any) { return status, Message{"message": message} }

// answer needs s.mu. It carries out one request the way Asterisk does.
func (s *Server) answer(req Request) (int, any) {
	part := strings.Split(req.Path, "/")
	what := req.Method + " " + part[0]
	id, verb := "", ""
	if len(part) > 1 {
		id = part[1]
	}
	if len(part) > 2 {
		verb = part[2]
	}
	switch {
	case what == "GET applications":
		return s.application()
	case what == "POST asterisk":
		return s.setGlobal(req)
	case req.Path == "channels/externalMedia" && req.Method == http.MethodPost:
		return s.externalMedia(req)
	case part[0] == "channels" && id == "":
		list := []Message{}
		for _, c := range s.world.channels {
			list = append(list, c.json())
		}
		return http.StatusOK, list
	case part[0] == "channels":
		return s.onChannel(req, id, verb, strings.Join(part[min(3, len(part)):], "/"))
	case part[0] == "playbacks":
		return s.onPlayback(req, id)
	case part[0] == "bridges" && id == "":
		list := []Message{}
		for _, b := range s.world.bridges {
			list = append(list, b.json())
		}
		return http.StatusOK, list
	case part[0] == "bridges":
		return s.onBridge(req, id, verb)
	}
	return refused(http.StatusNotFound, "Resource not found")
}
