package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa"
	"hotline/qa/score"
)

// Sheet is everything that was found and said of a call, as far as the viewer may see it now.
type Sheet struct {
	Leg       string          `json:"leg"`
	CallID    string          `json:"call_id"`
	AgentID   string          `json:"agent_id"`
	AgentName string          `json:"agent_name"`
	At        time.Time       `json:"at"`
	LengthMS  int             `json:"length_ms"`
	Version   int             `json:"version" doc:"Of the scorecard."`
	Card      score.Card      `json:"card"`
	Refused   string          `json:"refused" enum:",short,silent,unclear"`
	Total     *float32        `json:"total"`
	Machine   *float32        `json:"machine_total"`
	Partial   []score.Partial `json:"partial" doc:"What each section comes to now."`
	Answers   []ScoreAnswer   `json:"answers" doc:"Every answer that was given, the oldest first."`
	Asks      []qa.AskState   `json:"asks" doc:"Questions that a model is to answer, and why it has not."`
	Findings  []JudgedFinding `json:"findings"`
	Mine      *Review         `json:"mine" doc:"The viewer's own review that goes on or is done."`
	Blind     bool            `json:"blind" doc:"Until the viewer's own review is done, other people's answers and marks and the machine's answers are left out."`
	Off       []string        `json:"off" doc:"Questions that the machine no longer answers, since people disagreed with it."`
	Events    []ReviewEvent   `json:"events" doc:"The history."`
}

// ScoreAnswer is one answer to a question of the card.
type ScoreAnswer struct {
	Question string        `json:"question" db:"question"`
	Source   string        `json:"source" db:"source" enum:"rules,model,person"`
	By       string        `json:"by" db:"by" doc:"Name; empty for the machine."`
	ReviewID int64         `json:"review_id" db:"review_id" doc:"0 for the machine."`
	Kind     string        `json:"kind" db:"kind" doc:"Of the review; empty for the machine."`
	Value    string        `json:"value" db:"value"`
	Note     string        `json:"note" db:"note"`
	Evidence []qa.Evidence `json:"evidence" db:"evidence"`
	At       time.Time     `json:"at" db:"at"`
}

// ReviewEvent is one entry of the history.
type ReviewEvent struct {
	At     time.Time       `json:"at" db:"at"`
	By     string          `json:"by" db:"by" doc:"Name; empty for the machine."`
	Action string          `json:"action" db:"action"`
	Detail json.RawMessage `json:"detail" db:"detail"`
}

// Sheet shows a call that the viewer's scope covers.
func (s *Store) Sheet(ctx context.Context, v Viewer, leg id.LegID) (d Sheet, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		d, err = s.sheet(ctx, tx, v, leg)
		return err
	})
	if err != nil {
		return Sheet{}, fmt.Errorf("open the review of %s: %w", leg, err)
	}
	return d, nil
}

func (s *Store) sheet(ctx context.Context, tx pgx.Tx, v Viewer, leg id.LegID) (d Sheet, err error) {
	args := pgx.NamedArgs{"leg": leg}
	var scoreID int64
	var book int
	var yaml string
	err = tx.QueryRow(ctx, `select s.id, s.leg, s.call_id, s.agent_id, coalesce(u.name, ''), s.at, s.length_ms, s.card, s.book, s.refused, s.total, s.machine_total, c.yaml
		from scores s join scorecards c on c.version = s.card left join users u on u.id = s.agent_id
		where s.leg = @leg and `+v.Reach("s.agent_id", args)+` order by s.card desc limit 1`, args).
		Scan(&scoreID, &d.Leg, &d.CallID, &d.AgentID, &d.AgentName, &d.At, &d.LengthMS, &d.Version, &book, &d.Refused, &d.Total, &d.Machine, &yaml)
	if errors.Is(err, pgx.ErrNoRows) {
		return d, ErrNotFound
	}
	if err != nil {
		return d, err
	}
	if d.Card, err = qa.ReadCard(d.Version, yaml); err != nil {
		return d, err
	}
	mine, err := collect[Review](ctx, tx, `select `+reviewColumns+`where r.score_id = $1 and r.reviewer = $2 and r.state in ('claimed', 'done') and r.kind <> 'appeal'
		order by r.state, r.id desc limit 1`, scoreID, v.ID)
	if err != nil {
		return d, err
	}
	if len(mine) > 0 {
		d.Mine = &mine[0]
		d.Blind = mine[0].State == "claimed" && mine[0].Kind != First
	}
	if err := d.read(ctx, tx, v, scoreID, book); err != nil {
		return d, err
	}
	d.sum()
	if d.Blind {
		d.hide(v.ID)
	}
	return d, nil
}

func (d *Sheet) read(ctx context.Context, tx pgx.Tx, v Viewer, scoreID int64, book int) (err error) {
	if d.Findings, err = findings(ctx, tx, v, d.Leg, book); err != nil {
		return err
	}
	d.Answers, err = collect[ScoreAnswer](ctx, tx, `select a.question, a.source, coalesce(u.name, a.by, '') as by, coalesce(a.review_id, 0) as review_id, coalesce(r.kind, '') as kind,
			a.value, a.note, a.evidence, a.at
		from score_answers a left join reviews r on r.id = a.review_id left join users u on u.id = a.by
		where a.score_id = $1 and (r.state is null or r.state = 'done' or r.reviewer = $2 and r.state = 'claimed') order by a.id`, scoreID, v.ID)
	if err != nil {
		return err
	}
	if d.Asks, err = qa.AsksOf(ctx, tx, scoreID); err != nil {
		return err
	}
	if d.Events, err = collect[ReviewEvent](ctx, tx, `select e.at, coalesce(u.name, e.by, '') as by, e.action, e.detail
		from review_events e left join users u on u.id = e.by where e.leg = $1 order by e.id`, d.Leg); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `select question from (select distinct on (question) question, answers from machine_switches order by question, id desc) l where not answers`)
	if err != nil {
		return err
	}
	if d.Off, err = pgx.CollectRows(rows, pgx.RowTo[string]); d.Off == nil {
		d.Off = []string{}
	}
	return err
}

// sum counts the sections by the answers that count.
func (d *Sheet) sum() {
	now := map[string]score.Value{}
	for _, source := range []string{"rules", "model", string(First), string(appeal)} {
		for _, a := range d.Answers {
			if a.Source == source || a.Kind == source && (d.Mine == nil || a.ReviewID != d.Mine.ID || d.Mine.State == "done") {
				now[a.Question] = score.Value(a.Value)
			}
		}
	}
	d.Partial = d.Card.Sum(now).Sections
}

// hide leaves out what a blind reviewer must not know yet.
func (d *Sheet) hide(viewer string) {
	own := []ScoreAnswer{}
	for _, a := range d.Answers {
		if a.ReviewID == d.Mine.ID {
			own = append(own, a)
		}
	}
	d.Answers, d.Total, d.Machine, d.Partial, d.Events = own, nil, nil, []score.Partial{}, []ReviewEvent{}
	d.Asks = []qa.AskState{}
	for i := range d.Findings {
		d.Findings[i].hide(viewer)
	}
}

// ReviewDraft is what a reviewer has said of a call so far.
type ReviewDraft struct {
	Answers []GivenAnswer `json:"answers" maxItems:"200"`
	Marks   []GivenMark   `json:"marks" maxItems:"2000"`
	Done    bool          `json:"done" doc:"The review is finished: every question is answered, and of a first review every finding marked."`
}

// GivenAnswer is an answer of a reviewer.
type GivenAnswer struct {
	Question string `json:"question" maxLength:"40"`
	Value    string `json:"value" maxLength:"40"`
	Note     string `json:"note,omitempty" maxLength:"2000"`
}

// GivenMark is a reviewer's mark on a finding.
type GivenMark struct {
	Finding int64  `json:"finding"`
	Mark    Mark   `json:"mark" enum:"confirmed,rejected,corrected"`
	RuleIs  string `json:"rule_is,omitempty" maxLength:"60" doc:"corrected: the rule that it should have been found by."`
	Note    string `json:"note,omitempty" maxLength:"2000"`
}

// Save adds what differs from what the reviewer said before, and begins the claim's time anew. A review that is done changes
// the score; only the first does so, the others are for comparison.
func (s *Store) Save(ctx context.Context, v Viewer, reviewID int64, draft ReviewDraft) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		r, h, err := claimed(ctx, tx, v, reviewID)
		if err != nil {
			return err
		}
		c, err := cardOf(ctx, tx, h.card)
		if err != nil {
			return err
		}
		for _, g := range draft.Answers {
			if err := addAnswer(ctx, tx, h.id, r.ID, v.ID, &c, g); err != nil {
				return err
			}
		}
		for _, m := range draft.Marks {
			if err := addMark(ctx, tx, h, r.ID, v.ID, m); err != nil {
				return err
			}
		}
		if draft.Done {
			return s.finish(ctx, tx, v, r, h, &c)
		}
		_, err = renew(ctx, tx, r)
		return err
	})
	if err != nil {
		return fmt.Errorf("save the review %d: %w", reviewID, err)
	}
	return nil
}

func cardOf(ctx context.Context, tx pgx.Tx, version int) (score.Card, error) {
	var yaml string
	if err := tx.QueryRow(ctx, `select yaml from scorecards where version = $1`, version).Scan(&yaml); err != nil {
		return score.Card{}, err
	}
	return qa.ReadCard(version, yaml)
}

func addAnswer(ctx context.Context, tx pgx.Tx, scoreID, reviewID int64, by string, c *score.Card, g GivenAnswer) error {
	q, ok := c.Question(g.Question)
	if !ok {
		return refuse("value", "the card has no question %q", g.Question)
	}
	if !q.Allows(score.Value(g.Value)) {
		return refuse("value", "%q is no answer to %s: give one of %v", g.Value, q.ID, q.Values())
	}
	_, err := tx.Exec(ctx, `insert into score_answers (score_id, question, source, by, review_id, value, note, machine, machine_source)
		select $1, $2, 'person', $3, $4, $5, $6, m.value, m.source
		from (select) always left join lateral (
			select value, source from score_answers where score_id = $1 and question = $2 and source <> 'person' order by id desc limit 1) m on true
		where not exists (select from (select value, note from score_answers where review_id = $4 and question = $2 order by id desc limit 1) last
			where last.value = $5 and last.note = $6)`, scoreID, g.Question, by, reviewID, g.Value, g.Note)
	return err
}

// finish ends a review: everything has been answered.
func (s *Store) finish(ctx context.Context, tx pgx.Tx, v Viewer, r Review, h head, c *score.Card) error {
	if err := complete(ctx, tx, r, h, c); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update reviews set state = 'done', done_at = now() where id = $1`, r.ID); err != nil {
		return err
	}
	detail := map[string]any{"review": r.ID, "kind": r.Kind}
	if r.Kind == First {
		total, err := qa.Recount(ctx, tx, h.id, c)
		if err != nil {
			return err
		}
		detail["total"] = total
		if _, err := tx.Exec(ctx, `update scores set reviewed_at = now() where id = $1`, h.id); err != nil {
			return err
		}
	}
	if err := qa.Note(ctx, tx, h.leg, v.ID, "reviewed", detail); err != nil {
		return err
	}
	return holdFloors(ctx, tx, c)
}

// complete refuses a review in which something is still to be said.
func complete(ctx context.Context, tx pgx.Tx, r Review, h head, c *score.Card) error {
	rows, err := tx.Query(ctx, `select distinct question from score_answers where review_id = $1`, r.ID)
	if err != nil {
		return err
	}
	answered, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	given := map[string]bool{}
	for _, q := range answered {
		given[q] = true
	}
	for _, q := range c.Questions() {
		if !given[q.ID] {
			return refuse("incomplete", "the question %s is not answered yet: answer it, then finish", q.ID)
		}
	}
	if r.Kind != First {
		return nil
	}
	var unmarked int
	err = tx.QueryRow(ctx, `select count(*) from findings f where f.leg = $1 and f.book = $2 and not exists (select from finding_marks m
		where m.leg = f.leg and m.book = f.book and m.rule = f.rule and m.start_ms is not distinct from f.start_ms and m.mark <> 'acknowledged')`, h.leg, h.book).Scan(&unmarked)
	if err == nil && unmarked > 0 {
		err = refuse("incomplete", "%d findings are neither confirmed nor corrected yet: mark them, then finish", unmarked)
	}
	return err
}
