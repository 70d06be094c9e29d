package main

import (
	"context"
	"fmt"
	"strings"

	"hotline/campaign"
	"hotline/customer"
	"hotline/internal/calendar"
	"hotline/internal/dialler"
	"hotline/internal/exchange"
	"hotline/internal/site"
	"hotline/ivr"
	"hotline/ivr/flowstore"
	"hotline/web"
)

// opening finds calendars for the dialler, as they are now.
func opening(settings *site.Store) func(context.Context) (func(string) *calendar.Calendar, error) {
	return func(ctx context.Context) (func(string) *calendar.Calendar, error) {
		all, err := settings.Calendars(ctx)
		if err != nil {
			return nil, err
		}
		years, err := settings.OfficeYears(ctx)
		if err != nil {
			return nil, err
		}
		compiled := map[string]*calendar.Calendar{}
		for _, c := range all {
			if compiled[c.Name], err = c.Compiled(years); err != nil {
				return nil, fmt.Errorf("calendar %s: %w", c.Name, err)
			}
		}
		return func(name string) *calendar.Calendar { return compiled[name] }, nil
	}
}

// enters says, for the dialler, how a made call tells the exchange what it was made for.
func enters(cfg dialler.Config) func(campaign.Campaign, ivr.Lang, string) ([]string, map[string]string) {
	line := ""
	if n, err := customer.ParsePhone(cfg.CallerID); err == nil {
		line = n.E164
	}
	return func(c campaign.Campaign, lang ivr.Lang, number string) ([]string, map[string]string) {
		status := exchange.MadePerson
		if c.Detect {
			status = exchange.MadeAnswered
		}
		what := exchange.MadeFor(c.ID, c.Survey, lang, number, line)
		return append([]string{exchange.MadeArg, status, ""}, what...), map[string]string{exchange.MadeVariable: strings.Join(what, ",")}
	}
}

// dialWhenReady makes calls once the live ones are known.
func dialWhenReady(ctx context.Context, ready <-chan struct{}, dial *dialler.Dialler) error {
	select {
	case <-ready:
		return dial.Run(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// outboundOf says to the web how campaigns reach people.
func outboundOf(cfg dialler.Config, shelf *flowstore.Shelf) web.Outbound {
	return web.Outbound{On: cfg.On(), Allowed: cfg.Allowed, Surveys: func() []string {
		var ids []string
		for _, s := range sortedSurveys(shelf.Set()) {
			ids = append(ids, s.ID)
		}
		return ids
	}}
}
