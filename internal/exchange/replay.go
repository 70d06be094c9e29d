package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti"
	"hotline/ivr"
	"hotline/ivr/survey"
)

// Fact is one row of call_event.
type Fact struct {
	Floor int64 // names the Floor that was told
	Seq   int64 // order within it
	At    time.Time
	Kind  string
	Data  json.RawMessage
}

// Facts reads what Floors were told from a time on until another, in the order in which they were told.
func (s *Store) Facts(ctx context.Context, from, until time.Time) ([]Fact, error) {
	rows, err := s.pool.Query(ctx, `select floor, seq, at, kind, data from call_event
		where at >= $1 and at < $2 order by floor, seq`, from, until)
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	facts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Fact])
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	return facts, nil
}

// Replayed is what a replay has seen.
type Replayed struct{ Floors, Facts, Commands int }

// Replay steps stored facts on fresh Floors, one for each that was told, at the times stored, and compares the commands
// with those stored. The error tells of the first difference. Each Floor's facts must begin with its first; flows and
// surveys are every version that was in use then, since the table does not hold them.
func Replay(flows []*ivr.Flow, surveys []*survey.Survey, facts []Fact) (done Replayed, err error) {
	var floor *cti.Floor
	var told int64
	for _, f := range facts {
		var row eventRow
		if err := json.Unmarshal(f.Data, &row); err != nil {
			return done, fmt.Errorf("fact %d: decode: %w", f.Seq, err)
		}
		ev, err := cti.DecodeEvent(f.Kind, row.Event)
		if err != nil {
			return done, fmt.Errorf("fact %d: %w", f.Seq, err)
		}
		ev = inUse(ev, flows, surveys)
		if floor == nil || f.Floor != told {
			if f.Kind != cti.EventKind(cti.Configured{}) {
				return done, fmt.Errorf("fact %d: the first of its floor is %s: its beginning is missing", f.Seq, f.Kind)
			}
			floor, told = cti.New(), f.Floor
			done.Floors++
		}
		rows, err := kept(floor.Step(f.At.UTC(), ev))
		if err != nil {
			return done, fmt.Errorf("fact %d: %w", f.Seq, err)
		}
		if err := sameCommands(rows, row.Commands); err != nil {
			return done, fmt.Errorf("fact %d at %s, %s %s: %w", f.Seq, f.At.UTC().Format(time.RFC3339Nano), f.Kind, row.Event, err)
		}
		done.Facts++
		done.Commands += len(rows)
	}
	return done, nil
}

// inUse gives a fact the flows and surveys that it came with: those whose versions it names, or that its calls may name.
func inUse(ev cti.Event, flows []*ivr.Flow, surveys []*survey.Survey) cti.Event {
	switch ev := ev.(type) {
	case cti.Configured:
		for _, f := range flows {
			if ev.Versions[f.ID] == f.Version {
				ev.Flows = append(ev.Flows, f)
			}
		}
		for _, s := range surveys {
			if ev.SurveyVersions[s.ID] == s.Version {
				ev.Surveys = append(ev.Surveys, s)
			}
		}
		return ev
	case cti.AsteriskReconnected:
		ev.Flows, ev.Surveys = flows, surveys
		return ev
	default:
		return ev
	}
}

func sameCommands(got, want []commandRow) error {
	same := func(a, b commandRow) bool {
		var x, y any // the database keeps values, not their spelling
		return a.Kind == b.Kind && json.Unmarshal(a.Command, &x) == nil && json.Unmarshal(b.Command, &y) == nil && reflect.DeepEqual(x, y)
	}
	if slices.EqualFunc(got, want, same) {
		return nil
	}
	a, errA := json.Marshal(got)
	b, errB := json.Marshal(want)
	if errA != nil || errB != nil {
		return fmt.Errorf("commands differ and cannot be shown: %w, %w", errA, errB)
	}
	return fmt.Errorf("replayed it yields\n%s\nat first it yielded\n%s", a, b)
}
