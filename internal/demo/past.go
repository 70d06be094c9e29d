package demo

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/campaign"
	"hotline/cti"
)

// PastCampaign is a campaign that is over, with what came of everybody on its list.
const PastCampaign = "demo-members"

const (
	pastSize  = 120
	pastFirst = 50 // days ago, so that its last day is long enough ago for most people to be asked again
	pastDays  = 10
	pastMost  = 3 // attempts
)

// pastResults are of a hundred people on a list.
var pastResults = []struct {
	result campaign.Result
	share  int
}{
	{campaign.Complete, 46},
	{campaign.Partial, 8},
	{campaign.Silent, 6},
	{campaign.Machine, 7},
	{campaign.Busy, 3},
	{campaign.NoAnswer, 14},
	{campaign.Rejected, 5},
	{campaign.Invalid, 3},
	{campaign.DoNotCall, 2},
	{campaign.RecentlyAsked, 4},
	{campaign.Expired, 1},
	{campaign.Failed, 1},
}

// causes are those of Q.850 by which calls end that nobody takes.
var causes = map[campaign.Result]int{campaign.Busy: 17, campaign.NoAnswer: 19, campaign.Rejected: 21, campaign.Invalid: 1, campaign.Failed: 38}

// listed is a contact of the past campaign.
type listed struct {
	ID       int64
	Phone    string
	Customer int64
}

// makePastCampaign leaves a campaign that called a part of the customers, and their answers.
func (w *world) makePastCampaign(ctx context.Context, tx pgx.Tx) error {
	local := w.Now.In(taipei).AddDate(0, 0, -pastFirst)
	first := time.Date(local.Year(), local.Month(), local.Day(), 9, 0, 0, 0, taipei)
	rows, err := tx.Query(ctx, `
		with made as (
			insert into survey_campaigns (id, name, survey, way, audience, list_rule, from_day, to_day, hours, ring, at_once, per_second, state, created_at, started_at, finished_at)
			values ($1, '會員服務滿意度訪問', 'after-call', 'outbound', '半年內購物的會員', '有訂單，手機號碼，排除謝絕來電', $2::text::date, $3::text::date, '["09:00-21:00"]', 25, 5, 1,
				'finished', $4, $4, $5)
			on conflict (id) do nothing returning id)
		insert into campaign_contacts (campaign, row, phone, name, ref, due, added_at)
		select made.id, row_number() over (order by p.e164 desc) + 1, p.e164, k.name, 'C' || k.id, $4, $4
		from made, (select distinct on (e164) e164, customer_id from customer_phones where e164 ~ '^\+8869' order by e164 desc, customer_id) p
		join customers k on k.id = p.customer_id where k.created_at < $4 order by p.e164 desc limit $6
		returning id, phone, substr(ref, 2)::bigint as customer`,
		PastCampaign, first.Format(time.DateOnly), first.AddDate(0, 0, pastDays-1).Format(time.DateOnly), first, first.AddDate(0, 0, pastDays).Add(-12*time.Hour), pastSize)
	if err != nil {
		return fmt.Errorf("leave a campaign that is over: %w", err)
	}
	people, err := pgx.CollectRows(rows, pgx.RowToStructByName[listed])
	if err != nil {
		return fmt.Errorf("leave a campaign that is over: %w", err)
	}
	var b pgx.Batch
	for i, k := range people {
		p := &reached{world: w, Rand: w.chanceOf(streamContact, i), b: &b, listed: k}
		p.day = first.Add(time.Duration(p.IntN(pastDays-pastMost)) * day)
		p.next = p.day.Add(randomTime(p.Rand, 11*time.Hour))
		p.play()
	}
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return fmt.Errorf("tell what came of a campaign: %w", err)
	}
	return nil
}

// reached is one contact of the past campaign as it is called.
type reached struct {
	*world
	*rand.Rand
	listed
	b        *pgx.Batch
	attempts int
	day      time.Time // when the hours of its first attempt's day begin
	next     time.Time
}

// play calls until something comes of it.
func (p *reached) play() {
	result := p.result()
	settled := p.next
	switch result {
	case campaign.DoNotCall:
		p.b.Queue(`insert into do_not_call (phone, why, added_by, added_at) select $1, '客戶來電要求', min(id), $2 from users where role = 'supervisor' on conflict do nothing`, p.Phone, settled)
		p.b.Queue(`insert into do_not_call_events (phone, what, why, by, at) select phone, 'added', why, added_by, added_at from do_not_call where phone = $1`, p.Phone)
	case campaign.RecentlyAsked, campaign.Expired:
	case campaign.Machine, campaign.Busy, campaign.NoAnswer, campaign.Failed:
		for range pastMost {
			settled = p.call(result)
		}
	default:
		for p.attempts < pastMost-1 && p.IntN(3) == 0 {
			p.call(pick(p.Rand, []campaign.Result{campaign.Busy, campaign.NoAnswer, campaign.NoAnswer}))
		}
		settled = p.call(result)
	}
	p.b.Queue(`update campaign_contacts set state = $2, attempts = $3, due = $4, settled_at = $5 where id = $1`, p.ID, result, p.attempts, p.next, settled)
}

func (p *reached) result() campaign.Result {
	n := p.IntN(100)
	for _, r := range pastResults {
		if n -= r.share; n < 0 {
			return r.result
		}
	}
	return campaign.Complete
}

// call makes an attempt, and returns when it was over.
func (p *reached) call(r campaign.Result) (ended time.Time) {
	p.attempts++
	dialled := p.next
	var answered time.Time
	ended = dialled.Add(time.Duration(2+p.IntN(4)) * time.Second)
	switch r {
	case campaign.Complete, campaign.Partial, campaign.Silent:
		answered = dialled.Add(time.Duration(6+p.IntN(15)) * time.Second)
		ended = p.asked(r, answered)
	case campaign.NoAnswer:
		ended = dialled.Add(25 * time.Second)
	case campaign.Machine, campaign.Rejected:
		ended = dialled.Add(time.Duration(8+p.IntN(12)) * time.Second)
	default: // such as a busy line: it is known within seconds
	}
	p.b.Queue(`insert into campaign_attempts (contact_id, n, call_id, dialled_at, answered_at, ended_at, result, cause) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.ID, p.attempts, campaign.CallOf(p.ID, p.attempts), dialled, nullTime(answered), ended, r, causes[r])
	p.next = p.day.Add(time.Duration(p.attempts)*day + randomTime(p.Rand, 11*time.Hour))
	return ended
}

// asked plays the survey to whoever took the call, and writes what the exchange would have.
func (p *reached) asked(r campaign.Result, at time.Time) (ended time.Time) {
	call, outcome := campaign.CallOf(p.ID, p.attempts), cti.OutcomeHungUpFlow
	offered := at.Add(time.Second)
	ended = at.Add(time.Duration(4+p.IntN(9)) * time.Second)
	answers := map[string]int{}
	var finished time.Time
	if r != campaign.Silent {
		liked := min(5, max(1, int(math.Round(4.1+0.85*p.NormFloat64()))))
		answers[satisfaction] = liked
		ended = at.Add(time.Duration(16+p.IntN(8)) * time.Second)
		if r == campaign.Complete {
			answers[recommendation] = min(10, max(0, int(math.Round(2*float64(liked)+0.3+1.1*p.NormFloat64()))))
			outcome, finished = cti.OutcomeFlowEnded, at.Add(time.Duration(34+p.IntN(12))*time.Second)
			ended = finished.Add(4 * time.Second)
		}
	}
	p.b.Queue(`insert into calls (id, line, flow, caller_e164, customer_id, arrived_at, ended_at, outcome, campaign) values ($1, $2, '', $3, $4, $5, $6, $7, $8)`,
		call, Line, p.Phone, p.Customer, at, ended, outcome, PastCampaign)
	p.b.Queue(`insert into contacts (customer_id, at, channel, direction, subject, call_id) values ($1, $2, 'phone', 'out', '問卷外撥', $3)`, p.Customer, at, call)
	p.b.Queue(`insert into survey_offers (call_id, survey, version, way, campaign, offered_at, finished_at) values ($1, $2, $3, 'outbound', $4, $5, $6)`,
		call, surveyID, p.surveyVersion, PastCampaign, offered, nullTime(finished))
	for i, question := range []string{satisfaction, recommendation} {
		if value, ok := answers[question]; ok {
			p.b.Queue(`insert into survey_answers (call_id, survey, version, question, value, at, way, campaign) values ($1, $2, $3, $4, $5, $6, 'outbound', $7)`,
				call, surveyID, p.surveyVersion, question, value, at.Add(time.Duration(14+18*i)*time.Second), PastCampaign)
		}
	}
	return ended
}
