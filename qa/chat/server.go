package chat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"hotline/qa/score"
)

// Server asks such a service.
type Server struct {
	cfg    Config
	key    string
	client *http.Client
	slots  chan struct{}
	wait   time.Duration // after the first failure, doubled after each
}

const (
	tries     = 3
	firstWait = time.Second
)

// NewServer reads the key; nothing is sent before the first question.
func NewServer(cfg Config) (*Server, error) {
	if faults := cfg.Check(); len(faults) > 0 {
		return nil, fmt.Errorf("the model that answers questions: %s", strings.Join(faults, "; "))
	}
	cfg.AtOnce, cfg.TimeLimit = cmp.Or(cfg.AtOnce, usualAtOnce), cmp.Or(cfg.TimeLimit, usualTimeLimit)
	cfg.MaxText = cmp.Or(cfg.MaxText, usualMaxText)
	s := &Server{cfg: cfg, key: cfg.Key, client: &http.Client{}, slots: make(chan struct{}, cfg.AtOnce), wait: firstWait}
	if cfg.KeyFile != "" {
		raw, err := os.ReadFile(cfg.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("read the key of the model that answers questions: %w", err)
		}
		s.key = strings.TrimSpace(string(raw))
	}
	return s, nil
}

// Name is the model's name at the service.
func (s *Server) Name() string { return s.cfg.Model }

// Usage is what a question cost.
type Usage struct {
	In, Out int // tokens, as the service counts them
}

// Ask has the model answer a question of a call. An error is a *Refusal, which says why the answer was not taken, or of
// ErrUnavailable. The usage counts whatever came of it.
func (s *Server) Ask(ctx context.Context, q score.Question, t Talk) (Answer, Usage, error) {
	if t.size > s.cfg.MaxText {
		return Answer{}, Usage{}, refuse(false, "the call has %d characters, and at most %d go to the model; raise chat.max_text if it can read more", t.size, s.cfg.MaxText)
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return Answer{}, Usage{}, ctx.Err()
	}
	var cost Usage
	for try, wait := 1, s.wait; ; try, wait = try+1, 2*wait {
		said, usage, err := s.once(ctx, q, t)
		cost.In, cost.Out = cost.In+usage.In, cost.Out+usage.Out
		if err == nil {
			answer, refusal := Read(said, q, t)
			if refusal != nil {
				return Answer{}, cost, refusal
			}
			return answer, cost, nil
		}
		if try == tries || errors.Is(err, errRefused) || ctx.Err() != nil {
			return Answer{}, cost, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return Answer{}, cost, ctx.Err()
		}
	}
}

// errRefused marks what another try would not change.
var errRefused = errors.New("the service refuses")

const mostReply = 1 << 20

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// request and reply are those of the OpenAI API (Chat, "Create chat completion").
type request struct {
	Model       string    `json:"model"`
	Messages    []message `json:"messages"`
	Temperature float64   `json:"temperature"`
	Format      any       `json:"response_format"`
}

type reply struct {
	Choices []struct {
		Message struct {
			Content *string `json:"content"`
		} `json:"message"`
	} `json:"choices"`
	Usage struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
	} `json:"usage"`
}

func (s *Server) once(ctx context.Context, q score.Question, t Talk) (said string, usage Usage, err error) {
	body, err := json.Marshal(request{
		Model: s.cfg.Model, Messages: []message{{"system", instructions}, {"user", ask(q, t)}},
		Format: map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "answer", "strict": true, "schema": form(q)}},
	})
	if err != nil {
		return "", Usage{}, err
	}
	raw, err := s.call(ctx, http.MethodPost, "/chat/completions", body)
	if err != nil {
		return "", Usage{}, err
	}
	var r reply
	if err := json.Unmarshal(raw, &r); err != nil || len(r.Choices) == 0 || r.Choices[0].Message.Content == nil {
		return "", Usage{}, fmt.Errorf("%w: the service answers what is no chat completion: %.100q", ErrUnavailable, raw)
	}
	return *r.Choices[0].Message.Content, Usage{max(0, r.Usage.Prompt), max(0, r.Usage.Completion)}, nil
}

// Ready asks whether the service is there and lets us in.
func (s *Server) Ready(ctx context.Context) error {
	_, err := s.call(ctx, http.MethodGet, "/models", nil)
	return err
}

func (s *Server) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.TimeLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(s.cfg.URL, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if s.key != "" {
		req.Header.Set("Authorization", "Bearer "+s.key)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: ask the service: %w; see chat.url and chat.time_limit", ErrUnavailable, err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, mostReply))
	if err != nil {
		return nil, fmt.Errorf("%w: read the service's answer: %w; see chat.time_limit", ErrUnavailable, err)
	}
	if res.StatusCode != http.StatusOK {
		if res.StatusCode/100 == 4 && res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusRequestTimeout {
			return nil, fmt.Errorf("%w: %w: %s: %.200s%s", ErrUnavailable, errRefused, res.Status, answer, remedy(res.StatusCode))
		}
		return nil, fmt.Errorf("%w: the service answers %s: %.200s", ErrUnavailable, res.Status, answer)
	}
	return answer, nil
}

// remedy is what an operator does about a status.
func remedy(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "; see chat.key_file"
	case http.StatusNotFound:
		return "; see chat.url, which ends in /v1, and chat.model"
	}
	return ""
}
