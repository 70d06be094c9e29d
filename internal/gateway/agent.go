package gateway

import (
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"hotline/cti/id"
)

// agent is somebody who signed in, or who has a leg.
type agent struct {
	id    id.AgentID
	hub   *hub
	gone  func(*agent)  // called without locks when a connection has ended
	limit time.Duration // of a pause, see Config

	mu      sync.Mutex
	conn    *connection // the one that is, or was last, connected
	pending *connection // the newest offer's, until it is connected
	up      bool        // as told to the controller
	legs    []*leg      // by age; the last is heard
	offers  int         // being answered
}

// idle needs a.mu.
func (a *agent) idle() bool {
	return a.conn == nil && a.pending == nil && len(a.legs) == 0 && a.offers == 0
}

func (a *agent) toBrowser(l *leg, p *rtp.Packet, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conn == nil || len(a.legs) == 0 || a.legs[len(a.legs)-1] != l {
		return
	}
	a.conn.send(l, p, now)
}

func (a *agent) fromBrowser(c *connection, p *rtp.Packet, now time.Time) {
	a.mu.Lock()
	var l *leg
	if a.conn == c && len(a.legs) > 0 {
		l = a.legs[len(a.legs)-1]
	}
	a.mu.Unlock()
	if l != nil {
		l.fromBrowser(c, p, now)
	}
}

// offered puts a connection in waiting. What waited before is given up.
func (a *agent) offered(c *connection) {
	a.mu.Lock()
	old := a.pending
	a.pending = c
	a.mu.Unlock()
	if old != nil {
		old.close()
	}
}

// changed is called after a connection's state has changed, in any order: what counts is the state it has now.
func (a *agent) changed(c *connection) {
	state := c.pc.ConnectionState()
	dead := state == webrtc.PeerConnectionStateFailed || state == webrtc.PeerConnectionStateClosed
	var old *connection
	a.mu.Lock()
	switch {
	case c == a.pending && state == webrtc.PeerConnectionStateConnected:
		old, a.conn, a.pending = a.conn, c, nil
		a.show(time.Now())
	case c == a.pending && dead:
		a.pending = nil
	case c == a.conn && dead:
		a.conn = nil
	}
	a.tell()
	a.mu.Unlock()
	if old != nil {
		old.close()
	}
	if dead {
		c.close()
		a.gone(a)
	}
}

// tell needs a.mu.
func (a *agent) tell() {
	up := a.conn != nil && a.conn.pc.ConnectionState() == webrtc.PeerConnectionStateConnected
	if up != a.up {
		a.up = up
		a.hub.agent(a.id, up)
	}
}

// drop ends the agent's connections.
func (a *agent) drop() {
	a.mu.Lock()
	old := []*connection{a.conn, a.pending}
	a.conn, a.pending = nil, nil
	a.tell()
	a.mu.Unlock()
	for _, c := range old {
		if c != nil {
			c.close()
		}
	}
}
