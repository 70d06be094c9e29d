package web

import (
	"context"
	"net/http"
	"time"

	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flowstore"
)

// FlowSummary is a flow or a survey with what is live of it and what is being worked on.
type FlowSummary struct {
	Kind  string       `json:"kind" enum:"flow,survey"`
	Name  string       `json:"name"`
	Live  *FlowVersion `json:"live" doc:"Null while it has never been published."`
	Draft *FlowVersion `json:"draft" doc:"Null while nobody works on it."`
	// Faults and Warnings are of the draft, or else of what is live.
	Faults   int      `json:"faults" doc:"Of the draft, or of what is live where there is no draft. With one it cannot be published."`
	Warnings int      `json:"warnings"`
	Lines    []string `json:"lines" doc:"Numbers that it answers, E.164."`
}

// FlowVersion is one version of a flow or a survey.
type FlowVersion struct {
	Kind      string     `json:"kind" enum:"flow,survey"`
	Name      string     `json:"name"`
	Version   int        `json:"version"`
	State     string     `json:"state" enum:"draft,live,retired"`
	Hash      string     `json:"hash" doc:"As calls and answers name it."`
	YAML      string     `json:"yaml" doc:"Empty in lists."`
	Origin    string     `json:"origin" enum:"file,import,editor"`
	Note      string     `json:"note"`
	CreatedAt time.Time  `json:"created_at" doc:"When it was saved last."`
	CreatedBy string     `json:"created_by" doc:"User; empty for what came from a file."`
	LiveAt    *time.Time `json:"live_at"`
	LiveBy    string     `json:"live_by" doc:"Who put it live; empty for what came from a file."`
	Drafter   string     `json:"drafter" doc:"Name of created_by."`
	Publisher string     `json:"publisher" doc:"Name of live_by."`
	BackTo    int        `json:"back_to" doc:"The earlier version whose text it repeats, or 0."`
}

// CheckedFlow is what a text comes to.
type CheckedFlow struct {
	Kind   string      `json:"kind" enum:"flow,survey," doc:"Empty where not even that could be read."`
	Name   string      `json:"name"`
	Faults []FlowFault `json:"faults" doc:"In the order of the text."`
}

// FlowFault is something wrong with a flow or a survey, or odd.
type FlowFault struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Step    string `json:"step" doc:"Step or question; empty for the whole."`
	Message string `json:"message" doc:"In English."`
	Remedy  string `json:"remedy" doc:"In English."`
	// The same in Traditional Chinese.
	MessageZH string `json:"message_zh" doc:"In Traditional Chinese."`
	RemedyZH  string `json:"remedy_zh" doc:"In Traditional Chinese."`
	Warning   bool   `json:"warning" doc:"It does not keep the text from going live."`
}

// FlowPath names a flow or a survey.
type FlowPath struct {
	Kind string `path:"kind" enum:"flow,survey"`
	Name string `path:"name" pattern:"^[a-z][a-z0-9-]{0,63}$"`
}

func (p FlowPath) key() flowstore.Key { return flowstore.Key{Kind: p.Kind, Name: p.Name} }

type FlowVersionPath struct {
	FlowPath
	Version int `path:"version" minimum:"1"`
}

type FlowHashPath struct {
	FlowPath
	Hash string `path:"hash" pattern:"^[0-9a-f]{12}$" doc:"As calls and answers name it."`
}

type flowTextInput struct {
	Body struct {
		YAML string `json:"yaml" maxLength:"262144"`
		Kind string `json:"kind,omitempty" enum:"flow,survey" doc:"With name: what the text must stay."`
		Name string `json:"name,omitempty" maxLength:"64"`
	}
}

type flowDraftInput struct {
	FlowPath
	Body struct {
		YAML string     `json:"yaml" minLength:"1" maxLength:"262144"`
		Note string     `json:"note,omitempty" maxLength:"500"`
		Seen *time.Time `json:"seen,omitempty" doc:"created_at of the draft that was being changed: one that was saved since is not overwritten."`
	}
}

type flowPublishInput struct {
	FlowPath
	Body struct {
		Saved time.Time `json:"saved" doc:"created_at of the draft, so that what goes live is what was looked at."`
		Note  string    `json:"note" minLength:"1" maxLength:"500" doc:"What has changed, and why."`
	}
}

type flowBackInput struct {
	FlowVersionPath
	Body struct {
		Note string `json:"note" minLength:"1" maxLength:"500" doc:"Why."`
	}
}

// flowLimit is the largest body with the text of a flow: flowfile.MaxSize, and as much again for what JSON escapes.
const flowLimit = 2*flowfile.MaxSize + 4<<10

func (s *Server) registerFlows() {
	const path = "/flows/{kind}/{name}"
	route(s, endpoint{method: http.MethodGet, path: "/flows", id: "listFlows", right: RightFlows, summary: "Flows and surveys, what is live of them and what is worked on"}, s.flows)
	route(s, endpoint{method: http.MethodPost, path: "/flows/check", id: "checkFlow", right: RightFlows, limit: flowLimit, summary: "Read a flow or a survey and say everything that is wrong with it"}, s.checkFlow)
	route(s, endpoint{method: http.MethodGet, path: "/flows/known", id: "knownToFlows", right: RightFlows, summary: "What a flow may name beside queues and surveys"}, s.flowNames)
	route(s, endpoint{method: http.MethodGet, path: path + "/versions", id: "listFlowVersions", right: RightFlows, summary: "Versions, the newest first, without their texts"},
		func(ctx context.Context, _ Who, in *FlowPath) (list[FlowVersion], error) {
			all, err := s.Flows.Versions(ctx, in.key())
			versions := make([]FlowVersion, 0, len(all))
			for _, v := range all {
				versions = append(versions, FlowVersion(v))
			}
			return everything(versions), err
		})
	route(s, endpoint{method: http.MethodGet, path: path + "/versions/{version}", id: "getFlowVersion", right: RightFlows, summary: "One version with its text"},
		func(ctx context.Context, _ Who, in *FlowVersionPath) (FlowVersion, error) {
			v, err := s.Flows.At(ctx, in.key(), in.Version)
			return FlowVersion(v), err
		})
	route(s, endpoint{method: http.MethodGet, path: path + "/texts/{hash}", id: "getFlowText", right: RightFlows, summary: "The version that a call or an answer names"},
		func(ctx context.Context, _ Who, in *FlowHashPath) (FlowVersion, error) {
			v, err := s.Flows.ByHash(ctx, in.key(), in.Hash)
			return FlowVersion(v), err
		})
	route(s, endpoint{method: http.MethodPut, path: path + "/draft", id: "saveFlowDraft", right: RightFlowsEdit, limit: flowLimit, summary: "Keep what is being worked on, faults and all"}, s.saveFlow)
	act(s, endpoint{method: http.MethodDelete, path: path + "/draft", id: "dropFlowDraft", right: RightFlowsEdit, summary: "Throw the draft away"},
		func(ctx context.Context, who Who, in *FlowPath) error {
			if err := s.Flows.DropDraft(ctx, in.key()); err != nil {
				return err
			}
			return s.changed(ctx, who, in.Kind+":"+in.Name, map[string]any{"dropped": true})
		})
	route(s, endpoint{method: http.MethodPost, path: path + "/draft/publish", id: "publishFlow", right: RightFlowsEdit, summary: "Lead callers by the draft from the next call on"}, s.publishFlow)
	route(s, endpoint{method: http.MethodPost, path: path + "/versions/{version}/restore", id: "restoreFlow", right: RightFlowsEdit, summary: "Go back to an earlier version; its text becomes a new one"}, s.restoreFlow)
}

func (s *Server) flows(ctx context.Context, _ Who, _ *struct{}) (list[FlowSummary], error) {
	all, err := s.Flows.Current(ctx)
	if err != nil {
		return list[FlowSummary]{}, err
	}
	lines, err := s.Site.Lines(ctx)
	if err != nil {
		return list[FlowSummary]{}, err
	}
	known, err := s.known(ctx)
	if err != nil {
		return list[FlowSummary]{}, err
	}
	var out []FlowSummary
	at := map[flowstore.Key]int{}
	for _, v := range all { // by name, the live one before its draft
		i, ok := at[v.Key()]
		if !ok {
			i = len(out)
			at[v.Key()] = i
			out = append(out, FlowSummary{Kind: v.Kind, Name: v.Name, Lines: []string{}})
		}
		_, faults, err := s.Flows.Check(ctx, v.Key(), v.YAML, known)
		if err != nil {
			return list[FlowSummary]{}, err
		}
		sum := &out[i]
		sum.Faults = len(flowstore.Errors(faults))
		sum.Warnings = len(faults) - sum.Faults
		v.YAML = ""
		shown := FlowVersion(v)
		if v.State == flowstore.StateDraft {
			sum.Draft = &shown
		} else {
			sum.Live = &shown
		}
	}
	for _, l := range lines {
		if i, ok := at[flowstore.Key{Kind: flowstore.KindFlow, Name: l.Flow}]; ok {
			out[i].Lines = append(out[i].Lines, l.Number)
		}
	}
	return everything(out), nil
}

// FlowNames is what a flow may name.
type FlowNames struct {
	Services  []string `json:"services" doc:"That are configured."`
	Calendars []string `json:"calendars"`
}

func (s *Server) flowNames(ctx context.Context, _ Who, _ *struct{}) (FlowNames, error) {
	known, err := s.known(ctx)
	return FlowNames{Services: append([]string{}, known.Services...), Calendars: append([]string{}, known.Calendars...)}, err
}

// known is what a flow may name beside surveys: any queue, on a site that has none yet.
func (s *Server) known(ctx context.Context) (ivr.Known, error) {
	all, err := s.Site.Queues(ctx)
	if err != nil {
		return ivr.Known{}, err
	}
	calendars, err := s.Site.Calendars(ctx)
	if err != nil {
		return ivr.Known{}, err
	}
	known := ivr.Known{Calendars: []string{}, Services: s.Services, Allowed: s.Outbound.Allowed}
	for _, c := range calendars {
		known.Calendars = append(known.Calendars, c.Name)
	}
	for _, q := range all {
		if q.Active {
			known.Queues = append(known.Queues, string(q.ID))
		}
	}
	return known, nil
}

func (s *Server) checkFlow(ctx context.Context, _ Who, in *flowTextInput) (CheckedFlow, error) {
	known, err := s.known(ctx)
	if err != nil {
		return CheckedFlow{}, err
	}
	file, faults, err := s.Flows.Check(ctx, flowstore.Key{Kind: in.Body.Kind, Name: in.Body.Name}, in.Body.YAML, known)
	k, _ := flowstore.KeyOf(file)
	return CheckedFlow{Kind: k.Kind, Name: k.Name, Faults: flowFaults(faults)}, err
}

func flowFaults(faults []ivr.Fault) []FlowFault {
	out := make([]FlowFault, 0, len(faults))
	for _, f := range faults {
		out = append(out, FlowFault{Line: f.Line, Column: f.Column, Step: f.Step, Message: f.Message.String(), Remedy: f.Remedy.String(), MessageZH: f.Message.Mandarin(), RemedyZH: f.Remedy.Mandarin(), Warning: f.Warning})
	}
	return out
}

func (s *Server) saveFlow(ctx context.Context, who Who, in *flowDraftInput) (FlowVersion, error) {
	var seen time.Time
	if in.Body.Seen != nil {
		seen = *in.Body.Seen
	}
	v, err := s.Flows.SaveDraft(ctx, in.key(), in.Body.YAML, in.Body.Note, string(who.ID), seen)
	return s.flowChanged(ctx, who, v, err, map[string]any{"draft": true})
}

func (s *Server) publishFlow(ctx context.Context, who Who, in *flowPublishInput) (FlowVersion, error) {
	known, err := s.known(ctx)
	if err != nil {
		return FlowVersion{}, err
	}
	v, err := s.Flows.Publish(ctx, in.key(), in.Body.Saved, in.Body.Note, string(who.ID), known)
	return s.flowChanged(ctx, who, v, err, map[string]any{"live": true, "version": v.Version, "note": in.Body.Note})
}

func (s *Server) restoreFlow(ctx context.Context, who Who, in *flowBackInput) (FlowVersion, error) {
	known, err := s.known(ctx)
	if err != nil {
		return FlowVersion{}, err
	}
	v, err := s.Flows.GoBack(ctx, in.key(), in.Version, in.Body.Note, string(who.ID), known)
	return s.flowChanged(ctx, who, v, err, map[string]any{"live": true, "version": v.Version, "back_to": in.Version, "note": in.Body.Note})
}

// flowChanged logs a change that was made.
func (s *Server) flowChanged(ctx context.Context, who Who, v flowstore.Version, err error, detail map[string]any) (FlowVersion, error) {
	if err != nil {
		return FlowVersion{}, err
	}
	return FlowVersion(v), s.changed(ctx, who, v.Kind+":"+v.Name, detail)
}
