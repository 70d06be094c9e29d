package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hotline/campaign"
	"hotline/customer"
	"hotline/internal/notify"
	"hotline/internal/site"
	"hotline/ivr/flowstore"
	"hotline/qa"
	"hotline/qa/review"
	"hotline/recording"
	"hotline/recording/keep"
	"hotline/recording/ledger"
	"hotline/task"
)

// Problem is an error as the client gets it, RFC 9457. Code is stable, and what the app chooses its words by; Title and
// Detail are for developers.
type Problem struct {
	Type       string  `json:"type" doc:"Always about:blank; the code tells them apart."`
	Title      string  `json:"title"`
	Status     int     `json:"status"`
	Detail     string  `json:"detail,omitempty"`
	Code       string  `json:"code" doc:"Stable name of the problem."`
	RetryAfter int     `json:"retry_after,omitempty" doc:"Seconds, as in the header Retry-After."`
	Errors     []Fault `json:"errors,omitempty" doc:"What is wrong with the request, part by part."`
}

// Fault is one part of a request that is wrong. The value is left out, since it might be a password.
type Fault struct {
	Location string `json:"location" doc:"E.g. body.login"`
	Message  string `json:"message" doc:"In English, with the remedy."`
	Code     string `json:"code,omitempty" doc:"Stable, where the fault is one of the site's rules: required, too_long, form, out_of_range, unknown, taken, in_use, reserved, last_admin, team_needed, email."`
}

func (p *Problem) Error() string {
	if p.Detail == "" {
		return p.Code
	}
	return p.Code + ": " + p.Detail
}

// GetStatus makes the Problem huma's error.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes it a problem document, RFC 9457 section 3.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders gives huma the header that goes with RetryAfter.
func (p *Problem) GetHeaders() http.Header {
	if p.RetryAfter == 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(p.RetryAfter)}}
}

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

func retryLater(status int, code string, after time.Duration) *Problem {
	p := newProblem(status, code, "")
	p.RetryAfter = max(1, int((after+time.Second-1)/time.Second))
	p.Detail = fmt.Sprintf("try again in %d seconds", p.RetryAfter)
	return p
}

func notFound(what string) *Problem {
	return newProblem(http.StatusNotFound, "not_found", "no such "+what)
}

func invalid(location, message string) *Problem {
	p := newProblem(http.StatusUnprocessableEntity, "invalid", "")
	p.Errors = []Fault{{Location: location, Message: message}}
	return p
}

// codes of the problems that huma itself finds.
var codes = map[int]string{
	http.StatusBadRequest:            "bad_request",
	http.StatusNotFound:              "not_found",
	http.StatusMethodNotAllowed:      "bad_request",
	http.StatusNotAcceptable:         "bad_request",
	http.StatusRequestTimeout:        "bad_request",
	http.StatusRequestEntityTooLarge: "too_large",
	http.StatusUnsupportedMediaType:  "unsupported_media",
	http.StatusUnprocessableEntity:   "invalid",
}

// huma makes its own errors through this variable and nothing else.
func init() {
	huma.DefaultArrayNullable = false // The lists of this API are empty rather than null.
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		code, ok := codes[status]
		if !ok {
			code = "internal"
			msg = "" // May say what only the log should.
		}
		p := newProblem(status, code, msg)
		for _, err := range errs {
			if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
				p.Errors = append(p.Errors, Fault{Location: d.Location, Message: d.Message})
			} else if err != nil && code != "internal" {
				p.Errors = append(p.Errors, Fault{Message: err.Error()})
			}
		}
		return p
	}
}

// explain makes a Problem of whatever a handler returned, and logs what is our own fault.
func (s *Server) explain(ctx context.Context, what string, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if errors.Is(err, errBusy) {
		return retryLater(http.StatusServiceUnavailable, "busy", 2*time.Second)
	}
	if refused, ok := errors.AsType[*site.Invalid](err); ok {
		p := newProblem(http.StatusUnprocessableEntity, "invalid", "")
		for _, f := range refused.Faults {
			p.Errors = append(p.Errors, Fault{Location: "body." + f.Field, Message: f.Remedy, Code: f.Code})
		}
		return p
	}
	if refused, ok := errors.AsType[*review.Refusal](err); ok {
		return newProblem(http.StatusConflict, refused.Code, refused.Why)
	}
	if refused, ok := errors.AsType[*campaign.Refusal](err); ok {
		return newProblem(http.StatusConflict, refused.Code, refused.Why)
	}
	if faulty, ok := errors.AsType[*campaign.InvalidError](err); ok {
		p := newProblem(http.StatusUnprocessableEntity, "invalid", "")
		for _, f := range faulty.Faults {
			p.Errors = append(p.Errors, Fault{Location: "body." + f.Field, Message: f.Remedy})
		}
		return p
	}
	if refused, ok := errors.AsType[*task.Refusal](err); ok {
		return newProblem(http.StatusConflict, refused.Code, refused.Why)
	}
	if refused, ok := errors.AsType[*notify.Refusal](err); ok {
		return newProblem(http.StatusConflict, refused.Code, refused.Why)
	}
	if faulty, ok := errors.AsType[*qa.FaultyCard](err); ok {
		p := newProblem(http.StatusUnprocessableEntity, "invalid", "")
		for _, f := range faulty.Faults {
			p.Errors = append(p.Errors, Fault{Location: fmt.Sprintf("body.yaml:%d", f.Line), Message: f.Error()})
		}
		return p
	}
	if faulty, ok := errors.AsType[*qa.FaultyBook](err); ok {
		p := newProblem(http.StatusUnprocessableEntity, "invalid", "")
		for _, f := range faulty.Faults {
			p.Errors = append(p.Errors, Fault{Location: fmt.Sprintf("body.yaml:%d", f.Line), Message: f.Error()})
		}
		return p
	}
	if faulty, ok := errors.AsType[*flowstore.Faulty](err); ok {
		p := newProblem(http.StatusUnprocessableEntity, "invalid", "")
		for _, f := range faulty.Faults {
			p.Errors = append(p.Errors, Fault{Location: fmt.Sprintf("body.yaml:%d", f.Line), Message: f.String()})
		}
		return p
	}
	if errors.Is(err, flowstore.ErrStale) {
		return newProblem(http.StatusConflict, "stale", flowstore.ErrStale.Error())
	}
	if errors.Is(err, qa.ErrStale) {
		return newProblem(http.StatusConflict, "stale", qa.ErrStale.Error())
	}
	if faulty, ok := errors.AsType[*qa.FaultyDictionary](err); ok {
		p := newProblem(http.StatusUnprocessableEntity, "invalid", "")
		for _, f := range faulty.Faults {
			p.Errors = append(p.Errors, Fault{Location: fmt.Sprintf("body.yaml:%d", f.Line), Message: f.Error()})
		}
		return p
	}
	for _, none := range []error{qa.ErrNotFound, flowstore.ErrNotFound, pgx.ErrNoRows, site.ErrNotFound, customer.ErrNotFound, recording.ErrNotFound, ledger.ErrNotFound, keep.ErrNotFound, task.ErrNotFound, campaign.ErrNotFound, notify.ErrNotFound} {
		if errors.Is(err, none) {
			return notFound("object")
		}
	}
	if errors.Is(err, customer.ErrBadCursor) {
		return invalid("query.after", "no place in this list")
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pgErr.Code {
		case "23505": // unique_violation
			return newProblem(http.StatusConflict, "conflict", "exists already")
		case "23503": // foreign_key_violation
			return newProblem(http.StatusConflict, "in_use", "refers to something that is not there, or is referred to")
		case "23514", "22001", "22P02": // check_violation, string too long, invalid text
			return newProblem(http.StatusUnprocessableEntity, "invalid", "a value is not allowed: "+pgErr.ConstraintName)
		}
	} else if isAway(err) {
		s.log.WarnContext(ctx, "database away", "route", what, "error", err)
		p := retryLater(http.StatusServiceUnavailable, "unavailable", 3*time.Second)
		return p
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return newProblem(499, "bad_request", "the client left") // nginx's number; nobody reads it.
	}
	s.log.ErrorContext(ctx, "request failed", "route", what, "error", err)
	return newProblem(http.StatusInternalServerError, "internal", "")
}

// isAway says whether the error is one of reaching the database rather than of asking it.
func isAway(err error) bool {
	_, connect := errors.AsType[*pgconn.ConnectError](err)
	return connect || errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err)
}

// writeProblem answers outside huma.
func writeProblem(w http.ResponseWriter, p *Problem) {
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	// A client that is gone needs no answer.
	_ = json.NewEncoder(w).Encode(p)
}
