package trial

import (
	"hotline/qa/rule"
)

// Side is by which of two books something is found.
type Side string

// The sides.
const (
	New  Side = "new"  // by the draft alone
	Gone Side = "gone" // by the live rules alone
	Same Side = "same"
)

// Compared is a finding, and by which of two books it is found. One that both find is the draft's.
type Compared struct {
	Side Side
	rule.Finding
}

// compare matches what two books find in one transcript: findings of the same rule and role are the same when their times
// overlap, or when both say that something is missing.
func compare(draft, live []rule.Finding) []Compared {
	taken := make([]bool, len(live))
	var all []Compared
	for _, d := range draft {
		side := New
		for i, l := range live {
			if !taken[i] && alike(d, l) {
				taken[i], side = true, Same
				break
			}
		}
		all = append(all, Compared{side, d})
	}
	for i, l := range live {
		if !taken[i] {
			all = append(all, Compared{Gone, l})
		}
	}
	return all
}

func alike(a, b rule.Finding) bool {
	if a.Rule != b.Rule || a.Role != b.Role || a.Said() != b.Said() {
		return false
	}
	return !a.Said() || *a.Start < *b.End && *b.Start < *a.End || *a.Start == *b.Start
}

// untried says whether a kind looks for what transcripts no longer have.
func untried(k rule.Kind) bool { return k == rule.Card || k == rule.Identity }

// judging is a pair of books that a trial compares.
type judging struct {
	draft, live *rule.Book
	only        string // the rule that is tried; empty for all
}

// findings are what the trial's rules find in a transcript.
func (j judging) findings(t *rule.Transcript) []Compared {
	kinds := map[string]rule.Kind{}
	for _, b := range []*rule.Book{j.live, j.draft} {
		for _, r := range b.Rules() {
			kinds[r.ID] = r.Kind
		}
	}
	keep := func(found []rule.Finding) (kept []rule.Finding) {
		for _, f := range found {
			if (j.only == "" || j.only == f.Rule) && !untried(kinds[f.Rule]) {
				kept = append(kept, f)
			}
		}
		return kept
	}
	return compare(keep(j.draft.Judge(t)), keep(j.live.Judge(t)))
}

// prints are the fingerprints of the definitions that find something on a side.
func (j judging) prints(ruleID string, s Side) []string {
	var all []string
	if s != Gone {
		all = append(all, j.draft.Print(ruleID))
	}
	if p := j.live.Print(ruleID); s != New && (len(all) == 0 || all[0] != p) {
		all = append(all, p)
	}
	return all
}
