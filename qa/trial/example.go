package trial

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa"
	"hotline/qa/review"
	"hotline/qa/rule"
)

// TrialExample is one finding of a trial, with the words around it.
type TrialExample struct {
	ID        int64        `json:"id" db:"id"`
	Leg       string       `json:"leg" db:"leg"`
	CallID    string       `json:"call_id" db:"-"`
	AgentID   string       `json:"agent_id" db:"agent_id"`
	AgentName string       `json:"agent_name" db:"agent_name"`
	At        time.Time    `json:"at" db:"at"`
	Side      Side         `json:"side" db:"side" enum:"new,gone,same"`
	Rule      string       `json:"rule" db:"rule"`
	Phrase    string       `json:"phrase" db:"phrase" doc:"As the rule writes it."`
	Heard     string       `json:"heard" db:"heard" doc:"As the transcript says it."`
	Role      string       `json:"role" db:"role"`
	StartMS   *int         `json:"start_ms" db:"start_ms" doc:"Null for what was not said."`
	EndMS     *int         `json:"end_ms" db:"end_ms"`
	SeekMS    int          `json:"seek_ms" db:"-" doc:"Where to listen: the finding, or where it should have been."`
	Match     string       `json:"match" db:"match" enum:",exact,sound"`
	Apart     float32      `json:"apart" db:"apart" doc:"How unlike it sounded for each syllable: 0 is alike."`
	Value     float32      `json:"value" db:"value" doc:"What was measured, in the unit of the rule."`
	Lines     []QuotedLine `json:"lines" db:"-" doc:"What was said around it."`
	Thumb     string       `json:"thumb" db:"thumb" enum:",up,down" doc:"What was said of it last; empty when nothing was."`
	ThumbBy   string       `json:"thumb_by" db:"thumb_by"`
	ThumbName string       `json:"thumb_name" db:"thumb_name"`
	ThumbAt   *time.Time   `json:"thumb_at" db:"thumb_at"`
}

// QuotedLine is something that was said, parted where the finding begins and ends.
type QuotedLine struct {
	Role    string `json:"role" enum:"agent,caller"`
	StartMS int    `json:"start_ms"`
	Before  string `json:"before"`
	Hit     string `json:"hit" doc:"What the finding rests on; empty in the lines around it."`
	After   string `json:"after"`
}

// Wanted chooses examples.
type Wanted struct {
	Rule  string
	Side  Side // empty: any
	Limit int
}

// Examples are drawn from what a trial found, within the viewer's scope. Their order is a draw, so the first are a fair sample
// of all.
func (s *Store) Examples(ctx context.Context, v review.Viewer, trial int64, w Wanted) ([]TrialExample, error) {
	j, err := s.judgingOf(ctx, trial)
	if err != nil {
		return nil, err
	}
	args := pgx.NamedArgs{"trial": trial, "rule": w.Rule, "side": w.Side, "limit": w.Limit}
	rows, err := s.pool.Query(ctx, `select f.id, f.leg, f.agent_id, coalesce(u.name, '') as agent_name, f.at, f.side, f.rule, f.phrase, f.heard, f.role, f.start_ms, f.end_ms,
			f.match, f.apart, f.value, coalesce(nullif(h.thumb, 'none'), '') as thumb, case when h.thumb <> 'none' then h.by else '' end as thumb_by,
			coalesce(case when h.thumb <> 'none' then hu.name end, '') as thumb_name, case when h.thumb <> 'none' then h.at end as thumb_at
		from rule_trial_findings f left join users u on u.id = f.agent_id `+lastThumb+` left join users hu on hu.id = h.by
		where f.trial_id = @trial and (@rule = '' or f.rule = @rule) and (@side = '' or f.side = @side) and `+v.Reach("f.agent_id", args)+`
		order by f.draw, f.id limit @limit`, args)
	if err != nil {
		return nil, fmt.Errorf("read the examples of trial %d: %w", trial, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[TrialExample])
	if err != nil {
		return nil, fmt.Errorf("read the examples of trial %d: %w", trial, err)
	}
	return all, s.quote(ctx, all, j)
}

// quote adds the words around each example. Transcripts are read one by one: a page shows few.
func (s *Store) quote(ctx context.Context, all []TrialExample, j judging) error {
	read := map[string]rule.Transcript{}
	for i := range all {
		e := &all[i]
		t, ok := read[e.Leg]
		if !ok {
			var err error
			t, err = s.quality.Transcript(ctx, id.LegID(e.Leg))
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
			read[e.Leg] = t
		}
		e.CallID = string(id.LegID(e.Leg).Call())
		e.Lines, e.SeekMS = around(&t, *e, j.of(e.Rule))
	}
	return nil
}

// of is a rule by its name, as the draft has it, or the live rules.
func (j judging) of(name string) rule.Rule {
	for _, b := range []*rule.Book{j.draft, j.live} {
		for _, r := range b.Rules() {
			if r.ID == name {
				return r
			}
		}
	}
	return rule.Rule{}
}

const (
	nearMS   = 5000 // what is said within so long of a finding is shown with it
	linesFew = 3    // what is shown of a call in which something is missing
)

// around are the lines around a finding; where something is missing, those among which it should have been.
func around(t *rule.Transcript, e TrialExample, r rule.Rule) (lines []QuotedLine, seek int) {
	lines = []QuotedLine{}
	if e.StartMS == nil || e.EndMS == nil {
		return missing(t, rule.Role(e.Role), r.LastMS > 0)
	}
	for _, u := range t.Utterances {
		if u.End < *e.StartMS-nearMS || u.Start > *e.EndMS+nearMS {
			continue
		}
		l := QuotedLine{Role: string(u.Role), StartMS: u.Start}
		for _, unit := range u.Units {
			switch mine := e.Role == "" || u.Role == rule.Role(e.Role); {
			case mine && unit.Start < *e.EndMS && unit.End > *e.StartMS:
				l.Hit += unit.Text
			case l.Hit == "":
				l.Before += unit.Text
			default:
				l.After += unit.Text
			}
		}
		lines = append(lines, l)
	}
	return lines, *e.StartMS
}

func missing(t *rule.Transcript, role rule.Role, last bool) (lines []QuotedLine, seek int) {
	lines = []QuotedLine{}
	for _, u := range t.Utterances {
		if u.Role == role {
			lines = append(lines, QuotedLine{Role: string(u.Role), StartMS: u.Start, Before: u.Text()})
		}
	}
	if n := len(lines); n > linesFew && last {
		lines = lines[n-linesFew:]
	} else if n > linesFew {
		lines = lines[:linesFew]
	}
	if len(lines) > 0 {
		seek = lines[0].StartMS
	}
	return lines, seek
}

// Thumb is what a person says of an example: up when the rule is right there, down when it is not, none to take it back. Nobody
// says so of their own call.
func (s *Store) Thumb(ctx context.Context, v review.Viewer, trial, example int64, thumb string) error {
	j, err := s.judgingOf(ctx, trial)
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		args := pgx.NamedArgs{"trial": trial, "example": example}
		var leg, agent, ruleID string
		var side Side
		var start *int
		// Held, so that an erasure which comes meanwhile finds what is written.
		err := tx.QueryRow(ctx, `select f.leg, f.agent_id, f.rule, f.side, f.start_ms from rule_trial_findings f
			where f.trial_id = @trial and f.id = @example and `+v.Reach("f.agent_id", args)+` for share of f`, args).Scan(&leg, &agent, &ruleID, &side, &start)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if agent == v.ID {
			return refuse("own_call", "nobody judges a finding in their own call: leave it to somebody else")
		}
		if _, err := tx.Exec(ctx, `insert into rule_thumbs (leg, agent_id, rule, start_ms, prints, trial_id, thumb, by) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			leg, agent, ruleID, start, j.prints(ruleID, side), trial, thumb, v.ID); err != nil {
			return err
		}
		return qa.Note(ctx, tx, id.LegID(leg), v.ID, "thumb", map[string]any{"rule": ruleID, "start_ms": start, "trial": trial, "thumb": thumb})
	})
	if err != nil {
		return fmt.Errorf("note a thumb in trial %d: %w", trial, err)
	}
	return nil
}
