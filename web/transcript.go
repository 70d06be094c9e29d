package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"hotline/cti/id"
	"hotline/qa"
	"hotline/qa/rule"
)

// Transcript is what a recording says, and what the rules found in it. Times are milliseconds from its beginning.
type Transcript struct {
	State      string      `json:"state" enum:"none,waiting,running,done,failed" doc:"none: nothing is owed (yet)."`
	Reason     string      `json:"reason" doc:"What it waits for, or why it failed."`
	Since      *time.Time  `json:"since"`
	Model      string      `json:"model" doc:"What heard it."`
	TookMS     int         `json:"took_ms"`
	Masked     int         `json:"masked" doc:"Digits of cards and identity numbers that are not in the text."`
	LengthMS   int         `json:"length_ms"`
	Utterances []Utterance `json:"utterances"`
	Apart      []Apart     `json:"apart" doc:"When the two did not hear one another: nothing in it is judged."`
	Book       int         `json:"book" doc:"Version of the rules, 0 when it was judged by none."`
	Findings   []Finding   `json:"findings"`
}

// Utterance is what one of them said between two pauses.
type Utterance struct {
	Role    string `json:"role" enum:"agent,caller"`
	StartMS int    `json:"start_ms"`
	EndMS   int    `json:"end_ms"`
	Unclear string `json:"unclear" doc:"Why it was not understood, and so is not judged; empty when it was."`
	Words   []Word `json:"words"`
}

// Word is a character of Chinese, a word, a figure or a punctuation mark.
type Word struct {
	Text    string `json:"text"`
	StartMS int    `json:"start_ms"`
	EndMS   int    `json:"end_ms"`
}

// Apart is a stretch in which the two did not hear one another.
type Apart struct {
	StartMS int    `json:"start_ms"`
	EndMS   int    `json:"end_ms"`
	Why     string `json:"why" enum:"hold,pause,gap,music"`
}

// Finding is one thing that the rules found, or missed.
type Finding struct {
	ID      int64   `json:"id" db:"id"`
	Rule    string  `json:"rule" db:"rule" doc:"Its name in the rule book."`
	Class   string  `json:"class" db:"class" doc:"What it is reported as: phrase, opening, silence ..."`
	Phrase  string  `json:"phrase" db:"phrase" doc:"As the rule writes it."`
	Heard   string  `json:"heard" db:"heard" doc:"As the transcript says it."`
	Role    string  `json:"role" db:"role"`
	StartMS *int    `json:"start_ms" db:"start_ms" doc:"Null for what was not said."`
	EndMS   *int    `json:"end_ms" db:"end_ms"`
	Match   string  `json:"match" db:"match" enum:",exact,sound"`
	Apart   float64 `json:"apart" db:"apart" doc:"How unlike it sounded for each syllable: 0 is alike."`
	Value   float64 `json:"value" db:"value" doc:"What was measured, in the unit of the rule."`
	Say     string  `json:"say" db:"-" doc:"What should have been said instead."`
}

// Backlog is how far transcribing is behind.
type Backlog struct {
	Waiting     int        `json:"waiting"`
	Running     int        `json:"running"`
	Failed      int        `json:"failed"`
	Oldest      *time.Time `json:"oldest" doc:"Beginning of the oldest recording that waits."`
	Reason      string     `json:"reason" doc:"Why recordings wait, when it is not for their turn."`
	LastHour    int        `json:"last_hour" doc:"Recordings transcribed in the last hour."`
	SoundInHour int        `json:"sound_in_hour_s" doc:"Seconds of sound that those had."`
	TookInHour  int        `json:"took_in_hour_s" doc:"Seconds that they took."`
}

func (s *Server) registerTranscripts() {
	route(s, endpoint{
		method: http.MethodGet, path: "/recordings/{leg}/transcript", id: "getTranscript", right: RightRecordings, look: lookRead,
		summary: "What a recording says, and what the rules found in it",
	}, s.transcript)
	route(s, endpoint{method: http.MethodGet, path: "/quality/backlog", id: "getBacklog", right: RightRecordings, summary: "How far transcribing is behind"},
		func(ctx context.Context, _ Who, _ *struct{}) (Backlog, error) { return s.backlog(ctx) })
}

// transcript is of a recording that the person's scope covers. The access log has the look before a word is sent.
func (s *Server) transcript(ctx context.Context, who Who, in *recordingInput) (Transcript, error) {
	r, err := s.recording(ctx, who, in.Leg)
	if err != nil {
		return Transcript{}, err
	}
	leg := id.LegID(in.Leg)
	out := Transcript{State: "none", Utterances: []Utterance{}, Apart: []Apart{}, Findings: []Finding{}}
	st, err := s.Quality.Status(ctx, leg)
	if errors.Is(err, qa.ErrNotFound) {
		return out, nil
	}
	if err != nil {
		return Transcript{}, err
	}
	out.State, out.Reason, out.Since, out.Model, out.TookMS, out.Masked = string(st.State), st.Reason, &st.Since, st.Model, st.Took, st.Masked
	if st.State != qa.StateDone {
		return out, nil
	}
	if err := s.access.add(ctx, accessEntry{user: who.ID, action: actionRead, object: "transcript:" + r.Leg, detail: map[string]any{"call": r.CallID}}); err != nil {
		return Transcript{}, err
	}
	t, err := s.Quality.Transcript(ctx, leg)
	if err != nil {
		return Transcript{}, err
	}
	out.fill(t)
	if !may(who.Role, who.Scope, RightReveal) {
		for i := range out.Utterances {
			maskWords(out.Utterances[i].Words)
		}
	}
	out.Book, out.Findings, err = s.findings(ctx, leg)
	return out, err
}

func (t *Transcript) fill(from rule.Transcript) {
	t.LengthMS = from.Length
	for _, u := range from.Utterances {
		said := Utterance{Role: string(u.Role), StartMS: u.Start, EndMS: u.End, Unclear: u.Unclear, Words: make([]Word, len(u.Units))}
		for i, w := range u.Units {
			said.Words[i] = Word{w.Text, w.Start, w.End}
		}
		t.Utterances = append(t.Utterances, said)
	}
	for _, a := range from.Apart {
		t.Apart = append(t.Apart, Apart{a.Start, a.End, a.Why})
	}
}

// findings are those of the newest rules that judged the recording.
func (s *Server) findings(ctx context.Context, leg id.LegID) (book int, found []Finding, err error) {
	book, all, err := s.Quality.Findings(ctx, leg)
	if err != nil {
		return 0, nil, err
	}
	say := map[string]string{}
	if book > 0 {
		version, err := s.Quality.BookOf(ctx, book)
		if err != nil {
			return 0, nil, err
		}
		for _, r := range version.Book.Rules() {
			say[r.ID] = r.Say
		}
	}
	found = []Finding{}
	for _, f := range all {
		found = append(found, Finding{
			ID: f.ID, Rule: f.Rule, Class: f.Class, Phrase: f.Phrase, Heard: f.Heard, Role: string(f.Role), StartMS: f.Start, EndMS: f.End,
			Match: string(f.Match), Apart: f.Apart, Value: f.Value, Say: say[f.Rule],
		})
	}
	return book, found, nil
}

func (s *Server) backlog(ctx context.Context) (Backlog, error) {
	b, err := s.Quality.Backlog(ctx)
	if err != nil {
		return Backlog{}, err
	}
	c, err := s.Quality.Cost(ctx, time.Now().Add(-time.Hour))
	if err != nil {
		return Backlog{}, err
	}
	return Backlog{
		Waiting: b.Waiting, Running: b.Running, Failed: b.Failed, Oldest: b.Oldest, Reason: b.Reason,
		LastHour: c.Transcripts, SoundInHour: int(c.Sound.Seconds()), TookInHour: int(c.Took.Seconds()),
	}, nil
}
