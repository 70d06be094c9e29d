package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// actor is a process of the imagination.
type actor struct {
	name  string
	done  chan struct{}
	diary *[]string
	ready error
}

func (a *actor) AwaitReady(context.Context) error { return a.ready }
func (a *actor) Done() <-chan struct{}            { return a.done }
func (a *actor) Err() error                       { return errors.New("killed") }
func (a *actor) Identity() Identity               { return Identity{PID: os.Getpid()} }

func (a *actor) Stop() error {
	select {
	case <-a.done:
	default:
		*a.diary = append(*a.diary, "stop "+a.name)
		close(a.done)
	}
	return nil
}

func TestSupervisorStartsAgainWithBackOff(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var diary []string
		var starts []time.Duration
		begin := time.Now()
		var last *actor
		s, err := NewSupervisor(dir, func(string, string) {})
		if err != nil {
			t.Fatal(err)
		}
		s.launch = func(spec Spec, _ string) (running, error) {
			starts = append(starts, time.Since(begin))
			if len(starts) == 3 {
				return nil, errors.New("no such program") // a failed start waits like a death
			}
			last = &actor{name: spec.Name, done: make(chan struct{}), diary: &diary}
			return last, nil
		}
		if err := s.Add(t.Context(), Spec{Name: "one"}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			close(last.done)
			synctest.Wait()
			time.Sleep(10 * time.Second) // of synctest's clock
			synctest.Wait()
		}
		time.Sleep(2 * calmAfter)
		close(last.done) // after a calm time the first pause counts again
		time.Sleep(backoffFirst)
		synctest.Wait()
		want := []time.Duration{0, 250 * time.Millisecond, 10500 * time.Millisecond, 11500 * time.Millisecond, 22 * time.Second, 150250 * time.Millisecond}
		if !slices.Equal(starts, want) {
			t.Errorf("started at %v, want %v", starts, want)
		}
		records, err := ReadRecords(s.PIDDir())
		if err != nil || len(records) != 1 || records[0].Restarts != 5 || !records[0].Ready {
			t.Errorf("records %+v, %v", records, err)
		}
		for range 2 {
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
		}
		if records, err := ReadRecords(s.PIDDir()); err != nil || len(records) != 0 {
			t.Errorf("left behind %+v, %v", records, err)
		}
	})
}

func TestSupervisorStopsInReverseOrder(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var diary []string
		s, err := NewSupervisor(dir, func(string, string) {})
		if err != nil {
			t.Fatal(err)
		}
		s.launch = func(spec Spec, _ string) (running, error) {
			diary = append(diary, "start "+spec.Name)
			a := &actor{name: spec.Name, done: make(chan struct{}), diary: &diary}
			if spec.Name == "three" {
				a.ready = errors.New("port in use")
			}
			return a, nil
		}
		for n, name := range []string{"one", "two", "three"} {
			err := s.Add(t.Context(), Spec{Name: name})
			if (err != nil) != (n == 2) {
				t.Errorf("add %s: %v", name, err)
			}
		}
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		want := []string{"start one", "start two", "start three", "stop three", "stop two", "stop one"}
		if !slices.Equal(diary, want) {
			t.Errorf("did %v, want %v", diary, want)
		}
	})
}

func TestSupervisorEndsDuringBackOff(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var diary []string
		var last *actor
		var reports []string
		s, err := NewSupervisor(dir, func(name, text string) { reports = append(reports, fmt.Sprint(name, " ", text)) })
		if err != nil {
			t.Fatal(err)
		}
		s.launch = func(spec Spec, _ string) (running, error) {
			last = &actor{name: spec.Name, done: make(chan struct{}), diary: &diary}
			return last, nil
		}
		if err := s.Add(t.Context(), Spec{Name: "one"}); err != nil {
			t.Fatal(err)
		}
		close(last.done)
		synctest.Wait()
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if want := []string{"one died (killed); starting it again in 250ms"}; !slices.Equal(reports, want) {
			t.Errorf("reported %v", reports)
		}
	})
}
