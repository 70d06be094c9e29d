package asterisk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/CyCoreSystems/ari/v6"
)

// CreateBridge makes a bridge in which two parties hear each other and their digits are events. One that exists already
// is left as it is.
func (c *Client) CreateBridge(ctx context.Context, bridge, name string) error {
	r := newRequest(http.MethodPost, "bridges/{id}", bridge).with("type", "mixing,dtmf_events").with("name", name)
	_, err := c.do(ctx, r)
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusConflict {
		return nil
	}
	return err
}

// AddToBridge puts channels into a bridge, out of any other. Who is in it already stays undisturbed: Asterisk itself
// would take such a channel out and in again, which is heard.
func (c *Client) AddToBridge(ctx context.Context, bridge string, channels ...string) error {
	body, err := c.do(ctx, newRequest(http.MethodGet, "bridges/{id}", bridge))
	if err != nil {
		return err
	}
	var now ari.BridgeData
	if err := json.Unmarshal(body, &now); err != nil {
		return fmt.Errorf("decode a bridge: %w", err)
	}
	missing := slices.DeleteFunc(slices.Clone(channels), func(ch string) bool {
		return slices.Contains(now.ChannelIDs, ch)
	})
	if len(missing) == 0 {
		return nil
	}
	r := newRequest(http.MethodPost, "bridges/{id}/addChannel", bridge).with("channel", strings.Join(missing, ","))
	r.aside = c.busy(missing...)
	_, err = c.do(ctx, r)
	return err
}

// RemoveFromBridge takes a channel out of a bridge, if it is there.
func (c *Client) RemoveFromBridge(ctx context.Context, bridge, channel string) error {
	r := newRequest(http.MethodPost, "bridges/{id}/removeChannel", bridge).with("channel", channel)
	r.aside = c.busy(channel)
	_, err := c.do(ctx, r)
	var e *Error
	if errors.As(err, &e) && (e.Status == http.StatusUnprocessableEntity || e.Status == http.StatusConflict) {
		return nil // it is not in this bridge, or not even in the application, or the bridge is being destroyed
	}
	return unlessGone(err)
}

// DestroyBridge ends a bridge. Channels still in it stay in the application.
func (c *Client) DestroyBridge(ctx context.Context, bridge string) error {
	_, err := c.do(ctx, newRequest(http.MethodDelete, "bridges/{id}", bridge))
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusConflict {
		return nil // it is being destroyed
	}
	return unlessGone(err)
}

// ListBridges returns the bridges that were made over ARI, by whichever application.
func (c *Client) ListBridges(ctx context.Context) ([]Bridge, error) {
	return bridgesOf(c.do(ctx, bridgesRequest()))
}

func bridgesRequest() request { return newRequest(http.MethodGet, "bridges") }

func bridgesOf(body []byte, err error) ([]Bridge, error) {
	if err != nil {
		return nil, err
	}
	var raw []ari.BridgeData
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, fmt.Errorf("decode the bridges: %w", err)
	}
	var out []Bridge
	for _, b := range raw {
		if b.Creator == "Stasis" {
			out = append(out, bridgeOf(b))
		}
	}
	return out, nil
}

// Application is what Asterisk sends an application events about.
type Application struct {
	Channels []string // ids
	Bridges  []string // ids; a bridge is among them once a channel of ours was in it
}

// ListApplication returns what belongs to our application.
func (c *Client) ListApplication(ctx context.Context) (Application, error) {
	return applicationOf(c.do(ctx, applicationRequest(c.cfg.App)))
}

func applicationRequest(app string) request {
	return newRequest(http.MethodGet, "applications/{id}", app)
}

func applicationOf(body []byte, err error) (Application, error) {
	if err != nil {
		return Application{}, err
	}
	var raw ari.ApplicationData
	if err := json.Unmarshal(body, &raw); err != nil {
		return Application{}, fmt.Errorf("decode the application: %w", err)
	}
	return Application{Channels: raw.ChannelIDs, Bridges: raw.BridgeIDs}, nil
}
