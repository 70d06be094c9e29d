package demo

import (
	"fmt"
	"math/rand/v2"
	"time"

	"hotline/customer"
)

const day = 24 * time.Hour

// newcomers is the share of customers, the last ones, who came within the days of the past calls. They have not called.
const newcomers = 0.05

// settled is how many customers were there before the past calls.
func (w *world) settled() int { return w.Customers - int(newcomers*float64(w.Customers)) }

// chanceOf gives each customer and each hour its own sequence, so that more of one don't change the others.
func (w *world) chanceOf(stream, n int) *rand.Rand {
	return rand.New(rand.NewPCG(w.Seed, uint64(stream)<<48|uint64(n)))
}

const (
	streamName = iota + 1
	streamCustomer
	streamHour
	streamOccasion
	streamContact
)

// nameOf is the name of the i-th customer, from 0; latin says that it is in Latin letters.
func (w *world) nameOf(i int) (full string, latin bool) {
	r := w.chanceOf(streamName, i)
	full, family := name(r)
	if sharesPhone(i) {
		if _, family := name(w.chanceOf(streamName, i-1)); family != 0 {
			return given(r, family), false
		}
	}
	return full, family == 0
}

// clerk writes down one customer after another.
type clerk struct {
	*world
	b      *batch
	orders int // so far, for their numbers
	cases  int
}

func (w *world) makeCustomers(send func(*batch) error) error {
	c := &clerk{world: w, b: newBatch()}
	for i := range w.Customers {
		c.customer(i)
		c.b.done = i + 1
		if c.b.size >= batchRows || i == w.Customers-1 {
			if err := send(c.b); err != nil {
				return err
			}
			c.b = newBatch()
		}
	}
	return nil
}

func (c *clerk) customer(i int) {
	r := c.chanceOf(streamCustomer, i)
	rowID := int64(i + 1)
	since := c.Now.Add(-time.Duration(c.Days)*day - randomTime(r, 1400*day))
	if i >= c.settled() {
		since = c.Now.Add(-randomTime(r, time.Duration(c.Days)*day))
	}
	full, _ := c.nameOf(i)
	c.b.add(tPhones, phoneOf(i), rowID)
	bought, spend := c.buy(r, rowID, since)
	var note string
	tier := customer.TierFor(spend)
	if tier == customer.TierDiamond {
		note = "重要客戶，由專人服務。"
	}
	c.b.add(tCustomers, rowID, full, null(string(tier)), pick(r, preferences), note, since)
	c.enquire(r, rowID, since)
	if len(bought) > 0 && r.IntN(100) < 4 {
		c.complain(r, rowID, pick(r, bought))
	}
}

// purchase is an order that a case may be about.
type purchase struct {
	product product
	at      time.Time
}

// buy writes a customer's orders and returns them with what was spent in the last year.
func (c *clerk) buy(r *rand.Rand, customerID int64, since time.Time) (bought []purchase, spend int64) {
	goal, few := int64(0), 0
	switch n := r.IntN(1000); {
	case n < 3:
		goal = 300_000
	case n < 15:
		goal = 100_000
	case n < 55:
		goal = 50_000
	default:
		for few < 6 && r.IntN(100) < 62 {
			few++
		}
	}
	for len(bought) < few || spend <= goal && goal > 0 {
		p, quantity := pick(r, products), 1
		span := c.Now.Sub(since)
		if goal > 0 {
			quantity, span = 1+r.IntN(1+int(goal)/40_000), min(span, 365*day) // inns and offices
		}
		at := c.Now.Add(-randomTime(r, span))
		status := statusAt(r, c.Now.Sub(at))
		amount := p.price * quantity
		if status != "cancelled" && status != "returned" && c.Now.Sub(at) < 365*day {
			spend += int64(amount)
		}
		c.orders++
		c.b.add(tOrders, fmt.Sprintf("HL%s-%07d", at.In(taipei).Format("060102"), c.orders),
			customerID, at, p.id, quantity, amount, status)
		if r.IntN(2) == 0 {
			c.contact(customerID, at, customer.ChannelWeb, customer.In, fill("網路訂購：{}", p.name), "", "")
		}
		if status == "delivered" && r.IntN(3) == 0 {
			sent := at.Add(time.Duration(20+r.IntN(30)) * time.Hour)
			c.contact(customerID, sent, customer.ChannelLINE, customer.Out, fill("出貨通知：{}", p.name), "", "")
		}
		bought = append(bought, purchase{p, at})
	}
	return bought, spend
}

// statusAt is how far an order of that age is.
func statusAt(r *rand.Rand, age time.Duration) string {
	switch {
	case age < 12*time.Hour:
		return "placed"
	case age < 36*time.Hour:
		return "packed"
	case age < 4*day:
		return "shipped"
	case r.IntN(30) == 0:
		return "returned"
	case r.IntN(30) == 0:
		return "cancelled"
	default:
		return "delivered"
	}
}

var enquiryChannels = []customer.Channel{
	customer.ChannelLINE, customer.ChannelLINE, customer.ChannelLINE, customer.ChannelWeb, customer.ChannelWeb,
	customer.ChannelEmail, customer.ChannelEmail, customer.ChannelFacebook, customer.ChannelLetter, customer.ChannelVisit,
}

func (c *clerk) enquire(r *rand.Rand, customerID int64, since time.Time) {
	for r.IntN(100) < 38 {
		at := c.Now.Add(-randomTime(r, min(c.Now.Sub(since), 700*day)))
		subject := fill(pick(r, enquiries).subject, pick(r, products).name)
		c.contact(customerID, at, pick(r, enquiryChannels), customer.In, subject, "已回覆客戶。", string(pick(r, c.agents).id))
	}
}

// complain opens a case about something bought; most are closed by now.
func (c *clerk) complain(r *rand.Rand, customerID int64, about purchase) {
	opened := about.at.Add(2*day + randomTime(r, 10*day))
	if opened.After(c.Now) {
		opened = c.Now.Add(-randomTime(r, c.Now.Sub(about.at)))
	}
	title := fill(pick(r, caseTitles), about.product.name)
	state, closed := "closed", any(opened.Add(day+randomTime(r, 5*day)))
	if c.Now.Sub(opened) < 7*day || r.IntN(3) == 0 {
		state, closed = pick(r, []string{"opened", "assigned", "in_progress", "in_progress", "answered"}), nil
	}
	c.cases++
	c.b.add(tCases, fmt.Sprintf("CS%s-%05d", opened.In(taipei).Format("20060102"), c.cases), customerID, title, state, opened, closed)
	channel := pick(r, []customer.Channel{customer.ChannelWeb, customer.ChannelEmail, customer.ChannelFacebook, customer.ChannelLINE})
	c.contact(customerID, opened, channel, customer.In, "客訴："+title, "已立案，由售後服務組處理。", string(pick(r, c.agents).id))
}

func (c *clerk) contact(customerID int64, at time.Time, ch customer.Channel, d customer.Direction, subject, summary, agentID string) {
	if at.After(c.Now) {
		return
	}
	c.b.add(tContacts, customerID, at, string(ch), string(d), subject, summary, null(agentID), nil)
}

// randomTime is less than most, in whole seconds.
func randomTime(r *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(r.Int64N(max(1, int64(most/time.Second)))) * time.Second
}

// null stands for the empty string in a column that may be null.
func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}
