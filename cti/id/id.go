// Package id is the vocabulary of identities that every package may import.
//
// An identity is made once and is the same everywhere: in Asterisk, on the gateway, in the database and in a log line,
// so that a late event or a lost reply still finds what it belongs to.
package id

import (
	"fmt"
	"strconv"
	"strings"
)

// CallID names one call from arrival to end. It is the caller's Asterisk channel id with each '.' made '-', so the
// channel of a call, and the call of a channel, are known without a table.
type CallID string

// LegID names one party's part in a call: "<call>.1" is the caller; each offer to an agent takes the next number.
type LegID string

// AgentID is the id of the user who answers calls.
type AgentID string

// QueueID is the slug of a queue, as flows name it.
type QueueID string

// CallerLeg is the number of the caller's leg.
const CallerLeg = 1

// CallOfChannel returns the call that the caller's Asterisk channel belongs to.
func CallOfChannel(channel string) CallID {
	return CallID(strings.ReplaceAll(channel, ".", "-"))
}

// Leg returns the n-th leg of the call.
func (c CallID) Leg(n int) LegID { return LegID(fmt.Sprintf("%s.%d", c, n)) }

// Bridge is the Asterisk bridge in which the parties of the call hear one another.
func (c CallID) Bridge() string { return string(c) + ".b" }

// Playback is the Asterisk playback id of the call's n-th announcement.
func (c CallID) Playback(n int) string { return fmt.Sprintf("%s.p%d", c, n) }

// Split returns the call and the number of the leg. ok is false for anything that is no leg id.
func (l LegID) Split() (call CallID, n int, ok bool) {
	head, tail, found := strings.Cut(string(l), ".")
	if !found || head == "" {
		return "", 0, false
	}
	n, err := strconv.Atoi(tail)
	if err != nil || n < 1 || strconv.Itoa(n) != tail {
		return "", 0, false
	}
	return CallID(head), n, true
}

// Call returns the call that the leg belongs to, or "" for anything that is no leg id.
func (l LegID) Call() CallID {
	call, _, _ := l.Split()
	return call
}

// Channel is the Asterisk channel that carries the part-th connection of an agent's leg.
func (l LegID) Channel(part int) string { return fmt.Sprintf("%s.%d", l, part) }

// LegOfChannel undoes Channel. ok is false for a caller's channel and for anything else.
func LegOfChannel(channel string) (leg LegID, part int, ok bool) {
	i := strings.LastIndexByte(channel, '.')
	if i < 0 {
		return "", 0, false
	}
	part, err := strconv.Atoi(channel[i+1:])
	if err != nil || part < 1 || strconv.Itoa(part) != channel[i+1:] {
		return "", 0, false
	}
	leg = LegID(channel[:i])
	if _, _, ok := leg.Split(); !ok {
		return "", 0, false
	}
	return leg, part, true
}
