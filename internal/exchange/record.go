package exchange

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/recording"
)

// The kinds of journal entries; store.go writes each.
const (
	kindEvent       = "event"
	kindAnswer      = "answer"
	kindDisposition = "disposition"
	kindAgent       = "agent"
	kindCall        = "call"
	kindChosen      = "chosen"
	kindRecording   = "recording"
	kindPause       = "pause"
	kindOpen        = "open"
)

// eventRow is a fact as call_event keeps it: enough to step it again and to compare what follows.
type eventRow struct {
	Floor    int64           `json:"floor"` // which Floor was told: when it was made, in microseconds since 1970
	Seq      int64           `json:"seq"`
	Call     id.CallID       `json:"call,omitempty"`
	Agent    id.AgentID      `json:"agent,omitempty"`
	Kind     string          `json:"kind"`
	Event    json.RawMessage `json:"event"`
	Commands []commandRow    `json:"commands,omitempty"`
}

// commandRow is one command that followed from the fact.
type commandRow struct {
	Kind    string          `json:"kind"`
	Command json.RawMessage `json:"command"`
}

// callRow is the row of a call, with what the Floor must not know.
type callRow struct {
	cti.Summary
	Number string `json:"number,omitempty"` // E.164
	Chosen int64  `json:"chosen,omitempty"` // the customer that the agent picked of several
}

// recordingRow says that a leg is over and owes a recording.
type recordingRow struct {
	Call    id.CallID  `json:"call"`
	Leg     id.LegID   `json:"leg"`
	Agent   id.AgentID `json:"agent"`
	Started time.Time  `json:"started"`
}

// pauseRow is what the gateway told of the pauses of a leg's recording.
type pauseRow struct {
	Leg    id.LegID          `json:"leg"`
	Pauses []recording.Pause `json:"pauses"`
}

// openCalls closes the rows of calls that ended while no controller lived.
type openCalls struct {
	Live   []string  `json:"live"`
	Before time.Time `json:"before"`
}

// record journals a fact with the commands that followed. What desks were told is left out: it follows from the rest.
func (x *Exchange) record(at time.Time, ev cti.Event, commands []cti.Command) {
	x.seq++
	row := eventRow{Floor: x.born, Kind: cti.EventKind(ev), Seq: x.seq}
	var err error
	if row.Event, err = json.Marshal(ev); err != nil {
		x.Log.Error("encode fact", "kind", row.Kind, "err", err)
		return
	}
	row.Call, row.Agent = subjectOf(row.Event)
	if row.Commands, err = kept(commands); err != nil {
		x.Log.Error("encode commands", "kind", row.Kind, "err", err)
	}
	x.journal.add(kindEvent, at, row, nil)
}

// kept are the commands that are stored beside their fact, as they are stored.
func kept(commands []cti.Command) (rows []commandRow, err error) {
	for _, cmd := range commands {
		switch cmd.(type) {
		case cti.Tell, cti.Refused, cti.Anomaly, cti.SaveDisposition:
			continue // SaveDisposition holds the agent's free text, which belongs to the call's row alone
		}
		raw, err := json.Marshal(cmd)
		if err != nil {
			return rows, fmt.Errorf("encode %s: %w", cti.CommandKind(cmd), err)
		}
		rows = append(rows, commandRow{Kind: cti.CommandKind(cmd), Command: raw})
	}
	return rows, nil
}

// subjectOf finds the call and the agent that a fact is about: its fields call, agent and leg, or those of its timer or
// view.
func subjectOf(event json.RawMessage) (id.CallID, id.AgentID) {
	type subject struct {
		Call  id.CallID  `json:"call"`
		Agent id.AgentID `json:"agent"`
		Leg   id.LegID   `json:"leg"`
	}
	var s struct {
		subject
		Timer, View struct {
			Call  json.RawMessage `json:"call"`
			Agent id.AgentID      `json:"agent"`
		}
	}
	if err := json.Unmarshal(event, &s); err != nil {
		return "", ""
	}
	var timerCall id.CallID
	if json.Unmarshal(s.Timer.Call, &timerCall) != nil {
		timerCall = ""
	}
	return cmp.Or(s.Call, s.Leg.Call(), timerCall), cmp.Or(s.Agent, s.Timer.Agent, s.View.Agent)
}

// saveCall journals the row by which people find the call.
func (x *Exchange) saveCall(at time.Time, s cti.Summary) {
	row := callRow{Summary: s}
	if l := x.calls[s.Call]; l != nil {
		row.Number, row.Chosen = l.number, l.chosen
	}
	x.metrics.call(s)
	x.journal.add(kindCall, at, row, nil)
}

// chosenRow is the customer an agent picked for a call, of several on one number.
type chosenRow struct {
	Call     id.CallID `json:"call"`
	Customer int64     `json:"customer"`
}

func (x *Exchange) recording(at time.Time, cmd cti.FinishRecording) {
	x.journal.add(kindRecording, at, recordingRow{Call: cmd.Call, Leg: cmd.Leg, Agent: cmd.Agent, Started: at}, nil)
}
