package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa"
	"hotline/qa/rule"
	"hotline/qa/score"
)

// Mark is what somebody says of a finding.
//
//	(none) ──reviewer──► confirmed | rejected | corrected ──agent──► acknowledged
//	   └────────────agent, of all but rejected────────────► appealed ──another person──► upheld | overturned
type Mark string

// The marks.
const (
	Confirmed    Mark = "confirmed"
	Rejected     Mark = "rejected"  // there is no such thing in the recording
	Corrected    Mark = "corrected" // it is there, and is something else: RuleIs
	Acknowledged Mark = "acknowledged"
	Appealed     Mark = "appealed"
	Upheld       Mark = "upheld"     // the appeal failed: the finding stands
	Overturned   Mark = "overturned" // the appeal succeeded: the finding is none
)

// JudgedFinding is one of the rules' findings with what people said of it.
type JudgedFinding struct {
	ID      int64     `json:"id" db:"id"`
	Rule    string    `json:"rule" db:"rule"`
	Class   string    `json:"class" db:"class"`
	Phrase  string    `json:"phrase" db:"phrase"`
	Heard   string    `json:"heard" db:"heard"`
	Role    string    `json:"role" db:"role"`
	StartMS *int      `json:"start_ms" db:"start_ms" doc:"Null for what was not said."`
	EndMS   *int      `json:"end_ms" db:"end_ms"`
	Match   string    `json:"match" db:"match" enum:",exact,sound"`
	Value   float32   `json:"value" db:"value"`
	Stands  string    `json:"stands" db:"-" enum:",confirmed,rejected,corrected,appealed,upheld,overturned" doc:"What it comes to now; empty when nobody has looked."`
	Seen    bool      `json:"seen" db:"-" doc:"The agent has acknowledged it."`
	Marks   []Marking `json:"marks" db:"-" doc:"Everything that was said of it, the oldest first."`
}

// Marking is a mark that somebody put.
type Marking struct {
	Mark   Mark      `json:"mark" db:"mark"`
	By     string    `json:"by" db:"by"`
	Name   string    `json:"name" db:"name"`
	RuleIs string    `json:"rule_is" db:"rule_is"`
	Note   string    `json:"note" db:"note"`
	At     time.Time `json:"at" db:"at"`
}

// add puts a mark behind those that are there.
func (f *JudgedFinding) add(m Marking) {
	f.Marks = append(f.Marks, m)
	if m.Mark == Acknowledged {
		f.Seen = true
	} else {
		f.Stands = string(m.Mark)
	}
}

// appealed says whether the agent has appealed it, decided or not.
func (f *JudgedFinding) appealed() bool {
	return slices.Contains([]Mark{Appealed, Upheld, Overturned}, Mark(f.Stands))
}

// hide leaves the viewer's own marks alone.
func (f *JudgedFinding) hide(viewer string) {
	all := f.Marks
	f.Marks, f.Stands, f.Seen = []Marking{}, "", false
	for _, m := range all {
		if m.By == viewer {
			f.add(m)
		}
	}
}

// findings are those of a version of the rules, with the marks that the viewer may know: not those of reviews of other people
// that are not done.
func findings(ctx context.Context, tx pgx.Tx, v Viewer, leg string, book int) ([]JudgedFinding, error) {
	found, err := collect[JudgedFinding](ctx, tx, `select id, rule, class, phrase, heard, role, start_ms, end_ms, match, value from findings
		where leg = $1 and book = $2 order by start_ms nulls last, id`, leg, book)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].Marks = []Marking{}
	}
	rows, err := tx.Query(ctx, `select m.rule, m.start_ms, m.mark, m.by, coalesce(u.name, m.by), m.rule_is, m.note, m.at
		from finding_marks m left join users u on u.id = m.by left join reviews r on r.id = m.review_id
		where m.leg = $1 and m.book = $2 and (r.id is null or r.kind in ('review', 'appeal') and r.state = 'done' or r.reviewer = $3 and r.state in ('claimed', 'done'))
		order by m.id`, leg, book, v.ID)
	if err != nil {
		return nil, err
	}
	var name string
	var start *int
	var m Marking
	_, err = pgx.ForEachRow(rows, []any{&name, &start, &m.Mark, &m.By, &m.Name, &m.RuleIs, &m.Note, &m.At}, func() error {
		for i := range found {
			if f := &found[i]; f.Rule == name && same(f.StartMS, start) {
				f.add(m)
			}
		}
		return nil
	})
	return found, err
}

func same(a, b *int) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// find returns a finding of the score with its marks.
func find(ctx context.Context, tx pgx.Tx, v Viewer, h head, finding int64) (JudgedFinding, error) {
	all, err := findings(ctx, tx, v, string(h.leg), h.book)
	if err != nil {
		return JudgedFinding{}, err
	}
	for _, f := range all {
		if f.ID == finding {
			return f, nil
		}
	}
	return JudgedFinding{}, ErrNotFound
}

func put(ctx context.Context, tx pgx.Tx, h head, f JudgedFinding, review *int64, by string, mark Mark, ruleIs, note string) error {
	_, err := tx.Exec(ctx, `insert into finding_marks (leg, book, rule, start_ms, agent_id, review_id, by, mark, rule_is, note) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		h.leg, h.book, f.Rule, f.StartMS, h.agent, review, by, mark, ruleIs, note)
	return err
}

// addMark adds a reviewer's mark, unless it is what they said last.
func addMark(ctx context.Context, tx pgx.Tx, h head, reviewID int64, by string, m GivenMark) error {
	f, err := find(ctx, tx, Viewer{ID: by}, h, m.Finding)
	if err != nil {
		return err
	}
	if m.Mark == Corrected && m.RuleIs == "" {
		return refuse("value", "say by which rule the finding should have been found")
	}
	if m.Mark != Corrected {
		m.RuleIs = ""
	}
	if f.appealed() {
		return refuse("decided", "the agent has appealed this finding: it is decided there")
	}
	for i := len(f.Marks) - 1; i >= 0; i-- {
		if last := f.Marks[i]; last.By == by {
			if last.Mark == m.Mark && last.RuleIs == m.RuleIs && last.Note == m.Note {
				return nil
			}
			break
		}
	}
	return put(ctx, tx, h, f, &reviewID, by, m.Mark, m.RuleIs, m.Note)
}

// Respond is what an agent says to a finding of their own: that they have seen it, or that it is wrong, with a reason.
func (s *Store) Respond(ctx context.Context, agent string, leg id.LegID, finding int64, mark Mark, reason string) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		own := Viewer{ID: agent, Scope: "own"}
		h, err := lock(ctx, tx, own, leg)
		if err != nil {
			return err
		}
		f, err := find(ctx, tx, own, h, finding)
		if err != nil {
			return err
		}
		if mark == Acknowledged && f.Seen {
			return nil
		}
		if mark == Appealed {
			if f.appealed() {
				return refuse("decided", "it was appealed before, and is or will be decided by another person")
			}
			if f.Stands == string(Rejected) {
				return refuse("decided", "a reviewer has rejected the finding already: there is nothing to appeal")
			}
			if strings.TrimSpace(reason) == "" {
				return refuse("value", "say why the finding is wrong")
			}
		}
		if err := put(ctx, tx, h, f, nil, agent, mark, "", reason); err != nil {
			return err
		}
		return qa.Note(ctx, tx, leg, agent, string(mark), map[string]any{"rule": f.Rule, "start_ms": f.StartMS})
	})
	if err != nil {
		return fmt.Errorf("respond to a finding of %s: %w", leg, err)
	}
	return nil
}

// Decide ends an appeal. Whoever decides is neither the agent nor one of those who looked first. When the appeal succeeds, the
// questions that rested on the finding are answered anew in the decider's name, as the rules would without it.
func (s *Store) Decide(ctx context.Context, v Viewer, leg id.LegID, finding int64, mark Mark, note string) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		h, err := lock(ctx, tx, v, leg)
		if err != nil {
			return err
		}
		f, err := find(ctx, tx, v, h, finding)
		if err != nil {
			return err
		}
		if err := mayDecide(ctx, tx, v, h, f); err != nil {
			return err
		}
		if strings.TrimSpace(note) == "" {
			return refuse("value", "say why, for the agent")
		}
		if err := put(ctx, tx, h, f, nil, v.ID, mark, "", note); err != nil {
			return err
		}
		detail := map[string]any{"rule": f.Rule, "start_ms": f.StartMS}
		if mark == Overturned {
			if detail["total"], err = answerAnew(ctx, tx, v, h, f.ID); err != nil {
				return err
			}
		}
		return qa.Note(ctx, tx, leg, v.ID, string(mark), detail)
	})
	if err != nil {
		return fmt.Errorf("decide an appeal of %s: %w", leg, err)
	}
	return nil
}

func mayDecide(ctx context.Context, tx pgx.Tx, v Viewer, h head, f JudgedFinding) error {
	if h.agent == v.ID {
		return refuse("own_call", "nobody decides their own appeal: leave it to somebody else")
	}
	switch Mark(f.Stands) {
	case Appealed:
	case Upheld, Overturned:
		return refuse("decided", "somebody else has decided it meanwhile")
	default:
		return refuse("not_decided", "the agent has not appealed this finding")
	}
	var looked bool
	err := tx.QueryRow(ctx, `select exists (select from reviews where score_id = $1 and reviewer = $2 and kind = 'review' and state = 'done')
		or exists (select from finding_marks where leg = $3 and book = $4 and rule = $5 and start_ms is not distinct from $6 and by = $2 and mark in ('confirmed', 'rejected', 'corrected'))`,
		h.id, v.ID, h.leg, h.book, f.Rule, f.StartMS).Scan(&looked)
	if err == nil && looked {
		err = refuse("first_look", "you looked at it first: the second look is another person's")
	}
	return err
}

// answerAnew answers, in the decider's name, whatever the rules answer otherwise without the finding.
func answerAnew(ctx context.Context, tx pgx.Tx, v Viewer, h head, finding int64) (*float64, error) {
	c, err := cardOf(ctx, tx, h.card)
	if err != nil {
		return nil, err
	}
	all, err := findings(ctx, tx, v, string(h.leg), h.book)
	if err != nil {
		return nil, err
	}
	var before, after score.Facts
	for _, f := range all {
		fact := rule.Finding{Rule: f.Rule, Class: f.Class, Role: rule.Role(f.Role), Start: f.StartMS, End: f.EndMS, Value: float64(f.Value)}
		stands := f.Stands != string(Overturned) && f.Stands != string(Rejected)
		if stands || f.ID == finding {
			before.Findings = append(before.Findings, fact)
		}
		if stands {
			after.Findings = append(after.Findings, fact)
		}
	}
	was := map[string]score.Value{}
	for _, a := range c.ByRules(before, nil) {
		was[a.Question] = a.Value
	}
	// One row for all appeals of the call that the person decides.
	if _, err := tx.Exec(ctx, `insert into reviews (score_id, reviewer, kind, state, expires_at, done_at, list) values ($1, $2, 'appeal', 'done', now(), now(), 'appeals')
		on conflict do nothing`, h.id, v.ID); err != nil {
		return nil, err
	}
	var reviewID int64
	if err := tx.QueryRow(ctx, `select id from reviews where score_id = $1 and reviewer = $2 and kind = 'appeal' and state = 'done'`, h.id, v.ID).Scan(&reviewID); err != nil {
		return nil, err
	}
	for _, a := range c.ByRules(after, nil) {
		if was[a.Question] == a.Value {
			continue
		}
		if err := addAnswer(ctx, tx, h.id, reviewID, v.ID, &c, GivenAnswer{Question: a.Question, Value: string(a.Value)}); err != nil {
			return nil, err
		}
	}
	return qa.Recount(ctx, tx, h.id, &c)
}
