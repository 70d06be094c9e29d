package ivr

import (
	"slices"
	"strings"
)

// edge is one way from a step to another.
type edge struct {
	to     string
	paused bool // taken only when the caller presses something, or a counted number of times
}

// edges returns every way out of a step.
func edges(do Action) []edge {
	var all []edge
	add := func(t Target, paused bool) {
		if t.Step != "" {
			all = append(all, edge{t.Step, paused})
		}
	}
	switch do := do.(type) {
	case Play:
		add(do.Next, false)
	case Consent:
		add(do.Refused, true)
		add(do.Next, false)
	case Language:
		add(do.Next, false)
	case Menu:
		for _, c := range do.Choices {
			add(c.Next, true)
		}
		add(do.Invalid.Next, true)
		add(do.Silent.Next, false)
	case Ask:
		add(do.Next, true)
		add(do.Invalid.Next, true)
		add(do.Silent.Next, false)
	case Lookup:
		for _, t := range []Target{do.Found, do.Missing, do.Failed} {
			add(t, false)
		}
	case Pay:
		for _, t := range []Target{do.Paid, do.Declined, do.Failed} {
			add(t, false)
		}
	case Task:
		add(do.Done, false)
		add(do.Failed, false)
	case Message:
		add(do.Done, false) // a line that is left open is a message too
		add(do.Empty.Next, false)
		add(do.Failed, false)
	case Set:
		add(do.Next, false)
	case Branch:
		for _, c := range do.Cases {
			add(c.Next, false)
		}
		add(do.Else, false)
	case Hours:
		for _, t := range []Target{do.Open, do.Closed, do.Holiday, do.Emergency} {
			add(t, false)
		}
	case Queue:
		for _, t := range []Target{do.Timeout, do.Unstaffed, do.Closed, do.Done} {
			add(t, false)
		}
	case Survey:
		add(do.Next, false)
	case Transfer:
		add(do.Done, false)
		add(do.Failed, false)
	case Sub:
		add(do.Done, false)
		add(do.Failed, false)
	case Goto:
		add(do.Step, do.Times > 0)
		add(do.Then, false)
	case Return, HangUp:
	}
	return all
}

// reach finds steps that no caller can get to.
func (c *check) reach() {
	seen := map[string]bool{}
	todo := []string{c.flow.Start, c.flow.Lost}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		step, ok := c.flow.Steps[name]
		if !ok || seen[name] {
			continue
		}
		seen[name] = true
		for _, e := range edges(step.Do) {
			todo = append(todo, e.to)
		}
	}
	for _, name := range c.flow.names() {
		if !seen[name] {
			c.fault(c.flow.Steps[name].Mark, name, Worded("no way leads to step %q", name),
				Worded("go there from another step, or remove it"))
		}
	}
}

// rounds finds ways round that a silent caller would go for ever. With those gone, every caller comes to an end: each
// step but hangup has a way on, and the ways that a caller who does nothing takes are finite.
func (c *check) rounds() {
	const (
		fresh = iota
		open
		closed
	)
	state := map[string]int{}
	var path []string
	var visit func(name string)
	visit = func(name string) {
		state[name] = open
		path = append(path, name)
		for _, e := range edges(c.flow.Steps[name].Do) {
			if e.paused {
				continue
			}
			switch state[e.to] {
			case fresh:
				visit(e.to)
			case open:
				c.spin(path[slices.Index(path, e.to):])
			}
		}
		path = path[:len(path)-1]
		state[name] = closed
	}
	for _, name := range c.flow.names() {
		if state[name] == fresh {
			visit(name)
		}
	}
}

// spin reports one way round, at its first step in the file.
func (c *check) spin(round []string) {
	first := round[0]
	for _, name := range round {
		if c.flow.Steps[name].Mark.Line < c.flow.Steps[first].Mark.Line {
			first = name
		}
	}
	at := slices.Index(round, first)
	way := append(slices.Clone(round[at:]), round[:at]...)
	way = append(way, first)
	c.fault(c.flow.Steps[first].Mark, first,
		Worded("a caller who does nothing never gets out of %s", strings.Join(way, " -> ")),
		Worded("end one of these ways in a hangup, or go round with `goto: {step: ..., times: N, then: ...}`"))
}
