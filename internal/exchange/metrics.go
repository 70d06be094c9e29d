package exchange

import (
	"github.com/prometheus/client_golang/prometheus"

	"hotline/cti"
)

// metrics are the exchange's; none has a label per call or per agent.
type metrics struct {
	anomalies prometheus.Counter
	failed    *prometheus.CounterVec
	ended     *prometheus.CounterVec
	answer    *prometheus.HistogramVec
	lookup    prometheus.Histogram
	pop       prometheus.Histogram
	calls     prometheus.Gauge
	waiting   *prometheus.GaugeVec
	longest   *prometheus.GaugeVec
	agents    *prometheus.GaugeVec
	late      prometheus.Counter
}

func newMetrics(x *Exchange, reg prometheus.Registerer) *metrics {
	m := &metrics{
		anomalies: prometheus.NewCounter(prometheus.CounterOpts{Name: "hotline_anomalies_total", Help: "Facts that no longer applied when they came."}),
		failed:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hotline_commands_failed_total", Help: "Commands that could not be carried out."}, []string{"command"}),
		ended:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hotline_calls_ended_total", Help: "Calls ended, by outcome; abandoned ones are outcome=\"abandoned\"."}, []string{"outcome", "queue"}),
		answer:    prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "hotline_answer_seconds", Help: "Wait from the entry into the queue to the answer.", Buckets: []float64{1, 2, 5, 10, 20, 30, 60, 120, 300, 600}}, []string{"queue"}),
		lookup:    prometheus.NewHistogram(prometheus.HistogramOpts{Name: "hotline_lookup_seconds", Help: "Time to find a caller's customer and history.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 12)}),
		pop:       prometheus.NewHistogram(prometheus.HistogramOpts{Name: "hotline_pop_seconds", Help: "Time from the fact that offers a call to its data on the way to the desk.", Buckets: prometheus.ExponentialBuckets(0.0001, 2, 16)}),
		calls:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "hotline_calls", Help: "Live calls."}),
		waiting:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "hotline_queue_waiting", Help: "Calls waiting."}, []string{"queue"}),
		longest:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "hotline_queue_longest_wait_seconds", Help: "Wait of the call that waits longest."}, []string{"queue"}),
		agents:    prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "hotline_agents", Help: "Agents signed in, by state."}, []string{"state"}),
		late:      prometheus.NewCounter(prometheus.CounterOpts{Name: "hotline_pop_late_total", Help: "Times a desk was told of a call before its customer was known."}),
	}
	if reg == nil {
		return m
	}
	reg.MustRegister(m.anomalies, m.failed, m.ended, m.answer, m.lookup, m.pop, m.calls, m.waiting, m.longest, m.agents, m.late,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "hotline_event_queue_depth", Help: "Facts that wait to be stepped."},
			func() float64 { return float64(x.inbox.depth()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "hotline_journal_depth", Help: "Entries that wait to be written to the database."},
			func() float64 { return float64(x.journal.in.depth()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "hotline_database_away", Help: "1 while facts go to the spool because the database is away."},
			func() float64 {
				if x.journal.away.Load() {
					return 1
				}
				return 0
			}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "hotline_journal_lost_total", Help: "Entries that could be written nowhere."},
			func() float64 { return float64(x.journal.lost.Load()) }))
	return m
}

// call counts a call's answer and its end.
func (m *metrics) call(s cti.Summary) {
	if !s.Ended.IsZero() {
		m.ended.WithLabelValues(string(s.Outcome), string(s.Queue)).Inc()
		if !s.Answered.IsZero() && !s.Queued.IsZero() {
			m.answer.WithLabelValues(string(s.Queue)).Observe(max(0, s.Answered.Sub(s.Queued).Seconds()))
		}
	}
}

// show sets the gauges to what the floor looks like now.
func (m *metrics) show(o cti.Overview) {
	m.calls.Set(float64(o.Calls))
	at := now()
	for _, q := range o.Queues {
		m.waiting.WithLabelValues(string(q.Queue)).Set(float64(len(q.Waiting)))
		longest := 0.0
		for _, w := range q.Waiting {
			longest = max(longest, at.Sub(w.Since).Seconds())
		}
		m.longest.WithLabelValues(string(q.Queue)).Set(longest)
	}
	states := map[cti.AgentState]int{cti.AgentStateReady: 0, cti.AgentStateNotReady: 0, cti.AgentStateRinging: 0, cti.AgentStateTalking: 0, cti.AgentStateWrapUp: 0}
	for _, a := range o.Agents {
		states[a.State]++
	}
	for state, n := range states {
		m.agents.WithLabelValues(string(state)).Set(float64(n))
	}
}
