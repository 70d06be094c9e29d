package asr

import (
	"context"
	"errors"

	"hotline/qa/rule"
)

// Transcriber writes down what a recording says, as it comes from a model.
type Transcriber interface {
	// Name says what does it: the model's kind and name.
	Name() string
	// Ready says whether it could hear now: without an error, what went wrong with a recording is the recording's fault.
	Ready(ctx context.Context) error
	// Transcribe returns utterances in order of time. Errors wrap ErrUnavailable when trying again later may help.
	Transcribe(ctx context.Context, s Sound) (Raw, error)
}

// ErrUnavailable means that a model cannot be had now. The call waits.
var ErrUnavailable = errors.New("speech recognition is not available")

// Raw is what a Transcriber heard.
type Raw struct {
	Length     int // milliseconds
	Utterances []rule.Utterance
	Speech     map[rule.Role][]rule.Span
	Levels     map[rule.Role][]rule.Level
}

// roles are the channels' parties.
var roles = [2]rule.Role{Left: rule.Caller, Right: rule.Agent}
