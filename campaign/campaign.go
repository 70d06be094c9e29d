package campaign

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"hotline/internal/calendar"
)

// Way is how a campaign reaches its contacts.
type Way string

// The ways.
const (
	Outbound Way = "outbound" // by telephone
	Link     Way = "link"     // by a link in a message or mail
)

// State is how far a campaign is.
type State string

// The states of a campaign. A finished one stays so.
const (
	Draft    State = "draft"
	Running  State = "running"
	Paused   State = "paused"
	Finished State = "finished"
)

// Trouble is why the program paused a campaign by itself.
type Trouble string

// Failing: its calls failed one after the other, as those of a dead trunk do. Nobody's attempts are to be used up by that.
const Failing Trouble = "failing"

// Result is the state of a contact, and how one attempt at it went.
type Result string

// The results. The first three are no results yet.
const (
	Waiting       Result = "waiting"
	Dialling      Result = "dialling"
	Sent          Result = "sent"           // a link is on its way
	Complete      Result = "complete"       // heard and answered to the end
	Partial       Result = "partial"        // answered something, and hung up
	Silent        Result = "silent"         // a person answered the call, and none of the questions
	Machine       Result = "machine"        // an answering machine
	Busy          Result = "busy"           // the line was engaged
	NoAnswer      Result = "no_answer"      // rang, and nobody came
	Rejected      Result = "rejected"       // the call was declined
	Invalid       Result = "invalid"        // there is no such number
	DoNotCall     Result = "do_not_call"    // the number asked not to be called
	RecentlyAsked Result = "recently_asked" // answered a survey within the campaign's RestDays
	Expired       Result = "expired"        // the campaign ended first
	Failed        Result = "failed"         // the network or we ourselves failed
)

// Results are all of them, in the order in which a table shows them.
var Results = []Result{
	Waiting, Dialling, Sent, Complete, Partial, Silent, Machine, Busy, NoAnswer, Rejected, Invalid, DoNotCall, RecentlyAsked, Expired, Failed,
}

// again are the results after which a number is dialled once more, and after how long unless the campaign says otherwise.
var again = map[Result]time.Duration{
	Busy: 10 * time.Minute, NoAnswer: time.Hour, Machine: 2 * time.Hour, Failed: 10 * time.Minute,
}

// Retried says whether a number may be dialled again after the result.
func (r Result) Retried() bool { _, ok := again[r]; return ok }

// Limits of what a campaign may ask for.
const (
	MostAttempts = 10
	LeastRing    = 3   // seconds
	MostRing     = 120 // seconds
	MostAtOnce   = 500
	MostPerSec   = 50
	MostRest     = 3650         // days
	longestPause = 14 * 24 * 60 // minutes
)

// Campaign is one survey for one list.
type Campaign struct {
	ID       string        `db:"id"`
	Name     string        `db:"name"`
	Survey   string        `db:"survey"`
	Way      Way           `db:"way"`
	Audience string        `db:"audience"`  // whom it is for, in words (對象)
	ListRule string        `db:"list_rule"` // how its list was chosen, in words (名單條件)
	From     calendar.Date `db:"-"`         // first day
	To       calendar.Date `db:"-"`         // last day
	State    State         `db:"state"`
	Lang     string        `db:"lang"`     // of contacts that name none
	Calendar string        `db:"calendar"` // whose hours it calls by; "" for Hours
	Hours    calendar.Hours
	Zone     string         `db:"zone"`
	Most     int            `db:"most"`       // attempts for a number, at most
	Ring     int            `db:"ring"`       // seconds
	AtOnce   int            `db:"at_once"`    // calls
	PerSec   float32        `db:"per_second"` // new calls
	Pauses   map[Result]int `db:"pauses"`     // minutes until the next attempt, by the result of the last; the default where none is given
	Detect   bool           `db:"detect"`     // answering machines
	RestDays int            `db:"rest_days"`  // whoever answered any survey in so many days is left alone; 0 for no limit
	Trouble  Trouble        `db:"trouble"`    // why the program paused it; "" otherwise
	By       string         `db:"created_by"`
	Created  time.Time      `db:"created_at"`
	Started  *time.Time     `db:"started_at"`
	Ended    *time.Time     `db:"finished_at"`
	Erased   *time.Time     `db:"erased_at"` // who was on its list
}

// Fault is one thing that is wrong with a campaign.
type Fault struct{ Field, Remedy string }

// InvalidError is a campaign that cannot be stored.
type InvalidError struct{ Faults []Fault }

func (e *InvalidError) Error() string {
	var all []string
	for _, f := range e.Faults {
		all = append(all, f.Field+": "+f.Remedy)
	}
	return strings.Join(all, "; ")
}

// ErrNotFound means that there is no such campaign, contact or number.
var ErrNotFound = errors.New("there is no such campaign, contact or number")

// Refusal is a change that the state of things does not allow.
type Refusal struct {
	Code string
	Why  string // with the remedy
}

func (r *Refusal) Error() string { return r.Why }

var slug = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// Check returns everything that is wrong with the campaign.
func (c Campaign) Check() []Fault {
	var faults []Fault
	add := func(wrong bool, field, remedy string) {
		if wrong {
			faults = append(faults, Fault{field, remedy})
		}
	}
	add(!slug.MatchString(c.ID), "id", "write up to 40 small letters, digits, - and _")
	add(strings.TrimSpace(c.Name) == "", "name", "give it a name")
	add(c.Survey == "", "survey", "choose a survey")
	add(c.Way != Outbound && c.Way != Link, "way", "choose outbound or link")
	add(c.To.Before(c.From), "to", "choose a last day that is not before the first")
	add(c.Lang != "zh-TW" && c.Lang != "en", "lang", "choose zh-TW or en")
	_, err := calendar.LoadZone(c.Zone)
	add(err != nil, "zone", "use a name such as Asia/Taipei")
	if err := c.Hours.Check(); err != nil {
		add(true, "hours", err.Error())
	}
	add(c.Way == Outbound && c.Calendar == "" && len(c.Hours) == 0, "hours", "name a calendar, or give the hours of the day in which to call")
	add(c.Most < 1 || c.Most > MostAttempts, "most", fmt.Sprintf("give 1 to %d attempts", MostAttempts))
	add(c.Ring < LeastRing || c.Ring > MostRing, "ring", fmt.Sprintf("give %d to %d seconds", LeastRing, MostRing))
	add(c.AtOnce < 1 || c.AtOnce > MostAtOnce, "at_once", fmt.Sprintf("give 1 to %d calls", MostAtOnce))
	add(!(c.PerSec > 0 && c.PerSec <= MostPerSec), "per_second", fmt.Sprintf("give more than 0 and up to %d calls", MostPerSec))
	add(c.RestDays < 0 || c.RestDays > MostRest, "rest_days", fmt.Sprintf("give 1 to %d days, or 0 for no limit", MostRest))
	for _, r := range Results {
		minutes, ok := c.Pauses[r]
		add(ok && (!r.Retried() || minutes < 0 || minutes > longestPause), "pauses."+string(r), "give minutes, up to two weeks, after busy, no_answer, machine or failed")
	}
	for r := range c.Pauses {
		add(!slices.Contains(Results, r), "pauses."+string(r), "give pauses after busy, no_answer, machine or failed")
	}
	return faults
}

// Pause is how long after such a result the number is left alone.
func (c Campaign) Pause(r Result) time.Duration {
	if minutes, ok := c.Pauses[r]; ok {
		return time.Duration(minutes) * time.Minute
	}
	return again[r]
}

// Open says whether the campaign may call at the time. opening finds a calendar by name, and returns nil when there is none.
func (c Campaign) Open(now time.Time, opening func(name string) *calendar.Calendar) bool {
	zone, err := calendar.LoadZone(c.Zone)
	if err != nil {
		return false
	}
	today := calendar.DateOf(now.In(zone.Location))
	if today.Before(c.From) || c.To.Before(today) {
		return false
	}
	if c.Calendar != "" {
		hours := opening(c.Calendar)
		return hours != nil && hours.At(now).Open
	}
	own := calendar.Calendar{Zone: zone}
	for day := range own.Week {
		own.Week[day] = c.Hours
	}
	return own.At(now).Open
}

// Over says whether the campaign's last day is past.
func (c Campaign) Over(now time.Time) bool {
	zone, err := calendar.LoadZone(c.Zone)
	return err == nil && c.To.Before(calendar.DateOf(now.In(zone.Location)))
}
