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

// Kind of a review.
type Kind string

// The kinds. Second and Calibration are blind.
const (
	First       Kind = "review"
	Second      Kind = "second"
	Calibration Kind = "calibration"
	appeal      Kind = "appeal" // the answers that a decided appeal changes
)

// Review is one person's look at one score.
type Review struct {
	ID        int64      `json:"id" db:"id"`
	Leg       string     `json:"leg" db:"leg"`
	Reviewer  string     `json:"reviewer" db:"reviewer"`
	Kind      Kind       `json:"kind" db:"kind" enum:"review,second,calibration"`
	State     string     `json:"state" db:"state" enum:"claimed,done,dropped,expired"`
	ClaimedAt time.Time  `json:"claimed_at" db:"claimed_at"`
	ExpiresAt time.Time  `json:"expires_at" db:"expires_at"`
	DoneAt    *time.Time `json:"done_at" db:"done_at"`
}

const reviewColumns = `r.id, s.leg, r.reviewer, r.kind, r.state, r.claimed_at, r.expires_at, r.done_at from reviews r join scores s on s.id = r.score_id `

// ClaimTime is how long a call is kept for whoever claimed it; saving begins it anew.
const ClaimTime = 30 * time.Minute

// Claim gives a call to a reviewer for ClaimTime. Claimed again by the same person it goes on; a review that is done is
// returned as it is.
func (s *Store) Claim(ctx context.Context, v Viewer, leg id.LegID, kind Kind, list List) (r Review, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		h, err := lock(ctx, tx, v, leg)
		if err != nil {
			return err
		}
		if h.agent == v.ID {
			return refuse("own_call", "nobody reviews their own calls: leave it to somebody else")
		}
		r, err = claim(ctx, tx, v, h, kind, list)
		return err
	})
	if err != nil {
		return Review{}, fmt.Errorf("claim %s: %w", leg, err)
	}
	return r, nil
}

func claim(ctx context.Context, tx pgx.Tx, v Viewer, h head, kind Kind, list List) (Review, error) {
	if _, err := tx.Exec(ctx, `update reviews set state = 'expired' where score_id = $1 and state = 'claimed' and expires_at <= now() and reviewer <> $2`, h.id, v.ID); err != nil {
		return Review{}, err
	}
	others, err := collect[Review](ctx, tx, `select `+reviewColumns+`where r.score_id = $1 and r.state in ('claimed', 'done')`, h.id)
	if err != nil {
		return Review{}, err
	}
	first := false
	for _, o := range others {
		if o.Kind == kind && o.Reviewer == v.ID {
			return renew(ctx, tx, o)
		}
		if o.Kind == kind && kind != Calibration {
			return Review{}, refuse("taken", "somebody else reviews or has reviewed it: take another call")
		}
		if o.Kind != appeal && o.Reviewer == v.ID {
			return Review{}, refuse("first_look", "a second look is another person's: leave it to somebody else")
		}
		first = first || o.Kind == First && o.State == "done"
	}
	var session *int64
	if kind == Second && !first {
		return Review{}, refuse("not_decided", "there is no first review yet: do that one")
	}
	if kind == Calibration {
		err := tx.QueryRow(ctx, `select id from calibrations where score_id = $1 and closed_at is null order by id desc limit 1`, h.id).Scan(&session)
		if errors.Is(err, pgx.ErrNoRows) {
			return Review{}, refuse("closed", "there is no open calibration of this call: open one")
		}
		if err != nil {
			return Review{}, err
		}
	}
	var reviewID int64
	err = tx.QueryRow(ctx, `insert into reviews (score_id, reviewer, kind, state, session_id, list, expires_at) values ($1, $2, $3, 'claimed', $4, $5, now() + $6 * interval '1 second')
		returning id`, h.id, v.ID, kind, session, list, ClaimTime.Seconds()).Scan(&reviewID)
	if err != nil {
		return Review{}, err
	}
	if err := qa.Note(ctx, tx, h.leg, v.ID, "claimed", map[string]any{"review": reviewID, "kind": kind, "list": list}); err != nil {
		return Review{}, err
	}
	return one(ctx, tx, reviewID)
}

func one(ctx context.Context, tx pgx.Tx, reviewID int64) (Review, error) {
	found, err := collect[Review](ctx, tx, `select `+reviewColumns+`where r.id = $1`, reviewID)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Review{}, err
	}
	return found[0], nil
}

func renew(ctx context.Context, tx pgx.Tx, r Review) (Review, error) {
	if _, err := tx.Exec(ctx, `update reviews set expires_at = now() + $2 * interval '1 second' where id = $1 and state = 'claimed'`, r.ID, ClaimTime.Seconds()); err != nil {
		return Review{}, err
	}
	return one(ctx, tx, r.ID)
}

// Drop gives a claimed call back. What was said until then stays in the history and does not count.
func (s *Store) Drop(ctx context.Context, v Viewer, reviewID int64) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		r, _, err := claimed(ctx, tx, v, reviewID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update reviews set state = 'dropped' where id = $1`, r.ID); err != nil {
			return err
		}
		return qa.Note(ctx, tx, id.LegID(r.Leg), v.ID, "dropped", map[string]any{"review": r.ID})
	})
	if err != nil {
		return fmt.Errorf("give the review %d back: %w", reviewID, err)
	}
	return nil
}

// claimed is the viewer's own review, which is not done yet, with its score locked.
func claimed(ctx context.Context, tx pgx.Tx, v Viewer, reviewID int64) (r Review, h head, err error) {
	if r, err = one(ctx, tx, reviewID); err != nil {
		return r, h, err
	}
	if r.Reviewer != v.ID {
		return r, h, ErrNotFound
	}
	if h, err = lock(ctx, tx, v, id.LegID(r.Leg)); err != nil {
		return r, h, err
	}
	// Read again behind the lock: it may have been taken by somebody else after it ran out.
	if r, err = one(ctx, tx, reviewID); err != nil {
		return r, h, err
	}
	if r.State != "claimed" {
		return r, h, refuse("not_claimed", "the review is %s: claim the call again", r.State)
	}
	return r, h, nil
}
