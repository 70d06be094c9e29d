package calendar

import (
	"slices"
	"time"
)

// Why a calendar is open or closed at a moment.
type Why string

// The reasons, see the package documentation for their order.
const (
	ByEmergency Why = "emergency"
	ByOwnDay    Why = "own_day"
	ByHoliday   Why = "holiday"
	ByMakeUp    Why = "make_up"
	ByWeek      Why = "week"
)

// Calendar is the opening hours of one name, compiled of everything that decides about them.
type Calendar struct {
	Name    string   `json:"name"`
	Zone    Zone     `json:"zone"`
	Week    Week     `json:"week"`
	MakeUp  Hours    `json:"make_up"` // of days on which offices make up for a bridge day
	Holiday Hours    `json:"holiday"` // of public holidays; none: closed
	Office  []Office `json:"office"`  // days that the government's calendar makes other than their weekday; none are followed when empty
	Own     []Own    `json:"own"`
	// Emergency is nil while the switch is off.
	Emergency *Emergency `json:"emergency,omitempty"`
}

// Kind is what the government's calendar makes of a day.
type Kind string

// What a day can be other than its weekday.
const (
	Holiday Kind = "holiday"
	MakeUp  Kind = "make_up"
)

// Office is one day of the government's calendar that is not as every other of its weekday.
type Office struct {
	Date Date   `json:"date"`
	Kind Kind   `json:"kind"`
	Name string `json:"name"` // as the file has it: 農曆除夕
}

// Own is a day on which the hours differ by the company's own wish.
type Own struct {
	Date   Date   `json:"date"`
	NameZH string `json:"name_zh"`
	NameEN string `json:"name_en"`
	Hours  Hours  `json:"hours"` // none: closed all day
}

// Emergency closes at once, whatever the hours are.
type Emergency struct {
	Until time.Time         `json:"until,omitzero"` // zero: until somebody switches it off
	Say   map[string]string `json:"say,omitempty"`  // what callers are told, by language; may be empty
}

// Moment is what a calendar says about a time.
type Moment struct {
	Open   bool   `json:"open"`
	Why    Why    `json:"why"`
	NameZH string `json:"name_zh,omitempty"` // of a holiday or an own day
	NameEN string `json:"name_en,omitempty"`
}

// State is a moment and its end.
type State struct {
	Moment
	// Until is when open turns into closed or closed into open: while closed, the next opening. Zero when that is not in
	// sight, within a year or for an emergency without an end.
	Until time.Time `json:"until,omitzero"`
}

// horizon is how many days ahead an opening is looked for: a year and its holidays.
const horizon = 400

// At says whether callers find somebody at the time.
func (c *Calendar) At(now time.Time) Moment {
	if e := c.Emergency; e != nil && (e.Until.IsZero() || now.Before(e.Until)) {
		return Moment{Why: ByEmergency}
	}
	local := now.In(c.Zone.location())
	hours, m := c.day(DateOf(local))
	m.Open = hours.open(local.Hour()*60 + local.Minute())
	return m
}

// State is At, and until when that holds.
func (c *Calendar) State(now time.Time) State {
	s := State{Moment: c.At(now)}
	today := DateOf(now.In(c.Zone.location()))
	for i := range horizon {
		date := today.plus(i)
		for _, t := range c.turns(date) {
			if t.After(now) && c.At(t).Open != s.Open {
				s.Until = t
				return s
			}
		}
	}
	return s
}

// NextOpening is the first time at or after now at which the calendar is open. ok is false when none is in sight.
func (c *Calendar) NextOpening(now time.Time) (at time.Time, ok bool) {
	s := c.State(now)
	if s.Open {
		return now, true
	}
	return s.Until, !s.Until.IsZero()
}

// turns are the times of a day at which something may change, in order.
func (c *Calendar) turns(d Date) []time.Time {
	zone := c.Zone.location()
	hours, _ := c.day(d)
	var all []time.Time
	for _, s := range hours {
		all = append(all, d.at(s.From, zone), d.at(s.To, zone))
	}
	if e := c.Emergency; e != nil && DateOf(e.Until.In(zone)) == d {
		all = append(all, e.Until)
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// day is the hours of a date, and why they are so.
func (c *Calendar) day(d Date) (Hours, Moment) {
	for _, own := range c.Own {
		if own.Date == d {
			return own.Hours, Moment{Why: ByOwnDay, NameZH: own.NameZH, NameEN: own.NameEN}
		}
	}
	for _, o := range c.Office {
		if o.Date != d {
			continue
		}
		m := Moment{Why: ByHoliday, NameZH: o.Name, NameEN: English(o.Name)}
		if o.Kind == MakeUp {
			m.Why = ByMakeUp
			return c.MakeUp, m
		}
		return c.Holiday, m
	}
	return c.Week[d.Weekday()], Moment{Why: ByWeek}
}
