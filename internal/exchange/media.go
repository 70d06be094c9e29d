package exchange

import (
	"context"
	"time"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/internal/gateway"
)

// mediaGrace is how long the control connection to the gateway may be away before the agents' sound counts as lost: a
// socket that breaks is back at once, and talk never goes through it.
const mediaGrace = 1500 * time.Millisecond

// OnGateway takes the gateway's events, in order; it never blocks.
func (x *Exchange) OnGateway(ev gateway.Event) {
	x.inbox.put(item{do: func() { x.fromGateway(ev) }})
}

// fromGateway runs on the loop's goroutine.
func (x *Exchange) fromGateway(ev gateway.Event) {
	switch ev := ev.(type) {
	case gateway.Connected:
		x.gatewayGen++
		x.gatewayConnected(ev.Snapshot)
	case gateway.Disconnected:
		x.gatewayGen++
		gen := x.gatewayGen
		x.Log.Warn("media gateway lost", "err", ev.Err)
		time.AfterFunc(mediaGrace, func() {
			x.inbox.put(item{do: func() {
				if x.gatewayGen == gen {
					x.gatewayConnected(gateway.Snapshot{})
				}
			}})
		})
	case gateway.AgentUp:
		x.sound(ev.Agent, true)
	case gateway.AgentDown:
		x.sound(ev.Agent, false)
	case gateway.LegClosed:
		x.Log.Warn("gateway closed a leg by itself", "leg", ev.Leg, "part", ev.Part, "reason", ev.Reason)
	}
}

// sound says whether an agent's browser and the gateway hear one another.
func (x *Exchange) sound(agent id.AgentID, up bool) {
	if x.sounds[agent] == up {
		return
	}
	if up {
		x.sounds[agent] = true
		x.apply(cti.MediaConnected{Agent: agent})
		return
	}
	delete(x.sounds, agent)
	x.apply(cti.MediaLost{Agent: agent})
}

// gatewayConnected compares what the gateway has with what the Floor believes. An agent whose leg the gateway lost (it
// was killed) loses the sound for a moment, which makes the Floor give the leg a new part.
func (x *Exchange) gatewayConnected(s gateway.Snapshot) {
	here := map[id.AgentID]bool{}
	for _, a := range s.Agents {
		here[a] = true
	}
	carried := map[id.LegID]int{}
	for _, l := range s.Legs {
		carried[l.Leg] = max(carried[l.Leg], l.Part)
	}
	for agent := range x.sounds {
		if !here[agent] {
			x.sound(agent, false)
		}
	}
	for leg, part := range x.parts {
		if carried[leg] == part {
			continue
		}
		for agent := range x.sounds {
			if v, ok := x.floor.View(agent); ok && v.Call != nil && v.Call.Leg == leg {
				x.sound(agent, false)
			}
		}
	}
	for _, agent := range s.Agents {
		x.sound(agent, true)
	}
	for _, l := range s.Legs {
		if x.parts[l.Leg] != l.Part && x.known() {
			go x.closeStray(l)
		}
	}
}

// known says whether the Floor has heard from Asterisk which calls there are.
func (x *Exchange) known() bool {
	select {
	case <-x.ready:
		return true
	default:
		return false
	}
}

// closeStray closes a leg at the gateway that no call has any more.
func (x *Exchange) closeStray(l gateway.LegState) {
	ctx, cancel := context.WithTimeout(x.running, requestTime)
	defer cancel()
	if err := x.Gateway.CloseLeg(ctx, l.Leg, l.Part); err != nil {
		x.Log.Warn("close stray leg", "leg", l.Leg, "part", l.Part, "err", err)
	}
}
