package customer_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"hotline/customer"
)

func TestParsePhone(t *testing.T) {
	for _, c := range []struct{ raw, e164, ext string }{
		// Mobile, as people write it.
		{"0912-345-678", "+886912345678", ""},
		{"0912345678", "+886912345678", ""},
		{"0912 345 678", "+886912345678", ""},
		{"0912-345678", "+886912345678", ""},
		{"0912/345/678", "+886912345678", ""},
		{"0912.345.678", "+886912345678", ""},
		{" 0912–345–678 ", "+886912345678", ""},
		{"０９１２－３４５－６７８", "+886912345678", ""},
		{"０９１２　３４５　６７８", "+886912345678", ""},
		{"\u202a0912-345-678\u202c", "+886912345678", ""},
		{"912345678", "+886912345678", ""},
		{"0900-000-000", "+886900000000", ""},
		{"0900999999", "+886900999999", ""},
		// With the country code.
		{"+886912345678", "+886912345678", ""},
		{"+886-912-345-678", "+886912345678", ""},
		{"+886 0912 345 678", "+886912345678", ""},
		{"+886(0)912345678", "+886912345678", ""},
		{"＋８８６９１２３４５６７８", "+886912345678", ""},
		{"886912345678", "+886912345678", ""},
		{"886-912-345-678", "+886912345678", ""},
		{"8860912345678", "+886912345678", ""},
		{"00886912345678", "+886912345678", ""},
		{"16502530000", "+16502530000", ""},
		{"85221234567", "+85221234567", ""},
		{"886223456789", "+886223456789", ""},
		{"88637123456", "+88637123456", ""},
		// Landlines and extensions.
		{"(02)2345-6789#12", "+886223456789", "12"},
		{"（０２）２３４５－６７８９＃１２", "+886223456789", "12"},
		{"02-23456789 ext. 305", "+886223456789", "305"},
		{"02-2345-6789 分機 12", "+886223456789", "12"},
		{"02-2345-6789轉12", "+886223456789", "12"},
		{"02 2345 6789 x12", "+886223456789", "12"},
		{"02-2345-6789,12#", "+886223456789", "12"},
		{"(04)2234-5678", "+886422345678", ""},
		{"(037)123-456", "+88637123456", ""},
		{"(089)323-456", "+88689323456", ""},
		{"+886-2-2345-6789", "+886223456789", ""},
		// Toll-free.
		{"0800-000-123", "+886800000123", ""},
		{"0800000123", "+886800000123", ""},
		// Abroad.
		{"+1 650-253-0000", "+16502530000", ""},
		{"+81 3-1234-5678", "+81312345678", ""},
		{"+852 2123 4567", "+85221234567", ""},
		{"002 1 650 253 0000", "+16502530000", ""},
		{"009-81-3-1234-5678", "+81312345678", ""},
		{"+39 06 698 1234", "+39066981234", ""},
		// As SIP sends it.
		{"sip:0912345678@10.0.0.1;user=phone", "+886912345678", ""},
		{"sip:+886912345678@trunk.example", "+886912345678", ""},
		{`"王小明" <sip:0912345678@trunk.example>`, "+886912345678", ""},
		{"<tel:+886-2-2345-6789;ext=12>", "+886223456789", "12"},
		{"tel:0912345678;phone-context=+886", "+886912345678", ""},
		{"SIP:0912345678;cpc=ordinary@10.0.0.1", "+886912345678", ""},
	} {
		got, err := customer.ParsePhone(c.raw)
		if err != nil || got.E164 != c.e164 || got.Ext != c.ext {
			t.Errorf("ParsePhone(%q) = %q ext %q, %v; want %q ext %q", c.raw, got.E164, got.Ext, err, c.e164, c.ext)
		}
	}
}

func TestParsePhoneRefuses(t *testing.T) {
	for _, c := range []struct {
		raw  string
		want error
	}{
		{"", customer.ErrWithheld},
		{"   ", customer.ErrWithheld},
		{"\u200b", customer.ErrWithheld},
		{"anonymous", customer.ErrWithheld},
		{"Anonymous", customer.ErrWithheld},
		{`"Anonymous" <sip:anonymous@anonymous.invalid>`, customer.ErrWithheld},
		{"sip:anonymous@anonymous.invalid", customer.ErrWithheld},
		{"Restricted", customer.ErrWithheld},
		{"unknown", customer.ErrWithheld},
		{"未顯示號碼", customer.ErrWithheld},
		{"1001", customer.ErrIncomplete},
		{"119", customer.ErrIncomplete},
		{"0", customer.ErrIncomplete},
		{"+", customer.ErrNotPhone},
		{"2345-6789", customer.ErrIncomplete},
		{"8869-1234", customer.ErrIncomplete},
		{"11111111111", customer.ErrNotPhone},
		{"+886912", customer.ErrIncomplete},
		{"alice", customer.ErrNotPhone},
		{"sip:alice@example.com", customer.ErrNotPhone},
		{"0800-FLOWERS", customer.ErrNotPhone},
		{"09123456789012345678", customer.ErrNotPhone},
		{"0912-345-6789", customer.ErrNotPhone},
		{"+999123456789", customer.ErrNotPhone},
		{"+++886912345678", customer.ErrNotPhone},
		{"0912345678'; drop table customers; --", customer.ErrNotPhone},
		{"<script>", customer.ErrNotPhone},
		{"<>", customer.ErrWithheld},
		{"\x00\x01", customer.ErrWithheld},
		{"\xff\xfe0912345678", customer.ErrNotPhone},
		{strings.Repeat("9", 5000), customer.ErrNotPhone},
		{"٠٩١٢٣٤٥٦٧٨", customer.ErrNotPhone},
	} {
		got, err := customer.ParsePhone(c.raw)
		if !errors.Is(err, c.want) || got != (customer.Number{}) {
			t.Errorf("ParsePhone(%q) = %+v, %v; want %v", c.raw, got, err, c.want)
		}
	}
}

func FuzzParsePhone(f *testing.F) {
	for _, s := range []string{"0912-345-678", "(02)2345-6789#12", "sip:+886912345678@x;user=phone", "<tel:1>", "anonymous", "＋８８６", "#1", "x1", "002200000000000", "00298    00000 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		n, err := customer.ParsePhone(raw)
		if err != nil {
			return
		}
		again, err := customer.ParsePhone(n.E164)
		if err != nil || again.E164 != n.E164 || again.Ext != "" {
			t.Errorf("ParsePhone(%q) = %q, which parses to %+v, %v", raw, n.E164, again, err)
		}
		if customer.MaskPhone(n.E164) == customer.FormatPhone(n.E164) {
			t.Errorf("MaskPhone(%q) hides nothing", n.E164)
		}
	})
}

func TestFormatAndMaskPhone(t *testing.T) {
	for _, c := range []struct{ e164, shown, masked string }{
		{"+886912345678", "0912-345-678", "0912-***-678"},
		{"+886800000123", "0800-000-123", "0800-***-123"},
		{"+886223456789", "02-2345-6789", "02-23**-*789"},
		{"+88637123456", "037-123-456", "037-1**-456"},
		{"+16502530000", "+1 650-253-0000", "+1 650-***-*000"},
		{"", "", ""},
		{"alice", "alice", "alice"},
	} {
		if got := customer.FormatPhone(c.e164); got != c.shown {
			t.Errorf("FormatPhone(%q) = %q, want %q", c.e164, got, c.shown)
		}
		if got := customer.MaskPhone(c.e164); got != c.masked {
			t.Errorf("MaskPhone(%q) = %q, want %q", c.e164, got, c.masked)
		}
	}
}

func TestMaskName(t *testing.T) {
	for name, want := range map[string]string{
		"王小明": "王○明", "王明": "王○", "歐陽小明": "歐○○明", "王": "○", "": "", "John Smith": "J*** S***",
		"Ann": "A***", "  林 美玲 ": "○ 美○", "Éva": "É***",
	} {
		if got := customer.MaskName(name); got != want {
			t.Errorf("MaskName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestLogsShowNoNumber(t *testing.T) {
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("arrived", "caller", customer.Number{E164: "+886912345678"})
	if strings.Contains(out.String(), "345") || !strings.Contains(out.String(), "0912-***-678") {
		t.Errorf("logged %s", out.String())
	}
}
