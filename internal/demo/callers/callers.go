// Package callers plays customers who ring the demo company over real SIP: they hear the welcome, choose from the menu,
// wait, talk in turns with whoever answers, answer the survey, and sometimes give up. Those whom a campaign calls are there too.
package callers

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"hotline/internal/demo/voices"
	"hotline/internal/sipphone"
)

// Config says whom the callers ring and how often.
type Config struct {
	Server netip.AddrPort // SIP over UDP
	Number string         // as dialled
	Pace   time.Duration  // between two calls, on average
	Most   int            // calls at the same time
	From   func(*rand.Rand) sipphone.From
	Seed   uint64 // of who rings when; the same seed gives the same callers
	Log    *slog.Logger
}

// keys are the menu choices that lead to the queues.
var keys = map[string]string{"order": "1", "service": "2", "member": "3"}

// plan is what one caller is going to do.
type plan struct {
	talk     voices.Conversation
	from     sipphone.From
	patience time.Duration // for an agent; then the caller gives up
	answers  [2]string     // to the survey
	hesitate time.Duration // before pressing the menu
}

// Run rings until ctx ends.
func Run(ctx context.Context, cfg Config) error {
	phone, err := sipphone.New()
	if err != nil {
		return err
	}
	defer func() { _ = phone.Close() }()
	talks := voices.Conversations()
	if len(talks) == 0 {
		return fmt.Errorf("no conversations to play")
	}
	rng := rand.New(rand.NewPCG(cfg.Seed, 1))
	slots := make(chan struct{}, max(1, cfg.Most))
	var calls sync.WaitGroup
	defer calls.Wait()
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-next.C:
		}
		next.Reset(cfg.Pace/2 + rand.N(cfg.Pace))
		select {
		case slots <- struct{}{}:
		default:
			continue // everybody is on the phone
		}
		p := makePlan(rng, talks, cfg.From)
		calls.Add(1)
		go func() {
			defer calls.Done()
			defer func() { <-slots }()
			if err := p.play(ctx, phone, cfg.Server, cfg.Number); err != nil && ctx.Err() == nil {
				cfg.Log.Warn("demo caller", "err", err)
			}
		}()
	}
}

func makePlan(rng *rand.Rand, talks []voices.Conversation, from func(*rand.Rand) sipphone.From) plan {
	p := plan{
		talk: talks[rng.IntN(len(talks))], from: from(rng),
		patience: 3*time.Minute + time.Duration(rng.IntN(120))*time.Second,
		hesitate: time.Duration(500+rng.IntN(2500)) * time.Millisecond,
	}
	if rng.IntN(6) == 0 {
		p.patience = time.Duration(15+rng.IntN(30)) * time.Second // in a hurry
	}
	satisfied := 2 + rng.IntN(4)
	p.answers = [2]string{fmt.Sprint(satisfied), fmt.Sprintf("%d#", min(10, 2*satisfied+rng.IntN(2)))}
	return p
}

const (
	setUp   = 20 * time.Second
	goodbye = 10 * time.Second
	between = 800 * time.Millisecond // a pause after which the other side has finished
)

// play is one call from the first ring to the end.
func (p plan) play(ctx context.Context, phone *sipphone.Phone, server netip.AddrPort, number string) error {
	dialing, cancel := context.WithTimeout(ctx, setUp)
	defer cancel()
	call, err := phone.Dial(dialing, server, number, p.from)
	if err != nil {
		return err
	}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer cancel()
		_ = call.Hangup(ending)
	}()
	e := &ear{call: call, last: call.Answered}
	if !p.menu(ctx, e) || !p.wait(ctx, e) || !p.converse(ctx, e) {
		return nil
	}
	p.survey(ctx, e)
	return nil
}

// menu hears the first choices, then presses one.
func (p plan) menu(ctx context.Context, e *ear) bool {
	if !e.await(ctx, time.Minute, func(_, heard time.Duration) bool { return heard > 9*time.Second }) {
		return false
	}
	if !pause(ctx, e.call, p.hesitate) {
		return false
	}
	e.call.Press(keys[p.talk.Queue])
	return e.call.Flush()
}

// wait stays in the queue until the music has stopped, which is how a caller knows that somebody answered.
func (p plan) wait(ctx context.Context, e *ear) bool {
	_, before := e.quiet()
	return e.await(ctx, p.patience, func(quiet, heard time.Duration) bool {
		return heard > before+2*time.Second && quiet >= 1500*time.Millisecond
	})
}

// converse speaks in turns.
func (p plan) converse(ctx context.Context, e *ear) bool {
	for _, u := range p.talk.Utterances {
		e.call.Say(u.Samples)
		if !e.call.Flush() || !e.turn(ctx, between, 4*time.Second, time.Minute) {
			return false
		}
	}
	return true
}

// survey answers what is asked after the agent has ended the talk; who is asked nothing hangs up.
func (p plan) survey(ctx context.Context, e *ear) {
	if reply(ctx, e, p.answers[:]...) {
		e.await(ctx, 15*time.Second, func(time.Duration, time.Duration) bool { return false })
	}
}

// reply hears a question and answers it, as often as there are answers. It returns false when the call is over first.
func reply(ctx context.Context, e *ear, answers ...string) bool {
	for _, answer := range answers {
		_, before := e.quiet()
		if !e.await(ctx, time.Minute, func(quiet, heard time.Duration) bool {
			return heard > before+1500*time.Millisecond && quiet >= between
		}) {
			return false
		}
		e.call.Press(answer)
		if !e.call.Flush() {
			return false
		}
	}
	return true
}

// pause lets a moment pass, unless the call ends.
func pause(ctx context.Context, call *sipphone.Call, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-call.Done():
		return false
	case <-ctx.Done():
		return false
	}
}
