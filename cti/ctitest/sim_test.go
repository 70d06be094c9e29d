package ctitest

import (
	"reflect"
	"testing"
	"time"

	"hotline/cti"
)

// The whole range, seeds 1 to 500, is run by `hotline sim --seeds 1..500`.
func TestFaultsBreakNoInvariant(t *testing.T) {
	seeds := uint64(25)
	if testing.Short() {
		seeds = 3
	}
	for seed := uint64(1); seed <= seeds; seed++ {
		r, err := Sim(Options{Seed: seed, Agents: 20, Calls: 500, Faults: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range disasters {
			if seed == 1 && d.every <= 10*time.Minute && r.Disasters[d.name] == 0 {
				t.Errorf("no %s in seed 1", d.name)
			}
		}
	}
}

func TestDayIsServed(t *testing.T) {
	r, err := Sim(Options{Seed: 1, Agents: 60, Calls: 4500, Day: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Calls != 4500 || r.Answered+r.Abandoned > r.Offered || r.Outcomes[cti.OutcomeFailed] != 0 {
		t.Errorf("%s %v", r, r.Outcomes)
	}
	if r.ServiceLevel() < 0.8 || r.AbandonRate() > 0.1 || r.Occupancy <= 0.2 || r.Occupancy >= 1 {
		t.Errorf("a well staffed day went badly: %s", r)
	}
	if r.Recordings+r.Unrecorded < r.Answered || r.Unrecorded == 0 {
		t.Errorf("%d recordings of %d talks, %d refused", r.Recordings, r.Answered, r.Unrecorded)
	}
}

func TestSameSeedSameDay(t *testing.T) {
	o := Options{Seed: 3, Agents: 10, Calls: 200, Faults: true}
	a, err := Sim(o)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Sim(o)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("two runs differ:\n%+v\n%+v", a, b)
	}
}

func TestArrivalsFollowTheDay(t *testing.T) {
	for _, tt := range []struct {
		share float64
		want  time.Duration
	}{{0, 0}, {0.15, 2 * time.Hour}, {0.30, 3 * time.Hour}, {0.45, 4 * time.Hour}, {0.55, 6 * time.Hour}, {1, 10 * time.Hour}} {
		if got := timeOfDay(tt.share); (got - tt.want).Abs() > time.Second {
			t.Errorf("%v of the calls have come after %v, want %v", tt.share, got, tt.want)
		}
	}
}
