package calendar

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/traditionalchinese"
)

const (
	// MaxFile is how many bytes a yearly file may have; the government's have seven thousand.
	MaxFile = 64 << 10
	// maxFaults are told of one file: who sent the wrong one needs no four hundred.
	maxFaults = 20
	// maxNote of one day, in characters.
	maxNote = 40
)

var (
	header   = []string{"西元日期", "星期", "是否放假", "備註"}
	weekdays = []string{"日", "一", "二", "三", "四", "五", "六"}
)

// LineFault is one thing that is wrong with a file, at its line from 1.
type LineFault struct {
	Line    int    `json:"line"`
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
}

func (f LineFault) String() string {
	return fmt.Sprintf("line %d: %s (%s)", f.Line, f.Message, f.Remedy)
}

// Import reads one of the government's yearly files, in UTF-8 with or without byte order mark or in Big5. It is strict:
// every day of the year must be there once, in order, with its right weekday. The year must be used only without faults.
func Import(data []byte) (Year, []LineFault) {
	r := &importer{}
	text, ok := r.text(data)
	if !ok {
		return Year{}, r.faults
	}
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord = -1
	first := true
	for len(r.faults) < maxFaults {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			r.fault(broken.Line, "the quotes of this line are not closed", "save the file again as CSV")
			break
		}
		line, _ := in.FieldPos(0)
		if first {
			first = false
			if !slices.Equal(record, header) {
				r.fault(line, fmt.Sprintf("the columns are not %s", strings.Join(header, ",")),
					"take the file of the Directorate-General of Personnel Administration as it is")
				break
			}
			continue
		}
		r.row(line, record)
	}
	r.end()
	return r.year, r.faults
}

// importer reads rows: the day after the last is expected.
type importer struct {
	year   Year
	next   Date // zero before the first row
	line   int  // of the last row
	faults []LineFault
}

func (r *importer) fault(line int, message, remedy string) {
	r.faults = append(r.faults, LineFault{line, message, remedy})
}

// text takes the file out of its encoding.
func (r *importer) text(data []byte) (string, bool) {
	if len(data) > MaxFile {
		r.fault(1, fmt.Sprintf("the file has %d bytes", len(data)), fmt.Sprintf("a year has at most %d; choose the CSV file of one year", MaxFile))
		return "", false
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if !utf8.Valid(data) {
		decoded, err := traditionalchinese.Big5.NewDecoder().Bytes(data)
		if at := bytes.IndexRune(decoded, utf8.RuneError); err != nil || at >= 0 {
			r.fault(1+bytes.Count(decoded[:max(at, 0)], []byte("\n")), "this is neither UTF-8 nor Big5", "save the file as CSV UTF-8")
			return "", false
		}
		data = decoded
	}
	if len(bytes.TrimSpace(data)) == 0 {
		r.fault(1, "the file is empty", "choose the CSV file of one year")
		return "", false
	}
	return string(data), true
}

func (r *importer) row(line int, record []string) {
	r.line = line
	if len(record) != len(header) {
		r.fault(line, fmt.Sprintf("the line has %d columns", len(record)), "give date, weekday, 0 or 2, and a note, which may be empty")
		return
	}
	t, err := time.Parse("20060102", record[0])
	if err != nil {
		r.fault(line, fmt.Sprintf("%q is no day of the calendar", clip(record[0])), "write it as YYYYMMDD")
		return
	}
	date := DateOf(t)
	switch {
	case r.next == (Date{}):
		r.year.Year = date.Year
		if date.Month != time.January || date.Day != 1 {
			r.fault(line, fmt.Sprintf("the year begins with %s", date), "begin with its first of January")
		}
	case date.Year != r.year.Year:
		r.fault(line, fmt.Sprintf("%s is not of the year %d", date, r.year.Year), "give each year a file of its own")
		return
	case date != r.next:
		r.fault(line, fmt.Sprintf("%s stands where %s belongs", date, r.next), "give every day of the year once, in order")
	}
	r.next = date.plus(1)
	if want := weekdays[date.Weekday()]; record[1] != want {
		r.fault(line, fmt.Sprintf("%s is said to be %q", date, clip(record[1])), "it is a "+want+"; is this the right year?")
	}
	r.mark(line, date, record[2], strings.TrimSpace(record[3]))
}

// mark keeps the day if it is other than its weekday.
func (r *importer) mark(line int, date Date, off, note string) {
	if utf8.RuneCountInString(note) > maxNote || strings.ContainsFunc(note, unicode.IsControl) {
		r.fault(line, "the note is too long, or has a line break", fmt.Sprintf("use at most %d characters", maxNote))
		return
	}
	weekend := date.Weekday() == time.Saturday || date.Weekday() == time.Sunday
	switch {
	case off == "0" && weekend:
		r.year.Days = append(r.year.Days, Office{date, MakeUp, note})
	case off == "2" && (!weekend || note != ""):
		r.year.Days = append(r.year.Days, Office{date, Holiday, note})
	case off != "0" && off != "2":
		r.fault(line, fmt.Sprintf("是否放假 is %q", clip(off)), "write 0 for a day on which offices work, 2 for a day off")
	}
}

func (r *importer) end() {
	switch {
	case len(r.faults) >= maxFaults:
		r.faults = r.faults[:maxFaults]
	case len(r.faults) > 0:
	case r.next == (Date{}):
		r.fault(1, "the file has no days", "choose the CSV file of one year")
	case r.next.Year == r.year.Year:
		r.fault(r.line, fmt.Sprintf("the year ends before %s", r.next), "give every day of the year, to its 31st of December")
	}
}

func clip(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:20]) + "…"
	}
	return s
}
