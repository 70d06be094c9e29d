// Package score is what a scorecard is and what a call comes to by it: sections and questions with weights, answers by rules
// or by people, critical questions, and how far two judges agree.
//
// It is pure. A card is checked once, by Check, which says everything that is wrong with it; the other functions take a card
// that has no faults.
package score
