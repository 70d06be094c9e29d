package cti

import (
	"fmt"
	"testing"

	"hotline/cti/id"
)

// The share is what it says, for ids as calls have them, whatever part of them differs.
func TestShareOfCallers(t *testing.T) {
	for _, share := range []int{0, 1, 30, 50, 99, 100} {
		for name, call := range map[string]func(n int) id.CallID{
			"one after the other": func(n int) id.CallID { return id.CallID(fmt.Sprintf("hl1-1795416611-%d", n)) },
			"at other times":      func(n int) id.CallID { return id.CallID(fmt.Sprintf("hl1-%d-6", 1795416611+n)) },
		} {
			const calls = 20_000
			chosen := 0
			for n := range calls {
				if (Asking{Share: share}).chosen(call(n)) {
					chosen++
				}
			}
			if got := 100 * float64(chosen) / calls; got < float64(share)-1.5 || got > float64(share)+1.5 || share%100 == 0 && got != float64(share) {
				t.Errorf("%d %% of calls %s: %.1f %%", share, name, got)
			}
		}
	}
}
