package sipphone

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/emiago/diago"
	"github.com/emiago/diago/media"
	"github.com/emiago/sipgo/sip"
)

// Incoming is a call that nobody has taken yet.
type Incoming struct{ dialog *diago.DialogServerSession }

// Port is where the phone listens for SIP.
func (p *Phone) Port() int { return p.ua.TransportLayer().GetListenPort("udp") }

// Number is what was dialled.
func (i *Incoming) Number() string { return i.dialog.ToUser() }

// From is the number that is shown.
func (i *Incoming) From() string { return i.dialog.FromUser() }

// Ring says that the phone rings.
func (i *Incoming) Ring() error {
	if err := i.dialog.Ringing(); err != nil {
		return fmt.Errorf("ring: %w", err)
	}
	return nil
}

// Gone is closed when the other side gives up, or the call is over.
func (i *Incoming) Gone() <-chan struct{} { return i.dialog.Context().Done() }

// Refuse turns the call away with a status of SIP, such as 486. It does nothing when the other side has given up.
func (i *Incoming) Refuse(status int) { _ = i.dialog.Respond(status, "", nil) }

// Answer takes the call. Hang it up before the function returns that the call was handed to.
//
// diago's own Answer begins to wait for the ACK only when it has sent the 200, and misses one that is quick.
func (i *Incoming) Answer() (*Call, error) {
	session, err := media.NewMediaSession(net.IPv4(127, 0, 0, 1), 0)
	if err != nil {
		return nil, fmt.Errorf("answer: open RTP: %w", err)
	}
	call := &taken{DialogServerSession: i.dialog, session: session}
	if err := call.answer(); err != nil {
		return nil, errors.Join(fmt.Errorf("answer: %w", err), call.Close())
	}
	return newCall(call), nil
}

// ackWithin is how long the other side may take to acknowledge an answer.
const ackWithin = 10 * time.Second

// taken is a call that was answered.
type taken struct {
	*diago.DialogServerSession
	session *media.MediaSession
}

func (t *taken) answer() error {
	if err := t.session.RemoteSDP(t.InviteRequest.Body()); err != nil {
		return fmt.Errorf("read the offer: %w", err)
	}
	states := t.StateRead()
	if err := t.RespondSDP(t.session.LocalSDP()); err != nil {
		return fmt.Errorf("send the answer: %w", err)
	}
	limit := time.NewTimer(ackWithin)
	defer limit.Stop()
	for {
		select {
		case <-limit.C:
			return errors.New("nobody acknowledges it")
		case state := <-states:
			switch state {
			case sip.DialogStateConfirmed:
				return nil
			case sip.DialogStateEstablished: // the 200 is sent
			case sip.DialogStateEnded:
				return errors.New("the other side has given up")
			}
		}
	}
}

func (t *taken) MediaSession() *media.MediaSession { return t.session }

func (t *taken) Close() error { return errors.Join(t.session.Close(), t.DialogServerSession.Close()) }
