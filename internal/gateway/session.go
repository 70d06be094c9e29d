package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"hash/fnv"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

const (
	pingEvery    = 5 * time.Second
	silentFor    = 15 * time.Second // then the other side is gone
	writeWithin  = 5 * time.Second
	offerWithin  = 5 * time.Second
	offerLanes   = 4
	laneBacklog  = 256
	frameBacklog = 4096
)

var (
	errSlow   = errors.New("the controller does not read")
	errClosed = errors.New("the controller went away")
)

// session is one controller's websocket.
type session struct {
	server *Server
	log    *slog.Logger
	ws     *websocket.Conn
	out    chan []byte
	cancel context.CancelCauseFunc
}

// authorized compares hashes, so that time tells nothing of the token, not even its length.
func (s *Server) authorized(r *http.Request) bool {
	shown, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	a, b := sha256.Sum256([]byte(shown)), sha256.Sum256([]byte(s.cfg.Token))
	return ok && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// control serves GET /control.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	if !s.authorized(r) {
		s.m.denied.Inc()
		s.log.Warn("control: refused, the token is wrong", "remote", r.RemoteAddr)
		http.Error(w, "the token is wrong", http.StatusUnauthorized)
		return
	}
	// A browser has no business here: whatever sends an Origin is refused by the upgrader's default.
	up := websocket.Upgrader{HandshakeTimeout: writeWithin}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		s.log.Warn("control: upgrade", "remote", r.RemoteAddr, "error", err)
		return
	}
	ctx, cancel := context.WithCancelCause(s.ctx)
	ses := &session{server: s, log: s.log.With("controller", r.RemoteAddr), ws: ws, out: make(chan []byte, frameBacklog), cancel: cancel}
	s.sessions.Add(1)
	defer s.sessions.Done()
	ses.run(ctx)
}

func (ses *session) run(ctx context.Context) {
	s := ses.server
	s.join(ses)
	ses.log.Info("controller connected")
	group, ctx := errgroup.WithContext(ctx)
	// Lane 0 is for legs; an agent's offers and drops keep to one of the others, since answering an offer takes time.
	lanes := make([]chan request, 1+offerLanes)
	for i := range lanes {
		lanes[i] = make(chan request, laneBacklog)
		group.Go(func() error { return ses.work(ctx, lanes[i]) })
	}
	group.Go(func() error { return ses.write(ctx) })
	group.Go(func() error { return ses.read(ctx, lanes) })
	group.Go(func() error { // a reader is only freed by closing its socket
		<-ctx.Done()
		return errors.Join(context.Cause(ctx), ses.ws.Close())
	})
	err := group.Wait()
	ses.cancel(err)
	s.leave(ses)
	ses.log.Info("controller disconnected", "reason", err)
}

func (ses *session) read(ctx context.Context, lanes []chan request) error {
	ses.ws.SetReadLimit(maxFrame)
	alive := func(string) error { return ses.ws.SetReadDeadline(time.Now().Add(silentFor)) }
	ses.ws.SetPongHandler(alive)
	for {
		if err := alive(""); err != nil {
			return err
		}
		_, data, err := ses.ws.ReadMessage()
		if err != nil {
			return errors.Join(errClosed, err)
		}
		req, problem := parseRequest(data)
		if problem != nil {
			ses.log.Warn("control: bad request", "problem", problem)
			ses.send(frame{Re: req.ID, Problem: problem})
			continue
		}
		lane := 0
		if req.Do == doOffer || req.Do == doDrop {
			h := fnv.New32a()
			h.Write([]byte(req.Agent))
			lane = 1 + int(h.Sum32()%offerLanes)
		}
		select {
		case lanes[lane] <- req:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (ses *session) write(ctx context.Context) error {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		kind, data := websocket.TextMessage, []byte(nil)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case data = <-ses.out:
		case <-ping.C:
			kind = websocket.PingMessage
		}
		if err := ses.ws.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
			return err
		}
		if err := ses.ws.WriteMessage(kind, data); err != nil {
			return err
		}
	}
}

func (ses *session) work(ctx context.Context, lane chan request) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case req := <-lane:
			reply, err := ses.server.perform(ctx, req)
			reply.Re = req.ID
			if err != nil {
				var p *Problem
				if !errors.As(err, &p) {
					p = &Problem{Code: Internal, Detail: err.Error()}
				}
				reply.Problem = p
				ses.log.Warn("control: refused", "do", req.Do, "agent", req.Agent, "leg", req.Leg, "problem", p)
			}
			ses.send(reply)
		}
	}
}

func (s *Server) perform(ctx context.Context, r request) (frame, error) {
	switch r.Do {
	case doOpen:
		addr, err := s.openLeg(*r.Spec)
		return frame{RTP: addr}, err
	case doPeer:
		l := s.leg(r.Leg, r.Part)
		if l == nil {
			return frame{}, noLeg(r)
		}
		if p := l.setPeer(netip.MustParseAddrPort(r.Addr)); p != nil { // parseRequest has checked it
			return frame{}, p
		}
		return frame{}, nil
	case doHold:
		l := s.leg(r.Leg, r.Part)
		if l == nil {
			return frame{}, noLeg(r)
		}
		l.hold(r.Held)
		return frame{}, nil
	case doPause:
		pauses, err := s.pauseLeg(r.Leg, r.On, r.By, r.Cause)
		return frame{Pauses: pauses}, err
	case doClose:
		s.closeLeg(r.Leg, r.Part, "")
		return frame{}, nil
	case doOffer:
		ctx, cancel := context.WithTimeout(ctx, offerWithin)
		defer cancel()
		sdp, err := s.offer(ctx, r.Agent, r.SDP)
		return frame{SDP: sdp}, err
	case doDrop:
		s.drop(r.Agent)
		return frame{}, nil
	}
	return frame{}, &Problem{Code: BadRequest, Detail: r.Do}
}

func noLeg(r request) *Problem {
	return &Problem{Code: NoLeg, Detail: "leg " + r.Leg.Channel(r.Part) + " does not exist"}
}

// health serves GET /healthz.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	s.mu.Lock()
	legs := len(s.legs)
	s.mu.Unlock()
	if err := json.NewEncoder(w).Encode(map[string]any{"ok": true, "legs": legs}); err != nil {
		s.log.Debug("answer /healthz", "error", err)
	}
}
