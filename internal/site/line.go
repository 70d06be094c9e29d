package site

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hotline/customer"
)

// Line says which flow answers a number.
type Line struct {
	Number string `json:"number"` // dialled (DNIS), E.164
	Flow   string `json:"flow"`   // id of the flow
}

// Lines returns all lines by number.
func (s *Store) Lines(ctx context.Context) ([]Line, error) { return lines(ctx, s.db) }

func lines(ctx context.Context, q querier) ([]Line, error) {
	return list[Line](ctx, q, "list lines", `select number, flow from lines order by number`)
}

// PutLine stores a line, new or not, and returns it. The number may be written as people do.
func (s *Store) PutLine(ctx context.Context, l Line) (Line, error) {
	var f faults
	number, err := customer.ParsePhone(l.Number)
	switch {
	case strings.TrimSpace(l.Number) == "":
		f.add("number", FaultRequired, "give the number that is dialled")
	case err != nil || number.Ext != "":
		f.add("number", FaultForm, "give a whole phone number, like 0800-000-123 or +886800000123")
	}
	l.Number, l.Flow = number.E164, strings.TrimSpace(l.Flow)
	switch {
	case l.Flow == "":
		f.add("flow", FaultRequired, "give the flow that answers")
	case s.flows != nil && !slices.Contains(s.flows(), l.Flow):
		f.add("flow", FaultUnknown, "give one of "+strings.Join(s.flows(), ", "))
	}
	if err := f.err(); err != nil {
		return Line{}, err
	}
	_, err = s.db.Exec(ctx, `insert into lines (number, flow) values ($1, $2) on conflict (number) do update set flow = excluded.flow`, l.Number, l.Flow)
	if err != nil {
		return Line{}, fmt.Errorf("store line %s: %w", l.Number, err)
	}
	return l, nil
}

// DeleteLine removes a line: calls to the number are answered by no flow any more.
func (s *Store) DeleteLine(ctx context.Context, number string) error {
	return change(ctx, s.db, "remove line "+number, nil, `delete from lines where number = $1`, number)
}
