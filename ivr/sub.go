package ivr

import (
	"maps"
	"slices"
)

// MaxDepth is how many flows may wait for another to return. Each of them travels with the call.
const MaxDepth = 3

// Sub enters another flow, and goes on here when that returns. The caller keeps their language, and why they call.
type Sub struct {
	Mark   Mark // of the flow's id
	ID     string
	Send   []Pair // values of the other flow by those of this one
	Get    []Pair // values of this flow from those of the other
	Done   Target // it has returned
	Failed Target // there is no such flow, it takes other values, or has given none
}

// Return ends a flow that another one entered, and gives that its values. Where none did, the call ends.
type Return struct{}

func (Sub) action()    {}
func (Return) action() {}

// Signature is what a flow wants from one that enters it, and gives to it.
type Signature struct {
	Takes, Gives map[string]Kind
	Values       int // how many it has in all
}

// Signature is that of the flow.
func (f *Flow) Signature() Signature {
	kinds := func(names []string) map[string]Kind {
		all := map[string]Kind{}
		for _, name := range names {
			all[name] = f.Values[name].Kind
		}
		return all
	}
	return Signature{Takes: kinds(f.Takes), Gives: kinds(f.Gives), Values: len(f.Values)}
}

// SubStep is a flow to be entered, with the values that it is sent. The host goes on with what that flow's [Flow.Descend]
// returns, or reports Returned: Failed.
type SubStep struct {
	Flow   string
	Values map[string]string
}

// Descend begins the flow for a caller who is at a Sub step of another one. ok is false when it cannot be entered from there.
func (f *Flow) Descend(p Position, sub SubStep) (below Position, ok bool) {
	for _, name := range f.Takes {
		if v := f.Values[name]; v.Secret || !v.Kind.Fits(sub.Values[name]) {
			return p, false
		}
	}
	if len(p.Above) >= MaxDepth || !f.room(p) {
		return p, false
	}
	above := p
	above.Above, above.Path, above.Errand = nil, nil, false
	below = Position{Flow: f.ID, Version: f.Version, Path: p.Path, Moves: p.Moves, Above: append(slices.Clone(p.Above), above)}
	if slices.Contains(f.Langs, p.Lang) {
		below.Lang = p.Lang
	}
	for _, name := range f.Takes {
		if below.Values == nil {
			below.Values = map[string]string{}
		}
		below.Values[name] = sub.Values[name]
	}
	return below, true
}

// room says whether the flow's values and rounds still fit beside those of the flows above.
func (f *Flow) room(p Position) bool {
	values, rounds := len(p.Values), len(p.Rounds)
	for _, above := range p.Above {
		values, rounds = values+len(above.Values), rounds+len(above.Rounds)
	}
	for _, step := range f.Steps {
		if do, ok := step.Do.(Goto); ok && do.Times > 0 {
			rounds++
		}
	}
	return values+len(f.Values) <= MaxValues && rounds <= MaxCounted
}

// Ascend is where a caller goes on in this flow who returns from another that it entered. The host then reports
// Returned: Found, with the values that the other one gives.
func (f *Flow) Ascend(p Position) Position {
	last := len(p.Above) - 1
	above := p.Above[last]
	above.Above, above.Path, above.Moves = slices.Clone(p.Above[:last]), p.Path, p.Moves
	if slices.Contains(f.Langs, p.Lang) {
		above.Lang = p.Lang
	}
	return above
}

// Root is the flow that the caller came to first, which the line leads to.
func (p Position) Root() string {
	if len(p.Above) > 0 {
		return p.Above[0].Flow
	}
	return p.Flow
}

func (w *walk) descend(do Sub) Output {
	w.key = 0
	w.p.Errand = true
	sub := &SubStep{Flow: do.ID, Values: map[string]string{}}
	for _, p := range do.Send {
		sub.Values[p.Field] = w.value(p.Value)
	}
	return Output{Sub: sub}
}

func (w *walk) goBack() Output {
	if len(w.p.Above) == 0 {
		w.p.Over = true
		return Output{HangUp: true}
	}
	values := map[string]string{}
	for _, name := range w.flow.Gives {
		values[name] = w.value(name)
	}
	return Output{Return: &Returned{Result: Found, Values: values}}
}

// signature checks what the flow takes and gives.
func (c *check) signature() {
	for _, list := range []struct {
		key   string
		at    Mark
		names []string
	}{{"takes", c.flow.TakesMark, c.flow.Takes}, {"gives", c.flow.GivesMark, c.flow.Gives}} {
		for i, name := range list.names {
			v, ok := c.declared("", list.at, name, list.key)
			if ok && v.Secret {
				c.fault(list.at, "", Worded("`%s` names the secret %q", list.key, name), Worded("a secret stays in the flow that asks for it"))
			}
			if slices.Contains(list.names[:i], name) {
				c.fault(list.at, "", Worded("`%s` names %q twice", list.key, name), Worded("remove one"))
			}
		}
	}
	returns := false
	for _, step := range c.flow.Steps {
		_, is := step.Do.(Return)
		returns = returns || is
	}
	if len(c.flow.Gives) > 0 && !returns {
		c.fault(c.flow.GivesMark, "", Worded("the flow gives values, and never returns"), Worded("add a step `return: {}`, or remove `gives`"))
	}
}

func (c *check) sub(name string, s Step, do Sub) {
	at := orStep(do.Mark, s)
	sig, known := c.known.Flows[do.ID]
	switch {
	case do.ID == "":
		c.fault(s.Mark, name, where(name, "`flow` names no flow"), Worded("add `id: FLOW`"))
	case do.ID == c.flow.ID:
		c.fault(at, name, where(name, "the flow enters itself"), Worded("go to one of its steps, or enter another flow"))
	case !known && c.known.Flows != nil:
		c.fault(at, name, where(name, "there is no flow %q", do.ID),
			suggest(do.ID, keys(c.known.Flows), Worded("add that flow, or name one that exists")))
	case sig.Values+len(c.flow.Values) > MaxValues:
		c.fault(at, name, where(name, "this flow and %q have %d values together", do.ID, sig.Values+len(c.flow.Values)),
			Worded("keep at most %d, they travel with the call", MaxValues))
	}
	c.pass(name, s.Mark, do.Send, "send", known, sig.Takes)
	c.pass(name, s.Mark, do.Get, "get", known, sig.Gives)
	for _, want := range keys(sig.Takes) {
		if !slices.ContainsFunc(do.Send, func(p Pair) bool { return p.Field == want }) {
			c.fault(at, name, where(name, "flow %q takes %q, which is not sent", do.ID, want), Worded("add `send: {%s: VALUE}`", want))
		}
	}
	c.target(name, s.Mark, do.Done, "done")
	c.target(name, s.Mark, do.Failed, "failed")
}

// pass checks values that go from one flow to another.
func (c *check) pass(name string, at Mark, pairs []Pair, key string, known bool, theirs map[string]Kind) {
	for _, p := range pairs {
		if p.Mark != (Mark{}) {
			at = p.Mark
		}
		kind, there := theirs[p.Field]
		if known && !there {
			c.fault(at, name, where(name, "`%s`: the other flow has no %q for it", key, p.Field),
				suggest(p.Field, slices.Sorted(maps.Keys(theirs)), Worded("name a value that it takes or gives")))
		}
		if key == "send" && p.Value == valueLanguage {
			continue
		}
		v, ok := c.declared(name, at, p.Value, key)
		switch {
		case ok && v.Secret:
			c.fault(at, name, where(name, "`%s` names the secret %q", key, p.Value), Worded("a secret stays in the flow that asks for it"))
		case ok && there && v.Kind != kind:
			c.fault(at, name, where(name, "%q is %s here, and %q is %s in the other flow", p.Value, v.Kind, p.Field, kind), Worded("give both the same kind"))
		}
	}
}

// forgets are the values that are not sure to be kept by the host while the step is done: another flow may ask for a secret
// of the same name.
func (c *check) forgets(do Action) []string {
	if _, ok := do.(Sub); !ok {
		return nil
	}
	var all []string
	for _, name := range keys(c.flow.Values) {
		if c.flow.Values[name].Secret {
			all = append(all, name)
		}
	}
	return all
}
