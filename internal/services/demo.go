package services

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/ivr"
)

// orders answers from the demo company's orders. A caller from a number of the customer's gives the last digits of the
// order, four at least; anybody else gives all of them.
type orders struct{ db *pgxpool.Pool }

// allDigits is how many an order's number has: HL261128-0000123.
const allDigits = 13

func (o orders) ask(ctx context.Context, e Errand) (ivr.Returned, error) {
	digits := e.Fields["order_no"]
	if len(digits) < 4 || strings.Trim(digits, "0123456789") != "" {
		return ivr.Returned{Result: ivr.Missing}, nil
	}
	// Two rows at most are read, since of several that fit none may be told.
	rows, err := o.db.Query(ctx, `
		select o.status, o.at, o.amount from orders o
		where right(translate(o.id, 'HL-', ''), length($1)) = $1
			and (length($1) >= $3 or o.customer_id in (select customer_id from customer_phones where e164 = $2))
		limit 2`, digits, e.Fields["phone"], allDigits)
	if err != nil {
		return ivr.Returned{}, fmt.Errorf("read the order: %w", err)
	}
	type order struct {
		Status string
		At     time.Time
		Amount int64
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[order])
	if err != nil {
		return ivr.Returned{}, fmt.Errorf("read the order: %w", err)
	}
	if len(found) != 1 {
		return ivr.Returned{Result: ivr.Missing}, nil
	}
	return ivr.Returned{Result: ivr.Found, Values: map[string]string{
		"status": found[0].Status, "on": found[0].At.In(taipei).Format(time.DateOnly), "amount": fmt.Sprint(found[0].Amount),
	}}, nil
}

var taipei = time.FixedZone("Asia/Taipei", 8*60*60)

// payments takes every card but those that end in 0002, which it declines, and in 0119, at which it fails: as the test cards
// of providers do.
func payments(_ context.Context, e Errand) (ivr.Returned, error) {
	card := e.Fields["card"]
	switch {
	case strings.HasSuffix(card, "0119"):
		return ivr.Returned{}, errors.New("the provider is away")
	case card == "" || strings.HasSuffix(card, "0002"):
		return ivr.Returned{Result: ivr.Missing}, nil
	}
	return ivr.Returned{Result: ivr.Found}, nil
}
