package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
)

// Store keeps messages.
type Store struct{ pool *pgxpool.Pool }

// NewStore is over the pool.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// Add adds a message in the caller's transaction and returns its number. It is 0, and nothing is changed, when there is one
// with the key.
func Add(ctx context.Context, tx pgx.Tx, n New) (number int64, err error) {
	err = tx.QueryRow(ctx, `insert into messages (key, channel, recipient, subject, body, about, call_id, expires_at)
		values ($1, $2, $3, $4, $5, $6, nullif($7, ''), $8) on conflict (key) do nothing returning id`,
		n.Key, n.Channel, n.To, n.Subject, n.Body, n.About, n.Call, n.Expires).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("add the message %s: %w", n.Key, err)
	}
	return number, nil
}

const columns = `id, key, channel, recipient, subject, body, about, coalesce(call_id, '') as call, state, attempts, fault, error, receipt,
	created_at, not_before, expires_at, changed_at`

func one(ctx context.Context, tx pgx.Tx, number int64) (Message, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from messages where id = $1 for update`, number)
	if err != nil {
		return Message{}, err
	}
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Message])
	if errors.Is(err, pgx.ErrNoRows) {
		return Message{}, ErrNotFound
	}
	return m, err
}

// Taken is what Take found.
type Taken struct {
	Message
	Go   bool      // it is to be sent now, as attempt number Message.Attempts
	Wait time.Time // it is to be sent then; zero when it is not to be sent at all
}

// Take begins an attempt. repeats says whether a channel's provider knows a message by its key; next, when a message may be
// sent that is to be sent now.
func (s *Store) Take(ctx context.Context, number int64, repeats func(Channel) bool, now, next time.Time) (t Taken, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if t.Message, err = one(ctx, tx, number); err != nil {
			return err
		}
		switch {
		case t.State == Sending && !repeats(t.Channel):
			return settle(ctx, tx, t.Message, Unsure, Failure{Unknown, Unclear, "an attempt broke off, and nobody knows whether it was sent"})
		case t.State != Waiting && t.State != Sending:
			return nil
		case !t.Expires.After(now), !t.Expires.After(next):
			return settle(ctx, tx, t.Message, Failed, Failure{Never, Late, "it came too late to be sent"})
		case next.After(now):
			t.Wait = next
			_, err := tx.Exec(ctx, `update messages set not_before = $2, changed_at = now() where id = $1`, number, next)
			return err
		}
		t.Go = true
		return tx.QueryRow(ctx, `update messages set state = 'sending', attempts = attempts + 1, changed_at = now()
			where id = $1 returning attempts`, number).Scan(&t.Attempts)
	})
	if err != nil {
		return Taken{}, fmt.Errorf("take message %d: %w", number, err)
	}
	return t, nil
}

func settle(ctx context.Context, tx pgx.Tx, m Message, state State, f Failure) error {
	_, err := tx.Exec(ctx, `update messages set state = $2, fault = $3, error = $4, changed_at = now() where id = $1`, m.ID, state, f.Fault, f.Why)
	return err
}

// Ended notes what became of an attempt, and why it failed unless it is sent. What a later attempt or a person has begun
// meanwhile stays.
func (s *Store) Ended(ctx context.Context, m Message, state State, f Failure, receipt string) error {
	_, err := s.pool.Exec(ctx, `update messages set state = $3, fault = $4, error = $5, receipt = $6, changed_at = now(),
			body = case when $3 = 'sent' then '' else body end
		where id = $1 and attempts = $2 and state in ('sending', 'unsure')`, m.ID, m.Attempts, state, f.Fault, f.Why, receipt)
	if err != nil {
		return fmt.Errorf("note what became of message %d: %w", m.ID, err)
	}
	return nil
}

// Again has a message sent once more that failed, or of which nobody knows, and returns how often it was tried. Its job is the
// caller's to put in.
func Again(ctx context.Context, tx pgx.Tx, number int64, now time.Time) (attempts int, err error) {
	m, err := one(ctx, tx, number)
	switch {
	case err != nil:
		return 0, fmt.Errorf("send message %d again: %w", number, err)
	case m.State != Failed && m.State != Unsure:
		return 0, &Refusal{RefusedState, "only a message that failed, or of which nobody knows, is sent again"}
	case m.Body == "" || m.To == "" || !m.Expires.After(now):
		return 0, &Refusal{RefusedGone, "its time is over, or its text is erased: have a new one made"}
	}
	return m.Attempts, settle(ctx, tx, m, Waiting, Failure{})
}

// Stuck are messages that should have gone and whose job is lost: none changed them for so long.
func (s *Store) Stuck(ctx context.Context, quiet time.Duration, most int) ([]int64, error) {
	rows, err := s.pool.Query(ctx, `select id from messages where state in ('waiting', 'sending')
		and greatest(changed_at, not_before) < now() - $1::interval order by changed_at limit $2`, quiet, most)
	if err != nil {
		return nil, fmt.Errorf("look for messages that were left lying: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("look for messages that were left lying: %w", err)
	}
	return found, nil
}

// Forget removes messages that were settled before.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	_, err := s.pool.Exec(ctx, `delete from messages where state in ('sent', 'failed', 'unsure') and created_at < $1`, before)
	if err != nil {
		return fmt.Errorf("forget old messages: %w", err)
	}
	return nil
}

// Erase removes what messages about the leg's call say, and whom they were for.
func Erase(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
	_, err := tx.Exec(ctx, `delete from mailbox where message_id in (select id from messages where call_id = $1)`, leg.Call())
	if err == nil {
		_, err = tx.Exec(ctx, `update messages set recipient = '', subject = '', body = '', receipt = '',
			state = case when state in ('sent', 'unsure') then state else 'failed' end,
			fault = case when state in ('sent', 'unsure') then fault else 'erased' end,
			error = case when state in ('sent', 'unsure') then error else 'it was erased' end, changed_at = now() where call_id = $1`, leg.Call())
	}
	if err != nil {
		return fmt.Errorf("erase the messages about %s: %w", leg.Call(), err)
	}
	return nil
}

// Delivered is a message in the mailbox.
type Delivered struct {
	ID      int64     `db:"message_id"`
	At      time.Time `db:"at"`
	Channel Channel   `db:"channel"`
	To      string    `db:"recipient"`
	Subject string    `db:"subject"`
	Body    string    `db:"body"`
}

// Mailbox is what is in it, the newest first; before is the number of a message to go on after, 0 for the newest.
func (s *Store) Mailbox(ctx context.Context, before int64, most int) ([]Delivered, error) {
	rows, err := s.pool.Query(ctx, `select message_id, at, channel, recipient, subject, body from mailbox
		where $1 = 0 or (at, message_id) < (select at, message_id from mailbox where message_id = $1) order by at desc, message_id desc limit $2`, before, most)
	if err != nil {
		return nil, fmt.Errorf("open the mailbox: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Delivered])
	if err != nil {
		return nil, fmt.Errorf("open the mailbox: %w", err)
	}
	return found, nil
}
