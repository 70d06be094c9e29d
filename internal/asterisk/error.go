package asterisk

import (
	"errors"
	"fmt"
	"net/http"
)

var (
	// ErrDisconnected means that there is no connection to Asterisk, or that it was lost before the answer came. The
	// request may or may not have been carried out.
	ErrDisconnected = errors.New("no connection to asterisk")
	// ErrReplaced means that another client has connected for the same application.
	ErrReplaced = errors.New("another client took over the application")
	// ErrUnknownEvent means that an event is of a type that the decoder does not know.
	ErrUnknownEvent = errors.New("unknown event type")
)

// Error is a request that Asterisk refused.
type Error struct {
	Status  int    // HTTP status code, e.g. 404
	Method  string // e.g. POST
	URI     string // with the ids, without the query, e.g. channels/c1/answer
	Message string // Asterisk's own words
}

func (e *Error) Error() string {
	return fmt.Sprintf("ari %s %s: %d %s", e.Method, e.URI, e.Status, e.Message)
}

// IsNotFound tells whether Asterisk refused because the channel, bridge, playback or variable does not exist (any more).
func IsNotFound(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	// addChannel and removeChannel answer 400 for a missing channel (resource_bridges.c: find_channel_control).
	return e.Status == http.StatusNotFound || e.Status == http.StatusBadRequest && e.Message == "Channel not found"
}

// IsConflict tells whether Asterisk refused because of the state of what was addressed, e.g. a channel that has left the
// application (409, 412; 422 where bridges are concerned).
func IsConflict(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Status {
	case http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity:
		return true
	}
	return false
}
