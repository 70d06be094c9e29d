package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/recording"
	"hotline/recording/evidence"
	"hotline/recording/keep"
	"hotline/recording/vaulttest"
)

// derived makes a row of leg c1.2 in every table that holds something of a recording which an erasure must remove.
var derived = map[string]string{
	"recording_keys":       `update recording_keys set leg = leg`, // the vault made it
	"recording_redactions": `insert into recording_redactions (leg, channel, start_ms, end_ms, kind) values ('c1.2', 'left', 1, 2, 'card')`,
	"recording_comments":   `insert into recording_comments (leg, at_ms, user_id, body) values ('c1.2', 1, 'u1', 'listen')`,
	"transcripts":          `insert into transcripts (leg, call_id, agent_id, started_at, state) values ('c1.2', 'c1', 'u1', now(), 'done')`,
	"transcript_lines":     `insert into transcript_lines (leg, n, at, role, start_ms, end_ms, text, agent_id) values ('c1.2', 1, now(), 'agent', 0, 1, '您好', 'u1')`,
	"rule_trial_findings": `with t as (insert into rule_trials (yaml, live, before, most, state, by) select '', max(version), now(), 1, 'done', 'u1' from rule_books returning id)
		insert into rule_trial_findings (trial_id, leg, agent_id, at, side, rule, class) select id, 'c1.2', 'u1', now(), 'new', 'r', 'phrase' from t`,
	"rule_thumbs": `insert into rule_thumbs (leg, agent_id, rule, prints, trial_id, thumb, by) values ('c1.2', 'u1', 'r', '{p}', 1, 'up', 'u2')`,
	"mentions": `insert into mentions (leg, n, kind, entry, call_id, agent_id, at, role, start_ms, phrase, heard, match, opinion)
		values ('c1.2', 1, 'topic', 'refund', 'c1', 'u1', now(), 'caller', 0, '退款', '退款', 'exact', 0)`,
	"tasks":          `insert into tasks (key, kind, due, made_by, leg) values ('message/c1/1', 'message', now(), 'flow', 'c1.2')`,
	"survey_answers": `insert into survey_answers (call_id, survey, version, question, value, at, leg) values ('c1', 'after-call', 'v', 'words', 1, now(), 'c1.2')`,
	"findings":       `insert into findings (leg, call_id, agent_id, at, book, rule, class) select 'c1.2', 'c1', 'u1', now(), max(version), 'r', 'phrase' from rule_books`,
}

// kept are the tables that may still name the leg: they say that there was a recording, and nothing of what it says.
var kept = []string{
	"recordings", "recording_chain", "recording_alarms", "recording_pauses", "legal_hold_legs",
	// Emptied by qa.EraseReview, whose test has them.
	"scores", "finding_marks", "review_events", "coaching_notes",
}

func TestErasureLeavesNothingOfARecording(t *testing.T) {
	ctx, pool, dir := t.Context(), pgtest.Pool(t), t.TempDir()
	catalogue := recording.NewStore(pool, dir)
	vault := vaulttest.New(t, catalogue, dir)
	leg, sound := id.LegID("c1.2"), bytes.Repeat([]byte("fLaC and what was said "), 1000)
	path := filepath.Join(dir, "2026", "c1.2.flac")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, sound, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := catalogue.Finished(ctx, recording.Result{
		Call: "c1", Leg: leg, Agent: "u1", Started: time.Now(), Duration: time.Minute, SHA256: sha(sound), Bytes: int64(len(sound)), Path: "2026/c1.2.flac",
		Peaks: recording.Peaks{Rate: 8000, Step: 160, Left: []int8{-1, 1}, Right: []int8{-1, 1}},
	}); err != nil {
		t.Fatal(err)
	}
	if err := vault.Keep(ctx, leg); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, `insert into rule_books (version, state, yaml) values (1, 'live', '') on conflict do nothing`); err != nil {
		t.Fatal(err)
	}
	rows, err := pool.Query(ctx, `select table_name::text from information_schema.columns where column_name = 'leg' and table_schema = 'public' order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		sql, ok := derived[table]
		if !ok && !slices.Contains(kept, table) {
			t.Errorf("table %s names recordings: register who erases it, and let this test see it", table)
		}
		if ok {
			if tag, err := pool.Exec(ctx, sql); err != nil || tag.RowsAffected() != 1 {
				t.Fatalf("%s: %v, %v", table, tag, err)
			}
		}
	}

	if err := keeper(pool, settings{}, vault).Erase(ctx, leg, keep.WhyRequest, "u5"); err != nil {
		t.Fatal(err)
	}
	for table := range derived {
		var n int
		if err := pool.QueryRow(ctx, `select count(*) from `+table+` where leg = 'c1.2'`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows are left in %s, %v", n, table, err)
		}
	}
	if _, err := catalogue.Peaks(ctx, leg); !errors.Is(err, recording.ErrNotFound) {
		t.Errorf("the waveform is left: %v", err)
	}
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s is left", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	v, err := evidence.NewVerifier(pool, vault, evidence.Config{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if report, err := v.Verify(ctx); err != nil || len(report.Faults) != 0 || report.Entries != 2 {
		t.Errorf("%+v, %v", report, err)
	}
}

func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
