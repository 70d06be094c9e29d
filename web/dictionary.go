package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"hotline/qa/lexicon"
	"hotline/qa/topic"
)

// Dictionary is one version of the dictionary of topics, products and opinion words.
type Dictionary struct {
	Version   int        `json:"version"`
	State     string     `json:"state" enum:"draft,live,retired"`
	YAML      string     `json:"yaml"`
	Note      string     `json:"note"`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by" doc:"User; empty for the one that was shipped."`
	LiveAt    *time.Time `json:"live_at"`
}

// CheckedDictionary is what a dictionary's text comes to.
type CheckedDictionary struct {
	Topics   int               `json:"topics"`
	Products int               `json:"products"`
	Wordings int               `json:"wordings"`
	Faults   []DictionaryFault `json:"faults"`
}

// DictionaryFault is something wrong with a dictionary.
type DictionaryFault struct {
	Line   int    `json:"line"`
	Path   string `json:"path"`
	What   string `json:"what"`
	Remedy string `json:"remedy"`
}

func (s *Server) registerDictionary() {
	const path = "/dictionaries"
	route(s, endpoint{method: http.MethodGet, path: path, id: "listDictionaries", right: RightScorecards, summary: "Versions of the dictionary of topics, products and opinion words, the newest first"},
		func(ctx context.Context, _ Who, _ *struct{}) (list[Dictionary], error) {
			all, err := s.Quality.Dictionaries(ctx)
			if err != nil {
				return list[Dictionary]{}, err
			}
			versions := make([]Dictionary, 0, len(all))
			for _, v := range all {
				versions = append(versions, Dictionary(v))
			}
			return everything(versions), nil
		})
	route(s, endpoint{method: http.MethodPost, path: path + "/check", id: "checkDictionary", right: RightScorecards, summary: "Read a dictionary and say everything that is wrong with it"}, s.checkDictionary)
	route(s, endpoint{method: http.MethodPut, path: path + "/draft", id: "saveDictionaryDraft", right: RightScorecards, summary: "Keep the dictionary that is being worked on"},
		func(ctx context.Context, who Who, in *cardDraftInput) (Dictionary, error) {
			v, err := s.Quality.SaveDictionaryDraft(ctx, in.Body.YAML, in.Body.Note, string(who.ID))
			if err != nil {
				return Dictionary{}, err
			}
			return Dictionary(v), s.changed(ctx, who, fmt.Sprintf("dictionary:%d", v.Version), map[string]any{"draft": true})
		})
	route(s, endpoint{method: http.MethodPost, path: path + "/draft/publish", id: "publishDictionary", right: RightScorecards, summary: "Look through transcripts by the draft from now on, and through those of before"},
		func(ctx context.Context, who Who, _ *struct{}) (Dictionary, error) {
			v, err := s.Quality.PublishDictionary(ctx)
			if err != nil {
				return Dictionary{}, err
			}
			return Dictionary(v), s.changed(ctx, who, fmt.Sprintf("dictionary:%d", v.Version), map[string]any{"live": true})
		})
	act(s, endpoint{method: http.MethodDelete, path: path + "/draft", id: "dropDictionaryDraft", right: RightScorecards, summary: "Throw the draft away"},
		func(ctx context.Context, who Who, _ *struct{}) error {
			if err := s.Quality.DropDictionaryDraft(ctx); err != nil {
				return err
			}
			return s.changed(ctx, who, "dictionary:draft", map[string]any{"dropped": true})
		})
}

func (s *Server) checkDictionary(_ context.Context, _ Who, in *cardTextInput) (CheckedDictionary, error) {
	d, faults := lexicon.Parse([]byte(in.Body.YAML))
	out := CheckedDictionary{Faults: []DictionaryFault{}}
	for _, e := range d.Entries {
		switch e.Kind {
		case topic.Topic:
			out.Topics++
		case topic.Product:
			out.Products++
		case topic.Wording:
			out.Wordings++
		}
	}
	for _, f := range faults {
		out.Faults = append(out.Faults, DictionaryFault{f.Line, f.Path, f.What, f.Remedy})
	}
	return out, nil
}
