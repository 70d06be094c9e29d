package cti

import (
	"time"

	"hotline/cti/id"
	"hotline/ivr"
)

// Command is what must now be done. The commands of one call are carried out in the order given; each is repeatable, and
// finds its target by an identity that is ours. Those marked [Asterisk] are discarded between AsteriskLost and
// AsteriskReconnected, which gives again what is still needed; all others are always carried out.
type Command interface{ command() string }

// CommandKind is the name of the command in stored streams and in CommandFailed.
func CommandKind(c Command) string { return c.command() }

// Remember writes the state into the channel variable of the caller's channel. It precedes the commands that depend on
// what it says. [Asterisk]
type Remember struct {
	Call  id.CallID `json:"call"`
	State CallState `json:"state"`
}

// Answer answers the caller's channel. [Asterisk]
type Answer struct {
	Call id.CallID `json:"call"`
}

// Play plays the phrases in order to the caller, after which comes PlayFinished. Its Asterisk id is
// Call.Playback(Play). Asterisk stops music by it. [Asterisk]
type Play struct {
	Call    id.CallID    `json:"call"`
	Play    int          `json:"play"`
	Phrases []ivr.Phrase `json:"phrases"`
}

// StopPlay stops a Play that may still run. [Asterisk]
type StopPlay struct {
	Call id.CallID `json:"call"`
	Play int       `json:"play"`
}

// StartMusic starts music on the caller's channel. [Asterisk]
type StartMusic struct {
	Call id.CallID `json:"call"`
}

// StopMusic stops it. [Asterisk]
type StopMusic struct {
	Call id.CallID `json:"call"`
}

// CheckSurvey asks for SurveyChecked: whether this caller may be asked the survey after this talk.
type CheckSurvey struct {
	Call      id.CallID  `json:"call"`
	Leg       id.LegID   `json:"leg"`
	Queue     id.QueueID `json:"queue"`
	Agent     id.AgentID `json:"agent"`
	Survey    string     `json:"survey"`
	Customers []int64    `json:"customers,omitempty"` // that were found for the caller
}

// LookUpCustomer asks for CustomerFound, by the number the host knows for the call.
type LookUpCustomer struct {
	Call id.CallID `json:"call"`
}

// RunErrand does something for the caller: asks a service, checks a secret, leaves a task. ErrandDone follows.
type RunErrand struct {
	Call   id.CallID  `json:"call"`
	Errand int        `json:"errand"`
	What   ivr.Errand `json:"what"`
	At     string     `json:"at"` // flow and step, for the log
}

// ForgetSecret drops what the host keeps of a secret, since the caller is asked for it anew.
type ForgetSecret struct {
	Call   id.CallID `json:"call"`
	Secret string    `json:"secret"`
}

// Walked says which steps of its flow a call has just entered, in order; First is the number of the first one, counted from 1.
// It is written with the fact that it follows from.
type Walked struct {
	Call    id.CallID `json:"call"`
	Flow    string    `json:"flow"`
	Version string    `json:"version"`
	First   int       `json:"first"`
	Steps   []string  `json:"steps"`
}

// OweRecording enters an answered leg, or that of a message, which has no agent, in the ledger of recordings, in one transaction with the fact that it follows from.
// It comes with the leg's first ConnectLeg, and again for a talk that a new Floor takes on.
type OweRecording struct {
	Call     id.CallID  `json:"call"`
	Leg      id.LegID   `json:"leg"`
	Agent    id.AgentID `json:"agent"`
	Answered time.Time  `json:"answered"`
	Refused  Refuser    `json:"refused,omitempty"` // nothing is owed: who allows no recording
}

// KeepMessage makes the recording of a leg a message for the agents of a queue, or for whoever looks. It is written in one
// transaction with the fact that it follows from.
type KeepMessage struct {
	Call  id.CallID  `json:"call"`
	Key   string     `json:"key,omitempty"` // of the message within the call: what is spoken again takes the place of what was
	Leg   id.LegID   `json:"leg"`
	Queue id.QueueID `json:"queue,omitempty"`
	Note  string     `json:"note,omitempty"`
}

// DialOut calls a telephone outside, as the channel Leg.Channel(Part). LegUp follows when it is answered, LegGone when it is
// not, or CommandFailed. [Asterisk]
type DialOut struct {
	Call id.CallID     `json:"call"`
	Leg  id.LegID      `json:"leg"`
	Part int           `json:"part"`
	To   string        `json:"to"` // E.164; it stands in the flow, and is nobody's secret
	Ring time.Duration `json:"ring"`
}

// ConnectLeg opens the leg's part at the gateway, where it is recorded unless somebody refused that, and makes its externalMedia channel
// Leg.Channel(Part). LegUp follows, or CommandFailed. [Asterisk]
type ConnectLeg struct {
	Call  id.CallID  `json:"call"`
	Leg   id.LegID   `json:"leg"`
	Part  int        `json:"part"`
	Agent id.AgentID `json:"agent"`
	// Answered is when the agent answered: zero of the leg's recorded time line, the same for all parts.
	Answered time.Time `json:"answered"`
	Refused  Refuser   `json:"refused,omitempty"` // who allows no recording: the gateway then starts none
}

// Bridge lets the caller and the leg's part hear one another: it makes the bridge Call.Bridge() where it is missing,
// puts both in it, and ends a Hold at the gateway. [Asterisk]
type Bridge struct {
	Call    id.CallID `json:"call"`
	Leg     id.LegID  `json:"leg"`
	Part    int       `json:"part"`
	Outside bool      `json:"outside,omitempty"` // the leg is a telephone's, of which the gateway knows nothing
}

// Unbridge destroys the bridge Call.Bridge(); its members stay in the application. [Asterisk]
type Unbridge struct {
	Call id.CallID `json:"call"`
}

// Hold destroys the bridge and tells the gateway that nobody hears the agent. Bridge ends it. [Asterisk]
type Hold struct {
	Call id.CallID `json:"call"`
	Leg  id.LegID  `json:"leg"`
	Part int       `json:"part"`
}

// DropLeg hangs up the part's channel and closes the part at the gateway. Of the two, the gateway's is always done;
// the channel's is given again after AsteriskReconnected.
type DropLeg struct {
	Call id.CallID `json:"call"`
	Leg  id.LegID  `json:"leg"`
	Part int       `json:"part"`
}

// FinishRecording: the leg is over, and all its parts can be made one recording, if it was one. It follows the leg's last
// DropLeg and comes for every leg that had a ConnectLeg, the refused ones too; when a controller died at that moment it may come twice.
type FinishRecording struct {
	Call  id.CallID  `json:"call"`
	Leg   id.LegID   `json:"leg"`
	Agent id.AgentID `json:"agent"`
}

// HangUp ends the caller's channel; CallerGone follows. [Asterisk]
type HangUp struct {
	Call id.CallID `json:"call"`
}

// SetTimer asks for TimerFired{Timer, Gen} at the time At. It replaces an earlier SetTimer of the same Timer.
type SetTimer struct {
	Timer Timer     `json:"timer"`
	Gen   uint64    `json:"gen"`
	At    time.Time `json:"at"`
}

// StopTimer takes a SetTimer back. A TimerFired that is already on its way is ignored by its Gen.
type StopTimer struct {
	Timer Timer `json:"timer"`
}

// SaveAnswer stores a valid survey answer; AnswerSaved follows as soon as it is safe, and the caller waits for it. The
// same question again replaces the value.
type SaveAnswer struct {
	Call     id.CallID `json:"call"`
	Survey   string    `json:"survey"`
	Version  string    `json:"version"`
	Question string    `json:"question"`
	Value    int       `json:"value"`
	Leg      id.LegID  `json:"leg,omitempty"` // of a spoken comment, its recording
	At       time.Time `json:"at"`
	Campaign string    `json:"campaign,omitempty"` // for which the call was made
}

// SaveDisposition stores what the call was about; DispositionSaved follows as soon as it is safe.
type SaveDisposition struct {
	Call  id.CallID  `json:"call"`
	Leg   id.LegID   `json:"leg"`
	Agent id.AgentID `json:"agent"`
	Code  string     `json:"code"`
	Note  string     `json:"note,omitempty"`
}

// SaveCall stores the row by which people find the call. It comes on arrival, on entering a queue, on an agent's
// answer, when a survey begins and at the end; each holds all that is known.
type SaveCall struct {
	Summary Summary `json:"summary"`
}

// Tell gives the agent's desk the agent's new view, and is what AgentRestored wants back.
type Tell struct {
	Agent id.AgentID `json:"agent"`
	View  AgentView  `json:"view"`
}

// Refused: an agent's request was not granted, and nothing else changed.
type Refused struct {
	Agent id.AgentID  `json:"agent"`
	Req   uint64      `json:"req"`
	Code  RefusalCode `json:"code"`
}

// RefusalCode says why a request was not granted.
type RefusalCode string

// The refusal codes.
const (
	RefusedUnknownAgent       RefusalCode = "unknown_agent"       // no agent of that id is configured
	RefusedSignedOut          RefusalCode = "signed_out"          // the agent has no desk
	RefusedOnCall             RefusalCode = "on_call"             // not during a call; set the next state instead
	RefusedNoCall             RefusalCode = "no_call"             // there is no call for which to set a next state
	RefusedTooLate            RefusalCode = "too_late"            // the offer, leg or call named is not the agent's now
	RefusedWrongState         RefusalCode = "wrong_state"         // e.g. to resume what is not held
	RefusedNoSurvey           RefusalCode = "no_survey"           // the queue of the call names no survey
	RefusedNoMedia            RefusalCode = "no_media"            // the agent's sound is not connected
	RefusedUnknownReason      RefusalCode = "unknown_reason"      // not a configured reason
	RefusedUnknownDisposition RefusalCode = "unknown_disposition" // not a configured disposition
)

// Anomaly: a fact came that no longer applies, or that contradicts what is known. Nothing was changed by it.
type Anomaly struct {
	What  string     `json:"what"`
	Event string     `json:"event"` // EventKind
	Call  id.CallID  `json:"call,omitempty"`
	Agent id.AgentID `json:"agent,omitempty"`
}

// Lane returns the call whose commands this one is carried out in order with, "" for one that the host does at once.
func Lane(cmd Command) id.CallID {
	switch cmd := cmd.(type) {
	case Remember:
		return cmd.Call
	case Answer:
		return cmd.Call
	case Play:
		return cmd.Call
	case StopPlay:
		return cmd.Call
	case StartMusic:
		return cmd.Call
	case StopMusic:
		return cmd.Call
	case ConnectLeg:
		return cmd.Call
	case DialOut:
		return cmd.Call
	case Bridge:
		return cmd.Call
	case Unbridge:
		return cmd.Call
	case Hold:
		return cmd.Call
	case DropLeg:
		return cmd.Call
	case FinishRecording:
		return cmd.Call
	case HangUp:
		return cmd.Call
	default:
		return ""
	}
}

func (Remember) command() string        { return "remember" }
func (Answer) command() string          { return "answer" }
func (Play) command() string            { return "play" }
func (StopPlay) command() string        { return "stop_play" }
func (StartMusic) command() string      { return "start_music" }
func (StopMusic) command() string       { return "stop_music" }
func (LookUpCustomer) command() string  { return "look_up_customer" }
func (CheckSurvey) command() string     { return "check_survey" }
func (RunErrand) command() string       { return "run_errand" }
func (ForgetSecret) command() string    { return "forget_secret" }
func (Walked) command() string          { return "walked" }
func (OweRecording) command() string    { return "owe_recording" }
func (KeepMessage) command() string     { return "keep_message" }
func (ConnectLeg) command() string      { return "connect_leg" }
func (DialOut) command() string         { return "dial_out" }
func (Bridge) command() string          { return "bridge" }
func (Unbridge) command() string        { return "unbridge" }
func (Hold) command() string            { return "hold" }
func (DropLeg) command() string         { return "drop_leg" }
func (FinishRecording) command() string { return "finish_recording" }
func (HangUp) command() string          { return "hang_up" }
func (SetTimer) command() string        { return "set_timer" }
func (StopTimer) command() string       { return "stop_timer" }
func (SaveAnswer) command() string      { return "save_answer" }
func (SaveDisposition) command() string { return "save_disposition" }
func (SaveCall) command() string        { return "save_call" }
func (Tell) command() string            { return "tell" }
func (Refused) command() string         { return "refused" }
func (Anomaly) command() string         { return "anomaly" }
