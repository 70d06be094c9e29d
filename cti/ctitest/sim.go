package ctitest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"hotline/cti"
	"hotline/cti/id"
)

// Options say what to simulate.
type Options struct {
	Seed   uint64
	Agents int
	Calls  int
	// Faults lets commands fail, facts come late and in any order, connections break, the controller, the gateway and
	// Asterisk die, browsers reload, and people do what they should not.
	Faults bool
	// Day spreads the calls over a day as the call centre sees them (MISSION.md 1: 30 % between ten and twelve); otherwise
	// they come as fast as the agents can just serve them.
	Day bool
	// Load is, without Day, how many calls come for each that the agents can serve [0.95].
	Load float64

	corrupt func(*world) func([]cti.Command) []cti.Command // a deliberate defect
}

// Report is how the day went.
type Report struct {
	Calls, Steps int
	Span         time.Duration // of virtual time
	Outcomes     map[cti.Outcome]int
	Offered      int           // calls that entered a queue
	Answered     int           // of these, by an agent
	Abandoned    int           // of these, by the caller while waiting
	InTime       int           // answered within the service level's 20 s
	AnswerSpeed  time.Duration // average, from entering the queue to the answer
	Occupancy    float64       // share of the agents' time, ready or busy, that was talk or wrap-up
	Recordings   int
	Unrecorded   int // answered legs whose recording somebody refused
	Anomalies    int
	Refusals     int
	Disasters    map[string]int
	PeakCalls    int // at once
}

// ServiceLevel is the share of the offered calls that were answered in time.
func (r Report) ServiceLevel() float64 { return share(r.InTime, r.Offered) }

// AbandonRate is the share of the offered calls that were abandoned.
func (r Report) AbandonRate() float64 { return share(r.Abandoned, r.Offered) }

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

func (r Report) String() string {
	return fmt.Sprintf("%d calls, %d offered, %d answered, service level %.1f %% in 20 s, average speed of answer %s, "+
		"abandon rate %.1f %%, occupancy %.1f %%, at most %d calls at once; %d steps over %s",
		r.Calls, r.Offered, r.Answered, 100*r.ServiceLevel(), r.AnswerSpeed.Round(100*time.Millisecond),
		100*r.AbandonRate(), 100*r.Occupancy, r.PeakCalls, r.Steps, r.Span.Round(time.Minute))
}

// Sim simulates a floor. The error, a *Broken with the seed before it, is the first invariant that did not hold. The same
// options yield the same report.
func Sim(o Options) (Report, error) {
	s := newSimulation(o)
	report, err := s.run()
	if err != nil {
		return report, fmt.Errorf("seed %d: %w", o.Seed, err)
	}
	return report, nil
}

type simulation struct {
	Options
	w       *world
	people  *people
	report  Report
	queued  map[id.CallID]bool
	busy    map[id.AgentID]span // state of each agent, for the occupancy
	worked  time.Duration       // talk and wrap-up
	present time.Duration       // that, ready and ringing
	waited  time.Duration
}

type span struct {
	state cti.AgentState
	since time.Time
}

// arrivals is the share of a day's calls in each two hours from eight o'clock (MISSION.md 1).
var arrivals = []float64{0.15, 0.30, 0.10, 0.25, 0.20}

const (
	arrivalStep = 2 * time.Hour
	dayBegins   = 8 * time.Hour
)

func newSimulation(o Options) *simulation {
	rng := rand.New(rand.NewPCG(o.Seed, 0x686f746c696e65))
	agents := make([]id.AgentID, o.Agents)
	for i := range agents {
		agents[i] = id.AgentID(fmt.Sprintf("a%d", i+1))
	}
	net := network{delay: 2 * time.Millisecond}
	h := habits{
		talk: 4 * time.Minute, wrapUp: 20 * time.Second, patience: 4 * time.Minute, answer: 3 * time.Second, odd: 0.01,
	}
	if o.Faults {
		net = network{delay: time.Millisecond, jitter: 400 * time.Millisecond, fail: 0.01}
		h.odd = 0.1
	}
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	s := &simulation{Options: o, queued: make(map[id.CallID]bool), busy: make(map[id.AgentID]span)}
	s.w = newWorld(start, Config(agents), rng, net)
	s.people = newPeople(s.w, h)
	s.w.onPlay, s.w.onBridge = s.people.listen, s.people.talk
	s.w.observe = s.count
	if o.corrupt != nil {
		s.w.corrupt = o.corrupt(s.w)
	}
	s.report.Outcomes = make(map[cti.Outcome]int)
	s.report.Disasters = make(map[string]int)
	return s
}

func (s *simulation) run() (Report, error) {
	w := s.w
	w.startController()
	w.checks.audit()
	for _, a := range w.config.Agents {
		w.plan(s.people.between(0, 30*time.Second), func() { s.people.arrive(a) })
	}
	last := s.planCalls()
	if s.Faults {
		s.planDisasters(last)
	}
	w.run(last)
	s.occupancy()
	// Whoever waits is still served, nothing breaks any more, and then everybody goes home.
	w.net.fail = 0
	w.run(last + 2*time.Hour)
	s.people.home = true
	w.run(last + 4*time.Hour)
	s.finish()
	return s.report, w.checks.atEnd()
}

// planCalls has the callers dial, and returns when the last one does.
func (s *simulation) planCalls() time.Duration {
	at := make([]time.Duration, 0, s.Calls)
	if s.Day {
		for i := range s.Calls {
			x := (float64(i) + s.w.rng.Float64()) / float64(s.Calls)
			at = append(at, timeOfDay(x))
		}
	} else {
		load := s.Load
		if load <= 0 {
			load = 0.95
		}
		gap := time.Duration(float64(s.people.habits.talk+s.people.habits.wrapUp) / float64(s.Agents) / load)
		t := time.Minute
		for range s.Calls {
			t += s.people.exp(gap)
			at = append(at, t)
		}
	}
	// One caller plans the next, so that the agenda stays short.
	var next func(i int)
	next = func(i int) {
		s.people.call(id.CallID(fmt.Sprintf("c%d", i+1)))
		s.report.PeakCalls = max(s.report.PeakCalls, len(s.w.pbx.calls))
		if i+1 < len(at) {
			s.w.plan(at[i+1], func() { next(i + 1) })
		}
	}
	if len(at) == 0 {
		return 0
	}
	s.w.plan(at[0], func() { next(0) })
	return at[len(at)-1]
}

// timeOfDay is when, since eight o'clock, the share x of the day's calls has come.
func timeOfDay(x float64) time.Duration {
	for i, part := range arrivals {
		if x < part || i == len(arrivals)-1 {
			return time.Duration(i)*arrivalStep + time.Duration(x/part*float64(arrivalStep))
		}
		x -= part
	}
	return dayBegins
}

// count learns from every step what the report says.
func (s *simulation) count(_ cti.Event, cmds []cti.Command) {
	for _, cmd := range cmds {
		switch cmd := cmd.(type) {
		case cti.SaveCall:
			s.countCall(cmd.Summary)
		case cti.Tell:
			s.countTime(cmd.View.Agent, cmd.View.State)
		case cti.Anomaly:
			s.report.Anomalies++
		case cti.Refused:
			s.report.Refusals++
		default:
		}
	}
}

func (s *simulation) countCall(sum cti.Summary) {
	if !sum.Queued.IsZero() && !s.queued[sum.Call] {
		s.queued[sum.Call] = true
		s.report.Offered++
	}
	if sum.Ended.IsZero() {
		return
	}
	s.report.Calls++
	s.report.Outcomes[sum.Outcome]++
	if sum.Outcome == cti.OutcomeAbandoned {
		s.report.Abandoned++
	}
	if sum.Answered.IsZero() {
		return
	}
	s.report.Answered++
	wait := max(0, sum.Answered.Sub(sum.Queued))
	s.waited += wait
	if wait <= 20*time.Second {
		s.report.InTime++
	}
}

func (s *simulation) countTime(agent id.AgentID, state cti.AgentState) {
	now := s.w.now()
	was := s.busy[agent]
	took := now.Sub(was.since)
	switch was.state {
	case cti.AgentStateTalking, cti.AgentStateWrapUp:
		s.worked += took
		s.present += took
	case cti.AgentStateReady, cti.AgentStateRinging:
		s.present += took
	case cti.AgentStateNotReady, cti.AgentStateSignedOut:
	}
	s.busy[agent] = span{state: state, since: now}
}

func (s *simulation) finish() {
	r := &s.report
	r.Steps, r.Span, r.Recordings = s.w.steps, s.w.at, s.w.gateway.finished
	for _, refused := range s.w.ledger {
		if refused != "" {
			r.Unrecorded++
		}
	}
	if r.Answered > 0 {
		r.AnswerSpeed = s.waited / time.Duration(r.Answered)
	}
}

// occupancy closes the account of the agents' time.
func (s *simulation) occupancy() {
	for _, a := range s.w.config.Agents {
		s.countTime(a, s.busy[a].state)
	}
	if s.present > 0 {
		s.report.Occupancy = float64(s.worked) / float64(s.present)
	}
}
