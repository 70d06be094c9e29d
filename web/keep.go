package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"hotline/cti/id"
	"hotline/recording/keep"
)

// HoldQuery names recordings; all that is set must be true.
type HoldQuery struct {
	Queue    string      `json:"queue,omitempty" maxLength:"40"`
	Agent    string      `json:"agent,omitempty" maxLength:"40"`
	Customer int64       `json:"customer,omitempty" minimum:"0"`
	Outcome  string      `json:"outcome,omitempty" maxLength:"40" doc:"A disposition."`
	Calls    []id.CallID `json:"calls,omitempty" maxItems:"1000"`
	From     *time.Time  `json:"from,omitempty" doc:"Recorded at or after."`
	To       *time.Time  `json:"to,omitempty" doc:"Recorded before."`
}

// LegalHold keeps recordings from being thrown away.
type LegalHold struct {
	ID            int64      `json:"id"`
	Reason        string     `json:"reason"`
	OwnerID       string     `json:"owner_id"`
	OwnerName     string     `json:"owner_name"`
	PlacedAt      time.Time  `json:"placed_at"`
	Query         HoldQuery  `json:"query"`
	Recordings    int64      `json:"recordings" doc:"It covers so far."`
	ReleasedAt    *time.Time `json:"released_at" doc:"Null while it stands."`
	ReleasedBy    string     `json:"released_by"`
	ReleaseReason string     `json:"release_reason"`
}

// Retention is how long recordings are kept.
type Retention struct {
	KeepDays int         `json:"keep_days" doc:"Days where no rule counts; 0 means for ever."`
	Rules    []keep.Rule `json:"rules" doc:"The rule that names queue and outcome goes before that of the queue, and that before that of the outcome."`
}

type holdsInput struct {
	Released bool `query:"released" doc:"Those that were released, too."`
}

type placeHoldInput struct {
	Body struct {
		Reason string    `json:"reason" minLength:"1" maxLength:"500"`
		Query  HoldQuery `json:"query"`
	}
}

type releaseHoldInput struct {
	ID   int64 `path:"hold" minimum:"1"`
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

type retentionInput struct {
	Body struct {
		Queue   string `json:"queue" maxLength:"40" doc:"Empty: every queue."`
		Outcome string `json:"outcome" maxLength:"40" doc:"A disposition; empty: every outcome."`
		Days    int    `json:"days" minimum:"0" maximum:"36500" doc:"0 removes the rule."`
	}
}

type eraseInput struct {
	Leg  string `path:"leg" maxLength:"120"`
	Body struct {
		Why keep.Why `json:"why" enum:"request,order,mistake" doc:"Of the person who speaks, of a court or authority, or because it should never have been recorded."`
	}
}

func (s *Server) registerKeep() {
	route(s, endpoint{method: http.MethodGet, path: "/legal-holds", id: "listLegalHolds", right: RightHolds, summary: "Legal holds, the newest first"}, s.listHolds)
	route(s, endpoint{method: http.MethodPost, path: "/legal-holds", id: "placeLegalHold", right: RightHolds, summary: "Keep all recordings that a query names", status: http.StatusCreated}, s.placeHold)
	act(s, endpoint{method: http.MethodPost, path: "/legal-holds/{hold}/release", id: "releaseLegalHold", right: RightHolds, summary: "Release a hold"}, s.releaseHold)
	route(s, endpoint{method: http.MethodGet, path: "/retention", id: "getRetention", right: RightSite, summary: "How long recordings are kept"},
		func(ctx context.Context, _ Who, _ *struct{}) (Retention, error) { return s.retention(ctx) })
	route(s, endpoint{method: http.MethodPut, path: "/retention", id: "setRetention", right: RightSite, summary: "Set or remove a rule of retention"}, s.setRetention)
	act(s, endpoint{method: http.MethodPost, path: "/recordings/{leg}/erasure", id: "eraseRecording", right: RightErase, summary: "Throw a recording away, with all that was derived from it"}, s.erase)
}

func (s *Server) listHolds(ctx context.Context, _ Who, in *holdsInput) (list[LegalHold], error) {
	holds, err := s.Keep.Holds(ctx, in.Released)
	if err != nil {
		return list[LegalHold]{}, err
	}
	names, err := s.namesOf(ctx, holds)
	if err != nil {
		return list[LegalHold]{}, err
	}
	out := make([]LegalHold, len(holds))
	for i, h := range holds {
		out[i] = holdOf(h)
		out[i].OwnerName, out[i].ReleasedBy = names[h.Owner], names[h.ReleasedBy]
	}
	return everything(out), nil
}

func holdOf(h keep.Hold) LegalHold {
	q := h.Query
	return LegalHold{
		ID: h.ID, Reason: h.Reason, OwnerID: string(h.Owner), PlacedAt: h.Placed, Recordings: h.Recordings,
		Query:      HoldQuery{Queue: q.Queue, Agent: string(q.Agent), Customer: q.Customer, Outcome: q.Outcome, Calls: q.Calls, From: moment(q.From), To: moment(q.To)},
		ReleasedAt: h.Released, ReleaseReason: h.ReleaseReason,
	}
}

// moment is null for a time that was not said.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// namesOf are the names of those who placed and released.
func (s *Server) namesOf(ctx context.Context, holds []keep.Hold) (map[id.AgentID]string, error) {
	people := []id.AgentID{}
	for _, h := range holds {
		people = append(people, h.Owner, h.ReleasedBy)
	}
	rows, err := s.DB.Query(ctx, `select id, name from users where id = any ($1)`, people)
	if err != nil {
		return nil, err
	}
	names := map[id.AgentID]string{}
	for rows.Next() {
		var who id.AgentID
		var name string
		if err := rows.Scan(&who, &name); err != nil {
			rows.Close()
			return nil, err
		}
		names[who] = name
	}
	return names, rows.Err()
}

func (s *Server) placeHold(ctx context.Context, who Who, in *placeHoldInput) (LegalHold, error) {
	b := in.Body.Query
	q := keep.Query{Queue: b.Queue, Agent: id.AgentID(b.Agent), Customer: b.Customer, Outcome: b.Outcome, Calls: b.Calls}
	if b.From != nil {
		q.From = *b.From
	}
	if b.To != nil {
		q.To = *b.To
	}
	h, err := s.Keep.Place(ctx, q, in.Body.Reason, who.ID)
	switch {
	case errors.Is(err, keep.ErrEverything):
		return LegalHold{}, invalid("body.query", err.Error())
	case errors.Is(err, keep.ErrReason):
		return LegalHold{}, invalid("body.reason", err.Error())
	case err != nil:
		return LegalHold{}, err
	}
	out := holdOf(h)
	out.OwnerName = who.Name
	return out, nil
}

func (s *Server) releaseHold(ctx context.Context, who Who, in *releaseHoldInput) error {
	err := s.Keep.Release(ctx, in.ID, in.Body.Reason, who.ID)
	if errors.Is(err, keep.ErrReason) {
		return invalid("body.reason", err.Error())
	}
	return err
}

func (s *Server) retention(ctx context.Context) (Retention, error) {
	rules, err := s.Keep.Rules(ctx)
	if rules == nil {
		rules = []keep.Rule{}
	}
	return Retention{KeepDays: s.Keep.KeepDays(), Rules: rules}, err
}

func (s *Server) setRetention(ctx context.Context, who Who, in *retentionInput) (Retention, error) {
	b := in.Body
	if err := s.Keep.SetRule(ctx, keep.Rule{Queue: b.Queue, Outcome: b.Outcome, Days: b.Days}, who.ID); err != nil {
		return Retention{}, err
	}
	return s.retention(ctx)
}

// erase is refused while a hold stands, with who holds it and why.
func (s *Server) erase(ctx context.Context, who Who, in *eraseInput) error {
	if _, err := s.recording(ctx, who, in.Leg); err != nil {
		return err
	}
	err := s.Keep.Erase(ctx, id.LegID(in.Leg), in.Body.Why, who.ID)
	if held, ok := errors.AsType[*keep.HeldError](err); ok {
		return s.heldProblem(ctx, held)
	}
	if errors.Is(err, keep.ErrLater) {
		s.log.WarnContext(ctx, "the file of an erased recording is not removed yet", "leg", in.Leg, "error", err)
		return nil
	}
	if errors.Is(err, keep.ErrBusy) {
		return newProblem(http.StatusConflict, "still_recording", err.Error())
	}
	return err
}

// heldProblem names each hold in an error of its own.
func (s *Server) heldProblem(ctx context.Context, held *keep.HeldError) error {
	names, err := s.namesOf(ctx, held.Holds)
	if err != nil {
		return err
	}
	p := newProblem(http.StatusConflict, "held", "a legal hold keeps this recording")
	for _, h := range held.Holds {
		p.Errors = append(p.Errors, Fault{Location: "hold." + string(h.Owner), Message: names[h.Owner] + ": " + h.Reason, Code: "held"})
	}
	return p
}
