package flowfile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"hotline/ivr"
	"hotline/ivr/survey"
)

const (
	// MaxSize of a file in bytes; a flow of a hundred steps has some 20 KB.
	MaxSize = 256 << 10
	// maxDepth of nesting in brackets; the language needs five. The YAML parser recurses, so it is bounded beforehand.
	maxDepth = 32
	// maxText of one prompt in runes, about two minutes of speech.
	maxText = 600
	// placeholder stands for a value that was refused, so that the check does not complain about it a second time.
	placeholder = "?"
)

// reader collects the faults of one file.
type reader struct {
	faults []ivr.Fault
	step   string // the step or question being read
}

func (r *reader) fault(at ivr.Mark, message, remedy ivr.Words) {
	r.faults = append(r.faults, ivr.Fault{Mark: at, Step: r.step, Message: message, Remedy: remedy})
}

// root parses the bytes and returns the one document in them, nil after a fault.
func (r *reader) root(data []byte) ast.Node {
	top := ivr.Mark{Line: 1, Column: 1}
	switch {
	case len(data) > MaxSize:
		r.fault(top, ivr.Worded("the file has %d bytes", len(data)), ivr.Worded("split it: at most %d", MaxSize))
		return nil
	case !utf8.Valid(data):
		r.fault(top, ivr.Worded("the file is not UTF-8"), ivr.Worded("save it as UTF-8"))
		return nil
	}
	if at, ok := tooDeep(data); ok {
		r.fault(at, ivr.Worded("brackets are nested too deep"), ivr.Worded("nest at most %d", maxDepth))
		return nil
	}
	file, err := parse(data)
	if err != nil {
		r.fault(syntax(err))
		return nil
	}
	var docs []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			docs = append(docs, doc.Body)
		}
	}
	switch len(docs) {
	case 0:
		r.fault(top, ivr.Worded("the file is empty"), ivr.Worded("begin with `kind: flow` or `kind: survey`"))
		return nil
	case 1:
		return docs[0]
	default:
		r.fault(mark(docs[1]), ivr.Worded("the file has more than one document"), ivr.Worded("put each flow and survey into a file of its own"))
		return nil
	}
}

// parse calls the YAML parser, which panics on some input that is no YAML.
func parse(data []byte) (file *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("read the file as YAML: %v", p)
		}
	}()
	return parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
}

// syntax explains an error of the YAML parser.
func syntax(err error) (at ivr.Mark, message, remedy ivr.Words) {
	at = ivr.Mark{Line: 1, Column: 1}
	said := strings.SplitN(err.Error(), "\n", 2)[0]
	var e yaml.Error
	if errors.As(err, &e) {
		said = e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			at = ivr.Mark{Line: max(t.Position.Line, 1), Column: max(t.Position.Column, 1)}
		}
	}
	return at, ivr.Worded("this is not YAML: %s", said), ivr.Worded("correct the indentation, brackets or quotes near this place")
}

// tooDeep finds brackets nested deeper than any file of this language needs them.
func tooDeep(data []byte) (ivr.Mark, bool) {
	depth, at := 0, ivr.Mark{Line: 1}
	for _, b := range string(data) {
		at.Column++
		switch b {
		case '\n':
			at.Line++
			at.Column = 0
		case '[', '{':
			if depth++; depth > maxDepth {
				return at, true
			}
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return ivr.Mark{}, false
}

// mark is where a node begins.
func mark(n ast.Node) ivr.Mark {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		n = m.Values[0].Key
	}
	t := n.GetToken()
	if t == nil || t.Position == nil {
		return ivr.Mark{Line: 1, Column: 1}
	}
	return ivr.Mark{Line: max(t.Position.Line, 1), Column: max(t.Position.Column, 1)}
}

// field is one `key: value` of a mapping.
type field struct {
	key  string
	mark ivr.Mark // of the key
	node ast.Node // the value; nil for none
}

// at is where the value stands, or the key of a value that is missing.
func (f field) at() ivr.Mark {
	if f.node == nil || f.node.Type() == ast.NullType {
		return f.mark
	}
	return mark(f.node)
}

// entries returns the fields of a mapping in their order. what names the mapping in faults. ok is false after a fault.
func (r *reader) entries(f field, what any) (all []field, ok bool) {
	var values []*ast.MappingValueNode
	switch n := f.node.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		r.fault(f.at(), ivr.Worded("%s must be a list of `key: value`", what), ivr.Worded("see docs/flow-language.md for its keys"))
		return nil, false
	}
	for _, v := range values {
		all = append(all, field{key: v.Key.GetToken().Value, mark: mark(v.Key), node: v.Value})
	}
	return all, true
}

// pairs is entries without those whose key was there before, which are faults.
func (r *reader) pairs(f field, what any) []field {
	var all []field
	entries, _ := r.entries(f, what)
	for _, e := range entries {
		if i := slices.IndexFunc(all, func(o field) bool { return o.key == e.key }); i >= 0 {
			r.fault(e.mark, ivr.Worded("`%s` is there twice, first on line %d", clip(e.key), all[i].mark.Line),
				ivr.Worded("remove one of them, or give it another name"))
			continue
		}
		all = append(all, e)
	}
	return all
}

// object returns the fields of a mapping by key, and refuses those that are not among the keys.
func (r *reader) object(f field, what any, keys ...string) map[string]field {
	fields := map[string]field{}
	for _, p := range r.pairs(f, what) {
		if slices.Contains(keys, p.key) {
			fields[p.key] = p
			continue
		}
		remedy := ivr.Worded("use one of %s", strings.Join(keys, ", "))
		if near := ivr.Nearest(p.key, keys); near != "" {
			remedy = ivr.Worded("did you mean `%s`?", near)
		}
		r.fault(p.mark, ivr.Worded("%s has no `%s`", what, p.key), remedy)
	}
	return fields
}

// scalar returns a single value as it is written. ok is false when there is none, or after a fault.
func (r *reader) scalar(f field, what any) (string, bool) {
	switch n := f.node.(type) {
	case nil:
		return "", false
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	case *ast.NullNode:
		r.fault(f.mark, ivr.Worded("%s has no value", what), ivr.Worded("write one after `%s:`, or remove the line", f.key))
		return "", false
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		r.fault(f.at(), ivr.Worded("%s uses an anchor, an alias or a tag", what), ivr.Worded("write the value itself"))
		return "", false
	default:
		r.fault(f.at(), ivr.Worded("%s must be a single value", what), ivr.Worded("write one word or one quoted text"))
		return "", false
	}
}

// name returns an identifier: what steps, prompts, flows, surveys, queues and questions are called.
func (r *reader) name(f field, what any) string {
	s, ok := r.scalar(f, what)
	if !ok {
		return ""
	}
	if !validName(s) {
		r.fault(f.at(), ivr.Worded("%s: %q is no name", what, clip(s)),
			ivr.Worded("use up to 64 small letters, digits and hyphens, beginning with a letter"))
	}
	return s
}

func validName(s string) bool {
	if s == "" || len(s) > 64 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// clip keeps a fault readable that quotes a long value.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

func (r *reader) duration(f field, what any, low, high, fallback time.Duration) time.Duration {
	s, ok := r.scalar(f, what)
	if !ok {
		return fallback
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		r.fault(f.at(), ivr.Worded("%s: %q is no duration", what, clip(s)), ivr.Worded("write it with its unit, such as 5s, 1500ms or 2m"))
		return fallback
	}
	if d < low || d > high {
		r.fault(f.at(), ivr.Worded("%s: %s is out of range", what, s), ivr.Worded("use %s to %s", survey.Duration(low), survey.Duration(high)))
		return fallback
	}
	return d
}

func (r *reader) number(f field, what any, low, high, fallback int) int {
	s, ok := r.scalar(f, what)
	if !ok {
		return fallback
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		r.fault(f.at(), ivr.Worded("%s: %q is out of range", what, clip(s)), ivr.Worded("use a whole number from %d to %d", low, high))
		return fallback
	}
	return n
}

func (r *reader) yes(f field, what any, fallback bool) bool {
	s, ok := r.scalar(f, what)
	if !ok {
		return fallback
	}
	switch s {
	case "true":
		return true
	case "false":
		return false
	}
	r.fault(f.at(), ivr.Worded("%s: %q is neither true nor false", what, clip(s)), ivr.Worded("write true or false"))
	return fallback
}

// list returns the values of a sequence; a single value is a list of one.
func (r *reader) list(f field) []field {
	seq, ok := f.node.(*ast.SequenceNode)
	if !ok {
		if f.node == nil {
			return nil
		}
		return []field{f}
	}
	all := make([]field, 0, len(seq.Values))
	for _, n := range seq.Values {
		all = append(all, field{key: f.key, mark: mark(n), node: n})
	}
	return all
}

func (r *reader) langs(f field) []ivr.Lang {
	var all []ivr.Lang
	for _, item := range r.list(f) {
		s, ok := r.scalar(item, "a language")
		if !ok {
			continue
		}
		lang := ivr.Lang(s)
		switch {
		case !validLang(s):
			r.fault(item.at(), ivr.Worded("%q is no language", clip(s)), ivr.Worded("write it as zh-TW or en"))
		case slices.Contains(all, lang):
			r.fault(item.at(), ivr.Worded("language %s is there twice", s), ivr.Worded("remove one"))
		default:
			all = append(all, lang)
		}
	}
	return all
}

// validLang says whether s looks like a BCP 47 tag of a language and perhaps a region or script.
func validLang(s string) bool {
	if len(s) > 16 {
		return false
	}
	parts := strings.Split(s, "-")
	for i, p := range parts {
		if p == "" || len(p) > 8 || (i == 0 && (len(p) < 2 || len(p) > 3 || p != strings.ToLower(p))) {
			return false
		}
		for _, c := range p {
			if c > unicode.MaxASCII || !unicode.IsLetter(c) && (i == 0 || !unicode.IsDigit(c)) {
				return false
			}
		}
	}
	return true
}

// text returns the same words in each language.
func (r *reader) text(f field, what any) ivr.Text {
	if f.node == nil {
		return nil
	}
	t := ivr.Text{}
	for _, p := range r.pairs(f, what) {
		if !validLang(p.key) {
			r.fault(p.mark, ivr.Worded("%s: %q is no language", what, clip(p.key)), ivr.Worded("write it as zh-TW or en"))
			continue
		}
		words, ok := r.scalar(p, what)
		words = tidy(words)
		switch {
		case !ok: // an unreadable value has been reported
			words = placeholder
		case words == "":
			r.fault(p.at(), ivr.Worded("%s is empty in %s", what, p.key), ivr.Worded("write what is to be said, or remove it"))
			words = placeholder
		case utf8.RuneCountInString(words) > maxText:
			r.fault(p.at(), ivr.Worded("%s is too long in %s", what, p.key),
				ivr.Worded("split it: at most %d characters, nobody listens longer", maxText))
			words = placeholder
		case strings.ContainsFunc(words, unicode.IsControl):
			r.fault(p.at(), ivr.Worded("%s has control characters in %s", what, p.key), ivr.Worded("remove them"))
			words = placeholder
		}
		t[ivr.Lang(p.key)] = words
	}
	return t
}

// tidy makes the words of a text that was written over several lines one line. Chinese has no spaces between words, so a
// line break between two Han characters or their punctuation leaves none.
func tidy(s string) string {
	var b strings.Builder
	var last rune
	for _, word := range strings.Fields(s) {
		first, _ := utf8.DecodeRuneInString(word)
		if b.Len() > 0 && (!wide(last) || !wide(first)) {
			b.WriteByte(' ')
		}
		b.WriteString(word)
		last, _ = utf8.DecodeLastRuneInString(word)
	}
	return b.String()
}

// wide says whether the rune is set without spaces: Han, and CJK and full-width punctuation.
func wide(r rune) bool {
	return unicode.Is(unicode.Han, r) || (r >= 0x3000 && r <= 0x303f) || (r >= 0xff00 && r <= 0xffef)
}
