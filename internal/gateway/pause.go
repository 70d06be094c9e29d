package gateway

import (
	"slices"
	"sync"
	"time"

	"hotline/cti/id"
	"hotline/recording"
)

// byGateway is who pauses a leg of which nobody can say that it was not paused.
const byGateway = "gateway"

// pausing holds the pauses of one leg's recording, over all its parts. They are its own: a controller and the agent's
// browser ask for one, and neither is needed to keep it.
type pausing struct {
	dir   string
	leg   id.LegID
	agent id.AgentID

	// op is held by whoever begins or ends a pause, until that is on the disk.
	op sync.Mutex

	mu      sync.Mutex // the last lock of all
	list    []recording.Pause
	unsaved bool // the disk has not taken the newest change
	writers []*recording.Writer
	askAt   time.Time // when the agent is asked whether the pause is still meant
	asked   bool
}

// openPausing finds what is known of the leg's pauses. A leg was not paused when the folder holds what was recorded of it
// before and no pause, since a pause is there before it is confirmed. Of anything else that began elsewhere or cannot be
// read nobody can say so, and it counts as paused until told otherwise: to miss some words can be explained, a card number
// on the disk cannot.
func openPausing(dir string, spec LegSpec) (p *pausing, err error) {
	p = &pausing{dir: dir, leg: spec.Leg, agent: spec.Agent}
	p.list, err = recording.ReadPauses(dir, spec.Leg)
	if err != nil || (len(p.list) == 0 && spec.Part > 1 && !recording.Spooled(dir, spec.Leg)) {
		p.list = append(p.list, recording.Pause{From: stamp(time.Now()), By: byGateway, Cause: recording.CauseUnknown})
		p.unsaved = true
	}
	return p, err
}

// stamp is a time as the database keeps it.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// add lets a part's writer follow. It needs no lock of its caller.
func (p *pausing) add(w *recording.Writer, now time.Time, limit time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writers = append(p.writers, w)
	if p.open() {
		w.Pause(true, now)
		if p.askAt.IsZero() {
			p.askAt = now.Add(limit) // whoever comes back to a talk is not asked at once
		}
	}
}

// remove ends that. It says whether nothing is left that the disk does not know.
func (p *pausing) remove(w *recording.Writer) (done bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writers = slices.DeleteFunc(p.writers, func(o *recording.Writer) bool { return o == w })
	return len(p.writers) == 0 && !p.unsaved
}

// open needs p.mu.
func (p *pausing) open() bool { return len(p.list) > 0 && p.list[len(p.list)-1].Open() }

// set begins or ends a pause and returns when the disk has it. A pause that the disk does not take is held all the same,
// and the error says so. changed is false for what was so already.
func (p *pausing) set(on bool, by string, cause recording.Cause, limit time.Duration) (changed bool, err error) {
	p.op.Lock()
	defer p.op.Unlock()
	now := time.Now()
	p.mu.Lock()
	if p.open() == on {
		unsaved := p.unsaved
		p.mu.Unlock()
		if unsaved {
			return false, p.save() // asked again after the disk had not taken it
		}
		return false, nil
	}
	if on {
		for _, w := range p.writers {
			w.Pause(true, now)
		}
		p.list = append(p.list, recording.Pause{From: p.after(stamp(now)), By: by, Cause: cause})
		p.askAt, p.asked = now.Add(limit), false
	} else {
		p.list[len(p.list)-1].To = p.after(stamp(now))
	}
	p.unsaved = true
	p.mu.Unlock()
	err = p.save()
	if on {
		return true, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil { // a gateway that came again would hold the pause: so does this one
		p.list[len(p.list)-1].To = time.Time{}
		return false, err
	}
	for _, w := range p.writers {
		w.Pause(false, time.Now())
	}
	p.askAt, p.asked = time.Time{}, false
	return true, nil
}

// after keeps the pauses in order though the clock be set back. It needs p.mu.
func (p *pausing) after(t time.Time) time.Time {
	if n := len(p.list); n > 0 {
		if last := p.list[n-1]; last.Open() && t.Before(last.From) {
			return last.From
		} else if !last.Open() && !t.After(last.To) {
			return last.To.Add(time.Microsecond)
		}
	}
	return t
}

// save needs p.op.
func (p *pausing) save() error {
	p.mu.Lock()
	list := slices.Clone(p.list)
	p.mu.Unlock()
	if err := recording.KeepPauses(p.dir, p.leg, list); err != nil {
		return &Problem{Code: NotStored, Detail: err.Error()}
	}
	p.mu.Lock()
	p.unsaved = false
	p.mu.Unlock()
	return nil
}

// settle writes what the disk has not taken yet.
func (p *pausing) settle() error {
	p.op.Lock()
	defer p.op.Unlock()
	p.mu.Lock()
	unsaved := p.unsaved
	p.mu.Unlock()
	if !unsaved {
		return nil
	}
	return p.save()
}

// pauses are all of the leg's so far.
func (p *pausing) pauses() []recording.Pause {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.list)
}

// due says, once for each time, that the agent is to be asked.
func (p *pausing) due(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked || !p.open() || now.Before(p.askAt) {
		return false
	}
	p.asked = true
	return true
}

// prolong is the agent's answer that the pause is still meant.
func (p *pausing) prolong(now time.Time, limit time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.askAt, p.asked = now.Add(limit), false
}

// pauseLeg begins or ends a pause for a controller or a browser, and tells both.
func (s *Server) pauseLeg(leg id.LegID, on bool, by string, cause recording.Cause) ([]recording.Pause, error) {
	s.mu.Lock()
	p, here := s.pausing[leg], false
	for k := range s.legs {
		here = here || k.leg == leg
	}
	s.mu.Unlock()
	switch {
	case p == nil && !here:
		return nil, &Problem{Code: NoLeg, Detail: "leg " + string(leg) + " does not exist"}
	case p == nil:
		return nil, &Problem{Code: NotRecorded, Detail: "leg " + string(leg) + " is not recorded"}
	}
	changed, err := p.set(on, by, cause, s.cfg.PauseLimit)
	pauses := p.pauses()
	if changed {
		s.log.Info("recording paused", "call", leg.Call(), "leg", leg, "on", on, "by", by, "cause", cause, "error", err)
		s.m.pauses.WithLabelValues(string(cause)).Inc()
	}
	if len(pauses) > 0 {
		s.hub.pause(leg, p.agent, pauses[len(pauses)-1:])
	}
	s.showRecording(p.agent)
	return pauses, err
}

// record begins the recording of a part, which follows the pauses of its leg. What the folder holds of the leg is read
// first: the part's own spool must not pass for one of a part before it. It needs s.mu.
func (s *Server) record(l *leg) {
	p := s.pausing[l.spec.Leg]
	if p == nil {
		var err error
		if p, err = openPausing(s.cfg.Dir, l.spec); err != nil {
			l.log.Error("the pauses of the leg cannot be read: it counts as paused", "error", err)
		}
		s.pausing[l.spec.Leg] = p
	}
	head := recording.Head{Call: l.spec.Call, Leg: l.spec.Leg, Part: l.spec.Part, Agent: l.spec.Agent, Epoch: l.spec.Epoch}
	l.writer = recording.Start(s.cfg.Dir, head, s.log, func(f recording.Fault) { s.m.faults[f].Inc() })
	s.writers.Go(func() { <-l.writer.Done() })
	l.pausing = p
	p.add(l.writer, time.Now(), s.cfg.PauseLimit)
	if pauses := p.pauses(); len(pauses) > 0 {
		s.hub.pause(l.spec.Leg, l.spec.Agent, pauses)
		s.writers.Go(func() { s.settlePauses(p) })
	}
}

// settlePauses writes what the disk has not taken, as a pause that began by itself.
func (s *Server) settlePauses(p *pausing) {
	if err := p.settle(); err != nil {
		s.log.Error("the pauses of the leg are not on the disk", "leg", p.leg, "error", err)
	}
	s.showRecording(p.agent)
}

// untrack forgets the pauses of a leg whose last part is closed. The disk has them, for the next part. It needs s.mu.
func (s *Server) untrack(l *leg) {
	if l.pausing != nil && l.pausing.remove(l.writer) {
		delete(s.pausing, l.spec.Leg)
	}
}

// askAgents shows the desk those pauses that last longer than they should.
func (s *Server) askAgents(legs []*leg, now time.Time) {
	for _, l := range legs {
		if l.pausing != nil && l.pausing.due(now) {
			l.log.Info("the agent is asked whether the pause of the recording is still meant")
			s.showRecording(l.spec.Agent)
		}
	}
}

func (s *Server) showRecording(who id.AgentID) {
	s.mu.Lock()
	a := s.agents[who]
	s.mu.Unlock()
	if a != nil {
		a.showRecording()
	}
}
