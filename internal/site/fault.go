package site

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrNotFound: there is nothing of that id.
var ErrNotFound = errors.New("not found")

// The codes of a Fault.
const (
	FaultRequired   = "required"
	FaultTooLong    = "too_long"
	FaultForm       = "form"         // not in the form that Remedy tells
	FaultRange      = "out_of_range" // Remedy tells the range
	FaultUnknown    = "unknown"      // names something that isn't there
	FaultTaken      = "taken"        // somebody or something else has it
	FaultInUse      = "in_use"
	FaultReserved   = "reserved"
	FaultLastAdmin  = "last_admin" // nobody would be left who can administer
	FaultTeamNeeded = "team_needed"
)

// Fault is one thing wrong with what was to be stored.
type Fault struct {
	Field  string `json:"field"`  // JSON name of the field
	Code   string `json:"code"`   // one of the Fault codes
	Remedy string `json:"remedy"` // what to do, in English
}

// Invalid is the error of everything that is refused for what it says.
type Invalid struct{ Faults []Fault }

// Error lists every fault.
func (e *Invalid) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.Field + ": " + f.Remedy
	}
	return strings.Join(lines, "; ")
}

// faults gathers what is wrong.
type faults []Fault

func (f *faults) add(field, code, remedy string) {
	*f = append(*f, Fault{Field: field, Code: code, Remedy: remedy})
}

func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return &Invalid{Faults: f}
}

const maxName = 60

// name checks what people read.
func (f *faults) name(field, value string) {
	switch {
	case strings.TrimSpace(value) == "":
		f.add(field, FaultRequired, "give a name")
	case utf8.RuneCountInString(value) > maxName:
		f.add(field, FaultTooLong, fmt.Sprintf("use at most %d characters", maxName))
	case !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }):
		f.add(field, FaultForm, "use letters, digits, spaces and punctuation only")
	}
}

var slug = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// slug checks what flows, and stored calls, name things by.
func (f *faults) slug(field, value string) {
	switch {
	case value == "":
		f.add(field, FaultRequired, "give a code")
	case !slug.MatchString(value):
		f.add(field, FaultForm, "use 1 to 40 small letters, digits, - and _, beginning with a letter or digit")
	}
}

func (f *faults) within(field string, value, least, most int) {
	if value < least || value > most {
		f.add(field, FaultRange, fmt.Sprintf("give %d to %d seconds", least, most))
	}
}

func (f *faults) oneOf(field, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	f.add(field, FaultUnknown, "give one of "+strings.Join(allowed, ", "))
}

const (
	uniqueViolation     = "23505"
	foreignKeyViolation = "23503"
)

// refused turns a broken constraint into the fault that it stands for; other errors stay what they are.
func refused(err error, byConstraint map[string]Fault) error {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && (pgErr.Code == uniqueViolation || pgErr.Code == foreignKeyViolation) {
		if f, ok := byConstraint[pgErr.ConstraintName]; ok {
			return &Invalid{Faults: []Fault{f}}
		}
	}
	return err
}
