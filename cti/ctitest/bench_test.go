package ctitest

import (
	"syscall"
	"testing"
	"time"

	"hotline/cti"
)

// stimulus is one fact as a Floor was given it.
type stimulus struct {
	now time.Time
	ev  cti.Event
}

// record returns the facts of a busy floor: those that fill it, and those that come while it holds at least so many calls.
func record(b *testing.B, agents, live, steps int) (fill, busy []stimulus) {
	s := newSimulation(Options{Seed: 1, Agents: agents, Calls: 200_000, Load: 1.4})
	calls := 0
	s.w.observe = func(ev cti.Event, cmds []cti.Command) {
		for _, cmd := range cmds {
			if save, ok := cmd.(cti.SaveCall); ok && !save.Summary.Ended.IsZero() {
				calls--
			}
		}
		if _, ok := ev.(cti.CallArrived); ok {
			calls++
		}
		if len(busy) == 0 && calls < live {
			fill = append(fill, stimulus{s.w.now(), ev})
		} else if len(busy) < steps {
			busy = append(busy, stimulus{s.w.now(), ev})
		}
	}
	s.w.startController()
	for _, a := range s.w.config.Agents {
		s.people.arrive(a)
	}
	s.planCalls()
	for len(busy) < steps && s.w.at < 10*time.Hour {
		s.w.run(s.w.at + time.Second)
	}
	if s.w.err != nil || len(busy) < steps {
		b.Fatalf("%d facts recorded, %d calls live: %v", len(busy), calls, s.w.err)
	}
	return fill, busy
}

// BenchmarkFloorStep replays a floor of 1,200 agents that holds at least 1,500 calls. The goal is 200,000 steps a second
// on one core.
func BenchmarkFloorStep(b *testing.B) {
	fill, busy := record(b, 1200, 1500, 200_000)
	b.ReportAllocs()
	b.ResetTimer()
	var floor *cti.Floor
	var used, since time.Duration
	for i := range b.N {
		at := i % len(busy)
		if at == 0 {
			b.StopTimer()
			used += cpu(b) - since
			floor = cti.New()
			for _, s := range fill {
				floor.Step(s.now, s.ev)
			}
			since = cpu(b)
			if i == 0 {
				used = 0
			}
			b.StartTimer()
		}
		floor.Step(busy[at].now, busy[at].ev)
	}
	used += cpu(b) - since
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
	// What the step costs when the machine does other things too; the collector's share is in it.
	b.ReportMetric(float64(used.Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// BenchmarkScanStep is the peer of BenchmarkFloorStep: what a floor without order of its own would pay at each fact only
// to find out who talks to whom, looking through 1,500 calls for the one that waits longest and through 1,200 agents for
// the one that has been idle longest. It writes no state, no timer and no view.
func BenchmarkScanStep(b *testing.B) {
	type person struct {
		ready  bool
		idle   int64
		queues uint16 // a bit for each
	}
	type caller struct {
		waits bool
		since int64
		queue uint16
	}
	agents, calls := make([]person, 1200), make([]caller, 1500)
	for i := range agents {
		agents[i] = person{ready: i%40 == 0, idle: int64(i * 7919 % 1200), queues: 1 << (i % 10)}
	}
	for i := range calls {
		calls[i] = caller{waits: i%5 == 0, since: int64(i * 104729 % 1500), queue: 1 << (i % 10)}
	}
	found := 0
	for i := 0; b.Loop(); i++ {
		next := &calls[i%len(calls)]
		for c := range calls {
			if calls[c].waits && (!next.waits || calls[c].since < next.since) {
				next = &calls[c]
			}
		}
		best := -1
		for a := range agents {
			if agents[a].ready && agents[a].queues&next.queue != 0 && (best < 0 || agents[a].idle < agents[best].idle) {
				best = a
			}
		}
		if best >= 0 {
			found++
		}
	}
	if found == 0 {
		b.Fatal("nobody was found")
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
}

// cpu is the processor time that the process has used.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
