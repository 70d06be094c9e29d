// Package review is what people make of scores: work lists, reviews with a claim that runs out, blind second looks and
// calibrations, marks on findings, appeals, agreement of people and machine, violations and their steps, coaching, stars.
//
// Nothing that somebody said is overwritten. Answers and marks are added, and what counts is the last of the review that
// counts: of a finding, the last mark decides (see Mark); of a question, the first review's answer comes before the machine's,
// and that of a decided appeal before both. Whoever looks a second time is another person than whoever looked first, and
// nobody judges their own calls; both are checked under a lock on the score.
package review
