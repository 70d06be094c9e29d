package survey

import (
	"maps"
	"slices"
	"time"
)

// Limits of what a survey may ask for.
const (
	MinWait      = time.Second
	MaxWait      = 60 * time.Second
	MaxTries     = 5
	MaxQuestions = 20
	MinComment   = 10 * time.Second
	MaxComment   = 5 * time.Minute
)

// Check returns everything that is wrong with the survey, in the order of the file.
func (s *Survey) Check() []Fault {
	var faults []Fault
	fault := func(at Mark, question string, message, remedy Words) {
		faults = append(faults, Fault{Mark: at, Step: question, Message: message, Remedy: remedy})
	}
	words := func(at Mark, question string, what Words, t Text, needed bool) {
		if len(t) == 0 && !needed {
			return
		}
		for _, lang := range s.Langs {
			if t[lang] == "" {
				fault(at, question, Worded("%s has no words in %s", what, lang), Worded("add `%s: ...`", lang))
			}
		}
		for lang := range t {
			if !slices.Contains(s.Langs, lang) {
				fault(at, question, Worded("%s has words in %s, which is not one of the survey's languages", what, lang),
					Worded("add the language to `languages`, or remove the words"))
			}
		}
	}
	if s.ID == "" {
		fault(s.Mark, "", Worded("the survey has no id"), Worded("add `id: NAME`; flows name it by that"))
	}
	if len(s.Langs) == 0 {
		fault(s.Mark, "", Worded("the survey speaks no language"), Worded("add `languages: [zh-TW, en]`"))
	}
	words(s.Mark, "", Worded("`intro`"), s.Intro, false)
	words(s.Mark, "", Worded("`invalid`"), s.Invalid, false)
	words(s.Mark, "", Worded("`silent`"), s.Silent, false)
	words(s.Mark, "", Worded("`thanks`"), s.Thanks, true)
	words(s.Mark, "", Worded("`goodbye`"), s.Goodbye, false)
	if n := len(s.Questions); n == 0 || n > MaxQuestions {
		fault(s.Mark, "", Worded("the survey has %d questions", n), Worded("ask 1 to %d", MaxQuestions))
	}
	for i, q := range s.Questions {
		if i > 0 && !s.reached(i) {
			fault(q.Mark, q.ID, Worded("no way leads to question %q", q.ID), Worded("let an answer before it go there, or remove it"))
		}
		words(q.Mark, q.ID, Worded("question %q", q.ID), q.Text, true)
		words(q.Mark, q.ID, Worded("`web` of question %q", q.ID), q.Web, false)
		for _, o := range q.Options {
			words(q.Mark, q.ID, Worded("option %d of question %q", o.Value, q.ID), o.Label, true)
		}
		for _, f := range q.check(s.Questions[:i]) {
			fault(q.Mark, q.ID, f[0], f[1])
		}
		for _, value := range sortedValues(q.Then) {
			jump := q.Then[value]
			if !q.Valid(value) {
				fault(jump.Mark, q.ID, Worded("`then`: %d is no answer to question %q", value, q.ID), Worded("name an answer that callers can give"))
			}
			if jump.Question == "" {
				continue
			}
			later := s.Questions[i+1:]
			if !slices.ContainsFunc(later, func(o Question) bool { return o.ID == jump.Question }) {
				fault(jump.Mark, q.ID, Worded("`then` goes to %q, which is no later question", jump.Question), Worded("name a question below this one, or end"))
			}
		}
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return a.Line - b.Line })
	return faults
}

// reached says whether some answers lead to the question: one before it that leads on to the next one always does, since a
// question may be skipped after its last try unless that ends the survey.
func (s *Survey) reached(i int) bool {
	last := s.Questions[i-1]
	if last.Fail != End || len(last.Then) == 0 {
		return true
	}
	low, high := last.Kind.Range()
	for value := low; value <= high; value++ {
		if _, jumps := last.Then[value]; last.Valid(value) && !jumps {
			return true
		}
	}
	return slices.ContainsFunc(s.Questions[:i], func(q Question) bool {
		for _, jump := range q.Then {
			if jump.Question == s.Questions[i].ID {
				return true
			}
		}
		return false
	})
}

func sortedValues(m map[int]Jump) []int {
	all := slices.Collect(maps.Keys(m))
	slices.Sort(all)
	return all
}

// check returns message and remedy of what is wrong with the question, apart from its words.
func (q Question) check(before []Question) [][2]Words {
	var faults [][2]Words
	add := func(message, remedy Words) { faults = append(faults, [2]Words{message, remedy}) }
	if q.ID == "" {
		add(Worded("a question has no id"), Worded("add `id: NAME`; answers are stored under it"))
	}
	if slices.ContainsFunc(before, func(o Question) bool { return o.ID == q.ID && q.ID != "" }) {
		add(Worded("question %q is there twice", q.ID), Worded("give one of them another id"))
	}
	if low, high := q.Kind.Range(); low > high {
		add(Worded("question %q is of unknown kind %q", q.ID, q.Kind), Worded("use csat5 (1-5), nps11 (0-10), yesno (1 and 2), choice or comment"))
	}
	switch {
	case q.Kind == Choice && len(q.Options) < 2:
		add(Worded("question %q offers no choice", q.ID), Worded("add `options:` with two digits at least, and a label for each"))
	case q.Kind != Choice && len(q.Options) > 0:
		add(Worded("question %q has options, and is of kind %s", q.ID, q.Kind), Worded("use `kind: choice`, or remove `options`"))
	}
	if q.Kind == Comment && (q.Longest < MinComment || q.Longest > MaxComment) {
		add(Worded("question %q records for %s at most", q.ID, Duration(q.Longest)),
			Worded("use `longest` from %s to %s", Duration(MinComment), Duration(MaxComment)))
	}
	seen := map[int]bool{}
	for _, o := range q.Options {
		if o.Value < 0 || o.Value > 9 || seen[o.Value] {
			add(Worded("question %q has option %d, which is no digit, or is there twice", q.ID, o.Value), Worded("use each of 0 to 9 once"))
		}
		seen[o.Value] = true
	}
	if q.Wait < MinWait || q.Wait > MaxWait {
		add(Worded("question %q waits %s for an answer", q.ID, Duration(q.Wait)),
			Worded("use `wait` from %s to %s", Duration(MinWait), Duration(MaxWait)))
	}
	if q.Tries < 1 || q.Tries > MaxTries {
		add(Worded("question %q is asked %d times", q.ID, q.Tries), Worded("use `tries` from 1 to %d", MaxTries))
	}
	if q.Fail != Skip && q.Fail != End {
		add(Worded("question %q does not say what follows its last try", q.ID), Worded("use `fail: skip` or `fail: end`"))
	}
	return faults
}
