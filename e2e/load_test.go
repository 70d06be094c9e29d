package e2e

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"hotline/cti"
	"hotline/internal/devstack"
	"hotline/internal/robot"
	"hotline/internal/sipphone"
)

const (
	loadCalls  = 300
	loadRate   = 10  // a second
	loadAgents = 100 // each takes one call
	talkTime   = 6 * time.Second

	// After the welcome and the announcement (6.3 s), before the menu's patience is over (16 s later).
	keyAfter = 8 * time.Second
	// How many goroutines more than before the load may be left: idle connections, timers about to end.
	goroutineSlack = 12
)

// loadKinds is the pattern of the callers, see testdata/callers.xml: of six, two order, two ask in vain, one waits too
// long, one gives up.
var loadKinds = []string{"1", "2", "1", "2", "3", "0"}

func TestThreeHundredCallsAtTenASecond(t *testing.T) {
	s := newStack(t, nil)
	agents := s.loadAgents(loadAgents)
	s.idleMember()
	before := map[string]float64{"serve": 0, "media": 0}
	for name := range before {
		before[name] = s.metric(name, "go_goroutines")
	}

	ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
	defer stop()
	var answered, popLate atomic.Int64
	var work sync.WaitGroup
	for i, a := range agents {
		work.Go(func() {
			if err := s.takeCalls(ctx, a, i%2 == 0, &answered, &popLate); err != nil {
				t.Errorf("%s: %v", a.Login, err)
			}
		})
	}
	began := time.Now()
	s.sipp()
	t.Logf("%d calls in %s, %d answered; processor seconds so far: serve %.1f, media %.1f", loadCalls, time.Since(began).Round(100*time.Millisecond),
		answered.Load(), s.metric("serve", "process_cpu_seconds_total"), s.metric("media", "process_cpu_seconds_total"))
	if n := s.metric("serve", "hotline_journal_lost_total"); n != 0 {
		t.Errorf("%v entries of the journal were lost", n)
	}
	s.nothingLeft(before)
	stop()
	work.Wait()

	if n := answered.Load(); n != loadAgents {
		t.Errorf("%d calls were answered, want %d", n, loadAgents)
	}
	if n := popLate.Load(); n != 0 {
		t.Errorf("%d pops came after the ring", n)
	}
	for _, a := range agents {
		for _, why := range a.Breaks() {
			t.Logf("%s connected its sound again: %s", a.Login, why)
		}
	}
	s.checkLoadRows()
	s.checkLoadRecordings()
}

// loadAgents adds people to the order queue, where nobody else is signed in, and signs them in as robots.
func (s *stack) loadAgents(n int) []*robot.Agent {
	s.t.Helper()
	ctx := limit(s.t, 2*time.Minute)
	_, err := s.db.Exec(ctx, `with made as (
			insert into users (login, name, password_hash, role, scope)
			select 'load' || lpad(n::text, 3, '0'), '測試 ' || n, (select password_hash from users where login = 'yijun'), 'agent', 'own'
			from generate_series(1, $1::int) n returning id
		) insert into queue_members (queue_id, user_id) select 'order', id from made`, n)
	must(s.t, err)
	_, err = s.db.Exec(ctx, `update queues set longest_wait_s = 10 where id = 'member'`)
	must(s.t, err)
	agents := make([]*robot.Agent, n)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i := range agents {
		g.Go(func() error {
			a, err := robot.SignIn(ctx, s.base, fmt.Sprintf("load%03d", i+1), s.logins["yijun"].Password)
			if err != nil {
				return err
			}
			agents[i] = a
			return errors.Join(a.Open(ctx), a.OpenSound(ctx), a.Ready(ctx))
		})
	}
	must(s.t, g.Wait())
	s.t.Cleanup(func() {
		for _, a := range agents {
			a.Close()
		}
	})
	return agents
}

// idleMember staffs the member queue with somebody who takes no calls, so that its callers wait.
func (s *stack) idleMember() {
	s.t.Helper()
	ctx := limit(s.t, 30*time.Second)
	var name string
	must(s.t, s.db.QueryRow(ctx, `select u.login from users u join queue_members m on m.user_id = u.id and m.queue_id = 'member'
		where u.active and u.role = 'agent' and not exists (select from queue_members o where o.user_id = u.id and o.queue_id = 'service')
		order by u.login limit 1`).Scan(&name))
	a, err := robot.SignIn(ctx, s.base, name, s.logins[name].Password)
	must(s.t, err)
	s.t.Cleanup(a.Close)
	must(s.t, a.Open(ctx))
}

// takeCalls answers every ring until ctx ends: it talks, then hangs up itself or leaves that to the caller, and disposes
// of the call.
func (s *stack) takeCalls(ctx context.Context, a *robot.Agent, hangsUp bool, answered, popLate *atomic.Int64) error {
	for {
		err := a.Wait(ctx, "a ring", func(v cti.AgentView) bool { return v.State == cti.AgentStateRinging })
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if _, at, ring := a.Pop(); at.IsZero() || at.After(ring) {
			popLate.Add(1)
		}
		if err := a.Answer(ctx); err != nil {
			return err
		}
		answered.Add(1)
		heard := len(a.Heard())
		a.Say(voice(1, talkTime))
		talk, cancel := context.WithTimeout(ctx, talkTime)
		err = a.Wait(talk, "the end of the talk", func(v cti.AgentView) bool { return v.State != cti.AgentStateTalking })
		cancel()
		if err == nil {
			return errors.New("the call ended while the agent talked")
		}
		if level := sipphone.RMS(sipphone.Wave(a.HeardSince(heard))); level < 300 {
			return fmt.Errorf("the caller was not heard, level %.0f", level)
		}
		view := a.View()
		if hangsUp {
			if err := a.Do(ctx, "hang_up", map[string]any{"leg": view.Call.Leg}); err != nil {
				return err
			}
		}
		if err := a.Wait(ctx, "wrap-up", func(v cti.AgentView) bool { return v.State == cti.AgentStateWrapUp }); err != nil {
			return err
		}
		if err := a.Do(ctx, "dispose", map[string]any{"call": view.Call.Call, "code": s.disposition(), "note": ""}); err != nil {
			return err
		}
	}
}

// sipp plays the callers; none of them may fail.
func (s *stack) sipp() {
	t := s.t
	t.Helper()
	dir := filepath.Join(s.dir, "sipp")
	must(t, os.MkdirAll(dir, 0o755))
	scenario, err := os.ReadFile("testdata/callers.xml")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "callers.xml"), scenario, 0o600))
	for key, length := range map[rune]time.Duration{'0': 6 * time.Second, '1': 25 * time.Second, '2': 30 * time.Second, '3': 45 * time.Second} {
		c := rtpCapture{sound: voice(uint64(key), length), key: key, at: keyAfter}
		if key == '0' {
			c.key = 0
		}
		must(t, c.write(filepath.Join(dir, fmt.Sprintf("key-%c.pcap", key))))
	}
	must(t, os.WriteFile(filepath.Join(dir, "callers.csv"), []byte(s.callers()), 0o600))
	port, err := devstack.FreePort()
	must(t, err)
	media, err := devstack.FreePortBlock(4*loadCalls + 8)
	must(t, err)
	cmd := exec.CommandContext(limit(t, 3*time.Minute), "sipp", s.sip.String(), "-sf", "callers.xml", "-inf", "callers.csv", "-s", line,
		"-i", "127.0.0.1", "-p", strconv.Itoa(int(port.Port())), "-mi", "127.0.0.1", "-mp", strconv.Itoa(int(media)),
		"-m", strconv.Itoa(loadCalls), "-r", strconv.Itoa(loadRate), "-l", strconv.Itoa(loadCalls), "-nostdin",
		"-timeout", "150", "-timeout_error", "-trace_err", "-error_file", "errors.log", "-trace_stat", "-stf", "stat.csv", "-fd", "1")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	stat, statErr := lastLine(filepath.Join(dir, "stat.csv"))
	if err != nil || statErr != nil || stat["SuccessfulCall(C)"] != strconv.Itoa(loadCalls) || stat["FailedCall(C)"] != "0" {
		faults, _ := os.ReadFile(filepath.Join(dir, "errors.log")) // there is none without faults
		t.Fatalf("sipp: %v, %v: %s succeeded, %s failed\n%.4000s\n%s", err, statErr, stat["SuccessfulCall(C)"], stat["FailedCall(C)"], faults, tail(string(out), 3000))
	}
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// callers is the file of sipp's callers: the kind, and the number of a customer.
func (s *stack) callers() string {
	s.t.Helper()
	rows, err := s.db.Query(limit(s.t, 10*time.Second), `select '0' || substr(e164, 5) from customer_phones where e164 like '+886%' order by e164 limit $1`, loadCalls)
	must(s.t, err)
	defer rows.Close()
	var out strings.Builder
	out.WriteString("SEQUENTIAL\n")
	n := 0
	for ; rows.Next(); n++ {
		var number string
		must(s.t, rows.Scan(&number))
		fmt.Fprintf(&out, "%s;%s\n", loadKinds[n%len(loadKinds)], number)
	}
	must(s.t, rows.Err())
	if n != loadCalls {
		s.t.Fatalf("%d customers have numbers, want %d", n, loadCalls)
	}
	return out.String()
}

// lastLine reads sipp's statistics.
func lastLine(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comma, r.FieldsPerRecord = ';', -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 {
		return nil, fmt.Errorf("%d lines of statistics: %w", len(rows), err)
	}
	out := map[string]string{}
	for i, name := range rows[0] {
		if last := rows[len(rows)-1]; i < len(last) {
			out[name] = last[i]
		}
	}
	return out, nil
}

// metric reads one value of a process's metrics.
func (s *stack) metric(process, name string) float64 {
	s.t.Helper()
	url := s.base + "/metrics"
	if process == "media" {
		url = "http://" + s.control + "/metrics"
	}
	res, err := http.Get(url)
	must(s.t, err)
	defer func() { _ = res.Body.Close() }()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			v, err := strconv.ParseFloat(value, 64)
			must(s.t, err)
			return v
		}
	}
	s.t.Fatalf("%s has no metric %s", process, name)
	return 0
}

// ari counts what Asterisk has of "channels" or "bridges".
func (s *stack) ari(what string) (int, error) {
	req, err := http.NewRequestWithContext(limit(s.t, 10*time.Second), http.MethodGet, s.asterisk.URL()+"/"+what, nil)
	if err != nil {
		return 0, err
	}
	req.SetBasicAuth(s.asterisk.User, s.asterisk.Password)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return 0, fmt.Errorf("%s: %w: %s", what, err, raw)
	}
	return len(all), nil
}

// udpPorts counts the UDP ports in use within a range, of whatever process.
func udpPorts(first, last int) (n int, err error) {
	raw, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		return 0, err
	}
	for row := range strings.Lines(string(raw)) {
		fields := strings.Fields(row)
		if len(fields) < 2 {
			continue
		}
		_, hex, ok := strings.Cut(fields[1], ":")
		port, err := strconv.ParseUint(hex, 16, 16)
		if ok && err == nil && int(port) >= first && int(port) <= last {
			n++
		}
	}
	return n, nil
}

// nothingLeft: after the last call everything is as it was before the first.
func (s *stack) nothingLeft(before map[string]float64) {
	t := s.t
	t.Helper()
	for _, what := range []string{"channels", "bridges"} {
		eventually(t, 20*time.Second, "no "+what+" are left in Asterisk", func() error {
			n, err := s.ari(what)
			if err == nil && n != 0 {
				err = fmt.Errorf("%d left", n)
			}
			return err
		})
	}
	for name, r := range map[string][2]int{"Asterisk": {int(s.asterisk.RTP.First), int(s.asterisk.RTP.Last)}, "the gateway": s.rtp} {
		eventually(t, 10*time.Second, "no RTP port of "+name+" is left open", func() error {
			n, err := udpPorts(r[0], r[1])
			if err == nil && n != 0 {
				err = fmt.Errorf("%d open", n)
			}
			return err
		})
	}
	if n := s.metric("media", "hotline_media_legs"); n != 0 {
		t.Errorf("the gateway has %v legs left", n)
	}
	for name, was := range before {
		eventually(t, 20*time.Second, "the goroutines of "+name+" are as before", func() error {
			if is := s.metric(name, "go_goroutines"); is > was+goroutineSlack {
				return fmt.Errorf("%v, before the load %v", is, was)
			}
			return nil
		})
	}
	eventually(t, 10*time.Second, "every call row is closed", func() error {
		var open int
		err := s.db.QueryRow(limit(t, 5*time.Second), `select count(*) from calls where ended_at is null`).Scan(&open)
		if err == nil && open != 0 {
			err = fmt.Errorf("%d open", open)
		}
		return err
	})
}

// checkLoadRows: every caller met the end that was planned.
func (s *stack) checkLoadRows() {
	t := s.t
	t.Helper()
	want := map[string]int{"answered": 0, "unstaffed": 0, "timeout": 0, "hung_up_in_ivr": 0}
	for i := range loadCalls {
		want[map[string]string{"1": "answered", "2": "unstaffed", "3": "timeout", "0": "hung_up_in_ivr"}[loadKinds[i%len(loadKinds)]]]++
	}
	got := map[string]int{}
	rows, err := s.db.Query(limit(t, 10*time.Second), `select coalesce(outcome, ''), count(*) from calls where id like 'hl1-%' group by 1`)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var outcome string
		var n int
		must(t, rows.Scan(&outcome, &n))
		got[outcome] = n
	}
	must(t, rows.Err())
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("outcomes %v, want %v", got, want)
	}
}

// checkLoadRecordings: each answered call has a finished recording, with somebody to be heard on either side.
func (s *stack) checkLoadRecordings() {
	t := s.t
	t.Helper()
	eventually(t, 30*time.Second, "the recordings are stored", func() error {
		var all, stored int
		err := s.db.QueryRow(limit(t, 5*time.Second), `select count(*), count(*) filter (where state = 'stored')
			from recordings where call_id like 'hl1-%'`).Scan(&all, &stored)
		if err == nil && (all != loadAgents || stored != loadAgents) {
			err = fmt.Errorf("%d recordings, %d of them stored", all, stored)
		}
		return err
	})
	rows, err := s.db.Query(limit(t, 10*time.Second), `select leg from recordings where call_id like 'hl1-%'`)
	must(t, err)
	defer rows.Close()
	var faults []string
	for rows.Next() {
		var leg string
		must(t, rows.Scan(&leg))
		left, right, err := s.channels(leg)
		must(t, err)
		if least := int(talkTime.Seconds() * 8000); len(left) < least || sipphone.RMS(left) < 300 || sipphone.RMS(right) < 300 {
			faults = append(faults, fmt.Sprintf("%s: %.1f s, levels %.0f and %.0f", leg, float64(len(left))/8000, sipphone.RMS(left), sipphone.RMS(right)))
		}
	}
	must(t, rows.Err())
	if len(faults) > 0 {
		slices.Sort(faults)
		t.Errorf("%d recordings are not whole:\n%s", len(faults), strings.Join(faults[:min(5, len(faults))], "\n"))
	}
}
