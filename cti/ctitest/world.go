package ctitest

import (
	"container/heap"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/ivr"
)

// world is the host of a Floor in virtual time: it carries out commands on a model of Asterisk and the gateway, and
// gives back facts, as late and in such order as its network makes them.
type world struct {
	start  time.Time
	at     time.Duration // now, since start
	agenda agenda
	seq    uint64
	rng    *rand.Rand
	net    network

	config   cti.Configured
	spares   bool        // whom it is asked of may not be asked a survey
	versions []*ivr.Flow // of its flows, that were ever live
	floor    *cti.Floor  // nil while the controller is dead
	floors   int         // that there have been
	life     int         // of the controller; what an earlier one had under way is lost
	socket   int         // connection to Asterisk; what was under way on an earlier one is lost
	linked   bool        // the connection is there
	lane     map[id.CallID]time.Duration
	timers   map[cti.Timer]uint64
	pbx      *pbx
	gateway  *gateway
	rows     map[id.AgentID]cti.AgentView // newest Tell of each agent, as the database keeps it
	ledger   map[id.LegID]cti.Refuser     // a row for each answered leg: who refused its recording
	messages map[id.LegID]bool            // legs of messages: whether what was said is kept
	spoken   map[id.LegID]bool            // those whose callers hung up after long enough
	secrets  map[id.CallID]map[string]string
	desks    map[id.AgentID]bool // who has an open desk
	media    map[id.AgentID]bool // whose sound is connected
	failing  map[string]int      // by command kind: how many of the next ones fail

	checks   *checks
	corrupt  func([]cti.Command) []cti.Command // a deliberate defect, for the tests of the checks
	observe  func(cti.Event, []cti.Command)    // sees every step
	onTell   func(cti.AgentView)               // agents look at their desks
	onPlay   func(call id.CallID)              // callers listen
	onBridge func(call id.CallID)              // callers talk
	steps    int
	err      error // the first broken invariant
}

// network is how late things are, and how many fail.
type network struct {
	delay  time.Duration // of every command and every fact
	jitter time.Duration // up to so much more
	fail   float64       // share of the commands that can fail
}

func newWorld(start time.Time, config cti.Configured, rng *rand.Rand, net network) *world {
	w := &world{
		start: start, rng: rng, net: net, config: config, versions: slices.Clone(config.Flows),
		lane: make(map[id.CallID]time.Duration), timers: make(map[cti.Timer]uint64),
		rows: make(map[id.AgentID]cti.AgentView), ledger: make(map[id.LegID]cti.Refuser), messages: make(map[id.LegID]bool), spoken: make(map[id.LegID]bool), secrets: make(map[id.CallID]map[string]string), desks: make(map[id.AgentID]bool),
		media: make(map[id.AgentID]bool), failing: make(map[string]int),
	}
	w.pbx, w.gateway = newPBX(w), newGateway()
	w.checks = newChecks(w)
	return w
}

// now is the virtual wall clock.
func (w *world) now() time.Time { return w.start.Add(w.at) }

// agenda is what will happen, earliest first.
type agenda []item

type item struct {
	at  time.Duration
	seq uint64 // keeps the order of what happens at the same time
	do  func()
}

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].seq < a[j].seq
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(item)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	(*a)[len(*a)-1] = item{}
	*a = (*a)[:len(*a)-1]
	return last
}

// plan has something done at a time.
func (w *world) plan(at time.Duration, do func()) {
	w.seq++
	heap.Push(&w.agenda, item{at: at, seq: w.seq, do: do})
}

// after has something done after a while.
func (w *world) after(d time.Duration, do func()) { w.plan(w.at+d, do) }

// run lets the time pass until then, or until nothing is left to happen or an invariant breaks.
func (w *world) run(until time.Duration) {
	for len(w.agenda) > 0 && w.agenda[0].at <= until && w.err == nil {
		next := heap.Pop(&w.agenda).(item)
		w.at = next.at
		next.do()
	}
	w.at = max(w.at, until)
}

// late is how long something takes on the network.
func (w *world) late() time.Duration {
	if w.net.jitter == 0 {
		return w.net.delay
	}
	return w.net.delay + time.Duration(w.rng.Int64N(int64(w.net.jitter)))
}

// step gives the Floor a fact and has its commands carried out.
func (w *world) step(ev cti.Event) {
	if w.floor == nil || w.err != nil {
		return
	}
	if d, ok := ev.(cti.DigitPressed); ok {
		ev = w.masked(d)
	}
	w.steps++
	out := w.floor.Step(w.now(), ev)
	if w.corrupt != nil {
		out = w.corrupt(out)
	}
	if w.observe != nil {
		w.observe(ev, out)
	}
	if w.err = w.checks.step(ev, out); w.err != nil {
		return
	}
	for len(out) > 0 {
		call, n := batch(out)
		if call == "" {
			w.immediate(out[0])
			out = out[1:]
			continue
		}
		w.execute(call, out[:n])
		out = out[n:]
	}
}

// masked takes the digit out that nobody heeds, or that belongs to a secret, which the host keeps.
func (w *world) masked(d cti.DigitPressed) cti.DigitPressed {
	heeded, secret := w.floor.Heeds(d.Call)
	if secret != "" && ivr.Keeps(d.Digit) {
		if w.secrets[d.Call] == nil {
			w.secrets[d.Call] = map[string]string{}
		}
		w.secrets[d.Call][secret] += d.Digit
	}
	if !heeded || (secret != "" && ivr.Keeps(d.Digit)) {
		d.Digit = cti.MaskedDigit
	}
	return d
}

// batch returns the call that the first commands are for and how many they are; "" for one that is carried out at once.
func batch(cmds []cti.Command) (id.CallID, int) {
	call := cti.Lane(cmds[0])
	n := 1
	for call != "" && n < len(cmds) && cti.Lane(cmds[n]) == call {
		n++
	}
	return call, n
}

// execute carries out commands of one call, in order, after those before them.
func (w *world) execute(call id.CallID, cmds []cti.Command) {
	at := max(w.at+w.late(), w.lane[call])
	w.lane[call] = at
	life, socket, linked := w.life, w.socket, w.linked
	w.plan(at, func() {
		if w.life != life {
			return
		}
		for _, cmd := range cmds {
			w.perform(cmd, linked && w.socket == socket)
		}
	})
}

// perform carries out one command; linked says whether Asterisk can be reached.
func (w *world) perform(cmd cti.Command, linked bool) {
	switch cmd := cmd.(type) {
	case cti.FinishRecording:
		w.gateway.finish(cmd.Leg)
		return
	case cti.DropLeg:
		w.gateway.close(part{cmd.Leg, cmd.Part})
	default:
	}
	if !linked {
		return
	}
	if failed, can := failure(cmd); can && w.unlucky(cti.CommandKind(cmd)) {
		w.after(w.late(), w.alive(func() { w.step(failed) }))
		return
	}
	w.pbx.perform(cmd)
}

// unlucky says whether the command is to fail.
func (w *world) unlucky(kind string) bool {
	if w.failing[kind] > 0 {
		w.failing[kind]--
		return true
	}
	return w.net.fail > 0 && w.rng.Float64() < w.net.fail
}

// alive makes something happen only if this controller is still alive then.
func (w *world) alive(do func()) func() {
	life := w.life
	return func() {
		if w.life == life {
			do()
		}
	}
}

// failure is what is reported when the command fails, can false for one that the host doesn't give up.
func failure(cmd cti.Command) (ev cti.CommandFailed, can bool) {
	ev = cti.CommandFailed{Call: cti.Lane(cmd), Command: cti.CommandKind(cmd), Reason: "simulated"}
	switch cmd := cmd.(type) {
	case cti.Answer:
	case cti.Play:
		ev.Play = cmd.Play
	case cti.ConnectLeg:
		ev.Leg, ev.Part = cmd.Leg, cmd.Part
	case cti.DialOut:
		ev.Leg, ev.Part = cmd.Leg, cmd.Part
	case cti.Bridge:
		ev.Leg, ev.Part = cmd.Leg, cmd.Part
	case cti.Hold:
		ev.Leg, ev.Part = cmd.Leg, cmd.Part
	case cti.SaveAnswer:
		ev.Call = cmd.Call
	case cti.SaveDisposition:
		ev.Call, ev.Leg, ev.Agent = cmd.Call, cmd.Leg, cmd.Agent
	default:
		return ev, false
	}
	return ev, true
}

// immediate carries out what concerns no channel.
func (w *world) immediate(cmd cti.Command) {
	if failed, can := failure(cmd); can && w.unlucky(cti.CommandKind(cmd)) {
		w.after(w.late(), w.alive(func() { w.step(failed) }))
		return
	}
	reply := func(ev cti.Event) { w.after(w.late(), w.alive(func() { w.step(ev) })) }
	switch cmd := cmd.(type) {
	case cti.SetTimer:
		w.timers[cmd.Timer] = cmd.Gen
		w.plan(max(w.at, cmd.At.Sub(w.start)), w.alive(func() {
			if w.timers[cmd.Timer] == cmd.Gen {
				delete(w.timers, cmd.Timer)
				w.step(cti.TimerFired{Timer: cmd.Timer, Gen: cmd.Gen})
			}
		}))
	case cti.StopTimer:
		delete(w.timers, cmd.Timer)
	case cti.LookUpCustomer:
		reply(cti.CustomerFound{Call: cmd.Call, Customers: []int64{1}})
	case cti.CheckSurvey:
		reply(cti.SurveyChecked{Call: cmd.Call, Leg: cmd.Leg, Spared: w.spares})
	case cti.RunErrand:
		for _, secret := range w.secrets[cmd.Call] {
			if len(secret) > mostKeyed {
				w.fail(secretIsKept, "call %s: %d digits", cmd.Call, len(secret))
			}
		}
		r := Serve(cmd.What, w.secrets[cmd.Call])
		reply(cti.ErrandDone{Call: cmd.Call, Errand: cmd.Errand, Result: r.Result, Values: r.Values})
	case cti.ForgetSecret:
		delete(w.secrets[cmd.Call], cmd.Secret)
	case cti.Walked: // for the journal
	case cti.OweRecording:
		if _, known := w.messages[cmd.Leg]; cmd.Agent == "" && !known {
			w.messages[cmd.Leg] = false
		}
		w.ledger[cmd.Leg] = cmd.Refused // the last word counts: a leg may be answered again after a controller died
	case cti.KeepMessage:
		w.messages[cmd.Leg] = true
	case cti.SaveAnswer:
		if cmd.Leg != "" {
			w.messages[cmd.Leg] = true
		}
		reply(cti.AnswerSaved{Call: cmd.Call, Question: cmd.Question})
	case cti.SaveDisposition:
		reply(cti.DispositionSaved{Agent: cmd.Agent, Call: cmd.Call})
	case cti.Tell:
		w.rows[cmd.Agent] = cmd.View
		if w.onTell != nil && w.desks[cmd.Agent] {
			w.onTell(cmd.View)
		}
	default: // SaveCall, Refused, Anomaly: nothing comes of them
	}
}

// startController makes a new Floor and tells it what is there, in the order that the contract asks for.
func (w *world) startController() {
	w.life++
	w.floors++
	w.floor = cti.New()
	w.timers = make(map[cti.Timer]uint64)
	w.checks.newFloor()
	w.step(w.config.Named())
	for _, name := range w.config.Agents {
		if v, ok := w.rows[name]; ok {
			w.step(cti.AgentRestored{View: v})
		}
	}
	w.link()
	w.step(w.gateway.found())
	for _, name := range w.config.Agents {
		if w.media[name] {
			w.step(cti.MediaConnected{Agent: name})
		}
	}
}

// killController loses everything that only the controller knew. Desks see it, and come back later.
func (w *world) killController() {
	w.life++
	w.floor = nil
	w.linked = false
	w.socket++
	clear(w.lane)
	clear(w.desks)
	clear(w.secrets)
}

// unlink loses the connection to Asterisk.
func (w *world) unlink() {
	if !w.linked {
		return
	}
	w.linked = false
	w.socket++
	w.step(cti.AsteriskLost{})
}

// link makes it again, and tells what is there.
func (w *world) link() {
	if w.linked || w.floor == nil {
		return
	}
	w.linked = true
	found := w.pbx.snapshot()
	w.step(cti.AsteriskReconnected{Calls: found, Flows: w.versions})
	for _, r := range found {
		if r.Up && r.State == nil {
			w.step(w.pbx.arrival(r.Call))
		}
	}
}

// roundTrip is the state as it comes back from the channel variable.
func roundTrip(st cti.CallState) (cti.CallState, error) {
	data, err := json.Marshal(st)
	if err != nil {
		return st, fmt.Errorf("encode call state: %w", err)
	}
	if len(data) > maxState {
		return st, fmt.Errorf("call state has %d bytes", len(data))
	}
	var back cti.CallState
	if err := json.Unmarshal(data, &back); err != nil {
		return st, fmt.Errorf("decode call state: %w", err)
	}
	return back, nil
}

// maxState is how much fits into a channel variable.
const maxState = 6000
