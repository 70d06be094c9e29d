package review

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
)

// CoachingNote is a coaching note, with the clip that it is about.
type CoachingNote struct {
	ID        int64      `json:"id" db:"id"`
	AgentID   string     `json:"agent_id" db:"agent_id"`
	AgentName string     `json:"agent_name" db:"agent_name"`
	Leg       string     `json:"leg" db:"leg" doc:"Empty for a note without a clip."`
	FromMS    *int       `json:"from_ms" db:"from_ms"`
	ToMS      *int       `json:"to_ms" db:"to_ms"`
	Note      string     `json:"note" db:"note"`
	By        string     `json:"by" db:"by" doc:"Name."`
	At        time.Time  `json:"at" db:"at"`
	ReadAt    *time.Time `json:"read_at" db:"read_at"`
}

// NewCoachingNote is a note about a stretch of a call.
type NewCoachingNote struct {
	Leg    string `json:"leg" minLength:"1" maxLength:"120"`
	FromMS int    `json:"from_ms" minimum:"0"`
	ToMS   int    `json:"to_ms" minimum:"1"`
	Note   string `json:"note" minLength:"1" maxLength:"2000"`
}

// AddNote keeps a note for the agent of a call.
func (s *Store) AddNote(ctx context.Context, v Viewer, n NewCoachingNote) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		h, err := lock(ctx, tx, v, id.LegID(n.Leg))
		if err != nil {
			return err
		}
		var length int
		if err := tx.QueryRow(ctx, `select length_ms from scores where id = $1`, h.id).Scan(&length); err != nil {
			return err
		}
		if n.ToMS <= n.FromMS || n.FromMS >= length {
			return refuse("clip", "a clip begins before it ends and lies in the recording, which is %d ms long", length)
		}
		_, err = tx.Exec(ctx, `insert into coaching_notes (agent_id, leg, from_ms, to_ms, note, by) values ($1, $2, $3, $4, $5, $6)`,
			h.agent, n.Leg, n.FromMS, min(n.ToMS, length), n.Note, v.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a coaching note on %s: %w", n.Leg, err)
	}
	return nil
}

// Notes lists the notes of the agents in the viewer's scope, the newest first.
func (s *Store) Notes(ctx context.Context, v Viewer, agent, leg string) ([]CoachingNote, error) {
	args := pgx.NamedArgs{"agent": agent, "leg": leg}
	notes, err := collect[CoachingNote](ctx, s.pool, `select n.id, n.agent_id, coalesce(a.name, '') as agent_name, coalesce(n.leg, '') as leg, n.from_ms, n.to_ms, n.note,
			coalesce(u.name, n.by) as by, n.at, n.read_at
		from coaching_notes n left join users a on a.id = n.agent_id left join users u on u.id = n.by
		where (@agent = '' or n.agent_id = @agent) and (@leg = '' or n.leg = @leg) and `+v.Reach("n.agent_id", args)+` order by n.id desc limit 200`, args)
	if err != nil {
		return nil, fmt.Errorf("list coaching notes: %w", err)
	}
	return notes, nil
}

// ReadNote says that the agent has read a note of their own.
func (s *Store) ReadNote(ctx context.Context, agent string, note int64) error {
	err := s.pool.QueryRow(ctx, `update coaching_notes set read_at = coalesce(read_at, now()) where id = $1 and agent_id = $2 returning id`, note, agent).Scan(&note)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("note that the coaching note %d was read: %w", note, err)
	}
	return nil
}
