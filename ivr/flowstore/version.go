package flowstore

import (
	"errors"
	"fmt"
	"time"

	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/survey"
)

// The kinds of what is kept.
const (
	KindFlow   = "flow"
	KindSurvey = "survey"
)

// The states of a version.
const (
	StateDraft   = "draft"
	StateLive    = "live"
	StateRetired = "retired"
)

// Where a version came from. A live version from a file follows that file at the next start, as it always did; once
// somebody has published or imported another, the file no longer counts.
const (
	fromFile   = "file"
	fromImport = "import"
	fromEditor = "editor"
)

// Key names a flow or a survey.
type Key struct {
	Kind string `db:"kind"`
	Name string `db:"name"`
}

func (k Key) String() string { return k.Kind + " " + k.Name }

// Version is one version of a flow or a survey.
type Version struct {
	Kind      string     `db:"kind"`
	Name      string     `db:"name"`
	Version   int        `db:"version"`
	State     string     `db:"state"`
	Hash      string     `db:"hash"` // as calls and answers name it
	YAML      string     `db:"yaml"` // empty in lists that leave it out
	Origin    string     `db:"origin"`
	Note      string     `db:"note"`
	CreatedAt time.Time  `db:"created_at"`
	CreatedBy string     `db:"created_by"`
	LiveAt    *time.Time `db:"live_at"`
	LiveBy    string     `db:"live_by"`
	Drafter   string     `db:"drafter"` // the names of CreatedBy and LiveBy
	Publisher string     `db:"publisher"`
	BackTo    int        `db:"back_to"` // the earlier version whose text it repeats; 0 for a text of its own
}

// Key names what it is a version of.
func (v Version) Key() Key { return Key{v.Kind, v.Name} }

// columns of a Version; yaml is an expression for the text.
func columns(yaml string) string {
	return `kind, name, version, state, hash, ` + yaml + ` as yaml, origin, note, created_at, coalesce(created_by, '') as created_by, live_at,
	coalesce(live_by, '') as live_by, coalesce(back_to, 0) as back_to,
	coalesce((select u.name from users u where u.id = created_by), '') as drafter, coalesce((select u.name from users u where u.id = live_by), '') as publisher`
}

var (
	// ErrNotFound: there is no such flow, survey or version.
	ErrNotFound = errors.New("not found")
	// ErrStale means that somebody else has changed it meanwhile.
	ErrStale = errors.New("somebody else has changed it meanwhile: read it again")
)

// Faulty is returned for a text that cannot go live.
type Faulty struct{ Faults []ivr.Fault }

func (e *Faulty) Error() string {
	return fmt.Sprintf("%d faults; the first: %v", len(e.Faults), e.Faults[0])
}

// Errors are the faults among them that are more than warnings.
func Errors(faults []ivr.Fault) (grave []ivr.Fault) {
	for _, f := range faults {
		if !f.Warning {
			grave = append(grave, f)
		}
	}
	return grave
}

// Live are the texts among the versions that are live, as far as they can be read.
func Live(all []Version) flowfile.Set {
	set := flowfile.Set{Flows: map[string]*ivr.Flow{}, Surveys: map[string]*survey.Survey{}}
	for _, v := range all {
		if v.State != StateLive {
			continue
		}
		switch file, _ := flowfile.Parse([]byte(v.YAML)); {
		case file.Flow != nil:
			set.Flows[v.Name] = file.Flow
		case file.Survey != nil:
			set.Surveys[v.Name] = file.Survey
		}
	}
	return set
}

// KeyOf is what a file holds; ok is false where it is neither, or has no name.
func KeyOf(file flowfile.File) (k Key, ok bool) {
	switch {
	case file.Flow != nil:
		k = Key{KindFlow, file.Flow.ID}
	case file.Survey != nil:
		k = Key{KindSurvey, file.Survey.ID}
	}
	return k, k.Name != ""
}
