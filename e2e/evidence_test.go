package e2e

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/recording/evidence"
)

// withEvidence signs the chain by a new key, and keeps copies of what was signed.
func withEvidence(t *testing.T) func(map[string]any) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	must(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	path := filepath.Join(t.TempDir(), "evidence.pem")
	must(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	copies := t.TempDir()
	return func(settings map[string]any) {
		settings["evidence"] = map[string]any{"key": path, "copies": []string{copies}}
	}
}

// try runs a subcommand to its end and returns what it printed, and its exit code.
func (s *stack) try(args ...string) (out string, code int) {
	s.t.Helper()
	cmd := exec.CommandContext(limit(s.t, 2*time.Minute), hotlineBinary(s.t), append(args, "--config", s.config)...)
	raw, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(raw) + string(exit.Stderr), exit.ExitCode()
	}
	must(s.t, err)
	return string(raw), 0
}

// verify returns what hotline recordings verify finds: kind and leg of each fault.
func (s *stack) verify() (report evidence.Report, faults string) {
	s.t.Helper()
	out, code := s.try("recordings", "verify", "--json")
	must(s.t, json.Unmarshal([]byte(out), &report))
	var all []string
	for _, f := range report.Faults {
		all = append(all, string(f.Kind)+" "+string(f.Leg))
	}
	if (code == 1) != (len(all) > 0) {
		s.t.Errorf("%d faults, and exit status %d", len(all), code)
	}
	return report, strings.Join(all, "; ")
}

// A real call and the recordings of the demo company, as the worker sealed them: whole, then with one bit changed, exchanged
// by somebody who has the database, held, and erased.
func TestRecordingsAreEvidence(t *testing.T) {
	s := newStack(t, withEvidence(t))
	agent := s.agent("yijun")
	_, _, from := s.customer()
	call := s.dial(from)
	s.heard("the menu", call.Heard, s.prompt("zh-TW", menu)[:8000], 0.9, 30*time.Second)
	call.Press("1")
	s.answer(agent)
	problem := voice(5, 4*time.Second)
	agent.Say(voice(4, 8*time.Second))
	call.Say(problem)
	s.heard("the caller, by the agent", agent.Heard, problem, 0.8, 10*time.Second)
	must(t, agent.Do(limit(t, 20*time.Second), "hang_up", map[string]any{"leg": agent.View().Call.Leg}))
	leg := s.recorded()
	eventually(t, time.Minute, "everything is sealed", func() error {
		var n int
		err := s.db.QueryRow(limit(t, 10*time.Second), `select count(*) from recordings where state <> 'stored'`).Scan(&n)
		if err == nil && n > 0 {
			err = fmt.Errorf("%d are not", n)
		}
		return err
	})

	s.tool("recordings", "sign")
	report, faults := s.verify()
	if faults != "" || report.Entries < 2 || report.Files != report.Entries || report.Signed != report.Entries {
		t.Fatalf("untouched: %+v", report)
	}
	if out, code := s.try("recordings", "check"); code != 0 {
		t.Errorf("the ledger has alarms of an untouched system: %s", out)
	}

	file := s.sealedFile(leg)
	whole, err := os.ReadFile(file)
	must(t, err)
	bent := append([]byte{}, whole...)
	bent[len(bent)/2] ^= 1
	must(t, os.WriteFile(file, bent, 0o600))
	if _, faults := s.verify(); faults != "file-unreadable "+leg {
		t.Errorf("one bit: found %q", faults)
	}
	if out, code := s.try("recordings", "check"); code != 1 || !strings.Contains(out, "hash leg "+leg) {
		t.Errorf("one bit: the ledger says %s", out)
	}
	must(t, os.WriteFile(file, whole, 0o600))
	if out, code := s.try("recordings", "check"); code != 0 || !strings.Contains(out, "1 cleared") {
		t.Errorf("mended: the ledger says %s", out)
	}

	was := s.edit(`update recordings set duration_ms = duration_ms - 1000 where leg = $1`, leg)
	if _, faults := s.verify(); faults != "row-altered "+leg {
		t.Errorf("an edited row: found %q", faults)
	}
	s.edit(`update recordings set duration_ms = `+was+` where leg = $1`, leg)

	s.keepAndErase(leg, file)
	s.rewriteChain()
	if _, faults := s.verify(); faults != "chain-rewritten " {
		t.Errorf("a chain written anew: found %q", faults)
	}
}

// edit does what somebody with the database can, and returns the length of the recording before.
func (s *stack) edit(sql, leg string) (was string) {
	s.t.Helper()
	ctx := limit(s.t, 10*time.Second)
	must(s.t, s.db.QueryRow(ctx, `select duration_ms::text from recordings where leg = $1`, leg).Scan(&was))
	_, err := s.db.Exec(ctx, sql, leg)
	must(s.t, err)
	return was
}

// sealedFile is where the recording of a leg lies.
func (s *stack) sealedFile(leg string) string {
	s.t.Helper()
	var path string
	must(s.t, s.db.QueryRow(limit(s.t, 10*time.Second), `select path from recordings where leg = $1`, leg).Scan(&path))
	found, err := filepath.Glob(filepath.Join(s.dir, "recordings", "sealed", path+"*"))
	must(s.t, err)
	if len(found) != 1 {
		s.t.Fatalf("sealed files of %s: %v", leg, found)
	}
	return found[0]
}

// keepAndErase holds the newest recordings, is refused an erasure, and then gets it.
func (s *stack) keepAndErase(leg, file string) {
	t := s.t
	t.Helper()
	s.tool("recordings", "hold", "--queue", "order", "--reason", "dispute 12", "--as", "admin")
	if out, code := s.try("recordings", "erase", "--leg", leg, "--why", "request", "--as", "admin"); code != 1 || !strings.Contains(out, "dispute 12") {
		t.Errorf("erasing what is held: %d %s", code, out)
	}
	s.tool("recordings", "release", "1", "--reason", "settled", "--as", "admin")
	s.tool("recordings", "erase", "--leg", leg, "--why", "request", "--as", "admin")
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file of an erased recording: %v", err)
	}
	if _, _, err := s.channels(leg); err == nil {
		t.Error("an erased recording can be heard")
	}
	s.tool("recordings", "sign")
	if report, faults := s.verify(); faults != "" || report.Signed != report.Entries || report.Files != report.Entries-2 {
		t.Errorf("after an erasure: %+v", report)
	}
}

// rewriteChain changes an entry and gives it and all that follow the hashes that they would have.
func (s *stack) rewriteChain() {
	s.t.Helper()
	ctx := limit(s.t, 20*time.Second)
	conn, err := s.db.Acquire(ctx)
	must(s.t, err)
	defer conn.Release()
	for _, sql := range []string{
		`set session_replication_role = replica`, // triggers do not stop whoever owns the database
		`update recording_chain set note = 'so it was' where kind = 'erased'`,
	} {
		_, err := conn.Exec(ctx, sql)
		must(s.t, err)
	}
	rows, err := conn.Query(ctx, `select seq, kind, leg, at, started_at, duration_ms, sha256, manifest, note, hash from recording_chain order by seq`)
	must(s.t, err)
	previous, hashes := strings.Repeat("0", 64), map[int64]string{}
	for rows.Next() {
		var e evidence.Entry
		must(s.t, rows.Scan(&e.Seq, &e.Kind, &e.Leg, &e.At, &e.Started, &e.DurationMS, &e.SHA256, &e.Manifest, &e.Note, &e.Hash))
		previous = e.Sum(previous)
		hashes[e.Seq] = previous
	}
	must(s.t, rows.Err())
	for seq, hash := range hashes {
		_, err := conn.Exec(ctx, `update recording_chain set hash = $2 where seq = $1`, seq, hash)
		must(s.t, err)
	}
	_, err = conn.Exec(ctx, `reset session_replication_role`)
	must(s.t, err)
}
