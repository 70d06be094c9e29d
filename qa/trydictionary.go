package qa

import (
	"context"
	"fmt"
	"time"

	"hotline/qa/lexicon"
	"hotline/qa/rule"
	"hotline/qa/topic"
)

// A dictionary is tried while somebody waits: on the newest calls, for as long as one waits for a page.
const (
	mostTried = 500 // transcripts
	tryTime   = 8 * time.Second
	tryBatch  = 50
)

// TriedEntry is in how many transcripts an entry is found, by the live dictionary and by the one that is tried.
type TriedEntry struct {
	Kind  topic.Kind        `json:"kind" enum:"topic,product,wording"`
	Entry string            `json:"entry"`
	Name  map[string]string `json:"name"`
	Live  int               `json:"live" doc:"Calls in which the live dictionary finds it."`
	Tried int               `json:"tried" doc:"Calls in which this one does."`
	New   int               `json:"new" doc:"Of these, those in which the live one does not."`
	Gone  int               `json:"gone" doc:"Calls in which only the live one does."`
}

// TriedDictionary is what a dictionary finds in the newest transcripts.
type TriedDictionary struct {
	Calls   int          `json:"calls" doc:"That were looked through: the newest, at most 500 and for at most 8 seconds."`
	Entries []TriedEntry `json:"entries" doc:"In the order of the text, and then those that it has no longer."`
}

type entryKey struct {
	kind topic.Kind
	id   string
}

// TryDictionary looks through the newest transcripts by a dictionary and by the live one, and stores nothing.
func (s *Store) TryDictionary(ctx context.Context, yaml string) (TriedDictionary, error) {
	d, faults := lexicon.Parse([]byte(yaml))
	if len(faults) > 0 {
		return TriedDictionary{}, &FaultyDictionary{faults}
	}
	live, err := s.LiveDictionary(ctx)
	if err != nil {
		return TriedDictionary{}, err
	}
	out := TriedDictionary{Entries: []TriedEntry{}}
	at := map[entryKey]int{}
	for _, e := range append(append([]topic.Entry{}, d.Entries...), live.Dictionary.Entries...) {
		key := entryKey{e.Kind, e.ID}
		if _, have := at[key]; !have {
			at[key] = len(out.Entries)
			out.Entries = append(out.Entries, TriedEntry{Kind: e.Kind, Entry: e.ID, Name: e.Name})
		}
	}
	finder, until := topic.New(d), time.Now().Add(tryTime)
	for out.Calls < mostTried && time.Now().Before(until) {
		batch, err := s.newest(ctx, out.Calls, min(tryBatch, mostTried-out.Calls))
		if err != nil {
			return TriedDictionary{}, fmt.Errorf("try a dictionary: %w", err)
		}
		for _, t := range batch {
			out.compare(at, finder.Find(t), live.Finder.Find(t))
		}
		out.Calls += len(batch)
		if len(batch) < tryBatch {
			break
		}
	}
	return out, nil
}

// newest are transcripts after so many newer ones. One that cannot be read is empty.
func (s *Store) newest(ctx context.Context, after, most int) ([]rule.Transcript, error) {
	rows, err := s.pool.Query(ctx, `select data from transcripts where state = 'done' and data is not null order by started_at desc, leg limit $1 offset $2`, most, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []rule.Transcript
	for rows.Next() {
		var data []byte
		if err := rows.Scan(&data); err != nil {
			return nil, err
		}
		t, err := Unpack(data)
		if err != nil {
			t = rule.Transcript{}
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// compare counts one transcript.
func (d *TriedDictionary) compare(at map[entryKey]int, tried, live []topic.Mention) {
	of := func(all []topic.Mention) map[entryKey]bool {
		found := map[entryKey]bool{}
		for _, m := range all {
			found[entryKey{m.Kind, m.Entry}] = true
		}
		return found
	}
	now, before := of(tried), of(live)
	for key := range now {
		e := &d.Entries[at[key]]
		e.Tried++
		if !before[key] {
			e.New++
		}
	}
	for key := range before {
		e := &d.Entries[at[key]]
		e.Live++
		if !now[key] {
			e.Gone++
		}
	}
}
