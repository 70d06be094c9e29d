package web

import (
	"context"
	"net/http"
	"slices"

	"hotline/customer"
	"hotline/internal/notify"
)

// CustomerPage is a customer as the app shows one outside a call.
type CustomerPage struct {
	customer.Customer
	Masked    bool               `json:"masked" doc:"Names and numbers are; ask with reveal."`
	OpenCases []customer.Case    `json:"open_cases"`
	Contacts  []customer.Contact `json:"contacts" doc:"The last three."`
	Orders    []customer.Order   `json:"orders" doc:"The last three."`
}

type searchInput struct {
	Q      string `query:"q" required:"true" minLength:"2" maxLength:"60" doc:"A name or part of one, a number or its beginning, an order's number."`
	Limit  int    `query:"limit" minimum:"1" maximum:"50" default:"20"`
	Reveal bool   `query:"reveal" doc:"Unmasked, and logged; needs the right, and the scope team or all."`
}

type CustomerPath struct {
	ID     int64 `path:"id" minimum:"1"`
	Reveal bool  `query:"reveal" doc:"Unmasked, and logged. With the scope own only of the caller one has a call with."`
}

type emailInput struct {
	ID   int64 `path:"id" minimum:"1"`
	Body struct {
		Email string `json:"email" maxLength:"254" doc:"Empty removes it."`
	}
}

type historyInput struct {
	Paging
	CustomerPath
}

func (s *Server) registerCustomers() {
	const path = "/customers/{id}"
	route(s, endpoint{method: http.MethodGet, path: "/customers", id: "searchCustomers", right: RightCustomers, summary: "Find customers"}, s.searchCustomers)
	route(s, endpoint{method: http.MethodGet, path: path, id: "getCustomer", right: RightCustomers, summary: "A customer with open cases, last contacts and orders"}, s.getCustomer)
	route(s, endpoint{method: http.MethodGet, path: path + "/contacts", id: "listContacts", right: RightCustomers, summary: "A customer's history over all channels"}, s.listContacts)
	act(s, endpoint{method: http.MethodPut, path: path + "/email", id: "setCustomerEmail", right: RightCorrect, summary: "Enter or correct a customer's mail address; with the scope own only of the caller one has a call with"}, s.setEmail)
}

func (s *Server) searchCustomers(ctx context.Context, who Who, in *searchInput) (list[customer.Found], error) {
	if in.Reveal && (!may(who.Role, who.Scope, RightReveal) || who.Scope == ScopeOwn) {
		return list[customer.Found]{}, newProblem(http.StatusForbidden, "forbidden", "may not reveal what a search finds")
	}
	found, err := s.Customers.Search(ctx, in.Q, in.Limit)
	if err != nil {
		return list[customer.Found]{}, err
	}
	for i := range found {
		if in.Reveal {
			if err := s.revealed(ctx, who, found[i].ID); err != nil {
				return list[customer.Found]{}, err
			}
			continue
		}
		found[i].Name = customer.MaskName(found[i].Name)
		maskPhones(found[i].Phones)
	}
	return everything(found), nil
}

func (s *Server) getCustomer(ctx context.Context, who Who, in *CustomerPath) (CustomerPage, error) {
	if err := s.mayReveal(ctx, who, in.ID, in.Reveal); err != nil {
		return CustomerPage{}, err
	}
	pop, err := s.Customers.Pop(ctx, "", in.ID)
	if err != nil {
		return CustomerPage{}, err
	}
	if pop.Customer == nil {
		return CustomerPage{}, notFound("customer")
	}
	page := CustomerPage{Customer: *pop.Customer, Masked: !in.Reveal, OpenCases: pop.OpenCases, Contacts: pop.Contacts, Orders: pop.Orders}
	if page.Masked {
		page.Name = customer.MaskName(page.Name)
		maskPhones(page.Phones)
		page.Email = notify.Mask(page.Email)
		// Free text names people and addresses.
		page.Note, page.Preferences = "", ""
		maskContacts(page.Contacts)
	}
	return page, nil
}

func (s *Server) listContacts(ctx context.Context, who Who, in *historyInput) (list[customer.Contact], error) {
	if err := s.mayReveal(ctx, who, in.ID, in.Reveal); err != nil {
		return list[customer.Contact]{}, err
	}
	from, err := customer.ParseCursor(in.After)
	if err != nil {
		return list[customer.Contact]{}, err
	}
	contacts, next, err := s.Customers.History(ctx, in.ID, from, in.Limit)
	if err != nil {
		return list[customer.Contact]{}, err
	}
	if !in.Reveal {
		maskContacts(contacts)
	}
	page := everything(contacts)
	page.Next = next.String()
	return page, nil
}

// setEmail notes in the access log that the address was changed, and not what it was or is.
func (s *Server) setEmail(ctx context.Context, who Who, in *emailInput) error {
	if who.Scope == ScopeOwn && !s.serves(who, in.ID) {
		return newProblem(http.StatusForbidden, "forbidden", "may not correct this customer's data now")
	}
	email, err := customer.ParseEmail(in.Body.Email)
	if err != nil {
		p := invalid("body.email", err.Error())
		p.Errors[0].Code = "email"
		return p
	}
	if err := s.Customers.SetEmail(ctx, in.ID, email); err != nil {
		return err
	}
	what := "entered"
	if email == "" {
		what = "removed"
	}
	return s.changed(ctx, who, customerObject(in.ID), map[string]any{"email": what})
}

// mayReveal refuses a reveal that the person may not have, and logs one before it happens.
func (s *Server) mayReveal(ctx context.Context, who Who, customerID int64, reveal bool) error {
	if !reveal {
		return nil
	}
	if !may(who.Role, who.Scope, RightReveal) || who.Scope == ScopeOwn && !s.serves(who, customerID) {
		return newProblem(http.StatusForbidden, "forbidden", "may not reveal this customer now")
	}
	return s.revealed(ctx, who, customerID)
}

// serves says whether the person has a call now that may be the customer's.
func (s *Server) serves(who Who, customerID int64) bool {
	view, ok := s.Floor.View(who.ID)
	return ok && view.Call != nil && slices.Contains(view.Call.Customers, customerID)
}

func (s *Server) revealed(ctx context.Context, who Who, customerID int64) error {
	return s.access.add(ctx, accessEntry{user: who.ID, action: actionReveal, object: customerObject(customerID)})
}

func maskPhones(phones []string) {
	for i := range phones {
		phones[i] = customer.MaskPhone(phones[i])
	}
}

// maskContacts leaves the subjects, which are of a kind, and hides what was written down.
func maskContacts(contacts []customer.Contact) {
	for i := range contacts {
		contacts[i].Summary = ""
	}
}
