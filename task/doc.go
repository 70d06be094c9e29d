// Package task keeps what a person still has to do: call somebody back, listen to a message, follow up on a complaint.
//
//	         take            done
//	open ----------> taken ----------> done
//	  ^                | |
//	  +----return------+ |
//	  |                  |
//	  +------ drop ------+-----------> dropped, with a reason
//
// A task is named by a key of whoever adds it, so that adding it again, after a crash or from a spool, changes nothing.
// It has a queue, whose people see it, or an owner, who took it. Every change is kept in its history.
package task
