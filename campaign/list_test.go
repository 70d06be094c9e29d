package campaign

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/traditionalchinese"
)

// readRules take numbers of ten digits, and dial only mobile ones.
var readRules = Rules{
	Phone: func(raw string) (string, bool) {
		digits := strings.ReplaceAll(raw, "-", "")
		if len(digits) != 10 || digits[0] != '0' {
			return "", false
		}
		return "+886" + digits[1:], true
	},
	Allowed: func(e164 string) bool { return strings.HasPrefix(e164, "+8869") },
}

func workbook(t testing.TB, rows ...[]any) []byte {
	f := excelize.NewFile()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadList(t *testing.T) {
	big5, err := traditionalchinese.Big5.NewEncoder().String("姓名,電話\n王大明,0912-345-678\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ what, data, want string }{
		{"no heading", "0912-345-678,王大明\n0912345679\n", "1 0912-345-678 王大明, 2 0912345679 "},
		{"mark, heading, other order", "\ufeff姓名,手機,編號\r\n王大明,0912345678,A1\r\n", "2 0912345678 王大明 A1"},
		{"Big5", big5, "2 0912-345-678 王大明"},
		{"semicolons", "Phone;Name\n0912345678;Ann\n", "2 0912345678 Ann"},
		{"empty lines are counted, and left out", "電話\n\n0912345678\n , \n0912345679\n", "3 0912345678, 5 0912345679"},
		{"workbook", string(workbook(t, []any{"電話", "姓名"}, []any{"0912345678", "王"}, []any{}, []any{912345679, "李"})), "2 0912345678 王, 4 912345679 李"},
	} {
		rows, err := ReadList([]byte(tt.data))
		if err != nil {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		var got []string
		for _, r := range rows {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", r.Row, r.Phone, r.Name, r.Ref)))
		}
		if want := strings.Split(tt.want, ", "); !slices.Equal(trim(want), got) {
			t.Errorf("%s: %q, want %q", tt.what, got, want)
		}
	}
	for what, data := range map[string]string{
		"nothing": "", "only a heading": "電話\n", "a picture": "\x89PNG\x00\x01", "a broken workbook": "PK\x03\x04nothing", "too many": strings.Repeat("1\n", MaxRows+1),
	} {
		if _, err := ReadList([]byte(data)); !errors.Is(err, ErrList) {
			t.Errorf("%s: %v, want a refusal", what, err)
		}
	}
}

func trim(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = strings.TrimSpace(s)
	}
	return out
}

func TestRowsAreChecked(t *testing.T) {
	rows, err := ReadList([]byte("phone,name,mail,lang\n0912345678,a,,\n0912-345-678,b,,\n119,c,,\n0222345678,d,,\n,e,x@example.com,\n0912345670,f,,klingon\n0912345671,g,,English\n" +
		"0912345672," + strings.Repeat("x", 300) + ",,\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := Campaign{Way: Outbound}.checked(rows, readRules)
	if want := []RowFault{{3, WhyTwice, 2}, {4, WhyPhone, 0}, {5, WhyPrefix, 0}, {6, WhyEmpty, 0}, {7, WhyLang, 0}, {9, WhyLong, 0}}; !slices.Equal(got.Faults, want) {
		t.Errorf("faults %v, want %v", got.Faults, want)
	}
	if len(got.Good) != 2 || got.Good[0].Phone != "+886912345678" || got.Good[1].Lang != "en" {
		t.Errorf("good: %v", got.Good)
	}
	rows = []Row{{Row: 1, Mail: "a@Example.com"}, {Row: 2, Mail: "A <a@example.com>"}, {Row: 3, Mail: "nobody"}, {Row: 4, Phone: "0912345678", Mail: "b@example.com"}}
	got = Campaign{Way: Link}.checked(rows, readRules)
	if want := []RowFault{{2, WhyTwice, 1}, {3, WhyMail, 0}}; !slices.Equal(got.Faults, want) || len(got.Good) != 2 {
		t.Errorf("of links: faults %v, want %v; good %v", got.Faults, want, got.Good)
	}
}

func FuzzReadList(f *testing.F) {
	f.Add([]byte("電話,姓名\n0912345678,王\n"))
	f.Add([]byte("a;b\n\"x\ny\";2\n"))
	f.Add(workbook(f, []any{"電話"}, []any{"0912345678"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := ReadList(data)
		if err != nil && !errors.Is(err, ErrList) {
			t.Fatalf("another error: %v", err)
		}
		last := 0
		for _, r := range rows {
			if r.Row <= last {
				t.Fatalf("row %d after row %d", r.Row, last)
			}
			last = r.Row
		}
		c := Campaign{Way: Link}.checked(rows, readRules)
		if len(c.Good)+len(c.Faults) != len(rows) {
			t.Fatalf("%d rows are %d good and %d faulty ones", len(rows), len(c.Good), len(c.Faults))
		}
	})
}
