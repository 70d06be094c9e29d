package ivr

import (
	"time"

	"hotline/cti/id"
	"hotline/internal/calendar"
	"hotline/ivr/survey"
)

// The vocabulary that flows and surveys share.
type (
	// Lang is a language that callers are spoken to in.
	Lang = survey.Lang
	// Phrase is one whole utterance to be heard.
	Phrase = survey.Phrase
	// Text is the same words in each language.
	Text = survey.Text
	// Mark is where something stands in its file.
	Mark = survey.Mark
	// Fault is one thing that is wrong with a flow.
	Fault = survey.Fault
	// Words say a fault, in the languages of those who write flows.
	Words = survey.Words
)

// The languages that ship with prompts and a voice pack.
const (
	Mandarin = survey.Mandarin
	English  = survey.English
)

// Worded makes words.
func Worded(format string, args ...any) Words { return survey.Worded(format, args...) }

// DefaultZone is the time zone of flows that name none.
const DefaultZone = "Asia/Taipei"

// Flow is what callers of a number are led through. It is immutable once it has been read.
type Flow struct {
	ID      string
	Version string // short hash of the content
	Langs   []Lang // the first is spoken until the caller chooses, and where a translation is missing
	Zone    *time.Location
	Start   string // name of the first step
	Lost    string // name of the step for callers whose step no longer exists; "" apologises and hangs up
	Prompts map[string]Prompt
	Values  map[string]Value
	Steps   map[string]Step
	Takes   []string // values that a flow which enters this one sends
	Gives   []string // values that it gives back
	Outside []string // beginnings of the numbers (E.164) that the flow may transfer callers to
	// Recording of the talks that follow: Off where a law or the site allows none. A queue step may say otherwise.
	Recording Recording

	Mark      Mark
	StartMark Mark
	LostMark  Mark
	TakesMark Mark
	GivesMark Mark

	// Calendars are what hours steps name. They are no part of the flow: see With.
	Calendars map[string]*calendar.Calendar
}

// Prompt is something that can be said.
type Prompt struct {
	Mark Mark
	Text Text
}

// Step is one place in a flow.
type Step struct {
	Mark Mark
	Do   Action
}

// Target names the step to go to.
type Target struct {
	Mark Mark
	Step string
}

// Say names the prompts to be heard one after another.
type Say []PromptRef

// PromptRef names a prompt.
type PromptRef struct {
	Mark Mark
	Key  string
	Lang Lang // "": the caller's language; otherwise always this one ("For English, press nine")
}

// ActionNames are what steps can do, as files name it.
var ActionNames = []string{
	"play", "consent", "language", "menu", "ask", "set", "branch", "lookup", "pay", "task", "message", "hours", "queue", "transfer", "survey", "flow", "return", "goto", "hangup",
}

// Action is what a step does.
//
//sumtype:decl
type Action interface{ action() }

// Play says something and goes on.
type Play struct {
	Say     Say
	BargeIn bool // a digit ends it, and every such one after it, and counts for the menu that follows
	Next    Target
}

// Recording is whether a talk may be recorded. The zero value leaves it to whoever is asked next, and in the end to On.
type Recording string

// What a flow or a queue step may say of the recording.
const (
	On  Recording = "on"
	Off Recording = "off"
)

// Consent announces that the talk will be recorded. It is heard to its end, unless the caller refuses.
type Consent struct {
	Mark    Mark
	Say     Say
	Refuse  string        // the key by which the caller refuses; "" offers none
	After   time.Duration // how long the key is waited for after the announcement; 0 without one
	Refused Target        // for those who refused; no step: Next
	Next    Target
}

// Language speaks another language from here on.
type Language struct {
	Mark Mark
	Set  Lang
	Next Target
}

// Menu lets the caller choose.
type Menu struct {
	Say     Say
	BargeIn bool // digits count while the menu is still being said
	After   time.Duration
	Silent  Retry // nothing was pressed within After
	Invalid Retry // what was pressed is no choice
	Choices []Choice
}

// Retry is what happens when a menu gets no valid choice: Say, and the menu again, Repeat times; then Next.
type Retry struct {
	Mark   Mark
	Say    Say
	Repeat int
	Next   Target
}

// Choice is one thing that a menu offers.
type Choice struct {
	Mark   Mark
	Digits string
	Label  Text // why they call, for the agent; may be empty
	Next   Target
}

// Hours goes two ways by the clock of the flow's time zone, or by a calendar of the site.
type Hours struct {
	Week   Week
	Dates  []Date // days that differ from the week
	Open   Target
	Closed Target

	Calendar  string // name of a calendar of the site, in the place of Week, Dates and the flow's zone
	CalAt     Mark
	Holiday   Target // closed on a holiday or an own day of the calendar; no step: Closed
	Emergency Target // the calendar's emergency switch is on; no step: Closed
}

// Queue lets the caller wait for an agent.
type Queue struct {
	Mark    Mark // of the queue's id
	ID      id.QueueID
	Survey  string // held after the talk, when the agent ends it; "" is none
	SurvAt  Mark
	Agreed  bool          // the caller has agreed to the survey beforehand
	Busy    Say           // heard once, when no agent is free at once
	Waiting Say           // heard again every Every
	Every   time.Duration // 0: Waiting, Position and Wait are not heard
	Place   bool          // say the caller's place in line every Every
	Wait    bool          // say the expected wait every Every
	// Recording of the talks that come of this queue; the zero value is what the flow says.
	Recording Recording

	Timeout   Target // the longest wait has passed
	Unstaffed Target // nobody is signed in
	Closed    Target // the queue takes nobody at this time
	Done      Target // after the talk and its survey; no step: the call ends
}

// Survey asks the questions of a survey.
type Survey struct {
	Mark Mark // of the survey's id
	ID   string
	Next Target
}

// Goto goes to another step: always, or a number of times in a call and then elsewhere.
type Goto struct {
	Mark  Mark
	Step  Target
	Times int    // 0: always
	Then  Target // once Times are used up
}

// HangUp ends the call.
type HangUp struct {
	Say Say // may be empty
}

func (Play) action()     {}
func (Consent) action()  {}
func (Language) action() {}
func (Menu) action()     {}
func (Hours) action()    {}
func (Queue) action()    {}
func (Survey) action()   {}
func (Goto) action()     {}
func (HangUp) action()   {}
