package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/cti/ctitest"
	"hotline/internal/sipphone"
	"hotline/ivr"
)

// A caller learns where an order is without any agent: by the number they ring from and the last digits of the order. The
// order of somebody else is none, and after three tries an agent helps.
func TestCallersLearnWhereTheirOrderIs(t *testing.T) {
	s := newStack(t, nil)
	ctx := limit(t, 2*time.Minute)
	var e164, digits, others string
	must(t, s.db.QueryRow(ctx, `with own as (
			select p.e164, o.id, row_number() over (partition by p.e164, right(o.id, 4)) as twins from orders o
			join customer_phones p on p.customer_id = o.customer_id where o.status = 'delivered')
		select own.e164, right(own.id, 4) from own where own.e164 like '+8869%' and (select count(*) from own b where b.e164 = own.e164 and right(b.id, 4) = right(own.id, 4)) = 1
		order by own.id limit 1`).Scan(&e164, &digits))
	must(t, s.db.QueryRow(ctx, `select right(o.id, 4) from orders o where not exists (
			select from customer_phones p join orders own on own.customer_id = p.customer_id
			where p.e164 = $1 and right(own.id, 4) = right(o.id, 4)) order by o.id limit 1`, e164).Scan(&others))
	caller := &caller{s.dial(sipphone.From{Name: "caller", User: "0" + e164[len("+886"):]}), s, e164}
	caller.choose("4")
	for _, try := range []struct{ keys, answer string }{
		{others + "#", "查無此訂單。"},
		{digits + "#", "您的訂單已經送達。"},
	} {
		heard := caller.since()
		s.heard("the question", caller.Heard, s.prompt("zh-TW", "請輸入訂單編號的後四碼，輸入完畢請按井字鍵。")[:second], 0.9, 30*time.Second)
		caller.Press(try.keys)
		s.heard(try.answer, heard, s.prompt("zh-TW", try.answer), 0.9, 30*time.Second)
	}
	s.heard("goodbye", caller.Heard, s.prompt("zh-TW", "好日生活感謝您的來電，再見。"), 0.9, 30*time.Second)
	eventually(t, 30*time.Second, "the call is over, and no agent was asked", func() error {
		r, err := caller.row()
		if err == nil && (!r.Ended || r.Queue != "" || r.Outcome != "ivr_ended") {
			err = fmt.Errorf("%+v", r)
		}
		return err
	})
}

// scriptServices answers as the model's services do.
func scriptServices(t *testing.T) map[string]any {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Service string            `json:"service"`
			Fields  map[string]string `json:"fields"`
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		e, secrets := ivr.Errand{Service: asked.Service, Send: asked.Fields}, map[string]string{}
		if card := asked.Fields["card"]; card != "" {
			e.Secret, secrets = map[string]string{"card": "card"}, map[string]string{"card": card}
		}
		answer := ctitest.Serve(e, secrets)
		if answer.Result == ivr.Failed {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		if err := json.NewEncoder(w).Encode(map[string]any{"result": answer.Result, "values": answer.Values}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return map[string]any{"orders": map[string]any{"url": server.URL}, "bank": map[string]any{"url": server.URL}}
}

// checkNoCard looks for the digits that callers of the scripts keyed as secrets in every log and file of the run, and in
// every row of its events.
func (s *stack) checkNoCard() {
	t := s.t
	t.Helper()
	looked := 0
	must(t, filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(".log .jsonl .json .pause", filepath.Ext(path)) {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		for _, digits := range []string{"424242", "400000000"} {
			if strings.Contains(string(raw), digits) {
				t.Errorf("%s has digits of a card", path)
			}
		}
		return nil
	}))
	if looked < 3 {
		t.Errorf("only %d files were looked at", looked)
	}
	var stars, plain int
	must(t, s.db.QueryRow(limit(t, 20*time.Second), `select count(*) filter (where digits ~ '[*]{12}'), count(*) filter (where digits ~ '4242|40000')
		from (select string_agg(data->'event'->>'digit', '' order by id) as digits from call_event where kind = 'digit_pressed' group by call) keyed`).Scan(&stars, &plain))
	if some := os.Getenv("HOTLINE_SCRIPT") != ""; (stars == 0 && !some) || plain != 0 {
		t.Errorf("%d calls keyed what is kept as stars, %d what is kept as it is", stars, plain)
	}
}
