package ivr

import (
	"time"

	"hotline/cti/id"
)

// Position is where a caller is in a flow. It is small JSON that travels with the call; its zero value is before the
// start. Step never changes the slices and maps of the position it is given.
type Position struct {
	Flow    string         `json:"flow"`
	Version string         `json:"version"`
	Step    string         `json:"step"`
	Lang    Lang           `json:"lang"`
	Tries   int            `json:"tries,omitempty"`  // silences at this menu
	Wrong   int            `json:"wrong,omitempty"`  // wrong choices at this menu
	Digits  string         `json:"digits,omitempty"` // typed at this menu, not yet a choice
	Heard   bool           `json:"heard,omitempty"`  // what this step says has been heard
	Path    []string       `json:"path,omitempty"`   // words of the choices made, oldest first: why they call
	Rounds  map[string]int `json:"rounds,omitempty"` // how often each counted goto has gone round
	Moves   int            `json:"moves,omitempty"`  // steps entered so far
	Over    bool           `json:"over,omitempty"`   // the flow has hung up
	// Values are those set so far; Given for a secret that the host keeps.
	Values map[string]string `json:"values,omitempty"`
	Errand bool              `json:"errand,omitempty"` // the host is on an errand for this step
	Taped  int               `json:"taped,omitempty"`  // length in ms of the message that is there to be reviewed
	Above  []Position        `json:"above,omitempty"`  // in the flows that wait for this one to return, outermost first
}

const (
	// MaxMoves is how many steps one call enters at most: more than any caller makes, few enough to end a machine that
	// presses keys for ever.
	MaxMoves = 1000
	// maxPath is how many choices are kept for the agent: the newest.
	maxPath = 12
)

// Input is what happened to the caller.
//
//sumtype:decl
type Input interface{ ivrInput() }

// The inputs. See the package doc for when the host reports each.
type (
	// Begin starts the flow, or says the current step again after a restart.
	Begin struct{}
	// Played says that all of Say has been heard, or could not be played.
	Played struct{ Failed bool }
	// Digit is a key of the telephone: '0' to '9', '*', '#'. Anything else counts as a wrong digit.
	Digit struct{ Digit byte }
	// Silence says that Wait passed without a digit.
	Silence struct{}
	// Left says that a queue or a survey gave the caller back: one of the results below.
	Left struct{ Result string }
)

// Why a queue or a survey gave the caller back.
const (
	Done      = "done"      // the talk is over, or the survey
	Timeout   = "timeout"   // the queue's longest wait has passed
	Unstaffed = "unstaffed" // nobody is signed in to the queue
	Closed    = "closed"    // the queue takes nobody at this time, or does not exist
)

func (Begin) ivrInput()   {}
func (Played) ivrInput()  {}
func (Digit) ivrInput()   {}
func (Silence) ivrInput() {}
func (Left) ivrInput()    {}

// Output is what is to be done now. At most one of Queue, Survey, Errand, Sub, Return, Record, Transfer and HangUp is set; it is done after Say. See
// the package doc.
type Output struct {
	Say     []Phrase
	BargeIn bool // a digit may cut Say short; Step has already decided, so the host needs it only for display
	Wait    time.Duration
	Queue   *QueueStep
	Survey  string
	Errand  *Errand // Wait is then for Returned
	Sub     *SubStep
	Return  *Returned // to the flow that entered this one: Flow.Ascend, and this as the next input
	Record  bool      // what the caller says is recorded, until Taped
	// Transfer connects the caller with what Flow.Transfer names; the host reports Left: Done after a talk, Failed without one.
	Transfer bool
	HangUp   bool

	Entered []string // the steps entered, in order

	Noticed bool   // the announcement of the recording has just been heard to its end
	Refused bool   // the caller has just refused the recording
	Forget  string // the secret that is asked for anew: what the host keeps of it is dropped
	Keep    *Kept  // what was recorded last is a message for the agents, from now on
}

// Idle says that nothing changes: what is being said or waited for goes on. Noticed, Refused, Keep and Entered may be set
// beside it.
func (o Output) Idle() bool {
	return len(o.Say) == 0 && o.Wait == 0 && o.Queue == nil && o.Survey == "" && o.Errand == nil && o.Sub == nil && o.Return == nil && !o.Record && !o.Transfer && !o.HangUp
}

// QueueStep is a queue and what its waiting callers hear, in the caller's language.
type QueueStep struct {
	ID      id.QueueID
	Survey  string        // held after the talk, when the agent ends it; "" is none
	Agreed  bool          // to that survey, beforehand
	Busy    []Phrase      // heard once, when no agent is free at once
	Waiting []Phrase      // heard again every Every, before place and expected wait
	Every   time.Duration // 0: nothing is heard again
	Place   bool          // say the place in line (QueuePosition) every Every
	Wait    bool          // say the expected wait (ExpectedWait) every Every
	// Recording of the talk, by the queue step or else by the flow, which ByFlow says.
	Recording Recording
	ByFlow    bool
}
