package campaign

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
)

// callPrefix begins the names of calls that are made. It is also that of their channels, so it holds no dot.
const callPrefix = "out-"

// CallOf names the n-th call to a contact. It is the same however often the request is sent.
func CallOf(contact int64, n int) id.CallID {
	return id.CallID(fmt.Sprintf("%s%d-%d", callPrefix, contact, n))
}

// Made says whether a call was made by a campaign, by its name.
func Made(call id.CallID) bool {
	rest, ok := strings.CutPrefix(string(call), callPrefix)
	contact, n, cut := strings.Cut(rest, "-")
	_, err1 := strconv.ParseInt(contact, 10, 64)
	_, err2 := strconv.Atoi(n)
	return ok && cut && err1 == nil && err2 == nil
}

// Claimed is a contact that is to be dialled now.
type Claimed struct {
	Contact
	Call id.CallID
}

// Claim takes up to limit contacts of a running campaign that are due, and notes an attempt for each: the calls are then to be made.
// A number that another campaign dials at this moment is left for later; whoever answered a survey lately is settled instead.
func (s *Store) Claim(ctx context.Context, campaign string, limit int, now time.Time) (claimed []Claimed, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Held until the end, so that a pause or a stop is either before or after.
		c, err := one(ctx, tx, campaign, " for update")
		if err != nil || c.State != Running || c.Way != Outbound {
			return err
		}
		if err := refuseListed(ctx, tx, campaign, now); err != nil {
			return err
		}
		if looked, err := restAsked(ctx, tx, campaign, limit, now); err != nil || !looked {
			return err
		}
		rows, err := tx.Query(ctx, `with due as (
				select k.id from campaign_contacts k join survey_campaigns c on c.id = k.campaign where `+dueSQL+` for update of k skip locked)
			update campaign_contacts k set state = 'dialling', attempts = k.attempts + 1 from due where k.id = due.id
			returning k.id, k.campaign, k.row, k.phone, k.mail, k.name, k.ref, k.lang, k.state, k.attempts, k.due, k.settled_at`, campaign, now, limit)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Contact])
		if err != nil || len(found) == 0 {
			return err
		}
		var b pgx.Batch
		for _, k := range found {
			call := CallOf(k.ID, k.Attempts)
			claimed = append(claimed, Claimed{k, call})
			b.Queue(`insert into campaign_attempts (contact_id, n, call_id, dialled_at) values ($1, $2, $3, $4)`, k.ID, k.Attempts, call, now)
		}
		return tx.SendBatch(ctx, &b).Close()
	})
	if err != nil {
		return nil, fmt.Errorf("claim contacts of %s: %w", campaign, err)
	}
	return claimed, nil
}

// End is how a call went.
type End struct {
	Call   id.CallID
	Result Result
	Cause  int    // of Q.850
	Detail string // no number, no name
	At     time.Time
}

// Ended notes how an attempt went, and what becomes of the contact: it waits for another attempt, or is settled. An attempt that
// has a result keeps it, unless that was a guess (see Lose) and a person answered after all.
func Ended(ctx context.Context, db Querier, e End) error {
	reached := e.Result == Complete || e.Result == Partial || e.Result == Silent
	var contact int64
	rows, err := db.Query(ctx, `update campaign_attempts set ended_at = $2, result = $3, cause = $4, detail = $5
		where call_id = $1 and (ended_at is null or $6 and detail = 'lost') returning contact_id`, e.Call, e.At, e.Result, e.Cause, e.Detail, reached)
	if err != nil {
		return fmt.Errorf("note the end of call %s: %w", e.Call, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(ids) == 0 {
		return err
	}
	contact = ids[0]
	var c Campaign
	var attempts int
	var state Result
	err = db.QueryRow(ctx, `select k.attempts, k.state, c.most, c.pauses, c.state from campaign_contacts k join survey_campaigns c on c.id = k.campaign
		where k.id = $1 for update of k`, contact).Scan(&attempts, &state, &c.Most, &c.Pauses, &c.State)
	if err != nil {
		return fmt.Errorf("note the end of call %s: %w", e.Call, err)
	}
	switch {
	case reached:
	case state != Dialling:
		return nil
	case e.Result.Retried() && attempts < c.Most && c.State != Finished:
		_, err = db.Exec(ctx, `update campaign_contacts set state = 'waiting', due = $2 where id = $1`, contact, e.At.Add(c.Pause(e.Result)))
		return err
	}
	_, err = db.Exec(ctx, `update campaign_contacts set state = $2, settled_at = $3 where id = $1`, contact, e.Result, e.At)
	if err != nil {
		return fmt.Errorf("settle contact %d: %w", contact, err)
	}
	return nil
}

// Ended is the function of that name in a transaction of its own.
func (s *Store) Ended(ctx context.Context, e End) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return Ended(ctx, tx, e) })
}

// Answered notes that a person answered a call.
func Answered(ctx context.Context, db Querier, call id.CallID, at time.Time) error {
	_, err := db.Exec(ctx, `update campaign_attempts set answered_at = coalesce(answered_at, $2) where call_id = $1`, call, at)
	if err != nil {
		return fmt.Errorf("note that call %s was answered: %w", call, err)
	}
	return nil
}

// unsettled is how long the row of an answered call may take to be written: the database may have been away. After that the
// contact counts as reached, and is not dialled again.
const unsettled = time.Hour

// Lose settles attempts that began before a time and whose calls are not among those that live: the controller died with them. One
// that nobody answered is a failed attempt; the row of an answered one says more, and is waited for.
func (s *Store) Lose(ctx context.Context, live []id.CallID, before, now time.Time) (lost int, err error) {
	rows, err := s.pool.Query(ctx, `select call_id, answered_at is not null from campaign_attempts
		where ended_at is null and dialled_at < $1 and not call_id = any ($2) and (answered_at is null or dialled_at < $3)
		order by dialled_at`, before, live, now.Add(-unsettled))
	if err != nil {
		return 0, fmt.Errorf("look for calls that were lost: %w", err)
	}
	type open struct {
		Call     id.CallID
		Answered bool
	}
	calls, err := pgx.CollectRows(rows, pgx.RowToStructByPos[open])
	if err != nil {
		return 0, fmt.Errorf("look for calls that were lost: %w", err)
	}
	for _, c := range calls {
		end := End{Call: c.Call, Result: Failed, Detail: "lost", At: now}
		if c.Answered {
			end.Result = Silent
		}
		if err := s.Ended(ctx, end); err != nil {
			return lost, err
		}
		lost++
	}
	return lost, nil
}

// Live is how many calls of each campaign are made at this moment, as the contacts say.
func (s *Store) Live(ctx context.Context) (map[string]int, error) {
	rows, err := s.pool.Query(ctx, `select campaign, count(*)::integer from campaign_contacts where state = 'dialling' group by 1`)
	if err != nil {
		return nil, fmt.Errorf("count calls of campaigns: %w", err)
	}
	out := map[string]int{}
	var campaign string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&campaign, &n}, func() error { out[campaign] = n; return nil }); err != nil {
		return nil, fmt.Errorf("count calls of campaigns: %w", err)
	}
	return out, nil
}
