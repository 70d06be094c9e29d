package flowfile

import (
	"strings"
	"time"

	"hotline/cti/id"
	"hotline/ivr"
)

// What a file need not say.
const (
	defaultWait   = 6 * time.Second // for a digit
	defaultRepeat = 2               // of a menu
	defaultTries  = 2               // of a question
	defaultRefuse = 3 * time.Second // for the key by which a caller refuses the recording
	// Of a voice message.
	defaultLongest  = 2 * time.Minute
	defaultShortest = 2 * time.Second
	defaultComment  = time.Minute
	defaultRing     = 30 * time.Second
)

// action reads what a step does: exactly one of the actions. nil after a fault that left none.
func (r *reader) action(f field) ivr.Action {
	o := r.object(f, "a step", ivr.ActionNames...)
	var found []string
	for _, name := range ivr.ActionNames {
		if _, ok := o[name]; ok {
			found = append(found, name)
		}
	}
	if len(found) > 1 {
		r.fault(f.mark, ivr.Worded("step %q does %s at once", f.key, strings.Join(found, " and ")),
			ivr.Worded("make each of them a step of its own"))
	}
	if len(found) == 0 {
		return nil
	}
	do := o[found[0]]
	what := "`" + do.key + "`"
	switch do.key {
	case "play":
		p := r.object(do, what, "say", "barge-in", "next")
		return ivr.Play{Say: r.say(p["say"]), BargeIn: r.yes(p["barge-in"], "`barge-in`", true), Next: r.target(p["next"], "`next`")}
	case "consent":
		return r.consent(do)
	case "language":
		p := r.object(do, what, "set", "next")
		set, _ := r.scalar(p["set"], "`set`")
		return ivr.Language{Mark: place(p["set"]), Set: ivr.Lang(set), Next: r.target(p["next"], "`next`")}
	case "menu":
		return r.menu(do)
	case "ask":
		return r.ask(do)
	case "set":
		return r.set(do)
	case "branch":
		return r.branch(do)
	case "lookup":
		return r.lookup(do)
	case "pay":
		return r.pay(do)
	case "task":
		return r.task(do)
	case "message":
		return r.message(do)
	case "transfer":
		return r.transfer(do)
	case "hours":
		return r.hours(do)
	case "queue":
		return r.queue(do)
	case "survey":
		p := r.object(do, what, "id", "next")
		return ivr.Survey{Mark: place(p["id"]), ID: r.name(p["id"], "`id`"), Next: r.target(p["next"], "`next`")}
	case "flow":
		p := r.object(do, what, "id", "send", "get", "done", "failed")
		return ivr.Sub{
			Mark: place(p["id"]), ID: r.name(p["id"], "`id`"), Send: r.pairsOf(p["send"], "`send`"), Get: r.pairsOf(p["get"], "`get`"),
			Done: r.target(p["done"], "`done`"), Failed: r.target(p["failed"], "`failed`"),
		}
	case "return":
		r.object(do, what)
		return ivr.Return{}
	case "goto":
		p := r.object(do, what, "step", "times", "then")
		return ivr.Goto{
			Mark: place(p["times"]), Step: r.target(p["step"], "`step`"),
			Times: r.number(p["times"], "`times`", 1, ivr.MaxRepeat, 0), Then: r.target(p["then"], "`then`"),
		}
	default:
		p := r.object(do, what, "say")
		return ivr.HangUp{Say: r.say(p["say"])}
	}
}

// place is where the value of a field stands, zero for a field that is not there.
func place(f field) ivr.Mark {
	if f.node == nil {
		return ivr.Mark{}
	}
	return f.at()
}

// say reads prompts, each `KEY` or `KEY@LANGUAGE`.
func (r *reader) say(f field) ivr.Say {
	var say ivr.Say
	for _, item := range r.list(f) {
		s, ok := r.scalar(item, "`say`")
		if !ok {
			continue
		}
		key, lang, _ := strings.Cut(s, "@")
		say = append(say, ivr.PromptRef{Mark: item.at(), Key: key, Lang: ivr.Lang(lang)})
	}
	return say
}

func (r *reader) consent(f field) ivr.Consent {
	o := r.object(f, "`consent`", "say", "refuse", "after", "refused", "next")
	c := ivr.Consent{
		Mark: place(o["refuse"]), Say: r.say(o["say"]),
		Refused: r.target(o["refused"], "`refused`"), Next: r.target(o["next"], "`next`"),
	}
	if key, ok := r.scalar(o["refuse"], "`refuse`"); ok {
		c.Refuse = key
		c.After = r.duration(o["after"], "`after`", ivr.MinWait, ivr.MaxWait, defaultRefuse)
	} else if after, ok := o["after"]; ok && after.node != nil {
		r.fault(after.at(), ivr.Worded("`after` waits for no key"), ivr.Worded("add `refuse: KEY`, or remove `after`"))
	}
	return c
}

// recording reads `on` or `off`; the check says what is wrong with anything else.
func (r *reader) recording(f field) ivr.Recording {
	s, _ := r.scalar(f, "`recording`")
	return ivr.Recording(s)
}

func (r *reader) menu(f field) ivr.Menu {
	o := r.object(f, "`menu`", "say", "barge-in", "timeout", "invalid", "choices")
	m := ivr.Menu{Say: r.say(o["say"]), BargeIn: r.yes(o["barge-in"], "`barge-in`", true), After: defaultWait}
	if t, ok := o["timeout"]; ok {
		p := r.object(t, "`timeout`", "after", "say", "repeat", "next")
		m.After = r.duration(p["after"], "`after`", ivr.MinWait, ivr.MaxWait, defaultWait)
		m.Silent = r.retry(t, p)
	}
	if t, ok := o["invalid"]; ok {
		m.Invalid = r.retry(t, r.object(t, "`invalid`", "say", "repeat", "next"))
	}
	if c, ok := o["choices"]; ok {
		// Not pairs: the check reports a choice that is there twice, with every other one that clashes.
		entries, _ := r.entries(c, "`choices`")
		for _, p := range entries {
			fields := r.object(p, ivr.Worded("choice %s", clip(p.key)), "label", "next")
			m.Choices = append(m.Choices, ivr.Choice{
				Mark: p.mark, Digits: p.key,
				Label: r.text(fields["label"], "`label`"), Next: r.target(fields["next"], "`next`"),
			})
		}
	}
	return m
}

func (r *reader) retry(f field, o map[string]field) ivr.Retry {
	return ivr.Retry{
		Mark: f.mark, Say: r.say(o["say"]),
		Repeat: r.number(o["repeat"], "`repeat`", 0, ivr.MaxRepeat, defaultRepeat),
		Next:   r.target(o["next"], "`next`"),
	}
}

func (r *reader) queue(f field) ivr.Queue {
	o := r.object(f, "`queue`", "id", "survey", "agreed", "recording", "busy", "waiting", "every", "tell", "timeout", "unstaffed", "closed", "done")
	q := ivr.Queue{
		Mark: place(o["id"]), ID: id.QueueID(r.name(o["id"], "`id`")),
		Survey: r.name(o["survey"], "`survey`"), SurvAt: place(o["survey"]),
		Agreed: r.yes(o["agreed"], "`agreed`", false),
		Busy:   r.say(o["busy"]), Waiting: r.say(o["waiting"]),
		Recording: r.recording(o["recording"]),
		Every:     r.duration(o["every"], "`every`", ivr.MinEvery, ivr.MaxEvery, 0),
		Timeout:   r.target(o["timeout"], "`timeout`"),
		Unstaffed: r.target(o["unstaffed"], "`unstaffed`"),
		Closed:    r.target(o["closed"], "`closed`"),
		Done:      r.target(o["done"], "`done`"),
	}
	if every, ok := o["every"]; ok && q.Every == 0 && every.node != nil {
		q.Every = ivr.MinEvery // it has been reported
	}
	for _, item := range r.list(o["tell"]) {
		s, ok := r.scalar(item, "`tell`")
		switch {
		case !ok:
		case s == "place":
			q.Place = true
		case s == "wait":
			q.Wait = true
		default:
			r.fault(item.at(), ivr.Worded("`tell` has no %q", clip(s)), ivr.Worded("use place (in line), wait (expected), or both"))
		}
	}
	return q
}
