// Package report reads what surveys came to, from counts by day that the database keeps while answers are written: a page over
// millions of answers reads some hundred thousand rows. Nothing here writes, but for [Store.Recount], which makes the counts
// anew from the answers; [Store.Check] proves them equal.
package report
