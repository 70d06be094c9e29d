package customer

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// ErrBadCursor: the text is no cursor that History returned.
var ErrBadCursor = errors.New("this is no place in a history; begin again without one")

// Cursor is a place in a time line. The zero value is its newest end.
type Cursor struct {
	At time.Time
	ID int64
}

// String returns the cursor as clients keep it; "" for the zero value.
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	return fmt.Sprintf("%d.%d", c.At.UnixMicro(), c.ID)
}

// ParseCursor undoes String.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	head, tail, _ := strings.Cut(s, ".")
	at, errAt := strconv.ParseInt(head, 10, 64)
	id, errID := strconv.ParseInt(tail, 10, 64)
	if errAt != nil || errID != nil {
		return Cursor{}, ErrBadCursor
	}
	return Cursor{At: time.UnixMicro(at).UTC(), ID: id}, nil
}

const maxPage = 200

// History returns up to limit contacts of the customer that are older than the cursor, newest first, and where to go
// on: the zero Cursor when there are no more.
func (s *Store) History(ctx context.Context, customerID int64, before Cursor, limit int) ([]Contact, Cursor, error) {
	limit = min(max(limit, 1), maxPage)
	at := pgtype.Timestamptz{Time: before.At, Valid: true}
	if before == (Cursor{}) {
		at = pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}
	}
	rows, err := s.db.Query(ctx, `select `+contactColumns+`
		where t.customer_id = $1 and (t.at, t.id) < ($2::timestamptz, $3::bigint) order by t.at desc, t.id desc limit $4`,
		customerID, at, before.ID, limit+1)
	if err != nil {
		return nil, Cursor{}, fmt.Errorf("read the history of customer %d: %w", customerID, err)
	}
	page, err := pgx.CollectRows(rows, pgx.RowToStructByName[Contact])
	if err != nil {
		return nil, Cursor{}, fmt.Errorf("read the history of customer %d: %w", customerID, err)
	}
	if len(page) <= limit {
		return page, Cursor{}, nil
	}
	last := page[limit-1]
	return page[:limit], Cursor{At: last.At, ID: last.ID}, nil
}

// AddContact stores a contact and returns its id. A call has one contact: adding it again replaces what was stored for
// that CallID, so that a job may be repeated. ID and AgentName are not read.
func (s *Store) AddContact(ctx context.Context, c Contact) (int64, error) {
	var id int64
	err := s.db.QueryRow(ctx, `
		insert into contacts (customer_id, at, channel, direction, subject, summary, agent_id, call_id)
		values ($1, $2, $3, $4, $5, $6, nullif($7, ''), nullif($8, ''))
		on conflict (call_id) where call_id is not null do update set
			customer_id = excluded.customer_id, at = excluded.at, channel = excluded.channel, direction = excluded.direction,
			subject = excluded.subject, summary = excluded.summary, agent_id = excluded.agent_id
		returning id`,
		c.CustomerID, c.At, string(c.Channel), string(c.Direction), c.Subject, c.Summary, c.AgentID, c.CallID).Scan(&id)
	if isForeignKey(err) {
		return 0, fmt.Errorf("store a contact of customer %d: %w", c.CustomerID, ErrNotFound)
	}
	if err != nil {
		return 0, fmt.Errorf("store a contact of customer %d: %w", c.CustomerID, err)
	}
	return id, nil
}

func isForeignKey(err error) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && pgErr.Code == "23503" // foreign_key_violation
}
