package web

import (
	"context"
	"net/http"

	"hotline/qa"
	"hotline/qa/lexicon"
	"hotline/qa/topic"
)

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
	route(s, endpoint{method: http.MethodPost, path: path + "/check", id: "checkDictionary", right: RightScorecards, summary: "Read a dictionary and say everything that is wrong with it"}, s.checkDictionary)
	route(s, endpoint{method: http.MethodPost, path: path + "/try", id: "tryDictionary", right: RightScorecards, summary: "In how many of the newest calls each entry of a dictionary is found, beside the live one; nothing is stored"},
		func(ctx context.Context, _ Who, in *textInput) (qa.TriedDictionary, error) {
			return s.Quality.TryDictionary(ctx, in.Body.YAML)
		})
	s.registerVersions(versioned{
		path: path, list: path, id: "Dictionary", object: "dictionary", noun: "dictionary of topics, products, wordings and opinion words",
		read: RightScorecards, change: RightScorecards, versions: s.Quality.Dictionaries(),
	})
}

func (s *Server) checkDictionary(_ context.Context, _ Who, in *textInput) (CheckedDictionary, error) {
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
