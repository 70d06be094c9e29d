package gateway

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"hotline/cti/id"
	"hotline/recording"
)

// maxFrame bounds a control frame, in bytes. The largest is a snapshot of a few thousand agents.
const maxFrame = 256 << 10

// maxSDP bounds an offer, in bytes. Chromium's for one audio track has about 4 KB.
const maxSDP = 64 << 10

// LegSpec says what a leg's part is for.
type LegSpec struct {
	Call   id.CallID  `json:"call"`
	Leg    id.LegID   `json:"leg"`
	Part   int        `json:"part"` // from 1
	Agent  id.AgentID `json:"agent"`
	Record bool       `json:"record"`
	Epoch  time.Time  `json:"epoch"` // zero of the call's clock, the same for all parts
}

// LegState is a running leg.
type LegState struct {
	LegSpec
	RTP    string            `json:"rtp"` // where Asterisk sends to
	Held   bool              `json:"held"`
	Pauses []recording.Pause `json:"pauses,omitempty"` // of the leg's recording, over all its parts
}

// Snapshot is all that the gateway holds.
type Snapshot struct {
	Codec  string       `json:"codec"`  // pcmu or pcma
	Agents []id.AgentID `json:"agents"` // whose browsers are connected now
	Legs   []LegState   `json:"legs"`
}

// Event is what a Client tells the controller.
type Event interface{ event() }

// Connected comes first on every connection. The snapshot replaces all that was known: an agent that is not in it is
// down, and a leg that is not in it is gone.
type Connected struct{ Snapshot Snapshot }

// Disconnected says that the gateway cannot be reached now. What it carries goes on, unless it died.
type Disconnected struct{ Err error }

// AgentUp says that sound can go to and from the agent's browser.
type AgentUp struct{ Agent id.AgentID }

// AgentDown says that it cannot any more.
type AgentDown struct{ Agent id.AgentID }

// LegClosed says that the gateway closed a leg by itself.
type LegClosed struct {
	Leg    id.LegID
	Part   int
	Reason string
}

// LegPaused says that a pause of a leg's recording began or ended, whoever wanted it. It may come again.
type LegPaused struct {
	Leg    id.LegID
	Agent  id.AgentID
	Pauses []recording.Pause // those that changed
}

func (LegPaused) event()    {}
func (Connected) event()    {}
func (Disconnected) event() {}
func (AgentUp) event()      {}
func (AgentDown) event()    {}
func (LegClosed) event()    {}

// Codes of a Problem.
const (
	BadRequest  = "bad_request"  // it is not as the protocol says
	BadSDP      = "bad_sdp"      // the browser's offer cannot be answered
	NoPort      = "no_port"      // every RTP port is taken
	NoLeg       = "no_leg"       // the leg does not exist
	NotRecorded = "not_recorded" // there is nothing to pause
	NotStored   = "not_stored"   // the pause is held, but the disk did not take it: it would not outlast the gateway
	Internal    = "internal"
)

// Problem is why the gateway refused a request.
type Problem struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string { return "media gateway: " + p.Code + ": " + p.Detail }

// request is a frame to the gateway.
type request struct {
	ID    uint64          `json:"id"`
	Do    string          `json:"do"`
	Spec  *LegSpec        `json:"spec,omitempty"`
	Leg   id.LegID        `json:"leg,omitempty"`
	Part  int             `json:"part,omitempty"`
	Held  bool            `json:"held,omitempty"`
	On    bool            `json:"on,omitempty"`
	By    string          `json:"by,omitempty"`
	Cause recording.Cause `json:"cause,omitempty"`
	Addr  string          `json:"addr,omitempty"`
	Agent id.AgentID      `json:"agent,omitempty"`
	SDP   string          `json:"sdp,omitempty"`
}

const (
	doOpen  = "open_leg"
	doPeer  = "peer_leg"
	doHold  = "hold_leg"
	doClose = "close_leg"
	doPause = "pause_leg"
	doOffer = "offer"
	doDrop  = "drop"
)

// frame is one from the gateway: a reply when Re is not 0, else an event.
type frame struct {
	Re       uint64            `json:"re,omitempty"`
	RTP      string            `json:"rtp,omitempty"`
	SDP      string            `json:"sdp,omitempty"`
	Problem  *Problem          `json:"problem,omitempty"`
	Event    string            `json:"event,omitempty"`
	Agent    id.AgentID        `json:"agent,omitempty"`
	Leg      id.LegID          `json:"leg,omitempty"`
	Part     int               `json:"part,omitempty"`
	Reason   string            `json:"reason,omitempty"`
	Pauses   []recording.Pause `json:"pauses,omitempty"`
	Snapshot *Snapshot         `json:"snapshot,omitempty"`
}

const (
	evSnapshot  = "snapshot"
	evAgentUp   = "agent_up"
	evAgentDown = "agent_down"
	evLegClosed = "leg_closed"
	evPause     = "pause"
)

// parseRequest reads a frame and checks all that can be checked without knowing what exists. The request's ID is right
// even when there is an error, if it could be read at all.
func parseRequest(data []byte) (request, *Problem) {
	var r request
	bad := func(format string, args ...any) (request, *Problem) {
		return r, &Problem{Code: BadRequest, Detail: fmt.Sprintf(format, args...)}
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return bad("not a request: %v", err)
	}
	if r.ID == 0 {
		return bad("a request needs an id above 0")
	}
	switch r.Do {
	case doOpen:
		switch s := r.Spec; {
		case s == nil:
			return bad("spec is missing")
		case !recording.Recordable(s.Leg) || s.Leg.Call() != s.Call:
			return bad("leg %q of call %q cannot be", s.Leg, s.Call)
		case s.Part < 1 || s.Part > maxPart:
			return bad("part %d is not within 1 to %d", s.Part, maxPart)
		case s.Agent != "" && !validAgent(s.Agent): // a voice message is nobody's
			return bad("agent %q cannot be", s.Agent)
		}
	case doPeer, doHold, doClose:
		if !recording.Recordable(r.Leg) || r.Part < 1 {
			return bad("leg %q part %d cannot be", r.Leg, r.Part)
		}
		if _, err := netip.ParseAddrPort(r.Addr); r.Do == doPeer && err != nil {
			return bad("addr %q is no IP address with a port", r.Addr)
		}
	case doPause:
		switch {
		case !recording.Recordable(r.Leg):
			return bad("leg %q cannot be", r.Leg)
		case r.By == "" || len(r.By) > maxBy:
			return bad("by has 1 to %d bytes", maxBy)
		case r.Cause != recording.CauseAgent && r.Cause != recording.CauseAPI && r.Cause != recording.CauseFlow:
			return bad("cause %q is none of agent, api and flow", r.Cause)
		}
	case doOffer, doDrop:
		if !validAgent(r.Agent) {
			return bad("agent %q cannot be", r.Agent)
		}
		if r.Do == doOffer && (r.SDP == "" || len(r.SDP) > maxSDP) {
			return bad("an offer has 1 to %d bytes", maxSDP)
		}
	default:
		return bad("%q is not known", r.Do)
	}
	return r, nil
}

// maxPart bounds how often a leg's media is made again.
const maxPart = 1000

// maxBy bounds the name of who pauses.
const maxBy = 80

func validAgent(a id.AgentID) bool { return a != "" && len(a) <= 64 }
