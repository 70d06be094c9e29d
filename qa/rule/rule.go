package rule

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Kind is what a rule looks for.
type Kind string

// The kinds of rules.
const (
	Said         Kind = "said"         // phrases that were said and should not have been
	Must         Kind = "must"         // phrases that have to be said
	Interruption Kind = "interruption" // one speaks while the other still does; Limit: for how long both speak, ms
	Silence      Kind = "silence"      // neither speaks; Limit: ms
	Hold         Kind = "hold"         // the caller waits on hold; Limit: ms
	TalkRatio    Kind = "talk_ratio"   // the role has more than its share of the talk; Limit: percent
	Pace         Kind = "pace"         // the role speaks fast; Limit: characters a minute over an utterance
	Loudness     Kind = "loudness"     // the role raises the voice; Limit: dB above its own median
	Card         Kind = "card"         // digits of a payment card
	Identity     Kind = "id"           // digits of an identity card
)

// Rule is one thing that calls are judged by.
type Rule struct {
	ID    string            `json:"id"`             // its name in the book: small letters, digits, hyphens
	Name  map[string]string `json:"name,omitempty"` // for people, by language
	Class string            `json:"class"`          // what its findings are reported as: phrase, opening, silence ...
	Kind  Kind              `json:"kind"`
	Role  Role              `json:"role,omitempty"` // whose speech; both when empty, where the kind allows

	// Of Said and Must: any of the phrases, or all of them. "…" stands for up to 12 characters in between, "^" for the
	// beginning of a sentence.
	Phrases []string `json:"phrases,omitempty"`
	// Forms are other ways to say the first phrase, and are reported as that.
	Forms []string `json:"forms,omitempty"`
	All   bool     `json:"all,omitempty"`
	// Except are phrases that contain one of Phrases and are no finding.
	Except []string `json:"except,omitempty"`
	// NotNear are phrases of the same role that make a finding none when they are said within NearMS of it.
	NotNear []string `json:"not_near,omitempty"`
	NearMS  int      `json:"near_ms,omitempty"`
	// Bound is how unlike the phrase what was heard may sound, for each syllable: 0 is none, 0.15 usual, 0.4 the most.
	Bound float64 `json:"bound"`
	// FirstMS and LastMS narrow the rule to the beginning or the end of the call; 0 does not.
	FirstMS int `json:"first_ms,omitempty"`
	LastMS  int `json:"last_ms,omitempty"`
	// After names a rule: only what comes within AfterMS after one of its findings counts, and Must is owed then alone.
	After   string `json:"after,omitempty"`
	AfterMS int    `json:"after_ms,omitempty"`
	// AtLeast is how often it must have been said to count; 0 is once.
	AtLeast int `json:"at_least,omitempty"`

	Limit float64 `json:"limit,omitempty"` // see Kind

	Say string `json:"say,omitempty"` // what should be said instead
}

// Fault is what is wrong with a rule.
type Fault struct {
	Rule   string `json:"rule"`  // its ID, or its place when it has none: "#3"
	Field  string `json:"field"` // as in JSON
	What   string `json:"what"`
	Remedy string `json:"remedy"`
}

func (f Fault) Error() string {
	return fmt.Sprintf("rule %s: %s: %s; %s", f.Rule, f.Field, f.What, f.Remedy)
}

// Book is a set of rules made ready to judge. It does not change.
type Book struct {
	rules []Rule
	ready []ready // by rule
	order []int   // rules, each after the one that it comes after
}

// ready is what a rule looks for.
type ready struct {
	phrases, except, notNear []pattern // phrases with the forms behind them
}

// maxBound is beyond what two phrases have nothing in common.
const maxBound = 0.4

// NewBook makes a book of rules, or says everything that is wrong with them.
func NewBook(rules []Rule) (*Book, []Fault) {
	b := &Book{rules: rules, ready: make([]ready, len(rules))}
	at := map[string]int{}
	var faults []Fault
	for i, r := range rules {
		name := r.ID
		if name == "" {
			name = fmt.Sprintf("#%d", i+1)
		}
		c := checker{rule: name}
		c.check(r, at)
		at[r.ID] = i
		b.ready[i] = ready{phrases: patterns(slices.Concat(r.Phrases, r.Forms)), except: patterns(r.Except), notNear: patterns(r.NotNear)}
		c.checkPhrases(r, b.ready[i])
		faults = append(faults, c.faults...)
	}
	order, more := inOrder(rules, at)
	b.order = order
	if faults = append(faults, more...); len(faults) > 0 {
		return nil, faults
	}
	return b, nil
}

// Print is a fingerprint of what a rule looks for, so that what was measured of it holds in every version of the book that has
// the same. It leaves out what changes no finding: the rule's name for people, and what should be said instead. It is empty for
// a rule that the book does not have.
func (b *Book) Print(ruleID string) string {
	i := slices.IndexFunc(b.rules, func(r Rule) bool { return r.ID == ruleID })
	if i < 0 {
		return ""
	}
	r := b.rules[i]
	r.Name, r.Say = nil, ""
	raw, _ := json.Marshal(r) // has nothing that cannot be written; its numbers were checked
	sum := sha256.Sum256(append(raw, b.Print(r.After)...))
	return hex.EncodeToString(sum[:12])
}

// Rules returns the rules of the book, in its order.
func (b *Book) Rules() []Rule { return slices.Clone(b.rules) }

func patterns(texts []string) []pattern {
	all := make([]pattern, 0, len(texts))
	for _, t := range texts {
		if p := newPattern(t); p.notes > 0 {
			all = append(all, p)
		}
	}
	return all
}

// inOrder puts each rule after the one that it comes after.
func inOrder(rules []Rule, at map[string]int) (order []int, faults []Fault) {
	const unseen, open, done = 0, 1, 2
	state := make([]int, len(rules))
	var visit func(i int) bool
	visit = func(i int) bool {
		if state[i] != unseen {
			return state[i] == done
		}
		state[i] = open
		ok := true
		if after := rules[i].After; after != "" {
			j, known := at[after]
			switch {
			case !known:
				faults = append(faults, Fault{rules[i].ID, "after", fmt.Sprintf("there is no rule %q", after), "name a rule of this book"})
			case !visit(j):
				ok = false
			}
		}
		if !ok {
			faults = append(faults, Fault{rules[i].ID, "after", "it comes after itself, by way of other rules", "take one of the `after` out"})
		}
		state[i] = done
		order = append(order, i)
		return ok
	}
	for i := range rules {
		visit(i)
	}
	return order, faults
}

// checker collects what is wrong with one rule.
type checker struct {
	rule   string
	faults []Fault
}

func (c *checker) add(field, remedy, what string, args ...any) {
	c.faults = append(c.faults, Fault{c.rule, field, fmt.Sprintf(what, args...), remedy})
}

func (c *checker) check(r Rule, at map[string]int) {
	if !named(r.ID) {
		c.add("id", "use small letters, digits and hyphens, beginning with a letter", "%q is no name", r.ID)
	} else if _, twice := at[r.ID]; twice {
		c.add("id", "give one of them another name", "there are two rules of this name")
	}
	if !named(strings.ReplaceAll(r.Class, "_", "-")) {
		c.add("class", "use small letters, digits and underscores", "%q is no class", r.Class)
	}
	switch r.Role {
	case Caller, Agent:
	case "":
		if r.Kind == Must || r.Kind == TalkRatio {
			c.add("role", "say whether it is the agent's or the caller's", "it is missing")
		}
	default:
		c.add("role", "use agent or caller", "%q is nobody", r.Role)
	}
	least, most, known := r.Kind.limits()
	switch {
	case !known:
		c.add("kind", "use said, must, interruption, silence, hold, talk_ratio, pace, loudness, card or id", "%q is unknown", r.Kind)
	case most > 0 && !(r.Limit >= least && r.Limit <= most):
		c.add("limit", fmt.Sprintf("give %g to %g", least, most), "%g cannot be", r.Limit)
	}
	for _, d := range []struct {
		field string
		ms    int
	}{{"first_ms", r.FirstMS}, {"last_ms", r.LastMS}, {"after_ms", r.AfterMS}, {"near_ms", r.NearMS}, {"at_least", r.AtLeast}} {
		if d.ms < 0 {
			c.add(d.field, "give 0 or more", "%d is negative", d.ms)
		}
	}
	if r.After != "" && r.AfterMS == 0 {
		c.add("after_ms", "say within how many milliseconds it has to come", "it is missing")
	}
	if len(r.NotNear) > 0 && r.NearMS == 0 {
		c.add("near_ms", "say how near, in milliseconds", "it is missing")
	}
}

// limits are the least and the most that a kind's limit can be; both 0 for kinds without one.
func (k Kind) limits() (least, most float64, known bool) {
	switch k {
	case Said, Must, Card, Identity:
		return 0, 0, true
	case Interruption:
		return 100, 10_000, true
	case Silence, Hold:
		return 1000, 3_600_000, true
	case TalkRatio:
		return 1, 99, true
	case Pace:
		return 60, 1000, true
	case Loudness:
		return 3, 40, true
	}
	return 0, 0, false
}

// checkPhrases finds rules that can match nothing, or that their own exceptions undo.
func (c *checker) checkPhrases(r Rule, p ready) {
	if r.Kind != Said && r.Kind != Must {
		if len(r.Phrases)+len(r.Forms)+len(r.Except)+len(r.NotNear) > 0 {
			c.add("phrases", "take them out", "a rule of kind %s has no phrases", r.Kind)
		}
		return
	}
	if len(r.Phrases) == 0 {
		c.add("phrases", "write at least one", "there is none, so it can never match")
	}
	if !(r.Bound >= 0 && r.Bound <= maxBound) {
		c.add("bound", fmt.Sprintf("give 0 (exact) to %g", maxBound), "%g cannot be", r.Bound)
	}
	for _, text := range slices.Concat(r.Phrases, r.Forms, r.Except, r.NotNear) {
		c.checkText(text)
	}
	for i := range p.phrases {
		for j := range p.except {
			if p.except[j].within(&p.phrases[i]) {
				c.add("except", "write what stands around the phrase too", "%q takes every %q out", p.except[j].text, p.phrases[i].text)
			}
		}
	}
}

const longestPhrase = 60

func (c *checker) checkText(text string) {
	p := newPattern(text)
	switch {
	case p.notes == 0:
		c.add("phrases", "write what is said", "%q can never be heard", text)
	case p.notes > longestPhrase:
		c.add("phrases", "break it up", "%q has more than %d characters", text, longestPhrase)
	}
	for _, part := range p.parts {
		for _, n := range part {
			if len(n.sounds) == 0 && !unicode.IsLetter(n.char) {
				c.add("phrases", "write it out in characters", "%q has %q, which has no sound", text, n.char)
			}
		}
	}
}

// within says whether the pattern is found in the phrase itself, so that it is there wherever the phrase is.
func (p *pattern) within(phrase *pattern) bool {
	var run []heard
	for _, part := range phrase.parts {
		for _, n := range part {
			run = append(run, heard{char: n.char, sounds: n.sounds, sure: 1})
		}
	}
	return len(p.find(run, 0)) > 0
}

func named(s string) bool {
	for i, r := range s {
		if !(r >= 'a' && r <= 'z' || i > 0 && (r >= '0' && r <= '9' || r == '-')) {
			return false
		}
	}
	return s != "" && len(s) <= 64
}
