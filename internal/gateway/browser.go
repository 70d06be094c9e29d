package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"

	"hotline/cti/id"
	"hotline/recording"
)

// ChannelLabel names the data channel by which the browser pauses its recording, without any controller.
const ChannelLabel = "recording"

// maxAsk bounds what a browser may send on it, in bytes.
const maxAsk = 1 << 10

// browserAsk is what the browser sends.
type browserAsk struct {
	ID  uint64   `json:"id"`
	Do  string   `json:"do"` // pause, resume, or keep: the pause is still meant
	Leg id.LegID `json:"leg"`
}

// browserReply is the answer, after the state that it led to.
type browserReply struct {
	Re      uint64   `json:"re"`
	Problem *Problem `json:"problem,omitempty"`
}

// RecordingState is what the gateway shows the browser of the recording of its agent's newest leg, whenever that changes
// and when the channel opens.
type RecordingState struct {
	Event    string          `json:"event"` // recording
	Leg      id.LegID        `json:"leg"`   // empty: no leg is open
	Recorded bool            `json:"recorded"`
	Paused   bool            `json:"paused"`
	By       string          `json:"by,omitempty"`
	Cause    recording.Cause `json:"cause,omitempty"`
	ForMS    int64           `json:"for_ms,omitempty"` // how long the pause has lasted
	LimitMS  int64           `json:"limit_ms"`         // after which the agent is asked
	Ask      bool            `json:"ask,omitempty"`    // is it still meant?
	Stored   bool            `json:"stored"`           // the pause would outlast a death of the gateway
}

func parseAsk(data []byte) (browserAsk, error) {
	var ask browserAsk
	if len(data) > maxAsk {
		return ask, fmt.Errorf("%d bytes are too many", len(data))
	}
	if err := json.Unmarshal(data, &ask); err != nil {
		return ask, fmt.Errorf("not a request: %w", err)
	}
	switch {
	case ask.ID == 0:
		return ask, errors.New("a request needs an id above 0")
	case ask.Do != "pause" && ask.Do != "resume" && ask.Do != "keep":
		return ask, fmt.Errorf("%q is not known", ask.Do)
	case !recording.Recordable(ask.Leg):
		return ask, fmt.Errorf("leg %q cannot be", ask.Leg)
	}
	return ask, nil
}

// channel takes the data channel of a browser.
func (s *Server) channel(c *connection, d *webrtc.DataChannel) {
	if d.Label() != ChannelLabel {
		c.log.Warn("browser opened a channel that is not known", "label", d.Label())
		return
	}
	d.OnOpen(func() {
		c.agent.mu.Lock()
		c.channel = d
		c.agent.mu.Unlock()
		s.showRecording(c.agent.id)
	})
	d.OnMessage(func(m webrtc.DataChannelMessage) { s.asked(c, d, m.Data) })
}

// asked carries out what the browser asks for. The connection says who that is.
func (s *Server) asked(c *connection, d *webrtc.DataChannel, data []byte) {
	ask, err := parseAsk(data)
	if err == nil {
		err = s.answerAsk(c.agent, ask)
	} else {
		err = &Problem{Code: BadRequest, Detail: err.Error()}
	}
	reply := browserReply{Re: ask.ID}
	if err != nil && !errors.As(err, &reply.Problem) {
		reply.Problem = &Problem{Code: Internal, Detail: err.Error()}
	}
	if reply.Problem != nil {
		c.log.Warn("browser: refused", "do", ask.Do, "leg", ask.Leg, "problem", reply.Problem)
	}
	if err := sendJSON(d, reply); err != nil {
		c.log.Debug("answer the browser", "error", err)
	}
}

func (s *Server) answerAsk(a *agent, ask browserAsk) error {
	s.mu.Lock()
	p := s.pausing[ask.Leg]
	s.mu.Unlock()
	if p == nil || p.agent != a.id {
		return &Problem{Code: NoLeg, Detail: "leg " + string(ask.Leg) + " is not this agent's, or not recorded"}
	}
	if ask.Do == "keep" {
		p.prolong(time.Now(), s.cfg.PauseLimit)
		s.showRecording(a.id)
		return nil
	}
	_, err := s.pauseLeg(ask.Leg, ask.Do == "pause", string(a.id), recording.CauseAgent)
	return err
}

func sendJSON(d *webrtc.DataChannel, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return d.SendText(string(data))
}

// showRecording tells the agent's browser how the recording stands.
func (a *agent) showRecording() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.show(time.Now())
}

// show needs a.mu.
func (a *agent) show(now time.Time) {
	if a.conn == nil || a.conn.channel == nil {
		return
	}
	state := RecordingState{Event: "recording", LimitMS: a.limit.Milliseconds(), Stored: true}
	if len(a.legs) > 0 {
		a.legs[len(a.legs)-1].showRecording(&state, now)
	}
	if err := sendJSON(a.conn.channel, state); err != nil {
		a.conn.log.Debug("show the recording to the browser", "error", err)
	}
}

func (l *leg) showRecording(state *RecordingState, now time.Time) {
	state.Leg, state.Recorded = l.spec.Leg, l.writer != nil
	p := l.pausing
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	state.Stored = !p.unsaved
	if p.open() {
		last := p.list[len(p.list)-1]
		state.Paused, state.By, state.Cause = true, last.By, last.Cause
		state.ForMS, state.Ask = max(now.Sub(last.From), 0).Milliseconds(), p.asked
	}
}
