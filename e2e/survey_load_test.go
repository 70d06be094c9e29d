package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"hotline/internal/sipphone"
)

const (
	surveyCallers = 150
	surveyRate    = 15 // a second: all of them are in the survey before the first has come to its end
	longestGap    = 60 * time.Millisecond
)

// surveyed is every kind of question, with time to think: only keys lead on.
var surveyed = []struct {
	id, kind  string
	low, high int
	words     string
}{
	{"service", "csat5", 1, 5, "請問您對這次的服務是否滿意？滿意請按五，不滿意請按一。"},
	{"recommend", "nps11", 0, 10, "您願意向親友推薦我們嗎？請輸入零到十，再按井字鍵。"},
	{"solved", "yesno", 1, 2, "您的問題是否已經解決？已解決請按一，尚未解決請按二。"},
	{"reason", "choice", 1, 3, "商品問題請按一，物流問題請按二，其他請按三。"},
	{"again", "nps11", 0, 10, "您還會再來購買嗎？請輸入零到十，再按井字鍵。"},
}

const crowdThanks = "感謝您的寶貴意見，祝您有美好的一天，再見。"

// crowdFiles are the survey and the flow that holds it.
func crowdFiles() (asked, flow string) {
	var out strings.Builder
	fmt.Fprintf(&out, "kind: survey\nversion: 1\nid: crowd\nlanguages: [zh-TW]\nthanks: {zh-TW: %s}\nquestions:\n", crowdThanks)
	for _, q := range surveyed {
		fmt.Fprintf(&out, "  - {id: %s, kind: %s, wait: 20s, text: {zh-TW: %s}", q.id, q.kind, q.words)
		if q.kind == "choice" {
			out.WriteString(", options: {1: {zh-TW: 商品}, 2: {zh-TW: 物流}, 3: {zh-TW: 其他}}")
		}
		out.WriteString("}\n")
	}
	return out.String(), `kind: flow
version: 1
id: crowd
languages: [zh-TW]
start: ask
steps:
  ask: {survey: {id: crowd, next: bye}}
  bye: {hangup: {}}
`
}

// respondent is one caller of the crowd: what they pressed, and how many packets they had heard by then.
type respondent struct {
	number  string // E.164
	answers map[string]int
	pressed []int // by question
	heard   []sipphone.Packet
}

// answer takes the whole survey. Half of the questions are answered while they are still being said, at a moment of the
// caller's own, and half after their end.
func (r *respondent) answer(ctx context.Context, s *stack, seed uint64) error {
	call, err := s.phone.Dial(ctx, s.sip, line, sipphone.From{Name: "crowd", User: "0" + strings.TrimPrefix(r.number, "+886")})
	if err != nil {
		return err
	}
	defer func() { _ = call.Hangup(context.WithoutCancel(ctx)) }()
	chance := rand.New(rand.NewPCG(seed, surveyCallers))
	from := 0
	for _, q := range surveyed {
		value := q.low + chance.IntN(q.high-q.low+1)
		early := 0
		if chance.IntN(2) == 0 {
			early = 30 + chance.IntN(60) // packets
		}
		if err := said(ctx, call, from, early); err != nil {
			return fmt.Errorf("question %s: %w", q.id, err)
		}
		keys := strconv.Itoa(value)
		if q.high == 10 && value < 10 {
			keys += "#"
		}
		n, _ := call.Count()
		r.pressed = append(r.pressed, n)
		call.Press(keys)
		if !call.Flush() {
			return fmt.Errorf("question %s: the call ended while its answer was keyed", q.id)
		}
		r.answers[q.id] = value
		from, _ = call.Count()
	}
	select {
	case <-call.Done():
		r.heard = call.Heard()
		return nil
	case <-ctx.Done():
		return errors.New("the survey came to no end")
	}
}

// said waits until so many packets have come after the first ones, or, for none, until nothing has come for half a second
// since some did.
func said(ctx context.Context, call *sipphone.Call, first, packets int) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-call.Done():
			return errors.New("the call ended")
		case <-ctx.Done():
			return errors.New("nothing was said in time")
		}
		n, last := call.Count()
		switch n -= first; {
		case packets > 0 && n >= packets:
			return nil
		case packets == 0 && n > 100 && time.Since(last) > time.Second/2:
			return nil
		}
	}
}

// 150 callers answer five questions at the same time. Each answer that was pressed is the one that is stored, and every caller
// hears every question sample for sample and without a gap until they press.
func TestACrowdIsAskedWithoutALostDigit(t *testing.T) {
	s := newStack(t, nil)
	asked, flow := crowdFiles()
	s.imports("crowd", asked, flow)
	s.leadsTo("crowd")

	var crowd []*respondent
	for i := range surveyCallers {
		crowd = append(crowd, &respondent{number: fmt.Sprintf("+88697150%04d", i), answers: map[string]int{}})
	}
	began := time.Now()
	g, ctx := errgroup.WithContext(limit(t, 3*time.Minute))
	stalls := standsStill(ctx)
	pace := time.NewTicker(time.Second / surveyRate)
	defer pace.Stop()
	for i, r := range crowd {
		<-pace.C
		g.Go(func() error {
			if err := r.answer(ctx, s, uint64(i)); err != nil {
				return fmt.Errorf("caller %d: %w", i, err)
			}
			return nil
		})
	}
	must(t, g.Wait())
	stalled := <-stalls
	t.Logf("the machine stood still for at most %s", stalled.Round(time.Millisecond))
	t.Logf("%d callers in %s; processor seconds of serve so far: %.1f", len(crowd), time.Since(began).Round(time.Second), s.metric("serve", "process_cpu_seconds_total"))
	s.sameAnswers(crowd)
	for i, r := range crowd {
		if err := s.heardAll(r, longestGap+stalled); err != nil {
			t.Errorf("caller %d: %v", i, err)
		}
	}
}

// imports makes flows and surveys live, and has every line lead to a flow.
func (s *stack) imports(flow string, texts ...string) {
	s.t.Helper()
	args := []string{"flow", "import"}
	for i, text := range texts {
		path := filepath.Join(s.dir, fmt.Sprintf("%s-%d.yaml", flow, i))
		must(s.t, os.WriteFile(path, []byte(text), 0o600))
		args = append(args, path)
	}
	s.tool(args...)
	_, err := s.db.Exec(limit(s.t, 10*time.Second), `update lines set flow = $1`, flow)
	must(s.t, err)
}

// leadsTo waits until callers of the line are led to the flow.
func (s *stack) leadsTo(flow string) {
	s.t.Helper()
	eventually(s.t, 30*time.Second, "the line leads to the flow", func() error {
		call, err := s.phone.Dial(limit(s.t, 20*time.Second), s.sip, line, sipphone.From{Name: "first", User: "0971509999"})
		if err != nil {
			return err
		}
		defer func() { _ = call.Hangup(context.Background()) }()
		var found string
		if err := s.db.QueryRow(limit(s.t, 5*time.Second), `select flow from calls where caller_e164 = '+886971509999' order by arrived_at desc limit 1`).Scan(&found); err != nil {
			return err
		}
		if found != flow {
			return fmt.Errorf("it leads to %s", found)
		}
		return nil
	})
}

// sameAnswers compares what each caller pressed with what is stored.
func (s *stack) sameAnswers(crowd []*respondent) {
	t := s.t
	t.Helper()
	stored := map[string]map[string]int{}
	eventually(t, 30*time.Second, "all answers are stored, and all calls are over", func() error {
		rows, err := s.db.Query(limit(t, 10*time.Second), `select c.caller_e164, a.question, a.value from survey_answers a join calls c on c.id = a.call_id
			where a.survey = 'crowd' and c.ended_at is not null`)
		if err != nil {
			return err
		}
		defer rows.Close()
		clear(stored)
		n := 0
		for ; rows.Next(); n++ {
			var number, question string
			var value int
			if err := rows.Scan(&number, &question, &value); err != nil {
				return err
			}
			if stored[number] == nil {
				stored[number] = map[string]int{}
			}
			stored[number][question] = value
		}
		if want := len(crowd) * len(surveyed); n != want {
			return fmt.Errorf("%d of %d answers", n, want)
		}
		return rows.Err()
	})
	for i, r := range crowd {
		if !maps.Equal(stored[r.number], r.answers) {
			t.Errorf("caller %d pressed %v, and %v is stored", i, r.answers, stored[r.number])
		}
	}
}

// heardAll compares what the caller heard of each question, and of the thanks, with the recording of its words.
func (s *stack) heardAll(r *respondent, most time.Duration) error {
	var heard []int16
	for _, p := range r.heard {
		heard = append(heard, p.Samples...)
	}
	const packet, head = 160, 15 * 160
	from := 0
	for i := range len(surveyed) + 1 {
		words, until := crowdThanks, len(r.heard)
		if i < len(surveyed) {
			words, until = surveyed[i].words, r.pressed[i]
		}
		want := s.prompt("zh-TW", words)
		at := find(heard[from:], want[:head])
		if at < 0 {
			return fmt.Errorf("question %d was never begun, in %.1f s of sound", i+1, float64(len(heard)-from)/8000)
		}
		at += from
		// The last packet of a recording may be cut short.
		n := min(until*packet-at, len(want)/packet*packet-packet)
		if n < head || !slices.Equal(heard[at:at+n], want[:n]) {
			return fmt.Errorf("question %d was not heard as it is recorded, for its first %.1f s", i+1, float64(n)/8000)
		}
		if gap := sipphone.LongestGap(r.heard[(at+packet-1)/packet : (at+n)/packet]); gap > most {
			return fmt.Errorf("there is a gap of %s in question %d", gap, i+1)
		}
		from = at + n
	}
	return nil
}

// standsStill is, once ctx has ended, the longest time for which this process was not let run that wanted to: sound that is
// late by as much is the machine's doing.
func standsStill(ctx context.Context) <-chan time.Duration {
	longest := make(chan time.Duration, 1)
	go func() {
		const every = 10 * time.Millisecond
		tick := time.NewTicker(every)
		defer tick.Stop()
		most, last := time.Duration(0), time.Now()
		for {
			select {
			case <-tick.C:
				now := time.Now()
				most, last = max(most, now.Sub(last)-every), now
			case <-ctx.Done():
				longest <- most
				return
			}
		}
	}()
	return longest
}

// find is where want begins, -1 for nowhere.
func find(in, want []int16) int {
	for at := range max(0, len(in)-len(want)+1) {
		if slices.Equal(in[at:at+len(want)], want) {
			return at
		}
	}
	return -1
}
