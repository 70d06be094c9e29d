package dialler

import (
	"fmt"
	"regexp"
	"strings"

	"hotline/internal/asterisk"
)

// Config says how calls are made, and where to. It holds for all campaigns together.
type Config struct {
	// Endpoint is what Asterisk dials, {number} in the place of the number: PJSIP/{number}@carrier. Empty: no calls are made.
	Endpoint string `yaml:"endpoint"`
	// Format is how the trunk takes numbers: national (0912345678, foreign ones as E.164 without the +) or e164 (+886912345678).
	// Empty means national.
	Format string `yaml:"format"`
	// CallerID is the number that is shown, as the trunk takes it.
	CallerID string `yaml:"caller_id"`
	// Allow are the beginnings of numbers (E.164) that may be dialled; none means Taiwan, +886.
	Allow []string `yaml:"allow"`
	// Refuse are beginnings that may not be, though a shorter one is allowed; none means Taiwan's premium rate numbers.
	Refuse []string `yaml:"refuse"`
	// AtOnce is how many calls are made at the same time, PerSecond how many begin in a second. 0 means 10 and 2.
	AtOnce    int     `yaml:"at_once"`
	PerSecond float64 `yaml:"per_second"`
}

// What counts where nothing is set. Numbers that begin with 0203, 0204, 0208 and 0209 cost extra.
var (
	home    = []string{"+886"}
	premium = []string{"+886203", "+886204", "+886208", "+886209"}
)

var (
	prefix   = regexp.MustCompile(`^\+[1-9][0-9]{0,14}$`)
	endpoint = regexp.MustCompile(`^PJSIP/[A-Za-z0-9_.:/@+-]*\{number\}[A-Za-z0-9_.:/@+-]*$`)
	shown    = regexp.MustCompile(`^\+?[0-9]{3,15}$`)
)

// Check returns what is wrong with it.
func (c Config) Check() []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if c.Endpoint != "" && !endpoint.MatchString(c.Endpoint) {
		fault("endpoint: %q names no trunk; write e.g. PJSIP/{number}@carrier", c.Endpoint)
	}
	if c.Endpoint != "" && !shown.MatchString(c.CallerID) {
		fault("caller_id: %q is no number; write the one that is to be shown, e.g. 0277001234", c.CallerID)
	}
	if c.Format != "" && c.Format != "national" && c.Format != "e164" {
		fault("format: %q is no way to write numbers; write national or e164", c.Format)
	}
	for field, all := range map[string][]string{"allow": c.Allow, "refuse": c.Refuse} {
		for _, p := range all {
			if !prefix.MatchString(p) {
				fault("%s: %q begins no number; write it as +886", field, p)
			}
		}
	}
	if c.AtOnce < 0 || c.AtOnce > 500 {
		fault("at_once: %d calls; write 1 to 500", c.AtOnce)
	}
	if !(c.PerSecond >= 0 && c.PerSecond <= 50) {
		fault("per_second: %v calls; write up to 50", c.PerSecond)
	}
	return faults
}

// On says whether calls can be made at all.
func (c Config) On() bool { return c.Endpoint != "" }

// Allowed says whether a number (E.164) may be dialled: the longest beginning that is named decides.
func (c Config) Allowed(e164 string) bool {
	allow, refuse := c.Allow, c.Refuse
	if len(allow) == 0 {
		allow = home
	}
	if len(refuse) == 0 {
		refuse = premium
	}
	longest := func(all []string) int {
		n := 0
		for _, p := range all {
			if strings.HasPrefix(e164, p) {
				n = max(n, len(p))
			}
		}
		return n
	}
	return longest(allow) > longest(refuse)
}

// Outgoing is how a number (E.164) is called that may be; the rest of it is whoever calls' own.
func (c Config) Outgoing(e164 string) (asterisk.Outgoing, bool) {
	return asterisk.Outgoing{Endpoint: c.dial(e164), CallerID: c.CallerID}, c.On() && c.Allowed(e164)
}

// dial is the endpoint for a number (E.164).
func (c Config) dial(e164 string) string {
	number := e164
	if c.Format != "e164" {
		if national, ok := strings.CutPrefix(e164, "+886"); ok {
			number = "0" + national
		} else {
			number = strings.TrimPrefix(e164, "+")
		}
	}
	return strings.ReplaceAll(c.Endpoint, "{number}", number)
}
