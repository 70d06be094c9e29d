package site_test

import (
	"errors"
	"testing"
	"time"

	"hotline/internal/calendar"
	"hotline/internal/site"
)

func officeHours() site.Calendar {
	c := site.Calendar{Name: "office", NameZH: "客服時間", NameEN: "Office hours", Office: true}
	for d := time.Monday; d <= time.Friday; d++ {
		c.Week[d] = calendar.Hours{{From: 540, To: 720}, {From: 780, To: 1080}}
	}
	c.MakeUp = c.Week[time.Monday]
	return c
}

func taipei(t *testing.T, s string) time.Time {
	t.Helper()
	zone, err := calendar.LoadZone("Asia/Taipei")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", s, zone.Location)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// What is stored is what flows go by: the hours, the office calendar, own days, the switch, an imported year.
func TestCalendars(t *testing.T) {
	s, _ := newStore(t)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	state := func(at string) calendar.State {
		t.Helper()
		all, err := s.Load(ctx)
		must(err)
		if len(all.Calendars) != 1 || len(all.Configured().Calendars) != 1 {
			t.Fatalf("%d calendars", len(all.Calendars))
		}
		return all.Calendars[0].State(taipei(t, at))
	}
	must(s.PutCalendar(ctx, officeHours()))
	if m := state("2026-11-30 10:00"); !m.Open || m.Why != calendar.ByWeek {
		t.Errorf("a Monday: %+v", m)
	}
	if m := state("2025-02-08 10:00"); !m.Open || m.Why != calendar.ByMakeUp {
		t.Errorf("a Saturday at work: %+v", m)
	}
	if m := state("2026-12-25 10:00"); m.Open || m.NameEN != "Constitution Day" {
		t.Errorf("a holiday: %+v", m)
	}
	day := calendar.Own{Date: calendar.Date{Year: 2026, Month: 12, Day: 25}, NameZH: "聖誕特賣", Hours: calendar.Hours{{From: 600, To: 660}}}
	must(s.PutOwnDay(ctx, "office", day))
	day.Hours = append(day.Hours, calendar.Span{From: 700, To: 800})
	must(s.PutOwnDay(ctx, "office", day))
	if m := state("2026-12-25 10:00"); !m.Open || m.Why != calendar.ByOwnDay || m.NameZH != "聖誕特賣" {
		t.Errorf("an own day: %+v", m)
	}
	must(s.DeleteOwnDay(ctx, "office", day.Date))
	if m := state("2026-12-25 10:00"); m.Open {
		t.Errorf("after it was given back: %+v", m)
	}

	until := taipei(t, "2026-11-30 15:00")
	must(s.SwitchOn(ctx, "office", site.Emergency{Since: taipei(t, "2026-11-30 09:00"), By: "u1", Until: &until, SayZH: "颱風停班"}))
	if m := state("2026-11-30 10:00"); m.Open || m.Why != calendar.ByEmergency || !m.Until.Equal(until) {
		t.Errorf("the switch: %+v", m)
	}
	all, err := s.Calendars(ctx)
	must(err)
	if e := all[0].Emergency; e == nil || e.By != "u1" || e.SayZH != "颱風停班" || all[0].Zone != "Asia/Taipei" {
		t.Errorf("%+v", all[0])
	}
	must(s.PutCalendar(ctx, officeHours())) // leaves the switch alone
	if m := state("2026-11-30 10:00"); m.Why != calendar.ByEmergency {
		t.Errorf("after the hours were changed: %+v", m)
	}
	must(s.SwitchOff(ctx, "office"))
	if err := s.SwitchOff(ctx, "office"); !errors.Is(err, site.ErrNotFound) {
		t.Errorf("switched off twice: %v", err)
	}

	years, err := s.OfficeYears(ctx)
	must(err)
	shipped := len(years)
	must(s.PutOfficeYear(ctx, calendar.Year{Year: 2026, Days: []calendar.Office{{Date: calendar.Date{Year: 2026, Month: 11, Day: 30}, Kind: calendar.Holiday, Name: "補假"}}}, "u1"))
	must(s.PutOfficeYear(ctx, calendar.Year{Year: 2030}, "u1"))
	years, err = s.OfficeYears(ctx)
	must(err)
	if len(years) != shipped+1 || years[shipped].Year.Year != 2030 || years[shipped].ImportedBy != "u1" || years[0].ImportedAt != nil {
		t.Errorf("years %+v", years)
	}
	if m := state("2026-11-30 10:00"); m.Open || m.Why != calendar.ByHoliday {
		t.Errorf("an imported year: %+v", m)
	}
	must(s.DeleteCalendar(ctx, "office"))
	if err := s.DeleteCalendar(ctx, "office"); !errors.Is(err, site.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
}

func TestCalendarFaults(t *testing.T) {
	s, _ := newStore(t)
	ctx := t.Context()
	bad := site.Calendar{Name: "The Office", Zone: "Taipei"}
	bad.Week[2] = calendar.Hours{{From: 600, To: 500}}
	bad.Holiday = calendar.Hours{{From: 0, To: 60}, {From: 30, To: 90}}
	wantFaults(t, s.PutCalendar(ctx, bad), map[string]string{
		"name": site.FaultForm, "name_zh": site.FaultRequired, "name_en": site.FaultRequired, "zone": site.FaultUnknown,
		"week[2]": site.FaultForm, "holiday": site.FaultForm,
	})
	day := calendar.Own{Date: calendar.Date{Year: 2026, Month: 12, Day: 25}, NameZH: "盤點"}
	wantFaults(t, s.PutOwnDay(ctx, "nowhere", day), map[string]string{"name": site.FaultUnknown})
	wantFaults(t, s.PutOwnDay(ctx, "nowhere", calendar.Own{Date: day.Date}), map[string]string{"name_zh": site.FaultRequired})
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	wantFaults(t, s.SwitchOn(ctx, "nowhere", site.Emergency{Since: now, By: "u1"}), map[string]string{"name": site.FaultUnknown})
	wantFaults(t, s.SwitchOn(ctx, "nowhere", site.Emergency{Since: now, By: "u1", Until: &now, SayZH: "停班\n停課"}), map[string]string{
		"until": site.FaultRange, "say_zh": site.FaultForm,
	})
}
