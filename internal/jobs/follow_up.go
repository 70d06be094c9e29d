package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/task"
)

// followUpTime is how soon whoever was unhappy should hear from somebody.
const followUpTime = 24 * time.Hour

// FollowUp makes a task of an answer that is low enough, in the transaction that stores the answer: once for a call and a
// survey, however many of its answers are low and however often they are written.
func (*Inserter) FollowUp(ctx context.Context, tx pgx.Tx, call id.CallID, survey, question string, value int, at time.Time) error {
	var queue string
	err := tx.QueryRow(ctx, `select coalesce((select queue_id from calls where id = $3), '') from survey_follow_up_rules
		where survey = $1 and question = $2 and active and $4 <= at_most`, survey, question, call, value).Scan(&queue)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("see whether an answer of %s needs a follow-up: %w", call, err)
	}
	_, err = task.Add(ctx, tx, task.New{
		Key: "survey:" + survey + ":" + string(call), Kind: task.FollowUp, Queue: queue, Call: string(call),
		Note: fmt.Sprintf("%s: %d", question, value), Due: at.Add(followUpTime), By: task.BySurvey,
	})
	return err
}
