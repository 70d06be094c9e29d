package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/internal/asterisk"
	"hotline/ivr"
	"hotline/ivr/survey"
)

// readAsterisk turns what Asterisk says into facts, in its order.
func (x *Exchange) readAsterisk(ctx context.Context) error {
	for {
		select {
		case ev := <-x.Asterisk.Events():
			if c, ok := ev.(asterisk.Connected); ok {
				flows, surveys := x.past(ctx, c)
				x.inbox.put(item{do: func() { x.connected(c, flows, surveys) }})
				continue
			}
			x.inbox.put(item{do: func() { x.fromAsterisk(ev) }})
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// fromAsterisk runs on the loop's goroutine.
func (x *Exchange) fromAsterisk(ev asterisk.Event) {
	switch ev := ev.(type) {
	case asterisk.Connected: // readAsterisk has it
	case asterisk.Disconnected:
		x.conn.Add(1)
		x.up.Store(false)
		x.Log.Warn("connection to asterisk lost", "err", ev.Err)
		x.apply(cti.AsteriskLost{})
	case asterisk.ApplicationReplaced:
		x.Log.Error("another controller took over")
	case asterisk.StasisStart:
		x.entered(ev.Channel)
	case asterisk.StasisEnd:
		x.gone(ev.Channel, 0)
	case asterisk.ChannelDestroyed:
		x.gone(ev.Channel, ev.Cause)
		x.madeGone(ev.Channel, ev.Cause)
	case asterisk.DigitReceived:
		if call := id.CallOfChannel(ev.Channel); x.calls[call] != nil {
			x.apply(cti.DigitPressed{Call: call, Digit: string(ev.Digit)})
		}
	case asterisk.PlaybackFinished:
		if call, n, ok := playback(ev.Playback); ok {
			x.apply(cti.PlayFinished{Call: call, Play: n, Failed: ev.Failed})
		}
	}
}

// apply steps a fact that nobody waits for.
func (x *Exchange) apply(ev cti.Event) { _ = x.step(ev) }

// pastTime is how long a new controller waits for the versions that calls are on, before they go on in the live ones.
const pastTime = 3 * time.Second

// past finds the versions of flows that the calls in Asterisk are on. It may ask the database, so the loop does not wait for
// it: what Asterisk says next waits behind it.
func (x *Exchange) past(ctx context.Context, ev asterisk.Connected) ([]*ivr.Flow, []*survey.Survey) {
	if x.Past == nil {
		return nil, nil
	}
	var states []cti.CallState
	for _, raw := range ev.State {
		var state cti.CallState
		if json.Unmarshal([]byte(raw), &state) == nil { // reconcile tells of one that is unreadable
			states = append(states, state)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, pastTime)
	defer cancel()
	return x.Past(ctx, states)
}

// connected tells the Floor what Asterisk holds.
func (x *Exchange) connected(ev asterisk.Connected, flows []*ivr.Flow, surveys []*survey.Survey) {
	x.conn.Add(1)
	x.up.Store(true)
	restored, fresh := x.reconcile(ev)
	x.apply(cti.AsteriskReconnected{Calls: restored, Flows: flows, Surveys: surveys})
	clear(x.published) // it may be another Asterisk
	x.publishLines()
	for _, ch := range fresh {
		x.arrived(ch)
	}
	x.takenNow(ev.Channels)
	up := map[id.CallID]bool{}
	for _, r := range restored {
		up[r.Call] = r.Up
	}
	for call := range x.calls { // over by now, or legs left of one
		if !up[call] {
			x.forget(call)
		}
	}
	live := make([]string, 0, len(x.calls))
	for call := range x.calls {
		live = append(live, string(call))
	}
	x.journal.add(kindOpen, now(), openCalls{Live: live, Before: now()}, nil)
	x.opened.Do(func() { close(x.ready) })
	x.Log.Info("asterisk connected", "calls", len(live))
}

// reconcile sorts what is there into calls. fresh are channels that no Floor has seen.
func (x *Exchange) reconcile(ev asterisk.Connected) (restored []cti.Restored, fresh []asterisk.Channel) {
	members := map[string]map[string]bool{}
	for _, b := range ev.Bridges {
		members[b.ID] = map[string]bool{}
		for _, ch := range b.Channels {
			members[b.ID][ch] = true
		}
	}
	at := map[id.CallID]int{}
	find := func(call id.CallID) *cti.Restored {
		i, ok := at[call]
		if !ok {
			i = len(restored)
			at[call] = i
			restored = append(restored, cti.Restored{Call: call})
		}
		return &restored[i]
	}
	for _, ch := range ev.Channels {
		if leg, part, ok := id.LegOfChannel(ch.ID); ok {
			r := find(leg.Call())
			r.Parts = append(r.Parts, cti.RestoredPart{Leg: leg, Part: part, Bridged: members[leg.Call().Bridge()][ch.ID]})
			continue
		}
		if made, settled := notTaken(ch); made {
			if settled {
				fresh = append(fresh, ch)
			}
			continue
		}
		call := id.CallOfChannel(ch.ID)
		r := find(call)
		r.Up = true
		r.Bridged = members[call.Bridge()][ch.ID]
		x.caller(ch)
		if raw := ev.State[ch.ID]; raw != "" {
			var state cti.CallState
			if err := json.Unmarshal([]byte(raw), &state); err != nil {
				x.Log.Error("state of a call is unreadable", "call", call, "err", err)
			} else {
				r.State = &state
				continue
			}
		}
		fresh = append(fresh, ch)
	}
	for _, b := range ev.Bridges { // one that is left of a call is all that is left of it
		if call, ok := strings.CutSuffix(b.ID, ".b"); ok {
			find(id.CallID(call))
		}
	}
	return restored, fresh
}

// caller keeps what the host must know of a caller's channel.
func (x *Exchange) caller(ch asterisk.Channel) *call {
	l := x.live(id.CallOfChannel(ch.ID))
	l.channel = ch.ID
	number, ok := x.Callers.Number(ch.CallerNumber)
	if m, made := madeOf(ch); made {
		number, ok = m.number, true // the channel shows ours
	}
	l.number, l.anonymous = number, !ok
	return l
}

// entered: a channel came into the application.
func (x *Exchange) entered(ch asterisk.Channel) {
	if leg, part, ok := id.LegOfChannel(ch.ID); ok {
		x.apply(cti.LegUp{Leg: leg, Part: part})
		return
	}
	if l := x.calls[id.CallOfChannel(ch.ID)]; l != nil && l.channel != "" {
		return // listed when we connected
	}
	x.arrived(ch)
}

func (x *Exchange) arrived(ch asterisk.Channel) {
	if m, ok := madeOf(ch); ok {
		x.answered(ch, m)
		return
	}
	line := ch.Dialed
	if len(ch.Args) > 0 {
		line = ch.Args[0]
	}
	if e164, ok := x.Callers.Number(line); ok {
		line = e164
	}
	l := x.caller(ch)
	x.apply(cti.CallArrived{Call: l.id, Line: line, Flow: x.site.Flow(line), Anonymous: l.anonymous})
}

// gone: a channel left. Asterisk says so twice, when it leaves the application and when it ends; the first counts.
func (x *Exchange) gone(channel string, cause int) {
	if leg, part, ok := id.LegOfChannel(channel); ok {
		x.apply(cti.LegGone{Leg: leg, Part: part, Cause: cause})
		return
	}
	if call := id.CallOfChannel(channel); x.calls[call] != nil {
		x.apply(cti.CallerGone{Call: call, Cause: cause})
	}
}

// playback undoes CallID.Playback.
func playback(s string) (call id.CallID, n int, ok bool) {
	head, tail, ok := strings.Cut(s, ".p")
	if !ok {
		return "", 0, false
	}
	n, err := strconv.Atoi(tail)
	return id.CallID(head), n, err == nil && head != ""
}

// remember writes the state of a call where it outlives this process.
func (x *Exchange) remember(ctx context.Context, l *call, cmd cti.Remember) error {
	raw, err := json.Marshal(cmd.State)
	if err != nil {
		return fmt.Errorf("encode state: %w", err)
	}
	return x.Asterisk.SetState(ctx, l.channel, string(raw))
}
