package site

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hotline/cti"
)

// Label is a reason or a disposition: a code that is stored, and what people read for it.
type Label struct {
	Code     string `json:"code"`
	LabelZH  string `json:"label_zh"`
	LabelEN  string `json:"label_en"`
	Position int    `json:"position"` // in lists
	Active   bool   `json:"active"`   // false: can no longer be chosen, but is still shown where it was
}

// floorReasons are the ones that the floor itself gives.
var floorReasons = []string{cti.ReasonRONA, cti.ReasonDeclined, cti.ReasonMedia}

// Reasons returns why an agent may be not ready, in their order, inactive ones last.
func (s *Store) Reasons(ctx context.Context) ([]Label, error) { return labels(ctx, s.db, "reasons") }

// Dispositions returns how a call may end, in their order, inactive ones last.
func (s *Store) Dispositions(ctx context.Context) ([]Label, error) {
	return labels(ctx, s.db, "dispositions")
}

// PutReason stores a reason, new or not.
func (s *Store) PutReason(ctx context.Context, l Label) error {
	if slices.Contains(floorReasons, l.Code) {
		return &Invalid{Faults: []Fault{{"code", FaultReserved, "the system itself gives this reason; choose another code"}}}
	}
	return s.putLabel(ctx, "reasons", l)
}

// PutDisposition stores a disposition, new or not.
func (s *Store) PutDisposition(ctx context.Context, l Label) error {
	return s.putLabel(ctx, "dispositions", l)
}

func labels(ctx context.Context, q querier, table string) ([]Label, error) {
	return list[Label](ctx, q, "list "+table, `select code, label_zh, label_en, position, active from `+table+` order by active desc, position, code`)
}

func (s *Store) putLabel(ctx context.Context, table string, l Label) error {
	l.LabelZH, l.LabelEN = strings.TrimSpace(l.LabelZH), strings.TrimSpace(l.LabelEN)
	var f faults
	f.slug("code", l.Code)
	f.name("label_zh", l.LabelZH)
	f.name("label_en", l.LabelEN)
	if err := f.err(); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, `insert into `+table+` (code, label_zh, label_en, position, active) values ($1, $2, $3, $4, $5)
		on conflict (code) do update set label_zh = excluded.label_zh, label_en = excluded.label_en,
			position = excluded.position, active = excluded.active`, l.Code, l.LabelZH, l.LabelEN, l.Position, l.Active)
	if err != nil {
		return fmt.Errorf("store %s of %s: %w", l.Code, table, err)
	}
	return nil
}
