package recording_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/recording"
)

func TestRedactionsAreReplacedWhole(t *testing.T) {
	ctx, pool := t.Context(), pgtest.Pool(t)
	s := recording.NewStore(pool, t.TempDir())
	leg := id.CallID("c1").Leg(2)
	set := func(all ...recording.Redaction) error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return s.SetRedactions(ctx, tx, leg, all) })
	}
	card := recording.Redaction{Channel: recording.ChannelLeft, Start: 1500 * time.Microsecond, End: 3*time.Second + 1, Kind: recording.RedactCard}
	person := recording.Redaction{Channel: recording.ChannelBoth, Start: -time.Second, End: time.Second, Kind: recording.RedactID}
	for range 2 {
		if err := set(card, person, card); err != nil {
			t.Fatal(err)
		}
	}
	want := []recording.Redaction{
		{Leg: leg, Channel: recording.ChannelBoth, End: time.Second, Kind: recording.RedactID},
		{Leg: leg, Channel: recording.ChannelLeft, Start: time.Millisecond, End: 3001 * time.Millisecond, Kind: recording.RedactCard},
	}
	if got, err := s.Redactions(ctx, leg); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	backwards := set(recording.Redaction{Channel: recording.ChannelLeft, Start: time.Second, End: time.Second, Kind: recording.RedactCard})
	if backwards == nil {
		t.Error("a stretch without length was stored")
	}
	if got, err := s.Redactions(ctx, leg); err != nil || len(got) != 2 {
		t.Errorf("a refused set changed what was there: %v, %v", got, err)
	}
	if err := set(); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Redactions(ctx, leg); err != nil || len(got) != 0 {
		t.Errorf("after an empty set: %v, %v", got, err)
	}
}
