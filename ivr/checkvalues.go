package ivr

import (
	"maps"
	"slices"
	"strings"

	"hotline/ivr/survey"
)

// MaxKeyed is how many digits a caller keys at most for one value.
const MaxKeyed = 32

// values checks the declarations.
func (c *check) values() {
	names := keys(c.flow.Values)
	if len(names) > MaxValues {
		c.fault(c.flow.Mark, "", Worded("the flow has %d values", len(names)), Worded("keep at most %d", MaxValues))
	}
	for _, name := range names {
		v := c.flow.Values[name]
		switch {
		case name == valueLanguage || name == valueCaller:
			c.fault(v.Mark, "", Worded("every flow has a value %q", name), Worded("give this one another name"))
		case !slices.Contains(Kinds, string(v.Kind)):
			c.fault(v.Mark, "", Worded("value %q: kind %q is not known", name, v.Kind),
				suggest(string(v.Kind), Kinds, Worded("use one of %s", strings.Join(Kinds, ", "))))
		case v.Secret && v.Kind != KindDigits:
			c.fault(v.Mark, "", Worded("value %q is secret, and no digits", name), Worded("use `kind: digits`; only what is keyed can be kept secret"))
		case !c.valued[name]:
			c.warn(v.Mark, "", Worded("value %q is never used", name), Worded("remove it, or use it in a step"))
		}
	}
}

// declared checks that a value exists, and returns it.
func (c *check) declared(step string, at Mark, name, key string) (Value, bool) {
	c.valued[name] = true
	v, ok := c.flow.Values[name]
	switch {
	case name == "":
		c.fault(at, step, where(step, "`%s` names no value", key), Worded("add `%s: VALUE`", key))
	case !ok:
		c.fault(at, step, where(step, "`%s` names unknown value %q", key, name),
			suggest(name, keys(c.flow.Values), Worded("declare it under `values`, with its kind")))
	}
	return v, ok
}

func (c *check) ask(name string, s Step, do Ask) {
	at := orStep(do.Mark, s)
	if len(do.Say) == 0 {
		c.fault(s.Mark, name, where(name, "`ask` says nothing"), Worded("add `say: PROMPT` that asks for it"))
	}
	c.say(name, do.Say)
	v, ok := c.declared(name, at, do.Value, "value")
	if ok && (v.Kind == KindText || v.Kind == KindCode) {
		c.fault(at, name, where(name, "a caller cannot key %q, which is of kind %s", do.Value, v.Kind),
			Worded("use a value of kind digits, number, money, date or time"))
	}
	switch {
	case do.Min == 0:
		c.fault(at, name, where(name, "`ask` does not say how many digits"), Worded("add `digits: 8`, or a range such as `digits: 6-10`"))
	case v.Kind == KindDate && do.Max != 8, v.Kind == KindTime && do.Max != 4:
		c.fault(at, name, where(name, "a %s has another number of digits", v.Kind), Worded("use 8 for a date (20261129) and 4 for a time (1430)"))
	case (v.Kind == KindNumber || v.Kind == KindMoney) && do.Max > 12:
		c.fault(at, name, where(name, "numbers have at most 12 digits"), Worded("ask for fewer, or use a value of kind digits"))
	}
	if do.Check != NoChecksum && do.Check != Luhn {
		c.fault(at, name, where(name, "`check: %s` is not known", do.Check), Worded("use luhn, or remove it"))
	} else if do.Check == Luhn && v.Kind != KindDigits {
		c.fault(at, name, where(name, "only digits can be checked"), Worded("use a value of kind digits, or remove `check`"))
	}
	if v.Secret && !do.BargeIn {
		c.warn(at, name, where(name, "callers who know the question cannot key their secret at once"), Worded("remove `barge-in: false`"))
	}
	if do.After < MinWait || do.After > MaxWait {
		c.fault(at, name, where(name, "waits %s for a digit", survey.Duration(do.After)),
			Worded("use `after` from %s to %s", survey.Duration(MinWait), survey.Duration(MaxWait)))
	}
	c.retry(name, s, do.Silent, "timeout")
	c.retry(name, s, do.Invalid, "invalid")
	c.target(name, s.Mark, do.Next, "next")
}

// service checks what leaves for a service. Secrets may only go to one that is paid by them.
func (c *check) service(name string, at Mark, service string, send []Pair, secrets bool) {
	switch {
	case service == "":
		c.fault(at, name, where(name, "names no service"), Worded("add `service: NAME`"))
	case c.known.Services != nil && !slices.Contains(c.known.Services, service):
		c.fault(at, name, where(name, "there is no service %q", service),
			suggest(service, c.known.Services, Worded("add it to `services` in the configuration, or name one that exists")))
	}
	for _, p := range send {
		if p.Value == valueCaller || p.Value == valueLanguage {
			continue
		}
		if v, ok := c.declared(name, p.Mark, p.Value, "send"); ok && v.Secret && !secrets {
			c.fault(p.Mark, name, where(name, "sends the secret %q", p.Value), Worded("send secrets only in a `pay` step"))
		}
	}
}

func (c *check) lookup(name string, s Step, do Lookup) {
	c.service(name, orStep(do.Mark, s), do.Service, do.Send, false)
	for _, p := range do.Get {
		if v, ok := c.declared(name, p.Mark, p.Value, "get"); ok && v.Secret {
			c.fault(p.Mark, name, where(name, "gets the secret %q", p.Value), Worded("use a value that is not secret; only what is keyed can be"))
		}
	}
	c.say(name, do.Say)
	c.target(name, s.Mark, do.Found, "found")
	c.target(name, s.Mark, do.Missing, "missing")
	c.target(name, s.Mark, do.Failed, "failed")
}

func (c *check) pay(name string, s Step, do Pay) {
	c.service(name, orStep(do.Mark, s), do.Service, do.Send, true)
	c.say(name, do.Say)
	c.target(name, s.Mark, do.Paid, "paid")
	c.target(name, s.Mark, do.Declined, "declined")
	c.target(name, s.Mark, do.Failed, "failed")
}

func (c *check) task(name string, s Step, do Task) {
	at := orStep(do.Mark, s)
	if do.Kind != TaskCallback && do.Kind != TaskFollowUp {
		c.fault(at, name, where(name, "leaves a task of kind %q", do.Kind), Worded("use callback or follow-up"))
	}
	if do.Queue != "" && c.known.Queues != nil && !slices.Contains(c.known.Queues, do.Queue) {
		c.fault(orStep(do.QueueAt, s), name, where(name, "there is no queue %q", do.Queue),
			suggest(do.Queue, c.known.Queues, Worded("add the queue, or name one that exists")))
	}
	c.note(name, s, do.Note)
	c.target(name, s.Mark, do.Done, "done")
	c.target(name, s.Mark, do.Failed, "failed")
}

// note checks what a task is about.
func (c *check) note(name string, s Step, note Text) {
	c.holes(name, s.Mark, note)
	if len(note) > 0 && note[c.flow.lang()] == "" {
		c.fault(s.Mark, name, where(name, "`note` is not in the flow's first language, which the agents read"), Worded("add `%s: ...`", c.flow.lang()))
	}
}

func (c *check) set(name string, s Step, do Set) {
	at := orStep(do.Mark, s)
	v, ok := c.declared(name, at, do.Value, "value")
	switch {
	case ok && v.Secret:
		c.fault(at, name, where(name, "sets the secret %q", do.Value), Worded("secrets are only keyed by callers"))
	case (do.To == "") == (do.From == ""):
		c.fault(at, name, where(name, "`set` needs one of `to` and `from`"), Worded("add `to: TEXT`, or `from: VALUE`"))
	case do.From != "" && do.From != valueLanguage:
		if from, known := c.declared(name, at, do.From, "from"); ok && known && (from.Kind != v.Kind || from.Secret) {
			c.fault(at, name, where(name, "%q is not of the kind of %q", do.From, do.Value), Worded("take a value of the same kind that is not secret"))
		}
	case ok && do.To != "" && !v.Kind.Fits(do.To):
		c.fault(at, name, where(name, "%q is no %s", do.To, v.Kind), Worded("write it as docs/flow-language.md shows under Values"))
	}
	c.target(name, s.Mark, do.Next, "next")
}

func (c *check) branch(name string, s Step, do Branch) {
	at := orStep(do.Mark, s)
	v, ok := Value{Kind: KindText}, true
	if do.Value != valueLanguage {
		v, ok = c.declared(name, at, do.Value, "value")
	}
	if ok && v.Secret {
		c.fault(at, name, where(name, "goes by the secret %q", do.Value), Worded("nobody sees a secret, the flow neither"))
	}
	if len(do.Cases) == 0 {
		c.fault(s.Mark, name, where(name, "`branch` has no cases"), Worded("add `cases:` with `is: TEXT` and `next` for each"))
	}
	for i, k := range do.Cases {
		if ok {
			c.oneCase(name, v, do.Cases[:i], k)
		}
		c.target(name, k.Mark, k.Next, "next")
	}
	c.target(name, s.Mark, do.Else, "else")
}

// oneCase checks a case of a branch, against those before it.
func (c *check) oneCase(name string, v Value, before []Case, k Case) {
	bounded := k.From != "" || k.To != ""
	switch {
	case len(k.Is) == 0 && !bounded:
		c.fault(k.Mark, name, where(name, "a case never fits"), Worded("add `is: TEXT`, or `from` and `to` of numbers"))
	case bounded && v.Kind != KindNumber && v.Kind != KindMoney:
		c.fault(k.Mark, name, where(name, "`from` and `to` are for numbers and money"), Worded("use `is`"))
	case bounded:
		from, okFrom := number(k.From)
		to, okTo := number(k.To)
		if (k.From != "" && !okFrom) || (k.To != "" && !okTo) || (okFrom && okTo && from > to) {
			c.fault(k.Mark, name, where(name, "`from` and `to` are no range of whole numbers"), Worded("write the smaller one first"))
		}
	}
	for _, is := range k.Is {
		if !v.Kind.Fits(is) {
			c.fault(k.Mark, name, where(name, "%q is no %s, so that the case never fits", is, v.Kind), Worded("write it as docs/flow-language.md shows under Values"))
		}
		if i := slices.IndexFunc(before, func(o Case) bool { return o.fits(is) }); i >= 0 {
			c.fault(k.Mark, name, where(name, "%q fits a case before, on line %d", is, before[i].Mark.Line), Worded("remove one of them"))
		}
	}
}

// holes checks the values in braces of a text.
func (c *check) holes(step string, at Mark, t Text) {
	for _, lang := range keys(t) {
		names, whole := holes(t[lang])
		if !whole {
			c.fault(at, step, where(step, "braces are not whole in %s", lang), Worded("write {VALUE} around the name of a value, and no other braces"))
			continue
		}
		for _, name := range names {
			if v, ok := c.declared(step, at, name, "{}"); ok && v.Secret {
				c.fault(at, step, where(step, "says the secret %q in %s", name, lang), Worded("nobody sees a secret, the flow neither"))
			}
		}
	}
}

// assigned finds steps that may be reached with a value that they need and that is not set.
func (c *check) assigned() {
	flow := c.flow
	// What is surely set on arrival at each step; a step that was not met yet has no entry.
	sure := map[string]map[string]bool{}
	todo := []string{flow.Start}
	sure[flow.Start] = map[string]bool{}
	for _, value := range flow.Takes {
		sure[flow.Start][value] = true
	}
	if _, ok := flow.Steps[flow.Lost]; ok {
		// Callers come to the lost step from anywhere, also from another version of the flow.
		sure[flow.Lost] = map[string]bool{}
		todo = append(todo, flow.Lost)
	}
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		for _, e := range edges(flow.Steps[name].Do) {
			out := maps.Clone(sure[name])
			for _, value := range c.forgets(flow.Steps[name].Do) {
				delete(out, value)
			}
			for _, value := range gives(flow.Steps[name].Do, e.to) {
				out[value] = true
			}
			have, met := sure[e.to]
			if !met {
				sure[e.to] = out
				todo = append(todo, e.to)
				continue
			}
			before := len(have)
			maps.DeleteFunc(have, func(value string, _ bool) bool { return !out[value] })
			if len(have) < before {
				todo = append(todo, e.to)
			}
		}
	}
	for _, name := range flow.names() {
		have, met := sure[name]
		if !met {
			continue // reported as out of reach
		}
		for _, value := range c.needs(flow.Steps[name].Do) {
			if _, known := flow.Values[value]; known && !have[value] {
				c.fault(flow.Steps[name].Mark, name, where(name, "needs %q, which is not set on every way here", value),
					Worded("ask for it, look it up or set it before, on each way"))
			}
		}
	}
}

// gives is what is surely set when the step goes on at to. A step that leads there by several ways gives what all of them do.
func gives(do Action, to string) []string {
	only := func(t Target, others ...Target) bool {
		return t.Step == to && !slices.ContainsFunc(others, func(o Target) bool { return o.Step == to })
	}
	switch do := do.(type) {
	case Ask:
		if only(do.Next, do.Silent.Next, do.Invalid.Next) {
			return []string{do.Value}
		}
	case Lookup:
		if only(do.Found, do.Missing, do.Failed) {
			var all []string
			for _, p := range do.Get {
				all = append(all, p.Value)
			}
			return all
		}
	case Sub:
		if only(do.Done, do.Failed) {
			var all []string
			for _, p := range do.Get {
				all = append(all, p.Value)
			}
			return all
		}
	case Set:
		return []string{do.Value}
	default: // learns nothing of the caller
	}
	return nil
}

// needs is what the step uses of the values.
func (c *check) needs(do Action) []string {
	var all []string
	words := func(t Text) {
		for _, lang := range keys(t) {
			names, _ := holes(t[lang])
			all = append(all, names...)
		}
	}
	say := func(lists ...Say) {
		for _, list := range lists {
			for _, ref := range list {
				words(c.flow.Prompts[ref.Key].Text)
			}
		}
	}
	send := func(pairs []Pair) {
		for _, p := range pairs {
			all = append(all, p.Value)
		}
	}
	switch do := do.(type) {
	case Play:
		say(do.Say)
	case Consent:
		say(do.Say)
	case Menu:
		say(do.Say, do.Silent.Say, do.Invalid.Say)
	case Ask:
		say(do.Say, do.Silent.Say, do.Invalid.Say)
	case Lookup:
		say(do.Say)
		send(do.Send)
	case Pay:
		say(do.Say)
		send(do.Send)
	case Task:
		words(do.Note)
	case Message:
		say(do.Say, do.Review, do.Empty.Say)
		words(do.Note)
	case Set:
		all = append(all, do.From)
	case Branch:
		all = append(all, do.Value)
	case Transfer:
		say(do.Say)
	case Queue:
		say(do.Busy, do.Waiting)
	case HangUp:
		say(do.Say)
	case Sub:
		send(do.Send)
	case Return:
		all = append(all, c.flow.Gives...)
	case Language, Hours, Survey, Goto:
	}
	slices.Sort(all)
	return slices.Compact(all)
}
