package surveylink

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/ivr/survey"
)

// Follower knows what follows an answer, in the transaction that stores it: FollowUp makes a task of one that is low enough.
type Follower interface {
	FollowUp(ctx context.Context, tx pgx.Tx, call id.CallID, survey, question string, value int, at time.Time) error
	// Answered is told of each answer, also where it is none, and whether it was the last.
	Answered(ctx context.Context, tx pgx.Tx, call id.CallID, over bool, at time.Time) error
}

// Store keeps links.
type Store struct{ pool *pgxpool.Pool }

// NewStore is over the pool.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// The refusals.
var (
	ErrUnknown  = errors.New("there is no such link")
	ErrExpired  = errors.New("the link's time is over")
	ErrAnswered = errors.New("the survey was answered already")
	// ErrMoved means that the question is not one that can be answered now: the reader answered in another window.
	ErrMoved = errors.New("the question is not asked now")
)

// New is a link to be made.
type New struct {
	Call     id.CallID // that it follows, or a made-up one
	Survey   string
	Version  string
	Campaign string // "" for none
	Lang     survey.Lang
	Expires  time.Time
}

const tokenBytes = 16

// tokenLength is that of a token as text.
var tokenLength = base64.RawURLEncoding.EncodedLen(tokenBytes)

// Make makes a link in the caller's transaction, notes that the customer was asked, and returns its token. The token is "", and
// nothing is changed, when the customer of the call was asked the survey before.
func Make(ctx context.Context, tx pgx.Tx, n New, now time.Time) (string, error) {
	raw := make([]byte, tokenBytes)
	_, _ = rand.Read(raw) // never fails
	token := base64.RawURLEncoding.EncodeToString(raw)
	tag, err := tx.Exec(ctx, `insert into survey_offers (call_id, survey, version, way, campaign, queue_id, agent_id, offered_at, occasion)
		select $1, $2, $3, 'link', $4, coalesce(c.queue_id, ''), coalesce(c.agent_id, ''), $5, case when $4 = '' then 'link' else '' end
		from (select) one left join calls c on c.id = $1 on conflict do nothing`, n.Call, n.Survey, n.Version, n.Campaign, now)
	if err == nil && tag.RowsAffected() == 1 {
		tag, err = tx.Exec(ctx, `insert into survey_links (token_hash, call_id, survey, version, campaign, lang, made_at, expires_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (call_id, survey) do nothing`,
			hash(token), n.Call, n.Survey, n.Version, n.Campaign, n.Lang, now, n.Expires)
	}
	if err != nil {
		return "", fmt.Errorf("make a link for %s: %w", n.Call, err)
	}
	if tag.RowsAffected() == 0 {
		return "", nil
	}
	return token, nil
}

func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Link is one with what was answered.
type Link struct {
	Call     id.CallID
	Survey   string
	Version  string
	Campaign string
	Lang     survey.Lang
	Answers  map[string]int
	Skipped  []string
}

type row struct {
	ID       int64       `db:"id"`
	Call     id.CallID   `db:"call_id"`
	Survey   string      `db:"survey"`
	Version  string      `db:"version"`
	Campaign string      `db:"campaign"`
	Lang     survey.Lang `db:"lang"`
	Skipped  []string    `db:"skipped"`
	Opened   *time.Time  `db:"opened_at"`
	Finished *time.Time  `db:"finished_at"`
	Expires  time.Time   `db:"expires_at"`
}

// find reads the link, and locks it, so that two windows answer one after the other. What was answered is refused as such even
// when its time is over as well.
func find(ctx context.Context, tx pgx.Tx, token string, now time.Time) (row, Link, error) {
	if len(token) != tokenLength {
		return row{}, Link{}, ErrUnknown
	}
	rows, err := tx.Query(ctx, `select id, call_id, survey, version, campaign, lang, skipped, opened_at, finished_at, expires_at
		from survey_links where token_hash = $1 for update`, hash(token))
	if err != nil {
		return row{}, Link{}, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[row])
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return r, Link{}, ErrUnknown
	case err != nil:
		return r, Link{}, err
	}
	l := Link{Call: r.Call, Survey: r.Survey, Version: r.Version, Campaign: r.Campaign, Lang: r.Lang, Answers: map[string]int{}, Skipped: r.Skipped}
	switch {
	case r.Finished != nil:
		return r, l, ErrAnswered
	case !r.Expires.After(now):
		return r, l, ErrExpired
	}
	answers, err := tx.Query(ctx, `select question, value from survey_answers where call_id = $1 and survey = $2`, r.Call, r.Survey)
	if err != nil {
		return r, l, err
	}
	var question string
	var value int
	_, err = pgx.ForEachRow(answers, []any{&question, &value}, func() error {
		l.Answers[question] = value
		return nil
	})
	return r, l, err
}

// Open finds the link of a token. With a refusal comes the link all the same, for its language, unless it is unknown.
func (s *Store) Open(ctx context.Context, token string, now time.Time) (l Link, err error) {
	var refused error
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var r row
		r, l, err = find(ctx, tx, token, now)
		if errors.Is(err, ErrUnknown) || errors.Is(err, ErrAnswered) || errors.Is(err, ErrExpired) {
			refused = err
			return nil
		}
		if err != nil || r.Opened != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update survey_links set opened_at = $2 where id = $1`, r.ID, now)
		return err
	})
	if err != nil {
		return l, fmt.Errorf("open a link: %w", err)
	}
	return l, refused
}

// Given is an answer as it was given.
type Given struct {
	Token    string
	Question string
	Value    int
	Skip     bool // the reader goes on without an answer
}

// Answer stores an answer, with what follows from it, and reports whether it was the last. Answers that another one takes off
// the reader's path are withdrawn.
func (s *Store) Answer(ctx context.Context, def *survey.Survey, g Given, follow Follower, now time.Time) (over bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		r, l, err := find(ctx, tx, g.Token, now)
		if err != nil {
			return err
		}
		asked, next := def.Path(l.Answers, l.Skipped)
		at := slices.IndexFunc(def.Questions, func(q survey.Question) bool { return q.ID == g.Question })
		if at < 0 || at != next && !slices.Contains(asked, at) || !g.fits(def.Questions[at]) {
			return ErrMoved
		}
		l.Skipped = slices.DeleteFunc(slices.Clone(l.Skipped), func(q string) bool { return q == g.Question })
		if g.Skip {
			l.Skipped = append(l.Skipped, g.Question)
			delete(l.Answers, g.Question)
		} else {
			l.Answers[g.Question] = g.Value
			if err := put(ctx, tx, l, g, now); err != nil {
				return err
			}
			if err := follow.FollowUp(ctx, tx, l.Call, l.Survey, g.Question, g.Value, now); err != nil {
				return err
			}
		}
		asked, next = def.Path(l.Answers, l.Skipped)
		over = next < 0
		if err := follow.Answered(ctx, tx, l.Call, over, now); err != nil {
			return err
		}
		return settle(ctx, tx, r, def, l, asked, over, now)
	})
	if err != nil {
		return false, fmt.Errorf("store an answer that came by a link: %w", err)
	}
	return over, nil
}

func (g Given) fits(q survey.Question) bool {
	if g.Skip {
		return q.Fail == survey.Skip
	}
	return q.Valid(g.Value)
}

func put(ctx context.Context, tx pgx.Tx, l Link, g Given, now time.Time) error {
	_, err := tx.Exec(ctx, `insert into survey_answers (call_id, survey, version, question, value, at, way, campaign)
		values ($1, $2, $3, $4, $5, $6, 'link', $7)
		on conflict (call_id, survey, question) do update set value = excluded.value, at = excluded.at`,
		l.Call, l.Survey, l.Version, g.Question, g.Value, now, l.Campaign)
	return err
}

// settle keeps the answers that are on the path, and ends the link when it was the last.
func settle(ctx context.Context, tx pgx.Tx, r row, def *survey.Survey, l Link, asked []int, over bool, now time.Time) error {
	on := []string{}
	for _, i := range asked {
		on = append(on, def.Questions[i].ID)
	}
	skipped := slices.DeleteFunc(slices.Clone(l.Skipped), func(q string) bool { return !slices.Contains(on, q) })
	_, err := tx.Exec(ctx, `delete from survey_answers where call_id = $1 and survey = $2 and (question = any($3) or not question = any($4))`,
		l.Call, l.Survey, skipped, on)
	if err == nil {
		_, err = tx.Exec(ctx, `update survey_links set skipped = $2, finished_at = case when $3 then $4::timestamptz end where id = $1`, r.ID, skipped, over, now)
	}
	if err == nil && over {
		_, err = tx.Exec(ctx, `update survey_offers set finished_at = $3 where call_id = $1 and survey = $2`, l.Call, l.Survey, now)
	}
	return err
}
