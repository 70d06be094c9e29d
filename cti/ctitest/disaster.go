package ctitest

import (
	"maps"
	"slices"
	"time"

	"hotline/cti"
	"hotline/cti/id"
)

// disaster is something that dies and comes back. Its mean time between two is for the whole floor.
type disaster struct {
	name  string
	every time.Duration
	do    func(*simulation)
}

var disasters = []disaster{
	{"connection to Asterisk lost", 5 * time.Minute, (*simulation).loseAsterisk},
	{"controller killed", 10 * time.Minute, (*simulation).killController},
	{"gateway killed", 15 * time.Minute, (*simulation).killGateway},
	{"Asterisk killed", time.Hour, (*simulation).killAsterisk},
	{"browser reloaded", time.Minute, (*simulation).reloadBrowser},
	{"desk lost", time.Minute, (*simulation).loseDesk},
	{"sound lost", time.Minute, (*simulation).loseMedia},
	{"leg dies", 2 * time.Minute, (*simulation).killLeg},
	{"senseless request", 10 * time.Second, (*simulation).meddle},
	{"queues changed", 10 * time.Minute, (*simulation).changeQueues},
}

// planDisasters has each kind strike again and again until then.
func (s *simulation) planDisasters(until time.Duration) {
	for _, d := range disasters {
		var strike func()
		next := func() {
			if at := s.w.at + s.people.exp(d.every); at < until {
				s.w.plan(at, strike)
			}
		}
		strike = func() {
			s.report.Disasters[d.name]++
			d.do(s)
			next()
		}
		next()
	}
}

func (s *simulation) loseAsterisk() {
	s.w.unlink()
	s.w.after(s.people.between(50*time.Millisecond, 8*time.Second), s.w.link)
}

func (s *simulation) killController() {
	if s.w.floor == nil {
		return
	}
	s.w.killController()
	s.w.after(s.people.between(100*time.Millisecond, 5*time.Second), func() {
		s.w.startController()
		for _, a := range s.w.config.Agents {
			s.w.after(s.people.between(0, 3*time.Second), func() { s.openDesk(a) })
		}
	})
}

// openDesk brings back the desk of an agent who had one.
func (s *simulation) openDesk(a id.AgentID) {
	if _, known := s.w.rows[a]; known && !s.w.desks[a] && s.w.floor != nil {
		s.w.desks[a] = true
		s.people.agents[a].seen = false // looks at the desk anew, and asks again for what was lost
		s.w.step(cti.DeskConnected{Agent: a})
	}
}

func (s *simulation) connectMedia(a id.AgentID) {
	if !s.w.media[a] && !s.w.gateway.down {
		s.w.media[a] = true
		s.w.step(cti.MediaConnected{Agent: a})
	}
}

func (s *simulation) disconnectMedia(a id.AgentID) {
	if s.w.media[a] {
		s.w.media[a] = false
		s.w.step(cti.MediaLost{Agent: a})
	}
}

func (s *simulation) killGateway() {
	if s.w.gateway.down {
		return
	}
	s.w.gateway.down = true
	clear(s.w.gateway.parts)
	maps.DeleteFunc(s.w.spoken, func(leg id.LegID, _ bool) bool { return !s.w.messages[leg] }) // a leg that is gone tells nothing
	for _, a := range s.w.config.Agents {
		s.disconnectMedia(a)
	}
	s.w.after(s.people.between(time.Second, 20*time.Second), func() {
		s.w.gateway.down = false
		if s.w.floor != nil {
			s.w.step(s.w.gateway.found())
		}
		for _, a := range s.w.config.Agents {
			s.w.after(s.people.between(0, 5*time.Second), func() { s.connectMedia(a) })
		}
	})
}

func (s *simulation) killAsterisk() {
	s.w.pbx.die()
	s.loseAsterisk()
}

func (s *simulation) anybody() id.AgentID {
	return s.w.config.Agents[s.w.rng.IntN(len(s.w.config.Agents))]
}

func (s *simulation) loseDesk() {
	a := s.anybody()
	if s.w.desks[a] {
		s.w.desks[a] = false
		s.w.step(cti.DeskLost{Agent: a})
		s.w.after(s.people.exp(30*time.Second), func() { s.openDesk(a) })
	}
}

func (s *simulation) loseMedia() {
	a := s.anybody()
	s.disconnectMedia(a)
	s.w.after(s.people.exp(20*time.Second), func() { s.connectMedia(a) })
}

func (s *simulation) reloadBrowser() {
	a := s.anybody()
	if s.w.desks[a] {
		s.w.desks[a] = false
		s.w.step(cti.DeskLost{Agent: a})
	}
	s.disconnectMedia(a)
	s.w.after(s.people.between(time.Second, 5*time.Second), func() {
		s.openDesk(a)
		s.connectMedia(a)
	})
}

// killLeg ends the channel of one agent's leg, as an error in Asterisk does.
func (s *simulation) killLeg() {
	for _, r := range s.w.pbx.snapshot() {
		if len(r.Parts) > 0 && s.people.chance(0.3) {
			s.w.pbx.dropPart(part{r.Parts[0].Leg, r.Parts[0].Part})
			return
		}
	}
}

func (s *simulation) meddle() { s.people.meddle(s.people.agents[s.anybody()]) }

// changeQueues moves an agent out of a queue, or into it.
func (s *simulation) changeQueues() {
	s.w.config.Queues = slices.Clone(s.w.config.Queues)
	q := &s.w.config.Queues[s.w.rng.IntN(2)]
	a := s.anybody()
	q.Members = slices.Clone(q.Members)
	if i := slices.Index(q.Members, a); i >= 0 {
		q.Members = slices.Delete(q.Members, i, i+1)
	} else {
		q.Members = append(q.Members, a)
	}
	s.w.checks.configured()
	s.w.step(s.w.config.Named())
}
