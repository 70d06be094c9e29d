package main

import (
	"context"
	"time"

	"hotline/cti/id"
	"hotline/customer"
	"hotline/internal/exchange"
	"hotline/internal/notify"
)

// directory finds out who calls, for the exchange.
type directory struct{ store *customer.Store }

// Number makes E.164 of what the network says.
func (c directory) Number(raw string) (string, bool) {
	n, err := customer.ParsePhone(raw)
	return n.E164, err == nil
}

// pop is what the desk shows of a caller; docs/desk-protocol.md has its shape.
type pop struct {
	Call      id.CallID `json:"call"`
	Anonymous bool      `json:"anonymous"`
	Phone     string    `json:"phone"`   // masked; empty when withheld
	History   bool      `json:"history"` // false: the database did not answer, the rest is missing
	customer.Pop
}

// Find reads what the desk shows of a number.
func (c directory) Find(ctx context.Context, call id.CallID, e164 string) (exchange.Pop, error) {
	return c.read(ctx, call, e164, 0)
}

func (c directory) read(ctx context.Context, call id.CallID, e164 string, chosen int64) (exchange.Pop, error) {
	p := pop{Call: call, Anonymous: e164 == "", History: true}
	if e164 != "" {
		p.Phone = customer.MaskPhone(e164)
	}
	var err error
	if e164 != "" || chosen != 0 {
		p.Pop, err = c.store.Pop(ctx, e164, chosen)
		p.History = err == nil
	}
	out := exchange.Pop{Call: call}
	for _, m := range p.Candidates {
		out.Customers = append(out.Customers, m.ID)
	}
	if p.Customer != nil {
		for i, phone := range p.Customer.Phones {
			p.Customer.Phones[i] = customer.MaskPhone(phone)
		}
		p.Customer.Email = notify.Mask(p.Customer.Email)
	}
	out.Data = p
	return out, err
}

// chooser makes one of the customers on a number the call's customer, as an agent asks for.
func chooser(ex *exchange.Exchange, store *customer.Store) func(context.Context, id.AgentID, id.CallID, int64) error {
	return func(ctx context.Context, agent id.AgentID, call id.CallID, chosen int64) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		number, err := ex.NumberOf(ctx, call)
		if err != nil {
			return err
		}
		p, err := directory{store}.read(ctx, call, number, chosen)
		if err != nil {
			return err
		}
		return ex.ChooseCustomer(ctx, agent, p, chosen)
	}
}
