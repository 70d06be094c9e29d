package demo_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/customer"
	"hotline/internal/demo"
	"hotline/internal/pg"
	"hotline/internal/pg/pgtest"
)

var now = time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC)

// cheap hashes as weakly as argon2id can: what is stored is not under test.
func cheap(password string) (string, error) {
	return argon2id.CreateHash(password, &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
}

func generate(t *testing.T, o demo.Options) *pgxpool.Pool {
	t.Helper()
	pool := pgtest.Pool(t)
	o.Now, o.Hash = now, cheap
	if _, err := demo.Seed(t.Context(), pool, o); err != nil {
		t.Fatal(err)
	}
	made, err := demo.Generate(t.Context(), pool, o)
	if err != nil || !made {
		t.Fatalf("made %t, %v", made, err)
	}
	return pool
}

func number(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) (n float64) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestSeedMakesTheCompanyOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	var before []demo.Login
	for range 2 {
		logins, err := demo.Seed(t.Context(), pool, demo.Options{Hash: cheap})
		if err != nil {
			t.Fatal(err)
		}
		if before != nil && len(logins) != len(before) {
			t.Errorf("%d logins the second time, %d the first", len(logins), len(before))
		}
		before = logins
	}
	for sql, least := range map[string]float64{
		`select count(*) from users where role = 'agent' and active`:                                9,
		`select count(distinct role) from users`:                                                    4,
		`select count(distinct queue_id) from queue_members`:                                        3,
		`select min(n) from (select count(*) n from queue_members group by queue_id) q`:             3,
		`select count(*) from lines where number = '+886800000123' and flow = 'main'`:               1,
		`select count(*) from reasons where active`:                                                 5,
		`select count(*) from dispositions where active`:                                            4,
		`select count(*) from products where name <> '' and name_en <> '' and category <> ''`:       20,
		`select count(*) from calendar_days d join calendars c on c.name = d.calendar and c.office`: 2,
	} {
		if n := number(t, pool, sql); n < least {
			t.Errorf("%s: %v, want at least %v", sql, n, least)
		}
	}
	var hash string
	if err := pool.QueryRow(t.Context(), `select password_hash from users where login = $1`, before[0].Login).Scan(&hash); err != nil {
		t.Fatal(err)
	}
	if ok, err := argon2id.ComparePasswordAndHash(before[0].Password, hash); err != nil || !ok {
		t.Errorf("the password doesn't fit: %t, %v", ok, err)
	}
}

func TestTheSmallSetFitsTogether(t *testing.T) {
	t.Parallel()
	began := time.Now()
	pool := generate(t, demo.Options{Customers: 2000, Calls: 20_000, Seed: 1})
	t.Logf("made in %s", time.Since(began))

	for sql, want := range map[string]float64{
		`select count(*) from customers`:                 2000,
		`select count(*) from calls where campaign = ''`: 20_000,
		// A list of forty is ready, and one of 120 is done with.
		`select count(*) from campaign_contacts where campaign = 'demo' and state = 'waiting'`:              40,
		`select count(*) from campaign_contacts where campaign = 'demo-members' and settled_at is not null`: 120,
		// Who orders is sold to, so that phrases can be set against it.
		`select count(*) from contacts t join calls c on c.id = t.call_id where t.subject like '訂購：%' and (c.disposition = 'sold') is not true`: 0,
	} {
		if n := number(t, pool, sql); n != want {
			t.Errorf("%s: %v, want %v", sql, n, want)
		}
	}
	for _, sql := range []string{
		`select count(*) from customer_phones where e164 !~ '^\+886900[0-9]{6}$'`,
		`select count(*) from calls where caller_e164 !~ '^\+886900[0-9]{6}$'`,
		`select count(*) from calls where ended_at is null or outcome is null or ended_at > '2026-11-23 07:30Z' or arrived_at > ended_at`,
		`select count(*) from calls where queued_at < arrived_at or answered_at < queued_at or ended_at < answered_at`,
		`select count(*) from calls where (outcome = 'answered') <> (answered_at is not null and agent_id is not null and disposition is not null)`,
		`select count(*) from calls where anonymous and (caller_e164 is not null or customer_id is not null)`,
		`select count(*) from calls c where agent_id is not null and not exists (select from queue_members m where m.user_id = c.agent_id and m.queue_id = c.queue_id)`,
		`select count(*) from calls c where disposition is not null and not exists (select from dispositions d where d.code = c.disposition)`,
		`select count(*) from (select answered_at, max(ended_at) over (partition by agent_id order by answered_at, id
				rows between unbounded preceding and 1 preceding) as busy from calls where agent_id is not null) c
			where answered_at < busy - interval '60 s'`, // a minute: the caller's survey needs no agent
		`select count(*) from calls c where customer_id is not null and not exists (select from contacts t where t.call_id = c.id and t.customer_id = c.customer_id and t.at = c.arrived_at)`,
		`select count(*) from calls c where customer_id is not null and not exists (select from customer_phones p where p.customer_id = c.customer_id and p.e164 = c.caller_e164)`,
		`select count(*) from calls c join customers k on k.id = c.customer_id where c.arrived_at < k.created_at`,
		`select count(*) from contacts t join customers k on k.id = t.customer_id where t.at < k.created_at or t.at > '2026-11-23 07:30Z'`,
		`select count(*) from survey_answers s left join calls c on c.id = s.call_id where s.way = 'phone' and (c.outcome is distinct from 'answered' or s.at not between c.answered_at and c.ended_at)`,
		`select count(*) from survey_answers where value not between 0 and 10 or question = 'satisfaction' and value not between 1 and 5`,
		`select count(*) from survey_answers s where question = 'recommendation' and not exists (select from survey_answers o where o.call_id = s.call_id and o.question = 'satisfaction')`,
		`select count(*) from survey_answers where version !~ '^[0-9a-f]{6,}$'`,
		`select count(*) from survey_offers o join calls c on c.id = o.call_id where o.way = 'phone' and (o.offered_at not between c.answered_at and c.ended_at or o.finished_at > c.ended_at)`,
		`select count(*) from survey_offers o where o.finished_at is not null and not exists (select from survey_answers a where a.call_id = o.call_id and a.question = 'recommendation')`,
		`select count(*) from survey_answers where at > '2026-11-23 07:30Z'`,
		`select count(*) from survey_offers o where (o.way = 'outbound') <> (o.campaign <> '') or (o.campaign = '') <> (o.occasion <> '') or (o.way = 'link') <> (o.occasion = 'link')`,
		`select count(*) from survey_answers a join survey_offers o using (call_id, survey) where (a.way, a.campaign, a.occasion) <> (o.way, o.campaign, o.occasion) or a.at < o.offered_at`,
		// What came of a contact is what its last call came to, and its call's rows tell the same.
		`select count(*) from campaign_contacts k left join campaign_attempts a on a.contact_id = k.id and a.n = k.attempts
			where k.campaign = 'demo-members' and (k.attempts > 3 or k.attempts > 0 and (a.result is distinct from k.state or a.ended_at <> k.settled_at)
				or (k.attempts = 0) <> (k.state in ('do_not_call', 'recently_asked', 'expired')))`,
		`select count(*) from campaign_contacts k where k.campaign = 'demo-members' and k.state in ('complete', 'partial', 'silent') and not exists (
			select from campaign_attempts a join calls c on c.id = a.call_id join survey_offers o on o.call_id = c.id
			where a.contact_id = k.id and a.n = k.attempts and c.caller_e164 = k.phone and c.ended_at = k.settled_at and c.arrived_at = a.answered_at
				and case k.state when 'complete' then o.finished_at < c.ended_at when 'partial' then o.started_at < c.ended_at and o.finished_at is null else o.started_at is null end)`,
		`select count(*) from calls c where campaign <> '' and not exists (select from campaign_attempts a where a.call_id = c.id)`,
		`select count(*) from campaign_attempts a join campaign_contacts k on k.id = a.contact_id join survey_campaigns c on c.id = k.campaign
			where a.dialled_at not between c.started_at and c.finished_at or extract(hour from a.dialled_at at time zone 'Asia/Taipei') not between 9 and 20`,
		`select count(*) from tasks t where closed_at > '2026-11-23 07:30Z' or (select count(*) from task_events e where e.task_id = t.id) <> case when closed_at is null then 1 else 3 end`,
		`select count(*) from orders o join products p on p.id = o.product where o.amount <> o.quantity * p.price`,
		`select count(*) from cases where opened_at > '2026-11-23 07:30Z' or closed_at < opened_at`,
		`select count(*) from customers c where tier is distinct from (
			select case when sum(amount) > 300000 then 'diamond' when sum(amount) > 100000 then 'platinum' when sum(amount) > 50000 then 'gold' end
			from orders o where o.customer_id = c.id and status not in ('cancelled', 'returned') and at > '2026-11-23 07:30Z'::timestamptz - interval '365 days')`,
	} {
		if n := number(t, pool, sql); n != 0 {
			t.Errorf("%v rows: %s", n, sql)
		}
	}
	// Shares, as a believable company has them.
	for sql, want := range map[string][2]float64{
		`select count(*) from tasks where closed_at is null`:                                                                                                   {1, 400},
		`select sum(offered)::float / (select sum(answered) from call_days) from survey_offer_days where campaign = ''`:                                        {0.78, 0.88},
		`select count(distinct occasion) from survey_days where campaign = ''`:                                                                                 {4, 4},
		`select avg(value) filter (where occasion = 'key') - avg(value) filter (where occasion = 'after') from survey_answers where question = 'satisfaction'`: {0.1, 0.5},
		`select avg((state in ('complete', 'partial'))::int) from campaign_contacts where campaign = 'demo-members'`:                                           {0.4, 0.7},
		`select count(distinct state) from campaign_contacts where campaign = 'demo-members'`:                                                                  {8, 12},
		`select avg((outcome = 'answered')::int) from calls`:                                                                                                   {0.85, 0.97},
		`select avg((outcome = 'abandoned')::int) from calls`:                                                                                                  {0.01, 0.08},
		`select avg(anonymous::int) from calls`:                                                                                                                {0.02, 0.06},
		`select avg((answered_at - queued_at <= interval '20 s')::int) from calls where answered_at is not null`:                                               {0.7, 0.97},
		`select avg(value) from survey_answers where question = 'satisfaction'`:                                                                                {3.5, 4.6},
		`select count(distinct call_id)::float / (select count(*) from calls) from survey_answers`:                                                             {0.25, 0.45},
		`select avg((tier is not null)::int) from customers`:                                                                                                   {0.03, 0.15},
		`select count(*)::float / 2000 from cases where closed_at is null`:                                                                                     {0.005, 0.05},
		`select count(*) from (select e164 from customer_phones group by 1 having count(*) > 1) s`:                                                             {20, 80},
		`select count(distinct channel) from contacts`:                                                                                                         {7, 7},
		`select corr(a.value, b.value) from survey_answers a join survey_answers b using (call_id) where a.question < b.question`:                              {0.5, 1},
		`select avg((extract(hour from arrived_at at time zone 'Asia/Taipei') in (10, 11))::int) from calls`:                                                   {0.22, 0.32},
		`select count(*) from calls where arrived_at > '2026-11-22 16:00Z'`:                                                                                    {30, 400},
		`select count(distinct name) from customers`:                                                                                                           {1500, 2000},
	} {
		if n := number(t, pool, sql); n < want[0] || n > want[1] {
			t.Errorf("%v, want %v to %v: %s", n, want[0], want[1], sql)
		}
	}

	// The next customer gets a number of their own, and the desk's reading is right.
	s := customer.NewStore(pool)
	made, err := s.Create(t.Context(), customer.Customer{Name: "新客戶"})
	if err != nil || made != 2001 {
		t.Errorf("the next customer is %d, %v", made, err)
	}
	pop, err := s.Pop(t.Context(), demo.Number(5, 2000), 0)
	if err != nil || pop.Customer == nil || pop.Customer.ID != 6 || len(pop.Contacts) != 3 {
		t.Errorf("pop of the sixth customer: %+v, %v", pop, err)
	}
	if both, err := s.Lookup(t.Context(), demo.Number(39, 2000)); err != nil || len(both) != 2 {
		t.Errorf("on a shared number: %+v, %v", both, err)
	}
	if none, err := s.Lookup(t.Context(), demo.Number(2000, 2000)); err != nil || len(none) != 0 {
		t.Errorf("on nobody's number: %+v, %v", none, err)
	}
}

// fingerprint is hashes over all that was made.
func fingerprint(t *testing.T, pool *pgxpool.Pool) string {
	t.Helper()
	var sums []string
	for _, table := range [][2]string{
		{"customers", "id"},
		{"customer_phones", "e164, customer_id"},
		{"orders", "id"},
		{"cases", "id"},
		{"contacts", "id"},
		{"calls", "id"},
		{"survey_answers", "call_id, question"},
		{"survey_offers", "call_id"},
		{"tasks", "key"},
		{"campaign_contacts", "id"},
		{"campaign_attempts", "contact_id, n"},
	} {
		var sum string
		sql := fmt.Sprintf(`select coalesce(md5(string_agg(x::text, ';' order by %s)), '') from %s x`, table[1], table[0])
		if err := pool.QueryRow(t.Context(), sql).Scan(&sum); err != nil {
			t.Fatal(err)
		}
		sums = append(sums, sum)
	}
	return strings.Join(sums, " ")
}

func TestTheSameOptionsMakeTheSame(t *testing.T) {
	t.Parallel()
	o := demo.Options{Customers: 300, Calls: 900, Days: 20, Seed: 7}
	a, b := generate(t, o), generate(t, o)
	if fingerprint(t, a) != fingerprint(t, b) {
		t.Error("the same seed made different data")
	}
	o.Seed = 8
	if fingerprint(t, generate(t, o)) == fingerprint(t, a) {
		t.Error("another seed made the same data")
	}
	before := fingerprint(t, a)
	if made, err := demo.Generate(t.Context(), a, o); err != nil || made {
		t.Errorf("a second time: made %t, %v", made, err)
	}
	if fingerprint(t, a) != before {
		t.Error("a second time changed the data")
	}
}

func TestMainTellsTheAccounts(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	dsn := pgtest.EmptyDSN(t)
	o := demo.Options{Customers: 50, Calls: 100, Seed: 1, Now: now, Hash: cheap}
	for range 2 {
		out.Reset()
		if err := demo.Main(t.Context(), pg.Config{DSN: dsn}, o, &out); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "yijun") || !strings.Contains(out.String(), demo.Password) {
			t.Errorf("printed %s", out.String())
		}
	}
	if !strings.Contains(out.String(), "already") {
		t.Errorf("the second time it printed %s", out.String())
	}
	err := demo.Main(t.Context(), pg.Config{MaxConns: -1}, demo.Options{Calls: -1}, &out)
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("faults: %v", err)
	}
}

func TestGenerateNeedsTheCompany(t *testing.T) {
	t.Parallel()
	if _, err := demo.Generate(t.Context(), pgtest.Pool(t), demo.Options{Customers: 1, Now: now}); err == nil {
		t.Error("calls without agents")
	}
}

func TestNumbersAreGivenOutOnce(t *testing.T) {
	seen := map[string]int{}
	for i := range 20_000 {
		n := demo.Number(i, 20_000)
		if _, err := customer.ParsePhone(n); err != nil {
			t.Fatalf("%s: %v", n, err)
		}
		if seen[n]++; seen[n] > 2 {
			t.Fatalf("%s is given out %d times", n, seen[n])
		}
	}
	if got := demo.Number(20_000, 20_000); seen[got] != 0 {
		t.Errorf("%s belongs to somebody", got)
	}
}
