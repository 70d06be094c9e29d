package evidence

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// verifyChain follows the entries from the first. After a fault it goes on from the hash that is there, so that one
// altered entry is not blamed on all that follow.
func (v *Verifier) verifyChain(ctx context.Context) error {
	previous := Entry{Hash: genesis}
	for {
		rows, err := v.pool.Query(ctx, `select `+entryColumns+` from recording_chain where seq > $1 order by seq limit $2`, previous.Seq, batch)
		if err != nil {
			return fmt.Errorf("read the chain: %w", err)
		}
		entries, err := pgx.CollectRows(rows, pgx.RowToStructByName[Entry])
		if err != nil {
			return fmt.Errorf("read the chain: %w", err)
		}
		if len(entries) == 0 {
			return nil
		}
		for _, e := range entries {
			switch {
			case e.Seq != previous.Seq+1:
				v.fault(Fault{Kind: FaultEntryGone, Seq: previous.Seq + 1, Detail: fmt.Sprintf("the chain goes on with entry %d", e.Seq)})
			case e.Sum(previous.Hash) != e.Hash:
				v.fault(Fault{Kind: FaultEntryAltered, Seq: e.Seq, Leg: e.Leg, Detail: "the entry, or the hash of the one before, is not what was hashed"})
			}
			previous = e
			v.report.Entries++
		}
	}
}

// seen is a signed head and where it was found.
type seen struct {
	Head
	place string // "the database", or the folder of a copy
}

// verifyHeads compares the chain with everything that was ever signed, in the database and in the copies.
func (v *Verifier) verifyHeads(ctx context.Context) error {
	heads, err := v.gatherHeads(ctx)
	if err != nil {
		return err
	}
	hashes, err := v.hashesAt(ctx, heads)
	if err != nil {
		return err
	}
	var good int64 // the last entry up to which the chain agrees with a signature
	blamed := map[int64]bool{}
	for _, h := range heads {
		key, known := v.keys[h.Key]
		switch {
		case !known:
			v.fault(Fault{Kind: FaultHeadForged, Seq: h.Seq, Detail: fmt.Sprintf("the head in %s is signed by key %s, which is not trusted; see evidence.trusted", h.place, h.Key)})
			continue
		case !ed25519.Verify(key, h.Encode(), h.Signature):
			v.fault(Fault{Kind: FaultHeadForged, Seq: h.Seq, Detail: fmt.Sprintf("the signature of the head in %s does not hold", h.place)})
			continue
		}
		if v.report.Last == nil || h.Seq > v.report.Last.Seq || h.Seq == v.report.Last.Seq && h.At.After(v.report.Last.At) {
			last := h.Head
			v.report.Last, v.report.Signed = &last, h.Seq
		}
		hash, there := hashes[h.Seq]
		switch {
		case there && hash == h.Hash:
			good = max(good, h.Seq)
		case blamed[h.Seq]:
		case !there:
			blamed[h.Seq] = true
			v.fault(Fault{Kind: FaultRewritten, Seq: h.Seq, Detail: fmt.Sprintf("entry %d was signed at %s (%s), and the chain does not have it", h.Seq, h.At.UTC().Format(time.RFC3339), h.place)})
		default:
			blamed[h.Seq] = true
			v.fault(Fault{Kind: FaultRewritten, Seq: h.Seq, Detail: fmt.Sprintf("entries %d to %d do not lead to what was signed at %s (%s): one of them, and all after it, were written anew", good+1, h.Seq, h.At.UTC().Format(time.RFC3339), h.place)})
		}
	}
	return v.verifyAge(ctx)
}

// verifyAge finds entries that wait for a signature for longer than twice the time between two.
func (v *Verifier) verifyAge(ctx context.Context) error {
	var n int64
	var since *time.Time
	err := v.pool.QueryRow(ctx, `select count(*), min(at) from recording_chain where seq > $1`, v.report.Signed).Scan(&n, &since)
	if err != nil {
		return fmt.Errorf("look for entries that nobody signed: %w", err)
	}
	if n > 0 && time.Since(*since) > 2*v.config.signEvery() {
		detail := fmt.Sprintf("%d entries since %s are not signed: the worker needs evidence.key", n, since.UTC().Format(time.RFC3339))
		v.fault(Fault{Kind: FaultUnsigned, Seq: v.report.Signed + 1, Detail: detail})
	}
	return nil
}

// gatherHeads returns all heads, by entry, and finds those that one place has and another lacks.
func (v *Verifier) gatherHeads(ctx context.Context) ([]seen, error) {
	stored, err := headsOf(ctx, v.pool)
	if err != nil {
		return nil, err
	}
	type name struct {
		seq int64
		key string
	}
	there := map[string]map[name]bool{}
	var all []seen
	note := func(place string, heads []Head) {
		there[place] = map[name]bool{}
		for _, h := range heads {
			there[place][name{h.Seq, h.Key}] = true
			all = append(all, seen{h, place})
		}
	}
	note("the database", stored)
	for _, folder := range v.config.Copies {
		heads, damaged, err := readHeads(folder)
		if err != nil {
			return nil, err
		}
		for _, n := range damaged {
			v.fault(Fault{Kind: FaultHeadForged, Detail: fmt.Sprintf("line %d of the copy in %s is no signed head", n, folder)})
		}
		note(folder, heads)
	}
	for place, has := range there {
		missing := map[name]bool{}
		for _, h := range all {
			n := name{h.Seq, h.Key}
			if !has[n] && !missing[n] {
				missing[n] = true
				v.fault(Fault{Kind: FaultHeadGone, Seq: h.Seq, Detail: fmt.Sprintf("%s has the head that was signed at %s, and %s does not", h.place, h.At.UTC().Format(time.RFC3339), place)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b seen) int { return cmp.Compare(a.Seq, b.Seq) })
	return all, nil
}

func (v *Verifier) hashesAt(ctx context.Context, heads []seen) (map[int64]string, error) {
	var seqs []int64
	for _, h := range heads {
		seqs = append(seqs, h.Seq)
	}
	rows, err := v.pool.Query(ctx, `select seq, hash from recording_chain where seq = any($1)`, seqs)
	if err != nil {
		return nil, fmt.Errorf("read the signed entries: %w", err)
	}
	hashes := map[int64]string{}
	var seq int64
	var hash string
	_, err = pgx.ForEachRow(rows, []any{&seq, &hash}, func() error {
		hashes[seq] = hash
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the signed entries: %w", err)
	}
	return hashes, nil
}
