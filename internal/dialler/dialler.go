package dialler

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"hotline/campaign"
	"hotline/cti/id"
	"hotline/internal/asterisk"
	"hotline/internal/calendar"
	"hotline/ivr"
)

// Asterisk is what the dialler needs of it.
type Asterisk interface {
	Connected() bool
	Originate(ctx context.Context, o asterisk.Outgoing) error
	ListChannels(ctx context.Context) ([]asterisk.Channel, error)
}

// Store is what the dialler needs of the campaigns.
type Store interface {
	InState(ctx context.Context, way campaign.Way, state campaign.State) ([]campaign.Campaign, error)
	Live(ctx context.Context) (map[string]int, error)
	Claim(ctx context.Context, campaign string, limit int, now time.Time) ([]campaign.Claimed, error)
	Ended(ctx context.Context, e campaign.End) error
	Lose(ctx context.Context, live []id.CallID, before, now time.Time) (int, error)
	Tidy(ctx context.Context, now time.Time) error
	Halt(ctx context.Context, campaign string, why campaign.Trouble, now time.Time) error
}

// Deps are the parts the dialler joins.
type Deps struct {
	Config   Config
	Store    Store
	Asterisk Asterisk
	// Opening finds calendars by name as they are now.
	Opening func(ctx context.Context) (func(name string) *calendar.Calendar, error)
	// Asks says whether the survey is live: without it there is nothing to ask.
	Asks func(survey string) bool
	// Enters gives the arguments with which the call enters the application, and the variables of its channel.
	Enters  func(c campaign.Campaign, lang ivr.Lang, number string) (args []string, variables map[string]string)
	Log     *slog.Logger
	Metrics prometheus.Registerer
}

// Dialler makes calls. Make it with New, run it once.
type Dialler struct {
	Deps
	dialled prometheus.Counter
	ended   *prometheus.CounterVec

	mu    sync.Mutex
	ends  []campaign.End // still to be written, in order
	fresh chan struct{}  // says that there are some
	fails int            // calls that failed one after the other

	// Owned by the goroutine of dial.
	tokens map[string]float64 // calls that may begin now, by campaign; "" for all together
	filled time.Time          // until when tokens are counted
	muted  map[string]string  // why a running campaign makes no calls, as it was logged
}

const (
	busyTick   = 200 * time.Millisecond // while a campaign runs
	idleTick   = 2 * time.Second
	tidyTick   = 5 * time.Second
	searchTick = 10 * time.Second
	burst      = 1.0 // seconds' worth of calls that may begin together
	// requestTime is for one request to the database or Asterisk.
	requestTime = 5 * time.Second
	// unseen is for how long a claimed call may be on its way to Asterisk.
	unseen = 15 * time.Second
	// mostFails is after how many failures in a row something is taken to be wrong with the trunk.
	mostFails = 20
)

// New joins the parts; nothing is dialled before Run.
func New(d Deps) *Dialler {
	d.Config.AtOnce, d.Config.PerSecond = cmp.Or(d.Config.AtOnce, 10), cmp.Or(d.Config.PerSecond, 2)
	x := &Dialler{
		Deps: d, fresh: make(chan struct{}, 1), tokens: map[string]float64{}, muted: map[string]string{},
		dialled: prometheus.NewCounter(prometheus.CounterOpts{Name: "hotline_campaign_calls_total", Help: "Calls that campaigns made."}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hotline_campaign_calls_unanswered_total", Help: "Calls of campaigns in which no person was asked, by how they went.",
		}, []string{"result"}),
	}
	if d.Metrics != nil {
		d.Metrics.MustRegister(x.dialled, x.ended)
	}
	return x
}

// Run works until ctx ends.
func (d *Dialler) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.write(ctx) })
	g.Go(func() error { return d.every(ctx, tidyTick, d.tidy) })
	g.Go(func() error { return d.every(ctx, searchTick, d.search) })
	if d.Config.On() {
		g.Go(func() error { return d.dial(ctx) })
	}
	return g.Wait()
}

// every does something again and again; its failures are logged, and tried again.
func (d *Dialler) every(ctx context.Context, tick time.Duration, do func(context.Context) error) error {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
		once, cancel := context.WithTimeout(ctx, requestTime)
		if err := do(once); err != nil && ctx.Err() == nil {
			d.Log.Warn("campaigns", "err", err)
		}
		cancel()
	}
}

func (d *Dialler) tidy(ctx context.Context) error { return d.Store.Tidy(ctx, time.Now()) }

// search gives calls up that Asterisk does not have.
func (d *Dialler) search(ctx context.Context) error {
	if !d.Asterisk.Connected() {
		return nil
	}
	now := time.Now()
	channels, err := d.Asterisk.ListChannels(ctx)
	if err != nil {
		return err
	}
	live := []id.CallID{}
	for _, ch := range channels {
		if call := id.CallOfChannel(ch.ID); campaign.Made(call) {
			live = append(live, call)
		}
	}
	d.mu.Lock() // what is over, and waits to be written, is not lost
	for _, e := range d.ends {
		live = append(live, e.Call)
	}
	d.mu.Unlock()
	lost, err := d.Store.Lose(ctx, live, now.Add(-unseen), now)
	if lost > 0 {
		d.Log.Warn("calls of campaigns were lost, and are tried again", "calls", lost)
	}
	return err
}

// dial begins calls as they are due.
func (d *Dialler) dial(ctx context.Context) error {
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
		next := idleTick
		if d.Asterisk.Connected() {
			running, err := d.round(ctx)
			if err != nil && ctx.Err() == nil {
				d.Log.Warn("dial for campaigns", "err", err)
			} else if running {
				next = busyTick
			}
		}
		t.Reset(next)
	}
}

// round begins what may begin now. running says that a campaign makes calls.
func (d *Dialler) round(ctx context.Context) (running bool, err error) {
	reading, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	all, err := d.Store.InState(reading, campaign.Outbound, campaign.Running)
	if err != nil || len(all) == 0 {
		return false, err
	}
	if d.failing() {
		return false, d.halt(reading, all)
	}
	opening, err := d.Opening(reading)
	if err != nil {
		return false, err
	}
	live, err := d.Store.Live(reading)
	if err != nil {
		return false, err
	}
	now := time.Now()
	d.fill(now, all)
	total := 0
	for _, n := range live {
		total += n
	}
	for _, c := range all {
		if why := d.silent(c, now, opening); why != "" {
			if d.muted[c.ID] != why {
				d.Log.Info("campaign makes no calls now", "campaign", c.ID, "why", why)
			}
			d.muted[c.ID] = why
			continue
		}
		delete(d.muted, c.ID)
		running = true
		n := min(c.AtOnce-live[c.ID], d.Config.AtOnce-total, int(d.tokens[c.ID]), int(d.tokens[""]))
		if n <= 0 {
			continue
		}
		claimed, err := d.Store.Claim(reading, c.ID, n, now)
		if err != nil {
			return running, err
		}
		d.tokens[c.ID] -= float64(len(claimed))
		d.tokens[""] -= float64(len(claimed))
		total += len(claimed)
		for _, k := range claimed {
			d.call(ctx, c, k)
		}
	}
	return running, nil
}

// failing says whether calls fail one after the other, and begins to count anew.
func (d *Dialler) failing() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails < mostFails {
		return false
	}
	d.fails = 0
	return true
}

// halt pauses every campaign that calls, so that a dead trunk does not use up everybody's attempts.
func (d *Dialler) halt(ctx context.Context, all []campaign.Campaign) (failed error) {
	for _, c := range all {
		d.Log.Error("calls fail one after the other: campaign paused; look at the trunk, then start it again", "campaign", c.ID, "calls", mostFails)
		failed = errors.Join(failed, d.Store.Halt(ctx, c.ID, campaign.Failing, time.Now()))
	}
	return failed
}

// silent is why a running campaign makes no calls at the moment.
func (d *Dialler) silent(c campaign.Campaign, now time.Time, opening func(string) *calendar.Calendar) string {
	switch {
	case !c.Open(now, opening):
		return "outside its hours"
	case !d.Asks(c.Survey):
		return "its survey is not published"
	}
	return ""
}

// fill adds the calls that may begin since the last time.
func (d *Dialler) fill(now time.Time, all []campaign.Campaign) {
	passed := now.Sub(d.filled).Seconds()
	d.filled = now
	rates := map[string]float64{"": d.Config.PerSecond}
	for _, c := range all {
		rates[c.ID] = float64(c.PerSec)
	}
	for name := range d.tokens {
		if _, ok := rates[name]; !ok {
			delete(d.tokens, name)
		}
	}
	for name, rate := range rates {
		d.tokens[name] = min(d.tokens[name]+passed*rate, max(1, burst*rate))
	}
}

// call makes one call. A request that fails may have been carried out: it is sent again only by its own name, so that nobody is
// rung twice, and what never came to be is a failed attempt.
func (d *Dialler) call(ctx context.Context, c campaign.Campaign, k campaign.Claimed) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	if !d.Config.Allowed(k.Phone) { // the settings were others when it was imported
		d.End(campaign.End{Call: k.Call, Result: campaign.Invalid, Detail: "prefix", At: time.Now()})
		return
	}
	args, variables := d.Enters(c, ivr.Lang(cmp.Or(k.Lang, c.Lang)), k.Phone)
	err := d.Asterisk.Originate(ctx, asterisk.Outgoing{
		Channel: string(k.Call), Endpoint: d.Config.dial(k.Phone), CallerID: d.Config.CallerID, Ring: time.Duration(c.Ring) * time.Second,
		Args: args, Variables: variables,
	})
	d.dialled.Inc()
	var refused *asterisk.Error
	switch {
	case err == nil:
	case errors.As(err, &refused):
		d.Log.Warn("call of a campaign could not be made", "call", k.Call, "status", refused.Status)
		d.End(campaign.End{Call: k.Call, Result: campaign.Failed, Detail: "not dialled", At: time.Now()})
	default: // perhaps it rings: search finds out
		d.Log.Warn("call of a campaign may not have been made", "call", k.Call)
	}
}

// Gone notes that a call ended in which nobody was asked.
func (d *Dialler) Gone(call id.CallID, cause int, answered bool) {
	result := ResultOf(cause)
	if answered { // whoever took it hung up before it was known who that was
		result = campaign.Silent
	}
	d.End(campaign.End{Call: call, Result: result, Cause: cause, At: time.Now()})
}

// Machine notes that an answering machine took a call.
func (d *Dialler) Machine(call id.CallID, how string) {
	d.End(campaign.End{Call: call, Result: campaign.Machine, Detail: how, At: time.Now()})
}

// ResultOf is what a cause of Q.850 says about a call that nobody took. Asterisk gives its own timeout none, or the cause of a
// normal end.
func ResultOf(cause int) campaign.Result {
	switch cause {
	case 17: // user busy
		return campaign.Busy
	case 0, 16, 18, 19: // normal clearing, no user responding, no answer
		return campaign.NoAnswer
	case 21: // call rejected
		return campaign.Rejected
	case 1, 22, 28: // unallocated, changed, invalid format
		return campaign.Invalid
	}
	return campaign.Failed
}

// End has the end of a call written; it does not wait for that.
func (d *Dialler) End(e campaign.End) {
	d.ended.WithLabelValues(string(e.Result)).Inc()
	d.mu.Lock()
	if e.Result == campaign.Failed {
		d.fails++
	} else {
		d.fails = 0
	}
	d.ends = append(d.ends, e)
	d.mu.Unlock()
	select {
	case d.fresh <- struct{}{}:
	default:
	}
}

// write brings the ends of calls into the database, and tries until it is there.
func (d *Dialler) write(ctx context.Context) error {
	again := time.NewTimer(0)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return d.last()
		case <-d.fresh:
		case <-again.C:
		}
		if err := d.flush(ctx); err != nil {
			d.Log.Warn("note how calls of campaigns ended; trying again", "err", err)
			again.Reset(time.Second)
		}
	}
}

// last writes what came before the end.
func (d *Dialler) last() error {
	ctx, cancel := context.WithTimeout(context.Background(), requestTime)
	defer cancel()
	if err := d.flush(ctx); err != nil {
		d.Log.Warn("calls of campaigns end unnoted, and will count as lost", "err", err)
	}
	return context.Canceled
}

func (d *Dialler) flush(ctx context.Context) error {
	for {
		d.mu.Lock()
		ends := slices.Clone(d.ends)
		d.mu.Unlock()
		if len(ends) == 0 {
			return nil
		}
		for _, e := range ends {
			once, cancel := context.WithTimeout(ctx, requestTime)
			err := d.Store.Ended(once, e)
			cancel()
			if err != nil {
				return err
			}
			d.mu.Lock()
			d.ends = d.ends[1:]
			d.mu.Unlock()
		}
	}
}
