package exchange

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/internal/asterisk"
	"hotline/internal/gateway"
)

// call is what the host keeps of a live call. The loop's goroutine owns it, but for the executor.
type call struct {
	id        id.CallID
	channel   string // the caller's, as Asterisk names it
	number    string // E.164, "" when withheld or unreadable
	anonymous bool

	pop      Pop
	popKnown bool
	chosen   int64 // the customer that the agent picked of several on the number

	secrets map[string]string // what the caller keyed and only a service may see

	todo *queue[task]
	stop context.CancelFunc
}

// task is one command for the executor of a call.
type task struct {
	cmd  cti.Command
	conn int64 // the connection to Asterisk that it was made for
	last bool  // nothing comes after it
}

const (
	firstRetry  = 100 * time.Millisecond
	requestTime = 5 * time.Second // for one request to Asterisk or the gateway
	popTime     = 2 * time.Second // after which the desk rings without the history
	musicClass  = "default"
)

// live returns the call's record, made new when the call is.
func (x *Exchange) live(c id.CallID) *call {
	if l := x.calls[c]; l != nil {
		return l
	}
	ctx, cancel := context.WithCancel(x.running)
	l := &call{id: c, todo: newQueue[task](), stop: cancel}
	x.calls[c] = l
	go x.executor(ctx, l)
	return l
}

// finish lets the executor do what it still has, then ends it.
func (l *call) finish() { l.todo.put(task{last: true}) }

// execute hands a command to its call's executor. What comes after a call's end (a leg that is still to be dropped) gets
// an executor of its own, since the call's may have gone.
func (x *Exchange) execute(cmd cti.Command) {
	call := cti.Lane(cmd)
	known := x.calls[call] != nil
	l := x.live(call)
	l.todo.put(task{cmd: cmd, conn: x.conn.Load()})
	if !known {
		x.forget(call)
	}
}

// executor carries out the commands of one call in order.
func (x *Exchange) executor(ctx context.Context, l *call) {
	defer l.stop()
	for {
		tasks, err := l.todo.take(ctx)
		if err != nil {
			return
		}
		for _, t := range tasks {
			if t.last {
				return
			}
			x.carryOut(ctx, l, t)
		}
	}
}

// carryOut does one command and turns its failure into a fact. What fails for a lost connection is no fact: the Floor
// gives it again after the reconnection. What the Floor cannot do without is tried until it is done.
func (x *Exchange) carryOut(ctx context.Context, l *call, t task) {
	for wait := firstRetry; ; wait = min(2*wait, requestTime) {
		err := x.once(ctx, l, t)
		switch {
		case err == nil, errors.Is(err, asterisk.ErrDisconnected), ctx.Err() != nil:
			return
		case asterisk.IsNotFound(err):
			x.Log.Info("channel gone before the command", "command", cti.CommandKind(t.cmd), "call", l.id, "err", err)
			return
		case !mustBeDone(t.cmd):
			x.commandFailed(l, t, err)
			return
		}
		x.metrics.failed.WithLabelValues(cti.CommandKind(t.cmd)).Inc()
		x.Log.Warn("command failed, trying again", "command", cti.CommandKind(t.cmd), "call", l.id, "err", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// mustBeDone says whether the Floor relies on a command: its failure would leave a channel or a caller for ever.
func mustBeDone(cmd cti.Command) bool {
	switch cmd.(type) {
	case cti.Remember, cti.StartMusic, cti.StopPlay, cti.StopMusic, cti.Unbridge, cti.DropLeg, cti.HangUp:
		return true
	}
	return false
}

func (x *Exchange) once(ctx context.Context, l *call, t task) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	return x.request(ctx, l, t)
}

func (x *Exchange) commandFailed(l *call, t task, err error) {
	failed := cti.CommandFailed{Call: l.id, Command: cti.CommandKind(t.cmd), Reason: err.Error()}
	switch cmd := t.cmd.(type) {
	case cti.DialOut:
		failed.Leg, failed.Part = cmd.Leg, cmd.Part
	case cti.ConnectLeg:
		failed.Leg, failed.Part, failed.Agent = cmd.Leg, cmd.Part, cmd.Agent
	case cti.Bridge:
		failed.Leg, failed.Part = cmd.Leg, cmd.Part
	case cti.Hold:
		failed.Leg, failed.Part = cmd.Leg, cmd.Part
	case cti.DropLeg:
		failed.Leg, failed.Part = cmd.Leg, cmd.Part
	case cti.Play:
		failed.Play = cmd.Play
	case cti.StopPlay:
		failed.Play = cmd.Play
	}
	x.failed(failed)
}

// failed tells the Floor that it must do without a command.
func (x *Exchange) failed(ev cti.CommandFailed) {
	x.metrics.failed.WithLabelValues(ev.Command).Inc()
	x.Log.Warn("command failed", "command", ev.Command, "call", ev.Call, "err", ev.Reason)
	x.Submit(ev)
}

// request does what one command says. Each is repeatable, since every name in it is ours.
func (x *Exchange) request(ctx context.Context, l *call, t task) error {
	if drop, ok := t.cmd.(cti.DropLeg); ok { // the gateway's half is done whatever Asterisk does
		if err := x.Gateway.CloseLeg(ctx, drop.Leg, drop.Part); err != nil {
			x.Log.Warn("close leg at the gateway", "call", l.id, "leg", drop.Leg, "err", err)
		}
	}
	if t.conn != x.conn.Load() || !x.up.Load() {
		return asterisk.ErrDisconnected
	}
	a := x.Asterisk
	switch cmd := t.cmd.(type) {
	case cti.Remember:
		return x.remember(ctx, l, cmd)
	case cti.Answer:
		return a.Answer(ctx, l.channel)
	case cti.Play:
		media, err := x.Speech.Media(ctx, cmd.Phrases)
		if err != nil {
			return fmt.Errorf("speak: %w", err)
		}
		return a.Play(ctx, l.channel, l.id.Playback(cmd.Play), media, "")
	case cti.StopPlay:
		return a.StopPlayback(ctx, l.id.Playback(cmd.Play))
	case cti.StartMusic:
		return a.StartMOH(ctx, l.channel, musicClass)
	case cti.StopMusic:
		return a.StopMOH(ctx, l.channel)
	case cti.ConnectLeg:
		return x.connectLeg(ctx, l, cmd)
	case cti.DialOut:
		return x.dialOut(ctx, cmd)
	case cti.Bridge:
		return x.bridge(ctx, l, cmd)
	case cti.Unbridge:
		return x.unbridge(ctx, l)
	case cti.Hold:
		if err := x.Gateway.HoldLeg(ctx, cmd.Leg, cmd.Part, true); err != nil {
			return fmt.Errorf("hold at the gateway: %w", err)
		}
		return x.unbridge(ctx, l)
	case cti.DropLeg:
		return a.Hangup(ctx, cmd.Leg.Channel(cmd.Part), "normal")
	case cti.HangUp:
		return a.Hangup(ctx, l.channel, "normal")
	}
	return fmt.Errorf("no way to carry out %T", t.cmd)
}

func (x *Exchange) connectLeg(ctx context.Context, l *call, cmd cti.ConnectLeg) error {
	addr, err := x.Gateway.OpenLeg(ctx, gateway.LegSpec{
		Call: l.id, Leg: cmd.Leg, Part: cmd.Part, Agent: cmd.Agent, Record: cmd.Refused == "", Epoch: cmd.Answered,
	})
	if err != nil {
		return fmt.Errorf("open leg at the gateway: %w", err)
	}
	channel := cmd.Leg.Channel(cmd.Part)
	if err := x.Asterisk.ExternalMedia(ctx, asterisk.ExternalMedia{Channel: channel, Host: addr, Format: x.format()}); err != nil {
		return err
	}
	x.tellPeer(ctx, cmd.Leg, cmd.Part)
	return nil
}

// errOutside means that the configuration does not let anybody call the number.
var errOutside = errors.New("no call may be made to it: see `outbound` in the configuration")

// dialOut calls a telephone outside. What the flow may call was checked when it was published; the site has the last word.
func (x *Exchange) dialOut(ctx context.Context, cmd cti.DialOut) error {
	if x.Outside == nil {
		return errOutside
	}
	out, ok := x.Outside(cmd.To)
	if !ok {
		return errOutside
	}
	out.Channel, out.Ring = cmd.Leg.Channel(cmd.Part), cmd.Ring
	return x.Asterisk.Originate(ctx, out)
}

// format is Asterisk's name of the codec that the gateway carries.
func (x *Exchange) format() string {
	if x.alaw.Load() {
		return "alaw"
	}
	return "ulaw"
}

// tellPeer tells the gateway where Asterisk listens. It would learn that from the first packet, but a phone that sends
// nothing makes Asterisk send nothing, and such a caller would not hear the agent. A failure costs only that.
func (x *Exchange) tellPeer(ctx context.Context, leg id.LegID, part int) {
	host, err := x.Asterisk.GetVar(ctx, leg.Channel(part), "UNICASTRTP_LOCAL_ADDRESS")
	if err == nil {
		var port string
		if port, err = x.Asterisk.GetVar(ctx, leg.Channel(part), "UNICASTRTP_LOCAL_PORT"); err == nil {
			err = x.Gateway.PeerLeg(ctx, leg, part, net.JoinHostPort(host, port))
		}
	}
	if err != nil {
		x.Log.Debug("the gateway learns Asterisk's address by itself", "leg", leg, "err", err)
	}
}

// unbridge takes the caller out before the bridge goes, since what is said to them comes next: see the package asterisk on the
// playback that never begins.
func (x *Exchange) unbridge(ctx context.Context, l *call) error {
	if l.channel != "" { // else the caller is gone, and a bridge was found without them
		if err := x.Asterisk.RemoveFromBridge(ctx, l.id.Bridge(), l.channel); err != nil {
			return err
		}
	}
	return x.Asterisk.DestroyBridge(ctx, l.id.Bridge())
}

func (x *Exchange) bridge(ctx context.Context, l *call, cmd cti.Bridge) error {
	a, b := x.Asterisk, l.id.Bridge()
	if err := a.CreateBridge(ctx, b, string(l.id)); err != nil {
		return err
	}
	if err := a.AddToBridge(ctx, b, l.channel, cmd.Leg.Channel(cmd.Part)); err != nil {
		return err
	}
	if cmd.Outside {
		return nil
	}
	if err := x.Gateway.HoldLeg(ctx, cmd.Leg, cmd.Part, false); err != nil {
		return fmt.Errorf("end hold at the gateway: %w", err)
	}
	return nil
}
