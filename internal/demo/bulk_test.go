package demo

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"hotline/internal/pg/pgtest"
)

func TestIndexesAndForeignKeysComeBack(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	var before, during, after string
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		read := func(into *string) error {
			return tx.QueryRow(t.Context(), `select coalesce(string_agg(d, e'\n' order by d), '') from (
				select pg_get_indexdef(indexrelid) d from pg_index where indrelid = any ('{customers,contacts,calls,orders,cases,customer_phones,survey_answers}'::regclass[])
				union all select conrelid::regclass || pg_get_constraintdef(oid) from pg_constraint where contype = 'f') x`).Scan(into)
		}
		if err := read(&before); err != nil {
			return err
		}
		again, err := withoutIndexes(t.Context(), tx, customerTables, callTables)
		if err != nil {
			return err
		}
		if err := read(&during); err != nil {
			return err
		}
		if err := again(); err != nil {
			return err
		}
		return read(&after)
	})
	if err != nil {
		t.Fatal(err)
	}
	if during == before || after != before {
		t.Errorf("before:\n%s\nduring:\n%s\nafter:\n%s", before, during, after)
	}
}
