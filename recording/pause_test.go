package recording

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hotline/internal/g711"
	"hotline/internal/pg/pgtest"
)

// secret is a level that only what is said in a pause has.
const secret = 20000

// tainted says whether the bytes of a spool hold the secret.
func tainted(spool []byte) bool {
	mark := g711.Ulaw(g711.EncodeUlaw([]int16{secret})[0])
	for i := 0; i+2 <= len(spool); i += 2 {
		if int16(binary.LittleEndian.Uint16(spool[i:])) == mark {
			return true
		}
	}
	return false
}

func spooled(t *testing.T, dir string) []byte {
	t.Helper()
	var all [][]byte
	for _, name := range left0(dir) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".pcm") {
			all = append(all, data)
		}
	}
	return bytes.Join(all, nil)
}

func TestNothingOfAPauseTouchesTheDiskAndTheTimeLineHolds(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := Start(dir, head(1, time.Now()), quietLog, noFault(t))
		seq := 0
		say := func(seconds float64, l, r int16) {
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for range int(seconds * 50) {
				now := <-tick.C
				p := Packet{SSRC: 1, Seq: uint16(seq), Timestamp: uint32(seq * 160), Arrival: now}
				seq++
				p.Payload = slices.Repeat(g711.EncodeUlaw([]int16{l}), 160)
				w.Left(p)
				p.Payload = slices.Repeat(g711.EncodeUlaw([]int16{r}), 160)
				w.Right(p)
				synctest.Wait()
				if tainted(spooled(t, dir)) {
					t.Fatal("what was said in the pause is in the spool")
				}
			}
		}
		say(2, 4000, -4000)
		w.Pause(true, time.Now())
		w.Pause(true, time.Now()) // asked twice
		say(3, secret, secret)
		// Two packets spoken in the pause come after it.
		late := Packet{SSRC: 1, Seq: uint16(seq), Timestamp: uint32(seq * 160), Payload: slices.Repeat(g711.EncodeUlaw([]int16{secret}), 160)}
		seq++
		<-time.After(20 * time.Millisecond)
		w.Pause(false, time.Now())
		<-time.After(15 * time.Millisecond)
		late.Arrival = time.Now()
		w.Left(late)
		w.Right(late)
		<-time.After(5 * time.Millisecond)
		say(2, 8000, -8000)
		w.Close()
		<-w.Done()
		if tainted(spooled(t, dir)) {
			t.Error("what was said in the pause is in the spool")
		}
	})
	res, err := Finish(t.Context(), dir, leg, newShelf())
	if err != nil {
		t.Fatal(err)
	}
	l, r := decode(t, dir, res)
	for _, at := range []struct {
		seconds float64
		l, r    int16
	}{{1, 4000, -4000}, {2.2, 0, 0}, {3.5, 0, 0}, {4.8, 0, 0}, {5.3, 8000, -8000}, {6.5, 8000, -8000}} {
		if a, b := around(t, l, at.seconds), around(t, r, at.seconds); !alike(a, at.l) || !alike(b, at.r) {
			t.Errorf("at %.1f s: %d and %d, want %d and %d", at.seconds, a, b, at.l, at.r)
		}
	}
	first := slices.IndexFunc(l, func(s int16) bool { return alike(s, 8000) })
	if off := float64(first)/Rate - 5.04; off < -0.06 || off > 0.06 {
		t.Errorf("what was said after the pause begins %.3f s off", off)
	}
	if p := res.Parts[0].Paused; len(p) != 1 || p[0].From < 15900 || p[0].From > 16200 || p[0].To-p[0].From < 24000 || p[0].To-p[0].From > 24400 {
		t.Errorf("paused: %+v", p)
	}
}

func alike(a, b int16) bool { return a-b < 300 && b-a < 300 }

func TestPauseEndsWithThePart(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := Start(dir, head(1, time.Now()), quietLog, noFault(t))
		w.Pause(true, time.Now()) // as after a restart of the gateway
		talk(w, 1, secret, secret)
		w.Close()
		<-w.Done()
	})
	if tainted(spooled(t, dir)) {
		t.Error("what was said in the pause is in the spool")
	}
	res, err := Finish(t.Context(), dir, leg, newShelf())
	if err != nil {
		t.Fatal(err)
	}
	if p := res.Parts[0].Paused; len(p) != 1 || p[0].From != 0 || p[0].To < Rate {
		t.Errorf("paused: %+v", p)
	}
}

func TestPausesOutliveTheGatewayAndBecomeRows(t *testing.T) {
	ctx, pool, dir := t.Context(), pgtest.Pool(t), t.TempDir()
	s := NewStore(pool, dir)
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	if got, err := ReadPauses(dir, leg); err != nil || got != nil {
		t.Fatalf("of a leg without pauses: %v, %v", got, err)
	}
	one := Pause{From: at, To: at.Add(9 * time.Second), By: "u1", Cause: CauseAgent}
	two := Pause{From: at.Add(time.Minute), By: "u2", Cause: CauseAPI}
	if err := KeepPauses(dir, leg, []Pause{one, two}); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadPauses(dir, leg); err != nil || !slices.Equal(got, []Pause{one, two}) {
		t.Fatalf("read back %+v, %v", got, err)
	}
	// The controller heard of the second one while it lasted, and of the end of the leg.
	if err := errors.Join(
		Expect(ctx, pool, Expected{Leg: leg, Call: call, Agent: "u1", Started: at.Add(-time.Minute)}),
		StorePauses(ctx, pool, leg, two),
	); err != nil {
		t.Fatal(err)
	}
	over := at.Add(2 * time.Minute)
	if _, err := Ended(ctx, pool, leg, over); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.SettlePauses(ctx, leg); err != nil {
			t.Fatal(err)
		}
	}
	two.To = over
	if got, err := s.Pauses(ctx, leg); err != nil || !slices.Equal(got, []Pause{one, two}) {
		t.Errorf("rows: %+v, %v", got, err)
	}
	if names := left0(dir); len(names) != 0 {
		t.Errorf("left in the spool: %v", names)
	}
}

func TestDamagedPausesAreToldFromNone(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "spool"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{
		"", "{", `{"version":2}`, `{"version":1,"leg":"other.2"}`,
		`{"version":1,"leg":"` + string(leg) + `","pauses":[{"by":"u1","cause":"agent"}]}`,
	} {
		if err := os.WriteFile(pausePath(dir, leg), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadPauses(dir, leg); err == nil {
			t.Errorf("%q read as %v", data, got)
		}
	}
}
