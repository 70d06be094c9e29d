package recording

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
)

// Comment is what somebody wrote to a moment of a recording.
type Comment struct {
	ID      int64      `db:"id"`
	At      int64      `db:"at_ms"` // milliseconds since the beginning of the recording
	User    id.AgentID `db:"user_id"`
	Name    string     `db:"user_name"`
	Body    string     `db:"body"`
	Created time.Time  `db:"created_at"`
	Edited  *time.Time `db:"edited_at"`
}

// commentColumns want the comment as c and its writer as u.
const commentColumns = `c.id, c.at_ms, c.user_id, coalesce(u.name, '') as user_name, c.body, c.created_at, c.edited_at`

// Comments returns the comments of a recording in the order of its time.
func (s *Store) Comments(ctx context.Context, leg id.LegID) ([]Comment, error) {
	rows, err := s.pool.Query(ctx, `select `+commentColumns+` from recording_comments c left join users u on u.id = c.user_id
		where c.leg = $1 order by c.at_ms, c.id`, leg)
	if err != nil {
		return nil, fmt.Errorf("read comments on %s: %w", leg, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Comment])
	if err != nil {
		return nil, fmt.Errorf("read comments on %s: %w", leg, err)
	}
	return all, nil
}

// AddComment pins a comment to a moment of a recording that can be heard. Another recording has ErrNotFound, and so has a
// moment after its end.
func (s *Store) AddComment(ctx context.Context, leg id.LegID, user id.AgentID, at time.Duration, body string) (Comment, error) {
	rows, err := s.pool.Query(ctx, `with c as (
			insert into recording_comments (leg, at_ms, user_id, body)
			select r.leg, $2, $3, $4 from recordings r where r.leg = $1 and r.state in ('finished', 'stored') and $2 <= r.duration_ms
			returning *)
		select `+commentColumns+` from c left join users u on u.id = c.user_id`, leg, at.Milliseconds(), user, body)
	return oneComment(rows, err, leg)
}

// EditComment changes the words of a comment, if it is the user's own; otherwise it returns ErrNotFound.
func (s *Store) EditComment(ctx context.Context, leg id.LegID, comment int64, user id.AgentID, body string) (Comment, error) {
	rows, err := s.pool.Query(ctx, `with c as (
			update recording_comments set body = $4, edited_at = now() where leg = $1 and id = $2 and user_id = $3 returning *)
		select `+commentColumns+` from c left join users u on u.id = c.user_id`, leg, comment, user, body)
	return oneComment(rows, err, leg)
}

// DeleteComment removes a comment, if it is the user's own; otherwise it returns ErrNotFound.
func (s *Store) DeleteComment(ctx context.Context, leg id.LegID, comment int64, user id.AgentID) error {
	tag, err := s.pool.Exec(ctx, `delete from recording_comments where leg = $1 and id = $2 and user_id = $3`, leg, comment, user)
	if err != nil {
		return fmt.Errorf("delete a comment on %s: %w", leg, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return nil
}

func oneComment(rows pgx.Rows, err error, leg id.LegID) (Comment, error) {
	if err != nil {
		return Comment{}, fmt.Errorf("write a comment on %s: %w", leg, err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Comment])
	if errors.Is(err, pgx.ErrNoRows) {
		return Comment{}, ErrNotFound
	}
	if err != nil {
		return Comment{}, fmt.Errorf("write a comment on %s: %w", leg, err)
	}
	return c, nil
}
