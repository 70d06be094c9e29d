package exchange

import (
	"context"
	"time"

	"hotline/cti"
	"hotline/cti/id"
)

// lookUp asks who calls, while the caller hears the welcome. The desk has the answer before it rings, or rings without.
func (x *Exchange) lookUp(cmd cti.LookUpCustomer) {
	l := x.calls[cmd.Call]
	if l == nil {
		return
	}
	number, asked := l.number, time.Now()
	go func() {
		ctx, cancel := context.WithTimeout(x.running, popTime)
		defer cancel()
		pop, err := x.Callers.Find(ctx, cmd.Call, number)
		x.inbox.put(item{do: func() {
			if err != nil {
				x.Log.Warn("look up the caller", "call", cmd.Call, "err", err)
			}
			x.historyAway(err != nil)
			x.metrics.lookup.Observe(time.Since(asked).Seconds())
			if l := x.calls[cmd.Call]; l != nil {
				l.pop, l.popKnown = pop, true
			}
			x.apply(cti.CustomerFound{Call: cmd.Call, Customers: append([]int64{}, pop.Customers...)})
		}})
	}()
}

// historyAway tells the desks when customers' histories cannot be read, and when they can again.
func (x *Exchange) historyAway(away bool) {
	if x.noHistory != away {
		x.noHistory = away
		x.Desk.Health(!away)
	}
}

// ChooseCustomer makes one of the customers who share the number the call's customer, and shows that one.
func (x *Exchange) ChooseCustomer(ctx context.Context, agent id.AgentID, pop Pop, customer int64) error {
	return x.on(ctx, func() {
		if l := x.calls[pop.Call]; l != nil {
			l.pop, l.popKnown, l.chosen = pop, true, customer
		}
		at := now()
		x.journal.add(kindChosen, at, chosenRow{Call: pop.Call, Customer: customer}, nil)
		x.shown[agent] = pop.Call
		x.Desk.Pop(agent, pop, at)
	})
}

// NumberOf is the number of a live call's caller (E.164), "" when it was withheld or the call is over.
func (x *Exchange) NumberOf(ctx context.Context, call id.CallID) (number string, err error) {
	err = x.on(ctx, func() {
		if l := x.calls[call]; l != nil {
			number = l.number
		}
	})
	return number, err
}
