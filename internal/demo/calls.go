package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"hotline/cti"
	"hotline/cti/id"
	"hotline/customer"
)

const (
	surveyID       = "after-call"
	satisfaction   = "satisfaction"
	recommendation = "recommendation"
)

// hours is how many of a hundred calls of a day come in each hour in Taipei: two thirds before noon's end and a second
// rise after it.
var hours = [24]float64{
	0.375, 0.375, 0.375, 0.375, 0.375, 0.375, 0.375, 0.375,
	6.75, 6.75, 13.5, 13.5, 4.5, 4.5, 11.25, 11.25, 9, 9,
	1.5, 1.5, 1.5, 1.5, 0.5, 0.5,
}

// weekdays is the weight of a day, from Sunday.
var weekdays = [7]float64{0.55, 1.15, 1, 1, 1, 1.05, 0.7}

const (
	// The last past call has ended by Now: it arrives so much earlier, and lasts no longer.
	quietBefore = 35 * time.Minute
	longestWait = 10 * time.Minute
	longestTalk = 18 * time.Minute
	// With more calls than so many a day for each agent they can no longer be told apart by who was free.
	callsADay = 60
)

// exchange plays the past calls through, in the order of their arrival.
type exchange struct {
	*world
	b       *batch
	seq     int
	crowded bool
}

func (w *world) makeCalls(send func(*batch) error) error {
	x := &exchange{world: w, b: newBatch(), crowded: w.Calls > callsADay*w.Days*len(w.agents)}
	end := w.Now.Add(-quietBefore)
	start := w.Now.Add(-time.Duration(w.Days) * day).Truncate(time.Hour)
	weight := func(at time.Time) float64 {
		local := at.In(taipei)
		whole := hours[local.Hour()] * weekdays[local.Weekday()]
		return whole * min(1, max(0, end.Sub(at).Hours())) // the last hour counts in part
	}
	total := 0.0
	for at := start; at.Before(end); at = at.Add(time.Hour) {
		total += weight(at)
	}
	sum := 0.0
	for at, hour := start, 0; at.Before(end); at, hour = at.Add(time.Hour), hour+1 {
		sum += weight(at)
		n := int(math.Round(sum/total*float64(w.Calls))) - x.seq
		x.hour(w.chanceOf(streamHour, hour), at, min(time.Hour, end.Sub(at)), n)
		if x.b.size >= batchRows {
			if err := send(x.b); err != nil {
				return err
			}
			x.b = newBatch()
		}
	}
	if x.b.size == 0 {
		return nil
	}
	return send(x.b)
}

func (x *exchange) hour(r *rand.Rand, from time.Time, span time.Duration, n int) {
	arrivals := make([]time.Duration, n)
	for i := range arrivals {
		arrivals[i] = randomTime(r, span)
	}
	slices.Sort(arrivals)
	for _, after := range arrivals {
		x.call(r, from.Add(after))
	}
	x.b.done = x.seq
}

// pastCall is a row of table calls in the making. Zero times have not happened.
type pastCall struct {
	id                      id.CallID
	number                  string
	anonymous               bool
	customer                int64
	lang                    string
	path                    []string
	queue                   id.QueueID
	arrived, queued, answer time.Time
	ended                   time.Time
	agent                   *agent
	outcome                 cti.Outcome
	disposition, note       string
	subject                 string
	topic                   topic
	occasion                cti.Occasion // of its survey
}

func (x *exchange) call(r *rand.Rand, at time.Time) {
	x.seq++
	c := &pastCall{id: id.CallID(fmt.Sprintf("demo-%d-%d", at.Unix(), x.seq)), arrived: at, lang: "zh-TW", path: []string{}}
	x.caller(r, c)
	if r.IntN(100) < 3 {
		c.outcome, c.ended = cti.OutcomeHungUpFlow, at.Add(time.Duration(4+r.IntN(30))*time.Second)
		c.subject = "來電（於語音選單中掛斷）"
	} else {
		c.queue = pick(r, []id.QueueID{order, order, order, order, service, service, service, service, service, member, member})
		c.path = []string{menuWord[c.queue]}
		c.queued = at.Add(time.Duration(16+r.IntN(30)) * time.Second)
		x.wait(r, c)
	}
	x.write(r, c)
}

// caller decides who rings.
func (x *exchange) caller(r *rand.Rand, c *pastCall) {
	switch n := r.IntN(100); {
	case n < 4:
		c.anonymous = true
		return
	case n < 10 && x.Customers < numbers*9/10:
		c.number = phone(x.Customers + r.IntN(numbers-x.Customers))
		return
	}
	settled := x.settled()
	i := r.IntN(settled)
	if r.IntN(100) < 12 {
		i = r.IntN(1 + settled/50) // some ring again and again
	}
	c.number, c.customer = phoneOf(i), int64(i+1)
	if _, latin := x.nameOf(i); latin {
		c.lang = "en"
	}
}

// wait lets the call wait until an agent is free, it gives up, or it has waited too long.
func (x *exchange) wait(r *rand.Rand, c *pastCall) {
	if local := c.queued.In(taipei).Hour(); local < 7 && r.IntN(3) == 0 {
		c.outcome, c.ended = cti.OutcomeUnstaffed, c.queued.Add(9*time.Second)
		c.subject = "來電：" + menuWord[c.queue] + "（無人值機）"
		return
	}
	who, wait := x.freeAgent(r, c)
	if r.IntN(100) < 8 {
		wait += seconds(r.ExpFloat64() * 110) // the hour is busier than these calls alone make it
	}
	patience := seconds(25 + r.ExpFloat64()*200)
	switch {
	case wait > longestWait && patience > longestWait:
		c.outcome, c.ended = cti.OutcomeTimeout, c.queued.Add(longestWait+12*time.Second)
		c.subject = "來電：" + menuWord[c.queue] + "（等候逾時）"
	case wait > patience:
		c.outcome, c.ended = cti.OutcomeAbandoned, c.queued.Add(patience)
		c.subject = "來電：" + menuWord[c.queue] + "（等候中掛斷）"
	default:
		c.agent, c.answer, c.outcome = who, c.queued.Add(wait), cti.OutcomeAnswered
		x.talk(r, c)
	}
}

// freeAgent is the member of the queue who is free first, and how long until they answer.
func (x *exchange) freeAgent(r *rand.Rand, c *pastCall) (*agent, time.Duration) {
	var members []*agent
	for _, a := range x.agents {
		if slices.Contains(a.queues, c.queue) {
			members = append(members, a)
		}
	}
	if len(members) == 0 {
		members = x.agents
	}
	ring := time.Duration(2+r.IntN(7)) * time.Second
	if x.crowded {
		return pick(r, members), ring + seconds(r.ExpFloat64()*14)
	}
	first := slices.MinFunc(members, func(a, b *agent) int { return a.free.Compare(b.free) })
	return first, ring + max(0, first.free.Sub(c.queued))
}

func (x *exchange) talk(r *rand.Rand, c *pastCall) {
	if r.IntN(60) == 0 {
		c.topic = topic{subject: "無人說話", note: "接通後無人應答。", dispositions: []string{invalid, cutOff}, annoyance: -1}
	} else {
		c.topic = pick(r, topics[c.queue])
	}
	about := pick(r, products)
	c.subject, c.note = fill(c.topic.subject, about.name), fill(c.topic.note, about.name)
	c.disposition = pick(r, c.topic.dispositions)
	length := seconds(math.Exp(5.2+0.55*r.NormFloat64()) * (1 + 0.4*c.topic.annoyance))
	c.ended = c.answer.Add(min(max(length, 20*time.Second), longestTalk))
	if c.topic.annoyance < 0 {
		c.ended = c.answer.Add(time.Duration(6+r.IntN(8)) * time.Second)
	}
	c.agent.free = c.ended.Add(time.Duration(12+r.IntN(50)) * time.Second)
}

func (x *exchange) write(r *rand.Rand, c *pastCall) {
	if c.outcome == cti.OutcomeAnswered && c.topic.annoyance >= 0 {
		c.occasion = x.occasion()
		switch luck := r.IntN(100); {
		case luck < 42:
			x.survey(r, c)
		case luck < 78: // hung up before the first answer; of the others the caller was the first to hang up
			x.offer(c, c.ended.Add(-4*time.Second), time.Time{})
		case luck < 84:
			x.link(c)
		}
	}
	var agentID string
	if c.agent != nil {
		agentID = string(c.agent.id)
	}
	var customerID any
	if c.customer != 0 {
		customerID = c.customer
		x.b.add(tContacts, c.customer, c.arrived, string(customer.ChannelPhone), string(customer.In), c.subject, c.note, null(agentID), string(c.id))
	}
	x.b.add(tCalls, string(c.id), Line, Flow, null(c.number), c.anonymous, customerID, c.lang, c.path, null(string(c.queue)), c.arrived,
		nullTime(c.queued), nullTime(c.answer), null(agentID), c.ended, string(c.outcome), null(c.disposition), c.note)
}

// survey asks what was thought of the call: the angrier the matter, the longer the wait and the less able the agent, the
// less.
func (x *exchange) survey(r *rand.Rand, c *pastCall) {
	offered := c.ended
	at := c.ended.Add(time.Duration(13+r.IntN(6)) * time.Second)
	waited := c.answer.Sub(c.queued).Minutes()
	mean := 4.5 + 0.9*(c.agent.skill-1) - 1.9*c.topic.annoyance - 0.25*min(waited, 4)
	if c.occasion == cti.OccasionKey {
		mean += 0.3 // agents send those to the survey who sounded pleased
	}
	liked := min(5, max(1, int(math.Round(mean+0.75*r.NormFloat64()))))
	x.answer(c, satisfaction, liked, at)
	c.ended = at.Add(time.Duration(2+r.IntN(4)) * time.Second)
	if r.IntN(100) < 12 {
		x.offer(c, offered, time.Time{})
		return // hung up at the second question
	}
	at = at.Add(time.Duration(14+r.IntN(7)) * time.Second)
	recommends := min(10, max(0, int(math.Round(2*float64(liked)+0.3+1.1*r.NormFloat64()))))
	x.answer(c, recommendation, recommends, at)
	c.ended = at.Add(6 * time.Second)
	x.offer(c, offered, at.Add(time.Second))
}

// occasion is on which the caller is asked whose agent hangs up first.
func (x *exchange) occasion() cti.Occasion {
	switch n := x.chanceOf(streamOccasion, x.seq).IntN(100); {
	case n < 15:
		return cti.OccasionFlow
	case n < 45:
		return cti.OccasionKey
	}
	return cti.OccasionAfter
}

// link asks a caller who hung up first by a link, which some of them answer within a day or two.
func (x *exchange) link(c *pastCall) {
	r := x.chanceOf(streamOccasion, x.seq)
	c.occasion = cti.OccasionLink
	at := c.ended.Add(time.Minute + randomTime(r, 2*day))
	if r.IntN(100) >= 35 || at.After(x.Now.Add(-time.Hour)) {
		x.offer(c, c.ended, time.Time{})
		return
	}
	liked := min(5, max(1, int(math.Round(4.0-1.9*c.topic.annoyance+0.9*r.NormFloat64()))))
	x.answer(c, satisfaction, liked, at)
	if r.IntN(100) < 20 {
		x.offer(c, c.ended, time.Time{})
		return
	}
	x.answer(c, recommendation, min(10, max(0, int(math.Round(2*float64(liked)+1.1*r.NormFloat64())))), at.Add(20*time.Second))
	x.offer(c, c.ended, at.Add(21*time.Second))
}

// way is how somebody is asked on the call's occasion.
func (c *pastCall) way() string {
	if c.occasion == cti.OccasionLink {
		return "link"
	}
	return "phone"
}

func (x *exchange) offer(c *pastCall, at, finished time.Time) {
	x.b.add(tOffers, string(c.id), surveyID, x.surveyVersion, string(c.queue), string(c.agent.id), at, nullTime(finished), c.way(), string(c.occasion))
}

func (x *exchange) answer(c *pastCall, question string, value int, at time.Time) {
	x.b.add(tAnswers, string(c.id), surveyID, x.surveyVersion, question, value, at, c.way(), string(c.queue), string(c.agent.id), string(c.occasion))
}

func seconds(n float64) time.Duration { return time.Duration(n) * time.Second }

// nullTime is null for a time that has not come.
func nullTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
