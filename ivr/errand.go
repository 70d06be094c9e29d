package ivr

import "time"

// Lookup asks a service for something, as the progress of an order.
type Lookup struct {
	Mark    Mark // of the service's name
	Service string
	Send    []Pair // what the service is told: a field of its own, and our value
	Get     []Pair // what it answers with: a field of its own, and our value
	Say     Say    // heard first; may be empty
	Found   Target
	Missing Target // there is no such thing
	Failed  Target // the service is away, slow, or answers nonsense
}

// Pay has a provider charge a card, whose number and date the caller keyed as secrets.
type Pay struct {
	Mark     Mark // of the service's name
	Service  string
	Send     []Pair
	Say      Say
	Paid     Target
	Declined Target
	Failed   Target // nobody knows whether it was paid: a person has to look
}

// Task leaves something for the agents to do: to call back, or to follow up.
type Task struct {
	Mark    Mark
	Kind    string // TaskCallback or TaskFollowUp
	Queue   string // whose agents; "" leaves it to whoever looks
	QueueAt Mark
	Note    Text   // what it is about, with values in braces
	Done    Target // it is safe
	Failed  Target
}

// The kinds of tasks that a flow can leave.
const (
	TaskCallback = "callback"
	TaskFollowUp = "follow-up"
)

// Pair is a field of a service and a value of the flow.
type Pair struct {
	Mark  Mark
	Field string
	Value string
}

// Set gives a value: a text, or what another value has.
type Set struct {
	Mark  Mark // of the value's name
	Value string
	To    string
	From  string // another value; "" is To
	Next  Target
}

// Branch goes on by what a value is.
type Branch struct {
	Mark  Mark // of the value's name
	Value string
	Cases []Case // the first that fits
	Else  Target
}

// Case is one way of a branch: one of the texts, or a number from From to To.
type Case struct {
	Mark     Mark
	Is       []string
	From, To string // of numbers and money, both included; "" is no bound
	Next     Target
}

func (Ask) action()    {}
func (Lookup) action() {}
func (Pay) action()    {}
func (Task) action()   {}
func (Set) action()    {}
func (Branch) action() {}

// Errand is what the host does for the caller while the flow waits. It reports Returned; a second time for the same errand
// means no harm.
type Errand struct {
	Service string            `json:"service"`
	Send    map[string]string `json:"send,omitempty"`
	Secret  map[string]string `json:"secret,omitempty"` // field -> name of a secret that the host keeps
	Caller  string            `json:"caller,omitempty"` // the field for the caller's number; "" for none
}

// Services that the host has itself.
const (
	ServiceCheck = "check" // Send "check", Secret "digits": Found or Missing
	ServiceTask  = "task"  // Send "kind", "queue", "note": Found when it is safe
)

// Results of an errand.
const (
	Found   = "found" // or paid, or done
	Missing = "missing"
	Failed  = "failed"
)

// errandWait is how long an answer is waited for. The host gives up sooner.
const errandWait = 20 * time.Second

// Returned says that the host is back from an errand.
type Returned struct {
	Result string            `json:"result"`
	Values map[string]string `json:"values,omitempty"` // by the service's fields
}

func (Returned) ivrInput() {}

// send makes the errand of a service.
func (w *walk) send(service string, pairs []Pair) *Errand {
	e := &Errand{Service: service}
	for _, p := range pairs {
		switch {
		case p.Value == valueCaller:
			e.Caller = p.Field
		case w.flow.Values[p.Value].Secret:
			if e.Secret == nil {
				e.Secret = map[string]string{}
			}
			e.Secret[p.Field] = p.Value
		default:
			if e.Send == nil {
				e.Send = map[string]string{}
			}
			e.Send[p.Field] = w.value(p.Value)
		}
	}
	return e
}

func (w *walk) sendOff(say Say, e *Errand) Output {
	w.key = 0
	w.p.Errand = true
	return Output{Say: w.say(say), Errand: e, Wait: errandWait}
}

func (w *walk) note(do Task) *Errand {
	send := map[string]string{"kind": do.Kind}
	if do.Queue != "" {
		send["queue"] = do.Queue
	}
	for _, p := range do.Note.In(w.flow.lang(), w.flow.lang()) {
		send["note"] = w.fill(p).Text
	}
	return &Errand{Service: ServiceTask, Send: send, Caller: "phone"}
}

// back is the result of an errand, once the host has returned, or has not in time.
func back(in Input) (r Returned, ok bool) {
	switch in := in.(type) {
	case Returned:
		return in, true
	case Silence:
		return Returned{Result: Failed}, true
	default:
		return r, false
	}
}

func (w *walk) inErrand(do Action, in Input) Output {
	r, ok := back(in)
	if !ok {
		return Output{}
	}
	w.p.Errand = false
	next := Target{}
	switch do := do.(type) {
	case Lookup:
		next = do.Failed
		if r.Result == Missing {
			next = do.Missing
		} else if r.Result == Found && w.learn(do.Get, r.Values) {
			next = do.Found
		}
	case Pay:
		next = do.Failed
		if r.Result == Missing {
			next = do.Declined
		} else if r.Result == Found {
			next = do.Paid
		}
	case Task:
		next = do.Failed
		if r.Result == Found {
			next = do.Done
		}
	case Sub:
		next = do.Failed
		if r.Result == Found && w.learn(do.Get, r.Values) {
			next = do.Done
		}
	default: // no other step sends anybody off
	}
	return w.enter(next.Step)
}

// learn takes what a service answered. An answer with a field missing, or of another kind than declared, is none.
func (w *walk) learn(get []Pair, values map[string]string) bool {
	for _, p := range get {
		if !w.flow.Values[p.Value].Kind.Fits(values[p.Field]) {
			return false
		}
	}
	for _, p := range get {
		w.set(p.Value, values[p.Field])
	}
	return true
}

// assign does a set step.
func (w *walk) assign(do Set) {
	if do.From != "" {
		w.set(do.Value, w.value(do.From))
	} else {
		w.set(do.Value, do.To)
	}
}

// way is where a branch leads.
func (w *walk) way(do Branch) string {
	value := w.value(do.Value)
	for _, c := range do.Cases {
		if c.fits(value) {
			return c.Next.Step
		}
	}
	return do.Else.Step
}

func (c Case) fits(value string) bool {
	for _, is := range c.Is {
		if is == value {
			return true
		}
	}
	if c.From == "" && c.To == "" {
		return false
	}
	n, ok := number(value)
	from, _ := number(c.From)
	to, _ := number(c.To)
	return ok && (c.From == "" || n >= from) && (c.To == "" || n <= to)
}
