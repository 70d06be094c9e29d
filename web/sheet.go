package web

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// sheet is a table that is written row by row, so that its length does not matter. Close must be called, and writes the end.
type sheet interface {
	row(values ...any) error
	Close() error
}

// formats of sheets, and what browsers call them.
var formats = map[string]string{
	"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// newSheet writes a table in the format. zone is that of its times.
func newSheet(format string, w io.Writer, zone *time.Location) (sheet, error) {
	if format == "xlsx" {
		return newXLSX(w, zone)
	}
	// A mark at the beginning, or spreadsheets take UTF-8 for something older.
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, fmt.Errorf("begin a table: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	return &csvSheet{out, zone}, nil
}

const sheetTime = "2006-01-02 15:04:05"

type csvSheet struct {
	*csv.Writer
	zone *time.Location
}

func (s *csvSheet) row(values ...any) error {
	cells := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case string:
			cells[i] = harmless(v)
		case int:
			cells[i] = strconv.Itoa(v)
		case float64:
			cells[i] = strconv.FormatFloat(v, 'f', -1, 64)
		case time.Time:
			cells[i] = v.In(s.zone).Format(sheetTime)
		case nil:
		default:
			cells[i] = fmt.Sprint(v)
		}
	}
	return s.Write(cells)
}

// harmless keeps a spreadsheet from calculating what somebody typed.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func (s *csvSheet) Close() error {
	s.Flush()
	return s.Error()
}

// sheetRows is how many rows a sheet of a workbook may have; the rest goes on in a further sheet, under the same heading.
var sheetRows = excelize.TotalRows

type xlsxSheet struct {
	w       io.Writer
	file    *excelize.File
	stream  *excelize.StreamWriter
	zone    *time.Location
	sheets  int
	rows    int
	heading []any
}

func newXLSX(w io.Writer, zone *time.Location) (*xlsxSheet, error) {
	s := &xlsxSheet{w: w, file: excelize.NewFile(), zone: zone}
	if err := s.next(); err != nil {
		return nil, errors.Join(err, s.file.Close())
	}
	return s, nil
}

// next begins a further sheet. Rows are kept in a file of the system's temporary folder once they are many.
func (s *xlsxSheet) next() (err error) {
	if s.stream != nil {
		if err := s.stream.Flush(); err != nil {
			return fmt.Errorf("end a sheet: %w", err)
		}
	}
	s.sheets++
	s.rows = 0
	name := "Sheet" + strconv.Itoa(s.sheets)
	if s.sheets > 1 { // a new workbook has one
		if _, err := s.file.NewSheet(name); err != nil {
			return fmt.Errorf("add a sheet: %w", err)
		}
	}
	if s.stream, err = s.file.NewStreamWriter(name); err != nil {
		return fmt.Errorf("begin a sheet: %w", err)
	}
	if s.heading == nil {
		return nil
	}
	return s.row(s.heading...)
}

func (s *xlsxSheet) row(values ...any) error {
	for i, v := range values {
		if at, ok := v.(time.Time); ok {
			values[i] = at.In(s.zone).Format(sheetTime)
		}
	}
	if s.heading == nil {
		s.heading = values
	}
	if s.rows == sheetRows {
		if err := s.next(); err != nil {
			return err
		}
	}
	s.rows++
	if err := s.stream.SetRow("A"+strconv.Itoa(s.rows), values); err != nil {
		return fmt.Errorf("write row %d: %w", s.rows, err)
	}
	return nil
}

func (s *xlsxSheet) Close() (err error) {
	defer func() { err = errors.Join(err, s.file.Close()) }()
	if err := s.stream.Flush(); err != nil {
		return fmt.Errorf("end a sheet: %w", err)
	}
	_, err = s.file.WriteTo(s.w)
	return err
}
