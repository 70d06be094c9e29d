// Package trial tries rules on what was said in past calls before they go live, and says how often rules are right.
//
// A trial judges each transcript twice, by the draft as it was when the trial began and by the live rules, so that the
// difference is the rules' alone: a recording that an older version judged, or that was written down anew, counts as what the
// live rules make of it now. Digits of cards and identity numbers are no longer in a transcript, so the rules that look for
// them cannot be tried.
//
//	waiting ──► running ──► done
//	   └───────────┴──────► stopped (by a person) | failed (with a reason)
//
// A trial goes on where a dead worker left it: each batch of calls is written with the place that it reached, in one
// transaction, and an attempt that another has overtaken writes nothing. A batch holds its transcripts against erasure, so that
// nothing of a call is written after the call was erased.
//
// People say of examples whether the rule is right there. What they say belongs to the definition of the rule (its print), not
// to the trial or the version, so that it counts for as long as the rule stays as it is. The same holds for reviewers' marks.
package trial
