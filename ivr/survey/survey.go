package survey

import "time"

// Survey is a definition of questions. It is immutable once it has been read.
type Survey struct {
	ID      string
	Version string // short hash of the content; answers are stored with it
	Langs   []Lang // the first is the fallback
	Intro   Text   // heard before the first question; may be empty
	Invalid Text   // heard before a question is repeated after a wrong digit; may be empty
	Silent  Text   // heard before a question is repeated after silence; may be empty
	Thanks  Text   // heard when every question has been answered or skipped
	Goodbye Text   // heard when the survey ends early; Thanks when empty
	Mark    Mark

	Questions []Question
}

// Kind is how a question is answered.
type Kind string

const (
	// CSAT5 is satisfaction from 1 (very dissatisfied) to 5 (very satisfied), one digit.
	CSAT5 Kind = "csat5"
	// NPS11 is willingness to recommend from 0 to 10, ended by '#' or by a pause.
	NPS11 Kind = "nps11"
	// YesNo is one digit: 1 is yes, 2 is no.
	YesNo Kind = "yesno"
	// Choice is one of the question's options, by its digit.
	Choice Kind = "choice"
	// Comment is spoken after a tone and recorded. Its value is 1; any key before the tone leaves it out.
	Comment Kind = "comment"
)

// Kinds are all of them, as files name them.
var Kinds = []string{string(CSAT5), string(NPS11), string(YesNo), string(Choice), string(Comment)}

// Failure is what happens to a question that got no valid answer in all its tries.
type Failure string

const (
	// Skip goes on with the next question.
	Skip Failure = "skip"
	// End thanks the caller and ends the survey.
	End Failure = "end"
)

// Question is one thing that is asked.
type Question struct {
	ID    string
	Kind  Kind
	Text  Text
	Web   Text          // the same where it is read, without "press five"; Text when empty
	Wait  time.Duration // how long after the question the first digit may take
	Tries int           // how often the question is asked at most
	Fail  Failure
	Mark  Mark

	Options []Option     // of a Choice
	Then    map[int]Jump // where an answer leads; without one, to the next question

	Longest time.Duration // of a Comment
}

// Option is one answer of a choice. Its value is the digit that the caller presses.
type Option struct {
	Value int
	Label Text // for whoever reads the results; the question itself says what to press
}

// Jump is where an answer leads: to a later question, or to the end.
type Jump struct {
	Mark     Mark
	Question string // "" is the end
}

// Answer is one valid answer. Its value is in the range of the question's kind.
type Answer struct {
	Question string `json:"question"`
	Value    int    `json:"value"`
	Spoken   bool   `json:"spoken,omitempty"` // what was recorded last belongs to it
}

// Position is how far a caller is. It is small JSON that travels with the call; its zero value is before the start.
type Position struct {
	Survey   string `json:"survey"`
	Version  string `json:"version"`
	Question int    `json:"question"`         // index of the question being asked
	Digits   string `json:"digits,omitempty"` // typed so far, not yet an answer
	Tries    int    `json:"tries,omitempty"`  // failed tries at this question
	Lang     Lang   `json:"lang"`
	Begun    bool   `json:"begun,omitempty"` // the first question has been asked
	Over     bool   `json:"over,omitempty"`
}

// Input is what the caller did, or did not do.
//
//sumtype:decl
type Input interface{ surveyInput() }

// The inputs. See the package doc for when the host reports each.
type (
	// Begin asks the current question, after a restart too.
	Begin struct{}
	// Played says that all of Say has been heard.
	Played struct{}
	// Digit is a key of the telephone: '0' to '9', '*', '#'. Anything else counts as a wrong digit.
	Digit struct{ Digit byte }
	// Silence says that Wait passed without a digit.
	Silence struct{}
	// Taped says that the recording of a comment is over. For is how long it took; 0 when it could not be made.
	Taped struct{ For time.Duration }
)

func (Begin) surveyInput()   {}
func (Played) surveyInput()  {}
func (Digit) surveyInput()   {}
func (Silence) surveyInput() {}
func (Taped) surveyInput()   {}

// Output is what is to be done now. See the package doc for the order.
type Output struct {
	Say     []Phrase
	BargeIn bool // a digit may cut Say short; Step has already decided, so the host needs it only for display
	Wait    time.Duration
	Record  bool // what the caller says after Say and a tone is recorded, until Taped
	Answer  *Answer
	Done    bool
}

// Idle says that nothing changes: what is being said or waited for goes on.
func (o Output) Idle() bool {
	return len(o.Say) == 0 && o.Wait == 0 && !o.Record && o.Answer == nil && !o.Done
}

// Phrases returns everything the survey can say, each phrase once, in the order of the definition.
func (s *Survey) Phrases() []Phrase {
	texts := []Text{s.Intro, s.Invalid, s.Silent}
	for _, q := range s.Questions {
		texts = append(texts, q.Text)
	}
	texts = append(texts, s.Thanks, s.Goodbye)
	var all []Phrase
	seen := map[Phrase]bool{}
	for _, lang := range s.Langs {
		for _, t := range texts {
			p := Phrase{Text: t[lang], Lang: lang}
			if p.Text != "" && !seen[p] {
				seen[p] = true
				all = append(all, p)
			}
		}
	}
	return all
}
