package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/campaign"
	"hotline/cti"
	"hotline/cti/id"
	"hotline/ivr/survey"
	"hotline/recording"
	tasks "hotline/task"
)

// Jobs queues the work that follows a recording or an answer, in the same transaction as its row.
type Jobs interface {
	FinishRecording(ctx context.Context, tx pgx.Tx, leg id.LegID) error
	FollowUp(ctx context.Context, tx pgx.Tx, call id.CallID, survey, question string, value int, at time.Time) error
	SurveyLink(ctx context.Context, tx pgx.Tx, call id.CallID, def, version string, lang survey.Lang, at time.Time) error
}

// Store writes what the Floor says to the tables calls, call_event, survey_answers, agent_state, contacts and
// recordings. Every write is repeatable: after a crash the spool is written once more.
type Store struct {
	pool *pgxpool.Pool
	jobs Jobs
}

// NewStore is over the pool.
func NewStore(pool *pgxpool.Pool, jobs Jobs) *Store { return &Store{pool: pool, jobs: jobs} }

// writers has the statement for each kind of entry.
var writers = map[string]func(context.Context, *Store, pgx.Tx, entry) error{
	kindEvent:       writeEvent,
	kindAnswer:      writeAnswer,
	kindDisposition: writeDisposition,
	kindAgent:       writeAgent,
	kindCall:        writeCall,
	kindChosen:      writeChosen,
	kindRecording:   writeRecording,
	kindPause:       writePause,
	kindOpen:        writeOpen,
}

func (s *Store) write(ctx context.Context, batch []entry) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for _, e := range batch {
			write, ok := writers[e.Kind]
			if !ok {
				return fmt.Errorf("journal entry of kind %q: %w", e.Kind, errPermanent)
			}
			if err := write(ctx, s, tx, e); err != nil {
				return fmt.Errorf("write %s: %w", e.Kind, err)
			}
		}
		return nil
	})
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		switch pgErr.Code[:2] { // data exception, integrity violation, syntax or missing column
		case "22", "23", "42":
			return errors.Join(err, errPermanent)
		}
	}
	return err
}

func decode[T any](e entry) (v T, err error) {
	if err := json.Unmarshal(e.Data, &v); err != nil {
		return v, errors.Join(fmt.Errorf("decode %s: %w", e.Kind, err), errPermanent)
	}
	return v, nil
}

func writeEvent(ctx context.Context, _ *Store, tx pgx.Tx, e entry) error {
	row, err := decode[eventRow](e)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into call_event (call, agent, floor, seq, at, kind, data)
		values (nullif($1, ''), nullif($2, ''), $3, $4, $5, $6, $7) on conflict (floor, seq) do nothing`,
		row.Call, row.Agent, row.Floor, row.Seq, e.At, row.Kind, e.Data)
	if err != nil {
		return err
	}
	if err := writeSteps(ctx, tx, e, row); err != nil {
		return err
	}
	if err := writeOwed(ctx, tx, row); err != nil {
		return err
	}
	return writeMessages(ctx, tx, row)
}

// messageKey names a message: what a caller speaks again is the same one.
func messageKey(kept cti.KeepMessage) string {
	if kept.Key == "" {
		return string(kept.Leg)
	}
	return string(kept.Call) + "/" + kept.Key
}

// writeMessages makes a task of each voice message that the fact completed.
func writeMessages(ctx context.Context, tx pgx.Tx, row eventRow) error {
	for _, c := range row.Commands {
		if c.Kind != cti.CommandKind(cti.KeepMessage{}) {
			continue
		}
		var kept cti.KeepMessage
		if err := json.Unmarshal(c.Command, &kept); err != nil {
			return errors.Join(fmt.Errorf("decode %s: %w", c.Kind, err), errPermanent)
		}
		_, err := tasks.Add(ctx, tx, tasks.New{
			Key: "message/" + messageKey(kept), Kind: tasks.Message,
			Queue: string(kept.Queue), Call: string(kept.Call), Leg: string(kept.Leg), Note: kept.Note,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func writeAnswer(ctx context.Context, s *Store, tx pgx.Tx, e entry) error {
	row, err := decode[cti.SaveAnswer](e)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into survey_answers (call_id, survey, version, question, value, at, way, campaign, leg)
		values ($1, $2, $3, $4, $5, $6, case $7 when '' then 'phone' else 'outbound' end, $7, nullif($8, ''))
		on conflict (call_id, survey, question) do update set value = excluded.value, at = excluded.at, version = excluded.version, leg = excluded.leg`,
		row.Call, row.Survey, row.Version, row.Question, row.Value, row.At, row.Campaign, row.Leg)
	if err != nil {
		return err
	}
	return s.jobs.FollowUp(ctx, tx, row.Call, row.Survey, row.Question, row.Value, row.At)
}

func writeDisposition(ctx context.Context, _ *Store, tx pgx.Tx, e entry) error {
	row, err := decode[cti.SaveDisposition](e)
	if err != nil {
		return err
	}
	if _, err = tx.Exec(ctx, `update calls set disposition = $2, note = $3 where id = $1`, row.Call, row.Code, row.Note); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update contacts set summary = $2 where call_id = $1 and $2 <> ''`, row.Call, row.Note)
	return err
}

func writeAgent(ctx context.Context, _ *Store, tx pgx.Tx, e entry) error {
	v, err := decode[cti.AgentView](e)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into agent_state (user_id, state, reason, since, data) values ($1, $2, $3, $4, $5)
		on conflict (user_id) do update set state = excluded.state, reason = excluded.reason, since = excluded.since, data = excluded.data`,
		v.Agent, v.State, v.Reason, v.Since, e.Data)
	return err
}

// writeCall keeps the newest of what is known; the disposition has its own statement.
func writeCall(ctx context.Context, s *Store, tx pgx.Tx, e entry) error {
	row, err := decode[callRow](e)
	if err != nil {
		return err
	}
	path := row.Path
	if path == nil {
		path = []string{}
	}
	customer := row.Customer
	if row.Chosen != 0 {
		customer = row.Chosen
	}
	_, err = tx.Exec(ctx, `insert into calls (id, line, flow, caller_e164, anonymous, customer_id, lang, path, queue_id,
			arrived_at, queued_at, answered_at, agent_id, ended_at, outcome, notice_at, recording_refused, campaign)
		values (@id, @line, @flow, nullif(@number, ''), @anonymous, nullif(@customer, 0), @lang, @path, nullif(@queue, ''),
			@arrived, @queued, @answered, nullif(@agent, ''), @ended, nullif(@outcome, ''),
			@noticed, nullif(@refused, ''), @campaign)
		on conflict (id) do update set customer_id = coalesce(excluded.customer_id, calls.customer_id), lang = excluded.lang,
			path = excluded.path, queue_id = excluded.queue_id, queued_at = excluded.queued_at,
			answered_at = excluded.answered_at, agent_id = excluded.agent_id,
			notice_at = excluded.notice_at, recording_refused = excluded.recording_refused,
			ended_at = coalesce(excluded.ended_at, calls.ended_at), outcome = coalesce(excluded.outcome, calls.outcome)`,
		pgx.NamedArgs{
			"id": row.Call, "line": row.Line, "flow": row.Flow, "number": row.Number, "anonymous": row.Anonymous,
			"customer": customer, "lang": row.Lang, "path": path, "queue": row.Queue, "arrived": row.Arrived,
			"queued": nullTime(row.Queued), "answered": nullTime(row.Answered), "agent": row.Agent,
			"ended": nullTime(row.Ended), "outcome": row.Outcome, "noticed": nullTime(row.Noticed), "refused": row.Refused, "campaign": row.Campaign,
		})
	switch {
	case err != nil || row.Asked == nil:
	case row.Asked.Occasion == cti.OccasionLink:
		err = s.jobs.SurveyLink(ctx, tx, row.Call, row.Asked.Survey, row.Asked.Version, row.Lang, e.At)
	default:
		err = writeOffer(ctx, tx, e.At, row)
	}
	if err == nil && (row.Asked != nil || !row.Ended.IsZero()) {
		err = leavePlace(ctx, tx, row.Call)
	}
	if err == nil && row.Campaign != "" {
		err = writeMade(ctx, tx, row)
	}
	if err != nil || row.Ended.IsZero() {
		return err
	}
	if err := countSteps(ctx, tx, []string{string(row.Call)}); err != nil {
		return err
	}
	return writeContact(ctx, tx, row)
}

// writeOffer notes that the caller was asked a survey, and that they heard its end.
func writeOffer(ctx context.Context, tx pgx.Tx, at time.Time, row callRow) error {
	_, err := tx.Exec(ctx, `insert into survey_offers (call_id, survey, version, queue_id, agent_id, offered_at, finished_at, way, campaign, occasion)
		values ($1, $2, $3, $4, $5, $6, case when $7 then $6::timestamptz end, case $8 when '' then 'phone' else 'outbound' end, $8, $9)
		on conflict (call_id, survey) do update set finished_at = coalesce(survey_offers.finished_at, excluded.finished_at)
			where survey_offers.finished_at is null and excluded.finished_at is not null`,
		row.Call, row.Asked.Survey, row.Asked.Version, row.Queue, row.Agent, at, row.Asked.Over, row.Campaign, row.Asked.Occasion)
	return err
}

// writeContact puts an ended call into the history of its customer.
func writeContact(ctx context.Context, tx pgx.Tx, row callRow) error {
	_, err := tx.Exec(ctx, `insert into contacts (customer_id, at, channel, direction, subject, summary, agent_id, call_id)
		select c.customer_id, c.arrived_at, 'phone', $3, $2, c.note, c.agent_id, c.id
		from calls c join customers k on k.id = c.customer_id where c.id = $1
		on conflict (call_id) where call_id is not null do nothing`, row.Call, subject(row), direction(row))
	return err
}

// direction is who called whom.
func direction(row callRow) string {
	if row.Campaign != "" {
		return "out"
	}
	return "in"
}

// subject says in words what a call was about, by the choices in the menu.
func subject(row callRow) string {
	if row.Campaign != "" {
		return "問卷外撥"
	}
	if n := len(row.Path); n > 0 {
		return "來電：" + row.Path[n-1]
	}
	return "來電"
}

func writeChosen(ctx context.Context, _ *Store, tx pgx.Tx, e entry) error {
	row, err := decode[chosenRow](e)
	if err != nil {
		return err
	}
	if _, err = tx.Exec(ctx, `update calls set customer_id = $2 where id = $1`, row.Call, row.Customer); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update contacts set customer_id = $2 where call_id = $1`, row.Call, row.Customer)
	return err
}

// writeOwed enters the legs in the ledger that the fact made owe a recording. Being part of the fact's own entry it is in
// one transaction with it, also when it waited on disk.
func writeOwed(ctx context.Context, tx pgx.Tx, row eventRow) error {
	for _, c := range row.Commands {
		if c.Kind != cti.CommandKind(cti.OweRecording{}) {
			continue
		}
		var owed cti.OweRecording
		if err := json.Unmarshal(c.Command, &owed); err != nil {
			return errors.Join(fmt.Errorf("decode %s: %w", c.Kind, err), errPermanent)
		}
		err := recording.Expect(ctx, tx, recording.Expected{
			Leg: owed.Leg, Call: owed.Call, Agent: owed.Agent, Started: owed.Answered, Refused: string(owed.Refused),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// writeRecording notes that a leg is over, and has its recording finished unless it was refused.
func writeRecording(ctx context.Context, s *Store, tx pgx.Tx, e entry) error {
	row, err := decode[recordingRow](e)
	if err != nil {
		return err
	}
	owed := recording.Expected{Leg: row.Leg, Call: row.Call, Agent: row.Agent, Started: row.Started}
	if err := recording.Ensure(ctx, tx, owed); err != nil {
		return err
	}
	state, err := recording.Ended(ctx, tx, row.Leg, e.At)
	if err != nil || state == recording.StateRefused {
		return err
	}
	return s.jobs.FinishRecording(ctx, tx, row.Leg)
}

func writePause(ctx context.Context, _ *Store, tx pgx.Tx, e entry) error {
	row, err := decode[pauseRow](e)
	if err != nil {
		return err
	}
	return recording.StorePauses(ctx, tx, row.Leg, row.Pauses...)
}

// writeOpen ends the rows of calls that hung up while no controller lived; the hour of their end is not known better.
func writeOpen(ctx context.Context, _ *Store, tx pgx.Tx, e entry) error {
	row, err := decode[openCalls](e)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `update calls set ended_at = $2,
			outcome = case when answered_at is not null then 'answered' when queued_at is not null then 'abandoned' else 'hung_up_in_ivr' end
		where ended_at is null and arrived_at < $2 and not (id = any ($1)) returning id`, row.Live, row.Before)
	if err != nil {
		return err
	}
	ended, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(ended) == 0 {
		return err
	}
	for _, call := range ended {
		if campaign.Made(id.CallID(call)) {
			if err := settleMade(ctx, tx, id.CallID(call)); err != nil {
				return err
			}
		}
	}
	return countSteps(ctx, tx, ended)
}

// agents are the newest views of all agents, as the last controller told them.
func (s *Store) agents(ctx context.Context) ([]cti.AgentView, error) {
	rows, err := s.pool.Query(ctx, `select data from agent_state order by user_id`)
	if err != nil {
		return nil, fmt.Errorf("read agents' states: %w", err)
	}
	views, err := pgx.CollectRows(rows, pgx.RowTo[cti.AgentView])
	if err != nil {
		return nil, fmt.Errorf("read agents' states: %w", err)
	}
	return views, nil
}

type zeroTime interface{ IsZero() bool }

// nullTime is null for a time that has not come.
func nullTime[T zeroTime](t T) *T {
	if t.IsZero() {
		return nil
	}
	return &t
}
