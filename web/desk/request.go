package desk

import (
	"sync/atomic"
	"unicode/utf8"

	"hotline/cti"
	"hotline/cti/id"
)

// request is a frame from a browser.
type request struct {
	ID       uint64 `json:"id"`
	Do       string `json:"do"`
	Leg      string `json:"leg"`
	Call     string `json:"call"`
	Reason   string `json:"reason"`
	Code     string `json:"code"`
	Note     string `json:"note"`
	State    string `json:"state"`
	Customer int64  `json:"customer"`
}

// noteLimit is how many characters a wrap-up's note may have.
const noteLimit = 4000

// lastReq numbers requests within the process; see Floor.Ask.
var lastReq atomic.Uint64

// event is the fact that the request makes.
func (r request) event(agent id.AgentID) (cti.Event, *problem) {
	req, leg := lastReq.Add(1), id.LegID(r.Leg)
	switch r.Do {
	case "answer", "decline", "hang_up", "hold", "resume", "to_survey":
		if _, _, ok := leg.Split(); !ok {
			return nil, &problem{"bad_request", "No leg", r.Do + " needs the leg"}
		}
	case "dispose":
		if r.Call == "" || r.Code == "" || utf8.RuneCountInString(r.Note) > noteLimit {
			return nil, &problem{"bad_request", "No disposition", "dispose needs call and code, and a note of at most 4000 characters"}
		}
	}
	switch r.Do {
	case "ready":
		return cti.AgentReady{Agent: agent, Req: req}, nil
	case "not_ready":
		return cti.AgentNotReady{Agent: agent, Reason: r.Reason, Req: req}, nil
	case "answer":
		return cti.AgentAnswered{Agent: agent, Leg: leg, Req: req}, nil
	case "decline":
		return cti.AgentDeclined{Agent: agent, Leg: leg, Req: req}, nil
	case "hang_up":
		return cti.AgentHungUp{Agent: agent, Leg: leg, Req: req}, nil
	case "hold":
		return cti.AgentHeld{Agent: agent, Leg: leg, Req: req}, nil
	case "resume":
		return cti.AgentResumed{Agent: agent, Leg: leg, Req: req}, nil
	case "to_survey":
		return cti.AgentToSurvey{Agent: agent, Leg: leg, Req: req}, nil
	case "dispose":
		return cti.AgentDisposed{Agent: agent, Call: id.CallID(r.Call), Code: r.Code, Note: r.Note, Req: req}, nil
	case "next_state":
		return r.nextState(agent, req)
	case "sign_out":
		return cti.AgentSignedOut{Agent: agent, Req: req}, nil
	default:
		return nil, &problem{"unknown_command", "No such command", ""}
	}
}

func (r request) nextState(agent id.AgentID, req uint64) (cti.Event, *problem) {
	switch state := cti.AgentState(r.State); state {
	case "", cti.AgentStateReady, cti.AgentStateNotReady:
		return cti.AgentNextState{Agent: agent, State: state, Reason: r.Reason, Req: req}, nil
	default:
		return nil, &problem{"bad_request", "No such state", "next_state takes ready, not_ready or an empty state"}
	}
}

// SignOut is the event of an agent who ended the session without the desk's own request.
func SignOut(agent id.AgentID) cti.Event {
	return cti.AgentSignedOut{Agent: agent, Req: lastReq.Add(1)}
}
