package customer

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// ErrEmail says what is wrong with an address, and what to do.
var ErrEmail = errors.New("this is no mail address; write e.g. amy@example.com, in plain letters and without spaces")

// The limits of RFC 5321, section 4.5.3.1.
const (
	maxEmail     = 254
	maxEmailName = 64
)

// emailText is what HTML takes for a valid address, and a domain with a dot: quoted names and addresses of one's own network
// reach nobody here.
var emailText = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*" +
	`@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])$`)

// ParseEmail returns the address that somebody typed: full-width letters become plain ones, and the domain's are small. Nothing at
// all is "". The error is ErrEmail.
func ParseEmail(raw string) (string, error) {
	if len(raw) > 4*maxEmail {
		return "", ErrEmail
	}
	text := strings.TrimSpace(norm.NFKC.String(raw))
	if text == "" {
		return "", nil
	}
	name, domain, _ := strings.Cut(text, "@")
	if len(text) > maxEmail || len(name) > maxEmailName || !emailText.MatchString(text) {
		return "", ErrEmail
	}
	return name + "@" + strings.ToLower(domain), nil
}

// SetEmail stores the customer's address, as ParseEmail returned it; "" removes it. The error is ErrNotFound where nobody has the
// id.
func (s *Store) SetEmail(ctx context.Context, id int64, email string) error {
	tag, err := s.db.Exec(ctx, `update customers set email = nullif($2, '') where id = $1`, id, email)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store the mail address of customer %d: %w", id, err)
	}
	return nil
}
