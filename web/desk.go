package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"hotline/cti"
	"hotline/web/desk"
)

type offerInput struct {
	Body struct {
		Client string `json:"client" minLength:"8" maxLength:"64" doc:"As in the desk's websocket."`
		SDP    string `json:"sdp" minLength:"10" maxLength:"65536" doc:"The whole offer, after candidates were gathered."`
	}
}

// Answer is the gateway's SDP answer.
type Answer struct {
	SDP string `json:"sdp"`
}

// DeskState is what the floor knows of the person's own desk.
type DeskState struct {
	Known bool          `json:"known" doc:"False for somebody who takes no calls."`
	Agent cti.AgentView `json:"agent"`
}

// clientForm is what a page may call itself.
var clientForm = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

func (s *Server) registerDesk(mux *http.ServeMux) {
	route(s, endpoint{method: http.MethodGet, path: "/desk", id: "getDesk", right: RightDesk, summary: "One's own state on the floor"},
		func(_ context.Context, who Who, _ *struct{}) (DeskState, error) {
			view, known := s.Floor.View(who.ID)
			return DeskState{known, view}, nil
		})
	route(s, endpoint{method: http.MethodPost, path: "/desk/media", id: "offerMedia", right: RightDesk, summary: "Connect the desk's sound"}, s.offer)
	// docs/desk-protocol.md describes it; OpenAPI has no words for websockets. What a connection may do depends on
	// what it asks to be, so openDesk checks for that right itself.
	s.routes = append(s.routes, registered{http.MethodGet, prefix + "/desk/ws?as=desk", RightDesk}, registered{http.MethodGet, prefix + "/desk/ws?as=floor", RightFloor})
	mux.HandleFunc("GET "+prefix+"/desk/ws", s.openDesk)
}

func (s *Server) offer(ctx context.Context, who Who, in *offerInput) (Answer, error) {
	if !s.Hub.Holds(who.ID, in.Body.Client) {
		return Answer{}, newProblem(http.StatusConflict, "not_here", "the desk is not open in this client")
	}
	sdp, err := s.Media.Offer(ctx, who.ID, in.Body.SDP)
	if err != nil {
		s.log.WarnContext(ctx, "offer sound to the gateway", "agent", who.ID, "error", err)
		p := newProblem(http.StatusServiceUnavailable, "no_media", "the gateway took no offer; try again")
		p.RetryAfter = 1
		return Answer{}, p
	}
	return Answer{sdp}, nil
}

// openDesk upgrades to the websocket.
func (s *Server) openDesk(w http.ResponseWriter, r *http.Request) {
	visit, err := s.visit(r)
	if err != nil {
		writeProblem(w, s.explain(r.Context(), "openDesk", err))
		return
	}
	s.Hub.Serve(w, r, visit)
}

func (s *Server) visit(r *http.Request) (desk.Visit, error) {
	if !s.sameOrigin(r) {
		return desk.Visit{}, newProblem(http.StatusForbidden, "bad_origin", "comes from another site")
	}
	q := r.URL.Query()
	v := desk.Visit{Client: q.Get("client"), Epoch: q.Get("epoch"), Address: s.address(r), Floor: s.Floor, Choose: s.Choose}
	right := RightDesk
	switch q.Get("as") {
	case "", "desk":
	case "floor":
		right, v.Watch = RightFloor, true
	default:
		return desk.Visit{}, newProblem(http.StatusBadRequest, "bad_request", "as is desk or floor")
	}
	who, err := s.admit(r, right)
	if err != nil {
		return desk.Visit{}, err
	}
	if !clientForm.MatchString(v.Client) {
		return desk.Visit{}, newProblem(http.StatusBadRequest, "bad_request", "client is 8 to 64 letters, digits, - and _")
	}
	if since := q.Get("since"); since != "" {
		if v.Since, err = strconv.ParseUint(since, 10, 64); err != nil {
			return desk.Visit{}, newProblem(http.StatusBadRequest, "bad_request", "since is a number")
		}
	}
	v.Agent, v.Session, v.Reach = who.ID, who.Session, reachOf(who)
	v.Alive = func(ctx context.Context) bool { return s.auth.alive(ctx, who.Session) }
	return v, nil
}

// sameOrigin compares Origin as browsers send it with every websocket; other programs, which send none, have no cookie
// of somebody else to misuse.
func (s *Server) sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || s.Config.PublicURL != "" && strings.EqualFold(origin, strings.TrimSuffix(s.Config.PublicURL, "/")) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}
