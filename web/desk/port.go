package desk

import (
	"context"
	"time"

	"hotline/cti"
	"hotline/cti/id"
)

// Floor is what the desk needs of the exchange.
type Floor interface {
	// Ask steps an event that an agent made, and returns when it has been granted. A *Refusal says why not. An event
	// with a Req gets one that no other request of this process has.
	Ask(ctx context.Context, ev cti.Event) error
	// View returns the agent's view. ok is false for somebody the floor doesn't know.
	View(agent id.AgentID) (view cti.AgentView, ok bool)
	// Overview returns the whole floor at this moment.
	Overview() cti.Overview
}

// Media is what the desk needs of the sound gateway.
type Media interface {
	// Offer answers a browser's SDP offer; the agent's older connection, if any, is replaced.
	Offer(ctx context.Context, agent id.AgentID, sdp string) (answer string, err error)
	// Drop ends the agent's connection for sound.
	Drop(ctx context.Context, agent id.AgentID) error
}

// Refusal is the Floor's no to a request.
type Refusal struct{ Code cti.RefusalCode }

func (r *Refusal) Error() string { return "refused: " + string(r.Code) }

// Pop is the customer of a call, for an agent's screen.
type Pop struct {
	Call      id.CallID
	Customers []int64   // whose data Data shows, for the access log
	At        time.Time // of the event that led to the pop; zero isn't measured
	Data      any       // what the browser gets, as JSON
}

// Visit says who opens a connection, and what the connection may do.
type Visit struct {
	Agent   id.AgentID
	Watch   bool   // watches the floor; otherwise it is the agent's desk
	Reach   string // of a watcher: which overviews it gets, see Hub.Floor
	Client  string // made by the page; the same client replaces itself without a question
	Session string // EndSession closes all connections of a session
	Address string // shown to another desk in the question of the take-over

	// Epoch and Since are what a page that was connected before has seen.
	Epoch string
	Since uint64

	Floor Floor
	// Choose makes one of several customers the call's customer. Nil refuses.
	Choose func(ctx context.Context, agent id.AgentID, call id.CallID, customer int64) error
	// Alive is asked once a minute; false ends the connection, since the session is over.
	Alive func(ctx context.Context) bool
}
