package report

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
)

// Answer is one answer as it was given.
type Answer struct {
	Call     string
	At       time.Time
	Survey   string
	Version  string
	Question string
	Value    int
	Way      string
	Campaign string
	Queue    string
	Agent    string
	Finished bool // the caller heard the survey's end
}

// Answers hands over one answer after the other, in the order of their times, until do fails. However many there are, they are
// not held in memory.
func (s *Store) Answers(ctx context.Context, v Viewer, f Filter, zone string, do func(Answer) error) error {
	args := pgx.NamedArgs{"zone": zone}
	where := f.where(v, args, false)
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `set local statement_timeout = 0`); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `select a.call_id, a.at, a.survey, a.version, a.question, a.value, a.way, a.campaign, a.queue_id, a.agent_id,
				o.finished_at is not null as finished
			from (select * from (select *, local_day(at) as day from survey_answers where at >= @from::timestamp at time zone @zone
				and at < (@to::date + 1)::timestamp at time zone @zone) d`+where+`) a
			left join survey_offers o on o.call_id = a.call_id and o.survey = a.survey order by a.at, a.call_id, a.question`, args)
		if err != nil {
			return err
		}
		var a Answer
		_, err = pgx.ForEachRow(rows, []any{&a.Call, &a.At, &a.Survey, &a.Version, &a.Question, &a.Value, &a.Way, &a.Campaign, &a.Queue, &a.Agent, &a.Finished},
			func() error { return do(a) })
		return err
	})
	if err != nil {
		return fmt.Errorf("read the answers of %s: %w", f.Survey, err)
	}
	return nil
}

// Erase forgets which recording a spoken comment is that is thrown away. That there was one still counts.
func Erase(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
	_, err := tx.Exec(ctx, `update survey_answers set leg = null where leg = $1`, leg)
	return err
}
