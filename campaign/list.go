package campaign

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Limits of a list.
const (
	MaxFile  = 16 << 20 // bytes
	MaxRows  = 100_000
	maxCell  = 200      // bytes of a name, a reference or an address
	maxSheet = 64 << 20 // bytes of a workbook once it is unpacked
)

// Row is one line of a list. As it was read Phone may be anything; checked it is E.164.
type Row struct {
	Row                          int // from 1, with the heading counted, as spreadsheets show it
	Phone, Mail, Name, Ref, Lang string
}

// Why is what is wrong with a row.
type Why string

// The faults of rows.
const (
	WhyEmpty   Why = "empty"       // neither number nor address
	WhyPhone   Why = "phone"       // no phone number
	WhyPrefix  Why = "prefix"      // a number that may not be dialled from here
	WhyMail    Why = "mail"        // no address
	WhyLang    Why = "lang"        // a language that nobody speaks here
	WhyLong    Why = "long"        // a cell that is too long
	WhyTwice   Why = "twice"       // an earlier row of the list has it
	WhyKnown   Why = "known"       // the campaign has it already
	WhyBlocked Why = "do_not_call" // it asked not to be called
)

// RowFault is one thing that is wrong with a row, which is then left out.
type RowFault struct {
	Row   int
	Why   Why
	Other int // of WhyTwice: the row that has it
}

// ErrList is a file that is no list; what it wraps says why, with the remedy.
var ErrList = errors.New("this file is no list")

// heads are the headings by which columns are known, folded.
var heads = map[string]string{
	"phone": "phone", "電話": "phone", "手機": "phone", "號碼": "phone", "電話號碼": "phone", "手機號碼": "phone", "number": "phone", "mobile": "phone", "tel": "phone",
	"mail": "mail", "email": "mail", "e-mail": "mail", "信箱": "mail", "電子郵件": "mail", "電子信箱": "mail",
	"name": "name", "姓名": "name", "名字": "name", "客戶姓名": "name",
	"ref": "ref", "id": "ref", "編號": "ref", "客戶編號": "ref", "訂單編號": "ref", "會員編號": "ref", "customer": "ref", "order": "ref",
	"lang": "lang", "language": "lang", "語言": "lang",
}

// langs are the words for languages, folded.
var langs = map[string]string{"": "", "zh-tw": "zh-TW", "zh": "zh-TW", "中文": "zh-TW", "國語": "zh-TW", "en": "en", "english": "en", "英文": "en"}

// ReadList reads a list from a CSV file (UTF-8 or Big5, separated by commas, semicolons or tabs) or from the first sheet of a workbook
// (XLSX). Columns are known by their headings; a list without headings has the number in its first column and the name in the second.
func ReadList(data []byte) ([]Row, error) {
	if len(data) > MaxFile {
		return nil, fmt.Errorf("%w: it has more than %d bytes; divide it", ErrList, MaxFile)
	}
	cells, err := readCSV(data)
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		cells, err = readSheet(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	columns := map[string]int{"phone": 0, "name": 1}
	first := 0
	if len(cells) > 0 {
		if named := headings(cells[0]); named != nil {
			columns, first = named, 1
		}
	}
	var out []Row
	for i, row := range cells[first:] {
		cell := func(column string) string {
			if at, ok := columns[column]; ok && at < len(row) {
				return strings.TrimSpace(row[at])
			}
			return ""
		}
		if !slices.ContainsFunc(row, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			continue // people leave lines empty
		}
		if len(out) == MaxRows {
			return nil, fmt.Errorf("%w: it has more than %d rows; divide it", ErrList, MaxRows)
		}
		out = append(out, Row{
			Row: first + i + 1, Phone: cell("phone"), Mail: cell("mail"), Name: cell("name"), Ref: cell("ref"), Lang: cell("lang"),
		})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrList)
	}
	return out, nil
}

// headings finds the columns by the first row, or nil when that is no heading.
func headings(row []string) map[string]int {
	columns := map[string]int{}
	for i, cell := range row {
		name, ok := heads[strings.ToLower(strings.TrimSpace(cell))]
		if _, twice := columns[name]; ok && !twice {
			columns[name] = i
		}
	}
	_, phone := columns["phone"]
	_, address := columns["mail"]
	if !phone && !address {
		return nil
	}
	return columns
}

func readCSV(data []byte) ([][]string, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		text, err := traditionalchinese.Big5.NewDecoder().Bytes(data)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return nil, errors.New("it is neither UTF-8 nor Big5: save it as CSV UTF-8 or XLSX")
		}
		data = text
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("it is no text: save it as CSV or XLSX")
	}
	in := csv.NewReader(bytes.NewReader(data))
	in.FieldsPerRecord = -1
	in.LazyQuotes = true
	line, _, _ := bytes.Cut(data, []byte("\n"))
	for _, mark := range []rune{'\t', ';'} {
		if bytes.ContainsRune(line, mark) && !bytes.ContainsRune(line, ',') {
			in.Comma = mark
		}
	}
	var all [][]string
	last := 0
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("save it again as CSV: %w", err)
		}
		at, _ := in.FieldPos(0)
		for ; last < at-1; last++ { // the reader passes over empty lines, and people count them
			all = append(all, nil)
		}
		last++
		all = append(all, row)
		if len(all) > 2*MaxRows {
			return nil, fmt.Errorf("it has more than %d rows; divide it", MaxRows)
		}
	}
}

func readSheet(data []byte) (all [][]string, err error) {
	file, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxSheet, UnzipXMLSizeLimit: maxSheet})
	if err != nil {
		return nil, fmt.Errorf("it cannot be opened as a workbook; save it again as XLSX: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	names := file.GetSheetList()
	if len(names) == 0 {
		return nil, errors.New("it has no sheet")
	}
	rows, err := file.Rows(names[0])
	if err != nil {
		return nil, fmt.Errorf("read its first sheet: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row, err := rows.Columns()
		if err != nil {
			return nil, fmt.Errorf("read row %d: %w", len(all)+1, err)
		}
		if all = append(all, row); len(all) > 2*MaxRows {
			return nil, fmt.Errorf("it has more than %d rows; divide it", MaxRows)
		}
	}
	return all, rows.Error()
}

// Rules are what a list is checked by, apart from the list itself.
type Rules struct {
	Phone   func(raw string) (e164 string, ok bool) // reads a number as people write it
	Allowed func(e164 string) bool                  // says whether the number may be dialled from here
}

// Checked is a list that was checked: Good are the rows that may be imported.
type Checked struct {
	Good   []Row
	Faults []RowFault // in the order of the rows
}

// checked reads every row by the rules, and finds what is in the list twice.
func (c Campaign) checked(rows []Row, rules Rules) Checked {
	var out Checked
	phones, mails := map[string]int{}, map[string]int{}
	for _, r := range rows {
		why := c.row(&r, rules)
		other := 0
		if n := phones[r.Phone]; why == "" && r.Phone != "" && n > 0 {
			why, other = WhyTwice, n
		}
		if n := mails[r.Mail]; why == "" && r.Mail != "" && n > 0 {
			why, other = WhyTwice, n
		}
		if why != "" {
			out.Faults = append(out.Faults, RowFault{r.Row, why, other})
			continue
		}
		phones[r.Phone], mails[r.Mail] = r.Row, r.Row
		out.Good = append(out.Good, r)
	}
	return out
}

// row makes a row what is stored, or says why it cannot be.
func (c Campaign) row(r *Row, rules Rules) Why {
	if c.Way == Outbound {
		r.Mail = "" // nobody writes to them
	}
	if r.Phone == "" && r.Mail == "" {
		return WhyEmpty
	}
	for _, cell := range []string{r.Mail, r.Name, r.Ref, r.Lang} {
		if len(cell) > maxCell || !utf8.ValidString(cell) || strings.ContainsRune(cell, 0) {
			return WhyLong
		}
	}
	lang, ok := langs[strings.ToLower(r.Lang)]
	if !ok {
		return WhyLang
	}
	r.Lang = lang
	if r.Mail != "" {
		at, err := mail.ParseAddress(r.Mail)
		if err != nil {
			return WhyMail
		}
		r.Mail = strings.ToLower(at.Address)
	}
	if r.Phone != "" {
		e164, ok := rules.Phone(r.Phone)
		if !ok {
			return WhyPhone
		}
		r.Phone = e164
		if !rules.Allowed(e164) {
			return WhyPrefix
		}
	}
	return ""
}

// Check says which rows of a list may be imported into a campaign, and what is wrong with the others. It writes nothing.
func (s *Store) Check(ctx context.Context, c Campaign, rows []Row, rules Rules) (Checked, error) {
	out := c.checked(rows, rules)
	var phones, mails []string
	for _, r := range out.Good {
		phones, mails = append(phones, r.Phone), append(mails, r.Mail)
	}
	found, err := s.pool.Query(ctx, `select phone, 'do_not_call' from do_not_call where phone = any ($2) union all
		select phone, 'known' from campaign_contacts where campaign = $1 and phone = any ($2) and phone <> '' union all
		select mail, 'known' from campaign_contacts where campaign = $1 and mail = any ($3) and mail <> ''`, c.ID, phones, mails)
	if err != nil {
		return Checked{}, fmt.Errorf("compare a list with %s: %w", c.ID, err)
	}
	taken := map[string]Why{}
	var what string
	var why Why
	if _, err := pgx.ForEachRow(found, []any{&what, &why}, func() error { taken[what] = why; return nil }); err != nil {
		return Checked{}, fmt.Errorf("compare a list with %s: %w", c.ID, err)
	}
	good := out.Good[:0]
	for _, r := range out.Good {
		why := taken[r.Phone]
		if why == "" && r.Mail != "" {
			why = taken[r.Mail]
		}
		if why != "" {
			out.Faults = append(out.Faults, RowFault{Row: r.Row, Why: why})
			continue
		}
		good = append(good, r)
	}
	out.Good = good
	slices.SortStableFunc(out.Faults, func(a, b RowFault) int { return a.Row - b.Row })
	return out, nil
}
