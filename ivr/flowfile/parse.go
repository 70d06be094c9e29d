package flowfile

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
	_ "time/tzdata" // a flow's hours must not depend on what the machine has installed

	"hotline/ivr"
	"hotline/ivr/survey"
)

// File is what one file holds: a flow or a survey, the other is nil. Both are nil when not even its kind could be read.
type File struct {
	Flow   *ivr.Flow
	Survey *survey.Survey
}

// Parse reads one file and checks it, except for the queues and surveys that it refers to. The faults are in the order of
// the file; what was read must be used only if none of them is more than a warning.
func Parse(data []byte) (File, []ivr.Fault) {
	return ParseKnown(data, ivr.Known{})
}

// ParseKnown does the same, and checks what the file refers to as far as it is known.
func ParseKnown(data []byte, known ivr.Known) (File, []ivr.Fault) {
	r := &reader{}
	var file File
	if node := r.root(data); node != nil {
		file = r.file(field{mark: ivr.Mark{Line: 1, Column: 1}, node: node})
	}
	switch {
	case file.Flow != nil:
		file.Flow.Version = Version(data)
		r.faults = append(r.faults, file.Flow.Check(known)...)
	case file.Survey != nil:
		file.Survey.Version = Version(data)
		r.faults = append(r.faults, file.Survey.Check()...)
	}
	sortFaults(r.faults)
	return file, r.faults
}

// Version is the version of a content: short enough for a log line and long enough that two contents never share it.
func Version(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}

func sortFaults(faults []ivr.Fault) {
	slices.SortStableFunc(faults, func(a, b ivr.Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}

// file reads the document as the kind that it says it is.
func (r *reader) file(f field) File {
	entries, ok := r.entries(f, "the file")
	if !ok {
		return File{}
	}
	var kind, language field
	for _, p := range entries {
		switch p.key {
		case "kind":
			kind = p
		case "version":
			language = p
		}
	}
	at := mark(f.node)
	if language.node == nil {
		r.fault(at, ivr.Worded("the file does not say the version of its language"), ivr.Worded("add `version: 1`"))
	} else if v, ok := r.scalar(language, "`version`"); ok && v != "1" {
		r.fault(language.at(), ivr.Worded("version %q of the language is not known", clip(v)), ivr.Worded("use `version: 1`"))
	}
	if kind.node == nil {
		r.fault(at, ivr.Worded("the file does not say what it is"), ivr.Worded("add `kind: flow` or `kind: survey`"))
		return File{}
	}
	switch k, _ := r.scalar(kind, "`kind`"); k {
	case "flow":
		return File{Flow: r.flow(f)}
	case "survey":
		return File{Survey: r.survey(f)}
	case "":
		return File{}
	default:
		r.fault(kind.at(), ivr.Worded("kind %q is not known", clip(k)), ivr.Worded("use `kind: flow` or `kind: survey`"))
		return File{}
	}
}

func (r *reader) flow(f field) *ivr.Flow {
	o := r.object(f, "the flow", "kind", "version", "id", "languages", "zone", "recording", "takes", "gives", "outside", "start", "lost", "values", "prompts", "steps")
	flow := &ivr.Flow{
		ID: r.name(o["id"], "`id`"), Mark: mark(f.node),
		Langs: r.langs(o["languages"]), Zone: r.zone(o["zone"]), Recording: r.recording(o["recording"]), Outside: r.words(o["outside"], "`outside`"),
		Takes: r.names(o["takes"], "`takes`"), Gives: r.names(o["gives"], "`gives`"), TakesMark: place(o["takes"]), GivesMark: place(o["gives"]),
		Values: r.values(o["values"]), Prompts: map[string]ivr.Prompt{}, Steps: map[string]ivr.Step{},
	}
	start, lost := r.target(o["start"], "`start`"), r.target(o["lost"], "`lost`")
	flow.Start, flow.StartMark, flow.Lost, flow.LostMark = start.Step, start.Mark, lost.Step, lost.Mark
	if p := o["prompts"]; p.node != nil {
		for _, p := range r.pairs(p, "`prompts`") {
			if !validName(p.key) {
				r.fault(p.mark, ivr.Worded("prompt %q is no name", clip(p.key)),
					ivr.Worded("use up to 64 small letters, digits and hyphens, beginning with a letter"))
			}
			flow.Prompts[p.key] = ivr.Prompt{Mark: p.mark, Text: r.text(p, ivr.Worded("prompt %q", clip(p.key)))}
		}
	}
	if s := o["steps"]; s.node != nil {
		for _, p := range r.pairs(s, "`steps`") {
			if !validName(p.key) {
				r.fault(p.mark, ivr.Worded("step %q is no name", clip(p.key)),
					ivr.Worded("use up to 64 small letters, digits and hyphens, beginning with a letter"))
			}
			r.step = p.key
			flow.Steps[p.key] = ivr.Step{Mark: p.mark, Do: r.action(p)}
			r.step = ""
		}
	}
	return flow
}

func (r *reader) zone(f field) *time.Location {
	name := ivr.DefaultZone
	if s, ok := r.scalar(f, "`zone`"); ok {
		name = s
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		r.fault(f.at(), ivr.Worded("there is no time zone %q", clip(name)), ivr.Worded("use a name such as %s", ivr.DefaultZone))
		return time.UTC
	}
	return zone
}

func (r *reader) target(f field, what any) ivr.Target {
	s, ok := r.scalar(f, what)
	if !ok {
		return ivr.Target{}
	}
	return ivr.Target{Mark: f.at(), Step: s}
}

func (r *reader) survey(f field) *survey.Survey {
	o := r.object(f, "the survey", "kind", "version", "id", "languages", "intro", "invalid", "silent", "thanks", "goodbye", "questions")
	s := &survey.Survey{
		ID: r.name(o["id"], "`id`"), Mark: mark(f.node), Langs: r.langs(o["languages"]),
		Intro: r.text(o["intro"], "`intro`"), Invalid: r.text(o["invalid"], "`invalid`"),
		Silent: r.text(o["silent"], "`silent`"), Thanks: r.text(o["thanks"], "`thanks`"),
		Goodbye: r.text(o["goodbye"], "`goodbye`"),
	}
	for _, item := range r.list(o["questions"]) {
		q := r.object(item, "a question", "id", "kind", "text", "web", "wait", "tries", "fail", "options", "then", "longest")
		r.step, _ = (&reader{}).scalar(q["id"], "")
		question := survey.Question{
			ID: r.name(q["id"], "`id`"), Mark: item.at(),
			Text:  r.text(q["text"], "`text`"),
			Web:   r.text(q["web"], "`web`"),
			Wait:  r.duration(q["wait"], "`wait`", survey.MinWait, survey.MaxWait, defaultWait),
			Tries: r.number(q["tries"], "`tries`", 1, survey.MaxTries, defaultTries),
			Fail:  survey.Skip,
		}
		kind, _ := r.scalar(q["kind"], "`kind`")
		question.Kind = survey.Kind(kind)
		if fail, ok := r.scalar(q["fail"], "`fail`"); ok {
			question.Fail = survey.Failure(fail)
		}
		if f, ok := q["longest"]; ok && question.Kind != survey.Comment {
			r.fault(f.mark, ivr.Worded("`longest` is of a comment"), ivr.Worded("use `kind: comment`, or remove it"))
		} else if question.Kind == survey.Comment {
			question.Longest = r.duration(f, "`longest`", survey.MinComment, survey.MaxComment, defaultComment)
		}
		question.Options, question.Then = r.options(q["options"]), r.jumps(q["then"])
		s.Questions = append(s.Questions, question)
		r.step = ""
	}
	return s
}
