package demo

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
	"hotline/internal/demo/voices"
	"hotline/recording"
)

// matters says what the conversations of package voices are about.
var matters = map[string]topic{
	"order-rice-cooker":    {subject: "訂購：多功能電子鍋", note: "訂購多功能電子鍋白色一台，貨到付款，送台中市西區。", dispositions: []string{sold}},
	"order-status":         {subject: "訂單狀態查詢：羽絨棉被", note: "棉被配送中，星期六前送達，請司機先致電。", dispositions: []string{solved}},
	"order-change-address": {subject: "更改收件地址", note: "門牌更正為二十六號，出貨時間不變。", dispositions: []string{solved}},
	"service-return":       {subject: "退換貨：果汁機", note: "杯身裂痕、外盒受壓，安排星期四下午到府換新。", dispositions: []string{toCase}},
	"service-warranty":     {subject: "保固維修：除濕機", note: "購買一年半，仍在保固期內，安排送修。", dispositions: []string{toCase}},
	"service-refund":       {subject: "退款進度查詢", note: "信用卡退款已逾三週，今日內回覆進度。", dispositions: []string{callback}},
	"member-points":        {subject: "會員點數查詢", note: "已告知點數與到期日，並更新手機號碼。", dispositions: []string{solved}},
	"member-birthday":      {subject: "生日禮券未收到", note: "已重新寄送生日禮券。", dispositions: []string{solved}},
}

// audible is a past call that may get a conversation.
type audible struct {
	ID         id.CallID
	AgentID    id.AgentID
	QueueID    id.QueueID
	AnsweredAt time.Time
	TalkEnd    time.Time // when the survey began, or the call ended
}

// Record gives up to n of the newest past calls, made by Generate, a conversation to listen to: a finished recording in
// the folder, and a row that tells of it. It shortens those calls to the length of what is said.
func Record(ctx context.Context, db *pgxpool.Pool, dir string, n int) (made int, err error) {
	rows, err := db.Query(ctx, `
		select c.id, c.agent_id, c.queue_id, c.answered_at,
			coalesce((select min(s.at) from survey_answers s where s.call_id = c.id and s.way = 'phone') - interval '19 s', c.ended_at) as talk_end
		from calls c
		where c.outcome = 'answered' and c.id like 'demo-%' and c.lang = 'zh-TW' and c.customer_id is not null
			and not exists (select from recordings r where r.call_id = c.id)
		order by c.arrived_at desc limit $1`, 20*n)
	if err != nil {
		return 0, fmt.Errorf("choose calls to record: %w", err)
	}
	calls, err := pgx.CollectRows(rows, pgx.RowToStructByName[audible])
	if err != nil {
		return 0, fmt.Errorf("choose calls to record: %w", err)
	}
	turn := map[id.QueueID]int{}
	store := recording.NewStore(db, dir)
	for _, c := range calls {
		if made == n {
			break
		}
		talks := conversations(c.QueueID)
		if len(talks) == 0 {
			continue
		}
		talk := talks[turn[c.QueueID]%len(talks)]
		pcm := perform(talk)
		if duration(pcm) > c.TalkEnd.Sub(c.AnsweredAt) {
			continue // a call is never made longer: its agent had the next one
		}
		turn[c.QueueID]++
		if err := record(ctx, db, store, dir, c, talk, pcm); err != nil {
			return made, fmt.Errorf("record %s: %w", c.ID, err)
		}
		made++
	}
	return made, nil
}

func conversations(queue id.QueueID) (found []voices.Conversation) {
	for _, c := range voices.Conversations() {
		if _, known := matters[c.Name]; known && c.Queue == string(queue) {
			found = append(found, c)
		}
	}
	return found
}

// stereo is interleaved samples: left what the caller says, right the agent.
type stereo []int16

const (
	left  = 0
	right = 1
)

func duration(s stereo) time.Duration {
	return time.Duration(len(s)/2) * time.Second / recording.Rate
}

func (s *stereo) pause(d time.Duration) {
	*s = append(*s, make([]int16, 2*int(d*recording.Rate/time.Second))...)
}

func (s *stereo) say(side int, u voices.Utterance) {
	at := len(*s)
	*s = append(*s, make([]int16, 2*len(u.Samples))...)
	for i, v := range u.Samples {
		(*s)[at+2*i+side] = v
	}
}

// perform lets the customer and an agent take turns.
func perform(talk voices.Conversation) stereo {
	lines := voices.Agent()
	opening, replies, closing := lines[0], lines[1:len(lines)-1], lines[len(lines)-1]
	var s stereo
	s.pause(400 * time.Millisecond)
	s.say(right, opening)
	for i, u := range talk.Utterances {
		s.pause(700 * time.Millisecond)
		s.say(left, u)
		s.pause(600 * time.Millisecond)
		if i < len(talk.Utterances)-1 {
			s.say(right, replies[(i+1)%len(replies)])
		}
	}
	s.say(right, closing)
	s.pause(900 * time.Millisecond)
	return s
}

// record lays down what a gateway would have left, has it finished, and makes the call's rows tell the same.
func record(ctx context.Context, db *pgxpool.Pool, store *recording.Store, dir string, c audible, talk voices.Conversation, pcm stereo) error {
	leg := c.ID.Leg(id.CallerLeg + 1)
	if err := spool(dir, c, leg, pcm); err != nil {
		return err
	}
	matter, shorter := matters[talk.Name], c.TalkEnd.Sub(c.AnsweredAt)-duration(pcm)
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		var b pgx.Batch
		b.Queue(`update calls set ended_at = ended_at - $2::interval, disposition = $3, note = $4 where id = $1`, c.ID, shorter, matter.dispositions[0], matter.note)
		b.Queue(`update survey_answers set at = at - $2::interval where call_id = $1`, c.ID, shorter)
		b.Queue(`update survey_offers set offered_at = offered_at - $2::interval, started_at = started_at - $2::interval,
			finished_at = finished_at - $2::interval where call_id = $1`, c.ID, shorter)
		b.Queue(`update contacts set subject = $2, summary = $3 where call_id = $1`, c.ID, matter.subject, matter.note)
		return tx.SendBatch(ctx, &b).Close()
	})
	if err != nil {
		return err
	}
	_, err = recording.Finish(ctx, dir, leg, store)
	return err
}

func spool(dir string, c audible, leg id.LegID, pcm stereo) (err error) {
	folder := filepath.Join(dir, "spool")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	raw := make([]byte, 0, 2*len(pcm))
	for _, v := range pcm {
		raw = binary.LittleEndian.AppendUint16(raw, uint16(v))
	}
	manifest, err := json.Marshal(recording.Manifest{
		Version: 1,
		Head:    recording.Head{Call: c.ID, Leg: leg, Part: 1, Agent: c.AgentID, Epoch: c.AnsweredAt},
		Started: c.AnsweredAt, Rate: recording.Rate, Closed: true, Frames: int64(len(pcm) / 2),
	})
	if err != nil {
		return err
	}
	path := filepath.Join(folder, leg.Channel(1))
	return errors.Join(os.WriteFile(path+".pcm", raw, 0o600), os.WriteFile(path+".json", manifest, 0o600))
}
