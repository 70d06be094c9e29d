// Package site is how the call centre is set up: people and teams, queues and who serves them, lines, the reasons for
// being not ready, and the dispositions a call may end with.
//
// Everything is checked before it is stored, and an error of type *Invalid names each field that is wrong and the
// remedy. Every change, by whomever, sends a notice on the channel hotline_config of the database; Watch turns notices
// into a signal to Load again, so that a change needs no restart.
//
// Nothing that a past call may name is deleted: users, queues, reasons and dispositions are made inactive instead.
package site
