package customer

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"
)

const (
	maxFound = 50
	// A shorter beginning of a number would match too many to be of use.
	minPhoneDigits = 6
	// Names with common characters match thousands; among so many the best are looked for.
	maxNameHits = 2000
)

// foundColumns make a Found of customers c but for why and order.
const foundColumns = matchColumns + `,
	coalesce((select array_agg(p.e164 order by p.e164) from customer_phones p where p.customer_id = c.id), '{}') as phones`

const (
	findByName = `select ` + foundColumns + `, 'name' as why, '' as "order"
		from (select * from customers where name_grams(name) @> name_grams($1) limit $3) c
		order by c.name <> $1, not starts_with(c.name, $1), c.id limit $2`
	findByPhone = `select ` + foundColumns + `, 'phone' as why, '' as "order"
		from customers c where c.id in (select customer_id from customer_phones where e164 like $1 || '%' order by e164 limit $2)
		order by last_contact desc nulls last, c.id limit $2`
	findByOrder = `select ` + foundColumns + `, 'order' as why, o.id as "order"
		from orders o join customers c on c.id = o.customer_id
		where o.id like $1 || '%' order by o.id limit $2`
)

var (
	orderText = regexp.MustCompile(`^[A-Z]{1,4}-?[0-9][0-9-]{2,30}$`)
	phoneText = regexp.MustCompile(`^\+?[0-9]{4,18}$`)
)

// Search finds customers by what somebody types into one field: a name or a part of it, a number or its beginning, or
// an order's number. Up to limit hits, the best first; none is no error.
func (s *Store) Search(ctx context.Context, text string, limit int) ([]Found, error) {
	limit = min(max(limit, 1), maxFound)
	text = strings.TrimSpace(norm.NFKC.String(text))
	if text == "" || len(text) > maxRaw || strings.ContainsRune(text, 0) {
		return nil, nil
	}
	if order := strings.ToUpper(text); orderText.MatchString(order) {
		return s.find(ctx, findByOrder, order, limit)
	}
	if number, ok := phonePrefix(text); ok {
		return s.find(ctx, findByPhone, number, limit)
	}
	return s.find(ctx, findByName, text, limit, maxNameHits)
}

// phonePrefix returns a whole number in E.164, or what the E.164 form of its beginning begins with.
func phonePrefix(text string) (prefix string, ok bool) {
	if n, err := ParsePhone(text); err == nil {
		return n.E164, true
	}
	digits := separators.ReplaceAllString(text, "")
	if !phoneText.MatchString(digits) || len(digits) < minPhoneDigits {
		return "", false
	}
	switch {
	case strings.HasPrefix(digits, "+"):
		return digits, true
	case strings.HasPrefix(digits, "886"):
		return "+" + digits, true
	case strings.HasPrefix(digits, "0"):
		return "+886" + digits[1:], true
	default:
		return "", false
	}
}

func (s *Store) find(ctx context.Context, sql string, args ...any) ([]Found, error) {
	rows, err := s.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("search for customers: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Found])
	if err != nil {
		return nil, fmt.Errorf("search for customers: %w", err)
	}
	return found, nil
}
