package keep

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/recording"
	"hotline/recording/evidence"
)

// Eraser removes, within the transaction, what a domain has of a recording. Domains do not know one another: cmd/hotline
// lists them.
type Eraser func(ctx context.Context, tx pgx.Tx, leg id.LegID) error

// Store keeps retention rules and holds, and throws recordings away.
type Store struct {
	pool     *pgxpool.Pool
	erasers  []Eraser
	discard  func(ctx context.Context, leg id.LegID) error
	keepDays int
}

// NewStore is over the pool. discard removes the files of a recording that was thrown away; it is called after that is
// certain, may fail, and is then repeated by the worker. keepDays is for how long a recording is kept of which no rule
// speaks; 0 means for ever.
func NewStore(pool *pgxpool.Pool, keepDays int, discard func(context.Context, id.LegID) error, erasers ...Eraser) *Store {
	return &Store{pool: pool, erasers: erasers, discard: discard, keepDays: keepDays}
}

// Why a recording is erased. There is no free text, so that nobody writes a name or a number into the log.
type Why string

// The reasons.
const (
	WhyRequest Why = "request" // of the person who speaks in it
	WhyOrder   Why = "order"   // of a court or an authority
	WhyMistake Why = "mistake" // it should never have been recorded
)

// ErrWhy refuses an unknown reason.
var ErrWhy = errors.New("the reason is request, order or mistake")

// ErrBusy means that the recording is not finished yet.
var ErrBusy = errors.New("the leg is still being recorded, or its recording being finished: try again later")

// ErrLater means that the recording is thrown away and nobody can read it, and that its file goes later: the worker tries
// again.
var ErrLater = errors.New("it is thrown away, but its file is not removed yet")

// HeldError says which holds stand against throwing a recording away.
type HeldError struct {
	Leg   id.LegID
	Holds []Hold
}

func (e *HeldError) Error() string {
	var holds []string
	for _, h := range e.Holds {
		holds = append(holds, fmt.Sprintf("hold %d of %s (%s)", h.ID, h.Owner, h.Reason))
	}
	return fmt.Sprintf("the recording of %s may not be thrown away: %s", e.Leg, strings.Join(holds, ", "))
}

// Erase throws the recording of a leg away, with everything derived from it, for somebody. It returns a *HeldError while
// a hold stands. What was erased before stays so.
func (s *Store) Erase(ctx context.Context, leg id.LegID, why Why, who id.AgentID) error {
	if why != WhyRequest && why != WhyOrder && why != WhyMistake {
		return ErrWhy
	}
	err := s.remove(ctx, leg, evidence.KindErased, string(why), who)
	if err != nil {
		return fmt.Errorf("erase the recording of %s: %w", leg, err)
	}
	return nil
}

func (s *Store) remove(ctx context.Context, leg id.LegID, kind evidence.Kind, why string, who id.AgentID) error {
	var held *HeldError
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var state recording.State
		err := tx.QueryRow(ctx, `select state from recordings where leg = $1 for update`, leg).Scan(&state)
		if errors.Is(err, pgx.ErrNoRows) {
			return recording.ErrNotFound
		}
		if err != nil {
			return err
		}
		switch state {
		case recording.StateErased:
			return nil
		case recording.StateExpected, recording.StateWriting:
			return ErrBusy
		case recording.StateRefused:
			return recording.ErrNotFound
		case recording.StateFinished, recording.StateStored, recording.StateFailed:
		}
		holds, err := holding(ctx, tx, leg)
		if err != nil {
			return err
		}
		if len(holds) > 0 {
			held = &HeldError{leg, holds}
			return held.note(ctx, tx, why, who) // what the holds cover, and that somebody tried, is to stay
		}
		for _, erase := range s.erasers {
			if err := erase(ctx, tx, leg); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `update recordings set state = 'erased', reason = '', peaks = null where leg = $1`, leg); err != nil {
			return err
		}
		if err := audit(ctx, tx, who, string(kind)+"_recording", "recording:"+string(leg), map[string]any{"why": why}); err != nil {
			return err
		}
		return evidence.Gone(ctx, tx, kind, leg, why)
	})
	if err != nil {
		return err
	}
	if held != nil {
		return held
	}
	if err := s.discard(ctx, leg); err != nil {
		return fmt.Errorf("%w: %w", ErrLater, err)
	}
	return nil
}

// note keeps in the log that somebody tried; retention tries every day.
func (e *HeldError) note(ctx context.Context, tx pgx.Tx, why string, who id.AgentID) error {
	if who == "" {
		return nil
	}
	var holds []int64
	for _, h := range e.Holds {
		holds = append(holds, h.ID)
	}
	return audit(ctx, tx, who, "erase_refused", "recording:"+string(e.Leg), map[string]any{"why": why, "holds": holds})
}

// OfCustomer returns the legs of all recordings of a customer's calls that are not erased.
func (s *Store) OfCustomer(ctx context.Context, customer int64) ([]id.LegID, error) {
	rows, err := s.pool.Query(ctx, `select r.leg from recordings r join calls c on c.id = r.call_id
		where c.customer_id = $1 and r.state <> 'erased' order by r.started_at, r.leg`, customer)
	if err != nil {
		return nil, fmt.Errorf("look for the recordings of a customer: %w", err)
	}
	legs, err := pgx.CollectRows(rows, pgx.RowTo[id.LegID])
	if err != nil {
		return nil, fmt.Errorf("look for the recordings of a customer: %w", err)
	}
	return legs, nil
}
