package ivr

import (
	"slices"
	"strconv"
	"time"

	"hotline/ivr/survey"
)

// Limits of a voice message.
const (
	MinMessage = 10 * time.Second // shortest limit
	MaxMessage = 5 * time.Minute  // longest limit
	MaxTakes   = 5                // how often a caller speaks it at most; the last one is kept
)

// Message records what the caller says, and leaves it to the agents as a task. A key ends it, so does the longest time, and
// so does hanging up, which keeps it.
type Message struct {
	Mark     Mark // of the queue
	Say      Say  // heard before the tone
	Longest  time.Duration
	Shortest time.Duration // less is no message
	Review   Say           // heard after it: KeyKeep keeps it, KeyAgain speaks it again, and silence keeps it; none keeps it at once
	After    time.Duration // how long a key is waited for after Review
	Empty    Retry         // nothing was said
	Queue    string        // whose agents; "" leaves it to whoever looks
	Note     Text          // what it is about, with values in braces
	Done     Target
	Failed   Target // it cannot be recorded
}

// The keys of a review.
const (
	KeyKeep  = '1'
	KeyAgain = '2'
)

func (Message) action() {}

// Taped says that the recording of what a caller says is over. For is how long it took; 0 when it could not be made.
type Taped struct{ For time.Duration }

// Gone says that the caller has hung up while a message was recorded. For is how long that took.
type Gone struct{ For time.Duration }

func (Taped) ivrInput() {}
func (Gone) ivrInput()  {}

// Kept is a message that is to be kept: what was recorded last. It is kept before it is reviewed, so that it is not lost
// with a caller who hangs up on the review.
type Kept struct {
	Key   string // names it within the call: what is spoken again takes the place of what was
	Queue string
	Note  string
}

// Longest is how long the message at the position may be, and false when there is none.
func (f *Flow) Longest(p Position) (time.Duration, bool) {
	do, ok := f.Steps[p.Step].Do.(Message)
	return do.Longest, ok
}

func (w *walk) openMessage(do Message) Output {
	w.key = 0
	w.p.Taped = 0
	return Output{Say: w.say(do.Say), Record: true}
}

// reviewMessage asks what is to become of it.
func (w *walk) reviewMessage(do Message) Output {
	w.p.Heard = false
	return Output{Say: w.say(do.Review), BargeIn: true, Wait: do.After}
}

func (w *walk) inMessage(do Message, in Input) Output {
	reviewing := w.p.Taped > 0
	switch in := in.(type) {
	case Taped:
		return w.taped(do, in.For)
	case Digit:
		switch {
		case !reviewing:
		case in.Digit == KeyKeep:
			return w.enter(do.Done.Step)
		default:
			if w.p.Wrong++; w.p.Wrong >= MaxTakes {
				return w.enter(do.Done.Step)
			}
			if in.Digit == KeyAgain {
				return w.openMessage(do)
			}
			return w.reviewMessage(do)
		}
	case Silence:
		if reviewing {
			return w.enter(do.Done.Step)
		}
	case Begin: // after a restart: what was taped is there
		if reviewing {
			return w.reviewMessage(do)
		}
		return w.openMessage(do)
	case Played, Left, Returned, Gone: // nothing is waited for
	}
	return Output{}
}

// taped goes on after the recording: with the review, if there is one.
func (w *walk) taped(do Message, long time.Duration) Output {
	switch {
	case long <= 0:
		return w.enter(do.Failed.Step)
	case long < do.Shortest:
		if w.p.Tries >= do.Empty.Repeat {
			return w.enter(do.Empty.Next.Step)
		}
		w.p.Tries++
		out := w.openMessage(do)
		out.Say = append(w.say(do.Empty.Say), out.Say...)
		return out
	}
	w.p.Taped = int(long.Milliseconds())
	w.kept = w.message(do)
	if len(do.Review) == 0 {
		return w.enter(do.Done.Step)
	}
	return w.reviewMessage(do)
}

func (w *walk) message(do Message) *Kept {
	k := &Kept{Key: strconv.Itoa(w.p.Moves), Queue: do.Queue}
	for _, p := range do.Note.In(w.flow.lang(), w.flow.lang()) {
		k.Note = w.fill(p).Text
	}
	return k
}

// gone keeps the message of a caller who hung up instead of pressing a key.
func (w *walk) gone(in Gone) {
	do, ok := w.flow.Steps[w.p.Step].Do.(Message)
	if ok && !w.p.Over && in.For > 0 && in.For >= do.Shortest {
		w.kept = w.message(do)
	}
}

func (c *check) message(name string, s Step, do Message) {
	at := orStep(do.Mark, s)
	if len(do.Say) == 0 {
		c.fault(s.Mark, name, where(name, "`message` says nothing"), Worded("add `say: PROMPT` that asks for the message, and tells that a key ends it"))
	}
	c.say(name, do.Say)
	c.say(name, do.Review)
	if do.Longest < MinMessage || do.Longest > MaxMessage {
		c.fault(s.Mark, name, where(name, "`longest` is %s", survey.Duration(do.Longest)),
			Worded("use %s to %s", survey.Duration(MinMessage), survey.Duration(MaxMessage)))
	}
	if do.Shortest < time.Second || do.Shortest >= do.Longest {
		c.fault(s.Mark, name, where(name, "`shortest` is %s", survey.Duration(do.Shortest)), Worded("use at least 1s, and less than `longest`"))
	}
	if len(do.Review) > 0 && (do.After < MinWait || do.After > MaxWait) {
		c.fault(s.Mark, name, where(name, "waits %s for a digit", survey.Duration(do.After)),
			Worded("use `after` from %s to %s", survey.Duration(MinWait), survey.Duration(MaxWait)))
	}
	if do.Queue != "" && c.known.Queues != nil && !slices.Contains(c.known.Queues, do.Queue) {
		c.fault(at, name, where(name, "there is no queue %q", do.Queue),
			suggest(do.Queue, c.known.Queues, Worded("add the queue, or name one that exists")))
	}
	c.note(name, s, do.Note)
	c.retry(name, s, do.Empty, "empty")
	c.target(name, s.Mark, do.Done, "done")
	c.target(name, s.Mark, do.Failed, "failed")
}
