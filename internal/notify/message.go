package notify

import (
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Channel is how a message goes.
type Channel string

// The channels.
const (
	SMS  Channel = "sms"
	Mail Channel = "mail"
)

// State is how far a message is.
type State string

// The states.
const (
	Waiting State = "waiting"
	Sending State = "sending"
	Sent    State = "sent"
	Failed  State = "failed"
	Unsure  State = "unsure"
)

// AboutSurvey is what messages with the link to a survey are about.
const AboutSurvey = "survey"

// New is a message to be added.
type New struct {
	Key     string // names the message; the same key is the same message
	Channel Channel
	To      string // E.164, or an address
	Subject string // of mail
	Body    string
	About   string
	Call    string // "" for none
	Expires time.Time
}

// Message is one with how far it is.
type Message struct {
	ID        int64     `db:"id"`
	Key       string    `db:"key"`
	Channel   Channel   `db:"channel"`
	To        string    `db:"recipient"`
	Subject   string    `db:"subject"`
	Body      string    `db:"body"`
	About     string    `db:"about"`
	Call      string    `db:"call"`
	State     State     `db:"state"`
	Attempts  int       `db:"attempts"`
	Fault     Fault     `db:"fault"` // of Error
	Error     string    `db:"error"`
	Receipt   string    `db:"receipt"` // as the provider names it
	Created   time.Time `db:"created_at"`
	NotBefore time.Time `db:"not_before"`
	Expires   time.Time `db:"expires_at"`
	Changed   time.Time `db:"changed_at"`
}

// Fate is what became of an attempt that did not succeed.
type Fate int

const (
	// Later: the provider does not have it, and may take it another time.
	Later Fate = iota
	// Never: the provider will not take it.
	Never
	// Unknown: the provider may have it.
	Unknown
)

// Fault is the kind of what keeps a message from going: each has a remedy of its own.
type Fault string

// The faults.
const (
	NoProvider  Fault = "no_provider" // none is configured
	Unreachable Fault = "unreachable" // it could not be asked, or does not let us in
	Busy        Fault = "busy"        // it takes the message later
	Refused     Fault = "refused"     // it will not take it
	Unclear     Fault = "unclear"     // it may have it
	BadRequest  Fault = "request"     // the request or the letter cannot be made
	Late        Fault = "late"        // its time was over
	Erased      Fault = "erased"      // with the call that it was about
)

// Failure is an attempt that did not succeed. Its words hold no number and no address.
type Failure struct {
	Fate  Fate
	Fault Fault
	Why   string
}

func (f *Failure) Error() string { return f.Why }

// Refusal says why something cannot be done with a message.
type Refusal struct{ Code, Why string }

func (r *Refusal) Error() string { return r.Why }

// The refusals' codes.
const (
	RefusedState = "message_state" // it is being sent, or was
	RefusedGone  = "message_gone"  // it came too late for another attempt, or its text is erased
)

// ErrNotFound: there is no such message.
var ErrNotFound = errors.New("there is no such message")

// Mask hides most of a number or an address.
func Mask(to string) string {
	if name, host, ok := strings.Cut(to, "@"); ok {
		return firstOf(name) + "***@" + host
	}
	runes := []rune(to)
	for i, r := range runes {
		if unicode.IsDigit(r) && i >= 6 && i < len(runes)-3 {
			runes[i] = '*'
		}
	}
	return string(runes)
}

func firstOf(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

var private = regexp.MustCompile(`[^\s<>"']+@[^\s<>"']+|\+?[0-9][0-9 -]{5,}[0-9]|https?://\S+`)

// longestWhy is how much of a provider's words is kept.
const longestWhy = 200

// scrubbed are a provider's words without numbers, addresses and links, on one line.
func scrubbed(words string) string {
	words = strings.Join(strings.Fields(strings.ToValidUTF8(words, "")), " ")
	words = private.ReplaceAllString(words, "***")
	if runes := []rune(words); len(runes) > longestWhy {
		words = string(runes[:longestWhy]) + "..."
	}
	return words
}
