// Package dialler makes the calls of campaigns: it claims contacts as fast as the campaign, the hours and the settings allow, has
// Asterisk dial them, and writes down how those calls went that no person was asked in.
//
// Every contact is claimed in the database before anything is dialled, under a name of the call that follows from the contact and
// the number of the attempt. So a controller that dies between any two steps leaves contacts that are being dialled; whichever of
// their calls Asterisk does not have any more are given up, and tried again later like any other failure.
package dialler
