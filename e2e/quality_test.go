package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/jackc/pgx/v5"

	"hotline/cti/id"
	"hotline/internal/sipphone"
	"hotline/qa"
	"hotline/qa/asr"
	"hotline/qa/measure"
	"hotline/qa/rule"
)

// spokenCall is a call of which every word is known. It lies beside the checkout where the speech models do.
func spokenCall(t *testing.T, name string) (caller, agent []int16, truth measure.Truth) {
	t.Helper()
	dir := filepath.Join("..", "..", "shared", "speech")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("there are no test calls beside the checkout")
	}
	file, err := os.Open(filepath.Join(dir, name+".flac"))
	must(t, err)
	defer func() { _ = file.Close() }()
	caller, agent, err = channels(file)
	must(t, err)
	raw, err := os.ReadFile(filepath.Join(dir, name+".json"))
	must(t, err)
	truth, err = measure.ParseTruth(raw)
	must(t, err)
	return caller, agent, truth
}

// withModel lets the worker hear calls, with the model that the set-up has unpacked.
func withModel(t *testing.T) func(map[string]any) {
	t.Helper()
	dir, err := asr.ModelsDir()
	must(t, err)
	model, err := asr.FindModel(dir)
	must(t, err)
	return func(settings map[string]any) {
		settings["asr"] = map[string]any{"local": map[string]any{"model": model}}
	}
}

// A call with two violations is heard, judged and shown, and nobody did anything for it; then people look at it.
func TestACallIsJudgedByItselfAndReviewedByPeople(t *testing.T) {
	said, answered, truth := spokenCall(t, "dev-22")
	s := newStack(t, withModel(t))
	agent := s.agent("yijun")
	_, _, from := s.customer()
	call := s.dial(from)
	s.heard("the menu", call.Heard, s.prompt("zh-TW", menu)[:8000], 0.9, 30*time.Second)
	call.Press("1")
	s.answer(agent)
	call.Say(said)
	agent.Say(answered)
	s.heard("the end of the talk", agent.Heard, lastWords(said, truth), 0.8, time.Minute)
	must(t, agent.Do(limit(t, 20*time.Second), "hang_up", map[string]any{"leg": agent.View().Call.Leg}))
	agent.Close() // the same person comes back in a browser

	leg := s.recorded()
	var state, reason string
	eventually(t, 4*time.Minute, "the call is judged", func() error {
		err := s.db.QueryRow(limit(t, 10*time.Second), `select state, reason from transcripts where leg = $1`, leg).Scan(&state, &reason)
		if err == nil && state != "done" {
			err = fmt.Errorf("%s %s", state, reason)
		}
		return err
	})
	_, right, err := s.channels(leg)
	must(t, err)
	match, offset := sipphone.Match(right, answered[:8000*8])
	if match < 0.8 {
		t.Fatalf("the agent's channel: correlation %.2f with what was said", match)
	}
	s.checkFound(leg, truth, float64(offset)/8000)
	s.checkShown(leg)
	s.checkReviewed(leg)
}

// lastWords is the sound of the last thing that the caller said.
func lastWords(sound []int16, truth measure.Truth) []int16 {
	var last measure.Utterance
	for _, u := range truth.Utterances {
		if u.Role == "caller" {
			last = u
		}
	}
	return sound[int(last.Start*8000):min(len(sound), int(last.End*8000))]
}

// recorded waits for the recording of the newest call.
func (s *stack) recorded() (leg string) {
	s.t.Helper()
	eventually(s.t, 30*time.Second, "the recording is stored", func() error {
		return s.db.QueryRow(limit(s.t, 10*time.Second), `select leg from recordings where state = 'stored' and call_id like 'hl1-%' order by created_at desc limit 1`).
			Scan(&leg)
	})
	return leg
}

// checkFound compares the findings of forbidden phrases with what was said, each within a second of its place.
func (s *stack) checkFound(leg string, truth measure.Truth, offset float64) {
	t := s.t
	t.Helper()
	rows, err := s.db.Query(limit(t, 10*time.Second), `select phrase, start_ms from findings where leg = $1 and class = 'phrase' order by start_ms`, leg)
	must(t, err)
	defer rows.Close()
	found := map[string]float64{}
	for rows.Next() {
		var phrase string
		var ms int
		must(t, rows.Scan(&phrase, &ms))
		found[phrase] = float64(ms) / 1000
	}
	must(t, rows.Err())
	want := 0
	for _, u := range truth.Utterances {
		for _, p := range u.Phrases {
			want++
			if at, ok := found[p]; !ok || at < u.Start+offset-1 || at > u.End+offset+1 {
				t.Errorf("「%s」, said between %.1f and %.1f s, was found at %.1f s (%v)", p, u.Start+offset, u.End+offset, at, ok)
			}
		}
	}
	if len(found) != want {
		t.Errorf("found %v, want %d phrases", found, want)
	}
}

// checkShown opens the recording as a reviewer does, and jumps to the first finding by the keyboard.
func (s *stack) checkShown(leg string) {
	t := s.t
	t.Helper()
	var place float64
	must(t, s.db.QueryRow(limit(t, 10*time.Second), `select min(start_ms) / 1000.0 from findings where leg = $1`, leg).Scan(&place))
	c := newChromium(t, make([]int16, 8000))
	c.signIn(s.base, s.logins["shihan"])
	c.do("the findings", 30*time.Second, chromedp.Navigate(s.base+"/recordings/"+leg), chromedp.WaitVisible(byTest("finding")))
	c.do("the next finding", 10*time.Second, chromedp.KeyEvent("n"))
	var seen struct {
		Time     float64  `json:"time"`
		Findings []string `json:"findings"`
		Marked   string   `json:"marked"`
	}
	eventually(t, 10*time.Second, "the player is where the finding is", func() error {
		raw := eval[string](c, `JSON.stringify({
			time: document.querySelector("audio:not(#remote-audio)").currentTime,
			findings: [...document.querySelectorAll('[data-testid="finding"]')].map((e) => e.textContent),
			marked: [...document.querySelectorAll(".transcript .line.agent .marked")].map((e) => e.textContent).join("")})`)
		if err := json.Unmarshal([]byte(raw), &seen); err != nil {
			return err
		}
		if math.Abs(seen.Time-place) > 0.2 {
			return fmt.Errorf("at %.2f s, the finding at %.2f s: %+v", seen.Time, place, seen)
		}
		return nil
	})
	if len(seen.Findings) < 2 || seen.Marked == "" {
		t.Errorf("the page shows %+v", seen)
	}
	c.shot("transcript")
	if n := s.looks("read_transcript", "transcript:"+leg); n != 1 {
		t.Errorf("%d looks at the transcript in the access log, want 1", n)
	}
	s.checkSearch(c, leg)
}

// checkSearch finds what the agent said among everything that was said, and goes to its second.
func (s *stack) checkSearch(c *chromium, leg string) {
	s.t.Helper()
	c.do("a line that was found", 30*time.Second, chromedp.Navigate(s.base+"/search"), chromedp.WaitVisible(byTest("search-words")),
		chromedp.SendKeys(byTest("search-words"), "公司政策"+kb.Enter), chromedp.WaitVisible(chromedp.CSS("mark")))
	c.shot("search")
	c.do("its recording", 30*time.Second, chromedp.Click(chromedp.CSS(`a[href*="/recordings/"][href*="t="]`)), chromedp.WaitVisible(byTest("finding")))
	var said float64
	must(s.t, s.db.QueryRow(limit(s.t, 10*time.Second), `select start_ms / 1000.0 from transcript_lines where leg = $1 and folded like '%公司政策%'`, leg).Scan(&said))
	eventually(s.t, 10*time.Second, "the player is where it was said", func() error {
		if at := eval[float64](c, `document.querySelector("audio:not(#remote-audio)").currentTime`); math.Abs(at-said) > 0.2 {
			return fmt.Errorf("at %.2f s, said at %.2f s", at, said)
		}
		return nil
	})
}

// transcribed gives a recording of the demo data a transcript, as a model would.
func (s *stack) transcribed(leg string) {
	t := s.t
	t.Helper()
	ctx := limit(t, 20*time.Second)
	src := qa.Source{Leg: id.LegID(leg), Call: id.LegID(leg).Call()}
	must(t, s.db.QueryRow(ctx, `select agent_id, started_at from recordings where leg = $1`, leg).Scan(&src.Agent, &src.Started))
	line := func(role rule.Role, start int, text string) rule.Utterance {
		u := rule.Utterance{Role: role, Span: rule.Span{Start: start, End: start}}
		for _, r := range text {
			u.Units = append(u.Units, rule.Unit{Text: string(r), Span: rule.Span{Start: u.End, End: u.End + 200}, Sure: .9})
			u.End += 200
		}
		return u
	}
	said := rule.Transcript{Length: 20_000, Utterances: []rule.Utterance{
		line(rule.Caller, 1000, "我想退貨，可以嗎？"), line(rule.Agent, 4000, "這是公司政策，您應該看說明書。"), line(rule.Caller, 9000, "好吧。"),
		line(rule.Agent, 12_000, "還有什麼可以協助您？"),
	}}
	said.Utterances[2].Unclear = "confidence"
	store := qa.NewStore(s.db)
	live, err := store.LiveBook(ctx)
	must(t, err)
	attempt, err := store.Begin(ctx, src)
	must(t, err)
	must(t, store.Save(ctx, qa.Result{Source: src, Attempt: attempt, Model: "test", Transcript: said, Book: live.Version, Findings: live.Book.Judge(&said)},
		func(ctx context.Context, tx pgx.Tx) error { return store.Score(ctx, tx, src.Leg) }))
}

func (s *stack) looks(action, object string) (n int) {
	s.t.Helper()
	must(s.t, s.db.QueryRow(limit(s.t, 10*time.Second), `select count(*) from access_log where action = $1 and object = $2`, action, object).Scan(&n))
	return n
}
