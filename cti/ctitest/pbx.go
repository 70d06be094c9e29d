package ctitest

import (
	"cmp"
	"slices"
	"time"
	"unicode/utf8"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/ivr"
)

// pbx is Asterisk as far as the Floor can tell: channels, bridges, playbacks, and the variable that travels with a call.
type pbx struct {
	w       *world
	calls   map[id.CallID]*channel
	parts   map[part]*channel
	bridges map[id.CallID]map[*channel]bool
	dialled int // telephones outside
}

// part names the channel of an agent's leg.
type part struct {
	leg id.LegID
	n   int
}

// channel is a caller's, or that of an agent's leg.
type channel struct {
	call      id.CallID
	part      part // zero for a caller's
	line      string
	anonymous bool
	outside   bool           // a telephone's that was called
	made      *cti.Made      // what it was made for; nil for a caller's
	state     *cti.CallState // as the variable holds it
	playing   int            // number of the running playback
	music     bool
	bridge    id.CallID
	told      time.Duration // when its newest fact arrives: they stay in order
	changed   time.Duration // when what is heard on it changed
	bridged   time.Duration // when it was last put in a bridge
}

func newPBX(w *world) *pbx {
	return &pbx{
		w: w, calls: make(map[id.CallID]*channel), parts: make(map[part]*channel),
		bridges: make(map[id.CallID]map[*channel]bool),
	}
}

// tell has a fact about the channel arrive at the controller, unless the connection breaks before.
func (p *pbx) tell(ch *channel, ev cti.Event) {
	at := max(p.w.at+p.w.late(), ch.told)
	ch.told = at
	socket := p.w.socket
	p.w.plan(at, func() {
		if p.w.socket == socket && p.w.linked {
			p.w.step(ev)
		}
	})
}

// dial lets a caller in. While no controller is connected the dialplan holds the caller and tries again.
func (p *pbx) dial(call id.CallID, line string, anonymous bool) {
	if !p.w.linked {
		p.w.after(time.Second, func() { p.dial(call, line, anonymous) })
		return
	}
	ch := &channel{call: call, line: line, anonymous: anonymous}
	p.calls[call] = ch
	p.tell(ch, p.arrival(call))
}

// call is a person answering a call that a campaign made. While no controller is connected there is nobody to ask them, and the
// dialplan hangs up.
func (p *pbx) call(call id.CallID) {
	if !p.w.linked {
		return
	}
	ch := &channel{call: call, line: DemoLine, made: &cti.Made{Campaign: "spring", Survey: SurveyID, Lang: ivr.Mandarin}}
	p.calls[call] = ch
	p.tell(ch, p.arrival(call))
}

func (p *pbx) arrival(call id.CallID) cti.CallArrived {
	ch := p.calls[call]
	if ch.made != nil {
		return cti.CallArrived{Call: call, Line: ch.line, Made: ch.made}
	}
	return cti.CallArrived{Call: call, Line: ch.line, Flow: "main", Anonymous: ch.anonymous}
}

func (p *pbx) press(call id.CallID, digit string) {
	if ch := p.calls[call]; ch != nil {
		p.tell(ch, cti.DigitPressed{Call: call, Digit: digit})
	}
}

// hangUp ends the caller's channel, by whomever.
func (p *pbx) hangUp(call id.CallID) {
	ch := p.calls[call]
	if ch == nil {
		return
	}
	delete(p.calls, call)
	p.hungUpSpeaking(ch)
	p.leave(ch)
	if ch.playing != 0 { // Asterisk ends what plays before it says that the channel is gone
		p.tell(ch, cti.PlayFinished{Call: call, Play: ch.playing})
		ch.playing = 0
	}
	p.tell(ch, cti.CallerGone{Call: call, Cause: 16})
}

// hungUpSpeaking notes a message that must be kept.
func (p *pbx) hungUpSpeaking(caller *channel) {
	for m := range p.bridges[caller.bridge] {
		_, message := p.w.messages[m.part.leg]
		if message && p.w.gateway.parts[m.part] && p.w.at-m.bridged > longEnough {
			p.w.spoken[m.part.leg] = true
		}
	}
}

// longEnough is what is surely a message, however late things are.
const longEnough = 10 * time.Second

func (p *pbx) dropPart(key part) {
	ch := p.parts[key]
	if ch == nil {
		return
	}
	delete(p.parts, key)
	p.leave(ch)
	p.tell(ch, cti.LegGone{Leg: key.leg, Part: key.n, Cause: 16})
}

func (p *pbx) leave(ch *channel) {
	if ch.bridge != "" {
		for m := range p.bridges[ch.bridge] {
			m.changed = p.w.at
		}
		delete(p.bridges[ch.bridge], ch)
		ch.bridge = ""
	}
}

// perform carries out a command. On a channel that is gone it does nothing: the channel's own fact is on its way.
func (p *pbx) perform(cmd cti.Command) {
	switch cmd := cmd.(type) {
	case cti.Unbridge:
		p.unbridge(cmd.Call)
	case cti.Hold:
		p.unbridge(cmd.Call)
	case cti.DropLeg:
		p.dropPart(part{cmd.Leg, cmd.Part})
	case cti.HangUp:
		p.hangUp(cmd.Call)
	default:
		if ch := p.calls[cti.Lane(cmd)]; ch != nil {
			p.performOn(ch, cmd)
		}
	}
}

// performOn carries out a command that needs the caller's channel.
func (p *pbx) performOn(ch *channel, cmd cti.Command) {
	ch.changed = p.w.at
	switch cmd := cmd.(type) {
	case cti.Remember:
		st := cmd.State
		ch.state = &st
	case cti.Play:
		p.play(ch, cmd)
	case cti.StopPlay:
		if ch.playing == cmd.Play {
			p.finish(ch, cmd.Play)
		}
	case cti.StartMusic:
		ch.music = true
	case cti.StopMusic:
		ch.music = false
	case cti.ConnectLeg:
		p.connect(cmd)
	case cti.DialOut:
		p.dialOut(cmd)
	case cti.Bridge:
		p.bridge(ch, part{cmd.Leg, cmd.Part})
	default: // Answer: the channel is up
	}
}

// speaking is how long a phrase takes to say.
func speaking(phrases []ivr.Phrase) time.Duration {
	var d time.Duration
	for _, ph := range phrases {
		d += 500*time.Millisecond + time.Duration(utf8.RuneCountInString(ph.Text))*150*time.Millisecond
	}
	return d
}

func (p *pbx) play(ch *channel, cmd cti.Play) {
	if ch.playing != 0 {
		p.w.fail(oneVoice, "call %s plays %d and %d", ch.call, ch.playing, cmd.Play)
		return
	}
	ch.playing, ch.music = cmd.Play, false
	p.w.after(speaking(cmd.Phrases), func() {
		if ch.playing == cmd.Play {
			p.finish(ch, cmd.Play)
		}
	})
	if p.w.onPlay != nil {
		p.w.onPlay(ch.call)
	}
}

func (p *pbx) finish(ch *channel, play int) {
	ch.playing, ch.changed = 0, p.w.at
	if p.calls[ch.call] == ch {
		p.tell(ch, cti.PlayFinished{Call: ch.call, Play: play})
	}
}

func (p *pbx) connect(cmd cti.ConnectLeg) {
	if cmd.Refused == "" && cmd.Agent != "" && p.w.checks.mayNot(cmd.Call) {
		p.w.fail(refusedIsHeeded, "leg %s is recorded", cmd.Leg)
	}
	if !p.w.gateway.open(part{cmd.Leg, cmd.Part}, cmd.Agent, cmd.Refused == "") {
		failed, _ := failure(cmd)
		p.w.after(p.w.late(), p.w.alive(func() { p.w.step(failed) }))
		return
	}
	key := part{cmd.Leg, cmd.Part}
	ch := p.parts[key]
	if ch == nil {
		ch = &channel{call: cmd.Call, part: key}
		p.parts[key] = ch
	}
	p.tell(ch, cti.LegUp{Leg: cmd.Leg, Part: cmd.Part})
}

// outsideRings is how long a telephone outside rings before somebody answers, outsideTalks until they hang up.
const (
	outsideRings = 3 * time.Second
	outsideTalks = 30 * time.Second
)

// dialOut calls a telephone outside: every second one is answered, the others are busy.
func (p *pbx) dialOut(cmd cti.DialOut) {
	key := part{cmd.Leg, cmd.Part}
	ch := &channel{call: cmd.Call, part: key, outside: true}
	p.parts[key] = ch
	p.dialled++
	answers := p.dialled%2 == 1
	p.w.after(outsideRings, func() {
		switch {
		case p.parts[key] != ch:
		case answers:
			p.tell(ch, cti.LegUp{Leg: cmd.Leg, Part: cmd.Part})
			p.w.after(outsideTalks, func() {
				if p.parts[key] == ch {
					p.dropPart(key)
				}
			})
		default:
			p.dropPart(key)
		}
	})
}

func (p *pbx) bridge(caller *channel, key part) {
	ch := p.parts[key]
	if ch == nil {
		return
	}
	if !ch.outside {
		p.w.checks.owed(key.leg)
	}
	members := p.bridges[caller.call]
	if members == nil {
		members = make(map[*channel]bool)
		p.bridges[caller.call] = members
	}
	for _, m := range []*channel{caller, ch} {
		if m.bridge != "" && m.bridge != caller.call {
			p.w.fail(inOneBridge, "leg %s of call %s is in bridge %s too", m.part.leg, m.call, m.bridge)
			return
		}
		members[m] = true
		m.bridge, m.bridged = caller.call, p.w.at
	}
	if len(members) > 2 {
		p.w.fail(inOneBridge, "bridge of call %s has %d members", caller.call, len(members))
		return
	}
	if p.w.onBridge != nil {
		p.w.onBridge(caller.call)
	}
}

func (p *pbx) unbridge(call id.CallID) {
	for ch := range p.bridges[call] {
		ch.bridge, ch.changed = "", p.w.at
	}
	delete(p.bridges, call)
}

// die ends Asterisk with all its channels. Nobody is told.
func (p *pbx) die() {
	clear(p.calls)
	clear(p.parts)
	clear(p.bridges)
}

// snapshot is what a controller finds when it connects, by call.
func (p *pbx) snapshot() []cti.Restored {
	found := make(map[id.CallID]*cti.Restored)
	at := func(call id.CallID) *cti.Restored {
		if found[call] == nil {
			found[call] = &cti.Restored{Call: call}
		}
		return found[call]
	}
	for call, ch := range p.calls {
		r := at(call)
		r.Up, r.Bridged = true, ch.bridge == call
		if ch.state != nil {
			st, err := roundTrip(*ch.state)
			if err != nil {
				p.w.fail("a call's state fits its variable", "call %s: %v", call, err)
			}
			r.State = &st
		}
	}
	for call := range p.bridges {
		at(call)
	}
	for key, ch := range p.parts {
		r := at(ch.call)
		r.Parts = append(r.Parts, cti.RestoredPart{Leg: key.leg, Part: key.n, Bridged: ch.bridge == ch.call})
	}
	list := make([]cti.Restored, 0, len(found))
	for _, r := range found {
		slices.SortFunc(r.Parts, func(a, b cti.RestoredPart) int {
			return cmp.Or(cmp.Compare(a.Leg, b.Leg), cmp.Compare(a.Part, b.Part))
		})
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b cti.Restored) int { return cmp.Compare(a.Call, b.Call) })
	return list
}

// gateway is the media gateway: open parts, and the recordings they make.
type gateway struct {
	down       bool
	parts      map[part]bool
	agents     map[id.LegID]id.AgentID
	recordings map[id.LegID]bool // true while not finished
	finished   int
}

func newGateway() *gateway {
	return &gateway{parts: make(map[part]bool), agents: make(map[id.LegID]id.AgentID), recordings: make(map[id.LegID]bool)}
}

func (g *gateway) open(key part, agent id.AgentID, record bool) bool {
	if g.down {
		return false
	}
	g.parts[key], g.agents[key.leg] = true, agent
	if record {
		g.recordings[key.leg] = true
	}
	return true
}

func (g *gateway) close(key part) { delete(g.parts, key) }

func (g *gateway) finish(leg id.LegID) {
	if g.recordings[leg] {
		delete(g.recordings, leg)
		g.finished++
	}
}

// found is what the gateway tells a controller that connects.
func (g *gateway) found() cti.LegsFound {
	open := make(map[id.LegID][]int)
	for key := range g.parts {
		open[key.leg] = append(open[key.leg], key.n)
	}
	for leg := range g.recordings {
		if open[leg] == nil {
			open[leg] = []int{}
		}
	}
	var found cti.LegsFound
	for leg, parts := range open {
		slices.Sort(parts)
		found.Legs = append(found.Legs, cti.FoundLeg{Leg: leg, Agent: g.agents[leg], Open: parts})
	}
	slices.SortFunc(found.Legs, func(a, b cti.FoundLeg) int { return cmp.Compare(a.Leg, b.Leg) })
	return found
}
