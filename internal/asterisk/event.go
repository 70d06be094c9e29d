package asterisk

import "time"

// Event is what [Client.Events] delivers: one of the types of this file.
type Event interface{ event() }

// Connected says what Asterisk holds for our application at the moment of connecting; the events after it follow.
type Connected struct {
	Channels []Channel         // in our application
	Bridges  []Bridge          // made over ARI, by whomever
	State    map[string]string // by channel id, what SetState wrote last; absent where nothing was
}

// Disconnected says that the socket is lost. Nothing is known until the next Connected.
type Disconnected struct{ Err error }

// ApplicationReplaced says that another client has connected for our application. Disconnected follows.
type ApplicationReplaced struct{}

// StasisStart says that a channel has entered the application.
type StasisStart struct {
	Channel Channel
	At      time.Time // by Asterisk's clock
}

// StasisEnd says that a channel has left the application. ChannelDestroyed follows if it was hung up; of one that goes
// on in the dialplan nothing more may be heard.
type StasisEnd struct{ Channel string }

// ChannelDestroyed says that a channel is gone.
type ChannelDestroyed struct {
	Channel   string
	Cause     int // Q.850, 16 = normal
	CauseText string
}

// HangupRequested says that the far end has hung up, or that somebody has asked for it. ChannelDestroyed follows.
type HangupRequested struct {
	Channel string
	Cause   int // Q.850; 0 when Asterisk does not know it yet
}

// ChannelStateChanged says how far a channel has come: Down, Ring, Ringing, Up, ...
type ChannelStateChanged struct {
	Channel string
	State   string
}

// DigitReceived is a key pressed on the telephone: 0-9, *, #, A-D. It comes when the key is let go.
type DigitReceived struct {
	Channel string
	Digit   byte
}

// PlaybackStarted says that a playback can be heard from now on.
type PlaybackStarted struct {
	Playback string
	Channel  string // or "" if a bridge hears it
}

// PlaybackFinished says that a playback is over: to its end, stopped, cut off by a hang-up, or not playable at all.
type PlaybackFinished struct {
	Playback string
	Channel  string // or "" if a bridge heard it
	Failed   bool   // its last medium could not be played
}

// EnteredBridge says that a channel has joined a bridge.
type EnteredBridge struct {
	Bridge  Bridge // with its members after it
	Channel string
}

// LeftBridge says that a channel is no longer in a bridge.
type LeftBridge struct {
	Bridge  Bridge // with its members after it
	Channel string
}

// BridgeDestroyed says that a bridge is gone. Nobody may wait for it: Asterisk stops telling an application about a
// bridge when its last channel there leaves, which is before this event or after it, as it happens.
type BridgeDestroyed struct{ Bridge string }

func (Connected) event()           {}
func (Disconnected) event()        {}
func (ApplicationReplaced) event() {}
func (StasisStart) event()         {}
func (StasisEnd) event()           {}
func (ChannelDestroyed) event()    {}
func (HangupRequested) event()     {}
func (ChannelStateChanged) event() {}
func (DigitReceived) event()       {}
func (PlaybackStarted) event()     {}
func (PlaybackFinished) event()    {}
func (EnteredBridge) event()       {}
func (LeftBridge) event()          {}
func (BridgeDestroyed) event()     {}

// Channel is a channel as Asterisk describes it. What a caller's telephone or network had a say in (CallerName,
// CallerNumber, Dialed, Args) is valid UTF-8 of bounded length without control characters, and nothing more than that.
type Channel struct {
	ID           string
	Name         string // e.g. PJSIP/trunk-00000001
	State        string // Down, Ring, Ringing, Up, ...
	CallerName   string
	CallerNumber string // "" if withheld
	Dialed       string // the extension in the dialplan, i.e. DNIS
	Args         []string
	Language     string
	Created      time.Time
}

// Bridge is a bridge as Asterisk describes it.
type Bridge struct {
	ID       string
	Name     string
	Channels []string // ids of its members
}
