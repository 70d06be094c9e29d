package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"time"

	"hotline/cti"
	"hotline/cti/ctitest"
	ids "hotline/cti/id"
	"hotline/internal/robot"
	"hotline/internal/sipphone"
)

// play is one script on its way through the real thing.
type play struct {
	name    string
	number  int
	scale   scale
	lines   []ctitest.Line
	config  cti.Configured // of the model
	model   []fact
	late    bool
	meeting *meeting
	err     error

	at     int          // index of the line that is played
	relent func() error // ends what "next fails" began; nil when nothing has to be ended

	calls  map[string]*ringer // by the script's name
	agents map[string]*seat
	legs   map[string]string // the real call of each of the script's

	mu      sync.Mutex
	story   story
	dialled []string            // in order
	arrived int                 // of them
	got     map[string][]string // by subject
	changed chan struct{}       // closed and made new at every change
}

// ringer is somebody with a phone.
type ringer struct {
	answered chan struct{} // closed when the call is up, or never will be
	call     *sipphone.Call
	err      error
}

// seat is an agent's place.
type seat struct {
	user        string
	robot       *robot.Agent
	earlier     []*robot.Agent // whose desk was taken over
	desk, sound bool
}

// fact is what is compared: something that happened to a call or an agent.
type fact struct {
	line    int // index of the script line that it came after
	subject string
	text    string
}

// story makes facts of events, and leaves out what need not agree.
type story struct {
	floor int64
	desks map[ids.AgentID]bool
	fails map[string]bool // commands that the script has fail
}

func newStory(lines []ctitest.Line) story {
	s := story{fails: map[string]bool{}}
	for _, l := range lines {
		if l.Who+" "+l.Verb == "next fails" {
			s.fails[l.Args[0]] = true
		}
	}
	return s
}

// followed counts the commands that followed, of those that are stored.
func followed(cmds []cti.Command) (n int) {
	for _, cmd := range cmds {
		switch cmd.(type) {
		case cti.Tell, cti.Refused, cti.Anomaly, cti.SaveDisposition:
		default:
			n++
		}
	}
	return n
}

func (s *story) add(line int, floor int64, ev cti.Event, commands int) []fact {
	if floor != s.floor {
		s.floor, s.desks = floor, map[ids.AgentID]bool{}
	}
	call, agent := subjects(ev)
	text := ctitest.DescribeEvent(ev)
	switch ev := ev.(type) {
	case cti.Configured, cti.AsteriskLost, cti.AsteriskReconnected, cti.LegsFound:
		return nil
	case cti.PlayFinished, cti.LegUp, cti.LegGone, cti.TimerFired:
		if commands == 0 {
			return nil // the echo of what was stopped or dropped
		}
	case cti.CommandFailed:
		if !s.fails[ev.Command] {
			return nil // the accident that made it fail is a fact of its own, and comes by another way
		}
	case cti.CustomerFound:
		text = "customer_found " + string(ev.Call)
	case cti.DeskConnected:
		if s.desks[ev.Agent] {
			return nil
		}
		s.desks[ev.Agent] = true
	case cti.DeskLost:
		delete(s.desks, ev.Agent)
	default:
		if strings.HasPrefix(cti.EventKind(ev), "agent_") && cti.EventKind(ev) != "agent_restored" && !s.canAsk(ev, call, agent) {
			return nil
		}
	}
	var facts []fact
	for _, subject := range []string{string(call), string(agent)} {
		if subject != "" {
			facts = append(facts, fact{line, subject, text})
		}
	}
	return facts
}

// canAsk says whether a desk can make the request.
func (s *story) canAsk(ev cti.Event, call ids.CallID, agent ids.AgentID) bool {
	switch ev.(type) {
	case cti.AgentAnswered, cti.AgentDeclined, cti.AgentHungUp, cti.AgentHeld, cti.AgentResumed, cti.AgentToSurvey, cti.AgentDisposed:
		return s.desks[agent] && call != ""
	default:
		return s.desks[agent]
	}
}

// subjects are the call and the agent that an event is about.
func subjects(ev cti.Event) (ids.CallID, ids.AgentID) {
	var s struct {
		Call  ids.CallID  `json:"call"`
		Agent ids.AgentID `json:"agent"`
		Leg   ids.LegID   `json:"leg"`
		Timer struct {
			Call  ids.CallID  `json:"call"`
			Agent ids.AgentID `json:"agent"`
		} `json:"timer"`
		View struct {
			Agent ids.AgentID `json:"agent"`
		} `json:"view"`
	}
	raw, err := json.Marshal(ev)
	if err != nil || json.Unmarshal(raw, &s) != nil {
		return "", ""
	}
	for _, call := range []ids.CallID{s.Leg.Call(), s.Timer.Call} {
		if s.Call == "" {
			s.Call = call
		}
	}
	for _, agent := range []ids.AgentID{s.Timer.Agent, s.View.Agent} {
		if s.Agent == "" {
			s.Agent = agent
		}
	}
	return s.Call, s.Agent
}

// accident says whether the script has the first of the verbs, or none of any accident when there are no verbs.
func (p *play) accident(verbs []string) bool {
	has := func(what string) bool {
		for _, l := range p.lines {
			if l.Who+" "+l.Verb == what {
				return true
			}
		}
		return false
	}
	if len(verbs) > 0 {
		return has(verbs[0])
	}
	return !has("controller dies") && !has("gateway dies") && !has("asterisk is lost") && !has("asterisk dies")
}

// do has the line's person do what it says.
func (p *play) do(ctx context.Context, s *scriptStack, line ctitest.Line) error {
	switch {
	case p.agents[line.Who] != nil:
		return p.agent(ctx, s, p.agents[line.Who], line)
	case line.Verb == "dials":
		return p.dial(s, line)
	case line.Verb == "presses", line.Verb == "hangs up":
		return p.caller(ctx, line)
	default:
		return p.thing(ctx, s, line)
	}
}

func (p *play) dial(s *scriptStack, line ctitest.Line) error {
	from := sipphone.From{Name: line.Who, User: fmt.Sprintf("0910%02d%04d", p.number, len(p.calls))}
	if len(line.Args) > 0 && line.Args[0] == "anonymous" {
		from = sipphone.From{}
	}
	c := &ringer{answered: make(chan struct{})}
	p.calls[line.Who] = c
	p.mu.Lock()
	p.dialled = append(p.dialled, line.Who)
	p.mu.Unlock()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		c.call, c.err = s.phone.Dial(ctx, s.sip, dialledAs(p.number), from)
		close(c.answered)
	}()
	return nil
}

func (p *play) caller(ctx context.Context, line ctitest.Line) error {
	c := p.calls[line.Who]
	if c == nil {
		return errors.New("has not dialled")
	}
	select {
	case <-c.answered:
	case <-ctx.Done():
		return fmt.Errorf("not answered: %w", ctx.Err())
	}
	if c.err != nil {
		return c.err
	}
	if line.Verb == "hangs up" {
		return c.call.Hangup(ctx)
	}
	c.call.Press(strings.Join(line.Args, ""))
	c.call.Flush()
	return nil
}

func (p *play) agent(ctx context.Context, s *scriptStack, a *seat, line ctitest.Line) error {
	switch line.Verb {
	case "signs in":
		return p.signIn(ctx, s, a, line.Who)
	case "is ready":
		if err := p.signIn(ctx, s, a, line.Who); err != nil {
			return err
		}
		return p.ask(ctx, a, line)
	case "opens desk":
		return p.openDesk(ctx, s, a, line.Who)
	case "closes desk":
		a.desk = false
		a.robot.CloseDesk()
		return nil
	case "loses media":
		a.sound = false
		a.robot.CloseSound()
		return nil
	case "regains media":
		a.sound = true
		return a.robot.OpenSound(ctx)
	default:
		return p.ask(ctx, a, line)
	}
}

// signIn makes a desk with sound, as far as it is not there.
func (p *play) signIn(ctx context.Context, s *scriptStack, a *seat, name string) error {
	if !a.desk {
		if err := p.openDesk(ctx, s, a, name); err != nil {
			return err
		}
	}
	if !a.sound {
		if err := a.robot.OpenSound(ctx); err != nil {
			return err
		}
		a.sound = true
	}
	return a.robot.Wait(ctx, "sound", func(v cti.AgentView) bool { return v.Media })
}

// openDesk opens the agent's desk; when it is open, the agent signs in elsewhere and takes it over.
func (p *play) openDesk(ctx context.Context, s *scriptStack, a *seat, name string) error {
	if a.robot != nil && !a.desk {
		a.desk = true
		return a.robot.Open(ctx)
	}
	s.signing.Lock() // one after the other, since passwords are slow to check
	r, err := robot.SignIn(ctx, s.base, p.login(name), s.logins["yijun"].Password)
	s.signing.Unlock()
	if err != nil {
		return err
	}
	opened := make(chan error, 1)
	go func() { opened <- r.Open(ctx) }()
	if a.robot != nil {
		for r.Do(ctx, "take_over", nil) != nil && ctx.Err() == nil {
			pause(ctx, 20*time.Millisecond)
		}
		a.earlier = append(a.earlier, a.robot)
	}
	a.robot, a.desk = r, true
	return <-opened
}

// asks are the desk's words for the scripts' verbs.
var asks = map[string]string{
	"ready": "ready", "is ready": "ready", "not ready": "not_ready", "signs out": "sign_out", "answers": "answer", "declines": "decline",
	"hangs up": "hang_up", "holds": "hold", "resumes": "resume", "sends to survey": "to_survey", "disposes": "dispose", "next": "next_state",
}

// ask presses a button. A refusal is no error: what is compared is what the Floor was asked.
func (p *play) ask(ctx context.Context, a *seat, line ctitest.Line) error {
	do, ok := asks[line.Verb]
	if !ok {
		return errors.New("agents cannot do that")
	}
	if !a.desk {
		return nil
	}
	fields, arg := map[string]any{}, ""
	if len(line.Args) > 0 {
		arg = line.Args[0]
	}
	var leg ids.LegID
	if v := a.robot.View(); v.Call != nil {
		leg = v.Call.Leg
	}
	switch do {
	case "ready", "sign_out":
	case "not_ready":
		fields["reason"] = arg
	case "next_state":
		fields["state"] = ""
		if arg == "ready" {
			fields["state"] = cti.AgentStateReady
		} else if len(line.Args) > 1 {
			fields["state"], fields["reason"] = cti.AgentStateNotReady, line.Args[len(line.Args)-1]
		}
	case "dispose":
		fields["call"], fields["code"] = leg.Call(), arg
	default:
		if strings.Contains(arg, ".") {
			leg = p.realLeg(arg)
		}
		fields["leg"] = leg
	}
	if leg == "" && (fields["leg"] != nil || fields["call"] != nil) {
		return nil // the desk shows no button for it
	}
	var refused *robot.Problem
	if err := a.robot.Do(ctx, do, fields); err != nil && !errors.As(err, &refused) {
		return err
	}
	return nil
}

// realLeg is the leg that the script calls c1.2.
func (p *play) realLeg(name string) ids.LegID {
	call, n, _ := ids.LegID(name).Split()
	p.mu.Lock()
	defer p.mu.Unlock()
	if real := p.legs[string(call)]; real != "" {
		return ids.CallID(real).Leg(n)
	}
	return ids.LegID(name)
}

// thing has something happen that nobody does.
func (p *play) thing(ctx context.Context, s *scriptStack, line ctitest.Line) error {
	switch line.Who + " " + line.Verb {
	case "time passes":
		return nil
	case "leg dies":
		return s.dropChannel(ctx, p.realLeg(line.Args[0]), line.Args[1])
	case "queue has":
		return s.setMembers(ctx, p, line.Args[0], line.Args[1:])
	case "flow is":
		return s.publish(ctx, p, line.Args[0])
	case "next fails":
		var err error
		p.relent, err = s.refuseNext(ctx, p, line.Args[0], p.failureDue(ctx))
		return err
	case "controller dies":
		err := p.meeting.at(func() error { return s.killServe(ctx) })
		for _, a := range p.agents {
			a.desk = false
			if a.robot != nil {
				a.robot.CloseDesk() // which else would come back by itself
			}
		}
		return err
	case "controller starts":
		return p.meeting.at(func() error { return s.startServe(ctx) })
	case "gateway dies":
		err := p.meeting.at(s.killMedia)
		for _, a := range p.agents {
			a.sound = false
			if a.robot != nil {
				a.robot.CloseSound() // which else would come back by itself
			}
		}
		return err
	case "gateway is back":
		return p.meeting.at(func() error { return s.startMedia(ctx) })
	case "asterisk is lost":
		return p.meeting.at(func() error { return s.cutCable(ctx) })
	case "asterisk dies":
		return p.meeting.at(func() error { return s.killAsterisk(ctx) })
	case "asterisk is back":
		return p.meeting.at(func() error { return s.mendCable(ctx) })
	default:
		return errors.New("no way to do this")
	}
}

// failureDue is closed when everything has come about that the model knew before the failure that the line orders; nil when
// the cable is to be cut at that moment.
func (p *play) failureDue(ctx context.Context) <-chan struct{} {
	if p.at+2 < len(p.lines) && p.lines[p.at+2].Text == "+15ms asterisk is lost" {
		return nil
	}
	nth := 0
	for _, l := range p.lines[:p.at] {
		if l.Verb == "fails" && l.Args[0] == p.lines[p.at].Args[0] {
			nth++
		}
	}
	before, failure := map[string]int{}, fact{}
	for _, f := range p.model {
		if strings.HasPrefix(f.text, "command_failed "+p.lines[p.at].Args[0]+" ") {
			if failure = f; nth == 0 {
				break
			}
			nth--
		}
		before[f.subject]++
	}
	due := make(chan struct{})
	go func() {
		defer close(due)
		for {
			p.mu.Lock()
			changed, come := p.changed, len(p.got[failure.subject]) >= before[failure.subject]
			p.mu.Unlock()
			if come {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return due
}

// close hangs up and goes home.
func (p *play) close() {
	for _, c := range p.calls {
		select {
		case <-c.answered:
			if c.call != nil {
				_ = c.call.Hangup(context.Background())
			}
		default:
		}
	}
	for _, a := range p.agents {
		for _, r := range append(a.earlier, a.robot) {
			if r != nil {
				r.Close()
			}
		}
	}
}

// meeting is where the scripts of an accident wait for each other, so that it strikes all of them at once.
type meeting struct {
	mu      sync.Mutex
	moved   *sync.Cond
	all     int // who have not left
	late    int // of them, who wait for the others before they begin
	here    int
	round   int
	happens func() error
	err     error // of the last round
}

func newMeeting(all, late int) *meeting {
	m := &meeting{all: all, late: late}
	m.moved = sync.NewCond(&m.mu)
	return m
}

// at waits for all others and then has it happen, once.
func (m *meeting) at(happens func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.happens = happens
	m.here++
	round := m.round
	m.moved.Broadcast()
	m.happen()
	for m.round == round {
		m.moved.Wait()
	}
	return m.err
}

// happen lets it happen if all are here. The caller holds mu.
func (m *meeting) happen() {
	if m.here == 0 || m.here < m.all {
		return
	}
	m.err = m.happens()
	m.here = 0
	m.round++
	m.moved.Broadcast()
}

// leave is for who has come to the end of the script, or has failed.
func (m *meeting) leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all--
	m.happen()
	m.moved.Broadcast()
}

// othersAreThere waits until all but the late ones wait.
func (m *meeting) othersAreThere() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.round == 0 && m.here < m.all-m.late {
		m.moved.Wait()
	}
}

// freezeMedia stops the gateway in its tracks until the returned function is called.
func (s *scriptStack) freezeMedia() (thaw func()) {
	s.frozen.Lock()
	media := s.media
	_ = syscall.Kill(media.PID(), syscall.SIGSTOP)
	return func() {
		select {
		case <-media.Done():
		default:
			_ = syscall.Kill(media.PID(), syscall.SIGCONT)
		}
		s.frozen.Unlock()
	}
}
