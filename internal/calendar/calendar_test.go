package calendar_test

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"hotline/internal/calendar"
)

func zone(t interface{ Fatal(...any) }) calendar.Zone {
	z, err := calendar.LoadZone("Asia/Taipei")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// office is open on workdays with a break at noon and on Saturday mornings, and follows Taiwan's calendar.
func office(t interface{ Fatal(...any) }) *calendar.Calendar {
	workday := calendar.Hours{{From: 9 * 60, To: 12 * 60}, {From: 13 * 60, To: 18 * 60}}
	c := &calendar.Calendar{Name: "office", Zone: zone(t), MakeUp: workday}
	for d := time.Monday; d <= time.Friday; d++ {
		c.Week[d] = workday
	}
	c.Week[time.Saturday] = calendar.Hours{{From: 9 * 60, To: 12 * 60}}
	for _, y := range calendar.Shipped() {
		c.Office = append(c.Office, y.Days...)
	}
	return c
}

func TestState(t *testing.T) {
	c := office(t)
	c.Own = []calendar.Own{
		{Date: calendar.Date{Year: 2026, Month: 12, Day: 1}, NameZH: "員工旅遊", NameEN: "Outing"},
		{Date: calendar.Date{Year: 2027, Month: 1, Day: 1}, NameZH: "元旦特賣", NameEN: "New Year sale", Hours: calendar.Hours{{From: 600, To: 840}}},
	}
	for _, tt := range []struct {
		at    string
		open  bool
		why   calendar.Why
		until string
	}{
		{"2026-11-30 08:59", false, calendar.ByWeek, "2026-11-30 09:00"},
		{"2026-11-30 09:00", true, calendar.ByWeek, "2026-11-30 12:00"},
		{"2026-11-30 11:59", true, calendar.ByWeek, "2026-11-30 12:00"},
		{"2026-11-30 12:00", false, calendar.ByWeek, "2026-11-30 13:00"},
		{"2026-11-30 18:00", false, calendar.ByWeek, "2026-12-02 09:00"}, // the day after is an own closing day
		{"2026-12-01 10:00", false, calendar.ByOwnDay, "2026-12-02 09:00"},
		{"2026-11-29 10:00", false, calendar.ByWeek, "2026-11-30 09:00"},
		{"2026-11-28 10:00", true, calendar.ByWeek, "2026-11-28 12:00"},     // a Saturday as every other
		{"2026-12-25 10:00", false, calendar.ByHoliday, "2026-12-26 09:00"}, // Constitution Day
		{"2027-01-01 09:59", false, calendar.ByOwnDay, "2027-01-01 10:00"},  // an own day goes before the holiday
		{"2027-01-01 10:00", true, calendar.ByOwnDay, "2027-01-01 14:00"},
		{"2025-02-08 14:00", true, calendar.ByMakeUp, "2025-02-08 18:00"}, // a Saturday at work
		{"2024-02-17 13:00", true, calendar.ByMakeUp, "2024-02-17 18:00"},
		{"2027-02-05 18:00", false, calendar.ByHoliday, ""},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", tt.at, c.Zone.Location)
		if err != nil {
			t.Fatal(err)
		}
		got := c.State(at.UTC())
		if got.Open != tt.open || got.Why != tt.why {
			t.Errorf("%s: %+v, want open %v by %s", tt.at, got, tt.open, tt.why)
		}
		if until := got.Until.In(c.Zone.Location).Format("2006-01-02 15:04"); tt.until != "" && until != tt.until {
			t.Errorf("%s: until %s, want %s", tt.at, until, tt.until)
		}
	}
}

func TestEmergency(t *testing.T) {
	c := office(t)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, c.Zone.Location)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	c.Emergency = &calendar.Emergency{}
	if s := c.State(at("2026-11-30 10:00")); s.Open || s.Why != calendar.ByEmergency || !s.Until.IsZero() {
		t.Errorf("without an end: %+v", s)
	}
	if _, ok := c.NextOpening(at("2026-11-30 10:00")); ok {
		t.Error("an emergency without an end has a next opening")
	}
	c.Emergency.Until = at("2026-11-30 15:00")
	if s := c.State(at("2026-11-30 10:00")); s.Open || !s.Until.Equal(at("2026-11-30 15:00")) {
		t.Errorf("ends while open: %+v", s)
	}
	if s := c.State(at("2026-11-30 15:00")); !s.Open || s.Why != calendar.ByWeek {
		t.Errorf("after its end: %+v", s)
	}
	c.Emergency.Until = at("2026-11-30 22:00")
	if next, ok := c.NextOpening(at("2026-11-30 10:00")); !ok || !next.Equal(at("2026-12-01 09:00")) {
		t.Errorf("ends while closed: opens %s", next)
	}
	if next, ok := c.NextOpening(at("2026-12-01 09:30")); !ok || !next.Equal(at("2026-12-01 09:30")) {
		t.Errorf("open already: %s", next)
	}
	if s := (&calendar.Calendar{}).State(at("2026-11-30 10:00")); s.Open || !s.Until.IsZero() {
		t.Errorf("never open: %+v", s)
	}
}

// Midnight within hours is no closing.
func TestHoursPastMidnight(t *testing.T) {
	c := &calendar.Calendar{Zone: zone(t)}
	c.Week[time.Friday] = calendar.Hours{{From: 22 * 60, To: 24 * 60}}
	c.Week[time.Saturday] = calendar.Hours{{From: 0, To: 2 * 60}}
	at := time.Date(2026, 11, 27, 23, 0, 0, 0, c.Zone.Location)
	if s := c.State(at); !s.Open || !s.Until.Equal(at.Add(3*time.Hour)) {
		t.Errorf("%+v", s)
	}
}

// A state holds until its end, and not longer.
func TestUntilIsTheNextChange(t *testing.T) {
	c := office(t)
	rapid.Check(t, func(t *rapid.T) {
		c := *c
		now := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 5*365*24*60).Draw(t, "minute")) * time.Minute)
		if rapid.Bool().Draw(t, "emergency") {
			c.Emergency = &calendar.Emergency{Until: now.Add(time.Duration(rapid.IntRange(-600, 6000).Draw(t, "length")) * time.Minute)}
		}
		s := c.State(now)
		if s.Until.IsZero() || !s.Until.After(now) {
			t.Fatalf("%s: %+v", now, s)
		}
		if c.At(s.Until).Open == s.Open {
			t.Fatalf("%s: nothing changes at %s", now, s.Until)
		}
		for m := now; m.Before(s.Until); m = m.Add(time.Minute) {
			if c.At(m).Open != s.Open {
				t.Fatalf("%s: changes at %s, not at %s", now, m, s.Until)
			}
		}
	})
}

// What a Floor is told is kept as JSON and read back.
func TestJSON(t *testing.T) {
	c := office(t)
	c.Own = []calendar.Own{{Date: calendar.Date{Year: 2026, Month: 12, Day: 1}, NameZH: "盤點", Hours: calendar.Hours{{From: 540, To: 1440}}}}
	c.Emergency = &calendar.Emergency{Until: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Say: map[string]string{"en": "closed"}}
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back calendar.Calendar
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	sameZone := cmp.Comparer(func(a, b calendar.Zone) bool { return a.String() == b.String() })
	if diff := cmp.Diff(c, &back, sameZone, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestHoursCheck(t *testing.T) {
	for _, h := range []calendar.Hours{nil, {{From: 0, To: 1440}}, {{From: 540, To: 720}, {From: 720, To: 1080}}} {
		if err := h.Check(); err != nil {
			t.Errorf("%v: %v", h, err)
		}
	}
	for _, h := range []calendar.Hours{{{From: 540, To: 540}}, {{From: -1, To: 5}}, {{From: 0, To: 1441}}, {{From: 540, To: 720}, {From: 700, To: 800}}, make(calendar.Hours, 9)} {
		if h.Check() == nil {
			t.Errorf("%v passes", h)
		}
	}
	for _, s := range []string{"", "9:00-18:00", "09:00", "18:00-09:00", "09:00-24:01", "09:60-10:00", "aa:bb-cc:dd"} {
		if span, err := calendar.ParseSpan(s); err == nil {
			t.Errorf("%q is %v", s, span)
		}
	}
	if span, err := calendar.ParseSpan(" 09:00 - 24:00 "); err != nil || span.String() != "09:00-24:00" {
		t.Errorf("%v %v", span, err)
	}
}
