package exchange

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"hotline/cti"
	"hotline/internal/services"
	"hotline/ivr"
)

// errandTime is how long an errand may take. The Floor waits a little longer.
const errandTime = 16 * time.Second

// maxSecret bounds what is kept of a caller who presses keys for ever.
const maxSecret = 2 * ivr.MaxKeyed

// Errands does what flows want done outside. The result of one that fails is ivr.Failed.
type Errands interface {
	Do(ctx context.Context, e services.Errand) (ivr.Returned, error)
}

// keepDigit keeps a digit of a secret, which nobody else sees.
func (x *Exchange) keepDigit(d cti.DigitPressed, secret string) {
	l := x.calls[d.Call]
	if l == nil || !ivr.Keeps(d.Digit) || len(l.secrets[secret]) >= maxSecret {
		return
	}
	if l.secrets == nil {
		l.secrets = map[string]string{}
	}
	l.secrets[secret] += d.Digit
}

func (x *Exchange) forgetSecret(cmd cti.ForgetSecret) {
	if l := x.calls[cmd.Call]; l != nil {
		delete(l.secrets, cmd.Secret)
	}
}

// run does an errand, beside everything else. Its fields are never logged.
func (x *Exchange) run(cmd cti.RunErrand) {
	l := x.calls[cmd.Call]
	if l == nil {
		return
	}
	e, missing := x.errand(l, cmd)
	done := func(r ivr.Returned, err error) {
		if err != nil {
			x.Log.Warn("errand of a flow", "call", cmd.Call, "step", cmd.At, "service", cmd.What.Service, "err", err)
		}
		x.Submit(cti.ErrandDone{Call: cmd.Call, Errand: cmd.Errand, Result: r.Result, Values: r.Values})
	}
	switch {
	case missing != "":
		done(ivr.Returned{Result: ivr.Failed}, fmt.Errorf("secret %q is gone, since the controller was started again", missing))
	case e.Service == ivr.ServiceCheck:
		r := ivr.Returned{Result: ivr.Missing}
		if ivr.PassesCheck(e.Fields["check"], e.Fields["digits"]) {
			r.Result = ivr.Found
		}
		done(r, nil)
	case x.Errands == nil:
		done(ivr.Returned{Result: ivr.Failed}, fmt.Errorf("there are no services"))
	default:
		go func() {
			ctx, cancel := context.WithTimeout(x.running, errandTime)
			defer cancel()
			done(x.Errands.Do(ctx, e))
		}()
	}
}

// errand puts together what a service is told. missing names a secret that is no longer here.
func (x *Exchange) errand(l *call, cmd cti.RunErrand) (e services.Errand, missing string) {
	e = services.Errand{
		Service: cmd.What.Service, Call: cmd.Call, Step: cmd.At, Key: fmt.Sprintf("%s/%d", cmd.Call, cmd.Errand), Fields: map[string]string{}, Secret: len(cmd.What.Secret) > 0,
	}
	maps.Copy(e.Fields, cmd.What.Send)
	for field, secret := range cmd.What.Secret {
		if e.Fields[field] = strings.Clone(l.secrets[secret]); e.Fields[field] == "" {
			return e, secret
		}
	}
	if cmd.What.Caller != "" {
		e.Fields[cmd.What.Caller] = l.number
	}
	return e, ""
}
