package jobs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"hotline/cti/id"
	"hotline/internal/pg/pgtest"
	"hotline/qa"
	"hotline/qa/asr"
	"hotline/qa/rule"
	"hotline/recording"
)

func jobOf[T river.JobArgs](args T, attempt int) *river.Job[T] {
	return &river.Job[T]{JobRow: &rivertype.JobRow{Attempt: attempt, MaxAttempts: transcribeAttempts}, Args: args}
}

func isSnooze(err error) bool {
	var snoozed *rivertype.JobSnoozeError
	return errors.As(err, &snoozed)
}

// shelf holds one recording of a second of silence.
type shelf struct{ gone bool }

func (s shelf) Get(_ context.Context, leg id.LegID) (recording.Recording, error) {
	return recording.Recording{Leg: leg, Call: leg.Call(), Agent: "a1", Started: time.Unix(1_790_000_000, 0)}, nil
}

func (s shelf) Open(context.Context, id.LegID) (io.ReadSeekCloser, time.Time, error) {
	if s.gone {
		return nil, time.Time{}, recording.ErrNotFound
	}
	return file{bytes.NewReader(silence())}, time.Time{}, nil
}

type file struct{ *bytes.Reader }

func (file) Close() error { return nil }

func silence() []byte {
	var out bytes.Buffer
	enc, err := flac.NewEncoder(&out, &meta.StreamInfo{BlockSizeMin: 4000, BlockSizeMax: 4000, SampleRate: 8000, NChannels: 2, BitsPerSample: 16})
	if err != nil {
		panic(err)
	}
	for range 2 {
		sub := &frame.Subframe{SubHeader: frame.SubHeader{Pred: frame.PredConstant}, Samples: make([]int32, 4000), NSamples: 4000}
		other := *sub
		err := enc.WriteFrame(&frame.Frame{
			Header:    frame.Header{BlockSize: 4000, SampleRate: 8000, Channels: frame.ChannelsLR, BitsPerSample: 16, HasFixedBlockSize: true},
			Subframes: []*frame.Subframe{sub, &other},
		})
		if err != nil {
			panic(err)
		}
	}
	if err := enc.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// scribe is a Transcriber that hears the same in everything.
type scribe struct {
	err, ready error
	said       string
}

func (scribe) Name() string                  { return "scribe" }
func (s scribe) Ready(context.Context) error { return s.ready }
func (s scribe) Transcribe(context.Context, asr.Sound) (asr.Raw, error) {
	if s.err != nil {
		return asr.Raw{}, s.err
	}
	raw := asr.Raw{Length: 30_000, Speech: map[rule.Role][]rule.Span{rule.Agent: {{Start: 1000, End: 20_000}}}}
	u := rule.Utterance{Role: rule.Agent, Span: rule.Span{Start: 1000, End: 20_000}}
	for i, r := range []rune(s.said) {
		u.Units = append(u.Units, rule.Unit{Text: string(r), Span: rule.Span{Start: 1000 + 200*i, End: 1200 + 200*i}, Sure: .9})
	}
	raw.Utterances = []rule.Utterance{u}
	return raw, nil
}

func TestARecordingIsHeardAndJudgedOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	store := qa.NewStore(pool)
	var hidden []recording.Redaction
	model, times := scribe{said: "您應該看說明書，卡號是4111111111111111，謝謝"}, 0
	l := &Listener{
		Sounds: shelf{}, Quality: store, Model: func() (asr.Transcriber, error) { times++; return model, nil },
		Redact: func(_ context.Context, _ pgx.Tx, _ id.LegID, all []recording.Redaction) error {
			hidden = all
			return nil
		},
	}
	ctx := t.Context()
	for range 2 { // a job that was killed after it had stored everything is done again
		if err := l.Hear(ctx, "c1.2"); err != nil {
			t.Fatal(err)
		}
	}
	if times != 1 {
		t.Errorf("heard %d times", times)
	}
	got, err := store.Transcript(ctx, "c1.2")
	if err != nil {
		t.Fatal(err)
	}
	if text := got.Utterances[0].Text(); strings.ContainsAny(text, "0123456789") || !strings.Contains(text, "您應該看說明書") {
		t.Errorf("the transcript says %q", text)
	}
	// The digits are the 12th to the 27th character, of 200 ms each.
	if len(hidden) != 1 || hidden[0].Kind != recording.RedactCard || hidden[0].Channel != recording.ChannelRight || hidden[0].Start > 3200*time.Millisecond || hidden[0].End < 6400*time.Millisecond {
		t.Errorf("hidden: %+v", hidden)
	}
	var scores int
	if err := pool.QueryRow(ctx, `select count(*) from scores where leg = 'c1.2'`).Scan(&scores); err != nil || scores != 1 {
		t.Errorf("%d scores, %v", scores, err)
	}
	var phrases int
	var leaked bool
	if err := pool.QueryRow(ctx, `select count(*) filter (where rule = 'you-should' and start_ms = 1000), bool_or(heard ~ '[0-9]{3}') from findings where leg = 'c1.2'`).
		Scan(&phrases, &leaked); err != nil {
		t.Fatal(err)
	}
	if phrases != 1 || leaked {
		t.Errorf("%d findings of the phrase, digits in a finding: %v", phrases, leaked)
	}
}

func TestWhatKeepsARecordingFromBeingHeard(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	away := errors.Join(asr.ErrUnavailable, errors.New("connection refused"))
	for name, c := range map[string]struct {
		shelf   shelf
		model   scribe
		missing error
		want    error
		not     error
	}{
		"no model":                  {missing: away, want: asr.ErrUnavailable},
		"a model that went away":    {model: scribe{err: away, ready: away}, want: asr.ErrUnavailable},
		"a recording it can't bear": {model: scribe{err: away}, not: asr.ErrUnavailable},
		"no sound":                  {shelf: shelf{gone: true}, want: errNoSound},
	} {
		t.Run(name, func(t *testing.T) {
			l := &Listener{Sounds: c.shelf, Quality: qa.NewStore(pool), Model: func() (asr.Transcriber, error) { return c.model, c.missing }}
			err := l.Hear(t.Context(), "c2.2")
			if err == nil || c.want != nil && !errors.Is(err, c.want) || c.not != nil && errors.Is(err, c.not) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := qa.NewStore(pool).Transcript(t.Context(), "c2.2"); !errors.Is(err, qa.ErrNotFound) {
		t.Errorf("there is a transcript: %v", err)
	}
}
