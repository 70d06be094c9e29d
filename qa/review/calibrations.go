package review

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa"
)

// CalibrationSession is a calibration: one call, several reviewers, compared afterwards.
type CalibrationSession struct {
	ID        int64      `json:"id" db:"id"`
	Leg       string     `json:"leg" db:"leg"`
	AgentName string     `json:"agent_name" db:"agent_name"`
	At        time.Time  `json:"at" db:"at"`
	OpenedBy  string     `json:"opened_by" db:"opened_by" doc:"Name."`
	OpenedAt  time.Time  `json:"opened_at" db:"opened_at"`
	ClosedAt  *time.Time `json:"closed_at" db:"closed_at"`
	Note      string     `json:"note" db:"note"`
	Joined    int        `json:"joined" db:"joined" doc:"Reviewers who have begun."`
	Done      int        `json:"done" db:"done"`
	Mine      string     `json:"mine" db:"mine" enum:",claimed,done" doc:"The viewer's own part."`
}

// ComparedCalibration is a session's answers, person beside person.
type ComparedCalibration struct {
	CalibrationSession
	Answers []ComparedAnswer `json:"answers"`
}

// ComparedAnswer is what one reviewer answered to one question.
type ComparedAnswer struct {
	Question string `json:"question" db:"question"`
	By       string `json:"by" db:"by" doc:"Name."`
	Value    string `json:"value" db:"value"`
	Note     string `json:"note" db:"note"`
}

const sessionRows = `select c.id, s.leg, coalesce(a.name, '') as agent_name, s.at, coalesce(u.name, c.opened_by) as opened_by, c.opened_at, c.closed_at, c.note,
		(select count(*) from reviews r where r.session_id = c.id and r.state in ('claimed', 'done')) as joined,
		(select count(*) from reviews r where r.session_id = c.id and r.state = 'done') as done,
		coalesce((select r.state from reviews r where r.session_id = c.id and r.reviewer = @me and r.state in ('claimed', 'done') limit 1), '') as mine
	from calibrations c join scores s on s.id = c.score_id left join users a on a.id = s.agent_id left join users u on u.id = c.opened_by
	where `

// OpenSession begins a calibration of a call.
func (s *Store) OpenSession(ctx context.Context, v Viewer, leg id.LegID, note string) (session int64, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		h, err := lock(ctx, tx, v, leg)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `insert into calibrations (score_id, opened_by, note) select $1, $2, $3
			where not exists (select from calibrations where score_id = $1 and closed_at is null) returning id`, h.id, v.ID, note).Scan(&session)
		if errors.Is(err, pgx.ErrNoRows) {
			return refuse("taken", "there is an open calibration of this call already: take part in it")
		}
		if err != nil {
			return err
		}
		return qa.Note(ctx, tx, leg, v.ID, "calibration_opened", map[string]any{"session": session})
	})
	if err != nil {
		return 0, fmt.Errorf("open a calibration of %s: %w", leg, err)
	}
	return session, nil
}

// Sessions lists calibrations in the viewer's scope, the newest first.
func (s *Store) Sessions(ctx context.Context, v Viewer) ([]CalibrationSession, error) {
	args := pgx.NamedArgs{"me": v.ID}
	return collect[CalibrationSession](ctx, s.pool, sessionRows+v.Reach("s.agent_id", args)+` order by c.id desc limit 100`, args)
}

// Compare shows what each reviewer answered: once the session is closed, or to those who have done their own part.
func (s *Store) Compare(ctx context.Context, v Viewer, session int64) (ComparedCalibration, error) {
	args := pgx.NamedArgs{"me": v.ID, "session": session}
	found, err := collect[CalibrationSession](ctx, s.pool, sessionRows+v.Reach("s.agent_id", args)+` and c.id = @session`, args)
	if err != nil {
		return ComparedCalibration{}, fmt.Errorf("read the calibration %d: %w", session, err)
	}
	if len(found) == 0 {
		return ComparedCalibration{}, ErrNotFound
	}
	out := ComparedCalibration{CalibrationSession: found[0], Answers: []ComparedAnswer{}}
	if out.ClosedAt == nil && out.Mine != "done" {
		return ComparedCalibration{}, refuse("blind", "finish your own part first, or wait until the calibration is closed")
	}
	out.Answers, err = collect[ComparedAnswer](ctx, s.pool, `select distinct on (a.question, a.by) a.question, coalesce(u.name, a.by) as by, a.value, a.note
		from score_answers a join reviews r on r.id = a.review_id left join users u on u.id = a.by
		where r.session_id = $1 and r.state = 'done' order by a.question, a.by, a.id desc`, session)
	if err != nil {
		return ComparedCalibration{}, fmt.Errorf("compare the answers of the calibration %d: %w", session, err)
	}
	return out, nil
}

// CloseSession ends a calibration; parts that are not done count no longer.
func (s *Store) CloseSession(ctx context.Context, v Viewer, session int64) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		args := pgx.NamedArgs{"session": session}
		var leg id.LegID
		err := tx.QueryRow(ctx, `update calibrations c set closed_at = now() from scores s where s.id = c.score_id and c.id = @session and c.closed_at is null
			and `+v.Reach("s.agent_id", args)+` returning s.leg`, args).Scan(&leg)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update reviews set state = 'dropped' where session_id = $1 and state = 'claimed'`, session); err != nil {
			return err
		}
		return qa.Note(ctx, tx, leg, v.ID, "calibration_closed", map[string]any{"session": session})
	})
	if err != nil {
		return fmt.Errorf("close the calibration %d: %w", session, err)
	}
	return nil
}
