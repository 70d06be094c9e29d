package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hotline/cti/id"
	"hotline/qa"
	"hotline/qa/rule"
)

// SaidLine is a line of a transcript that a search found.
type SaidLine struct {
	Leg       string    `json:"leg"`
	CallID    string    `json:"call_id"`
	N         int       `json:"n" doc:"Which line of its transcript, from 0."`
	At        time.Time `json:"at" doc:"When it was said."`
	Role      string    `json:"role" enum:"agent,caller"`
	StartMS   int       `json:"start_ms" doc:"From the beginning of the recording."`
	Text      string    `json:"text"`
	AgentID   string    `json:"agent_id"`
	AgentName string    `json:"agent_name"`
	QueueID   string    `json:"queue_id"`
}

type saidInput struct {
	Paging
	Period
	Q     string `query:"q" minLength:"1" maxLength:"100" doc:"Words that stand in one line, at least two characters each; blanks part them, punctuation does not count."`
	Role  string `query:"role" enum:"agent,caller"`
	Queue string `query:"queue" maxLength:"40"`
	Agent string `query:"agent" maxLength:"40"`
}

func (s *Server) registerSearch() {
	route(s, endpoint{method: http.MethodGet, path: "/quality/search", id: "searchTranscripts", right: RightRecordings, summary: "What was said in calls, the newest first"}, s.searchTranscripts)
}

// searchTranscripts looks where the person's scope reaches. The access log has the words before anything is found.
func (s *Server) searchTranscripts(ctx context.Context, who Who, in *saidInput) (list[SaidLine], error) {
	q := qa.Search{
		Text: in.Q, Role: rule.Role(in.Role), From: in.From, To: in.To, Queue: in.Queue, Agent: id.AgentID(in.Agent), Limit: in.Limit + 1,
	}
	switch who.Scope {
	case ScopeAll:
	case ScopeTeam:
		q.Team = who.Team
	default:
		if in.Agent != "" && in.Agent != string(who.ID) {
			return everything[SaidLine](nil), nil
		}
		q.Agent = who.ID
	}
	place, err := searchPlace(in.After)
	if err != nil {
		return list[SaidLine]{}, err
	}
	q.After = place
	if _, err := q.Words(); err != nil {
		return list[SaidLine]{}, tooShort(err)
	}
	if in.After == "" {
		err = s.access.add(ctx, accessEntry{user: who.ID, action: actionSearch, object: "transcripts", detail: map[string]any{"q": in.Q}})
		if err != nil {
			return list[SaidLine]{}, err
		}
	}
	lines, err := s.Quality.Find(ctx, q)
	if err != nil {
		return list[SaidLine]{}, tooShort(err)
	}
	found, err := s.saidLines(ctx, who, lines)
	if err != nil {
		return list[SaidLine]{}, err
	}
	return cut(found, in.Limit, func(l SaidLine) string {
		return strconv.FormatInt(l.At.UnixMicro(), 10) + "_" + l.Leg + "_" + strconv.Itoa(l.N)
	}), nil
}

func tooShort(err error) error {
	var short *qa.TooShort
	if errors.As(err, &short) {
		return invalid("query.q", short.Error())
	}
	return err
}

// searchPlace is where the page before ended.
func searchPlace(after string) (qa.Place, error) {
	if after == "" {
		return qa.Place{}, nil
	}
	micros, rest, _ := strings.Cut(after, "_")
	last := strings.LastIndexByte(rest, '_')
	us, err := strconv.ParseInt(micros, 10, 64)
	if err != nil || last < 0 {
		return qa.Place{}, invalid("query.after", "no place in this list")
	}
	n, err := strconv.Atoi(rest[last+1:])
	if err != nil {
		return qa.Place{}, invalid("query.after", "no place in this list")
	}
	return qa.Place{At: time.UnixMicro(us).UTC(), Leg: id.LegID(rest[:last]), N: n}, nil
}

func (s *Server) saidLines(ctx context.Context, who Who, lines []qa.Line) ([]SaidLine, error) {
	agents := map[string]string{}
	for _, l := range lines {
		agents[string(l.Agent)] = ""
	}
	ids := make([]string, 0, len(agents))
	for a := range agents {
		ids = append(ids, a)
	}
	rows, err := s.DB.Query(ctx, `select id, name from users where id = any($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read agents' names: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var agent, name string
		if err := rows.Scan(&agent, &name); err != nil {
			return nil, err
		}
		agents[agent] = name
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	all := make([]SaidLine, len(lines))
	for i, l := range lines {
		text := l.Text
		if !may(who.Role, who.Scope, RightReveal) {
			text = maskSpoken(text)
		}
		all[i] = SaidLine{
			Leg: string(l.Leg), CallID: string(l.Leg.Call()), N: l.N, At: l.At, Role: string(l.Role), StartMS: l.StartMS, Text: text,
			AgentID: string(l.Agent), AgentName: agents[string(l.Agent)], QueueID: l.Queue,
		}
	}
	return all, nil
}

const (
	spokenNumber = 8 // figures in a row: a telephone number, perhaps
	spokenShown  = 3 // of which the last stay
)

// maskSpoken puts stars for the figures of a telephone number that somebody said, all but the last three. Figures may be
// parted by a blank or a hyphen.
func maskSpoken(text string) string {
	runes := []rune(text)
	hide(len(runes), func(i int) rune { return runes[i] }, func(i int) { runes[i] = '*' })
	return string(runes)
}

// maskWords does so in a transcript, where each figure may be a word of its own.
func maskWords(words []Word) {
	var at []struct{ word, byte int }
	var runes []rune
	for w := range words {
		for b, r := range words[w].Text {
			at = append(at, struct{ word, byte int }{w, b})
			runes = append(runes, r)
		}
	}
	hide(len(runes), func(i int) rune { return runes[i] }, func(i int) {
		w := &words[at[i].word]
		w.Text = w.Text[:at[i].byte] + "*" + w.Text[at[i].byte+1:]
	})
}

func hide(n int, at func(int) rune, star func(int)) {
	digit := func(r rune) bool { return r >= '0' && r <= '9' }
	for i := 0; i < n; i++ {
		if !digit(at(i)) {
			continue
		}
		var run []int
		for ; i < n && (digit(at(i)) || at(i) == '-' || at(i) == ' '); i++ {
			if digit(at(i)) {
				run = append(run, i)
			}
		}
		if len(run) < spokenNumber {
			continue
		}
		for _, k := range run[:len(run)-spokenShown] {
			star(k)
		}
	}
}
