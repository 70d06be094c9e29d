package g711_test

import (
	"testing"

	"hotline/internal/g711"
)

func TestMuLawBytesSurviveARoundTrip(t *testing.T) {
	for i := range 256 {
		b := byte(i)
		got := g711.EncodeUlaw([]int16{g711.Ulaw(b)})[0]
		if got != b && (b != 0x7f || got != 0xff) { // 0x7f is negative zero
			t.Errorf("%#x -> %d -> %#x", b, g711.Ulaw(b), got)
		}
	}
}

// Values from ITU-T G.711 tables 1a and 2a.
func TestKnownValues(t *testing.T) {
	for _, c := range []struct{ got, want int16 }{
		{g711.Ulaw(0x00), -32124},
		{g711.Ulaw(0x80), 32124},
		{g711.Ulaw(0xff), 0},
		{g711.Alaw(0x2a), -32256},
		{g711.Alaw(0xaa), 32256},
		{g711.Alaw(0xd5), 8},
		{g711.Alaw(0x55), -8},
	} {
		if c.got != c.want {
			t.Errorf("got %d, want %d", c.got, c.want)
		}
	}
}
