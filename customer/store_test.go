package customer_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/customer"
	"hotline/internal/pg/pgtest"
)

var noon = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)

func newStore(t *testing.T) (*customer.Store, *pgxpool.Pool) {
	t.Helper()
	pool := pgtest.Pool(t)
	return customer.NewStore(pool), pool
}

func mustExec(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func create(t *testing.T, s *customer.Store, name string, tier customer.Tier, phones ...string) int64 {
	t.Helper()
	id, err := s.Create(t.Context(), customer.Customer{Name: name, Tier: tier, Phones: phones})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func addContact(t *testing.T, s *customer.Store, c customer.Contact) int64 {
	t.Helper()
	if c.Channel == "" {
		c.Channel, c.Direction = customer.ChannelPhone, customer.In
	}
	id, err := s.AddContact(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestPopShowsTheOnlyCustomerOnTheNumber(t *testing.T) {
	s, pool := newStore(t)
	const number = "+886912345678"
	wang := create(t, s, "王小明", customer.TierPlatinum, number, "+886223456789", number)
	other := create(t, s, "林美玲", customer.TierNone, "+886900000001")
	mustExec(t, pool, `insert into users (id, login, name, password_hash, role, scope) values ('u1', 'amy', '陳怡君', '', 'agent', 'own')`)
	mustExec(t, pool, `insert into products values ('p1', '不沾平底鍋', 'Non-stick pan', 1280, 'kitchen')`)
	for i := range 5 {
		addContact(t, s, customer.Contact{CustomerID: wang, At: noon.AddDate(0, 0, -i), Subject: string(rune('A' + i)), AgentID: "u1"})
		mustExec(t, pool, `insert into orders values ($1, $2, $3, 'p1', 1, 1280, 'delivered')`, "HL"+string(rune('0'+i)), wang, noon.AddDate(0, 0, -i))
	}
	addContact(t, s, customer.Contact{CustomerID: other, At: noon, Subject: "not his"})
	mustExec(t, pool, `insert into cases values ('CS1', $1, '鍋柄鬆脫', 'in_progress', $2, null), ('CS0', $1, '舊案', 'closed', $2, $2)`, wang, noon)

	pop, err := s.Pop(t.Context(), number, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(pop.Candidates) != 1 || pop.Candidates[0].OpenCases != 1 || !pop.Candidates[0].LastContact.Equal(noon) {
		t.Errorf("candidates = %+v", pop.Candidates)
	}
	if c := pop.Customer; c == nil || c.ID != wang || c.Name != "王小明" || c.Tier != customer.TierPlatinum ||
		!slices.Equal(c.Phones, []string{"+886223456789", number}) {
		t.Errorf("customer = %+v", c)
	}
	if len(pop.OpenCases) != 1 || pop.OpenCases[0].ID != "CS1" {
		t.Errorf("open cases = %+v", pop.OpenCases)
	}
	if len(pop.Contacts) != 3 || pop.Contacts[0].Subject != "A" || pop.Contacts[2].Subject != "C" || pop.Contacts[0].AgentName != "陳怡君" {
		t.Errorf("contacts = %+v", pop.Contacts)
	}
	if len(pop.Orders) != 3 || pop.Orders[0].ID != "HL0" || pop.Orders[0].Product != "不沾平底鍋" {
		t.Errorf("orders = %+v", pop.Orders)
	}
}

func TestPopLetsSomebodyChooseAmongSeveral(t *testing.T) {
	s, _ := newStore(t)
	const number = "+886912345678"
	never := create(t, s, "李大華", customer.TierNone, number)
	older := create(t, s, "李小華", customer.TierNone, number)
	newer := create(t, s, "李美華", customer.TierGold, number)
	addContact(t, s, customer.Contact{CustomerID: older, At: noon.Add(-time.Hour), Subject: "older"})
	addContact(t, s, customer.Contact{CustomerID: newer, At: noon, Subject: "newer"})

	pop, err := s.Pop(t.Context(), number, 0)
	if err != nil {
		t.Fatal(err)
	}
	var order []int64
	for _, m := range pop.Candidates {
		order = append(order, m.ID)
	}
	if !slices.Equal(order, []int64{newer, older, never}) {
		t.Errorf("candidates in the order %v, want %v", order, []int64{newer, older, never})
	}
	if pop.Customer != nil || len(pop.Contacts) != 0 {
		t.Errorf("chosen before anybody did: %+v, %+v", pop.Customer, pop.Contacts)
	}
	if found, err := s.Lookup(t.Context(), number); err != nil || len(found) != 3 || found[0].ID != newer {
		t.Errorf("Lookup = %+v, %v", found, err)
	}

	pop, err = s.Pop(t.Context(), number, older)
	if err != nil || pop.Customer == nil || pop.Customer.ID != older || len(pop.Contacts) != 1 || len(pop.Candidates) != 3 {
		t.Errorf("after the choice: %+v, %v", pop, err)
	}
}

func TestPopOfUnknownAndWithheldNumbers(t *testing.T) {
	s, _ := newStore(t)
	wang := create(t, s, "王小明", customer.TierNone, "+886912345678")
	for _, number := range []string{"", "+886999999999"} {
		pop, err := s.Pop(t.Context(), number, 0)
		if err != nil || pop.Customer != nil || len(pop.Candidates) != 0 || pop.Contacts == nil || pop.Orders == nil || pop.OpenCases == nil {
			t.Errorf("Pop(%q) = %+v, %v; want empty lists, not null", number, pop, err)
		}
	}
	if pop, err := s.Pop(t.Context(), "", wang); err != nil || pop.Customer == nil || pop.Customer.ID != wang {
		t.Errorf("withheld, but chosen by search: %+v, %v", pop, err)
	}
	if _, err := s.Pop(t.Context(), "", 999); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("Pop of nobody: %v", err)
	}
	if _, err := s.Get(t.Context(), 999); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("Get of nobody: %v", err)
	}
}

func TestHistoryPages(t *testing.T) {
	s, _ := newStore(t)
	wang := create(t, s, "王小明", customer.TierNone)
	var want []int64
	for i := range 7 {
		// Two and two at the same moment: the id decides.
		want = append([]int64{addContact(t, s, customer.Contact{CustomerID: wang, At: noon.Add(time.Duration(i/2) * time.Hour)})}, want...)
	}
	var got []int64
	var at customer.Cursor
	for pages := 0; ; pages++ {
		page, next, err := s.History(t.Context(), wang, at, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			got = append(got, c.ID)
		}
		if next == (customer.Cursor{}) {
			if pages != 2 {
				t.Errorf("%d full pages before the last", pages)
			}
			break
		}
		if at, err = customer.ParseCursor(next.String()); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("history = %v, want %v", got, want)
	}
	for _, bad := range []string{"x", "1", "1.", ".1", "1.2.3", "a.b"} {
		if _, err := customer.ParseCursor(bad); !errors.Is(err, customer.ErrBadCursor) {
			t.Errorf("ParseCursor(%q): %v", bad, err)
		}
	}
}

func TestACallHasOneContact(t *testing.T) {
	s, _ := newStore(t)
	wang := create(t, s, "王小明", customer.TierNone)
	first := addContact(t, s, customer.Contact{CustomerID: wang, At: noon, Subject: "訂購", CallID: "hl1-1-1"})
	again := addContact(t, s, customer.Contact{CustomerID: wang, At: noon, Subject: "訂購 已解決", CallID: "hl1-1-1"})
	addContact(t, s, customer.Contact{CustomerID: wang, At: noon})
	addContact(t, s, customer.Contact{CustomerID: wang, At: noon})
	page, _, err := s.History(t.Context(), wang, customer.Cursor{}, 10)
	if err != nil || first != again || len(page) != 3 {
		t.Fatalf("ids %d and %d, %d contacts, %v", first, again, len(page), err)
	}
	if page[2].Subject != "訂購 已解決" {
		t.Errorf("subject = %q", page[2].Subject)
	}
	_, err = s.AddContact(t.Context(), customer.Contact{CustomerID: 999, At: noon, Channel: customer.ChannelWeb, Direction: customer.In})
	if !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("a contact of nobody: %v", err)
	}
}

func TestSearch(t *testing.T) {
	s, pool := newStore(t)
	wang := create(t, s, "王小明", customer.TierNone, "+886912345678")
	wangMing := create(t, s, "王明", customer.TierNone, "+886912345999")
	xiaoming := create(t, s, "陳小明", customer.TierGold, "+886223456789")
	smith := create(t, s, "John Smith", customer.TierNone, "+16502530000")
	mustExec(t, pool, `insert into products values ('p1', '鍋', 'Pan', 1, 'kitchen')`)
	mustExec(t, pool, `insert into orders values ('HL20261120-0001', $1, $2, 'p1', 1, 1, 'placed')`, smith, noon)

	for _, c := range []struct {
		text string
		want []int64
		why  string
	}{
		{"王小明", []int64{wang}, "name"},
		{"王明", []int64{wangMing}, "name"},
		{"小明", []int64{wang, xiaoming}, "name"},
		{"陳 小明", []int64{xiaoming}, "name"},
		{"john", []int64{smith}, "name"},
		{"ＪＯＨＮ ｓｍｉｔｈ", []int64{smith}, "name"},
		{"林", nil, "name"},
		{"0912-345-678", []int64{wang}, "phone"},
		{"０９１２３４５６７８", []int64{wang}, "phone"},
		{"0912345", []int64{wang, wangMing}, "phone"},
		{"88691234", []int64{wang, wangMing}, "phone"},
		{"(02)2345-6789#12", []int64{xiaoming}, "phone"},
		{"+1 650-253-0000", []int64{smith}, "phone"},
		{"HL20261120-0001", []int64{smith}, "order"},
		{"hl20261120", []int64{smith}, "order"},
		{"", nil, ""},
		{"   ", nil, ""},
		{"%", nil, ""},
		{"_", nil, ""},
		{"\x00", nil, ""},
		{"'; drop table customers", nil, ""},
	} {
		found, err := s.Search(t.Context(), c.text, 10)
		if err != nil {
			t.Errorf("Search(%q): %v", c.text, err)
			continue
		}
		var got []int64
		for _, f := range found {
			got = append(got, f.ID)
			if f.Why != c.why {
				t.Errorf("Search(%q) found %d by %s, want %s", c.text, f.ID, f.Why, c.why)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("Search(%q) = %v, want %v", c.text, got, c.want)
		}
	}
	if found, err := s.Search(t.Context(), "小明", 1); err != nil || len(found) != 1 {
		t.Errorf("limited to one: %+v, %v", found, err)
	}
}

func TestACancelledLookupSaysSo(t *testing.T) {
	s, _ := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Pop(ctx, "+886912345678", 0); !errors.Is(err, context.Canceled) {
		t.Errorf("Pop: %v", err)
	}
}

func TestTierFor(t *testing.T) {
	for spend, want := range map[int64]customer.Tier{
		0: "", 50_000: "", 50_001: "gold", 100_000: "gold", 100_001: "platinum", 300_000: "platinum", 300_001: "diamond",
	} {
		if got := customer.TierFor(spend); got != want {
			t.Errorf("TierFor(%d) = %q, want %q", spend, got, want)
		}
	}
}
