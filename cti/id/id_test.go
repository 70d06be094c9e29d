package id_test

import (
	"testing"

	"hotline/cti/id"
)

func TestChannelsAndLegsNameOneAnother(t *testing.T) {
	call := id.CallOfChannel("hl1-1732345678.12")
	if call != "hl1-1732345678-12" {
		t.Fatalf("call = %q", call)
	}
	leg := call.Leg(3)
	if leg.Call() != call {
		t.Errorf("leg %q belongs to %q", leg, leg.Call())
	}
	got, part, ok := id.LegOfChannel(leg.Channel(2))
	if !ok || got != leg || part != 2 {
		t.Errorf("LegOfChannel(%q) = %q, %d, %t", leg.Channel(2), got, part, ok)
	}
}

func TestWhatIsNoLegIsRefused(t *testing.T) {
	for _, s := range []string{"", ".", "a", "a.", ".1", "a.0", "a.-1", "a.01", "a.x", "a.1.2"} {
		if call, n, ok := id.LegID(s).Split(); ok {
			t.Errorf("Split(%q) = %q, %d", s, call, n)
		}
	}
	for _, s := range []string{"hl1-1732345678.12", "1732345678.12", "a.b", "a.1.0", "a.1.x", "a.1.2.3"} {
		if leg, part, ok := id.LegOfChannel(s); ok {
			t.Errorf("LegOfChannel(%q) = %q, %d", s, leg, part)
		}
	}
}
