package customer

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store reads and writes customers and their time lines.
type Store struct{ db *pgxpool.Pool }

// NewStore returns a store on the pool. Statements are prepared by the pool's connections when first used.
func NewStore(db *pgxpool.Pool) *Store { return &Store{db: db} }

const (
	maxCandidates = 20
	popContacts   = 3
	popOrders     = 3
	popCases      = 10
)

// matchColumns make a Match of customers c.
const matchColumns = `c.id, c.name, coalesce(c.tier, '') as tier,
	(select count(*) from cases k where k.customer_id = c.id and k.closed_at is null) as open_cases,
	(select max(t.at) from contacts t where t.customer_id = c.id) as last_contact`

// $1 is the number, $2 how many at most.
const candidatesSQL = `select ` + matchColumns + `
	from customer_phones p join customers c on c.id = p.customer_id
	where p.e164 = $1
	order by last_contact desc nulls last, c.id limit $2`

// chosen is the customer that a pop is about: $2 when it is not 0, else the only one on the number $1.
const chosen = `coalesce(nullif($2::bigint, 0),
	(select min(p.customer_id) from customer_phones p where p.e164 = $1 having count(*) = 1))`

const (
	customerSQL = `select c.id, c.name, coalesce(c.tier, '') as tier, c.preferences, c.note, c.created_at,
		coalesce((select array_agg(p.e164 order by p.e164) from customer_phones p where p.customer_id = c.id), '{}') as phones,
		coalesce(c.email, '') as email
		from customers c where c.id = ` + chosen
	casesSQL = `select id, title, state, opened_at from cases
		where customer_id = ` + chosen + ` and closed_at is null order by opened_at desc, id limit $3`
	contactColumns = `t.id, t.customer_id, t.at, t.channel, t.direction, t.subject, t.summary,
		coalesce(t.agent_id, '') as agent_id, coalesce(u.name, '') as agent_name, coalesce(t.call_id, '') as call_id
		from contacts t left join users u on u.id = t.agent_id`
	contactsSQL = `select ` + contactColumns + ` where t.customer_id = ` + chosen + ` order by t.at desc, t.id desc limit $3`
	ordersSQL   = `select o.id, o.at, d.name as product, o.quantity, o.amount, o.status
		from orders o join products d on d.id = o.product
		where o.customer_id = ` + chosen + ` order by o.at desc, o.id desc limit $3`
)

// Lookup returns the customers on the number, the one with the newest contact first; none is no error.
func (s *Store) Lookup(ctx context.Context, e164 string) ([]Match, error) {
	rows, err := s.db.Query(ctx, candidatesSQL, e164, maxCandidates)
	if err != nil {
		return nil, fmt.Errorf("look up the customers on a number: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Match])
	if err != nil {
		return nil, fmt.Errorf("look up the customers on a number: %w", err)
	}
	return found, nil
}

// Pop reads in one round trip what a desk shows of a caller. customerID is 0 until somebody has chosen, e164 empty for a
// withheld number. The error is ErrNotFound when customerID names nobody.
func (s *Store) Pop(ctx context.Context, e164 string, customerID int64) (Pop, error) {
	var pop Pop
	var batch pgx.Batch
	batch.Queue(candidatesSQL, e164, maxCandidates).Query(into(&pop.Candidates))
	batch.Queue(customerSQL, e164, customerID).Query(func(rows pgx.Rows) error {
		c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Customer])
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		pop.Customer = c
		return nil
	})
	batch.Queue(casesSQL, e164, customerID, popCases).Query(into(&pop.OpenCases))
	batch.Queue(contactsSQL, e164, customerID, popContacts).Query(into(&pop.Contacts))
	batch.Queue(ordersSQL, e164, customerID, popOrders).Query(into(&pop.Orders))
	if err := s.db.SendBatch(ctx, &batch).Close(); err != nil {
		return Pop{}, fmt.Errorf("read what a desk shows of a caller: %w", err)
	}
	if customerID != 0 && pop.Customer == nil {
		return Pop{}, fmt.Errorf("read what a desk shows of customer %d: %w", customerID, ErrNotFound)
	}
	return pop, nil
}

// into returns what collects the rows of a batch's query.
func into[T any](out *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*out, err = pgx.CollectRows(rows, pgx.RowToStructByName[T])
		return err
	}
}

// Get returns one customer, or ErrNotFound.
func (s *Store) Get(ctx context.Context, id int64) (Customer, error) {
	rows, err := s.db.Query(ctx, customerSQL, "", id)
	if err != nil {
		return Customer{}, fmt.Errorf("read customer %d: %w", id, err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Customer])
	if errors.Is(err, pgx.ErrNoRows) {
		return Customer{}, fmt.Errorf("read customer %d: %w", id, ErrNotFound)
	}
	if err != nil {
		return Customer{}, fmt.Errorf("read customer %d: %w", id, err)
	}
	return c, nil
}

// Create stores a new customer with their numbers (E.164), and returns the id. ID and CreatedAt are not read.
func (s *Store) Create(ctx context.Context, c Customer) (int64, error) {
	var id int64
	err := s.db.QueryRow(ctx, `
		with made as (
			insert into customers (name, tier, preferences, note, email) values ($1, nullif($2, ''), $3, $4, nullif($6, '')) returning id
		), phones as (
			insert into customer_phones (e164, customer_id) select distinct e, made.id from made, unnest($5::text[]) e
		)
		select id from made`, c.Name, string(c.Tier), c.Preferences, c.Note, c.Phones, c.Email).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store a new customer: %w", err)
	}
	return id, nil
}
