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
}

// backlog tells, when it is asked, how much is still to be transcribed and what it costs.
type backlog struct {
	books                        Books
	log                          *slog.Logger
	waiting, oldest, sound, took *prometheus.Desc
}

// Backlog returns a collector of what is still to be transcribed.
func Backlog(books Books, log *slog.Logger) prometheus.Collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &backlog{
		books: books, log: log,
		waiting: desc("hotline_transcripts", "Recordings that are not transcribed, by state.", "state"),
		oldest:  desc("hotline_transcripts_oldest_seconds", "Age of the oldest recording that waits to be transcribed."),
		sound:   desc("hotline_transcribed_sound_seconds", "Sound transcribed in the last hour."),
		took:    desc("hotline_transcribing_seconds", "Time that transcribing took in the last hour."),
	}
}

// Describe names the figures.
func (b *backlog) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{b.waiting, b.oldest, b.sound, b.took} {
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
	age := 0.0
	if open.Oldest != nil {
		age = max(0, time.Since(*open.Oldest).Seconds())
	}
	gauge(b.oldest, age)
	gauge(b.sound, cost.Sound.Seconds())
	gauge(b.took, cost.Took.Seconds())
}
