package flowfile

import (
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"hotline/ivr"
	"hotline/ivr/survey"
)

// defaultAsk is how long each digit of a value is waited for.
const defaultAsk = defaultWait

// values reads what the flow may keep of a call.
func (r *reader) values(f field) map[string]ivr.Value {
	all := map[string]ivr.Value{}
	if f.node == nil {
		return all
	}
	for _, p := range r.pairs(f, "`values`") {
		if !validName(p.key) {
			r.fault(p.mark, ivr.Worded("value %q is no name", clip(p.key)),
				ivr.Worded("use up to 64 small letters, digits and hyphens, beginning with a letter"))
		}
		v := ivr.Value{Mark: p.mark}
		if _, object := p.node.(*ast.MappingNode); object {
			o := r.object(p, "a value", "kind", "secret")
			kind, _ := r.scalar(o["kind"], "`kind`")
			v.Kind, v.Secret = ivr.Kind(kind), r.yes(o["secret"], "`secret`", false)
		} else if kind, ok := r.scalar(p, "the kind of a value"); ok {
			v.Kind = ivr.Kind(kind)
		}
		all[p.key] = v
	}
	return all
}

func (r *reader) ask(f field) ivr.Ask {
	o := r.object(f, "`ask`", "value", "say", "barge-in", "digits", "check", "timeout", "invalid", "next")
	a := ivr.Ask{
		Mark: place(o["value"]), Value: r.name(o["value"], "`value`"), Say: r.say(o["say"]),
		BargeIn: r.yes(o["barge-in"], "`barge-in`", true), After: defaultAsk, Next: r.target(o["next"], "`next`"),
	}
	a.Min, a.Max = r.digits(o["digits"])
	check, _ := r.scalar(o["check"], "`check`")
	a.Check = ivr.Checksum(check)
	if t, ok := o["timeout"]; ok {
		p := r.object(t, "`timeout`", "after", "say", "repeat", "next")
		a.After = r.duration(p["after"], "`after`", ivr.MinWait, ivr.MaxWait, defaultAsk)
		a.Silent = r.retry(t, p)
	}
	if t, ok := o["invalid"]; ok {
		a.Invalid = r.retry(t, r.object(t, "`invalid`", "say", "repeat", "next"))
	}
	return a
}

// digits reads how many digits a value has: `8`, or `6-10`.
func (r *reader) digits(f field) (low, high int) {
	s, ok := r.scalar(f, "`digits`")
	if !ok {
		return 0, 0
	}
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	low, errLow := strconv.Atoi(from)
	high, errHigh := strconv.Atoi(to)
	if errLow != nil || errHigh != nil || low < 1 || high < low || high > ivr.MaxKeyed {
		r.fault(f.at(), ivr.Worded("`digits`: %q is no number of digits", clip(s)),
			ivr.Worded("write one such as 8, or a range such as 6-10, up to %d", ivr.MaxKeyed))
		return 1, ivr.MaxKeyed
	}
	return low, high
}

// pairsOf reads `FIELD: VALUE` of a service.
func (r *reader) pairsOf(f field, what any) []ivr.Pair {
	if f.node == nil {
		return nil
	}
	var all []ivr.Pair
	for _, p := range r.pairs(f, what) {
		if !validField(p.key) {
			r.fault(p.mark, ivr.Worded("%s: %q is no field", what, clip(p.key)), ivr.Worded("use up to 64 letters, digits, hyphens and underscores"))
		}
		all = append(all, ivr.Pair{Mark: p.mark, Field: p.key, Value: r.name(p, what)})
	}
	return all
}

func validField(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

func (r *reader) lookup(f field) ivr.Lookup {
	o := r.object(f, "`lookup`", "service", "send", "get", "say", "found", "missing", "failed")
	return ivr.Lookup{
		Mark: place(o["service"]), Service: r.name(o["service"], "`service`"),
		Send: r.pairsOf(o["send"], "`send`"), Get: r.pairsOf(o["get"], "`get`"), Say: r.say(o["say"]),
		Found: r.target(o["found"], "`found`"), Missing: r.target(o["missing"], "`missing`"), Failed: r.target(o["failed"], "`failed`"),
	}
}

func (r *reader) pay(f field) ivr.Pay {
	o := r.object(f, "`pay`", "service", "send", "say", "paid", "declined", "failed")
	return ivr.Pay{
		Mark: place(o["service"]), Service: r.name(o["service"], "`service`"), Send: r.pairsOf(o["send"], "`send`"), Say: r.say(o["say"]),
		Paid: r.target(o["paid"], "`paid`"), Declined: r.target(o["declined"], "`declined`"), Failed: r.target(o["failed"], "`failed`"),
	}
}

func (r *reader) task(f field) ivr.Task {
	o := r.object(f, "`task`", "kind", "queue", "note", "done", "failed")
	kind, _ := r.scalar(o["kind"], "`kind`")
	return ivr.Task{
		Mark: place(o["kind"]), Kind: kind, Queue: r.name(o["queue"], "`queue`"), QueueAt: place(o["queue"]),
		Note: r.text(o["note"], "`note`"), Done: r.target(o["done"], "`done`"), Failed: r.target(o["failed"], "`failed`"),
	}
}

func (r *reader) message(f field) ivr.Message {
	o := r.object(f, "`message`", "say", "longest", "shortest", "review", "empty", "queue", "note", "done", "failed")
	m := ivr.Message{
		Mark: place(o["queue"]), Say: r.say(o["say"]), Queue: r.name(o["queue"], "`queue`"), Note: r.text(o["note"], "`note`"),
		Longest:  r.duration(o["longest"], "`longest`", ivr.MinMessage, ivr.MaxMessage, defaultLongest),
		Shortest: r.duration(o["shortest"], "`shortest`", time.Second, ivr.MaxMessage, defaultShortest),
		Done:     r.target(o["done"], "`done`"), Failed: r.target(o["failed"], "`failed`"),
	}
	if t, ok := o["review"]; ok {
		p := r.object(t, "`review`", "say", "after")
		m.Review, m.After = r.say(p["say"]), r.duration(p["after"], "`after`", ivr.MinWait, ivr.MaxWait, defaultWait)
	}
	if t, ok := o["empty"]; ok {
		m.Empty = r.retry(t, r.object(t, "`empty`", "say", "repeat", "next"))
	}
	return m
}

func (r *reader) transfer(f field) ivr.Transfer {
	o := r.object(f, "`transfer`", "to", "say", "ring", "done", "failed")
	to, _ := r.scalar(o["to"], "`to`")
	return ivr.Transfer{
		Mark: place(o["to"]), To: to, Say: r.say(o["say"]), Ring: r.duration(o["ring"], "`ring`", ivr.MinRing, ivr.MaxRing, defaultRing),
		Done: r.target(o["done"], "`done`"), Failed: r.target(o["failed"], "`failed`"),
	}
}

// words reads a list of texts.
func (r *reader) words(f field, what any) []string {
	var all []string
	for _, item := range r.list(f) {
		if s, ok := r.scalar(item, what); ok {
			all = append(all, s)
		}
	}
	return all
}

func (r *reader) names(f field, what any) []string {
	var all []string
	for _, item := range r.list(f) {
		all = append(all, r.name(item, what))
	}
	return all
}

func (r *reader) set(f field) ivr.Set {
	o := r.object(f, "`set`", "value", "to", "from", "next")
	to, _ := r.scalar(o["to"], "`to`")
	return ivr.Set{
		Mark: place(o["value"]), Value: r.name(o["value"], "`value`"), To: to, From: r.name(o["from"], "`from`"), Next: r.target(o["next"], "`next`"),
	}
}

func (r *reader) branch(f field) ivr.Branch {
	o := r.object(f, "`branch`", "value", "cases", "else")
	b := ivr.Branch{Mark: place(o["value"]), Value: r.name(o["value"], "`value`"), Else: r.target(o["else"], "`else`")}
	for _, item := range r.list(o["cases"]) {
		p := r.object(item, "a case", "is", "from", "to", "next")
		c := ivr.Case{Mark: item.at(), Next: r.target(p["next"], "`next`")}
		for _, is := range r.list(p["is"]) {
			if s, ok := r.scalar(is, "`is`"); ok {
				c.Is = append(c.Is, s)
			}
		}
		c.From, _ = r.scalar(p["from"], "`from`")
		c.To, _ = r.scalar(p["to"], "`to`")
		b.Cases = append(b.Cases, c)
	}
	return b
}

// options reads the answers of a choice: `DIGIT: {zh-TW: ..., en: ...}`.
func (r *reader) options(f field) []survey.Option {
	if f.node == nil {
		return nil
	}
	var all []survey.Option
	for _, p := range r.pairs(f, "`options`") {
		all = append(all, survey.Option{Value: r.digit(p, "`options`"), Label: r.text(p, "the label of option "+clip(p.key))})
	}
	return all
}

// jumps reads where answers lead: `DIGIT: QUESTION`, or `end`.
func (r *reader) jumps(f field) map[int]survey.Jump {
	if f.node == nil {
		return nil
	}
	all := map[int]survey.Jump{}
	for _, p := range r.pairs(f, "`then`") {
		to, _ := r.scalar(p, "`then`")
		if to == "end" {
			to = ""
		}
		all[r.digit(p, "`then`")] = survey.Jump{Mark: p.mark, Question: to}
	}
	return all
}

// digit reads the key of a field as an answer.
func (r *reader) digit(f field, what any) int {
	n, err := strconv.Atoi(f.key)
	if err != nil || n < 0 || n > 10 {
		r.fault(f.mark, ivr.Worded("%s: %q is no answer", what, clip(f.key)), ivr.Worded("write the number that callers press"))
		return -1
	}
	return n
}
