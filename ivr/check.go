package ivr

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hotline/ivr/survey"
)

// Limits of what a flow may ask for.
const (
	MinWait    = time.Second      // shortest wait for a digit
	MaxWait    = 60 * time.Second // longest wait for a digit
	MaxRepeat  = 10               // how often a menu is said again, a counted goto goes round
	MaxDigits  = 4                // of one choice
	MinEvery   = 10 * time.Second // between two announcements in a queue
	MaxEvery   = 10 * time.Minute
	MaxSteps   = 500
	MaxChoices = 50 // of one menu
	// More choices, and longer menus, are warned of.
	MostChoices = 5
	LongestMenu = 20 * time.Second
	MaxLabel    = 40 // characters of a choice's label; labels and rounds travel with the call in 6 KB of JSON
	MaxCounted  = 16 // gotos of a flow that count their rounds
)

// Known is what a flow may refer to outside itself. A nil list or map is not known, and not checked; an empty one has nothing.
type Known struct {
	Queues    []string
	Surveys   []string
	Calendars []string
	Services  []string // that look-ups and payments may ask
	Flows     map[string]Signature
	// Allowed says whether the site may call a number (E.164); nil is not known.
	Allowed func(number string) bool
}

// Check returns everything that is wrong with the flow, in the order of the file. A flow without any fault that is more
// than a warning leads every caller to an end, whatever the caller does.
func (f *Flow) Check(known Known) []Fault {
	c := &check{flow: f, known: known, used: map[string]bool{}, partly: map[string]map[Lang]bool{}, valued: map[string]bool{}}
	c.head()
	for _, name := range f.names() {
		c.step(name, f.Steps[name])
	}
	c.prompts()
	c.signature()
	c.values()
	if !c.broken {
		c.reach()
		c.rounds()
		c.assigned()
	}
	slices.SortStableFunc(c.faults, func(a, b Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return c.faults
}

// names returns the names of the steps in the order of the file.
func (f *Flow) names() []string {
	names := make([]string, 0, len(f.Steps))
	for name := range f.Steps {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if la, lb := f.Steps[a].Mark.Line, f.Steps[b].Mark.Line; la != lb {
			return la - lb
		}
		return strings.Compare(a, b)
	})
	return names
}

// check is one run of Check.
type check struct {
	flow    *Flow
	known   Known
	faults  []Fault
	used    map[string]bool          // prompts said in the caller's language
	partly  map[string]map[Lang]bool // prompts said in one language only
	valued  map[string]bool          // values that something names
	counted int                      // gotos with a count so far
	broken  bool                     // a target leads nowhere, so that reach would only repeat it
}

func (c *check) fault(at Mark, step string, message, remedy Words) {
	c.faults = append(c.faults, Fault{Mark: at, Step: step, Message: message, Remedy: remedy})
}

func (c *check) warn(at Mark, step string, message, remedy Words) {
	c.faults = append(c.faults, Fault{Mark: at, Step: step, Message: message, Remedy: remedy, Warning: true})
}

func (c *check) head() {
	f := c.flow
	if f.ID == "" {
		c.fault(f.Mark, "", Worded("the flow has no id"), Worded("add `id: NAME`; lines name their flow by it"))
	}
	if len(f.Langs) == 0 {
		c.fault(f.Mark, "", Worded("the flow speaks no language"), Worded("add `languages: [zh-TW, en]`"))
	}
	if len(f.Steps) == 0 {
		c.fault(f.Mark, "", Worded("the flow has no steps"), Worded("add `steps:` with at least a hangup"))
	}
	if len(f.Steps) > MaxSteps {
		c.fault(f.Mark, "", Worded("the flow has %d steps", len(f.Steps)),
			Worded("split it: at most %d steps", MaxSteps))
	}
	start := f.StartMark
	if start == (Mark{}) {
		start = f.Mark
	}
	c.target("", start, Target{Mark: f.StartMark, Step: f.Start}, "start")
	c.recording("", f.Mark, f.Recording)
	c.outside()
	if f.Lost != "" {
		c.target("", f.LostMark, Target{Mark: f.LostMark, Step: f.Lost}, "lost")
	}
}

// target checks that a step which has to be named is, and exists.
func (c *check) target(step string, at Mark, t Target, key string) {
	if t.Mark != (Mark{}) {
		at = t.Mark
	}
	if t.Step == "" {
		c.broken = true
		c.fault(at, step, where(step, "`%s` names no step", key),
			Worded("add `%s: STEP` with the step to go to", key))
		return
	}
	if _, ok := c.flow.Steps[t.Step]; !ok {
		c.broken = true
		c.fault(at, step, where(step, "`%s` goes to unknown step %q", key, t.Step),
			suggest(t.Step, c.flow.names(), Worded("add that step, or name one that exists")))
	}
}

func (c *check) step(name string, s Step) {
	switch do := s.Do.(type) {
	case Play:
		if len(do.Say) == 0 {
			c.fault(s.Mark, name, where(name, "`play` says nothing"), Worded("add `say: PROMPT`, or go straight to the next step"))
		}
		c.say(name, do.Say)
		c.target(name, s.Mark, do.Next, "next")
	case Consent:
		c.consent(name, s, do)
	case Language:
		if !slices.Contains(c.flow.Langs, do.Set) {
			c.fault(orStep(do.Mark, s), name, where(name, "language %q is not one of the flow's", do.Set),
				Worded("add it to `languages`, with words for every prompt"))
		}
		c.target(name, s.Mark, do.Next, "next")
	case Menu:
		c.menu(name, s, do)
	case Hours:
		c.hours(name, s, do)
	case Queue:
		c.queue(name, s, do)
	case Survey:
		c.survey(name, orStep(do.Mark, s), do.ID)
		if do.ID == "" {
			c.fault(s.Mark, name, where(name, "`survey` names no survey"), Worded("add `id: SURVEY`"))
		}
		c.target(name, s.Mark, do.Next, "next")
	case Ask:
		c.ask(name, s, do)
	case Lookup:
		c.lookup(name, s, do)
	case Pay:
		c.pay(name, s, do)
	case Task:
		c.task(name, s, do)
	case Message:
		c.message(name, s, do)
	case Transfer:
		c.transfer(name, s, do)
	case Sub:
		c.sub(name, s, do)
	case Return: // what it gives is checked with the ways to it
	case Set:
		c.set(name, s, do)
	case Branch:
		c.branch(name, s, do)
	case Goto:
		c.target(name, s.Mark, do.Step, "step")
		c.times(name, s, do)
	case HangUp:
		c.say(name, do.Say)
	default:
		c.broken = true
		c.fault(s.Mark, name, where(name, "does nothing"),
			Worded("give it one of %s", strings.Join(ActionNames, ", ")))
	}
}

func (c *check) consent(name string, s Step, do Consent) {
	if len(do.Say) == 0 {
		c.fault(s.Mark, name, where(name, "`consent` says nothing"), Worded("add `say: PROMPT` that tells callers of the recording"))
	}
	c.say(name, do.Say)
	c.target(name, s.Mark, do.Next, "next")
	at := orStep(do.Mark, s)
	if do.Refuse == "" {
		if do.Refused.Step != "" {
			c.fault(do.Refused.Mark, name, where(name, "`refused` is never gone to without `refuse`"),
				Worded("add `refuse: KEY`, or remove `refused`"))
		}
		return
	}
	if !digits(do.Refuse) || len(do.Refuse) != 1 {
		c.fault(at, name, where(name, "%q is no key by which a caller can refuse", do.Refuse), Worded("use one of 0-9, * and #"))
	}
	if do.After < MinWait || do.After > MaxWait {
		c.fault(at, name, where(name, "waits %s for a digit", survey.Duration(do.After)),
			Worded("use `after` from %s to %s", survey.Duration(MinWait), survey.Duration(MaxWait)))
	}
	if do.Refused != (Target{}) {
		c.target(name, s.Mark, do.Refused, "refused")
	}
}

func (c *check) recording(step string, at Mark, r Recording) {
	if r != "" && r != On && r != Off {
		c.fault(at, step, where(step, "`recording: %s` is not known", r), Worded("use on or off"))
	}
}

func (c *check) times(name string, s Step, do Goto) {
	switch {
	case do.Times < 0 || do.Times > MaxRepeat:
		c.fault(orStep(do.Mark, s), name, where(name, "`times: %d` is out of range", do.Times),
			Worded("use 1 to %d", MaxRepeat))
	case do.Times == 0 && do.Then.Step != "":
		c.fault(do.Then.Mark, name, where(name, "`then` is never used without `times`"), Worded("add `times: N` or remove `then`"))
	case do.Times > 0:
		c.target(name, s.Mark, do.Then, "then")
		if c.counted++; c.counted == MaxCounted+1 {
			c.fault(orStep(do.Mark, s), name, where(name, "the flow counts the rounds of too many gotos"),
				Worded("use `times` at most %d times in a flow", MaxCounted))
		}
	}
}

func (c *check) say(step string, refs Say) {
	for _, ref := range refs {
		if _, ok := c.flow.Prompts[ref.Key]; !ok {
			c.fault(ref.Mark, step, where(step, "says unknown prompt %q", ref.Key),
				suggest(ref.Key, keys(c.flow.Prompts), Worded("add it under `prompts`")))
			continue
		}
		if ref.Lang == "" {
			c.used[ref.Key] = true
			continue
		}
		if !slices.Contains(c.flow.Langs, ref.Lang) {
			c.fault(ref.Mark, step, where(step, "says %q in %q, which is not one of the flow's languages", ref.Key, ref.Lang), Worded("add the language to `languages`, or correct it"))
			continue
		}
		if c.partly[ref.Key] == nil {
			c.partly[ref.Key] = map[Lang]bool{}
		}
		c.partly[ref.Key][ref.Lang] = true
	}
}

func (c *check) prompts() {
	for _, key := range keys(c.flow.Prompts) {
		p := c.flow.Prompts[key]
		if !c.used[key] && c.partly[key] == nil {
			c.warn(p.Mark, "", Worded("prompt %q is never said", key), Worded("remove it, or say it in a step"))
			continue
		}
		for _, lang := range c.flow.Langs {
			if p.Text[lang] == "" && (c.used[key] || c.partly[key][lang]) {
				c.fault(p.Mark, "", Worded("prompt %q has no words in %s", key, lang),
					Worded("add `%s: ...`", lang))
			}
		}
		c.foreign(p.Mark, "", Worded("prompt %q", key), p.Text)
		c.holes("", p.Mark, p.Text)
	}
}

// foreign finds words in a language that the flow does not speak.
func (c *check) foreign(at Mark, step string, what Words, t Text) {
	for _, lang := range keys(t) {
		if !slices.Contains(c.flow.Langs, lang) {
			c.fault(at, step, Worded("%s has words in %s, which is not one of the flow's languages", what, lang),
				Worded("add the language to `languages`, or remove the words"))
		}
	}
}

func (c *check) menu(name string, s Step, do Menu) {
	if len(do.Say) == 0 {
		c.fault(s.Mark, name, where(name, "`menu` says nothing"), Worded("add `say: PROMPT` that names the choices"))
	}
	c.say(name, do.Say)
	if do.After < MinWait || do.After > MaxWait {
		c.fault(orStep(do.Silent.Mark, s), name, where(name, "waits %s for a digit", survey.Duration(do.After)),
			Worded("use `after` from %s to %s", survey.Duration(MinWait), survey.Duration(MaxWait)))
	}
	c.retry(name, s, do.Silent, "timeout")
	c.retry(name, s, do.Invalid, "invalid")
	if len(do.Choices) == 0 {
		c.fault(s.Mark, name, where(name, "`menu` has no choices"), Worded("add `choices:` with a digit and a `next` for each"))
	}
	if len(do.Choices) > MaxChoices {
		c.fault(s.Mark, name, where(name, "has %d choices", len(do.Choices)),
			Worded("split the menu: at most %d", MaxChoices))
	}
	c.remember(name, s, do)
	for i, choice := range do.Choices {
		c.choice(name, do.Choices[:i], choice)
	}
}

// remember warns of menus that nobody can keep in mind. What is spoken slowly enough to be understood is about four and a
// half Han characters a second, or fourteen letters.
func (c *check) remember(name string, s Step, do Menu) {
	if n := len(do.Choices); n > MostChoices && n <= MaxChoices {
		c.warn(s.Mark, name, where(name, "has %d choices, which nobody remembers", n),
			Worded("offer at most %d, and the others in a menu behind one of them", MostChoices))
	}
	for _, lang := range c.flow.Langs {
		long := time.Duration(0)
		for _, ref := range do.Say {
			if ref.Lang == "" || ref.Lang == lang {
				long += speaking(c.flow.Prompts[ref.Key].Text[lang])
			}
		}
		if long > LongestMenu {
			c.warn(s.Mark, name, where(name, "takes some %d s to say in %s", int(long.Seconds()), lang),
				Worded("say it in %d s: fewer words, or a menu behind a choice", int(LongestMenu.Seconds())))
		}
	}
}

// speaking is about how long a text takes to say.
func speaking(text string) time.Duration {
	var d time.Duration
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			d += time.Second * 2 / 9
		} else {
			d += time.Second / 14
		}
	}
	return d
}

func (c *check) retry(name string, s Step, r Retry, key string) {
	c.say(name, r.Say)
	if r.Repeat < 0 || r.Repeat > MaxRepeat {
		c.fault(orStep(r.Mark, s), name, where(name, "`%s.repeat: %d` is out of range", key, r.Repeat),
			Worded("use 0 to %d", MaxRepeat))
	}
	c.target(name, orStep(r.Mark, s), r.Next, key+".next")
}

// choice checks one choice of a menu, against those before it.
func (c *check) choice(name string, before []Choice, choice Choice) {
	c.target(name, choice.Mark, choice.Next, "next")
	if len(choice.Label) > 0 {
		for _, lang := range c.flow.Langs {
			if choice.Label[lang] == "" {
				c.fault(choice.Mark, name, where(name, "the label of choice %s has no words in %s", choice.Digits, lang),
					Worded("add `%s: ...`", lang))
			}
			if utf8.RuneCountInString(choice.Label[lang]) > MaxLabel {
				c.fault(choice.Mark, name, where(name, "the label of choice %s is too long in %s", choice.Digits, lang),
					Worded("use at most %d characters, an agent reads it while it rings", MaxLabel))
			}
		}
		c.foreign(choice.Mark, name, where(name, "the label of choice %s", choice.Digits), choice.Label)
	}
	if !digits(choice.Digits) {
		c.fault(choice.Mark, name, where(name, "%q is nothing that a caller can press", choice.Digits),
			Worded("use 1 to %d of 0-9, * and #", MaxDigits))
		return
	}
	for _, other := range before {
		if other.Digits == choice.Digits {
			c.fault(choice.Mark, name, where(name, "choice %s is there twice, first on line %d", choice.Digits, other.Mark.Line), Worded("give one of them another digit"))
		} else if strings.HasPrefix(other.Digits, choice.Digits) || strings.HasPrefix(choice.Digits, other.Digits) {
			c.fault(choice.Mark, name, where(name, "choices %s and %s begin alike, so that one of them can never be pressed", other.Digits, choice.Digits), Worded("let no choice begin with another one"))
		}
	}
}

func digits(s string) bool {
	return s != "" && len(s) <= MaxDigits && strings.Trim(s, "0123456789*#") == ""
}

func (c *check) hours(name string, s Step, do Hours) {
	c.target(name, s.Mark, do.Open, "open")
	c.target(name, s.Mark, do.Closed, "closed")
	if do.Calendar != "" {
		c.calendar(name, s, do)
		return
	}
	for _, t := range []struct {
		Target
		key string
	}{{do.Holiday, "holiday"}, {do.Emergency, "emergency"}} {
		if t.Step != "" {
			c.fault(t.Mark, name, where(name, "`%s` is never gone to without `calendar`", t.key),
				Worded("add `calendar: NAME`, or remove `%s`", t.key))
		}
	}
	open := false
	for day, spans := range do.Week {
		open = open || len(spans) > 0
		c.spans(name, s.Mark, time.Weekday(day).String(), spans)
	}
	type date struct{ year, month, day int }
	seen := map[date]bool{}
	for _, d := range do.Dates {
		open = open || len(d.Spans) > 0
		words := fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
		c.spans(name, d.Mark, words, d.Spans)
		key := date{d.Year, int(d.Month), d.Day}
		if seen[key] {
			c.fault(d.Mark, name, where(name, "%s is there twice", words), Worded("join the two lines"))
		}
		seen[key] = true
		if t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC); t.Day() != d.Day || t.Month() != d.Month {
			c.fault(d.Mark, name, where(name, "there is no day %s", words), Worded("write a day of the calendar as YYYY-MM-DD"))
		}
	}
	if !open {
		c.fault(s.Mark, name, where(name, "is never open"), Worded("add opening hours under `week`, or go to the closed step at once"))
	}
}

// calendar checks hours that go by a calendar of the site.
func (c *check) calendar(name string, s Step, do Hours) {
	at := orStep(do.CalAt, s)
	if c.known.Calendars != nil && !slices.Contains(c.known.Calendars, do.Calendar) {
		c.fault(at, name, where(name, "there is no calendar %q", do.Calendar),
			suggest(do.Calendar, c.known.Calendars, Worded("add it under Hours and holidays, or name one that exists")))
	}
	if do.Week.any() || len(do.Dates) > 0 {
		c.fault(at, name, where(name, "has hours of its own beside those of a calendar"),
			Worded("remove `week` and `dates`, or `calendar`"))
	}
	if do.Holiday != (Target{}) {
		c.target(name, s.Mark, do.Holiday, "holiday")
	}
	if do.Emergency != (Target{}) {
		c.target(name, s.Mark, do.Emergency, "emergency")
	}
}

func (c *check) spans(name string, at Mark, day string, spans []Span) {
	for i, s := range spans {
		if s.Mark != (Mark{}) {
			at = s.Mark
		}
		if s.From < 0 || s.To > 24*60 || s.From >= s.To {
			c.fault(at, name, where(name, "%s has hours that end before they begin", day),
				Worded("write hours past midnight as two: 22:00-24:00, and 00:00-06:00 on the next day"))
			continue
		}
		for _, other := range spans[:i] {
			if s.From < other.To && other.From < s.To {
				c.fault(at, name, where(name, "%s has hours that overlap", day), Worded("join them"))
			}
		}
	}
}

func (c *check) queue(name string, s Step, do Queue) {
	at := orStep(do.Mark, s)
	switch {
	case do.ID == "":
		c.fault(at, name, where(name, "`queue` names no queue"), Worded("add `id: QUEUE`"))
	case c.known.Queues != nil && !slices.Contains(c.known.Queues, string(do.ID)):
		c.fault(at, name, where(name, "there is no queue %q", do.ID),
			suggest(string(do.ID), c.known.Queues, Worded("add the queue, or name one that exists")))
	}
	if do.Survey != "" {
		c.survey(name, orStep(do.SurvAt, s), do.Survey)
	}
	if do.Agreed && do.Survey == "" {
		c.fault(at, name, where(name, "`agreed` to no survey"), Worded("add `survey: NAME`, or remove `agreed`"))
	}
	c.recording(name, at, do.Recording)
	c.say(name, do.Busy)
	c.say(name, do.Waiting)
	hears := len(do.Waiting) > 0 || do.Place || do.Wait
	switch {
	case do.Every == 0 && hears:
		c.fault(at, name, where(name, "has announcements for waiting callers, but not how often"), Worded("add `every: 30s`"))
	case do.Every != 0 && !hears:
		c.fault(at, name, where(name, "`every` has nothing to say"), Worded("add `waiting: PROMPT` or `tell: [place, wait]`, or remove it"))
	case do.Every != 0 && (do.Every < MinEvery || do.Every > MaxEvery):
		c.fault(at, name, where(name, "repeats its announcements every %s", survey.Duration(do.Every)),
			Worded("use `every` from %s to %s", survey.Duration(MinEvery), survey.Duration(MaxEvery)))
	}
	c.target(name, s.Mark, do.Timeout, "timeout")
	c.target(name, s.Mark, do.Unstaffed, "unstaffed")
	c.target(name, s.Mark, do.Closed, "closed")
	if do.Done != (Target{}) {
		c.target(name, s.Mark, do.Done, "done")
	}
}

func (c *check) survey(name string, at Mark, survey string) {
	if survey != "" && c.known.Surveys != nil && !slices.Contains(c.known.Surveys, survey) {
		c.fault(at, name, where(name, "there is no survey %q", survey),
			suggest(survey, c.known.Surveys, Worded("add the survey, or name one that exists")))
	}
}

// where begins a message about a step.
func where(step, format string, args ...any) Words {
	said := Worded(format, args...)
	if step == "" {
		return said
	}
	return Worded("step %q: %s", step, said)
}

// orStep is the mark, or that of the step for something that has none.
func orStep(m Mark, s Step) Mark {
	if m == (Mark{}) {
		return s.Mark
	}
	return m
}

func keys[K ~string, V any](m map[K]V) []K {
	all := make([]K, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
