package recording

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/recording/evidence"
)

// ErrNotFound means that the catalogue has no such recording, or that it has no sound (yet).
// It is also fs.ErrNotExist.
var ErrNotFound = fmt.Errorf("there is no such recording: %w", fs.ErrNotExist)

// Store is the catalogue of recordings.
type Store struct {
	pool *pgxpool.Pool
	dir  string
}

// NewStore keeps the catalogue of the recordings folder in the database.
func NewStore(pool *pgxpool.Pool, dir string) *Store { return &Store{pool: pool, dir: dir} }

// State of a recording.
type State string

const (
	StateExpected State = "expected" // owed: being recorded, or waiting to be finished
	StateWriting  State = "writing"
	StateFinished State = "finished" // one file, still local
	StateStored   State = "stored"   // sealed and proved in the blob store
	StateFailed   State = "failed"
	StateRefused  State = "refused" // nothing is owed: the caller, the flow or the queue allowed no recording
	StateErased   State = "erased"  // thrown away: the row says that there was one
)

// Expected is what an answered leg owes.
type Expected struct {
	Leg     id.LegID
	Call    id.CallID
	Agent   id.AgentID
	Started time.Time // when the agent answered
	Refused string    // caller, flow or queue when one of them allowed no recording
}

// Recording is a row of the catalogue.
type Recording struct {
	Leg        id.LegID   `db:"leg"`
	Call       id.CallID  `db:"call_id"`
	Agent      id.AgentID `db:"agent_id"`
	State      State      `db:"state"`
	Reason     string     `db:"reason"` // why it failed
	Started    time.Time  `db:"started_at"`
	DurationMS int64      `db:"duration_ms"`
	SHA256     string     `db:"sha256"`
	Path       string     `db:"path"` // within the recordings folder
	Bytes      int64      `db:"bytes"`
	Parts      []Part     `db:"parts"`
}

const columns = `leg, call_id, agent_id, state, reason, started_at, duration_ms, sha256, path, bytes, parts`

// DB is a transaction or a pool.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Expect makes the row of a recording, in the transaction of the fact that it follows from. The last word counts until
// something was finished: after a controller died, the same leg may be answered again, in another queue.
func Expect(ctx context.Context, tx DB, e Expected) error {
	return expect(ctx, tx, e, `do update set agent_id = $3, state = $4, reason = $5, started_at = $6, ended_at = null
		where recordings.state in ('expected', 'refused', 'failed')`)
}

// Ensure makes the row of a recording whose beginning nobody noted, since the controller died at that moment. It changes
// nothing when there is one.
func Ensure(ctx context.Context, tx DB, e Expected) error { return expect(ctx, tx, e, `do nothing`) }

func expect(ctx context.Context, tx DB, e Expected, otherwise string) error {
	state := StateExpected
	if e.Refused != "" {
		state = StateRefused
	}
	_, err := tx.Exec(ctx, `
		insert into recordings (leg, call_id, agent_id, state, reason, started_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (leg) `+otherwise, e.Leg, e.Call, e.Agent, state, e.Refused, e.Started)
	if err != nil {
		return fmt.Errorf("expect recording of %s: %w", e.Leg, err)
	}
	return nil
}

// Ended notes when a leg was over, and with it a pause that lasted, and returns the state of its row.
func Ended(ctx context.Context, tx DB, leg id.LegID, at time.Time) (state State, err error) {
	err = tx.QueryRow(ctx, `update recordings set ended_at = coalesce(ended_at, $2) where leg = $1 returning state`, leg, at).Scan(&state)
	if err == nil {
		err = endPauses(ctx, tx, leg)
	}
	if err != nil {
		return "", fmt.Errorf("end recording of %s: %w", leg, err)
	}
	return state, nil
}

// Made is what a recording that was finished is made of.
func (s *Store) Made(ctx context.Context, leg id.LegID) (parts []Part, done bool, err error) {
	r, err := s.Get(ctx, leg)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case r.State == StateErased:
		return nil, false, ErrErased
	}
	return r.Parts, r.State == StateFinished || r.State == StateStored, nil
}

// Finished stores what Finish made, and enters it into the chain of evidence. Said twice, it stores the same; of a recording
// that was stored meanwhile it changes nothing, and of one that was thrown away it returns ErrErased.
func (s *Store) Finished(ctx context.Context, r Result) error {
	peaks, err := r.Peaks.MarshalBinary()
	if err != nil {
		return fmt.Errorf("store recording of %s: %w", r.Leg, err)
	}
	parts, err := json.Marshal(append([]Part{}, r.Parts...))
	if err != nil {
		return fmt.Errorf("store recording of %s: %w", r.Leg, err)
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, finishedSQL, r.Leg, r.Call, r.Agent, r.Started, r.Duration.Milliseconds(), r.SHA256, r.Path, r.Bytes, peaks, parts)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return s.settled(ctx, tx, r.Leg)
		}
		return evidence.Finished(ctx, tx, r.Leg)
	})
	if err != nil {
		return fmt.Errorf("store recording of %s: %w", r.Leg, err)
	}
	return nil
}

// ErrErased means that the recording was thrown away meanwhile, so that its file must go.
var ErrErased = errors.New("the recording was thrown away")

// settled says whether a row that cannot be finished is that of a recording that was thrown away.
func (s *Store) settled(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
	var state State
	err := tx.QueryRow(ctx, `select state from recordings where leg = $1`, leg).Scan(&state)
	if err == nil && state == StateErased {
		return ErrErased
	}
	return err
}

const finishedSQL = `
	insert into recordings (leg, call_id, agent_id, state, started_at, duration_ms, sha256, path, bytes, peaks, parts)
	values ($1, $2, $3, 'finished', $4, $5, $6, $7, $8, $9, $10)
	on conflict (leg) do update set state = 'finished', reason = '', agent_id = $3, started_at = $4, duration_ms = $5,
		sha256 = $6, path = $7, bytes = $8, peaks = $9, parts = $10
	where recordings.state not in ('stored', 'erased')`

// Failed notes, for people, why an expected recording will not come.
func (s *Store) Failed(ctx context.Context, leg id.LegID, reason string) error {
	_, err := s.pool.Exec(ctx, `update recordings set state = 'failed', reason = $2 where leg = $1 and state not in ('finished', 'stored', 'refused', 'erased')`, leg, reason)
	if err != nil {
		return fmt.Errorf("mark recording of %s failed: %w", leg, err)
	}
	return nil
}

// Get returns the recording of a leg, or ErrNotFound.
func (s *Store) Get(ctx context.Context, leg id.LegID) (Recording, error) {
	rows, err := s.pool.Query(ctx, `select `+columns+` from recordings where leg = $1`, leg)
	if err != nil {
		return Recording{}, fmt.Errorf("get recording of %s: %w", leg, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Recording])
	if errors.Is(err, pgx.ErrNoRows) {
		return Recording{}, ErrNotFound
	}
	if err != nil {
		return Recording{}, fmt.Errorf("get recording of %s: %w", leg, err)
	}
	return r, nil
}

// Filter narrows a list. Zero fields do not.
type Filter struct {
	Agent id.AgentID
	Team  string // of the agent, now
	Call  id.CallID
	State State
	From  time.Time // started at or after
	To    time.Time // started before
}

// Page is a part of a list.
type Page struct {
	After string // what List returned as next; empty for the beginning
	Limit int    // at most 200; 50 when 0
}

// List returns recordings, the newest first, and where the next page begins ("" at the end).
func (s *Store) List(ctx context.Context, f Filter, p Page) (list []Recording, next string, err error) {
	limit := min(max(p.Limit, 0), 200)
	if limit == 0 {
		limit = 50
	}
	var where []string
	args := pgx.NamedArgs{"limit": limit + 1}
	narrow := func(set bool, condition, name string, value any) {
		if set {
			where, args[name] = append(where, condition), value
		}
	}
	narrow(f.Agent != "", "agent_id = @agent", "agent", f.Agent)
	narrow(f.Team != "", "agent_id in (select id from users where team_id = @team)", "team", f.Team)
	narrow(f.Call != "", "call_id = @call", "call", f.Call)
	narrow(f.State != "", "state = @state", "state", f.State)
	narrow(!f.From.IsZero(), "started_at >= @from", "from", f.From)
	narrow(!f.To.IsZero(), "started_at < @to", "to", f.To)
	if p.After != "" {
		at, leg, err := parseCursor(p.After)
		if err != nil {
			return nil, "", err
		}
		narrow(true, "(started_at, leg) < (@at, @leg)", "at", at)
		args["leg"] = leg
	}
	query := `select ` + columns + ` from recordings`
	if len(where) > 0 {
		query += ` where ` + strings.Join(where, " and ")
	}
	rows, err := s.pool.Query(ctx, query+` order by started_at desc, leg desc limit @limit`, args)
	if err != nil {
		return nil, "", fmt.Errorf("list recordings: %w", err)
	}
	list, err = pgx.CollectRows(rows, pgx.RowToStructByName[Recording])
	if err != nil {
		return nil, "", fmt.Errorf("list recordings: %w", err)
	}
	if len(list) > limit {
		list = list[:limit]
		last := list[limit-1]
		next = last.Started.UTC().Format(time.RFC3339Nano) + "~" + string(last.Leg)
	}
	return list, next, nil
}

// ErrCursor means that Page.After is not what List returned.
var ErrCursor = errors.New("the page does not exist")

func parseCursor(s string) (time.Time, string, error) {
	at, leg, ok := strings.Cut(s, "~")
	t, err := time.Parse(time.RFC3339Nano, at)
	if !ok || err != nil {
		return time.Time{}, "", ErrCursor
	}
	return t, leg, nil
}

// Peaks returns the waveform of a finished recording.
func (s *Store) Peaks(ctx context.Context, leg id.LegID) (Peaks, error) {
	var data []byte
	err := s.pool.QueryRow(ctx, `select peaks from recordings where leg = $1 and state in ('finished', 'stored')`, leg).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return Peaks{}, ErrNotFound
	}
	if err != nil {
		return Peaks{}, fmt.Errorf("read peaks of %s: %w", leg, err)
	}
	var p Peaks
	if err := p.UnmarshalBinary(data); err != nil {
		return Peaks{}, fmt.Errorf("read peaks of %s: %w", leg, err)
	}
	return p, nil
}
