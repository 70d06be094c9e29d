package acd_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"hotline/cti/acd"
	"hotline/cti/id"
)

var t0 = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func at(s int) time.Time { return t0.Add(time.Duration(s) * time.Second) }

func distributor() *acd.Distributor {
	d := &acd.Distributor{}
	d.Configure([]id.QueueID{"order", "service"}, map[id.QueueID][]id.AgentID{
		"order": {"a1", "a2"}, "service": {"a2", "a3"},
	})
	return d
}

func pairs(d *acd.Distributor) []string {
	var list []string
	for {
		call, agent, ok := d.Next()
		if !ok {
			return list
		}
		list = append(list, fmt.Sprintf("%s-%s", call, agent))
	}
}

func wait(d *acd.Distributor, call id.CallID, q id.QueueID, since, priority int) {
	d.Wait(acd.Call{ID: call, Queue: q, Since: at(since), Priority: priority})
}

func TestLongestIdleAgentTakesTheCall(t *testing.T) {
	d := distributor()
	d.Idle("a1", at(5))
	d.Idle("a2", at(3))
	d.Idle("a3", at(1)) // serves another queue
	wait(d, "c1", "order", 9, 0)
	if got := pairs(d); !slices.Equal(got, []string{"c1-a2"}) {
		t.Error(got)
	}
}

func TestLongestWaitingCallOfAllQueuesIsTaken(t *testing.T) {
	d := distributor()
	wait(d, "c1", "order", 2, 0)
	wait(d, "c2", "service", 1, 0)
	d.Idle("a2", at(9))
	if got := pairs(d); !slices.Equal(got, []string{"c2-a2"}) {
		t.Error(got)
	}
}

func TestPriorityGoesBeforeWaiting(t *testing.T) {
	d := distributor()
	wait(d, "c1", "order", 1, 0)
	wait(d, "c2", "order", 9, 1)
	if d.Place("c2") != 1 || d.Place("c1") != 2 || d.Place("c3") != 0 {
		t.Errorf("places %d %d %d", d.Place("c2"), d.Place("c1"), d.Place("c3"))
	}
	d.Idle("a1", at(9))
	if got := pairs(d); !slices.Equal(got, []string{"c2-a1"}) {
		t.Error(got)
	}
}

func TestCallThatReturnsKeepsItsPlace(t *testing.T) {
	d := distributor()
	wait(d, "c1", "order", 1, 0)
	wait(d, "c2", "order", 2, 0)
	d.Idle("a1", at(3))
	if got := pairs(d); !slices.Equal(got, []string{"c1-a1"}) {
		t.Fatal(got)
	}
	wait(d, "c1", "order", 1, 0)
	if got := d.Waiting("order"); !slices.Equal(got, []id.CallID{"c1", "c2"}) {
		t.Error(got)
	}
}

func TestWhoLeftIsNotPaired(t *testing.T) {
	d := distributor()
	wait(d, "c1", "order", 1, 0)
	d.Leave("c1")
	d.Leave("c1")
	d.Idle("a1", at(1))
	d.Busy("a1")
	d.Busy("a1")
	wait(d, "c2", "order", 2, 0)
	d.Idle("a3", at(2))
	if got := pairs(d); got != nil {
		t.Error(got)
	}
	if d.Able("order") != 0 || d.Able("service") != 1 || d.Able("none") != 0 || d.Waiting("none") != nil {
		t.Errorf("able %d, %d", d.Able("order"), d.Able("service"))
	}
}

func TestNewMembersTakeWhoWaits(t *testing.T) {
	d := distributor()
	wait(d, "c1", "order", 1, 0)
	wait(d, "c2", "gone", 1, 0)
	d.Idle("a3", at(1))
	if got := pairs(d); got != nil {
		t.Fatal(got)
	}
	d.Configure([]id.QueueID{"order", "gone"}, map[id.QueueID][]id.AgentID{"order": {"a3"}, "gone": {"a4"}})
	if got := pairs(d); !slices.Equal(got, []string{"c1-a3"}) {
		t.Error(got)
	}
	d.Idle("a4", at(2))
	if got := pairs(d); !slices.Equal(got, []string{"c2-a4"}) {
		t.Error(got)
	}
}

// Whatever happens in whatever order, nobody idles while a matching call waits, and nobody is passed over.
func TestFairAgainstBruteForce(t *testing.T) {
	queues := []id.QueueID{"q0", "q1", "q2", "q3"}
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 1))
		members := map[id.QueueID][]id.AgentID{}
		for _, q := range queues {
			for a := range 8 {
				if rng.IntN(2) == 0 {
					members[q] = append(members[q], id.AgentID(fmt.Sprint("a", a)))
				}
			}
		}
		d := &acd.Distributor{}
		d.Configure(queues, members)
		waiting, idle := map[id.CallID]acd.Call{}, map[id.AgentID]time.Time{}
		for now := range 400 {
			switch rng.IntN(4) {
			case 0, 1:
				c := acd.Call{ID: id.CallID(fmt.Sprint("c", now)), Queue: queues[rng.IntN(4)], Since: at(rng.IntN(now + 1)), Priority: rng.IntN(2)}
				waiting[c.ID] = c
				d.Wait(c)
			case 2:
				a := id.AgentID(fmt.Sprint("a", rng.IntN(8)))
				idle[a] = at(now)
				d.Idle(a, at(now))
			case 3:
				if len(waiting) > 0 {
					c := slices.Min(slices.Collect(maps.Keys(waiting)))
					delete(waiting, c)
					d.Leave(c)
				}
			}
			for {
				call, agent, ok := d.Next()
				if !ok {
					break
				}
				judge(t, members, waiting, idle, call, agent)
				delete(waiting, call)
				delete(idle, agent)
			}
			for _, c := range waiting {
				for _, a := range members[c.Queue] {
					if _, is := idle[a]; is {
						t.Fatalf("seed %d: %s waits, %s idles", seed, c.ID, a)
					}
				}
			}
		}
	}
}

// judge fails when, of the two that were paired, neither was the only choice and somebody had a better right.
func judge(t *testing.T, members map[id.QueueID][]id.AgentID, waiting map[id.CallID]acd.Call, idle map[id.AgentID]time.Time, call id.CallID, agent id.AgentID) {
	t.Helper()
	chosen := waiting[call]
	if !slices.Contains(members[chosen.Queue], agent) {
		t.Fatalf("%s got %s of %s", agent, call, chosen.Queue)
	}
	for _, c := range waiting {
		mine := slices.Contains(members[c.Queue], agent)
		before := c.Priority > chosen.Priority || c.Priority == chosen.Priority && c.Since.Before(chosen.Since)
		if mine && before {
			t.Fatalf("%s was passed over for %s", c.ID, call)
		}
	}
	for _, a := range members[chosen.Queue] {
		if since, is := idle[a]; is && since.Before(idle[agent]) {
			t.Fatalf("%s was passed over for %s", a, agent)
		}
	}
}
