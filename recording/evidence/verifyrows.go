package evidence

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
)

// pair is the row of a leg and its latest entry. Either may be missing.
type pair struct {
	Leg id.LegID `db:"leg"`

	State      *string    `db:"state"` // null: no row
	Path       *string    `db:"path"`
	Started    *time.Time `db:"row_started"`
	DurationMS *int64     `db:"row_duration_ms"`
	SHA256     *string    `db:"row_sha256"`
	Manifest   *string    `db:"row_manifest"`

	Entries       int64      `db:"entries"` // of kind finished
	Seq           *int64     `db:"seq"`     // null: no entry
	Kind          *Kind      `db:"kind"`
	At            *time.Time `db:"at"`
	EntryStarted  *time.Time `db:"started_at"`
	EntryDuration *int64     `db:"duration_ms"`
	EntrySHA256   *string    `db:"sha256"`
	EntryManifest *string    `db:"manifest"`
}

// pairsSQL reads the first $2 of the legs for which the condition holds, with $1 a leg. The row and its entry are of one transaction, and a statement
// sees both or neither.
const pairsSQL = `
	with legs as (
		select leg from (
			(select leg from recordings where %[1]s order by leg limit $2)
			union
			(select distinct leg from recording_chain where %[1]s order by leg limit $2)
		) l order by leg limit $2
	)
	select legs.leg, r.state, r.path, r.started_at as row_started, r.duration_ms as row_duration_ms, r.sha256 as row_sha256,
		case when r.leg is not null then ` + manifestSQL + ` end as row_manifest,
		(select count(*) from recording_chain c where c.leg = legs.leg and c.kind = 'finished') as entries,
		e.seq, e.kind, e.at, e.started_at, e.duration_ms, e.sha256, e.manifest
	from legs
	left join recordings r on r.leg = legs.leg
	left join lateral (select * from recording_chain c where c.leg = legs.leg order by c.seq desc limit 1) e on true
	order by legs.leg`

// verifyRows compares each row with its entry, and each file with the entry.
func (v *Verifier) verifyRows(ctx context.Context) error {
	for after := id.LegID(""); ; {
		pairs, err := v.pairs(ctx, "leg > $1", after)
		if err != nil {
			return err
		}
		if len(pairs) == 0 {
			return nil
		}
		for _, p := range pairs {
			if p.Entries > 1 {
				v.report.Remade++
			}
			if err := v.verifyPair(ctx, p); err != nil {
				return err
			}
		}
		after = pairs[len(pairs)-1].Leg
	}
}

func (v *Verifier) pairs(ctx context.Context, which string, leg id.LegID) ([]pair, error) {
	rows, err := v.pool.Query(ctx, fmt.Sprintf(pairsSQL, which), leg, batch)
	if err != nil {
		return nil, fmt.Errorf("compare the catalogue with the chain: %w", err)
	}
	pairs, err := pgx.CollectRows(rows, pgx.RowToStructByName[pair])
	if err != nil {
		return nil, fmt.Errorf("compare the catalogue with the chain: %w", err)
	}
	return pairs, nil
}

// verifyPair looks a second time before it finds fault: a recording may be finished or thrown away while we look.
func (v *Verifier) verifyPair(ctx context.Context, p pair) error {
	for second := false; ; second = true {
		faults, err := v.compare(ctx, p)
		if err != nil || len(faults) == 0 {
			return err
		}
		if second {
			v.report.Faults = append(v.report.Faults, faults...)
			return nil
		}
		again, err := v.pairs(ctx, "leg = $1", p.Leg)
		if err != nil {
			return err
		}
		if len(again) == 0 {
			return nil
		}
		p = again[0]
	}
}

func (v *Verifier) compare(ctx context.Context, p pair) ([]Fault, error) {
	kept := p.State != nil && (*p.State == "finished" || *p.State == "stored")
	switch {
	case p.Seq == nil && kept:
		return []Fault{{Kind: FaultRowAdded, Leg: p.Leg, Path: *p.Path, Detail: "the catalogue has this recording, and it never entered the chain"}}, nil
	case p.Seq == nil:
		return nil, nil // not finished yet, failed, or refused
	case p.State == nil:
		return []Fault{{Kind: FaultRowGone, Leg: p.Leg, Seq: *p.Seq, Detail: fmt.Sprintf("entered as %s at %s, and the catalogue does not have it", *p.Kind, p.At.UTC().Format(time.RFC3339))}}, nil
	case *p.Kind != KindFinished:
		if *p.State != "erased" {
			return []Fault{{Kind: FaultRowAltered, Leg: p.Leg, Seq: *p.Seq, Detail: fmt.Sprintf("the state is %s, and the last entry says %s", *p.State, *p.Kind)}}, nil
		}
		return nil, nil
	}
	entry := Entry{Seq: *p.Seq, Leg: p.Leg, At: *p.At, SHA256: *p.EntrySHA256}
	faults := p.differences(kept)
	if *p.State == "erased" {
		return faults, nil
	}
	fault, err := v.verifyFile(ctx, entry, *p.Path)
	if err != nil {
		return nil, err
	}
	if fault != nil {
		faults = append(faults, *fault)
	}
	return faults, nil
}

// differences compares the row of a recording that was finished with what was entered.
func (p pair) differences(kept bool) (faults []Fault) {
	differ := func(kind FaultKind, detail string, args ...any) {
		faults = append(faults, Fault{Kind: kind, Leg: p.Leg, Seq: *p.Seq, Detail: fmt.Sprintf(detail, args...)})
	}
	if !kept {
		differ(FaultRowAltered, "the state is %s, and the last entry says finished", *p.State)
	}
	if *p.SHA256 != *p.EntrySHA256 {
		differ(FaultRowAltered, "sha256 is %s; entered was %s", *p.SHA256, *p.EntrySHA256)
	}
	if *p.DurationMS != *p.EntryDuration {
		differ(FaultRowAltered, "duration_ms is %d; entered was %d", *p.DurationMS, *p.EntryDuration)
	}
	if !p.Started.Equal(*p.EntryStarted) {
		differ(FaultRowAltered, "started_at is %s; entered was %s", p.Started.UTC().Format(stamp), p.EntryStarted.UTC().Format(stamp))
	}
	if kept && *p.Manifest != *p.EntryManifest {
		differ(FaultManifest, "the call, agent, parts or waveform of the row are not what was entered")
	}
	return faults
}
