package aritest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Missing in the name of a medium makes its playback fail.
const Missing = "/no/such/"

// What the requests do. All of it needs the server's mu. Status codes and words are those of Asterisk 22's
// res/ari/resource_*.c.

func (s *Server) application() (int, any) {
	channels, bridges := []string{}, []string{}
	for id, c := range s.world.channels {
		if !c.left {
			channels = append(channels, id)
		}
	}
	for id, b := range s.world.bridges {
		if len(b.members) > 0 {
			bridges = append(bridges, id)
		}
	}
	return http.StatusOK, Message{
		"name": App, "channel_ids": channels, "bridge_ids": bridges, "endpoint_ids": []string{}, "device_names": []string{},
	}
}

// setGlobal knows plain names and SHARED(name,channel), which Client.SetState uses.
func (s *Server) setGlobal(req Request) (int, any) {
	inner, ok := strings.CutPrefix(strings.TrimSuffix(req.Query["variable"], ")"), "SHARED(")
	name, id, both := strings.Cut(inner, ",")
	if !ok || !both {
		s.world.globals[req.Query["variable"]] = req.Query["value"]
		return http.StatusNoContent, nil
	}
	if c := s.world.channels[id]; c != nil {
		c.vars["SHARED("+name+")"] = req.Query["value"]
	}
	return http.StatusNoContent, nil
}

func (s *Server) externalMedia(req Request) (int, any) {
	id := req.Query["channelId"]
	if s.world.channels[id] != nil {
		return refused(http.StatusInternalServerError, "An internal error prevented this request from being handled")
	}
	c := &channel{Caller: Caller{ID: id, Args: []string{}}, state: "Up", media: true}
	if data := req.Query["data"]; data != "" {
		c.Args = strings.Split(data, ",")
	}
	s.enter(c)
	for name, value := range req.Vars {
		if v, ok := value.(string); ok {
			c.vars[name] = v
		}
	}
	c.vars["UNICASTRTP_LOCAL_ADDRESS"], c.vars["UNICASTRTP_LOCAL_PORT"] = "127.0.0.1", "10000"
	return http.StatusOK, c.json()
}

func (s *Server) onChannel(req Request, id, verb, rest string) (int, any) {
	c := s.world.channels[id]
	if c == nil {
		return refused(http.StatusNotFound, "Channel not found")
	}
	what := strings.TrimSpace(req.Method + " " + verb)
	switch what {
	case "GET":
		return http.StatusOK, c.json()
	case "DELETE":
		s.end(c)
		return http.StatusNoContent, nil
	case "GET variable":
		name := req.Query["variable"]
		value, ok := c.vars[name]
		switch {
		case !ok && strings.HasSuffix(name, ")"):
			return refused(http.StatusInternalServerError, "Unable to read provided function")
		case !ok:
			return refused(http.StatusNotFound, "Provided variable was not found")
		}
		return http.StatusOK, Message{"value": value}
	}
	if c.left {
		return refused(http.StatusConflict, "Channel not in Stasis application")
	}
	switch what {
	case "POST answer":
		if c.state != "Up" {
			c.state = "Up"
			s.world.emit(Message{"type": "ChannelStateChange", "channel": c.json()})
		}
	case "POST moh":
		c.music = true
	case "DELETE moh":
		c.music = false
	case "POST variable":
		delete(c.vars, req.Query["variable"])
		if value := req.Query["value"]; value != "" {
			c.vars[req.Query["variable"]] = value
		}
	case "POST continue":
		c.left = true
		s.world.emit(Message{"type": "StasisEnd", "channel": c.json()})
	case "POST play":
		return s.play(req, c, rest)
	default:
		return refused(http.StatusNotFound, "Resource not found")
	}
	return http.StatusNoContent, nil
}

func (s *Server) play(req Request, c *channel, id string) (int, any) {
	c.music = false
	p := &playback{id: id, channel: c.ID, media: req.Query["media"]}
	s.world.playbacks[id] = p
	if s.lasts > 0 {
		p.timer = time.AfterFunc(s.lasts, func() { s.FinishPlayback(id, false) })
	}
	s.world.emit(Message{"type": "PlaybackStarted", "playback": p.json("playing")})
	if strings.Contains(p.media, Missing) {
		s.world.finish(p, "failed")
	}
	return http.StatusCreated, p.json("queued")
}

func (s *Server) onPlayback(req Request, id string) (int, any) {
	p := s.world.playbacks[id]
	switch {
	case p == nil:
		return refused(http.StatusNotFound, "Playback not found")
	case req.Method == http.MethodGet:
		return http.StatusOK, p.json("playing")
	case req.Method == http.MethodDelete:
		s.world.finish(p, "done")
		return http.StatusNoContent, nil
	}
	return refused(http.StatusMethodNotAllowed, "Invalid method")
}

func (s *Server) onBridge(req Request, id, verb string) (int, any) {
	w := &s.world
	b := w.bridges[id]
	if req.Method == http.MethodPost && verb == "" {
		if b != nil {
			return refused(http.StatusConflict, "Bridge with id '"+id+"' already exists")
		}
		w.bridges[id] = &bridge{id: id, name: req.Query["name"]}
		return http.StatusOK, w.bridges[id].json()
	}
	if b == nil {
		return refused(http.StatusNotFound, "Bridge not found")
	}
	switch strings.TrimSpace(req.Method + " " + verb) {
	case "GET":
		return http.StatusOK, b.json()
	case "DELETE":
		for _, member := range slices.Clone(b.members) {
			w.leave(b, member)
		}
		delete(w.bridges, id)
		w.emit(Message{"type": "BridgeDestroyed", "bridge": b.json()})
		return http.StatusNoContent, nil
	}
	return s.members(b, verb, strings.Split(req.Query["channel"], ","))
}

func (s *Server) members(b *bridge, verb string, ids []string) (int, any) {
	w := &s.world
	for _, id := range ids {
		switch c := w.channels[id]; {
		case c == nil:
			return refused(http.StatusBadRequest, "Channel not found")
		case c.left:
			return refused(http.StatusUnprocessableEntity, "Channel not in Stasis application")
		case verb == "removeChannel" && !slices.Contains(b.members, id):
			return refused(http.StatusUnprocessableEntity, "Channel not in this bridge")
		}
	}
	for _, id := range ids {
		switch verb {
		case "removeChannel":
			w.leave(b, id)
		case "addChannel":
			for _, other := range w.bridges {
				w.leave(other, id)
			}
			b.members = append(b.members, id)
			w.emit(Message{"type": "ChannelEnteredBridge", "bridge": b.json(), "channel": w.channels[id].json()})
		}
	}
	return http.StatusNoContent, nil
}
