package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/qa"
	"hotline/qa/asr"
	"hotline/qa/rule"
	"hotline/recording"
)

// Sounds are the recordings that are heard.
type Sounds interface {
	Get(ctx context.Context, leg id.LegID) (recording.Recording, error)
	Open(ctx context.Context, leg id.LegID) (io.ReadSeekCloser, time.Time, error)
}

// Listener hears recordings with the site's model and judges them by its live rules.
type Listener struct {
	Sounds  Sounds
	Quality *qa.Store
	// Model returns what hears, or an error of asr.ErrUnavailable that says what to do.
	Model func() (asr.Transcriber, error)
	// Glossary holds the site's own terms.
	Glossary []string
	// Redact stores what most people are not to hear.
	Redact func(ctx context.Context, tx pgx.Tx, leg id.LegID, all []recording.Redaction) error

	mu   sync.Mutex
	text *asr.Text
	book int // the version of the rules whose words text keeps
}

// errNoSound means that the recording is gone, or never came.
var errNoSound = errors.New("the recording has no sound")

// Owe notes that a finished recording is to be transcribed.
func (l *Listener) Owe(ctx context.Context, tx pgx.Tx, leg id.LegID) (bool, error) {
	r, err := l.Sounds.Get(ctx, leg)
	if err != nil {
		return false, err
	}
	return l.Quality.Owe(ctx, tx, source(r))
}

// Note says why a transcript waits or will not come.
func (l *Listener) Note(ctx context.Context, leg id.LegID, state qa.State, reason string) error {
	return l.Quality.Set(ctx, leg, state, reason)
}

// Missing returns finished recordings of which no transcript is owed.
func (l *Listener) Missing(ctx context.Context, most int) ([]id.LegID, error) {
	return l.Quality.Missing(ctx, most)
}

// Rank puts the jobs that wait in order.
func (l *Listener) Rank(ctx context.Context, r qa.Ranks) error { return l.Quality.Rank(ctx, r) }

func source(r recording.Recording) qa.Source {
	return qa.Source{Leg: r.Leg, Call: r.Call, Agent: r.Agent, Started: r.Started}
}

// Hear transcribes one recording, judges it and stores what came of it, all or nothing. A recording that was heard before is
// left as it is.
func (l *Listener) Hear(ctx context.Context, leg id.LegID) error {
	r, err := l.Sounds.Get(ctx, leg)
	if errors.Is(err, recording.ErrNotFound) {
		return errNoSound
	}
	if err != nil {
		return err
	}
	if st, err := l.Quality.Status(ctx, leg); err == nil && st.State == qa.StateDone {
		return nil
	}
	model, err := l.Model()
	if err != nil {
		return err
	}
	attempt, err := l.Quality.Begin(ctx, source(r))
	if err != nil {
		return err
	}
	began := time.Now()
	raw, err := l.transcribe(ctx, model, leg)
	if err != nil {
		return err
	}
	live, err := l.Quality.LiveBook(ctx)
	if err != nil {
		return err
	}
	t := l.texts(live).Transcript(raw, Apart(r.Parts))
	var findings []rule.Finding
	if r.Agent != "" { // a voice message has nobody in it who serves
		findings = live.Book.Judge(&t)
	}
	hidden := live.Book.Mask(&t)
	masked := 0
	for _, h := range hidden {
		masked += h.Digits
	}
	return l.Quality.Save(ctx, qa.Result{
		Source: source(r), Attempt: attempt, Model: model.Name(), Took: time.Since(began),
		Transcript: t, Masked: masked, Book: live.Version, Findings: findings,
	}, func(ctx context.Context, tx pgx.Tx) error {
		if err := l.Redact(ctx, tx, leg, redactions(leg, hidden)); err != nil {
			return err
		}
		return l.Quality.Score(ctx, tx, leg)
	})
}

// redactions are where digits were said that nobody may keep.
func redactions(leg id.LegID, hidden []rule.Hidden) []recording.Redaction {
	var all []recording.Redaction
	for _, h := range hidden {
		r := recording.Redaction{
			Leg: leg, Channel: recording.ChannelLeft, Kind: recording.RedactOther,
			Start: time.Duration(h.Start) * time.Millisecond, End: time.Duration(h.End) * time.Millisecond,
		}
		if h.Role == rule.Agent {
			r.Channel = recording.ChannelRight
		}
		switch h.Class {
		case "card":
			r.Kind = recording.RedactCard
		case "id":
			r.Kind = recording.RedactID
		}
		all = append(all, r)
	}
	return all
}

func (l *Listener) transcribe(ctx context.Context, model asr.Transcriber, leg id.LegID) (asr.Raw, error) {
	file, _, err := l.Sounds.Open(ctx, leg)
	if errors.Is(err, recording.ErrNotFound) {
		return asr.Raw{}, errNoSound
	}
	if err != nil {
		return asr.Raw{}, err
	}
	sound, err := asr.ReadFLAC(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return asr.Raw{}, fmt.Errorf("recording of %s: %w", leg, err)
	}
	raw, err := model.Transcribe(ctx, sound)
	if errors.Is(err, asr.ErrUnavailable) && ctx.Err() == nil && model.Ready(ctx) == nil {
		// One recording that a model cannot bear must not hold up the others.
		return asr.Raw{}, errors.New(err.Error())
	}
	return raw, err
}

// texts is made anew when other rules went live: their words stay as they are written.
func (l *Listener) texts(live qa.Live) *asr.Text {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text == nil || l.book != live.Version {
		l.text, l.book = asr.NewText(l.Glossary, live.File.Phrases()), live.Version
	}
	return l.text
}

// Apart says when the two parties of a recording did not hear one another: on hold, while sound could not be stored, and
// between its parts, when the caller heard music or nothing.
func Apart(parts []recording.Part) []rule.Apart {
	var all []rule.Apart
	end := 0
	for i, p := range parts {
		start := int(p.StartMS)
		if i > 0 && start > end {
			all = append(all, rule.Apart{Span: rule.Span{Start: end, End: start}, Why: "gap"})
		}
		end = start + int(p.DurationMS)
		add := func(spans []recording.Span, why string) {
			for _, s := range spans {
				to := end // a span that was never ended lasts to the end of the part
				if s.To > 0 {
					to = min(end, start+int(s.To/samplesInMS))
				}
				if from := start + int(s.From/samplesInMS); from < to {
					all = append(all, rule.Apart{Span: rule.Span{Start: from, End: to}, Why: why})
				}
			}
		}
		add(p.Held, "hold")
		add(p.Paused, "pause")
		add(p.Gaps, "gap")
	}
	slices.SortFunc(all, func(a, b rule.Apart) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	return all
}

const samplesInMS = recording.Rate / 1000
