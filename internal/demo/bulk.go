package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// table is what rows are copied into.
type table struct {
	name    string
	columns []string
}

var (
	tCustomers = table{"customers", []string{"id", "name", "tier", "preferences", "note", "created_at"}}
	tPhones    = table{"customer_phones", []string{"e164", "customer_id"}}
	tOrders    = table{"orders", []string{"id", "customer_id", "at", "product", "quantity", "amount", "status"}}
	tCases     = table{"cases", []string{"id", "customer_id", "title", "state", "opened_at", "closed_at"}}
	tContacts  = table{"contacts", []string{"customer_id", "at", "channel", "direction", "subject", "summary", "agent_id", "call_id"}}
	tCalls     = table{"calls", []string{
		"id", "line", "flow", "caller_e164", "anonymous", "customer_id", "lang", "path", "queue_id", "arrived_at",
		"queued_at", "answered_at", "agent_id", "ended_at", "outcome", "disposition", "note",
	}}
	tOffers  = table{"survey_offers", []string{"call_id", "survey", "version", "queue_id", "agent_id", "offered_at", "finished_at", "way", "occasion"}}
	tAnswers = table{"survey_answers", []string{"call_id", "survey", "version", "question", "value", "at", "way", "queue_id", "agent_id", "occasion"}}

	// In the order in which foreign keys need them.
	customerTables = []table{tCustomers, tPhones, tOrders, tCases, tContacts}
	callTables     = []table{tCalls, tOffers, tAnswers}
)

// batch is rows that are stored together.
type batch struct {
	rows map[string][][]any // by table
	size int
	done int // customers or calls made so far
}

func newBatch() *batch { return &batch{rows: map[string][][]any{}} }

func (b *batch) add(t table, row ...any) {
	b.rows[t.name] = append(b.rows[t.name], row)
	b.size++
}

// batchRows is large enough that the round trip doesn't count, and small enough for memory.
const batchRows = 50_000

// copyAll stores what produce makes, batch by batch, making the next while one is stored.
func (w *world) copyAll(ctx context.Context, tx pgx.Tx, what string, of int, produce func(send func(*batch) error) error) error {
	batches := make(chan *batch, 1)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(batches)
		return produce(func(b *batch) error {
			select {
			case batches <- b:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	g.Go(func() error {
		for b := range batches {
			for _, t := range slices.Concat(customerTables, callTables) {
				if len(b.rows[t.name]) == 0 {
					continue
				}
				if _, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromRows(b.rows[t.name])); err != nil {
					return fmt.Errorf("copy %s: %w", t.name, err)
				}
			}
			w.Progress(what, b.done, of)
		}
		return nil
	})
	return g.Wait()
}

// withoutIndexes takes foreign keys and indexes off the tables and returns what puts them on again. Primary keys stay:
// rows come in about their order.
func withoutIndexes(ctx context.Context, tx pgx.Tx, groups ...[]table) (again func() error, err error) {
	var names []string
	for _, t := range slices.Concat(groups...) {
		names = append(names, t.name)
	}
	rows, err := tx.Query(ctx, `
		select format('alter table %s drop constraint %I', conrelid::regclass, conname),
			format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
		from pg_constraint where contype = 'f' and conrelid = any ($1::text[]::regclass[])
		union all
		select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
		from pg_index i where indrelid = any ($1::text[]::regclass[])
			and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
		order by 1`, names) // "alter" before "drop": foreign keys first
	if err != nil {
		return nil, fmt.Errorf("list indexes: %w", err)
	}
	var drop, create []string
	var d, c string
	if _, err := pgx.ForEachRow(rows, []any{&d, &c}, func() error {
		drop, create = append(drop, d), append(create, c)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("list indexes: %w", err)
	}
	run := func(statements []string) error {
		for _, sql := range statements {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	}
	if err := run(drop); err != nil {
		return nil, err
	}
	return func() error {
		slices.Reverse(create) // indexes first: checking a foreign key is a join
		return run(create)
	}, nil
}
