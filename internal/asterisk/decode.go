package asterisk

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/CyCoreSystems/ari/v6"
)

// Longest texts taken over from outside, in bytes. A SIP user part or display name may be up to a whole UDP packet.
const (
	maxNumber = 64
	maxName   = 128
	maxArg    = 256
	maxArgs   = 16
)

// passedOver are the types of events that the decoder knows and the product does not need. They are sorted out before
// their contents are decoded: ChannelVarset alone carries a call's whole state at every step of a call.
var passedOver = map[string]bool{
	ari.Events.ChannelVarset:            true,
	ari.Events.ChannelDialplan:          true,
	ari.Events.ChannelCreated:           true,
	ari.Events.ChannelCallerID:          true,
	ari.Events.ChannelConnectedLine:     true,
	ari.Events.ChannelHold:              true,
	ari.Events.ChannelUnhold:            true,
	ari.Events.ChannelTalkingStarted:    true,
	ari.Events.ChannelTalkingFinished:   true,
	ari.Events.ChannelUserevent:         true,
	ari.Events.BridgeCreated:            true,
	ari.Events.BridgeMerged:             true,
	ari.Events.BridgeVideoSourceChanged: true,
	ari.Events.BridgeBlindTransfer:      true,
	ari.Events.BridgeAttendedTransfer:   true,
	ari.Events.PlaybackContinuing:       true,
	ari.Events.Dial:                     true,
	ari.Events.DeviceStateChanged:       true,
	ari.Events.EndpointStateChange:      true,
	ari.Events.PeerStatusChange:         true,
	ari.Events.Peer:                     true,
	ari.Events.ContactStatusChange:      true,
	ari.Events.ContactInfo:              true,
	ari.Events.RecordingStarted:         true,
	ari.Events.RecordingFinished:        true,
	ari.Events.RecordingFailed:          true,
	ari.Events.TextMessageReceived:      true,
	"ChannelToneDetected":               true, // Asterisk 22; unknown to ari/v6
	"ChannelTransfer":                   true, // likewise
	"ApplicationRegistered":             true, // likewise
}

// Decode makes an Event of one message of the ARI websocket. It returns nil and no error for one that the product has no
// use for, ErrUnknownEvent for a type it does not know, and another error for what is malformed.
func Decode(data []byte) (Event, error) {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("decode an ARI message: %w", err)
	}
	return decodeAs(head.Type, data)
}

func decodeAs(kind string, data []byte) (Event, error) {
	if passedOver[kind] {
		return nil, nil
	}
	if !wanted[kind] {
		return nil, fmt.Errorf("%w %q", ErrUnknownEvent, clean(kind, maxArg))
	}
	raw, err := ari.DecodeEvent(data)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", kind, err)
	}
	ev, err := translate(raw)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", kind, err)
	}
	return ev, nil
}

var wanted = map[string]bool{
	ari.Events.ApplicationReplaced:  true,
	ari.Events.StasisStart:          true,
	ari.Events.StasisEnd:            true,
	ari.Events.ChannelDestroyed:     true,
	ari.Events.ChannelHangupRequest: true,
	ari.Events.ChannelStateChange:   true,
	ari.Events.ChannelDtmfReceived:  true,
	ari.Events.PlaybackStarted:      true,
	ari.Events.PlaybackFinished:     true,
	ari.Events.ChannelEnteredBridge: true,
	ari.Events.ChannelLeftBridge:    true,
	ari.Events.BridgeDestroyed:      true,
}

var errNoID = errors.New("it names no channel, bridge or playback")

func translate(raw ari.Event) (Event, error) {
	var ev Event
	var id string
	switch e := raw.(type) {
	case *ari.ApplicationReplaced:
		return ApplicationReplaced{}, nil
	case *ari.StasisStart:
		c := channelOf(&e.Channel)
		c.Args = cleanArgs(e.Args)
		id, ev = c.ID, StasisStart{Channel: c, At: time.Time(e.Timestamp)}
	case *ari.StasisEnd:
		id, ev = e.Channel.ID, StasisEnd{Channel: e.Channel.ID}
	case *ari.ChannelDestroyed:
		id, ev = e.Channel.ID, ChannelDestroyed{Channel: e.Channel.ID, Cause: e.Cause, CauseText: clean(e.CauseTxt, maxName)}
	case *ari.ChannelHangupRequest:
		id, ev = e.Channel.ID, HangupRequested{Channel: e.Channel.ID, Cause: e.Cause}
	case *ari.ChannelStateChange:
		id, ev = e.Channel.ID, ChannelStateChanged{Channel: e.Channel.ID, State: e.Channel.State}
	case *ari.ChannelDtmfReceived:
		if len(e.Digit) != 1 || !strings.Contains("0123456789*#ABCD", e.Digit) {
			return nil, fmt.Errorf("%q is no key of a telephone", clean(e.Digit, maxNumber))
		}
		id, ev = e.Channel.ID, DigitReceived{Channel: e.Channel.ID, Digit: e.Digit[0]}
	case *ari.PlaybackStarted:
		id, ev = e.Playback.ID, PlaybackStarted{Playback: e.Playback.ID, Channel: playedTo(e.Playback)}
	case *ari.PlaybackFinished:
		id = e.Playback.ID
		ev = PlaybackFinished{Playback: id, Channel: playedTo(e.Playback), Failed: e.Playback.State == "failed"}
	case *ari.ChannelEnteredBridge:
		id, ev = e.Channel.ID, EnteredBridge{Bridge: bridgeOf(e.Bridge), Channel: e.Channel.ID}
	case *ari.ChannelLeftBridge:
		id, ev = e.Channel.ID, LeftBridge{Bridge: bridgeOf(e.Bridge), Channel: e.Channel.ID}
	case *ari.BridgeDestroyed:
		id, ev = e.Bridge.ID, BridgeDestroyed{Bridge: e.Bridge.ID}
	default:
		return nil, ErrUnknownEvent
	}
	if id == "" {
		return nil, errNoID
	}
	return ev, nil
}

func playedTo(p ari.PlaybackData) string {
	channel, ok := strings.CutPrefix(p.TargetURI, "channel:")
	if !ok {
		return ""
	}
	return channel
}

func channelOf(d *ari.ChannelData) Channel {
	c := Channel{ID: d.ID, Name: clean(d.Name, maxArg), State: d.State, Language: clean(d.Language, maxNumber)}
	if d.Caller != nil {
		c.CallerName = clean(d.Caller.Name, maxName)
		c.CallerNumber = clean(d.Caller.Number, maxNumber)
	}
	if d.Dialplan != nil {
		c.Dialed = clean(d.Dialplan.Exten, maxNumber)
		if d.Dialplan.AppName == "Stasis" {
			// "hotline,order": what the dialplan called Stasis with.
			c.Args = cleanArgs(strings.Split(d.Dialplan.AppData, ",")[1:])
		}
	}
	if d.Creationtime != nil {
		c.Created = time.Unix(d.Creationtime.Seconds, int64(d.Creationtime.Nanos)).UTC()
	}
	return c
}

func bridgeOf(d ari.BridgeData) Bridge {
	return Bridge{ID: d.ID, Name: clean(d.Name, maxArg), Channels: slices.Clone(d.ChannelIDs)}
}

func cleanArgs(args []string) []string {
	if len(args) == 0 {
		return nil
	}
	out := make([]string, min(len(args), maxArgs))
	for i := range out {
		out[i] = clean(args[i], maxArg)
	}
	return out
}

// clean makes a text from outside safe to store and show: valid UTF-8, no control or formatting characters (a name with
// U+202E turns the text around it), no white space at the ends, at most limit bytes.
func clean(s string, limit int) string {
	s = strings.ToValidUTF8(cutAt(s, 8*limit), "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, s)
	return cutAt(strings.TrimSpace(s), limit)
}

// cutAt returns the first limit bytes of s, less a character that does not fit whole.
func cutAt(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
