package ctitest

import (
	"testing"
)

func TestSeedsWithFaults(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() {
		seeds = 3
	}
	for seed := uint64(1); seed <= seeds; seed++ {
		r, err := Sim(Options{Seed: seed, Agents: 20, Calls: 500, Faults: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d: %s %v", seed, r, r.Outcomes)
	}
}

func TestDay(t *testing.T) {
	r, err := Sim(Options{Seed: 1, Agents: 60, Calls: 4500, Day: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r, r.Outcomes)
}
