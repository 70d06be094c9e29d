package calendar

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/traditionalchinese"
)

var update = flag.Bool("update", false, "make taiwan.txt anew of the government's files; read the difference before it is committed")

// published is where the government's files may lie beside the project.
const published = "../../../shared/calendar"

// TestShippedIsWhatWasPublished compares the years that are shipped with the files they were made of.
func TestShippedIsWhatWasPublished(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(published, "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the government's files are not here")
	}
	var years []Year
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		year, faults := Import(data)
		if len(faults) > 0 {
			t.Fatalf("%s: %v", name, faults)
		}
		big5, err := traditionalchinese.Big5.NewEncoder().Bytes(bytes.TrimPrefix(data, []byte("\uFEFF")))
		if err != nil {
			t.Fatal(err)
		}
		if again, faults := Import(big5); len(faults) > 0 || !cmp.Equal(year, again) {
			t.Errorf("%s is another year in Big5: %v %s", name, faults, cmp.Diff(year, again))
		}
		years = append(years, year)
	}
	if *update {
		if err := os.WriteFile("taiwan.txt", []byte(writeYears(years)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(years, Shipped()); diff != "" {
		t.Errorf("taiwan.txt is not what was published (-published +shipped):\n%s", diff)
	}
}

func TestShippedYears(t *testing.T) {
	for _, want := range []struct{ year, makeUp int }{{2023, 6}, {2024, 1}, {2025, 1}, {2026, 0}, {2027, 0}} {
		found := false
		for _, y := range Shipped() {
			if y.Year != want.year {
				continue
			}
			found = true
			if y.Count(MakeUp) != want.makeUp || y.Count(Holiday) < 14 {
				t.Errorf("%d has %d make-up days and %d holidays", y.Year, y.Count(MakeUp), y.Count(Holiday))
			}
			for _, d := range y.Days {
				if english[d.Name] == "" {
					t.Errorf("%s %q has no English name", d.Date, d.Name)
				}
			}
		}
		if !found {
			t.Errorf("%d is not shipped", want.year)
		}
	}
}

// file writes a yearly file; change may spoil a row.
func file(year int, change func(date string, row []string) []string) string {
	var b strings.Builder
	b.WriteString("西元日期,星期,是否放假,備註\r\n")
	for d := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
		off := "0"
		if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
			off = "2"
		}
		row := []string{d.Format("20060102"), weekdays[d.Weekday()], off, ""}
		if change != nil {
			row = change(row[0], row)
		}
		if row != nil {
			b.WriteString(strings.Join(row, ",") + "\r\n")
		}
	}
	return b.String()
}

// on changes the row of one day.
func on(day string, column int, value string) func(string, []string) []string {
	return func(date string, row []string) []string {
		if date == day {
			row[column] = value
		}
		return row
	}
}

func TestImportFaults(t *testing.T) {
	big5 := func(s string) string {
		b, err := traditionalchinese.Big5.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, tt := range map[string]struct{ in, want string }{
		"empty":         {" \n", "line 1: the file is empty"},
		"header":        {"date,day,off,note\n20280101,六,2,\n", "line 1: the columns are not"},
		"only header":   {"西元日期,星期,是否放假,備註\n", "line 1: the file has no days"},
		"date":          {file(2028, on("20280105", 0, "20280230")), `line 6: "20280230" is no day`},
		"weekday":       {file(2028, on("20280301", 1, "四")), `line 62: 2028-03-01 is said to be "四"`},
		"off":           {file(2028, on("20280103", 2, "1")), `line 4: 是否放假 is "1"`},
		"note":          {file(2028, on("20280103", 3, strings.Repeat("長", 41))), "line 4: the note is too long"},
		"columns":       {file(2028, on("20280103", 3, "a,b")), "line 4: the line has 5 columns"},
		"quotes":        {file(2028, on("20280103", 3, `"a`)), "the quotes of this line"},
		"twice":         {file(2028, on("20280103", 0, "20280102")), "line 4: 2028-01-02 stands where 2028-01-03 belongs"},
		"other year":    {file(2028, nil) + "20290101,一,2,\n", "line 368: 2029-01-01 is not of the year 2028"},
		"in the middle": {strings.Replace(file(2028, nil), "20280101,六,2,\r\n", "", 1), "line 2: the year begins with 2028-01-02"},
		"missing day": {file(2028, func(date string, row []string) []string {
			if date == "20280229" {
				return nil
			}
			return row
		}), "line 61: 2028-03-01 stands where 2028-02-29 belongs"},
		"ends early": {strings.Replace(file(2028, nil), "20281231,日,2,\r\n", "", 1), "line 366: the year ends before 2028-12-31"},
		"encoding":   {"西元\xff\xff", "line 1: this is neither UTF-8 nor Big5"},
		"big5 fault": {big5(file(2028, on("20280103", 2, "X"))), `line 4: 是否放假 is "X"`},
		"large":      {strings.Repeat("x", MaxFile+1), "line 1: the file has 65537 bytes"},
	} {
		_, faults := Import([]byte(tt.in))
		if len(faults) == 0 || !strings.HasPrefix(faults[0].String(), tt.want) && !strings.Contains(faults[0].String(), tt.want) {
			t.Errorf("%s: %v, want %q", name, faults, tt.want)
		}
		for _, f := range faults {
			if f.Line < 1 || f.Remedy == "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
	if _, faults := Import([]byte(file(2028, func(_ string, row []string) []string { row[2] = "9"; return row }))); len(faults) != maxFaults {
		t.Errorf("%d faults are told", len(faults))
	}
}

func TestImportKeepsWhatDiffers(t *testing.T) {
	days := map[string][]string{
		"20280105": {"2", "調整放假"}, // a Wednesday off
		"20280108": {"0", "補行上班"}, // a Saturday at work
		"20280115": {"2", "紀念日"},  // a Saturday with a name
		"20280110": {"0", "軍人節"},  // a name without consequence
	}
	year, faults := Import([]byte(file(2028, func(date string, row []string) []string {
		if d := days[date]; d != nil {
			row[2], row[3] = d[0], d[1]
		}
		return row
	})))
	want := Year{Year: 2028, Days: []Office{
		{Date{2028, 1, 5}, Holiday, "調整放假"}, {Date{2028, 1, 8}, MakeUp, "補行上班"}, {Date{2028, 1, 15}, Holiday, "紀念日"},
	}}
	if diff := cmp.Diff(want, year); diff != "" || len(faults) > 0 {
		t.Errorf("%v %s", faults, diff)
	}
}

// Whatever somebody uploads: no crash, and a year without faults is whole and in order.
func FuzzImport(f *testing.F) {
	f.Add([]byte(file(2028, nil)))
	f.Add([]byte("\uFEFF" + file(2027, on("20270106", 2, "2"))))
	f.Add([]byte("西元日期,星期,是否放假,備註\n20280101,六,2,\"\n"))
	f.Add([]byte("\xa6\xe8\xa4\xb8\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		year, faults := Import(data)
		if len(faults) > maxFaults {
			t.Fatal(len(faults))
		}
		if len(faults) > 0 {
			return
		}
		again, err := readYears(writeYears([]Year{year}))
		if len(year.Days) > 0 && (err != nil || !cmp.Equal([]Year{year}, again)) {
			t.Fatal(fmt.Sprint(year), err)
		}
		for i, d := range year.Days {
			if d.Date.Year != year.Year || i > 0 && !year.Days[i-1].Date.Before(d.Date) {
				t.Fatalf("%v", d)
			}
		}
	})
}
