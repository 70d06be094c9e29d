package desk

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// The types of messages.
const (
	typeSnapshot = "snapshot"
	typeAgent    = "agent"
	typePop      = "pop"
	typeConfig   = "config"
	typeHealth   = "health"
	typeFloor    = "floor"
	typeTakeOver = "take_over"
	typeTaken    = "taken"
)

// message is one frame to browsers, encoded once however many get it. It is immutable.
type message struct {
	seq   uint64 // 0: outside the numbering
	kind  string
	data  json.RawMessage
	frame []byte
	reply bool      // answers a request, so it is never dropped
	since time.Time // of a pop: when its cause happened
}

// encode makes a frame of its parts: seq is left out when it is 0.
func encode(seq uint64, kind string, data json.RawMessage) *message {
	frame := make([]byte, 0, len(data)+len(kind)+48)
	frame = append(frame, '{')
	if seq != 0 {
		frame = append(frame, `"seq":`...)
		frame = strconv.AppendUint(frame, seq, 10)
		frame = append(frame, ',')
	}
	frame = append(frame, `"type":"`...)
	frame = append(frame, kind...)
	frame = append(frame, `","data":`...)
	frame = append(frame, data...)
	frame = append(frame, '}')
	return &message{seq: seq, kind: kind, data: data, frame: frame}
}

// snapshotData is every state at once.
type snapshotData struct {
	Epoch    string          `json:"epoch"`
	Overflow bool            `json:"overflow"`
	Agent    json.RawMessage `json:"agent,omitempty"`
	Pop      json.RawMessage `json:"pop,omitempty"`
	Config   json.RawMessage `json:"config,omitempty"`
	Health   json.RawMessage `json:"health,omitempty"`
	Floor    json.RawMessage `json:"floor,omitempty"`
}

// problem is the part of an RFC 9457 problem that makes sense inside a reply.
type problem struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail,omitempty"`
}

type reply struct {
	Re      uint64   `json:"re"`
	OK      bool     `json:"ok,omitempty"`
	Problem *problem `json:"problem,omitempty"`
}

func encodeReply(re uint64, p *problem) *message {
	frame, err := json.Marshal(reply{Re: re, OK: p == nil, Problem: p})
	if err != nil {
		// Numbers and strings always encode.
		panic(fmt.Sprintf("encode a reply: %v", err))
	}
	return &message{frame: frame, reply: true}
}
