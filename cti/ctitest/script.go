package ctitest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/ivr"
)

// Line is one line of a script: after a while, somebody does something. The package doc lists the verbs.
type Line struct {
	Text  string        // as written
	After time.Duration // since the line before
	Who   string        // c1 is a caller, a1 an agent; everything else by its name
	Verb  string
	Args  []string
}

// ParseScript reads a script. Comments, blank lines and output (what begins with a blank) are no lines.
func ParseScript(text string) ([]Line, error) {
	var lines []Line
	for i, raw := range strings.Split(text, "\n") {
		if raw == "" || raw[0] == '#' || raw[0] == ' ' {
			continue
		}
		line := Line{Text: raw}
		words := strings.Fields(raw)
		if words[0][0] == '+' {
			d, err := time.ParseDuration(words[0][1:])
			if err != nil {
				return nil, fmt.Errorf("line %d: read pause: %w", i+1, err)
			}
			line.After = d
			words = words[1:]
		}
		if len(words) > 0 {
			line.Who = words[0]
		}
		if len(words) > 1 {
			line.Verb, line.Args = splitVerb(words[1:])
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// longVerbs are the verbs of several words.
var longVerbs = []string{
	"hangs up", "is ready", "not ready", "signs in", "signs out", "closes desk", "opens desk", "loses media",
	"regains media", "sends to survey", "is lost", "is back", "is called",
}

func splitVerb(words []string) (string, []string) {
	joined := strings.Join(words, " ")
	for _, verb := range longVerbs {
		if joined == verb || strings.HasPrefix(joined, verb+" ") {
			n := strings.Count(verb, " ") + 1
			return verb, words[n:]
		}
	}
	return words[0], words[1:]
}

// Entry is one step of a Floor in a script.
type Entry struct {
	Line     int           // index of the script line that it came after
	Floor    int           // counts the Floors: each controller that starts has its own
	At       time.Duration // since the start of the script
	Event    cti.Event
	Commands []cti.Command
}

// scriptStart is when scripts begin: a Monday at nine.
var scriptStart = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// RunScript plays the script on a Floor with a model of Asterisk, and returns what the Floor was told and did.
func RunScript(lines []Line) ([]Entry, error) { return RunScriptOn(Config(ScriptAgents(lines)), lines) }

// RunScriptOn plays the script on a floor that is set up otherwise.
func RunScriptOn(config cti.Configured, lines []Line) ([]Entry, error) {
	r := &scriptRun{}
	r.w = newWorld(scriptStart, config, nil, network{delay: 10 * time.Millisecond})
	r.w.observe = func(ev cti.Event, cmds []cti.Command) {
		r.entries = append(r.entries, Entry{Line: r.line, Floor: r.w.floors, At: r.w.at, Event: ev, Commands: cmds})
	}
	r.w.startController()
	r.w.checks.audit()
	for i, line := range lines {
		r.w.run(r.w.at + line.After)
		r.line = i
		if err := r.do(line); err != nil {
			return r.entries, fmt.Errorf("%q: %w", line.Text, err)
		}
		if r.w.err != nil {
			return r.entries, fmt.Errorf("%q: %w", line.Text, r.w.err)
		}
	}
	return r.entries, nil
}

// ScriptAgents are those whom the script has do something.
func ScriptAgents(lines []Line) []id.AgentID {
	var agents []id.AgentID
	seen := map[string]bool{}
	for _, line := range lines {
		if isAgent(line.Who) && !seen[line.Who] {
			seen[line.Who] = true
			agents = append(agents, id.AgentID(line.Who))
		}
	}
	return agents
}

func isAgent(who string) bool { return isNumbered(who, 'a') }

func isNumbered(who string, kind byte) bool {
	if len(who) < 2 || who[0] != kind {
		return false
	}
	_, err := strconv.Atoi(who[1:])
	return err == nil
}

type scriptRun struct {
	w       *world
	line    int
	entries []Entry
	req     uint64
}

func (r *scriptRun) do(line Line) error {
	var ok bool
	switch {
	case isNumbered(line.Who, 'c'):
		ok = r.caller(id.CallID(line.Who), line)
	case isAgent(line.Who):
		ok = r.agent(id.AgentID(line.Who), line)
	default:
		ok = r.thing(line)
	}
	if !ok {
		return fmt.Errorf("%s can't do %q", line.Who, line.Verb)
	}
	return nil
}

func (r *scriptRun) caller(call id.CallID, line Line) bool {
	switch line.Verb {
	case "dials":
		r.w.pbx.dial(call, DemoLine, len(line.Args) > 0 && line.Args[0] == "anonymous")
	case "is called":
		r.w.pbx.call(call)
	case "presses":
		for _, digit := range strings.Join(line.Args, "") {
			r.w.pbx.press(call, string(digit))
		}
	case "hangs up":
		r.w.pbx.hangUp(call)
	default:
		return false
	}
	return true
}

func (r *scriptRun) thing(line Line) bool {
	w := r.w
	switch line.Who + " " + line.Verb {
	case "time passes":
	case "asterisk is lost":
		w.unlink()
	case "asterisk is back":
		w.link()
	case "asterisk dies":
		w.pbx.die()
		w.unlink()
	case "controller dies":
		w.killController()
	case "controller starts":
		w.startController()
	case "gateway dies":
		w.gateway.down = true
		clear(w.gateway.parts)
		for _, a := range w.config.Agents {
			r.media(a, false)
		}
	case "gateway is back":
		w.gateway.down = false
		w.step(w.gateway.found())
	case "leg dies":
		leg := id.LegID(line.Args[0])
		n, err := strconv.Atoi(line.Args[1])
		if err != nil {
			return false
		}
		w.pbx.dropPart(part{leg, n})
	case "next fails":
		w.failing[line.Args[0]]++
	case "queue has":
		return r.members(line.Args)
	case "queue asks":
		return r.asks(line.Args)
	case "queue spares":
		r.w.spares = true
	case "flow is":
		return r.publish(line.Args)
	default:
		return false
	}
	return true
}

// publish makes a version of the flow live: first or swapped.
func (r *scriptRun) publish(args []string) bool {
	flow := r.w.versions[0]
	if len(args) != 1 || args[0] != "first" && args[0] != "swapped" {
		return false
	}
	if args[0] == "swapped" {
		flow = Swapped(flow)
	}
	r.w.versions = append(r.w.versions, flow)
	r.w.config.Flows = []*ivr.Flow{flow, Desk()}
	r.w.step(r.w.config.Named())
	return true
}

// asks reconfigures when a queue asks its callers: the share in percent, and agreed, key, after, link, limited.
func (r *scriptRun) asks(args []string) bool {
	if len(args) < 2 {
		return false
	}
	share, err := strconv.Atoi(args[1])
	if err != nil {
		return false
	}
	has := func(what string) bool { return slices.Contains(args[2:], what) }
	asking := &cti.Asking{Agreed: has("agreed"), Key: has("key"), After: has("after"), Link: has("link"), Limited: has("limited"), Share: share}
	return r.reconfigure(args[0], func(q *cti.QueueConfig) { q.Asking = asking })
}

// members reconfigures who serves a queue.
func (r *scriptRun) members(args []string) bool {
	return r.reconfigure(args[0], func(q *cti.QueueConfig) {
		q.Members = nil
		for _, a := range args[1:] {
			q.Members = append(q.Members, id.AgentID(a))
		}
	})
}

func (r *scriptRun) reconfigure(queue string, change func(*cti.QueueConfig)) bool {
	r.w.config.Queues = slices.Clone(r.w.config.Queues) // the old ones are part of a fact
	for i := range r.w.config.Queues {
		q := &r.w.config.Queues[i]
		if q.ID != id.QueueID(queue) {
			continue
		}
		change(q)
		r.w.checks.configured()
		r.w.step(r.w.config.Named())
		return true
	}
	return false
}

func (r *scriptRun) media(a id.AgentID, on bool) {
	if r.w.media[a] == on {
		return
	}
	r.w.media[a] = on
	if on {
		r.w.step(cti.MediaConnected{Agent: a})
	} else {
		r.w.step(cti.MediaLost{Agent: a})
	}
}

func (r *scriptRun) desk(a id.AgentID, on bool) {
	r.w.desks[a] = on
	if on {
		r.w.step(cti.DeskConnected{Agent: a})
	} else {
		r.w.step(cti.DeskLost{Agent: a})
	}
}

// agent does what an agent does. A leg as argument stands for a desk that is behind; otherwise it is the one shown.
func (r *scriptRun) agent(a id.AgentID, line Line) bool {
	switch line.Verb {
	case "signs in":
		r.desk(a, true)
		r.media(a, true)
	case "is ready":
		r.desk(a, true)
		r.media(a, true)
		r.ask(a, line)
	case "opens desk":
		r.desk(a, true)
	case "closes desk":
		r.desk(a, false)
	case "loses media":
		r.media(a, false)
	case "regains media":
		r.media(a, true)
	default:
		return r.ask(a, line)
	}
	return true
}

// ask makes the agent's request.
func (r *scriptRun) ask(a id.AgentID, line Line) bool {
	r.req++
	req := r.req
	leg := legOf(r.w.rows[a])
	arg := ""
	if len(line.Args) > 0 {
		arg = line.Args[0]
	}
	if strings.Contains(arg, ".") {
		leg = id.LegID(arg)
	}
	var ev cti.Event
	switch line.Verb {
	case "ready", "is ready":
		ev = cti.AgentReady{Agent: a, Req: req}
	case "not ready":
		ev = cti.AgentNotReady{Agent: a, Reason: arg, Req: req}
	case "signs out":
		ev = cti.AgentSignedOut{Agent: a, Req: req}
	case "answers":
		ev = cti.AgentAnswered{Agent: a, Leg: leg, Req: req}
	case "declines":
		ev = cti.AgentDeclined{Agent: a, Leg: leg, Req: req}
	case "hangs up":
		ev = cti.AgentHungUp{Agent: a, Leg: leg, Req: req}
	case "holds":
		ev = cti.AgentHeld{Agent: a, Leg: leg, Req: req}
	case "resumes":
		ev = cti.AgentResumed{Agent: a, Leg: leg, Req: req}
	case "sends to survey":
		ev = cti.AgentToSurvey{Agent: a, Leg: leg, Req: req}
	case "disposes":
		ev = cti.AgentDisposed{Agent: a, Call: leg.Call(), Code: arg, Req: req}
	case "next":
		ev = nextState(a, line.Args, req)
	default:
		return false
	}
	r.w.step(ev)
	return true
}

func nextState(a id.AgentID, args []string, req uint64) cti.AgentNextState {
	ev := cti.AgentNextState{Agent: a, Req: req}
	switch {
	case len(args) == 1 && args[0] == "ready":
		ev.State = cti.AgentStateReady
	case len(args) == 1: // nothing: taken back
	default:
		ev.State, ev.Reason = cti.AgentStateNotReady, args[len(args)-1]
	}
	return ev
}

// quiet says whether the step tells a reader nothing: what every controller begins with.
func quiet(e Entry) bool {
	switch ev := e.Event.(type) {
	case cti.Configured:
		return len(e.Commands) == 0
	case cti.AsteriskReconnected:
		return len(ev.Calls) == 0 && len(e.Commands) == 0
	case cti.LegsFound:
		return len(e.Commands) == 0
	default:
		return false
	}
}

// FormatScript returns the script with the output of each line under it, comments kept, old output dropped.
func FormatScript(text string, entries []Entry) string {
	var b strings.Builder
	line := 0
	for _, raw := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if raw != "" && raw[0] == ' ' {
			continue
		}
		b.WriteString(raw + "\n")
		if raw == "" || raw[0] == '#' {
			continue
		}
		for len(entries) > 0 && entries[0].Line == line {
			e := entries[0]
			entries = entries[1:]
			if quiet(e) {
				continue
			}
			fmt.Fprintf(&b, "  %8.2f %s\n", e.At.Seconds(), DescribeEvent(e.Event))
			for _, cmd := range e.Commands {
				if _, ok := cmd.(cti.Walked); ok {
					continue // remember says where the call is
				}
				fmt.Fprintf(&b, "           -> %s\n", describeCommand(scriptStart.Add(e.At), cmd))
			}
		}
		line++
	}
	return b.String()
}
