package task

import (
	"errors"
	"time"
)

// Kind is what there is to do.
type Kind string

// The kinds.
const (
	Callback Kind = "callback"  // call somebody who asked for it, or could not be served
	FollowUp Kind = "follow-up" // something went badly
	Message  Kind = "message"   // listen to a voice message
)

// State is how far a task is.
type State string

// The states.
const (
	Open    State = "open"
	Taken   State = "taken"
	Done    State = "done"
	Dropped State = "dropped"
)

// What makes tasks, apart from people.
const (
	ByFlow   = "flow"
	BySurvey = "survey"
)

// New is a task to be added.
type New struct {
	Key      string // names the task; the same key is the same task
	Kind     Kind
	Queue    string // whose people see it; "" for those who see more than their own queues
	Call     string // "" for none; the caller's number is read from its row
	Leg      string // the recording of a voice message; the same task with another one is about that
	Customer int64  // 0: the call's customer, if any
	Note     string // for whoever does it, e.g. the path in the menu; no phone number
	Due      time.Time
	By       string // "" means ByFlow
}

// Task is one with what there is to know of its call.
type Task struct {
	ID           int64      `db:"id"`
	Kind         Kind       `db:"kind"`
	State        State      `db:"state"`
	Queue        string     `db:"queue"`
	Call         string     `db:"call"`
	Leg          string     `db:"leg"`    // the recording that it is about, of a voice message
	Caller       string     `db:"caller"` // E.164; "" when withheld or without a call
	Customer     int64      `db:"customer"`
	CustomerName string     `db:"customer_name"`
	Agent        string     `db:"agent"` // who answered the call
	Note         string     `db:"note"`
	Owner        string     `db:"owner"`
	OwnerName    string     `db:"owner_name"`
	Due          time.Time  `db:"due"`
	By           string     `db:"made_by"`
	Created      time.Time  `db:"created_at"`
	Closed       *time.Time `db:"closed_at"`
	Reason       string     `db:"reason"`
}

// Event is one change of a task.
type Event struct {
	At   time.Time `db:"at"`
	By   string    `db:"by"` // a user's id; "" for the program
	Name string    `db:"name"`
	What string    `db:"what"` // added, taken, returned, done, dropped
	Note string    `db:"note"`
}

// Viewer is whoever asks, and whose tasks they may see.
type Viewer struct {
	ID    string
	Scope string // own, team, all
	Team  string
	// Lead may give back and drop what others have taken.
	Lead bool
}

// ErrNotFound means that there is no such task, or none that the viewer may see.
var ErrNotFound = errors.New("no such task")

// Refusal is a change that the task's state does not allow.
type Refusal struct {
	Code string // task_taken, task_closed, not_taken, reason_needed
	Why  string // with the remedy
}

func (r *Refusal) Error() string { return r.Why }
