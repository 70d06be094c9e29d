package gateway

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"hotline/recording"
)

// Where packets come from, as the label "from".
const (
	fromAsterisk = "asterisk"
	fromBrowser  = "browser"
)

type metrics struct {
	registry    *prometheus.Registry
	agents      prometheus.Gauge
	legs        prometheus.Gauge
	controllers prometheus.Gauge
	packets     map[string]prometheus.Counter
	lost        map[string]prometheus.Counter
	late        map[string]prometheus.Counter
	refused     prometheus.Counter
	unsent      prometheus.Counter
	denied      prometheus.Counter
	orphans     prometheus.Counter
	pauses      *prometheus.CounterVec
	faults      map[recording.Fault]prometheus.Counter
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), faults: map[recording.Fault]prometheus.Counter{}}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "hotline_media_" + name, Help: help})
		m.registry.MustRegister(g)
		return g
	}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "hotline_media_" + name, Help: help})
		m.registry.MustRegister(c)
		return c
	}
	directions := func(name, help string) map[string]prometheus.Counter {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hotline_media_" + name, Help: help}, []string{"from"})
		m.registry.MustRegister(v)
		return map[string]prometheus.Counter{fromAsterisk: v.WithLabelValues(fromAsterisk), fromBrowser: v.WithLabelValues(fromBrowser)}
	}
	m.agents = gauge("agents", "Agents whose browsers are connected.")
	m.legs = gauge("legs", "Running legs.")
	m.controllers = gauge("controllers", "Controllers connected to the control API.")
	m.packets = directions("packets_total", "RTP packets that came.")
	m.lost = directions("packets_lost_total", "RTP packets that were missing when a later one came.")
	m.late = directions("packets_late_total", "RTP packets that came after a later one, or twice.")
	m.refused = counter("packets_refused_total", "Packets on RTP ports that were not from Asterisk, or no G.711.")
	m.unsent = counter("packets_unsent_total", "Packets that the network did not take.")
	m.denied = counter("control_denied_total", "Connections to the control API without the right token.")
	m.orphans = counter("legs_orphaned_total", "Legs closed because nobody controlled and nobody fed them.")
	m.pauses = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hotline_media_recording_pauses_total", Help: "Pauses of recordings that began or ended, by who wanted it.",
	}, []string{"cause"})
	m.registry.MustRegister(m.pauses)
	v := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hotline_media_recording_faults_total", Help: "What recordings could not store.",
	}, []string{"fault"})
	m.registry.MustRegister(v)
	for _, f := range []recording.Fault{recording.FaultOpen, recording.FaultWrite, recording.FaultDropped} {
		m.faults[f] = v.WithLabelValues(string(f))
	}
	return m
}
