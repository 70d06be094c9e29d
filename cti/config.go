package cti

import (
	"cmp"
	"slices"

	"hotline/cti/id"
	"hotline/internal/calendar"
	"hotline/ivr"
	"hotline/ivr/survey"
)

// configured replaces the configuration. Calls go on in the versions of flow and survey they are in, at their places in line.
func (f *Floor) configured(ev Configured) {
	f.flows = make(map[string]*ivr.Flow, len(ev.Flows))
	for _, flow := range ev.Flows {
		f.flows[flow.ID] = flow
	}
	f.surveys = make(map[string]*survey.Survey, len(ev.Surveys))
	for _, s := range ev.Surveys {
		f.surveys[s.ID] = s
	}
	f.calendars = make(map[string]*calendar.Calendar, len(ev.Calendars))
	for _, c := range ev.Calendars {
		f.calendars[c.Name] = c
	}
	f.reasons, f.dispositions = set(ev.Reasons), set(ev.Dispositions)
	f.settings = ev.Settings
	orDefault(&f.settings.MediaGrace, defaultMediaGrace)
	orDefault(&f.settings.DeskGrace, defaultDeskGrace)
	orDefault(&f.settings.Handling, defaultHandling)
	f.configureAgents(ev.Agents)
	f.configureQueues(ev.Queues)
}

func set(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, s := range list {
		m[s] = true
	}
	return m
}

func (f *Floor) configureAgents(active []id.AgentID) {
	for _, a := range f.agents {
		a.active = false
	}
	for _, name := range active {
		f.agent(name).active = true
	}
	for _, a := range f.sortedAgents() {
		if !a.active && a.idle() {
			f.setAgent(a, AgentStateSignedOut, "")
		}
	}
}

// agent returns the agent, who is new on the floor, signed out, when not known yet.
func (f *Floor) agent(name id.AgentID) *agent {
	a := f.agents[name]
	if a == nil {
		a = &agent{id: name, state: AgentStateSignedOut}
		f.agents[name] = a
	}
	return a
}

func (f *Floor) configureQueues(queues []QueueConfig) {
	old := f.queues
	f.queues = make(map[id.QueueID]*queue, len(queues))
	f.order = f.order[:0]
	members := make(map[id.QueueID][]id.AgentID, len(queues))
	for _, a := range f.agents {
		a.queues = nil
	}
	for _, config := range queues {
		q := &queue{QueueConfig: config.withDefaults(), handling: f.settings.Handling}
		if before := old[q.ID]; before != nil {
			q.handling = before.handling
		}
		f.queues[q.ID] = q
		f.order = append(f.order, q.ID)
		members[q.ID] = q.Members
		for _, name := range q.Members {
			a := f.agent(name)
			if slices.Contains(a.queues, q) {
				continue
			}
			a.queues = append(a.queues, q)
			if a.state != AgentStateSignedOut {
				q.signedIn++
			}
		}
	}
	f.acd.Configure(f.order, members)
	f.letGoUnserved()
}

// letGoUnserved gives the callers of queues that are gone, or that nobody is signed in for any more, back to their flows.
func (f *Floor) letGoUnserved() {
	for _, c := range f.sortedCalls() {
		if c.st.Phase != PhaseQueue {
			continue
		}
		switch q := f.queues[c.st.Queue]; {
		case q == nil:
			f.touchCall(c)
			f.leaveQueue(c, OutcomeFailed)
		case q.signedIn == 0:
			f.touchCall(c)
			f.leaveQueue(c, OutcomeUnstaffed)
		}
	}
}

// sortedCalls returns all calls in an order that doesn't depend on chance.
func (f *Floor) sortedCalls() []*call {
	calls := make([]*call, 0, len(f.calls))
	for _, c := range f.calls {
		calls = append(calls, c)
	}
	slices.SortFunc(calls, func(a, b *call) int { return cmp.Compare(a.id, b.id) })
	return calls
}

// sortedAgents does the same for agents.
func (f *Floor) sortedAgents() []*agent {
	agents := make([]*agent, 0, len(f.agents))
	for _, a := range f.agents {
		agents = append(agents, a)
	}
	slices.SortFunc(agents, func(a, b *agent) int { return cmp.Compare(a.id, b.id) })
	return agents
}
