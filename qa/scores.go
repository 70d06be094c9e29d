package qa

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa/rule"
	"hotline/qa/score"
)

// scored is what is known of a recording when it is scored.
type scored struct {
	call, agent string
	queue       *string
	at          time.Time
	book        int
	facts       score.Facts
}

// Score answers the questions of the live scorecard for a recording whose transcript and findings have just been written, in
// the same transaction. Done again it adds only what has changed: a recording has one score for each version of the card, and
// what people answered stays.
func (s *Store) Score(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
	if err := s.score(ctx, tx, leg); err != nil {
		return fmt.Errorf("score %s: %w", leg, err)
	}
	return nil
}

func (s *Store) score(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
	version, c, err := s.liveCard(ctx, tx)
	if err != nil {
		return err
	}
	r, err := readScored(ctx, tx, leg)
	if err != nil {
		return err
	}
	if r.agent == "" {
		return nil // a voice message, in which nobody served anybody
	}
	why, judged := c.Judgeable(r.facts)
	var answers []score.Answer
	asked := []string{} // of a model
	if judged {
		off, err := s.switchedOff(ctx, tx, &c, r.book)
		if err != nil {
			return err
		}
		answers = c.ByRules(r.facts, off)
		for _, q := range c.Questions() {
			if q.Answerer() == score.ByModel && !off[q.ID] {
				asked = append(asked, q.ID)
			}
		}
	}
	var scoreID int64
	var fresh bool
	// The row that is there already is locked all the same, so that a twin waits and then finds nothing to add.
	err = tx.QueryRow(ctx, `insert into scores (leg, card, call_id, agent_id, queue_id, at, length_ms, book, refused)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (leg, card) do update set length_ms = excluded.length_ms, book = excluded.book, refused = excluded.refused
		returning id, xmax = 0`, leg, version, r.call, r.agent, r.queue, r.at, r.facts.LengthMS, r.book, why).Scan(&scoreID, &fresh)
	if err != nil {
		return err
	}
	added, err := addAnswers(ctx, tx, scoreID, answers, r.facts.Findings)
	if err != nil {
		return err
	}
	if !fresh && added == 0 {
		return nil
	}
	if err := addAsks(ctx, tx, scoreID, asked); err != nil {
		return err
	}
	total, err := Recount(ctx, tx, scoreID, &c)
	if err != nil {
		return err
	}
	return Note(ctx, tx, leg, "", "scored", map[string]any{"card": version, "book": r.book, "answers": added, "total": total, "refused": why})
}

func readScored(ctx context.Context, tx pgx.Tx, leg id.LegID) (r scored, err error) {
	err = tx.QueryRow(ctx, `select t.call_id, t.agent_id, t.queue_id, t.started_at, t.length_ms, t.agent_ms + t.caller_ms, t.unclear_ms,
			coalesce((select max(f.book) from findings f join rule_books b on b.version = f.book and b.state <> 'draft' where f.leg = t.leg),
				(select version from rule_books where state = 'live'), 0)
		from transcripts t where t.leg = $1 and t.state = 'done'`, leg).
		Scan(&r.call, &r.agent, &r.queue, &r.at, &r.facts.LengthMS, &r.facts.SpokenMS, &r.facts.UnclearMS, &r.book)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, ErrNotFound
	}
	if err != nil {
		return r, err
	}
	rows, err := tx.Query(ctx, `select rule, class, phrase, heard, role, start_ms, end_ms, match, apart, value from findings
		where leg = $1 and book = $2 order by start_ms nulls last, id`, leg, r.book)
	if err != nil {
		return r, err
	}
	r.facts.Findings, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (f rule.Finding, err error) {
		var apart, value float32
		err = row.Scan(&f.Rule, &f.Class, &f.Phrase, &f.Heard, &f.Role, &f.Start, &f.End, &f.Match, &apart, &value)
		f.Apart, f.Value = float64(apart), float64(value)
		return f, err
	})
	return r, err
}

// switchedOff are the questions that the machine does not answer: those whose agreement with people fell under the floor, and
// those that name rules which the book does not have.
func (s *Store) switchedOff(ctx context.Context, tx pgx.Tx, c *score.Card, bookVersion int) (map[string]bool, error) {
	off := map[string]bool{}
	var yaml string
	if err := tx.QueryRow(ctx, `select yaml from rule_books where version = $1`, bookVersion).Scan(&yaml); err == nil {
		file, _, err := read(yaml)
		if err != nil {
			return nil, err
		}
		off = orphans(c, file.Rules)
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	rows, err := tx.Query(ctx, `select distinct on (question) question, answers from machine_switches order by question, id desc`)
	if err != nil {
		return nil, err
	}
	var question string
	var answers bool
	_, err = pgx.ForEachRow(rows, []any{&question, &answers}, func() error {
		off[question] = off[question] || !answers
		return nil
	})
	return off, err
}

// Evidence is what a machine's answer rests on: a finding of a rule, or what a model quotes.
type Evidence struct {
	Rule  string    `json:"rule"`           // empty of a quotation
	Role  rule.Role `json:"role,omitempty"` // who said what is quoted
	Start *int      `json:"start_ms"`
	Heard string    `json:"heard,omitempty"`
}

// evidenceMost is how many findings an answer names: a page shows no more.
const evidenceMost = 20

// addAnswers adds those that differ from what the machine answered last, and returns how many.
func addAnswers(ctx context.Context, tx pgx.Tx, scoreID int64, answers []score.Answer, findings []rule.Finding) (added int, err error) {
	for _, a := range answers {
		evidence := []Evidence{}
		for _, i := range a.Evidence[:min(len(a.Evidence), evidenceMost)] {
			evidence = append(evidence, Evidence{Rule: findings[i].Rule, Start: findings[i].Start, Heard: findings[i].Heard})
		}
		raw, err := json.Marshal(evidence)
		if err != nil {
			return added, err
		}
		tag, err := tx.Exec(ctx, `insert into score_answers (score_id, question, source, value, evidence)
			select $1, $2, 'rules', $3, $4::jsonb
			where not exists (select from (select value, evidence from score_answers
				where score_id = $1 and question = $2 and source = 'rules' order by id desc limit 1) last
				where last.value = $3 and last.evidence = $4::jsonb)`,
			scoreID, a.Question, string(a.Value), string(raw))
		if err != nil {
			return added, err
		}
		added += int(tag.RowsAffected())
	}
	return added, nil
}

// Recount sums a score up again and keeps what it comes to: the answer of the first review, or that of an appeal which was
// decided after it, before the machine's. It returns the percentage, or nil when nothing is answered.
func Recount(ctx context.Context, tx pgx.Tx, scoreID int64, c *score.Card) (*float64, error) {
	rows, err := tx.Query(ctx, `select distinct on (a.question, a.source) a.question, a.source, a.value
		from score_answers a left join reviews r on r.id = a.review_id
		where a.score_id = $1 and (a.source <> 'person' or r.kind in ('review', 'appeal') and r.state = 'done')
		order by a.question, a.source, a.id desc`, scoreID)
	if err != nil {
		return nil, err
	}
	machine, now := map[string]score.Value{}, map[string]score.Value{}
	people := map[string]score.Value{}
	var question, source, value string
	_, err = pgx.ForEachRow(rows, []any{&question, &source, &value}, func() error {
		if source != "person" {
			machine[question], now[question] = score.Value(value), score.Value(value)
		} else {
			people[question] = score.Value(value)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for q, v := range people {
		now[q] = v
	}
	byMachine, total := c.Sum(machine), c.Sum(now)
	_, err = tx.Exec(ctx, `update scores set machine_total = $2, total = $3, open = $4, critical = $5 where id = $1`,
		scoreID, percent(byMachine), percent(total), len(total.Open), len(total.Critical))
	return percent(total), err
}

func percent(t score.Total) *float64 {
	if t.Answered == 0 {
		return nil
	}
	return &t.Percent
}

// Note adds to the history of a recording's scores and reviews. by is empty for the machine.
func Note(ctx context.Context, tx pgx.Tx, leg id.LegID, by, action string, detail map[string]any) error {
	raw, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into review_events (leg, by, action, detail) values (nullif($1, ''), nullif($2, ''), $3, $4)`, string(leg), by, action, raw)
	return err
}

// EraseReview removes the scores of a recording and all that people said of it, within the transaction that removes the
// recording. That there was a coaching note stays, its clip and words do not.
func EraseReview(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
	for _, sql := range []string{
		`delete from finding_marks where leg = $1`,
		`delete from scores where leg = $1`, // with reviews, answers and calibrations
		`delete from review_events where leg = $1`,
		`update coaching_notes set leg = null, from_ms = null, to_ms = null, note = '(erased)' where leg = $1`,
	} {
		if _, err := tx.Exec(ctx, sql, leg); err != nil {
			return fmt.Errorf("erase the scores of %s: %w", leg, err)
		}
	}
	return nil
}
