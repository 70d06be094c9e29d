package qa

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa/score"
)

// Ask is a question of a call that a model is still to answer.
type Ask struct {
	Score    int64
	Leg      id.LegID
	Question score.Question
}

// AskState is how far a question is that a model is to answer.
type AskState struct {
	Question string    `json:"question" db:"question"`
	State    string    `json:"state" db:"state" enum:"waiting,answered,refused"`
	Reason   string    `json:"reason" db:"reason" doc:"waiting: why it still does; refused: why a person has to answer."`
	Model    string    `json:"model" db:"model" doc:"Which was asked last; empty when none was."`
	At       time.Time `json:"at" db:"at"`
}

// Tokens are what asking cost, as the service counts.
type Tokens struct{ In, Out int }

func addAsks(ctx context.Context, tx pgx.Tx, scoreID int64, questions []string) error {
	_, err := tx.Exec(ctx, `insert into score_asks (score_id, question) select $1, unnest($2::text[]) on conflict do nothing`, scoreID, questions)
	return err
}

// Asks are the questions of a recording that wait for a model.
func (s *Store) Asks(ctx context.Context, leg id.LegID) ([]Ask, error) {
	rows, err := s.pool.Query(ctx, `select a.score_id, a.question, s.card, c.yaml from score_asks a join scores s on s.id = a.score_id join scorecards c on c.version = s.card
		where s.leg = $1 and a.state = 'waiting' order by a.score_id, a.question`, leg)
	if err != nil {
		return nil, fmt.Errorf("read what a model is to answer of %s: %w", leg, err)
	}
	var all []Ask
	var scoreID int64
	var question, yaml string
	var version int
	cards := map[int]score.Card{}
	_, err = pgx.ForEachRow(rows, []any{&scoreID, &question, &version, &yaml}, func() error {
		c, ok := cards[version]
		if !ok {
			var err error
			if c, err = ReadCard(version, yaml); err != nil {
				return err
			}
			cards[version] = c
		}
		if q, ok := c.Question(question); ok {
			all = append(all, Ask{scoreID, leg, q})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what a model is to answer of %s: %w", leg, err)
	}
	return all, nil
}

// AsksOf are the questions of a score that a model is to answer, or was.
func AsksOf(ctx context.Context, tx pgx.Tx, scoreID int64) ([]AskState, error) {
	rows, err := tx.Query(ctx, `select question, state, reason, model, at from score_asks where score_id = $1 order by question`, scoreID)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[AskState])
	if all == nil {
		all = []AskState{}
	}
	return all, err
}

// OpenAsks are recordings with questions that wait for a model, the newest first.
func (s *Store) OpenAsks(ctx context.Context, most int) ([]id.LegID, error) {
	rows, err := s.pool.Query(ctx, `select leg from (select s.leg, max(a.created_at) as at from score_asks a join scores s on s.id = a.score_id
		where a.state = 'waiting' group by s.leg) open order by at desc limit $1`, most)
	if err != nil {
		return nil, fmt.Errorf("find what a model is to answer: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[id.LegID])
}

// HoldAsks says of all questions that wait why they do.
func (s *Store) HoldAsks(ctx context.Context, why string) error {
	if _, err := s.pool.Exec(ctx, `update score_asks set reason = $1 where state = 'waiting' and reason <> $1`, why); err != nil {
		return fmt.Errorf("say why questions wait for a model: %w", err)
	}
	return nil
}

// Answered keeps a model's answer, and sums the score up again. It returns ErrLate when another attempt was faster.
func (s *Store) Answered(ctx context.Context, a Ask, model string, cost Tokens, value score.Value, reason string, evidence []Evidence) error {
	if evidence == nil {
		evidence = []Evidence{}
	}
	raw, err := json.Marshal(evidence)
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var version int
		var yaml string
		// Locked, so that a review which ends now counts this answer or is counted by it.
		err := tx.QueryRow(ctx, `select s.card, c.yaml from scores s join scorecards c on c.version = s.card where s.id = $1 for update of s`, a.Score).Scan(&version, &yaml)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrLate // it was erased
		}
		if err != nil {
			return err
		}
		if err := settle(ctx, tx, a, "answered", "", model, cost); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into score_answers (score_id, question, source, value, note, evidence) values ($1, $2, 'model', $3, $4, $5)`,
			a.Score, a.Question.ID, string(value), reason, raw); err != nil {
			return err
		}
		c, err := ReadCard(version, yaml)
		if err != nil {
			return err
		}
		total, err := Recount(ctx, tx, a.Score, &c)
		if err != nil {
			return err
		}
		return Note(ctx, tx, a.Leg, "", "model_answered", map[string]any{"question": a.Question.ID, "model": model, "total": total})
	})
	if err != nil {
		return fmt.Errorf("keep the model's answer to %s of %s: %w", a.Question.ID, a.Leg, err)
	}
	return nil
}

// Unanswered says why a model's answer was not taken, or did not come. One that is over waits for a person.
func (s *Store) Unanswered(ctx context.Context, a Ask, model string, cost Tokens, why string, over bool) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		state := "waiting"
		if over {
			state = "refused"
			if err := Note(ctx, tx, a.Leg, "", "model_refused", map[string]any{"question": a.Question.ID, "model": model}); err != nil {
				return err
			}
		}
		return settle(ctx, tx, a, state, why, model, cost)
	})
	if err != nil {
		return fmt.Errorf("note that the model did not answer %s of %s: %w", a.Question.ID, a.Leg, err)
	}
	return nil
}

func settle(ctx context.Context, tx pgx.Tx, a Ask, state, why, model string, cost Tokens) error {
	tag, err := tx.Exec(ctx, `update score_asks set state = $3, reason = $4, model = $5, attempts = attempts + 1, tokens_in = tokens_in + $6, tokens_out = tokens_out + $7, at = now()
		where score_id = $1 and question = $2 and state = 'waiting'`, a.Score, a.Question.ID, state, why, model, cost.In, cost.Out)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrLate
	}
	return err
}

// Asking is what a model is still to answer, and what it did and cost since a time.
type Asking struct {
	Waiting   int        `db:"waiting"`
	Answered  int        `db:"answered"`
	Refused   int        `db:"refused"`
	TokensIn  int        `db:"tokens_in"`
	TokensOut int        `db:"tokens_out"`
	Oldest    *time.Time `db:"oldest"` // since when the oldest waits
}

// Asking counts.
func (s *Store) Asking(ctx context.Context, since time.Time) (Asking, error) {
	rows, err := s.pool.Query(ctx, `select (select count(*) from score_asks where state = 'waiting') as waiting, (select min(created_at) from score_asks where state = 'waiting') as oldest,
			count(*) filter (where state = 'answered') as answered, count(*) filter (where state = 'refused') as refused,
			coalesce(sum(tokens_in), 0) as tokens_in, coalesce(sum(tokens_out), 0) as tokens_out
		from score_asks where at >= $1 and attempts > 0`, since)
	if err != nil {
		return Asking{}, fmt.Errorf("count what a model is to answer: %w", err)
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Asking])
}
