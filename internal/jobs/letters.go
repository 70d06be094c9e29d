package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"hotline/campaign"
	"hotline/cti/id"
	"hotline/internal/calendar"
	"hotline/ivr/flowstore"
	"hotline/ivr/survey"
	"hotline/surveylink"
)

// writeCampaigns sends the links of campaigns that are due.
type writeCampaigns struct{}

const (
	writeEvery   = 10 * time.Second
	writeTimeout = time.Minute
)

// Kind is River's name for the job.
func (writeCampaigns) Kind() string { return "write_campaigns" }

// InsertOpts lets one wait; the next comes soon enough to be the other's retry.
func (writeCampaigns) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMessages, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished()}}
}

// Letters sends the links of campaigns: as many a second as each says, within its hours.
type Letters struct {
	DB        *pgxpool.Pool
	Campaigns *campaign.Store
	Surveys   *flowstore.Store
	Out       *Inserter
	// Opening finds calendars by name as they are now.
	Opening func(ctx context.Context) (func(name string) *calendar.Calendar, error)
	Log     *slog.Logger
}

type writeWorker struct {
	river.WorkerDefaults[writeCampaigns]
	letters *Letters // nil: nobody writes
}

// Timeout is the job's limit.
func (*writeWorker) Timeout(*river.Job[writeCampaigns]) time.Duration { return writeTimeout }

// Work writes for as long as until the next job.
func (w *writeWorker) Work(ctx context.Context, _ *river.Job[writeCampaigns]) error {
	if w.letters == nil {
		return nil
	}
	return w.letters.Send(ctx, time.Now(), writeEvery)
}

// Send writes to the contacts that are due in the time that begins now. A campaign that cannot be written for leaves the others alone.
func (l *Letters) Send(ctx context.Context, now time.Time, within time.Duration) error {
	if err := l.Campaigns.Tidy(ctx, now); err != nil {
		return err
	}
	running, err := l.Campaigns.InState(ctx, campaign.Link, campaign.Running)
	if err != nil || len(running) == 0 {
		return err
	}
	opening, err := l.Opening(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, c := range running {
		err := l.lost(ctx, c, now)
		if err == nil && c.Open(now, opening) {
			err = l.write(ctx, c, now, max(1, int(math.Round(float64(c.PerSec)*within.Seconds()))))
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("write for campaign %s: %w", c.ID, err))
		}
	}
	return failed
}

// lost settles contacts whose message could not be delivered.
func (l *Letters) lost(ctx context.Context, c campaign.Campaign, now time.Time) error {
	rows, err := l.DB.Query(ctx, `select k.id from campaign_contacts k join messages m on m.call_id = $2 || k.id
		where k.campaign = $1 and k.state = 'sent' and m.state = 'failed'`, c.ID, contactPrefix+c.ID+":")
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	for _, contact := range found {
		if _, err := campaign.MarkFailed(ctx, l.DB, contact, now); err != nil {
			return err
		}
	}
	return err
}

func (l *Letters) write(ctx context.Context, c campaign.Campaign, now time.Time, most int) error {
	if len(l.Out.Links.Channels) == 0 {
		l.Log.Warn("a campaign sends no links, since neither notify.sms nor notify.mail is set", "campaign", c.ID)
		return nil
	}
	live, err := l.Surveys.Live(ctx, flowstore.Key{Kind: flowstore.KindSurvey, Name: c.Survey})
	if err != nil {
		return err
	}
	due, err := l.Campaigns.ToSend(ctx, c.ID, now, most)
	if err != nil {
		return err
	}
	for _, k := range due {
		err := pgx.BeginFunc(ctx, l.DB, func(tx pgx.Tx) error { return l.one(ctx, tx, c, k, live.Hash, now) })
		if err != nil {
			return err
		}
	}
	return nil
}

// one writes to a contact, in one transaction with its state.
func (l *Letters) one(ctx context.Context, tx pgx.Tx, c campaign.Campaign, k campaign.Contact, version string, now time.Time) error {
	channel, to := l.Out.Links.reach(invited{Number: k.Phone, Email: k.Mail})
	expires, err := lastMoment(c)
	if err != nil {
		return err
	}
	if to == "" || !expires.After(now) {
		_, err := campaign.MarkFailed(ctx, tx, k.ID, now)
		return err
	}
	if mine, err := campaign.MarkSent(ctx, tx, k.ID, now); err != nil || !mine {
		return err
	}
	lang := survey.Lang(k.Lang)
	if lang == "" {
		lang = survey.Lang(c.Lang)
	}
	return l.Out.sendLink(ctx, tx, letter{
		New:     surveylink.New{Call: contactCall(c.ID, k.ID), Survey: c.Survey, Version: version, Campaign: c.ID, Lang: lang, Expires: expires},
		channel: channel, to: to, words: inCampaign,
	}, now)
}

// lastMoment is when the last day of the campaign is over.
func lastMoment(c campaign.Campaign) (time.Time, error) {
	zone, err := calendar.LoadZone(c.Zone)
	if err != nil {
		return time.Time{}, err
	}
	return time.Date(c.To.Year, c.To.Month, c.To.Day+1, 0, 0, 0, 0, zone.Location), nil
}

var inCampaign = map[survey.Lang]wording{
	survey.Mandarin: {"%s：想聽聽您的意見", "【%s】想聽聽您的意見，邀請您填寫問卷，約需一分鐘：%s"},
	survey.English:  {"%s: we would like your opinion", "%s: We would like your opinion. Our survey takes a minute: %s"},
}

// contactPrefix begins the made-up call ids of contacts that were written to.
const contactPrefix = "link:"

func contactCall(campaign string, contact int64) id.CallID {
	return id.CallID(contactPrefix + campaign + ":" + strconv.FormatInt(contact, 10))
}

// Answered notes at the contact of a campaign that its link was answered. Links after calls have no contact.
func (*Inserter) Answered(ctx context.Context, tx pgx.Tx, call id.CallID, over bool, at time.Time) error {
	rest, ok := strings.CutPrefix(string(call), contactPrefix)
	i := strings.LastIndexByte(rest, ':')
	if !ok || i < 0 {
		return nil
	}
	contact, err := strconv.ParseInt(rest[i+1:], 10, 64)
	if err != nil {
		return nil
	}
	_, err = campaign.MarkAnswered(ctx, tx, contact, over, at)
	return err
}
