package ivr

import (
	"maps"
	"strings"
	"time"
)

// Ask has the caller key a value.
type Ask struct {
	Mark     Mark // of the value's name
	Value    string
	Say      Say
	BargeIn  bool // digits count while it is still being said
	Min, Max int  // how many digits
	Check    Checksum
	After    time.Duration // how long each digit is waited for
	Silent   Retry         // nothing was keyed
	Invalid  Retry         // what was keyed is no such value, or the caller pressed * to begin anew
	Next     Target
}

// Checksum is what the digits must pass.
type Checksum string

// The checks that there are.
const (
	NoChecksum Checksum = ""
	Luhn       Checksum = "luhn" // numbers of payment cards
)

// end ends a value that has digits enough.
const end = '#'

// openAsk says the question, unless the digit that ended the announcement before it already begins the answer.
func (w *walk) openAsk(do Ask) Output {
	key := w.key
	w.key = 0
	w.forget(do)
	if key >= '0' && key <= '9' && do.BargeIn && !w.flow.Values[do.Value].Secret {
		return w.keyed(do, key)
	}
	return w.question(do)
}

// forget has the host drop what it keeps of a secret, since it is asked for anew.
func (w *walk) forget(do Ask) {
	if w.flow.Values[do.Value].Secret {
		w.forgotten = do.Value
	}
}

func (w *walk) inAsk(do Ask, in Input) Output {
	if w.p.Errand {
		return w.checked(do, in)
	}
	switch in := in.(type) {
	case Played:
		w.p.Heard = true
	case Digit:
		if do.BargeIn || w.p.Heard {
			return w.keyed(do, in.Digit)
		}
	case Silence:
		switch {
		case len(w.p.Digits) >= do.Min:
			return w.complete(do)
		case w.p.Digits == "":
			return w.askAgain(do, do.Silent, &w.p.Tries)
		default:
			return w.askAgain(do, do.Invalid, &w.p.Wrong)
		}
	case Begin, Left, Returned, Taped, Gone: // nothing was begun here
	}
	return Output{}
}

// keyed takes one more digit. Those of a secret come as Given.
func (w *walk) keyed(do Ask, d byte) Output {
	secret := w.flow.Values[do.Value].Secret
	switch {
	case d == end && len(w.p.Digits) >= do.Min:
		return w.complete(do)
	case d < '0' || d > '9':
		if !secret || d != Given[0] {
			return w.askAgain(do, do.Invalid, &w.p.Wrong)
		}
	}
	w.p.Digits += string(rune(d))
	if len(w.p.Digits) >= do.Max {
		return w.complete(do)
	}
	return Output{Wait: do.After}
}

// complete takes what was keyed as the value, if it is one. Of a secret only the host can say so.
func (w *walk) complete(do Ask) Output {
	decl := w.flow.Values[do.Value]
	if decl.Secret {
		if do.Check == NoChecksum {
			return w.take(do, Given)
		}
		w.p.Errand = true
		return Output{Errand: &Errand{Service: ServiceCheck, Send: map[string]string{"check": string(do.Check)}, Secret: map[string]string{"digits": do.Value}}, Wait: errandWait}
	}
	value, ok := decl.Kind.keyed(w.p.Digits)
	if !ok || (do.Check == Luhn && !luhn(w.p.Digits)) {
		return w.askAgain(do, do.Invalid, &w.p.Wrong)
	}
	return w.take(do, value)
}

// checked goes on when the host has looked at a secret.
func (w *walk) checked(do Ask, in Input) Output {
	switch in := in.(type) {
	case Returned:
		w.p.Errand = false
		if in.Result == Found {
			return w.take(do, Given)
		}
		return w.askAgain(do, do.Invalid, &w.p.Wrong)
	case Silence: // no answer came
		w.p.Errand = false
		return w.askAgain(do, do.Invalid, &w.p.Wrong)
	case Begin, Played, Digit, Left, Taped, Gone:
	}
	return Output{}
}

func (w *walk) take(do Ask, value string) Output {
	w.set(do.Value, value)
	return w.enter(do.Next.Step)
}

// set gives a value, in a map of its own since positions share theirs.
func (w *walk) set(name, value string) {
	values := maps.Clone(w.p.Values)
	if values == nil {
		values = map[string]string{}
	}
	values[name] = value
	w.p.Values = values
}

// askAgain asks for the value anew.
func (w *walk) askAgain(do Ask, r Retry, count *int) Output {
	w.p.Errand = false
	w.forget(do)
	return w.again(r, count, w.question(do))
}

// question is what asks for the value.
func (w *walk) question(do Ask) Output {
	return Output{Say: w.say(do.Say), BargeIn: do.BargeIn, Wait: do.After}
}

// Key is what a key means that the caller presses at the position. Heeded is false for one that means nothing there. secret
// names the secret whose digit it is: the host keeps it, and tells the flow only Given.
func (f *Flow) Key(p Position) (secret string, heeded bool) {
	switch do := f.Steps[p.Step].Do.(type) {
	case Lookup, Pay, Task, Transfer:
		return "", false
	case Message:
		return "", p.Taped > 0 // any key ends the recording, and none matters
	case Ask:
		if f.Values[do.Value].Secret && !p.Errand {
			secret = do.Value
		}
		return secret, !p.Errand
	default:
		return "", true
	}
}

// Keeps says whether a digit of a secret is kept by the host; the key that ends it is not.
func Keeps(digit string) bool {
	return digit != string(rune(end)) && strings.Trim(digit, "0123456789*") == ""
}

// PassesCheck is for the host, which alone can check a secret.
func PassesCheck(check, digits string) bool {
	return KindDigits.Fits(digits) && (Checksum(check) != Luhn || luhn(digits))
}
