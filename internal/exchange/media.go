package exchange

import (
	"context"
	"time"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/internal/gateway"
	"hotline/recording"
)

// mediaGrace is how long the control connection to the gateway may be away before the agents' sound counts as lost: a
// socket that breaks is back at once, and talk never goes through it.
const mediaGrace = 1500 * time.Millisecond

// OnGateway takes the gateway's events, in order; it never blocks.
func (x *Exchange) OnGateway(ev gateway.Event) {
	x.inbox.put(item{do: func() { x.fromGateway(ev) }, late: true})
}

// fromGateway runs on the loop's goroutine.
func (x *Exchange) fromGateway(ev gateway.Event) {
	switch ev := ev.(type) {
	case gateway.Connected:
		x.gatewayGen++
		x.alaw.Store(ev.Snapshot.Codec == "pcma")
		x.gatewayConnected(ev.Snapshot)
	case gateway.Disconnected:
		x.gatewayGen++
		gen := x.gatewayGen
		x.Log.Warn("media gateway lost", "err", ev.Err)
		time.AfterFunc(mediaGrace, func() {
			x.inbox.put(item{do: func() {
				if x.gatewayGen == gen {
					x.allSoundLost()
				}
			}})
		})
	case gateway.AgentUp:
		x.sound(ev.Agent, true)
	case gateway.AgentDown:
		x.sound(ev.Agent, false)
	case gateway.LegPaused:
		x.paused(ev.Leg, ev.Pauses)
	case gateway.LegClosed:
		x.Log.Warn("gateway closed a leg by itself", "leg", ev.Leg, "part", ev.Part, "reason", ev.Reason)
	}
}

// allSoundLost: nobody is heard while the gateway is away. What it carried is told by its next snapshot.
func (x *Exchange) allSoundLost() {
	for agent := range x.sounds {
		x.sound(agent, false)
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

// gatewayConnected tells the Floor what the gateway has: who lost the sound meanwhile, which legs are open there, and who
// is heard.
func (x *Exchange) gatewayConnected(s gateway.Snapshot) {
	here := map[id.AgentID]bool{}
	for _, a := range s.Agents {
		here[a] = true
	}
	for agent := range x.sounds {
		if !here[agent] {
			x.sound(agent, false)
		}
	}
	var found cti.LegsFound
	at := map[id.LegID]int{}
	for _, l := range s.Legs {
		i, ok := at[l.Leg]
		if !ok {
			i = len(found.Legs)
			at[l.Leg] = i
			found.Legs = append(found.Legs, cti.FoundLeg{Leg: l.Leg, Agent: l.Agent})
		}
		found.Legs[i].Open = append(found.Legs[i].Open, l.Part)
		x.paused(l.Leg, l.Pauses) // those of the time in which nobody listened among them
	}
	x.apply(found)
	for _, agent := range s.Agents {
		x.sound(agent, true)
	}
}

// paused journals pauses of a leg's recording as the gateway tells them.
func (x *Exchange) paused(leg id.LegID, pauses []recording.Pause) {
	if len(pauses) > 0 {
		x.journal.add(kindPause, now(), pauseRow{Leg: leg, Pauses: pauses}, nil)
	}
}

// PauseRecording begins or ends a pause of the recording of a live leg, and returns the leg's pauses so far when the
// gateway has it on its disk.
func (x *Exchange) PauseRecording(ctx context.Context, leg id.LegID, on bool, by string) ([]recording.Pause, error) {
	return x.Gateway.PauseLeg(ctx, leg, on, by, recording.CauseAPI)
}

// known says whether the Floor has heard from Asterisk which calls there are. What desks and the gateway say waits until
// then.
func (x *Exchange) known() bool {
	select {
	case <-x.ready:
		return true
	default:
		return false
	}
}
