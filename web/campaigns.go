package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hotline/campaign"
	"hotline/customer"
	"hotline/internal/calendar"
)

// Outbound says how campaigns reach people.
type Outbound struct {
	On      bool                   // calls can be made
	Allowed func(e164 string) bool // the number may be dialled from here; nil allows all
	Surveys func() []string        // that can be asked now; nil is not checked
}

// CampaignSettings is what somebody decides about a campaign.
type CampaignSettings struct {
	Name     string         `json:"name" minLength:"1" maxLength:"100"`
	Survey   string         `json:"survey" minLength:"1" maxLength:"40"`
	Way      campaign.Way   `json:"way" enum:"outbound,link"`
	Audience string         `json:"audience" maxLength:"500" doc:"Whom it is for, in words (對象)."`
	ListRule string         `json:"list_rule" maxLength:"500" doc:"How its list was chosen, in words (名單條件)."`
	From     calendar.Date  `json:"from" doc:"First day."`
	To       calendar.Date  `json:"to" doc:"Last day."`
	Lang     string         `json:"lang" enum:"zh-TW,en" doc:"Of contacts that name none."`
	Calendar string         `json:"calendar" maxLength:"40" doc:"Opening hours by which it calls; empty: hours."`
	Hours    calendar.Hours `json:"hours" doc:"Of each day, as 09:00-12:00; without effect where a calendar is named."`
	Most     int            `json:"most" minimum:"1" maximum:"10" doc:"Attempts for a number, at most."`
	Ring     int            `json:"ring" minimum:"3" maximum:"120" doc:"Seconds for which a call rings."`
	AtOnce   int            `json:"at_once" minimum:"1" maximum:"500" doc:"Calls at the same time."`
	PerSec   float32        `json:"per_second" doc:"New calls in a second; more than 0, up to 50."`
	Pauses   CampaignPauses `json:"pauses"`
	Detect   bool           `json:"detect" doc:"Tell answering machines from people."`
	RestDays int            `json:"rest_days" minimum:"0" maximum:"3650" doc:"Whoever answered any survey in so many days before is left alone; 0 asks always."`
}

// CampaignPauses are minutes until the next attempt, by how the last one went.
type CampaignPauses struct {
	Busy     int `json:"busy" minimum:"0" maximum:"20160"`
	NoAnswer int `json:"no_answer" minimum:"0" maximum:"20160"`
	Machine  int `json:"machine" minimum:"0" maximum:"20160"`
	Failed   int `json:"failed" minimum:"0" maximum:"20160"`
}

// CampaignTable is a campaign with what came of its contacts.
type CampaignTable struct {
	ID string `json:"id"`
	CampaignSettings
	State     campaign.State          `json:"state" enum:"draft,running,paused,finished"`
	Trouble   campaign.Trouble        `json:"trouble" enum:",failing" doc:"Why the program paused it by itself."`
	Zone      string                  `json:"zone" doc:"Of its days and hours."`
	CreatedBy string                  `json:"created_by"`
	StartedAt *time.Time              `json:"started_at,omitempty"`
	EndedAt   *time.Time              `json:"ended_at,omitempty"`
	ErasedAt  *time.Time              `json:"erased_at,omitempty" doc:"When numbers, addresses, names and refs of its contacts were erased."`
	Contacts  int                     `json:"contacts"`
	Reached   int                     `json:"reached" doc:"Dialled or written to at least once (發送數)."`
	Answered  int                     `json:"answered" doc:"Complete or partial (回收數)."`
	Counts    map[campaign.Result]int `json:"counts" doc:"Contacts by state; they add up to contacts."`
	Open      bool                    `json:"open" doc:"Its hours allow calls now."`
}

// CampaignOptions are what a campaign can be made of.
type CampaignOptions struct {
	Calls   bool     `json:"calls" doc:"Calls can be made."`
	Surveys []string `json:"surveys"`
}

// CampaignContact is one person on a list.
type CampaignContact struct {
	ID        int64           `json:"id"`
	Row       int             `json:"row" doc:"In the list that was imported."`
	Phone     string          `json:"phone" doc:"Masked, unless it was to be revealed."`
	Mail      string          `json:"mail" doc:"Masked like phone."`
	Name      string          `json:"name" doc:"Masked like phone."`
	Ref       string          `json:"ref"`
	State     campaign.Result `json:"state" enum:"waiting,dialling,sent,complete,partial,silent,machine,busy,no_answer,rejected,invalid,do_not_call,recently_asked,expired,failed"`
	Attempts  int             `json:"attempts"`
	Due       time.Time       `json:"due" doc:"Not before, while it waits."`
	SettledAt *time.Time      `json:"settled_at,omitempty"`
}

// CampaignContactDetail is one with every attempt.
type CampaignContactDetail struct {
	CampaignContact
	Calls []CampaignCall `json:"calls"`
}

// CampaignCall is one attempt at a contact.
type CampaignCall struct {
	N          int             `json:"n"`
	CallID     string          `json:"call_id"`
	DialledAt  time.Time       `json:"dialled_at"`
	AnsweredAt *time.Time      `json:"answered_at,omitempty" doc:"By a person."`
	EndedAt    *time.Time      `json:"ended_at,omitempty"`
	Result     campaign.Result `json:"result" doc:"Empty while it goes on."`
	Cause      int             `json:"cause" doc:"Of Q.850; 0 for none."`
	Detail     string          `json:"detail"`
}

type CampaignPath struct {
	ID string `path:"campaign" maxLength:"40"`
}

type addCampaignInput struct{ Body CampaignSettings }

type putCampaignInput struct {
	CampaignPath
	Body CampaignSettings
}

type campaignContactsInput struct {
	CampaignPath
	Paging
	State string `query:"state" enum:"waiting,dialling,sent,complete,partial,silent,machine,busy,no_answer,rejected,invalid,do_not_call,recently_asked,expired,failed"`
}

type campaignContactInput struct {
	CampaignPath
	Contact int64 `path:"contact" minimum:"1"`
	Reveal  bool  `query:"reveal" doc:"Whole number, address and name. Each reveal is logged."`
}

func (s *Server) registerCampaigns() {
	const one = "/campaigns/{campaign}"
	route(s, endpoint{method: http.MethodGet, path: "/campaign-options", id: "getCampaignOptions", right: RightCampaigns, summary: "What a campaign can be made of"}, s.campaignOptions)
	route(s, endpoint{method: http.MethodGet, path: "/campaigns", id: "listCampaigns", right: RightCampaigns, summary: "Survey campaigns and what came of them, the newest first"}, s.listCampaigns)
	route(s, endpoint{method: http.MethodPost, path: "/campaigns", id: "addCampaign", right: RightCampaigns, summary: "Add a campaign, as a draft"}, s.addCampaign)
	route(s, endpoint{method: http.MethodGet, path: one, id: "getCampaign", right: RightCampaigns, summary: "A campaign and what came of it"}, s.getCampaign)
	route(s, endpoint{method: http.MethodPut, path: one, id: "putCampaign", right: RightCampaigns, summary: "Change a campaign that is not finished"}, s.putCampaign)
	act(s, endpoint{method: http.MethodDelete, path: one, id: "deleteCampaign", right: RightCampaigns, summary: "Remove a draft"}, s.deleteCampaign)
	turns := map[string]struct {
		summary string
		turn    func(context.Context, string, time.Time) (campaign.Campaign, error)
	}{
		"start": {"Let a campaign begin or go on", s.campaigns.Start},
		"pause": {"Begin nothing more for now; calls that live go on", s.campaigns.Pause},
		"stop":  {"End a campaign; who waits is not reached any more", s.campaigns.Stop},
	}
	for name, t := range turns {
		route(s, endpoint{method: http.MethodPost, path: one + "/" + name, id: name + "Campaign", right: RightCampaigns, summary: t.summary},
			func(ctx context.Context, who Who, in *CampaignPath) (CampaignTable, error) {
				if name == "start" {
					if err := s.canBegin(ctx, in.ID); err != nil {
						return CampaignTable{}, err
					}
				}
				if _, err := t.turn(ctx, in.ID, s.now()); err != nil {
					return CampaignTable{}, err
				}
				return s.campaignChanged(ctx, who, in.ID, map[string]any{"did": name})
			})
	}
	route(s, endpoint{method: http.MethodGet, path: one + "/contacts", id: "listCampaignContacts", right: RightCampaigns, summary: "Contacts of a campaign, in the order of the list"}, s.campaignContacts)
	route(s, endpoint{method: http.MethodGet, path: one + "/contacts/{contact}", id: "getCampaignContact", right: RightCampaigns, summary: "A contact with every call to it"}, s.campaignContact)
	s.registerLists()
}

func campaignObject(id string) string { return "campaign:" + id }

func (s *Server) campaignOptions(context.Context, Who, *struct{}) (CampaignOptions, error) {
	out := CampaignOptions{Calls: s.Outbound.On, Surveys: []string{}}
	if s.Outbound.Surveys != nil {
		out.Surveys = append(out.Surveys, s.Outbound.Surveys()...)
	}
	return out, nil
}

func (s *Server) listCampaigns(ctx context.Context, _ Who, _ *struct{}) (list[CampaignTable], error) {
	all, err := s.campaignTables(ctx, "")
	return everything(all), err
}

func (s *Server) getCampaign(ctx context.Context, _ Who, in *CampaignPath) (CampaignTable, error) {
	all, err := s.campaignTables(ctx, in.ID)
	if err != nil {
		return CampaignTable{}, err
	}
	return all[0], nil
}

func (s *Server) campaignTables(ctx context.Context, id string) ([]CampaignTable, error) {
	all, err := s.campaigns.Tables(ctx, id)
	if err != nil {
		return nil, err
	}
	_, compiled, err := s.compiled(ctx)
	if err != nil {
		return nil, err
	}
	opening := func(name string) *calendar.Calendar {
		if i := slices.IndexFunc(compiled, func(c *calendar.Calendar) bool { return c.Name == name }); i >= 0 {
			return compiled[i]
		}
		return nil
	}
	out := make([]CampaignTable, len(all))
	for i, t := range all {
		out[i] = tableOf(t)
		out[i].Open = t.Open(s.now(), opening)
	}
	return out, nil
}

func tableOf(t campaign.Table) CampaignTable {
	minutes := func(r campaign.Result) int { return int(t.Pause(r) / time.Minute) }
	hours := t.Hours
	if hours == nil {
		hours = calendar.Hours{}
	}
	counts := map[campaign.Result]int{}
	for _, r := range campaign.Results {
		counts[r] = t.Counts[r]
	}
	return CampaignTable{
		ID: t.ID, State: t.State, Trouble: t.Trouble, Zone: t.Zone, CreatedBy: t.By, StartedAt: t.Started, EndedAt: t.Ended, ErasedAt: t.Erased, Contacts: t.Contacts, Reached: t.Reached,
		Answered: t.Answered, Counts: counts,
		CampaignSettings: CampaignSettings{
			Name: t.Name, Survey: t.Survey, Way: t.Way, Audience: t.Audience, ListRule: t.ListRule, From: t.From, To: t.To, Lang: t.Lang, Calendar: t.Calendar,
			Hours: hours, Most: t.Most, Ring: t.Ring, AtOnce: t.AtOnce, PerSec: t.PerSec, Detect: t.Detect, RestDays: t.RestDays,
			Pauses: CampaignPauses{minutes(campaign.Busy), minutes(campaign.NoAnswer), minutes(campaign.Machine), minutes(campaign.Failed)},
		},
	}
}

func (s *Server) campaignOf(b CampaignSettings) campaign.Campaign {
	return campaign.Campaign{
		Name: b.Name, Survey: b.Survey, Way: b.Way, Audience: b.Audience, ListRule: b.ListRule, From: b.From, To: b.To, Lang: b.Lang, Calendar: b.Calendar,
		Hours: b.Hours, Zone: s.TimeZone, Most: b.Most, Ring: b.Ring, AtOnce: b.AtOnce, PerSec: b.PerSec, Detect: b.Detect, RestDays: b.RestDays,
		Pauses: map[campaign.Result]int{
			campaign.Busy: b.Pauses.Busy, campaign.NoAnswer: b.Pauses.NoAnswer, campaign.Machine: b.Pauses.Machine, campaign.Failed: b.Pauses.Failed,
		},
	}
}

// asks refuses a survey that nobody can be asked.
func (s *Server) asks(survey string) error {
	if s.Outbound.Surveys == nil || slices.Contains(s.Outbound.Surveys(), survey) {
		return nil
	}
	p := invalid("body.survey", "there is no such survey: publish it first")
	p.Errors[0].Code = "unknown"
	return p
}

func (s *Server) addCampaign(ctx context.Context, who Who, in *addCampaignInput) (CampaignTable, error) {
	if err := s.asks(in.Body.Survey); err != nil {
		return CampaignTable{}, err
	}
	c := s.campaignOf(in.Body)
	c.By = string(who.ID)
	c, err := s.campaigns.Create(ctx, c)
	if err != nil {
		return CampaignTable{}, err
	}
	return s.campaignChanged(ctx, who, c.ID, map[string]any{"added": in.Body})
}

func (s *Server) putCampaign(ctx context.Context, who Who, in *putCampaignInput) (CampaignTable, error) {
	if err := s.asks(in.Body.Survey); err != nil {
		return CampaignTable{}, err
	}
	c := s.campaignOf(in.Body)
	c.ID = in.ID
	if _, err := s.campaigns.Change(ctx, c); err != nil {
		return CampaignTable{}, err
	}
	return s.campaignChanged(ctx, who, in.ID, map[string]any{"changed": in.Body})
}

// campaignChanged logs a change, and returns the campaign as it is then.
func (s *Server) campaignChanged(ctx context.Context, who Who, id string, detail map[string]any) (CampaignTable, error) {
	if err := s.changed(ctx, who, campaignObject(id), detail); err != nil {
		return CampaignTable{}, err
	}
	return s.getCampaign(ctx, who, &CampaignPath{id})
}

func (s *Server) deleteCampaign(ctx context.Context, who Who, in *CampaignPath) error {
	if err := s.campaigns.Delete(ctx, in.ID); err != nil {
		return err
	}
	return s.changed(ctx, who, campaignObject(in.ID), map[string]any{"removed": true})
}

// canBegin refuses a campaign that would reach nobody.
func (s *Server) canBegin(ctx context.Context, id string) error {
	c, err := s.campaigns.Get(ctx, id)
	if err != nil {
		return err
	}
	if c.Way == campaign.Outbound && !s.Outbound.On {
		return newProblem(http.StatusConflict, "calls_off", "no calls can be made here: set outbound.endpoint")
	}
	return s.asks(c.Survey)
}

func contactOf(k campaign.Contact, reveal bool) CampaignContact {
	if !reveal {
		k.Phone, k.Mail, k.Name = customer.MaskPhone(k.Phone), maskMail(k.Mail), customer.MaskName(k.Name)
	}
	return CampaignContact{
		ID: k.ID, Row: k.Row, Phone: k.Phone, Mail: k.Mail, Name: k.Name, Ref: k.Ref, State: k.State, Attempts: k.Attempts, Due: k.Due, SettledAt: k.Settled,
	}
}

// maskMail leaves the first character, and the domain.
func maskMail(mail string) string {
	user, domain, ok := strings.Cut(mail, "@")
	if !ok || user == "" {
		return ""
	}
	_, size := utf8.DecodeRuneInString(user)
	return user[:size] + "***@" + domain
}

func (s *Server) campaignContacts(ctx context.Context, _ Who, in *campaignContactsInput) (list[CampaignContact], error) {
	var after int64
	if in.After != "" {
		var err error
		if after, err = strconv.ParseInt(in.After, 10, 64); err != nil {
			return list[CampaignContact]{}, invalid("query.after", "no place in this list")
		}
	}
	if _, err := s.campaigns.Get(ctx, in.ID); err != nil {
		return list[CampaignContact]{}, err
	}
	found, err := s.campaigns.Contacts(ctx, in.ID, campaign.Result(in.State), after, in.Limit+1)
	if err != nil {
		return list[CampaignContact]{}, err
	}
	page := cut(found, in.Limit, func(k campaign.Contact) string { return strconv.FormatInt(k.ID, 10) })
	out := list[CampaignContact]{Items: make([]CampaignContact, len(page.Items)), Next: page.Next}
	for i, k := range page.Items {
		out.Items[i] = contactOf(k, false)
	}
	return out, nil
}

func (s *Server) campaignContact(ctx context.Context, who Who, in *campaignContactInput) (CampaignContactDetail, error) {
	k, calls, err := s.campaigns.Contact(ctx, in.ID, in.Contact)
	if err != nil {
		return CampaignContactDetail{}, err
	}
	if in.Reveal {
		if !may(who.Role, who.Scope, RightReveal) {
			return CampaignContactDetail{}, newProblem(http.StatusForbidden, "forbidden", "needs the right "+string(RightReveal))
		}
		if err := s.access.add(ctx, accessEntry{user: who.ID, action: actionReveal, object: fmt.Sprintf("contact:%d", in.Contact)}); err != nil {
			return CampaignContactDetail{}, err
		}
	}
	out := CampaignContactDetail{CampaignContact: contactOf(k, in.Reveal), Calls: make([]CampaignCall, len(calls))}
	for i, a := range calls {
		out.Calls[i] = CampaignCall{
			N: a.N, CallID: a.Call, DialledAt: a.Dialled, AnsweredAt: a.Answered, EndedAt: a.Ended, Result: a.Result, Cause: a.Cause, Detail: a.Detail,
		}
	}
	return out, nil
}
