package callers

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"hotline/internal/demo/voices"
	"hotline/internal/sipphone"
)

// What the demo company's customers do when a campaign calls them.
type manner int

const (
	answersAll manner = iota
	hangsUpHalfWay
	hangsUpAtOnce
	isBusy
	isOut
	hasMachine
	declines
)

// manners by the last digit of a number, so that everybody stays who they are.
var manners = [10]manner{answersAll, answersAll, answersAll, answersAll, hangsUpHalfWay, isBusy, isOut, hasMachine, hangsUpAtOnce, declines}

const (
	busyHere = 486 // of SIP
	decline  = 603
	hello    = 700 * time.Millisecond // of speech, as people answer the phone
)

// Take answers calls at an address until ctx ends, as those people would who are called.
func Take(ctx context.Context, addr netip.AddrPort, log *slog.Logger) error {
	talks := voices.Conversations()
	if len(talks) == 0 {
		return fmt.Errorf("no conversations to play")
	}
	voice := talks[0].Utterances[0].Samples
	phone, err := sipphone.ListenAt(addr, func(in *sipphone.Incoming) {
		if err := take(ctx, in, voice); err != nil && ctx.Err() == nil {
			log.Warn("demo customer who is called", "err", err)
		}
	})
	if err != nil {
		return err
	}
	<-ctx.Done()
	return phone.Close()
}

func mannerOf(number string) manner {
	if number == "" || number[len(number)-1] < '0' || number[len(number)-1] > '9' {
		return declines
	}
	return manners[number[len(number)-1]-'0']
}

func take(ctx context.Context, in *sipphone.Incoming, voice []int16) error {
	how := mannerOf(in.Number())
	if err := in.Ring(); err != nil {
		return err
	}
	switch how {
	case isBusy:
		in.Refuse(busyHere)
		return nil
	case declines:
		in.Refuse(decline)
		return nil
	case isOut:
		select {
		case <-in.Gone():
		case <-ctx.Done():
		}
		return nil
	case answersAll, hangsUpHalfWay, hangsUpAtOnce, hasMachine:
	}
	rings := time.NewTimer(3 * time.Second)
	defer rings.Stop()
	select {
	case <-rings.C:
	case <-in.Gone():
		return nil
	case <-ctx.Done():
		return nil
	}
	call, err := in.Answer()
	if err != nil {
		return err
	}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer cancel()
		_ = call.Hangup(ending)
	}()
	e := &ear{call: call, last: call.Answered}
	if how == hasMachine {
		call.Say(voice)
		call.Say(voice)
		e.await(ctx, time.Minute, func(time.Duration, time.Duration) bool { return false })
		return nil
	}
	call.Say(voice[:min(len(voice), int(hello.Seconds()*8000))])
	answers := []string{"5", "9#"}
	switch how {
	case hangsUpAtOnce:
		answers = nil
	case hangsUpHalfWay:
		answers = answers[:1]
	case answersAll, isBusy, isOut, hasMachine, declines:
	}
	if reply(ctx, e, answers...) && how == answersAll {
		e.await(ctx, 15*time.Second, func(time.Duration, time.Duration) bool { return false })
	}
	return nil
}
