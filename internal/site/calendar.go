package site

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"hotline/internal/calendar"
	"hotline/ivr"
)

// Calendar is opening hours that flows go by.
type Calendar struct {
	Name    string         `json:"name"`
	NameZH  string         `json:"name_zh"`
	NameEN  string         `json:"name_en"`
	Zone    string         `json:"zone"`
	Week    calendar.Week  `json:"week"`    // Sunday first
	MakeUp  calendar.Hours `json:"make_up"` // of Saturdays on which offices make up for a bridge day
	Holiday calendar.Hours `json:"holiday"` // of public holidays; none: closed
	Office  bool           `json:"office"`  // whether the office calendar of Taiwan is followed

	Days      []calendar.Own `json:"days" db:"-"` // own days, in order
	Emergency *Emergency     `json:"emergency" db:"-"`
}

// Emergency is a switch that is on.
type Emergency struct {
	Since time.Time  `json:"since"`
	By    string     `json:"by"` // id of the user
	Until *time.Time `json:"until"`
	SayZH string     `json:"say_zh"` // said to callers; may be empty
	SayEN string     `json:"say_en"`
}

// OfficeYear is the office calendar of one year.
type OfficeYear struct {
	calendar.Year
	ImportedAt *time.Time `json:"imported_at"` // nil: it came with the program
	ImportedBy string     `json:"imported_by"`
}

// MaxAnnouncement is how many characters the words of an emergency may have, about half a minute.
const MaxAnnouncement = 200

var calendarName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

var dayConstraints = map[string]Fault{"calendar_days_calendar_fkey": {"name", FaultUnknown, "there is no such calendar; add it first"}}

// Calendars returns all calendars by name.
func (s *Store) Calendars(ctx context.Context) ([]Calendar, error) {
	var all []Calendar
	err := pgx.BeginTxFunc(ctx, s.db, readOnly, func(tx pgx.Tx) (err error) {
		all, err = calendars(ctx, tx)
		return err
	})
	return all, err
}

var readOnly = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}

func calendars(ctx context.Context, q querier) ([]Calendar, error) {
	all, err := list[Calendar](ctx, q, "list calendars", `select name, name_zh, name_en, zone, week, make_up, holiday, office from calendars order by name`)
	if err != nil {
		return nil, err
	}
	type row struct {
		Calendar, NameZH, NameEN string
		Day                      time.Time
		Hours                    calendar.Hours
	}
	days, err := list[row](ctx, q, "list own days", `select calendar, day, name_zh, name_en, hours from calendar_days order by calendar, day`)
	if err != nil {
		return nil, err
	}
	type on struct {
		Calendar string
		Emergency
	}
	switches, err := list[on](ctx, q, "list emergency switches", `select calendar, since, by_user as by, until, say_zh, say_en from calendar_emergencies`)
	if err != nil {
		return nil, err
	}
	for i := range all {
		c := &all[i]
		c.Days = []calendar.Own{}
		for _, d := range days {
			if d.Calendar == c.Name {
				c.Days = append(c.Days, calendar.Own{Date: calendar.DateOf(d.Day), NameZH: d.NameZH, NameEN: d.NameEN, Hours: d.Hours})
			}
		}
		for _, e := range switches {
			if e.Calendar == c.Name {
				c.Emergency = &e.Emergency
			}
		}
	}
	return all, nil
}

// Compiled is the calendar as flows go by it, with the office calendars of these years.
func (c Calendar) Compiled(years []OfficeYear) (*calendar.Calendar, error) {
	zone, err := calendar.LoadZone(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("calendar %s: %w", c.Name, err)
	}
	out := &calendar.Calendar{Name: c.Name, Zone: zone, Week: c.Week, MakeUp: c.MakeUp, Holiday: c.Holiday, Own: c.Days}
	if c.Office {
		for _, y := range years {
			out.Office = append(out.Office, y.Days...)
		}
	}
	if e := c.Emergency; e != nil {
		out.Emergency = &calendar.Emergency{Say: map[string]string{}}
		if e.Until != nil {
			out.Emergency.Until = *e.Until
		}
		for lang, words := range map[ivr.Lang]string{ivr.Mandarin: e.SayZH, ivr.English: e.SayEN} {
			if words != "" {
				out.Emergency.Say[string(lang)] = words
			}
		}
	}
	return out, nil
}

// PutCalendar stores the hours of a calendar, new or not. Its own days and its switch stay as they are.
func (s *Store) PutCalendar(ctx context.Context, c Calendar) error {
	c.NameZH, c.NameEN = strings.TrimSpace(c.NameZH), strings.TrimSpace(c.NameEN)
	if c.Zone == "" {
		c.Zone = ivr.DefaultZone
	}
	var f faults
	if !calendarName.MatchString(c.Name) {
		f.add("name", FaultForm, "use 1 to 40 small letters, digits and hyphens, beginning with a letter; flows name the calendar by it")
	}
	f.name("name_zh", c.NameZH)
	f.name("name_en", c.NameEN)
	if _, err := calendar.LoadZone(c.Zone); err != nil {
		f.add("zone", FaultUnknown, "give a time zone such as Asia/Taipei")
	}
	for day := range c.Week {
		f.hours(fmt.Sprintf("week[%d]", day), &c.Week[day])
	}
	f.hours("make_up", &c.MakeUp)
	f.hours("holiday", &c.Holiday)
	if err := f.err(); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, `insert into calendars (name, name_zh, name_en, zone, week, make_up, holiday, office) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (name) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, zone = excluded.zone,
			week = excluded.week, make_up = excluded.make_up, holiday = excluded.holiday, office = excluded.office`,
		c.Name, c.NameZH, c.NameEN, c.Zone, c.Week, c.MakeUp, c.Holiday, c.Office)
	if err != nil {
		return fmt.Errorf("store calendar %s: %w", c.Name, err)
	}
	return nil
}

// hours checks hours; none are stored as an empty list.
func (f *faults) hours(field string, h *calendar.Hours) {
	if err := h.Check(); err != nil {
		f.add(field, FaultForm, err.Error())
	}
	if *h == nil {
		*h = calendar.Hours{}
	}
}

// DeleteCalendar removes a calendar with its days and its switch. Whoever calls must have seen to it that no flow goes
// by it.
func (s *Store) DeleteCalendar(ctx context.Context, name string) error {
	return change(ctx, s.db, "remove calendar "+name, nil, `delete from calendars where name = $1`, name)
}

// PutOwnDay stores a day on which the hours of the calendar differ, new or not.
func (s *Store) PutOwnDay(ctx context.Context, name string, d calendar.Own) error {
	d.NameZH, d.NameEN = strings.TrimSpace(d.NameZH), strings.TrimSpace(d.NameEN)
	var f faults
	f.name("name_zh", d.NameZH)
	if d.NameEN != "" {
		f.name("name_en", d.NameEN)
	}
	f.hours("hours", &d.Hours)
	if err := f.err(); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, `insert into calendar_days (calendar, day, name_zh, name_en, hours) values ($1, $2::text::date, $3, $4, $5)
		on conflict (calendar, day) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, hours = excluded.hours`,
		name, d.Date.String(), d.NameZH, d.NameEN, d.Hours)
	if err != nil {
		return fmt.Errorf("store %s of calendar %s: %w", d.Date, name, refused(err, dayConstraints))
	}
	return nil
}

// DeleteOwnDay gives the day back to the calendar.
func (s *Store) DeleteOwnDay(ctx context.Context, name string, d calendar.Date) error {
	return change(ctx, s.db, fmt.Sprintf("remove %s of calendar %s", d, name), nil,
		`delete from calendar_days where calendar = $1 and day = $2::text::date`, name, d.String())
}

// SwitchOn turns the emergency switch of a calendar on at the time, or changes what it says and when it ends.
func (s *Store) SwitchOn(ctx context.Context, name string, e Emergency) error {
	e.SayZH, e.SayEN = strings.TrimSpace(e.SayZH), strings.TrimSpace(e.SayEN)
	var f faults
	for _, words := range []struct{ field, text string }{{"say_zh", e.SayZH}, {"say_en", e.SayEN}} {
		if utf8.RuneCountInString(words.text) > MaxAnnouncement {
			f.add(words.field, FaultTooLong, fmt.Sprintf("use at most %d characters", MaxAnnouncement))
		}
		if !utf8.ValidString(words.text) || strings.ContainsFunc(words.text, func(r rune) bool { return r < ' ' }) {
			f.add(words.field, FaultForm, "use letters, digits, spaces and punctuation only, in one line")
		}
	}
	if e.Until != nil && !e.Until.After(e.Since) {
		f.add("until", FaultRange, "give a time to come, or none")
	}
	if err := f.err(); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, `insert into calendar_emergencies (calendar, since, by_user, until, say_zh, say_en) values ($1, $2, $3, $4, $5, $6)
		on conflict (calendar) do update set since = excluded.since, by_user = excluded.by_user, until = excluded.until,
			say_zh = excluded.say_zh, say_en = excluded.say_en`, name, e.Since, e.By, e.Until, e.SayZH, e.SayEN)
	if err != nil {
		return fmt.Errorf("turn the switch of %s on: %w", name, refused(err, map[string]Fault{"calendar_emergencies_calendar_fkey": dayConstraints["calendar_days_calendar_fkey"]}))
	}
	return nil
}

// SwitchOff lets the hours decide again.
func (s *Store) SwitchOff(ctx context.Context, name string) error {
	return change(ctx, s.db, "turn the switch of "+name+" off", nil, `delete from calendar_emergencies where calendar = $1`, name)
}

// OfficeYears returns the office calendars, oldest first: those that were imported, and for other years those that came
// with the program.
func (s *Store) OfficeYears(ctx context.Context) ([]OfficeYear, error) { return officeYears(ctx, s.db) }

func officeYears(ctx context.Context, q querier) ([]OfficeYear, error) {
	type row struct {
		Year       int
		Days       []calendar.Office
		ImportedAt time.Time
		ImportedBy string
	}
	imported, err := list[row](ctx, q, "list office calendars", `select year, days, imported_at, imported_by from office_years order by year`)
	if err != nil {
		return nil, err
	}
	var all []OfficeYear
	for _, y := range imported {
		all = append(all, OfficeYear{calendar.Year{Year: y.Year, Days: y.Days}, &y.ImportedAt, y.ImportedBy})
	}
	for _, y := range calendar.Shipped() {
		if !slices.ContainsFunc(all, func(o OfficeYear) bool { return o.Year.Year == y.Year }) {
			all = append(all, OfficeYear{Year: y})
		}
	}
	slices.SortFunc(all, func(a, b OfficeYear) int { return a.Year.Year - b.Year.Year })
	return all, nil
}

// PutOfficeYear stores an imported year, in the place of an earlier one.
func (s *Store) PutOfficeYear(ctx context.Context, y calendar.Year, by string) error {
	if y.Days == nil {
		y.Days = []calendar.Office{}
	}
	_, err := s.db.Exec(ctx, `insert into office_years (year, days, imported_by) values ($1, $2, $3)
		on conflict (year) do update set days = excluded.days, imported_by = excluded.imported_by, imported_at = now()`, y.Year, y.Days, by)
	if err != nil {
		return fmt.Errorf("store the office calendar of %d: %w", y.Year, err)
	}
	return nil
}

// compile is every calendar as flows go by it.
func compile(ctx context.Context, q querier) ([]*calendar.Calendar, error) {
	all, err := calendars(ctx, q)
	if err != nil {
		return nil, err
	}
	years, err := officeYears(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []*calendar.Calendar
	for _, c := range all {
		compiled, err := c.Compiled(years)
		if err != nil {
			return nil, err
		}
		out = append(out, compiled)
	}
	return out, nil
}
