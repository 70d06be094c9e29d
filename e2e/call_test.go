package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"hotline/cti"
	"hotline/internal/robot"
	"hotline/internal/sipphone"
)

const (
	welcome  = "好日生活您好，很高興為您服務。"
	recorded = "為確保服務品質，本通話將全程錄音。"
	menu     = "訂購商品，請按一。售後服務，請按二。會員服務，請按三。查詢訂單進度，請按四。"
)

// customer is a number of the demo data that belongs to exactly one customer with a history.
func (s *stack) customer() (id int64, name string, from sipphone.From) {
	s.t.Helper()
	var e164 string
	err := s.db.QueryRow(limit(s.t, 10*time.Second), `select c.id, c.name, p.e164 from customers c join customer_phones p on p.customer_id = c.id
		where (select count(*) from customer_phones q where q.e164 = p.e164) = 1
		and (select count(*) from contacts k where k.customer_id = c.id) >= 3 order by c.id limit 1`).Scan(&id, &name, &e164)
	must(s.t, err)
	return id, name, sipphone.From{Name: "caller", User: "0" + e164[len("+886"):]}
}

// callRow is what the table keeps of the newest call.
type callRow struct {
	ID, Outcome, Queue, Agent, Disposition, Note string
	Customer                                     int64
	Ended                                        bool
}

func (s *stack) call(ctx context.Context) (r callRow, err error) {
	err = s.db.QueryRow(ctx, `select id, coalesce(outcome, ''), coalesce(queue_id, ''), coalesce(agent_id, ''), coalesce(disposition, ''), note,
		coalesce(customer_id, 0), ended_at is not null from calls where id like 'hl1-%' order by arrived_at desc limit 1`).
		Scan(&r.ID, &r.Outcome, &r.Queue, &r.Agent, &r.Disposition, &r.Note, &r.Customer, &r.Ended)
	return r, err
}

func TestACallFromTheFirstRingToTheSurvey(t *testing.T) {
	s := newStack(t, nil)
	agent := s.agent("yijun")
	customer, name, from := s.customer()

	call := s.dial(from)
	s.heard("the welcome", call.Heard, s.prompt("zh-TW", welcome), 0.9, 15*time.Second)
	s.heard("the announcement of the recording", call.Heard, s.prompt("zh-TW", recorded), 0.9, 15*time.Second)
	s.heard("the menu", call.Heard, s.prompt("zh-TW", menu)[:8000], 0.9, 15*time.Second)
	call.Press("1")
	call.Say(voice(3, time.Minute)) // somebody who cannot wait, so that there is something to hear at once
	answered := s.answer(agent)
	s.checkPop(agent, customer, name)
	hello, problem := voice(1, 3*time.Second), voice(2, 3*time.Second)
	agent.Say(hello)
	call.Hush()
	call.Say(problem)
	s.heard("the agent, by the caller", call.Heard, hello, 0.8, 10*time.Second)
	s.heard("the caller, by the agent", agent.Heard, problem, 0.8, 10*time.Second)
	if first := firstAfter(agent.Heard(), answered); first > 300*time.Millisecond {
		t.Errorf("the agent heard nothing for %s after the answer", first)
	}

	ctx := limit(t, time.Minute)
	must(t, agent.Do(ctx, "hang_up", map[string]any{"leg": agent.View().Call.Leg}))
	must(t, agent.Wait(ctx, "wrap-up", func(v cti.AgentView) bool { return v.State == cti.AgentStateWrapUp }))
	must(t, agent.Do(ctx, "dispose", map[string]any{"call": agent.View().Call.Call, "code": s.disposition(), "note": "換貨，已安排"}))
	must(t, agent.Wait(ctx, "ready again", func(v cti.AgentView) bool { return v.State == cti.AgentStateReady }))
	s.survey(call, "5", "9#")

	s.checkRows(customer, map[string]int{"satisfaction": 5, "recommendation": 9})
	s.checkRecording(hello, problem, 0.4)
}

// answer lets the robot take the next ring, and says when.
func (s *stack) answer(agent *robot.Agent) time.Time {
	s.t.Helper()
	ctx := limit(s.t, 40*time.Second)
	must(s.t, agent.Wait(ctx, "a ring", func(v cti.AgentView) bool { return v.State == cti.AgentStateRinging }))
	at := time.Now()
	must(s.t, agent.Answer(ctx))
	return at
}

// firstAfter is how long after a moment the next packet with sound in it came.
func firstAfter(packets []sipphone.Packet, at time.Time) time.Duration {
	for _, p := range packets {
		if p.Arrived.After(at) && sipphone.RMS(p.Samples) > 200 {
			return p.Arrived.Sub(at)
		}
	}
	return time.Hour
}

func (s *stack) checkPop(agent *robot.Agent, customer int64, name string) {
	s.t.Helper()
	raw, at, ring := agent.Pop()
	if at.After(ring) {
		s.t.Errorf("the pop came %s after the ring", at.Sub(ring))
	}
	var pop struct {
		Customer struct {
			ID   int64  `json:"id"`
			Name string `json:"name"`
		} `json:"customer"`
		Contacts []struct {
			Subject string `json:"subject"`
		} `json:"contacts"`
	}
	must(s.t, json.Unmarshal(raw, &pop))
	if pop.Customer.ID != customer || pop.Customer.Name != name || len(pop.Contacts) != 3 {
		s.t.Errorf("pop shows %+v, want customer %d %s with 3 contacts", pop, customer, name)
	}
}

func (s *stack) disposition() (code string) {
	s.t.Helper()
	must(s.t, s.db.QueryRow(limit(s.t, 10*time.Second), `select code from dispositions where active order by position limit 1`).Scan(&code))
	return code
}

// survey answers each question after it was asked, and waits for the end of the call.
func (s *stack) survey(call *sipphone.Call, answers ...string) {
	s.t.Helper()
	questions := []string{
		"請問您對這次的服務是否滿意？非常滿意請按五，滿意請按四，普通請按三，不滿意請按二，非常不滿意請按一。",
		"請問您有多大的意願，向親友推薦好日生活？請輸入零到十的數字，十代表非常願意，零代表完全不願意，輸入完畢請按井字鍵。",
	}
	for i, a := range answers {
		s.heard("question", call.Heard, s.prompt("zh-TW", questions[i]), 0.9, 40*time.Second)
		call.Press(a)
	}
	select {
	case <-call.Done():
	case <-time.After(30 * time.Second):
		s.t.Fatal("the call did not end after the survey")
	}
}

func (s *stack) checkRows(customer int64, answers map[string]int) {
	t := s.t
	t.Helper()
	ctx := limit(t, 30*time.Second)
	var row callRow
	eventually(t, 10*time.Second, "the call is in the table", func() (err error) {
		if row, err = s.call(ctx); err == nil && (!row.Ended || row.Disposition == "") {
			err = fmt.Errorf("not complete: %+v", row)
		}
		return err
	})
	if row.Outcome != "answered" || row.Customer != customer || row.Queue != "order" || row.Agent == "" || row.Note == "" {
		t.Errorf("call row %+v", row)
	}
	got := map[string]int{}
	rows, err := s.db.Query(ctx, `select question, value from survey_answers where call_id = $1`, row.ID)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var q string
		var v int
		must(t, rows.Scan(&q, &v))
		got[q] = v
	}
	if fmt.Sprint(got) != fmt.Sprint(answers) {
		t.Errorf("answers %v, want %v", got, answers)
	}
	var events int
	must(t, s.db.QueryRow(ctx, `select count(*) from call_event where call = $1 and kind in ('call_arrived', 'digit_pressed', 'leg_up', 'answer_saved', 'caller_gone')`, row.ID).Scan(&events))
	if events < 8 { // one arrival, at least four digits, a leg, two answers, an end
		t.Errorf("%d events of the call are stored", events)
	}
}

// checkRecording finds what each said in its own channel of the file, and not in the other: two voices that have nothing
// in common correlate below apart.
func (s *stack) checkRecording(agent, caller []int16, apart float64) {
	t := s.t
	t.Helper()
	var leg string
	ctx := limit(t, time.Minute)
	eventually(t, 30*time.Second, "the recording is stored", func() error {
		var state, reason string
		err := s.db.QueryRow(ctx, `select state, reason, leg from recordings where call_id like 'hl1-%' order by created_at desc limit 1`).Scan(&state, &reason, &leg)
		if err == nil && state != "stored" {
			err = fmt.Errorf("%s %s", state, reason)
		}
		return err
	})
	left, right, err := s.channels(leg)
	must(t, err)
	for name, c := range map[string]struct{ got, want, other []int16 }{"left": {left, caller, agent}, "right": {right, agent, caller}} {
		if r, _ := sipphone.Match(c.got, c.want); r < 0.8 {
			t.Errorf("%s channel: correlation %.2f with what was said there", name, r)
		}
		if r, _ := sipphone.Match(c.got, c.other); r > apart {
			t.Errorf("%s channel: correlation %.2f with the other side", name, r)
		}
	}
}
