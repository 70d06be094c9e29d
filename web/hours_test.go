package web

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/traditionalchinese"

	"hotline/internal/calendar"
	"hotline/ivr"
)

const weekdayHours = `{"name_zh": "客服時間", "name_en": "Office hours", "week": [[], ["09:00-12:00", "13:00-18:00"], ["09:00-18:00"], ["09:00-18:00"], ["09:00-18:00"], ["09:00-18:00"], []],
	"make_up": ["09:00-18:00"], "holiday": [], "office": true}`

func TestHours(t *testing.T) {
	f := newFixture(t, func(d *Deps) {
		both := ivr.Text{ivr.Mandarin: "今天是假日", ivr.English: "Today is a holiday"}
		d.Live = func() []*ivr.Flow {
			return []*ivr.Flow{{
				ID: "main", Langs: []ivr.Lang{ivr.Mandarin, ivr.English}, Start: "hours", Prompts: map[string]ivr.Prompt{"holiday": {Text: both}},
				Steps: map[string]ivr.Step{
					"hours":   {Do: ivr.Hours{Calendar: "office", Open: ivr.Target{Step: "order"}, Closed: ivr.Target{Step: "holiday"}}},
					"holiday": {Do: ivr.HangUp{Say: ivr.Say{{Key: "holiday"}}}},
					"order":   {Do: ivr.Queue{ID: "order"}},
				},
			}}
		}
	})
	spoken := make(chan ivr.Phrase, 2)
	f.Speak = func(p ivr.Phrase) { spoken <- p }
	f.user("u1", "sue", RoleSupervisor, ScopeAll, "")
	sue := f.as("u1")
	sue.want(422, "invalid", "PUT", "/api/v1/calendars/Office", weekdayHours)
	sue.want(422, "invalid", "PUT", "/api/v1/calendars/office", strings.Replace(weekdayHours, "09:00-12:00", "9-12", 1))
	sue.want(200, "", "PUT", "/api/v1/calendars/office", weekdayHours)
	sue.want(404, "not_found", "GET", "/api/v1/calendars/none/check?at=2026-12-25T02:00:00Z", nil)
	if got := get[HoursCheck](sue, "/api/v1/calendars/office/check?at=2026-12-25T02:00:00Z&lang=en"); got.State.Open || got.State.NameEN != "Constitution Day" ||
		!got.State.Until.Equal(time.Date(2026, 12, 28, 1, 0, 0, 0, time.UTC)) || len(got.Heard) != 1 || got.Heard[0].Goes != "holiday" || got.Heard[0].Says[0].Text != "Today is a holiday" || !got.Heard[0].Ends {
		t.Errorf("on a holiday: %+v", got)
	}
	if got := get[HoursCheck](sue, "/api/v1/calendars/office/check?at=2026-12-28T02:00:00Z"); !got.State.Open || got.Heard[0].Queue != "order" {
		t.Errorf("on a Monday: %+v", got)
	}
	sue.want(422, "invalid", "PUT", "/api/v1/calendars/office/days/2026-13-01", `{"name_zh": "盤點", "name_en": "", "hours": []}`)
	sue.want(422, "invalid", "PUT", "/api/v1/calendars/none/days/2026-12-24", `{"name_zh": "盤點", "name_en": "", "hours": []}`)
	sue.want(204, "", "PUT", "/api/v1/calendars/office/days/2026-12-24", `{"name_zh": "盤點", "name_en": "", "hours": []}`)
	if got := get[HoursCheck](sue, "/api/v1/calendars/office/check?at=2026-12-24T02:00:00Z"); got.State.Why != calendar.ByOwnDay || got.State.NameZH != "盤點" {
		t.Errorf("on an own day: %+v", got)
	}
	sue.want(204, "", "DELETE", "/api/v1/calendars/office/days/2026-12-24", nil)
	sue.want(404, "not_found", "DELETE", "/api/v1/calendars/office/days/2026-12-24", nil)

	sue.want(422, "invalid", "PUT", "/api/v1/calendars/office/emergency", `{"say_zh": "颱風停班", "say_en": "", "until": "2020-01-01T00:00:00Z"}`)
	sue.want(204, "", "PUT", "/api/v1/calendars/office/emergency", `{"say_zh": "颱風停班", "say_en": ""}`)
	if p := <-spoken; p != (ivr.Phrase{Lang: ivr.Mandarin, Text: "颱風停班"}) {
		t.Errorf("spoken: %+v", p)
	}
	all := get[list[OpenHours]](sue, "/api/v1/calendars").Items
	if len(all) != 1 || all[0].State.Why != calendar.ByEmergency || all[0].ByName != "Name of sue" || !all[0].Emergency.Since.Equal(f.clock.now()) || all[0].Flows[0] != "main" {
		t.Errorf("with the switch on: %+v", all)
	}
	sue.want(204, "", "DELETE", "/api/v1/calendars/office/emergency", nil)
	sue.want(404, "not_found", "DELETE", "/api/v1/calendars/office/emergency", nil)
	sue.want(422, "invalid", "DELETE", "/api/v1/calendars/office", nil) // a flow goes by it
	f.Live = nil
	sue.want(204, "", "DELETE", "/api/v1/calendars/office", nil)

	var told []string
	for _, c := range get[list[HoursChange]](sue, "/api/v1/calendars/office/history").Items {
		for what := range c.Detail {
			told = append(told, c.UserName+" "+what)
		}
	}
	if got := strings.Join(told, "; "); got != "Name of sue removed; Name of sue emergency; Name of sue emergency; Name of sue day_removed; Name of sue day; Name of sue hours" {
		t.Errorf("history: %s", got)
	}
}

// yearFile is a yearly file as the government writes it, in Big5 as some years came.
func yearFile(t *testing.T, year int, notes map[string]string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("西元日期,星期,是否放假,備註\r\n")
	for d := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
		off, note := 0, notes[d.Format("0102")]
		if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday || note != "" {
			off = 2
		}
		fmt.Fprintf(&b, "%s,%s,%d,%s\r\n", d.Format("20060102"), strings.Split("日一二三四五六", "")[d.Weekday()], off, note)
	}
	big5, err := traditionalchinese.Big5.NewEncoder().String(b.String())
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]string{"data": base64.StdEncoding.EncodeToString([]byte(big5))})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestOfficeYears(t *testing.T) {
	f := office(t)
	ada := f.as("u5")
	before := get[list[OfficeYearView]](ada, "/api/v1/office-years").Items
	preview := func(body string) (p OfficePreview) {
		t.Helper()
		r := ada.want(200, "", "POST", "/api/v1/office-years/preview", body)
		if err := json.Unmarshal(r.body, &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	file := yearFile(t, 2028, map[string]string{"0228": "和平紀念日"})
	if p := preview(file); p.Year != 2028 || p.Holidays != 1 || p.Replaces || len(p.Faults) != 0 || p.Days[0].Name != "和平紀念日" {
		t.Errorf("preview %+v", p)
	}
	if p := preview(yearFile(t, 2027, nil)); !p.Replaces || len(p.New) < 10 {
		t.Errorf("preview of a year that is there: %+v", p)
	}
	broken := `{"data": "` + base64.StdEncoding.EncodeToString([]byte("西元日期,星期,是否放假,備註\n20280101,日,2,\n")) + `"}`
	if p := preview(broken); len(p.Faults) != 1 || p.Faults[0].Line != 2 || p.Year != 0 {
		t.Errorf("preview of a broken file: %+v", p)
	}
	ada.want(422, "invalid", "POST", "/api/v1/office-years", broken)
	ada.want(200, "", "POST", "/api/v1/office-years", file)
	after := get[list[OfficeYearView]](ada, "/api/v1/office-years").Items
	if n := len(before); len(after) != n+1 || after[n].Year.Year != 2028 || after[n].ImportedName != "Name of ada" || after[0].ImportedAt != nil {
		t.Errorf("years %+v", after)
	}
	if n := count(f, `select count(*) from access_log where object = 'office-years'`); n != 1 {
		t.Errorf("%d entries", n)
	}
}
