package trial

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/qa"
	"hotline/qa/book"
	"hotline/qa/review"
	"hotline/qa/rule"
)

// Store keeps trials, and what people said of their examples.
type Store struct {
	pool    *pgxpool.Pool
	quality *qa.Store
}

// NewStore is over the pool.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool, quality: qa.NewStore(pool)} }

// ErrNotFound means that there is no such thing, or none that the viewer's scope covers.
var ErrNotFound = qa.ErrNotFound

func refuse(code, why string, args ...any) error {
	return &review.Refusal{Code: code, Why: fmt.Sprintf(why, args...)}
}

// State of a trial.
type State string

// The states.
const (
	Waiting State = "waiting"
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
	Stopped State = "stopped"
)

// Trial is one run of a draft over past calls.
type Trial struct {
	ID        int64      `json:"id" db:"id"`
	State     State      `json:"state" db:"state" enum:"waiting,running,done,failed,stopped"`
	Reason    string     `json:"reason" db:"reason" doc:"Why it failed, or is tried again."`
	Rule      string     `json:"rule" db:"rule" doc:"The one rule that is tried; empty for all."`
	QueueID   string     `json:"queue_id" db:"queue_id" doc:"Calls of this queue alone."`
	Since     *time.Time `json:"since" db:"since" doc:"Calls from then on."`
	Before    time.Time  `json:"before" db:"before"`
	Most      int        `json:"most" db:"most" doc:"At most so many calls, the newest first."`
	Total     *int       `json:"total" db:"total" doc:"Calls to be judged; null until they are counted."`
	Done      int        `json:"done" db:"done"`
	Unread    int        `json:"unread" db:"unread" doc:"Calls whose transcript could not be read."`
	Live      int        `json:"live" db:"live" doc:"The version that the draft is compared with."`
	Draft     bool       `json:"draft" db:"draft" doc:"The draft is still as it was tried."`
	Version   int        `json:"version" db:"version" doc:"What became of it, when it went live; else 0."`
	By        string     `json:"by" db:"by"`
	Name      string     `json:"name" db:"name"`
	CreatedAt time.Time  `json:"created_at" db:"created_at"`
	EndedAt   *time.Time `json:"ended_at" db:"ended_at"`
}

const trialSelect = `select t.id, t.state, t.reason, t.rule, t.queue_id, t.since, t.before, t.most, t.total, t.done, t.unread, t.live,
		exists (select from rule_books b where b.state = 'draft' and b.yaml = t.yaml) as draft,
		coalesce((select max(version) from rule_books b where b.state <> 'draft' and b.yaml = t.yaml), 0) as version,
		t.by, coalesce(u.name, t.by) as name, t.created_at, t.ended_at
	from rule_trials t left join users u on u.id = t.by `

// Choice is what is tried, and on which calls.
type Choice struct {
	Rule  string    // empty: all
	Queue string    // empty: all
	Since time.Time // zero: as far back as Most goes
	Most  int       // calls, the newest first
}

// Kept is how many trials there are at most: when another begins, the oldest are thrown away. What people said stays.
const Kept = 20

// Start begins a trial of the draft. put has the job put in that runs it, in the same transaction.
func (s *Store) Start(ctx context.Context, c Choice, by string, now time.Time, put func(ctx context.Context, tx pgx.Tx, trial int64) error) (Trial, error) {
	live, err := s.quality.LiveBook(ctx)
	if err != nil {
		return Trial{}, err
	}
	draft, err := s.quality.Books().Draft(ctx)
	if errors.Is(err, ErrNotFound) {
		return Trial{}, refuse("no_draft", "there is no draft to try: save a draft of the rule book first")
	}
	if err != nil {
		return Trial{}, err
	}
	if c.Rule != "" {
		b, faults := bookOf(draft.YAML)
		if len(faults) > 0 {
			return Trial{}, &qa.FaultyBook{Faults: faults}
		}
		if b.Print(c.Rule) == "" && live.Book.Print(c.Rule) == "" {
			return Trial{}, refuse("no_rule", "neither the draft nor the live rules have a rule %q: choose another", c.Rule)
		}
	}
	var trial int64
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `delete from rule_trials where id <= (select id from rule_trials order by id desc offset $1 limit 1)
			and state not in ('waiting', 'running')`, Kept-1); err != nil {
			return err
		}
		var since *time.Time
		if !c.Since.IsZero() {
			since = &c.Since
		}
		err := tx.QueryRow(ctx, `insert into rule_trials (yaml, live, rule, queue_id, since, before, most, state, by) values ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8) returning id`,
			draft.YAML, live.Version, c.Rule, c.Queue, since, now, c.Most, by).Scan(&trial)
		if err != nil {
			return err
		}
		return put(ctx, tx, trial)
	})
	if err != nil {
		return Trial{}, fmt.Errorf("begin a trial of the rules: %w", err)
	}
	return s.Trial(ctx, trial)
}

func bookOf(yaml string) (*rule.Book, []book.Fault) {
	file, faults := book.Parse([]byte(yaml))
	if len(faults) > 0 {
		return nil, faults
	}
	b, _ := rule.NewBook(file.Rules) // Parse has found every fault
	return b, nil
}

// Trials lists the trials, the newest first.
func (s *Store) Trials(ctx context.Context) ([]Trial, error) {
	rows, err := s.pool.Query(ctx, trialSelect+`order by t.id desc`)
	if err != nil {
		return nil, fmt.Errorf("list the trials of rules: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Trial])
}

// Trial returns one.
func (s *Store) Trial(ctx context.Context, trial int64) (Trial, error) {
	rows, err := s.pool.Query(ctx, trialSelect+`where t.id = $1`, trial)
	if err != nil {
		return Trial{}, fmt.Errorf("read trial %d: %w", trial, err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Trial])
	if errors.Is(err, pgx.ErrNoRows) {
		return Trial{}, ErrNotFound
	}
	return t, err
}

// Stop ends a trial that waits or runs; what it found until then stays.
func (s *Store) Stop(ctx context.Context, trial int64) error {
	tag, err := s.pool.Exec(ctx, `update rule_trials set state = 'stopped', ended_at = now() where id = $1 and state in ('waiting', 'running')`, trial)
	if err == nil && tag.RowsAffected() == 0 {
		if _, err = s.Trial(ctx, trial); err == nil {
			err = refuse("ended", "the trial has ended already")
		}
	}
	if err != nil {
		return fmt.Errorf("stop trial %d: %w", trial, err)
	}
	return nil
}

// judgingOf is what the trial compares.
func (s *Store) judgingOf(ctx context.Context, trial int64) (judging, error) {
	var yaml, only string
	var live int
	err := s.pool.QueryRow(ctx, `select yaml, live, rule from rule_trials where id = $1`, trial).Scan(&yaml, &live, &only)
	if errors.Is(err, pgx.ErrNoRows) {
		return judging{}, ErrNotFound
	}
	if err != nil {
		return judging{}, fmt.Errorf("read the rules of trial %d: %w", trial, err)
	}
	draft, faults := bookOf(yaml)
	if len(faults) > 0 {
		return judging{}, &qa.FaultyBook{Faults: faults}
	}
	with, err := s.quality.BookOf(ctx, live)
	return judging{draft, with.Book, only}, err
}

// Erase removes what trials found in a recording and what was said of it, within the transaction that removes the recording.
// It comes after qa.Erase, which waits for a batch that holds the transcript.
func Erase(ctx context.Context, tx pgx.Tx, leg id.LegID) error {
	for _, sql := range []string{`delete from rule_trial_findings where leg = $1`, `delete from rule_thumbs where leg = $1`} {
		if _, err := tx.Exec(ctx, sql, leg); err != nil {
			return fmt.Errorf("erase the trials of %s: %w", leg, err)
		}
	}
	return nil
}
