package rule

import (
	"cmp"
	"slices"
)

// measured is what a rule without phrases finds.
func (j *judge) measured(r Rule) []Finding {
	switch r.Kind {
	case Interruption:
		return j.interruptions(r)
	case Silence:
		return j.silences(r)
	case Hold:
		return j.holds(r)
	case TalkRatio:
		return j.talkRatio(r)
	case Pace:
		return j.pace(r)
	case Loudness:
		return j.loudness(r)
	case Card, Identity:
		return j.digits(r)
	case Said, Must:
	}
	return nil
}

func (r Rule) finding(role Role, s Span, value float64) Finding {
	return Finding{Rule: r.ID, Class: r.Class, Role: role, Start: &s.Start, End: &s.End, Match: Exact, Value: value}
}

const (
	oneBreath = 350 // ms: a shorter pause is none between two words of a sentence
	underWay  = 250 // ms: who has spoken for so long is speaking, and can be interrupted
	aWord     = 700 // ms: what is shorter (嗯, 好) says "go on" and takes nobody's turn
)

// turns are a role's speech without the pauses within sentences, where it may be judged.
func (j *judge) turns(role Role, pause int) []Span {
	var all []Span
	for _, s := range j.t.Speech[role] {
		if !j.t.judged(s) {
			continue
		}
		if n := len(all); n > 0 && s.Start-all[n-1].End < pause {
			all[n-1].End = max(all[n-1].End, s.End)
			continue
		}
		all = append(all, s)
	}
	return all
}

// interruptions: the role begins to speak while the other one is speaking, and both go on for the limit.
func (j *judge) interruptions(r Rule) []Finding {
	var all []Finding
	for _, role := range r.roles() {
		others := j.turns(other(role), oneBreath)
		for _, s := range j.turns(role, oneBreath) {
			for _, o := range others {
				both := o.overlap(s)
				if s.Start-o.Start >= underWay && s.Length() >= aWord && both > 0 && float64(both) >= r.Limit {
					all = append(all, r.finding(role, s, float64(both)))
					break
				}
			}
		}
	}
	return all
}

func other(r Role) Role {
	if r == Agent {
		return Caller
	}
	return Agent
}

// silences: nobody speaks between two turns, or after the last one, for the limit. What was before the first word is the
// greeting's matter, and rules about the opening see it.
func (j *judge) silences(r Rule) []Finding {
	busy := slices.Concat(j.t.Speech[Agent], j.t.Speech[Caller])
	for _, a := range j.t.Apart {
		busy = append(busy, a.Span)
	}
	slices.SortFunc(busy, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	var all []Finding
	end := -1
	for _, s := range append(busy, Span{j.t.Length, j.t.Length}) {
		if gap := s.Start - end; end >= 0 && float64(gap) >= r.Limit {
			f := r.finding("", Span{end, s.Start}, float64(gap))
			all = append(all, f)
		}
		end = max(end, s.End)
	}
	return all
}

func (j *judge) holds(r Rule) []Finding {
	var all []Finding
	for _, a := range j.t.Apart {
		if a.Why == "hold" && float64(a.Length()) >= r.Limit {
			all = append(all, r.finding(Agent, a.Span, float64(a.Length())))
		}
	}
	return all
}

// leastTalk is how much both must have said together, in ms, for a share to mean anything.
const leastTalk = 30_000

func (j *judge) talkRatio(r Rule) []Finding {
	talk := map[Role]int{}
	for _, role := range []Role{Agent, Caller} {
		for _, s := range j.turns(role, oneBreath) {
			talk[role] += s.Length()
		}
	}
	both := talk[Agent] + talk[Caller]
	if both < leastTalk {
		return nil
	}
	if share := 100 * float64(talk[r.Role]) / float64(both); share > r.Limit {
		return []Finding{r.finding(r.Role, Span{0, j.t.Length}, share)}
	}
	return nil
}

// leastPace is how many characters an utterance must have to show how fast somebody speaks.
const leastPace = 12

func (j *judge) pace(r Rule) []Finding {
	var all []Finding
	for _, role := range r.roles() {
		for _, run := range j.runs[role] {
			for from := 0; from < len(run); {
				to := from + 1
				for to < len(run) && !run[to].stop {
					to++
				}
				s := Span{run[from].span.Start, run[to-1].span.End}
				if n := to - from; n >= leastPace && s.Length() > 0 {
					if pace := 60_000 * float64(n) / float64(s.Length()); pace > r.Limit {
						all = append(all, r.finding(role, s, pace))
					}
				}
				from = to
			}
		}
	}
	return all
}

// loudness: windows of a role's speech that are louder than its own median by the limit, put together where they touch.
func (j *judge) loudness(r Rule) []Finding {
	var all []Finding
	for _, role := range r.roles() {
		levels := slices.DeleteFunc(slices.Clone(j.t.Levels[role]), func(l Level) bool { return !j.t.judged(l.Span) })
		if len(levels) < 10 {
			continue
		}
		sorted := slices.Clone(levels)
		slices.SortFunc(sorted, func(a, b Level) int { return cmp.Compare(a.DB, b.DB) })
		median := sorted[len(sorted)/2].DB
		last := -1
		for _, l := range levels {
			above := l.DB - median
			if above < r.Limit {
				continue
			}
			if last >= 0 && l.Start-*all[last].End < breath {
				*all[last].End, all[last].Value = l.End, max(all[last].Value, above)
				continue
			}
			all = append(all, r.finding(role, l.Span, above))
			last = len(all) - 1
		}
	}
	return all
}
