package flowfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"hotline/ivr"
	"hotline/ivr/survey"
)

// MarshalFlow writes the flow as a file that Parse reads back as the same flow. Comments, and which defaults were spelled
// out, are not kept.
func MarshalFlow(f *ivr.Flow) ([]byte, error) {
	doc := yaml.MapSlice{item("kind", "flow"), item("version", 1), item("id", f.ID), item("languages", f.Langs)}
	if f.Zone != nil {
		doc = append(doc, item("zone", f.Zone.String()))
	}
	doc = optional(doc, "recording", string(f.Recording))
	for _, list := range []struct {
		key   string
		names []string
	}{{"takes", f.Takes}, {"gives", f.Gives}} {
		if len(list.names) > 0 {
			doc = append(doc, item(list.key, list.names))
		}
	}
	if len(f.Outside) > 0 {
		doc = append(doc, item("outside", f.Outside))
	}
	doc = append(doc, item("start", f.Start))
	doc = optional(doc, "lost", f.Lost)
	if len(f.Values) > 0 {
		doc = append(doc, item("values", values(f.Values)))
	}
	prompts := yaml.MapSlice{}
	for _, key := range byPlace(f.Prompts, func(p ivr.Prompt) int { return p.Mark.Line }) {
		prompts = append(prompts, item(key, text(f.Prompts[key].Text, f.Langs)))
	}
	steps := yaml.MapSlice{}
	for _, key := range byPlace(f.Steps, func(s ivr.Step) int { return s.Mark.Line }) {
		kind, do := action(f.Steps[key].Do, f.Langs)
		steps = append(steps, item(key, yaml.MapSlice{item(kind, do)}))
	}
	doc = append(doc, item("prompts", prompts), item("steps", steps))
	out, err := yaml.MarshalWithOptions(doc, yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("write flow %s: %w", f.ID, err)
	}
	return out, nil
}

// MarshalSurvey writes the survey as a file that Parse reads back as the same survey.
func MarshalSurvey(s *survey.Survey) ([]byte, error) {
	doc := yaml.MapSlice{item("kind", "survey"), item("version", 1), item("id", s.ID), item("languages", s.Langs)}
	for _, t := range []struct {
		key  string
		text ivr.Text
	}{{"intro", s.Intro}, {"invalid", s.Invalid}, {"silent", s.Silent}, {"thanks", s.Thanks}, {"goodbye", s.Goodbye}} {
		if len(t.text) > 0 {
			doc = append(doc, item(t.key, text(t.text, s.Langs)))
		}
	}
	var questions []yaml.MapSlice
	for _, q := range s.Questions {
		m := yaml.MapSlice{item("id", q.ID), item("kind", string(q.Kind)), item("text", text(q.Text, s.Langs))}
		if len(q.Web) > 0 {
			m = append(m, item("web", text(q.Web, s.Langs)))
		}
		m = append(m, item("wait", survey.Duration(q.Wait)), item("tries", q.Tries), item("fail", string(q.Fail)))
		if q.Kind == survey.Comment {
			m = append(m, item("longest", survey.Duration(q.Longest)))
		}
		if len(q.Options) > 0 {
			options := yaml.MapSlice{}
			for _, o := range q.Options {
				options = append(options, item(strconv.Itoa(o.Value), text(o.Label, s.Langs)))
			}
			m = append(m, item("options", options))
		}
		if len(q.Then) > 0 {
			jumps := yaml.MapSlice{}
			for value := range 11 {
				if jump, ok := q.Then[value]; ok {
					to := jump.Question
					if to == "" {
						to = "end"
					}
					jumps = append(jumps, item(strconv.Itoa(value), to))
				}
			}
			m = append(m, item("then", jumps))
		}
		questions = append(questions, m)
	}
	doc = append(doc, item("questions", questions))
	out, err := yaml.MarshalWithOptions(doc, yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("write survey %s: %w", s.ID, err)
	}
	return out, nil
}

func item(key string, value any) yaml.MapItem { return yaml.MapItem{Key: key, Value: value} }

func optional(doc yaml.MapSlice, key, value string) yaml.MapSlice {
	if value == "" {
		return doc
	}
	return append(doc, item(key, value))
}

// byPlace returns the keys in the order of the file they were read from, and by name where that says nothing.
func byPlace[V any](m map[string]V, line func(V) int) []string {
	all := sortedKeys(m)
	slices.SortStableFunc(all, func(a, b string) int { return line(m[a]) - line(m[b]) })
	return all
}

func text(t ivr.Text, langs []ivr.Lang) yaml.MapSlice {
	words := yaml.MapSlice{}
	for _, lang := range langs {
		if t[lang] != "" {
			words = append(words, item(string(lang), t[lang]))
		}
	}
	return words
}

func say(doc yaml.MapSlice, key string, refs ivr.Say) yaml.MapSlice {
	if len(refs) == 0 {
		return doc
	}
	var names []string
	for _, ref := range refs {
		name := ref.Key
		if ref.Lang != "" {
			name += "@" + string(ref.Lang)
		}
		names = append(names, name)
	}
	return append(doc, item(key, names))
}

// action returns the key and the value of what a step does.
func action(do ivr.Action, langs []ivr.Lang) (string, yaml.MapSlice) {
	m := yaml.MapSlice{}
	switch do := do.(type) {
	case ivr.Play:
		m = append(say(m, "say", do.Say), item("barge-in", do.BargeIn))
		return "play", optional(m, "next", do.Next.Step)
	case ivr.Consent:
		m = optional(say(m, "say", do.Say), "refuse", do.Refuse)
		if do.Refuse != "" {
			m = append(m, item("after", survey.Duration(do.After)))
		}
		return "consent", optional(optional(m, "refused", do.Refused.Step), "next", do.Next.Step)
	case ivr.Language:
		return "language", optional(optional(m, "set", string(do.Set)), "next", do.Next.Step)
	case ivr.Menu:
		return "menu", menu(do, langs)
	case ivr.Ask:
		return "ask", ask(do)
	case ivr.Set:
		m = optional(optional(optional(m, "value", do.Value), "to", do.To), "from", do.From)
		return "set", optional(m, "next", do.Next.Step)
	case ivr.Branch:
		return "branch", branch(do)
	case ivr.Lookup:
		m = pairs(pairs(optional(m, "service", do.Service), "send", do.Send), "get", do.Get)
		m = optional(say(m, "say", do.Say), "found", do.Found.Step)
		return "lookup", optional(optional(m, "missing", do.Missing.Step), "failed", do.Failed.Step)
	case ivr.Pay:
		m = optional(say(pairs(optional(m, "service", do.Service), "send", do.Send), "say", do.Say), "paid", do.Paid.Step)
		return "pay", optional(optional(m, "declined", do.Declined.Step), "failed", do.Failed.Step)
	case ivr.Task:
		m = optional(optional(m, "kind", do.Kind), "queue", do.Queue)
		if len(do.Note) > 0 {
			m = append(m, item("note", text(do.Note, langs)))
		}
		return "task", optional(optional(m, "done", do.Done.Step), "failed", do.Failed.Step)
	case ivr.Message:
		return "message", message(do, langs)
	case ivr.Transfer:
		m = append(say(append(m, item("to", do.To)), "say", do.Say), item("ring", survey.Duration(do.Ring)))
		return "transfer", optional(optional(m, "done", do.Done.Step), "failed", do.Failed.Step)
	case ivr.Hours:
		return "hours", hours(do)
	case ivr.Queue:
		return "queue", queue(do)
	case ivr.Survey:
		return "survey", optional(optional(m, "id", do.ID), "next", do.Next.Step)
	case ivr.Sub:
		m = pairs(pairs(optional(m, "id", do.ID), "send", do.Send), "get", do.Get)
		return "flow", optional(optional(m, "done", do.Done.Step), "failed", do.Failed.Step)
	case ivr.Return:
		return "return", m
	case ivr.Goto:
		m = optional(m, "step", do.Step.Step)
		if do.Times > 0 {
			m = append(m, item("times", do.Times))
		}
		return "goto", optional(m, "then", do.Then.Step)
	case ivr.HangUp:
		return "hangup", say(m, "say", do.Say)
	default:
		return "hangup", m
	}
}

func retry(r ivr.Retry, m yaml.MapSlice) yaml.MapSlice {
	return optional(append(say(m, "say", r.Say), item("repeat", r.Repeat)), "next", r.Next.Step)
}

func values(all map[string]ivr.Value) yaml.MapSlice {
	m := yaml.MapSlice{}
	for _, name := range byPlace(all, func(v ivr.Value) int { return v.Mark.Line }) {
		if v := all[name]; v.Secret {
			m = append(m, item(name, yaml.MapSlice{item("kind", string(v.Kind)), item("secret", true)}))
		} else {
			m = append(m, item(name, string(v.Kind)))
		}
	}
	return m
}

func pairs(m yaml.MapSlice, key string, all []ivr.Pair) yaml.MapSlice {
	if len(all) == 0 {
		return m
	}
	fields := yaml.MapSlice{}
	for _, p := range all {
		fields = append(fields, item(p.Field, p.Value))
	}
	return append(m, item(key, fields))
}

func ask(do ivr.Ask) yaml.MapSlice {
	m := append(say(optional(yaml.MapSlice{}, "value", do.Value), "say", do.Say), item("barge-in", do.BargeIn))
	if do.Min > 0 {
		m = append(m, item("digits", fmt.Sprintf("%d-%d", do.Min, do.Max)))
	}
	m = append(optional(m, "check", string(do.Check)),
		item("timeout", retry(do.Silent, yaml.MapSlice{item("after", survey.Duration(do.After))})),
		item("invalid", retry(do.Invalid, yaml.MapSlice{})))
	return optional(m, "next", do.Next.Step)
}

func message(do ivr.Message, langs []ivr.Lang) yaml.MapSlice {
	m := append(say(yaml.MapSlice{}, "say", do.Say), item("longest", survey.Duration(do.Longest)), item("shortest", survey.Duration(do.Shortest)))
	if len(do.Review) > 0 {
		m = append(m, item("review", append(say(yaml.MapSlice{}, "say", do.Review), item("after", survey.Duration(do.After)))))
	}
	m = optional(append(m, item("empty", retry(do.Empty, yaml.MapSlice{}))), "queue", do.Queue)
	if len(do.Note) > 0 {
		m = append(m, item("note", text(do.Note, langs)))
	}
	return optional(optional(m, "done", do.Done.Step), "failed", do.Failed.Step)
}

func branch(do ivr.Branch) yaml.MapSlice {
	var cases []yaml.MapSlice
	for _, c := range do.Cases {
		m := yaml.MapSlice{}
		if len(c.Is) > 0 {
			m = append(m, item("is", c.Is))
		}
		cases = append(cases, optional(optional(optional(m, "from", c.From), "to", c.To), "next", c.Next.Step))
	}
	return optional(append(optional(yaml.MapSlice{}, "value", do.Value), item("cases", cases)), "else", do.Else.Step)
}

func menu(do ivr.Menu, langs []ivr.Lang) yaml.MapSlice {
	choices := yaml.MapSlice{}
	for _, c := range do.Choices {
		choice := yaml.MapSlice{}
		if len(c.Label) > 0 {
			choice = append(choice, item("label", text(c.Label, langs)))
		}
		choices = append(choices, item(c.Digits, optional(choice, "next", c.Next.Step)))
	}
	m := append(say(yaml.MapSlice{}, "say", do.Say), item("barge-in", do.BargeIn))
	return append(m,
		item("timeout", retry(do.Silent, yaml.MapSlice{item("after", survey.Duration(do.After))})),
		item("invalid", retry(do.Invalid, yaml.MapSlice{})),
		item("choices", choices))
}

func hours(do ivr.Hours) yaml.MapSlice {
	if do.Calendar != "" {
		m := yaml.MapSlice{item("calendar", do.Calendar)}
		m = optional(optional(m, "open", do.Open.Step), "closed", do.Closed.Step)
		return optional(optional(m, "holiday", do.Holiday.Step), "emergency", do.Emergency.Step)
	}
	week, dates := yaml.MapSlice{}, yaml.MapSlice{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if len(do.Week[day]) > 0 {
			week = append(week, item(days[day], spans(do.Week[day])))
		}
	}
	for _, d := range do.Dates {
		dates = append(dates, item(fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day), spans(d.Spans)))
	}
	m := yaml.MapSlice{item("week", week)}
	if len(dates) > 0 {
		m = append(m, item("dates", dates))
	}
	return optional(optional(m, "open", do.Open.Step), "closed", do.Closed.Step)
}

func spans(all []ivr.Span) string {
	if len(all) == 0 {
		return "closed"
	}
	var words []string
	for _, s := range all {
		words = append(words, fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60))
	}
	return strings.Join(words, ", ")
}

func queue(do ivr.Queue) yaml.MapSlice {
	m := optional(yaml.MapSlice{item("id", string(do.ID))}, "survey", do.Survey)
	if do.Agreed {
		m = append(m, item("agreed", true))
	}
	m = optional(m, "recording", string(do.Recording))
	m = say(say(m, "busy", do.Busy), "waiting", do.Waiting)
	if do.Every > 0 {
		m = append(m, item("every", survey.Duration(do.Every)))
	}
	var tell []string
	if do.Place {
		tell = append(tell, "place")
	}
	if do.Wait {
		tell = append(tell, "wait")
	}
	if len(tell) > 0 {
		m = append(m, item("tell", tell))
	}
	m = optional(optional(m, "timeout", do.Timeout.Step), "unstaffed", do.Unstaffed.Step)
	return optional(optional(m, "closed", do.Closed.Step), "done", do.Done.Step)
}
