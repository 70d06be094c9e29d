package recording

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mewkiz/flac"

	"hotline/cti/id"
	"hotline/internal/g711"
)

const (
	call = id.CallID("hl1-1732345678-12")
	leg  = id.LegID("hl1-1732345678-12.2")
)

var quietLog = slog.New(slog.NewTextHandler(io.Discard, nil))

func head(part int, epoch time.Time) Head {
	return Head{Call: call, Leg: leg, Part: part, Agent: "u1", Epoch: epoch}
}

func noFault(t *testing.T) func(Fault) {
	return func(f Fault) { t.Errorf("fault: %s", f) }
}

// talk feeds both channels for a while, a packet every 20 ms, in (virtual) time.
func talk(w *Writer, seconds float64, l, r int16) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for k := range int(seconds * 50) {
		now := <-tick.C
		p := Packet{SSRC: 1, Seq: uint16(k), Timestamp: uint32(k * 160), Arrival: now}
		p.Payload = slices.Repeat(g711.EncodeUlaw([]int16{l}), 160)
		w.Left(p)
		p.Payload = slices.Repeat(g711.EncodeUlaw([]int16{r}), 160)
		w.Right(p)
	}
}

// decode reads a finished file.
func decode(t *testing.T, dir string, res Result) (l, r []int16) {
	t.Helper()
	stream, err := flac.ParseFile(filepath.Join(dir, res.Path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	if in := stream.Info; in.SampleRate != Rate || in.NChannels != 2 || in.BitsPerSample != 16 || in.BlockSizeMin != in.BlockSizeMax {
		t.Errorf("stream info is %+v", in)
	}
	for {
		f, err := stream.ParseNext()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Subframes[0].Samples {
			l, r = append(l, int16(f.Subframes[0].Samples[i])), append(r, int16(f.Subframes[1].Samples[i]))
		}
	}
	if uint64(len(l)) != stream.Info.NSamples {
		t.Errorf("%d samples, stream info says %d", len(l), stream.Info.NSamples)
	}
	return l, r
}

// around is the value for a stretch of a quarter of a second.
func around(t *testing.T, samples []int16, seconds float64) int16 {
	t.Helper()
	at := int(seconds * Rate)
	for _, s := range samples[at-1000 : at+1000] {
		if s != samples[at] {
			t.Errorf("at %.2f s: torn between %d and %d", seconds, samples[at], s)
			break
		}
	}
	return samples[at]
}

func left0(root string) (names []string) {
	names, _ = filepath.Glob(filepath.Join(root, "spool", "*"))
	return names
}

func TestPartsBecomeOneFileOnTheCallsClock(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		epoch := time.Now()
		<-time.After(3 * time.Second)
		one := Start(dir, head(1, epoch), quietLog, noFault(t))
		talk(one, 2, 4000, -8000)
		one.Hold(true)
		talk(one, 1, 6000, 0)
		one.Hold(false)
		if _, err := Finish(t.Context(), dir, leg, newShelf()); !errors.Is(err, ErrStillRecording) {
			t.Errorf("finish while talking: %v", err)
		}
		one.Close()
		<-one.Done()
		<-time.After(2 * time.Second)
		two := Start(dir, head(2, epoch), quietLog, noFault(t))
		talk(two, 2, 12000, -16000)
		two.Close()
		<-two.Done()
	})
	shelf := newShelf()
	first, err := Finish(t.Context(), dir, leg, shelf)
	if err != nil {
		t.Fatal(err)
	}
	if first.Call != call || first.Leg != leg || first.Agent != "u1" || first.Duration != 7*time.Second {
		t.Errorf("result is %+v", first)
	}
	if first.Path != "2000/01/01/"+string(leg)+".flac" {
		t.Errorf("path is %s", first.Path)
	}
	if p := first.Parts; len(p) != 2 || p[0].OnCallMS != 3000 || p[0].StartMS != 0 || p[0].DurationMS != 3000 ||
		p[1].OnCallMS != 8000 || p[1].StartMS != 5000 || p[1].DurationMS != 2000 || p[0].Interrupted || len(p[0].Held) != 1 {
		t.Errorf("parts are %+v", p)
	}
	l, r := decode(t, dir, first)
	for at, want := range map[float64][2]int16{1: {4000, -8000}, 2.5: {6000, 0}, 4: {0, 0}, 6: {12000, -16000}} {
		if a, b := around(t, l, at), around(t, r, at); !near(a, want[0]) || !near(b, want[1]) {
			t.Errorf("at %.1f s: %d and %d, want %v", at, a, b, want)
		}
	}
	if got := first.Peaks; got.Step != 160 || len(got.Left) != 700 || got.Left[101] < 12 || got.Right[100] > -28 || got.Left[400] != 0 {
		t.Errorf("peaks: step %d, %d values", got.Step, len(got.Left))
	}
	if names := left0(dir); len(names) != 0 {
		t.Errorf("the spool still has %v", names)
	}
	if again, err := Finish(t.Context(), dir, leg, shelf); err != nil || again.Path != "" || len(shelf.made) != 1 {
		t.Errorf("finished again: %+v, %v; %d are on the shelf", again, err, len(shelf.made))
	}
}

func TestSoundIsOnDiskWithin200ms(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := Start(dir, head(1, time.Now()), quietLog, noFault(t))
		start := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() { talk(w, 3, 4000, 4000) })
		for range 50 {
			<-time.After(53 * time.Millisecond)
			synctest.Wait()
			info, err := os.Stat(filepath.Join(dir, "spool", leg.Channel(1)+".pcm"))
			if err != nil {
				t.Fatal(err)
			}
			stored := time.Duration(info.Size()/frameBytes) * time.Second / Rate
			if age := time.Since(start) - stored; age > 200*time.Millisecond {
				t.Fatalf("after %v, the newest sample on disk is %v old", time.Since(start), age)
			}
		}
		wg.Wait()
		w.Close()
		<-w.Done()
	})
}

func TestSpoolThatCannotBeMadeIsTriedAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "recordings")
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // in the way
		t.Fatal(err)
	}
	var faults atomic.Int64
	synctest.Test(t, func(t *testing.T) {
		w := Start(dir, head(1, time.Now()), quietLog, func(Fault) { faults.Add(1) })
		talk(w, 5, 4000, 4000)
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		talk(w, 5, 8000, 8000)
		w.Close()
		<-w.Done()
	})
	if faults.Load() == 0 {
		t.Error("nobody was told")
	}
	res, err := Finish(t.Context(), dir, leg, newShelf())
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Parts) != 1 || len(res.Parts[0].Gaps) == 0 || res.Duration != 10*time.Second {
		t.Fatalf("result is %+v", res.Parts)
	}
	l, _ := decode(t, dir, res)
	if got := around(t, l, 9); !near(got, 8000) {
		t.Errorf("at 9 s: %d", got)
	}
	if got := around(t, l, 1); got != 0 {
		t.Errorf("at 1 s: %d", got)
	}
}

// A disk that takes nothing must not hold up a call: the packets are dropped and counted.
func TestWriterNeverBlocks(t *testing.T) {
	var dropped atomic.Int64
	w := &Writer{in: make(chan item, 2), fault: func(f Fault) {
		if f == FaultDropped {
			dropped.Add(1)
		}
	}}
	for range 10 {
		w.Left(Packet{Payload: []byte{1}})
	}
	w.Hold(true)
	if dropped.Load() != 9 || w.dropped.Load() != 9 {
		t.Errorf("dropped %d", dropped.Load())
	}
}

const childDir = "HOTLINE_RECORDING_CHILD"

// TestMain lets the test's own binary be the gateway that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		w := Start(dir, head(1, time.Now()), quietLog, func(Fault) {})
		go talk(w, 3600, 4000, -4000)
		tick := time.NewTicker(10 * time.Millisecond)
		for range tick.C {
			if info, err := os.Stat(filepath.Join(dir, "spool", leg.Channel(1)+".pcm")); err == nil && info.Size() > Rate*frameBytes {
				break
			}
		}
		fmt.Println("talking")
		select {}
	}
	os.Exit(m.Run())
}

func TestKilledGatewaysRecordingIsFinished(t *testing.T) {
	dir := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("child said %q: %v", line, err)
	}
	if legs, err := Sweep(t.Context(), dir, 0); err != nil || len(legs) != 0 {
		t.Errorf("swept %v while talking: %v", legs, err)
	}
	if _, err := Finish(t.Context(), dir, leg, newShelf()); !errors.Is(err, ErrStillRecording) {
		t.Errorf("finish while talking: %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed

	if legs, err := Sweep(t.Context(), dir, time.Hour); err != nil || len(legs) != 0 {
		t.Errorf("swept %v too early: %v", legs, err)
	}
	legs, err := Sweep(t.Context(), dir, 0)
	if err != nil || !slices.Equal(legs, []id.LegID{leg}) {
		t.Errorf("swept %v: %v", legs, err)
	}
	// The gateway came again, and was asked again for the same part: both are kept.
	again := Start(dir, head(1, time.Now()), quietLog, noFault(t))
	again.Close()
	<-again.Done()
	res, err := Finish(t.Context(), dir, leg, newShelf())
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Parts) != 2 || !res.Parts[0].Interrupted || res.Parts[0].DurationMS < 1000 {
		t.Fatalf("parts are %+v", res.Parts)
	}
	l, r := decode(t, dir, res)
	if a, b := around(t, l, 0.5), around(t, r, 0.5); !near(a, 4000) || !near(b, -4000) {
		t.Errorf("heard %d and %d", a, b)
	}
}

func TestTwinsFinishOnce(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := Start(dir, head(1, time.Now()), quietLog, noFault(t))
		talk(w, 20, 4000, -8000)
		w.Close()
		<-w.Done()
	})
	var wg sync.WaitGroup
	shelf := newShelf()
	for range 6 {
		wg.Go(func() {
			if _, err := Finish(context.Background(), dir, leg, shelf); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(shelf.made) != 1 {
		t.Errorf("twins made %v", shelf.made)
	}
	if names := left0(dir); len(names) != 0 {
		t.Errorf("the spool still has %v", names)
	}
}

func TestNothingToFinish(t *testing.T) {
	for _, l := range []id.LegID{leg, "", "../../etc.1", "a/b.1", "a*.1"} {
		if _, err := Finish(t.Context(), t.TempDir(), l, newShelf()); !errors.Is(err, ErrNothing) {
			t.Errorf("%q: %v", l, err)
		}
	}
}

func TestDamagedManifestHoldsUpNobodyElse(t *testing.T) {
	dir := t.TempDir()
	w := Start(dir, head(1, time.Now()), quietLog, noFault(t))
	w.Close()
	<-w.Done()
	if err := os.WriteFile(filepath.Join(dir, "spool", "x.2.1.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	nameless := filepath.Join(dir, "spool", "y.2.1.pcm")
	if err := os.WriteFile(nameless, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Sweep(t.Context(), dir, time.Hour); err == nil {
		t.Error("the damaged manifest was not told")
	}
	if _, err := os.Stat(nameless); err != nil {
		t.Errorf("a spool that has just been made: %v", err)
	}
	legs, err := Sweep(t.Context(), dir, 0)
	if _, err := os.Stat(nameless); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a spool without manifest: %v", err)
	}
	if err == nil || !slices.Equal(legs, []id.LegID{leg}) {
		t.Errorf("swept %v: %v", legs, err)
	}
}

// nothing is a spool that costs no time.
type nothing struct{}

func (nothing) ReadAt([]byte, int64) (int, error)         { return 0, io.EOF }
func (nothing) WriteAt(data []byte, _ int64) (int, error) { return len(data), nil }

// One leg for one second: what recording costs a gateway.
func BenchmarkTimeline(b *testing.B) {
	d := &tape{t: b}
	payload := slices.Repeat(g711.EncodeUlaw([]int16{4000}), 160)
	for k := 0; b.Loop(); {
		for range 50 {
			k++
			now := int64(k) * 160
			for side := range 2 {
				d.line.place(side, Packet{Seq: uint16(k), Timestamp: uint32(k * 160), Payload: payload}, now)
			}
			if k%3 == 0 {
				if _, err := d.line.flush(now-settle, nothing{}); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

// Five minutes of noisy talk, from spool to FLAC.
func BenchmarkEncode(b *testing.B) {
	const seconds = 300
	for b.Loop() {
		f, err := os.Create(filepath.Join(b.TempDir(), "x.flac"))
		if err != nil {
			b.Fatal(err)
		}
		enc, err := newEncoder(f, seconds*Rate)
		if err != nil {
			b.Fatal(err)
		}
		noise := uint32(1)
		for i := range seconds * Rate {
			noise = noise*1664525 + 1013904223
			v := int16(6000*math.Sin(float64(i)/20)) + int16(noise>>24)
			if err := enc.add(v, -v/2); err != nil {
				b.Fatal(err)
			}
		}
		if err := errors.Join(enc.close(), f.Close()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(seconds, "s-of-sound/op")
}
