package asterisk

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v6"
)

// Answer answers a channel; one that is up already stays so.
func (c *Client) Answer(ctx context.Context, channel string) error {
	r := newRequest(http.MethodPost, "channels/{id}/answer", channel)
	r.aside = c.busy(channel)
	_, err := c.do(ctx, r)
	return err
}

// Hangup ends a channel. reason is one of ARI's words ("normal", "busy", "no_answer", "congestion", ...) or "".
func (c *Client) Hangup(ctx context.Context, channel, reason string) error {
	_, err := c.do(ctx, newRequest(http.MethodDelete, "channels/{id}", channel).with("reason", reason))
	return unlessGone(err)
}

// Play plays media ("sound:/folder/file" without its ending) one after another under an id of the caller's, after
// whatever is playing on the channel already. Music on hold stops for good. It returns when Asterisk has taken the
// order; PlaybackFinished tells the end. A playback of this id that is not over yet is left as it is.
func (c *Client) Play(ctx context.Context, channel, playback string, media []string, lang string) error {
	r := newRequest(http.MethodPost, "channels/{id}/play/{id}", channel, playback)
	for _, m := range media {
		if m == "" || strings.ContainsAny(m, `,"\`) { // the list is separated by commas, with dialplan quoting
			return r.failed(fmt.Errorf("%q cannot be played: a name with a comma, quote or backslash", m))
		}
	}
	if len(media) == 0 || len(media) >= 128 { // MAX_VALS in res_ari_channels.c
		return r.failed(fmt.Errorf("%d media, not 1 to 127", len(media)))
	}
	// Asterisk would play it a second time.
	_, err := c.do(ctx, newRequest(http.MethodGet, "playbacks/{id}", playback))
	if err == nil || !IsNotFound(err) {
		return err
	}
	c.notePlayback(channel, playback)
	_, err = c.do(ctx, r.with("media", strings.Join(media, ",")).with("lang", lang))
	var refused *Error
	if errors.As(err, &refused) {
		c.notePlaybackOver(channel, playback)
	}
	return err
}

// StopPlayback ends a playback; PlaybackFinished follows if it was not over yet.
func (c *Client) StopPlayback(ctx context.Context, playback string) error {
	r := newRequest(http.MethodDelete, "playbacks/{id}", playback)
	_, err := c.do(ctx, r)
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusInternalServerError {
		// It has begun this moment and cannot be controlled yet (res_stasis_playback.c: playback_stop).
		_, err = c.do(ctx, r)
	}
	return unlessGone(err)
}

// StartMOH lets the channel hear music on hold of a class, "" for the default. During a playback it begins after it.
func (c *Client) StartMOH(ctx context.Context, channel, class string) error {
	_, err := c.do(ctx, newRequest(http.MethodPost, "channels/{id}/moh", channel).with("mohClass", class))
	return err
}

// StopMOH ends the music on hold.
func (c *Client) StopMOH(ctx context.Context, channel string) error {
	_, err := c.do(ctx, newRequest(http.MethodDelete, "channels/{id}/moh", channel))
	return unlessGone(err)
}

// SetVar sets a channel variable that the dialplan can read. During a playback it waits for its end; SetState does not.
func (c *Client) SetVar(ctx context.Context, channel, name, value string) error {
	r := newRequest(http.MethodPost, "channels/{id}/variable", channel).with("variable", name).with("value", value)
	r.aside = c.busy(channel)
	_, err := c.do(ctx, r)
	return err
}

// GetVar returns a channel variable, or the error of a missing one (IsNotFound).
func (c *Client) GetVar(ctx context.Context, channel, name string) (string, error) {
	return variableOf(c.do(ctx, newRequest(http.MethodGet, "channels/{id}/variable", channel).with("variable", name)))
}

// SetGlobal sets a global variable of the dialplan; "" removes it. Asterisk forgets it when it is restarted.
func (c *Client) SetGlobal(ctx context.Context, name, value string) error {
	_, err := c.do(ctx, newRequest(http.MethodPost, "asterisk/variable").with("variable", name).with("value", value))
	return err
}

// StateVariable is the name of the SHARED() variable in which SetState keeps a call's state.
const StateVariable = "HOTLINE"

// The reading of SHARED() is cut off after 4,095 bytes (pbx_functions.c: VAR_BUF_SIZE).
const longestState = 4000

// packed stands before a state that was compressed to fit.
const packed = "deflate:"

// SetState keeps a text, usually JSON, with a channel for as long as the channel lives, whoever is connected. Unlike
// SetVar it never waits for the channel. For a channel that is gone it does nothing.
func (c *Client) SetState(ctx context.Context, channel, state string) error {
	// By way of the global variables, since those need no channel thread; SHARED() finds the channel itself.
	r := newRequest(http.MethodPost, "asterisk/variable").
		with("variable", "SHARED("+StateVariable+","+channel+")")
	if len(state) > longestState {
		var b bytes.Buffer
		b.WriteString(packed)
		enc := base64.NewEncoder(base64.RawStdEncoding, &b)
		w, err := flate.NewWriter(enc, flate.BestCompression)
		if err == nil {
			_, err = io.WriteString(w, state)
			err = errors.Join(err, w.Close(), enc.Close())
		}
		if err != nil {
			return r.failed(err)
		}
		if b.Len() > longestState {
			return r.failed(fmt.Errorf("a state of %d bytes does not fit", len(state)))
		}
		state = b.String()
	}
	_, err := c.do(ctx, r.with("value", state))
	return err
}

// State returns what SetState wrote last, or "".
func (c *Client) State(ctx context.Context, channel string) (string, error) {
	return stateOf(c.do(ctx, stateRequest(channel)))
}

func stateRequest(channel string) request {
	return newRequest(http.MethodGet, "channels/{id}/variable", channel).with("variable", "SHARED("+StateVariable+")")
}

func stateOf(body []byte, err error) (string, error) {
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusInternalServerError {
		return "", nil // nothing SHARED() with this channel yet: "Unable to read provided function"
	}
	value, err := variableOf(body, err)
	if err != nil {
		return "", err
	}
	text, ok := strings.CutPrefix(value, packed)
	if !ok {
		return value, nil
	}
	const limit = 1 << 20
	b, err := io.ReadAll(io.LimitReader(
		flate.NewReader(base64.NewDecoder(base64.RawStdEncoding, strings.NewReader(text))), limit))
	if err != nil {
		return "", fmt.Errorf("unpack the state of a channel: %w", err)
	}
	return string(b), nil
}

func variableOf(body []byte, err error) (string, error) {
	if err != nil {
		return "", err
	}
	var v struct {
		Value string `json:"value"`
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return "", fmt.Errorf("decode a channel variable: %w", err)
	}
	return v.Value, nil
}

// ExternalMedia describes a channel that exchanges RTP with a host of ours.
type ExternalMedia struct {
	Channel   string            // its id, ours
	Host      string            // host:port that Asterisk sends to
	Format    string            // "ulaw", "alaw"
	Direction string            // "both", "in", "out"; "" is both
	Data      string            // becomes the argument of StasisStart
	Variables map[string]string // set on the channel before it enters the application
}

// ExternalMedia makes the channel, which then enters the application (StasisStart). Asterisk's own end of it is in the
// channel variables UNICASTRTP_LOCAL_ADDRESS and UNICASTRTP_LOCAL_PORT. One that exists already is left as it is. It
// lives until it is hung up.
func (c *Client) ExternalMedia(ctx context.Context, m ExternalMedia) error {
	r := newRequest(http.MethodPost, "channels/externalMedia").
		with("channelId", m.Channel).with("app", c.cfg.App).with("external_host", m.Host).with("format", m.Format).
		with("encapsulation", "rtp").with("transport", "udp").with("connection_type", "client").
		with("direction", m.Direction).with("data", m.Data)
	if len(m.Variables) > 0 {
		r.body = map[string]any{"variables": m.Variables}
	}
	_, err := c.do(ctx, r)
	var e *Error
	if !errors.As(err, &e) || e.Status != http.StatusConflict && e.Status != http.StatusInternalServerError {
		return err
	}
	// For an id in use, Asterisk makes a 500 of its own 409 (resource_channels.c: ast_ari_channels_external_media).
	if _, again := c.do(ctx, newRequest(http.MethodGet, "channels/{id}", m.Channel)); again == nil {
		return nil
	}
	return err
}

// Outgoing is a call that is to be made.
type Outgoing struct {
	Channel   string // its id, ours
	Endpoint  string // as Dial() takes it: PJSIP/0912345678@carrier
	CallerID  string // the number that is shown
	Ring      time.Duration
	Args      []string          // of StasisStart, once it is answered
	Variables map[string]string // set on the channel before it is dialled
}

// Originate makes a call. It returns when Asterisk has begun to; the channel enters the application (StasisStart) when it is
// answered, and ends (ChannelDestroyed) when it is not. One that exists already is left as it is.
func (c *Client) Originate(ctx context.Context, o Outgoing) error {
	r := newRequest(http.MethodPost, "channels/{id}", o.Channel).
		with("endpoint", o.Endpoint).with("app", c.cfg.App).with("appArgs", strings.Join(o.Args, ",")).
		with("callerId", o.CallerID).with("timeout", strconv.Itoa(int(o.Ring/time.Second)))
	if len(o.Variables) > 0 {
		r.body = map[string]any{"variables": o.Variables}
	}
	_, err := c.do(ctx, r)
	var e *Error
	if !errors.As(err, &e) || e.Status != http.StatusConflict && e.Status != http.StatusInternalServerError {
		return err
	}
	if _, again := c.do(ctx, newRequest(http.MethodGet, "channels/{id}", o.Channel)); again == nil {
		return nil
	}
	return err
}

// Dialplan is a place in the dialplan.
type Dialplan struct {
	Context, Extension string // "" keeps the channel's own
	Priority           int    // 0: the next one
}

// ContinueInDialplan lets the channel leave the application. One that has left already is left as it is.
func (c *Client) ContinueInDialplan(ctx context.Context, channel string, to Dialplan) error {
	r := newRequest(http.MethodPost, "channels/{id}/continue", channel).
		with("context", to.Context).with("extension", to.Extension)
	if to.Priority != 0 {
		r = r.with("priority", strconv.Itoa(to.Priority))
	}
	_, err := c.do(ctx, r)
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusConflict {
		return nil
	}
	return err
}

// ListChannels returns all channels of this Asterisk, also those of other applications and of the dialplan.
func (c *Client) ListChannels(ctx context.Context) ([]Channel, error) {
	return channelsOf(c.do(ctx, channelsRequest()))
}

func channelsRequest() request { return newRequest(http.MethodGet, "channels") }

func channelsOf(body []byte, err error) ([]Channel, error) {
	if err != nil {
		return nil, err
	}
	var raw []ari.ChannelData
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, fmt.Errorf("decode the channels: %w", err)
	}
	out := make([]Channel, len(raw))
	for i := range raw {
		out[i] = channelOf(&raw[i])
	}
	return out, nil
}

// unlessGone makes a success of the refusal to delete what does not exist.
func unlessGone(err error) error {
	if IsNotFound(err) {
		return nil
	}
	return err
}
