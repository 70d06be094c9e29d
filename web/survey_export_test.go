package web

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

func TestSurveysAreExported(t *testing.T) {
	f := office(t)
	quinn := f.as("u4")
	f.as("u1").want(403, "forbidden", "GET", "/api/v1/surveys/export", nil)
	got := quinn.do("GET", "/api/v1/surveys/export?format=csv&what=answers", nil)
	lines := strings.Split(strings.TrimSpace(string(got.body)), "\r\n")
	if got.StatusCode != 200 || len(lines) != 5 || !strings.HasPrefix(lines[0], "\ufeff時間 Time,") || !strings.Contains(lines[1], ",after-call,v,recommendation,") {
		t.Errorf("%d %q", got.StatusCode, lines)
	}
	if name := got.Header.Get("Content-Disposition"); !strings.Contains(name, "after-call-answers-") {
		t.Errorf("named %s", name)
	}
	// A supervisor's own team alone.
	if lines := strings.Split(string(f.as("u3").do("GET", "/api/v1/surveys/export?format=csv&what=answers", nil).body), "\r\n"); len(lines) != 4 {
		t.Errorf("sue has %q", lines)
	}
	book, err := excelize.OpenReader(bytes.NewReader(quinn.do("GET", "/api/v1/surveys/export?by=agent", nil).body))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Sheet1")
	if err != nil || len(rows) != 4 || rows[1][0] != "u1" || rows[1][7] != "5" || rows[3][0] != "合計 Total" || rows[3][3] != "2" {
		t.Errorf("%q %v", rows, err)
	}
	if n := count(f, `select count(*) from access_log where action = 'export' and object = 'survey:after-call'`); n != 3 {
		t.Errorf("%d exports logged", n)
	}
}

func TestALongTableGoesOnInAFurtherSheet(t *testing.T) {
	sheetRows = 3
	t.Cleanup(func() { sheetRows = excelize.TotalRows })
	var out bytes.Buffer
	s, err := newSheet("xlsx", &out, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 6 {
		if err := s.row(fmt.Sprint("=", n), n, time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, name := range book.GetSheetList() {
		rows, err := book.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			got = append(got, r[0]+r[1])
		}
		got = append(got, "/")
	}
	if s := strings.Join(got, " "); s != "=00 =11 =22 / =00 =33 =44 / =00 =55 /" {
		t.Error(s)
	}
}

func TestTextsOfACSVAreNotCalculated(t *testing.T) {
	var out bytes.Buffer
	s, err := newSheet("csv", &out, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.row("=1+1", "-3", -3, 0.25, nil, "說「好」, 謝謝"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil || out.String() != "\ufeff'=1+1,'-3,-3,0.25,,\"說「好」, 謝謝\"\r\n" {
		t.Errorf("%q %v", out.String(), err)
	}
}
