package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/internal/calendar"
	"hotline/internal/site"
	"hotline/ivr"
)

// OpenHours is a calendar, what it says now, and which flows go by it.
type OpenHours struct {
	site.Calendar
	State  calendar.State `json:"state" doc:"Now."`
	ByName string         `json:"by_name" doc:"Who turned the emergency switch on."`
	Flows  []string       `json:"flows" doc:"That go by it."`
}

// Heard is what a caller hears who comes to the hours of a flow.
type Heard struct {
	Flow  string       `json:"flow"`
	Step  string       `json:"step" doc:"That asks the calendar."`
	Goes  string       `json:"goes" doc:"The step at which the caller then is."`
	Says  []ivr.Phrase `json:"says"`
	Queue string       `json:"queue" doc:"In which the caller waits; may be empty."`
	Ends  bool         `json:"ends" doc:"The call ends after that."`
}

// HoursCheck is what a calendar says at a time, and what callers hear.
type HoursCheck struct {
	State calendar.State `json:"state"`
	Heard []Heard        `json:"heard"`
}

// HoursChange is one change of a calendar.
type HoursChange struct {
	At       time.Time      `json:"at"`
	UserName string         `json:"user_name"`
	Detail   map[string]any `json:"detail"`
}

// OfficeYearView is the office calendar of a year, and who imported it.
type OfficeYearView struct {
	site.OfficeYear
	ImportedName string `json:"imported_name"`
}

// OfficePreview is what an import would do.
type OfficePreview struct {
	Year     int                  `json:"year"`
	Days     []calendar.Office    `json:"days"`
	Holidays int                  `json:"holidays"`
	MakeUp   int                  `json:"make_up"`
	Replaces bool                 `json:"replaces" doc:"The year is there already."`
	New      []calendar.Date      `json:"new" doc:"Days that differ from what is there now."`
	Faults   []calendar.LineFault `json:"faults"`
}

type CalendarPath struct {
	Name string `path:"name" maxLength:"40"`
}

type putCalendarInput struct {
	CalendarPath
	Body struct {
		NameZH  string         `json:"name_zh" minLength:"1" maxLength:"60"`
		NameEN  string         `json:"name_en" minLength:"1" maxLength:"60"`
		Zone    string         `json:"zone,omitempty" maxLength:"60" doc:"Empty: Asia/Taipei."`
		Week    calendar.Week  `json:"week" doc:"Sunday first; hours as 09:00-18:00."`
		MakeUp  calendar.Hours `json:"make_up" doc:"Of Saturdays on which offices make up for a bridge day."`
		Holiday calendar.Hours `json:"holiday" doc:"Of public holidays; none: closed."`
		Office  bool           `json:"office" doc:"Follow the office calendar of Taiwan."`
	}
}

type OwnDayPath struct {
	CalendarPath
	Day string `path:"day" maxLength:"10" doc:"YYYY-MM-DD"`
}

type putOwnDayInput struct {
	OwnDayPath
	Body struct {
		NameZH string         `json:"name_zh" minLength:"1" maxLength:"60"`
		NameEN string         `json:"name_en" maxLength:"60"`
		Hours  calendar.Hours `json:"hours" doc:"None: closed all day."`
	}
}

type switchOnInput struct {
	CalendarPath
	Body struct {
		SayZH string     `json:"say_zh" maxLength:"200" doc:"Said to callers; may be empty."`
		SayEN string     `json:"say_en" maxLength:"200"`
		Until *time.Time `json:"until,omitempty" doc:"Without it, until it is switched off."`
	}
}

type checkHoursInput struct {
	CalendarPath
	At   time.Time `query:"at" required:"true"`
	Lang ivr.Lang  `query:"lang" enum:"zh-TW,en" default:"zh-TW"`
}

type officeFileInput struct {
	Body struct {
		Data []byte `json:"data" maxLength:"90000" doc:"The government's CSV file of one year, in UTF-8 or Big5, base64."`
	}
}

func (s *Server) registerHours() {
	const path, days, emergency = "/calendars/{name}", "/calendars/{name}/days/{day}", "/calendars/{name}/emergency"
	route(s, endpoint{method: http.MethodGet, path: "/calendars", id: "listCalendars", right: RightHours, summary: "Opening hours, and what they say now"}, s.listCalendars)
	route(s, endpoint{method: http.MethodPut, path: path, id: "putCalendar", right: RightHours, summary: "Add or change opening hours"}, s.putCalendar)
	act(s, endpoint{method: http.MethodDelete, path: path, id: "deleteCalendar", right: RightHours, summary: "Remove opening hours that no flow goes by"}, s.deleteCalendar)
	act(s, endpoint{method: http.MethodPut, path: days, id: "putOwnDay", right: RightHours, summary: "Close on a day, or have other hours"}, s.putOwnDay)
	act(s, endpoint{method: http.MethodDelete, path: days, id: "deleteOwnDay", right: RightHours, summary: "Give a day back to the calendar"}, s.deleteOwnDay)
	act(s, endpoint{method: http.MethodPut, path: emergency, id: "switchOn", right: RightHours, summary: "Turn the emergency switch on"}, s.switchOn)
	act(s, endpoint{method: http.MethodDelete, path: emergency, id: "switchOff", right: RightHours, summary: "Turn the emergency switch off"}, s.switchOff)
	route(s, endpoint{method: http.MethodGet, path: path + "/check", id: "checkHours", right: RightHours, summary: "What a caller would hear at a time"}, s.checkHours)
	route(s, endpoint{method: http.MethodGet, path: path + "/history", id: "listHoursChanges", right: RightHours, summary: "Who changed what, the newest first"}, s.hoursHistory)
	route(s, endpoint{method: http.MethodGet, path: "/office-years", id: "listOfficeYears", right: RightHours, summary: "Office calendars of Taiwan"}, s.listOfficeYears)
	route(s, endpoint{method: http.MethodPost, path: "/office-years/preview", id: "previewOfficeYear", right: RightHours, summary: "What importing a file would do"}, s.previewOfficeYear)
	route(s, endpoint{method: http.MethodPost, path: "/office-years", id: "importOfficeYear", right: RightHours, summary: "Import the office calendar of a year"}, s.importOfficeYear)
}

// compiled is every calendar as flows go by it, with what it was made of, in the same order.
func (s *Server) compiled(ctx context.Context) ([]site.Calendar, []*calendar.Calendar, error) {
	all, err := s.Site.Calendars(ctx)
	if err != nil {
		return nil, nil, err
	}
	years, err := s.Site.OfficeYears(ctx)
	if err != nil {
		return nil, nil, err
	}
	var out []*calendar.Calendar
	for _, c := range all {
		one, err := c.Compiled(years)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, one)
	}
	return all, out, nil
}

// flowsBy are the flows that go by a calendar.
func (s *Server) flowsBy(name string) []string {
	flows := []string{}
	for _, f := range s.live() {
		if slices.Contains(f.CalendarNames(), name) {
			flows = append(flows, f.ID)
		}
	}
	return flows
}

func (s *Server) live() []*ivr.Flow {
	if s.Live == nil {
		return nil
	}
	return s.Live()
}

// hears walks each flow from its hours steps that go by the calendar to where a caller first has to listen or wait.
func (s *Server) hears(name string, calendars map[string]*calendar.Calendar, at time.Time, lang ivr.Lang) []Heard {
	all := []Heard{}
	for _, f := range s.live() {
		for _, step := range slices.Sorted(maps.Keys(f.Steps)) {
			if do, ok := f.Steps[step].Do.(ivr.Hours); !ok || do.Calendar != name {
				continue
			}
			p, out := f.With(calendars).Step(ivr.Position{Step: step, Lang: lang}, ivr.Begin{}, at)
			h := Heard{Flow: f.ID, Step: step, Goes: p.Step, Says: append([]ivr.Phrase{}, out.Say...), Ends: out.HangUp}
			if out.Queue != nil {
				h.Queue = string(out.Queue.ID)
			}
			all = append(all, h)
		}
	}
	return all
}

func (s *Server) listCalendars(ctx context.Context, _ Who, _ *struct{}) (list[OpenHours], error) {
	all, compiled, err := s.compiled(ctx)
	if err != nil {
		return list[OpenHours]{}, err
	}
	var out []OpenHours
	for i, c := range all {
		hours := OpenHours{Calendar: c, State: compiled[i].State(s.now()), Flows: s.flowsBy(c.Name)}
		if c.Emergency != nil {
			if hours.ByName, err = s.nameOf(ctx, c.Emergency.By); err != nil {
				return list[OpenHours]{}, err
			}
		}
		out = append(out, hours)
	}
	return everything(out), nil
}

// nameOf is the name of a user; whoever is not there any more keeps the id.
func (s *Server) nameOf(ctx context.Context, user string) (string, error) {
	name := user
	err := s.DB.QueryRow(ctx, `select name from users where id = $1`, user).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return user, nil
	}
	return name, err
}

func (s *Server) putCalendar(ctx context.Context, who Who, in *putCalendarInput) (list[OpenHours], error) {
	b := in.Body
	c := site.Calendar{
		Name: in.Name, NameZH: b.NameZH, NameEN: b.NameEN, Zone: b.Zone, Week: b.Week, MakeUp: b.MakeUp, Holiday: b.Holiday, Office: b.Office,
	}
	if err := s.Site.PutCalendar(ctx, c); err != nil {
		return list[OpenHours]{}, err
	}
	if err := s.changed(ctx, who, "calendar:"+in.Name, map[string]any{"hours": b}); err != nil {
		return list[OpenHours]{}, err
	}
	return s.listCalendars(ctx, who, nil)
}

func (s *Server) deleteCalendar(ctx context.Context, who Who, in *CalendarPath) error {
	if flows := s.flowsBy(in.Name); len(flows) > 0 {
		return &site.Invalid{Faults: []site.Fault{{Field: "name", Code: site.FaultInUse, Remedy: "flow " + flows[0] + " goes by it; let it go by another one first"}}}
	}
	if err := s.Site.DeleteCalendar(ctx, in.Name); err != nil {
		return err
	}
	return s.changed(ctx, who, "calendar:"+in.Name, map[string]any{"removed": true})
}

func (s *Server) putOwnDay(ctx context.Context, who Who, in *putOwnDayInput) error {
	date, err := calendar.ParseDate(in.Day)
	if err != nil {
		return invalid("path.day", err.Error())
	}
	day := calendar.Own{Date: date, NameZH: in.Body.NameZH, NameEN: in.Body.NameEN, Hours: in.Body.Hours}
	if err := s.Site.PutOwnDay(ctx, in.Name, day); err != nil {
		return err
	}
	return s.changed(ctx, who, "calendar:"+in.Name, map[string]any{"day": day})
}

func (s *Server) deleteOwnDay(ctx context.Context, who Who, in *OwnDayPath) error {
	date, err := calendar.ParseDate(in.Day)
	if err != nil {
		return invalid("path.day", err.Error())
	}
	if err := s.Site.DeleteOwnDay(ctx, in.Name, date); err != nil {
		return err
	}
	return s.changed(ctx, who, "calendar:"+in.Name, map[string]any{"day_removed": date})
}

// switchOn closes first and makes the sound of its words then: whoever calls meanwhile waits for the same sound.
func (s *Server) switchOn(ctx context.Context, who Who, in *switchOnInput) error {
	e := site.Emergency{Since: s.now(), By: string(who.ID), Until: in.Body.Until, SayZH: in.Body.SayZH, SayEN: in.Body.SayEN}
	if err := s.Site.SwitchOn(ctx, in.Name, e); err != nil {
		return err
	}
	if err := s.changed(ctx, who, "calendar:"+in.Name, map[string]any{"emergency": e}); err != nil {
		return err
	}
	if s.Speak != nil {
		for lang, words := range map[ivr.Lang]string{ivr.Mandarin: e.SayZH, ivr.English: e.SayEN} {
			if words != "" {
				s.Speak(ivr.Phrase{Lang: lang, Text: words})
			}
		}
	}
	return nil
}

func (s *Server) switchOff(ctx context.Context, who Who, in *CalendarPath) error {
	if err := s.Site.SwitchOff(ctx, in.Name); err != nil {
		return err
	}
	return s.changed(ctx, who, "calendar:"+in.Name, map[string]any{"emergency": false})
}

func (s *Server) checkHours(ctx context.Context, _ Who, in *checkHoursInput) (HoursCheck, error) {
	_, compiled, err := s.compiled(ctx)
	if err != nil {
		return HoursCheck{}, err
	}
	byName := map[string]*calendar.Calendar{}
	for _, c := range compiled {
		byName[c.Name] = c
	}
	c := byName[in.Name]
	if c == nil {
		return HoursCheck{}, site.ErrNotFound
	}
	return HoursCheck{State: c.State(in.At), Heard: s.hears(in.Name, byName, in.At, in.Lang)}, nil
}

func (s *Server) hoursHistory(ctx context.Context, _ Who, in *CalendarPath) (list[HoursChange], error) {
	rows, err := s.DB.Query(ctx, `select l.at, coalesce(u.name, l.user_id, '') as user_name, l.detail from access_log l left join users u on u.id = l.user_id
		where l.object = any($1) and l.action = $2 order by l.id desc limit 50`, []string{"calendar:" + in.Name, officeObject}, actionChange)
	if err != nil {
		return list[HoursChange]{}, err
	}
	items, err := pgx.CollectRows(rows, pgx.RowToStructByName[HoursChange])
	return everything(items), err
}
