// Package rehearsal walks a flow or a survey without a telephone: inputs go in, and what a caller would hear, where they would
// be and how they got there comes out. It is what the terminal and the page show of a flow before anybody calls it.
//
// It is pure, and keeps nothing: who wants to go on gives all inputs again, and one more. What is said counts as heard at
// once, so only a silence and what lies outside (a queue, an errand) is waited for.
package rehearsal

import (
	"fmt"
	"strings"
	"time"

	"hotline/ivr"
	"hotline/ivr/survey"
)

// MaxInputs is how many inputs a rehearsal takes: more than anybody types, and few enough to be walked at each of them.
const MaxInputs = 500

// Input is what happens next. Exactly one field counts.
type Input struct {
	Digits  string // keys pressed one after another
	Silence bool   // nothing is pressed as long as it is waited for
	HangUp  bool   // the caller ends the call
	Result  string // of what is waited for outside: one of Results
	// Values are what a service answers with, by its fields.
	Values map[string]string
}

// Results beside those of package ivr.
const (
	Answered = "answered" // of a queue: an agent answered, and the talk is over
	Spoken   = "spoken"   // of a message
	Nothing  = "nothing"  // of a message: the caller pressed a key at once
)

// What is waited for.
const (
	ForDigits = "digits"
	ForQueue  = "queue"
	ForErrand = "errand" // a service, a check, or a task
	ForSpeech = "speech" // a message
	ForPhone  = "phone"  // a telephone outside
)

// Options say how a rehearsal begins.
type Options struct {
	At      time.Time // what the clock says; a silence moves it on
	Lang    ivr.Lang  // the caller's language; "" is the flow's first
	Surveys map[string]*survey.Survey
	Flows   map[string]*ivr.Flow // that the flow may enter; one that is not there cannot be entered
}

// The kinds of lines.
const (
	LineStep    = "step"    // Step was entered
	LineSay     = "say"     // Text was said
	LineKeys    = "keys"    // Text was pressed
	LineSilence = "silence" // nothing was pressed
	LineQueue   = "queue"   // the caller waits in queue Text
	LineFlow    = "flow"    // flow Text is entered
	LineReturn  = "return"  // flow Text has returned
	LineSurvey  = "survey"  // survey Text begins
	LineErrand  = "errand"  // service Text was asked
	LineDial    = "dial"    // Text, a telephone outside, is called
	LineMessage = "message" // a message for queue Text is kept
	LineAnswer  = "answer"  // Text was answered, question=value
	LineResult  = "result"  // what was waited for outside came to Text
	LineGone    = "gone"    // the caller hung up
	LineEnd     = "end"     // the flow hung up
	LineIgnored = "ignored" // an input that means nothing here
)

// Line is one thing that happened, in order.
type Line struct {
	Kind string   `json:"kind"`
	Step string   `json:"step"` // where; FLOW/STEP in a flow that was entered
	Text string   `json:"text"`
	Lang ivr.Lang `json:"lang"` // of what is said
}

// Scene is how far a rehearsal has come.
type Scene struct {
	Lines   []Line
	Step    string // of this flow, where the caller is
	Lang    ivr.Lang
	Path    []string      // steps of this flow in the order in which they were entered
	Reasons []string      // why they call, as the agent sees it
	Waits   string        // for what; "" when the call is over
	Wait    time.Duration // how long, where it is for digits
	Results []string      // that what is waited for may come to
	Fields  []string      // that a service answers with when it finds something
	Over    bool
}

// Flow walks a flow.
func Flow(f *ivr.Flow, o Options, inputs []Input) Scene {
	r := &run{flow: f, at: o.At, surveys: o.Surveys, flows: o.Flows, pos: ivr.Position{Lang: o.Lang}}
	r.take(ivr.Begin{})
	r.all(inputs)
	return r.done()
}

// Survey walks a survey by itself; its questions are the steps.
func Survey(s *survey.Survey, o Options, inputs []Input) Scene {
	r := &run{at: o.At, pos: ivr.Position{Lang: o.Lang}}
	r.beginSurvey(s)
	r.all(inputs)
	return r.done()
}

// run is one rehearsal.
type run struct {
	flow    *ivr.Flow   // nil for a survey by itself
	above   []*ivr.Flow // those that wait for it to return
	flows   map[string]*ivr.Flow
	surveys map[string]*survey.Survey
	at      time.Time
	pos     ivr.Position
	scene   Scene
	queue   *ivr.QueueStep // the caller waits in
	survey  *survey.Survey // the caller is asked
	asked   survey.Position
}

func (r *run) all(inputs []Input) {
	for _, in := range inputs[:min(len(inputs), MaxInputs)] {
		if r.scene.Over {
			return
		}
		r.input(in)
	}
}

func (r *run) done() Scene {
	s := &r.scene
	s.Step, s.Lang, s.Reasons = append(r.pos.Above, r.pos)[0].Step, r.pos.Lang, r.pos.Path
	if r.survey != nil {
		s.Lang = r.asked.Lang
	}
	if s.Over {
		s.Waits, s.Wait, s.Results, s.Fields = "", 0, nil, nil
	}
	return *s
}

func (r *run) line(kind, text string) {
	r.scene.Lines = append(r.scene.Lines, Line{Kind: kind, Step: r.where(r.pos.Step), Text: text})
}

// where names a step, with its flow where that is not the one that is rehearsed.
func (r *run) where(step string) string {
	if len(r.above) > 0 {
		return r.flow.ID + "/" + step
	}
	return step
}

func (r *run) say(phrases []ivr.Phrase) {
	for _, p := range phrases {
		r.scene.Lines = append(r.scene.Lines, Line{Kind: LineSay, Step: r.where(r.pos.Step), Text: p.Text, Lang: p.Lang})
	}
}

func (r *run) over(kind string) {
	r.line(kind, "")
	r.scene.Over = true
}

func (r *run) input(in Input) {
	switch {
	case in.HangUp:
		r.over(LineGone)
	case in.Silence && r.scene.Waits == ForDigits:
		r.at = r.at.Add(r.scene.Wait)
		r.line(LineSilence, survey.Duration(r.scene.Wait))
		r.keyed(survey.Silence{}, ivr.Silence{})
	case in.Digits != "" && r.scene.Waits == ForDigits:
		for _, d := range []byte(in.Digits) {
			if r.scene.Over || r.scene.Waits != ForDigits {
				break
			}
			r.line(LineKeys, string(rune(d)))
			r.keyed(survey.Digit{Digit: d}, ivr.Digit{Digit: d})
		}
	case in.Result != "" && r.scene.Waits != ForDigits:
		r.line(LineResult, in.Result)
		r.came(in)
	default:
		r.line(LineIgnored, strings.TrimSpace(in.Digits+in.Result))
	}
}

func (r *run) keyed(s survey.Input, i ivr.Input) {
	if r.survey != nil {
		r.ask(s)
	} else {
		r.take(i)
	}
}

// came goes on after what was waited for outside.
func (r *run) came(in Input) {
	q := r.queue
	r.queue = nil
	if r.scene.Waits == ForSpeech && r.survey != nil {
		r.ask(survey.Taped{For: spoken[in.Result]})
		return
	}
	if r.scene.Waits == ForSpeech {
		r.take(ivr.Taped{For: spoken[in.Result]})
		return
	}
	if r.scene.Waits == ForPhone {
		r.take(ivr.Left{Result: in.Result})
		return
	}
	if q == nil {
		r.take(ivr.Returned{Result: in.Result, Values: in.Values})
		return
	}
	if in.Result != Answered {
		r.take(ivr.Left{Result: in.Result})
		return
	}
	if s := r.surveys[q.Survey]; s != nil {
		r.beginSurvey(s)
		return
	}
	r.take(ivr.Left{Result: ivr.Done})
}

// take gives the flow an input, and then that all was heard, until something is waited for.
func (r *run) take(in ivr.Input) {
	if r.flow == nil {
		r.over(LineEnd)
		return
	}
	for range ivr.MaxMoves + 1 {
		var out ivr.Output
		r.pos, out = r.flow.Step(r.pos, in, r.at)
		for _, step := range out.Entered {
			if len(r.above) == 0 {
				r.scene.Path = append(r.scene.Path, step)
			}
			r.scene.Lines = append(r.scene.Lines, Line{Kind: LineStep, Step: r.where(step)})
		}
		if out.Idle() {
			return
		}
		r.say(out.Say)
		if out.Keep != nil {
			r.line(LineMessage, out.Keep.Queue)
		}
		r.scene.Wait = out.Wait
		switch {
		case out.HangUp:
			r.over(LineEnd)
			return
		case out.Queue != nil:
			r.enterQueue(out.Queue)
			return
		case out.Transfer:
			dial, _ := r.flow.Transfer(r.pos)
			r.line(LineDial, dial.To)
			r.waits(ForPhone, ivr.Done, ivr.Failed)
			return
		case out.Record:
			r.waits(ForSpeech, Spoken, Nothing, ivr.Failed)
			return
		case out.Sub != nil:
			in = r.descend(*out.Sub)
			continue
		case out.Return != nil:
			r.ascend()
			in = *out.Return
			continue
		case out.Errand != nil:
			r.send(out.Errand)
			return
		case out.Survey != "":
			if s := r.surveys[out.Survey]; s != nil {
				r.beginSurvey(s)
				return
			}
			in = ivr.Left{Result: ivr.Done}
			continue
		case len(out.Say) == 0 && out.Wait > 0:
			r.waits(ForDigits)
			return
		}
		r.waits(ForDigits)
		in = ivr.Played{}
	}
}

// descend goes on in a flow that is entered, and returns what it is told first.
func (r *run) descend(sub ivr.SubStep) ivr.Input {
	r.line(LineFlow, sub.Flow)
	if below := r.flows[sub.Flow]; below != nil {
		if pos, ok := below.Descend(r.pos, sub); ok {
			r.above = append(r.above, r.flow)
			r.flow, r.pos = below, pos
			return ivr.Begin{}
		}
	}
	r.line(LineResult, ivr.Failed)
	return ivr.Returned{Result: ivr.Failed}
}

func (r *run) ascend() {
	from, last := r.flow.ID, len(r.above)-1
	r.flow, r.above = r.above[last], r.above[:last]
	r.pos = r.flow.Ascend(r.pos)
	r.line(LineReturn, from)
}

// spoken is how long a message is that came to a result; one that failed has no length.
var spoken = map[string]time.Duration{Spoken: ivr.MaxMessage, Nothing: time.Millisecond}

func (r *run) waits(what string, results ...string) {
	r.scene.Waits, r.scene.Results, r.scene.Fields = what, results, nil
}

// send waits for what a service answers.
func (r *run) send(e *ivr.Errand) {
	r.line(LineErrand, e.Service)
	r.waits(ForErrand, ivr.Found, ivr.Missing, ivr.Failed)
	if do, ok := r.flow.Steps[r.pos.Step].Do.(ivr.Lookup); ok {
		for _, p := range do.Get {
			r.scene.Fields = append(r.scene.Fields, p.Field)
		}
	}
}

func (r *run) enterQueue(q *ivr.QueueStep) {
	r.queue = q
	r.line(LineQueue, string(q.ID))
	r.say(q.Busy)
	if q.Every > 0 {
		r.say(q.Waiting)
	}
	r.waits(ForQueue, Answered, ivr.Timeout, ivr.Unstaffed, ivr.Closed)
}

func (r *run) beginSurvey(s *survey.Survey) {
	r.survey, r.asked = s, survey.Position{Lang: r.pos.Lang}
	r.line(LineSurvey, s.ID)
	r.ask(survey.Begin{})
}

// come counts a question of a survey by itself as a step.
func (r *run) come(question string) {
	if question != r.pos.Step {
		r.pos.Step = question
		r.scene.Path = append(r.scene.Path, question)
		r.scene.Lines = append(r.scene.Lines, Line{Kind: LineStep, Step: question})
	}
}

// ask gives the survey an input.
func (r *run) ask(in survey.Input) {
	var out survey.Output
	r.asked, out = r.survey.Step(r.asked, in)
	if a := out.Answer; a != nil {
		r.line(LineAnswer, fmt.Sprintf("%s=%d", a.Question, a.Value))
	}
	if asked := r.asked; r.flow == nil && !asked.Over && asked.Question < len(r.survey.Questions) {
		r.come(r.survey.Questions[asked.Question].ID)
	}
	r.say(out.Say)
	if out.Wait > 0 {
		r.scene.Wait = out.Wait
	}
	r.waits(ForDigits)
	if out.Record {
		r.waits(ForSpeech, Spoken, Nothing, ivr.Failed)
	}
	if out.Done {
		r.survey = nil
		r.take(ivr.Left{Result: ivr.Done})
	}
}
