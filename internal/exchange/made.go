package exchange

import (
	"context"

	"github.com/jackc/pgx/v5"

	"hotline/campaign"
	"hotline/cti"
	"hotline/cti/id"
	"hotline/internal/asterisk"
	"hotline/ivr"
)

// Outbound makes the calls of campaigns. It hears of those that no person was asked in; of the others the row of the call tells.
// Its methods must not block.
type Outbound interface {
	// Gone: the call ended, for a cause of Q.850 or 0. answered says that somebody or something took it.
	Gone(call id.CallID, cause int, answered bool)
	// Machine: an answering machine took the call, which was then hung up.
	Machine(call id.CallID, how string)
}

// The first two arguments with which a made call enters the application; the dialplan (deploy/asterisk/extensions.conf.tmpl) gives
// AMD's word as the second, and how it knew as the third.
const (
	MadeArg      = "made"
	MadeAnswered = "ANSWERED" // whether by a person is to be found out
	MadePerson   = "PERSON"   // is not to be found out
	madeMachine  = "MACHINE"
	madeContext  = "made"
	madeDetect   = "detect"
)

// MadeVariable holds, for the dialplan, what MadeFor returns.
const MadeVariable = "MADE_FOR"

// MadeFor are the arguments that say for what a call is made. number is whom it is made to, line what they see; both E.164.
func MadeFor(campaign, survey string, lang ivr.Lang, number, line string) []string {
	return []string{campaign, survey, string(lang), number, line}
}

// made is a call that a campaign made, as its channel says.
type made struct {
	call         id.CallID
	channel      string
	status, how  string
	campaign     string
	survey       string
	lang         ivr.Lang
	number, line string
}

func madeOf(ch asterisk.Channel) (m made, ok bool) {
	call := id.CallOfChannel(ch.ID)
	if len(ch.Args) != 8 || ch.Args[0] != MadeArg || !campaign.Made(call) {
		return made{}, false
	}
	a := ch.Args
	return made{
		call: call, channel: ch.ID, status: a[1], how: a[2], campaign: a[3], survey: a[4], lang: ivr.Lang(a[5]), number: a[6], line: a[7],
	}, true
}

// notTaken says whether a channel is that of a made call which no person is known to have taken. entered says that it is in the
// application all the same, so that something must be done with it; else it rings, or is being listened to, and will come.
func notTaken(ch asterisk.Channel) (yes, entered bool) {
	if !campaign.Made(id.CallOfChannel(ch.ID)) {
		return false, false
	}
	m, ok := madeOf(ch)
	if !ok || ch.State != "Up" {
		return true, false
	}
	waits := m.status == MadeAnswered || m.status == madeMachine
	return waits, waits
}

// answered: somebody or something took a made call. It runs on the loop's goroutine.
func (x *Exchange) answered(ch asterisk.Channel, m made) {
	switch m.status {
	case MadeAnswered:
		x.taken[m.call] = false
		x.listen(m)
	case madeMachine:
		x.taken[m.call] = false
		if x.Outbound != nil {
			x.Outbound.Machine(m.call, m.how)
		}
		x.release(m)
	default: // HUMAN, NOTSURE, HANGUP, MadePerson
		x.taken[m.call] = true
		l := x.caller(ch)
		x.apply(cti.CallArrived{Call: l.id, Line: m.line, Made: &cti.Made{Campaign: m.campaign, Survey: m.survey, Lang: m.lang}})
	}
}

// listen sends a made call where the dialplan finds out who took it, and hangs up when that fails: nobody is to hear silence.
func (x *Exchange) listen(m made) {
	go func() {
		ctx, cancel := context.WithTimeout(x.running, requestTime)
		defer cancel()
		err := x.Asterisk.ContinueInDialplan(ctx, m.channel, asterisk.Dialplan{Context: madeContext, Extension: madeDetect, Priority: 1})
		if err != nil && !asterisk.IsNotFound(err) {
			x.Log.Warn("find out who took a made call", "call", m.call, "err", err)
			x.release(m)
		}
	}()
}

// release hangs a made call up that the Floor does not have.
func (x *Exchange) release(m made) {
	go func() {
		ctx, cancel := context.WithTimeout(x.running, requestTime)
		defer cancel()
		if err := x.Asterisk.Hangup(ctx, m.channel, "normal"); err != nil {
			x.Log.Error("hang up a made call", "call", m.call, "err", err)
		}
	}()
}

// takenNow forgets made calls that ended while nobody told us, and notes those that the Floor has from a controller before.
func (x *Exchange) takenNow(channels []asterisk.Channel) {
	there := map[id.CallID]bool{}
	for _, ch := range channels {
		call := id.CallOfChannel(ch.ID)
		there[call] = true
		if campaign.Made(call) && x.calls[call] != nil {
			x.taken[call] = true
		}
	}
	for call := range x.taken {
		if !there[call] {
			delete(x.taken, call)
		}
	}
}

// madeGone tells of a made call that ended without the Floor having had it.
func (x *Exchange) madeGone(channel string, cause int) {
	call := id.CallOfChannel(channel)
	if !campaign.Made(call) {
		return
	}
	asked, answered := x.taken[call]
	delete(x.taken, call)
	if !asked && x.Outbound != nil {
		x.Outbound.Gone(call, cause, answered)
	}
}

// writeMade notes with the contact that was called how far the call got.
func writeMade(ctx context.Context, tx pgx.Tx, row callRow) error {
	if row.Ended.IsZero() {
		return campaign.Answered(ctx, tx, row.Call, row.Arrived)
	}
	return settleMade(ctx, tx, row.Call)
}

// settleMade writes how a call that a person answered ended, by its own rows.
func settleMade(ctx context.Context, tx pgx.Tx, call id.CallID) error {
	end := campaign.End{Call: call}
	err := tx.QueryRow(ctx, `select c.ended_at, case when o.finished_at is not null then 'complete' when o.started_at is not null then 'partial' else 'silent' end
		from calls c left join survey_offers o on o.call_id = c.id where c.id = $1`, call).Scan(&end.At, &end.Result)
	if err != nil {
		return err
	}
	return campaign.Ended(ctx, tx, end)
}
