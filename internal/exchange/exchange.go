package exchange

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/internal/asterisk"
	"hotline/internal/gateway"
	"hotline/ivr"
	"hotline/ivr/survey"
	"hotline/recording"
)

// Desk is where agents and supervisors look. Its methods must not block.
type Desk interface {
	// Tell shows the agent's new state.
	Tell(agent id.AgentID, view cti.AgentView)
	// Pop shows who calls; it comes before the Tell that rings. since is the time of the fact that led to it.
	Pop(agent id.AgentID, pop Pop, since time.Time)
	// ClearPop takes it away.
	ClearPop(agent id.AgentID)
	// Health says whether customers' histories can be read.
	Health(history bool)
}

// Gateway is what the exchange needs of the media gateway.
type Gateway interface {
	OpenLeg(ctx context.Context, spec gateway.LegSpec) (rtpAddr string, err error)
	PeerLeg(ctx context.Context, leg id.LegID, part int, addr string) error
	HoldLeg(ctx context.Context, leg id.LegID, part int, held bool) error
	CloseLeg(ctx context.Context, leg id.LegID, part int) error
	PauseLeg(ctx context.Context, leg id.LegID, on bool, by string, cause recording.Cause) ([]recording.Pause, error)
}

// Callers finds out who calls.
type Callers interface {
	// Number makes E.164 of what the network says. ok is false for a withheld or unreadable number.
	Number(raw string) (e164 string, ok bool)
	// Find is everything the desk shows of a number ("" when it was withheld). An error means that the history cannot
	// be read now; what is returned with it says so.
	Find(ctx context.Context, call id.CallID, e164 string) (Pop, error)
}

// Pop is who calls, for an agent's screen.
type Pop struct {
	Call      id.CallID
	Customers []int64 // who use the number, best match first
	Data      any     // what the browser gets, as JSON
}

// Speech gives sound files for words.
type Speech interface {
	// Media returns Asterisk media URIs that say the phrases in order.
	Media(ctx context.Context, phrases []ivr.Phrase) ([]string, error)
}

// Deps are the parts the exchange joins.
type Deps struct {
	Asterisk *asterisk.Client
	Gateway  Gateway // may be set after New and before Run, since it needs OnGateway
	Callers  Callers
	Speech   Speech
	Errands  Errands // nil: every errand fails
	// Outside says how a number (E.164) is called, false when it may not be; nil calls none.
	Outside  func(number string) (asterisk.Outgoing, bool)
	Outbound Outbound // nil: no calls are made
	Desk     Desk
	Store    *Store
	Site     func(ctx context.Context) (Site, error) // reads queues, people and lines
	Changed  <-chan struct{}                         // says that Site would read something else now
	// Flows and Surveys are what to go on with when Site fails at the start.
	Flows   []*ivr.Flow
	Surveys []*survey.Survey
	// Past finds the versions of flows and surveys that live calls are on and that are no longer live; nil finds none.
	Past func(ctx context.Context, states []cti.CallState) ([]*ivr.Flow, []*survey.Survey)
	// Dialled gives the digits by which trunks dial a line (E.164); nil leaves Asterisk's dialplan alone.
	Dialled  func(line string) []string
	SpoolDir string
	Log      *slog.Logger
	Metrics  prometheus.Registerer
}

// Exchange owns the Floor. Make it with New, run it once.
type Exchange struct {
	Deps
	inbox   *queue[item]
	journal *journal
	metrics *metrics
	ready   chan struct{} // closed when the first AsteriskReconnected has been stepped
	opened  sync.Once     // closes ready
	conn    atomic.Int64  // number of the connection to Asterisk; commands of an older one are dropped
	up      atomic.Bool   // connected to Asterisk
	alaw    atomic.Bool   // the gateway carries PCMA instead of PCMU
	running context.Context

	// Owned by the goroutine of loop.
	floor      *cti.Floor
	born       int64 // when floor was made, in microseconds since 1970
	site       Site
	seq        int64 // of the last fact
	calls      map[id.CallID]*call
	timers     map[cti.Timer]*time.Timer
	published  map[string]string        // digits that the dialplan takes -> the line they mean
	early      []item                   // what desks and the gateway said before the live calls were known
	shown      map[id.AgentID]id.CallID // whose customer the agent's screen shows
	sounds     map[id.AgentID]bool      // whose browser the gateway hears
	gatewayGen int                      // number of the connection to the gateway
	noHistory  bool                     // the last look-up of a caller failed
	taken      map[id.CallID]bool       // made calls that were answered; true once the Floor has them
}

// item is one entry of the inbox: a fact, or a piece of work on the loop's own goroutine.
type item struct {
	ev    cti.Event
	reply chan<- error // may be nil
	do    func()
	late  bool // waits until the live calls are known
}

// New joins the parts; nothing runs before Run.
func New(d Deps) (*Exchange, error) {
	x := &Exchange{
		Deps: d, inbox: newQueue[item](), ready: make(chan struct{}),
		floor: cti.New(), born: time.Now().UnixMicro(), calls: map[id.CallID]*call{}, timers: map[cti.Timer]*time.Timer{},
		sounds: map[id.AgentID]bool{}, shown: map[id.AgentID]id.CallID{}, published: map[string]string{},
		taken: map[id.CallID]bool{},
	}
	j, err := newJournal(d.Store, d.SpoolDir, d.Log)
	if err != nil {
		return nil, err
	}
	x.journal = j
	x.metrics = newMetrics(x, d.Metrics)
	return x, nil
}

// Ready is closed once the exchange knows every call that Asterisk holds.
func (x *Exchange) Ready() <-chan struct{} { return x.ready }

// Run works until ctx ends. Calls stay where they are: in Asterisk, for the next controller.
func (x *Exchange) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	x.running = ctx
	if err := x.configure(ctx); err != nil {
		return err
	}
	g.Go(func() error { return x.journal.run(ctx) })
	g.Go(func() error { return x.loop(ctx) })
	g.Go(func() error { return x.readAsterisk(ctx) })
	g.Go(func() error { return x.watchSite(ctx) })
	g.Go(func() error { return x.measure(ctx) })
	if err := g.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Submit hands a fact to the Floor and returns at once.
func (x *Exchange) Submit(ev cti.Event) { x.inbox.put(item{ev: ev}) }

// DeskSays hands over what an agent's desk did without asking: it came or went.
func (x *Exchange) DeskSays(ev cti.Event) { x.inbox.put(item{ev: ev, late: true}) }

// Refusal is why the Floor did not grant an agent's request.
type Refusal struct{ Code cti.RefusalCode }

func (r *Refusal) Error() string { return "refused: " + string(r.Code) }

// Ask hands an agent's request to the Floor and returns when it has been stepped; the error is a *Refusal when it was
// not granted.
func (x *Exchange) Ask(ctx context.Context, ev cti.Event) error {
	reply := make(chan error, 1)
	x.inbox.put(item{ev: ev, reply: reply, late: true})
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return fmt.Errorf("ask the floor: %w", ctx.Err())
	}
}

// on runs f on the loop's goroutine and waits for it.
func (x *Exchange) on(ctx context.Context, f func()) error {
	done := make(chan struct{})
	x.inbox.put(item{do: func() { f(); close(done) }})
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("ask the floor: %w", ctx.Err())
	}
}

// Overview is the whole floor now.
func (x *Exchange) Overview(ctx context.Context) (o cti.Overview, err error) {
	err = x.on(ctx, func() { o = x.floor.Overview() })
	return o, err
}

// View is what an agent's call bar shows now. ok is false for somebody the Floor doesn't know.
func (x *Exchange) View(ctx context.Context, agent id.AgentID) (v cti.AgentView, ok bool, err error) {
	err = x.on(ctx, func() { v, ok = x.floor.View(agent) })
	return v, ok, err
}

func (x *Exchange) loop(ctx context.Context) error {
	for {
		items, err := x.inbox.take(ctx)
		if err != nil {
			return err
		}
		for _, it := range items {
			if it.late && !x.known() {
				x.early = append(x.early, it)
				continue
			}
			x.handle(it)
		}
		if len(x.early) > 0 && x.known() {
			early := x.early
			x.early = nil
			for _, it := range early {
				x.handle(it)
			}
		}
	}
}

func (x *Exchange) handle(it item) {
	if it.do != nil {
		it.do()
		return
	}
	err := x.step(it.ev)
	if it.reply != nil {
		it.reply <- err
	}
}

// now is the time of a fact. Microseconds are what the database keeps, so that a replay sees the same times.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// step applies one fact, journals it with what follows from it, and has that done. The error is a *Refusal.
func (x *Exchange) step(ev cti.Event) error {
	at := now()
	ev = x.masked(ev)
	commands := x.floor.Step(at, ev)
	x.record(at, ev, commands)
	var refused error
	for _, cmd := range commands {
		if r, ok := cmd.(cti.Refused); ok {
			refused = &Refusal{Code: r.Code}
		}
		x.perform(at, cmd)
	}
	if ended, ok := ev.(cti.CallerGone); ok {
		x.forget(ended.Call)
	}
	return refused
}

// masked takes the digit out of a fact that nobody heeds, or that belongs to a secret, before it is stepped, journalled, spooled or logged.
func (x *Exchange) masked(ev cti.Event) cti.Event {
	d, ok := ev.(cti.DigitPressed)
	if !ok {
		return ev
	}
	heeded, secret := x.floor.Heeds(d.Call)
	if secret != "" {
		x.keepDigit(d, secret)
	}
	if !heeded || (secret != "" && ivr.Keeps(d.Digit)) {
		d.Digit = cti.MaskedDigit
	}
	return d
}

// perform has one command done, by whoever does such things.
func (x *Exchange) perform(at time.Time, cmd cti.Command) {
	switch cmd := cmd.(type) {
	case cti.SetTimer:
		x.setTimer(cmd)
	case cti.StopTimer:
		if t := x.timers[cmd.Timer]; t != nil {
			t.Stop()
			delete(x.timers, cmd.Timer)
		}
	case cti.Tell:
		x.tell(at, cmd)
	case cti.CheckSurvey:
		x.checkSurvey(cmd)
	case cti.LookUpCustomer:
		x.lookUp(cmd)
	case cti.RunErrand:
		x.run(cmd)
	case cti.ForgetSecret:
		x.forgetSecret(cmd)
	case cti.SaveAnswer:
		x.save(kindAnswer, at, cmd, cti.AnswerSaved{Call: cmd.Call, Question: cmd.Question}, cti.CommandFailed{Call: cmd.Call})
	case cti.SaveDisposition:
		x.save(kindDisposition, at, cmd, cti.DispositionSaved{Agent: cmd.Agent, Call: cmd.Call},
			cti.CommandFailed{Call: cmd.Call, Leg: cmd.Leg, Agent: cmd.Agent})
	case cti.SaveCall:
		x.saveCall(at, cmd.Summary)
	case cti.FinishRecording:
		x.recording(at, cmd)
	case cti.OweRecording, cti.KeepMessage, cti.Walked: // written with their fact, see writeEvent
	case cti.Refused: // the answer to whoever asked, see step
	case cti.Anomaly:
		x.metrics.anomalies.Inc()
		x.Log.Info("fact does not apply", "what", cmd.What, "event", cmd.Event, "call", cmd.Call, "agent", cmd.Agent)
	case cti.Remember, cti.Answer, cti.Play, cti.StopPlay, cti.StartMusic, cti.StopMusic,
		cti.ConnectLeg, cti.DialOut, cti.Bridge, cti.Unbridge, cti.Hold, cti.DropLeg, cti.HangUp:
		x.execute(cmd)
	}
}

// save journals what must be safe before anything follows from it, and tells the Floor that it is, or that it cannot be.
func (x *Exchange) save(kind string, at time.Time, cmd cti.Command, saved cti.Event, failed cti.CommandFailed) {
	x.journal.add(kind, at, cmd, func(err error) {
		if err == nil {
			x.Submit(saved)
			return
		}
		failed.Command, failed.Reason = cti.CommandKind(cmd), err.Error()
		x.failed(failed)
	})
}

func (x *Exchange) setTimer(cmd cti.SetTimer) {
	if t := x.timers[cmd.Timer]; t != nil {
		t.Stop()
	}
	x.timers[cmd.Timer] = time.AfterFunc(time.Until(cmd.At), func() {
		x.Submit(cti.TimerFired{Timer: cmd.Timer, Gen: cmd.Gen})
	})
}

// tell shows an agent's state, the caller's data first.
func (x *Exchange) tell(at time.Time, cmd cti.Tell) {
	x.showPop(at, cmd.Agent, cmd.View.Call)
	x.Desk.Tell(cmd.Agent, cmd.View)
	x.journal.add(kindAgent, at, cmd.View, nil)
}

// showPop makes the agent's screen show the customer of the agent's call, or nobody.
func (x *Exchange) showPop(at time.Time, agent id.AgentID, v *cti.CallView) {
	if v == nil {
		if x.shown[agent] != "" {
			delete(x.shown, agent)
			x.Desk.ClearPop(agent)
		}
		return
	}
	if x.shown[agent] == v.Call {
		return
	}
	c := x.calls[v.Call]
	if c == nil || !c.popKnown {
		x.metrics.late.Inc()
		return
	}
	x.shown[agent] = v.Call
	x.Desk.Pop(agent, c.pop, at)
	x.metrics.pop.Observe(time.Since(at).Seconds())
}

// forget ends what the host keeps for a call, once its executor has done everything.
func (x *Exchange) forget(c id.CallID) {
	live := x.calls[c]
	if live == nil {
		return
	}
	delete(x.calls, c)
	for timer, t := range x.timers {
		if timer.Call == c {
			t.Stop()
			delete(x.timers, timer)
		}
	}
	live.finish()
}
