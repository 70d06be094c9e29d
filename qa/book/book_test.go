package book

import "testing"

func TestDefaultBookIsFlawless(t *testing.T) {
	f, faults := Parse(DefaultYAML())
	for _, fault := range faults {
		t.Error(fault)
	}
	if len(f.Rules) < 30 || f.ID != "default" {
		t.Errorf("%d rules in %q", len(f.Rules), f.ID)
	}
}
