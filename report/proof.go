package report

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// counted are the tables of counts: their columns, and the function whose statement counts the rows anew.
var counted = []struct{ table, keys, figures, anew string }{
	{
		"survey_days", "day, survey, version, way, campaign, queue_id, agent_id, question, occasion",
		"v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, other", "answers_counted('survey_answers', 1)",
	},
	{"survey_offer_days", "day, survey, version, way, campaign, queue_id, agent_id, occasion", "offered, started, finished", "offers_counted('survey_offers', 1)"},
	{"call_days", "day, queue_id, agent_id", "answered", "answered_counted('select *, 1 as n from calls')"},
}

// Difference is a count that is not what the rows come to.
type Difference struct {
	Table string
	Row   string // its key and figures, as the database writes them
	Kept  bool   // it is kept so, but not what was counted; else the other way round
}

// Check compares all counts with the rows they are made of, at one moment, and returns up to limit differences.
func (s *Store) Check(ctx context.Context, limit int) (found []Difference, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `set local statement_timeout = 0`); err != nil {
			return err
		}
		for _, c := range counted {
			var anew string
			if err := tx.QueryRow(ctx, `select `+c.anew).Scan(&anew); err != nil {
				return err
			}
			columns := c.keys + ", " + c.figures
			kept := `select ` + columns + ` from ` + c.table + ` where (` + c.figures + `) <> (` + zeros(c.figures) + `)`
			rows, err := tx.Query(ctx, `select $1::text as "table", row::text, kept from (
				(select row(k.*) as row, true as kept from (`+kept+` except select `+columns+` from (`+anew+`) a) k)
				union all
				(select row(k.*), false from (select `+columns+` from (`+anew+`) a except `+kept+`) k)) d order by 2, 3 limit $2`, c.table, limit)
			if err != nil {
				return err
			}
			part, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Difference])
			if err != nil {
				return err
			}
			found = append(found, part...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("compare the counts of surveys with their answers: %w", err)
	}
	return found[:min(limit, len(found))], nil
}

// zeros is a row of as many zeros as there are columns.
func zeros(columns string) string {
	out := "0"
	for _, c := range columns {
		if c == ',' {
			out += ", 0"
		}
	}
	return out
}

// Recount makes all counts anew. Writers of calls and answers wait for it; answers are spooled meanwhile.
func (s *Store) Recount(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `set local statement_timeout = 0`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `select survey_recount()`)
		return err
	})
	if err != nil {
		return fmt.Errorf("count the answers of surveys anew: %w", err)
	}
	return nil
}
