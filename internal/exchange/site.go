package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"hotline/cti"
)

// Site is how the call centre is set up.
type Site struct {
	Config cti.Configured    `json:"config"`
	Lines  map[string]string `json:"lines"` // number dialled (E.164) -> id of its flow
}

// Flow is the flow that answers the line, "" when none does.
func (s Site) Flow(line string) string { return s.Lines[line] }

const (
	siteTime    = 5 * time.Second
	siteFile    = "site.json"
	measureTick = 2 * time.Second
)

// configure makes the Floor's first facts: how the site is set up, and how the agents were when the last controller
// ended. Without a database it goes on with what it last knew.
func (x *Exchange) configure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, siteTime)
	defer cancel()
	site, err := x.Site(ctx)
	if err != nil {
		x.Log.Error("read the site's settings; going on with the last known", "err", err)
		if site, err = x.lastSite(); err != nil {
			return fmt.Errorf("read the site's settings: %w", err)
		}
	} else if err := x.keepSite(site); err != nil {
		x.Log.Warn("keep the site's settings for a start without database", "err", err)
	}
	x.site = site
	x.apply(site.Config.Named())
	agents, err := x.Store.agents(ctx)
	if err != nil {
		x.Log.Error("agents start signed out", "err", err)
	}
	for _, v := range agents {
		x.apply(cti.AgentRestored{View: v})
	}
	return nil
}

func (x *Exchange) keepSite(site Site) error {
	raw, err := json.Marshal(site)
	if err != nil {
		return fmt.Errorf("encode settings: %w", err)
	}
	path := filepath.Join(x.SpoolDir, siteFile)
	if err := os.WriteFile(path+".new", raw, 0o600); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return os.Rename(path+".new", path)
}

// lastSite is what keepSite kept; the flows and surveys are kept elsewhere.
func (x *Exchange) lastSite() (site Site, err error) {
	raw, err := os.ReadFile(filepath.Join(x.SpoolDir, siteFile))
	if err != nil {
		return site, fmt.Errorf("no settings were kept: %w", err)
	}
	if err := json.Unmarshal(raw, &site); err != nil {
		return site, fmt.Errorf("decode kept settings: %w", err)
	}
	site.Config.Flows, site.Config.Surveys = x.Flows, x.Surveys
	return site, nil
}

// watchSite reads the settings again whenever they changed.
func (x *Exchange) watchSite(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-x.Changed:
		}
		reading, cancel := context.WithTimeout(ctx, siteTime)
		site, err := x.Site(reading)
		cancel()
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				x.Log.Error("read the site's changed settings", "err", err)
			}
			continue
		}
		if err := x.keepSite(site); err != nil {
			x.Log.Warn("keep the site's settings", "err", err)
		}
		x.inbox.put(item{do: func() {
			x.site = site
			x.apply(site.Config.Named())
			x.publishLines()
		}})
	}
}

// publishLines tells the dialplan which numbers are ours, so that a new line is taken without a restart.
func (x *Exchange) publishLines() {
	if x.Dialled == nil {
		return
	}
	wanted := map[string]string{}
	for line := range x.site.Lines {
		for _, digits := range x.Dialled(line) {
			wanted[digits] = line
		}
	}
	changed := map[string]string{}
	for digits, line := range wanted {
		if x.published[digits] != line {
			changed[digits] = line
		}
	}
	for digits := range x.published {
		if wanted[digits] == "" {
			changed[digits] = ""
		}
	}
	x.published = wanted
	go func() {
		for digits, line := range changed {
			ctx, cancel := context.WithTimeout(x.running, requestTime)
			err := x.Asterisk.SetGlobal(ctx, "LINE_"+digits, line)
			cancel()
			if err != nil {
				x.Log.Error("tell the dialplan a line; the next change or connection tries again", "line", line, "err", err)
				x.inbox.put(item{do: func() { delete(x.published, digits) }})
			}
		}
	}()
}

// measure sets the gauges to how the floor is, every few seconds.
func (x *Exchange) measure(ctx context.Context) error {
	tick := time.NewTicker(measureTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		o, err := x.Overview(ctx)
		if err != nil {
			return err
		}
		x.metrics.show(o)
	}
}
