package e2e

import (
	"fmt"
	"maps"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5"

	"hotline/campaign"
	"hotline/internal/calendar"
	"hotline/internal/sipphone"
)

// called is somebody whom a campaign calls, by the last digit of the number.
type called struct {
	does   string
	result campaign.Result
}

// people are who is called: of ten, three answer everything, one hangs up half-way, one says nothing, two are busy, one is out,
// one has an answering machine, and one declines.
var people = []called{
	{"answers", campaign.Complete},
	{"answers", campaign.Complete},
	{"answers", campaign.Complete},
	{"hangs up half-way", campaign.Partial},
	{"hangs up at once", campaign.Silent},
	{"is busy", campaign.Busy},
	{"is busy", campaign.Busy},
	{"is out", campaign.NoAnswer},
	{"has a machine", campaign.Machine},
	{"declines", campaign.Rejected},
}

const (
	campaignSize = 500
	campaignRing = 6 // seconds
	atOnce       = 30
)

// telephones is the other side of a trunk: each number behaves as people says.
type telephones struct {
	t     *testing.T
	phone *sipphone.Phone

	mu    sync.Mutex
	rung  map[string]int // by number
	now   int
	most  int
	asked int            // who hears a question
	whole map[string]int // who heard the end, by number
	greet []int16
	tape  []int16

	killed bool // the controller is to be killed: calls may end early
}

func newTelephones(t *testing.T) *telephones {
	t.Helper()
	p := &telephones{t: t, rung: map[string]int{}, whole: map[string]int{}, greet: tone(600 * time.Millisecond), tape: tone(8 * time.Second)}
	phone, err := sipphone.Listen(p.take)
	must(t, err)
	p.phone = phone
	t.Cleanup(func() { _ = phone.Close() })
	return p
}

// tone is something like a voice: loud, with a beat of syllables.
func tone(d time.Duration) []int16 {
	out := make([]int16, int(d.Seconds()*8000))
	for i := range out {
		at := float64(i) / 8000
		out[i] = int16(9000 * (0.7 + 0.3*math.Sin(2*math.Pi*4*at)) * math.Sin(2*math.Pi*300*at))
	}
	return out
}

func (p *telephones) take(in *sipphone.Incoming) {
	number := in.Number()
	who := people[number[len(number)-1]-'0']
	p.mu.Lock()
	p.rung[number]++
	p.now++
	p.most = max(p.most, p.now)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.now--
		p.mu.Unlock()
	}()
	if err := p.play(in, who.does); err != nil && !p.killed {
		p.t.Errorf("%s, who %s: %v", number, who.does, err)
	}
}

func (p *telephones) play(in *sipphone.Incoming, does string) error {
	if err := in.Ring(); err != nil {
		return err
	}
	switch does {
	case "is busy":
		in.Refuse(486)
		return nil
	case "declines":
		in.Refuse(603)
		return nil
	case "is out":
		select {
		case <-in.Gone():
			return nil
		case <-time.After(time.Minute):
			return fmt.Errorf("it rings for a minute")
		}
	}
	call, err := in.Answer()
	if err != nil {
		return err
	}
	ctx := limit(p.t, time.Minute)
	defer func() { _ = call.Hangup(ctx) }()
	if does == "has a machine" {
		call.Say(p.tape)
		return over(call, 20*time.Second)
	}
	call.Say(p.greet)
	if does == "hangs up at once" {
		return heard(call, time.Second)
	}
	// A question is heard before it is answered.
	if err := heard(call, time.Second); err != nil {
		return err
	}
	p.mu.Lock()
	p.asked++
	p.mu.Unlock()
	call.Press("4")
	if does == "hangs up half-way" {
		if !call.Flush() {
			return fmt.Errorf("the call ended first")
		}
		return heard(call, 2*time.Second)
	}
	if err := heard(call, 2*time.Second); err != nil {
		return err
	}
	call.Press("9#")
	if err := over(call, 40*time.Second); err != nil {
		return err
	}
	p.mu.Lock()
	p.whole[in.Number()]++
	p.mu.Unlock()
	return nil
}

// heard waits until so much more sound has come.
func heard(call *sipphone.Call, d time.Duration) error {
	taken, sound := len(call.Heard()), time.Duration(0)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	end := time.NewTimer(30 * time.Second)
	defer end.Stop()
	for sound < d {
		select {
		case <-tick.C:
		case <-call.Done():
			return fmt.Errorf("the call ended after %s of sound", sound)
		case <-end.C:
			return fmt.Errorf("%s of sound in 30 s", sound)
		}
		fresh := call.HeardSince(taken)
		taken += len(fresh)
		for _, packet := range fresh {
			if sipphone.RMS(packet.Samples) > 120 {
				sound += 20 * time.Millisecond
			}
		}
	}
	return nil
}

// over waits until the other side hangs up.
func over(call *sipphone.Call, d time.Duration) error {
	select {
	case <-call.Done():
		return nil
	case <-time.After(d):
		return fmt.Errorf("not hung up within %s", d)
	}
}

// number is the n-th that is called.
func number(n int) string { return fmt.Sprintf("+8869%08d", 10_000_000+n) }

// campaignStack is a stack whose calls go to the telephones.
func campaignStack(t *testing.T, others *telephones) *stack {
	t.Helper()
	return newStack(t, func(settings map[string]any) {
		settings["outbound"] = map[string]any{
			"endpoint":  fmt.Sprintf("PJSIP/loopback/sip:{number}@127.0.0.1:%d", others.phone.Port()),
			"caller_id": line, "at_once": atOnce, "per_second": 20,
		}
	})
}

// begin starts a campaign for so many numbers.
func (s *stack) begin(store *campaign.Store, size, attempts int) string {
	t := s.t
	t.Helper()
	ctx := limit(t, time.Minute)
	today := calendar.DateOf(time.Now())
	c, err := store.Create(ctx, campaign.Campaign{
		Name: "滿意度", Survey: "after-call", Way: campaign.Outbound, From: today, To: calendar.DateOf(time.Now().AddDate(0, 0, 1)), Lang: "zh-TW",
		Hours: calendar.Hours{{From: 0, To: 24 * 60}}, Zone: "UTC", Most: attempts, Ring: campaignRing, AtOnce: atOnce, PerSec: 20, Detect: true,
		Pauses: map[campaign.Result]int{campaign.Failed: 0},
	})
	must(t, err)
	var rows []campaign.Row
	for n := range size {
		rows = append(rows, campaign.Row{Row: n + 1, Phone: number(n)})
	}
	_, err = store.Add(ctx, c.ID, rows, time.Now())
	must(t, err)
	_, err = store.Start(ctx, c.ID, time.Now())
	must(t, err)
	return c.ID
}

// finished waits until nobody is called any more, and returns what came of it.
func (s *stack) finished(store *campaign.Store, id string, within time.Duration) (table campaign.Table) {
	s.t.Helper()
	ctx := limit(s.t, within+time.Minute)
	eventually(s.t, within, "the campaign is finished", func() error {
		all, err := store.Tables(ctx, id)
		if err != nil {
			return err
		}
		if table = all[0]; table.State != campaign.Finished {
			return fmt.Errorf("%s: %v", table.State, table.Counts)
		}
		return nil
	})
	sum := 0
	for _, n := range table.Counts {
		sum += n
	}
	if sum != table.Contacts {
		s.t.Errorf("the table adds up to %d, not %d: %v", sum, table.Contacts, table.Counts)
	}
	return table
}

// A campaign calls 500 numbers over SIP, once each, and its table says of every one what the other side did.
func TestACampaignCallsFiveHundredNumbers(t *testing.T) {
	others := newTelephones(t)
	s := campaignStack(t, others)
	store, began := campaign.NewStore(s.db), time.Now()
	id := s.begin(store, campaignSize, 1)
	table := s.finished(store, id, 4*time.Minute)
	t.Logf("%d calls in %s, at most %d at once", campaignSize, time.Since(began).Round(time.Second), others.most)

	want := map[campaign.Result]int{}
	for n := range campaignSize {
		want[people[n%10].result]++
	}
	if table.Contacts != campaignSize || table.Reached != campaignSize || !maps.Equal(table.Counts, want) {
		t.Errorf("of %d contacts %d were reached, and the table says %v; want %v", table.Contacts, table.Reached, table.Counts, want)
	}
	for n, times := range others.rung {
		if times != 1 {
			t.Errorf("%s was rung %d times", n, times)
		}
	}
	if len(others.rung) != campaignSize {
		t.Errorf("%d numbers were rung", len(others.rung))
	}
	// What the row of each contact says is what its number did, and those who answered are in the results.
	rows, err := s.db.Query(limit(t, time.Minute), `select phone, state from campaign_contacts where campaign = $1`, id)
	must(t, err)
	var phone string
	var state campaign.Result
	_, err = pgx.ForEachRow(rows, []any{&phone, &state}, func() error {
		if who := people[phone[len(phone)-1]-'0']; who.result != state {
			t.Errorf("a number that %s is %s", who.does, state)
		}
		return nil
	})
	must(t, err)
	var offered, started, finished, fours, nines int
	must(t, s.db.QueryRow(limit(t, time.Minute), `select sum(offered), sum(started), sum(finished),
			(select sum(v4) from survey_days where campaign = $1 and way = 'outbound' and question = 'satisfaction'),
			(select sum(v9) from survey_days where campaign = $1 and way = 'outbound' and question = 'recommendation')
		from survey_offer_days where campaign = $1 and way = 'outbound'`, id).Scan(&offered, &started, &finished, &fours, &nines))
	if complete, partial := want[campaign.Complete], want[campaign.Partial]; offered != complete+partial+want[campaign.Silent] || started != complete+partial ||
		finished != complete || fours != complete+partial || nines != complete {
		t.Errorf("%d offered, %d started, %d finished; %d answers of 4, %d of 9", offered, started, finished, fours, nines)
	}
	must(t, s.serve.Stop())
	s.checkReplay()
}

// A supervisor makes a campaign in the browser, is told what is wrong with the list, imports the rest, starts, and sees it end.
func TestASupervisorRunsACampaignInTheBrowser(t *testing.T) {
	others := newTelephones(t)
	s := campaignStack(t, others)
	c := newChromium(t, voice(1, time.Second))
	c.signIn(s.base, s.logins["huiwen"])
	page := s.base + "/campaigns"
	for _, lang := range []string{"zh-TW", "en"} {
		s.speak(c, lang)
		s.inspect(c, "campaigns-before", lang, page)
		s.inspect(c, "blocked-empty", lang, page+"?tab=blocked")
	}
	s.speak(c, "zh-TW")
	c.do("make a campaign", 30*time.Second, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(page), chromedp.WaitVisible(byTest("campaign-add")),
		chromedp.Click(byTest("campaign-add")), chromedp.WaitVisible(byTest("campaign-name")), chromedp.SendKeys(byTest("campaign-name"), "年度滿意度"))
	eval[any](c, `(() => { const set = (label, text) => {
		const at = [...document.querySelectorAll(".mantine-Drawer-content label")].find((l) => l.textContent.startsWith(label));
		const field = document.getElementById(at.htmlFor);
		Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
		field.dispatchEvent(new Event("input", { bubbles: true })); };
		set("對象", "今年的客戶"); set("名單條件", "有訂單"); set("每日時段", "00:00-24:00"); set("響鈴秒數", "6"); set("每人最多撥打次數", "1"); set("同時通話數", "30"); set("每秒新撥通數", "20"); })()`)
	c.do("choose the survey", 10*time.Second, chromedp.Click(chromedp.CSS(`.mantine-Drawer-content [data-testid="campaign-survey"]`)),
		chromedp.WaitVisible(chromedp.CSS(`[role="option"]`)), chromedp.Click(chromedp.CSS(`[role="option"][value="after-call"]`)))
	c.shot("campaign-form")
	c.do("save", 10*time.Second, chromedp.Click(chromedp.CSS(`.mantine-Drawer-content button[type="submit"]`)), chromedp.WaitVisible(byTest("campaign-import")),
		chromedp.Click(byTest("campaign-import")), chromedp.WaitReady(chromedp.CSS(`input[type="file"]`)))

	list := "電話,姓名,編號\n"
	for n := range 10 {
		list += fmt.Sprintf("0%s,王大明,A%d\n", number(n)[len("+886"):], n)
	}
	list += "02-2345-6789#12,市話,B1\n0912,太短,B2\n" + "0" + number(3)[len("+886"):] + ",重複,B3\n+1 650 253 0000,國外,B4\n"
	eval[any](c, fmt.Sprintf(`(() => { const field = document.querySelector('input[type="file"]'), all = new DataTransfer();
		all.items.add(new File([%q], "list.csv", { type: "text/csv" }));
		field.files = all.files;
		field.dispatchEvent(new Event("change", { bubbles: true })); })()`, list))
	c.reads("list-counts", "可匯入 11 列，有問題 3 列")
	c.reads("list-faults", "與第 5 列重複")
	c.shot("campaign-import")
	c.do("import and start", 20*time.Second, chromedp.Click(byTest("import-yes")), chromedp.WaitVisible(chromedp.CSS(`[data-testid="campaign-start"]:enabled`)),
		chromedp.Click(byTest("campaign-start")), chromedp.WaitVisible(byTest("confirm-yes")), chromedp.Click(byTest("confirm-yes")))
	c.reads("campaign-sum", "11")
	store := campaign.NewStore(s.db)
	table := s.finished(store, "after-call-"+time.Now().In(taipei(t)).Format("20060102"), time.Minute)
	if table.Contacts != 11 || table.Reached != 11 || table.Name != "年度滿意度" || table.Audience != "今年的客戶" || table.Ring != campaignRing {
		t.Errorf("the campaign is %+v", table)
	}
	here := eval[string](c, `location.pathname`)
	for _, lang := range []string{"zh-TW", "en"} {
		s.speak(c, lang)
		s.inspect(c, "campaign", lang, s.base+here)
		s.inspect(c, "campaigns", lang, page)
	}
}

func taipei(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Taipei")
	must(t, err)
	return zone
}

// speak makes the app speak a language from its next page on.
func (s *stack) speak(c *chromium, lang string) {
	evalPromise(c, fmt.Sprintf(`fetch("/api/v1/session", {method: "PATCH", headers: {"Content-Type": "application/json"}, body: JSON.stringify({lang: %q})}).then(r => String(r.status))`, lang))
	eval[any](c, fmt.Sprintf(`localStorage.setItem("hotline.language", %q)`, lang))
}

// A controller that is killed in the middle of a campaign loses nobody: who is in the survey goes on, the others are called again,
// and nobody who was asked to the end is called twice.
func TestACampaignOutlivesItsController(t *testing.T) {
	const size = 60
	others := newTelephones(t)
	others.killed = true
	s := campaignStack(t, others)
	store := campaign.NewStore(s.db)
	id := s.begin(store, size, 5)
	eventually(t, time.Minute, "people are asked", func() error {
		others.mu.Lock()
		defer others.mu.Unlock()
		if others.asked < 6 {
			return fmt.Errorf("%d are", others.asked)
		}
		return nil
	})
	must(t, s.serve.Kill())
	s.serve = s.start("serve")
	// Who is busy, out or a machine is due again in an hour: it is not waited for.
	settled := []campaign.Result{campaign.Complete, campaign.Partial, campaign.Silent, campaign.Rejected}
	eventually(t, 3*time.Minute, "everybody was called", func() error {
		all, err := store.Tables(limit(t, time.Minute), id)
		if err != nil {
			return err
		}
		n := 0
		for _, r := range settled {
			n += all[0].Counts[r]
		}
		if all[0].Counts[campaign.Dialling] > 0 || n != size*6/10 {
			return fmt.Errorf("%v", all[0].Counts)
		}
		return nil
	})
	var complete int
	must(t, s.db.QueryRow(limit(t, time.Minute), `select count(*) from campaign_contacts where campaign = $1 and state = 'complete' and phone ~ '[012]$'`, id).Scan(&complete))
	others.mu.Lock()
	defer others.mu.Unlock()
	again := 0
	for n, times := range others.rung {
		again += times - 1
		if others.whole[n] > 1 {
			t.Errorf("%s was asked everything %d times", n, others.whole[n])
		}
		if others.whole[n] > 0 && n[len(n)-1] > '2' {
			t.Errorf("%s was asked everything", n)
		}
	}
	t.Logf("%d of %d who answer everything did; %d calls were made again", complete, size*3/10, again)
	if complete != len(others.whole) {
		t.Errorf("%d are complete, and %d heard the end", complete, len(others.whole))
	}
}
