package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/qa"
)

// Books are what the backlog is read from.
type Books interface {
	Backlog(ctx context.Context) (qa.Backlog, error)
	Cost(ctx context.Context, since time.Time) (qa.Cost, error)
	Asking(ctx context.Context, since time.Time) (qa.Asking, error)
}

// backlog tells, when it is asked, how much is still to be transcribed and what it costs.
type backlog struct {
	books                        Books
	log                          *slog.Logger
	waiting, oldest, sound, took *prometheus.Desc
	asks, asksOldest, tokens     *prometheus.Desc
}

// Backlog returns a collector of what is still to be transcribed.
func Backlog(books Books, log *slog.Logger) prometheus.Collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &backlog{
		books: books, log: log,
		waiting:    desc("hotline_transcripts", "Recordings that are not transcribed, by state.", "state"),
		oldest:     desc("hotline_transcripts_oldest_seconds", "Age of the oldest recording that waits to be transcribed."),
		sound:      desc("hotline_transcribed_sound_seconds", "Sound transcribed in the last hour."),
		took:       desc("hotline_transcribing_seconds", "Time that transcribing took in the last hour."),
		asks:       desc("hotline_model_questions", "Questions of scorecards for a model: those that wait, and of the last hour those that it answered and those whose answer was refused.", "state"),
		asksOldest: desc("hotline_model_questions_oldest_seconds", "How long the oldest question waits for a model."),
		tokens:     desc("hotline_model_tokens", "Tokens of the questions that were asked in the last hour, in all their attempts.", "kind"),
	}
}

// Describe names the figures.
func (b *backlog) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{b.waiting, b.oldest, b.sound, b.took, b.asks, b.asksOldest, b.tokens} {
		to <- d
	}
}

// collectTime is how long the database may take before the figures are left out.
const collectTime = 3 * time.Second

// Collect reads the figures. Without the database there are none.
func (b *backlog) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectTime)
	defer cancel()
	open, err := b.books.Backlog(ctx)
	if err != nil {
		b.log.Warn("the backlog of transcripts is not known", "err", err)
		return
	}
	cost, err := b.books.Cost(ctx, time.Now().Add(-time.Hour))
	if err != nil {
		b.log.Warn("the cost of transcripts is not known", "err", err)
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(b.waiting, float64(open.Waiting), string(qa.StateWaiting))
	gauge(b.waiting, float64(open.Running), string(qa.StateRunning))
	gauge(b.waiting, float64(open.Failed), string(qa.StateFailed))
	gauge(b.oldest, ageOf(open.Oldest))
	gauge(b.sound, cost.Sound.Seconds())
	gauge(b.took, cost.Took.Seconds())
	asking, err := b.books.Asking(ctx, time.Now().Add(-time.Hour))
	if err != nil {
		b.log.Warn("what a model is to answer is not known", "err", err)
		return
	}
	for state, n := range map[string]int{"waiting": asking.Waiting, "answered": asking.Answered, "refused": asking.Refused} {
		gauge(b.asks, float64(n), state)
	}
	gauge(b.asksOldest, ageOf(asking.Oldest))
	gauge(b.tokens, float64(asking.TokensIn), "in")
	gauge(b.tokens, float64(asking.TokensOut), "out")
}

// ageOf is in seconds; nothing has none.
func ageOf(since *time.Time) float64 {
	if since == nil {
		return 0
	}
	return max(0, time.Since(*since).Seconds())
}
