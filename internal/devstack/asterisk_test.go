package devstack

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	asterisk "hotline/deploy/asterisk"
	"hotline/internal/sipphone"
)

func startAsterisk(ctx context.Context, t *testing.T, conf asterisk.Config) *Asterisk {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a real Asterisk")
	}
	a, err := StartAsterisk(ctx, t.TempDir(), AsteriskOptions{Config: conf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func newPhone(t *testing.T) *sipphone.Phone {
	t.Helper()
	phone, err := sipphone.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = phone.Close() })
	return phone
}

// until waits for a condition of the world outside.
func until(t *testing.T, limit time.Duration, what string, yes func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.Now().Add(limit)
	for !yes() {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
		<-tick.C
	}
}

func TestCallersAreHeldWhileNoControllerIsConnected(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a := startAsterisk(ctx, t, asterisk.Config{HoldFor: 3 * time.Second, RetryEvery: time.Second})
	// The prompt of last resort: half a second of a square wave.
	wave := strings.Repeat(strings.Repeat("\x80", 8)+strings.Repeat("\x00", 8), 250)
	if err := os.WriteFile(filepath.Join(a.Dir, "sorry.ulaw"), []byte(wave), 0o600); err != nil {
		t.Fatal(err)
	}
	phone := newPhone(t)
	call, err := phone.Dial(ctx, a.SIP, "0800000123", sipphone.From{User: "0912345678"})
	if err != nil {
		t.Fatal(err)
	}
	until(t, 5*time.Second, "music is heard", func() bool { return sipphone.RMS(sipphone.Wave(call.Heard())) > 100 })
	select {
	case <-call.Done():
	case <-ctx.Done():
		t.Fatal("the call never ended")
	}
	heard := sipphone.Wave(call.Heard())
	if tail := heard[max(0, len(heard)-2000):]; sipphone.RMS(tail) < 15000 {
		t.Errorf("the last thing heard is not the prompt: %f", sipphone.RMS(tail))
	}
	if held := time.Since(call.Answered); held < 3*time.Second || held > 10*time.Second {
		t.Errorf("held for %s", held)
	}
}

func TestOnlyKnownNumbersAreTaken(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a := startAsterisk(ctx, t, asterisk.Config{})
	phone := newPhone(t)
	dial := func(number string, from sipphone.From) error {
		call, err := phone.Dial(ctx, a.SIP, number, from)
		if err != nil {
			return err
		}
		return call.Hangup(ctx)
	}
	strange := sipphone.From{Name: "; ${SHELL(id)} 王小明 $[1/0] <", User: "%24%7BEXTEN%7D"}
	for _, number := range []string{"0800000123", "+886800000123", "886800000123"} {
		if err := dial(number, strange); err != nil {
			t.Errorf("%s is not taken: %v", number, err)
		}
	}
	if err := dial("0800000123", sipphone.From{}); err != nil {
		t.Errorf("a withheld number is not taken: %v", err)
	}
	for _, number := range []string{"0800999999", "s", "123,1", "0800000124"} {
		if err := dial(number, sipphone.From{User: "0912345678"}); err == nil || !strings.Contains(err.Error(), "404") {
			t.Errorf("%s: %v", number, err)
		}
	}

	// A line that an administrator adds counts without a restart.
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL()+"/asterisk/variable?variable=LINE_0800999999&value="+url.QueryEscape("+886800999999"), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(a.User, a.Password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusNoContent {
		t.Fatalf("%s, %v", resp.Status, err)
	}
	if err := dial("0800999999", sipphone.From{User: "0912345678"}); err != nil {
		t.Errorf("the new line is not taken: %v", err)
	}
}

func TestStrangersAreRefused(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a := startAsterisk(ctx, t, asterisk.Config{Trunks: []asterisk.Trunk{{Name: "carrier", Allow: []string{"192.0.2.0/24"}}}})
	phone := newPhone(t)
	if _, err := phone.Dial(ctx, a.SIP, "0800000123", sipphone.From{User: "0912345678"}); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("a call from outside every trunk's list: %v", err)
	}
}

func TestInstancesLiveSideBySideAndLeaveNothing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a := startAsterisk(ctx, t, asterisk.Config{})
	b := startAsterisk(ctx, t, asterisk.Config{SystemName: "hl2"})
	if err := a.Kill(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	again, err := StartAsterisk(ctx, a.Dir, AsteriskOptions{Config: a.Config})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("the second start took %s", took)
	}
	for _, x := range []*Asterisk{again, b} {
		out, err := x.CLI(ctx, x.PID(), "core show settings")
		if err != nil || !strings.Contains(out, x.SystemName) {
			t.Errorf("%v\n%s", err, out)
		}
	}
	for range 2 {
		if err := again.Stop(); err != nil {
			t.Error(err)
		}
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil || strings.Contains(string(mounts), a.Dir) {
		t.Errorf("mounts are left behind: %v", err)
	}
	var touched []string
	err = filepath.WalkDir(b.Installation.Root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := d.Info(); err == nil && info.ModTime().After(begin) {
			touched = append(touched, path)
		}
		return nil
	})
	if b.Installation.Root != "" && (err != nil || len(touched) > 0) {
		t.Errorf("the shared installation was written to: %v, %v", touched, err)
	}
}
