package ivr

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// walk is one call of Step: the position as it changes.
type walk struct {
	flow *Flow
	now  time.Time
	p    Position
	key  byte // digit that ended an announcement and that the next menu is to take; 0 is none

	noticed, refused bool // as Output has them
	forgotten        string
	kept             *Kept
	entered          []string
}

// Step applies one input to the position and returns the new position and what is to be done. now decides opening hours.
// It never panics, whatever the position: see the package doc for where a caller goes who is nowhere.
func (f *Flow) Step(p Position, in Input, now time.Time) (Position, Output) {
	w := &walk{flow: f, now: now, p: p}
	out := w.step(in)
	w.p.Flow, w.p.Version = f.ID, f.Version
	out.Noticed, out.Refused, out.Forget = w.noticed, w.refused, w.forgotten
	out.Entered, out.Keep = w.entered, w.kept
	return w.p, out
}

func (w *walk) step(in Input) Output {
	if gone, ok := in.(Gone); ok {
		w.gone(gone)
		return Output{}
	}
	if w.p.Over {
		return Output{HangUp: true}
	}
	if w.p.Lang == "" {
		w.p.Lang = w.flow.lang()
	}
	w.p.Moves = max(w.p.Moves, 0)
	if w.p.Step == "" {
		return w.enter(w.flow.Start)
	}
	here, ok := w.flow.Steps[w.p.Step]
	if !ok || (w.p.Flow != "" && w.p.Flow != w.flow.ID) {
		return w.enter(w.flow.Lost)
	}
	if message, ok := here.Do.(Message); ok {
		return w.inMessage(message, in)
	}
	if _, ok := in.(Begin); ok {
		return w.enter(w.p.Step)
	}
	switch do := here.Do.(type) {
	case Play:
		return w.inPlay(do, in)
	case Consent:
		return w.inConsent(do, in)
	case Menu:
		return w.inMenu(do, in)
	case Hours:
		return w.inHours(do, in)
	case Ask:
		return w.inAsk(do, in)
	case Lookup, Pay, Task, Sub:
		return w.inErrand(do, in)
	case Queue:
		return w.inQueue(do, in)
	case Transfer:
		return w.inTransfer(do, in)
	case Survey:
		if _, ok := in.(Left); ok {
			return w.enter(do.Next.Step)
		}
		return Output{}
	default:
		// Nobody waits at these kinds: the step was of another kind when the caller got here.
		return w.enter(w.p.Step)
	}
}

// enter goes to the named step and on through every step that needs no waiting. A step that does not exist leads to the
// flow's lost step; no such step either, or too many moves, leads out.
func (w *walk) enter(name string) Output {
	for w.p.Moves < MaxMoves {
		step, ok := w.flow.Steps[name]
		if !ok && name == w.flow.Lost {
			break
		}
		if !ok {
			name = w.flow.Lost
			continue
		}
		w.p.Moves++
		w.p.Step, w.p.Tries, w.p.Wrong, w.p.Digits, w.p.Heard, w.p.Errand, w.p.Taped = name, 0, 0, "", false, false, 0
		w.entered = append(w.entered, name)
		next, out, stop := w.arrive(step.Do)
		if stop {
			return out
		}
		name = next
	}
	w.p.Over = true
	return Output{Say: Sorry(w.p.Lang), HangUp: true}
}

// arrive does what the step does on arrival. Either it names the next step, or it stops with an output.
func (w *walk) arrive(do Action) (next string, out Output, stop bool) {
	switch do := do.(type) {
	case Play:
		if !do.BargeIn {
			w.key = 0
		}
		say := w.say(do.Say)
		if len(say) == 0 || w.key != 0 {
			return do.Next.Step, Output{}, false
		}
		return "", Output{Say: say, BargeIn: do.BargeIn}, true
	case Consent:
		w.key = 0
		say := w.say(do.Say)
		if len(say) == 0 {
			return do.Next.Step, Output{}, false // nobody can be told by nothing, nor be asked
		}
		return "", Output{Say: say, Wait: do.After}, true
	case Language:
		w.p.Lang = do.Set
		return do.Next.Step, Output{}, false
	case Menu:
		return "", w.openMenu(do), true
	case Ask:
		return "", w.openAsk(do), true
	case Lookup:
		return "", w.sendOff(do.Say, w.send(do.Service, do.Send)), true
	case Pay:
		return "", w.sendOff(do.Say, w.send(do.Service, do.Send)), true
	case Task:
		return "", w.sendOff(nil, w.note(do)), true
	case Message:
		return "", w.openMessage(do), true
	case Set:
		w.assign(do)
		return do.Next.Step, Output{}, false
	case Branch:
		return w.way(do), Output{}, false
	case Hours:
		return w.hours(do)
	case Queue:
		return "", Output{Queue: w.queue(do)}, true
	case Survey:
		return "", Output{Survey: do.ID}, true
	case Transfer:
		w.key = 0
		return "", Output{Say: w.say(do.Say), Transfer: true}, true
	case Sub:
		return "", w.descend(do), true
	case Return:
		return "", w.goBack(), true
	case Goto:
		return w.round(do), Output{}, false
	case HangUp:
		w.p.Over = true
		return "", Output{Say: w.say(do.Say), HangUp: true}, true
	default:
		return w.flow.Lost, Output{}, false // a step that does nothing; no file can say so
	}
}

// round counts a goto, if it is a counted one, and returns where it leads this time.
func (w *walk) round(do Goto) string {
	if do.Times == 0 {
		return do.Step.Step
	}
	if w.p.Rounds[w.p.Step] >= do.Times {
		return do.Then.Step
	}
	rounds := maps.Clone(w.p.Rounds)
	if rounds == nil {
		rounds = map[string]int{}
	}
	rounds[w.p.Step]++
	w.p.Rounds = rounds
	return do.Step.Step
}

func (w *walk) inPlay(do Play, in Input) Output {
	switch in := in.(type) {
	case Played:
		return w.enter(do.Next.Step)
	case Digit:
		if do.BargeIn {
			w.key = in.Digit
			return w.enter(do.Next.Step)
		}
	case Begin, Silence, Left, Returned, Taped, Gone: // nothing is waited for here
	}
	return Output{}
}

// inConsent takes nothing but the key by which the caller refuses. Whoever has heard the announcement has been told,
// whatever comes then; an announcement that could not be played has told nobody.
func (w *walk) inConsent(do Consent, in Input) Output {
	switch in := in.(type) {
	case Played:
		w.noticed = !in.Failed
		if do.Refuse == "" {
			return w.enter(do.Next.Step)
		}
	case Digit:
		if do.Refuse == string(rune(in.Digit)) {
			w.refused = true
			if do.Refused.Step != "" {
				return w.enter(do.Refused.Step)
			}
			return w.enter(do.Next.Step)
		}
	case Silence:
		return w.enter(do.Next.Step)
	case Begin, Left, Returned, Taped, Gone: // nothing was begun here
	}
	return Output{}
}

func (w *walk) inQueue(do Queue, in Input) Output {
	left, ok := in.(Left)
	if !ok {
		return Output{}
	}
	switch left.Result {
	case Timeout:
		return w.enter(do.Timeout.Step)
	case Unstaffed:
		return w.enter(do.Unstaffed.Step)
	case Closed:
		return w.enter(do.Closed.Step)
	}
	if do.Done.Step != "" {
		return w.enter(do.Done.Step)
	}
	w.p.Over = true
	return Output{HangUp: true}
}

// openMenu says the menu, unless the digit that ended the announcement before it already makes a choice, or begins one:
// callers who know the menu need not hear it.
func (w *walk) openMenu(do Menu) Output {
	key := w.key
	w.key = 0
	if key != 0 && do.BargeIn && do.begun(string(rune(key))) {
		return w.pressed(do, key)
	}
	return w.offer(do)
}

func (w *walk) inMenu(do Menu, in Input) Output {
	switch in := in.(type) {
	case Played:
		w.p.Heard = true
	case Digit:
		if do.BargeIn || w.p.Heard {
			return w.pressed(do, in.Digit)
		}
	case Silence:
		if w.p.Digits != "" {
			return w.again(do.Invalid, &w.p.Wrong, w.offer(do))
		}
		return w.again(do.Silent, &w.p.Tries, w.offer(do))
	case Begin, Left, Returned, Taped, Gone: // nothing was begun here
	}
	return Output{}
}

// pressed takes one more digit at a menu.
func (w *walk) pressed(do Menu, d byte) Output {
	w.p.Digits += string(rune(d))
	for _, c := range do.Choices {
		if c.Digits == w.p.Digits {
			w.reason(c.Label)
			return w.enter(c.Next.Step)
		}
	}
	if do.begun(w.p.Digits) {
		return Output{Wait: do.After}
	}
	return w.again(do.Invalid, &w.p.Wrong, w.offer(do))
}

// begun says whether the digits are a choice or the beginning of one.
func (m Menu) begun(digits string) bool {
	return slices.ContainsFunc(m.Choices, func(c Choice) bool { return strings.HasPrefix(c.Digits, digits) })
}

// reason adds the words of a choice to the reasons of the call.
func (w *walk) reason(label Text) {
	words := label[w.flow.lang()]
	if words == "" {
		return
	}
	path := append(slices.Clone(w.p.Path), words)
	if len(path) > maxPath {
		path = path[len(path)-maxPath:]
	}
	w.p.Path = path
}

// again asks a question once more, after the words for why, or goes on when it has been asked often enough.
func (w *walk) again(r Retry, count *int, question Output) Output {
	w.p.Digits, w.p.Heard = "", false
	if *count >= r.Repeat {
		return w.enter(r.Next.Step)
	}
	*count++
	question.Say = append(w.say(r.Say), question.Say...)
	return question
}

// offer is the menu as it is said.
func (w *walk) offer(do Menu) Output {
	return Output{Say: w.say(do.Say), BargeIn: do.BargeIn, Wait: do.After}
}

func (w *walk) queue(do Queue) *QueueStep {
	recording := do.Recording
	if recording == "" {
		recording = w.flow.Recording
	}
	return &QueueStep{
		ID: do.ID, Survey: do.Survey, Agreed: do.Agreed,
		Busy: w.say(do.Busy), Waiting: w.say(do.Waiting),
		Every: do.Every, Place: do.Place, Wait: do.Wait, Recording: recording, ByFlow: do.Recording != recording,
	}
}

// Queue returns the queue step that the position is at, for a host that has to say its announcements again after a
// restart. ok is false when the position is at no queue, for instance because the flow was changed.
func (f *Flow) Queue(p Position) (q QueueStep, ok bool) {
	do, ok := f.Steps[p.Step].Do.(Queue)
	if !ok {
		return QueueStep{}, false
	}
	if p.Lang == "" {
		p.Lang = f.lang()
	}
	w := &walk{flow: f, p: p}
	return *w.queue(do), true
}

func (w *walk) say(refs Say) []Phrase {
	var all []Phrase
	for _, ref := range refs {
		lang := w.p.Lang
		if ref.Lang != "" {
			lang = ref.Lang
		}
		for _, p := range w.flow.Prompts[ref.Key].Text.In(lang, w.flow.lang()) {
			all = append(all, w.fill(p))
		}
	}
	return all
}

// lang is the language that callers hear until they choose.
func (f *Flow) lang() Lang {
	if len(f.Langs) == 0 {
		return Mandarin
	}
	return f.Langs[0]
}
