package rule

// Role is who speaks.
type Role string

// The roles: the left and the right channel of a recording.
const (
	Caller Role = "caller"
	Agent  Role = "agent"
)

// Span is a stretch of a recording, in milliseconds from its beginning.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Length is how long the stretch lasts, in milliseconds.
func (s Span) Length() int { return s.End - s.Start }

// overlap is how long two stretches share, in milliseconds; negative when they are apart.
func (s Span) overlap(o Span) int { return min(s.End, o.End) - max(s.Start, o.Start) }

// Unit is what the recogniser wrote for one moment: a character of Chinese, a word, a figure, or a punctuation mark.
type Unit struct {
	Text string `json:"t"`
	Span
	// Sure is how probable the recogniser held it, 0 to 1; 0 when it does not say.
	Sure float64 `json:"p,omitempty"`
}

// Utterance is what one person said between two pauses.
type Utterance struct {
	Role Role `json:"role"`
	Span
	Units []Unit `json:"units"`
	// Unclear says why the speech was not understood (another language, too little confidence). Such an utterance is
	// counted and never judged.
	Unclear string `json:"unclear,omitempty"`
}

// Text is the utterance as it is read.
func (u Utterance) Text() string {
	var text []byte
	for _, unit := range u.Units {
		text = append(text, unit.Text...)
	}
	return string(text)
}

// Transcript is everything that a two-channel recording says.
type Transcript struct {
	Length     int         `json:"length"` // of the recording, in milliseconds
	Utterances []Utterance `json:"utterances"`
	// Speech is when each party's voice was heard, without the margins of utterances.
	Speech map[Role][]Span `json:"speech"`
	// Levels is how loud each party's speech is over time.
	Levels map[Role][]Level `json:"levels,omitempty"`
	// Apart are stretches in which the two did not hear one another: nothing in them is judged.
	Apart []Apart `json:"apart,omitempty"`
}

// Apart is a stretch in which the two did not hear one another.
type Apart struct {
	Span
	Why string `json:"why"` // hold, pause, gap, music
}

// Level is the loudness of speech in one window, in dB below full scale (negative).
type Level struct {
	Span
	DB float64 `json:"db"`
}

// judged says whether something said in the span may be judged.
func (t *Transcript) judged(s Span) bool {
	for _, a := range t.Apart {
		if a.overlap(s) > 0 {
			return false
		}
	}
	return true
}
