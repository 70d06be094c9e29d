// Package exchange is the shell around the Floor: one goroutine owns the Floor, feeds it facts and hands out its
// commands; everything that can wait, fail or be slow happens elsewhere and comes back as a fact.
//
// # Ordering
//
// Facts come through one unbounded queue and are stepped one by one. The commands of one call go to that call's
// executor, which carries them out in order; commands that touch no channel (timers, tables, desks) are handed over at
// once. A fact is journalled with its commands before they are carried out, but the journal writes behind: the database
// never delays a call. What the outside cannot restore (survey answers, dispositions) is confirmed to the Floor only
// when it is in the database or in the spool.
//
// # Connections
//
// Commands for Asterisk carry the number of the connection they were made for. When the connection is lost they are
// dropped, and AsteriskReconnected makes the Floor give again what is still needed.
package exchange
