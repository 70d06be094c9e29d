package asterisk

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	requests   *prometheus.HistogramVec
	unknown    *prometheus.CounterVec
	reconnects prometheus.Counter
}

// newMetrics makes the metrics and registers them, if reg is given. depth is called when they are collected.
func newMetrics(reg prometheus.Registerer, depth func() int) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "hotline_ari_request_seconds",
			Help:    "Time from sending a request to Asterisk's answer, or to giving up.",
			Buckets: []float64{.0001, .0003, .001, .003, .01, .03, .1, .3, 1, 3, 10},
		}, []string{"method", "path"}),
		unknown: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotline_ari_events_unknown_total",
			Help: "Events that were skipped, because their type is unknown or they could not be decoded.",
		}, []string{"reason"}),
		reconnects: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hotline_ari_reconnects_total",
			Help: "Connections to Asterisk after the first.",
		}),
	}
	if reg == nil {
		return m, nil
	}
	queued := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "hotline_ari_event_queue_depth",
		Help: "Events that Asterisk has sent and nobody has taken yet.",
	}, func() float64 { return float64(depth()) })
	for _, c := range []prometheus.Collector{m.requests, m.unknown, m.reconnects, queued} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("register the ARI metrics: %w", err)
		}
	}
	return m, nil
}
