package qa

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotline/qa/rule"
)

// saveMentions replaces what the live dictionary finds in a transcript, and notes by which version that was.
func (s *Store) saveMentions(ctx context.Context, tx pgx.Tx, src Source, queue *string, t rule.Transcript) error {
	live, err := s.liveDictionary(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from mentions where leg = $1`, src.Leg); err != nil {
		return err
	}
	all := live.Finder.Find(t)
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"mentions"},
		[]string{"leg", "n", "kind", "entry", "call_id", "agent_id", "queue_id", "at", "role", "start_ms", "phrase", "heard", "match", "opinion", "word"},
		pgx.CopyFromSlice(len(all), func(i int) ([]any, error) {
			m, match := all[i], rule.BySound
			if m.Exact {
				match = rule.Exact
			}
			return []any{
				src.Leg, m.Line, m.Kind, m.Entry, src.Call, src.Agent, queue, src.Started, m.Role, m.Start, m.Phrase, m.Heard, match, int16(m.Sign), m.Word,
			}, nil
		}))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update transcripts set dictionary = $2 where leg = $1`, src.Leg, live.Version)
	return err
}

// Reread looks through a few transcripts again that were made before the live dictionary, the newest first, each in a transaction
// of its own, and returns how many those were. Whoever is killed meanwhile loses one; twins wait for nothing and do none twice.
// One that cannot be read holds up none of the others: it has no mentions, and is told as an error.
func (s *Store) Reread(ctx context.Context, most int) (done int, err error) {
	live, err := s.LiveDictionary(ctx)
	if err != nil {
		return 0, err
	}
	var broken error
	for ; done < most; done++ {
		one, unreadable, err := s.rereadOne(ctx, live.Version)
		if err != nil {
			return done, errors.Join(broken, fmt.Errorf("look through a transcript again: %w", err))
		}
		if !one {
			break
		}
		broken = errors.Join(broken, unreadable)
	}
	return done, broken
}

func (s *Store) rereadOne(ctx context.Context, version int) (one bool, unreadable, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var src Source
		var queue *string
		var data []byte
		err := tx.QueryRow(ctx, `select leg, call_id, agent_id, queue_id, started_at, data from transcripts
			where state = 'done' and dictionary < $1 order by started_at desc limit 1 for update skip locked`, version).
			Scan(&src.Leg, &src.Call, &src.Agent, &queue, &src.Started, &data)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		one = true
		t, err := Unpack(data)
		if err != nil {
			unreadable, t = fmt.Errorf("look through %s: %w", src.Leg, err), rule.Transcript{}
		}
		return s.saveMentions(ctx, tx, src, queue, t)
	})
	return one, unreadable, err
}
