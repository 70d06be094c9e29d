package qa

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/qa/rule"
)

var (
	// ErrNotFound means that there is no such thing.
	ErrNotFound = errors.New("there is no such thing")
	// ErrLate means that another attempt has begun meanwhile, so this one must write nothing.
	ErrLate = errors.New("another attempt has begun")
)

// Store keeps transcripts, findings and books of rules.
type Store struct {
	pool         *pgxpool.Pool
	books        sync.Map // Live, by version
	dictionaries sync.Map // LiveDictionary, by version
	mining       chan struct{}
}

// NewStore is over the pool.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool, mining: make(chan struct{}, 1)} }

// State of a transcript.
type State string

// The states. A transcript that waits or failed says why.
const (
	StateWaiting State = "waiting"
	StateRunning State = "running"
	StateDone    State = "done"
	StateFailed  State = "failed"
)

// Source is the recording that is transcribed.
type Source struct {
	Leg     id.LegID
	Call    id.CallID
	Agent   id.AgentID
	Started time.Time
}

// Owe notes that a recording is to be transcribed, and says whether that is still to be done.
func (s *Store) Owe(ctx context.Context, tx pgx.Tx, src Source) (open bool, err error) {
	err = tx.QueryRow(ctx, `insert into transcripts (leg, call_id, agent_id, queue_id, started_at, state)
		values ($1, $2, $3, (select queue_id from calls where id = $2), $4, 'waiting')
		on conflict (leg) do update set leg = excluded.leg returning state <> 'done'`,
		src.Leg, src.Call, src.Agent, src.Started).Scan(&open)
	if err != nil {
		return false, fmt.Errorf("owe a transcript of %s: %w", src.Leg, err)
	}
	return open, nil
}

// Missing returns recordings that are finished and of which no transcript is owed, the newest first: those from before there was
// one, or that were put in by hand.
func (s *Store) Missing(ctx context.Context, most int) ([]id.LegID, error) {
	rows, err := s.pool.Query(ctx, `select leg from recordings r where state in ('finished', 'stored')
		and not exists (select from transcripts t where t.leg = r.leg) order by started_at desc limit $1`, most)
	if err != nil {
		return nil, fmt.Errorf("find recordings without a transcript: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[id.LegID])
}

// Begin starts an attempt, which makes earlier ones late, and returns its number.
func (s *Store) Begin(ctx context.Context, src Source) (attempt int, err error) {
	err = s.pool.QueryRow(ctx, `insert into transcripts (leg, call_id, agent_id, queue_id, started_at, state, attempt)
		values ($1, $2, $3, (select queue_id from calls where id = $2), $4, 'running', 1)
		on conflict (leg) do update set state = 'running', attempt = transcripts.attempt + 1, since = now(), reason = ''
		returning attempt`, src.Leg, src.Call, src.Agent, src.Started).Scan(&attempt)
	if err != nil {
		return 0, fmt.Errorf("begin the transcript of %s: %w", src.Leg, err)
	}
	return attempt, nil
}

// Set says, for people, why a transcript waits or will not come. One that is done stays as it is.
func (s *Store) Set(ctx context.Context, leg id.LegID, state State, reason string) error {
	_, err := s.pool.Exec(ctx, `update transcripts set state = $2, reason = $3, since = now() where leg = $1 and state <> 'done'`, leg, state, reason)
	if err != nil {
		return fmt.Errorf("note the state of the transcript of %s: %w", leg, err)
	}
	return nil
}

// Result is what was made of a recording.
type Result struct {
	Source
	Attempt    int
	Model      string
	Took       time.Duration
	Transcript rule.Transcript // masked
	Masked     int             // digits
	Book       int             // version of the rules
	Findings   []rule.Finding
}

// Save writes a result, and what else belongs to it, in one transaction. It returns ErrLate for an attempt that another one
// has overtaken.
func (s *Store) Save(ctx context.Context, r Result, also func(context.Context, pgx.Tx) error) error {
	data, err := Pack(r.Transcript)
	if err != nil {
		return err
	}
	agent, caller, unclear := r.spoken()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var queue *string
		err := tx.QueryRow(ctx, `update transcripts set state = 'done', reason = '', since = now(), made_at = now(), length_ms = $3, model = $4,
				took_ms = $5, agent_ms = $6, caller_ms = $7, unclear_ms = $8, masked = $9, data = $10, book = nullif($11, 0)
			where leg = $1 and attempt = $2 returning queue_id`,
			r.Leg, r.Attempt, r.Transcript.Length, r.Model, r.Took.Milliseconds(), agent, caller, unclear, r.Masked, data, r.Book).Scan(&queue)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrLate
		}
		if err != nil {
			return err
		}
		if err := s.saveLines(ctx, tx, r, queue); err != nil {
			return err
		}
		if err := saveFindings(ctx, tx, r.Source, queue, r.Book, r.Findings); err != nil {
			return err
		}
		if err := s.saveMentions(ctx, tx, r.Source, queue, r.Transcript); err != nil {
			return err
		}
		return also(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("save the transcript of %s: %w", r.Leg, err)
	}
	return nil
}

// spoken is how long each spoke, and how much of that was not understood, in milliseconds.
func (r Result) spoken() (agent, caller, unclear int) {
	for _, s := range r.Transcript.Speech[rule.Agent] {
		agent += s.Length()
	}
	for _, s := range r.Transcript.Speech[rule.Caller] {
		caller += s.Length()
	}
	for _, u := range r.Transcript.Utterances {
		if u.Unclear != "" {
			unclear += u.Length()
		}
	}
	return agent, caller, unclear
}

func (s *Store) saveLines(ctx context.Context, tx pgx.Tx, r Result, queue *string) error {
	if _, err := tx.Exec(ctx, `delete from transcript_lines where leg = $1`, r.Leg); err != nil {
		return err
	}
	said := r.Transcript.Utterances
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"transcript_lines"},
		[]string{"leg", "n", "at", "role", "start_ms", "end_ms", "text", "agent_id", "queue_id"},
		pgx.CopyFromSlice(len(said), func(i int) ([]any, error) {
			u := said[i]
			at := r.Started.Add(time.Duration(u.Start) * time.Millisecond)
			return []any{r.Leg, i, at, u.Role, u.Start, u.End, u.Text(), r.Agent, queue}, nil
		}))
	return err
}

// saveFindings replaces what one version of the rules found in a recording.
func saveFindings(ctx context.Context, tx pgx.Tx, src Source, queue *string, book int, findings []rule.Finding) error {
	if _, err := tx.Exec(ctx, `delete from findings where leg = $1 and book = $2`, src.Leg, book); err != nil {
		return err
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"findings"},
		[]string{"leg", "call_id", "agent_id", "queue_id", "at", "book", "rule", "class", "phrase", "heard", "role", "start_ms", "end_ms", "match", "apart", "value"},
		pgx.CopyFromSlice(len(findings), func(i int) ([]any, error) {
			f := findings[i]
			at := src.Started
			if f.Start != nil {
				at = at.Add(time.Duration(*f.Start) * time.Millisecond)
			}
			return []any{
				src.Leg, src.Call, src.Agent, queue, at, book, f.Rule, f.Class, f.Phrase, f.Heard, f.Role, f.Start, f.End, f.Match,
				float32(f.Apart), float32(f.Value),
			}, nil
		}))
	return err
}

// Transcript returns what a recording says, or ErrNotFound while it is not known.
func (s *Store) Transcript(ctx context.Context, leg id.LegID) (rule.Transcript, error) {
	var data []byte
	err := s.pool.QueryRow(ctx, `select data from transcripts where leg = $1 and state = 'done'`, leg).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return rule.Transcript{}, ErrNotFound
	}
	if err != nil {
		return rule.Transcript{}, fmt.Errorf("read the transcript of %s: %w", leg, err)
	}
	return Unpack(data)
}

// Found is a finding that was stored.
type Found struct {
	ID int64
	rule.Finding
}

// Findings returns what the rules that judged a recording last found in it, in order of time, and the version of those rules;
// what is missing comes first. It returns 0 for a recording that was judged by none.
func (s *Store) Findings(ctx context.Context, leg id.LegID) (book int, all []Found, err error) {
	err = s.pool.QueryRow(ctx, `select coalesce(book, 0) from transcripts where leg = $1`, leg).Scan(&book)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, nil, fmt.Errorf("read the findings in %s: %w", leg, err)
	}
	rows, err := s.pool.Query(ctx, `select id, rule, class, phrase, heard, role, start_ms, end_ms, match, apart, value from findings
		where leg = $1 and book = $2 order by start_ms nulls first, id`, leg, book)
	if err != nil {
		return 0, nil, fmt.Errorf("read the findings in %s: %w", leg, err)
	}
	all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (f Found, err error) {
		err = row.Scan(&f.ID, &f.Rule, &f.Class, &f.Phrase, &f.Heard, &f.Role, &f.Start, &f.End, &f.Match, &f.Apart, &f.Value)
		return f, err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("read the findings in %s: %w", leg, err)
	}
	return book, all, nil
}

// Status is how far a transcript is.
type Status struct {
	State  State     `db:"state"`
	Reason string    `db:"reason"`
	Since  time.Time `db:"since"`
	Model  string    `db:"model"`
	Took   int       `db:"took_ms"`
	Masked int       `db:"masked"`
}

// Status returns how far the transcript of a recording is, or ErrNotFound when none is owed.
func (s *Store) Status(ctx context.Context, leg id.LegID) (Status, error) {
	rows, err := s.pool.Query(ctx, `select state, reason, since, model, took_ms, masked from transcripts where leg = $1`, leg)
	if err != nil {
		return Status{}, fmt.Errorf("read the state of the transcript of %s: %w", leg, err)
	}
	st, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Status])
	if errors.Is(err, pgx.ErrNoRows) {
		return Status{}, ErrNotFound
	}
	return st, err
}

// Backlog is what is still to be transcribed.
type Backlog struct {
	Waiting int        `db:"waiting"`
	Running int        `db:"running"`
	Failed  int        `db:"failed"`
	Oldest  *time.Time `db:"oldest"` // beginning of the oldest recording that waits
	Reason  string     `db:"reason"` // why the one that tried last has to wait
}

// Backlog counts what is still to be transcribed.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	rows, err := s.pool.Query(ctx, `select count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'running') as running,
			count(*) filter (where state = 'failed') as failed, min(started_at) filter (where state in ('waiting', 'running')) as oldest,
			coalesce((select reason from transcripts where state = 'waiting' and reason <> '' order by since desc limit 1), '') as reason
		from transcripts where state <> 'done'`)
	if err != nil {
		return Backlog{}, fmt.Errorf("count what is to be transcribed: %w", err)
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Backlog])
}

// Cost is what transcripts took.
type Cost struct {
	Transcripts int
	Sound, Took time.Duration
}

// Cost adds up what the transcripts made since then took.
func (s *Store) Cost(ctx context.Context, since time.Time) (Cost, error) {
	var c Cost
	var sound, took int64
	err := s.pool.QueryRow(ctx, `select count(*), coalesce(sum(length_ms), 0), coalesce(sum(took_ms), 0) from transcripts where made_at >= $1`, since).
		Scan(&c.Transcripts, &sound, &took)
	if err != nil {
		return Cost{}, fmt.Errorf("add up what transcripts cost: %w", err)
	}
	c.Sound, c.Took = time.Duration(sound)*time.Millisecond, time.Duration(took)*time.Millisecond
	return c, nil
}

// Erase removes everything that was derived from a recording, within the transaction that removes the recording.
func Erase(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
	for _, sql := range []string{
		`delete from mentions where leg = $1`, `delete from findings where leg = $1`, `delete from transcript_lines where leg = $1`, `delete from transcripts where leg = $1`,
	} {
		if _, err := tx.Exec(ctx, sql, leg); err != nil {
			return fmt.Errorf("erase what was derived from %s: %w", leg, err)
		}
	}
	return nil
}

// Ranks are the priorities of jobs that transcribe.
type Ranks struct {
	Flagged, New, Old int
	OldAfter          time.Duration
}

// Rank gives the jobs that wait their priorities: those of calls that the customer was unhappy with first.
func (s *Store) Rank(ctx context.Context, r Ranks) error {
	_, err := s.pool.Exec(ctx, `
		update river_job j set priority = w.priority
		from (select j.id, case
				when exists (select from survey_answers a where a.call_id = split_part(j.args->>'leg', '.', 1)
					and (a.question = 'satisfaction' and a.value <= 2 or a.question = 'recommendation' and a.value <= 6)) then $1::smallint
				when coalesce(t.started_at, j.created_at) > now() - $4 * interval '1 second' then $2::smallint else $3::smallint end as priority
			from river_job j left join transcripts t on t.leg = j.args->>'leg' where j.kind = 'transcribe' and j.state in ('available', 'scheduled', 'retryable')) w
		where w.id = j.id and w.priority <> j.priority`, r.Flagged, r.New, r.Old, r.OldAfter.Seconds())
	if err != nil {
		return fmt.Errorf("put transcripts in order: %w", err)
	}
	return nil
}
