package survey

import (
	"slices"
	"strconv"
	"time"
)

// pause is how long a number that could go on waits for its next digit: "1" may become "10".
const pause = 3 * time.Second

// leastComment is how long a comment is that says something.
const leastComment = 2 * time.Second

// Step applies one input and returns the new position and what is to be done. It never panics: a position that no
// longer fits the survey, because it was changed while the call was in it, thanks the caller and ends.
func (s *Survey) Step(p Position, in Input) (Position, Output) {
	p = s.settle(p)
	if p.Over || p.Question >= len(s.Questions) {
		return s.finish(p, s.Thanks)
	}
	switch in := in.(type) {
	case Begin:
		return s.begin(p)
	case Digit:
		return s.digit(p, in.Digit)
	case Silence:
		return s.silence(p)
	case Taped:
		return s.taped(p, in.For)
	default: // Played: the wait is already the host's to time
		return p, Output{}
	}
}

// settle makes a position from outside safe to use.
func (s *Survey) settle(p Position) Position {
	if p.Question < 0 || (p.Survey != "" && p.Survey != s.ID) {
		p.Question = len(s.Questions)
	}
	p.Survey, p.Version = s.ID, s.Version
	if p.Lang == "" && len(s.Langs) > 0 {
		p.Lang = s.Langs[0]
	}
	return p
}

func (s *Survey) begin(p Position) (Position, Output) {
	p.Digits = ""
	var lead []Phrase
	if !p.Begun {
		lead = s.say(p, s.Intro)
	}
	p.Begun = true
	return s.ask(p, lead)
}

// ask says the current question, after lead.
func (s *Survey) ask(p Position, lead []Phrase) (Position, Output) {
	q := s.Questions[p.Question]
	out := Output{Say: append(lead, s.say(p, q.Text)...), BargeIn: true, Wait: q.Wait}
	if q.Kind == Comment {
		out.Wait, out.Record = 0, true
	}
	return p, out
}

func (s *Survey) digit(p Position, d byte) (Position, Output) {
	q := s.Questions[p.Question]
	if q.Kind == Comment {
		return s.advance(p, s.Thanks) // nothing to say
	}
	if d == '#' && p.Digits == "" {
		// The '#' after an answer that was already complete, such as "5#" or "10#".
		return p, Output{}
	}
	if d != '#' {
		p.Digits += string(rune(d))
	}
	value, state := q.read(p.Digits, d == '#')
	switch state {
	case complete:
		return s.answered(p, value)
	case partial:
		return p, Output{Wait: pause}
	case wrong:
	}
	return s.again(p, s.Invalid)
}

func (s *Survey) silence(p Position) (Position, Output) {
	if p.Digits == "" {
		return s.again(p, s.Silent)
	}
	value, state := s.Questions[p.Question].read(p.Digits, true)
	if state == complete {
		return s.answered(p, value)
	}
	return s.again(p, s.Invalid)
}

// taped takes a comment that is long enough to be one.
func (s *Survey) taped(p Position, long time.Duration) (Position, Output) {
	switch q := s.Questions[p.Question]; {
	case q.Kind != Comment:
		return p, Output{}
	case long <= 0:
		return s.advance(p, s.Thanks)
	case long < leastComment:
		return s.again(p, s.Silent)
	}
	p, out := s.answered(p, 1)
	out.Answer.Spoken = true
	return p, out
}

func (s *Survey) answered(p Position, value int) (Position, Output) {
	q := s.Questions[p.Question]
	answer := &Answer{Question: q.ID, Value: value}
	if jump, ok := q.Then[value]; ok {
		// Only forward, so that every survey ends; advance adds the one step to it.
		to := slices.IndexFunc(s.Questions, func(o Question) bool { return o.ID == jump.Question })
		if jump.Question == "" || to <= p.Question {
			to = len(s.Questions)
		}
		p.Question = to - 1
	}
	p, out := s.advance(p, s.Thanks)
	out.Answer = answer
	return p, out
}

// again repeats the question, or gives it up after its last try.
func (s *Survey) again(p Position, why Text) (Position, Output) {
	q := s.Questions[p.Question]
	p.Digits = ""
	p.Tries++
	if p.Tries < q.Tries {
		return s.ask(p, s.say(p, why))
	}
	goodbye := s.Goodbye
	if len(goodbye) == 0 {
		goodbye = s.Thanks
	}
	if q.Fail == End {
		return s.finish(p, goodbye)
	}
	return s.advance(p, goodbye)
}

// advance asks the next question, or ends the survey with the words for it.
func (s *Survey) advance(p Position, last Text) (Position, Output) {
	p.Question++
	p.Digits, p.Tries = "", 0
	if p.Question >= len(s.Questions) {
		return s.finish(p, last)
	}
	return s.ask(p, nil)
}

func (s *Survey) finish(p Position, words Text) (Position, Output) {
	if p.Over {
		return p, Output{Done: true}
	}
	p.Over, p.Digits = true, ""
	return p, Output{Say: s.say(p, words), Done: true}
}

func (s *Survey) say(p Position, t Text) []Phrase {
	var fallback Lang
	if len(s.Langs) > 0 {
		fallback = s.Langs[0]
	}
	return t.In(p.Lang, fallback)
}

// reading is how far typed digits are from an answer.
type reading int

const (
	wrong reading = iota
	partial
	complete
)

// read judges what was typed. ended says that the caller has finished, by '#' or by a pause.
func (q Question) read(digits string, ended bool) (int, reading) {
	value, err := strconv.Atoi(digits)
	if err != nil || !q.Valid(value) || (len(digits) > 1 && digits[0] == '0') {
		return 0, wrong
	}
	// A number is complete when no further digit could make it another one, or when it is as long as the longest.
	if _, high := q.Kind.Range(); ended || len(digits) == len(strconv.Itoa(high)) {
		return value, complete
	}
	return value, partial
}

// Valid says whether the value is an answer to the question.
func (q Question) Valid(value int) bool {
	low, high := q.Kind.Range()
	if value < low || value > high {
		return false
	}
	return q.Kind != Choice || slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == value })
}

// Range returns the lowest and the highest valid answer of the kind, (0, -1) for an unknown kind.
func (k Kind) Range() (low, high int) {
	switch k {
	case CSAT5:
		return 1, 5
	case NPS11:
		return 0, 10
	case YesNo:
		return 1, 2
	case Choice:
		return 0, 9
	case Comment:
		return 1, 1
	default:
		return 0, -1
	}
}
