package flowstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/survey"
)

// Ref names a version by its text, as calls and answers do.
type Ref struct {
	Key
	Hash string
}

// Shelf holds the flows and surveys that a controller works with, ready to step: the live ones, and older versions that
// calls are on. What it holds is also in a file, so that a controller starts, and its calls go on, without a database.
type Shelf struct {
	store *Store
	path  string
	log   *slog.Logger

	mu    sync.Mutex
	texts map[Ref]string // everything that was needed since the start
	files map[Ref]flowfile.File
	live  *flowfile.Set
}

// kept is a text in the shelf's file.
type kept struct {
	Live bool   `json:"live"`
	YAML string `json:"yaml"`
}

// OpenShelf puts what the site's files hold into the store, as [Store.Seed] does, and reads what is live. Without a database
// it begins with what the last controller kept at path, and without that with the files.
func OpenShelf(ctx context.Context, store *Store, path string, set *flowfile.Set, log *slog.Logger) *Shelf {
	s := &Shelf{store: store, path: path, log: log, texts: map[Ref]string{}, files: map[Ref]flowfile.File{}, live: set}
	held, err := store.Seed(ctx, set)
	if err == nil {
		_, err = s.Load(ctx)
	}
	for _, k := range held {
		log.Info("a file differs from what was published since, and is not taken; hotline flow import takes it", "kind", k.Kind, "name", k.Name)
	}
	if err == nil {
		return s
	}
	log.Error("read the flows; going on with the last known", "err", err)
	if err := s.fromDisk(); err != nil {
		log.Error("no flows were kept; going on with the files", "err", err)
		texts := make([]string, len(set.Texts))
		for i, t := range set.Texts {
			texts[i] = string(t)
		}
		s.live = s.setOf(texts)
	}
	return s
}

// Set is what was live when it was read last.
func (s *Shelf) Set() *flowfile.Set {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live
}

// Load reads what is live now. When that fails the shelf stays as it was.
func (s *Shelf) Load(ctx context.Context) (*flowfile.Set, error) {
	all, err := s.store.Current(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var texts []string
	for _, v := range all {
		if v.State == StateLive {
			texts = append(texts, v.YAML)
		}
	}
	s.live = s.setOf(texts)
	s.toDisk()
	return s.live, nil
}

// setOf makes a set of texts. One that cannot be used was kept by another version of the program: all others go on.
func (s *Shelf) setOf(texts []string) *flowfile.Set {
	set := &flowfile.Set{Flows: map[string]*ivr.Flow{}, Surveys: map[string]*survey.Survey{}}
	for _, text := range texts {
		file, err := s.add(text)
		if err != nil {
			s.log.Error("a live flow cannot be used by this version of the program: publish it anew", "err", err)
			continue
		}
		set.Texts = append(set.Texts, []byte(text))
		if file.Flow != nil {
			set.Flows[file.Flow.ID] = file.Flow
		} else {
			set.Surveys[file.Survey.ID] = file.Survey
		}
	}
	return set
}

// add reads a text once.
func (s *Shelf) add(text string) (flowfile.File, error) {
	hash := flowfile.Version([]byte(text))
	for ref := range s.texts {
		if ref.Hash == hash {
			return s.files[ref], nil
		}
	}
	file, faults := flowfile.Parse([]byte(text))
	k, ok := KeyOf(file)
	if grave := Errors(faults); len(grave) > 0 {
		return file, fmt.Errorf("read %s: %w", k, &Faulty{grave})
	}
	if !ok {
		return file, errors.New("it is neither a flow nor a survey")
	}
	ref := Ref{k, hash}
	s.texts[ref], s.files[ref] = text, file
	return file, nil
}

// Past returns the versions that calls name and that are not live. One that cannot be had is left out: such a call goes on
// in the live version.
func (s *Shelf) Past(ctx context.Context, refs []Ref) (flows []*ivr.Flow, surveys []*survey.Survey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := false
	for _, ref := range refs {
		file, ok := s.files[ref]
		if !ok {
			v, err := s.store.ByHash(ctx, ref.Key, ref.Hash)
			if err == nil {
				file, err = s.add(v.YAML)
			}
			if err != nil {
				s.log.Warn("a call's version of its flow cannot be had; the call goes on in the live one", "kind", ref.Kind, "name", ref.Name, "version", ref.Hash, "err", err)
				continue
			}
			found = true
		}
		switch {
		case file.Flow != nil && s.live.Flows[ref.Name] != file.Flow:
			flows = append(flows, file.Flow)
		case file.Survey != nil && s.live.Surveys[ref.Name] != file.Survey:
			surveys = append(surveys, file.Survey)
		}
	}
	if found {
		s.toDisk()
	}
	return flows, surveys
}

func (s *Shelf) toDisk() {
	all := make([]kept, 0, len(s.texts))
	for ref, text := range s.texts {
		file := s.files[ref]
		live := file.Flow != nil && s.live.Flows[ref.Name] == file.Flow || file.Survey != nil && s.live.Surveys[ref.Name] == file.Survey
		all = append(all, kept{Live: live, YAML: text})
	}
	raw, err := json.Marshal(all)
	if err == nil {
		err = os.WriteFile(s.path+".new", raw, 0o600)
	}
	if err == nil {
		err = os.Rename(s.path+".new", s.path)
	}
	if err != nil {
		s.log.Warn("keep the flows for a start without database", "err", err)
	}
}

func (s *Shelf) fromDisk() error {
	raw, err := os.ReadFile(s.path)
	if err != nil {
		return fmt.Errorf("read kept flows: %w", err)
	}
	var all []kept
	if err := json.Unmarshal(raw, &all); err != nil {
		return fmt.Errorf("decode kept flows: %w", err)
	}
	var live []string
	for _, k := range all {
		if k.Live {
			live = append(live, k.YAML)
		} else if _, err := s.add(k.YAML); err != nil {
			s.log.Warn("an older flow cannot be used", "err", err)
		}
	}
	if len(live) == 0 {
		return errors.New("no flows were kept")
	}
	s.live = s.setOf(live)
	return nil
}
