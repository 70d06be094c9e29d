package devstack

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func shell(script string) func() *exec.Cmd {
	return func() *exec.Cmd { return exec.Command("/bin/sh", "-c", script) }
}

// printed is a probe: has the log this text?
func printed(path, text string) func(context.Context) error {
	return func(context.Context) error {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !strings.Contains(string(data), text) {
			return errors.New("not yet")
		}
		return nil
	}
}

func TestStartTellsWhyAProcessDidNotBecomeReady(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	_, err := Start(t.Context(), Spec{Name: "x", Command: shell("echo address already in use; exit 3"), Ready: func(context.Context) error {
		return errors.New("refused")
	}}, log)
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("got %v", err)
	}
}

func TestStopKillsTheWholeGroupAfterGrace(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	p, err := Start(t.Context(), Spec{
		Name:    "x",
		Command: shell(`trap "" TERM; sleep 1000 & echo child up; wait`),
		Ready:   printed(log, "child up"),
		Grace:   time.Millisecond,
	}, log)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(5 * time.Second)
	for !errors.Is(syscall.Kill(-p.PID(), 0), syscall.ESRCH) {
		if time.Now().After(deadline) {
			t.Fatal("the group lives on")
		}
	}
	if p.Identity().Alive() {
		t.Error("the process lives on")
	}
}

func TestStopLeftSparesAStrangerWithTheSamePID(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	spec := Spec{Name: "x", Command: shell("echo up; exec sleep 1000"), Ready: printed(log, "up")}
	p, err := Start(t.Context(), spec, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop() })
	stranger := p.Identity()
	stranger.Start++
	for order, r := range []Record{{Name: "mine", Identity: p.Identity()}, {Name: "gone", Identity: Identity{PID: 1 << 30}}, {Name: "stranger", Identity: stranger}} {
		r.Order, r.Stop, r.Grace = order, syscall.SIGTERM, 5*time.Second
		if r.Name == "mine" {
			continue
		}
		if err := WriteRecord(dir, r); err != nil {
			t.Fatal(err)
		}
	}
	stopped, err := StopLeft(dir)
	if err != nil || len(stopped) != 0 || !p.Identity().Alive() {
		t.Fatalf("stopped %v, %v", stopped, err)
	}
	if err := WriteRecord(dir, Record{Name: "mine", Identity: p.Identity(), Stop: syscall.SIGTERM, Grace: 5 * time.Second}); err != nil {
		t.Fatal(err)
	}
	if stopped, err = StopLeft(dir); err != nil || len(stopped) != 1 || stopped[0] != "mine" {
		t.Errorf("stopped %v, %v", stopped, err)
	}
	<-p.Done()
	if stopped, err = StopLeft(dir); err != nil || len(stopped) != 0 {
		t.Errorf("stopped %v, %v", stopped, err)
	}
}

func TestPorts(t *testing.T) {
	ports, err := FreePorts(20)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[uint16]bool{}
	for _, p := range ports {
		if seen[p.Port()] || !p.Addr().IsLoopback() {
			t.Errorf("port %v", p)
		}
		seen[p.Port()] = true
	}
	first, err := FreePortBlock(10)
	if err != nil || first%2 != 0 {
		t.Fatalf("block at %d, %v", first, err)
	}
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(first) + 9})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if portsFree(first, 10) {
		t.Error("a taken port counts as free")
	}
	if _, err := FreePortBlock(0); err == nil {
		t.Error("a block of no ports was found")
	}
}

func TestLastLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(strings.Repeat("old\n", 50000)+"a\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := LastLines(path, 3)
	if err != nil || strings.Join(got, ",") != "old,a,b" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAtLeast(t *testing.T) {
	for _, c := range []struct {
		have string
		want bool
	}{{"22.10.1", true}, {"22.9.9", false}, {"23.0.0", true}, {"22.10", false}, {"22.10.1.1", true}, {"", false}, {"git", false}} {
		if got := atLeast(c.have, Floor); got != c.want {
			t.Errorf("%q: got %v", c.have, got)
		}
	}
}
