package jobs

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/internal/notify"
	"hotline/ivr/survey"
	"hotline/surveylink"
)

// Links is how links to surveys are sent.
type Links struct {
	Base     string           // of the site, as customers reach it: https://hotline.example.com
	Firm     string           // that writes
	Channels []notify.Channel // that are configured; none: no links are sent
}

// mobile are the numbers of Taiwan that take an SMS.
var mobile = regexp.MustCompile(`^\+8869[0-9]{8}$`)

// invited is whom a link is for.
type invited struct {
	Number    string   `db:"number"`
	Listed    bool     `db:"listed"`
	Phones    []string `db:"phones"`
	Email     string   `db:"email"`
	LinkDays  int      `db:"link_days"`
	Anonymous bool     `db:"anonymous"`
}

// SurveyLink sends a caller who hung up first the link to the survey, in the transaction that ends the call's row: to the number
// they called from, if that is a mobile one, else to their customer's, else by mail. Nothing is sent to a number that is listed
// as one not to be written to, nor to somebody who was asked already. Asking again changes nothing.
func (i *Inserter) SurveyLink(ctx context.Context, tx pgx.Tx, call id.CallID, def, version string, lang survey.Lang, now time.Time) error {
	rows, err := tx.Query(ctx, `select coalesce(c.caller_e164, '') as number, c.anonymous, coalesce(k.email, '') as email, coalesce(r.link_days, 7) as link_days,
			exists (select from do_not_call d where d.phone = c.caller_e164) as listed,
			array(select p.e164 from customer_phones p where p.customer_id = c.customer_id
				and not exists (select from do_not_call d where d.phone = p.e164) order by p.e164) as phones
		from calls c left join customers k on k.id = c.customer_id left join survey_rules r on r.queue_id = c.queue_id where c.id = $1`, call)
	if err != nil {
		return fmt.Errorf("see whom a link for %s is for: %w", call, err)
	}
	who, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[invited])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("see whom a link for %s is for: %w", call, err)
	}
	channel, to := i.Links.reach(who)
	if to == "" {
		return nil
	}
	return i.sendLink(ctx, tx, letter{
		New:     surveylink.New{Call: call, Survey: def, Version: version, Lang: lang, Expires: now.Add(time.Duration(who.LinkDays) * 24 * time.Hour)},
		channel: channel, to: to, words: afterCall,
	}, now)
}

// letter is a link on its way.
type letter struct {
	surveylink.New
	channel notify.Channel
	to      string
	words   map[survey.Lang]wording
}

// wording is a message: the firm and the address are filled in.
type wording struct{ subject, body string }

var afterCall = map[survey.Lang]wording{
	survey.Mandarin: {"%s：請為我們的服務評分", "【%s】感謝您的來電，邀請您為這次的服務評分，約需一分鐘：%s"},
	survey.English:  {"%s: how was our service?", "%s: Thank you for calling. Please rate our service, it takes a minute: %s"},
}

// sendLink makes the link and its message. Who was asked before gets none.
func (i *Inserter) sendLink(ctx context.Context, tx pgx.Tx, l letter, now time.Time) error {
	token, err := surveylink.Make(ctx, tx, l.New, now)
	if err != nil || token == "" {
		return err
	}
	words, ok := l.words[l.Lang]
	if !ok {
		words = l.words[survey.Mandarin]
	}
	return i.Message(ctx, tx, notify.New{
		Key: "survey:" + l.Survey + ":" + string(l.Call), Channel: l.channel, To: l.to, About: notify.AboutSurvey, Call: string(l.Call), Expires: l.Expires,
		Subject: fmt.Sprintf(words.subject, i.Links.Firm),
		Body:    fmt.Sprintf(words.body, i.Links.Firm, strings.TrimSuffix(i.Links.Base, "/")+"/s/"+token),
	})
}

// reach is how somebody is written to; to is "" when they cannot be.
func (l Links) reach(who invited) (channel notify.Channel, to string) {
	if slices.Contains(l.Channels, notify.SMS) && !who.Listed {
		numbers := who.Phones
		if !who.Anonymous {
			numbers = append([]string{who.Number}, numbers...)
		}
		for _, n := range numbers {
			if mobile.MatchString(n) {
				return notify.SMS, n
			}
		}
	}
	if slices.Contains(l.Channels, notify.Mail) && who.Email != "" {
		return notify.Mail, who.Email
	}
	return "", ""
}
