package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Contact is one person on a campaign's list.
type Contact struct {
	ID       int64      `db:"id"`
	Campaign string     `db:"campaign"`
	Row      int        `db:"row"`   // in the list that was imported
	Phone    string     `db:"phone"` // E.164; may be empty where links go by mail
	Mail     string     `db:"mail"`
	Name     string     `db:"name"`
	Ref      string     `db:"ref"`  // what the list itself calls it
	Lang     string     `db:"lang"` // "" for the campaign's
	State    Result     `db:"state"`
	Attempts int        `db:"attempts"`
	Due      time.Time  `db:"due"` // not before
	Settled  *time.Time `db:"settled_at"`
}

// Attempt is one call to a contact.
type Attempt struct {
	N        int        `db:"n"`
	Call     string     `db:"call_id"`
	Dialled  time.Time  `db:"dialled_at"`
	Answered *time.Time `db:"answered_at"` // by a person
	Ended    *time.Time `db:"ended_at"`
	Result   Result     `db:"result"` // "" while it goes on
	Cause    int        `db:"cause"`  // of Q.850
	Detail   string     `db:"detail"`
}

const contactColumns = `select k.id, k.campaign, k.row, k.phone, k.mail, k.name, k.ref, k.lang, k.state, k.attempts, k.due, k.settled_at
	from campaign_contacts k `

func contacts(ctx context.Context, db Querier, where string, args ...any) ([]Contact, error) {
	rows, err := db.Query(ctx, contactColumns+where, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Contact])
}

// Contacts returns up to limit contacts of a campaign behind one, in the order of the list; those of a state, or all when it is "".
func (s *Store) Contacts(ctx context.Context, campaign string, state Result, after int64, limit int) ([]Contact, error) {
	found, err := contacts(ctx, s.pool, `where k.campaign = $1 and ($2 = '' or k.state = $2) and k.id > $3 order by k.id limit $4`, campaign, state, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list contacts of %s: %w", campaign, err)
	}
	return found, nil
}

// Contact returns a contact of a campaign and its attempts.
func (s *Store) Contact(ctx context.Context, campaign string, id int64) (Contact, []Attempt, error) {
	found, err := contacts(ctx, s.pool, `where k.campaign = $1 and k.id = $2`, campaign, id)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Contact{}, nil, fmt.Errorf("read contact %d of %s: %w", id, campaign, err)
	}
	rows, err := s.pool.Query(ctx, `select n, call_id, dialled_at, answered_at, ended_at, result, cause, detail from campaign_attempts where contact_id = $1 order by n`, id)
	if err != nil {
		return Contact{}, nil, fmt.Errorf("read the attempts at contact %d: %w", id, err)
	}
	attempts, err := pgx.CollectRows(rows, pgx.RowToStructByName[Attempt])
	if err != nil {
		return Contact{}, nil, fmt.Errorf("read the attempts at contact %d: %w", id, err)
	}
	return found[0], attempts, nil
}

// refuseListed settles contacts that wait and whose number may not be called. It covers those that were listed after their import.
func refuseListed(ctx context.Context, db Querier, campaign string, now time.Time) error {
	_, err := db.Exec(ctx, `update campaign_contacts k set state = 'do_not_call', settled_at = $2
		from do_not_call d where k.campaign = $1 and k.state = 'waiting' and k.phone <> '' and d.phone = k.phone`, campaign, now)
	return err
}

// ToSend returns up to limit contacts of a running campaign of links that wait, the first due first. Whoever sends marks each in
// the transaction in which its message is handed over: MarkSent says whether it was still to be sent.
func (s *Store) ToSend(ctx context.Context, campaign string, now time.Time, limit int) ([]Contact, error) {
	if err := refuseListed(ctx, s.pool, campaign, now); err != nil {
		return nil, fmt.Errorf("look for numbers that may not be written to: %w", err)
	}
	if looked, err := restAsked(ctx, s.pool, campaign, limit, now); err != nil || !looked {
		return nil, err
	}
	found, err := contacts(ctx, s.pool, `join survey_campaigns c on c.id = k.campaign where c.way = 'link' and `+dueSQL, campaign, now, limit)
	if err != nil {
		return nil, fmt.Errorf("list who is to be written to: %w", err)
	}
	return found, nil
}

// mark moves a contact of a campaign of links on, if it is in one of the states. It reports whether it was.
func mark(ctx context.Context, db Querier, contact int64, to Result, now time.Time, from ...Result) (bool, error) {
	var settled *time.Time
	if to != Sent {
		settled = &now
	}
	tag, err := db.Exec(ctx, `update campaign_contacts set state = $2, settled_at = $3, attempts = greatest(attempts, 1)
		where id = $1 and state = any ($4)`, contact, to, settled, from)
	if err != nil {
		return false, fmt.Errorf("mark contact %d as %s: %w", contact, to, err)
	}
	return tag.RowsAffected() > 0, nil
}

// MarkSent notes that a link was handed over to be delivered. It is false, and nothing may be sent, when somebody else did so.
func MarkSent(ctx context.Context, db Querier, contact int64, now time.Time) (bool, error) {
	return mark(ctx, db, contact, Sent, now, Waiting)
}

// MarkFailed notes that a link could not be delivered.
func MarkFailed(ctx context.Context, db Querier, contact int64, now time.Time) (bool, error) {
	return mark(ctx, db, contact, Failed, now, Waiting, Sent)
}

// MarkAnswered notes that the survey behind a link was answered, to its end or not. An answer counts also after the campaign.
func MarkAnswered(ctx context.Context, db Querier, contact int64, complete bool, now time.Time) (bool, error) {
	if complete {
		return mark(ctx, db, contact, Complete, now, Sent, Partial, Expired, Failed)
	}
	return mark(ctx, db, contact, Partial, now, Sent, Expired, Failed)
}

// Add puts the rows on the list of a campaign, all or none. Rows that are on it already are left out; added is how many were not.
func (s *Store) Add(ctx context.Context, campaign string, rows []Row, now time.Time) (added int, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		c, err := one(ctx, tx, campaign, " for update")
		if err != nil {
			return err
		}
		if c.State == Finished {
			return &Refusal{"campaign_finished", "it is finished: make a new one"}
		}
		columns := [5][]string{}
		numbers := make([]int, len(rows))
		for i, r := range rows {
			numbers[i] = r.Row
			for j, v := range []string{r.Phone, r.Mail, r.Name, r.Ref, r.Lang} {
				columns[j] = append(columns[j], v)
			}
		}
		tag, err := tx.Exec(ctx, `insert into campaign_contacts (campaign, row, phone, mail, name, ref, lang, due, added_at)
			select $1, r, p, m, n, f, l, $8, $8 from unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) as t (r, p, m, n, f, l)
			order by r on conflict do nothing`, campaign, numbers, columns[0], columns[1], columns[2], columns[3], columns[4], now)
		added = int(tag.RowsAffected())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("add contacts to %s: %w", campaign, err)
	}
	return added, nil
}
