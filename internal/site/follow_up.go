package site

import (
	"context"
	"fmt"
)

// FollowUp says which answers to a question make a task for somebody.
type FollowUp struct {
	Survey   string `json:"survey"`
	Question string `json:"question"`
	Kind     string `json:"kind"`
	Zh       string `json:"zh"`
	En       string `json:"en"`
	AtMost   int    `json:"at_most" doc:"An answer this low or lower."`
	Active   bool   `json:"active"`
}

// FollowUps are those of every question, in the order in which they are asked.
func (s *Store) FollowUps(ctx context.Context) ([]FollowUp, error) {
	return list[FollowUp](ctx, s.db, "list follow-ups", `select survey, question, kind, zh, en, at_most, active from survey_follow_up_rules order by survey, position, question`)
}

// highest answers of the kinds of questions.
var highest = map[string]int{"csat5": 5, "nps11": 10}

// PutFollowUp sets that of a question that is asked.
func (s *Store) PutFollowUp(ctx context.Context, f FollowUp) error {
	var kind string
	err := s.db.QueryRow(ctx, `select kind from survey_follow_up_rules where survey = $1 and question = $2`, f.Survey, f.Question).Scan(&kind)
	if err != nil {
		return fmt.Errorf("set the follow-up of %s/%s: %w", f.Survey, f.Question, err)
	}
	if most, known := highest[kind]; f.AtMost < 0 || known && f.AtMost >= most {
		var found faults
		found.add("at_most", FaultRange, fmt.Sprintf("give 0 to %d: not every answer is a complaint", most-1))
		return found.err()
	}
	_, err = s.db.Exec(ctx, `insert into survey_follow_ups (survey, question, at_most, active) values ($1, $2, $3, $4)
		on conflict (survey, question) do update set at_most = excluded.at_most, active = excluded.active`, f.Survey, f.Question, f.AtMost, f.Active)
	if err != nil {
		return fmt.Errorf("set the follow-up of %s/%s: %w", f.Survey, f.Question, err)
	}
	return nil
}
