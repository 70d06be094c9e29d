package ivr

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"hotline/ivr/survey"
)

// Limits of a transfer.
const (
	MinRing    = 5 * time.Second
	MaxRing    = 2 * time.Minute
	MaxOutside = 20 // prefixes of a flow
)

// Transfer connects the caller with a telephone outside.
type Transfer struct {
	Mark   Mark   // of the number
	To     string // E.164
	Say    Say    // heard first; may be empty
	Ring   time.Duration
	Done   Target // the other side has hung up; no step: the call ends
	Failed Target // it is busy, does not answer, or cannot be called
}

func (Transfer) action() {}

// Dial is a number to be called, and for how long it may ring.
type Dial struct {
	To   string
	Ring time.Duration
}

// Transfer is what the position calls, and false when it calls nobody.
func (f *Flow) Transfer(p Position) (Dial, bool) {
	do, ok := f.Steps[p.Step].Do.(Transfer)
	return Dial{To: do.To, Ring: do.Ring}, ok
}

func (w *walk) inTransfer(do Transfer, in Input) Output {
	left, ok := in.(Left)
	switch {
	case !ok:
		return Output{}
	case left.Result != Done:
		return w.enter(do.Failed.Step)
	case do.Done.Step != "":
		return w.enter(do.Done.Step)
	}
	w.p.Over = true
	return Output{HangUp: true}
}

var (
	outsideNumber = regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`)
	outsidePrefix = regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)
)

func (c *check) outside() {
	for _, p := range c.flow.Outside {
		if !outsidePrefix.MatchString(p) {
			c.fault(c.flow.Mark, "", Worded("`outside`: %q begins no number", p), Worded("write it as +8862, with the country's code"))
		}
	}
	if len(c.flow.Outside) > MaxOutside {
		c.fault(c.flow.Mark, "", Worded("`outside` has %d prefixes", len(c.flow.Outside)), Worded("use at most %d", MaxOutside))
	}
}

func (c *check) transfer(name string, s Step, do Transfer) {
	at := orStep(do.Mark, s)
	switch {
	case !outsideNumber.MatchString(do.To):
		c.fault(at, name, where(name, "%q is no telephone number", do.To), Worded("write it as +886223456789, with the country's code"))
	case !slices.ContainsFunc(c.flow.Outside, func(p string) bool { return strings.HasPrefix(do.To, p) }):
		c.fault(at, name, where(name, "the flow may not call %s", do.To), Worded("add the beginning of the number to `outside` of the flow, such as `outside: [+8862]`"))
	case c.known.Allowed != nil && !c.known.Allowed(do.To):
		c.fault(at, name, where(name, "this site may not call %s", do.To), Worded("allow it under `outbound` in the configuration, or name another number"))
	}
	if do.Ring < MinRing || do.Ring > MaxRing {
		c.fault(at, name, where(name, "rings for %s", survey.Duration(do.Ring)),
			Worded("use `ring` from %s to %s", survey.Duration(MinRing), survey.Duration(MaxRing)))
	}
	c.say(name, do.Say)
	if do.Done != (Target{}) {
		c.target(name, s.Mark, do.Done, "done")
	}
	c.target(name, s.Mark, do.Failed, "failed")
}
