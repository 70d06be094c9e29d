package callers

import "testing"

// Everybody of the demo company's customers has a manner, and each is there.
func TestManners(t *testing.T) {
	seen := map[manner]bool{}
	for _, digit := range "0123456789" {
		seen[mannerOf("091234567"+string(digit))] = true
	}
	if len(seen) != int(declines)+1 {
		t.Errorf("%d manners are there, want %d", len(seen), int(declines)+1)
	}
	for _, nobody := range []string{"", "sip"} {
		if mannerOf(nobody) != declines {
			t.Errorf("%q answers", nobody)
		}
	}
}
