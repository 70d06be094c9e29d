// Package campaign keeps survey campaigns: their lists, whom they may not call, when they call, and what came of every contact.
//
//	          claim             a person answered
//	waiting ----------> dialling ----------------> complete, partial or silent
//	   ^                   |
//	   |    pause          | busy, no_answer, machine, failed
//	   +-------------------+ while attempts are left, else it stays as the last attempt went
//	   |                   +--------------------> rejected, invalid
//	   +---> do_not_call (the number was listed), recently_asked (whoever it is answered a survey lately),
//	         expired (the campaign is over)
//
// A contact of a campaign that sends links goes from waiting to sent, and on to complete or partial when it answers. A contact is
// in one state at any time, so that a campaign's table, which counts them, adds up to its list.
//
// A contact is claimed, with its attempt and the name of the call, before anything is dialled. A controller that dies leaves it in
// dialling; the next one learns from Asterisk whether the call lives, and settles it as lost when it does not. The result of a
// call that a person answered is written with the row of the call itself, so that it outlives any controller.
package campaign
